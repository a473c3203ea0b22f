"""Counts how often widgets are painted."""

from collections import Counter
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QEvent, QObject

ROUNDS = 4


class _Watcher(QObject):
    """Notes the paint events of the widgets that it filters."""

    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.counts[watched] += 1
        return False


@contextmanager
def paints(*widgets):
    """Count the paint events of widgets, by widget, from a quiet moment on until all is quiet again."""
    _settle()
    watcher = _Watcher()
    for widget in widgets:
        widget.installEventFilter(watcher)
    yield watcher.counts
    _settle()
    for widget in widgets:
        widget.removeEventFilter(watcher)


def _settle():
    for _ in range(ROUNDS):
        QCoreApplication.processEvents()
