"""What would mend a layer: each repair with its result, and a button that applies it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from paramdesk.ui.inspector.form_row import WrappedLabel
from paramdesk.ui.style.painting import rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from paramdesk.engine.repairs import Repair
    from paramdesk.ui.style.theme import Theme


class RepairsCard(QWidget):
    """A frame with one repair above the other.

    Signals:
        applied: the user took a repair; carries its changes.
    """

    applied = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[Repair, ...] = ()
        self._items: list[_RepairItem] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, theme.px(8), 0, theme.px(4))
        self._column.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """The Apply buttons that are shown."""
        return tuple(item.button for item in self._items if not item.isHidden())

    def show_repairs(self, repairs: Sequence[Repair]) -> None:
        """Show these repairs; none hides the card."""
        if tuple(repairs) != self._shown:
            self._shown = tuple(repairs)
            while len(self._items) < len(repairs):
                item = _RepairItem(self._theme, self)
                item.applied.connect(self.applied)
                self._items.append(item)
                self._column.addWidget(item)
            for place, item in enumerate(self._items):
                item.setVisible(place < len(repairs))
                if place < len(repairs):
                    item.show_repair(repairs[place])
        self.setVisible(bool(repairs))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame, and hairlines between the repairs."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        margins = self._column.contentsMargins()
        room = QRectF(self.rect().marginsRemoved(margins))
        rounded(painter, room, self._theme.metrics.radius, tokens.surface, tokens.hairline)
        for item in self._items[1:]:
            if not item.isHidden():
                painter.fillRect(0, item.y(), self.width(), 1, tokens.hairline)
        painter.end()


class _RepairItem(QWidget):
    """One repair."""

    applied = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._changes: object = None
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(11), theme.px(5), theme.px(9), theme.px(5))
        grid.setHorizontalSpacing(theme.metrics.gap)
        grid.setVerticalSpacing(0)
        self._text = WrappedLabel(theme, "text", self)
        self._result = WrappedLabel(theme, "muted", self, small=True)
        self.button = QPushButton("Apply", self)
        self.button.setProperty("emphasis", "accent")
        self.button.setAutoDefault(False)
        self.button.setFixedHeight(theme.px(26))
        theme.dress(self.button, font="small")
        self.button.setFixedWidth(round(theme.font_metrics("small").horizontalAdvance("Apply")) + theme.px(20))
        grid.addWidget(self._text, 0, 0)
        grid.addWidget(self._result, 1, 0)
        grid.addWidget(self.button, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(0, 1)
        self.button.clicked.connect(self._on_clicked)

    def show_repair(self, repair: Repair) -> None:
        """Show a repair and what it gives."""
        self._changes = repair.changes
        self._text.say(repair.text)
        self._result.say(repair.result)
        self.button.setAccessibleName(f"Apply {repair.text}")
        self.button.setAccessibleDescription(repair.result)

    def _on_clicked(self) -> None:
        self.applied.emit(self._changes)
