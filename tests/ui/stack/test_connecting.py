"""Connections are drawn from the node of a row to the row that shall read it."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from paramdesk.engine.block_edits import group
from tests.helpers.networks import chain, kind

Left, Plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def stack(panel, document, qapp):
    """Return the panel with three convolutions and what adds."""
    same = {"filters": 4, "kernel_size": 3, "padding": "same"}
    document.open(chain(kind("Input", shape=(8, 8, 4)), *[kind("Conv2D", **same)] * 3, kind("Add"), kind("ReLU")))
    qapp.processEvents()
    return panel


def place_of(panel, name):
    return next(place for place, row in enumerate(panel.model.rows) if row.name == name)


def node(panel, name):
    return panel.view.connecting.node_of(place_of(panel, name)).toPoint()


def row(panel, name):
    return panel.view.row_rect(place_of(panel, name)).center()


def reads(document, name):
    nodes = {other.id: other for other in document.architecture.nodes()}
    found = next(other for other in nodes.values() if other.name == name)
    return [nodes[source.layer].name for source in found.inputs]


def draw(panel, start, end, *, lets_go=True):
    """Press at a point, move to another one, and let go there."""
    viewport = panel.view.viewport()
    QTest.mousePress(viewport, Left, Plain, start)
    QTest.mouseMove(viewport, (start + end) / 2)
    QTest.mouseMove(viewport, end)
    if lets_go:
        QTest.mouseRelease(viewport, Left, Plain, end)


def test_that_a_row_is_connected_to_one_below(stack, document):
    draw(stack, node(stack, "conv2d"), row(stack, "add"))
    assert reads(document, "add") == ["conv2d_2", "conv2d"]
    assert document.undo_stack.undoText() == "Connect conv2d to add"
    assert document.selection.ids == (document.architecture.layers[4].id,)
    document.undo_stack.undo()
    assert reads(document, "add") == ["conv2d_2"]


def test_that_attention_is_made_to_look_at_itself_by_drawing_the_same_line_again(panel, document, qapp):
    document.open(chain(kind("Input", shape=(10, 16)), kind("MultiHeadAttention", num_heads=4, key_dim=4)))
    qapp.processEvents()
    assert document.summary.layers[1].problem.severity == "error"
    draw(panel, node(panel, "input_layer"), row(panel, "multi_head_attention"))
    assert reads(document, "multi_head_attention") == ["input_layer", "input_layer"]
    assert document.summary.layers[1].problem is None


def test_that_what_is_read_no_more_is_said(stack, document):
    draw(stack, node(stack, "conv2d"), row(stack, "conv2d_2"), lets_go=False)
    assert stack.view.connecting.edit.text == "Connect conv2d to conv2d_2 instead of conv2d_1"
    QTest.mouseRelease(stack.view.viewport(), Left, Plain, row(stack, "conv2d_2"))
    assert reads(document, "conv2d_2") == ["conv2d"]
    assert document.undo_stack.undoText() == "Connect conv2d to conv2d_2 instead of conv2d_1"


def test_that_the_line_says_what_letting_go_would_do(stack):
    draw(stack, node(stack, "conv2d"), row(stack, "add"), lets_go=False)
    connecting = stack.view.connecting
    assert (connecting.is_active, connecting.edit.text, connecting.reason) == (True, "Connect conv2d to add", "")
    assert stack.view.viewport().cursor().shape() == Qt.CursorShape.CrossCursor
    stack.grab()
    QTest.mouseRelease(stack.view.viewport(), Left, Plain, row(stack, "add"))
    assert not connecting.is_active


def test_that_a_cycle_is_refused_with_the_reason(stack, document):
    draw(stack, node(stack, "add"), row(stack, "conv2d"), lets_go=False)
    assert stack.view.connecting.reason == "conv2d stands above add: reading it would make a cycle."
    assert stack.view.viewport().cursor().shape() == Qt.CursorShape.ForbiddenCursor
    stack.grab()
    QTest.mouseRelease(stack.view.viewport(), Left, Plain, row(stack, "conv2d"))
    assert not document.undo_stack.canUndo()
    assert stack.view.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_that_escape_gives_it_up(stack, document):
    draw(stack, node(stack, "conv2d"), row(stack, "add"), lets_go=False)
    stack.view.setFocus()
    QTest.keyClick(stack.view, Qt.Key.Key_Escape)
    QTest.mouseRelease(stack.view.viewport(), Left, Plain, row(stack, "add"))
    assert not document.undo_stack.canUndo()


def test_that_letting_go_beside_the_rows_connects_nothing(stack, document):
    below = stack.view.row_rect(len(stack.model.rows) - 1).bottomLeft() + QPoint(200, 80)
    draw(stack, node(stack, "conv2d"), below)
    assert not document.undo_stack.canUndo()


def test_that_a_click_on_a_node_selects_its_row(stack, document):
    QTest.mouseClick(stack.view.viewport(), Left, Plain, node(stack, "conv2d_1"))
    assert document.selection.ids == (document.architecture.layers[2].id,)
    assert not document.undo_stack.canUndo()


def test_that_a_node_under_the_pointer_can_be_seen_to_be_one(stack):
    QTest.mouseMove(stack.view.viewport(), node(stack, "conv2d_1"))
    assert stack.view.connecting.hovered == place_of(stack, "conv2d_1")
    assert stack.view.viewport().cursor().shape() == Qt.CursorShape.CrossCursor
    stack.grab()
    QTest.mouseMove(stack.view.viewport(), row(stack, "conv2d_1"))
    assert stack.view.connecting.hovered is None
    assert stack.view.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_that_a_row_in_a_block_is_reached_through_an_entrance(stack, document, qapp):
    ids = [layer.id for layer in document.architecture.layers[3:5]]
    document.apply(group(document.architecture, ids, "body"))
    qapp.processEvents()
    draw(stack, node(stack, "conv2d"), row(stack, "add"))
    assert reads(document, "add") == ["conv2d_2", "body"]
    assert reads(document, "body") == ["conv2d_1", "conv2d"]


def test_that_a_long_stack_scrolls_while_a_connection_is_drawn(panel, document, qtbot):
    document.open(chain(kind("Input", shape=(4,)), *[kind("Dense", units=4)] * 60, kind("Add")))
    qtbot.wait(20)
    edge = QPoint(300, panel.view.viewport().height() - 3)
    draw(panel, node(panel, "dense"), edge, lets_go=False)
    qtbot.waitUntil(lambda: panel.view.verticalScrollBar().value() == panel.view.verticalScrollBar().maximum())
    last = row(panel, "add")
    QTest.mouseMove(panel.view.viewport(), last)
    QTest.mouseRelease(panel.view.viewport(), Left, Plain, last)
    assert reads(document, "add") == ["dense_59", "dense"]
