"""One cell of the totals strip: a caption, a figure, a line below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFont, QFontMetricsF, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from paramdesk.ui.style.painting import focus_ring
from paramdesk.ui.totals.figures import BOUND

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QMouseEvent, QPaintEvent

    from paramdesk.ui.style.theme import Theme
    from paramdesk.ui.totals.figures import Figure

__all__ = ["TotalCell"]

SMALLEST = 0.7
"""How far a figure shrinks before it is given in thousands or millions instead."""

COPY = QKeySequence.StandardKey.Copy

_BY_KEYBOARD = {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.OtherFocusReason}


class TotalCell(QWidget):
    """A total, painted; it takes the focus, so that it can be read aloud and copied.

    Signals:
        activated: it was clicked, or Enter was pressed on it (only where `leads_somewhere`).
        stepped: an arrow key asks for the cell before (−1) or after (+1) this one.
        copy_all_asked: all totals are wanted on the clipboard.
    """

    activated = Signal()
    stepped = Signal(int)
    copy_all_asked = Signal()

    def __init__(self, theme: Theme, figure: Figure, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._figure = figure
        self._leads_somewhere = False
        self._shows_ring = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._copy = QAction("Copy", self)
        self._copy.triggered.connect(self.copy)
        self._copy_all = QAction("Copy All Totals", self)
        self._copy_all.triggered.connect(self.copy_all_asked)
        self._tell()

    @property
    def figure(self) -> Figure:
        """What it shows."""
        return self._figure

    @figure.setter
    def figure(self, figure: Figure) -> None:
        if figure != self._figure:
            self._figure = figure
            self._tell()
            self.update()

    @property
    def leads_somewhere(self) -> bool:
        """Whether a click on it goes to a layer."""
        return self._leads_somewhere

    @leads_somewhere.setter
    def leads_somewhere(self, value: bool) -> None:
        if value != self._leads_somewhere:
            self._leads_somewhere = value
            self.setCursor(Qt.CursorShape.PointingHandCursor if value else Qt.CursorShape.ArrowCursor)
            self._tell()

    def copy(self) -> None:
        """Put the exact number on the clipboard, in plain digits."""
        if self._figure.exact is not None:
            QGuiApplication.clipboard().setText(str(self._figure.exact))

    def shown_number(self) -> tuple[str, str, QFont]:
        """Return number, unit and font as they fit: the exact number, smaller, then abbreviated."""
        figure = self._figure
        font = self._theme.font("figure")
        room = self._room().width() - self._bound_width()
        full = self._number_width(figure.number, figure.unit, font)
        if full <= room:
            return figure.number, figure.unit, font
        smaller = QFont(font)
        smaller.setPixelSize(max(1, int(font.pixelSize() * max(SMALLEST, room / full))))
        if self._number_width(figure.number, figure.unit, smaller) <= room or not figure.short[0]:
            return figure.number, figure.unit, smaller
        number, unit = figure.short
        short = self._number_width(number, unit, font)
        if short > room:
            font = QFont(font)
            font.setPixelSize(max(1, int(font.pixelSize() * max(SMALLEST, room / short))))
        return number, unit, font

    # --- Qt ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Return the size in the usual window."""
        return QSize(self._theme.px(240), self._theme.metrics.totals_strip)

    def minimumSizeHint(self) -> QSize:
        """Return room for a short number."""
        return QSize(self._theme.px(72), self._theme.metrics.totals_strip)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the three lines."""
        painter = QPainter(self)
        theme, tokens, figure = self._theme, self._theme.tokens, self._figure
        room = self._room()
        caption_height, number_height = theme.pxf(14), theme.pxf(24)
        top = theme.pxf(8)
        self._draw_line(painter, QRectF(room.left(), top, room.width(), caption_height), figure.caption)
        self._draw_number(painter, QRectF(room.left(), top + caption_height, room.width(), number_height))
        line = QRectF(room.left(), top + caption_height + number_height, room.width(), caption_height)
        is_link = self._leads_somewhere and (self.underMouse() or self._shows_ring)
        painter.setPen(tokens.accent if is_link else tokens.muted)
        self._draw_line(painter, line, figure.line, is_link=is_link)
        if self._shows_ring:
            focus_ring(theme, painter, QRectF(self.rect()).adjusted(theme.pxf(4), theme.pxf(3), -theme.pxf(4), -4))
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Keep Ctrl+C from the window while the focus is here."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.matches(COPY):
            event.accept()
            return True
        return super().event(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go where the cell leads."""
        is_inside = self.rect().contains(event.position().toPoint())
        if self._leads_somewhere and event.button() is Qt.MouseButton.LeftButton and is_inside:
            self.activated.emit()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy with Ctrl+C, go on with the arrow keys, go where the cell leads with Enter and Space."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.matches(COPY):
            self.copy()
        elif event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
        elif self._leads_somewhere and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.activated.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring where the keyboard brought the focus."""
        self._shows_ring = event.reason() in _BY_KEYBOARD
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        self._shows_ring = False
        self.update()
        super().focusOutEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy."""
        exact = self._figure.exact
        self._copy.setEnabled(exact is not None)
        self._copy.setText("Copy" if exact is None else f"Copy {exact}")
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self._copy, self._copy_all])
        menu.popup(event.globalPos())

    # --- inside -----------------------------------------------------------------------------

    def _tell(self) -> None:
        figure = self._figure
        tip = figure.tip
        if self._leads_somewhere:
            tip += "\nClick to select that layer."
        self.setToolTip(tip)
        self.setAccessibleName(f"{figure.caption}: {figure.spoken}")
        self.setAccessibleDescription(f"{figure.line}. {figure.meaning}")

    def _room(self) -> QRectF:
        edge = self._theme.metrics.edge
        return QRectF(edge, 0, max(0, self.width() - edge - self._theme.px(8)), self.height())

    def _bound_width(self) -> float:
        if not self._figure.is_bound:
            return 0
        return self._theme.font_metrics("bound").horizontalAdvance(BOUND) + self._theme.pxf(5)

    def _number_width(self, number: str, unit: str, font: QFont) -> float:
        width = QFontMetricsF(font).horizontalAdvance(number)
        if unit:
            width += self._theme.pxf(3) + self._theme.font_metrics("unit").horizontalAdvance(unit)
        return width

    def _draw_line(self, painter: QPainter, rect: QRectF, text: str, *, is_link: bool = False) -> None:
        painter.setFont(self._theme.font("caption"))
        if not is_link:
            painter.setPen(self._theme.tokens.muted)
        metrics = self._theme.font_metrics("caption")
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if is_link:
            baseline = rect.center().y() + (metrics.ascent() - metrics.descent()) / 2 + self._theme.pxf(2)
            right = rect.left() + metrics.horizontalAdvance(text)
            painter.drawLine(QPointF(rect.left(), baseline), QPointF(right, baseline))

    def _draw_number(self, painter: QPainter, rect: QRectF) -> None:
        theme, tokens = self._theme, self._theme.tokens
        number, unit, font = self.shown_number()
        full = theme.font_metrics("figure")
        baseline = rect.center().y() + (full.ascent() - full.descent()) / 2
        left = rect.left()
        if self._figure.is_bound:
            painter.setFont(theme.font("bound"))
            painter.setPen(tokens.muted)
            painter.drawText(QPointF(left, baseline), BOUND)
            left += self._bound_width()
        painter.setFont(font)
        painter.setPen(tokens.muted if self._figure.exact is None else tokens.text)
        painter.drawText(QPointF(left, baseline), number)
        if unit:
            left += QFontMetricsF(font).horizontalAdvance(number) + theme.pxf(3)
            painter.setFont(theme.font("unit"))
            painter.setPen(tokens.muted)
            painter.drawText(QPointF(left, baseline), unit)
