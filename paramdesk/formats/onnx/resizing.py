"""Resize and Upsample: by factors or to sizes, of some axes or all."""

from __future__ import annotations

import math
from collections.abc import Mapping

from paramdesk.engine.shape import UNKNOWN, Shape, public
from paramdesk.formats.onnx.site import Site
from paramdesk.formats.onnx.windows import MOST_SPATIAL

INTERPOLATIONS: Mapping[str, tuple[str, ...]] = {
    "nearest": ("nearest", "nearest", "nearest"), "linear": ("linear", "bilinear", "trilinear"),
    "cubic": ("nearest", "bicubic", "nearest"), "bilinear": ("linear", "bilinear", "trilinear"),
}  # fmt: skip


def resize(site: Site) -> bool:
    """A row: PyTorch's Upsample where only the axes behind the channels change, else an operation with its shape."""
    shape = site.shape(0)
    made = _made(site)
    if shape is None or made is None:
        return False
    if not 3 <= len(shape) <= 2 + MOST_SPATIAL or public(made[:2]) != public(shape[:2]):
        site.operation([made], (0,))
        return True
    rank = len(shape) - 2
    mode = INTERPOLATIONS.get(site.text("mode", "nearest"), ("nearest",) * 3)[rank - 1]
    arguments: dict[str, object] = {"mode": mode}
    if site.text("coordinate_transformation_mode") == "align_corners" and mode != "nearest":
        arguments["align_corners"] = True
    factors = _factors(site, shape)
    if not _sizes(site, shape) and factors:
        each = tuple(factors.get(axis, 1.0) for axis in range(2, len(shape)))
        site.row(site.module("Upsample", {**arguments, "scale_factor": each}))
    elif all(isinstance(size, int) for size in made[2:]):
        site.row(site.module("Upsample", {**arguments, "size": public(made[2:])}))
    else:
        site.operation([made], (0,))
    return True


def _made(site: Site) -> Shape | None:
    """What comes out; None if it is not told."""
    shape = site.shape(0)
    if shape is None:
        return None
    sizes = _sizes(site, shape)
    if sizes:
        return tuple([sizes.get(axis, size) for axis, size in enumerate(shape)])  # type: ignore[misc]  # of ints
    factors = _factors(site, shape)
    if factors is None:
        return None
    found = list(shape)
    for axis, factor in factors.items():
        size = shape[axis]
        if factor != 1:
            found[axis] = math.floor(size * factor) if isinstance(size, int) else UNKNOWN
    return tuple(found)


def _axes(site: Site, shape: Shape) -> tuple[int, ...]:
    """The axes that are spoken of."""
    axes = site.integers("axes") or tuple(range(len(shape)))
    return tuple(axis % len(shape) for axis in axes) if shape else ()


def _factors(site: Site, shape: Shape) -> dict[int, float] | None:
    """By how much each axis grows."""
    place = 1 if site.node.op == "Upsample" or site.opset == 10 else 2
    factors = site.items(place) if site.has(place) else site.node.attributes.get("scales")
    axes = _axes(site, shape)
    if not isinstance(factors, tuple) or len(factors) != len(axes) or not shape:
        return None
    found = {
        axis: float(factor)
        for axis, factor in zip(axes, factors, strict=True)
        if isinstance(factor, int | float) and 0 < factor < 2**31
    }
    return found if len(found) == len(set(axes)) else None


def _sizes(site: Site, shape: Shape) -> dict[int, object] | None:
    """The sizes of the axes that are named; those that stay by a text or none, as of the batch, count as they were."""
    sizes, axes = site.items(3) if site.has(3) else None, _axes(site, shape)
    if not sizes or len(sizes) != len(axes):
        return None
    found = {axis: size for axis, size in zip(axes, sizes, strict=True) if isinstance(size, int) and size >= 0}
    if any(axis not in found and axis > 1 for axis in axes):
        return None
    policy = site.text("keep_aspect_ratio_policy", "stretch")
    ratios = [size / before for axis, size in found.items() if isinstance(before := shape[axis], int) and before]
    if policy == "stretch":
        return dict(found)
    if len(ratios) < len(axes):
        return dict.fromkeys(found, UNKNOWN)
    ratio = min(ratios) if policy == "not_larger" else max(ratios)
    kept = ((axis, shape[axis]) for axis in found)
    return {axis: math.floor(size * ratio + 0.5) for axis, size in kept if isinstance(size, int)}
