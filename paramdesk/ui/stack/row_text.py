"""Draws single lines of text fast: widths and elided texts are remembered until the theme changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QStaticText

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainter

    from paramdesk.ui.style.theme import FontRole, Theme

_MOST_REMEMBERED = 20_000
_MOST_LAID_OUT = 2_000


class RowText(QObject):
    """Texts in the fonts of a theme."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._widths: dict[tuple[str, FontRole], float] = {}
        self._elided: dict[tuple[str, FontRole, int, Qt.TextElideMode], tuple[str, float]] = {}
        self._laid: dict[tuple[str, FontRole], QStaticText] = {}
        theme.theme_changed.connect(self.forget)

    def forget(self) -> None:
        """Measures everything anew."""
        self._widths.clear()
        self._elided.clear()
        self._laid.clear()

    def width(self, text: str, role: FontRole) -> float:
        """How wide a text is."""
        key = (text, role)
        width = self._widths.get(key)
        if width is None:
            if len(self._widths) > _MOST_REMEMBERED:
                self._widths.clear()
            width = self._widths[key] = self._theme.font_metrics(role).horizontalAdvance(text)
        return width

    def paint(  # noqa: PLR0913, PLR0917  # what, where and how
        self,
        painter: QPainter,
        text: str,
        x: float,
        centre: float,
        room: float,
        role: FontRole,
        colour: QColor,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> float:
        """Draw a text from x on, with "…" where its room ends; return how wide it came out."""
        if not text or room <= 0:
            return 0.0
        text, width = self.fitted(text, role, room, mode)
        self._draw(painter, text, x, centre, role, colour)
        return width

    def fitted(self, text: str, role: FontRole, room: float, mode: Qt.TextElideMode) -> tuple[str, float]:
        """A text as it fits into its room, and how wide that is."""
        width = self.width(text, role)
        return (text, width) if width <= room else self._shortened(text, role, int(room), mode)

    def paint_right(  # what, where and how
        self, painter: QPainter, text: str, right: float, centre: float, role: FontRole, colour: QColor
    ) -> None:
        """Draw a text that ends at a place."""
        self._draw(painter, text, right - self.width(text, role), centre, role, colour)

    def _shortened(self, text: str, role: FontRole, room: int, mode: Qt.TextElideMode) -> tuple[str, float]:
        key = (text, role, room, mode)
        found = self._elided.get(key)
        if found is None:
            if len(self._elided) > _MOST_REMEMBERED:
                self._elided.clear()
            metrics = self._theme.font_metrics(role)
            short = metrics.elidedText(text, mode, room)
            found = self._elided[key] = (short, metrics.horizontalAdvance(short))
        return found

    def _draw(  # what, where and how
        self, painter: QPainter, text: str, x: float, centre: float, role: FontRole, colour: QColor
    ) -> None:
        metrics = self._theme.font_metrics(role)
        font = self._theme.font(role)
        laid = self._laid.get((text, role))
        if laid is None:
            if len(self._laid) > _MOST_LAID_OUT:
                self._laid.clear()
            laid = self._laid[text, role] = QStaticText(text)
            laid.setTextFormat(Qt.TextFormat.PlainText)
            laid.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            laid.prepare(painter.transform(), font)
        base = round(centre + (metrics.ascent() - metrics.descent()) / 2)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawStaticText(QPointF(x, base - metrics.ascent()), laid)
