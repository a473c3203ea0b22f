"""The palette: a search field, and the kinds of layers and the blocks below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from paramdesk.ui.controls.search_field import SearchField
from paramdesk.ui.palette.palette_model import PaletteModel
from paramdesk.ui.palette.palette_rows import BlockRow, KindRow
from paramdesk.ui.palette.palette_view import PaletteView
from paramdesk.ui.stack.cargo import BlockTemplate, Kind, attempt

if TYPE_CHECKING:
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

SEARCH = "Find a layer"

_Key = Qt.Key


class PalettePanel(QWidget):
    """What can be put into the stack.

    Attributes:
        field: the search field.
        view: the kinds.
        model: its rows.

    Signals:
        refused: a layer could not be inserted; carries the reason.
        inserted: a layer was inserted by a double click or by Enter.
    """

    refused = Signal(str)
    inserted = Signal()

    def __init__(self, document: Document, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self.model = PaletteModel(self)
        self.field = SearchField(icons, SEARCH, self)
        self.view = PaletteView(theme, icons, self.model, self)
        self._top = QVBoxLayout()
        self._top.addWidget(self.field)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._top)
        self._column.addWidget(self.view)
        theme.dress(self, ground="panel")
        self.setFocusProxy(self.field)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._on_query)
        self.field.returnPressed.connect(self._on_return)
        self.view.chosen.connect(self.insert)
        self.view.left_upwards.connect(self._to_field)
        self.view.typed.connect(self._on_typed)
        document.changed.connect(self._follow)
        document.replaced.connect(self._follow)
        theme.theme_changed.connect(self._measure)
        self._measure()
        self._follow()

    def minimumSizeHint(self) -> QSize:
        """Return the width below which most names would be cut."""
        return QSize(self._theme.px(150), super().minimumSizeHint().height())

    def _follow(self) -> None:
        """Offer what a network of the document's framework can have."""
        self.model.show_framework(self._document.architecture.framework)

    def focus_search(self) -> None:
        """Take the keyboard to the search field, with its text selected."""
        self._to_field()
        self.field.selectAll()

    def insert(self, row: KindRow) -> None:
        """Insert a kind or a block below the selected rows, or at the end."""
        document = self._document
        document.end_step()
        cargo = BlockTemplate(row.kind) if isinstance(row, BlockRow) else Kind(row.kind)
        tried = attempt(document.summary, document.architecture, cargo, document.below_selection())
        if tried.edit is None:
            self.refused.emit(tried.reason)
            return
        document.apply(tried.edit)
        self.inserted.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go from the field to the list by the arrow keys."""
        key = event.key() if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) else None
        if watched is self.field and key in {_Key.Key_Down, _Key.Key_PageDown} and self.model.rows:
            self._to_list()
            return True
        return super().eventFilter(watched, event)

    def _to_field(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _to_list(self) -> None:
        """The first match is already selected, so Down goes to the second; without a search to the first kind."""
        current = self.view.currentIndex().row()
        place = current + 1 if self.model.query and current >= 0 else max(current, self.model.first_kind())
        self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.view.setCurrentIndex(self.model.index(min(place, len(self.model.rows) - 1), 0))

    def _on_query(self, text: str) -> None:
        self.model.search(text.strip())
        first = self.model.first_kind() if text.strip() else -1
        if first >= 0:
            self.view.setCurrentIndex(self.model.index(first, 0))
        else:
            self.view.selectionModel().clear()
        self.view.scrollToTop()
        self.view.viewport().update()
        count = len(self.model.rows)
        self.field.setAccessibleDescription(f"{count} found" if text.strip() else "")

    def _on_return(self) -> None:
        index = self.view.currentIndex()
        place = index.row() if index.isValid() else self.model.first_kind()
        if self.field.text().strip() and place >= 0:
            row = self.model.row(place)
            if isinstance(row, KindRow):
                self.insert(row)

    def _on_typed(self, text: str) -> None:
        self._to_field()
        self.field.insert(text)

    def _measure(self) -> None:
        px, metrics = self._theme.px, self._theme.metrics
        self.field.setFixedHeight(metrics.field)
        self._top.setContentsMargins(px(10), px(2), px(10), 0)
        self._column.setSpacing(px(6))
