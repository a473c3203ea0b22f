"""What a window shows while a file hangs over it: that it is taken, and what will happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from paramdesk.ui.style.painting import Clear, rounded

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from paramdesk.ui.style.theme import Theme

__all__ = ["DropFrame"]


class DropFrame(QWidget):
    """A frame around the whole window with a sentence in its middle; the pointer goes through it.

    Attributes:
        text: the sentence.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._covered = parent
        self.text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_text(self, text: str) -> None:
        """Cover the parent's rectangle, and say something."""
        self.text = text
        self.setAccessibleName(text)
        self.setGeometry(self._covered.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame, and the sentence on a ground of its own."""
        theme, tokens = self._theme, self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rounded(painter, QRectF(self.rect()), theme.metrics.radius, Clear, tokens.accent, theme.pxf(3))
        font = theme.font_metrics("heading")
        edge = theme.pxf(16)
        room = self.width() - 4 * edge
        text = font.elidedText(self.text, Qt.TextElideMode.ElideMiddle, room)
        card = QRectF(0, 0, font.horizontalAdvance(text) + 2 * edge, theme.pxf(40))
        card.moveCenter(QRectF(self.rect()).center())
        rounded(painter, card, theme.metrics.radius, tokens.surface, tokens.accent, theme.pxf(1))
        painter.setFont(theme.font("heading"))
        painter.setPen(tokens.text)
        painter.drawText(card, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
