"""From the start of the process to the end of the first paint: paramdesk beside two bare windows.

Run it by itself: `python -m tests.benchmarks.bench_first_paint [runs]`. One bare window has a tree and a table, the
other as many bars and docks as ours. All are started in turn, so that they meet the same machine; the aims are at most
twice the first and one and a half times the second.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Prints how long ago the parent started this process, once the window has been painted: that happens while Qt tells
# it that it is exposed. Only the window's own events are watched: a filter on the application would make Python see
# every event, and so measure itself. Nothing of Qt is imported before the program does so itself.
WATCH = """
import os, time
def watch(window):
    from PySide6.QtCore import QEvent, QObject
    class Watcher(QObject):
        def eventFilter(self, target, event):
            if event.type() == QEvent.Type.Expose:
                target.removeEventFilter(self)
                target.event(event)
                print(time.time() - float(os.environ["STARTED"]), flush=True)
                os._exit(0)
            return False
    global watcher
    watcher = Watcher()
    window.windowHandle().installEventFilter(watcher)
"""

BARE = (
    WATCH
    + """
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTableWidget, QTreeWidget
from PySide6.QtCore import Qt
application = QApplication([])
window = QMainWindow()
window.setCentralWidget(QTreeWidget())
dock = QDockWidget("Table")
dock.setWidget(QTableWidget(10, 8))
window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
window.menuBar().addMenu("File")
window.resize(1440, 900)
window.show()
watch(window)
application.exec()
"""
)

DOCKS = (
    WATCH
    + """
from PySide6.QtWidgets import (
    QApplication, QDockWidget, QLabel, QMainWindow, QTableWidget, QTreeWidget, QWidget,
)
from PySide6.QtCore import Qt
application = QApplication([])
window = QMainWindow()
window.setCentralWidget(QTableWidget(9, 5))
area = Qt.DockWidgetArea
for title, place, panel in (
    ("Layers", area.LeftDockWidgetArea, QTreeWidget()),
    ("Inspector", area.RightDockWidgetArea, QWidget()),
    ("Summary table", area.BottomDockWidgetArea, QTableWidget(9, 8)),
    ("Chart", area.BottomDockWidgetArea, QWidget()),
):
    dock = QDockWidget(title)
    dock.setWidget(panel)
    window.addDockWidget(place, dock)
for menu in ("File", "Edit", "View", "Layer", "Help"):
    window.menuBar().addMenu(menu)
bar = window.addToolBar("Tools")
for text in ("New", "Open", "Save", "Undo", "Redo", "Duplicate", "Delete", "Export"):
    bar.addAction(text)
window.statusBar().addPermanentWidget(QLabel("Ready"))
window.resize(1440, 900)
window.show()
watch(window)
application.exec()
"""
)

OURS = (
    WATCH
    + """
from paramdesk.ui.app import main
import paramdesk.ui.app as app
started = app._started
def watched(path):
    session = started(path)
    watch(session.windows[0])
    return session
app._started = watched
main()
"""
)

# The same until the rows of the document have been painted, which come right after the frame of the window.
ROWS = (
    WATCH.replace("QEvent.Type.Expose", "QEvent.Type.Paint").replace("window.windowHandle()", "window")
    + """
from paramdesk.ui.app import main
import paramdesk.ui.app as app
started = app._started
def watched(path):
    session = started(path)
    window = session.windows[0]
    def rows():
        window.came_up.disconnect(rows)
        session.begin()
        watch(window.panels.stack.view.viewport())
    window.came_up.connect(rows)
    return session
app._started = watched
main()
"""
)

# What ours is compared with, and how many times as long it may take.
RIVALS = {"bare window": (BARE, 2.0), "with docks": (DOCKS, 1.5)}


def seconds(program: str, home: str) -> float:
    """How long one start of a program takes."""
    environment = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a warm start finds its byte code
    environment["STARTED"] = repr(time.time())
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def measured(programs: dict[str, str], runs: int = 7) -> dict[str, float]:
    """The shortest start of each program, in seconds; the first one of each warms the caches."""
    with tempfile.TemporaryDirectory() as home:
        rounds = [{name: seconds(program, home) for name, program in programs.items()} for _run in range(runs + 1)]
    return {name: min(times[name] for times in rounds[1:]) for name in programs}


def main() -> int:
    """Measure and print; the status is 1 if an aim is missed."""
    programs = {name: program for name, (program, _most) in RIVALS.items()}
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    found = measured({**programs, "paramdesk": OURS, "its document": ROWS}, runs)
    ours = found["paramdesk"]
    sys.stdout.write(f"{'paramdesk':12s} {ours:.3f} s, with its document {found['its document']:.3f} s\n")
    missed = False
    for name, (_program, most) in RIVALS.items():
        missed |= ours > most * found[name]
        sys.stdout.write(f"{name:12s} {found[name]:.3f} s: {ours / found[name]:.2f} times, at most {most:g} wanted\n")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
