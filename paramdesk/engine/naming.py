"""Names and ids of layers that come into an architecture."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Node, Source
from paramdesk.engine.layer_kind import LayerKind


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
    stem = re.sub(r"_\d+$", "", name)
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def as_new(architecture: Architecture, nodes: Sequence[Node]) -> tuple[tuple[Node, ...], int]:
    """The nodes as new ones of the architecture, and the id that comes next."""
    taken = architecture.names()
    ids: dict[int, int] = {}
    next_id = architecture.next_id

    def new(node: Node) -> Node:
        nonlocal next_id
        ids[node.id] = next_id
        next_id += 1
        name = unique_name(node.name, taken)
        taken.add(name)
        inputs = tuple(Source(ids.get(s.layer, s.layer), s.output) for s in node.inputs)
        node = msgspec.structs.replace(node, id=ids[node.id], name=name, inputs=inputs)
        if isinstance(node, Block):
            inside = tuple([new(inner) for inner in node.layers])
            outputs = tuple(Source(ids.get(s.layer, s.layer), s.output) for s in node.outputs)
            node = msgspec.structs.replace(node, layers=inside, outputs=outputs)
        return node

    return tuple([new(node) for node in nodes]), next_id
