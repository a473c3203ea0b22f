"""The masks that torch.nn's attention takes beside its inputs: which positions may not be looked at."""

from __future__ import annotations

from paramdesk.engine.errors import Refusal
from paramdesk.engine.shape import Shape, TensorSpec, text


def refuse_padding_mask(mask: TensorSpec, keys: Shape) -> None:
    """Refuses a mask that is not one value for each key.

    Args:
        mask: of a sample's positions.
        keys: batch and positions of the keys; the positions alone where there is no batch.

    Raises:
        Refusal: it has another shape, or is neither of truth values nor of floating-point numbers.
    """
    _refuse_type(mask)
    if not _fits(mask.shape, keys):
        raise Refusal(f"the padding mask {text(mask.shape)} must have the shape of the keys, {text(keys)}")


def _refuse_type(mask: TensorSpec) -> None:
    if mask.dtype != "bool" and "float" not in mask.dtype:
        raise Refusal(f"a mask is of type bool or float, not {mask.dtype}")


def _fits(shape: Shape, wanted: Shape) -> bool:
    return len(shape) == len(wanted) and not any(n != m for n, m in zip(shape, wanted, strict=True))
