"""Tensors as PyTorch names them in a state dict: which module owns each, and which are no parameters."""

from __future__ import annotations

import re
from collections.abc import Hashable

import msgspec

from paramdesk.engine.weight import StatedWeight
from paramdesk.formats.weight_table import CLASS, Owned

BUFFERS = frozenset({
    "running_mean", "running_var", "num_batches_tracked", "relative_coords_table", "attn_mask", "inv_freq",
})  # fmt: skip
"""Names of tensors that are no parameters: what is gathered from data, and tables that are worked out once."""
INDICES = frozenset({"int64", "int32", "int16", "bool"})
"""Types of tensors that hold positions, masks and counts: they are no parameters."""
PACKED = frozenset({"int8", "uint8"})
"""Types of parameters that stand for others with fractions: they have no gradient."""
MOST_TENSORS = 500_000
LONGEST_KEY = 10_000
"""No more of the name of a tensor is looked at."""
LARGEST_SIZE = 2**31 - 1


class Tensor(msgspec.Struct, frozen=True):
    """A tensor of which only the values are missing.

    Attributes:
        shape: its sizes.
        dtype: its type, as far as it matters: "float32" stands for any with fractions.
        is_trained: whether it has a gradient, where that is told.
        is_buffer: whether it is told to be no parameter.
        identity: what tells that another one is the same; None if that is not told.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    is_trained: bool = True
    is_buffer: bool = False
    identity: Hashable = None


def owned(key: str, tensor: Tensor, class_name: str = CLASS) -> Owned:
    """A tensor of a state dict by its name there: `layer1.0.conv1.weight`.

    Args:
        key: its name.
        tensor: what is known of it.
        class_name: of the module that owns it, where that is known.
    """
    *path, name = key[:LONGEST_KEY].split(".")
    is_statistic = tensor.is_buffer or name in BUFFERS or tensor.dtype in INDICES
    is_trained = tensor.is_trained and not is_statistic and tensor.dtype not in PACKED
    weight = StatedWeight(name, tensor.shape, is_trained, is_statistic)
    return Owned(tuple(path), weight, class_name, tensor.identity)


def is_shape(value: object) -> bool:
    """Whether a value of unknown origin is the shape of a tensor."""
    if not isinstance(value, list | tuple) or len(value) > 64:
        return False
    return all(type(size) is int and 0 <= size <= LARGEST_SIZE for size in value)


def in_natural_order(key: str) -> list[tuple[int, str]]:
    """What sorts names with numbers in them as people count: `layers.10` behind `layers.9`."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]{1,9})", key[:LONGEST_KEY])
    ]
