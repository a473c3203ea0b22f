"""Which rows the table shows, in which order, and why a cell is empty. Pure, no Qt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from paramdesk.engine.architecture import Architecture, Block, Layer
from paramdesk.engine.summary import LayerReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paramdesk.engine.columns import Column
    from paramdesk.engine.summary import RowKey, Summary

Sortable: TypeAlias = Any
"""What one value of a column is compared with another by."""


class BlockReport(LayerReport, frozen=True, eq=False, gc=False, kw_only=True):
    """All repetitions of a block as one row; its numbers are sums, unknown where one of them is.

    Attributes:
        title: the block's name.
        repeat: how often it is computed.
        members: the rows that it stands for.
        ids: of the block and of everything in it.
    """

    title: str
    repeat: int
    members: tuple[LayerReport, ...]
    ids: frozenset[int]

    @property
    def name(self) -> str:
        return self.title

    @property
    def kind(self) -> str:
        return f"Block × {self.repeat:,}" if self.repeat > 1 else "Block"


# Rows -----------------------------------------------------------------------------------------------------------------


def shown_rows(
    summary: Summary, architecture: Architecture, former: Iterable[LayerReport] = (), *, folded: bool
) -> list[LayerReport]:
    """The rows of the table in order of computation.

    Args:
        summary: what is shown.
        architecture: of which it is the summary.
        former: rows shown before; those of blocks in which nothing changed are kept.
        folded: whether a block is one row.
    """
    if not folded:
        return list(summary.layers)
    known = {row.key: row for row in former if isinstance(row, BlockReport)}
    members: dict[RowKey, list[LayerReport]] = {}
    for report in summary.layers:
        members.setdefault(report.key[:1], []).append(report)
    blocks = {node.id: node for node in architecture.layers if isinstance(node, Block)}
    return [
        _folded(blocks[key[0]], tuple(reports), known.get(key)) if key[0] in blocks else reports[0]
        for key, reports in members.items()
    ]


def same_row(former: LayerReport, new: LayerReport) -> bool:
    """Whether two rows of the same key show the same."""
    if isinstance(former, BlockReport) and isinstance(new, BlockReport):
        same_members = len(former.members) == len(new.members) and all(
            a is b for a, b in zip(former.members, new.members, strict=True)
        )
        return same_members and (former.title, former.repeat) == (new.title, new.repeat)
    return former is new


def node_id(row: LayerReport) -> int:
    """The id of the layer or block that a row is about."""
    return row.key[-1]


class Places:
    """Which rows belong to each layer and block: all repetitions of a layer, all that a block holds."""

    def __init__(self, rows: Sequence[LayerReport] = ()) -> None:
        # Most layers have one row, and no list of their own: ten thousand of those would wake the garbage collector.
        self._single = {row.key[0]: place for place, row in enumerate(rows) if len(row.key) == 1}
        self._several: dict[int, list[int]] = {}
        for place, row in enumerate(rows):
            if len(row.key) > 1:
                self._add(place, row.key[::2])
            elif isinstance(row, BlockReport):
                self._add(place, row.ids)

    def of(self, ids: Iterable[int]) -> list[int]:
        """The rows of these layers and blocks, from top to bottom."""
        found: set[int] = set()
        for node in ids:
            found.update(self._several.get(node, ()))
            if node in self._single:
                found.add(self._single[node])
        return sorted(found)

    def _add(self, place: int, nodes: Iterable[int]) -> None:
        for node in nodes:
            self._several.setdefault(node, []).append(place)


def _folded(block: Block, reports: tuple[LayerReport, ...], former: LayerReport | None) -> LayerReport:
    inside = {report.key for report in reports}
    outside = [
        (path, source, spec)
        for report in reports
        for path, source, spec in zip(report.inputs, report.sources, report.input_specs, strict=False)
        if source[0] not in inside
    ]
    entrances = {source: (path, spec) for path, source, spec in outside}
    exits = {report.key[-1]: report for report in reports[-len(reports) // block.repeat :] if report.output_specs}
    outputs = [exits[source.layer].output_specs[source.output] for source in block.outputs if source.layer in exits]
    new = BlockReport(
        key=(block.id,),
        path=block.name,
        layer=reports[0].layer,
        inputs=tuple(path for path, _spec in entrances.values()),
        sources=tuple(entrances),
        input_specs=tuple(spec for _path, spec in entrances.values()),
        output_specs=tuple(outputs),
        problem=next((report.problem for report in reports if report.problem), None),
        title=block.name,
        repeat=block.repeat,
        members=reports,
        ids=frozenset({block.id}.union(*(report.key[2::2] for report in reports))),
        parameters=_sum(reports, "parameters"),
        trainable=_sum(reports, "trainable"),
        non_trainable=_sum(reports, "non_trainable"),
        statistics=_sum(reports, "statistics"),
        macs=_sum(reports, "macs"),
        weight_bytes=_sum(reports, "weight_bytes"),
        activation_bytes=_sum(reports, "activation_bytes"),
    )
    return former if former is not None and same_row(former, new) else new


def _sum(reports: Sequence[LayerReport], name: str) -> int | None:
    values = [getattr(report, name) for report in reports]
    return None if None in values else sum(values)


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


def layer_of(row: LayerReport) -> Layer | None:
    """The row's layer; None for a block."""
    return None if isinstance(row, BlockReport) else row.layer


def category(row: LayerReport) -> str:
    """The category of a row's kind; "block" for a block."""
    return "block" if isinstance(row, BlockReport) else row.layer.kind.category
