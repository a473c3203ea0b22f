"""The one way to tell the user something that is not an answer to a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from paramdesk.ui.document.document import Document

__all__ = ["Notice", "NoticeKind", "Notices", "Until"]

NoticeKind = Literal["error", "warning", "success", "info"]
Until = Literal["closed", "saved", "edited", "read"]


class Notice(msgspec.Struct, frozen=True):
    """A message: its kind, its text, and something to do about it.

    Attributes:
        kind: how bad it is.
        text: what is said.
        action_text: what its button says; None: it has none.
        action: what its button does; if it returns False, nothing was done, and the notice stays.
        until: how long it is true, if nobody closes it before: until the document is saved or another one takes its
            place, or until the next edit, if that comes first; or until a file is read.
        is_busy: whether something goes on meanwhile.
    """

    kind: NoticeKind
    text: str
    action_text: str | None = None
    action: Callable[[], object] | None = None
    until: Until = "closed"
    is_busy: bool = False


class Notices(QObject):
    """Passes messages on to whoever shows them; a test records them.

    Signals:
        shown: a `Notice` is to be shown.
        outdated: notices that last until this (a word of `Until`) are to go.
    """

    shown = Signal(object)
    outdated = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None

    def follow(self, document: Document) -> None:
        """Take back what was said about a document once it is no longer true."""
        self._document = document
        document.replaced.connect(self._on_saved)
        document.file_changed.connect(self._on_file_changed)
        document.undo_stack.indexChanged.connect(self._on_edited)

    def show(self, notice: Notice) -> None:
        """Show a notice."""
        self.shown.emit(notice)

    def error(self, text: str) -> None:
        """Say that something failed; once the document is saved or another one opened, it is history."""
        self.show(Notice("error", text, until="saved"))

    def warning(self, text: str) -> None:
        """Say that something cannot be done as things are: until they are different."""
        self.show(Notice("warning", text, until="edited"))

    def success(self, text: str) -> None:
        """Say that something is done."""
        self.show(Notice("success", text))

    def info(self, text: str) -> None:
        """Say something worth knowing."""
        self.show(Notice("info", text))

    def _on_edited(self) -> None:
        self.outdated.emit("edited")

    def _on_saved(self) -> None:
        self._on_edited()
        self.outdated.emit("saved")

    def _on_file_changed(self) -> None:
        if self._document is not None and not self._document.is_modified:
            self._on_saved()
