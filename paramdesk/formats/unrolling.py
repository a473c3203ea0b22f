"""An architecture without blocks, for formats that know none."""

from __future__ import annotations

import msgspec

from paramdesk.engine.analysis import MOST_ROWS
from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.errors import UnwritableFile


def unrolled(architecture: Architecture) -> Architecture:
    """The same network as a plain list of layers, repetitions written out, each layer under a name of its own.

    Raises:
        UnwritableFile: it would be too long, or a layer reads an output that a block does not have.
    """
    run = _Run({node.name for node in architecture.layers if isinstance(node, Layer)})
    made: dict[int, tuple[Source, ...] | int] = {}
    run.walk(architecture.layers, made, "")
    outputs = tuple(_resolved(source, made) for source in architecture.outputs)
    layers = tuple(
        layer
        if layer.weights_of is None
        else msgspec.structs.replace(layer, weights_of=run.copies.get(layer.weights_of))
        for layer in run.layers
    )
    return Architecture(
        architecture.name, layers, outputs, architecture.framework, architecture.layout, len(run.layers),
        architecture.extras,
    )  # fmt: skip


class _Run:
    def __init__(self, taken: set[str]) -> None:
        self.taken = taken
        self.layers: list[Layer] = []
        self.copies: dict[int, int] = {}

    def walk(self, nodes: tuple[Node, ...], made: dict[int, tuple[Source, ...] | int], prefix: str) -> None:
        """Writes nodes out; `made` has the exits of blocks and the new ids of layers, and gets theirs."""
        for node in nodes:
            inputs = tuple(_resolved(source, made) for source in node.inputs)
            if isinstance(node, Block):
                made[node.id] = self.repeated(node, inputs, prefix)
                continue
            if len(self.layers) >= MOST_ROWS:
                raise UnwritableFile("", f"unrolled, it has more than {MOST_ROWS:,} layers")
            made[node.id] = new_id = len(self.layers)
            name = self.unique(prefix + node.name) if prefix else node.name
            self.copies[node.id] = new_id
            self.layers.append(msgspec.structs.replace(node, id=new_id, name=name, inputs=inputs))

    def repeated(self, block: Block, entrances: tuple[Source, ...], prefix: str) -> tuple[Source, ...]:
        """A block's repetitions, one after the other; returns the exits of the last."""
        for repetition in range(block.repeat):
            inside: dict[int, tuple[Source, ...] | int] = {block.id: entrances}
            label = f"{block.name}_{repetition + 1}" if block.repeat > 1 else block.name
            self.walk(block.layers, inside, f"{prefix}{label}_")
            entrances = tuple(_resolved(source, inside) for source in block.outputs)
        return entrances

    def unique(self, name: str) -> str:
        """The name, or it with a number if it is taken."""
        free, number = name, 0
        while free in self.taken:
            number += 1
            free = f"{name}_{number}"
        self.taken.add(free)
        return free


def _resolved(source: Source, made: dict[int, tuple[Source, ...] | int]) -> Source:
    found = made.get(source.layer)
    if found is None:
        raise UnwritableFile("", "a layer or an output reads what is not there or stands below it")
    if isinstance(found, int):
        return Source(found, source.output)
    if source.output >= len(found):
        raise UnwritableFile("", f"a layer reads output {source.output} of a block that has {len(found)}")
    return found[source.output]
