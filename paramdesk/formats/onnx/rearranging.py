"""Operators that arrange values along other axes: Reshape, Flatten, Squeeze, Unsqueeze, Transpose, Concat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from paramdesk.engine.formula import product
from paramdesk.engine.kinds.merging import Concatenate
from paramdesk.engine.shape import UNKNOWN, Dim, Shape, is_known
from paramdesk.formats.onnx.known import Item
from paramdesk.formats.onnx.site import Site
from paramdesk.formats.rearranged import BATCH, Target, made_shape, reshaping


def rearranged(site: Site) -> list[Shape] | None:
    """The shape that one of these operators makes."""
    work = SHAPES.get(site.node.op)
    shape = work(site) if work is not None and site.shape(0) is not None else None
    return None if shape is None else [shape]


def _target(site: Site) -> Target | None:
    """The sizes that a node asks for, as it says them."""
    return TARGETS[site.node.op](site)


def _reshape_target(site: Site) -> Target | None:
    items, shape = site.items(1, "shape"), site.shape(0)
    if items is None or shape is None:
        return None
    copied: list[Item] = []
    for axis, item in enumerate(items):
        if item == 0 and not site.integer("allowzero") and axis < len(shape):
            size = shape[axis]
            copied.append(int(size) if isinstance(size, int) else BATCH if axis == 0 else None)
        else:
            copied.append(item)
    rest = [item for item in copied[1:] if isinstance(item, int)]
    if copied[:1] == [-1] and len(rest) == len(copied) - 1 and product(shape[1:]) == product(rest):
        copied[0] = BATCH  # what is left is what it was
    return tuple(copied)


def _axes(site: Site, rank: int) -> tuple[int, ...] | None:
    """The axes that a node names, counted from the first one."""
    axes = site.numbers(1, "axes")
    if axes is None or any(not -rank <= axis < rank for axis in axes):
        return None
    return tuple(sorted({axis % rank for axis in axes}))


def _squeeze_target(site: Site) -> Target | None:
    shape = site.shape(0) or ()
    axes = _axes(site, len(shape)) if site.has(1) or site.integers("axes") is not None else None
    if axes is None:
        if site.has(1) or not all(map(is_known, shape)):
            return None
        axes = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return _sizes([size for axis, size in enumerate(shape) if axis not in axes], keeps_batch=0 not in axes)


def _unsqueeze_target(site: Site) -> Target | None:
    shape = site.shape(0) or ()
    named = site.numbers(1, "axes")
    axes = _axes(site, len(shape) + len(named)) if named is not None else None
    if axes is None:
        return None
    rest = iter(_sizes(shape, keeps_batch=True))
    return tuple([1 if axis in axes else next(rest, None) for axis in range(len(shape) + len(axes))])


def _sizes(shape: Sequence[Dim], *, keeps_batch: bool) -> Target:
    """Sizes as a target says them."""
    return tuple([
        int(size) if isinstance(size, int) else BATCH if axis == 0 and keeps_batch else None
        for axis, size in enumerate(shape)
    ])  # fmt: skip


def _flatten_target(site: Site) -> Target | None:
    shape = site.shape(0) or ()
    axis = site.integer("axis", 1)
    if not -len(shape) <= axis <= len(shape):
        return None
    axis = axis + len(shape) if axis < 0 else axis
    made = product(shape[:axis]), product(shape[axis:])
    return _sizes(made, keeps_batch=axis == 1)


TARGETS: Mapping[str, Callable[[Site], Target | None]] = {
    "Reshape": _reshape_target, "Squeeze": _squeeze_target, "Unsqueeze": _unsqueeze_target, "Flatten": _flatten_target,
}  # fmt: skip


def _shape_by_target(site: Site) -> Shape | None:
    target, shape = _target(site), site.shape(0)
    return None if target is None or shape is None else made_shape(shape, target)


def _transposed(site: Site) -> Shape | None:
    shape = site.shape(0) or ()
    order = site.integers("perm") or tuple(reversed(range(len(shape))))
    return tuple([shape[axis] for axis in order]) if sorted(order) == list(range(len(shape))) else None


def _concatenated(site: Site) -> Shape | None:
    axis = site.axis("axis", 1 if site.opset < 4 else 0)
    shapes = [site.shape(place) for place in range(len(site.node.inputs))]
    first = shapes[0]
    if axis is None or first is None or any(shape is None or len(shape) != len(first) for shape in shapes):
        return None
    total: Dim = 0
    for shape in shapes:
        total = total + shape[axis] if shape is not None else UNKNOWN
    return (*first[:axis], total, *first[axis + 1 :])


SHAPES: Mapping[str, Callable[[Site], Shape | None]] = {
    **dict.fromkeys(TARGETS, _shape_by_target), "Transpose": _transposed, "Concat": _concatenated,
}  # fmt: skip

# As rows --------------------------------------------------------------------------------------------------------------


def reshape(site: Site) -> bool:
    """Reshape, Flatten, Squeeze and Unsqueeze."""
    target, shape = _target(site), site.shape(0)
    if target is None or shape is None:
        return False
    site.row(reshaping(shape, target))
    return True


def transpose(site: Site) -> bool:
    """Transpose."""
    shape = site.shape(0)
    order = site.integers("perm") or (tuple(reversed(range(len(shape)))) if shape is not None else None)
    if order is None:
        return False
    site.row(site.module("Permute", {"dims": order}))
    return True


def concatenate(site: Site) -> bool:
    """Concat."""
    places = [place for place in range(len(site.node.inputs)) if site.has(place)]
    site.row(Concatenate(axis=site.integer("axis", 1 if site.opset < 4 else 0)), places)
    return True
