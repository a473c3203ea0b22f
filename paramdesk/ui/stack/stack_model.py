"""The rows of the stack as an item model: one column, flat; depth and everything else is in the row itself."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from paramdesk.engine import edits
from paramdesk.engine.digest import percent
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.places import enclosing, topmost
from paramdesk.ui.document import clipboard
from paramdesk.ui.document.announcing import announce
from paramdesk.ui.document.row_changes import row_changes
from paramdesk.ui.stack.cargo import (
    BLOCK_TYPE,
    KIND_TYPE,
    ROWS_TYPE,
    Attempt,
    Cargo,
    attempt,
    cargo_of,
    landing_at,
    rows_mime,
)
from paramdesk.ui.stack.lanes import Lanes, is_plain, lay_out, wiring
from paramdesk.ui.stack.stack_rows import StackRow, row_id, same_row, stack_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtCore import QMimeData, QObject

    from paramdesk.engine.summary import Summary
    from paramdesk.ui.document.document import Document

Index = QModelIndex | QPersistentModelIndex

RowRole = Qt.ItemDataRole.UserRole + 1
"""The StackRow itself."""

MOST_ROWS_OPENED = 300
"""A network with more rows than that opens with its blocks closed."""

_Role = Qt.ItemDataRole
_Flag = Qt.ItemFlag
_NO_INDEX = QModelIndex()
_ROW_FLAGS = (
    _Flag.ItemIsSelectable
    | _Flag.ItemIsEnabled
    | _Flag.ItemIsEditable
    | _Flag.ItemIsDragEnabled
    | _Flag.ItemIsDropEnabled
    | _Flag.ItemNeverHasChildren
)


class StackModel(QAbstractTableModel):
    """The rows of a document's stack; it announces only what differs from one edit to the next.

    It has no removeRows: a view that thinks it has to remove rows after a move finds that it cannot, and the document's
    own edit stays the only one.

    Attributes:
        token: tells the rows of this document from those of another window.
        lanes: how connections run in the gutter.

    Signals:
        rows_changed: rows, their lanes or the total are others now.
        refused: a text that says why a name cannot be.
    """

    rows_changed = Signal()
    refused = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.token = uuid.uuid4().hex
        self.lanes = Lanes()
        self._document = document
        self._folded: frozenset[int] = frozenset()
        self._rows: list[StackRow] = []
        self._places: dict[int, int] = {}
        self._wired: Sequence[object] = ()
        self._is_updating = False
        document.changed.connect(self._on_changed)
        document.replaced.connect(self._on_replaced)
        self._on_replaced()

    # What is shown --------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> Sequence[StackRow]:
        """The rows, top to bottom."""
        return self._rows

    @property
    def is_updating(self) -> bool:
        """Whether rows are being announced: what a view selects now is not what the user wants."""
        return self._is_updating

    @property
    def total(self) -> int:
        """The parameters of the whole network, of which a row has a share."""
        return self._document.summary.totals.parameters

    def row(self, index: int) -> StackRow:
        """The row at a place."""
        return self._rows[index]

    def place_of(self, node_id: int) -> int | None:
        """Where the row of a layer stands; None if it is in a closed block, or nowhere."""
        return self._places.get(node_id)

    # Folding --------------------------------------------------------------------------------------------------------

    def fold(self, block: int, *, closed: bool) -> None:
        """Closes or opens a block."""
        folded = self._folded | {block} if closed else self._folded - {block}
        self._fold(folded)

    def fold_all(self, blocks: frozenset[int]) -> None:
        """Closes these blocks, and opens all others."""
        self._fold(blocks)

    def reveal(self, node_id: int) -> None:
        """Opens the blocks that a layer stands in."""
        if node_id not in self._places:
            opened = self._folded.difference(enclosing(self._document.architecture, node_id))
            if opened != self._folded:
                self._folded = opened
                self._update()

    def _fold(self, folded: frozenset[int]) -> None:
        """Closes exactly these; a block that hides what was selected is selected in its place."""
        if folded == self._folded:
            return
        self._folded = folded
        self._update()
        selection = self._document.selection
        shown = {node_id: self._shown_for(node_id) for node_id in selection.ids}
        current = shown.get(selection.current) if selection.current is not None else None
        selection.select(shown.values(), current)

    def _shown_for(self, node_id: int) -> int:
        """A layer, or the outermost closed block around it."""
        if node_id in self._places:
            return node_id
        around = enclosing(self._document.architecture, node_id)
        return next((block for block in around if block in self._folded), node_id)

    # Qt's questions -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else 1

    def data(self, index: Index, role: int = _Role.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == RowRole:
            return row
        if role in {_Role.DisplayRole, _Role.EditRole}:
            return row.name
        if role == _Role.AccessibleTextRole:
            return row.sentence()
        if role == _Role.AccessibleDescriptionRole:
            return self._description(index.row())
        if role == _Role.ToolTipRole:
            return self._tool_tip(index.row())
        return None

    def setData(self, index: Index, value: object, role: int = _Role.EditRole) -> bool:
        """Renames a row."""
        if not index.isValid() or role != _Role.EditRole:
            return False
        document = self._document
        try:
            edit = edits.rename(document.architecture, self._rows[index.row()].id, str(value))
        except EditRefused as refused:
            self.refused.emit(str(refused))
            return False
        document.end_step()
        document.apply(edit)
        document.end_step()
        return True

    def reason_against(self, index: Index, name: str) -> str:
        """Why a row cannot have a name; empty if it can."""
        try:
            edits.rename(self._document.architecture, self._rows[index.row()].id, name)
        except EditRefused as refused:
            return str(refused)
        return ""

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return _Flag.ItemIsDropEnabled
        return _ROW_FLAGS

    # Dragging -------------------------------------------------------------------------------------------------------

    def mimeTypes(self) -> list[str]:
        return [KIND_TYPE, BLOCK_TYPE, ROWS_TYPE, clipboard.MIME_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        architecture = self._document.architecture
        ids = [node.id for node in topmost(architecture, [self._rows[index.row()].id for index in indexes])]
        return rows_mime(self.token, ids, clipboard.to_text(architecture, ids))

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def canDropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        return self._tried(data, action, row, parent).edit is not None

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        tried = self._tried(data, action, row, parent)
        if tried.edit is not None:
            self._document.end_step()
            self._document.apply(tried.edit)
        return tried.edit is not None

    def cargo_of(self, mime: QMimeData) -> Cargo | None:
        """What is dragged over the stack."""
        return cargo_of(mime, self.token, self._document.architecture)

    def _tried(self, data: QMimeData, action: Qt.DropAction, row: int, parent: Index) -> Attempt:
        cargo = self.cargo_of(data)
        if cargo is None:
            return Attempt()
        gap = row if row >= 0 else parent.row() + 1 if parent.isValid() else len(self._rows)
        depth = self._rows[gap].depth if gap < len(self._rows) else 0
        copies = action == Qt.DropAction.CopyAction
        document, place = self._document, landing_at(self._rows, gap, depth).place
        return attempt(document.summary, document.architecture, cargo, place, copies=copies)

    # From one edit to the next --------------------------------------------------------------------------------------

    def _on_changed(self, _former: Summary) -> None:
        self._update()

    def _on_replaced(self) -> None:
        document = self._document
        self.beginResetModel()
        self._folded = frozenset()
        self._rows = list(stack_rows(document.architecture, document.summary))
        if len(self._rows) > MOST_ROWS_OPENED and (blocks := [row.id for row in self._rows if row.is_block]):
            self._folded = frozenset(blocks)
            self._rows = list(stack_rows(document.architecture, document.summary, self._folded))
        self._settle()
        self.endResetModel()
        self.rows_changed.emit()

    def _update(self) -> None:
        document = self._document
        new = stack_rows(document.architecture, document.summary, self._folded, self._rows)
        self._is_updating = True
        try:
            changed = announce(self, self._rows, new, row_changes(self._rows, new, row_id, same_row))
            self._settle()
            for change in changed:
                self.dataChanged.emit(self.index(change.first, 0), self.index(change.last, 0))
        finally:
            self._is_updating = False
        self.rows_changed.emit()

    def _settle(self) -> None:
        """Finds places and lanes of the new rows; lanes only if the wiring is another."""
        rows = self._rows
        self._places = {row.id: index for index, row in enumerate(rows)}
        if is_plain(rows):
            if self._wired or self.lanes.rows != len(rows):
                self._wired, self.lanes = (), Lanes(rows=len(rows))
            return
        wired = [(row.id, row.inputs, row.outputs, row.is_open) for row in rows]
        if wired != self._wired:
            self._wired, self.lanes = wired, lay_out(wiring(rows))

    # Words ----------------------------------------------------------------------------------------------------------

    def share(self, row: StackRow) -> float:
        """Which part of the network's parameters a row has, 0 to 1."""
        total = self.total
        return row.parameters / total if row.parameters and total else 0.0

    def _percent(self, row: StackRow) -> str:
        totals = self._document.summary.totals
        return percent(row.parameters or 0, totals.parameters, is_complete=not totals.weights_not_counted)

    def _description(self, place: int) -> str:
        row = self._rows[place]
        said = [f"row {place + 1} of {len(self._rows)}"]
        if row.parameters:
            said.append(f"{self._percent(row)} of all parameters")
        around = [other.name for other in self._rows[:place] if other.id == row.parent]
        if around:
            said.append(f"in {around[0]}")
        return ", ".join(said)

    def _tool_tip(self, place: int) -> str:
        row = self._rows[place]
        import html  # slow to load, for what it is

        lines = [f"<b>{html.escape(row.name)}</b>", html.escape(" ".join([row.kind, row.digest]).strip())]
        if row.has_output:
            share = f", {self._percent(row)} of the total" if row.parameters else ""
            plural = "s" * (row.parameters != 1)
            lines.append(f"Output {html.escape(row.shape)}, {row.count} parameter{plural}{share}")
        if row.is_frozen:
            lines.append("Frozen: its weights are not trained")
        if row.reason:
            lines.append(html.escape(row.reason))
        return "<br>".join(lines)

    def ids(self, places: Iterable[int]) -> tuple[int, ...]:
        """The ids of the rows at these places, top to bottom."""
        return tuple([self._rows[place].id for place in sorted(places)])
