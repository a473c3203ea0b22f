"""Reading a file that takes long enough to be felt: beside the window, with a way to stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from paramdesk import formats
from paramdesk.ui.notices import Notice

if TYPE_CHECKING:
    from pathlib import Path

    from paramdesk.engine.architecture import Architecture
    from paramdesk.ui.background import Background, Operation
    from paramdesk.ui.document.file_stamp import FileStamp
    from paramdesk.ui.notices import Notices

__all__ = ["Opening"]

PATIENCE_MILLISECONDS = 500
"""A wait that is over before this needs no words."""


class Opening(QObject):
    """The one file that is being read beside the window; the document stays as it is until all of it is read.

    Signals:
        read: an architecture, the path of its file, and the file's stamp from before it was read.
        failed: what went wrong.
    """

    read = Signal(object, object, object)
    failed = Signal(object)

    def __init__(self, notices: Notices, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notices = notices
        self._background = background
        self._file: tuple[Path, FileStamp | None] | None = None
        self._operation: Operation | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MILLISECONDS)
        self._patience.timeout.connect(self._say)

    def start(self, path: Path, stamp: FileStamp | None) -> None:
        """Read a file; one that is still being read is given up."""
        self.stop()
        self._file = (path, stamp)
        self._operation = self._background.run(formats.read, path)
        self._operation.success(self._on_read).failure(self._on_failed)
        self._patience.start()

    def stop(self) -> None:
        """Give up the file that is being read, if there is one."""
        if self._operation is not None:
            self._operation.cancel()
        self._end()

    def _say(self) -> None:
        if self._file is not None:
            text = f"Opening {self._file[0].name}…"
            self._notices.show(Notice("info", text, "Cancel", self.stop, until="read", is_busy=True))

    def _on_read(self, architecture: Architecture) -> None:
        if self._file is not None:
            path, stamp = self._file
            self._end()
            self.read.emit(architecture, path, stamp)

    def _on_failed(self, error: Exception) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._patience.stop()
        self._file = self._operation = None
        self._notices.outdated.emit("read")
