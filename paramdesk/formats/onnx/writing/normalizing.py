"""Normalizations; what is not learnt stands as a tensor of ones or zeros, which is no weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paramdesk.engine.kinds.core import LayerScale
from paramdesk.engine.kinds.group_normalization import GroupNormalization
from paramdesk.engine.kinds.layer_normalization import (
    LayerNormalization,
    LocalResponseNormalization,
    RMSNormalization,
    UnitNormalization,
    axes_in,
)
from paramdesk.engine.kinds.normalization import BatchNormalization, InstanceNormalization
from paramdesk.engine.kinds.preprocessing import Normalization
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.formats.onnx.writing.place import Made, Place, Write
from paramdesk.formats.onnx.writing.sheet import Attribute, first_order

LEAST_STEP: Mapping[str, float] = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float64": 2.0**-52}
"""The least step of a type above 1, where it is not that of float32."""


def _scale_and_shift(place: Place, kind: LayerKind, *dims: int) -> list[str]:
    """A scale and a shift, learnt or standing in."""
    scale = place.weight("gamma", *dims) if getattr(kind, "scale", True) else place.filled(1, *dims)
    return [scale, place.weight("beta", *dims) if getattr(kind, "center", True) else place.filled(0, *dims)]


# Over the batch, over groups ------------------------------------------------------------------------------------------


def _to_channels(place: Place, axis: int) -> tuple[str, list[int] | None, bool]:
    """An input with an axis behind the batch, the order that brings it back, and whether that is simply left so."""
    value = place.any()
    rank = value.rank
    axis %= max(rank, 1)
    if rank < 2 or axis == 0:
        place.refuse(f"along axis {axis} of {rank}")
    if axis == rank - 1 and rank > 2:
        return place.first(), None, True
    name = place.plain()
    if axis == 1:
        return name, None, False
    order = [0, axis, *(other for other in range(1, rank) if other != axis)]
    return place.transpose(name, *order), sorted(range(rank), key=order.__getitem__), False


def _brought_back(place: Place, name: str, order: list[int] | None, *, turned: bool) -> Made:
    return Made(name if order is None else place.transpose(name, *order), turned)


def batch(place: Place, kind: BatchNormalization) -> Made:
    """BatchNormalization, as it is after training."""
    if kind.renorm:
        place.refuse("with renorm")
    if not kind.track_running_stats:
        place.refuse("without statistics")
    axis = kind.channel_axis(place.spec())
    name, order, turned = _to_channels(place, axis)
    channels = place.size(kind.channels(place.spec()))
    return _brought_back(place, _by_statistics(place, kind, name, channels), order, turned=turned)


def _by_statistics(place: Place, kind: BatchNormalization | InstanceNormalization, name: str, channels: int) -> str:
    statistics = [place.weight(role, channels) for role in ("moving_mean", "moving_variance")]
    attributes: dict[str, Attribute] = {"epsilon": float(kind.epsilon)}
    if kind.momentum is not None:
        attributes["momentum"] = float(kind.momentum)
    learnt = _scale_and_shift(place, kind, channels)
    return place.node("BatchNormalization", name, *learnt, *statistics, **attributes)


def instance(place: Place, kind: InstanceNormalization) -> Made:
    """InstanceNormalization, or batch normalization by its statistics where it gathers them."""
    spec = place.spec()
    unbatched = len(spec.shape) == kind.rank + 1
    name = place.node("Unsqueeze", place.plain(), place.ints(0)) if unbatched else place.plain()
    channels = place.size(spec.shape[kind.channel_axis(spec)])
    if kind.track_running_stats:
        name = _by_statistics(place, kind, name, channels)
    else:
        learnt = _scale_and_shift(place, kind, channels)
        name = place.node("InstanceNormalization", name, *learnt, epsilon=float(kind.epsilon))
    return Made(place.node("Squeeze", name, place.ints(0)) if unbatched else name)


def group(place: Place, kind: GroupNormalization) -> Made:
    """GroupNormalization."""
    axis = kind.channel_axis(place.spec())
    name, order, turned = _to_channels(place, axis)
    channels = place.size(kind.channels(place.spec()))
    groups = channels if kind.groups < 1 else kind.groups
    learnt = _scale_and_shift(place, kind, channels)
    made = place.node("GroupNormalization", name, *learnt, num_groups=groups, epsilon=float(kind.epsilon))
    shape = place.spec().shape  # which the operator's own rules do not tell
    if turned:
        shape = first_order(shape)
    elif order is not None:
        shape = tuple([shape[axis] for axis in sorted(range(len(shape)), key=order.__getitem__)])
    place.sheet.state(made, place.spec().floating(), shape)
    return _brought_back(place, made, order, turned=turned)


# Over axes ------------------------------------------------------------------------------------------------------------


def _to_last(place: Place, axes: Sequence[int]) -> tuple[str, list[int]]:
    """An input with some axes behind all others, and the order that brings them back."""
    rank = len(place.spec().shape)
    chosen = [axis % rank for axis in axes]
    if len(set(chosen)) < len(chosen):
        place.refuse("along an axis twice")
    order = [axis for axis in range(rank) if axis not in chosen] + chosen
    return place.transpose(place.plain(), *order), sorted(range(rank), key=order.__getitem__)


def layer(place: Place, kind: LayerNormalization) -> Made:
    """LayerNormalization over the last axes, or what divides by the root of the mean square only."""
    dims = [place.size(size) for size in kind.dims(place.spec())]
    axes = kind.axes if not place.is_keras else tuple(sorted(kind.axes))
    name, order = _to_last(place, axes)
    if kind.rms_scaling:
        made = _root_mean_square(place, name, len(axes), kind.epsilon, place.weight("gamma", *dims))
        return Made(place.transpose(made, *order))
    scale = place.weight("gamma", *dims) if kind.scale else place.filled(1, *dims)
    shift = [place.weight("beta", *dims)] if kind.center else []
    made = place.node("LayerNormalization", name, scale, *shift, axis=-len(axes), epsilon=float(kind.epsilon))
    return Made(place.transpose(made, *order))


def root_mean_square(place: Place, kind: RMSNormalization) -> Made:
    """RMSNormalization, which has an operator of its own in later versions only."""
    dims = [place.size(size) for size in kind.dims(place.spec())]
    name, order = _to_last(place, kind.axes if not place.is_keras else tuple(sorted(kind.axes)))
    epsilon = LEAST_STEP.get(place.dtype, 2.0**-23) if kind.epsilon is None else kind.epsilon
    scale = place.weight("scale", *dims) if kind.scale else ""
    return Made(place.transpose(_root_mean_square(place, name, len(dims), epsilon, scale), *order))


def _root_mean_square(place: Place, x: str, count: int, epsilon: float, scale: str) -> str:
    """X / √(mean(x²) + ε) over the last axes, and the scale."""
    axes = place.ints(*range(-count, 0))
    mean = place.node("ReduceMean", place.node("Mul", x, x), axes, keepdims=1)
    made = place.node("Div", x, place.node("Sqrt", place.node("Add", mean, place.number(epsilon))))
    return place.node("Mul", made, scale) if scale else made


def unit(place: Place, kind: UnitNormalization) -> Made:
    """LpNormalization, or a division by the length where there are several axes."""
    value = place.any()
    axes = [value.axis(axis) for axis in axes_in(kind.axis)]
    if len(axes) == 1:
        return Made(place.node("LpNormalization", value.name, axis=axes[0], p=2), value.turned)
    length = place.node("ReduceL2", value.name, place.ints(*axes), keepdims=1)
    length = place.node("Max", length, place.number(1e-6))
    return Made(place.node("Div", value.name, length), value.turned)


def local_response(place: Place, kind: LocalResponseNormalization) -> Made:
    """LRN."""
    attributes = {"alpha": float(kind.alpha), "beta": float(kind.beta), "bias": float(kind.k)}
    return Made(place.node("LRN", place.plain(), size=kind.size, **attributes))


# Factors and shifts ---------------------------------------------------------------------------------------------------


def layer_scale(place: Place, kind: LayerScale) -> Made:
    """A product with a factor for each channel."""
    value = place.any()
    after = (1,) * (value.rank - 2) if value.turned else ()
    factors = place.weight("gamma", kind.projection_dim, *after)
    return Made(place.node("Mul", value.name, factors), value.turned)


def normalization(place: Place, kind: Normalization) -> Made:
    """A difference and a division by what was gathered, or by what is given."""
    spec, x = place.spec(), place.plain()
    kept = kind.kept(spec)
    if kind.mean is not None and kind.variance is not None:
        spreads = [max(variance**0.5, 1e-7) for variance in listed(kind.variance)]
        shift, spread = (_spread_out(place, items, kept) for items in (listed(kind.mean), spreads))
    else:
        dims = [place.size(spec.shape[axis]) for axis in kept]
        broad = place.ints(*[place.size(n) if axis in kept else 1 for axis, n in enumerate(spec.shape)])
        shift = place.node("Reshape", place.weight("mean", *dims), broad)
        spread = place.node("Sqrt", place.node("Reshape", place.weight("variance", *dims), broad))
        place.weight("count")
    if kind.invert:
        return Made(place.node("Add", place.node("Mul", x, spread), shift))
    return Made(place.node("Div", place.node("Sub", x, shift), spread))


def listed(numbers: float | tuple[float, ...]) -> list[float]:
    """Numbers, however many."""
    return list(numbers) if isinstance(numbers, tuple) else [numbers]


def _spread_out(place: Place, items: list[float], kept: Sequence[int]) -> str:
    """Numbers, of which there are as many as places along the last of the axes that are kept, or one."""
    shape = place.spec().shape
    if len(items) == 1:
        return place.number(items[0])
    if shape[kept[-1]] != len(items):
        place.refuse("by numbers for several axes")
    after = len(shape) - 1 - kept[-1]
    numbers = place.sheet.numbers(items, place.dtype)
    return place.node("Reshape", numbers, place.ints(len(items), *(1,) * after)) if after else numbers


WRITERS: Mapping[type[LayerKind], Write] = {
    BatchNormalization: batch, InstanceNormalization: instance, GroupNormalization: group, LayerNormalization: layer,
    RMSNormalization: root_mean_square, UnitNormalization: unit, LocalResponseNormalization: local_response,
    LayerScale: layer_scale, Normalization: normalization,
}  # fmt: skip
"""By the kind."""
