"""The gestures of the Edit and Layer menus on a document."""

import io

import pytest

from paramdesk import formats
from paramdesk.formats.templates import open_template
from paramdesk.ui.document import clipboard
from paramdesk.ui.document.document import Document
from paramdesk.ui.document.editing import Editing
from paramdesk.ui.notices import Notices


@pytest.fixture
def document(qapp):
    document = Document()
    document.open(open_template("article-convnet-dense"))
    return document


@pytest.fixture
def shown():
    return []


@pytest.fixture
def editing(document, shown):
    notices = Notices(document)
    notices.shown.connect(shown.append)
    return Editing(document, notices, document)


def names(document):
    return [node.name for node in document.architecture.layers]


def select(document, *wanted):
    document.selection.select([node.id for node in document.architecture.nodes() if node.name in wanted])


def selected(document):
    return [node.name for node in document.architecture.nodes() if node.id in document.selection.ids]


def test_that_delete_selects_the_row_that_takes_the_place(document, editing):
    select(document, "conv2d_1")
    editing.delete()
    assert "conv2d_1" not in names(document)
    assert selected(document) == ["max_pooling2d_1"]


def test_that_delete_at_the_end_selects_the_row_above(document, editing):
    select(document, "dense_1")
    editing.delete()
    assert selected(document) == ["dense"]


def test_that_undo_brings_back_what_was_deleted_and_names_the_step(document, editing):
    before = document.architecture
    select(document, "conv2d_1")
    editing.delete()
    assert document.undo_stack.undoText() == "Remove conv2d_1"
    editing.undo()
    assert document.architecture == before
    editing.redo()
    assert "conv2d_1" not in names(document)


def test_that_cut_and_paste_move_rows(document, editing):
    select(document, "max_pooling2d")
    editing.cut()
    assert document.undo_stack.undoText() == "Cut max_pooling2d"
    select(document, "conv2d_1")
    editing.paste()
    assert document.undo_stack.undoText() == "Paste max_pooling2d"
    assert names(document)[:4] == ["input_layer", "conv2d", "conv2d_1", "max_pooling2d"]
    assert selected(document) == ["max_pooling2d"]


def test_that_a_cut_pasted_at_once_is_where_it_was(document, editing):
    before = names(document)
    select(document, "max_pooling2d", "conv2d_1")
    editing.cut()
    editing.paste()
    assert names(document) == before


def test_that_a_copy_pastes_into_another_document(document, editing, qapp):
    select(document, "dense", "dense_1")
    editing.copy()
    other = Document()
    other_editing = Editing(other, Notices(other), other)
    other.open(open_template("article-convnet"))
    other_editing.paste()
    assert names(other)[-2:] == ["dense", "dense_1"]


def test_that_wrong_text_says_what_can_be_pasted(document, editing, shown, qapp):
    qapp.clipboard().setText("a sonnet")
    editing.paste()
    assert shown[0].kind == "error"
    assert ".paramdesk" in shown[0].text
    assert document.undo_stack.count() == 0


def test_that_an_empty_clipboard_is_no_error(document, editing, shown, qapp):
    qapp.clipboard().clear()
    editing.paste()
    assert [notice.kind for notice in shown] == ["info"]


def test_that_removing_an_input_that_is_read_is_refused_in_a_sentence(document, editing, shown):
    select(document, "input_layer")
    editing.delete()
    assert shown[0].text.startswith("Other layers read the input")
    assert document.undo_stack.count() == 0


@pytest.fixture
def joining(document):
    """Open a network with a branch that only "add" reads, and select that."""
    text = """{"paramdesk": 1, "name": "branched", "layers": [
        {"name": "input_layer", "kind": "Input", "shape": [8]},
        {"name": "dense", "kind": "Dense", "units": 8},
        {"name": "branch", "kind": "Dense", "units": 8, "inputs": ["input_layer"]},
        {"name": "add", "kind": "Add", "inputs": ["dense", "branch"]},
        {"name": "head", "kind": "Dense", "units": 2}]}"""
    document.open(formats.read(io.BytesIO(text.encode()), "paramdesk"))
    select(document, "add")


def test_that_rows_which_only_the_removed_row_read_can_be_removed_too(document, editing, shown, joining):
    editing.delete()
    assert shown[0].action_text == "Remove Them Too"
    shown[0].action()
    assert names(document) == ["input_layer", "dense", "head"]
    assert selected(document) == ["head"]
    assert document.undo_stack.undoText() == "Remove add and 1 more that only it read"


def test_that_a_cut_takes_what_only_the_cut_row_read_to_the_clipboard_too(document, editing, shown, joining, qapp):
    qapp.clipboard().setText("before")
    editing.cut()
    assert qapp.clipboard().text() == "before"
    shown[0].action()
    assert names(document) == ["input_layer", "dense", "head"]
    copied = clipboard.from_text(qapp.clipboard().text())
    assert [node.name for node in copied] == ["branch", "add"]


def test_that_the_offer_to_remove_more_is_about_this_architecture_only(document, editing, shown, joining):
    editing.delete()
    assert shown[0].until == "edited"
    document.open(open_template("vgg16"))
    before = document.architecture
    shown[0].action()
    assert document.architecture is before


def test_that_nothing_is_offered_to_be_removed_where_a_move_is_refused(document, editing, shown, joining):
    for name in names(document):
        for move in (editing.move_up, editing.move_down):
            select(document, name)
            move()
    assert shown
    assert {notice.action_text for notice in shown} == {None}


def test_that_moving_past_the_end_is_refused_in_a_sentence(document, editing, shown):
    select(document, "dense_1")
    editing.move_down()
    assert shown[0].text == "It is already at the bottom."


def test_that_moves_change_the_order(document, editing):
    select(document, "conv2d_1")
    editing.move_up()
    assert names(document)[2:4] == ["conv2d_1", "max_pooling2d"]
    editing.move_down()
    assert names(document)[2:4] == ["max_pooling2d", "conv2d_1"]


def test_that_freezing_is_a_step_that_can_be_taken_back(document, editing):
    select(document, "dense", "dense_1")
    assert editing.is_trainable()
    editing.toggle_trainable()
    assert document.summary.totals.trainable == 93_322 - 36_928 - 650
    assert not editing.is_trainable()
    editing.undo()
    assert document.summary.totals.trainable == 93_322


def test_that_select_all_takes_every_row_and_keeps_the_current_one(document, editing):
    select(document, "conv2d")
    current = document.selection.current
    editing.select_all()
    assert len(document.selection.ids) == 9
    assert document.selection.current == current


def test_that_a_text_field_with_the_focus_takes_the_clipboard_for_itself(document, editing, qtbot, qapp):
    from PySide6.QtWidgets import QLineEdit

    field = QLineEdit("some text")
    qtbot.addWidget(field)
    field.show()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    select(document, "conv2d")
    editing.select_all()
    editing.copy()
    assert qapp.clipboard().text() == "some text"
    editing.cut()
    assert field.text() == ""
    editing.paste()
    assert field.text() == "some text"
    assert document.undo_stack.count() == 0
