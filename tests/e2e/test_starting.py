"""What a start shows."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QPushButton

from paramdesk import formats
from paramdesk.formats.templates import open_template
from paramdesk.ui.chart.bar_plot import BarPlot
from paramdesk.ui.session import Session
from paramdesk.ui.stack.stack_view import StackView
from paramdesk.ui.table.table_panel import TablePanel
from paramdesk.ui.window.main_window import MainWindow
from paramdesk.ui.window.panels import Panels
from tests.helpers.windows import names, selected, trigger

ROOT = Path(__file__).resolve().parents[2]


def test_that_keys_are_heard_once_the_window_has_been_painted(session, qtbot):
    window = session.start()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)

    def is_heard():
        if window.workspace.is_shown("table"):  # not painted yet
            qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
        return not window.workspace.is_shown("table")

    qtbot.waitUntil(is_heard)


def test_that_the_first_start_shows_the_articles_convnet_computed(window):
    assert window.document.summary.totals.parameters == 93_322
    assert window.windowTitle() == "convnet[*] – paramdesk"
    assert not window.isWindowModified()
    assert QApplication.activeModalWidget() is None
    assert window.notice_bar.isHidden()


def test_that_the_window_and_its_frame_fit_the_screen(window):
    room = window.screen().availableGeometry()
    assert window.height() <= room.height() - 40
    assert window.width() <= max(room.width(), window.minimumSizeHint().width())


def test_that_a_given_file_is_opened(session, tmp_path):
    path = tmp_path / "lenet.paramdesk"
    formats.write(open_template("lenet-5"), path)
    window = session.start(str(path))
    assert window.document.path == path
    assert window.windowTitle().startswith("lenet.paramdesk")


def test_that_a_given_file_that_cannot_be_read_is_said_in_the_window(session, tmp_path):
    window = session.start(str(tmp_path / "none.paramdesk"))
    assert "there is no such file" in window.notice_bar.notice.text
    assert window.document.summary.totals.parameters == 93_322


def test_that_a_template_can_be_named(session):
    window = session.start("template:vgg16")
    assert window.document.summary.totals.parameters == 138_357_544
    assert window.document.path is None


def test_that_the_second_start_opens_what_was_open_last(sessions, tmp_path):
    path = tmp_path / "last.paramdesk"
    formats.write(open_template("lenet-5"), path)
    first = sessions().start(str(path))
    first.close()
    second = sessions().start()
    assert second.document.path == path


def test_that_a_last_file_that_is_gone_is_no_hindrance(sessions, tmp_path):
    path = tmp_path / "last.paramdesk"
    formats.write(open_template("lenet-5"), path)
    sessions().start(str(path)).close()
    path.unlink()
    assert sessions().start().document.summary.totals.parameters == 93_322


def test_that_size_and_docks_are_as_they_were_left(sessions, qtbot):
    first = sessions().start()
    qtbot.waitExposed(first)
    first.resize(first.width(), 600)
    trigger(first, "view.chart")
    first.close()
    second = sessions().start()
    assert second.height() == 600
    assert not second.workspace.is_shown("chart")
    assert second.workspace.is_shown("table")


def test_that_a_second_window_begins_empty_and_quit_closes_both(session, qtbot):
    session.start()
    session.new_window()
    assert len(session.windows) == 2
    assert names(session.windows[1]) == []
    trigger(session.windows[0], "file.quit")
    assert session.windows == []


def test_that_a_further_window_has_the_docks_of_the_one_before(session, qtbot):
    first = session.start()
    qtbot.waitExposed(first)
    trigger(first, "view.chart")
    session.new_window()
    assert [session.windows[1].workspace.is_shown(name) for name in ("table", "chart")] == [True, False]


def test_that_quit_closes_all_windows_or_none(session, answers, monkeypatch):
    from paramdesk.ui.dialogs import ask

    first = session.start()
    session.new_window()
    for window in session.windows:
        window.document.rename("edited")
    wanted = ["discard", "cancel"]
    monkeypatch.setattr(ask, "confirm", lambda *_args: wanted.pop(0))
    trigger(first, "file.quit")
    assert [window.isVisible() for window in session.windows] == [True, True]
    wanted[:] = ["cancel"]
    first.close()  # an answer that came to nothing is none
    assert first.isVisible()
    wanted[:] = ["discard", "discard"]
    trigger(first, "file.quit")
    assert (session.windows, wanted) == ([], [])


@pytest.mark.parametrize("place", [(0, 0), (40, 30), (500, 500)])
def test_that_a_further_window_stands_on_the_screen(session, settings, place):
    first = session.start()
    first.resize(760, 760)
    first.move(*place)
    session.new_window()
    further = session.windows[1]
    assert first.screen().availableGeometry().contains(further.frameGeometry())
    assert further.pos() != first.pos()


KILLED = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QSettings
from paramdesk.ui.session import Session
from paramdesk.ui.settings import Settings
folder = Path(sys.argv[1])
session = Session(Settings(QSettings(str(folder / "other.ini"), QSettings.Format.IniFormat)), None, folder / "recovery")
window = session.start(sys.argv[2])
session.begin()
session.application.processEvents()
document = window.document
document.selection.select([document.architecture.layers[1].id])
window.actions_by_id["edit.duplicate"].trigger()
window.autosave.write()
print("ready", flush=True)
session.application.exec()
"""


def kill_after_a_change(folder, path):
    command = [sys.executable, "-c", KILLED, str(folder), str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)
    try:
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    finally:
        process.kill()
        process.stdout.close()


def test_that_a_start_after_a_kill_brings_back_unsaved_changes(sessions, tmp_path, recovery):
    path = tmp_path / "mine.paramdesk"
    formats.write(open_template("lenet-5"), path)
    kill_after_a_change(tmp_path, path)
    window = sessions().start()
    notice = window.notice_bar.notice
    assert notice.text == "Recovered unsaved changes of mine.paramdesk."
    assert window.document.path == path
    assert window.isWindowModified()
    assert len(names(window)) == len(open_template("lenet-5").layers) + 1
    notice.action()
    assert len(names(window)) == len(open_template("lenet-5").layers)
    assert not window.isWindowModified()
    window.close()
    assert list(recovery.glob("*.paramdesk")) == []


def test_that_discarding_what_was_recovered_asks_about_edits_made_since(sessions, tmp_path, answers):
    path = tmp_path / "mine.paramdesk"
    formats.write(open_template("lenet-5"), path)
    kill_after_a_change(tmp_path, path)
    window = sessions().start()
    button = next(b for b in window.notice_bar.findChildren(QPushButton) if b.text() == "Discard")
    window.document.rename("edited since")
    answers.give(confirm="cancel")
    button.click()
    assert window.document.architecture.name == "edited since"
    answers.give(confirm="discard")
    button.click()  # which is offered still
    assert window.notice_bar.isHidden()
    assert answers.asked == ["Discard the recovered changes?"] * 2
    assert window.document.architecture == formats.read(path)


def test_that_the_offer_to_discard_goes_when_the_recovered_document_is_saved(sessions, tmp_path):
    path, other = tmp_path / "mine.paramdesk", tmp_path / "other.paramdesk"
    formats.write(open_template("lenet-5"), path)
    formats.write(open_template("vgg16"), other)
    kill_after_a_change(tmp_path, path)
    window = sessions().start()
    discard = window.notice_bar.notice.action
    assert window.files.save()
    assert window.notice_bar.notice is None
    window.files.open_path(other)
    window.document.rename("hours of work")
    discard()  # as a click that comes too late
    assert window.document.architecture.name == "hours of work"


def test_that_the_offer_to_discard_goes_with_the_document(sessions, tmp_path, answers):
    path = tmp_path / "mine.paramdesk"
    formats.write(open_template("lenet-5"), path)
    kill_after_a_change(tmp_path, path)
    window = sessions().start()
    answers.give(confirm="discard")
    trigger(window, "file.new")
    assert window.notice_bar.notice is None


def test_that_a_recovered_document_does_not_overwrite_a_newer_file_unasked(sessions, tmp_path, answers):
    path = tmp_path / "mine.paramdesk"
    formats.write(open_template("lenet-5"), path)
    kill_after_a_change(tmp_path, path)
    path.write_text(path.read_text() + "\n")
    newer = path.read_bytes()
    window = sessions().start()
    answers.give(confirm="cancel")
    assert not window.files.save()
    assert answers.asked == ["mine.paramdesk was changed by another program. Replace it?"]
    assert path.read_bytes() == newer


def test_that_a_copy_that_cannot_be_read_is_told(sessions, recovery):
    recovery.mkdir()
    (recovery / "half.paramdesk").write_text('{"paramdesk": 1, "lay')
    (recovery / "half.json").write_text('{"path": "/somewhere/mine.paramdesk", "name": "mine"}')
    window = sessions().start()
    text = window.notice_bar.notice.text
    assert "/somewhere/mine.paramdesk" in text
    assert str(recovery / "half.unreadable") in text


def test_that_recovered_changes_survive_a_second_kill(sessions, tmp_path, recovery):
    path = tmp_path / "mine.paramdesk"
    formats.write(open_template("lenet-5"), path)
    kill_after_a_change(tmp_path, path)
    sessions().start()  # which `sessions` ends without closing its window
    window = sessions().start()
    assert "mine.paramdesk" in window.notice_bar.notice.text


def test_that_recovered_changes_are_offered_beside_a_given_file(sessions, tmp_path):
    path = tmp_path / "mine.paramdesk"
    formats.write(open_template("lenet-5"), path)
    kill_after_a_change(tmp_path, path)
    session = sessions()
    window = session.start("template:article-convnet")
    assert window.notice_bar.notice.action_text == "Recover"
    window.notice_bar.notice.action()
    assert session.windows[1].document.path == path
    assert session.windows[1].isWindowModified()


@pytest.fixture
def real_session(qapp, settings, scheme, recovery):
    """Return a run of the program whose first window comes up by itself."""
    session = Session(settings, scheme, recovery)
    yield session
    session.close()


def test_that_the_frame_comes_up_first_then_the_document_then_the_panels_beside_it(real_session, qtbot, monkeypatch):
    seen = []

    def note(name, method):
        def noted(self, *arguments):
            seen.append(name)
            return method(self, *arguments)

        return noted

    monkeypatch.setattr(MainWindow, "paintEvent", note("frame", MainWindow.paintEvent))
    monkeypatch.setattr(StackView, "paintEvent", note("stack", StackView.paintEvent))
    for name in ("palette", "inspector", "table", "chart"):
        monkeypatch.setattr(Panels, f"_make_{name}", note(name, getattr(Panels, f"_make_{name}")))
    window = real_session.start("template:vgg16")
    assert names(window) == []
    qtbot.waitUntil(lambda: window.findChild(BarPlot) is not None)
    assert window.document.summary.totals.parameters == 138_357_544
    order = list(dict.fromkeys(seen))
    assert order[:2] == ["frame", "stack"]
    assert sorted(order[2:]) == ["chart", "inspector", "palette", "table"]


def test_that_the_keyboard_is_in_the_stack_once_the_window_is_up(real_session, qtbot):
    window = real_session.start()
    window.activateWindow()
    qtbot.waitUntil(lambda: bool(names(window)))
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    assert QApplication.focusWidget() is window.panels.stack.view
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    assert len(selected(window)) == 1
    assert not any(dock.isFloating() for dock in window.workspace.docks.values())


def test_that_a_key_that_comes_at_once_is_heard(real_session, qtbot):
    window = real_session.start()
    window.activateWindow()
    window.came_up.connect(lambda: qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier))
    qtbot.waitSignal(window.came_up).wait()
    assert window.isActiveWindow()
    assert not window.workspace.is_shown("table")


def test_that_a_dock_that_is_hidden_at_start_is_filled_once_it_is_shown(real_session, qtbot):
    window = real_session.start()
    window.workspace.docks["table"].hide()
    qtbot.waitUntil(lambda: window.findChild(BarPlot) is not None)
    assert window.findChild(TablePanel) is None
    trigger(window, "view.table")
    qtbot.waitUntil(lambda: window.findChild(TablePanel) is not None)


def test_that_a_window_closed_at_its_first_paint_does_not_come_up(real_session, qtbot, monkeypatch):
    paint, seen = MainWindow.paintEvent, []

    def close_then_paint(window, event):
        QTimer.singleShot(0, window, window.close)
        paint(window, event)

    monkeypatch.setattr(MainWindow, "paintEvent", close_then_paint)
    window = real_session.start("template:vgg16")
    window.came_up.connect(lambda: seen.append("came up"))
    window.closed.connect(lambda: seen.append("closed"))
    qtbot.waitUntil(lambda: bool(seen))
    qtbot.wait(20)
    assert seen == ["closed"]
    assert real_session.windows == []


PAINTED = """
import sys
from PySide6.QtCore import QEvent, QObject, QSettings
from paramdesk.ui.session import Session
from paramdesk.ui.settings import Settings
settings = Settings(QSettings(sys.argv[1] + "/other.ini", QSettings.Format.IniFormat))
from pathlib import Path
session = Session(settings, None, Path(sys.argv[1]) / "recovery")
class Watcher(QObject):
    def eventFilter(self, target, event):
        if event.type() == QEvent.Type.Paint:
            print([name for name in ("numpy", "pyqtgraph") if name in sys.modules], flush=True)
            session.application.removeEventFilter(self)
        return False
watcher = Watcher()
session.application.installEventFilter(watcher)
window = session.start()
for _ in range(50):
    session.application.processEvents()
print([name for name in ("numpy", "pyqtgraph") if name in sys.modules], flush=True)
session.close()
"""


def test_that_the_chart_is_loaded_after_the_first_paint(tmp_path):
    command = [sys.executable, "-c", PAINTED, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    before, after = done.stdout.splitlines()
    assert before == "[]"
    assert after == "['numpy', 'pyqtgraph']"


IMPORTED = """
import inspect
read = []
source_of = inspect.getsource
inspect.getsource = lambda module: read.append(module) or source_of(module)
from paramdesk.ui import app
def run(session):
    names = {module.__name__ for module in read}
    print(sorted(name for name in names if name.startswith(("paramdesk", "numpy", "pyqtgraph"))))
    return 0
app._run = run
app.main()
"""


def test_that_no_source_is_read_of_what_is_imported(tmp_path):
    home = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED], check=True, capture_output=True, text=True, cwd=ROOT, env=os.environ | home
    )
    assert done.stdout == "[]\n"
