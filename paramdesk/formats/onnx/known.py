"""Constants of a graph: weights, of which the shape is known, and small numbers that make up shapes.

Exporters compute shapes in the graph itself: `Shape`, `Gather`, `Concat`, then `Reshape`. Such chains are followed here
as far as they hold single numbers and lists of numbers. A size that is not known is a text that stands for it, so that
two of them can be told to be the same, or None.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from paramdesk.formats.recorder import MOST_AXES

Item: TypeAlias = int | float | bool | str | None
"""A number, a text that stands for a size that is not known, or nothing."""
Items: TypeAlias = tuple[Item, ...]

FIRST = "batch"
"""Stands for the first size of any tensor, where it is not known: those of two tensors may differ."""
MOST_ITEMS = 512
LARGEST_NUMBER = 2**62
REARRANGING = frozenset({
    "Identity", "Transpose", "Reshape", "Unsqueeze", "Squeeze", "Flatten", "Cast", "CastLike", "Concat",
    "QuantizeLinear", "DequantizeLinear", "com.microsoft.QuantizeLinear", "com.microsoft.DequantizeLinear",
})  # fmt: skip
"""Operators that keep all values of a weight."""
SELECTING = frozenset({"Slice", "Split"})
"""Operators that keep some of its values."""


class Known(msgspec.Struct, frozen=True):
    """A constant.

    Attributes:
        shape: its axes; None for a size that is not known.
        items: its values, if they are few, row by row.
        roots: the initialisers that it is made of.
        is_whole: whether it holds all values of its roots, and nothing else.
        dtype: of its elements.
        op: the operator that made it of them; empty if it is one.
        part: of what holds a part of one root, each value once: a name for that part.
    """

    shape: tuple[int | None, ...]
    items: Items | None = None
    roots: tuple[str, ...] = ()
    is_whole: bool = True
    dtype: str = "float32"
    op: str = ""
    part: str = ""

    @property
    def size(self) -> int | None:
        """How many values it has."""
        return None if None in self.shape else math.prod(n for n in self.shape if n is not None)

    @property
    def numbers(self) -> tuple[int, ...] | None:
        """Its values, if they are whole numbers and all known."""
        if self.items is None or not all(isinstance(item, int) for item in self.items):
            return None
        return tuple([int(item) for item in self.items if item is not None])

    @property
    def scalar(self) -> int | float | None:
        """Its only value."""
        if self.items is None or len(self.items) != 1 or not isinstance(self.items[0], int | float):
            return None
        return self.items[0]


class Step(msgspec.Struct, frozen=True):
    """A node between constants.

    Attributes:
        op: its operator.
        inputs: None where an optional one is left out.
        attributes: by name.
        count: how many outputs.
    """

    op: str
    inputs: tuple[Known | None, ...]
    attributes: Mapping[str, object]
    count: int = 1

    def ints(self, name: str) -> tuple[int, ...] | None:
        """An attribute that is a list of whole numbers."""
        value = self.attributes.get(name)
        return tuple(value) if isinstance(value, tuple) and all(isinstance(n, int) for n in value) else None

    def numbers(self, place: int, name: str = "") -> tuple[int, ...] | None:
        """An input that is a list of whole numbers, or the attribute that older versions have in its place."""
        if place < len(self.inputs) and (given := self.inputs[place]) is not None:
            return given.numbers
        return self.ints(name)

    def is_given(self, place: int) -> bool:
        """Whether an optional input is there."""
        return place < len(self.inputs) and self.inputs[place] is not None


def worked_out(step: Step) -> list[Known] | None:
    """The values that a node makes of small constants; None if that is not followed here."""
    first = step.inputs[0] if step.inputs else None
    work = _ONE.get(step.op)
    if work is not None:
        found = work(step, first) if first is not None and first.items is not None else None
        is_small = found is not None and len(found.items or ()) <= MOST_ITEMS and len(found.shape) <= MOST_AXES
        return [found] if found is not None and is_small else None
    if step.op == "Split" and first is not None:
        return _split(step, first)
    if step.op in _PAIRS:
        return _pairwise(step)
    return None


def _list(items: Sequence[Item], dtype: str = "int64") -> Known:
    return Known((len(items),), tuple(items), dtype=dtype)


def _single(item: Item, dtype: str = "int64") -> Known:
    return Known((), (item,), dtype=dtype)


# Of one list ----------------------------------------------------------------------------------------------------------


def _sizes(data: Known) -> tuple[int, ...]:
    """The shape of a constant of which the values are known."""
    return tuple([size for size in data.shape if size is not None])


def _steps(sizes: Sequence[int]) -> list[int]:
    """How many values there are from one place of each axis to the next."""
    return [math.prod(sizes[axis + 1 :]) for axis in range(len(sizes))]


def _picked(data: Known, places: Sequence[Sequence[int]]) -> Items:
    """Values by their places along each axis, row by row."""
    items, steps = data.items or (), _steps(_sizes(data))
    offsets = [[place * width for place in along] for along, width in zip(places, steps, strict=True)]
    return tuple([items[sum(each)] for each in itertools.product(*offsets)])


def _axis(step: Step, rank: int) -> int | None:
    axis = step.attributes.get("axis", 0)
    return axis % rank if isinstance(axis, int) and -rank <= axis < rank else None


def _gathered(step: Step, data: Known) -> Known | None:
    index = step.inputs[1] if len(step.inputs) > 1 else None
    axis, sizes = _axis(step, len(data.shape)), _sizes(data)
    places = index.numbers if index is not None else None
    if index is None or places is None or axis is None or len(index.shape) > 1:
        return None
    if any(not -sizes[axis] <= place < sizes[axis] for place in places):
        return None
    along = [list(range(size)) for size in sizes]
    along[axis] = [place % sizes[axis] for place in places]
    return Known((*sizes[:axis], *index.shape, *sizes[axis + 1 :]), _picked(data, along), dtype=data.dtype)


def _sliced(step: Step, data: Known) -> Known | None:
    sizes = _sizes(data)
    starts, ends = step.numbers(1, "starts"), step.numbers(2, "ends")
    if starts is None or ends is None:
        return None
    axes = step.numbers(3, "axes") or tuple(range(len(starts)))
    steps = step.numbers(4) if step.is_given(4) else (1,) * len(starts)
    if steps is None or 0 in steps or not len(starts) == len(ends) == len(axes) == len(steps):
        return None
    along = [list(range(size)) for size in sizes]
    for start, end, axis, stride in zip(starts, ends, axes, steps, strict=True):
        if not -len(sizes) <= axis < len(sizes):
            return None
        along[axis] = along[axis][slice(start, end if end > -LARGEST_NUMBER else None, stride)]
    return Known(tuple(map(len, along)), _picked(data, along), dtype=data.dtype)


def _transposed(step: Step, data: Known) -> Known | None:
    sizes = _sizes(data)
    order = step.ints("perm") or tuple(reversed(range(len(sizes))))
    if sorted(order) != list(range(len(sizes))):
        return None
    steps, items = _steps(sizes), data.items or ()
    offsets = [[place * steps[axis] for place in range(sizes[axis])] for axis in order]
    found = tuple([items[sum(each)] for each in itertools.product(*offsets)])
    return Known(tuple([sizes[axis] for axis in order]), found, dtype=data.dtype)


def _concatenated(step: Step, data: Known) -> Known | None:
    items: list[Item] = []
    for part in step.inputs:
        if part is None or part.items is None or len(part.shape) != 1:
            return None
        items += part.items
    return _list(items, data.dtype)


def _reshaped(step: Step, data: Known) -> Known | None:
    target = step.numbers(1, "shape")
    items = data.items or ()
    if target is None or target.count(-1) > 1 or 0 in target:
        return None
    stated = math.prod(size for size in target if size != -1)
    sizes = tuple([len(items) // stated if size == -1 and stated else size for size in target])
    return Known(sizes, items, dtype=data.dtype) if math.prod(sizes) == len(items) else None


def _squeezed(step: Step, data: Known) -> Known | None:
    axes, sizes = step.numbers(1, "axes"), _sizes(data)
    gone = {axis % len(sizes) for axis in axes} if axes and sizes else {n for n, size in enumerate(sizes) if size == 1}
    kept = tuple([size for axis, size in enumerate(sizes) if axis not in gone])
    return Known(kept, data.items, dtype=data.dtype) if math.prod(kept) == len(data.items or ()) else None


def _unsqueezed(step: Step, data: Known) -> Known | None:
    axes = step.numbers(1, "axes")
    if axes is None:
        return None
    rank = len(data.shape) + len(axes)
    new = {axis % rank for axis in axes}
    rest = iter(_sizes(data))
    return Known(tuple([1 if axis in new else next(rest, 1) for axis in range(rank)]), data.items, dtype=data.dtype)


def _cast(step: Step, data: Known) -> Known | None:
    target = step.attributes.get("to")
    items = data.items or ()
    if target in (1, 10, 11, 16):
        return Known(data.shape, tuple([float(n) if isinstance(n, int) else n for n in items]))
    if target == 9:
        known = all(isinstance(n, int | float) for n in items)
        return Known(data.shape, tuple([bool(n) for n in items]), dtype="bool") if known else None
    whole = [int(n) if isinstance(n, float) and math.isfinite(n) and abs(n) < LARGEST_NUMBER else n for n in items]
    return Known(data.shape, tuple([int(n) if isinstance(n, bool) else n for n in whole]), dtype="int64")


def _filled(step: Step, sizes: Known) -> Known | None:
    """A list that is as long as is said."""
    value = step.attributes.get("value")
    fill: Item = getattr(value, "values", (0.0,))[0] if getattr(value, "values", None) else 0.0
    dims = sizes.numbers
    if dims is None or len(dims) > 1 or any(not 0 <= n <= MOST_ITEMS for n in dims):
        return None
    return Known(dims, (fill,) * (dims[0] if dims else 1), dtype=getattr(value, "dtype", "float32"))


def _ranged(step: Step, _start: Known) -> Known | None:
    bounds = [known.scalar if known is not None else None for known in step.inputs[:3]]
    if len(bounds) < 3 or any(not isinstance(bound, int) for bound in bounds) or not bounds[2]:
        return None
    places = range(int(bounds[0] or 0), int(bounds[1] or 0), int(bounds[2] or 1))
    return _list(list(places)) if len(places) <= MOST_ITEMS else None


def _expanded(step: Step, data: Known) -> Known | None:
    dims = step.numbers(1)
    if dims is None or data.size != 1 or len(dims) != 1 or not 0 <= dims[0] <= MOST_ITEMS:
        return None
    return _list((data.items or (None,)) * max(dims[0], 1), data.dtype)


def _reduced(work: Callable[[Sequence[float]], float]) -> Callable[[Step, Known], Known | None]:
    def reduce(step: Step, data: Known) -> Known | None:
        items = data.items or ()
        numbers = [item for item in items if isinstance(item, int | float)]
        if not numbers or len(data.shape) > 1:
            return None
        item: Item = work(numbers) if len(numbers) == len(items) else None
        return _list((item,), data.dtype) if step.attributes.get("keepdims", 1) else _single(item, data.dtype)

    return reduce


def _each(work: Callable[[float], float]) -> Callable[[Step, Known], Known | None]:
    def apply(_step: Step, data: Known) -> Known | None:
        items: list[Item] = []
        for item in data.items or ():
            try:
                items.append(work(item) if isinstance(item, int | float) else None)
            except (ValueError, OverflowError, ZeroDivisionError):
                items.append(None)
        return Known(data.shape, tuple(items), dtype=data.dtype)

    return apply


def _same(_step: Step, data: Known) -> Known:
    return data


def _chosen(step: Step, condition: Known) -> Known | None:
    """Where: the second where the first is true, else the third."""
    if len(step.inputs) != 3 or any(known is None or known.items is None for known in step.inputs):
        return None
    parts = [known.items for known in step.inputs if known is not None and known.items is not None]
    count = max(map(len, parts))
    if any(len(part) not in (1, count) for part in parts):
        return None
    asked, yes, no = (part * count if len(part) == 1 else part for part in parts)
    items: list[Item] = []
    for is_true, one, other in zip(asked, yes, no, strict=True):
        items.append((one if is_true else other) if isinstance(is_true, bool | int) else one if one == other else None)
    shape = next(known.shape for known in step.inputs if known is not None and known.size == count)
    return Known(shape, tuple(items), dtype=step.inputs[1].dtype if step.inputs[1] else "int64")


_ONE: Mapping[str, Callable[[Step, Known], Known | None]] = {
    "Gather": _gathered,
    "Slice": _sliced,
    "Concat": _concatenated,
    "Reshape": _reshaped,
    "Transpose": _transposed,
    "Squeeze": _squeezed,
    "Unsqueeze": _unsqueezed,
    "Cast": _cast,
    "Identity": _same,
    "ConstantOfShape": _filled,
    "Range": _ranged,
    "Expand": _expanded,
    "Where": _chosen,
    "ReduceProd": _reduced(math.prod),
    "ReduceSum": _reduced(sum),
    "ReduceMax": _reduced(max),
    "ReduceMin": _reduced(min),
    "Neg": _each(operator.neg),
    "Abs": _each(abs),
    "Floor": _each(math.floor),
    "Ceil": _each(math.ceil),
    "Sqrt": _each(math.sqrt),
    "Not": _each(operator.not_),
}

# Of two ---------------------------------------------------------------------------------------------------------------


def _divided(one: float, other: float) -> float:
    """Whole numbers are divided towards zero."""
    if isinstance(one, int) and isinstance(other, int):
        return int(one / other) if abs(one) < 2**52 else one // other
    return one / other


def _power(one: float, other: float) -> float:
    return float(one) ** other if abs(one) < 1e6 and abs(other) < 64 else math.nan


_PAIRS: Mapping[str, Callable[[float, float], float]] = {
    "Add": operator.add, "Sub": operator.sub, "Mul": operator.mul, "Div": _divided, "Mod": operator.mod,
    "Min": min, "Max": max, "Pow": _power, "Equal": operator.eq, "Greater": operator.gt, "Less": operator.lt,
    "GreaterOrEqual": operator.ge, "LessOrEqual": operator.le, "And": lambda a, b: bool(a) and bool(b),
    "Or": lambda a, b: bool(a) or bool(b),
}  # fmt: skip
_NEUTRAL: Mapping[str, float] = {"Add": 0, "Sub": 0, "Mul": 1, "Div": 1}
"""What leaves the other one as it is: behind it, and of sums and products before it too."""


def _pairwise(step: Step) -> list[Known] | None:
    if len(step.inputs) != 2:
        return None
    one, other = step.inputs
    if one is None or other is None or one.items is None or other.items is None:
        return None
    count = max(len(one.items), len(other.items))
    if (
        len(one.items) not in (1, count)
        or len(other.items) not in (1, count)
        or max(len(one.shape), len(other.shape)) > 1
    ):
        return None
    left = one.items * count if len(one.items) == 1 else one.items
    right = other.items * count if len(other.items) == 1 else other.items
    items = tuple([_combined(step.op, a, b) for a, b in zip(left, right, strict=True)])
    shape = one.shape if len(one.shape) >= len(other.shape) and len(one.items) == count else other.shape
    return [Known(shape, items, dtype=one.dtype)]


def _combined(op: str, one: Item, other: Item) -> Item:
    if isinstance(one, int | float) and isinstance(other, int | float):
        try:
            result = _PAIRS[op](one, other)
        except (ZeroDivisionError, ValueError, OverflowError):
            return None
        return result if not math.isnan(result) and abs(result) < LARGEST_NUMBER else None
    neutral = _NEUTRAL.get(op)
    if neutral is not None and other == neutral:
        return one
    if op in ("Add", "Mul") and one == neutral:
        return other
    if op == "Equal" and one == other and one not in (None, FIRST):
        return True
    return None


def _split(step: Step, data: Known) -> list[Known] | None:
    if data.items is None or len(data.shape) != 1:
        return None
    parts = step.numbers(1, "split")
    if parts is None:
        each = -(-len(data.items) // step.count)
        parts = tuple([max(min(each, len(data.items) - each * place), 0) for place in range(step.count)])
    if sum(parts) != len(data.items) or any(part < 0 for part in parts) or len(parts) != step.count:
        return None
    found, start = [], 0
    for part in parts:
        found.append(_list(data.items[start : start + part], data.dtype))
        start += part
    return found
