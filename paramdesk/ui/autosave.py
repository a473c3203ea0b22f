"""Keeps a copy of unsaved changes in the state folder, and finds what a crash left behind.

Each window has a file of its own beside a note (which file it was opened from) and a lock. The lock dies with the
process, so a copy whose lock can be taken belongs to nobody: it is what a crash, or a power cut, has left.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QLockFile, QObject, QStandardPaths, QTimer

from paramdesk import formats
from paramdesk.engine.errors import UnreadableFile, UnwritableFile
from paramdesk.formats.replacing import replace_file

if TYPE_CHECKING:
    from paramdesk.engine.architecture import Architecture
    from paramdesk.ui.document import Document

__all__ = ["Autosave", "Recovered", "recoverable", "recovery_folder"]

_log = logging.getLogger(__name__)

DELAY_MILLISECONDS = 3000
FORMAT = "paramdesk"


def recovery_folder() -> Path:
    """Where the copies are kept."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)) / "recovery"


class Note(msgspec.Struct, frozen=True):
    """What stands beside a copy: the file that the document was opened from, and its name."""

    path: str | None
    name: str


class Autosave(QObject):
    """Writes a document's unsaved changes a few seconds after they are made, and removes them once they are saved."""

    def __init__(
        self, document: Document, folder: Path, parent: QObject | None = None, *, delay: int = DELAY_MILLISECONDS
    ) -> None:
        """Keep the copies of `document` in `folder`, `delay` milliseconds after the first change."""
        super().__init__(parent)
        self._document = document
        self._folder = folder
        self._stem = os.urandom(16).hex()
        self._lock: QLockFile | None = None
        self._written: Architecture | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(delay)
        self._timer.timeout.connect(self.write)
        document.undo_stack.indexChanged.connect(self._on_changed)
        document.file_changed.connect(self._on_changed)
        document.replaced.connect(self._on_changed)

    @property
    def path(self) -> Path:
        """The copy's file; it exists while there are changes that no other file has."""
        return self._folder / f"{self._stem}.paramdesk"

    def write(self) -> None:
        """Write the copy now, if there are unsaved changes."""
        self._timer.stop()
        document = self._document
        if not document.is_modified or document.architecture is self._written:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not self._is_locked():
                return
            note = Note(str(document.path) if document.path else None, document.architecture.name)
            replace_file(self.path.with_suffix(".json"), msgspec.json.encode(note))
            formats.write(document.architecture, self.path, FORMAT)
        except (OSError, UnwritableFile) as error:
            # Said in a low voice: a full disk must not interrupt every few seconds.
            _log.info("changes not kept: %s", error)
            return
        self._written = document.architecture

    def discard(self) -> None:
        """Take the copy away: the changes are saved, or nobody wants them."""
        self._written = None
        _remove(self.path)
        self.release()

    def release(self) -> None:
        """Leave the copy, if there is one, to whoever starts next."""
        self._timer.stop()
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def _on_changed(self) -> None:
        if not self._document.is_modified:
            self.discard()
        elif not self._timer.isActive():
            # Not started anew by every edit: steady work would put it off for ever.
            self._timer.start()

    def _is_locked(self) -> bool:
        if self._lock is None:
            lock = _lock(self.path)
            if not lock.tryLock(0):
                return False
            self._lock = lock
        return True


class Recovered:
    """A copy that a crash has left.

    Attributes:
        architecture: what was being edited.
        path: the file it was opened from; None if it had none.
        name: what the user knows it by.
    """

    def __init__(self, copy: Path, note: Note, architecture: Architecture, lock: QLockFile) -> None:
        self._copy = copy
        self._lock = lock
        self.architecture = architecture
        self.path = Path(note.path) if note.path else None
        self.name = self.path.name if self.path else note.name

    def forget(self) -> None:
        """Take the copy away: another one is kept of it now, or nobody wants it."""
        _remove(self._copy)
        self._lock.unlock()


def recoverable(folder: Path) -> list[Recovered]:
    """What crashes have left in a folder, the newest first; what running processes keep there is left alone."""
    try:
        copies = sorted(folder.glob("*.paramdesk"), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return []
    return [found for copy in copies if (found := _recovered(copy)) is not None]


def _recovered(copy: Path) -> Recovered | None:
    lock = _lock(copy)
    if not lock.tryLock(0):
        return None
    try:
        architecture = formats.read(copy, FORMAT)
    except UnreadableFile as error:
        _log.info("copy left unread: %s", error)
        with contextlib.suppress(OSError):
            copy.replace(copy.with_suffix(".unreadable"))
        lock.unlock()
        return None
    return Recovered(copy, _note_of(copy), architecture, lock)


def _note_of(copy: Path) -> Note:
    try:
        return msgspec.json.decode(copy.with_suffix(".json").read_bytes(), type=Note)
    except (OSError, msgspec.DecodeError):
        return Note(None, "untitled")


def _lock(copy: Path) -> QLockFile:
    lock = QLockFile(str(copy.with_suffix(".lock")))
    # Age says nothing (a window may stand open for weeks); only whether its process still runs does.
    lock.setStaleLockTime(0)
    return lock


def _remove(copy: Path) -> None:
    for suffix in (".paramdesk", ".json"):
        with contextlib.suppress(OSError):
            copy.with_suffix(suffix).unlink(missing_ok=True)
