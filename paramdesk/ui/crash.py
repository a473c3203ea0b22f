"""What happens when the program itself is at fault: nothing is lost, and the user can say what happened."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, qVersion
from PySide6.QtWidgets import QApplication

import paramdesk
from paramdesk.ui.notices import Notice

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from paramdesk.ui.window.main_window import MainWindow

__all__ = ["CrashReporter"]

_log = logging.getLogger(__name__)

# A fault in painting comes with every frame; after this many in one run of the loop the process gives up.
MOST_FAULTS = 100


class CrashReporter(QObject):
    """Takes every exception that nobody has caught: writes the copies of unsaved changes and shows a notice.

    Attributes:
        report: what can be sent to the authors, of the last fault.
        faults: how many there were.
    """

    def __init__(self, windows: list[MainWindow], parent: QObject | None = None) -> None:
        """Serve `windows`, the open ones, as they are when it happens."""
        super().__init__(parent)
        self._windows = windows
        self._is_reporting = False
        self.report = ""
        self.faults = 0
        self._former: Callable[..., object] | None = None

    def install(self) -> None:
        """Take what reaches Python's own hook: exceptions from slots and paint events."""
        if self._former is None:
            self._former, sys.excepthook = sys.excepthook, self.handle

    def uninstall(self) -> None:
        """Leave Python's hook as it was."""
        if self._former is not None:
            sys.excepthook, self._former = self._former, None

    def handle(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None = None) -> None:
        """Report an exception; one that comes while reporting is only written down."""
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        import traceback

        text = "".join(traceback.format_exception(kind, error, trace))
        _log.critical("unexpected: %s", text)
        self.faults += 1
        if self._is_reporting:
            return
        self._is_reporting = True
        try:
            self.report = f"{_surroundings()}\n\n{text}"
            self._tell(kind, error)
        finally:
            self._is_reporting = False

    def copy_report(self) -> None:
        """Put the report on the clipboard."""
        QApplication.clipboard().setText(self.report)

    def _tell(self, kind: type[BaseException], error: BaseException) -> None:
        kept = [window.autosave.write() for window in self._windows]
        reason = " ".join(str(error).split())[:200]
        what = f"{kind.__name__}: {reason}" if reason else kind.__name__
        advice = "Your work is kept; saving it now is a good idea." if all(kept) else "Save your work now."
        text = f"Something went wrong inside paramdesk ({what}). {advice}"
        for window in self._windows:
            if window.isActiveWindow() or window is self._windows[-1]:
                window.notices.show(Notice("error", text, "Copy Report", self.copy_report))
                break


def _surroundings() -> str:
    import platform

    return (
        f"paramdesk {paramdesk.__version__}, Python {platform.python_version()}, Qt {qVersion()}, "
        f"{platform.platform()}, {QApplication.platformName()}"
    )
