"""Paints the lane gutter: the spine, the lanes beside it, and a node for every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from paramdesk.ui.stack.lanes import SPINE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from PySide6.QtGui import QColor

    from paramdesk.ui.stack.lanes import Wire
    from paramdesk.ui.stack.row_geometry import RowGeometry
    from paramdesk.ui.stack.stack_model import StackModel
    from paramdesk.ui.stack.stack_rows import StackRow
    from paramdesk.ui.style.theme import Theme

_CURVE = 34
_DOT = (2, 4)


class Gutter:
    """Draws a span of rows; the view says where their middles are."""

    def __init__(self, theme: Theme, model: StackModel) -> None:
        self._theme = theme
        self._model = model

    def paint(
        self,
        painter: QPainter,
        geometry: RowGeometry,
        rows: range,
        centre: Callable[[int], float],
        selected: Collection[int],
    ) -> None:
        """Draw lanes and nodes.

        Args:
            painter: of the viewport.
            geometry: of the view.
            rows: places of the rows to draw; lanes are drawn to their neighbours.
            centre: the middle of a row, by its place; also of rows outside the view.
            selected: places of selected rows.
        """
        model = self._model
        if not rows:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for gap in range(max(0, rows.start - 1), min(rows.stop, len(model.rows) - 1)):
            # From the outermost lane to the spine, which lies on top.
            for wire in reversed(model.lanes.between(gap)):
                self._paint_wire(painter, geometry, wire, gap, centre)
        for place in rows:
            at = QPointF(geometry.lane(model.lanes.column(place)), centre(place))
            self._paint_node(painter, at, place, is_selected=place in selected)
        painter.restore()

    def _paint_wire(
        self, painter: QPainter, geometry: RowGeometry, wire: Wire, gap: int, centre: Callable[[int], float]
    ) -> None:
        """The part of a connection between a row and the next."""
        lanes = self._model.lanes
        above, below = centre(gap), centre(gap + 1)
        x = geometry.lane(wire.column)
        start = geometry.lane(lanes.column(wire.top)) if gap == wire.top else x
        end = geometry.lane(lanes.column(wire.bottom)) if gap == wire.bottom - 1 else x
        path = QPainterPath(QPointF(start, above))
        if start == end:
            path.lineTo(end, below)
        else:
            curve = min(self._theme.pxf(_CURVE), below - above)
            # A lane leaves right below its node, and joins right above its reader.
            top, bottom = (above, above + curve) if gap == wire.top else (below - curve, below)
            middle = (top + bottom) / 2
            path.lineTo(start, top)
            path.cubicTo(QPointF(start, middle), QPointF(end, middle), QPointF(end, bottom))
            path.lineTo(end, below)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._wire_pen(wire))
        painter.drawPath(path)

    def _wire_pen(self, wire: Wire) -> QPen:
        width = self._theme.pxf(1.5 if wire.column == 0 else 2)
        pen = QPen(self._colour(wire.colour), width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if not self._model.row(wire.top).has_output:
            pen.setDashPattern([length * self._theme.scale / width for length in _DOT])
        return pen

    def _colour(self, colour: int) -> QColor:
        tokens = self._theme.tokens
        return tokens.spine if colour == SPINE else tokens.lanes[colour]

    def _paint_node(self, painter: QPainter, at: QPointF, place: int, *, is_selected: bool) -> None:
        row, lanes = self._model.row(place), self._model.lanes
        tokens, pxf = self._theme.tokens, self._theme.pxf
        colour = self._colour(lanes.colour(place))
        pen = QPen(colour, pxf(1.5 if lanes.colour(place) == SPINE else 2))
        ground, radius = tokens.surface, pxf(3.5)
        if row.state == "error":
            pen, ground, radius = QPen(tokens.error, pxf(1)), tokens.error, pxf(4)
        elif is_selected:
            pen, ground, radius = QPen(tokens.accent, pxf(1)), tokens.accent, pxf(4)
        elif row.state == "waiting":
            pen.setDashPattern([pxf(2) / pen.widthF(), pxf(2) / pen.widthF()])
        if row.is_block:
            if not row.is_open and ground is tokens.surface:
                ground = colour
            self._paint_square(painter, at, pen, ground)
        elif place in lanes.joins:
            self._paint_join(painter, at, row, is_filled=ground is not tokens.surface, ground=ground)
        else:
            painter.setPen(pen)
            painter.setBrush(ground)
            painter.drawEllipse(at, radius, radius)

    def _paint_square(self, painter: QPainter, at: QPointF, pen: QPen, ground: QColor) -> None:
        half = self._theme.pxf(4) - pen.widthF() / 2
        painter.setPen(pen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(at.x() - half, at.y() - half, 2 * half, 2 * half), 1, 1)

    def _paint_join(self, painter: QPainter, at: QPointF, row: StackRow, *, is_filled: bool, ground: QColor) -> None:
        """A larger node with a plus: several connections become one."""
        tokens, pxf = self._theme.tokens, self._theme.pxf
        colour = (
            ground if is_filled else tokens.disabled if row.state == "waiting" else self._theme.category_color("merge")
        )
        radius, arm = pxf(5.5), pxf(2.5)
        painter.setPen(QPen(colour, pxf(1.5)))
        painter.setBrush(ground)
        painter.drawEllipse(at, radius - pxf(0.75), radius - pxf(0.75))
        painter.setPen(QPen(tokens.surface if is_filled else colour, pxf(1.5)))
        painter.drawLine(at - QPointF(arm, 0), at + QPointF(arm, 0))
        painter.drawLine(at - QPointF(0, arm), at + QPointF(0, arm))
