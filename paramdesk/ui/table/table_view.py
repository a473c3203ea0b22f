"""The view of the table: rows under the pointer, the keyboard's cell, what the clipboard gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelection, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from paramdesk.ui.controls.viewport import give_viewport
from paramdesk.ui.style.painting import focus_ring
from paramdesk.ui.table.cell_look import outer_sections, shown_sections
from paramdesk.ui.table.table_delegate import TableDelegate
from paramdesk.ui.table.table_header import TableHeader

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QMouseEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme
    from paramdesk.ui.table.table_model import SummaryTableModel

__all__ = ["TableView", "rows_in", "selected_rows"]

COPY = QKeySequence.StandardKey.Copy
SELECT_ALL = QKeySequence.StandardKey.SelectAll
_MOUSE = {Qt.FocusReason.MouseFocusReason, Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason}


class TableView(QTableView):
    """Rows are selected whole; the keyboard's cell within them has a ring.

    Signals:
        copy_asked: the selected rows are wanted on the clipboard.
    """

    copy_asked = Signal()

    def __init__(self, theme: Theme, icons: Icons, model: SummaryTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        give_viewport(self, theme, "surface")
        self._theme = theme
        self._by_keyboard = False
        self._cells = TableDelegate(theme, icons, self)
        self.summary_model = model
        self.header = TableHeader(theme, self)
        self.setHorizontalHeader(self.header)
        self.setModel(model)
        self.setItemDelegate(self._cells)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setSortingEnabled(True)
        self.setAccessibleName("Summary table")
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.measure()

    def measure(self) -> None:
        """Take the sizes over from the theme."""
        metrics = self._theme.metrics
        rows = self.verticalHeader()
        rows.setMinimumSectionSize(metrics.table_row)
        rows.setDefaultSectionSize(metrics.table_row)
        self.verticalScrollBar().setSingleStep(metrics.table_row)
        self.header.setMinimumSectionSize(self._theme.px(32))
        self.header.setFixedHeight(metrics.table_header)
        self.show_edges()

    def show_edges(self) -> None:
        """Give the page's edge to the columns that are outermost now."""
        self._cells.outer = outer_sections(self.header)
        self.viewport().update()

    def room(self) -> int:
        """Return how wide the columns may be together."""
        bar = self.verticalScrollBar()
        overflows = self.needed_height() > self.maximumHeight()
        return self.width() - (bar.sizeHint().width() if overflows else 0)

    def needed_height(self) -> int:
        """Return the height at which no row is out of sight."""
        return self._theme.metrics.table_header + self.verticalHeader().length()

    # --- Qt ---------------------------------------------------------------------------------

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Scroll as far as is needed, also for rows that have just come: by itself Qt makes room for them later."""
        self.updateGeometries()
        super().scrollTo(index, hint)

    def event(self, event: QEvent) -> bool:
        """Keep Ctrl+C and Ctrl+A from the window while the focus is here."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.setAccepted(event.matches(COPY) or event.matches(SELECT_ALL))
            if event.isAccepted():
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy with Ctrl+C; any other key moves, and shows where the keyboard is."""
        if event.matches(COPY):
            self.copy_asked.emit()
            return
        self._by_keyboard = True
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the keyboard's ring away."""
        self._by_keyboard = False
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        self._hover(self.rowAt(event.position().toPoint().y()))
        super().mouseMoveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Notice that the pointer leaves."""
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Leave the row under the pointer behind: another one is there now."""
        super().scrollContentsBy(dx, dy)
        if dx:
            self.viewport().update()  # numbers are drawn as far as they are whole in sight
        place = self.viewport().mapFromGlobal(self.cursor().pos())
        self._hover(self.rowAt(place.y()) if self.viewport().underMouse() else -1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring where the keyboard brought the focus."""
        self._by_keyboard = event.reason() not in _MOUSE
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, and over them the ring of the keyboard."""
        painter = QPainter(self.viewport())
        self._cells.selected = selected_rows(self)
        self._draw_rows(painter, event.rect())
        if self.hasFocus() and self._by_keyboard:
            current = self.currentIndex()
            is_seen = current.isValid() and not self.isColumnHidden(current.column())
            place = self.visualRect(current) if is_seen else self.viewport().rect()
            focus_ring(self._theme, painter, QRectF(place), self._theme.metrics.mark_radius)
        painter.end()

    def _draw_rows(self, painter: QPainter, exposed: QRect) -> None:
        height, header = self._theme.metrics.table_row, self.header
        spans = [
            (section, header.sectionViewportPosition(section), header.sectionSize(section))
            for section in shown_sections(header)
        ]
        spans = [span for span in spans if span[1] + span[2] > exposed.left() and span[1] <= exposed.right()]
        first = self.rowAt(max(0, exposed.top()))
        if first < 0 or not spans:
            return
        top = self.rowViewportPosition(first)
        for row in range(first, self.summary_model.rowCount()):
            if top > exposed.bottom():
                break
            cells = [(section, QRect(left, top, width, height)) for section, left, width in spans]
            self._cells.paint_row(painter, self.summary_model, row, cells, self.viewport().width())
            top += height

    # --- inside -----------------------------------------------------------------------------

    def _hover(self, row: int) -> None:
        if row == self._cells.hovered:
            return
        former, self._cells.hovered = self._cells.hovered, row
        height = self._theme.metrics.table_row
        for touched in (former, row):
            if touched >= 0:
                top = QPoint(0, self.rowViewportPosition(touched))
                self.viewport().update(top.x(), top.y(), self.viewport().width(), height)


def rows_in(selection: QItemSelection) -> set[int]:
    """Return the numbers of the rows that a selection touches."""
    spans = (selection.at(place) for place in range(selection.count()))
    return {row for span in spans for row in range(span.top(), span.bottom() + 1)}


def selected_rows(view: QTableView) -> set[int]:
    """Return the numbers of the selected rows."""
    return rows_in(view.selectionModel().selection())
