"""The panel of the summary table: the view, the totals below it, and how it follows the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollBar, QToolButton, QWidget

from paramdesk.ui.controls.segmented import Segmented
from paramdesk.ui.controls.viewport import settle_scroll_bars
from paramdesk.ui.table.column_menu import ColumnMenu
from paramdesk.ui.table.table_columns import TableColumns
from paramdesk.ui.table.table_model import SummaryTableModel, ValueRole
from paramdesk.ui.table.table_rows import node_id
from paramdesk.ui.table.table_view import TableView, rows_in, selected_rows
from paramdesk.ui.table.totals_row import TotalsRow

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex
    from PySide6.QtGui import QMouseEvent, QResizeEvent

    from paramdesk.engine.summary import Summary
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.settings import Settings
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

__all__ = ["TablePanel"]

_Select = QItemSelectionModel.SelectionFlag


class TablePanel(QWidget):
    """The summary as a table.

    Signals:
        context_menu_requested: the user asks for a menu about the selected rows, at this place on the screen.
        row_activated: a row was double-clicked, or Enter was pressed on it; carries the id of its layer or block.
        columns_changed: other columns are shown, or in another order or width.
    """

    context_menu_requested = Signal(QPoint)
    row_activated = Signal(object)
    columns_changed = Signal()

    def __init__(
        self, document: Document, theme: Theme, icons: Icons, settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self._settings = settings
        self._following = False
        self._followed: tuple[tuple[int, ...], int] | None = None
        self._looked_up: tuple[tuple[tuple[int, ...], int], list[int]] = (((), -1), [])
        self._fitted_room = -1
        theme.dress(self, ground="surface")
        self.setAccessibleName("Summary table")
        self.model = SummaryTableModel(document, folded=settings.table_folded, parent=self)
        self.view = TableView(theme, icons, self.model, self)
        self.totals = TotalsRow(theme, self.model, self.view.header, self)
        self._bar = QScrollBar(Qt.Orientation.Horizontal, self)
        self.columns = TableColumns(self.view, theme, settings)
        self.folding = Segmented(theme, (("unrolled", "Unrolled"), ("folded", "Folded")), "Repeated blocks", self)
        self.folding.value = "folded" if settings.table_folded else "unrolled"
        self.menu = ColumnMenu(self.model.columns, self)
        self.column_button = self._column_button(icons)
        self.setFocusProxy(self.view)
        self._connect(document, theme)
        self._refresh_totals()
        self._follow_selection()

    # --- for the window ---------------------------------------------------------------------

    def extra_title_widgets(self) -> tuple[QWidget, ...]:
        """Return the controls that belong into the dock's title bar, from left to right."""
        return (self.folding, self.column_button)

    def visible_columns(self) -> tuple[str, ...]:
        """Return the names of the columns in sight, in their visual order."""
        return self.columns.shown()

    def selected_rows(self) -> list[int]:
        """Return the numbers of the selected rows, from top to bottom."""
        return sorted(selected_rows(self.view))

    def copied_text(self) -> str:
        """Return the selected rows (all, if none is) as the clipboard gets them: tabs, a header, plain digits."""
        columns = [index for index, column in enumerate(self.model.columns) if column.name in self.visible_columns()]
        columns.sort(key=self.view.header.visualIndex)
        lines = ["\t".join(self.model.columns[column].header for column in columns)]
        for row in self.selected_rows() or range(self.model.rowCount()):
            cells = (str(self.model.data(self.model.index(row, column), ValueRole)) for column in columns)
            lines.append("\t".join(" ".join(cell.split()) for cell in cells))
        return "\n".join(lines) + "\n"

    def copy(self) -> None:
        """Put the selected rows on the clipboard."""
        QGuiApplication.clipboard().setText(self.copied_text())

    # --- Qt ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Return the size in the usual window."""
        metrics = self._theme.metrics
        return QSize(metrics.table_width, metrics.bottom_height - metrics.dock_title)

    def minimumSizeHint(self) -> QSize:
        """Return room for the header, two rows and the totals."""
        metrics = self._theme.metrics
        return QSize(self._theme.px(200), metrics.table_header + 2 * metrics.table_row + metrics.totals_row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the view and the totals their places."""
        super().resizeEvent(event)
        self._place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select nothing by a click below the rows, as in the view itself."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.view.clearSelection()
        super().mousePressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Scroll the rows also where the pointer is on the totals."""
        if watched is self.totals and event.type() == QEvent.Type.Wheel:
            return bool(self.view.viewport().event(event))
        return super().eventFilter(watched, event)

    # --- parts ------------------------------------------------------------------------------

    def _column_button(self, icons: Icons) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setToolTip("Columns")
        button.setAccessibleName("Columns")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        icons.follow(button, "columns", "muted")
        button.clicked.connect(self._open_menu_below)
        return button

    def _connect(self, document: Document, theme: Theme) -> None:
        model, view, header, bar = self.model, self.view, self.view.header, self._bar
        # The model was made first, so it hears of a change before these do.
        document.changed.connect(self._on_changed)
        document.replaced.connect(self._on_replaced)
        document.selection.changed.connect(self._on_selection_changed)
        theme.theme_changed.connect(self._on_theme_changed)
        view.selectionModel().selectionChanged.connect(self._on_rows_selected)
        view.customContextMenuRequested.connect(self._on_context_menu)
        view.activated.connect(self._on_activated)
        view.copy_asked.connect(self.copy)
        header.customContextMenuRequested.connect(self._on_header_menu)
        header.sortIndicatorChanged.connect(self._on_sorted)
        self.folding.chosen.connect(self._on_folding)
        self.menu.toggled.connect(self.columns.show_column)
        self.menu.restore_asked.connect(self.columns.restore)
        self.columns.changed.connect(self._on_columns_changed)
        rows = view.horizontalScrollBar()
        rows.rangeChanged.connect(self._on_range_changed)
        rows.valueChanged.connect(bar.setValue)
        rows.valueChanged.connect(self.totals.update)
        bar.valueChanged.connect(rows.setValue)
        self.totals.installEventFilter(self)
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self._place)

    def _place(self) -> None:
        metrics, width = self._theme.metrics, self.width()
        has_bar = self.view.horizontalScrollBar().maximum() > 0
        bar_height = metrics.scroll_bar if has_bar else 0
        most = max(metrics.table_header, self.height() - metrics.totals_row - bar_height)
        self.view.setMaximumHeight(most)
        height = min(most, self.view.needed_height())
        self.view.setGeometry(0, 0, width, height)
        if not has_bar and self.view.horizontalScrollBar().maximum() > 0:
            self._place()  # with this height there is a bar, which needs room of its own
            return
        self.totals.setGeometry(0, height, width, metrics.totals_row)
        self._bar.setGeometry(0, self.height() - metrics.scroll_bar, width, metrics.scroll_bar)
        self._bar.setVisible(has_bar)
        if self.view.room() != self._fitted_room:
            self._fitted_room = self.view.room()
            self.columns.fit()

    # --- what changes -----------------------------------------------------------------------

    def _on_changed(self, former: Summary) -> None:
        if former.layers:
            self.columns.follow()
        else:
            self.columns.refit()  # without rows there was nothing to measure
        if former.totals != self._document.summary.totals:
            self._refresh_totals()
        if not self._document.selects_next:
            self._follow_selection()

    def _on_replaced(self) -> None:
        self.columns.refit()
        self._refresh_totals()
        self._follow_selection()
        self.view.scrollToTop()
        settle_scroll_bars(self.view)

    def _refresh_totals(self) -> None:
        self.totals.refresh()

    def _on_theme_changed(self) -> None:
        self.view.measure()
        self.columns.refit()
        self.updateGeometry()
        self._place()

    def _on_columns_changed(self) -> None:
        self.totals.refresh()
        self.columns_changed.emit()

    def _on_range_changed(self, least: int, most: int) -> None:
        rows = self.view.horizontalScrollBar()
        self._bar.setRange(least, most)
        self._bar.setPageStep(rows.pageStep())
        self._bar.setSingleStep(rows.singleStep())
        self._bar.setValue(rows.value())
        if self._bar.isVisibleTo(self) != (most > 0):
            self._place()

    def _on_folding(self, choice: str) -> None:
        self._settings.table_folded = choice == "folded"
        self.model.is_folded = choice == "folded"
        self.columns.refit()
        self._follow_selection()
        self._show_current()

    def _on_sorted(self, section: int, order: Qt.SortOrder) -> None:
        self.columns.fit()
        self._show_current()

    # --- selection --------------------------------------------------------------------------

    def _on_selection_changed(self) -> None:
        self._follow_selection()
        self._show_current()

    def _follow_selection(self) -> None:
        """Select the rows of the selected layers, in all their repetitions."""
        asked = (self._document.selection.ids, self.model.arrangement)
        if asked == self._followed:
            return
        self._followed = asked
        wanted = self._selected_places()
        if wanted == self.selected_rows():
            return
        spans = QItemSelection()
        last = self.model.columnCount() - 1
        start = 0
        for place, row in enumerate(wanted):
            if place + 1 == len(wanted) or wanted[place + 1] != row + 1:
                spans.select(self.model.index(wanted[start], 0), self.model.index(row, last))
                start = place + 1
        self._following = True
        self.view.selectionModel().select(spans, _Select.ClearAndSelect)
        self._following = False

    def _selected_places(self) -> list[int]:
        """The rows of the selected layers, looked for once per selection and arrangement of the rows."""
        asked = (self._document.selection.ids, self.model.arrangement)
        if asked != self._looked_up[0]:
            self._looked_up = (asked, self.model.places_of(asked[0]))
        return self._looked_up[1]

    def _show_current(self) -> None:
        """Scroll the current layer into view, unless a row of it is."""
        current = self._document.selection.current
        if current is None:
            return
        is_only = self._document.selection.ids == (current,)
        rows = self._selected_places() if is_only else self.model.places_of((current,))
        here = self.view.currentIndex()
        if not rows or here.row() in rows:
            row = here.row() if rows else -1
        else:
            row = rows[0]
            index = self.model.index(row, max(0, here.column()))
            self._following = True
            self.view.selectionModel().setCurrentIndex(index, _Select.NoUpdate)
            self._following = False
        if row >= 0:
            first = self.view.header.logicalIndexAt(0)
            self.view.scrollTo(self.model.index(row, max(0, first)))

    def _on_rows_selected(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Pass on what the user has selected here; a layer is let go when one of its rows is."""
        if self._following or self.model.is_changing:
            return
        rows = self.model.rows
        gone = {node_id(rows[row]) for row in rows_in(deselected)}
        chosen = [node_id(rows[row]) for row in self.selected_rows()]
        new = {node_id(rows[row]) for row in rows_in(selected)}
        ids = [node for node in chosen if node in new or node not in gone]
        here = self.view.currentIndex()
        current = node_id(rows[here.row()]) if here.isValid() else None
        self._followed = None
        self._document.selection.select(ids, current)
        self._follow_selection()

    # --- menus ------------------------------------------------------------------------------

    def _on_context_menu(self, place: QPoint) -> None:
        self.context_menu_requested.emit(self.view.viewport().mapToGlobal(place))

    def _on_activated(self, index: QModelIndex) -> None:
        self.row_activated.emit(node_id(self.model.rows[index.row()]))

    def _on_header_menu(self, place: QPoint) -> None:
        self._open_menu(self.view.header.viewport().mapToGlobal(place))

    def _open_menu_below(self) -> None:
        button = self.column_button
        self._open_menu(button.mapToGlobal(QPoint(0, button.height())))

    def _open_menu(self, place: QPoint) -> None:
        self.menu.show_choices(self.visible_columns())
        self.menu.popup(place)
