"""Architectures: immutable values that say which layers there are and what reads what.

An architecture is an ordered list of layers and blocks. Every input is explicit, a `Source`; a producer always stands
above its consumers, so the order of the list is an order of computation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import msgspec

from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import Framework, Layout, PublicShape
from paramdesk.engine.weight import StatedWeight


class Source(NamedTuple):
    """One output of a layer or block. Inside a block, the block's own id stands for its entrances.

    Attributes:
        layer: id of the layer or block.
        output: which of its outputs.
    """

    layer: int
    output: int = 0


class Layer(msgspec.Struct, frozen=True):
    """A layer in its place.

    Attributes:
        id: never given twice in an architecture, whatever is renamed or moved.
        name: unique in its list, and another than that of the block it stands in.
        kind: what it is, with its options.
        inputs: what it reads, in order.
        trainable: whether its weights are trained; False freezes all of them.
        extras: options that change no count (initializers and the like), as the file had them.
        weights_of: id of the layer whose weights it uses in place of its own: the same layer, called again.
        weights: what the file that it is from states of its weights, where the kind alone does not tell them; it counts
            while the layer cannot be computed.
    """

    id: int
    name: str
    kind: LayerKind
    inputs: tuple[Source, ...] = ()
    trainable: bool = True
    extras: Mapping[str, object] = {}
    weights_of: int | None = None
    weights: tuple[StatedWeight, ...] | None = None


class Block(msgspec.Struct, frozen=True):
    """A run of layers under one name, computed `repeat` times in a row.

    Attributes:
        id: as a layer's.
        name: as a layer's.
        inputs: what its entrances read, outside; inside, `Source(id, n)` is entrance n.
        outputs: which of its layers' outputs are its exits, inside; outside, `Source(id, n)` is exit n.
        layers: what it holds, in order of computation.
        repeat: how often; each repetition reads the former one's exits and has weights of its own.
        weights_of: id of the block that it is called again; its layers name the layers whose weights they use.
        extras: what a file said of it beyond this, kept for writing it back.
    """

    id: int
    name: str
    inputs: tuple[Source, ...]
    outputs: tuple[Source, ...]
    layers: tuple[Node, ...]
    repeat: int = 1
    weights_of: int | None = None
    extras: Mapping[str, object] = {}


Node: TypeAlias = Layer | Block


class Architecture(msgspec.Struct, frozen=True):
    """A network, as a value.

    Attributes:
        name: what its author calls it.
        layers: layers and blocks in order of computation.
        outputs: what the network returns.
        framework: whose rules hold.
        layout: where channels are, unless a layer says otherwise.
        next_id: the id that the next new layer gets.
        extras: what a file said of the network beyond this, kept for writing it back.
    """

    name: str = "untitled"
    layers: tuple[Node, ...] = ()
    outputs: tuple[Source, ...] = ()
    framework: Framework = "keras"
    layout: Layout = "channels_last"
    next_id: int = 0
    extras: Mapping[str, object] = {}

    def nodes(self) -> Sequence[Node]:
        """Every layer and block, blocks before what they hold."""
        return _nodes(self.layers)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader of its numbers should know about the file that it is from: sentences."""
        said = self.extras.get("remarks")
        return tuple([remark for remark in said if isinstance(remark, str)]) if isinstance(said, list | tuple) else ()

    def node(self, node_id: int) -> Node:
        """The layer or block with an id.

        Raises:
            KeyError: there is none.
        """
        for node in self.nodes():
            if node.id == node_id:
                return node
        raise KeyError(node_id)

    def with_input(self, shape: PublicShape | Mapping[str, PublicShape]) -> Architecture:
        """The same network with another input shape (without the batch), or several by the inputs' names.

        Raises:
            KeyError: an input of that name does not exist, or one shape is given for several inputs.
        """
        inputs = {layer.name: layer for layer in self.input_layers()}
        if not isinstance(shape, Mapping):
            if len(inputs) != 1:
                raise KeyError(f"the network has {len(inputs)} inputs: give a shape for each by its name")
            shape = dict.fromkeys(inputs, shape)
        if missing := sorted(set(shape) - set(inputs)):
            raise KeyError(f"there is no input named {missing[0]}: there is {', '.join(inputs) or 'none'}")
        shapes = {inputs[name].id: tuple(dims) for name, dims in shape.items()}

        def reshaped(layer: Layer) -> Layer:
            if layer.id not in shapes:
                return layer
            return msgspec.structs.replace(layer, kind=layer.kind.changed(shape=shapes[layer.id]))

        return msgspec.structs.replace(self, layers=map_layers(self.layers, reshaped))

    def input_layers(self) -> list[Layer]:
        """The layers through which data comes in: those whose kind reads nothing."""
        return [node for node in self.nodes() if isinstance(node, Layer) and node.kind.is_input]


def _nodes(layers: tuple[Node, ...]) -> Sequence[Node]:
    if Block not in map(type, layers):
        return layers
    found: list[Node] = []
    for node in layers:
        found.append(node)
        if isinstance(node, Block):
            found += _nodes(node.layers)
    return found


def map_layers(layers: tuple[Node, ...], change: Callable[[Layer], Layer]) -> tuple[Node, ...]:
    """The same nodes with every layer, at any depth, replaced by what `change` makes of it."""
    return tuple(
        msgspec.structs.replace(node, layers=map_layers(node.layers, change))
        if isinstance(node, Block)
        else change(node)
        for node in layers
    )
