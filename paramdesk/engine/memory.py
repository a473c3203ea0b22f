"""**Memory**: a value takes 4 bytes (float32), or what the chosen precision says; 1 KiB is 1,024 bytes.

Whole numbers keep their own type. The peak of the activations is the most that live tensors need at one time.
Assumptions: inference, layer by layer in the order of the stack; a tensor lives from the layer that makes it to the
last one that reads it (the network's outputs to the end); a layer's inputs and outputs exist together; an activation
given as an option of its layer works in place. So does a layer that is told to (`inplace` in PyTorch): it needs no
memory of its own, but keeps that of its input alive as long as its output is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from paramdesk.engine.formula import product
from paramdesk.engine.shape import TensorSpec, Unknown
from paramdesk.engine.summary import LayerReport, Precision, RowKey

BYTES: dict[str, int] = {
    "float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int64": 8, "uint64": 8, "int32": 4, "uint32": 4,
    "int16": 2, "uint16": 2, "int8": 1, "uint8": 1, "bool": 1,
}  # fmt: skip
"""Bytes of one value, by its type."""


def bytes_per_value(dtype: str, precision: Precision) -> int | None:
    """Memory of one value: floats take what the precision says, other types what they are; None for unknown ones."""
    return BYTES[precision] if "float" in dtype else BYTES.get(dtype)


def tensor_bytes(spec: TensorSpec, batch: int, precision: Precision) -> int | None:
    """Memory of a tensor, None if not known. An unknown batch counts as `batch`; floats take what `precision` says."""
    batched = (batch if isinstance(dim, Unknown) else dim for dim in spec.shape[:1])
    values = product((*batched, *spec.shape[1:]))
    per_value = bytes_per_value(spec.dtype, precision)
    if isinstance(values, Unknown) or per_value is None:
        return None
    return values * per_value


def peak(reports: Sequence[LayerReport], outputs: Iterable[tuple[RowKey, int]]) -> tuple[int, LayerReport | None]:
    """The most memory that live tensors need at one time, and during which layer.

    Args:
        reports: in order of computation; those that are not computed are passed over, the sizes of others are known.
        outputs: what the network returns, and so lives to the end.

    Returns:
        Bytes and the report; (0, None) if there are no tensors.
    """
    last_read = {key: index for index, report in enumerate(reports) for key, _output in report.sources}
    last_read.update({key: len(reports) for key, _output in outputs})
    for report in reversed(reports):
        if report.activation_bytes == 0 and report.works_in_place and report.sources:
            source = report.sources[0][0]
            last_read[source] = max(last_read[source], last_read.get(report.key, 0))
    dying = [0] * (len(reports) + 1)
    alive = most = 0
    at: LayerReport | None = None
    for index, report in enumerate(reports):
        size = report.activation_bytes
        if size is None:  # it makes nothing
            continue
        alive += size
        if alive > most:
            most, at = alive, report
        dying[last_read.get(report.key, index)] += size
        alive -= dying[index]
    return most, at
