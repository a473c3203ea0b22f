"""How menus and the menu bar are drawn and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QStyleOptionMenuItem

from paramdesk.ui.style.painting import Enabled, Pressed, Selected, chevron, hairline, rounded, tick

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from paramdesk.ui.style.theme import Theme

_Kind = QStyleOptionMenuItem.MenuItemType


def bar_item(theme: Theme, option: QStyleOptionMenuItem, painter: QPainter, *, with_keys: bool) -> None:
    """Draw a title in the menu bar."""
    tokens = theme.tokens
    painter.fillRect(option.rect, tokens.window)
    enabled = bool(option.state & Enabled)
    if enabled and option.state & (Selected | Pressed):
        ground = tokens.select if option.state & Pressed else tokens.track
        rounded(painter, QRectF(option.rect), theme.metrics.space, ground)
    painter.setPen(tokens.text if enabled else tokens.disabled)
    keys = Qt.TextFlag.TextShowMnemonic if with_keys else Qt.TextFlag.TextHideMnemonic
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine | keys
    painter.drawText(option.rect, flags, option.text)


def item(theme: Theme, option: QStyleOptionMenuItem, painter: QPainter) -> None:
    """Draw a row of a menu: mark or icon, text, shortcut, chevron of a submenu."""
    tokens = theme.tokens
    rect = option.rect
    # The list of a drop-down is drawn by this too, and its own ground is the window's.
    painter.fillRect(rect, tokens.surface)
    if option.menuItemType == _Kind.Separator:
        _separator(theme, option, painter)
        return
    enabled = bool(option.state & Enabled)
    if enabled and option.state & Selected:
        rounded(painter, QRectF(rect), theme.metrics.space, tokens.select)
    _mark(theme, option, painter)
    colour = tokens.text if enabled else tokens.disabled
    text, _, shortcut = option.text.partition("\t")
    painter.save()
    painter.setFont(option.font)
    painter.setPen(colour)
    room = rect.adjusted(_text_left(theme, option), 0, -theme.px(24), 0)
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
    painter.drawText(room, flags | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextShowMnemonic, text)
    if shortcut:
        painter.setPen(tokens.muted if enabled else tokens.disabled)
        room = rect.adjusted(0, 0, -theme.px(12), 0)
        painter.drawText(room, flags | Qt.AlignmentFlag.AlignRight, shortcut)
    painter.restore()
    if option.menuItemType == _Kind.SubMenu:
        centre = QPointF(rect.right() - theme.pxf(12), QRectF(rect).center().y())
        chevron(painter, tokens.muted if enabled else tokens.disabled, centre, theme.pxf(7), "right")


def item_size(theme: Theme, option: QStyleOptionMenuItem, contents: QSize) -> QSize:
    """Return the size of a menu's row; Qt adds the width of the shortcuts itself."""
    if option.menuItemType == _Kind.Separator:
        return QSize(contents.width(), theme.px(9))
    text, _, _ = option.text.partition("\t")
    width = option.fontMetrics.horizontalAdvance(text.replace("&", ""))
    # the gap to the shortcut column, and the room of the chevron or the right edge
    width += _text_left(theme, option) + theme.px(28)
    # Not from the contents' height: a drop-down passes the height of its whole view.
    height = option.fontMetrics.height() + theme.px(8)
    return QSize(width, max(theme.metrics.menu_row, height))


def _separator(theme: Theme, option: QStyleOptionMenuItem, painter: QPainter) -> None:
    tokens = theme.tokens
    edge = theme.px(8)
    rect = option.rect.adjusted(edge, 0, -edge, 0)
    hairline(painter, tokens.hairline, rect, vertical=False)


def _text_left(theme: Theme, option: QStyleOptionMenuItem) -> int:
    # One column for marks and icons, as wide as an icon, in every menu that has either.
    column = theme.px(30) if option.maxIconWidth > 0 or option.menuHasCheckableItems else 0
    return max(column, theme.px(12))


def _mark(theme: Theme, option: QStyleOptionMenuItem, painter: QPainter) -> None:
    tokens = theme.tokens
    enabled = bool(option.state & Enabled)
    rect = option.rect
    side = theme.metrics.small_icon
    room = QRect(rect.left() + theme.px(7), rect.center().y() - side // 2, side, side)
    if not option.icon.isNull():
        mode = QIcon.Mode.Normal if enabled else QIcon.Mode.Disabled
        state = QIcon.State.On if option.checked else QIcon.State.Off
        option.icon.paint(painter, room, Qt.AlignmentFlag.AlignCenter, mode, state)
    elif option.checked:
        colour = tokens.accent if enabled else tokens.disabled
        if option.checkType == QStyleOptionMenuItem.CheckType.Exclusive:
            dot = QRectF(0, 0, theme.pxf(6), theme.pxf(6))
            dot.moveCenter(QRectF(room).center())
            rounded(painter, dot, dot.width() / 2, colour)
        else:
            tick(painter, colour, QRectF(room))
