"""Scrolling on while the pointer of a drag stays near an edge of the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBasicTimer, QObject, QPoint, Signal

if TYPE_CHECKING:
    from PySide6.QtCore import QTimerEvent
    from PySide6.QtWidgets import QAbstractScrollArea

    from paramdesk.ui.style.theme import Theme

_EDGE = 36
_INTERVAL = 25


class EdgeScroll(QObject):
    """Scrolls one view, the faster the nearer the pointer is to an edge.

    Signals:
        scrolled: something else is under the pointer now.
    """

    scrolled = Signal()

    def __init__(self, theme: Theme, view: QAbstractScrollArea) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view
        self._at = QPoint()
        self._timer = QBasicTimer()

    def follow(self, at: QPoint) -> None:
        """Take note where the pointer of a drag is, in the viewport."""
        self._at = at
        if not self._step():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start(_INTERVAL, self)

    def stop(self) -> None:
        """The drag is over."""
        self._timer.stop()

    def _step(self) -> int:
        """How far to scroll now."""
        edge, height = self._theme.px(_EDGE), self._view.viewport().height()
        bar = self._view.verticalScrollBar()
        if self._at.y() < edge and bar.value() > bar.minimum():
            return -max(1, (edge - self._at.y()) // 3)
        if self._at.y() > height - edge and bar.value() < bar.maximum():
            return max(1, (self._at.y() - height + edge) // 3)
        return 0

    def timerEvent(self, event: QTimerEvent) -> None:
        """Scroll on."""
        step = self._step()
        if not step:
            self._timer.stop()
            return
        bar = self._view.verticalScrollBar()
        bar.setValue(bar.value() + step)
        self.scrolled.emit()
