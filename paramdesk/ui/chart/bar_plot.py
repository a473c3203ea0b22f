"""The plot: the bars, followed by pointer and keyboard. Loaded only after the first paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from paramdesk.ui.chart.bar_canvas import BarCanvas

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.chart.chart_bars import Bars
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

__all__ = ["BarPlot"]

_Key = Qt.Key
_Shift = Qt.KeyboardModifier.ShiftModifier
_MOUSE = {Qt.FocusReason.MouseFocusReason, Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason}


class BarPlot(BarCanvas):
    """Selects by click and arrow keys, zooms by wheel, moves along by dragging, reads out what is under the pointer.

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
        super().__init__(theme, icons, bars, parent)
        self._pressed_at: QPointF | None = None
        self._panned_from: float | None = None

    # --- Qt ---------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        self.shows_ring = False
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
        if self._pressed_at is not None and self.slots.is_zoomed:
            shift = self._pressed_at.x() - here.x()
            if self._panned_from is None and abs(shift) >= QApplication.startDragDistance():
                self._panned_from = self.slots.shown[0]
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
            first, last = self.slots.shown
            self._pan_to(first - steps * max(1.0, (last - first) / 8))
        elif turn.y():
            self.zoom(1.25 ** (turn.y() / 120), event.position().x())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the selection with the arrow keys; + and − zoom, 0 shows all."""
        self.shows_ring = True
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
        self.shows_ring = event.reason() not in _MOUSE
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        self.viewport().update()

    # --- zoom -------------------------------------------------------------------------------

    def zoom(self, factor: float, x: float) -> None:
        """Show fewer bars (a factor above 1) or more, around a point."""
        rect = self.plot_rect()
        self.slots.zoom(factor, min(1.0, max(0.0, (x - rect.left()) / max(1.0, rect.width()))))
        self.fit()

    def zoom_out(self) -> None:
        """Show all bars."""
        self.slots.show_all()
        self.fit()

    def _pan_to(self, first: float) -> None:
        self.slots.pan_to(first)
        self.fit()

    def _hover(self, place: int | None) -> None:
        if place != self.hovered_place:
            self.hovered_place = place
            self.viewport().update()
            self.hovered.emit(place)
