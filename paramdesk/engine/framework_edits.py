"""Edits of what holds for a whole network: whose layers it is made of, and where its images have their channels."""

from __future__ import annotations

import msgspec

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer
from paramdesk.engine.edits import Edit
from paramdesk.engine.shape import NAMES, Framework, Layout
from paramdesk.engine.single_input import SpatialKind
from paramdesk.engine.turning import carried_over

LAYOUT_OF: dict[Framework, Layout] = {"keras": "channels_last", "pytorch": "channels_first"}
"""Where a framework has the channels, unless told otherwise; PyTorch cannot be told."""


def set_framework(architecture: Architecture, framework: Framework) -> Edit:
    """The network in another framework: its layers are what that framework has for the same work.

    Tensors get their channels where its layers have them. What it cannot say stays and is reported; the text of the
    edit says of how many layers.
    """
    text = f"Make it a {NAMES[framework]} network"
    if framework == architecture.framework:
        return Edit(architecture, text)
    architecture = _with_stated_layout(architecture)
    moved = carried_over(architecture, analyze(architecture), framework, LAYOUT_OF[framework])
    problems = [report.problem for report in analyze(moved).layers if report.problem is not None]
    wrong = sum(problem.severity == "error" for problem in problems)
    if wrong:
        text += f": {wrong} {'layer needs' if wrong == 1 else 'layers need'} attention"
    return Edit(moved, text)


def set_layout(architecture: Architecture, layout: Layout) -> Edit:
    """The network with the channels of its images elsewhere: inputs are turned, and options that name an axis follow.

    Layers that want the channels last in any layout get a Permute before them.
    """
    text = f"Put {layout.replace('_', ' ')}"
    if layout == architecture.layout:
        return Edit(architecture, text)
    return Edit(carried_over(architecture, analyze(architecture), architecture.framework, layout), text)


def _with_stated_layout(architecture: Architecture) -> Architecture:
    """With the layout that each of its layers states, if they agree: the network's own then says nothing."""
    nodes = architecture.nodes()
    kinds = [node.kind for node in nodes if isinstance(node, Layer) and isinstance(node.kind, SpatialKind)]
    stated = {kind.data_format for kind in kinds}
    layout = stated.pop() if len(stated) == 1 else None
    return msgspec.structs.replace(architecture, layout=layout) if layout else architecture
