"""Paints the rows of the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtWidgets import QStyle, QStyledItemDelegate

from paramdesk.ui.palette.palette_rows import SectionRow
from paramdesk.ui.stack.row_text import RowText
from paramdesk.ui.style import painting

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtGui import QColor, QPainter
    from PySide6.QtWidgets import QStyleOptionViewItem

    from paramdesk.ui.palette.kind_search import Span
    from paramdesk.ui.palette.palette_model import PaletteModel
    from paramdesk.ui.palette.palette_rows import KindRow
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import FontRole, Theme

Index = QModelIndex | QPersistentModelIndex

_MIDDLE = Qt.TextElideMode.ElideMiddle


class PaletteDelegate(QStyledItemDelegate):
    """Draws sections and kinds.

    Attributes:
        has_ring: whether the keyboard is in the list and brought there by a key. The view sets it.
    """

    def __init__(self, theme: Theme, icons: Icons, model: PaletteModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.has_ring = False
        self._theme = theme
        self._icons = icons
        self._model = model
        self._text = RowText(theme)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics = self._theme.metrics
        is_section = isinstance(self._model.row(index.row()), SectionRow)
        return QSize(self._theme.px(80), metrics.category_row if is_section else metrics.item_row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, tokens = self._theme, self._theme.tokens
        row = self._model.row(index.row())
        state = option.state
        painter.fillRect(option.rect, tokens.panel)
        inset = QRectF(option.rect.adjusted(theme.px(4), 0, -theme.px(4), 0))
        if state & QStyle.StateFlag.State_Selected:
            painting.rounded(painter, inset, theme.metrics.radius, tokens.select)
        elif state & QStyle.StateFlag.State_MouseOver:
            painting.rounded(painter, inset, theme.metrics.radius, tokens.hover)
        if self.has_ring and state & QStyle.StateFlag.State_HasFocus:
            painting.focus_ring(theme, painter, inset)
        if isinstance(row, SectionRow):
            self._paint_section(painter, row, option.rect)
        else:
            self._paint_kind(painter, row, option.rect)

    def _paint_section(self, painter: QPainter, row: SectionRow, rect: QRect) -> None:
        theme, tokens = self._theme, self._theme.tokens
        centre = rect.top() + rect.height() / 2
        middle = QPointF(rect.left() + theme.px(14), centre)
        painting.chevron(painter, tokens.muted, middle, theme.pxf(7), "down" if row.is_open else "right")
        x = rect.left() + theme.px(24)
        self._text.paint(painter, row.title, x, centre, rect.right() - x, "caption_strong", tokens.muted)

    def _paint_kind(self, painter: QPainter, row: KindRow, rect: QRect) -> None:
        theme, tokens, metrics = self._theme, self._theme.tokens, self._theme.metrics
        centre = rect.top() + rect.height() / 2
        left = rect.left() + theme.px(26 if row.match is None else 14)
        icon = QRectF(left, centre - metrics.item_icon / 2, metrics.item_icon, metrics.item_icon)
        colour = tokens.text2 if row.category == "block" else theme.category_color(row.category)
        self._icons.paint(painter, row.category, colour, icon)
        x = left + metrics.item_icon + theme.pxf(9)
        end = rect.right() - theme.px(10)
        match = row.match
        if match is None:
            # Names of a family differ at their end: GlobalAveragePooling1D, GlobalAveragePooling2D.
            self._text.paint(painter, row.name, x, centre, end - x, "base", tokens.text, _MIDDLE)
            return
        x += self._paint_marked(painter, row.name, match.marked, x, centre, end - x, "base", tokens.text) + theme.px(8)
        if match.why and end - x > theme.px(24):
            self._paint_marked(painter, match.why, match.why_marked, x, centre, end - x, "small", tokens.muted)

    def _paint_marked(  # noqa: PLR0913, PLR0917  # what, where and how
        self,
        painter: QPainter,
        text: str,
        marked: tuple[Span, ...],
        x: float,
        centre: float,
        room: float,
        role: FontRole,
        colour: QColor,
    ) -> float:
        """A text with the found parts on a ground of their own."""
        theme, metrics = self._theme, self._theme.font_metrics(role)
        height = metrics.height() + 1
        whole, (text, width) = text, self._text.fitted(text, role, room, _MIDDLE)
        for begin, end in spans_left(marked, whole, text):
            left = x + metrics.horizontalAdvance(text[:begin])
            mark = QRectF(left - 1, round(centre - height / 2), metrics.horizontalAdvance(text[begin:end]) + 2, height)
            painting.rounded(painter, mark, theme.metrics.mark_radius, theme.tokens.select_line)
        self._text.paint(painter, text, x, centre, room, role, colour)
        return width


def spans_left(marked: tuple[Span, ...], whole: str, short: str) -> list[Span]:
    """Where parts of a text are after "…" has taken the place of its middle.

    >>> spans_left(((0, 2), (8, 10)), "abcdefghij", "abc…ij"), spans_left(((1, 3),), "abc", "abc")
    ([(0, 2), (4, 6)], [(1, 3)])
    """
    if whole == short:
        return list(marked)
    head, gone = short.find("…"), len(whole) - len(short)
    before = [(begin, min(end, head)) for begin, end in marked]
    after = [(max(begin - gone, head + 1), end - gone) for begin, end in marked]
    return [(begin, end) for begin, end in before + after if begin < end]
