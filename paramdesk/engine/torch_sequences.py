"""How torch.nn's attention takes sequences: with a batch or without, positions or batch first, and with masks.

Only the number of axes tells whether there is a batch: three with it, two (positions, channels) without.
"""

from __future__ import annotations

from collections.abc import Mapping

from paramdesk.engine.errors import Refusal
from paramdesk.engine.layer_kind import BATCH
from paramdesk.engine.shape import Shape, TensorSpec, text


def split(x: TensorSpec, *, time_major: bool) -> tuple[Shape, Shape]:
    """Positions and batch of a sequence, each as sizes; () for a batch that is not there.

    Args:
        x: of two or three axes.
        time_major: whether the positions stand before the batch.
    """
    if len(x.shape) == 2:
        return x.shape[:1], ()
    return (x.shape[:1], x.shape[1:2]) if time_major else (x.shape[1:2], x.shape[:1])


def batch_first(x: TensorSpec, *, time_major: bool) -> TensorSpec:
    """The sequence with its batch in front, which is 1 where there is none."""
    positions, batch = split(x, time_major=time_major)
    return x.reshaped((*(batch or (1,)), *positions, x.shape[-1]))


def axis_names(x: TensorSpec, *, time_major: bool) -> tuple[str, ...]:
    """Names of a sequence's axes, for formulas."""
    batch = (BATCH,) * (len(x.shape) - 2)
    return ("positions", *batch, "channels") if time_major else (*batch, "positions", "channels")


def with_true_as_one(options: Mapping[str, object], *names: str) -> dict[str, object]:
    """PyTorch's options, in which True is 1 where it makes no size of a weight: a number of heads or layers."""
    return {name: int(value) if name in names and value is True else value for name, value in options.items()}


def refuse_other_ranks(*sequences: TensorSpec) -> None:
    """Refuses tensors that are no sequences, or only some of which have a batch.

    Raises:
        Refusal: one has neither two nor three axes, or another number than the first.
    """
    rank = len(sequences[0].shape)
    if rank not in (2, 3) or any(len(x.shape) != rank for x in sequences):
        shapes = " and ".join(text(x.shape) for x in sequences)
        each = " each" if len(sequences) > 1 else ""
        raise Refusal(f"it needs 3 axes{each} (with the batch), or 2 (without), but got {shapes}")


def refuse_padding_mask(mask: TensorSpec, keys: Shape) -> None:
    """Refuses a mask that is not one value for each key.

    Args:
        mask: of the keys of each sample.
        keys: batch and positions of the keys; the positions alone where there is no batch.

    Raises:
        Refusal: it has another shape, or is neither of truth values nor of floating-point numbers.
    """
    _refuse_type(mask)
    if not _fits(mask.shape, keys):
        raise Refusal(f"the padding mask {text(mask.shape)} must have the shape of the keys, {text(keys)}")


def refuse_attention_mask(mask: TensorSpec, scores: Shape, batch: Shape, heads: int) -> None:
    """Refuses a mask that is not one value for each query and key, or that for each sample and head.

    Args:
        mask: of the scores.
        scores: how many queries and keys there are.
        batch: of the sequences; () where there is none.
        heads: of the attention.

    Raises:
        Refusal: as `refuse_padding_mask`.
    """
    _refuse_type(mask)
    each = (*(size * heads for size in batch or (1,)), *scores)
    if not _fits(mask.shape, scores) and not _fits(mask.shape, each):
        raise Refusal(f"the attention mask {text(mask.shape)} must have the shape {text(scores)} or {text(each)}")


def _refuse_type(mask: TensorSpec) -> None:
    if mask.dtype != "bool" and "float" not in mask.dtype:
        raise Refusal(f"a mask is of type bool or float, not {mask.dtype}")


def _fits(shape: Shape, wanted: Shape) -> bool:
    return len(shape) == len(wanted) and not any(n != m for n, m in zip(shape, wanted, strict=True))
