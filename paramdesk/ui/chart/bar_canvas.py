"""The bars by pyqtgraph, everything around them painted from the theme. Loaded only after the first paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph
from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QFrame, QGraphicsView

from paramdesk.ui.chart import plot_paint
from paramdesk.ui.chart.category_bars import CategoryBars
from paramdesk.ui.chart.slots import Slots
from paramdesk.ui.chart.value_axis import ValueAxis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QPainter, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.chart.chart_bars import Bars
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

__all__ = ["BarCanvas"]

WIDEST_SLOT = 72
"""However few bars there are, they stay together."""

FEW_PIXELS = 3
"""Narrower slots have no gaps between them, which could not be of the same width."""


class BarCanvas(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """The plot without its pointer and keys.

    It lives as long as the window: plots that come and go are never quite freed.
    """

    def __init__(self, theme: Theme, icons: Icons, bars: Bars, parent: QWidget | None = None) -> None:
        self._axis = ValueAxis(theme)
        self._theme = theme
        self._icons = icons
        self._ready = False
        super().__init__(parent, background=None, axisItems={"left": self._axis})
        self.bars = bars
        self._drawn = CategoryBars(self, theme)
        self.selected: frozenset[int] = frozenset()
        self.hovered_place: int | None = None
        self.shows_ring = False
        self.slots = Slots(len(bars))
        self._set_up()
        self._ready = True
        self.show_bars(bars)

    # --- what it shows ----------------------------------------------------------------------

    @property
    def items_by_category(self) -> Mapping[str, pyqtgraph.BarGraphItem]:
        """What pyqtgraph draws."""
        return self._drawn.items

    def show_bars(self, bars: Bars, *, all_of_them: bool = False) -> None:
        """Show other bars; the part in sight stays as far as it can."""
        self.bars = bars
        self.slots.recount(len(bars))
        if all_of_them:
            self.slots.show_all()
        if self.hovered_place is not None and self.hovered_place >= len(bars):
            self.hovered_place = None
        self._repaint()
        self._drawn.take(bars)
        self.fit()

    def show_selected(self, places: frozenset[int]) -> None:
        """Mark the slots of selected layers."""
        if places != self.selected:
            self.selected = places
            self.viewport().update()

    def show_place(self, place: int) -> None:
        """Bring a bar into sight."""
        self.slots.reveal(place)
        self.fit()

    def dress(self) -> None:
        """Take colours and sizes over from the theme."""
        self._drawn.dress()
        edge, top = self._theme.metrics.edge, self._theme.px(4)
        self.plotItem.layout.setContentsMargins(0, top, edge, self._theme.px(34))
        self.fit()

    # --- geometry ---------------------------------------------------------------------------

    def plot_rect(self) -> QRectF:
        """Return where the bars are."""
        rect: QRectF = self.plotItem.vb.sceneBoundingRect()
        return rect

    def slot_width(self) -> float:
        """Return how many pixels a bar and its share of the space between have."""
        first, last = self.slots.shown
        return min(self.plot_rect().width() / (last - first), self._theme.pxf(WIDEST_SLOT))

    def slot_rect(self, place: int) -> QRectF:
        """Return the slot of a bar, from the top of the plot to below the icons."""
        rect, width = self.plot_rect(), self.slot_width()
        left = rect.left() + (place - self.slots.shown[0]) * width
        return QRectF(left, rect.top(), width, self.height() - rect.top() - self._theme.pxf(6))

    def y_of(self, height: float) -> float:
        """Return where a height of the axis is, in pixels from the top."""
        rect, top = self.plot_rect(), float(self.plotItem.vb.viewRange()[1][1])
        return rect.bottom() - rect.height() * height / top if top else rect.bottom()

    def bar_top(self, place: int) -> float:
        """Return where a bar ends, in pixels from the top."""
        return self.y_of(self.bars.heights[place])

    def place_at(self, x: float, y: float) -> int | None:
        """Return the place of the slot at a point; None beside them."""
        rect = self.plot_rect()
        if not (rect.left() <= x < rect.right() and y >= rect.top()):
            return None
        place = int((x - rect.left()) / self.slot_width() + self.slots.shown[0])
        return place if place < len(self.bars) else None

    def places_shown(self) -> range:
        """Return the places of the bars in sight."""
        return self.slots.places()

    # --- Qt: painting -----------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the ground, the marked slots and the grid."""
        plot_paint.ground(painter, self._theme, self, [tick.height for tick in self._axis.grid_ticks])

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the base line, values, icons, marks and the keyboard's ring."""
        plot_paint.labels(painter, self._theme, self._icons, self, shows_ring=self.shows_ring and self.hasFocus())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the bars their width."""
        super().resizeEvent(event)
        if self._ready:
            self.fit()

    # --- inside -----------------------------------------------------------------------------

    def _set_up(self) -> None:
        plot = self.plotItem
        plot.hideButtons()
        plot.setMenuEnabled(False)
        # It is made all the same, and as a window of its own, which no parent would delete.
        plot.ctrlMenu.deleteLater()
        plot.ctrlMenu = None
        plot.hideAxis("bottom")
        plot.vb.setMouseEnabled(False, False)
        plot.vb.disableAutoRange()
        plot.vb.setDefaultPadding(0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # The ground and the labels are painted by the view, so a change anywhere repaints it all.
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Chart")
        edge, top = self._theme.metrics.edge, self._theme.px(4)
        plot.layout.setContentsMargins(0, top, edge, self._theme.px(34))

    def fit(self) -> None:
        """Fit the axes to the bars in sight, and the bars to their slots."""
        if not self._ready:
            return
        self._repaint()
        shown = self.places_shown()
        highest = max(self.bars.heights[shown.start : shown.stop], default=0.0)
        rect = self.plot_rect()
        room = max(1.0, rect.height())
        top = highest * room / max(room * 0.5, room - self._theme.pxf(22))
        is_bytes = self.bars.metric.is_bytes
        self._axis.show_range(top, self.bars.scale, is_bytes=is_bytes, room=room)
        self.plotItem.layout.activate()
        top = top or 1.0
        first = self.slots.shown[0]
        across = self.plot_rect().width() / max(0.001, self.slot_width())
        self.plotItem.vb.setRange(xRange=(first - 0.5, first - 0.5 + across), yRange=(0, top), padding=0)
        self._drawn.fit(self.slot_width(), self._bar_width())

    def _repaint(self) -> None:
        """Have everything painted once, whatever now changes.

        Of a change in a part the scene would tell later, and by painting at once what was painted just then.
        """
        self.scene().update()

    def _bar_width(self) -> float:
        slot = max(0.001, self.slot_width())
        if slot < FEW_PIXELS:
            return max(1.0, 1 / slot)
        return min(0.6, self._theme.pxf(24) / slot)
