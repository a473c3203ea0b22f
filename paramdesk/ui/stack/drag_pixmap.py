"""The picture that goes with the pointer while something is dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

from paramdesk.ui.stack.row_text import RowText
from paramdesk.ui.style import painting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.stack.stack_model import StackModel
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

_MOST_SHOWN = 3
_WIDEST = 400
_LINE, _EDGE = 28, 4


def card_rect(theme: Theme, at: QPoint, rows: int) -> QRect:
    """Where the picture of so many rows lies with the pointer at a place; at its widest, which few are."""
    lines = min(rows, _MOST_SHOWN) + (1 if rows > _MOST_SHOWN else 0)
    return QRect(at - _hold(theme), QSize(theme.px(_WIDEST), lines * theme.px(_LINE) + 2 * theme.px(_EDGE)))


def _hold(theme: Theme) -> QPoint:
    """The point of a picture that lies under the pointer."""
    return QPoint(theme.px(14), theme.px(_LINE) // 2 + theme.px(_EDGE))


def rows_pixmap(
    widget: QWidget, theme: Theme, icons: Icons, model: StackModel, places: Sequence[int]
) -> tuple[QPixmap, QPoint]:
    """The first rows, and how many more there are; with the point that lies under the pointer."""
    rows = [model.row(place) for place in places]
    shown = [(row.category, row.name) for row in rows[:_MOST_SHOWN]]
    return layers_pixmap(widget, theme, icons, shown, len(rows) - len(shown))


def layers_pixmap(
    widget: QWidget, theme: Theme, icons: Icons, shown: Sequence[tuple[str, str]], more: int = 0
) -> tuple[QPixmap, QPoint]:
    """Layers by category and name, one below the other on a card."""
    text, px, metrics = RowText(theme), theme.px, theme.metrics
    line = px(_LINE)
    names = [name for _category, name in shown]
    rest = f"and {more} more"
    widest = max([text.width(name, "base") for name in names] + [text.width(rest, "small") if more else 0])
    width = round(min(widest, px(260))) + metrics.stripe_width + metrics.item_icon + px(44)
    height = line * (len(shown) + (1 if more else 0)) + 2 * px(_EDGE)
    ratio = widget.devicePixelRatioF()
    pixmap = QPixmap(QSize(round(width * ratio), round(height * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    tokens = theme.tokens
    card = QRectF(0, 0, width, height)
    painting.rounded(painter, card, metrics.radius, tokens.surface, tokens.accent, theme.pxf(1.5))
    for number, (category, name) in enumerate(shown):
        centre = px(4) + line * (number + 0.5)
        colour = tokens.text2 if category == "block" else theme.category_color(category)
        painter.fillRect(QRectF(px(10), round(centre - px(9)), metrics.stripe_width, px(18)), colour)
        side = metrics.item_icon
        icons.paint(painter, category, colour, QRectF(px(20), centre - side / 2, side, side))
        x = px(20) + side + px(8)
        text.paint(painter, name, x, centre, width - x - px(8), "base", tokens.text)
    if more:
        centre = px(4) + line * (len(shown) + 0.5)
        text.paint(painter, rest, px(20) + metrics.item_icon + px(8), centre, width, "small", tokens.muted)
    painter.end()
    return pixmap, _hold(theme)
