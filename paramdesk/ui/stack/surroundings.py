"""What is painted around the rows of the stack: the gutter, the place below the last row, where a drop would land."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPen

from paramdesk.ui.stack.gutter import Gutter
from paramdesk.ui.stack.row_text import RowText
from paramdesk.ui.style import painting

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainter

    from paramdesk.ui.stack.stack_model import StackModel
    from paramdesk.ui.stack.stack_view import StackView
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import FontRole, Theme

PLACEHOLDER = "Drag a layer here, or double-click one in the palette"
EMPTY_TITLE = "Nothing to compute yet"
EMPTY_LINES = (
    "Drag an Input from the palette to here, or double-click it there.",
    "Then add layers below it: their shapes and counts appear at once.",
)


class Surroundings:
    """Paints over the rows of one view."""

    def __init__(self, theme: Theme, icons: Icons, model: StackModel, view: StackView) -> None:
        self._theme = theme
        self._icons = icons
        self._model = model
        self._view = view
        self._gutter = Gutter(theme, model)
        self._text = RowText(theme)

    def height_below(self) -> int:
        """How much room there is below the last row."""
        return self._theme.metrics.stack_row + self._theme.px(8)

    def paint(self, painter: QPainter, rect: QRect) -> None:
        """Draw what touches a rectangle of the viewport."""
        view, model = self._view, self._model
        if model.rows:
            selected = frozenset(view.selected_places())
            rows = view.rows_within(rect)
            self._gutter.paint(painter, view.geometry_of_rows, rows, view.middle_of, selected)
            self._paint_placeholder(painter)
        else:
            self._paint_empty(painter)
        if view.drops.landing is not None:
            self._paint_landing(painter)

    def _end(self) -> int:
        """Where the last row ends."""
        last = len(self._model.rows) - 1
        return self._view.row_rect(last).bottom() + 1 if last >= 0 else 0

    def _is_landing_at_end(self) -> bool:
        landing = self._view.drops.landing
        return landing is not None and landing.gap == len(self._model.rows) and landing.depth == 0

    def _paint_placeholder(self, painter: QPainter) -> None:
        theme, geometry = self._theme, self._view.geometry_of_rows
        metrics = theme.metrics
        top = self._end()
        if top > self._view.viewport().height():
            return
        centre = top + metrics.stack_row / 2
        colour = theme.tokens.accent if self._is_landing_at_end() else theme.tokens.muted
        icon = QRectF(geometry.icon, centre - metrics.icon / 2, metrics.icon, metrics.icon)
        self._icons.paint(painter, "plus", colour, icon)
        room = geometry.width - geometry.name - theme.px(16)
        self._text.paint(painter, PLACEHOLDER, geometry.name, centre, room, "small", theme.tokens.muted)

    def _paint_empty(self, painter: QPainter) -> None:
        """What to do, where nothing is."""
        theme, area = self._theme, self._view.viewport().rect()
        tokens, px = theme.tokens, theme.px
        is_over = self._view.drops.landing is not None and not self._view.drops.reason
        box = QRectF(0, 0, min(px(440), area.width() - px(32)), px(150))
        box.moveCenter(QPointF(area.center().x(), area.height() * 0.42))
        pen = QPen(tokens.accent if is_over else tokens.field_border, theme.pxf(1.5))
        pen.setDashPattern([4, 4])
        painter.save()
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.setBrush(tokens.select if is_over else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, theme.metrics.radius, theme.metrics.radius)
        painter.restore()
        side = px(28)
        icon = QRectF(box.center().x() - side / 2, box.top() + px(18), side, side)
        self._icons.paint(painter, "io", theme.category_color("io"), icon)
        self._paint_centred(painter, EMPTY_TITLE, box, px(66), bold=True, colour=tokens.text)
        for number, line in enumerate(EMPTY_LINES):
            self._paint_centred(painter, line, box, px(92 + 20 * number), bold=False, colour=tokens.muted)

    def _paint_centred(
        self, painter: QPainter, text: str, box: QRectF, below: int, *, bold: bool, colour: QColor
    ) -> None:
        role: FontRole = "heading" if bold else "small"
        width = min(self._text.width(text, role), box.width() - self._theme.px(16))
        self._text.paint(painter, text, box.center().x() - width / 2, box.top() + below, width + 1, role, colour)

    # Where a drop would land ------------------------------------------------------------------------------------------

    def _paint_landing(self, painter: QPainter) -> None:
        """A line with a ring at the depth where the drop lands; where it cannot, the reason beside it."""
        drops, theme, view = self._view.drops, self._theme, self._view
        landing = drops.landing
        if landing is None or not self._model.rows:
            if drops.reason:
                self._paint_reason(painter, drops.reason, theme.px(24), theme.px(16))
            return
        geometry = view.geometry_of_rows
        top = view.rowViewportPosition(landing.gap) if landing.gap < len(self._model.rows) else self._end()
        y = max(theme.pxf(4), float(top))
        left = geometry.gutter + landing.depth * geometry.indent
        colour = theme.tokens.error if drops.reason else theme.tokens.accent
        radius = theme.pxf(3)
        painter.save()
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, theme.pxf(2)))
        painter.drawLine(QPointF(left + radius, y), QPointF(geometry.width - theme.px(8), y))
        painter.setBrush(theme.tokens.surface)
        painter.drawEllipse(QPointF(left, y), radius, radius)
        painter.restore()
        if drops.reason:
            self._paint_reason(painter, drops.reason, y, left + theme.px(14))

    def _paint_reason(self, painter: QPainter, reason: str, y: float, left: int) -> None:
        """The reason on a ground of its own: below the line, or above it where the view ends."""
        theme, text = self._theme, self._text
        side, height, px = theme.metrics.tiny_icon, theme.px(24), theme.px
        room = self._view.geometry_of_rows.width - left - px(16)
        width = min(text.width(reason, "small") + side + px(24), float(room))
        top = y + px(5) if y + px(5) + height < self._view.viewport().height() else y - px(5) - height
        box = QRectF(left, round(top), width, height)
        tokens = theme.tokens
        painting.rounded(painter, box, theme.metrics.radius, tokens.error_ground, tokens.error, 1.0)
        centre = box.center().y()
        self._icons.paint(painter, "error", tokens.error, QRectF(left + px(8), centre - side / 2, side, side))
        x = left + side + px(14)
        text.paint(painter, reason, x, centre, box.right() - px(7) - x, "small", tokens.error)
