"""The header of the table: flat, with the sort arrow beside the title and the page's edge at both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHeaderView

from paramdesk.ui.controls.viewport import give_viewport
from paramdesk.ui.style.painting import chevron
from paramdesk.ui.table.cell_look import draw_text, edges, outer_sections, text_room
from paramdesk.ui.table.table_model import SummaryTableModel

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.style.theme import Theme

__all__ = ["TableHeader"]

_Order = Qt.SortOrder


class TableHeader(QHeaderView):
    """Sections that move, resize and sort; a third click brings back the order of computation."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        give_viewport(self, theme, "surface")
        self._theme = theme
        self._hovered = -1
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setSortIndicatorClearable(True)
        self.setSortIndicatorShown(True)
        self.setSortIndicator(-1, _Order.AscendingOrder)
        self.setHighlightSections(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.viewport().setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Columns")

    def sizeHint(self) -> QSize:
        """Return the height of the theme."""
        return QSize(super().sizeHint().width(), self._theme.metrics.table_header)

    def title_width(self, section: int) -> int:
        """Return the room that a column's title and its sort arrow need."""
        theme = self._theme
        is_number = self._model().columns[section].is_number
        left, right = edges(theme, section, outer_sections(self), is_number=is_number)
        width = theme.font_metrics("caption_medium").horizontalAdvance(self._title(section))
        arrow = theme.px(14) if section == self.sortIndicatorSection() else 0
        return round(width + left + right + arrow + 1)

    def sectionSizeFromContents(self, logicalIndex: int) -> QSize:
        return QSize(self.title_width(logicalIndex), self._theme.metrics.table_header)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        theme, tokens = self._theme, self._theme.tokens
        painter.fillRect(rect, tokens.hover if logicalIndex == self._hovered else tokens.surface)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), tokens.hairline)
        is_number = self._model().columns[logicalIndex].is_number
        left, right = edges(theme, logicalIndex, outer_sections(self), is_number=is_number)
        room = text_room(rect.adjusted(0, 0, 0, -1), left, right)
        is_sorted = logicalIndex == self.sortIndicatorSection()
        arrow = theme.pxf(14)
        if is_sorted:
            room.adjust(arrow if is_number else 0, 0, 0 if is_number else -arrow, 0)
        color = tokens.text if is_sorted else tokens.muted
        width = draw_text(painter, theme, ("caption_medium", color), room, self._title(logicalIndex), right=is_number)
        if is_sorted:
            x = room.right() - width - arrow * 0.6 if is_number else room.left() + width + arrow * 0.6
            turn = "up" if self.sortIndicatorOrder() is _Order.AscendingOrder else "down"
            chevron(painter, tokens.text2, QPointF(x, room.center().y()), theme.pxf(7), turn)

    def viewportEvent(self, event: QEvent) -> bool:
        """Follow the pointer."""
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        elif event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._hover(self.logicalIndexAt(event.position().toPoint()))
        return super().viewportEvent(event)

    def _hover(self, section: int) -> None:
        if section != self._hovered:
            self._hovered = section
            self.viewport().update()

    def _model(self) -> SummaryTableModel:
        model = self.model()
        assert isinstance(model, SummaryTableModel)
        return model

    def _title(self, section: int) -> str:
        return self._model().columns[section].header
