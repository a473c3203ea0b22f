"""Edits: pure functions from one architecture to the next, each with the words that undo shows.

They keep the network whole. A row that goes gives its readers its first input; a row dropped below X reads X and takes
over X's readers; moving is both. An edit that would put a producer below its reader, or leave unread what was read
before, is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.naming import as_new, default_name, listed, told_apart
from paramdesk.engine.owners import heirs, renamed_calls, sharing
from paramdesk.engine.places import (
    Place,
    enclosing,
    layers_of,
    list_at,
    list_of,
    lists,
    names_in,
    order_of,
    outside_of,
    place_of,
    readable_at,
    topmost,
    with_nodes,
)
from paramdesk.engine.wiring import called, dropped, orphans, refuse_broken, without


class Edit(msgspec.Struct, frozen=True):
    """An edit that was made.

    Attributes:
        architecture: the result.
        text: what was done, as undo names it: "Insert Conv2D".
        selected: ids of the layers it was about.
        merges_as: edits that follow each other under the same name become one step; empty: never.
    """

    architecture: Architecture
    text: str
    selected: tuple[int, ...] = ()
    merges_as: str = ""


def end_of(architecture: Architecture) -> Place:
    """The place below the last row."""
    return Place(architecture.layers[-1].id if architecture.layers else None)


# Structure ------------------------------------------------------------------------------------------------------------


def insert_kind(architecture: Architecture, kind: LayerKind, place: Place) -> Edit:
    """A new layer of a kind, dropped at a place. Of what stands above it reads as often as it needs inputs."""
    above = place.below if place.below is not None else place.block
    needed = kind.inputs_needed(architecture.framework)
    read = (Source(above),) * needed if above is not None and needed > 1 else ()
    edit = insert(architecture, (Layer(architecture.next_id, default_name(kind), kind, read),), place)
    return msgspec.structs.replace(edit, text=f"Insert {kind.title()}")


def insert(
    architecture: Architecture,
    nodes: Sequence[Node],
    place: Place,
    verb: str = "Insert",
    homes: Mapping[int, int | None] = MappingProxyType({}),
) -> Edit:
    """Layers and blocks dropped at a place, with ids and, where taken, names of their own.

    What they read of each other stays; the first reads what it is dropped below.

    Args:
        architecture: what they are dropped into.
        nodes: in order; their ids may be any, they are given new ones. A further input that is an id of the
            architecture is kept if it stands above the place, and dropped otherwise.
        place: where.
        verb: for the undo text.
        homes: for nodes whose inputs were meant in another list of the architecture: the block whose list that is.

    Raises:
        EditRefused: nothing could come in at that place.
    """
    fresh, next_id = as_new(architecture, nodes, names_in(architecture, place.block))
    grown = msgspec.structs.replace(architecture, next_id=next_id)
    fresh_homes = {new.id: homes[old.id] for old, new in zip(nodes, fresh, strict=True) if old.id in homes}
    result = dropped(grown, fresh, place, fresh_homes, drops_unreachable=True)
    return Edit(result, f"{verb} {called(fresh)}", tuple(node.id for node in fresh))


def remove(
    architecture: Architecture,
    ids: Iterable[int],
    *,
    with_orphans: bool = False,
    verb: str = "Remove",
) -> Edit:
    """Without some layers: what read them reads what they read first.

    Args:
        architecture: what they are taken from.
        ids: of layers and blocks.
        with_orphans: also without what nothing would read any more.
        verb: for the undo text.

    Raises:
        EditRefused: an input that is still read would go, or (unless `with_orphans`) something that was read would be
            read by nothing; `orphans` then names all that would have to go too.
    """
    gone = set(ids)
    named = [node for node in architecture.nodes() if node.id in gone]
    result = without(architecture, gone)
    unread = orphans(architecture, result)
    while unread and with_orphans:
        gone |= unread
        result = without(architecture, gone)
        unread = orphans(architecture, result)
    result = heirs(result)
    if unread:
        every = set(remove(architecture, gone, with_orphans=True).selected) - gone
        names = [node.name for node in architecture.nodes() if node.id in every]
        raise EditRefused(f"Without {called(named)} nothing would read {listed(names)}.", tuple(sorted(every)))
    extra = len(gone) - len(named)
    text = f"{verb} {called(named)}" + (f" and {extra} more that only it read" if extra else "")
    return Edit(result, text, tuple(sorted(gone)))


def move(architecture: Architecture, ids: Iterable[int], place: Place) -> Edit:
    """Layers and blocks taken from where they are and dropped, in their order, at a place.

    What stands in a block that is moved goes with it.

    Raises:
        EditRefused: one of them would stand above what it reads or below what reads it, or in itself.
    """
    nodes = topmost(architecture, ids)
    moved = {node.id for node in nodes}
    around = () if place.block is None else (*enclosing(architecture, place.block), place.block)
    if not moved.isdisjoint(around):
        raise EditRefused(f"{called(nodes)} cannot be moved into itself.")
    place = outside_of(architecture, moved, place)
    text = f"Move {called(nodes)}"
    if _stays(architecture, nodes, place):
        return Edit(architecture, text, tuple(node.id for node in nodes))
    rest = without(architecture, moved, keeps_inputs=True)
    apart = told_apart(nodes, names_in(rest, place.block))
    result = dropped(rest, apart, place, _homes(architecture, moved), drops_unreachable=False)
    refuse_broken(architecture, result)
    return Edit(result, text, tuple(node.id for node in nodes))


def move_by(architecture: Architecture, ids: Iterable[int], step: int) -> Edit:
    """Layers moved up (−1) or down (+1) past the row beside them.

    Raises:
        EditRefused: there is no row to move past, or as `move`.
    """
    nodes = topmost(architecture, ids)
    moved = {node.id for node in nodes}
    around = list_of(architecture, nodes[0].id)
    rows = around.nodes
    positions = [index for index, node in enumerate(rows) if node.id in moved]
    target = positions[0] - 2 if step < 0 else positions[-1] + 1
    if target < -1 or target >= len(rows):
        raise EditRefused("It is already at the top." if step < 0 else "It is already at the bottom.")
    return move(architecture, moved, Place(rows[target].id if target >= 0 else None, around.block))


def duplicate(architecture: Architecture, ids: Iterable[int]) -> Edit:
    """Copies of layers and blocks, below the last of them."""
    nodes = topmost(architecture, ids)
    last = nodes[-1].id
    place = Place(last, list_of(architecture, last).block)
    copied = insert(architecture, nodes, place, homes=_homes(architecture, {node.id for node in nodes}))
    return msgspec.structs.replace(copied, text=f"Duplicate {called(nodes)}")


def _homes(architecture: Architecture, ids: set[int]) -> dict[int, int | None]:
    """The block in whose list each of these nodes stands."""
    return {node.id: found.block for found in lists(architecture) for node in found.nodes if node.id in ids}


def _stays(architecture: Architecture, nodes: Sequence[Node], place: Place) -> bool:
    """Whether the nodes are at that place already."""
    ids = [node.id for node in list_at(architecture, place.block).nodes]
    start = ids.index(place.below) + 1 if place.below is not None else 0
    return ids[start : start + len(nodes)] == [node.id for node in nodes]


# Options and names ----------------------------------------------------------------------------------------------------


def configure(architecture: Architecture, layer_id: int, **changes: object) -> Edit:
    """A layer with other options.

    Raises:
        InvalidOptions: a value has a wrong type or range.
    """
    return configure_all(architecture, {layer_id: changes})


def configure_all(architecture: Architecture, changes: Mapping[int, Mapping[str, object]]) -> Edit:
    """Layers with other options, in one step.

    Args:
        architecture: in which they are.
        changes: for each layer, by its id, the options that change.

    Raises:
        InvalidOptions: a value has a wrong type or range.
    """
    layers = [node for node in architecture.nodes() if isinstance(node, Layer) and node.id in changes]
    changed: dict[int, Node] = {}
    for layer in layers:
        kind = layer.kind.changed(**changes[layer.id])
        changed |= {
            same.id: msgspec.structs.replace(same, kind=kind, weights=None) for same in sharing(architecture, layer)
        }
    labels = dict.fromkeys(layer.kind.options()[name].label.lower() for layer in layers for name in changes[layer.id])
    ids = tuple(layer.id for layer in layers)
    options = sorted({name for options in changes.values() for name in options})
    return Edit(
        with_nodes(architecture, changed),
        f"Change {listed(list(labels))} of {called(layers)}",
        ids,
        f"configure {' '.join(map(str, ids))} {' '.join(options)}",
    )


def rename(architecture: Architecture, layer_id: int, name: str) -> Edit:
    """A layer or block under another name.

    Raises:
        EditRefused: the name is empty, taken, or has a character that paths and frameworks use.
    """
    node, name = architecture.node(layer_id), name.strip()
    if not name:
        raise EditRefused("A layer needs a name.")
    if "/" in name:
        raise EditRefused("A name cannot have a slash: it separates blocks and layers.")
    if name != node.name and name in _taken_around(architecture, node):
        raise EditRefused(f"There is already a layer named {name}.")
    changed: dict[int, Node] = {layer_id: msgspec.structs.replace(node, name=name)}
    changed |= renamed_calls(architecture, node, name)
    return Edit(with_nodes(architecture, changed), f"Rename {node.name}", (layer_id,), f"rename {layer_id}")


def _taken_around(architecture: Architecture, node: Node) -> set[str]:
    """Names that a node cannot have where it is."""
    around = names_in(architecture, list_of(architecture, node.id).block) - {node.name}
    return around | {inner.name for inner in node.layers} if isinstance(node, Block) else around


def set_trainable(architecture: Architecture, ids: Iterable[int], *, trainable: bool) -> Edit:
    """Layers frozen, or trained again; of a block all that it holds."""
    named = topmost(architecture, ids)
    layers = [layer for node in named for layer in layers_of(node)]
    changed: dict[int, Node] = {
        same.id: msgspec.structs.replace(same, trainable=trainable)
        for layer in layers
        for same in sharing(architecture, layer)
    }
    text = f"{'Train' if trainable else 'Freeze'} {called(named)}"
    return Edit(with_nodes(architecture, changed), text, tuple(node.id for node in named))


def readable_above(architecture: Architecture, layer_id: int) -> tuple[int, ...]:
    """Ids of the layers that a layer could read, nearest first; its block's own id stands for the block's entrance."""
    order = order_of(architecture)
    readable = readable_at(architecture, place_of(architecture, layer_id))
    return tuple(sorted(readable, key=order.__getitem__, reverse=True))
