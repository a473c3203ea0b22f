"""The menu in which columns are chosen. It stays open while they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent
    from PySide6.QtWidgets import QWidget

    from paramdesk.engine.columns import Column

__all__ = ["ColumnMenu"]


class ColumnMenu(QMenu):
    """A checkable entry per column, and one that restores the defaults.

    Signals:
        toggled: the name of a column that is to be shown or hidden, and which of both.
        restore_asked: the columns, their order and widths are to be as at the first start.
    """

    toggled = Signal(str, bool)
    restore_asked = Signal()

    def __init__(self, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__("Columns", parent)
        self.setToolTipsVisible(True)
        self._choices: dict[str, QAction] = {}
        for column in columns:
            choice = QAction(column.header, self)
            choice.setCheckable(True)
            choice.setToolTip(column.tip)
            choice.setData(column.name)
            choice.triggered.connect(self._on_choice)
            self.addAction(choice)
            self._choices[column.name] = choice
        self.addSeparator()
        self.restore = QAction("Restore Defaults", self)
        self.restore.triggered.connect(self.restore_asked)
        self.addAction(self.restore)

    def choice(self, name: str) -> QAction:
        """Return the entry of a column."""
        return self._choices[name]

    def show_choices(self, shown: Iterable[str]) -> None:
        """Check the columns in sight; the last one left cannot be hidden."""
        shown = set(shown)
        for name, choice in self._choices.items():
            choice.setChecked(name in shown)
            choice.setEnabled(shown != {name})

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stay open after a choice."""
        action = self._choice_or_none(self.actionAt(event.position().toPoint()))
        if action is not None:
            if action.isEnabled():
                action.trigger()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Stay open after a choice by the space bar."""
        action = self._choice_or_none(self.activeAction())
        if event.key() == Qt.Key.Key_Space and action is not None:
            action.trigger()
            return
        super().keyPressEvent(event)

    def _choice_or_none(self, action: QAction | None) -> QAction | None:
        return action if action is not None and action.isCheckable() else None

    def _on_choice(self, checked: bool) -> None:
        choice = self.sender()
        if isinstance(choice, QAction):
            self.toggled.emit(str(choice.data()), checked)
