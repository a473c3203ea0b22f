"""Networks that people hold in files: opened in a window, folded, scrolled, edited in the middle, and taken back."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from paramdesk.engine.architecture import Layer
from tests.helpers.keras_reference import model
from tests.helpers.windows import trigger


@pytest.fixture
def window(window):
    window.load_all()
    return window


@pytest.fixture(params=["ResNet50", "InceptionV3", "unet", "gru_seq2seq"])
def record(request):
    return model(request.param)


@pytest.fixture
def opened(window, record, tmp_path, qtbot):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(record["config"]), encoding="utf-8")
    window.files.open_path(path)
    qtbot.waitUntil(lambda: window.document.path == path)
    return window


def totals(window):
    known = window.document.summary.totals
    return known.parameters, known.trainable, known.non_trainable


def test_that_a_real_network_is_opened_folded_scrolled_edited_in_the_middle_and_undone(opened, record, qtbot):
    document, stack = opened.document, opened.panels.stack
    published = (record["total"], record["trainable"], record["non_trainable"])
    assert totals(opened) == published
    rows = len(stack.model.rows)
    before = document.architecture

    trigger(opened, "layer.find_repeats")
    has_blocks = document.architecture is not before
    assert has_blocks == (record["name"] != "gru_seq2seq")
    if has_blocks:
        trigger(opened, "view.fold_all")
        assert len(stack.model.rows) < rows
        assert totals(opened) == published
        trigger(opened, "view.unfold_all")

    stack.view.setFocus()
    QTest.keyClick(stack.view, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    last = stack.view.row_rect(len(stack.model.rows) - 1)
    assert 0 <= last.top() < last.bottom() <= stack.view.viewport().height()

    layers = [node for node in document.architecture.nodes() if isinstance(node, Layer) and node.inputs]
    document.selection.select([layers[len(layers) // 2].id])
    count = len(list(document.architecture.nodes()))
    trigger(opened, "edit.duplicate")
    assert len(list(document.architecture.nodes())) == count + 1
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.architecture == before
    assert totals(opened) == published
    assert len(stack.model.rows) == rows
