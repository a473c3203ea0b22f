"""The rows of the palette as an item model, a flat list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from paramdesk.engine.layer_kind import kinds
from paramdesk.formats.templates import blocks
from paramdesk.ui.document.announcing import announce
from paramdesk.ui.document.row_changes import row_changes
from paramdesk.ui.palette.palette_rows import (
    BlockRow,
    KindRow,
    PaletteRow,
    SectionRow,
    about,
    offered,
    palette_rows,
    row_key,
    same_row,
)
from paramdesk.ui.stack.cargo import BLOCK_TYPE, KIND_TYPE, palette_mime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QMimeData, QObject

    from paramdesk.engine.shape import Framework


Index = QModelIndex | QPersistentModelIndex

_Role = Qt.ItemDataRole
_Flag = Qt.ItemFlag
_NO_INDEX = QModelIndex()
_KIND_FLAGS = _Flag.ItemIsSelectable | _Flag.ItemIsEnabled | _Flag.ItemIsDragEnabled | _Flag.ItemNeverHasChildren
_SECTION_FLAGS = _Flag.ItemIsSelectable | _Flag.ItemIsEnabled | _Flag.ItemNeverHasChildren


class PaletteModel(QAbstractListModel):
    """Sections with their kinds and blocks, or those that a query found."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._query = ""
        self._folded: frozenset[str] = frozenset()
        self._framework: Framework = "keras"
        self._offers = offered(kinds().values(), self._framework, blocks())
        self._rows: list[PaletteRow] = list(palette_rows(self._offers))

    @property
    def rows(self) -> Sequence[PaletteRow]:
        """The rows, top to bottom."""
        return self._rows

    @property
    def query(self) -> str:
        """What is searched for."""
        return self._query

    def row(self, place: int) -> PaletteRow:
        """The row at a place."""
        return self._rows[place]

    def first_kind(self) -> int:
        """The place of the first kind; −1 if there is none."""
        return next((place for place, row in enumerate(self._rows) if isinstance(row, KindRow)), -1)

    def section_above(self, place: int) -> int:
        """The place of the section that a row stands in; −1 if none is shown."""
        return next((above for above in range(place, -1, -1) if isinstance(self._rows[above], SectionRow)), -1)

    def show_framework(self, framework: Framework) -> None:
        """Show the kinds of another framework, under its names."""
        if framework != self._framework:
            self._framework, self._offers = framework, offered(kinds().values(), framework, blocks())
            self._update()

    def search(self, query: str) -> None:
        """Show what a query finds; everything if it is empty."""
        self._query = query
        self._update()

    def fold(self, section: str, *, closed: bool) -> None:
        """Close or open a section."""
        self._folded = self._folded | {section} if closed else self._folded - {section}
        self._update()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if isinstance(row, SectionRow):
            return _section_data(row, role)
        if role == _Role.DisplayRole:
            return row.name
        if role == _Role.AccessibleTextRole:
            return f"{row.name}, found as {row.match.why}" if row.match and row.match.why else row.name
        if role in {_Role.AccessibleDescriptionRole, _Role.WhatsThisRole}:
            return about(self._offers[row.name])
        if role == _Role.ToolTipRole:
            import html  # slow to load, for what it is

            return f"<b>{html.escape(row.name)}</b><br>{html.escape(about(self._offers[row.name]))}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return _Flag.NoItemFlags
        return _KIND_FLAGS if isinstance(self._rows[index.row()], KindRow) else _SECTION_FLAGS

    def mimeTypes(self) -> list[str]:
        return [KIND_TYPE, BLOCK_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        row = next((row for row in (self._rows[i.row()] for i in indexes) if isinstance(row, KindRow)), None)
        return palette_mime(row.kind if row is not None else "", is_block=isinstance(row, BlockRow))

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def _update(self) -> None:
        new = palette_rows(self._offers, self._query, self._folded)
        for change in announce(self, self._rows, new, row_changes(self._rows, new, row_key, same_row)):
            self.dataChanged.emit(self.index(change.first, 0), self.index(change.last, 0))


def _section_data(row: SectionRow, role: int) -> object:
    if role == _Role.DisplayRole:
        return row.title
    if role == _Role.AccessibleTextRole:
        what = "block" if row.section == "block" else "kind"
        return f"{row.title}, {row.kinds} {what}{'s' * (row.kinds != 1)}, {'open' if row.is_open else 'closed'}"
    return None
