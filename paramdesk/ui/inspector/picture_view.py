"""Draws the picture of a layer from its data, in the theme's colours and sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from paramdesk.ui.inspector.scene import WIDTH, Dot, Label, Lines, Polygon, Scene

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from paramdesk.ui.inspector.scene import Item
    from paramdesk.ui.style.theme import FontRole, Theme

_Align = Qt.AlignmentFlag
_CAPTION_LEFT = 84.0
_FIGURE_LEFT = 23.0
_FIGURE_TOP = 4.0


class PictureView(QWidget):
    """The picture of a layer; a screen reader hears it in words."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scene = Scene((), 0.0)
        self._colour = "io"
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Picture of the layer")

    @property
    def scene(self) -> Scene:
        """What is drawn."""
        return self._scene

    def show_scene(self, scene: Scene, category: str) -> None:
        """Draw another picture, in the colour of a category."""
        if (scene, category) == (self._scene, self._colour):
            return
        self._scene, self._colour = scene, category
        self.setAccessibleDescription(scene.description)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the picture's size."""
        width = self._theme.px(WIDTH) + 2 * self._theme.metrics.edge
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def hasHeightForWidth(self) -> bool:
        """Tell that the caption wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of picture and caption."""
        if not self._scene.items and not any(self._scene.caption):
            return 0
        drawn = (self._scene.height + _FIGURE_TOP) * self._scale(width)
        return round(drawn + self._caption_height(width) + self._theme.pxf(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, the figure and the caption."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = self._scale(self.width())
        painter.translate(self._left(self.width()), 0)
        for item in self._scene.items:
            self._draw(painter, item, scale)
        painter.translate(0, self._scene.height * scale)
        self._draw_caption(painter, scale)
        painter.end()

    def _scale(self, width: int) -> float:
        """How large a unit of the scene is: as the text is, or so that the picture fits in."""
        return min(self._theme.pxf(1), max(1.0, width - 1.5 * self._theme.metrics.edge) / WIDTH)

    def _left(self, width: int) -> int:
        return round(width - WIDTH * self._scale(width)) // 2

    def _draw(self, painter: QPainter, item: Item, scale: float) -> None:
        match item:
            case Polygon():
                painter.setBrush(self._tint(item.fill, item.opacity) if item.fill else Qt.BrushStyle.NoBrush)
                painter.setPen(self._pen(item.line, item.width * scale, dashed=item.dashed))
                painter.drawPolygon(QPolygonF([QPointF(x * scale, y * scale) for x, y in item.points]))
            case Lines():
                painter.setPen(QPen(self._tint(item.colour, item.opacity), item.width * scale))
                painter.drawLines(
                    [QLineF(a[0] * scale, a[1] * scale, b[0] * scale, b[1] * scale) for a, b in item.segments]
                )
            case Dot():
                painter.setBrush(self._tint(item.fill, 1.0))
                painter.setPen(self._pen(item.line, scale, dashed=False))
                painter.drawEllipse(
                    QPointF(item.centre[0] * scale, item.centre[1] * scale), item.radius * scale, item.radius * scale
                )
            case Label():
                self._draw_label(painter, item, scale)

    def _draw_label(self, painter: QPainter, label: Label, scale: float) -> None:
        x, y = label.at[0] * scale, label.at[1] * scale
        painter.setFont(self._theme.font("caption"))
        painter.setPen(self._theme.color(label.colour))
        reach = 400 * scale
        left = {"left": x, "centre": x - reach / 2, "right": x - reach}[label.align]
        align = {"left": _Align.AlignLeft, "centre": _Align.AlignHCenter, "right": _Align.AlignRight}[label.align]
        painter.drawText(QRectF(left, y - 20 * scale, reach, 40 * scale), align | _Align.AlignVCenter, label.text)

    def _tint(self, name: str, opacity: float) -> QColor:
        colour = QColor(self._theme.category_color(self._colour) if name == "kind" else self._theme.color(name))
        colour.setAlphaF(opacity)
        return colour

    def _pen(self, name: str, width: float, *, dashed: bool) -> QPen | Qt.PenStyle:
        if not name:
            return Qt.PenStyle.NoPen
        pen = QPen(self._tint(name, 1.0), width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if dashed:
            pen.setDashPattern([2.5, 2.0])
        return pen

    # The caption ------------------------------------------------------------------------------------------------------

    def _caption_room(self, width: int) -> tuple[float, float]:
        """Where the caption starts, and how wide it may be."""
        left = _CAPTION_LEFT * self._scale(width) if self._scene.figure else 0.0
        return left, max(self._theme.pxf(40), width - 2 * self._left(width) - left)

    def _caption_heights(self, width: int) -> tuple[float, float]:
        _left, room = self._caption_room(width)
        first, second = self._scene.caption
        return self._text_height(first, "small_medium", room), self._text_height(second, "caption", room)

    def _text_height(self, text: str, role: FontRole, room: float) -> float:
        if not text:
            return 0.0
        metrics = self._theme.font_metrics(role)
        bounds = metrics.boundingRect(QRectF(0, 0, room, 10000), _Align.AlignLeft | Qt.TextFlag.TextWordWrap, text)
        return max(float(bounds.height()), self._theme.pxf(16 if role == "small_medium" else 14))

    def _caption_height(self, width: int) -> float:
        return max(sum(self._caption_heights(width)), self._scene.figure_size[1] * self._scale(width))

    def _draw_caption(self, painter: QPainter, scale: float) -> None:
        theme = self._theme
        heights = self._caption_heights(self.width())
        whole = self._caption_height(self.width())
        left, room = self._caption_room(self.width())
        top = _FIGURE_TOP * scale
        if self._scene.figure:
            painter.save()
            painter.translate(_FIGURE_LEFT * scale, top + (whole - self._scene.figure_size[1] * scale) / 2)
            for item in self._scene.figure:
                self._draw(painter, item, scale)
            painter.restore()
        y = top + (whole - sum(heights)) / 2
        align = _Align.AlignLeft if self._scene.figure else _Align.AlignHCenter
        rows: tuple[tuple[FontRole, str], ...] = (("small_medium", "text"), ("caption", "muted"))
        for text, height, (role, colour) in zip(self._scene.caption, heights, rows, strict=True):
            painter.setFont(theme.font(role))
            painter.setPen(theme.color(colour))
            flags = align | _Align.AlignVCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(left, y, room, height), flags, text)
            y += height
