"""A switch of two or more: Linear | Log, Unrolled | Folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QSizePolicy, QStyleOptionButton, QWidget

from paramdesk.ui.style.painting import Clear, Hover, rounded, shows_focus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QAbstractButton

    from paramdesk.ui.style.theme import Theme

__all__ = ["Segmented"]


class Segmented(QWidget):
    """One of a few choices, all in sight. Arrow keys move between them; Tab passes by.

    Signals:
        chosen: the key of the choice the user took. Setting `value` does not emit it.
    """

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        choices: Sequence[tuple[str, str]],
        name: str,
        parent: QWidget | None = None,
    ) -> None:
        """Offer `choices`, pairs of key and text; a screen reader calls the whole `name`."""
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._segments: dict[str, _Segment] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for key, text in choices:
            segment = _Segment(theme, text, self)
            segment.setAccessibleDescription(name)
            self._group.addButton(segment)
            self._segments[key] = segment
            row.addWidget(segment)
        next(iter(self._segments.values())).setChecked(True)
        self._value = self.value
        self._group.buttonToggled.connect(self._on_toggled)
        theme.theme_changed.connect(self._on_theme_changed)

    @property
    def value(self) -> str:
        """The key of the choice that holds."""
        return next(key for key, segment in self._segments.items() if segment.isChecked())

    @value.setter
    def value(self, key: str) -> None:
        self._value = key
        self._segments[key].setChecked(True)

    def button(self, key: str) -> QAbstractButton:
        """Return the part that stands for a choice."""
        return self._segments[key]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the common frame."""
        painter = QPainter(self)
        tokens = self._theme.tokens
        frame = tokens.field_border if self.isEnabled() else tokens.border
        rounded(painter, QRectF(self.rect()), self._theme.metrics.radius, tokens.field, frame)
        painter.end()

    def _on_toggled(self, button: QAbstractButton, checked: bool) -> None:
        if checked and self.value != self._value:
            self._value = self.value
            self.chosen.emit(self._value)

    def _on_theme_changed(self) -> None:
        for segment in self._segments.values():
            segment.updateGeometry()
        self.update()


class _Segment(QRadioButton):
    """One choice. A radio button, so that keyboard and screen readers know what it is."""

    def __init__(self, theme: Theme, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._whole = parent
        theme.dress(self, font="small")

    def sizeHint(self) -> QSize:
        metrics = self._theme.font_metrics("small_medium")
        width = metrics.horizontalAdvance(self.text().replace("&", ""))
        return QSize(round(width) + self._theme.px(18), self._theme.metrics.segment)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, tokens = self._theme, self._theme.tokens
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() and self.isEnabled():
            painter.fillPath(self._shape(), tokens.select)
        colour = tokens.muted
        if not self.isEnabled():
            colour = tokens.disabled
        elif self.isChecked():
            colour = tokens.accent
        elif option.state & Hover:
            colour = tokens.text
        painter.setFont(theme.font("small_medium" if self.isChecked() else "small"))
        painter.setPen(QPen(colour))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic
        painter.drawText(self.rect(), flags, self.text())
        if shows_focus(option):
            width = theme.pxf(2)
            rounded(painter, QRectF(self.rect()), theme.metrics.radius, Clear, tokens.accent, width)
        painter.end()

    def _shape(self) -> QPainterPath:
        """Return the active ground: inside the common frame, round only at its ends."""
        whole = self._whole.rect().translated(-self.pos())
        frame = QPainterPath()
        radius = self._theme.metrics.radius - 1
        frame.addRoundedRect(QRectF(whole).adjusted(1, 1, -1, -1), radius, radius)
        own = QPainterPath()
        own.addRect(QRectF(QRect(self.rect())))
        return frame.intersected(own)
