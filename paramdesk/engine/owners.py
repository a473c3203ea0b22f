"""Whose weights a layer uses. The later calls of a layer `dense` are called `dense#2`, `dense#3` and so on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node
from paramdesk.engine.naming import numbered

OF_ONE_CALL = "call"
"""Among the extras of a layer or block: what it is called on. The others are of the layer, whichever call it is."""


def sharing(architecture: Architecture, layer: Layer) -> list[Layer]:
    """The layers that use the same weights as a layer, itself among them."""
    owner = layer.id if layer.weights_of is None else layer.weights_of
    nodes = architecture.nodes()
    if owner == layer.id and not any(node.weights_of == owner for node in nodes):
        return [layer]
    return [node for node in nodes if isinstance(node, Layer) and owner in (node.id, node.weights_of)]


def call_name(owner: str, taken: AbstractSet[str]) -> str:
    """The name of the next call of a layer.

    >>> call_name("dense", {"dense", "dense#2"})
    'dense#3'
    """
    return numbered(f"{owner}#", 2, taken)


def renamed_calls(architecture: Architecture, owner: Node, name: str) -> dict[int, Node]:
    """The later calls of a layer under the name that it gets."""
    return {
        node.id: msgspec.structs.replace(node, name=name + node.name.removeprefix(owner.name))
        for node in architecture.nodes()
        if node.weights_of == owner.id and node.name.startswith(f"{owner.name}#")
    }


def heirs(architecture: Architecture, former: Architecture) -> Architecture:
    """With owners for weights whose owner is gone: the first of those that used them.

    Args:
        architecture: in which owners may be gone.
        former: in which they were.
    """
    return on_their_own(architecture, architecture.nodes(), former)


def on_their_own(architecture: Architecture, nodes: Sequence[Node], former: Architecture) -> Architecture:
    """With these nodes using no weights but their own: the first of those that used the same ones owns them now.

    Args:
        architecture: in which they are.
        nodes: blocks with all that is in them.
        former: in which the owners were, which leave to their heirs what a file said of the layer.
    """
    inside = {node.id for node in nodes}
    owners: dict[int, int | None] = {}
    first: dict[int, int] = {}
    for node in nodes:
        if node.weights_of is not None and node.weights_of not in inside:
            heir = first.setdefault(node.weights_of, node.id)
            owners[node.id] = None if heir == node.id else heir
    if not owners:
        return architecture
    known = {node.id: node for node in former.nodes()}
    left = {heir: known[owner] for owner, heir in first.items() if owner in known}
    layers = _with_legacies(with_owners(architecture.layers, owners), left)
    return msgspec.structs.replace(architecture, layers=layers)


def _with_legacy(node: Node, owner: Node) -> Node:
    """A call with what the first one keeps for all calls: what a file said of the layer, and of its weights."""
    shared = {name: value for name, value in owner.extras.items() if name != OF_ONE_CALL}
    extras = {**shared, **node.extras}
    if isinstance(node, Layer) and isinstance(owner, Layer) and node.weights is None:
        return msgspec.structs.replace(node, extras=extras, weights=owner.weights)
    return msgspec.structs.replace(node, extras=extras)


def _with_legacies(nodes: tuple[Node, ...], left: Mapping[int, Node]) -> tuple[Node, ...]:
    """The nodes, at whatever depth, of which some inherit from these."""
    found: list[Node] = []
    for node in nodes:
        heir = _with_legacy(node, left[node.id]) if node.id in left else node
        if isinstance(heir, Block):
            heir = msgspec.structs.replace(heir, layers=_with_legacies(heir.layers, left))
        found.append(heir)
    return tuple(found)


def with_owners(nodes: tuple[Node, ...], owners: Mapping[int, int | None]) -> tuple[Node, ...]:
    """The nodes, at whatever depth, with these owners of their weights; None: their own."""
    if not owners:
        return nodes
    found: list[Node] = []
    for node in nodes:
        owner = owners.get(node.id, node.weights_of)
        if isinstance(node, Block):
            found.append(msgspec.structs.replace(node, layers=with_owners(node.layers, owners), weights_of=owner))
        else:
            found.append(node if owner == node.weights_of else msgspec.structs.replace(node, weights_of=owner))
    return tuple(found)
