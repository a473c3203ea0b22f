"""An architecture whose blocks are all computed once, for formats that know no repetition."""

from __future__ import annotations

import msgspec

from paramdesk.engine.analysis import MOST_ROWS
from paramdesk.engine.architecture import Architecture, Block, Node, Source
from paramdesk.engine.errors import UnwritableFile
from paramdesk.engine.naming import unique_name


def written_out(architecture: Architecture) -> Architecture:
    """The same network with a block of its own for every repetition: `stage_1`, `stage_2` and so on.

    Raises:
        UnwritableFile: it would have too many layers.
    """
    if all(node.repeat == 1 for node in architecture.nodes() if isinstance(node, Block)):
        return architecture
    run = _Run(architecture.next_id)
    layers, exits = run.walked(architecture.layers, {})
    outputs = tuple(_moved(source, exits) for source in architecture.outputs)
    return msgspec.structs.replace(architecture, layers=layers, outputs=outputs, next_id=run.next_id)


class _Run:
    """Gives out ids. The first copy of a layer keeps its id, so that what uses its weights still finds them."""

    def __init__(self, next_id: int) -> None:
        self.next_id = next_id
        self.written = 0
        self.used: set[int] = set()

    def new_id(self, former: int) -> int:
        """The id of a copy."""
        if former not in self.used:
            self.used.add(former)
            return former
        self.next_id += 1
        return self.next_id - 1

    def walked(self, nodes: tuple[Node, ...], moved: dict[int, int]) -> tuple[tuple[Node, ...], dict[int, int]]:
        """Nodes written out, and where to read what they made; `moved` says so of what they read."""
        taken = {node.name for node in nodes}
        found: list[Node] = []
        where = dict(moved)
        for node in nodes:
            inputs = tuple(_moved(source, where) for source in node.inputs)
            if not isinstance(node, Block):
                found.append(self.counted(msgspec.structs.replace(node, id=self.new_id(node.id), inputs=inputs)))
                where[node.id] = found[-1].id
                continue
            for repetition in range(node.repeat):
                copy_id = self.new_id(node.id)
                layers, inside = self.walked(node.layers, {node.id: copy_id})
                name = unique_name(f"{node.name}_{repetition + 1}", taken) if node.repeat > 1 else node.name
                taken.add(name)
                outputs = tuple(_moved(source, inside) for source in node.outputs)
                copy = msgspec.structs.replace(
                    node, id=copy_id, name=name, inputs=inputs, outputs=outputs, layers=layers, repeat=1
                )
                found.append(self.counted(copy))
                inputs = tuple(Source(copy_id, place) for place in range(len(outputs)))
                where[node.id] = copy_id
        return tuple(found), where

    def counted(self, node: Node) -> Node:
        """The node, if there are not too many."""
        self.written += 1
        if self.written > MOST_ROWS:
            raise UnwritableFile("", f"unrolled, it has more than {MOST_ROWS:,} layers")
        return node


def _moved(source: Source, where: dict[int, int]) -> Source:
    return Source(where.get(source.layer, source.layer), source.output)
