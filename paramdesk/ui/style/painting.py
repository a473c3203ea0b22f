"""How fields, buttons, tabs and bars are drawn: plain functions over a theme's tokens.

`app_style.py` decides which of them draws what; nothing here holds state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOption, QWidget

    from paramdesk.ui.style.theme import Theme

_State = QStyle.StateFlag

Hover = _State.State_MouseOver
Enabled = _State.State_Enabled
Focused = _State.State_HasFocus
ByKeyboard = _State.State_KeyboardFocusChange
Pressed = _State.State_Sunken
Checked = _State.State_On
Partial = _State.State_NoChange
Selected = _State.State_Selected
Horizontal = _State.State_Horizontal
Active = _State.State_Active

Clear = QColor(0, 0, 0, 0)

# A width that antialiasing keeps to one device-independent pixel when the rectangle lies on halves.
_HALF = 0.5


def rounded(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    ground: QColor,
    frame: QColor | None = None,
    width: float = 1.0,
) -> None:
    """Draw a rounded rectangle whose frame lies inside `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(ground)
    if frame is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, radius, radius)
    else:
        painter.setPen(QPen(frame, width))
        half = width / 2
        inner = rect.adjusted(half, half, -half, -half)
        painter.drawRoundedRect(inner, radius - half, radius - half)
    painter.restore()


def focus_ring(theme: Theme, painter: QPainter, rect: QRectF, radius: float | None = None) -> None:
    """Draw the accent ring that shows where the keyboard is, inside `rect`."""
    rounded(
        painter,
        rect,
        theme.metrics.radius if radius is None else radius,
        Clear,
        theme.tokens.accent,
        theme.pxf(2),
    )


def shows_focus(option: QStyleOption) -> bool:
    """Tell whether a button or a switch should show its ring: focused, and by the keyboard."""
    state = option.state
    return bool(state & Focused and state & ByKeyboard)


def chevron(painter: QPainter, colour: QColor, centre: QPointF, size: float, turn: str) -> None:
    """Draw a chevron `size` wide that points "up", "down", "left" or "right"."""
    half, depth = size / 2, size / 4
    x, y = centre.x(), centre.y()
    points = {
        "down": (QPointF(x - half, y - depth), QPointF(x, y + depth), QPointF(x + half, y - depth)),
        "up": (QPointF(x - half, y + depth), QPointF(x, y - depth), QPointF(x + half, y + depth)),
        "right": (
            QPointF(x - depth, y - half),
            QPointF(x + depth, y),
            QPointF(x - depth, y + half),
        ),
        "left": (QPointF(x + depth, y - half), QPointF(x - depth, y), QPointF(x + depth, y + half)),
    }[turn]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(line_pen(colour, max(1.0, size / 6)))
    painter.drawPolyline(points)
    painter.restore()


def hairline(painter: QPainter, colour: QColor, rect: QRect, *, vertical: bool) -> None:
    """Draw a one-pixel line through the middle of `rect`, along its length."""
    if vertical:
        painter.fillRect(QRect(rect.center().x(), rect.top(), 1, rect.height()), colour)
    else:
        painter.fillRect(QRect(rect.left(), rect.center().y(), rect.width(), 1), colour)


def is_invalid(widget: QWidget | None) -> bool:
    """Tell whether a field was marked as holding a wrong value (see `app_style.mark_invalid`)."""
    return widget is not None and bool(widget.property("invalid"))


def field(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    """Draw the ground and frame of a field: line edit, spin box, combo box."""
    tokens = theme.tokens
    rect = QRectF(option.rect)
    radius = theme.metrics.radius
    enabled = bool(option.state & Enabled)
    focused = bool(option.state & Focused)
    ground = tokens.field if enabled else Clear
    if is_invalid(widget):
        thick = theme.pxf(2)
        rounded(painter, rect, radius, ground, tokens.error, thick)
        if focused:
            inner = rect.adjusted(thick, thick, -thick, -thick)
            rounded(painter, inner, radius - thick, Clear, tokens.accent, theme.pxf(1))
    elif focused:
        rounded(painter, rect, radius, ground, tokens.accent, theme.pxf(2))
    elif not enabled:
        rounded(painter, rect, radius, ground, tokens.border)
    elif option.state & Hover:
        rounded(painter, rect, radius, ground, tokens.muted)
    else:
        rounded(painter, rect, radius, ground, tokens.field_border)


def push_button(theme: Theme, option: QStyleOption, painter: QPainter, *, is_default: bool) -> None:
    """Draw the ground of a push button; the default one is filled with the accent."""
    tokens = theme.tokens
    state = option.state
    rect = QRectF(option.rect)
    radius = theme.metrics.radius
    if not state & Enabled:
        rounded(painter, rect, radius, Clear, tokens.border)
    elif is_default:
        ground = tokens.accent
        if state & (Hover | Pressed):
            shade = 112 if state & Pressed else 106
            ground = ground.lighter(shade) if theme.is_dark else ground.darker(shade)
        rounded(painter, rect, radius, ground)
    else:
        ground = tokens.field
        if state & (Pressed | Checked):
            ground = tokens.select
        elif state & Hover:
            ground = tokens.hover
        rounded(painter, rect, radius, ground, tokens.field_border)
    if shows_focus(option):
        if is_default and state & Enabled:
            # The ring would vanish in the accent: leave a gap of ground between the two.
            gap = theme.pxf(2)
            inner = rect.adjusted(gap, gap, -gap, -gap)
            rounded(painter, inner, radius - gap, Clear, tokens.accent_text, theme.pxf(1.5))
        else:
            focus_ring(theme, painter, rect)


def tool_button(theme: Theme, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    """Draw the ground of a flat tool button: nothing at rest, rounded under the pointer.

    A button with the property "quiet" says that it is checked by its icon alone.
    """
    tokens = theme.tokens
    state = option.state
    rect = QRectF(option.rect)
    radius = theme.metrics.radius
    if state & Enabled:
        quiet = widget is not None and bool(widget.property("quiet"))
        if state & Pressed or (state & Checked and not quiet):
            rounded(painter, rect, radius, tokens.select)
        elif state & Hover:
            # On a window ground `hover` is too near to be seen, so the deeper `track` is used.
            rounded(painter, rect, radius, tokens.track)
    if shows_focus(option):
        focus_ring(theme, painter, rect)


def check_box(theme: Theme, option: QStyleOption, painter: QPainter) -> None:
    """Draw the box of a check box with its tick or dash."""
    rect = _box(theme, option, painter, theme.metrics.space)
    colour = _mark_colour(theme, option)
    if option.state & Partial:
        inset = rect.width() * 0.28
        middle = rect.center().y()
        painter.save()
        painter.setPen(line_pen(colour, rect.width() / 9))
        painter.drawLine(QLineF(rect.left() + inset, middle, rect.right() - inset, middle))
        painter.restore()
    elif option.state & Checked:
        tick(painter, colour, rect)


def radio_button(theme: Theme, option: QStyleOption, painter: QPainter) -> None:
    """Draw the circle of a radio button."""
    rect = _box(theme, option, painter, option.rect.height() / 2)
    if option.state & Checked:
        inset = rect.width() * 0.32
        dot = rect.adjusted(inset, inset, -inset, -inset)
        rounded(painter, dot, dot.width() / 2, _mark_colour(theme, option))


def _box(theme: Theme, option: QStyleOption, painter: QPainter, radius: float) -> QRectF:
    tokens = theme.tokens
    side = min(option.rect.width(), option.rect.height())
    rect = QRectF(option.rect.left(), option.rect.top(), side, side)
    state = option.state
    if not state & Enabled:
        rounded(painter, rect, radius, Clear, tokens.border)
    elif state & (Checked | Partial):
        rounded(painter, rect, radius, tokens.accent)
    else:
        frame = tokens.muted if state & Hover else tokens.field_border
        rounded(painter, rect, radius, tokens.field, frame)
    return rect


def _mark_colour(theme: Theme, option: QStyleOption) -> QColor:
    enabled = bool(option.state & Enabled)
    return theme.tokens.accent_text if enabled else theme.tokens.disabled


def tab(theme: Theme, option: QStyleOption, painter: QPainter) -> None:
    """Draw a tab: a line of two pixels under the text of the selected one."""
    tokens = theme.tokens
    metrics = theme.metrics
    edge = tab_edge(theme)
    rect = option.rect
    if option.state & Selected:
        line = QRect(
            rect.left() + edge,
            rect.bottom() + 1 - metrics.tab_line,
            rect.width() - 2 * edge,
            metrics.tab_line,
        )
        painter.fillRect(line, tokens.accent)
    if shows_focus(option) and option.state & Selected:
        room = QRectF(rect).adjusted(1, theme.pxf(3), -1, -theme.pxf(4))
        focus_ring(theme, painter, room)


def tab_edge(theme: Theme) -> int:
    """Return the space left and right of a tab's text."""
    return theme.px(10)


def tab_label(theme: Theme, option: QStyleOption, painter: QPainter, text: str) -> None:
    """Draw a tab's text: semibold while selected, so colour is not the only sign."""
    tokens = theme.tokens
    state = option.state
    if not state & Enabled:
        colour = tokens.disabled
    elif state & Selected:
        colour = tokens.text
    else:
        colour = tokens.text2 if state & Hover else tokens.muted
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic
    painter.save()
    painter.setFont(theme.font("heading" if state & Selected else "base"))
    painter.setPen(colour)
    painter.drawText(option.rect, flags, text)
    painter.restore()


def scroll_bar(theme: Theme, option: QStyleOption, painter: QPainter, handle: QRect, *, held: bool) -> None:
    """Draw a slim handle in a track without a ground of its own."""
    tokens = theme.tokens
    horizontal = bool(option.state & Horizontal)
    extent = option.rect.height() if horizontal else option.rect.width()
    margin = max(0.0, (extent - theme.metrics.scroll_handle) / 2)
    along = theme.pxf(2)
    rect = QRectF(handle)
    if horizontal:
        rect.adjust(along, margin, -along, -margin)
    else:
        rect.adjust(margin, along, -margin, -along)
    colour = tokens.border
    if held:
        colour = tokens.muted
    elif option.state & Hover:
        colour = tokens.field_border
    radius = min(rect.width(), rect.height()) / 2
    rounded(painter, rect, radius, colour)


def header_section(theme: Theme, option: QStyleOption, painter: QPainter, *, horizontal: bool) -> None:
    """Draw the ground of a header section: a hairline below, none between."""
    tokens = theme.tokens
    hover = bool(option.state & Hover and option.state & Enabled)
    painter.fillRect(option.rect, tokens.hover if hover else tokens.surface)
    rect = option.rect
    if horizontal:
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), tokens.hairline)
    else:
        painter.fillRect(QRect(rect.right(), rect.top(), 1, rect.height()), tokens.hairline)


def item_ground(theme: Theme, option: QStyleOption, painter: QPainter) -> None:
    """Draw the ground of an item in a list or a table that has no delegate of its own."""
    if option.state & Selected:
        painter.fillRect(option.rect, theme.tokens.select)
    elif option.state & Hover and option.state & Enabled:
        painter.fillRect(option.rect, theme.tokens.hover)


def progress(theme: Theme, painter: QPainter, rect: QRectF, share: float) -> None:
    """Draw a bar filled to `share` (0 to 1)."""
    radius = rect.height() / 2
    rounded(painter, rect, radius, theme.tokens.track)
    if share > 0:
        filled = QRectF(rect)
        filled.setWidth(max(rect.height(), rect.width() * min(1.0, share)))
        rounded(painter, filled, radius, theme.tokens.accent)


def tick(painter: QPainter, colour: QColor, rect: QRectF) -> None:
    """Draw a tick that fills the middle of the square `rect`."""
    left, top, size = rect.left(), rect.top(), rect.width()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(line_pen(colour, size / 9))
    painter.drawPolyline(
        (
            QPointF(left + size * 0.25, top + size * 0.53),
            QPointF(left + size * 0.43, top + size * 0.70),
            QPointF(left + size * 0.75, top + size * 0.33),
        )
    )
    painter.restore()


def line_pen(colour: QColor, width: float) -> QPen:
    """Return a pen with round caps and joins, as the icons have."""
    return QPen(
        colour,
        width,
        Qt.PenStyle.SolidLine,
        Qt.PenCapStyle.RoundCap,
        Qt.PenJoinStyle.RoundJoin,
    )
