"""The rows of the summary as an item model, which announces exactly what an edit changed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from paramdesk.engine.columns import COLUMNS, MISSING, Value
from paramdesk.engine.folding import folded_rows, same_row
from paramdesk.formats.tabular.csv_table import cell as clipboard_cell
from paramdesk.ui.document.announcing import announce
from paramdesk.ui.document.row_changes import row_changes
from paramdesk.ui.table.table_rows import in_order, places_of, reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtCore import QObject

    from paramdesk.engine.columns import Column
    from paramdesk.engine.summary import LayerReport, RowKey, Summary
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.document.row_changes import Change

__all__ = ["RowRole", "SummaryTableModel", "ValueRole"]

_Role = Qt.ItemDataRole
_Index = QModelIndex | QPersistentModelIndex

RowRole = _Role.UserRole + 1
"""The row's report."""
ValueRole = _Role.UserRole + 2
"""The cell for programs and the clipboard: plain digits, empty where nothing is known."""

NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
TEXTS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_TEXT_ROLES = [_Role.DisplayRole, _Role.ToolTipRole, _Role.AccessibleTextRole, ValueRole]
_NOWHERE = QModelIndex()

MOST_COMPARED = 64
"""Changed rows in one span up to here are compared cell by cell; beyond, the whole span is announced."""


class SummaryTableModel(QAbstractTableModel):
    """A row per layer (or block), a column per declared column.

    The rows are sorted here and not by a proxy: the order is one `sorted` over values, exact for integers of any size,
    and an edit in a sorted table takes the same road of row changes as any other.

    Attributes:
        columns: every column, whether it is shown or not.
        rows: the rows as they are shown.
        arrangement: a number that is another one after rows have come, gone or moved.
        is_changing: rows are just coming, going or moving: what is deselected now is not the user's wish.
    """

    def __init__(self, document: Document, *, folded: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._summary = document.summary
        self._folded = folded
        self.arrangement = 0
        self.is_changing = False
        self._sorted_by: tuple[int, bool] | None = None
        self.columns: tuple[Column, ...] = COLUMNS
        self.rows: list[LayerReport] = self._wanted()
        document.changed.connect(self._on_changed)
        document.replaced.connect(self._on_replaced)
        for rearranged in (self.rowsRemoved, self.rowsInserted, self.rowsMoved):
            rearranged.connect(self._on_rearranged)

    @property
    def summary(self) -> Summary:
        """What the rows are from."""
        return self._summary

    @property
    def is_folded(self) -> bool:
        """Whether a block is one row."""
        return self._folded

    @is_folded.setter
    def is_folded(self, folded: bool) -> None:
        if folded != self._folded:
            self._folded = folded
            self._show(self._wanted())

    def places_of(self, ids: Iterable[int]) -> list[int]:
        """Return the rows that belong to these layers and blocks, from top to bottom."""
        return places_of(self.rows, ids)

    def text(self, row: int, column: int) -> str:
        """What people read in a cell."""
        return self.columns[column].shown(self.rows[row], self._summary)

    def value(self, row: int, column: int) -> Value:
        """The value of a cell; None where it is not known."""
        return self.columns[column].value(self.rows[row], self._summary)

    # --- Qt ---------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Return how many columns there are, shown or not."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        """Return a cell's text, tooltip, alignment, words for a screen reader, or plain value."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        match role:
            case _Role.DisplayRole:
                return self.text(row, column)
            case _Role.TextAlignmentRole:
                return NUMBERS if self.columns[column].is_number else TEXTS
            case _Role.ToolTipRole:
                return self._tip(row, column)
            case _Role.AccessibleTextRole:
                return self._spoken(row, column)
            case _Role.AccessibleDescriptionRole:
                return self.columns[column].tip
            case _ if role == RowRole:
                return self.rows[row]
            case _ if role == ValueRole:
                return clipboard_cell(self.value(row, column))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        """Return a column's title and meaning, a row's number and its words for a screen reader."""
        if orientation is Qt.Orientation.Vertical:
            if role == _Role.DisplayRole:
                return str(section + 1)
            if role == _Role.AccessibleTextRole and section < len(self.rows):
                return self._spoken_row(self.rows[section])
            return None
        column = self.columns[section]
        match role:
            case _Role.DisplayRole:
                return column.header
            case _Role.ToolTipRole:
                return column.tip
            case _Role.TextAlignmentRole:
                return NUMBERS if column.is_number else TEXTS
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; −1 brings back the order of computation."""
        self._sorted_by = (column, order is Qt.SortOrder.DescendingOrder) if column >= 0 else None
        wanted = self._wanted()
        if [row.key for row in wanted] == [row.key for row in self.rows]:
            return
        # Without arguments: emitted from Python with an empty list of parents, this signal ends the process.
        self.layoutAboutToBeChanged.emit()
        self.arrangement += 1
        held = self.persistentIndexList()
        keys = [self.rows[index.row()].key for index in held]
        self.rows = wanted
        places: dict[RowKey, int] = {row.key: place for place, row in enumerate(wanted)}
        moved = [self.index(places[key], index.column()) for key, index in zip(keys, held, strict=True)]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    # --- changes ----------------------------------------------------------------------------

    def _wanted(self) -> list[LayerReport]:
        summary = self._document.summary
        former = getattr(self, "rows", ())
        rows: list[LayerReport] = list(summary.layers)
        if self._folded:
            rows = folded_rows(summary, self._document.architecture, former)
        if self._sorted_by is None:
            return rows
        column, descending = self._sorted_by
        return in_order(rows, summary, self.columns[column], descending=descending)

    def _on_replaced(self) -> None:
        self.is_changing = True
        self.beginResetModel()
        self.arrangement += 1
        self._summary = self._document.summary
        self.rows = self._wanted()
        self.endResetModel()
        self.is_changing = False

    def _on_changed(self, former: Summary) -> None:
        self._summary = self._document.summary
        self._show(self._wanted())
        if former.totals.parameters != self._summary.totals.parameters and self.rows:
            share = next(place for place, column in enumerate(self.columns) if column.name == "share")
            self.dataChanged.emit(self.index(0, share), self.index(len(self.rows) - 1, share), _TEXT_ROLES)

    def _show(self, wanted: list[LayerReport]) -> None:
        former = self.rows[:]
        self.is_changing = True
        changes = announce(self, self.rows, wanted, row_changes(self.rows, wanted, key=_key, same=same_row))
        self.is_changing = False
        shown = {row.key: row for row in former} if any(_is_short(change) for change in changes) else {}
        for change in changes:
            self._announce(change, shown)

    def _on_rearranged(self) -> None:
        self.arrangement += 1

    def _announce(self, step: Change, former: dict[RowKey, LayerReport]) -> None:
        if not _is_short(step):
            differing = list(range(len(self.columns)))
        else:
            pairs = [(former[self.rows[row].key], self.rows[row]) for row in range(step.first, step.last + 1)]
            summary = self._summary
            differing = [
                place
                for place, column in enumerate(self.columns)
                if any(column.value(old, summary) != column.value(new, summary) for old, new in pairs)
            ]
        for left, right in _spans(differing):
            self.dataChanged.emit(self.index(step.first, left), self.index(step.last, right), _TEXT_ROLES)

    # --- words ------------------------------------------------------------------------------

    def _tip(self, row: int, column: int) -> str:
        told, text = self.columns[column], self.text(row, column)
        report = self.rows[row]
        if self.value(row, column) is None:
            return f"{told.header}: {reason(report, self._summary, told)}"
        if told.name in {"name", "kind", "path"}:
            problem = self._summary.problem_of(report)
            return f"{report.path}\n{problem.message}" if problem else report.path
        if told.name == "share":
            text = f"{report.parameters:,} of {self._summary.totals.parameters:,} parameters"
        return f"{told.header}: {text}\n{told.tip}"

    def _spoken(self, row: int, column: int) -> str:
        told, text = self.columns[column], self.text(row, column)
        report = self.rows[row]
        if told.name == "name":
            return self._spoken_row(report)
        if text == MISSING:
            text = reason(report, self._summary, told)
        return f"{report.name}, {told.header}: {text}"

    def _spoken_row(self, report: LayerReport) -> str:
        problem = self._summary.problem_of(report)
        if report.parameters is None or (problem is not None and problem.severity == "warning"):
            what = problem.message if problem is not None else "not computed"
        else:
            what = f"{report.parameters:,} parameters"
        return f"{report.name}, {report.kind}, {what}"


def _key(row: LayerReport) -> RowKey:
    return row.key


def _is_short(change: Change) -> bool:
    """Whether its rows are compared cell by cell."""
    return change.last - change.first < MOST_COMPARED


def _spans(places: list[int]) -> list[tuple[int, int]]:
    runs = itertools.groupby(enumerate(places), key=_offset)
    spans = []
    for _offset_of_run, run in runs:
        members = [place for _number, place in run]
        spans.append((members[0], members[-1]))
    return spans


def _offset(numbered: tuple[int, int]) -> int:
    return numbered[1] - numbered[0]
