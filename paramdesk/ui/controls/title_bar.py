"""What the title bars of docks have in common: they demand no more width than they are allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from paramdesk.ui.style.theme import Theme

__all__ = ["TitleBar"]


class TitleBar(QWidget):
    """A widget for `QDockWidget.setTitleBarWidget`.

    Qt lets no dock become narrower than the minimum that its title bar hints at, whatever minimum is set: so with large
    text it is the hint that has to give way.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._most: int | None = None

    def fixed_height(self) -> int:
        """How high it is."""
        raise NotImplementedError

    def allow(self, width: int) -> None:
        """Demand no more than this, whatever it holds."""
        if width != self._most:
            self._most = width
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the width of what it holds."""
        return QSize(super().sizeHint().width(), self.fixed_height())

    def minimumSizeHint(self) -> QSize:
        """Return the least width of what it holds, as far as it is allowed."""
        return self._allowed(super().minimumSizeHint().width())

    def _allowed(self, least: int) -> QSize:
        return QSize(least if self._most is None else min(least, self._most), self.fixed_height())
