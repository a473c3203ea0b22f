"""The list of the palette: folding, dragging, inserting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QDrag, QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView

from paramdesk.ui.controls.viewport import give_viewport
from paramdesk.ui.dialogs import ask
from paramdesk.ui.palette.palette_delegate import PaletteDelegate
from paramdesk.ui.palette.palette_rows import KindRow, SectionRow
from paramdesk.ui.stack.drag_pixmap import layers_pixmap

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.palette.palette_model import PaletteModel
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

_Key = Qt.Key


class PaletteView(QListView):
    """Kinds by category, and blocks.

    Signals:
        chosen: a kind or block was double-clicked, or Enter pressed on it; carries its row.
        left_upwards: Up was pressed on the first row.
        typed: a letter was pressed: it belongs into the search field.
    """

    chosen = Signal(object)
    left_upwards = Signal()
    typed = Signal(str)

    def __init__(self, theme: Theme, icons: Icons, model: PaletteModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        give_viewport(self, theme, "panel")
        self._theme = theme
        self._icons = icons
        self._rows = model
        self._delegate = PaletteDelegate(theme, icons, model, self)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Kinds of layers")
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.theme_changed.connect(self._on_theme_changed)
        self.doubleClicked.connect(self._on_double_clicked)

    def _on_theme_changed(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def _on_double_clicked(self, index: QModelIndex) -> None:
        row = self._rows.row(index.row())
        if isinstance(row, KindRow):
            self.chosen.emit(row)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open and close a section wherever its row is clicked."""
        self._delegate.has_ring = False
        index = self.indexAt(event.position().toPoint())
        super().mousePressEvent(event)
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            row = self._rows.row(index.row())
            if isinstance(row, SectionRow):
                self._rows.fold(row.section, closed=row.is_open)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take two quick clicks on a section as what they are: two clicks."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and isinstance(self._rows.row(index.row()), SectionRow):
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Insert by Enter, fold by Left and Right, leave upwards by Up on the first row."""
        self._delegate.has_ring = True
        index = self.currentIndex()
        row = self._rows.row(index.row()) if index.isValid() else None
        key = event.key()
        if key in {_Key.Key_Return, _Key.Key_Enter} and row is not None:
            if isinstance(row, KindRow):
                self.chosen.emit(row)
            else:
                self._rows.fold(row.section, closed=row.is_open)
        elif key in {_Key.Key_Left, _Key.Key_Right} and row is not None:
            self._fold_or_go(row, closes=key == _Key.Key_Left)
        elif key == _Key.Key_Up and index.row() <= 0 and not event.modifiers():
            self.left_upwards.emit()
        elif event.text().isprintable() and event.text().strip() and not event.modifiers() & _COMMANDS:
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)
        self.viewport().update()

    def _fold_or_go(self, row: SectionRow | KindRow, *, closes: bool) -> None:
        if isinstance(row, SectionRow):
            if row.is_open is closes:
                self._rows.fold(row.section, closed=closes)
            elif not closes:
                self.setCurrentIndex(self._rows.index(self.currentIndex().row() + 1, 0))
        elif closes and (place := self._rows.section_above(self.currentIndex().row())) >= 0:
            self.setCurrentIndex(self._rows.index(place, 0))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        by_mouse = event.reason() == Qt.FocusReason.MouseFocusReason
        self._delegate.has_ring = not by_mouse
        if not self.currentIndex().isValid() and not by_mouse and self._rows.rows:
            self.setCurrentIndex(self._rows.index(max(0, self._rows.first_kind()), 0))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide where the keyboard was."""
        super().focusOutEvent(event)
        self._delegate.has_ring = False
        self.viewport().update()

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        """Drag the kind, with a picture of it at the pointer."""
        index = self.currentIndex()
        row = self._rows.row(index.row()) if index.isValid() else None
        if not isinstance(row, KindRow):
            return
        drag = QDrag(self)
        drag.setMimeData(self._rows.mimeData([index]))
        pixmap, hot = layers_pixmap(self, self._theme, self._icons, [(row.category, row.name)])
        drag.setPixmap(pixmap)
        drag.setHotSpot(hot)
        ask.drag(drag, supportedActions, Qt.DropAction.CopyAction)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say so where nothing was found, and how to go on."""
        super().paintEvent(event)
        if self._rows.rows:
            return
        painter = QPainter(self.viewport())
        theme = self._theme
        painter.setFont(theme.font("small"))
        edge = theme.metrics.edge
        area = self.viewport().rect().adjusted(edge, theme.px(16), -edge, 0)
        painter.setPen(theme.tokens.text)
        wrap = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        said = painter.drawText(QRect(area), wrap, self.empty_text())
        painter.setPen(theme.tokens.muted)
        painter.drawText(area.adjusted(0, said.height() + theme.px(8), 0, 0), wrap, EMPTY_ADVICE)
        painter.end()

    def empty_text(self) -> str:
        """What is said when nothing was found."""
        return f"No layer is called “{self._rows.query.strip()}”."


EMPTY_ADVICE = "Try Keras’ or PyTorch’s name, or what it does: “pooling”, “skip”, “fully connected”. Escape shows all."
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
