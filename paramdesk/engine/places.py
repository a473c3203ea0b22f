"""The lists of an architecture: its own and one in every block; where nodes stand in them and what they can read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source


class Place(msgspec.Struct, frozen=True):
    """Where a row is dropped.

    Attributes:
        below: id of the row right above it; None: at the top of the list.
        block: id of the block whose list is meant; None: the architecture's own list.
    """

    below: int | None = None
    block: int | None = None


class NodeList(msgspec.Struct, frozen=True):
    """One list of nodes: they read each other and, in a block, its entrances, and nothing else.

    Attributes:
        block: id of the block that it stands in, which in it means the block's entrances; None: the architecture's own.
        nodes: what it holds.
        ends: what it returns: the architecture's outputs or the block's exits.
    """

    block: int | None
    nodes: tuple[Node, ...]
    ends: tuple[Source, ...]


def lists(architecture: Architecture) -> Iterator[NodeList]:
    """Every list, the architecture's own first."""
    yield NodeList(None, architecture.layers, architecture.outputs)
    for node in architecture.nodes():
        if isinstance(node, Block):
            yield NodeList(node.id, node.layers, node.outputs)


def list_at(architecture: Architecture, block: int | None) -> NodeList:
    """The list of a block, or the architecture's own.

    Raises:
        KeyError: there is no such block.
    """
    for found in lists(architecture):
        if found.block == block:
            return found
    raise KeyError(block)


def list_of(architecture: Architecture, node_id: int) -> NodeList:
    """The list that a node stands in.

    Raises:
        KeyError: there is no such node.
    """
    for found in lists(architecture):
        for node in found.nodes:
            if node.id == node_id:
                return found
    raise KeyError(node_id)


def names_in(architecture: Architecture, block: int | None) -> set[str]:
    """Names that nothing new in a list can have: those in it, and that of the block whose list it is."""
    names = {node.name for node in list_at(architecture, block).nodes}
    return names if block is None else names | {architecture.node(block).name}


def paths_of(architecture: Architecture) -> dict[int, str]:
    """Every layer's and block's path: the names of the blocks that it stands in and its own, joined by slashes."""
    found: dict[int, str] = {}

    def walk(nodes: tuple[Node, ...], prefix: str) -> None:
        for node in nodes:
            found[node.id] = prefix + node.name
            if isinstance(node, Block):
                walk(node.layers, f"{prefix}{node.name}/")

    walk(architecture.layers, "")
    return found


def with_list(architecture: Architecture, changed: NodeList) -> Architecture:
    """With one list replaced."""
    if changed.block is None:
        return msgspec.structs.replace(architecture, layers=changed.nodes, outputs=changed.ends)
    owner = architecture.node(changed.block)
    return with_nodes(
        architecture, {owner.id: msgspec.structs.replace(owner, layers=changed.nodes, outputs=changed.ends)}
    )


def with_nodes(architecture: Architecture, changed: Mapping[int, Node]) -> Architecture:
    """With some nodes replaced, by their ids, at whatever depth; what is in a replaced block is not looked at."""

    def replaced(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(
            [
                changed[node.id]
                if node.id in changed
                else msgspec.structs.replace(node, layers=replaced(node.layers))
                if isinstance(node, Block)
                else node
                for node in nodes
            ]
        )

    return msgspec.structs.replace(architecture, layers=replaced(architecture.layers))


def layers_of(node: Node) -> tuple[Layer, ...]:
    """The layer itself, or all layers of a block at whatever depth."""
    if isinstance(node, Layer):
        return (node,)
    return tuple([layer for inner in node.layers for layer in layers_of(inner)])


def nodes_of(node: Node) -> tuple[Node, ...]:
    """The node itself and, of a block, all that is in it at whatever depth."""
    return (
        (node, *(found for inner in node.layers for found in nodes_of(inner))) if isinstance(node, Block) else (node,)
    )


def topmost(architecture: Architecture, ids: Iterable[int]) -> tuple[Node, ...]:
    """The nodes with these ids, in order, without those that stand in a block that is among them too."""
    wanted, found = set(ids), []

    def walk(nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            if node.id in wanted:
                found.append(node)
            elif isinstance(node, Block):
                walk(node.layers)

    walk(architecture.layers)
    return tuple(found)


def enclosing(architecture: Architecture, node_id: int) -> tuple[int, ...]:
    """Ids of the blocks that a node stands in, outermost first."""

    def way(nodes: tuple[Node, ...]) -> tuple[int, ...] | None:
        for node in nodes:
            if node.id == node_id:
                return ()
            if isinstance(node, Block) and (inside := way(node.layers)) is not None:
                return (node.id, *inside)
        return None

    return way(architecture.layers) or ()


def order_of(architecture: Architecture) -> dict[int, int]:
    """Which row, counted from 0 with blocks opened, each id stands in."""
    return {node.id: index for index, node in enumerate(architecture.nodes())}


def readable_at(architecture: Architecture, place: Place) -> set[int]:
    """Ids that a row at a place can read; a block's own id means its entrances."""
    visible = {place.block} if place.block is not None else set()
    if place.below is not None:
        for node in list_at(architecture, place.block).nodes:
            visible.add(node.id)
            if node.id == place.below:
                break
    return visible


def place_of(architecture: Architecture, node_id: int) -> Place:
    """Where a node stands."""
    found = list_of(architecture, node_id)
    index = next(index for index, node in enumerate(found.nodes) if node.id == node_id)
    return Place(found.nodes[index - 1].id if index else None, found.block)


def outside_of(architecture: Architecture, moved: set[int], place: Place) -> Place:
    """The place, said by a row that is not itself being moved."""
    if place.below not in moved:
        return place
    below = None
    for node in list_at(architecture, place.block).nodes:
        if node.id == place.below:
            break
        if node.id not in moved:
            below = node.id
    return Place(below, place.block)
