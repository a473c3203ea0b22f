"""Paints the rows of the table, straight from the reports: no role is asked for while painting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from paramdesk.engine.columns import MISSING
from paramdesk.ui.table.cell_look import FAINT, NAMES, blocks_of, draw_text, draw_value, edges, text_room
from paramdesk.ui.table.table_model import SummaryTableModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QObject
    from PySide6.QtGui import QColor, QPainter

    from paramdesk.engine.summary import LayerReport
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import FontRole, Theme

__all__ = ["TableDelegate"]


class TableDelegate(QStyledItemDelegate):
    """Draws ground, text and, before the name of a row that is not computed, the reason's icon.

    It draws whole rows, for the view's own `paintEvent`: one call into Python for a row instead of five for a cell.

    Attributes:
        hovered: the row under the pointer; −1 if there is none.
        selected: the selected rows.
        outer: the first and the last column in sight.
    """

    def __init__(self, theme: Theme, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self.hovered = -1
        self.selected: set[int] = set()
        self.outer = (-1, -1)

    def paint_row(
        self, painter: QPainter, model: SummaryTableModel, row: int, cells: Sequence[tuple[int, QRect]], width: int
    ) -> None:
        """Draw a row.

        Args:
            painter: on the viewport.
            model: whose row it is.
            row: which.
            cells: the columns that are in sight, and where they are.
            width: how far the ground of the row goes.
        """
        report, columns, theme = model.rows[row], model.columns, self._theme
        ground = self._ground(row)
        top, height = cells[0][1].top(), cells[0][1].height()
        painter.fillRect(0, top, width, height, ground)
        for section, rect in cells:
            column = columns[section]
            left, right = edges(theme, section, self.outer, is_number=column.is_number)
            room = text_room(rect, left, right)
            text = column.shown(report, model.summary)
            color = self._color(report, column.name, text)
            role: FontRole = "small"
            if column.name in NAMES:
                role = "small_medium"
                room = self._draw_mark(painter, room, report, model)
                if column.name == "name" and len(report.key) > 1:
                    room = self._draw_path(painter, room, report)
            draw_value(painter, theme, (role, color), room, text, is_number=column.is_number, seen=width)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the room that a cell's text needs."""
        model = index.model()
        assert isinstance(model, SummaryTableModel)
        theme = self._theme
        text = model.text(index.row(), index.column())
        column = model.columns[index.column()]
        name = column.name
        left, right = edges(theme, index.column(), self.outer, is_number=column.is_number)
        width = theme.font_metrics("small_medium").horizontalAdvance(text) + left + right + 1
        if name == "name":
            width += theme.font_metrics("small").horizontalAdvance(blocks_of(model.rows[index.row()]))
        if name in NAMES and self._mark(model.rows[index.row()], model):
            width += theme.metrics.tiny_icon + theme.metrics.space
        return QSize(round(width), theme.metrics.table_row)

    # --- inside -----------------------------------------------------------------------------

    def _ground(self, row: int) -> QColor:
        tokens = self._theme.tokens
        if row in self.selected:
            return tokens.select
        if row == self.hovered:
            return tokens.hover
        return tokens.band if row % 2 else tokens.surface

    def _color(self, report: LayerReport, name: str, text: str) -> QColor:
        tokens = self._theme.tokens
        if name == "problem" and report.problem is not None and report.problem.severity == "error":
            return tokens.error
        is_faint = name in FAINT or text in {"0", "0.0", MISSING}
        return tokens.muted if is_faint or not report.is_computed else tokens.text

    def _mark(self, report: LayerReport, model: SummaryTableModel) -> tuple[str, QColor] | None:
        problem = model.summary.problem_of(report)
        if problem is None:
            return None
        tokens = self._theme.tokens
        return {
            "error": ("error", tokens.error),
            "warning": ("warn", tokens.warning),
            "waiting": ("wait", tokens.disabled),
        }[problem.severity]

    def _draw_mark(self, painter: QPainter, room: QRectF, report: LayerReport, model: SummaryTableModel) -> QRectF:
        mark = self._mark(report, model)
        if mark is None:
            return room
        size, gap = self._theme.metrics.tiny_icon, self._theme.metrics.space
        place = QRectF(room.left(), room.center().y() - size / 2, size, size)
        self._icons.paint(painter, mark[0], mark[1], place)
        return room.adjusted(size + gap, 0, 0, 0)

    def _draw_path(self, painter: QPainter, room: QRectF, report: LayerReport) -> QRectF:
        """Draw the blocks that a layer is in before its name, and return the room that is left."""
        theme = self._theme
        metrics = theme.font_metrics("small")
        needed = theme.font_metrics("small_medium").horizontalAdvance(report.name)
        free = room.width() - needed
        if free < theme.px(12):
            return room
        text = metrics.elidedText(blocks_of(report), Qt.TextElideMode.ElideLeft, free)
        width = draw_text(painter, theme, ("small", theme.tokens.muted), room, text, right=False)
        return room.adjusted(width, 0, 0, 0)
