"""What is painted around the rows of the stack: the gutter, the place below the last row, where a drop would land."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPen

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
        if view.connecting.is_active:
            self._paint_connection(painter)
        elif view.connecting.hovered is not None and view.connecting.hovered < len(model.rows):
            self._paint_ring(painter, view.connecting.node_of(view.connecting.hovered))

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
                self._paint_label(painter, drops.reason, theme.px(24), theme.px(16), is_refused=True)
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
            self._paint_label(painter, drops.reason, y, left + theme.px(14), is_refused=True)

    def _paint_connection(self, painter: QPainter) -> None:
        """A line from the node that was taken to the pointer; beside that what it would do, or why it cannot."""
        connecting, theme = self._view.connecting, self._theme
        place = self._model.place_of(connecting.source) if connecting.source is not None else None
        if place is None:
            return
        reader = self._model.place_of(connecting.reader) if connecting.reader is not None else None
        colour = theme.tokens.error if connecting.reason else theme.tokens.accent
        start, end = connecting.node_of(place), QPointF(connecting.at)
        painter.save()
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, theme.pxf(2)))
        if reader is not None:
            frame = QRectF(self._view.row_rect(reader)).adjusted(theme.px(4), 1, -theme.px(4), -1)
            painter.drawRoundedRect(frame, theme.metrics.radius, theme.metrics.radius)
        path = QPainterPath(start)
        bend = QPointF(theme.pxf(30), 0)
        path.cubicTo(start + bend, end + bend, end)
        painter.drawPath(path)
        painter.setBrush(colour)
        painter.drawEllipse(start, theme.pxf(4), theme.pxf(4))
        painter.drawEllipse(end, theme.pxf(3), theme.pxf(3))
        painter.restore()
        said = connecting.reason or (connecting.edit.text if connecting.edit else "")
        if said:
            left = min(connecting.at.x() + theme.px(20), self._view.viewport().width() // 2)
            self._paint_label(painter, said, connecting.at.y() + theme.px(12), left, is_refused=bool(connecting.reason))

    def _paint_ring(self, painter: QPainter, node: QPointF) -> None:
        """What can be taken hold of has a ring."""
        painter.save()
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.tokens.accent, self._theme.pxf(1.5)))
        painter.drawEllipse(node, self._theme.pxf(7), self._theme.pxf(7))
        painter.restore()

    def _uncovered(self, box: QRectF) -> QRectF:
        """A label where the picture of what is dragged does not lie over it: above that, or else below."""
        covered, gap = QRectF(self._view.drops.covered()), self._theme.px(5)
        if box.intersects(covered):
            box.moveBottom(covered.top() - gap)
            if box.top() < 0:
                box.moveTop(covered.bottom() + gap)
        return box

    def _paint_label(self, painter: QPainter, said: str, y: float, left: int, *, is_refused: bool) -> None:
        """What a drop would do, or why it cannot, on its own ground: below a line, or above it where the view ends."""
        theme, text = self._theme, self._text
        side, height, px = theme.metrics.tiny_icon, theme.px(24), theme.px
        room = self._view.geometry_of_rows.width - left - px(16)
        width = min(text.width(said, "small") + side + px(24), float(room))
        top = y + px(5) if y + px(5) + height < self._view.viewport().height() else y - px(5) - height
        box = QRectF(left, round(top), width, height)
        if is_refused and self._view.drops.reason:
            box = self._uncovered(box)
        tokens = theme.tokens
        ground, colour = (tokens.error_ground, tokens.error) if is_refused else (tokens.select, tokens.accent)
        painting.rounded(painter, box, theme.metrics.radius, ground, colour, 1.0)
        centre = box.center().y()
        icon = QRectF(left + px(8), centre - side / 2, side, side)
        self._icons.paint(painter, "error" if is_refused else "link", colour, icon)
        x = left + side + px(14)
        text.paint(painter, said, x, centre, box.right() - px(7) - x, "small", colour)
