"""Files in and out of a window."""

import csv
import io
import json
import threading

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QProgressBar, QPushButton

from paramdesk import formats
from paramdesk.engine import edits
from paramdesk.engine.columns import COLUMNS
from paramdesk.formats.templates import open_template, templates
from paramdesk.ui.dialogs import ask
from paramdesk.ui.document import files
from tests.helpers import keras_files
from tests.helpers.windows import drop_files, names, select, trigger


@pytest.fixture
def lenet(tmp_path):
    path = tmp_path / "lenet.paramdesk"
    formats.write(open_template("lenet-5"), path)
    return path


def change(window):
    select(window, names(window)[1])
    trigger(window, "edit.duplicate")


# Unsaved changes


def test_that_closing_asks_about_changes_and_cancel_keeps_the_window(window, answers):
    change(window)
    answers.give(confirm="cancel")
    assert not window.close()
    assert answers.asked == ["Save the changes to convnet?"]
    assert window.isVisible()
    answers.give(confirm="discard")
    assert window.close()


def test_that_closing_without_changes_asks_nothing(window, answers):
    assert window.close()
    assert answers.asked == []


def test_that_saving_in_the_question_saves_and_closes(window, answers, tmp_path):
    change(window)
    path = tmp_path / "mine.paramdesk"
    answers.give(confirm="save", save_path=path)
    assert window.close()
    assert len(formats.read(path).layers) == 10


def test_that_thinking_better_of_saving_keeps_the_window(window, answers):
    change(window)
    answers.give(confirm="save", save_path=None)
    assert not window.close()


@pytest.mark.parametrize("action", ["file.new", "file.open"])
def test_that_another_document_asks_first(window, answers, lenet, action):
    change(window)
    before = window.document.architecture
    answers.give(confirm="cancel", open_path=lenet)
    trigger(window, action)
    assert window.document.architecture == before


# Saving


def test_that_save_asks_once_where_to(window, answers, tmp_path):
    path = tmp_path / "mine.paramdesk"
    answers.give(save_path=path)
    trigger(window, "file.save")
    change(window)
    assert window.isWindowModified()
    trigger(window, "file.save")
    assert answers.asked == ["Save As"]
    assert not window.isWindowModified()
    native = formats.formats()["paramdesk"]
    assert path.read_bytes() == formats.content(window.document.written, native)
    assert window.status.file.text() == "convnet, saved"


def test_that_a_changed_template_is_not_that_template_any_more(window, answers, tmp_path):
    path = tmp_path / "mine.paramdesk"
    answers.give(save_path=path)
    window.files.open_template("lenet-5")
    trigger(window, "file.save")
    untouched = path.read_text()
    assert '"title": "LeNet-5"' in untouched
    window.document.apply(edits.configure(window.document.architecture, 1, filters=7))
    trigger(window, "file.save")
    assert "about" not in path.read_text()
    assert formats.read(path).layers == window.document.architecture.layers
    trigger(window, "edit.undo")
    trigger(window, "file.save")
    assert path.read_text() == untouched


def test_that_an_untitled_network_takes_the_name_of_its_file(window, answers, tmp_path):
    trigger(window, "file.new")
    answers.give(save_path=tmp_path / "tiny.paramdesk")
    trigger(window, "file.save")
    assert window.document.architecture.name == "tiny"
    assert not window.isWindowModified()


def test_that_a_keras_model_is_saved_as_it_came(window, answers, tmp_path):
    path = tmp_path / "model.json"
    formats.write(open_template("lenet-5"), path, "keras-json")
    window.files.open_path(path)
    change(window)
    trigger(window, "file.save")
    assert "class_name" in json.loads(path.read_text())
    assert len(formats.read(path).layers) == len(names(window))


@pytest.mark.parametrize("name", ["lenet5.h5", "article_convnet.keras", "keras3_res.weights.h5"])
def test_that_a_file_that_can_only_be_read_is_never_written_to(
    window, monkeypatch, answers, shown, tmp_path, name, qtbot
):
    path = tmp_path / name
    path.write_bytes(keras_files.content(name))
    window.files.open_path(path)
    qtbot.waitUntil(lambda: window.document.path == path)
    change(window)
    suggestions = []

    def ask_save_path(parent, caption, filters, suggested):
        suggestions.append(suggested)
        return ask.completed(suggested, filters[0], filters)

    monkeypatch.setattr(ask, "ask_save_path", ask_save_path)
    trigger(window, "file.save")
    ours = path.with_suffix(".paramdesk")
    assert (suggestions, window.document.path) == ([ours], ours)
    assert shown[0].text == f"{name} is of a kind that can only be read. Choose where to save."
    assert path.read_bytes() == keras_files.content(name)
    assert [node.name for node in formats.read(ours).layers] == names(window)


def test_that_a_copy_for_others_leaves_the_document_unsaved(window, answers, shown, tmp_path):
    path = tmp_path / "net.onnx"
    change(window)
    answers.give(save_path=path)
    trigger(window, "file.save_as")
    assert (window.document.path, window.document.is_modified) == (None, True)
    assert shown[-1].text == f"A copy was written to {path}. The document itself is not saved in this format."
    assert formats.read(path).layers


def test_that_an_onnx_file_is_never_saved_over_as_its_weights_would_be_lost(window, answers, shown, tmp_path):
    path, ours = tmp_path / "net.onnx", tmp_path / "net.paramdesk"
    formats.write(open_template("lenet-5"), path)
    before = path.read_bytes()
    window.files.open_path(path)
    change(window)
    answers.give(save_path=path)
    trigger(window, "file.save_as")
    assert shown[-1].text == "net.onnx holds more than would be written over it. Choose another name."
    answers.give(save_path=ours)
    trigger(window, "file.save")
    assert "net.onnx holds more than would be written over it." in shown[-1].text
    assert "a copy" in shown[-1].text
    assert (window.document.path, path.read_bytes()) == (ours, before)


BLOCKS = """{"paramdesk": 1, "name": "blocks", "layers": [
    {"name": "input_layer", "kind": "Input", "shape": [8]},
    {"block": "twice", "repeat": 2, "layers": [{"name": "dense", "kind": "Dense", "units": 8}]}]}"""


@pytest.fixture
def blocks(tmp_path):
    """Return a file with a block."""
    path = tmp_path / "blocks.paramdesk"
    path.write_text(BLOCKS)
    return path


def test_that_blocks_are_not_unrolled_unasked(window, answers, blocks, tmp_path):
    window.files.open_path(blocks)
    change(window)
    path = tmp_path / "model.json"
    answers.give(save_path=path, confirm="cancel")
    trigger(window, "file.save_as")
    assert answers.asked == ["Save As", "model.json cannot hold repeated blocks."]
    assert not path.exists()
    assert window.isWindowModified()
    assert window.document.path == blocks


def test_that_a_network_that_was_not_saved_keeps_its_name(window, answers, tmp_path):
    path = tmp_path / "unnamed.paramdesk"
    path.write_text(BLOCKS.replace('"name": "blocks", ', ""))
    window.files.open_path(path)
    before = window.document.architecture
    answers.give(save_path=tmp_path / "blk.json", confirm="cancel")
    trigger(window, "file.save_as")
    assert window.document.architecture == before
    assert not window.actions_by_id["edit.undo"].isEnabled()
    answers.give(confirm="unroll")
    trigger(window, "file.save_as")
    assert window.document.architecture.name == "blk"
    assert json.loads((tmp_path / "blk.json").read_text())["config"]["name"] == "blk"
    assert not window.isWindowModified()


def test_that_one_who_agrees_is_not_asked_again_while_the_document_is_open(window, answers, blocks, tmp_path):
    window.files.open_path(blocks)
    path = tmp_path / "model.json"
    answers.give(save_path=path, confirm="unroll")
    trigger(window, "file.save_as")
    assert [layer.name for layer in formats.read(path).layers] == ["input_layer", "twice_1", "twice_2"]
    assert "twice" in names(window)
    change(window)
    trigger(window, "file.save")
    assert not window.isWindowModified()
    assert len(answers.asked) == 2
    window.files.open_path(blocks)
    answers.give(confirm="cancel")
    trigger(window, "file.save_as")
    assert len(answers.asked) == 4


def test_that_blocks_can_be_saved_elsewhere_instead(window, monkeypatch, answers, blocks, tmp_path):
    window.files.open_path(blocks)
    suggestions = []

    def ask_save_path(parent, caption, filters, suggested):
        suggestions.append(suggested)
        return ask.completed(suggested.with_suffix(".paramdesk" if suggestions[1:] else ".json"), filters[0], filters)

    monkeypatch.setattr(ask, "ask_save_path", ask_save_path)
    answers.give(confirm="save_as")
    trigger(window, "file.save_as")
    assert suggestions == [blocks, blocks]
    assert window.document.path == blocks


def test_that_save_as_takes_the_format_from_the_ending(window, answers, tmp_path):
    answers.give(save_path=tmp_path / "model.json")
    trigger(window, "file.save_as")
    assert "class_name" in json.loads((tmp_path / "model.json").read_text())


def test_that_a_file_changed_by_another_program_is_not_overwritten_unasked(window, answers, lenet):
    window.files.open_path(lenet)
    lenet.write_text(lenet.read_text() + "\n")
    change(window)
    answers.give(confirm="cancel")
    trigger(window, "file.save")
    assert answers.asked == ["lenet.paramdesk was changed by another program. Replace it?"]
    assert window.isWindowModified()
    answers.give(confirm="replace")
    trigger(window, "file.save")
    assert not window.isWindowModified()


def test_that_a_file_that_cannot_be_written_is_said_and_nothing_is_lost(window, answers, shown, tmp_path):
    answers.give(save_path=tmp_path / "missing" / "mine.paramdesk")
    change(window)
    trigger(window, "file.save")
    assert "does not exist" in shown[0].text
    assert shown[0].action_text == "Save As…"
    assert window.isWindowModified()


# Opening


def test_that_open_shows_the_file_and_begins_a_history(window, answers, lenet):
    change(window)
    answers.give(confirm="discard", open_path=lenet)
    trigger(window, "file.open")
    assert window.document.path == lenet
    assert not window.actions_by_id["edit.undo"].isEnabled()


@pytest.mark.parametrize("content", [b"not JSON", b"{}", b'{"paramdesk": 1}', b"[" * 100_000, b"\xff\xfe\x00"])
def test_that_a_bad_file_leaves_the_document_alone(window, shown, tmp_path, content):
    path = tmp_path / "bad.paramdesk"
    path.write_bytes(content)
    before = window.document.architecture
    assert not window.files.open_path(path)
    assert window.document.architecture is before
    assert shown[0].kind == "error"
    assert "bad.paramdesk" in shown[0].text
    assert "\n" not in shown[0].text


def test_that_a_folder_is_not_a_file(window, shown, tmp_path):
    window.files.open_path(tmp_path)
    assert "it is a folder" in shown[0].text


def test_that_a_big_file_is_read_beside_the_window(window, shown, lenet, qtbot, monkeypatch):
    monkeypatch.setattr(files, "BIG_FILE_BYTES", 10)
    assert not window.files.open_path(lenet)
    qtbot.waitUntil(lambda: window.document.path == lenet)
    assert shown == []


def test_that_a_file_that_takes_long_is_opened_with_a_progress_bar_and_a_way_to_stop_it(
    window, lenet, qtbot, monkeypatch
):
    may_go_on, read = threading.Event(), formats.read

    def slow(path):
        may_go_on.wait(10)
        return read(path)

    monkeypatch.setattr(files, "BIG_FILE_BYTES", 10)
    monkeypatch.setattr(formats, "read", slow)
    bar, before = window.notice_bar, window.document.architecture
    window.files.open_path(lenet)
    assert not bar.isVisible()
    qtbot.waitUntil(bar.isVisible)
    assert bar.notice.text == "Opening lenet.paramdesk…"
    assert bar.findChild(QProgressBar).isVisible()
    trigger(window, "edit.select_all")  # the window is not frozen meanwhile
    qtbot.mouseClick(bar.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert not bar.isVisible()
    may_go_on.set()
    assert window.background.drain()
    QApplication.processEvents()
    assert window.document.architecture is before
    window.files.open_path(lenet)
    qtbot.waitUntil(lambda: window.document.path == lenet)
    assert not bar.isVisible()


def test_that_a_big_file_that_is_bad_is_said_too(window, shown, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(files, "BIG_FILE_BYTES", 10)
    path = tmp_path / "bad.paramdesk"
    path.write_text("x" * 100)
    window.files.open_path(path)
    qtbot.waitUntil(lambda: len(shown) == 1)
    assert shown[0].kind == "error"


def test_that_a_template_opens_without_a_file(window):
    menu = window.templates_menu
    menu.fill()
    titles = [action.data() for action in menu._filled]  # noqa: SLF001 - what a user sees
    assert titles[:2] == ["article-convnet", "article-convnet-dense"] or "lenet-5" in titles
    menu.choose("lenet-5")
    assert window.document.path is None
    assert "no file yet" in window.status.file.text()


def test_that_families_of_templates_stand_apart_however_often_the_menu_opens(window):
    menu = window.templates_menu._menu  # noqa: SLF001 - what a user sees
    for _opening in range(2):
        window.templates_menu.fill()
        shown = [action.data() for action in menu.actions() if not action.isSeparator()]
        groups = "".join("|" if action.isSeparator() else "." for action in menu.actions()).split("|")
        assert shown == [template.name for template in templates()]
        assert min(map(len, groups)) > 0
        assert 3 < len(groups) < len(shown) / 2
    at = [action.data() for action in menu.actions()]
    assert at.index("resnet-18") + 1 == at.index("resnet-34")


def test_that_every_template_can_be_chosen(window):
    menu = window.templates_menu
    menu.fill()
    for action in menu._filled:  # noqa: SLF001 - what a user sees
        menu._menu.triggered.emit(action)  # noqa: SLF001 - as a click does
        assert window.document.architecture == open_template(action.data())


# Recent files


def recent(window):
    window.recent_menu.fill()
    return [action.text() for action in window.recent_menu._filled]  # noqa: SLF001 - what a user sees


def test_that_recent_files_stand_in_their_menu_the_last_first(window, lenet, tmp_path):
    assert recent(window) == ["No recent files"]
    other = tmp_path / "other.paramdesk"
    formats.write(open_template("article-convnet"), other)
    window.files.open_path(lenet)
    window.files.open_path(other)
    assert recent(window) == ["&1 other.paramdesk", "&2 lenet.paramdesk"]
    window.recent_menu.choose(str(lenet))
    assert window.document.path == lenet


def test_that_a_recent_file_that_is_gone_says_so_and_leaves_the_list(window, lenet, shown):
    window.files.open_path(lenet)
    lenet.unlink()
    assert recent(window) == ["&1 lenet.paramdesk (missing)"]
    window.recent_menu.choose(str(lenet))
    assert "is not there any more" in shown[0].text
    assert recent(window) == ["No recent files"]


def test_that_the_list_can_be_cleared(window, lenet):
    window.files.open_path(lenet)
    trigger(window, "file.clear_recent")
    assert recent(window) == ["No recent files"]
    assert not window.actions_by_id["file.clear_recent"].isEnabled()


# Dropping


def test_that_a_dropped_file_opens(window, lenet, qtbot):
    assert drop_files(window, [lenet])
    qtbot.waitUntil(lambda: window.document.path == lenet)


def test_that_a_dropped_file_is_never_taken_away_from_where_it_was(window, lenet, qtbot):
    from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
    from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent
    from PySide6.QtWidgets import QApplication

    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(lenet))])
    either = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    shift = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
    for kind in (QDragEnterEvent, QDragMoveEvent):
        event = kind(QPoint(50, 50), either, data, *shift)
        event.setDropAction(Qt.DropAction.MoveAction)
        QApplication.sendEvent(window, event)
        assert event.isAccepted()
        assert event.dropAction() == Qt.DropAction.CopyAction
    assert window.drop_frame.isVisible()
    assert window.drop_frame.text == f"Open {lenet.name}"
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not window.drop_frame.isVisible()


@pytest.mark.parametrize("where", ["search", "name", "network"])
def test_that_a_file_dropped_on_a_field_opens_and_stays_where_it_was(window, lenet, qtbot, where):
    window.load_all()
    select(window, "conv2d")
    field = window.panels.palette.field
    if where == "name":
        field = window.panels.inspector.properties.head.name.edit
    elif where == "network":
        window.panels.stack.header.rename()
        field = window.panels.stack.header.findChild(QLineEdit)
    text = field.text()
    assert drop_files(window, [lenet], on=field)
    qtbot.waitUntil(lambda: window.document.path == lenet)
    assert field.text() in {text, "lenet5"}


def test_that_text_can_be_dropped_into_a_field(window):
    field = window.panels.palette.field
    data = QMimeData()
    data.setText("conv")
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(field.rect().center(), *how)
    QApplication.sendEvent(field, enter)
    assert enter.isAccepted()


def test_that_a_file_of_another_kind_is_not_taken(window, tmp_path):
    path = tmp_path / "song.mp3"
    path.write_bytes(b"ID3")
    assert not drop_files(window, [path])


def test_that_a_dropped_file_that_cannot_be_read_says_why(window, shown, tmp_path, qtbot):
    path = tmp_path / "song.json"
    path.write_bytes(b"ID3")
    assert drop_files(window, [path])
    qtbot.waitUntil(lambda: bool(shown))
    assert "song.json: " in shown[0].text


def test_that_of_several_dropped_files_the_first_opens(window, shown, lenet, tmp_path, qtbot):
    assert drop_files(window, [lenet, tmp_path / "b.json"])
    qtbot.waitUntil(lambda: bool(shown))
    assert window.document.path == lenet
    assert "one file" in shown[0].text


# CSV


def export(window, qtbot, **choices):
    trigger(window, "file.export_csv")
    dialog = window.gestures.exporting.dialog
    if "delimiter" in choices:
        dialog.delimiter.setCurrentIndex(dialog.delimiter.findData(choices["delimiter"]))
    dialog.totals.setChecked(choices.get("totals", False))
    dialog.bom.setChecked(choices.get("bom", False))
    (dialog.all if choices.get("all") else dialog.shown).setChecked(True)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)


def rows(path, delimiter=","):
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_that_the_csv_has_the_columns_of_the_table_in_their_order(window, answers, qtbot, tmp_path, shown):
    path = tmp_path / "table.csv"
    answers.give(save_path=path)
    export(window, qtbot)
    table = rows(path)
    assert tuple(table[0]) == window.panels.table.visible_columns()
    assert len(table) == 1 + 9
    parameters = table[0].index("parameters")
    assert [row[parameters] for row in table[1:]] == ["0", "320", "0", "18496", "0", "36928", "0", "36928", "650"]
    assert path.read_bytes().count(b"\r\n") == 10
    assert shown[0].kind == "success"
    assert str(path) in shown[0].text


def test_that_the_csv_follows_the_choices_and_remembers_them(window, answers, qtbot, tmp_path, settings):
    path = tmp_path / "table.csv"
    answers.give(save_path=path)
    export(window, qtbot, delimiter=";", totals=True, bom=True, all=True)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    table = rows(path, ";")
    assert table[0] == [column.name for column in COLUMNS]
    assert table[-1][0] == "Total"
    trigger(window, "file.export_csv")
    dialog = window.gestures.exporting.dialog
    assert (dialog.delimiter.currentData(), dialog.all.isChecked(), dialog.bom.isChecked()) == (";", True, True)
    dialog.reject()
    assert window.gestures.exporting.dialog is None


def test_that_names_that_spreadsheets_would_run_are_neutralised(window, answers, qtbot, tmp_path):
    from paramdesk.engine import edits

    document = window.document
    document.apply(edits.rename(document.architecture, document.architecture.layers[1].id, "=1+1"))
    path = tmp_path / "table.csv"
    answers.give(save_path=path)
    export(window, qtbot)
    assert rows(path)[2][rows(path)[0].index("name")] == "'=1+1"


def test_that_the_preview_shows_the_first_rows(window):
    trigger(window, "file.export_csv")
    dialog = window.gestures.exporting.dialog
    dialog.totals.setChecked(True)
    lines = dialog.preview.toPlainText().splitlines()
    assert lines[0].startswith("name,kind")
    assert "… 5 more" in lines
    assert lines[-1].startswith("Total")
    dialog.reject()


def test_that_a_csv_that_cannot_be_written_is_said(window, answers, qtbot, tmp_path, shown):
    answers.give(save_path=tmp_path / "none" / "table.csv")
    export(window, qtbot)
    assert shown[0].kind == "error"


def test_that_opening_a_good_file_takes_the_notice_about_a_bad_one_away(window, answers, lenet, tmp_path):
    bad = tmp_path / "bad.paramdesk"
    bad.write_text("[")
    assert not window.files.open_path(bad)
    assert "bad.paramdesk" in window.notice_bar.notice.text
    assert window.files.open_path(lenet)
    assert window.notice_bar.notice is None
