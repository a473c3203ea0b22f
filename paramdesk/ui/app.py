"""The window's entry. Nothing of Qt is imported before it is known that a window can be shown."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from paramdesk.ui import preflight

if TYPE_CHECKING:
    from paramdesk.ui.session import Session

__all__ = ["main"]


def main(path: str | None = None) -> int:
    """Show the window, on a file or on what was open last, and return once it is closed.

    Returns:
        0, or 2 if no window can be shown (the reason stands in one line on standard error).
    """
    # pyqtgraph takes PyQt where that is installed too.
    os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
    if reason := preflight.hindrance():
        return _refused(reason)
    try:
        session = _started(path)
    except ImportError as error:
        reason = preflight.explained(error)
        if reason is None:
            raise
        return _refused(reason)
    try:
        return _run(session)
    finally:
        session.close()


def _started(path: str | None) -> Session:
    """The session with its first window; what they are made of stays, so nobody looks through it for garbage."""
    gc.disable()
    try:
        from paramdesk.ui.session import Session

        session = Session()
        session.start(path)
    finally:
        gc.freeze()
        gc.enable()
    return session


def _run(session: Session) -> int:
    """The event loop; an exception that comes out of it is reported, and the loop goes on."""
    from paramdesk.ui.crash import MOST_FAULTS

    while True:
        try:
            return session.application.exec()
        except Exception as error:  # noqa: BLE001 - Qt hands exceptions of its virtual functions to whoever called it
            session.crashes.handle(type(error), error, error.__traceback__)
            if session.crashes.faults > MOST_FAULTS or not session.windows:
                return 1


def _refused(reason: str) -> int:
    sys.stderr.write(f"paramdesk: {reason}\n")
    return 2
