"""Blocks that are computed several times, written out: a block of its own for every repetition."""

from __future__ import annotations

from collections.abc import Container

import msgspec

from paramdesk.engine.analysis import MOST_ROWS
from paramdesk.engine.architecture import Architecture, Block, Node, Source
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.naming import unique_name


def written_out(architecture: Architecture, blocks: Container[int] | None = None) -> Architecture:
    """The same network with a block of its own for every repetition: `stage_1`, `stage_2` and so on.

    Args:
        architecture: with blocks that are repeated.
        blocks: ids of those that are written out; None: all of them.

    Raises:
        EditRefused: it would have too many layers.
    """
    if all(node.repeat == 1 for node in architecture.nodes() if isinstance(node, Block)):
        return architecture
    run = _Run(architecture.next_id, blocks)
    layers, exits = run.walked(architecture.layers, {}, {})
    outputs = tuple(_moved(source, exits) for source in architecture.outputs)
    return msgspec.structs.replace(architecture, layers=layers, outputs=outputs, next_id=run.next_id)


class _Run:
    """Gives out ids. The first copy of a layer keeps its id, so that what uses its weights still finds them."""

    def __init__(self, next_id: int, blocks: Container[int] | None) -> None:
        self.next_id = next_id
        self.blocks = blocks
        self.written = 0
        self.used: set[int] = set()

    def new_id(self, former: int) -> int:
        """The id of a copy."""
        if former not in self.used:
            self.used.add(former)
            return former
        self.next_id += 1
        return self.next_id - 1

    def walked(
        self, nodes: tuple[Node, ...], moved: dict[int, int], copied: dict[int, int]
    ) -> tuple[tuple[Node, ...], dict[int, int]]:
        """Nodes written out, and where to read what they made.

        Args:
            nodes: of one list.
            moved: where to read what they read.
            copied: the layers of this repetition by the ids they had, to which those in this list are added: what
                shares weights with one of them does so in each repetition anew.
        """
        taken = {node.name for node in nodes}
        found: list[Node] = []
        where = dict(moved)
        for node in nodes:
            inputs = tuple(_moved(source, where) for source in node.inputs)
            if isinstance(node, Block):
                copies = self.copies(msgspec.structs.replace(node, inputs=inputs), taken, copied)
                found += copies
            else:
                found.append(self.copy(msgspec.structs.replace(node, inputs=inputs), copied))
            where[node.id] = found[-1].id
        return tuple(found), where

    def copies(self, block: Block, taken: set[str], copied: dict[int, int]) -> list[Node]:
        """A block for each repetition, or the block with its repetitions if it is not to be written out."""
        is_wanted = self.blocks is None or block.id in self.blocks
        found: list[Node] = []
        inputs = block.inputs
        for repetition in range(block.repeat if is_wanted else 1):
            within = dict(copied)
            copy = self.copy(block, within)
            layers, inside = self.walked(block.layers, {block.id: copy.id}, within)
            name = block.name
            if is_wanted and block.repeat > 1:
                name = unique_name(f"{block.name}_{repetition + 1}", taken)
            taken.add(name)
            outputs = tuple(_moved(source, inside) for source in block.outputs)
            repeat = 1 if is_wanted else block.repeat
            found.append(
                msgspec.structs.replace(copy, name=name, inputs=inputs, outputs=outputs, layers=layers, repeat=repeat)
            )
            inputs = tuple(Source(copy.id, place) for place in range(len(outputs)))
        return found

    def copy(self, node: Node, copied: dict[int, int]) -> Node:
        """The node with an id of its own, if there are not too many."""
        self.written += 1
        if self.written > MOST_ROWS:
            raise EditRefused(f"Written out, it has more than {MOST_ROWS:,} layers.")
        owner = node.weights_of
        copied[node.id] = self.new_id(node.id)
        return msgspec.structs.replace(
            node, id=copied[node.id], weights_of=copied.get(owner, owner) if owner is not None else None
        )


def _moved(source: Source, where: dict[int, int]) -> Source:
    return Source(where.get(source.layer, source.layer), source.output)
