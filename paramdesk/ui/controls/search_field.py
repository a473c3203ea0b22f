"""A field to search with: a lens before the text, a cross behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from paramdesk.ui.controls.line_edit import LineEdit

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.style.icons import Icons

__all__ = ["SearchField"]


class SearchField(LineEdit):
    """A line edit that Escape empties, and leaves to others once it is empty."""

    def __init__(self, icons: Icons, placeholder: str, parent: QWidget | None = None) -> None:
        """Show `placeholder` while empty; a screen reader calls the field that."""
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        lens = QAction(self)
        icons.follow(lens, "search", "muted")
        self.addAction(lens, QLineEdit.ActionPosition.LeadingPosition)
        self._cross = QAction("Clear", self)
        icons.follow(self._cross, "close", "muted")
        self._cross.triggered.connect(self.clear)
        self.addAction(self._cross, QLineEdit.ActionPosition.TrailingPosition)
        self._cross.setVisible(False)
        self.textChanged.connect(self._on_text_changed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Empty the field on Escape."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            event.accept()
        else:
            super().keyPressEvent(event)

    def _on_text_changed(self, text: str) -> None:
        self._cross.setVisible(bool(text))
