"""What the style measures: sizes of controls, and where their parts are.

Plain functions over a theme; a rectangle of None means that Fusion's holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStyleOptionHeader,
    QStyleOptionMenuItem,
    QStyleOptionSlider,
    QStyleOptionSpinBox,
    QStyleOptionTab,
    QStyleOptionToolButton,
)

from paramdesk.ui.style import menus
from paramdesk.ui.style.painting import Horizontal, tab_edge

if TYPE_CHECKING:
    from collections.abc import Callable

    from paramdesk.ui.style.theme import Theme

_CT = QStyle.ContentsType
_PM = QStyle.PixelMetric
_SC = QStyle.SubControl


def pixel_metrics(theme: Theme) -> dict[QStyle.PixelMetric, int]:
    """Return the sizes that differ from Fusion's."""
    metrics = theme.metrics
    px = theme.px
    return {
        _PM.PM_ButtonShiftHorizontal: 0,
        _PM.PM_ButtonShiftVertical: 0,
        _PM.PM_DefaultFrameWidth: 1,
        _PM.PM_FocusFrameHMargin: px(3),
        _PM.PM_ScrollBarExtent: metrics.scroll_bar,
        _PM.PM_ScrollBarSliderMin: px(28),
        _PM.PM_ScrollView_ScrollBarSpacing: 0,
        _PM.PM_ScrollView_ScrollBarOverlap: 0,
        _PM.PM_SplitterWidth: metrics.splitter_grip,
        _PM.PM_DockWidgetSeparatorExtent: metrics.splitter_grip,
        _PM.PM_DockWidgetFrameWidth: 1,
        _PM.PM_ToolBarFrameWidth: 0,
        _PM.PM_ToolBarItemMargin: px(6),
        _PM.PM_ToolBarExtensionExtent: px(24),
        _PM.PM_ToolBarItemSpacing: px(2),
        _PM.PM_ToolBarSeparatorExtent: px(15),
        _PM.PM_ToolBarIconSize: metrics.icon,
        _PM.PM_ButtonIconSize: metrics.small_icon,
        _PM.PM_SmallIconSize: metrics.small_icon,
        _PM.PM_LineEditIconSize: metrics.small_icon,
        _PM.PM_ListViewIconSize: metrics.item_icon,
        _PM.PM_TabBarIconSize: metrics.small_icon,
        _PM.PM_IndicatorWidth: metrics.check,
        _PM.PM_IndicatorHeight: metrics.check,
        _PM.PM_ExclusiveIndicatorWidth: metrics.check,
        _PM.PM_ExclusiveIndicatorHeight: metrics.check,
        _PM.PM_CheckBoxLabelSpacing: px(8),
        _PM.PM_RadioButtonLabelSpacing: px(8),
        _PM.PM_MenuBarPanelWidth: 0,
        _PM.PM_MenuBarHMargin: px(8),
        _PM.PM_MenuBarVMargin: px(2),
        _PM.PM_MenuBarItemSpacing: 0,
        _PM.PM_MenuPanelWidth: 1,
        _PM.PM_MenuHMargin: px(4),
        _PM.PM_MenuVMargin: px(4),
        _PM.PM_TabBarTabOverlap: 0,
        _PM.PM_TabBarBaseOverlap: 0,
        _PM.PM_TabBarTabShiftHorizontal: 0,
        _PM.PM_TabBarTabShiftVertical: 0,
        _PM.PM_HeaderDefaultSectionSizeVertical: metrics.table_row,
        _PM.PM_HeaderMargin: metrics.cell_edge,
        _PM.PM_HeaderMarkSize: px(10),
        _PM.PM_ToolTipLabelFrameWidth: px(5),
    }


# --- sizes ----------------------------------------------------------------------------------


def _field_size(theme: Theme, option: QStyleOption, size: QSize) -> QSize:
    return QSize(size.width() + theme.px(18), theme.metrics.field)


def _spin_box_size(theme: Theme, option: QStyleOption, size: QSize) -> QSize:
    return QSize(size.width() + theme.px(8 + 22), theme.metrics.field)


def _combo_box_size(theme: Theme, option: QStyleOption, size: QSize) -> QSize:
    return QSize(size.width() + theme.px(10 + 26), theme.metrics.field)


def _push_button_size(theme: Theme, option: QStyleOption, size: QSize) -> QSize:
    button = cast("QStyleOptionButton", option)
    width = size.width() + theme.px(24)
    return QSize(max(width, theme.px(64)) if button.text else width, theme.metrics.button)


def _tool_button_size(theme: Theme, option: QStyleOption, size: QSize) -> QSize:
    button = cast("QStyleOptionToolButton", option)
    width, height = size.width() + theme.px(10), size.height() + theme.px(8)
    if button.text and button.toolButtonStyle != Qt.ToolButtonStyle.ToolButtonIconOnly:
        # Qt counts two spaces around the text, which is more than is needed at its right.
        width -= theme.px(2)
    if button.features & QStyleOptionToolButton.ToolButtonFeature.HasMenu:
        width += theme.px(8)
    return QSize(width, height)


def _menu_bar_item_size(theme: Theme, option: QStyleOption, size: QSize) -> QSize:
    return QSize(size.width() + theme.px(18), max(size.height(), theme.metrics.menu_bar - 4))


def _menu_item_size(theme: Theme, option: QStyleOption, size: QSize) -> QSize:
    return menus.item_size(theme, cast("QStyleOptionMenuItem", option), size)


def _tab_size(theme: Theme, option: QStyleOption, size: QSize) -> QSize:
    text = cast("QStyleOptionTab", option).text.replace("&", "")
    # As wide as the text is when semibold, so that selecting a tab moves no other.
    width = theme.font_metrics("heading").horizontalAdvance(text)
    return QSize(round(width) + 2 * tab_edge(theme), theme.metrics.tab)


SIZES: dict[QStyle.ContentsType, Callable[[Theme, QStyleOption, QSize], QSize]] = {
    _CT.CT_LineEdit: _field_size,
    _CT.CT_SpinBox: _spin_box_size,
    _CT.CT_ComboBox: _combo_box_size,
    _CT.CT_PushButton: _push_button_size,
    _CT.CT_ToolButton: _tool_button_size,
    _CT.CT_MenuBarItem: _menu_bar_item_size,
    _CT.CT_MenuItem: _menu_item_size,
    _CT.CT_TabBarTab: _tab_size,
}


def header_size(theme: Theme, option: QStyleOption, size: QSize) -> QSize:
    """Return a header section's size, no lower than the theme's header row."""
    header = cast("QStyleOptionHeader", option)
    if header.state & Horizontal:
        return QSize(size.width(), max(size.height(), theme.metrics.table_header))
    return size


# --- parts ----------------------------------------------------------------------------------


def spin_box_part(theme: Theme, option: QStyleOptionSpinBox, part: QStyle.SubControl) -> QRect | None:
    """Return where the text or an arrow of a spin box is."""
    rect = option.rect
    # Not by `subControls`: Qt asks for the text's place with that part alone.
    arrows = option.buttonSymbols != QAbstractSpinBox.ButtonSymbols.NoButtons
    column = theme.px(24) if arrows else 0
    if part == _SC.SC_SpinBoxEditField:
        return rect.adjusted(theme.px(8), 1, -max(column - theme.px(2), theme.px(8)), -1)
    if part == _SC.SC_SpinBoxFrame:
        return rect
    left = rect.right() + 1 - column
    middle = rect.top() + rect.height() // 2
    if part == _SC.SC_SpinBoxUp:
        return QRect(left, rect.top(), column, middle - rect.top())
    if part == _SC.SC_SpinBoxDown:
        return QRect(left, middle, column, rect.bottom() + 1 - middle)
    return None


def combo_box_part(theme: Theme, option: QStyleOptionComboBox, part: QStyle.SubControl) -> QRect | None:
    """Return where the text or the arrow of a combo box is."""
    rect = option.rect
    column = theme.px(26)
    if part == _SC.SC_ComboBoxEditField:
        # Fusion keeps a little air of its own around the text.
        return rect.adjusted(theme.px(9), 1, -column, -1)
    if part == _SC.SC_ComboBoxArrow:
        return QRect(rect.right() + 1 - column, rect.top(), column, rect.height())
    if part == _SC.SC_ComboBoxFrame:
        return rect
    return None


def scroll_bar_part(theme: Theme, option: QStyleOptionSlider, part: QStyle.SubControl) -> QRect | None:
    """Return where a part of a scroll bar is: a handle in a track, and no buttons."""
    rect = option.rect
    horizontal = bool(option.state & Horizontal)
    length = rect.width() if horizontal else rect.height()
    handle = length
    span = option.maximum - option.minimum
    if span > 0:
        page = max(option.pageStep, 1)
        handle = min(length, max(theme.px(28), length * page // (span + page)))
    start = QStyle.sliderPositionFromValue(
        option.minimum, option.maximum, option.sliderPosition, length - handle, option.upsideDown
    )
    if part == _SC.SC_ScrollBarGroove:
        span_of_part = (0, length)
    elif part == _SC.SC_ScrollBarSlider:
        span_of_part = (start, handle)
    elif part == _SC.SC_ScrollBarSubPage:
        span_of_part = (0, start)
    elif part == _SC.SC_ScrollBarAddPage:
        span_of_part = (start + handle, length - start - handle)
    else:
        return QRect()
    first, extent = span_of_part
    if horizontal:
        return QRect(rect.left() + first, rect.top(), extent, rect.height())
    return QRect(rect.left(), rect.top() + first, rect.width(), extent)
