"""Drags with a real pointer: xdotool moves it, the display's own drag protocol carries what is dragged.

Each needs a display of its own and a window manager (`python3 packaging/dev.py drags`).
"""

import pytest
from PySide6.QtCore import QPoint, QProcess

pytestmark = pytest.mark.xvfb


@pytest.fixture
def bench(qtbot, session):
    """Return the program's own window with the article's convnet in it."""
    window = session.start("template:article-convnet-dense")
    window.resize(1400, 860)
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


def names(window):
    return [layer.name for layer in window.document.architecture.layers]


def row_at(window, place, below=0.5, x=350):
    """A point of the screen in a row of the stack."""
    rect = window.panels.stack.view.row_rect(place)
    at = QPoint(x, rect.top() + round(rect.height() * below))
    return window.panels.stack.view.viewport().mapToGlobal(at)


def kind_at(window, name):
    """A point of the screen on a kind of the palette."""
    view = window.panels.palette.view
    model = window.panels.palette.model
    place = next(n for n in range(model.rowCount()) if model.index(n, 0).data() == name)
    view.scrollTo(model.index(place, 0))
    return view.viewport().mapToGlobal(view.visualRect(model.index(place, 0)).center())


def point_at(qtbot, *steps):
    """Runs xdotool; returns when it is done and everything that it caused has been worked off."""
    pointer = QProcess()
    pointer.start("xdotool", [str(step) for step in steps])
    qtbot.waitUntil(lambda: pointer.state() == QProcess.ProcessState.NotRunning, timeout=15_000)
    assert pointer.exitCode() == 0, bytes(pointer.readAllStandardError().data())


def drag(qtbot, start, end, *, key=None):
    """Presses at one point of the screen, goes to another in steps as a hand does, and lets go there."""
    path = [start + QPoint(dx, dy) for dx, dy in ((4, 2), (10, 6), (20, 10))]
    path += [start + (end - start) * part / 6 for part in range(1, 6)]
    moves = [
        step
        for point in [*path, end, end + QPoint(1, 0), end]
        for step in ("mousemove", point.x(), point.y(), "sleep", 0.05)
    ]
    held, freed = (("keydown", key), ("keyup", key)) if key else ((), ())
    point_at(
        qtbot,
        *("mousemove", start.x(), start.y(), "sleep", 0.1, "mousedown", 1, "sleep", 0.1),
        *moves[:20], *held, *moves[20:],
        *("sleep", 0.2, "mouseup", 1, "sleep", 0.1), *freed,
    )  # fmt: skip


def click(qtbot, at, *, key=None):
    held, freed = (("keydown", key), ("keyup", key)) if key else ((), ())
    point_at(qtbot, "mousemove", at.x(), at.y(), "sleep", 0.1, *held, "click", 1, "sleep", 0.1, *freed)


def test_that_a_kind_is_dragged_from_the_palette_to_its_place(bench, qtbot):
    drag(qtbot, kind_at(bench, "Dropout"), row_at(bench, 7, below=0.85))
    qtbot.waitUntil(lambda: len(names(bench)) == 10)
    assert names(bench)[7:10] == ["dense", "dropout", "dense_1"]
    assert bench.document.undo_stack.undoText() == "Insert Dropout"


def test_that_one_row_is_dragged_to_another_place(bench, qtbot):
    drag(qtbot, row_at(bench, 7), row_at(bench, 8, below=0.85))
    qtbot.waitUntil(lambda: names(bench)[-2:] == ["dense_1", "dense"])
    assert bench.document.undo_stack.count() == 1


def test_that_three_rows_are_dragged_together(bench, qtbot):
    click(qtbot, row_at(bench, 1))
    click(qtbot, row_at(bench, 3), key="shift")
    qtbot.waitUntil(lambda: bench.document.selection.ids == (1, 2, 3))
    drag(qtbot, row_at(bench, 2), row_at(bench, 5, below=0.85))
    qtbot.waitUntil(lambda: bench.document.undo_stack.count() == 1)
    assert names(bench)[1:6] == ["max_pooling2d_1", "conv2d_2", "conv2d", "max_pooling2d", "conv2d_1"]
    assert bench.panels.stack.view.selected_places() == [3, 4, 5]


def test_that_ctrl_makes_a_copy(bench, qtbot):
    drag(qtbot, row_at(bench, 7), row_at(bench, 7, below=0.9, x=500), key="ctrl")
    qtbot.waitUntil(lambda: len(names(bench)) == 10)
    assert names(bench)[7:10] == ["dense", "dense_2", "dense_1"]


def test_that_what_cannot_land_leaves_everything_as_it_was(bench, qtbot):
    before = names(bench)
    drag(qtbot, kind_at(bench, "Dense"), row_at(bench, 0, below=0.1))
    assert names(bench) == before
    assert bench.panels.stack.view.drops.landing is None
