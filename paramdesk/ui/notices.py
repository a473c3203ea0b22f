"""The one way to tell the user something that is not an answer to a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Notice", "NoticeKind", "Notices"]

NoticeKind = Literal["error", "warning", "success", "info"]


class Notice(msgspec.Struct, frozen=True):
    """A message: its kind, its text, and something to do about it."""

    kind: NoticeKind
    text: str
    action_text: str | None = None
    action: Callable[[], object] | None = None


class Notices(QObject):
    """Passes messages on to whoever shows them; a test records them.

    Signals:
        shown: a `Notice` is to be shown.
    """

    shown = Signal(object)

    def show(self, notice: Notice) -> None:
        """Show a notice."""
        self.shown.emit(notice)

    def error(self, text: str) -> None:
        """Say that something failed."""
        self.show(Notice("error", text))

    def warning(self, text: str) -> None:
        """Say that something is not as it should be."""
        self.show(Notice("warning", text))

    def success(self, text: str) -> None:
        """Say that something is done."""
        self.show(Notice("success", text))

    def info(self, text: str) -> None:
        """Say something worth knowing."""
        self.show(Notice("info", text))
