"""What operators of PyTorch without a kind of their own make, where the file does not state it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from paramdesk.engine.kinds.merging import stretched
from paramdesk.engine.shape import UNKNOWN, Dim, Shape, TensorSpec
from paramdesk.frameworks.aten import Arguments, Tensor

Shapes: TypeAlias = Sequence[Shape] | None
ShapeOf: TypeAlias = Callable[[Tensor | None], Shape | None]

MOST_PARTS = 1000
"""Into no more parts is a tensor split."""


def shapes_of(op: str, a: Arguments, shape_of: ShapeOf) -> Shapes:
    """The shapes of what an operator makes; None if that does not follow here."""
    work = _resized if op.startswith("upsample_") else SHAPES.get(op)
    shape = shape_of(a.tensor("self") or a.tensor("input"))
    if op in OF_SEVERAL:
        return OF_SEVERAL[op](a, shape_of)
    return work(a, shape) if work is not None and shape is not None else None


def _axis(a: Arguments, shape: Shape, default: int = 0, name: str = "dim") -> int | None:
    axis = a.get(name, default)
    rank = len(shape)
    return axis % rank if isinstance(axis, int) and -rank <= axis < rank else None


def _stacked(a: Arguments, shape_of: ShapeOf) -> Shapes:
    tensors = a.tensors("tensors")
    shape = shape_of(tensors[0]) if tensors else None
    axis = a.get("dim", 0)
    if shape is None or not isinstance(axis, int) or not -len(shape) - 1 <= axis <= len(shape):
        return None
    place = axis % (len(shape) + 1)
    return [(*shape[:place], len(tensors), *shape[place:])]


def _product_and_sum(a: Arguments, shape_of: ShapeOf) -> Shapes:
    one, other = (shape_of(a.tensor(name)) for name in ("mat1", "mat2"))
    return [(*one[:-1], other[-1])] if one and other else None


def _as_other(a: Arguments, shape_of: ShapeOf) -> Shapes:
    shape = shape_of(a.tensor("other"))
    return None if shape is None else [shape]


def _as_direction(a: Arguments, shape_of: ShapeOf) -> Shapes:
    shape = shape_of(a.tensor("v"))
    return None if shape is None else [shape]


def _indexed(a: Arguments, shape_of: ShapeOf) -> Shapes:
    """What numbers of rows select; axes that are chosen from side by side become those of the numbers."""
    shape, given = shape_of(a.tensor("self")), a.get("indices")
    if shape is None or not isinstance(given, list | tuple) or len(given) > len(shape):
        return None
    places = [place for place, item in enumerate(given) if item is not None]
    chosen = [shape_of(item) if isinstance(item, Tensor) else None for item in given if item is not None]
    if not places or None in chosen or places != list(range(places[0], places[-1] + 1)):
        return None
    made = stretched(tuple([TensorSpec(item) for item in chosen if item is not None]))
    return [(*shape[: places[0]], *made, *shape[places[-1] + 1 :])]


OF_SEVERAL: Mapping[str, Callable[[Arguments, ShapeOf], Shapes]] = {
    "stack": _stacked, "addmm": _product_and_sum, "baddbmm": _product_and_sum, "expand_as": _as_other,
    "index": _indexed, "_weight_norm": _as_direction,
}  # fmt: skip
"""What is made by operators that need the shapes of several tensors."""


def _padded(a: Arguments, shape: Shape) -> Shapes:
    pairs = a.get("pad")
    if not isinstance(pairs, list | tuple) or len(pairs) % 2 or len(pairs) > 2 * len(shape):
        return None
    sides: list[Dim] = [side if isinstance(side, int) else UNKNOWN for side in pairs]
    made = list(shape)
    for place in range(len(pairs) // 2):
        made[-1 - place] += sides[2 * place] + sides[2 * place + 1]
    return [tuple(made)] if all(not isinstance(size, int) or size >= 0 for size in made) else None


def _resized(a: Arguments, shape: Shape) -> Shapes:
    sizes = a.get("output_size")
    given = sizes if isinstance(sizes, list | tuple) and len(sizes) == len(shape) - 2 else (None,) * (len(shape) - 2)
    return [(*shape[:2], *(size if isinstance(size, int) and size >= 0 else UNKNOWN for size in given))]


def _split_evenly(a: Arguments, shape: Shape) -> Shapes:
    """tensor_split by a number of parts, or by where they begin."""
    axis, said = _axis(a, shape), a.get("sections", a.get("indices"))
    size = shape[axis] if axis is not None and shape else None
    if axis is None or not isinstance(size, int):
        return None
    if isinstance(said, int) and 0 < said <= MOST_PARTS:
        parts = [size // said + (place < size % said) for place in range(said)]
    elif isinstance(said, list | tuple) and all(isinstance(place, int) for place in said):
        ends = [0, *(min(max(place if place >= 0 else size + place, 0), size) for place in said), size]
        parts = [max(after - before, 0) for before, after in itertools.pairwise(ends)]
    else:
        return None
    return [(*shape[:axis], part, *shape[axis + 1 :]) for part in parts]


def _interleaved(a: Arguments, shape: Shape) -> Shapes:
    axis, times = _axis(a, shape), a.get("repeats")
    if axis is None or a.get("dim") is None:
        return None
    return [(*shape[:axis], shape[axis] * times if isinstance(times, int) else UNKNOWN, *shape[axis + 1 :])]


def _selected(a: Arguments, shape: Shape) -> Shapes:
    axis = _axis(a, shape)
    return None if axis is None else [(*shape[:axis], *shape[axis + 1 :])]


def _sliced(a: Arguments, shape: Shape) -> Shapes:
    axis = _axis(a, shape)
    if axis is None:
        return None
    start, end, step = a.get("start", 0), a.get("end"), a.get("step", 1)
    size: Dim = shape[axis]
    if isinstance(start, int) and isinstance(step, int) and step > 0 and (end is None or isinstance(end, int)):
        if isinstance(size, int):
            size = len(range(*slice(start, end, step).indices(size)))
        elif not (start == 0 and step == 1 and (end is None or end > 2**30)):
            size = UNKNOWN
    else:
        size = UNKNOWN
    return [(*shape[:axis], size, *shape[axis + 1 :])]


def _narrowed(a: Arguments, shape: Shape) -> Shapes:
    axis, length = _axis(a, shape), a.get("length")
    if axis is None:
        return None
    return [(*shape[:axis], length if isinstance(length, int) else UNKNOWN, *shape[axis + 1 :])]


def _split(a: Arguments, shape: Shape) -> Shapes:
    axis = _axis(a, shape)
    sizes = a.get("split_sizes", a.get("split_size"))
    if axis is None:
        return None
    size = shape[axis]
    if isinstance(sizes, int) and isinstance(size, int) and sizes > 0:
        count = -(-size // sizes)
        if count > MOST_PARTS:
            return None
        parts = [min(sizes, size - sizes * place) for place in range(count)]
    elif isinstance(sizes, list | tuple):
        parts = [part if isinstance(part, int) else -1 for part in sizes]
    else:
        return None
    return [(*shape[:axis], part if part >= 0 else UNKNOWN, *shape[axis + 1 :]) for part in parts]


def _chunked(a: Arguments, shape: Shape) -> Shapes:
    axis, count = _axis(a, shape), a.get("chunks")
    if axis is None or not isinstance(count, int) or not 1 <= count <= MOST_PARTS:
        return None
    size = shape[axis]
    if not isinstance(size, int):
        return [(*shape[:axis], UNKNOWN, *shape[axis + 1 :])] * count
    each = max(-(-size // count), 1)
    parts = [min(each, size - start) for start in range(0, size, each)]
    return [(*shape[:axis], part, *shape[axis + 1 :]) for part in parts]


def _unbound(a: Arguments, shape: Shape) -> Shapes:
    axis = _axis(a, shape)
    size = shape[axis] if axis is not None and axis < len(shape) else None
    if axis is None or not isinstance(size, int) or size > MOST_PARTS:
        return None
    return [(*shape[:axis], *shape[axis + 1 :])] * int(size)


def _reduced(a: Arguments, shape: Shape) -> Shapes:
    axes = a.ints("dim")
    if axes is None:
        return [()] if a.get("dim") is None else None
    if any(not -len(shape) <= axis < len(shape) for axis in axes):
        return None
    gone = {axis % len(shape) for axis in axes}
    keeps = bool(a.get("keepdim", False))
    return [tuple([1 if place in gone else size for place, size in enumerate(shape) if keeps or place not in gone])]


def _extreme(a: Arguments, shape: Shape) -> Shapes:
    """The largest values along an axis, and where they are."""
    found = _reduced(a, shape)
    return found if a.ints("dim") is None or found is None else [*found, *found]


def _topmost(a: Arguments, shape: Shape) -> Shapes:
    axis, count = _axis(a, shape, -1), a.get("k")
    if axis is None:
        return None
    made = (*shape[:axis], count if isinstance(count, int) else UNKNOWN, *shape[axis + 1 :])
    return [made, made]


def _expanded(a: Arguments, shape: Shape) -> Shapes:
    sizes = a.get("size")
    if not isinstance(sizes, list | tuple) or len(sizes) < len(shape):
        return None
    padded = (*(UNKNOWN,) * (len(sizes) - len(shape)), *shape)
    return [tuple([
        size if item == -1 else item if isinstance(item, int) else UNKNOWN
        for item, size in zip(sizes, padded, strict=True)
    ])]  # fmt: skip


def _repeated(a: Arguments, shape: Shape) -> Shapes:
    times = a.get("repeats", a.get("dims"))
    if not isinstance(times, list | tuple) or len(times) < len(shape):
        return None
    padded: Shape = (*(1,) * (len(times) - len(shape)), *shape)
    return [tuple([size * n if isinstance(n, int) else UNKNOWN for size, n in zip(padded, times, strict=True)])]


def _unsqueezed(a: Arguments, shape: Shape) -> Shapes:
    axis = a.get("dim", 0)
    if not isinstance(axis, int) or not -len(shape) - 1 <= axis <= len(shape):
        return None
    place = axis % (len(shape) + 1)
    return [(*shape[:place], 1, *shape[place:])]


def _squeezed(a: Arguments, shape: Shape) -> Shapes:
    axes = a.ints("dim")
    if axes is None:
        if any(not isinstance(size, int) for size in shape):
            return None
        return [tuple([size for size in shape if size != 1])]
    if any(not -len(shape) <= axis < max(len(shape), 1) for axis in axes) or not shape:
        return None
    named = {axis % len(shape) for axis in axes}
    return [tuple([size for place, size in enumerate(shape) if place not in named or size != 1])]


SHAPES: Mapping[str, Callable[[Arguments, Shape], Shapes]] = {
    "select": _selected, "slice": _sliced, "narrow": _narrowed, "split": _split, "split_with_sizes": _split,
    "chunk": _chunked, "unbind": _unbound, "mean": _reduced, "sum": _reduced, "amax": _reduced, "amin": _reduced,
    "prod": _reduced, "argmax": _reduced, "argmin": _reduced, "norm": _reduced, "linalg_vector_norm": _reduced,
    "var": _reduced, "std": _reduced, "any": _reduced, "all": _reduced, "logsumexp": _reduced, "max": _extreme,
    "min": _extreme, "topk": _topmost, "expand": _expanded, "repeat": _repeated, "tile": _repeated,
    "repeat_interleave": _interleaved,
    "mv": lambda _a, shape: [shape[:-1]], "vdot": lambda _a, _shape: [()], "dot": lambda _a, _shape: [()],
    "unsqueeze": _unsqueezed, "squeeze": _squeezed, "pad": _padded, "constant_pad_nd": _padded,
    "tensor_split": _split_evenly, "unsafe_chunk": _chunked, "unsafe_split": _split,
}  # fmt: skip
