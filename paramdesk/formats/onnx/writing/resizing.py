"""More or fewer positions along the spatial axes, by repeating values or interpolating between them."""

from __future__ import annotations

from collections.abc import Mapping

from paramdesk.engine.kinds.preprocessing_image import Resizing
from paramdesk.engine.kinds.upsampling import Upsample, UpSamplingKind
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.formats.onnx.writing.place import Made, Place, Write
from paramdesk.formats.onnx.writing.sheet import Attribute

NEAREST: Mapping[str, Attribute] = {
    "mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor",
}  # fmt: skip
LINEAR: Mapping[str, Attribute] = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}


def _cubic(coefficient: float) -> Mapping[str, Attribute]:
    return {"mode": "cubic", "coordinate_transformation_mode": "half_pixel", "cubic_coeff_a": coefficient}


IN_KERAS: Mapping[str, Mapping[str, Attribute]] = {
    "nearest": NEAREST, "bilinear": LINEAR, "bicubic": _cubic(-0.5),
}  # fmt: skip
IN_TORCH: Mapping[str, Mapping[str, Attribute]] = {
    "nearest": NEAREST, "linear": LINEAR, "bilinear": LINEAR, "trilinear": LINEAR, "bicubic": _cubic(-0.75),
    "nearest-exact": {**NEAREST, "coordinate_transformation_mode": "half_pixel", "nearest_mode": "round_prefer_ceil"},
}  # fmt: skip
"""What ONNX calls a way to interpolate."""


def by_factors(place: Place, kind: UpSamplingKind) -> Made:
    """Resize by whole factors."""
    way = getattr(kind, "interpolation", "nearest")
    if way not in IN_KERAS:
        place.refuse(f"by {way}")
    space = place.space()
    factors = place.sheet.numbers([float(factor) for factor in kind.factors], "float32")
    axes = list(range(2, 2 + kind.rank))
    return place.out(place.node("Resize", space.name, "", factors, axes=axes, **IN_KERAS[way]), space)


def upsample(place: Place, kind: Upsample) -> Made:
    """Resize by factors or to sizes."""
    if kind.mode not in IN_TORCH:
        place.refuse(f"by {kind.mode}")
    spec = place.spec()
    rank = len(spec.shape) - 2
    attributes = dict(IN_TORCH[kind.mode])
    if kind.align_corners:
        attributes["coordinate_transformation_mode"] = "align_corners"
    turned = spec.layout != "channels_first"
    x = place.first() if turned else place.plain()
    attributes["axes"] = list(range(2, 2 + rank))
    stated = kind.scale_factor if kind.size is None else kind.size
    each = stated if isinstance(stated, tuple) else (stated or 1,) * rank
    if kind.size is None:
        factors = place.sheet.numbers([float(factor) for factor in each], "float32")
        return Made(place.node("Resize", x, "", factors, **attributes), turned)
    return Made(place.node("Resize", x, "", "", place.ints(*map(int, each)), **attributes), turned)


def resizing(place: Place, kind: Resizing) -> Made:
    """Resize to a height and a width."""
    keeps_proportions = kind.crop_to_aspect_ratio or kind.pad_to_aspect_ratio
    if kind.interpolation not in IN_KERAS or kind.antialias or keeps_proportions:
        place.refuse("with these options")
    if len(place.spec().shape) != 4 or not kind.height or not kind.width:
        place.refuse("on what is no batch of images")
    turned = not kind.channels_first(place.spec())
    x = place.first() if turned else place.plain()
    sizes = place.ints(kind.height, kind.width)
    return Made(place.node("Resize", x, "", "", sizes, axes=[2, 3], **IN_KERAS[kind.interpolation]), turned)


WRITERS: Mapping[type[LayerKind], Write] = {UpSamplingKind: by_factors, Upsample: upsample, Resizing: resizing}
"""By the kind."""
