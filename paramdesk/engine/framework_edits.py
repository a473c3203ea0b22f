"""Edits of what holds for a whole network: whose layers it is made of, and where its images have their channels."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Node
from paramdesk.engine.edits import Edit
from paramdesk.engine.places import with_nodes
from paramdesk.engine.shape import NAMES, Framework, Layout
from paramdesk.engine.summary import LayerReport

LAYOUT_OF: dict[Framework, Layout] = {"keras": "channels_last", "pytorch": "channels_first"}
"""Where a framework has the channels, unless told otherwise; PyTorch cannot be told."""


def set_framework(architecture: Architecture, framework: Framework) -> Edit:
    """The network in another framework: its layers are what that framework's would be.

    Images get their channels where the framework has them. Options that it does not have stay, and are reported.
    """
    moved = _turned(architecture, LAYOUT_OF[framework], {architecture.framework, framework})
    return Edit(msgspec.structs.replace(moved, framework=framework), f"Make it a {NAMES[framework]} network", ())


def set_layout(architecture: Architecture, layout: Layout) -> Edit:
    """The network with the channels of its images elsewhere: inputs are turned, and options that name an axis follow.

    Sequences stay as they are: whether their channels or their steps come first is not a matter of the layout alone.
    """
    return Edit(_turned(architecture, layout, {architecture.framework}), f"Put {layout.replace('_', ' ')}", ())


_IMAGE = 4
"""The fewest axes of a batch of images."""


def _turned(architecture: Architecture, layout: Layout, frameworks: set[Framework]) -> Architecture:
    if layout == architecture.layout:
        return architecture
    changed: dict[int, Node] = {}
    for report in analyze(architecture).layers:
        layer = report.layer
        changes = {**_turned_shape(layer, layout), **_turned_axes(report, layout, frameworks)}
        if changes and layer.id not in changed:
            changed[layer.id] = msgspec.structs.replace(layer, kind=layer.kind.changed(**changes))
    return msgspec.structs.replace(with_nodes(architecture, changed), layout=layout)


def _turned_shape(layer: Layer, layout: Layout) -> dict[str, object]:
    shape = getattr(layer.kind, "shape", None)
    if not layer.kind.is_input or not isinstance(shape, tuple) or len(shape) < _IMAGE - 1:
        return {}
    return {"shape": (shape[-1], *shape[:-1]) if layout == "channels_first" else (*shape[1:], shape[0])}


def _turned_axes(report: LayerReport, layout: Layout, frameworks: set[Framework]) -> dict[str, object]:
    """What names an axis of an image names the same one afterwards; what not all the frameworks can name stays."""
    kind = report.layer.kind
    axis = getattr(kind, "axis", None)
    rank = len(report.input_specs[0].shape) if report.input_specs else 0
    if axis is None or rank < _IMAGE or kind.options()["axis"].only not in {None, *_alone(frameworks)}:
        return {}
    if isinstance(axis, Iterable):
        return {"axis": tuple([_turned_axis(one, rank, layout) for one in axis])}
    return {"axis": _turned_axis(axis, rank, layout)}


def _alone(frameworks: set[Framework]) -> set[Framework]:
    """The framework, if it is the only one."""
    return frameworks if len(frameworks) == 1 else set()


def _turned_axis(axis: int, rank: int, layout: Layout) -> int:
    place = axis % rank if -rank <= axis < rank else 0
    if place == 0:
        return axis
    if layout == "channels_first":
        return 1 if place == rank - 1 else place + 1
    return -1 if place == 1 else place - 1
