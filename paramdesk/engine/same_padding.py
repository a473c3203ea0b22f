"""Padding said by a word and by numbers: "same" in Keras, so many zeros on both sides in PyTorch.

With "same" Keras puts ⌊missing / 2⌋ zeros before an axis and the rest behind it, where missing is (places − 1) · stride
+ span − size. PyTorch takes one number for both sides. So the two say the same wherever an even number is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from paramdesk.engine.shape import Shape, is_known, same_size

Sides: TypeAlias = tuple[tuple[int, int], ...]


def missing(space: Shape, spans: Sequence[int], strides: Sequence[int]) -> tuple[int, ...] | None:
    """How many zeros "same" padding adds to each axis; None where that depends on a size that is not known.

    >>> missing((28, 28), (3, 3), (1, 1)), missing((28, 27), (3, 3), (2, 2))
    ((2, 2), (1, 2))
    """
    found = []
    for n, span, stride in zip(space, spans, strides, strict=True):
        if stride == 1 or span == 1:
            found.append(span - 1 if stride == 1 else 0)
        elif isinstance(n, int) and is_known(n):
            places = same_size(n, stride)
            assert isinstance(places, int)
            found.append(max((places - 1) * stride + span - n, 0))
        else:
            return None
    return tuple(found)


def as_numbers(added: Iterable[int] | None) -> Sides | None:
    """The padding on both sides of each axis; None where the two sides differ or are not known.

    >>> as_numbers((2, 4)), as_numbers((1, 2))
    (((1, 1), (2, 2)), None)
    """
    sizes = None if added is None else tuple(added)
    if sizes is None or any(size % 2 for size in sizes):
        return None
    return tuple([(size // 2, size // 2) for size in sizes])
