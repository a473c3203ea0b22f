"""Which element of a style is drawn by which function of ours.

`PRIMITIVES` and `CONTROLS` replace Fusion's drawing; `ADAPTED` change the option (colours, fonts)
and let Fusion draw. What is in no table is Fusion's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QStyleOptionFrame,
    QStyleOptionHeader,
    QStyleOptionMenuItem,
    QStyleOptionProgressBar,
    QStyleOptionTab,
    QWidget,
)

from paramdesk.ui.style import docks, menus, painting
from paramdesk.ui.style.painting import Clear, Enabled, Focused, Horizontal, chevron, rounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from paramdesk.ui.style.theme import Theme

    _Draw = Callable[[Theme, QStyleOption, QPainter, QWidget | None], None]
    _Adapt = Callable[[Theme, QStyleOption, QPainter, QWidget | None], QStyleOption]

_PE = QStyle.PrimitiveElement
_CE = QStyle.ControlElement
_Button = QStyleOptionButton.ButtonFeature
_Sort = QStyleOptionHeader.SortIndicator


def _nothing(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    """Draw nothing: where Fusion has a box, we have space."""


# --- primitives -----------------------------------------------------------------------------


def _line_edit(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    # Without a frame it is the inside of a spin box or a combo box, or an editor in a view.
    if cast("QStyleOptionFrame", option).lineWidth > 0:
        painting.field(theme, option, painter, widget)


def _focus_rect(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    in_view = option.state & QStyle.StateFlag.State_Item
    if in_view and option.state & painting.Selected:
        return  # the ground of the selection says it
    if option.state & painting.ByKeyboard:
        painting.focus_ring(theme, painter, QRectF(option.rect), theme.metrics.space)


def _push_button(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    is_default = isinstance(option, QStyleOptionButton) and _is_default(option)
    painting.push_button(theme, option, painter, is_default=is_default)


def _tool_button(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    painting.tool_button(theme, option, painter, widget)


def _check_box(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    painting.check_box(theme, option, painter)


def _radio_button(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    painting.radio_button(theme, option, painter)


def _frame(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    tokens = theme.tokens
    colour = tokens.accent if option.state & Focused else tokens.field_border
    rounded(painter, QRectF(option.rect), 0, Clear, colour)


def _menu_panel(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    rect = QRectF(option.rect)
    rounded(painter, rect, 0, theme.tokens.surface, theme.tokens.border)


def _tool_separator(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    rect = option.rect
    long = theme.metrics.tool_separator
    centre = rect.center()
    vertical = bool(option.state & Horizontal)
    if vertical:
        rect = QRect(centre.x(), centre.y() - long // 2, 1, long)
    else:
        rect = QRect(centre.x() - long // 2, centre.y(), long, 1)
    painter.fillRect(rect, theme.tokens.hairline)


def _dock_separator(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    # By its shape: what the flag says about a separator differs between its two callers in Qt.
    vertical = option.rect.height() > option.rect.width()
    docks.dock_separator(theme, option.rect, painter, widget, vertical=vertical)


def _status_bar(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    rect = option.rect
    painter.fillRect(rect, theme.tokens.window)
    painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), theme.tokens.hairline)


def _tab_base(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    if widget is not None:
        rect = widget.rect()
        line = QRect(rect.left(), rect.bottom(), rect.width(), 1)
        painter.fillRect(line, theme.tokens.hairline)


def _item(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    painting.item_ground(theme, option, painter)


def _arrow(turn: str) -> _Draw:
    def draw(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
        tokens = theme.tokens
        colour = tokens.muted if option.state & Enabled else tokens.border
        size = min(option.rect.width(), option.rect.height(), theme.px(8))
        chevron(painter, colour, QRectF(option.rect).center(), size, turn)

    return draw


def _branch(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    state = option.state
    if state & QStyle.StateFlag.State_Children:
        turn = "down" if state & QStyle.StateFlag.State_Open else "right"
        centre = QRectF(option.rect).center()
        chevron(painter, theme.tokens.muted, centre, theme.pxf(8), turn)


def _header_arrow(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    order = cast("QStyleOptionHeader", option).sortIndicator
    if order != _Sort.None_:
        turn = "up" if order == _Sort.SortUp else "down"
        centre = QRectF(option.rect).center()
        chevron(painter, theme.tokens.text2, centre, theme.pxf(7), turn)


# --- controls -------------------------------------------------------------------------------


def _tab_shape(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    painting.tab(theme, option, painter)


def _tab_label(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    painting.tab_label(theme, option, painter, cast("QStyleOptionTab", option).text)


def _menu_bar_item(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    # The access keys show while the keyboard is in the bar (after Alt), as pictures of it are calm.
    with_keys = widget is not None and widget.hasFocus()
    menus.bar_item(theme, cast("QStyleOptionMenuItem", option), painter, with_keys=with_keys)


def _menu_item(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    menus.item(theme, cast("QStyleOptionMenuItem", option), painter)


def _window_ground(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    painter.fillRect(option.rect, theme.tokens.window)


def _surface_ground(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    painter.fillRect(option.rect, theme.tokens.surface)


def _tool_bar(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    rect = option.rect
    painter.fillRect(rect, theme.tokens.window)
    painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.tokens.hairline)


def _header_section(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    horizontal = bool(option.state & Horizontal)
    painting.header_section(theme, option, painter, horizontal=horizontal)


def _header_empty(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    rect = option.rect
    painter.fillRect(rect, theme.tokens.surface)
    if option.state & Horizontal:
        line = QRect(rect.left(), rect.bottom(), rect.width(), 1)
        painter.fillRect(line, theme.tokens.hairline)


def _splitter(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    vertical = bool(option.state & Horizontal)
    painting.hairline(painter, theme.tokens.hairline, option.rect, vertical=vertical)


def _progress_bar(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    bar = cast("QStyleOptionProgressBar", option)
    span = bar.maximum - bar.minimum
    # Without a known length the bar shows a third, so that it reads as "at work".
    share = (bar.progress - bar.minimum) / span if span > 0 else 1 / 3
    room = QRectF(bar.rect)
    height = theme.pxf(4)
    rect = QRectF(room.left(), room.center().y() - height / 2, room.width(), height)
    painting.progress(theme, painter, rect, share)


# --- adapted --------------------------------------------------------------------------------


def _push_button_label(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> QStyleOption:
    button = cast("QStyleOptionButton", option)
    if not button.state & Enabled:
        return option
    if _is_default(button):
        colour = theme.tokens.accent_text
    elif widget is not None and widget.property("emphasis") == "accent":
        colour = theme.tokens.accent
    else:
        return option
    adapted = QStyleOptionButton(button)
    palette = QPalette(button.palette)
    palette.setColor(QPalette.ColorRole.ButtonText, colour)
    adapted.palette = palette
    return adapted


def _header_label(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> QStyleOption:
    adapted = type(option)(option)
    palette = QPalette(option.palette)
    palette.setColor(QPalette.ColorRole.ButtonText, theme.tokens.muted)
    adapted.palette = palette
    # Qt would make the header of a selected column bold.
    painter.setFont(theme.font("caption_medium"))
    return adapted


def _is_default(option: QStyleOptionButton) -> bool:
    return bool(option.features & _Button.DefaultButton)


PRIMITIVES: dict[QStyle.PrimitiveElement, _Draw] = {
    _PE.PE_PanelLineEdit: _line_edit,
    _PE.PE_FrameFocusRect: _focus_rect,
    _PE.PE_PanelButtonCommand: _push_button,
    _PE.PE_FrameDefaultButton: _nothing,
    _PE.PE_PanelButtonTool: _tool_button,
    _PE.PE_IndicatorCheckBox: _check_box,
    _PE.PE_IndicatorItemViewItemCheck: _check_box,
    _PE.PE_IndicatorRadioButton: _radio_button,
    _PE.PE_Frame: _frame,
    _PE.PE_PanelMenu: _menu_panel,
    _PE.PE_FrameMenu: _nothing,
    _PE.PE_PanelTipLabel: _menu_panel,
    _PE.PE_IndicatorToolBarSeparator: _tool_separator,
    _PE.PE_IndicatorDockWidgetResizeHandle: _dock_separator,
    _PE.PE_FrameStatusBarItem: _nothing,
    _PE.PE_FrameDockWidget: _nothing,
    _PE.PE_PanelStatusBar: _status_bar,
    _PE.PE_FrameTabBarBase: _tab_base,
    _PE.PE_FrameTabWidget: _nothing,
    _PE.PE_PanelItemViewItem: _item,
    _PE.PE_PanelItemViewRow: _item,
    _PE.PE_IndicatorArrowDown: _arrow("down"),
    _PE.PE_IndicatorArrowUp: _arrow("up"),
    _PE.PE_IndicatorArrowLeft: _arrow("left"),
    _PE.PE_IndicatorArrowRight: _arrow("right"),
    _PE.PE_IndicatorBranch: _branch,
    _PE.PE_IndicatorHeaderArrow: _header_arrow,
}

CONTROLS: dict[QStyle.ControlElement, _Draw] = {
    _CE.CE_TabBarTabShape: _tab_shape,
    _CE.CE_TabBarTabLabel: _tab_label,
    _CE.CE_MenuBarItem: _menu_bar_item,
    _CE.CE_MenuBarEmptyArea: _window_ground,
    _CE.CE_MenuItem: _menu_item,
    _CE.CE_MenuEmptyArea: _surface_ground,
    _CE.CE_ToolBar: _tool_bar,
    _CE.CE_HeaderSection: _header_section,
    _CE.CE_HeaderEmptyArea: _header_empty,
    _CE.CE_Splitter: _splitter,
    _CE.CE_ProgressBar: _progress_bar,
}

ADAPTED: dict[QStyle.ControlElement, _Adapt] = {
    _CE.CE_PushButtonLabel: _push_button_label,
    _CE.CE_HeaderLabel: _header_label,
}
