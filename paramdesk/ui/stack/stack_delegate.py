"""Paints the rows of the stack, and edits their names in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate

from paramdesk.ui.stack.name_editor import NameEditor
from paramdesk.ui.stack.row_text import RowText
from paramdesk.ui.style import painting

if TYPE_CHECKING:
    from PySide6.QtCore import QAbstractItemModel, QObject
    from PySide6.QtGui import QColor
    from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

    from paramdesk.ui.stack.row_geometry import RowGeometry
    from paramdesk.ui.stack.stack_model import StackModel
    from paramdesk.ui.stack.stack_rows import StackRow
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import FontRole, Theme

Index = QModelIndex | QPersistentModelIndex

NO_OUTPUT = "no output"
_LEAST_BAR = 1.5
_ENDING_KEYS = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab}


class StackDelegate(QStyledItemDelegate):
    """Draws everything of a row but its part of the gutter, whose lanes run from row to row.

    Attributes:
        geometry: where the parts stand; the view sets it.
        hovered: the row under the pointer; −1 for none. The view sets it.
        focused: the row with the keyboard's ring; −1 for none. The view sets it.
    """

    def __init__(self, theme: Theme, icons: Icons, model: StackModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.geometry: RowGeometry | None = None
        self.hovered = -1
        self.focused = -1
        self._theme = theme
        self._icons = icons
        self._model = model
        self._text = RowText(theme)

    # Sizes ----------------------------------------------------------------------------------------------------------

    def height(self, row: StackRow) -> int:
        """How high a row is: one that says why it cannot be computed has a second line."""
        metrics = self._theme.metrics
        return metrics.error_row if row.state == "error" else metrics.stack_row

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = self.geometry.width if self.geometry else 0
        return QSize(width, self.height(self._model.row(index.row())))

    def left_of(self, depth: int) -> int:
        """Where the frame of a block at a depth begins."""
        assert self.geometry is not None
        return self.geometry.gutter - self._theme.px(10) + depth * self.geometry.indent

    def chevron_rect(self, row: StackRow, rect: QRect) -> QRect:
        """Where a click opens or closes a block."""
        assert self.geometry is not None
        x = self.geometry.stripe + row.depth * self.geometry.indent
        return QRect(x - self._theme.px(8), rect.top(), self._theme.px(20), rect.height())

    # Painting -------------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        place = index.row()
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        self.paint_row(painter, option.rect, place, is_selected=is_selected)

    def paint_row(self, painter: QPainter, rect: QRect, place: int, *, is_selected: bool) -> None:
        """Draw a row within a rectangle."""
        row = self._model.row(place)
        # Over the style's own ground of a selected row, which has no round corners.
        painter.fillRect(rect, self._theme.tokens.surface)
        self._paint_frames(painter, rect, row)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, rect, place, is_selected=is_selected)
        centre = rect.top() + rect.height() / 2
        first_line = centre if row.state != "error" else rect.top() + self._theme.px(19)
        self._paint_sign(painter, row, centre)
        self._paint_words(painter, row, first_line, rect)
        self._paint_numbers(painter, row, first_line, is_selected=is_selected)

    def _paint_frames(self, painter: QPainter, rect: QRect, row: StackRow) -> None:
        """The ground of the opened blocks that the row belongs to."""
        levels = row.depth + (1 if row.is_open else 0)
        if not levels or self.geometry is None:
            return
        tokens, radius = self._theme.tokens, self._theme.metrics.radius
        for level in range(levels):
            is_first = row.is_open and level == row.depth
            is_last = level >= levels - row.ends
            left = self.left_of(level)
            right = self.geometry.width - self._theme.px(4) * (level + 1)
            if not is_first and not is_last:
                painter.fillRect(left, rect.top(), right - left, rect.height(), tokens.hairline)
                painter.fillRect(left + 1, rect.top(), right - left - 2, rect.height(), tokens.band)
                continue
            painter.save()
            painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
            top = rect.top() + (1 if is_first else -2 * radius)
            bottom = rect.bottom() + (0 if is_last else 2 * radius)
            frame = QRectF(left, top, right - left, bottom - top)
            painting.rounded(painter, frame, radius, tokens.band, tokens.hairline, 1.0)
            painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRect, place: int, *, is_selected: bool) -> None:
        tokens, px = self._theme.tokens, self._theme.px
        inset = QRectF(rect.adjusted(px(4), 1, -px(4), -1))
        if is_selected:
            _filled(painter, inset, self._theme.metrics.radius, tokens.select)
        elif place == self.hovered:
            _filled(painter, inset, self._theme.metrics.radius, tokens.hover)
        if place == self.focused:
            painting.focus_ring(self._theme, painter, inset)

    def _paint_sign(self, painter: QPainter, row: StackRow, centre: float) -> None:
        """The stripe and the icon, or a block's chevron and icon."""
        geometry, theme = self.geometry, self._theme
        assert geometry is not None
        metrics = theme.metrics
        shift = row.depth * geometry.indent
        colour = self._sign_colour(row)
        if row.is_block:
            middle = QPointF(geometry.stripe + shift + metrics.stripe_width / 2, centre)
            turn = "down" if row.is_open else "right"
            painting.chevron(painter, theme.tokens.text2, middle, theme.pxf(8), turn)
        else:
            top = round(centre - metrics.stripe_height / 2)
            painter.fillRect(geometry.stripe + shift, top, metrics.stripe_width, metrics.stripe_height, colour)
        icon = QRectF(geometry.icon + shift, centre - metrics.icon / 2, metrics.icon, metrics.icon)
        self._icons.paint(painter, row.category, colour, icon)

    def _sign_colour(self, row: StackRow) -> QColor:
        tokens = self._theme.tokens
        if row.state == "waiting":
            return tokens.disabled
        return tokens.text2 if row.is_block else self._theme.category_color(row.category)

    def _paint_words(self, painter: QPainter, row: StackRow, line: float, rect: QRect) -> None:
        """Name, kind and digest; below them, why the row cannot be computed."""
        geometry, theme, text = self.geometry, self._theme, self._text
        assert geometry is not None
        tokens, px = theme.tokens, theme.px
        is_waiting = row.state == "waiting"
        x = float(geometry.name + row.depth * geometry.indent)
        end = (geometry.kind or self._chip_left(row)) - px(12)
        pill = f"× {row.repeat}" if row.repeat > 1 else ""
        extras = (text.width(pill, "caption") + px(24) if pill else 0) + (px(22) if row.is_frozen else 0)
        colour = tokens.muted if is_waiting else tokens.text
        # Names differ at their end: conv5_block1_1_conv, conv5_block1_2_conv.
        middle = Qt.TextElideMode.ElideMiddle
        used = text.paint(painter, row.name, x, line, end - x - extras, "base", colour, middle)
        x += used + px(8)
        if pill:
            self._paint_pill(painter, pill, x, line)
            x += round(text.width(pill, "caption")) + px(24)
        if row.is_frozen:
            side = theme.metrics.tiny_icon
            self._icons.paint(painter, "lock", tokens.muted, QRectF(x, line - side / 2, side, side))
        if geometry.kind:
            self._paint_kind(painter, row, line)
        if row.state == "error":
            self._paint_reason(painter, row, rect)

    def _paint_kind(self, painter: QPainter, row: StackRow, line: float) -> None:
        geometry, theme, text = self.geometry, self._theme, self._text
        assert geometry is not None
        tokens, px = theme.tokens, theme.px
        end = self._chip_left(row) - px(12)
        if row.state == "warning":
            end = self._paint_warning(painter, row, line, geometry.kind, end)
        kind_colour = tokens.muted if row.state == "waiting" else tokens.text2
        x = float(geometry.kind)
        x += text.paint(painter, row.kind, x, line, end - x, "small_medium", kind_colour) + px(8)
        if end - x > px(16):
            text.paint(painter, row.digest, x, line, end - x, "small", tokens.muted)

    def _paint_warning(self, painter: QPainter, row: StackRow, line: float, start: int, end: int) -> int:
        """A warning before the chip; return where what stands before it must end."""
        theme, text = self._theme, self._text
        tokens, px, side = theme.tokens, theme.px, theme.metrics.tiny_icon
        kind = text.width(row.kind, "small_medium") + px(16) + min(text.width(row.digest, "small"), px(140))
        room = max(0, round(end - start - kind - side - px(6)))
        width = min(room, text.width(row.reason, "small"))
        if width < px(48):
            width = 0
        left = round(end - width)
        if width:
            text.paint(painter, row.reason, left, line, width + 1, "small", tokens.warning)
            left -= px(5)
        self._icons.paint(painter, "warn", tokens.warning, QRectF(left - side, line - side / 2, side, side))
        return left - side - px(12)

    def _paint_reason(self, painter: QPainter, row: StackRow, rect: QRect) -> None:
        geometry, theme = self.geometry, self._theme
        assert geometry is not None
        px, side, error = theme.px, theme.metrics.tiny_icon, theme.tokens.error
        line = rect.top() + px(40)
        x = geometry.name + row.depth * geometry.indent
        self._icons.paint(painter, "error", error, QRectF(x, line - side / 2, side, side))
        x += side + px(5)
        self._text.paint(painter, row.reason, x, line, geometry.width - px(20) - x, "small", error)

    def _paint_pill(self, painter: QPainter, pill: str, x: float, line: float) -> None:
        theme = self._theme
        height, width = theme.px(18), self._text.width(pill, "caption") + theme.px(16)
        rect = QRectF(x, round(line - height / 2), width, height)
        radius = theme.metrics.pill_radius
        painting.rounded(painter, rect, radius, theme.tokens.surface, theme.tokens.border, 1.0)
        self._text.paint(painter, pill, x + theme.px(8), line, width, "caption", theme.tokens.text2)

    def _chip_text(self, row: StackRow) -> str:
        return NO_OUTPUT if row.state == "error" else row.shape or "–"

    def _chip_left(self, row: StackRow) -> int:
        """Where the chip, or what stands in its place, begins."""
        geometry, theme = self.geometry, self._theme
        assert geometry is not None
        if not geometry.has_chips:
            return geometry.chip
        if row.state == "waiting":
            least = round(self._text.width(row.reason, "small")) + theme.metrics.tiny_icon + theme.px(8)
            room = geometry.chip - (geometry.kind or geometry.name) - theme.px(140)
            return geometry.chip - min(least, max(room, theme.metrics.tiny_icon))
        width = min(self._text.width(self._chip_text(row), "small"), theme.px(220))
        return round(geometry.chip - width - 2 * theme.metrics.chip_edge)

    def _paint_numbers(self, painter: QPainter, row: StackRow, centre: float, *, is_selected: bool) -> None:
        geometry, theme, text = self.geometry, self._theme, self._text
        assert geometry is not None
        tokens = theme.tokens
        if geometry.has_chips and row.state == "waiting":
            self._paint_waiting(painter, row, centre)
        elif geometry.has_chips:
            self._paint_chip(painter, row, centre, is_selected=is_selected)
        is_counted = bool(row.parameters)
        role: FontRole = "heading" if is_selected and is_counted else "base"
        colour = tokens.text if is_counted else tokens.muted
        text.paint_right(painter, row.count, geometry.count, centre, role, colour)
        if is_counted and geometry.share:
            self._paint_share(painter, row, centre, is_selected=is_selected)

    def _paint_chip(self, painter: QPainter, row: StackRow, centre: float, *, is_selected: bool) -> None:
        geometry, theme = self.geometry, self._theme
        assert geometry is not None
        tokens, metrics = theme.tokens, theme.metrics
        left = self._chip_left(row)
        rect = QRectF(left, round(centre - metrics.chip_height / 2), geometry.chip - left, metrics.chip_height)
        colour = tokens.text2
        if row.state == "error":
            painting.rounded(painter, rect, metrics.radius, tokens.surface, tokens.error, 1.0)
            colour = tokens.error
        else:
            in_block = row.depth > 0 or row.is_open
            ground = tokens.surface if is_selected else tokens.track if in_block else tokens.chip
            _filled(painter, rect, metrics.radius, ground)
        inside = geometry.chip - left - 2 * metrics.chip_edge
        self._text.paint(painter, self._chip_text(row), left + metrics.chip_edge, centre, inside + 1, "small", colour)

    def _paint_waiting(self, painter: QPainter, row: StackRow, centre: float) -> None:
        geometry, theme = self.geometry, self._theme
        assert geometry is not None
        side, left = theme.metrics.tiny_icon, self._chip_left(row)
        self._icons.paint(painter, "wait", theme.tokens.muted, QRectF(left, centre - side / 2, side, side))
        x = left + side + theme.px(6)
        self._text.paint(painter, row.reason, x, centre, geometry.chip - x + 1, "small", theme.tokens.muted)

    def _paint_share(self, painter: QPainter, row: StackRow, centre: float, *, is_selected: bool) -> None:
        geometry, theme = self.geometry, self._theme
        assert geometry is not None
        tokens, metrics = theme.tokens, theme.metrics
        bar = QRectF(
            geometry.share, round(centre - metrics.share_height / 2), metrics.share_width, metrics.share_height
        )
        radius = metrics.share_height / 2
        _filled(painter, bar, radius, tokens.select_line if is_selected else tokens.track)
        filled = max(theme.pxf(_LEAST_BAR), bar.width() * min(1.0, self._model.share(row)))
        bar.setWidth(filled)
        _filled(painter, bar, min(radius, filled / 2), self._sign_colour(row))

    # Editing --------------------------------------------------------------------------------------------------------

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        name = self._model.row(index.row()).name
        return NameEditor(self._theme, self._model, QPersistentModelIndex(index), name, parent)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """The editor has the name from the start; what is typed is not overwritten when the row changes."""

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        name_editor = cast("NameEditor", editor)
        if not name_editor.reason:
            model.setData(index, name_editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        geometry, theme = self.geometry, self._theme
        assert geometry is not None
        row = self._model.row(index.row())
        left = geometry.name + row.depth * geometry.indent - theme.px(8)
        right = max(geometry.kind or geometry.chip, left + theme.px(120)) - theme.px(4)
        height = theme.metrics.field
        middle = option.rect.center().y() if row.state != "error" else option.rect.top() + theme.px(19)
        editor.setGeometry(left, middle - height // 2, right - left, height)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Keep the editor open while the name in it cannot be."""
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and isinstance(editor, NameEditor)
            and editor.reason
            and event.key() in _ENDING_KEYS
        ):
            return True
        return super().eventFilter(editor, event)


def _filled(painter: QPainter, rect: QRectF, radius: float, colour: QColor) -> None:
    """A rounded ground without a frame; the painter is antialiased already."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, radius, radius)
