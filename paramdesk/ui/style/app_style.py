"""The style: Fusion's behaviour, drawn flat from the theme's tokens.

There is no application style sheet (it would pin colours and slow every widget down). Each function
overridden here costs a call into Python, so only what must differ is overridden, and what is drawn
reads the tokens at paint time: a change of theme needs no new style.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QProxyStyle,
    QStyle,
    QStyleOption,
    QStyleOptionComboBox,
    QStyleOptionComplex,
    QStyleOptionFrame,
    QStyleOptionSlider,
    QStyleOptionSpinBox,
    QStyleOptionToolButton,
)

from paramdesk.ui.style import measuring, painting
from paramdesk.ui.style.painting import Enabled, chevron
from paramdesk.ui.style.parts import ADAPTED, CONTROLS, PRIMITIVES

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainter
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.style.theme import Theme

__all__ = ["AppStyle", "mark_invalid"]

_PE = QStyle.PrimitiveElement
_CE = QStyle.ControlElement
_CC = QStyle.ComplexControl
_SC = QStyle.SubControl
_SE = QStyle.SubElement
_PM = QStyle.PixelMetric
_CT = QStyle.ContentsType


def mark_invalid(widget: QWidget, *, invalid: bool) -> None:
    """Give a field the frame that says its value is wrong, or take it away."""
    if bool(widget.property("invalid")) != invalid:
        widget.setProperty("invalid", invalid)
        widget.update()


class AppStyle(QProxyStyle):
    """Flat fields, buttons, tabs and bars in the colours of a theme."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("Fusion")
        self._theme = theme
        self._pixels: dict[QStyle.PixelMetric, int] = {}
        self.measure()

    def measure(self) -> None:
        """Take the sizes over from the theme again, after its scale has changed."""
        self._pixels = measuring.pixel_metrics(self._theme)

    # --- drawing ----------------------------------------------------------------------------

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw a primitive of ours, or leave it to Fusion."""
        draw = PRIMITIVES.get(element)
        if draw is None:
            super().drawPrimitive(element, option, painter, widget)
        else:
            draw(self._theme, option, painter, widget)

    def drawControl(
        self,
        element: QStyle.ControlElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw a control of ours, or leave it to Fusion."""
        draw = CONTROLS.get(element)
        if draw is not None:
            draw(self._theme, option, painter, widget)
            return
        adapt = ADAPTED.get(element)
        if adapt is not None:
            option = adapt(self._theme, option, painter, widget)
        super().drawControl(element, option, painter, widget)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw a complex control of ours, or leave it to Fusion."""
        if control == _CC.CC_SpinBox:
            self._draw_spin_box(cast("QStyleOptionSpinBox", option), painter, widget)
        elif control == _CC.CC_ComboBox:
            self._draw_combo_box(cast("QStyleOptionComboBox", option), painter, widget)
        elif control == _CC.CC_ToolButton:
            self._draw_tool_button(cast("QStyleOptionToolButton", option), painter, widget)
        elif control == _CC.CC_ScrollBar:
            self._draw_scroll_bar(cast("QStyleOptionSlider", option), painter, widget)
        else:
            super().drawComplexControl(control, option, painter, widget)

    # --- measuring --------------------------------------------------------------------------

    def pixelMetric(
        self,
        metric: QStyle.PixelMetric,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
    ) -> int:
        """Return a size of the theme, or Fusion's."""
        pixels = self._pixels.get(metric)
        return super().pixelMetric(metric, option, widget) if pixels is None else pixels

    def sizeFromContents(
        self,
        contents: QStyle.ContentsType,
        option: QStyleOption,
        size: QSize,
        widget: QWidget | None = None,
    ) -> QSize:
        """Return the size of a control around its contents."""
        measure = measuring.SIZES.get(contents)
        if measure is not None:
            return measure(self._theme, option, size)
        found = super().sizeFromContents(contents, option, size, cast("QWidget", widget))
        if contents == _CT.CT_HeaderSection:
            return measuring.header_size(self._theme, option, found)
        return found

    def subControlRect(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        sub: QStyle.SubControl,
        widget: QWidget | None = None,
    ) -> QRect:
        """Return where a part of a spin box, combo box or scroll bar is."""
        if control == _CC.CC_SpinBox:
            rect = measuring.spin_box_part(self._theme, cast("QStyleOptionSpinBox", option), sub)
        elif control == _CC.CC_ComboBox:
            rect = measuring.combo_box_part(self._theme, cast("QStyleOptionComboBox", option), sub)
        elif control == _CC.CC_ScrollBar:
            rect = measuring.scroll_bar_part(self._theme, cast("QStyleOptionSlider", option), sub)
        else:
            rect = None
        if rect is None:
            return super().subControlRect(control, option, sub, cast("QWidget", widget))
        return QStyle.visualRect(option.direction, option.rect, rect)

    def subElementRect(
        self,
        element: QStyle.SubElement,
        option: QStyleOption,
        widget: QWidget | None = None,
    ) -> QRect:
        """Return where the text of a line edit is; everything else is Fusion's."""
        if element == _SE.SE_LineEditContents:
            framed = isinstance(option, QStyleOptionFrame) and option.lineWidth > 0
            edge = self._theme.px(8) if framed else 0
            return option.rect.adjusted(edge, 1, -edge, -1)
        return super().subElementRect(element, option, cast("QWidget", widget))

    # --- complex controls -------------------------------------------------------------------

    def _draw_spin_box(self, option: QStyleOptionSpinBox, painter: QPainter, widget: QWidget | None) -> None:
        theme = self._theme
        if option.frame:
            painting.field(theme, option, painter, widget)
        if option.buttonSymbols == QAbstractSpinBox.ButtonSymbols.NoButtons:
            return
        for part, step, turn in (
            (_SC.SC_SpinBoxUp, QAbstractSpinBox.StepEnabledFlag.StepUpEnabled, "up"),
            (_SC.SC_SpinBoxDown, QAbstractSpinBox.StepEnabledFlag.StepDownEnabled, "down"),
        ):
            rect = QRectF(self.subControlRect(_CC.CC_SpinBox, option, part, widget))
            from_middle = min(theme.pxf(4), rect.height() / 2)
            y = rect.bottom() - from_middle if turn == "up" else rect.top() + from_middle
            centre = QPointF(rect.center().x() + theme.pxf(2), y)
            colour = self._arrow_colour(
                usable=bool(option.state & Enabled and option.stepEnabled & step),
                active=bool(option.activeSubControls & part),
            )
            chevron(painter, colour, centre, theme.pxf(6), turn)

    def _draw_combo_box(self, option: QStyleOptionComboBox, painter: QPainter, widget: QWidget | None) -> None:
        theme = self._theme
        if option.frame:
            painting.field(theme, option, painter, widget)
        rect = QRectF(self.subControlRect(_CC.CC_ComboBox, option, _SC.SC_ComboBoxArrow, widget))
        colour = self._arrow_colour(
            usable=bool(option.state & Enabled),
            active=bool(option.state & painting.Hover),
        )
        chevron(painter, colour, rect.center(), theme.pxf(7), "down")

    def _arrow_colour(self, *, usable: bool, active: bool) -> QColor:
        tokens = self._theme.tokens
        if not usable:
            return tokens.border
        return tokens.text if active else tokens.muted

    def _draw_tool_button(self, option: QStyleOptionToolButton, painter: QPainter, widget: QWidget | None) -> None:
        theme = self._theme
        painting.tool_button(theme, option, painter, widget)
        label = QStyleOptionToolButton(option)
        if option.text and option.toolButtonStyle == Qt.ToolButtonStyle.ToolButtonTextBesideIcon:
            air = theme.px(4)
            label.rect = option.rect.adjusted(air, 0, -air, 0)
        has_menu = bool(option.features & QStyleOptionToolButton.ToolButtonFeature.HasMenu)
        split = bool(option.subControls & _SC.SC_ToolButtonMenu)
        if has_menu or split:
            room = theme.px(16)
            label.rect = label.rect.adjusted(0, 0, -room // 2, 0)
            centre = QPointF(option.rect.right() - theme.pxf(9), QRectF(option.rect).center().y())
            chevron(painter, theme.tokens.muted, centre, theme.pxf(7), "down")
        colour = theme.tokens.text2
        if not option.state & Enabled:
            colour = theme.tokens.disabled
        elif option.state & painting.Checked:
            colour = theme.tokens.accent
        label.palette.setColor(QPalette.ColorRole.ButtonText, colour)
        self.drawControl(_CE.CE_ToolButtonLabel, label, painter, widget)

    def _draw_scroll_bar(self, option: QStyleOptionSlider, painter: QPainter, widget: QWidget | None) -> None:
        # By `parent`: see `give_viewport` for what `parentWidget` would cost at the start.
        area = widget.parent() if widget is not None else None
        while area is not None and not isinstance(area, QAbstractScrollArea):
            area = area.parent()
        if area is not None:
            viewport = area.viewport()
            painter.fillRect(option.rect, viewport.palette().color(viewport.backgroundRole()))
        if option.maximum <= option.minimum:
            return
        handle = self.subControlRect(_CC.CC_ScrollBar, option, _SC.SC_ScrollBarSlider, widget)
        held = bool(option.state & painting.Pressed and option.activeSubControls & _SC.SC_ScrollBarSlider)
        painting.scroll_bar(self._theme, option, painter, handle, held=held)
