"""A line edit of a window that takes dropped files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent

__all__ = ["LineEdit"]


class LineEdit(QLineEdit):
    """Takes text that is dropped, and leaves files to the window.

    By itself Qt would write a file's address into the field, and tell whoever dragged the file that it was moved: the
    file would be deleted.
    """

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take text only."""
        if event.mimeData().hasUrls():
            event.ignore()
        else:
            super().dragEnterEvent(event)
