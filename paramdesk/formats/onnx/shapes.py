"""What operators without a kind of their own make: the shapes, from those of the inputs.

These operators select, rearrange or combine values; none owns weights or multiplies anything that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from paramdesk.engine.errors import Refusal
from paramdesk.engine.kinds.merging import stretched
from paramdesk.engine.shape import UNKNOWN, Dim, Shape, TensorSpec
from paramdesk.formats.onnx.known import Item
from paramdesk.formats.onnx.site import Site

Shapes: TypeAlias = Sequence[Shape] | None

ELEMENTWISE = frozenset({
    "Abs", "Acos", "Acosh", "And", "Asin", "Asinh", "Atan", "Atanh", "BitShift", "BitwiseAnd", "BitwiseNot",
    "BitwiseOr", "BitwiseXor", "Ceil", "Cos", "Cosh", "Div", "Equal", "Erf", "Exp", "Floor", "Greater",
    "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual", "Log", "Mod", "Neg", "Not", "Or", "Pow", "Reciprocal",
    "Round", "Sign", "Sin", "Sinh", "Sqrt", "Tan", "Where", "Xor", "ThresholdedRelu", "Add", "Sub", "Mul", "Max",
    "Min", "Sum", "Mean", "Softplus",
})  # fmt: skip
"""Operators that work place by place, sizes of 1 being stretched."""
KEEPING = frozenset({
    "CumSum", "ScatterElements", "ScatterND", "Scatter", "ReverseSequence", "Trilu", "EyeLike", "Clip",
    "LpNormalization", "Hardmax", "MeanVarianceNormalization", "RandomNormalLike", "RandomUniformLike", "Bernoulli",
    "Shrink", "CausalConvWithState", "RotaryEmbedding", "com.microsoft.RotaryEmbedding", "TensorScatter",
})  # fmt: skip
"""Operators that keep the shape of their first input."""
UNCOUNTED = frozenset({"Attention", "DFT", "STFT"})
"""Operators that multiply more than place by place, of which there is no kind: their MACs are not known."""


def shapes_of(site: Site) -> Shapes:
    """What a node makes, as far as that follows from its inputs; None if it is no such operator."""
    op = site.node.op
    if op in KEEPING:
        first = site.shape(0)
        return None if first is None else [first]
    if op in ELEMENTWISE:
        return broadcast([site.shape(place) for place in range(len(site.node.inputs)) if site.has(place)])
    if op.startswith("Reduce"):
        return _reduced(site)
    work = OTHERS.get(op)
    return work(site) if work is not None else None


def broadcast(shapes: Sequence[Shape | None]) -> Shapes:
    """The shape to which tensors are stretched that are combined place by place."""
    known = [shape for shape in shapes if shape is not None]
    if not known or len(known) < len(shapes):
        return None
    try:
        return [stretched([TensorSpec(shape) for shape in known])]  # type: ignore[arg-type]  # any sequence will do
    except Refusal:
        return None


def dims_from(items: Sequence[Item]) -> Shape:
    """Sizes from numbers of a graph, of which some are not known."""
    return tuple([item if isinstance(item, int) and item >= 0 else UNKNOWN for item in items])


def _reduced(site: Site) -> Shapes:
    shape = site.shape(0)
    if shape is None:
        return None
    axes = reduced_axes(site)
    if axes is None:
        return None
    keeps = site.integer("keepdims", 1)
    return [tuple([1 if place in axes else size for place, size in enumerate(shape) if keeps or place not in axes])]


def reduced_axes(site: Site) -> set[int] | None:
    """The axes that a reduction is over, counted from the first one."""
    shape = site.shape(0)
    if shape is None:
        return None
    axes = site.numbers(1, "axes")
    if axes is None and site.has(1):
        return None
    if not axes:
        return set() if site.integer("noop_with_empty_axes") else set(range(len(shape)))
    if any(not -len(shape) <= axis < len(shape) for axis in axes):
        return None
    return {axis % len(shape) for axis in axes}


def _single_axis(site: Site) -> Shapes:
    """ArgMax and ArgMin."""
    shape, axis = site.shape(0), site.axis()
    if shape is None or axis is None:
        return None
    kept = (1,) if site.integer("keepdims", 1) else ()
    return [(*shape[:axis], *kept, *shape[axis + 1 :])]


def _topmost(site: Site) -> Shapes:
    shape, axis = site.shape(0), site.axis(default=-1)
    if shape is None or axis is None:
        return None
    count = site.scalar(1) if site.has(1) else site.integer("k", -1)
    size: Dim = count if isinstance(count, int) and count >= 0 else UNKNOWN
    made = (*shape[:axis], size, *shape[axis + 1 :])
    return [made, made]


def _sliced(site: Site) -> Shapes:
    shape = site.shape(0)
    if shape is None:
        return None
    starts, ends, axes = site.items(1, "starts"), site.items(2, "ends"), site.numbers(3, "axes")
    steps = site.items(4) if site.has(4) else None
    if starts is None or ends is None:
        return None
    places = axes if axes is not None else tuple(range(len(starts)))
    if len(places) != len(starts) or len(starts) != len(ends) or any(not -len(shape) <= a < len(shape) for a in places):
        return None
    made = list(shape)
    for number, axis in enumerate(places):
        step = steps[number] if steps is not None and number < len(steps) else 1
        made[axis] = _length(shape[axis], starts[number], ends[number], step)
    return [tuple(made)]


def _length(size: Dim, start: Item, end: Item, step: Item) -> Dim:
    """How many places of an axis a slice takes."""
    if not isinstance(start, int) or not isinstance(step, int) or step == 0:
        return UNKNOWN
    if isinstance(size, int):
        return len(range(*slice(start, end, step).indices(size))) if isinstance(end, int) else UNKNOWN
    if step == 1 and start == 0 and isinstance(end, int) and end > 2**30:
        return size
    if isinstance(end, int) and step > 0 and start < 0 and end < 0:
        return max(-(-(end - start) // step), 0)
    return UNKNOWN


def _split(site: Site) -> Shapes:
    shape, axis = site.shape(0), site.axis()
    count = len(site.node.outputs)
    if shape is None or axis is None:
        return None
    parts = site.numbers(1, "split")
    if parts is None:
        if site.has(1):
            return [(*shape[:axis], UNKNOWN, *shape[axis + 1 :])] * count
        size = shape[axis]
        if not isinstance(size, int):
            return [(*shape[:axis], UNKNOWN, *shape[axis + 1 :])] * count
        each = -(-size // count)
        parts = tuple([max(min(each, size - each * place), 0) for place in range(count)])
    if len(parts) < count:
        return None
    return [(*shape[:axis], max(part, 0), *shape[axis + 1 :]) for part in parts[:count]]


def _gathered(site: Site) -> Shapes:
    shape, places, axis = site.shape(0), site.shape(1), site.axis()
    if shape is None or places is None or axis is None:
        return None
    return [(*shape[:axis], *places, *shape[axis + 1 :])]


def _gathered_deep(site: Site) -> Shapes:
    shape, places = site.shape(0), site.shape(1)
    if shape is None or not places or not isinstance(places[-1], int):
        return None
    return [(*places[:-1], *shape[site.integer("batch_dims") + int(places[-1]) :])]


def _second(site: Site) -> Shapes:
    shape = site.shape(1)
    return None if shape is None else [shape]


def _expanded(site: Site) -> Shapes:
    shape, target = site.shape(0), site.items(1)
    if target is None:
        places = site.shape(1)
        rank = places[0] if places and isinstance(places[0], int) else None
        return None if rank is None or rank > 64 or shape is None else [(UNKNOWN,) * max(int(rank), len(shape))]
    return broadcast([shape, dims_from(target)])


def _tiled(site: Site) -> Shapes:
    shape, times = site.shape(0), site.items(1)
    if shape is None or times is None or len(times) != len(shape):
        return None
    pairs = zip(shape, times, strict=True)
    return [tuple([size * count if isinstance(count, int) else UNKNOWN for size, count in pairs])]


def _one_hot(site: Site) -> Shapes:
    shape, depth = site.shape(0), site.scalar(1)
    if shape is None:
        return None
    axis = site.integer("axis", -1) % (len(shape) + 1)
    return [(*shape[:axis], depth if isinstance(depth, int) else UNKNOWN, *shape[axis:])]


def _ranged(site: Site) -> Shapes:
    start, end, step = (site.scalar(place) for place in range(3))
    if isinstance(start, int) and isinstance(end, int) and isinstance(step, int) and step:
        return [(len(range(start, end, step)),)]
    return [(UNKNOWN,)]


def _filled(site: Site) -> Shapes:
    items = site.items(0)
    return None if items is None else [dims_from(items)]


def _stated_shape(site: Site) -> Shapes:
    dims = site.integers("shape")
    return None if dims is None else [dims_from(dims)]


def _rank(site: Site) -> Shapes:
    shape = site.shape(0)
    return None if shape is None else [(len(shape),)]


def _nonzero(site: Site) -> Shapes:
    shape = site.shape(0)
    return None if shape is None else [(len(shape), UNKNOWN)]


def _grid_sampled(site: Site) -> Shapes:
    shape, grid = site.shape(0), site.shape(1)
    return None if shape is None or grid is None else [(*shape[:2], *grid[1:-1])]


def _regions(site: Site) -> Shapes:
    shape, regions = site.shape(0), site.shape(1)
    if shape is None or regions is None or len(shape) != 4:
        return None
    sizes = (site.integer("output_height", 1), site.integer("output_width", 1))
    sizes = site.integers("pooled_shape") or sizes  # type: ignore[assignment]  # MaxRoiPool's way
    return [(regions[0], shape[1], *sizes)]


def _quantized(site: Site) -> Shapes:
    shape = site.shape(0)
    return None if shape is None else [shape, (), ()]


def _attended(site: Site) -> Shapes:
    """Attention: heads on an axis of their own, or side by side in the last one."""
    query, value = site.shape(0), site.shape(2)
    if query is None or value is None or len(site.node.outputs) > 1:
        return None
    if len(query) == len(value) == 4:
        return [(*query[:3], value[3])]
    heads, of_values = site.integer("q_num_heads"), site.integer("kv_num_heads")
    if len(query) != 3 or len(value) != 3 or heads < 1 or of_values < 1:
        return None
    size = value[2]
    return [(*query[:2], size // of_values * heads if isinstance(size, int) else UNKNOWN)]


def _pooled_whole(site: Site) -> Shapes:
    shape = site.shape(0)
    return None if shape is None or len(shape) < 3 else [(*shape[:2], *(1,) * (len(shape) - 2))]


def _cropped_or_padded(site: Site) -> Shapes:
    shape, sizes = site.shape(0), site.items(1)
    if shape is None or sizes is None:
        return None
    axes = site.integers("axes") or tuple(range(len(shape)))
    if len(axes) != len(sizes) or any(not -len(shape) <= axis < len(shape) for axis in axes):
        return None
    made = list(shape)
    for axis, size in zip(axes, dims_from(sizes), strict=True):
        made[axis] = size
    return [tuple(made)]


def _transformed(site: Site) -> Shapes:
    """DFT: along one axis; the last one holds the real part and perhaps the imaginary one."""
    shape = site.shape(0)
    axis = site.scalar(2) if site.has(2) else site.integer("axis", 1 if site.opset < 20 else -2)
    if shape is None or not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
        return None
    length = site.scalar(1) if site.has(1) else shape[axis]
    size: Dim = length if isinstance(length, int) and length >= 0 else UNKNOWN
    made = [*shape[:-1], 2]
    made[axis] = size // 2 + 1 if site.integer("onesided") and isinstance(size, int) else size
    is_half = site.integer("onesided") and site.integer("inverse")
    return None if is_half or axis % len(shape) == len(shape) - 1 else [tuple(made)]


def _transformed_by_frames(site: Site) -> Shapes:
    """STFT."""
    signal, window, step = site.shape(0), site.shape(2), site.scalar(1)
    length = site.scalar(3) if site.has(3) else window[0] if window else None
    if not signal or len(signal) < 2 or not isinstance(length, int) or not isinstance(step, int):
        return None
    if length < 1 or step < 1:
        return None
    frames: Dim = max((signal[1] - length) // step + 1, 0) if isinstance(signal[1], int) else UNKNOWN
    return [(signal[0], frames, length // 2 + 1 if site.integer("onesided", 1) else length, 2)]


def _determined(site: Site) -> Shapes:
    shape = site.shape(0)
    return None if shape is None or len(shape) < 2 else [shape[:-2]]


def _as_long_as_said(site: Site) -> Shapes:
    size = site.scalar(0)
    return [(size if isinstance(size, int) and size >= 0 else UNKNOWN,)]


OTHERS: Mapping[str, Callable[[Site], Shapes]] = {
    "ArgMax": _single_axis, "ArgMin": _single_axis, "TopK": _topmost, "Slice": _sliced, "Split": _split,
    "Gather": _gathered, "GatherND": _gathered_deep, "GatherElements": _second, "Expand": _expanded, "Tile": _tiled,
    "OneHot": _one_hot, "Range": _ranged, "ConstantOfShape": _filled, "RandomNormal": _stated_shape,
    "RandomUniform": _stated_shape, "Shape": _rank, "Size": lambda _site: [()], "NonZero": _nonzero,
    "NonMaxSuppression": lambda _site: [(UNKNOWN, 3)], "GridSample": _grid_sampled, "RoiAlign": _regions,
    "MaxRoiPool": _regions, "DynamicQuantizeLinear": _quantized, "Attention": _attended, "GlobalLpPool": _pooled_whole,
    "CenterCropPad": _cropped_or_padded, "DFT": _transformed, "STFT": _transformed_by_frames, "Det": _determined,
    **dict.fromkeys(("HannWindow", "HammingWindow", "BlackmanWindow"), _as_long_as_said),
}  # fmt: skip
