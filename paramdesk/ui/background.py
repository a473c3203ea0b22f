"""The only place that starts a thread.

For work that takes long enough to be felt: reading and writing big files. The analysis of an
architecture takes milliseconds and belongs into the window's own thread.
"""

from __future__ import annotations

import itertools
import sys
import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Background", "Operation"]

_DRAIN_MILLISECONDS = 10_000


class Operation(QObject):
    """One piece of work. Its callbacks are called in the window's thread, one of them, once.

    Signals:
        succeeded: with what the function returned.
        failed: with the exception it raised.
    """

    succeeded = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cancelled = threading.Event()
        self._has_failure = False

    def success(self, callback: Callable[[Any], object]) -> Operation:
        """Call `callback` (a bound method of a QObject) with the result."""
        self.succeeded.connect(callback)
        return self

    def failure(self, callback: Callable[[Any], object]) -> Operation:
        """Call `callback` with the exception. Without one the exception reaches the crash dialog."""
        self._has_failure = True
        self.failed.connect(callback)
        return self

    @property
    def has_failure(self) -> bool:
        """Whether somebody answers for a failure."""
        return self._has_failure

    def cancel(self) -> None:
        """Give the work up: whatever becomes of it, no callback is called any more."""
        self._cancelled.set()

    def is_cancelled(self) -> bool:
        """Tell whether the work was given up. May be called in any thread."""
        return self._cancelled.is_set()


class Background(QObject):
    """Runs functions beside the window and brings their results back into its thread.

    Keep one for the life of the window: it holds the operations, so that no result is lost with
    the object that should have received it. Call `drain` before the window closes.
    """

    _finished = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._numbers = itertools.count()
        self._running: dict[int, Operation] = {}
        # Queued by name: emitted in a worker, received here, whatever the sender's thread.
        self._finished.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)

    def run(self, function: Callable[..., object], *args: object) -> Operation:
        """Call `function(*args)` in another thread and return the operation at once.

        Args:
            function: must not touch a widget.
            args: its arguments.
        """
        operation = Operation(self)
        number = next(self._numbers)
        self._running[number] = operation

        def work() -> None:
            result: object = None
            error: BaseException | None = None
            if not operation.is_cancelled():
                try:
                    result = function(*args)
                except BaseException as raised:  # noqa: BLE001 - it is raised again by the receiver
                    error = raised
            self._finished.emit(number, result, error)

        self._pool.start(work)
        return operation

    def drain(self, milliseconds: int = _DRAIN_MILLISECONDS) -> bool:
        """Cancel everything and wait for it; tell whether all of it has ended in time."""
        for operation in self._running.values():
            operation.cancel()
        return self._pool.waitForDone(milliseconds)

    def _on_finished(self, number: int, result: object, error: BaseException | None) -> None:
        operation = self._running.pop(number)
        try:
            if operation.is_cancelled():
                return
            if error is None:
                operation.succeeded.emit(result)
            elif operation.has_failure:
                operation.failed.emit(error)
            else:
                sys.excepthook(type(error), error, error.__traceback__)
        finally:
            operation.deleteLater()
