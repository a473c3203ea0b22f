"""New shapes as files of traced networks ask for them, and the kind that says best what happens: Flatten or Reshape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from paramdesk.engine.formula import product
from paramdesk.engine.kinds.reshaping import Flatten, Reshape
from paramdesk.engine.shape import UNKNOWN, Dim, Shape, is_known

Target: TypeAlias = Sequence[object]
"""Sizes that are asked for: numbers, −1 for what is left, BATCH for that of the input, anything else for unknown."""
BATCH = "batch"


def reshaping(shape: Shape, target: Target) -> Flatten | Reshape:
    """The kind that brings a tensor to another shape: axes put into one, or any with the batch left alone or not."""
    made = made_shape(shape, target)
    keeps_batch = BATCH in target[:1] or (all(map(is_known, shape[:1])) and shape[:1] == made[:1] != ())
    if (axes := _merged_axes(shape, made, keeps_batch=keeps_batch)) is not None:
        return Flatten(start_axis=axes[0], end_axis=axes[1])
    if keeps_batch:
        return Reshape(target_shape=_stated(target[1:], made[1:]))
    return Reshape(target_shape=_stated(target, made), with_batch=True)


def made_shape(shape: Shape, target: Target) -> Shape:
    """The shape that a target stands for."""
    found: list[Dim] = [item if isinstance(item, int) and item >= 0 else UNKNOWN for item in target]
    places = [place for place, item in enumerate(target) if item == -1]
    if len(places) == 1 and all(map(is_known, shape)):
        rest = product(size for place, size in enumerate(found) if place != places[0])
        if isinstance(rest, int) and rest:
            found[places[0]] = product(shape) // rest
    if BATCH in target[:1] and shape:
        found[0] = shape[0]
    return tuple(found)


def _stated(target: Target, made: Shape) -> tuple[int | None, ...]:
    """The sizes of a target; −1 stays where it is asked for."""
    found: list[int | None] = []
    for item, size in zip(target, made, strict=True):
        found.append(-1 if item == -1 else int(size) if isinstance(size, int) else None)
    return tuple(found)


def _merged_axes(shape: Shape, made: Shape, *, keeps_batch: bool) -> tuple[int, int] | None:
    """The first and last of the axes that are put into one, where that is all that happens."""
    lost = len(shape) - len(made)
    for start in range(len(made)) if lost > 0 else ():
        end = start + lost
        before = not start or (keeps_batch and shape[1:start] == made[1:start])
        merged = product(shape[start : end + 1])
        if before and shape[end + 1 :] == made[start + 1 :] and merged == made[start]:
            return start, end
    return None
