"""The window's entry. Nothing of Qt is imported before it is known that a window can be shown."""

from __future__ import annotations

import builtins
import contextlib
import gc
import os
import sys
from typing import TYPE_CHECKING

from paramdesk.ui import preflight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paramdesk.ui.session import Session

__all__ = ["main", "settling"]

COLLECTED_AFTER = (200_000, 10, 10)


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
    """The session with its first window."""
    with settling():
        _import_qt()
        from paramdesk.ui.session import Session

        session = Session()
        session.start(path)
    return session


def _import_qt() -> None:
    """Import Qt, and leave the import statement as it was.

    Qt for Python puts one of its own in its place, which reads the source of every module that is imported from then
    on for words of its optional dialects. There are none in ours, and a window would wait for it.
    """
    statement = builtins.__import__
    import PySide6.QtCore  # noqa: F401 - what counts is that it is imported here

    builtins.__import__ = statement


@contextlib.contextmanager
def settling() -> Iterator[None]:
    """While a window is made: what it is made of stays, so nobody looks through it for garbage, then or later.

    An edit in a large network makes tens of thousands of small values, of which few are garbage and none is in a
    cycle: they are looked through seldom, too.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*COLLECTED_AFTER)
        gc.enable()


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
