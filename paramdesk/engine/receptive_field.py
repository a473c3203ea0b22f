"""The **receptive field** of a value is what it sees of the network's input (Araujo, Norris and Sim, 2019).

A window of k places (dilation d: d(k − 1) + 1) adds (k − 1) × the distance between neighbouring places; that distance,
the effective stride, is multiplied by the window's stride. Where tensors meet, the largest field counts; different
strides there are worth a warning. It is not defined where positions are mixed: behind Flatten, Dense, global pooling.
"""

# ruff: noqa: B905  # lengths are compared once at the start of each function; `strict` takes a tenth of an analysis
from __future__ import annotations

import math
from collections.abc import Iterable
from operator import add

import msgspec

from paramdesk.engine.shape import Shape, Unknown

LARGEST_JUMP = 2**63
"""Beyond it a field is not followed any further: no input is that large."""


LARGEST_EXACT = 2**40
"""Up to it the sum of a few starts is exact as a float, if they are parts of `FINEST_EXACT`."""

FINEST_EXACT = 2**10
"""Starts are halves behind windows, and finer binary fractions behind layers that enlarge; thirds are not exact."""


class ReceptiveField(msgspec.Struct, frozen=True, gc=False):
    """How much of the input one output value sees, per spatial axis (Araujo, Norris and Sim, 2019).

    Attributes:
        size: input positions seen.
        jump: input positions between two neighbouring outputs (the effective stride).
        start: centre of the first output's field, in input positions; 0.5 is the middle of the first one;
            None where the padding before it is not known.
    """

    size: tuple[int, ...]
    jump: tuple[float, ...]
    start: tuple[float | None, ...]

    @property
    def padding(self) -> tuple[float | None, ...]:
        """Input positions that the first output's field reaches beyond the input's first one."""
        return tuple([
            None if start is None else (size - 1) / 2 + 0.5 - start
            for size, start in zip(self.size, self.start, strict=True)
        ])  # fmt: skip


def seen_through(
    field: ReceptiveField, spans: tuple[int, ...], strides: tuple[int, ...], before: Shape
) -> ReceptiveField | None:
    """The receptive field behind a moving window (Araujo, Norris and Sim, 2019).

    Per axis: size r + (span − 1) · j; jump j · stride; start + ((span − 1) / 2 − before) · j.

    Args:
        field: of the window's input.
        spans: positions that the window spans, dilation included, per axis.
        strides: how far it moves, per axis.
        before: padding before the first input, per axis.
    """
    size, jump = field.size, field.jump
    if len(size) != len(spans):
        return None
    sizes = tuple([r + (k - 1) * j if isinstance(j, int) else _seen(r, k, j) for r, k, j in zip(size, spans, jump)])
    starts = tuple(
        [
            None if c is None or isinstance(p, Unknown) else c + ((k - 1) / 2 - p) * j
            for c, k, p, j in zip(field.start, spans, before, jump)
        ]
    )
    if max(strides) > 1:
        jump = tuple([j * s for j, s in zip(jump, strides)])
        if max(jump) > LARGEST_JUMP:
            return None
    return ReceptiveField(sizes, jump, starts)


def seen_enlarged(field: ReceptiveField, factors: tuple[int, ...]) -> ReceptiveField | None:
    """The receptive field behind a layer that repeats every value: neighbours stand closer to each other."""
    if len(field.size) != len(factors):
        return None
    return ReceptiveField(field.size, _closer(field.jump, factors), field.start)


def seen_transposed(field: ReceptiveField, spans: tuple[int, ...], strides: tuple[int, ...]) -> ReceptiveField | None:
    """The receptive field behind a transposed window: ⌈span / stride⌉ inputs reach an output; where, depends on it."""
    if len(field.size) != len(spans):
        return None
    reaching = tuple([(k + s - 1) // s for k, s in zip(spans, strides, strict=True)])
    unmoved = (1,) * len(spans)
    seen = seen_through(field, reaching, unmoved, unmoved)
    return seen and ReceptiveField(seen.size, _closer(field.jump, strides), (None,) * len(spans))


def seen_shifted(field: ReceptiveField, before: tuple[int, ...]) -> ReceptiveField | None:
    """The receptive field where positions are added before the first one (or, if negative, cut off)."""
    if len(field.size) != len(before):
        return None
    start = tuple([None if c is None else c - p * j for c, p, j in zip(field.start, before, field.jump, strict=True)])
    return ReceptiveField(field.size, field.jump, start)


def _seen(size: int, span: int, jump: float) -> int:
    """The size after a window at a jump that is a fraction (behind an enlarged tensor): rounded up to whole inputs."""
    return size + math.ceil((span - 1) * jump)


def _closer(jump: tuple[float, ...], factors: tuple[int, ...]) -> tuple[float, ...]:
    return tuple([int(j // n) if j % n == 0 else j / n for j, n in zip(jump, factors, strict=True)])


class Shift(msgspec.Struct, frozen=True, gc=False):
    """How one receptive field differs from another one.

    Attributes:
        size: input positions that it sees more, per axis.
        start: how far its first centre is off, per axis.
    """

    size: tuple[int, ...]
    start: tuple[float, ...]


def shift(before: ReceptiveField | None, after: ReceptiveField | None) -> Shift | None:
    """From one field to another one.

    Layers enlarge a field and move it by what depends on its jump only: what a layer does to one field it does to every
    other one of the same jump, and two fields of the same jump differ behind a layer as they do before it, for as long
    as the jump stays a whole number.

    Returns:
        None where that would not hold: a start is not known, steps are fractions, or floats would round.
    """
    if before is None or after is None or len(before.size) != len(after.size) or float in map(type, before.jump):
        return None
    if not all(map(_is_exact, (*before.start, *after.start))):
        return None
    start = tuple([b - a for a, b in zip(before.start, after.start) if a is not None and b is not None])
    return Shift(tuple([b - a for a, b in zip(before.size, after.size)]), start)


def _is_exact(start: float | None) -> bool:
    return start is not None and abs(start) <= LARGEST_EXACT and float(start * FINEST_EXACT).is_integer()


def shifted(field: ReceptiveField | None, by: Shift | None, jump: tuple[float, ...]) -> ReceptiveField | None:
    """The field that differs from another one by a shift, with a jump of its own; None where that does not tell it."""
    if field is None or by is None or len(field.size) != len(by.size):
        return None
    if len(by.size) == 2:
        # An analysis comes here once for each layer, and a loop over two axes takes three times as long.
        (n, m), (x, y) = field.size, field.start
        if x is None or y is None or abs(x) > LARGEST_EXACT or abs(y) > LARGEST_EXACT:
            return None
        return ReceptiveField((n + by.size[0], m + by.size[1]), jump, (x + by.start[0], y + by.start[1]))
    starts = [start for start in field.start if start is not None and abs(start) <= LARGEST_EXACT]
    if len(starts) < len(by.start):
        return None
    return ReceptiveField(tuple(map(add, field.size, by.size)), jump, tuple(map(add, starts, by.start)))


def widest(fields: Iterable[ReceptiveField | None]) -> ReceptiveField | None:
    """What is seen of the input by what sees all of these: the largest field; None where one is not defined."""
    largest: ReceptiveField | None = None
    for field in fields:
        if field is None or (largest is not None and len(field.size) != len(largest.size)):
            return None
        if largest is None:
            largest = field
        elif field != largest:
            start = tuple([a if a == b else None for a, b in zip(largest.start, field.start, strict=True)])
            size = tuple(map(max, largest.size, field.size))
            largest = ReceptiveField(size, tuple(map(max, largest.jump, field.jump)), start)
    return largest
