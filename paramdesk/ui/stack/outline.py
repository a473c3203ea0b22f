"""What the stack needs to know of an architecture as a whole. Pure, no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paramdesk.engine.columns import sizes
from paramdesk.ui.totals.figures import layers_text

if TYPE_CHECKING:
    from paramdesk.engine.architecture import Architecture
    from paramdesk.engine.summary import Summary


def caption(architecture: Architecture, summary: Summary) -> str:
    """What the header says of the network: `8 layers, 28 × 28 × 1 in, 10 out`."""
    inputs = summary.inputs
    said = [layers_text(summary)]
    ends = [summary.rows[(s.layer,)] for s in architecture.outputs if (s.layer,) in summary.rows]
    for way, reports in (
        ("in", inputs),
        ("out", ends),
    ):
        shapes = [sizes(shape) for report in reports for shape in report.output_shapes[:1]]
        if shapes and len(shapes) <= 2:
            said.append(f"{' and '.join(shapes)} {way}")
        elif shapes:
            said.append(f"{len(shapes)} {way}puts")
    return ", ".join(said)
