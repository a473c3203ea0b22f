"""From the start of the process to the first paint: paramdesk beside a bare window with a tree and a table.

Run it by itself: `python -m tests.benchmarks.bench_first_paint [runs]`. The two are started in turn, so that both meet
the same machine; the aim is at most twice the bare window.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AIM = 2.0

# Prints how long ago the parent started this process, once something of the window has been painted.
WATCH = """
import os, sys, time
from PySide6.QtCore import QEvent, QObject
class Watcher(QObject):
    def eventFilter(self, target, event):
        if event.type() == QEvent.Type.UpdateRequest and target.isWidgetType() and target.isWindow():
            application.removeEventFilter(self)
            target.event(event)
            print(time.time() - float(os.environ["STARTED"]), flush=True)
            os._exit(0)
        return False
"""

BARE = (
    WATCH
    + """
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTableWidget, QTreeWidget
from PySide6.QtCore import Qt
application = QApplication([])
watcher = Watcher()
application.installEventFilter(watcher)
window = QMainWindow()
window.setCentralWidget(QTreeWidget())
dock = QDockWidget("Table")
dock.setWidget(QTableWidget(10, 8))
window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
window.menuBar().addMenu("File")
window.resize(1440, 900)
window.show()
application.exec()
"""
)

OURS = (
    WATCH
    + """
import paramdesk.ui.session as session
made = session.application
def watched():
    global application, watcher
    application = made()
    watcher = Watcher()
    application.installEventFilter(watcher)
    return application
session.application = watched
from paramdesk.ui.app import main
main()
"""
)


def seconds(program: str, home: str) -> float:
    """How long one start of a program takes."""
    environment = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    environment["STARTED"] = repr(time.time())
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def measured(runs: int = 7) -> tuple[float, float]:
    """The shortest start of the bare window and of paramdesk, in seconds, started in turn."""
    with tempfile.TemporaryDirectory() as home:
        pairs = [(seconds(BARE, home), seconds(OURS, home)) for _run in range(runs + 1)][1:]
    bare, ours = zip(*pairs, strict=True)
    return min(bare), min(ours)


def main() -> int:
    """Measure and print; the status is 1 if the aim is missed."""
    bare, ours = measured(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
    sys.stdout.write(f"bare window  {bare:.3f} s\n")
    sys.stdout.write(f"paramdesk    {ours:.3f} s  ({ours / bare:.2f} times, at most {AIM:g} wanted)\n")
    return int(ours > AIM * bare)


if __name__ == "__main__":
    sys.exit(main())
