"""The plot: bars by pyqtgraph, everything around them painted from the theme. Loaded only after the first paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsView, QToolTip

from paramdesk.ui.chart import plot_paint
from paramdesk.ui.chart.value_axis import ValueAxis

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.chart.chart_bars import Bars
    from paramdesk.ui.icons import Icons
    from paramdesk.ui.theme import Theme

__all__ = ["BarPlot"]

WIDEST_SLOT = 72
FEWEST_SLOTS = 6
"""The narrowest view that zooming leads to."""

_Key = Qt.Key
_Shift = Qt.KeyboardModifier.ShiftModifier
_Control = Qt.KeyboardModifier.ControlModifier
_MOUSE = {Qt.FocusReason.MouseFocusReason, Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason}


class BarPlot(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """One bar item per category: a brush per bar would cost ten times as much to draw.

    It lives as long as the window: plots that come and go are never quite freed.

    Signals:
        hovered: the place of the bar under the pointer, or None.
        clicked: the place of a bar that was clicked (None: beside them) and the modifier keys.
        stepped: the arrow keys ask for the bar so many places further; with it, whether the selection is extended.
        menu_asked: the user asks for a menu, at this place on the screen.
    """

    hovered = Signal(object)
    clicked = Signal(object, object)
    stepped = Signal(int, bool)
    menu_asked = Signal(QPoint)

    def __init__(self, theme: Theme, icons: Icons, bars: Bars, parent: QWidget | None = None) -> None:
        self._axis = ValueAxis(theme)
        self._theme = theme
        self._icons = icons
        self._ready = False
        super().__init__(parent, background=None, axisItems={"left": self._axis})
        self.bars = bars
        self.items_by_category: dict[str, pyqtgraph.BarGraphItem] = {}
        self._categories: list[str] = []
        self._places: dict[str, np.ndarray] = {}
        self.selected: frozenset[int] = frozenset()
        self.hovered_place: int | None = None
        self._shows_ring = False
        self._first, self._last = 0.0, 0.0  # the slots in sight; last 0: all of them
        self._pressed_at: QPointF | None = None
        self._panned_from: float | None = None
        self._set_up()
        self._ready = True
        self.show_bars(bars)

    # --- what it shows ----------------------------------------------------------------------

    def show_bars(self, bars: Bars, *, all_of_them: bool = False) -> None:
        """Show other bars; the part in sight stays as far as it can."""
        self.bars = bars
        if all_of_them or self._last > len(bars):
            self._first = self._last = 0.0
        if self.hovered_place is not None and self.hovered_place >= len(bars):
            self.hovered_place = None
        categories = bars.categories()
        if categories != self._categories:
            self._categories = categories
            self._places = {category: np.array(places) for category, places in bars.places().items()}
        heights = np.array(bars.heights, dtype=float)
        width = self._bar_width()
        for category in self._places.keys() - self.items_by_category.keys():
            brush = self._theme.category_color(category)
            item = pyqtgraph.BarGraphItem(x=[], height=[], width=width, y0=0, pen=None, brush=brush)
            self.items_by_category[category] = item
            self.addItem(item, ignoreBounds=True)
        nowhere = np.array((), dtype=int)
        for category, item in self.items_by_category.items():
            x = self._places.get(category, nowhere)
            item.setOpts(x=x, height=heights[x], width=width)
        self._fit()

    def show_selected(self, places: frozenset[int]) -> None:
        """Mark the slots of selected layers."""
        if places != self.selected:
            self.selected = places
            self.viewport().update()

    def show_place(self, place: int) -> None:
        """Bring a bar into sight."""
        first, last = self.range_shown()
        span = last - first
        if place < first or place + 1 > last:
            start = place - 1 if place < first else place + 2 - span
            self._first = min(max(0.0, start), max(0.0, len(self.bars) - span))
            self._last = self._first + span
            self._fit()

    def dress(self) -> None:
        """Take colours and sizes over from the theme."""
        for category, item in self.items_by_category.items():
            item.setOpts(brush=self._theme.category_color(category))
        edge, top = self._theme.metrics.edge, self._theme.px(4)
        self.plotItem.layout.setContentsMargins(0, top, edge, self._theme.px(34))
        self._fit()

    # --- geometry ---------------------------------------------------------------------------

    def range_shown(self) -> tuple[float, float]:
        """Return the first slot in sight and the one after the last."""
        return (self._first, self._last) if self._last else (0.0, float(max(1, len(self.bars))))

    @property
    def is_zoomed(self) -> bool:
        """Whether some bars are out of sight."""
        return bool(self._last)

    def plot_rect(self) -> QRectF:
        """Return where the bars are."""
        rect: QRectF = self.plotItem.vb.sceneBoundingRect()
        return rect

    def slot_width(self) -> float:
        """Return how many pixels a bar and its share of the space between have."""
        first, last = self.range_shown()
        return min(self.plot_rect().width() / (last - first), self._theme.pxf(WIDEST_SLOT))

    def slot_rect(self, place: int) -> QRectF:
        """Return the slot of a bar, from the top of the plot to below the icons."""
        rect, width = self.plot_rect(), self.slot_width()
        left = rect.left() + (place - self.range_shown()[0]) * width
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
        place = int((x - rect.left()) / self.slot_width() + self.range_shown()[0])
        return place if place < len(self.bars) else None

    def places_shown(self) -> range:
        """Return the places of the bars in sight."""
        first, last = self.range_shown()
        return range(int(first), min(len(self.bars), int(np.ceil(last))))

    # --- Qt: painting -----------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the ground, the marked slots and the grid."""
        plot_paint.ground(painter, self._theme, self, [tick.height for tick in self._axis.grid_ticks])

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the base line, values, icons, marks and the keyboard's ring."""
        plot_paint.labels(painter, self._theme, self._icons, self, shows_ring=self._shows_ring and self.hasFocus())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the bars their width."""
        super().resizeEvent(event)
        if self._ready:
            self._fit()

    # --- Qt: pointer and keyboard -----------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        self._shows_ring = False
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()
            self._panned_from = None
        elif event.button() is Qt.MouseButton.RightButton:
            place = self.place_at(event.position().x(), event.position().y())
            if place is not None and place not in self.selected:
                self.clicked.emit(place, Qt.KeyboardModifier.NoModifier)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer, or move the part in sight."""
        here = event.position()
        if self._pressed_at is not None and self.is_zoomed:
            shift = self._pressed_at.x() - here.x()
            if self._panned_from is None and abs(shift) >= QApplication.startDragDistance():
                self._panned_from = self._first
            if self._panned_from is not None:
                self._pan_to(self._panned_from + shift / self.slot_width())
        self._hover(self.place_at(here.x(), here.y()))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Select what was clicked."""
        if event.button() is Qt.MouseButton.LeftButton and self._pressed_at is not None:
            here = event.position()
            if self._panned_from is None:
                self.clicked.emit(self.place_at(here.x(), here.y()), event.modifiers())
            self._pressed_at = self._panned_from = None
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all bars again by a double click beside them."""
        if self.place_at(event.position().x(), event.position().y()) is None:
            self.zoom_out()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer; sideways, or with Shift, move along."""
        turn = event.angleDelta()
        if turn.x() or event.modifiers() & _Shift:
            steps = (turn.x() or turn.y()) / 120
            self._pan_to(self._first - steps * max(1.0, (self._last - self._first) / 8))
        elif turn.y():
            self.zoom(1.25 ** (turn.y() / 120), event.position().x())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the selection with the arrow keys; + and − zoom, 0 shows all."""
        self._shows_ring = True
        far = len(self.bars)
        steps = {_Key.Key_Left: -1, _Key.Key_Right: 1, _Key.Key_Home: -far, _Key.Key_End: far}
        if event.key() in steps:
            self.stepped.emit(steps[_Key(event.key())], bool(event.modifiers() & _Shift))
        elif event.key() in {_Key.Key_Plus, _Key.Key_Equal}:
            self.zoom(1.5, self.plot_rect().center().x())
        elif event.key() == _Key.Key_Minus:
            self.zoom(1 / 1.5, self.plot_rect().center().x())
        elif event.key() == _Key.Key_0:
            self.zoom_out()
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Leave the key to others."""
        event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the selected layers."""
        self.menu_asked.emit(event.globalPos())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Say the exact number in the tooltip, and notice that the pointer leaves."""
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self.place_at(event.pos().x(), event.pos().y())
            if place is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), "\n".join(self.bars.reading(place)), self)
            return True
        return bool(super().viewportEvent(event))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring where the keyboard brought the focus."""
        self._shows_ring = event.reason() not in _MOUSE
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        self.viewport().update()

    # --- zoom -------------------------------------------------------------------------------

    def zoom(self, factor: float, x: float) -> None:
        """Show fewer bars (a factor above 1) or more, around a point."""
        first, last = self.range_shown()
        most = float(max(1, len(self.bars)))
        span = max(min(most, FEWEST_SLOTS), min(most, (last - first) / factor))
        if span >= most:
            self.zoom_out()
            return
        rect = self.plot_rect()
        part = min(1.0, max(0.0, (x - rect.left()) / max(1.0, rect.width())))
        self._first = min(max(0.0, first + part * (last - first - span)), most - span)
        self._last = self._first + span
        self._fit()

    def zoom_out(self) -> None:
        """Show all bars."""
        self._first = self._last = 0.0
        self._fit()

    def _pan_to(self, first: float) -> None:
        if self.is_zoomed:
            span = self._last - self._first
            self._first = min(max(0.0, first), len(self.bars) - span)
            self._last = self._first + span
            self._fit()

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

    def _fit(self) -> None:
        """Fit the axes to the bars in sight, and the bars to their slots."""
        if not self._ready:
            return
        shown = self.places_shown()
        highest = max(self.bars.heights[shown.start : shown.stop], default=0.0)
        rect = self.plot_rect()
        room = max(1.0, rect.height())
        top = highest * room / max(room * 0.5, room - self._theme.pxf(22))
        is_bytes = self.bars.metric.is_bytes
        self._axis.show_range(top, self.bars.scale, is_bytes=is_bytes, room=room)
        self.plotItem.layout.activate()
        top = top or 1.0
        first = self.range_shown()[0]
        across = self.plot_rect().width() / max(0.001, self.slot_width())
        self.plotItem.vb.setRange(xRange=(first - 0.5, first - 0.5 + across), yRange=(0, top), padding=0)
        width = self._bar_width()
        for item in self.items_by_category.values():
            if item.opts["width"] != width:
                item.setOpts(width=width)
        self.viewport().update()

    def _bar_width(self) -> float:
        slot = max(0.001, self.slot_width())
        return max(min(0.6, self._theme.pxf(24) / slot), min(1.0, 1 / slot) if slot >= 1 else 1 / slot)

    def _hover(self, place: int | None) -> None:
        if place != self.hovered_place:
            self.hovered_place = place
            self.viewport().update()
            self.hovered.emit(place)
