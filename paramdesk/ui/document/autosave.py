"""Keeps a copy of unsaved changes in the state folder, and finds what a crash left behind.

Each window has a file of its own beside a note (which file it was opened from) and a lock. The lock dies with the
process, so a copy whose lock can be taken belongs to nobody: it is what a crash, or a power cut, has left. The window
that shows what was left goes on with the same copy, so that the changes are never without one.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QLockFile, QObject, QTimer

from paramdesk import formats
from paramdesk.engine.errors import UnreadableFile, UnwritableFile
from paramdesk.formats.replacing import replace_file
from paramdesk.ui.document.file_stamp import FileStamp  # noqa: TC001 - a field's type is read when a note is

if TYPE_CHECKING:
    from paramdesk.engine.architecture import Architecture
    from paramdesk.ui.document.document import Document

__all__ = ["Autosave", "Left", "Recovered", "left_in"]

_log = logging.getLogger(__name__)

DELAY_MILLISECONDS = 3000
FORMAT = "paramdesk"


class Note(msgspec.Struct, frozen=True):
    """What stands beside a copy.

    Attributes:
        path: the file that the document was opened from.
        name: the document's.
        stamp: the file's, as it was then.
    """

    path: str | None
    name: str
    stamp: FileStamp | None = None


class Autosave(QObject):
    """Writes a document's unsaved changes a few seconds after they are made, and removes them once they are saved."""

    def __init__(
        self, document: Document, folder: Path, parent: QObject | None = None, *, delay: int = DELAY_MILLISECONDS
    ) -> None:
        """Keep the copies of `document` in `folder`, `delay` milliseconds after the first change."""
        super().__init__(parent)
        self._document = document
        self._folder = folder
        self._path = folder / f"{os.urandom(16).hex()}.paramdesk"
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
        return self._path

    def write(self) -> bool:
        """Write the copy now, if there are unsaved changes. Return whether all of them are kept then."""
        self._timer.stop()
        document = self._document
        if not document.is_modified or document.architecture is self._written:
            return True
        try:
            _make_private(self._folder)
            if not self._is_locked():
                return False
            note = Note(str(document.path) if document.path else None, document.architecture.name, document.stamp)
            replace_file(self.path.with_suffix(".json"), msgspec.json.encode(note), is_private=True)
            copy = formats.content(document.written, formats.formats()[FORMAT])
            replace_file(self.path, copy, is_private=True)
        except (OSError, UnwritableFile) as error:
            # Said in a low voice: a full disk must not interrupt every few seconds.
            _log.info("changes not kept: %s", error)
            return False
        self._written = document.architecture
        return True

    def take_over(self, left: Recovered) -> None:
        """Go on with the copy that a crash has left of what the document shows now."""
        self.discard()
        self._path, self._lock = left.copy, left.lock
        self._written = left.architecture

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
        copy: its file.
        lock: held by us.
        architecture: what was being edited.
        path: the file it was opened from; None if it had none.
        stamp: of that file, as it was then.
        name: what the user knows it by.
    """

    def __init__(self, copy: Path, note: Note, architecture: Architecture, lock: QLockFile) -> None:
        self.copy = copy
        self.lock = lock
        self.architecture = architecture
        self.path = Path(note.path) if note.path else None
        self.stamp = note.stamp
        self.name = self.path.name if self.path else note.name


class Left(msgspec.Struct):
    """What crashes have left.

    Attributes:
        recovered: the copies, the newest first.
        unreadable: copies that cannot be read: what the user knows them by, and where they have been put.
    """

    recovered: list[Recovered] = []
    unreadable: list[tuple[str, Path]] = []


def left_in(folder: Path) -> Left:
    """What crashes have left in a folder; what running processes keep there is left alone."""
    left = Left()
    try:
        copies = sorted(folder.glob("*.paramdesk"), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return left
    for copy in copies:
        _find(copy, left)
    return left


def _find(copy: Path, left: Left) -> None:
    lock = _lock(copy)
    if not lock.tryLock(0):
        return
    note = _note_of(copy)
    try:
        architecture = formats.read(copy, FORMAT)
    except UnreadableFile as error:
        _log.info("copy left unread: %s", error)
        left.unreadable.append((note.path or note.name, _put_aside(copy)))
        lock.unlock()
        return
    left.recovered.append(Recovered(copy, note, architecture, lock))


def _put_aside(copy: Path) -> Path:
    """Where a copy is that will not be tried again; where it was, if it cannot be moved."""
    aside = copy.with_suffix(".unreadable")
    try:
        copy.replace(aside)
    except OSError:
        return copy
    with contextlib.suppress(OSError):
        copy.with_suffix(".json").unlink(missing_ok=True)
    return aside


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


def _make_private(folder: Path) -> None:
    """Make a folder that only its owner may look into."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        folder.chmod(0o700)  # as one of an older version may not be


def _remove(copy: Path) -> None:
    for suffix in (".paramdesk", ".json"):
        with contextlib.suppress(OSError):
            copy.with_suffix(suffix).unlink(missing_ok=True)
