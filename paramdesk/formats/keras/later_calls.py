"""Later calls of layers and of models inside the model: of these, Keras' files hold the first call's contents alone.

What a later call has otherwise would be gone from the file without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.errors import UnwritableFile
from paramdesk.engine.kinds.functional import Operation
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.summary import LayerReport
from paramdesk.frameworks.keras import options_at_call


def refuse_unlike_calls(architecture: Architecture, reports: Iterable[LayerReport]) -> None:
    """Refuses calls that hold something else than the first one.

    Args:
        architecture: its repetitions written out.
        reports: on its layers.

    Raises:
        UnwritableFile: there is such a call.
    """
    nodes = {node.id: node for node in architecture.nodes()}
    later = [node for node in nodes.values() if node.weights_of in nodes]
    if not later:
        return
    weightless = {report.layer.id for report in reports if report.layer.weights_of is None and report.parameters == 0}
    comparison = _Comparison(nodes, weightless)
    for node in later:
        owner = nodes[comparison.owner(node)]
        if not comparison.is_alike(node, owner):
            raise UnwritableFile(
                "",
                f"{node.name}: it is {owner.name}, called again, and Keras' files hold no more of it than of that: "
                "make the two alike, or give it weights of its own",
            )


class _Comparison:
    """Compares calls; it knows every node by its id, and the layers that own no weights."""

    def __init__(self, nodes: dict[int, Node], weightless: set[int]) -> None:
        self.nodes = nodes
        self.weightless = weightless

    def owner(self, node: Node) -> int:
        """Id of the node whose weights one uses in the end."""
        seen = {node.id}
        while node.weights_of in self.nodes and node.weights_of not in seen:
            node = self.nodes[node.weights_of]
            seen.add(node.id)
        return node.id

    def is_alike(self, node: Node, owner: Node) -> bool:
        """Whether a call is made of what its first one is made of."""
        if isinstance(node, Block) and isinstance(owner, Block):
            return len(node.inputs) == len(owner.inputs) and self.holds_the_same(node, owner, {})
        if isinstance(node, Layer) and isinstance(owner, Layer):
            return node.trainable == owner.trainable and _is_same_kind(node.kind, owner.kind)
        return False

    def holds_the_same(self, block: Block, owner: Block, known: dict[int, int]) -> bool:
        """Whether two blocks hold the same layers, that read the same of each other and use the same weights.

        Args:
            block: one of them.
            owner: the other one.
            known: ids in the one by those in the other that are at the same place, to which more are added.
        """
        known[block.id] = owner.id
        if len(block.layers) != len(owner.layers):
            return False
        for node, other in zip(block.layers, owner.layers, strict=True):
            known[node.id] = other.id
            if _moved(node.inputs, known) != other.inputs:
                return False
            if isinstance(node, Block):
                if not isinstance(other, Block) or not self.holds_the_same(node, other, known):
                    return False
            elif not self.is_alike(node, other) or not self.uses_the_same(node, other):
                return False
        return _moved(block.outputs, known) == owner.outputs

    def uses_the_same(self, node: Node, other: Node) -> bool:
        """Whether two layers use the same weights, or the one has none."""
        return node.id in self.weightless or self.owner(node) == self.owner(other)


def _is_same_kind(kind: LayerKind, other: LayerKind) -> bool:
    """Whether two kinds differ at most in what is given when they are called; of unknown ones, that is the shape."""
    if kind.is_foreign or isinstance(kind, Operation):
        return type(kind) is type(other) and kind.name_in("keras") == other.name_in("keras")
    at_call = options_at_call(type(kind))
    options = [name for name in kind.__struct_fields__ if name not in at_call]
    return type(kind) is type(other) and all(getattr(kind, name) == getattr(other, name) for name in options)


def _moved(sources: Sequence[Source], known: dict[int, int]) -> tuple[Source, ...]:
    return tuple([Source(known.get(source.layer, source.layer), source.output) for source in sources])
