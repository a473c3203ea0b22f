"""Edits of blocks: rows put together under one name, taken apart again, computed several times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Node, Source
from paramdesk.engine.edits import Edit
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.naming import listed, told_apart, unique_name
from paramdesk.engine.owners import heirs
from paramdesk.engine.places import NodeList, list_of, names_in, topmost, with_list, with_nodes
from paramdesk.engine.repetitions import written_out
from paramdesk.engine.wiring import called

MOST_REPETITIONS = 10_000


def group(architecture: Architecture, ids: Iterable[int], name: str = "block") -> Edit:
    """Rows that stand below each other, as a block.

    What they read from outside becomes the block's entrances, in the order in which it is read; what others read of
    them becomes its exits.

    Raises:
        EditRefused: there is nothing to put together, or the rows do not stand below each other in one list.
    """
    nodes = topmost(architecture, ids)
    if not nodes:
        raise EditRefused("Select the rows that shall become a block.")
    around = list_of(architecture, nodes[0].id)
    members = {node.id for node in nodes}
    places = [place for place, node in enumerate(around.nodes) if node.id in members]
    if len(places) < len(nodes):
        raise EditRefused("Rows of different blocks cannot become one block.")
    start, end = places[0], places[-1] + 1
    between = [node.name for node in around.nodes[start:end] if node.id not in members]
    if between:
        raise EditRefused(f"Only rows below each other become a block: {listed(between)} would have to be in it too.")
    taken = names_in(architecture, around.block) | {node.name for node in nodes}
    shell = Block(architecture.next_id, unique_name(name, taken), (), (), ())
    block = _around(shell, nodes, around, end)
    moved = {source: Source(block.id, place) for place, source in enumerate(block.outputs)}
    rows = (*around.nodes[:start], block, *(_reading(node, moved) for node in around.nodes[end:]))
    changed = NodeList(around.block, rows, _moved(around.ends, moved))
    grown = msgspec.structs.replace(architecture, next_id=architecture.next_id + 1)
    return Edit(with_list(grown, changed), f"Group {called(nodes)}", (block.id,))


def _around(shell: Block, nodes: tuple[Node, ...], around: NodeList, end: int) -> Block:
    """A block of some nodes of a list, which ends before place `end`."""
    members = {node.id for node in nodes}
    inputs = dict.fromkeys(source for node in nodes for source in node.inputs if source.layer not in members)
    read_below = [source for node in around.nodes[end:] for source in node.inputs]
    outputs = dict.fromkeys(source for source in (*read_below, *around.ends) if source.layer in members)
    entrances = {source: Source(shell.id, place) for place, source in enumerate(inputs)}
    return msgspec.structs.replace(
        shell,
        inputs=tuple(inputs),
        outputs=tuple(outputs) or (Source(nodes[-1].id),),
        layers=tuple([_reading(node, entrances) for node in nodes]),
    )


def ungroup(architecture: Architecture, ids: Iterable[int]) -> Edit:
    """Rows in place of the blocks that held them; a block that is computed several times gives them several times.

    Raises:
        EditRefused: there is no block among them, or there would be too many rows.
    """
    blocks = [node for node in topmost(architecture, ids) if isinstance(node, Block)]
    if not blocks:
        raise EditRefused("Select a block to take apart.")
    selected: list[int] = []
    result = architecture
    for block in blocks:
        around = list_of(result, block.id)
        known = {node.id for node in around.nodes} - {block.id}
        result = written_out(result, {block.id})
        copies = [node for node in list_of(result, block.id).nodes if node.id not in known]
        for copy in copies:
            assert isinstance(copy, Block)
            selected += [node.id for node in copy.layers]
            result = _dissolved(result, copy)
    return Edit(heirs(result, architecture), f"Ungroup {called(blocks)}", tuple(selected))


def _dissolved(architecture: Architecture, block: Block) -> Architecture:
    around = list_of(architecture, block.id)
    now = architecture.node(block.id)
    assert isinstance(now, Block)
    entrances = {Source(block.id, place): source for place, source in enumerate(now.inputs)}
    exits = {Source(block.id, place): entrances.get(source, source) for place, source in enumerate(now.outputs)}
    taken = names_in(architecture, around.block) - {block.name}
    inside = told_apart([_reading(node, entrances) for node in now.layers], taken)
    start = next(place for place, node in enumerate(around.nodes) if node.id == block.id)
    rest = tuple([_reading(node, exits) for node in around.nodes[start + 1 :]])
    rows = (*around.nodes[:start], *inside, *rest)
    return with_list(architecture, NodeList(around.block, rows, _moved(around.ends, exits)))


def set_repeat(architecture: Architecture, block_id: int, repeat: int) -> Edit:
    """A block computed so many times in a row, each time with weights of its own.

    Raises:
        EditRefused: it is no number of times, or what leaves the block is not as much as what it reads.
    """
    block = architecture.node(block_id)
    assert isinstance(block, Block)
    if not 1 <= repeat <= MOST_REPETITIONS:
        raise EditRefused(f"A block is computed between 1 and {MOST_REPETITIONS:,} times.")
    entrances, exits = len(block.inputs), len(block.outputs)
    if repeat > 1 and entrances != exits:
        raise EditRefused(
            f"{block.name} reads {entrances} and gives {exits}: only a block that gives as much as it reads can "
            "be repeated, since each time it reads what it gave before."
        )
    changed = msgspec.structs.replace(block, repeat=repeat)
    return Edit(
        with_nodes(architecture, {block_id: changed}), f"Repeat {block.name}", (block_id,), f"repeat {block_id}"
    )


def _reading(node: Node, moved: Mapping[Source, Source]) -> Node:
    if not any(source in moved for source in node.inputs):
        return node
    return msgspec.structs.replace(node, inputs=_moved(node.inputs, moved))


def _moved(sources: tuple[Source, ...], moved: Mapping[Source, Source]) -> tuple[Source, ...]:
    return tuple([moved.get(source, source) for source in sources])
