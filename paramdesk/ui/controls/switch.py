"""A switch: on or off, taking effect at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QCheckBox, QStyleOptionButton

from paramdesk.ui.style.painting import Clear, rounded, shows_focus

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.style.theme import Theme

__all__ = ["Switch"]


class Switch(QCheckBox):
    """A check box drawn as a switch: to the keyboard and to a screen reader it is a check box.

    `toggled` is emitted for every change, `clicked` only for the user's.
    """

    def __init__(self, theme: Theme, name: str = "", parent: QWidget | None = None) -> None:
        """Make a switch that a screen reader calls `name`."""
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(self.sizePolicy().Policy.Fixed, self.sizePolicy().Policy.Fixed)
        theme.theme_changed.connect(self._on_theme_changed)

    def sizeHint(self) -> QSize:
        """Return the size of the theme."""
        metrics = self._theme.metrics
        return QSize(metrics.switch_width, metrics.switch_height)

    def minimumSizeHint(self) -> QSize:
        """Return the only size it has."""
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        """Tell that all of it can be clicked."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the track and the knob."""
        tokens = self._theme.tokens
        option = QStyleOptionButton()
        self.initStyleOption(option)
        rect = QRectF(self.rect())
        radius = rect.height() / 2
        painter = QPainter(self)
        if not self.isEnabled():
            track, knob = tokens.track, tokens.disabled
        elif self.isChecked():
            track, knob = tokens.accent, tokens.accent_text
        else:
            track, knob = tokens.field_border, tokens.field
        rounded(painter, rect, radius, track)
        if shows_focus(option):
            edge = tokens.accent_text if self.isChecked() else tokens.accent
            room = rect.adjusted(1, 1, -1, -1) if self.isChecked() else rect
            rounded(painter, room, room.height() / 2, Clear, edge, self._theme.pxf(2))
        side = rect.height() - 2 * self._theme.pxf(3)
        dot = QRectF(self._theme.pxf(3), self._theme.pxf(3), side, side)
        if self.isChecked() != (self.layoutDirection() is Qt.LayoutDirection.RightToLeft):
            dot.moveRight(rect.right() - self._theme.pxf(3))
        rounded(painter, dot, side / 2, knob)
        painter.end()

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
