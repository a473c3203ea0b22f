"""Copies of unsaved changes: when they are written, when they go, and whose they are."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from paramdesk.engine import edits
from paramdesk.engine.errors import UnwritableFile
from paramdesk.formats.templates import open_template
from paramdesk.ui.document.autosave import Autosave, left_in
from paramdesk.ui.document.document import Document
from paramdesk.ui.document.file_stamp import stamp_of

ROOT = Path(__file__).resolve().parents[2]

EDITOR = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
app = QCoreApplication([])
from paramdesk.formats.templates import open_template
from paramdesk.ui.document.autosave import Autosave
from paramdesk.ui.document.document import Document
document = Document()
autosave = Autosave(document, Path(sys.argv[1]))
document.open(open_template("article-convnet-dense"), Path("/somewhere/my net.paramdesk"))
document.rename("changed")
autosave.write()
print("written", flush=True)
app.exec()
"""


@pytest.fixture
def document(qapp):
    document = Document()
    document.open(open_template("article-convnet-dense"))
    yield document
    document.undo_stack.blockSignals(True)  # its destructor would speak to objects that are gone


@pytest.fixture
def autosave(document, tmp_path):
    return Autosave(document, tmp_path, document)


def duplicate_first(document):
    document.apply(edits.duplicate(document.architecture, [document.architecture.layers[1].id]))


def test_that_nothing_is_written_while_nothing_is_unsaved(autosave):
    autosave.write()
    assert not autosave.path.exists()


def test_that_a_change_is_written_a_little_later(qtbot, document, tmp_path):
    autosave = Autosave(document, tmp_path, document, delay=1)
    duplicate_first(document)
    qtbot.waitUntil(autosave.path.exists)


def test_that_the_copy_goes_when_the_document_is_saved(document, autosave, tmp_path):
    duplicate_first(document)
    autosave.write()
    assert autosave.path.exists()
    document.saved_as(tmp_path / "a.paramdesk")
    assert [path.name for path in tmp_path.iterdir()] == []


def test_that_the_copy_goes_when_the_change_is_taken_back(document, autosave):
    duplicate_first(document)
    autosave.write()
    document.undo_stack.undo()
    assert not autosave.path.exists()


def test_that_what_a_running_window_keeps_is_not_offered(document, autosave, tmp_path):
    duplicate_first(document)
    autosave.write()
    assert left_in(tmp_path).recovered == []


def test_that_a_folder_that_cannot_be_written_interrupts_nobody(document, tmp_path):
    (tmp_path / "file").touch()
    autosave = Autosave(document, tmp_path / "file" / "recovery", document)
    assert autosave.write()
    duplicate_first(document)
    assert not autosave.write()
    assert not autosave.path.exists()


def leave_a_copy(folder, path=None):
    """Leave a copy as a crash does, of a document that has this file."""
    document = Document()
    document.open(open_template("article-convnet-dense"), path, stamp=stamp_of(path))
    autosave = Autosave(document, folder, document)
    duplicate_first(document)
    assert autosave.write()
    autosave.release()
    document.undo_stack.blockSignals(True)
    return autosave.path


@pytest.mark.skipif(os.name == "nt", reason="permissions are of another kind there")
def test_that_copies_are_private(qapp, tmp_path):
    folder = tmp_path / "a" / "recovery"
    leave_a_copy(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {".paramdesk": 0o600, ".json": 0o600}


@pytest.mark.skipif(os.name == "nt", reason="permissions are of another kind there")
def test_that_a_folder_of_an_older_version_becomes_private(document, tmp_path):
    folder = tmp_path / "recovery"
    folder.mkdir(mode=0o755)
    path = leave_a_copy(folder)
    path.chmod(0o644)
    (left,) = left_in(folder).recovered
    document.open(left.architecture, is_saved=False)
    autosave = Autosave(document, folder, document)
    autosave.take_over(left)
    duplicate_first(document)
    assert autosave.write()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_that_what_was_left_is_never_without_a_copy(document, tmp_path, monkeypatch):
    path = leave_a_copy(tmp_path)
    (left,) = left_in(tmp_path).recovered

    def full(*_args, **_kwargs):
        raise UnwritableFile("x", "no space left on device")

    monkeypatch.setattr("paramdesk.ui.document.autosave.replace_file", full)
    document.open(left.architecture, is_saved=False)
    autosave = Autosave(document, tmp_path, document)
    autosave.take_over(left)
    assert autosave.path == path
    assert path.exists()
    assert autosave.write()
    duplicate_first(document)
    assert not autosave.write()
    assert path.exists()
    assert left_in(tmp_path).recovered == []
    document.saved_as(tmp_path / "saved")
    assert not path.exists()


def test_that_the_stamp_of_the_file_stays_with_the_copy(qapp, tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text("a")
    leave_a_copy(tmp_path / "recovery", file)
    (left,) = left_in(tmp_path / "recovery").recovered
    assert left.stamp == stamp_of(file)


def test_that_a_killed_process_leaves_its_changes_and_a_running_one_keeps_its_own(qapp, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", EDITOR, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert process.stdout.readline() == "written\n"
        assert left_in(tmp_path).recovered == []
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        (left,) = left_in(tmp_path).recovered
        assert left.architecture.name == "changed"
        assert left.name == "my net.paramdesk"
        assert left_in(tmp_path).recovered == []  # it is ours now
    finally:
        process.kill()
        process.stdout.close()


def test_that_a_copy_that_cannot_be_read_is_put_aside(qapp, tmp_path):
    (tmp_path / "half.paramdesk").write_text('{"paramdesk": 1, "lay')
    (tmp_path / "half.json").write_text('{"path": null, "name": "my net"}')
    left = left_in(tmp_path)
    assert left.recovered == []
    assert left.unreadable == [("my net", tmp_path / "half.unreadable")]
    assert (tmp_path / "half.unreadable").exists()
    assert left_in(tmp_path).unreadable == []
