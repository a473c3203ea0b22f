"""What the stack needs to know of an architecture as a whole. Pure, no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paramdesk.engine.architecture import Architecture, Block, Node
from paramdesk.engine.columns import sizes

if TYPE_CHECKING:
    from paramdesk.engine.summary import Summary


def layers_text(number: int) -> str:
    """A number of layers in words."""
    return f"{number:,} layer{'s' * (number != 1)}"


def caption(architecture: Architecture, summary: Summary) -> str:
    """What the header says of the network: `8 layers, 28 × 28 × 1 in, 10 out`."""
    inputs = summary.inputs
    said = [layers_text(len(summary.layers) - len(inputs))]
    if _repeats(architecture.layers):
        said[0] += " when unrolled"
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


def _repeats(nodes: tuple[Node, ...]) -> bool:
    """Whether a block among these, or inside one, is computed more than once."""
    if Block not in map(type, nodes):
        return False
    blocks = [node for node in nodes if isinstance(node, Block)]
    return any(block.repeat > 1 or _repeats(block.layers) for block in blocks)
