"""The field in which a row is renamed, with the reason right below it when a name cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from paramdesk.ui.controls.line_edit import LineEdit
from paramdesk.ui.style import painting
from paramdesk.ui.style.app_style import mark_invalid

if TYPE_CHECKING:
    from PySide6.QtCore import QPersistentModelIndex
    from PySide6.QtGui import QHideEvent, QKeyEvent, QMoveEvent, QPaintEvent

    from paramdesk.ui.stack.stack_model import StackModel
    from paramdesk.ui.style.theme import Theme


class NameEditor(LineEdit):
    """A line edit over a row's name.

    Attributes:
        reason: why the name in it cannot be; empty if it can.
    """

    def __init__(
        self, theme: Theme, model: StackModel, index: QPersistentModelIndex, name: str, parent: QWidget
    ) -> None:
        super().__init__(name, parent)
        self.reason = ""
        self._model = model
        self._index = index
        self._label = _Reason(theme, parent)
        self.setFont(theme.font("base"))
        self.setAccessibleName(f"New name of {name}")
        self.selectAll()
        self.textChanged.connect(self._check)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep Enter: the view would take it for one on the row, and leave before the name is taken over."""
        super().keyPressEvent(event)
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.accept()

    def moveEvent(self, event: QMoveEvent) -> None:
        """Keep the reason below."""
        super().moveEvent(event)
        self._place_reason()

    def hideEvent(self, event: QHideEvent) -> None:
        """Take the reason away with the field."""
        super().hideEvent(event)
        self._label.hide()
        self._label.deleteLater()

    def _check(self, text: str) -> None:
        self.reason = self._model.reason_against(self._index, text) if self._index.isValid() else ""
        mark_invalid(self, invalid=bool(self.reason))
        self.setAccessibleDescription(self.reason)
        self._label.setText(self.reason)
        self._label.setVisible(bool(self.reason))
        self._label.adjustSize()
        self._place_reason()

    def _place_reason(self) -> None:
        below = self.geometry().bottomLeft() + QPoint(0, 3)
        parent = self.parentWidget()
        if parent is not None and below.y() + self._label.height() > parent.height():
            below = self.geometry().topLeft() - QPoint(0, self._label.height() + 2)
        self._label.move(below)
        self._label.raise_()


class _Reason(QLabel):
    """A line of error text on a ground of its own, as it lies over other rows."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), theme.px(4))
        theme.dress(self, font="small", text="error")
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the text."""
        painter = QPainter(self)
        tokens = self._theme.tokens
        ground = QRectF(self.rect())
        painting.rounded(painter, ground, self._theme.metrics.radius, tokens.error_ground, tokens.error, 1.0)
        painter.end()
        super().paintEvent(event)
