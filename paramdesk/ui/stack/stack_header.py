"""The strip above the stack: what the network is called, what goes in and out, and what the columns hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from paramdesk.ui.controls.line_edit import LineEdit
from paramdesk.ui.stack.outline import caption
from paramdesk.ui.stack.row_text import RowText

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from paramdesk.ui.document.document import Document
    from paramdesk.ui.stack.stack_view import StackView
    from paramdesk.ui.style.theme import Theme


class StackHeader(QWidget):
    """Names the network and the columns; a double click renames the network."""

    def __init__(self, document: Document, theme: Theme, view: StackView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self._view = view
        self._text = RowText(theme)
        self._caption = ""
        self._editor: _NetworkName | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.dress(self, ground="surface")
        document.changed.connect(self._on_changed)
        document.replaced.connect(self._on_changed)
        theme.theme_changed.connect(self._on_theme_changed)
        view.geometry_changed.connect(self.update)
        self._on_changed()

    @property
    def name(self) -> str:
        """What the network is called."""
        return self._document.architecture.name or "untitled"

    @property
    def caption(self) -> str:
        """How many layers it has, and what goes in and out."""
        return self._caption

    def rename(self) -> None:
        """Let the user type another name for the network."""
        if self._editor is None:
            self._editor = _NetworkName(self._theme, self.name, self)
            self._editor.editingFinished.connect(self._on_name_typed)
            self._place_editor()
            self._editor.show()
            self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def sizeHint(self) -> QSize:
        """Return the height of the theme."""
        return QSize(self._theme.px(240), self._theme.metrics.stack_header)

    def minimumSizeHint(self) -> QSize:
        """Return the height of the theme."""
        return QSize(self._theme.px(120), self._theme.metrics.stack_header)

    def _name_rect(self) -> QRect:
        width = round(self._text.width(self.name, "heading"))
        return QRect(self._theme.metrics.edge, 0, width, self.height())

    def _place_editor(self) -> None:
        if self._editor is not None:
            px = self._theme.px
            width = max(px(180), self._name_rect().width() + px(40))
            height = min(self.height() - 2, px(26))
            left = self._theme.metrics.edge - px(8)
            self._editor.setGeometry(left, (self.height() - height) // 2, width, height)

    def _on_name_typed(self) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        name = editor.text().strip()
        editor.hide()
        editor.deleteLater()
        if name and not editor.is_given_up:
            self._document.end_step()
            self._document.rename(name)
            self._document.end_step()

    def _on_changed(self) -> None:
        self._caption = caption(self._document.architecture, self._document.summary)
        self.setAccessibleName(f"{self.name}, {self._caption}")
        self.setToolTip(f"{self.name}: {self._caption}. Double-click to rename the network.")
        self.update()

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Rename the network."""
        if event.position().x() <= self._name_rect().right() + self._theme.px(12):
            self.rename()
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the field over the name."""
        super().resizeEvent(event)
        self._place_editor()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name, caption, columns and the hairline below."""
        painter = QPainter(self)
        theme, tokens, geometry = self._theme, self._theme.tokens, self._view.geometry_of_rows
        centre = (self.height() - 1) / 2
        painter.fillRect(0, self.height() - 1, self.width(), 1, tokens.hairline)
        end = float(geometry.count) - self._text.width("Parameters", "caption")
        if geometry.has_chips:
            chip_end = geometry.chip - theme.metrics.chip_edge
            end = chip_end - self._text.width("Output shape", "caption")
            self._text.paint_right(painter, "Output shape", chip_end, centre, "caption", tokens.muted)
        self._text.paint_right(painter, "Parameters", geometry.count, centre, "caption", tokens.muted)
        if geometry.share:
            room = theme.metrics.share_width
            self._text.paint(painter, "Share", geometry.share, centre, room, "caption", tokens.muted)
        end -= theme.px(12)
        x = float(theme.metrics.edge)
        x += self._text.paint(painter, self.name, x, centre, end - x, "heading", tokens.text) + theme.px(10)
        self._text.paint(painter, self._caption, x, centre, end - x, "small", tokens.muted)
        painter.end()


class _NetworkName(LineEdit):
    """The field over the network's name; Escape leaves the name as it was."""

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(name, parent)
        self.is_given_up = False
        self.setFont(theme.font("heading"))
        self.setAccessibleName("Name of the network")
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Give up on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.is_given_up = True
            self.editingFinished.emit()
            event.accept()
        else:
            super().keyPressEvent(event)
