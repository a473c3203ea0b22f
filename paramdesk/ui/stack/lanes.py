"""Where the lanes of the gutter run: connections that are not simply "from the row above", as a history graph has them.

Pure, no Qt. Column 0 is the spine: the longest path through the network. Every other row stands on a lane of its own
branch; a connection that passes rows by is a lane without rows. A lane keeps its column and its colour from end to end,
and no other row or lane shares a place with it, so no lane ever crosses a node.
"""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paramdesk.ui.stack.stack_rows import StackRow

MOST_LANES = 12
"""Further lanes share one last column, which has no colour of its own: a gutter wider than its rows helps nobody."""

SPINE = -1
"""The colour of the spine, and of lanes that share a column."""

_COLOURS = 3

Wiring = tuple[tuple[int, ...], ...]
"""For each row the rows that it reads, in order."""


class Wire(msgspec.Struct, frozen=True, gc=False):
    """A connection as it is drawn: from a row, down a column, to a row.

    Attributes:
        top: the row that makes it; it leaves from that row's node.
        bottom: the row that reads it.
        column: where it runs between them.
        colour: number of its colour, or SPINE.
    """

    top: int
    bottom: int
    column: int
    colour: int


class Lanes(msgspec.Struct, frozen=True, eq=False):
    """The layout of a gutter.

    Attributes:
        width: how many columns there are beside the spine.
        columns: the column of each row's node; empty if all are on the spine.
        colours: the colour of each row's node; empty if all are the spine's.
        joins: rows that read several outputs.
        wires: per column, sorted by their top; the spine of a plain stack has none, as every row reads the one above.
        tops: the tops of these wires, to search in.
        longest: per column the lowest end among a wire and those before it, where a search may stop.
        rows: how many rows there are.
    """

    width: int = 0
    columns: tuple[int, ...] = ()
    colours: tuple[int, ...] = ()
    joins: frozenset[int] = frozenset()
    wires: tuple[tuple[Wire, ...], ...] = ()
    tops: tuple[tuple[int, ...], ...] = ()
    longest: tuple[tuple[int, ...], ...] = ()
    rows: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether every row reads the row above and nothing else."""
        return not self.wires

    def column(self, row: int) -> int:
        """The column of a row's node."""
        return self.columns[row] if self.columns else 0

    def colour(self, row: int) -> int:
        """The colour of a row's node."""
        return self.colours[row] if self.colours else SPINE

    def between(self, row: int) -> list[Wire]:
        """The wires that run between a row and the next."""
        if self.is_plain:
            return [Wire(row, row + 1, 0, SPINE)] if 0 <= row < self.rows - 1 else []
        found = []
        for wires, tops, longest in zip(self.wires, self.tops, self.longest, strict=True):
            index = bisect.bisect_right(tops, row) - 1
            while index >= 0 and longest[index] > row:
                if wires[index].bottom > row:
                    found.append(wires[index])
                index -= 1
        return found


def is_plain(rows: Sequence[StackRow]) -> bool:
    """Whether every row is a layer that reads the one above, as in most networks with very many rows."""
    inputs: tuple[tuple[int, int], ...] = ()
    for row in rows:
        if row.inputs != inputs or row.is_open is not None:
            return False
        inputs = ((row.id, 0),)
    return True


def wiring(rows: Sequence[StackRow]) -> Wiring:
    """What each row reads, as rows: an opened block's exits are its inside's rows, a closed block's its own."""
    places = {row.id: index for index, row in enumerate(rows)}
    found = []
    for index, row in enumerate(rows):
        read: list[int] = []
        for layer, output in row.inputs:
            place = places.get(layer)
            if place is not None and layer != row.parent and rows[place].is_open:
                place = _exit(rows, places, place, output)
            if place is not None and place < index and place not in read:
                read.append(place)
        found.append(tuple(read))
    return tuple(found)


def _exit(rows: Sequence[StackRow], places: dict[int, int], block: int, output: int) -> int | None:
    """The row that an opened block's exit comes from."""
    outputs = rows[block].outputs
    if output >= len(outputs):
        return None
    source = outputs[output]
    place = places.get(source.layer)
    if place is None or place == block or not rows[place].is_open:
        return place
    return _exit(rows, places, place, source.output)


def lay_out(reads: Wiring) -> Lanes:
    """The lanes of a stack whose rows read these rows."""
    number = len(reads)
    if all(read == (index - 1,) for index, read in enumerate(reads) if index) and not (reads and reads[0]):
        return Lanes(rows=number)
    paths = _paths(reads)
    columns, colours, wires = _placed(paths, reads)
    sorted_wires = tuple([tuple(sorted(column, key=_top)) for column in wires])
    return Lanes(
        width=len(wires) - 1,
        columns=tuple(columns),
        colours=tuple(colours),
        joins=frozenset([index for index, read in enumerate(reads) if len(read) > 1]),
        wires=sorted_wires,
        tops=tuple([tuple([wire.top for wire in column]) for column in sorted_wires]),
        longest=tuple([_furthest(column) for column in sorted_wires]),
        rows=number,
    )


def _top(wire: Wire) -> tuple[int, int]:
    return (wire.top, wire.bottom)


def _furthest(wires: tuple[Wire, ...]) -> tuple[int, ...]:
    """For each wire the lowest end among it and those before: beyond that a search may stop."""
    furthest, found = -1, []
    for wire in wires:
        furthest = max(furthest, wire.bottom)
        found.append(furthest)
    return tuple(found)


class _Path(msgspec.Struct):
    """A lane to be placed: rows on it, and the connections that lead into, along and out of it."""

    nodes: list[int]
    edges: list[tuple[int, int]]

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last place that it needs, where row r is place 2r and the gap below it 2r + 1."""
        places = [2 * row for row in self.nodes]
        for top, bottom in self.edges:
            places += [2 * top + 1, 2 * bottom - 1]
        return min(places), max(places)

    @property
    def is_short(self) -> bool:
        """Whether it only leads from one row to the next."""
        return not self.nodes and all(bottom - top == 1 for top, bottom in self.edges)


def _paths(reads: Wiring) -> list[_Path]:
    """The network taken apart: the spine first, then every other branch and skip."""
    apart = _Apart(reads)
    apart.take_branch(max(range(len(reads)), key=apart.reach))
    for row in range(len(reads) - 1, -1, -1):
        if not apart.taken[row]:
            apart.take_branch(row)
    apart.take_skips()
    return apart.paths


class _Apart:
    """A network being taken apart into paths, from the bottom up."""

    def __init__(self, reads: Wiring) -> None:
        self.paths: list[_Path] = []
        self.taken = [False] * len(reads)
        self._reads = reads
        self._drawn: set[tuple[int, int]] = set()
        self._depths = [0] * len(reads)
        self._readers: list[list[int]] = [[] for _ in reads]
        for row, read in enumerate(reads):
            if read:
                self._depths[row] = max([self._depths[producer] for producer in read]) + 1
            for producer in read:
                self._readers[producer].append(row)

    def reach(self, row: int) -> tuple[int, int]:
        """How long the longest way to a row is; of two equals the lower row counts as further."""
        return self._depths[row], row

    def take_branch(self, end: int) -> None:
        """The longest way up from a row through rows that no path has yet, and how it is joined at both ends."""
        path = _Path([end], [])
        row: int | None = end
        while row is not None:
            self.taken[row] = True
            row = self._step_up(path, row)
        below = [reader for reader in self._readers[end] if (end, reader) not in self._drawn]
        if below:
            path.edges.append((end, min(below)))
        self._drawn.update(path.edges)
        self.paths.append(path)

    def _step_up(self, path: _Path, row: int) -> int | None:
        """Goes from a row to the next one above on its path; None where the path begins."""
        producers = self._reads[row]
        if not producers:
            return None
        free = [producer for producer in producers if not self.taken[producer]]
        above = max(free or producers, key=self.reach)
        path.edges.append((above, row))
        if not free:
            return None
        path.nodes.append(above)
        return above

    def take_skips(self) -> None:
        """What is left are connections that pass rows by: one lane for all that start at the same row."""
        for producer, below in enumerate(self._readers):
            skips = [(producer, reader) for reader in below if (producer, reader) not in self._drawn]
            if skips:
                self.paths.append(_Path([], skips))


def _placed(paths: list[_Path], reads: Wiring) -> tuple[list[int], list[int], list[list[Wire]]]:
    """Columns and colours of the rows, and the wires of each column: short lanes stand nearest to the spine."""
    columns, colours = [0] * len(reads), [SPINE] * len(reads)
    wires: list[list[Wire]] = [[Wire(top, bottom, 0, SPINE) for top, bottom in paths[0].edges]]
    room = [_Column()]
    shades = [_Column() for _ in range(_COLOURS)]
    spans = [(path, *path.span) for path in paths[1:] if not path.is_short]
    for path, first, last in sorted(spans, key=lambda row: (row[2] - row[1], not row[0].nodes, -row[1])):
        column = next((n for n in range(1, len(room)) if room[n].overlaps(first, last) == 0), len(room))
        column = min(column, MOST_LANES + 1)
        if column == len(room):
            room.append(_Column())
            wires.append([])
        room[column].take(first, last)
        colour = SPINE
        if column <= MOST_LANES:
            colour = _least_used(shades, first, last, starts_at=1 if path.nodes else 0)
            shades[colour].take(first, last)
        for row in path.nodes:
            columns[row], colours[row] = column, colour
        wires[column].extend([Wire(top, bottom, column, colour) for top, bottom in path.edges])
    for path in paths[1:]:
        if path.is_short:
            top, bottom = path.edges[0]
            ends = sorted([(colours[top], columns[top]), (colours[bottom], columns[bottom])])
            colour, column = ends[-1]
            wires[column].append(Wire(top, bottom, column, colour))
    return columns, colours, wires


def _least_used(shades: list[_Column], first: int, last: int, starts_at: int) -> int:
    """The colour that runs beside a lane least often, beginning with the one for its sort."""
    order = [(starts_at + step) % _COLOURS for step in range(_COLOURS)]
    return min(order, key=lambda colour: shades[colour].overlaps(first, last))


class _Column:
    """The places of a column that are taken, as spans in order."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def overlaps(self, first: int, last: int) -> int:
        """How many spans touch those rows."""
        begun = bisect.bisect_right(self._firsts, last)
        ended = bisect.bisect_left(self._lasts, first)
        return begun - ended

    def take(self, first: int, last: int) -> None:
        """Keeps a span of rows."""
        bisect.insort(self._firsts, first)
        bisect.insort(self._lasts, last)
