"""A place for what is built once the window is up, so that the first paint need not wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from paramdesk.ui.style.theme import Ground, Theme

__all__ = ["Placeholder"]


class Placeholder(QWidget):
    """An empty ground that says when it is seen.

    Signals:
        seen: it was painted since `watch` was called, and the paint is over.
    """

    seen = Signal()

    def __init__(self, theme: Theme, ground: Ground, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.dress(self, ground=ground)
        self._is_watched = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self.seen)

    def sizeHint(self) -> QSize:
        """Return that it needs no room; as a title bar without a size some Qt would take its height for negative."""
        return QSize(0, 0)

    def watch(self) -> None:
        """Say from now on when it is seen."""
        self._is_watched = True
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Begin to count as seen."""
        super().paintEvent(event)
        if self._is_watched:
            self._timer.start()
