"""The row of totals below the table, whose cells stay under their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from paramdesk.ui.table.cell_look import draw_value, edges, shown_sections, text_room
from paramdesk.ui.totals.figures import layer_count, layers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QColor, QPaintEvent
    from PySide6.QtWidgets import QHeaderView

    from paramdesk.ui.style.theme import FontRole, Theme
    from paramdesk.ui.table.table_model import SummaryTableModel

__all__ = ["TotalsRow"]


class TotalsRow(QWidget):
    """Sums of the columns, painted where the header says that the columns are."""

    def __init__(
        self, theme: Theme, model: SummaryTableModel, header: QHeaderView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = model
        self._header = header
        theme.dress(self, ground="surface")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Totals")

    def texts(self) -> dict[int, str]:
        """Return what stands under each column in sight, from left to right."""
        summary, columns = self._model.summary, self._model.columns
        shown = shown_sections(self._header)
        found = {section: columns[section].shown_total(summary) for section in shown}
        without = [section for section in shown if columns[section].total is None and not columns[section].is_number]
        return found | dict(zip(without, ("Total", layers(layer_count(summary))), strict=False))

    def refresh(self) -> None:
        """Show the sums of now."""
        columns = self._model.columns
        told = [f"{columns[section].header} {text}" for section, text in self.texts().items() if columns[section].total]
        self.setAccessibleDescription(", ".join(told))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of the theme."""
        return QSize(0, self._theme.metrics.totals_row)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line above and the sums."""
        theme, tokens = self._theme, self._theme.tokens
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, tokens.border)
        texts = self.texts()
        shown = list(texts)
        outer = (shown[0], shown[-1]) if shown else (-1, -1)
        for section, text in texts.items():
            column = self._model.columns[section]
            cell = self.cell(section, texts)
            if not text or cell.right() < 0 or cell.left() > self.width():
                continue
            is_count = column.total is None and text != "Total"
            left, right = edges(theme, section, outer, is_number=column.is_number)
            look: tuple[FontRole, QColor] = ("small", tokens.muted) if is_count else ("small_strong", tokens.text)
            room = text_room(cell, left, right)
            draw_value(painter, theme, look, room, text, is_number=column.is_number, seen=self.width())
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Say the whole of a sum and what it is in the tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = self.tip_at(event.pos().x())
            if tip:
                QToolTip.showText(event.globalPos(), tip, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def tip_at(self, x: int) -> str:
        """Return what the tooltip says at a place; empty where there is no sum."""
        section = self._header.logicalIndexAt(x)
        if section < 0:
            return ""
        column, summary = self._model.columns[section], self._model.summary
        if column.total is None:
            return ""
        value = column.total(summary)
        if value is None:
            return f"{column.header}: the total is not known"
        tip = f"{column.header}, all layers: {column.shown_total(summary)}"
        if missing := summary.totals.lacking(column.name):
            tip += f"\nA lower bound: {layers(missing)} {'is' if missing == 1 else 'are'} not computed"
        return tip

    def cell(self, section: int, texts: Mapping[int, str]) -> QRect:
        """Where one of the texts stands; the count of layers takes the empty room beside it too."""
        header, shown = self._header, list(texts)
        cell = QRect(header.sectionViewportPosition(section), 1, header.sectionSize(section), self.height() - 1)
        beside = shown[shown.index(section) + 1 :][:1]
        if self._model.columns[section].total is None and beside and not texts[beside[0]]:
            cell.setWidth(cell.width() + header.sectionSize(beside[0]))
        return cell
