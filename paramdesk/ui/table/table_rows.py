"""In which order the table shows its rows, which belong to a layer, and why a cell is empty. Pure, no Qt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from paramdesk.engine.folding import BlockReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paramdesk.engine.columns import Column
    from paramdesk.engine.summary import LayerReport, Summary

Sortable: TypeAlias = Any
"""What one value of a column is compared with another by."""


# Rows -----------------------------------------------------------------------------------------------------------------


def node_id(row: LayerReport) -> int:
    """The id of the layer or block that a row is about."""
    return row.key[-1]


def places_of(rows: Sequence[LayerReport], ids: Iterable[int]) -> list[int]:
    """The places of the rows that belong to layers and blocks: all repetitions of a layer, all that a block holds."""
    wanted = frozenset(ids)
    if not wanted:
        return []
    keys = [row.key for row in rows]
    if max(map(len, keys), default=0) == 1 and BlockReport not in map(type, rows):  # as in most networks with many rows
        return [place for place, (node,) in enumerate(keys) if node in wanted]
    return [
        place
        for place, row in enumerate(rows)
        if (key := row.key)[0] in wanted
        or (len(key) > 1 and not wanted.isdisjoint(key[::2]))
        or (type(row) is BlockReport and not wanted.isdisjoint(row.ids))
    ]


# Order ----------------------------------------------------------------------------------------------------------------


def in_order(rows: Sequence[LayerReport], summary: Summary, column: Column, *, descending: bool) -> list[LayerReport]:
    """The rows sorted by a column: numbers by their size, unknown ones last either way, equal ones as computed."""
    values = [(column.value(row, summary), row) for row in rows]
    known = [(sort_key(value), row) for value, row in values if value is not None]
    unknown = [row for value, row in values if value is None]
    known.sort(key=_first, reverse=descending)
    return [row for _key, row in known] + unknown


def _first(pair: tuple[Sortable, LayerReport]) -> Sortable:
    return pair[0]


def sort_key(value: object) -> Sortable:
    """What a value is compared by: texts without regard to case, digits in them as numbers; unknown sizes first.

    >>> sort_key("conv2d_10") > sort_key("Conv2D_9"), sort_key((None, 3)) < sort_key((2, 1))
    (True, True)
    """
    if isinstance(value, str):
        parts = re.split(r"(\d+)", value.casefold())
        return [(int(part), "") if index % 2 else (-1, part) for index, part in enumerate(parts)]
    if isinstance(value, tuple):
        return tuple(-1 if item is None else sort_key(item) for item in value)
    return value


# Words ----------------------------------------------------------------------------------------------------------------


def reason(row: LayerReport, summary: Summary, column: Column) -> str:
    """Why a cell is empty."""
    if row.problem is not None and not row.is_computed:
        where = f"{row.problem.path}: " if isinstance(row, BlockReport) else ""
        return f"not known: {where}{row.problem.message}"
    if not row.is_computed and column.name != "problem":
        return "not known: nothing says what it makes"
    match column.name:
        case "receptive_field":
            return "not defined: after Flatten, Dense and global pooling every value depends on the whole input"
        case "share":
            return "no layer has parameters" if row.is_computed else "not known"
        case "problem":
            return "no problem"
        case "output_shapes":
            return "not known"
        case _:
            return "not known: a size of the input is not known"


def category(row: LayerReport) -> str:
    """The category of a row's kind; "block" for a block."""
    return "block" if isinstance(row, BlockReport) else row.layer.kind.category
