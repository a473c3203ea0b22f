"""Names and ids of layers that come into an architecture, and names in a sentence."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Node, Source
from paramdesk.engine.layer_kind import LayerKind

MOST_TRIED = 32
"""So many numbers are tried one after the other."""


def default_name(kind: LayerKind) -> str:
    """The name that Keras gives the first layer of a kind: `max_pooling2d`."""
    return snake_case(next(iter(kind.names_in("keras")), kind.title()))


def snake_case(class_name: str) -> str:
    """The name of a class as Keras makes names of layers from it.

    >>> snake_case("MaxPooling2D"), snake_case("StackedRNNCells")
    ('max_pooling2d', 'stacked_rnn_cells')
    """
    return re.sub(r"(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_", class_name).lower()


def unique_name(name: str, taken: set[str]) -> str:
    """The name, with the first free number behind it if it is taken: `conv2d_1`."""
    if name not in taken:
        return name
    return numbered(re.sub(r"_\d+$", "", name) + "_", 1, taken)


def numbered(stem: str, number: int, taken: Container[str]) -> str:
    """A name with a number behind it that is free: the first one from a number on, or one of the first.

    Among very many names the search doubles its steps, so that a long run of taken numbers costs little.

    >>> numbered("dense#", 2, {"dense#2"})
    'dense#3'
    """
    step = 1
    for _place in range(MOST_TRIED):
        if f"{stem}{number}" not in taken:
            return f"{stem}{number}"
        number += 1
    while f"{stem}{number + step}" in taken:
        step *= 2
    last, free = number - 1, number + step
    while free - last > 1:
        middle = (last + free) // 2
        last, free = (middle, free) if f"{stem}{middle}" in taken else (last, middle)
    return f"{stem}{free}"


def as_new(architecture: Architecture, nodes: Sequence[Node], taken: set[str]) -> tuple[tuple[Node, ...], int]:
    """The nodes as new ones of the architecture, and the id that comes next.

    Args:
        architecture: that they come into.
        nodes: their ids may be any.
        taken: names that they cannot have; theirs are added.
    """
    ids: dict[int, int] = {}
    next_id = architecture.next_id

    def new(node: Node, taken: set[str]) -> Node:
        nonlocal next_id
        ids[node.id] = next_id
        next_id += 1
        name = unique_name(node.name, taken)
        taken.add(name)
        inputs = tuple(Source(ids.get(s.layer, s.layer), s.output) for s in node.inputs)
        node = msgspec.structs.replace(node, id=ids[node.id], name=name, inputs=inputs)
        if isinstance(node, Block):
            within = {name}
            inside = tuple([new(inner, within) for inner in node.layers])
            outputs = tuple(Source(ids.get(s.layer, s.layer), s.output) for s in node.outputs)
            node = msgspec.structs.replace(node, layers=inside, outputs=outputs)
        return node

    fresh = tuple([new(node, taken) for node in nodes])
    return tuple([_owned(node, ids, architecture) for node in fresh]), next_id


def told_apart(nodes: Sequence[Node], taken: set[str]) -> tuple[Node, ...]:
    """The nodes, under other names where theirs are taken where they go."""
    found = []
    for node in nodes:
        inside = {inner.name for inner in node.layers} if isinstance(node, Block) else set()
        name = unique_name(node.name, taken | inside if inside else taken)
        taken.add(name)
        found.append(node if name == node.name else msgspec.structs.replace(node, name=name))
    return tuple(found)


def _owned(node: Node, ids: Mapping[int, int], architecture: Architecture) -> Node:
    """A new node that uses the weights of one that came with it, or else of one that is there already."""
    owner = node.weights_of
    if isinstance(node, Block):
        inside = tuple([_owned(inner, ids, architecture) for inner in node.layers])
        node = msgspec.structs.replace(node, layers=inside)
    if owner is None:
        return node
    there = any(other.id == owner for other in architecture.nodes())
    return msgspec.structs.replace(node, weights_of=ids.get(owner, owner if there else None))


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names in a sentence; of many the first ones, and how many more there are.

    >>> listed(["a", "b"]), listed(list("abcd")), listed(list("abcde"))
    ('a and b', 'a, b, c and d', 'a, b, c and 2 more')
    """
    if len(names) > most + 1:  # a single one takes no more room than "1 more"
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join([*filter(None, [", ".join(names[:-1])]), *names[-1:]])
