"""From the rows a view shows to the rows it should show, as the few steps that an item model may announce.

Pure, no Qt: removals, moves, insertions, then changed spans, each in terms of the rows as they are when its turn comes.
"""

from __future__ import annotations

import bisect
import itertools
import operator
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

Row = TypeVar("Row")

MOST_MOVES = 64
"""Beyond this, moved rows are removed and inserted again: many single moves would cost more than they save."""


class Removal(msgspec.Struct, frozen=True):
    """Rows first … last go."""

    first: int
    last: int


class Move(msgspec.Struct, frozen=True):
    """The row at `first` goes to where `to` is, counted without it."""

    first: int
    to: int


class Insertion(msgspec.Struct, frozen=True):
    """Rows come in that will stand at first … last."""

    first: int
    last: int


class Change(msgspec.Struct, frozen=True):
    """Rows first … last show something else."""

    first: int
    last: int


Step: TypeAlias = Removal | Move | Insertion | Change


def row_changes(
    former: Sequence[Row],
    new: Sequence[Row],
    key: Callable[[Row], Hashable],
    same: Callable[[Row, Row], bool],
) -> list[Step]:
    """The steps from the former rows to the new ones.

    Args:
        former: rows as they are shown; none of them is None.
        new: rows as they should be shown.
        key: what a row keeps through every edit; unique among rows.
        same: whether two rows with the same key show the same.
    """
    head = _alike(former, new)
    tail = _alike(former[: head - 1 if head else None : -1], new[: head - 1 if head else None : -1])
    inner, outer = former[head : len(former) - tail], new[head : len(new) - tail]
    before, after = list(map(key, inner)), list(map(key, outer))
    first, last = _ends_in_common(before, after)
    gone, come = slice(first, len(before) - last), slice(first, len(after) - last)
    steps = _structural(before[gone], after[come], head + first)
    old_rows = dict(zip(before[gone], inner[gone], strict=True))
    known: list[Row | None] = [*inner[:first], *map(old_rows.get, after[come]), *inner[len(before) - last :]]
    differing = [
        index
        for index, (old, row) in enumerate(zip(known, outer, strict=True), head)
        if old is not None and old is not row and not same(old, row)
    ]
    return steps + [Change(first, last) for first, last in _spans(differing)]


def _alike(former: Sequence[Row], new: Sequence[Row]) -> int:
    """How many rows at the beginning are the very same objects."""
    return _first(map(operator.is_not, former, new), min(len(former), len(new)))


def _ends_in_common(before: list[Hashable], after: list[Hashable]) -> tuple[int, int]:
    """How many keys at the beginning and at the end, beside those, are the same."""
    most = min(len(before), len(after))
    head = _first(map(operator.ne, before, after), most)
    tail = _first(map(operator.ne, reversed(before), reversed(after)), most - head)
    return head, min(tail, most - head)


def _first(truths: Iterable[bool], otherwise: int) -> int:
    """The place of the first one that is true."""
    return next(itertools.compress(itertools.count(), truths), otherwise)


def _structural(before: list[Hashable], after: list[Hashable], start: int) -> list[Step]:
    """Removals, moves and insertions that make the one list of keys the other; both begin at the row `start`."""
    positions = {name: index for index, name in enumerate(after)}
    kept = [name for name in before if name in positions]
    settled = _longest_rising([positions[name] for name in kept])
    still = {after[position] for position in settled}
    moved = [name for name in kept if name not in still]
    if len(moved) > MOST_MOVES:
        kept = [name for name in kept if name in still]
        moved = []
    keep = set(kept)
    gone = [index for index, name in enumerate(before, start) if name not in keep]
    come = [index for index, name in enumerate(after, start) if name not in keep]
    steps: list[Step] = [Removal(first, last) for first, last in reversed(_spans(gone))]
    steps += _moves(kept, moved, positions, settled, start)
    return steps + [Insertion(first, last) for first, last in _spans(come)]


def _moves(
    current: list[Hashable], moved: list[Hashable], positions: dict[Hashable, int], settled: list[int], start: int
) -> list[Step]:
    """The moves, one row at a time, that bring the kept rows into their new order."""
    steps: list[Step] = []
    placed = sorted(settled)
    waiting = set(moved)
    for name in sorted(moved, key=positions.__getitem__):
        first = current.index(name)
        current = current[:first] + current[first + 1 :]
        to = _index_of_settled(current, bisect.bisect(placed, positions[name]), waiting)
        current.insert(to, name)
        if to != first:
            steps.append(Move(start + first, start + to))
        waiting.remove(name)
        bisect.insort(placed, positions[name])
    return steps


def _index_of_settled(current: list[Hashable], number: int, waiting: set[Hashable]) -> int:
    """Where in `current` the settled row number `number` stands (its end, if there is none)."""
    seen = 0
    for index, name in enumerate(current):
        if name not in waiting:
            if seen == number:
                return index
            seen += 1
    return len(current)


def _longest_rising(values: list[int]) -> list[int]:
    """The longest rising subsequence: what can stay where it is while the rest moves around it."""
    if all(a < b for a, b in itertools.pairwise(values)):
        return values
    tails: list[int] = []
    tail_index: list[int] = []
    before: list[int] = []
    for index, value in enumerate(values):
        place = bisect.bisect_left(tails, value)
        before.append(tail_index[place - 1] if place else -1)
        if place == len(tails):
            tails.append(value)
            tail_index.append(index)
        else:
            tails[place] = value
            tail_index[place] = index
    chain = []
    index = tail_index[-1] if tail_index else -1
    while index >= 0:
        chain.append(values[index])
        index = before[index]
    return chain[::-1]


def _spans(indices: list[int]) -> list[tuple[int, int]]:
    """Rising numbers as runs: [1, 2, 5] is (1, 2), (5, 5)."""
    spans: list[tuple[int, int]] = []
    for index in indices:
        if spans and index == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], index)
        else:
            spans.append((index, index))
    return spans
