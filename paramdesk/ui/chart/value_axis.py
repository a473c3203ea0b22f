"""The axis beside the bars: numbers as people write them, on both scales. Loaded only after the first paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph
from PySide6.QtCore import QRectF, Qt

from paramdesk.ui.chart.chart_bars import Tick, ticks

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

    from paramdesk.ui.chart.chart_bars import Scale
    from paramdesk.ui.style.theme import Theme

__all__ = ["ValueAxis"]


class ValueAxis(pyqtgraph.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Draws its few texts itself, so that a new range costs no picture of ticks.

    Attributes:
        grid_ticks: the lines of the grid, by height.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__("left")
        self._theme = theme
        self._kind: tuple[Scale, bool] = ("linear", False)
        self.grid_ticks: list[Tick] = []

    def show_range(self, top: float, scale: Scale, *, is_bytes: bool, room: float) -> None:
        """Take the ticks of an axis up to `top` on `room` pixels, and as much width as they need."""
        count = max(2, min(6, int(room / self._theme.pxf(44))))
        found = ticks(top, scale, is_bytes=is_bytes, count=count)
        if found != self.grid_ticks:
            self.grid_ticks = found
            self.picture = None
            self.update()
        metrics = self._theme.font_metrics("caption")
        widest = max((metrics.horizontalAdvance(tick.text) for tick in found), default=0.0)
        width = round(max(widest, self._theme.pxf(40)) + self._theme.metrics.edge + self._theme.pxf(8))
        if width != round(self.width()):
            self.setWidth(width)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        return [(1.0, [tick.height for tick in self.grid_ticks])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        texts = {tick.height: tick.text for tick in self.grid_ticks}
        return [texts.get(value, "") for value in values]

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the texts."""
        low, high = self.range
        if high <= low:
            return
        height, right = self.size().height(), self.size().width() - self._theme.pxf(8)
        line = self._theme.font_metrics("caption").height()
        painter.setFont(self._theme.font("caption"))
        painter.setPen(self._theme.tokens.muted)
        for tick in self.grid_ticks:
            y = height * (1 - (tick.height - low) / (high - low))
            rect = QRectF(0, y - line / 2, right, line)
            painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, tick.text)
