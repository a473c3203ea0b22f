"""Copies of unsaved changes: when they are written, when they go, and whose they are."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from paramdesk.engine import edits
from paramdesk.formats.templates import open_template
from paramdesk.ui.autosave import Autosave, recoverable
from paramdesk.ui.document import Document

ROOT = Path(__file__).resolve().parents[2]

EDITOR = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
app = QCoreApplication([])
from paramdesk.formats.templates import open_template
from paramdesk.ui.autosave import Autosave
from paramdesk.ui.document import Document
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
    assert recoverable(tmp_path) == []


def test_that_a_folder_that_cannot_be_written_interrupts_nobody(document, tmp_path):
    (tmp_path / "file").touch()
    autosave = Autosave(document, tmp_path / "file" / "recovery", document)
    duplicate_first(document)
    autosave.write()
    assert not autosave.path.exists()


def test_that_a_killed_process_leaves_its_changes_and_a_running_one_keeps_its_own(qapp, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", EDITOR, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert process.stdout.readline() == "written\n"
        assert recoverable(tmp_path) == []
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        (left,) = recoverable(tmp_path)
        assert left.architecture.name == "changed"
        assert left.name == "my net.paramdesk"
        left.forget()
        assert recoverable(tmp_path) == []
        assert list(tmp_path.glob("*.paramdesk")) == []
    finally:
        process.kill()
        process.stdout.close()


def test_that_a_copy_that_cannot_be_read_is_put_aside(qapp, tmp_path):
    (tmp_path / "half.paramdesk").write_text('{"paramdesk": 1, "lay')
    assert recoverable(tmp_path) == []
    assert (tmp_path / "half.unreadable").exists()
