"""Edits of what reads what: inputs drawn from row to row, through blocks where need be, and what a list returns."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.edits import Edit
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.places import (
    enclosing,
    list_of,
    order_of,
    place_of,
    readable_at,
    with_list,
    with_nodes,
)


def connect(architecture: Architecture, node_id: int, inputs: Sequence[Source]) -> Edit:
    """A layer or block with other inputs. What it read before may be left unread: its owner sees a warning there.

    Raises:
        EditRefused: an input stands below the row or in another block, or a block would lose an entrance that is read.
    """
    node = architecture.node(node_id)
    readable = readable_at(architecture, place_of(architecture, node_id))
    for source in inputs:
        if source.layer not in readable:
            name = architecture.node(source.layer).name
            raise EditRefused(f"{node.name} cannot read {name}, which does not stand above it.")
    if isinstance(node, Block):
        _refuse_lost(node, len(inputs))
    changed = msgspec.structs.replace(node, inputs=tuple(inputs))
    return Edit(with_nodes(architecture, {node_id: changed}), f"Connect {node.name}", (node_id,))


def _refuse_lost(block: Block, count: int) -> None:
    inside = [source for node in block.layers for source in node.inputs]
    read = {source.output for source in (*inside, *block.outputs) if source.layer == block.id}
    if read and max(read) >= count:
        raise EditRefused(f"{block.name} has rows that read its input {max(read) + 1}: connect them otherwise first.")
    if block.repeat > 1 and count != len(block.outputs):
        raise EditRefused(f"{block.name} is repeated, so it must read as much as it gives.")


def link(architecture: Architecture, source: Source, reader_id: int) -> Edit:
    """A row that reads another one, wherever the two stand: blocks between them get an entrance or an exit.

    A row that takes one input reads this one in its place; others read it besides, be it once more: what is added to
    itself, or looks at itself.

    Raises:
        EditRefused: the source stands below the reader or around it, or is read already by a row that could do nothing
            with it a second time; a block between them is repeated.
    """
    reader, producer = architecture.node(reader_id), architecture.node(source.layer)
    _refuse_cycle(architecture, producer, reader)
    above = enclosing(architecture, reader_id)
    result, seen = _carried_out(architecture, source, set(above))
    for block_id in above:
        if block_id not in enclosing(architecture, source.layer):
            result, seen = _carried_in(result, seen, block_id)
    reader = result.node(reader_id)
    if seen in reader.inputs and not _takes_twice(reader, architecture):
        raise EditRefused(f"{reader.name} reads {producer.name} already.")
    text = f"Connect {producer.name} to {reader.name}"
    if _takes_more(reader, architecture):
        inputs: tuple[Source, ...] = (*reader.inputs, seen)
    else:
        inputs = (seen, *reader.inputs[1:])
        text += "".join(f" instead of {result.node(former.layer).name}" for former in reader.inputs[:1])
    return Edit(connect(result, reader_id, inputs).architecture, text, (reader_id,))


def _refuse_cycle(architecture: Architecture, producer: Node, reader: Node) -> None:
    if isinstance(reader, Layer) and reader.kind.is_input:
        raise EditRefused(f"{reader.name} is an input: it reads nothing.")
    if producer.id == reader.id:
        raise EditRefused(f"{reader.name} cannot read itself.")
    if producer.id in enclosing(architecture, reader.id):
        raise EditRefused(
            f"{reader.name} is in {producer.name}: it can read what stands before it, or the block's input."
        )
    if reader.id in enclosing(architecture, producer.id):
        raise EditRefused(f"{producer.name} is in {reader.name}, which would read itself.")
    order = order_of(architecture)
    if order[producer.id] > order[reader.id]:
        raise EditRefused(f"{reader.name} stands above {producer.name}: reading it would make a cycle.")


def _takes_more(reader: Node, architecture: Architecture) -> bool:
    if isinstance(reader, Block):
        return False
    names = reader.kind.input_names_in(architecture.framework)
    return not reader.inputs or reader.kind.takes_list or len(reader.inputs) < len(names)


def _takes_twice(reader: Node, architecture: Architecture) -> bool:
    """Whether one tensor may be several of its inputs, of which not all are there yet."""
    if isinstance(reader, Block):
        return False
    return reader.kind.takes_list or len(reader.inputs) < reader.kind.inputs_needed(architecture.framework)


def _carried_out(architecture: Architecture, source: Source, around: set[int]) -> tuple[Architecture, Source]:
    """The source as it is seen outside the blocks that it alone stands in, which get exits for it."""
    for block_id in reversed(enclosing(architecture, source.layer)):
        if block_id in around:
            break
        block = architecture.node(block_id)
        assert isinstance(block, Block)
        if source not in block.outputs:
            _refuse_repeated(block, "gives")
            block = msgspec.structs.replace(block, outputs=(*block.outputs, source))
            architecture = with_nodes(architecture, {block_id: block})
        source = Source(block_id, block.outputs.index(source))
    return architecture, source


def _carried_in(architecture: Architecture, source: Source, block_id: int) -> tuple[Architecture, Source]:
    """The source as it is seen in a block, which gets an entrance for it."""
    block = architecture.node(block_id)
    assert isinstance(block, Block)
    if source not in block.inputs:
        _refuse_repeated(block, "reads")
        block = msgspec.structs.replace(block, inputs=(*block.inputs, source))
        architecture = with_nodes(architecture, {block_id: block})
    return architecture, Source(block_id, block.inputs.index(source))


def _refuse_repeated(block: Block, verb: str) -> None:
    if block.repeat > 1:
        raise EditRefused(f"{block.name} is repeated: each time it {verb} the same, so nothing can be added to that.")


def set_returned(architecture: Architecture, node_id: int, *, returned: bool, output: int = 0) -> Edit:
    """An output of a row that the network, or the block that it stands in, returns; or that it returns no more.

    Raises:
        EditRefused: what is returned is read outside the block, or nothing else is returned.
    """
    node, around = architecture.node(node_id), list_of(architecture, node_id)
    source = Source(node_id, output)
    whole = "the network" if around.block is None else architecture.node(around.block).name
    text = f"Return {node.name} from {whole}" if returned else f"Return {node.name} no more"
    if returned is (source in around.ends):
        return Edit(architecture, text, (node_id,))
    if around.block is not None:
        block = architecture.node(around.block)
        assert isinstance(block, Block)
        _refuse_repeated(block, "gives")
        if not returned:
            architecture = _without_exit(architecture, block, around.ends.index(source))
    ends = (*around.ends, source) if returned else tuple([end for end in around.ends if end != source])
    if not ends:
        raise EditRefused(f"It is all that {whole} returns.")
    changed = msgspec.structs.replace(list_of(architecture, node_id), ends=ends)
    return Edit(with_list(architecture, changed), text, (node_id,))


def _without_exit(architecture: Architecture, block: Block, place: int) -> Architecture:
    """With the rows outside a block reading its exits by the numbers that these have once one of them is gone."""
    outside = list_of(architecture, block.id)
    read = {end for node in outside.nodes for end in node.inputs} | {*outside.ends}
    if Source(block.id, place) in read:
        raise EditRefused(f"Rows outside {block.name} read it.")

    def moved(sources: tuple[Source, ...]) -> tuple[Source, ...]:
        return tuple([
            Source(block.id, end.output - 1) if end.layer == block.id and end.output > place else end for end in sources
        ])  # fmt: skip

    nodes = tuple([msgspec.structs.replace(node, inputs=moved(node.inputs)) for node in outside.nodes])
    return with_list(architecture, msgspec.structs.replace(outside, nodes=nodes, ends=moved(outside.ends)))
