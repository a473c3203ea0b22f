from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox, QWidget

from paramdesk.ui.dialogs import ask
from paramdesk.ui.dialogs.ask import CANCEL, DISCARD, SAVE, Choice, FileFilter

CSV = FileFilter("CSV table", ("csv",))
TEXT = FileFilter("Text", ("txt", "md"))
ANY = FileFilter("All files", ())


class Answerer(QObject):
    """Waits for a dialog of a kind and answers it, as soon as it is to be seen."""

    def __init__(self, kind, answer):
        super().__init__()
        self.kind, self.answer, self.seen = kind, answer, []
        self.timer = QTimer(self)
        self.timer.setInterval(5)
        self.timer.timeout.connect(self.look)
        self.timer.start()

    def look(self):
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, self.kind) and dialog.isVisible() and dialog not in self.seen:
            self.seen.append(dialog)
            self.timer.stop()
            self.answer(dialog)


@pytest.fixture
def parent(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    return parent


@pytest.fixture
def answering():
    """Return a function that schedules the answer to the next dialog of a kind."""
    answerers = []

    def schedule(kind, answer):
        answerers.append(Answerer(kind, answer))

    yield schedule
    for answerer in answerers:
        answerer.timer.stop()
        assert answerer.seen, "the dialog never came"


@pytest.fixture(autouse=True)
def _no_native_dialogs(qapp):
    flag = Qt.ApplicationAttribute.AA_DontUseNativeDialogs
    QCoreApplication.setAttribute(flag, True)
    yield
    QCoreApplication.setAttribute(flag, False)


def type_name(text):
    def answer(dialog):
        dialog.findChild(QLineEdit, "fileNameEdit").setText(text)
        dialog.accept()

    return answer


def test_that_a_filter_reads_as_qt_writes_it():
    assert TEXT.text == "Text (*.txt *.md)"
    assert ANY.text == "All files (*)"


@pytest.mark.parametrize(
    ("typed", "path", "kind"),
    [
        ("table.csv", "table.csv", CSV),
        ("table.CSV", "table.CSV", CSV),
        ("table", "table.csv", CSV),
        ("net.v2", "net.v2.csv", CSV),
        ("table.md", "table.md", TEXT),
    ],
)
def test_that_an_ending_is_added_where_none_says_another_kind(typed, path, kind):
    assert ask.completed(Path(typed), CSV, [CSV, TEXT]) == (Path(path), kind)


def test_that_a_kind_without_endings_adds_none():
    assert ask.completed(Path("a.b"), ANY, [ANY]) == (Path("a.b"), ANY)


def test_that_a_file_can_be_chosen_to_open(parent, answering, tmp_path):
    (tmp_path / "net.csv").touch()
    answering(QFileDialog, type_name("net.csv"))
    assert ask.ask_open_path(parent, "Open", [CSV], tmp_path) == tmp_path / "net.csv"


def test_that_opening_can_be_given_up(parent, answering, tmp_path):
    answering(QFileDialog, QFileDialog.reject)
    assert ask.ask_open_path(parent, "Open", [CSV], tmp_path) is None


def test_that_saving_adds_the_ending(parent, answering, tmp_path):
    answering(QFileDialog, type_name("table"))
    answer = ask.ask_save_path(parent, "Save", [CSV, TEXT], tmp_path / "x.csv")
    assert answer == (tmp_path / "table.csv", CSV)


def test_that_saving_starts_with_the_kind_of_the_suggested_name(parent, answering, tmp_path):
    answering(QFileDialog, QFileDialog.accept)
    answer = ask.ask_save_path(parent, "Save", [CSV, TEXT], tmp_path / "notes.md")
    assert answer == (tmp_path / "notes.md", TEXT)


def test_that_saving_can_be_given_up(parent, answering, tmp_path):
    answering(QFileDialog, QFileDialog.reject)
    assert ask.ask_save_path(parent, "Save", [CSV], tmp_path / "x.csv") is None


@pytest.mark.parametrize(("text", "saves"), [("Replace", True), ("Cancel", False)])
def test_that_a_file_which_the_added_ending_hits_is_asked_about(parent, answering, tmp_path, text, saves):
    (tmp_path / "net.v2.csv").touch()
    answering(QFileDialog, type_name("net.v2"))
    answering(QMessageBox, click(text))
    answer = ask.ask_save_path(parent, "Save", [CSV], tmp_path / "x.csv")
    assert answer == ((tmp_path / "net.v2.csv", CSV) if saves else None)


def click(text):
    def answer(box):
        next(button for button in box.buttons() if button.text() == text).click()

    return answer


@pytest.mark.parametrize("choice", [SAVE, DISCARD, CANCEL])
def test_that_confirming_returns_what_was_clicked(parent, answering, choice):
    answering(QMessageBox, click(choice.text))
    assert ask.confirm(parent, "Save the changes?", "They are lost otherwise.") == choice.key


def press(key):
    def answer(box):
        from PySide6.QtTest import QTest

        QTest.keyClick(box, key)

    return answer


def test_that_enter_saves_and_escape_cancels(parent, answering):
    answering(QMessageBox, press(Qt.Key.Key_Return))
    assert ask.confirm(parent, "Save the changes?") == "save"
    answering(QMessageBox, press(Qt.Key.Key_Escape))
    assert ask.confirm(parent, "Save the changes?") == "cancel"


def test_that_enter_destroys_nothing(parent, answering):
    answering(QMessageBox, press(Qt.Key.Key_Return))
    choices = (Choice("delete", "Delete", "destructive"), CANCEL)
    assert ask.confirm(parent, "Delete it?", choices=choices) == "cancel"


def test_that_closing_the_box_is_no_consent(parent, answering):
    answering(QMessageBox, QMessageBox.close)
    assert ask.confirm(parent, "Save the changes?") == "cancel"
