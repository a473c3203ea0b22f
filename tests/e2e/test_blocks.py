"""Blocks and shared layers, by the actions of the window."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from paramdesk.engine.architecture import Block
from paramdesk.ui.totals.figures import figures
from tests.helpers.blocks import nested
from tests.helpers.networks import chain, kind
from tests.helpers.windows import select, selected, trigger


@pytest.fixture
def window(window):
    window.load_all()
    return window


def names(window):
    """Return the names of the rows that are shown."""
    return [row.name for row in window.panels.stack.model.rows]


def block(window):
    return next(node for node in window.document.architecture.nodes() if isinstance(node, Block))


def test_that_rows_are_grouped_named_repeated_and_taken_apart(window):
    document = window.document
    document.open(chain(kind("Input", shape=(8,)), *[kind("Dense", units=8)] * 2, kind("Dense", units=3)))
    select(window, "dense", "dense_1")
    trigger(window, "layer.group")
    assert names(window) == ["input_layer", "block", "dense", "dense_1", "dense_2"]
    assert window.panels.stack.model.row(1).is_open
    head = window.panels.inspector.properties.head
    head.repeat.box.setFocus()
    QTest.keyClick(head.repeat.box, Qt.Key.Key_Up)
    QTest.keyClick(head.repeat.box, Qt.Key.Key_Up)
    assert block(window).repeat == 3
    assert document.summary.totals.parameters == 3 * 2 * 72 + 27
    assert window.panels.stack.model.row(1).digest.endswith("144 per repeat")
    trigger(window, "layer.ungroup")
    assert names(window)[:7] == ["input_layer", "dense", "dense_1", "dense_3", "dense_4", "dense_5", "dense_6"]
    for _step in range(3):
        document.undo_stack.undo()
    assert names(window) == ["input_layer", "dense", "dense_1", "dense_2"]


def test_that_a_block_that_cannot_be_repeated_says_why_under_its_field(window):
    document = window.document
    net = chain(kind("Input", shape=(8,)), kind("Dense", units=8), kind("Add"))
    document.open(net)
    select(window, "dense", "add")
    trigger(window, "layer.group")
    trigger(window, "layer.returned")
    window.panels.stack.model.fold(block(window).id, closed=False)
    select(window, "dense")
    trigger(window, "layer.returned")
    select(window, "block")
    head = window.panels.inspector.properties.head
    head.repeat.box.setFocus()
    QTest.keyClick(head.repeat.box, Qt.Key.Key_Up)
    assert head.repeat_row.reason.text().startswith("block reads 1 and gives 2")
    assert block(window).repeat == 1


def test_that_a_layer_is_called_again_and_gets_weights_of_its_own(window):
    document = window.document
    document.open(chain(kind("Input", shape=(8,)), kind("Dense", units=8)))
    select(window, "dense")
    trigger(window, "layer.call_again")
    assert names(window) == ["input_layer", "dense", "dense#2"]
    assert document.summary.totals.parameters == 72
    assert window.panels.stack.model.row(2).digest.endswith("weights of dense")
    combo = window.panels.inspector.properties.head.weights.combo
    assert combo.currentText() == "those of dense"
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Up)
    assert combo.currentText() == "its own"
    assert document.summary.totals.parameters == 144
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert document.summary.totals.parameters == 72


def test_that_repeats_are_found_and_folded(window):
    document = window.document
    document.open(chain(kind("Input", shape=(8,)), *[kind("Dense", units=8), kind("ReLU")] * 4))
    total = document.summary.totals.parameters
    trigger(window, "layer.find_repeats")
    assert (block(window).repeat, document.summary.totals.parameters) == (4, total)
    assert document.undo_stack.undoText() == "Fold 1 repeated block"
    assert window.notice_bar.notice.text == "1 repeated block found: 9 rows became 4."
    trigger(window, "layer.find_repeats")
    assert window.notice_bar.notice.text.startswith("No rows repeat")


def test_that_all_blocks_are_folded_and_unfolded(window):
    document = window.document
    document.open(chain(kind("Input", shape=(8,)), *[kind("Dense", units=8), kind("ReLU")] * 4))
    trigger(window, "layer.find_repeats")
    trigger(window, "view.fold_all")
    assert names(window) == ["input_layer", "block"]
    trigger(window, "view.unfold_all")
    assert names(window) == ["input_layer", "block", "dense", "re_lu"]


def test_that_a_block_that_is_folded_over_what_is_selected_is_selected(window, qtbot):
    document = window.document
    document.open(nested())
    select(window, "norm", "head")
    view = window.panels.stack.view
    place = names(window).index("outer")
    chevron = view.delegate.chevron_rect(window.panels.stack.model.row(place), view.row_rect(place))
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=chevron.center())
    assert selected(window) == ["outer", "head"]
    assert [view.model().row(index.row()).name for index in view.selectedIndexes()] == ["outer", "head"]
    select(window, "b")
    trigger(window, "view.fold_all")
    assert selected(window) == ["fork"]


def test_that_rows_and_layers_are_two_words_where_blocks_are_repeated(window):
    """Rows are what the stack has, layers what there are when its blocks are unrolled."""
    window.document.open(nested())
    select(window, "norm")
    assert window.status.selected.text() == "1 of 14 rows selected"
    assert window.panels.inspector.header.line.text() == (
        "BatchNormalization, row 6 of 14, in inner × 2 repeats, in outer × 3 repeats"
    )
    select(window)
    said = "23 layers when unrolled"
    assert window.panels.inspector.header.line.text() == f"Network, {said}"
    assert window.panels.stack.header.caption.startswith(said)
    assert figures(window.document.summary)[0].line == said


def test_that_a_repeated_block_counts_alike_in_its_row_and_in_the_inspector(window):
    window.document.open(nested())
    select(window, "inner")
    row = window.panels.stack.model.row(names(window).index("inner"))
    assert (row.digest, row.count) == ("2 layers, 16 per repeat", "32")
    together = window.panels.inspector.properties.together
    assert window.panels.inspector.header.line.text() == "Block of 2 rows × 2 repeats, in outer × 3 repeats"
    assert together.text("Layers") == "2 per repeat, together 12"
    assert together.text("Parameters") == "16 per repeat, together 96"


def test_that_what_is_returned_can_be_seen_and_changed(window):
    document = window.document
    document.open(chain(kind("Input", shape=(8,)), kind("Dense", units=8), kind("Dense", units=3)))
    select(window, "dense")
    action = window.actions_by_id["layer.returned"]
    assert not action.isChecked()
    trigger(window, "layer.returned")
    assert action.isChecked()
    assert len(document.architecture.outputs) == 2
    trigger(window, "layer.returned")
    assert len(document.architecture.outputs) == 1
    select(window, "dense_1")
    trigger(window, "layer.returned")
    assert window.notice_bar.notice.text.startswith("It is all that the network returns")


def test_that_a_block_is_frozen_by_its_row(window):
    document = window.document
    document.open(chain(kind("Input", shape=(8,)), *[kind("Dense", units=8)] * 2))
    select(window, "dense", "dense_1")
    trigger(window, "layer.group")
    trigger(window, "layer.trainable")
    assert document.summary.totals.trainable == 0
    assert window.panels.stack.model.row(1).is_frozen
