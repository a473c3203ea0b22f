"""The view of the stack: selection, keys, drags, and what is painted around the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QDrag, QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView

from paramdesk.ui.controls.viewport import give_viewport
from paramdesk.ui.dialogs import ask
from paramdesk.ui.stack.connecting import Connecting
from paramdesk.ui.stack.drag_pixmap import rows_pixmap
from paramdesk.ui.stack.row_sizes import RowSizes
from paramdesk.ui.stack.shared_selection import SharedSelection
from paramdesk.ui.stack.stack_delegate import StackDelegate
from paramdesk.ui.stack.stack_drops import StackDrops
from paramdesk.ui.stack.surroundings import Surroundings

if TYPE_CHECKING:
    from PySide6.QtGui import (
        QDragEnterEvent,
        QDragLeaveEvent,
        QDragMoveEvent,
        QDropEvent,
        QFocusEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
    )
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.document.document import Document
    from paramdesk.ui.stack.row_geometry import RowGeometry
    from paramdesk.ui.stack.stack_model import StackModel
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

Index = QModelIndex | QPersistentModelIndex

_Cursor = QAbstractItemView.CursorAction
_Key = Qt.Key
_BY_KEYBOARD = {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason}


class StackView(QTableView):
    """One row per layer.

    Signals:
        properties_wanted: Enter was pressed: the keyboard goes to the properties of the current row.
        menu_wanted: a context menu was asked for, at a point of the screen.
        geometry_changed: parts of the rows stand elsewhere now.
    """

    properties_wanted = Signal()
    menu_wanted = Signal(QPoint)
    geometry_changed = Signal()

    def __init__(
        self, document: Document, theme: Theme, icons: Icons, model: StackModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        give_viewport(self, theme, "surface")
        self._document = document
        self._theme = theme
        self._icons = icons
        self._rows = model
        self._by_keyboard = False
        self.delegate = StackDelegate(theme, icons, model, self)
        self.drops = StackDrops(document, theme, model, self)
        self.connecting = Connecting(document, theme, model, self)
        self._sizes = RowSizes(theme, model, self)
        self._shared = SharedSelection(document.selection, model, self)
        self._surroundings = Surroundings(theme, icons, model, self)
        self._set_up()
        self.setModel(model)
        self.setItemDelegate(self.delegate)
        model.rows_changed.connect(self._on_rows_changed)
        model.modelReset.connect(self._on_reset)
        document.selection.changed.connect(self._on_selection_changed)
        theme.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Layers")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDropIndicatorShown(False)
        self.setMouseTracking(True)
        self.horizontalHeader().hide()
        self.verticalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().setMinimumSectionSize(1)
        self.setCornerButtonEnabled(False)

    # Geometry ---------------------------------------------------------------------------------------------------------

    @property
    def geometry_of_rows(self) -> RowGeometry:
        """Where the parts of a row stand now."""
        assert self.delegate.geometry is not None
        return self.delegate.geometry

    def row_rect(self, place: int) -> QRect:
        """A row's rectangle in the viewport."""
        return QRect(0, self.rowViewportPosition(place), self.viewport().width(), self.rowHeight(place))

    def middle_of(self, place: int) -> float:
        """The middle of a row in the viewport, or outside it."""
        return self.rowViewportPosition(place) + self.rowHeight(place) / 2

    def rows_within(self, rect: QRect) -> range:
        """The places of the rows that a rectangle of the viewport touches."""
        number = len(self._rows.rows)
        first = max(self.rowAt(max(0, rect.top())), 0)
        last = self.rowAt(rect.bottom())
        if not number or self.rowViewportPosition(number - 1) + self.rowHeight(number - 1) <= rect.top():
            return range(0)
        return range(first, (last if last >= 0 else number - 1) + 1)

    def updateGeometries(self) -> None:
        """Leave room below the last row for the place where more can be dropped."""
        bar = self.verticalScrollBar()
        value = bar.value()
        super().updateGeometries()
        length = self.verticalHeader().length() + self._surroundings.height_below() - self.viewport().height()
        if length > bar.maximum():
            bar.setMaximum(length)
            bar.setValue(min(value, length))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the parts of the rows within the new width."""
        super().resizeEvent(event)
        self._sizes.measure()

    # Following --------------------------------------------------------------------------------------------------------

    def _on_theme_changed(self) -> None:
        self._sizes.restart()
        self._on_rows_changed()

    def _on_rows_changed(self) -> None:
        self._sizes.fit_heights()
        self._sizes.measure()
        self.delegate.hovered = -1
        self._shared.follow(scrolls=False)
        self._refresh_ring()
        self.viewport().update()

    def _on_reset(self) -> None:
        # Other rows: nobody has gone to one of them yet.
        self._by_keyboard = False
        self._refresh_ring()

    def _on_selection_changed(self) -> None:
        self._shared.follow(scrolls=True)
        self._refresh_ring()

    def selected_places(self) -> list[int]:
        """The places of the selected rows."""
        return self._shared.places()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Make what the user selects here the selection everywhere."""
        super().selectionChanged(selected, deselected)
        self._shared.tell()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Make the row that the user went to the current one everywhere."""
        super().currentChanged(current, previous)
        self._refresh_ring()

    # Keys and pointer -------------------------------------------------------------------------------------------------

    def moveCursor(self, cursorAction: _Cursor, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Go to the first and the last row by Home and End: there is one column only."""
        last = len(self._rows.rows) - 1
        if cursorAction == _Cursor.MoveHome:
            return self._rows.index(0, 0) if last >= 0 else QModelIndex()
        if cursorAction == _Cursor.MoveEnd:
            return self._rows.index(last, 0)
        return super().moveCursor(cursorAction, modifiers)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Fold by Left and Right, go to the properties by Enter."""
        self._by_keyboard = True
        key, current = event.key(), self.currentIndex()
        if self.connecting.is_active and key == _Key.Key_Escape:
            self.connecting.cancel()
            return
        if key in {_Key.Key_Return, _Key.Key_Enter} and current.isValid():
            self.properties_wanted.emit()
        elif key in {_Key.Key_Left, _Key.Key_Right} and not event.modifiers() and current.isValid():
            self._fold_or_go(current.row(), closes=key == _Key.Key_Left)
        else:
            super().keyPressEvent(event)
        self._refresh_ring()

    def _fold_or_go(self, place: int, *, closes: bool) -> None:
        """As in every tree: close, or go to the block around; open, or go to the first row inside."""
        row = self._rows.row(place)
        if row.is_open is closes:
            self._rows.fold(row.id, closed=closes)
            return
        target = self._rows.place_of(row.parent) if closes and row.parent is not None else None
        if not closes and row.is_open and place + 1 < len(self._rows.rows):
            target = place + 1 if self._rows.row(place + 1).parent == row.id else None
        if target is not None:
            self.setCurrentIndex(self._rows.index(target, 0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open and close a block by its chevron, connect from a node; elsewhere in the gutter select, do not drag."""
        self._by_keyboard = False
        if event.button() == Qt.MouseButton.LeftButton and (self._fold_by(event) or self.connecting.press(event)):
            return
        at = event.position().toPoint()
        self.setDragEnabled(self.rowAt(at.y()) < 0 or at.x() >= self.geometry_of_rows.gutter)
        super().mousePressEvent(event)
        self._refresh_ring()

    def _fold_by(self, event: QMouseEvent) -> bool:
        """Opens or closes the block whose chevron was clicked, if it was one."""
        at = event.position().toPoint()
        place = self.rowAt(at.y())
        row = self._rows.row(place) if place >= 0 else None
        if row is None or not row.is_block:
            return False
        if not self.delegate.chevron_rect(row, self.row_rect(place)).contains(at):
            return False
        self._rows.fold(row.id, closed=bool(row.is_open))
        return True

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Connect what was drawn; let rows be dragged again."""
        if self.connecting.is_active:
            self.connecting.release(event)
            return
        super().mouseReleaseEvent(event)
        self.setDragEnabled(True)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Rename, unless it was two clicks on a chevron."""
        if not self._fold_by(event):
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the row under the pointer, or draw a connection to it."""
        at = event.position().toPoint()
        if self.connecting.is_active:
            self.connecting.move(event)
        else:
            super().mouseMoveEvent(event)
            self.connecting.hover(at if not event.buttons() else None)
        self._hover(self.rowAt(at.y()))

    def leaveEvent(self, event: QEvent) -> None:
        """Light up no row."""
        super().leaveEvent(event)
        self.connecting.hover(None)
        self._hover(-1)

    def _hover(self, place: int) -> None:
        former = self.delegate.hovered
        if place != former:
            self.delegate.hovered = place
            for row in (former, place):
                if 0 <= row < len(self._rows.rows):
                    self.viewport().update(self.row_rect(row))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the selected rows; a row that is not selected is selected first."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.currentIndex().isValid():
            rect = self.visualRect(self.currentIndex())
            self.menu_wanted.emit(self.viewport().mapToGlobal(QPoint(self.geometry_of_rows.name, rect.bottom())))
        else:
            self.menu_wanted.emit(event.globalPos())
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is, if the keyboard brought it here."""
        super().focusInEvent(event)
        self._by_keyboard = self._by_keyboard or event.reason() in _BY_KEYBOARD
        self._refresh_ring()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide where the keyboard was."""
        super().focusOutEvent(event)
        self._refresh_ring()

    def _refresh_ring(self) -> None:
        shows = self._by_keyboard and self.hasFocus()
        focused = self.currentIndex().row() if shows else -1
        if focused != self.delegate.focused:
            self.delegate.focused = focused
            self.viewport().update()

    # Drags ------------------------------------------------------------------------------------------------------------

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        """Drag the selected rows, with a picture of them at the pointer."""
        places = self.selected_places()
        if not places:
            return
        drag = QDrag(self)
        drag.setMimeData(self._rows.mimeData([self._rows.index(place, 0) for place in places]))
        pixmap, hot = rows_pixmap(self, self._theme, self._icons, self._rows, places)
        drag.setPixmap(pixmap)
        drag.setHotSpot(hot)
        ask.drag(drag, supportedActions, Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """See what comes."""
        self.drops.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where it would land."""
        self.drops.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget it."""
        self.drops.leave()
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Let it land."""
        self.drops.drop(event)

    # Painting ---------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, then what runs across them."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        self._surroundings.paint(painter, event.rect())
        painter.end()
