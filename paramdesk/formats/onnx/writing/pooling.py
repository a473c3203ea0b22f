"""Pooling: with a moving window, over everything, to a size that divides the input's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paramdesk.engine.kinds.pooling import AveragePoolingKind, DividingPoolingKind, MaxPoolingKind, WindowPoolingKind
from paramdesk.engine.kinds.pooling_over_everything import GlobalMaxPoolingKind, GlobalPoolingKind
from paramdesk.engine.kinds.pooling_to_a_size import AdaptiveMaxPoolingKind, AdaptivePoolingKind
from paramdesk.engine.kinds.pooling_with_powers import LPPoolingKind
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import times
from paramdesk.formats.onnx.writing.convolutions import Sides, pads, same_sides
from paramdesk.formats.onnx.writing.place import Made, Place, Space, Write
from paramdesk.formats.onnx.writing.sheet import Attribute


def _window(place: Place, kind: WindowPoolingKind, space: Space) -> dict[str, Attribute]:
    """The attributes of a window: its size, its way, what is put around it."""
    found: dict[str, Attribute] = {"kernel_shape": list(kind.pool_size), "strides": list(kind.steps)}
    if max(kind.spacing) > 1:
        found["dilations"] = list(kind.spacing)
    if getattr(kind, "padding", "valid") == "same":
        sides = same_sides(space.sizes, kind.spans, kind.steps)
        if sides is None:
            return {**found, "auto_pad": "SAME_UPPER"}
    elif kind.ceil_mode:
        rounded = _rounded_up(place, kind, space)
        if rounded is None:
            return {**found, "ceil_mode": 1} | ({"pads": pads(kind.added)} if any(map(any, kind.added)) else {})
        sides = rounded
    else:
        sides = kind.added
    return {**found, "pads": pads(sides)} if any(map(any, sides)) else found


def _rounded_up(place: Place, kind: WindowPoolingKind, space: Space) -> Sides | None:
    """What must be put around so that sizes come out right without rounding up; None where that is to be done.

    Which of the windows that hang over the end count is told by later versions of the operators only.
    """
    places = kind.places(place.spec(), space.sizes)
    found, is_up = [], []
    windows = zip(space.sizes, places, kind.spans, kind.steps, kind.added, strict=True)
    for n, count, span, stride, (before, behind) in windows:
        if not isinstance(n, int) or not isinstance(count, int):
            return None
        missing = int((count - 1) * stride + span - (n + before + behind))
        is_up.append(missing > 0 or (n + before + behind - span) % stride == 0)
        found.append((before, behind + max(missing, 0)))
    return None if all(is_up) and found != list(kind.added) else found


def largest(place: Place, kind: MaxPoolingKind) -> Sequence[Made]:
    """MaxPool."""
    space = place.space()
    names = place.nodes("MaxPool", space.name, outputs=1 + kind.return_indices, **_window(place, kind, space))
    return [place.out(name, space) for name in names]


def mean(place: Place, kind: AveragePoolingKind) -> Made:
    """AveragePool."""
    if isinstance(kind, DividingPoolingKind) and kind.divisor_override is not None:
        place.refuse(f"divided by {kind.divisor_override}")
    space = place.space()
    counts = int(kind.count_include_pad)
    return place.out(
        place.node("AveragePool", space.name, count_include_pad=counts, **_window(place, kind, space)), space
    )


def powers(place: Place, kind: LPPoolingKind) -> Made:
    """LpPool, which takes absolute values where PyTorch does not: the same for even powers."""
    if kind.norm_type not in range(2, 100, 2):
        place.refuse(f"of the norm {kind.norm_type:g}")
    space = place.space()
    return place.out(place.node("LpPool", space.name, p=int(kind.norm_type), **_window(place, kind, space)), space)


def over_everything(place: Place, kind: GlobalPoolingKind) -> Made:
    """GlobalAveragePool or GlobalMaxPool where the axes stay, else a reduction."""
    is_largest = isinstance(kind, GlobalMaxPoolingKind)
    value = place.any()
    is_first = value.turned or kind.channels_first(value.spec)
    if kind.keepdims:
        space = place.space()
        return place.out(place.node("GlobalMaxPool" if is_largest else "GlobalAveragePool", space.name), space)
    rank = value.rank
    unbatched = rank == kind.rank + 1
    start = 1 - unbatched + is_first
    axes = place.ints(*range(start, start + kind.rank))
    return Made(place.node("ReduceMax" if is_largest else "ReduceMean", value.name, axes, keepdims=0))


def to_a_size(place: Place, kind: AdaptivePoolingKind) -> Made:
    """Pooling to one value, or with windows that do not overlap."""
    is_largest = isinstance(kind, AdaptiveMaxPoolingKind)
    if getattr(kind, "return_indices", False):
        place.refuse("with indices")
    if not kind.fits(place.spec()):
        place.refuse(f"on {len(place.spec().shape)} axes")
    space = place.space()
    if all(size == 1 for size in kind.sizes):
        op = "GlobalMaxPool" if is_largest else "GlobalAveragePool"
        return place.out(place.node(op, space.name), space)
    window = []
    for n, size in zip(space.sizes, kind.sizes, strict=True):
        if size is None:
            window.append(1)
        elif not isinstance(n, int) or not size or n % size:
            place.refuse(f"from {times(space.sizes)} to {times([n if s is None else s for s in kind.sizes])}")
        else:
            window.append(int(n) // size)
    op = "MaxPool" if is_largest else "AveragePool"
    return place.out(place.node(op, space.name, kernel_shape=window, strides=window), space)


WRITERS: Mapping[type[LayerKind], Write] = {
    MaxPoolingKind: largest, AveragePoolingKind: mean, LPPoolingKind: powers, GlobalPoolingKind: over_everything,
    AdaptivePoolingKind: to_a_size,
}  # fmt: skip
"""By the kind."""
