"""Equal runs of rows found and folded into one block that is repeated; no number changes.

A run can be folded if each of its repetitions does the same with what the one before it gives: the same layers with the
same options, wired alike, where each entrance reads the same exit of the repetition before, or what that one read. What
stands outside may read the last repetition only.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.edits import Edit
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.naming import unique_name
from paramdesk.engine.places import NodeList, list_at, lists, with_list

LONGEST = 250
"""Rows in one repetition, at most: longer ones take long to find, and a block of so many tells nobody anything."""


def find_repeats(architecture: Architecture) -> Edit:
    """The network with equal runs of rows as blocks that are repeated, from the innermost blocks outwards.

    Raises:
        EditRefused: no rows repeat.
    """
    found: list[int] = []
    result = architecture
    for block in reversed([whole.block for whole in lists(architecture)]):
        result = _folded(result, block, found)
    if not found:
        raise EditRefused("No rows repeat: there are no equal runs of rows that follow each other.")
    return Edit(result, f"Fold {len(found)} repeated block{'s' * (len(found) != 1)}", tuple(found))


def _folded(architecture: Architecture, block: int | None, found: list[int]) -> Architecture:
    """With the runs of one list folded, one after the other."""
    start = 0
    while True:
        search = _Search(list_at(architecture, block), _tied(architecture))
        run = search.next_from(start)
        if run is None:
            return architecture
        folded = search.fold(run, architecture.next_id)
        architecture = msgspec.structs.replace(architecture, next_id=architecture.next_id + 1)
        architecture = with_list(architecture, folded)
        found.append(folded.nodes[run.start].id)
        start = run.start + 1


def _tied(architecture: Architecture) -> set[int]:
    """Ids of what shares weights, and of the blocks around it: repetitions have weights of their own."""
    nodes = architecture.nodes()
    tied = {node.id for node in nodes if node.weights_of is not None}
    tied |= {node.weights_of for node in nodes if node.weights_of is not None}
    return tied | {node.id for node in nodes if isinstance(node, Block) and _holds(node, tied)}


def _holds(block: Block, ids: set[int]) -> bool:
    return any(node.id in ids or (isinstance(node, Block) and _holds(node, ids)) for node in block.layers)


class _Run(NamedTuple):
    """Where rows repeat: the place of the first one, how many make a repetition, and how many of these there are."""

    start: int
    length: int
    times: int

    @property
    def saved(self) -> int:
        return self.length * (self.times - 1)

    @property
    def last(self) -> int:
        """Where the last repetition starts."""
        return self.start + self.length * (self.times - 1)

    @property
    def end(self) -> int:
        return self.last + self.length


_Exit: TypeAlias = tuple[int, int]
"""Which row of a repetition, counted from 0, and which of its outputs."""

_PASSED: _Exit = (-1, 0)
"""What the entrance of the same number reads."""

_LOST: _Exit = (-2, 0)
"""Something that the repetition before neither gives nor reads there."""


class _Part(NamedTuple):
    """One repetition: where it starts, what it reads from outside, and how its rows are wired, in numbers."""

    start: int
    entrances: tuple[Source, ...]
    wiring: tuple[tuple[_Exit, ...], ...]


class _Search:
    """Looks for runs in one list."""

    def __init__(self, whole: NodeList, tied: set[int]) -> None:
        self._whole = whole
        self._nodes = whole.nodes
        self._places = {node.id: place for place, node in enumerate(whole.nodes)}
        self._alike = _numbered(whole.nodes, tied)
        self._readers: dict[int, list[tuple[int, Source]]] = {}
        for place, node in enumerate(whole.nodes):
            for source in node.inputs:
                self._readers.setdefault(source.layer, []).append((place, source))
        for source in whole.ends:
            self._readers.setdefault(source.layer, []).append((len(whole.nodes), source))

    def next_from(self, start: int) -> _Run | None:
        """The first run from a place on; where it could begin at other rows too, at those that are called alike."""
        first = next((run for place in range(start, len(self._nodes)) if (run := self._best_at(place))), None)
        if first is None:
            return None
        shifted = [self._best_at(place) for place in range(first.start, first.start + first.length)]
        return max([run for run in shifted if run is not None and run.saved >= first.saved], key=self._worth)

    def _worth(self, run: _Run) -> tuple[int, int, int]:
        return run.saved, len(self._name_of(run)), -run.start

    def _name_of(self, run: _Run) -> str:
        """What the names of a repetition have in common."""
        names = [node.name for node in self._nodes[run.start : run.start + run.length]]
        alike = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
        return "".join(letters[0] for letters in alike).rstrip("_.-") if len(names) > 1 else ""

    def _best_at(self, start: int) -> _Run | None:
        """The run from a place on that saves most rows; of equals the one with the shortest repetition."""
        runs = (self._longest(start, length) for length in self._lengths(start))
        return max((run for run in runs if run), key=lambda run: (run.saved, -run.length), default=None)

    def _lengths(self, start: int) -> Iterator[int]:
        most = min(LONGEST, (len(self._nodes) - start) // 2)
        alike = self._alike
        return (
            length for length in range(1, most + 1)
            if alike[start : start + length] == alike[start + length : start + 2 * length]
        )  # fmt: skip

    def _longest(self, start: int, length: int) -> _Run | None:
        pattern, end = self._alike[start : start + length], start + 2 * length
        while self._alike[end : end + length] == pattern:
            end += length
        # Two equal rows are no pattern yet, unless they are blocks.
        least = 2 if length > 1 or isinstance(self._nodes[start], Block) else 3
        possible = range((end - start) // length, least - 1, -1)
        return next((run for times in possible if self.exits(run := _Run(start, length, times))), None)

    def exits(self, run: _Run) -> tuple[_Exit, ...]:
        """What each repetition gives to the next, entrance by entrance; empty if the run cannot be folded."""
        parts = [self._part(start, run.length) for start in range(run.start, run.end, run.length)]
        if any(part.wiring != parts[0].wiring for part in parts):
            return ()
        found = []
        for number in range(len(parts[0].entrances)):
            ways = {self._way(former, part, number, run.length) for former, part in itertools.pairwise(parts)}
            if len(ways) > 1 or _LOST in ways:
                return ()
            found.append(ways.pop())
        return tuple(found) if self._is_closed(run, found) else ()

    def _part(self, start: int, length: int) -> _Part:
        entrances: dict[Source, int] = {}
        wiring = []
        for node in self._nodes[start : start + length]:
            read = []
            for source in node.inputs:
                place = self._places.get(source.layer, -1)
                inside = (place - start, source.output)
                read.append(inside if place >= start else (-1, entrances.setdefault(source, len(entrances))))
            wiring.append(tuple(read))
        return _Part(start, tuple(entrances), tuple(wiring))

    def _way(self, former: _Part, part: _Part, number: int, length: int) -> _Exit:
        """Where an entrance of a repetition comes from."""
        source = part.entrances[number]
        row = self._places.get(source.layer, -1) - former.start
        if 0 <= row < length:
            return row, source.output
        return _PASSED if source == former.entrances[number] else _LOST

    def _is_closed(self, run: _Run, exits: list[_Exit]) -> bool:
        """Whether what stands below the run reads nothing but what the last repetition gives."""
        for place in range(run.start, run.end):
            for reader, source in self._readers.get(self._nodes[place].id, ()):
                if reader >= run.end and (place - run.last, source.output) not in exits:
                    return False
        return True

    def fold(self, run: _Run, block_id: int) -> NodeList:
        """The list with a run as one block."""
        exits = self.exits(run)
        block, given = self._as_block(run, exits, block_id)
        last = self._nodes[run.last : run.end]
        moved = {
            Source(last[row].id, output): Source(block.id, place)
            for place, (row, output) in reversed(list(enumerate(given))) if row >= 0
        }  # fmt: skip
        below = [_reading(node, moved) for node in self._nodes[run.end :]]
        ends = tuple([moved.get(source, source) for source in self._whole.ends])
        return NodeList(self._whole.block, (*self._nodes[: run.start], block, *below), ends)

    def _as_block(self, run: _Run, exits: tuple[_Exit, ...], block_id: int) -> tuple[Block, tuple[_Exit, ...]]:
        """The block of a run, and what each of its exits is."""
        first = self._nodes[run.start]
        part = self._part(run.start, run.length)
        if run.length == 1 and isinstance(first, Block) and first.repeat == 1 and first.inputs == part.entrances:
            own = tuple([(0, place) for place in range(len(first.outputs))])
            if exits == own:
                return msgspec.structs.replace(first, repeat=run.times), own
        entrances = {source: Source(block_id, place) for place, source in enumerate(part.entrances)}
        rows = self._nodes[run.start : run.start + run.length]
        outputs = [
            Source(block_id, place) if row < 0 else Source(rows[row].id, output)
            for place, (row, output) in enumerate(exits)
        ]
        taken = {node.name for node in (*self._nodes[: run.start], *rows, *self._nodes[run.end :])}
        name = unique_name(self._name_of(run) or "block", taken)
        layers = tuple([_reading(node, entrances) for node in rows])
        return Block(block_id, name, part.entrances, tuple(outputs), layers, run.times), exits


def _reading(node: Node, moved: Mapping[Source, Source]) -> Node:
    if not any(source in moved for source in node.inputs):
        return node
    return msgspec.structs.replace(node, inputs=tuple([moved.get(source, source) for source in node.inputs]))


def _numbered(nodes: tuple[Node, ...], tied: set[int]) -> list[int]:
    """A number for each node, the same for those that are alike but for their names and for what they read."""
    known: list[object] = []
    numbers = []
    for node in nodes:
        said = node.id if node.id in tied else _said(node)
        if said not in known:
            known.append(said)
        numbers.append(known.index(said))
    return numbers


def _said(node: Node) -> object:
    """A node without names and ids."""
    if isinstance(node, Layer):
        return node.kind, node.trainable, node.extras, len(node.inputs)
    places = {node.id: -1, **{inner.id: place for place, inner in enumerate(node.layers)}}

    def local(sources: tuple[Source, ...]) -> list[tuple[int, int]]:
        return [(places.get(source.layer, -2), source.output) for source in sources]

    inside = [(_said(inner), local(inner.inputs)) for inner in node.layers]
    return node.repeat, len(node.inputs), inside, local(node.outputs), node.extras
