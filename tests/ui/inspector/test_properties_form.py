"""The form of a layer, driven by keys and the mouse."""

import contextlib
import json

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyleOptionComboBox

from paramdesk.engine.architecture import Layer, Source
from paramdesk.engine.edits import configure, rename, set_trainable
from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.example import example
from paramdesk.engine.framework_edits import set_framework
from paramdesk.engine.layer_kind import kinds
from paramdesk.engine.links import connect
from paramdesk.engine.sharing_edits import call_again
from tests.helpers.networks import chain, kind
from tests.helpers.paints import paints


def typed(box, text):
    """Type a text in place of what a field says."""
    box.setFocus()
    edit = box.lineEdit() if hasattr(box, "lineEdit") else box
    edit.selectAll()
    QTest.keyClicks(box, text)


def click_box(check):
    QTest.mouseClick(check, Qt.MouseButton.LeftButton, pos=QPoint(8, check.height() // 2))


def entered(box, text):
    typed(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)


def is_framed(widget):
    return bool(widget.property("invalid"))


# --- One field


def test_that_another_layer_of_the_kind_repaints_what_differs_and_that_once(inspector, select, row):
    select("conv2d_1")
    select("conv2d_2")
    name, filters = inspector.properties.head.name.edit, row("filters").field.box
    with paints(name, filters) as counts:
        select("conv2d_1")
    assert counts == {name: 1}


def test_that_typing_a_number_changes_the_layer_at_once(inspector, document, select, row, options):
    select("conv2d_1")
    typed(row("filters").field.box, "128")
    assert options("conv2d_1").filters == 128
    assert document.summary.totals.parameters != 93_322


def test_that_typing_is_one_step_of_undo(inspector, document, select, row, options):
    select("conv2d_1")
    entered(row("filters").field.box, "128")
    entered(row("filters").field.box, "256")
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    assert options("conv2d_1").filters == 128
    document.undo_stack.undo()
    assert options("conv2d_1").filters == 64


def test_that_arrows_and_keys_turn_a_number(inspector, select, row, options):
    select("conv2d_1")
    box = row("filters").field.box
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Up)
    QTest.keyClick(box, Qt.Key.Key_PageUp)
    assert options("conv2d_1").filters == 75
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(box.width() - 8, box.height() - 6))
    assert options("conv2d_1").filters == 74


def test_that_the_wheel_turns_a_number_only_with_the_focus(inspector, select, row, options):
    select("conv2d_1")
    box = row("filters").field.box
    inspector.properties.head.name.edit.setFocus()
    wheel(box)
    assert options("conv2d_1").filters == 64
    box.setFocus()
    wheel(box)
    assert options("conv2d_1").filters == 65


def wheel(widget):
    middle = QPointF(widget.rect().center())
    turned = QWheelEvent(
        middle, QPointF(widget.mapToGlobal(widget.rect().center())), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, turned)


def test_that_a_number_beyond_an_int_of_c_is_taken_or_told_to_be_too_large(inspector, select, row, options):
    select("dense")
    entered(row("units").field.box, "5000000000")
    assert row("units").field.box.value == 5_000_000_000
    assert options("dense").units == 5_000_000_000 or row("units").reason.isVisible()


def test_that_of_a_wrong_value_not_even_its_beginning_remains(inspector, document, select, row, options):
    select("conv2d_1", "conv2d")
    typed(row("filters").field.box, "1.5")
    assert (options("conv2d").filters, options("conv2d_1").filters) == (32, 64)
    assert row("filters").field.box.lineEdit().text() == "1.5"
    assert row("filters").reason.isVisible()
    assert document.undo_stack.index() == 0


@pytest.mark.parametrize(("text", "reason"), [("0", "≥ 1"), ("many", "whole number"), ("1.5", "whole number")])
def test_that_a_wrong_value_shows_its_reason_and_never_reaches_the_document(
    inspector, document, select, row, options, text, reason
):
    select("conv2d_1")
    entered(row("filters").field.box, text)
    assert options("conv2d_1").filters == 64
    assert document.undo_stack.count() == 0
    assert reason in row("filters").reason.text()
    assert row("filters").reason.isVisible()
    assert is_framed(row("filters").field.box)


def test_that_a_right_value_takes_the_reason_away(inspector, select, row):
    select("conv2d_1")
    entered(row("filters").field.box, "0")
    entered(row("filters").field.box, "64")
    assert not row("filters").reason.isVisible()
    assert not is_framed(row("filters").field.box)


def test_that_escape_takes_a_wrong_value_back(inspector, select, row):
    select("conv2d_1")
    box = row("filters").field.box
    typed(box, "0")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert box.value == 64
    assert not row("filters").reason.isVisible()


def test_that_escape_shows_what_the_layer_has_when_the_beginning_was_right(inspector, document, select, row, options):
    select("conv2d")
    box = row("filters").field.box
    typed(box, "64x")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert (box.value, options("conv2d").filters) == (32, 32)
    assert not row("filters").reason.isVisible()
    assert document.undo_stack.index() == 0


def test_that_another_selection_forgets_a_wrong_value(inspector, select, row):
    select("conv2d_1")
    entered(row("filters").field.box, "0")
    select("conv2d_2")
    assert not row("filters").reason.isVisible()
    assert row("filters").field.box.value == 64


def test_that_an_emptied_field_says_its_value_again_when_left(inspector, select, row, options):
    select("conv2d_1")
    box = row("filters").field.box
    box.setFocus()
    box.lineEdit().selectAll()
    QTest.keyClick(box, Qt.Key.Key_Delete)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value == options("conv2d_1").filters == 64


def test_that_an_emptied_field_forgets_what_was_wrong_when_left(inspector, select, row):
    select("conv2d_1")
    box = row("filters").field.box
    typed(box, "0")
    box.lineEdit().selectAll()
    QTest.keyClick(box, Qt.Key.Key_Delete)
    QTest.keyClick(box, Qt.Key.Key_Tab)
    assert box.value == 64
    assert not is_framed(box)
    assert not row("filters").reason.isVisible()


def test_that_a_field_says_mixed_only_for_layers_that_differ(inspector, select, row):
    select("conv2d", "conv2d_1")
    select("conv2d")
    assert row("filters").field.box.lineEdit().placeholderText() == ""
    assert row("kernel_size").field.boxes[0].lineEdit().placeholderText() == ""


def test_that_an_emptied_field_of_layers_that_differ_says_mixed_again(inspector, select, row, options):
    select("conv2d", "conv2d_1")
    box = row("filters").field.box
    typed(box, "0")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert (box.value, box.lineEdit().placeholderText()) == (None, "mixed")
    assert (options("conv2d").filters, options("conv2d_1").filters) == (32, 64)


def test_that_undo_refreshes_the_field_that_has_the_focus(inspector, document, select, row, qapp):
    select("conv2d_1")
    box = row("filters").field.box
    entered(box, "128")
    QTest.keyClick(box, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert box.value == 64
    assert box.hasFocus()
    assert document.undo_stack.canRedo()


def test_that_showing_a_value_writes_nothing_back(inspector, document, select):
    select("conv2d_1")
    ids = {node.name: node.id for node in document.architecture.nodes()}
    document.apply(configure(document.architecture, ids["conv2d_1"], filters=7, strides=2, use_bias=False))
    assert document.undo_stack.count() == 1


# --- Pairs and locks


def test_that_locked_sides_stay_equal(inspector, select, row, options):
    select("conv2d_1")
    entered(row("kernel_size").field.boxes[0], "5")
    assert options("conv2d_1").kernel_size == (5, 5)


def test_that_unlocked_sides_may_differ(inspector, select, row, options):
    select("conv2d_1")
    field = row("kernel_size").field
    QTest.mouseClick(field.lock, Qt.MouseButton.LeftButton)
    entered(field.boxes[1], "5")
    assert options("conv2d_1").kernel_size == (3, 5)
    assert not field.lock.isChecked()


def test_that_a_lock_is_remembered_for_its_layer(inspector, select, row):
    select("conv2d_1")
    QTest.mouseClick(row("kernel_size").field.lock, Qt.MouseButton.LeftButton)
    select("conv2d_2")
    assert row("kernel_size").field.lock.isChecked()
    select("conv2d_1")
    assert not row("kernel_size").field.lock.isChecked()


def test_that_locking_makes_the_sides_equal(inspector, select, row, options):
    select("conv2d_1")
    field = row("kernel_size").field
    QTest.mouseClick(field.lock, Qt.MouseButton.LeftButton)
    entered(field.boxes[1], "5")
    QTest.mouseClick(field.lock, Qt.MouseButton.LeftButton)
    assert options("conv2d_1").kernel_size == (3, 3)


def test_that_a_padding_has_a_row_for_each_axis(inspector, document, select, row, options):
    document.open(chain(kind("Input", shape=(8, 8, 1)), kind("ZeroPadding2D")))
    select("zero_padding2d")
    field = row("padding").field
    QTest.mouseClick(field.lock, Qt.MouseButton.LeftButton)
    entered(field.boxes[3], "4")
    assert options("zero_padding2d").padding == ((1, 1), (1, 4))
    assert field.boxes[3].accessibleName() == "Padding, width after"


# --- Other fields


def test_that_a_choice_is_taken_by_keys(inspector, select, row, options):
    select("conv2d_1")
    combo = row("padding").field.combo
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert options("conv2d_1").padding == "same"


def test_that_a_switch_is_clicked(inspector, select, row, options):
    select("conv2d_1")
    QTest.mouseClick(row("use_bias").field.switch, Qt.MouseButton.LeftButton)
    assert options("conv2d_1").use_bias is False


def test_that_an_optional_option_is_set_and_left_to_the_framework(inspector, select, row, options):
    select("max_pooling2d")
    field = row("strides").field
    assert (field.check.text(), field.check.isChecked()) == ("automatic", True)
    click_box(field.check)
    assert options("max_pooling2d").strides == (1, 1)
    assert (field.check.isChecked(), field.inputs()[0].isVisible()) == (False, True)
    click_box(field.check)
    assert options("max_pooling2d").strides is None
    assert field.check.isChecked()


def test_that_an_input_shape_is_typed(inspector, document, select, row, options):
    select("input_layer")
    entered(row("shape").field.edit, "32x32x3")
    assert options("input_layer").shape == (32, 32, 3)
    assert row("shape").field.edit.text() == "32 × 32 × 3"
    entered(row("shape").field.edit, "?, ?, 3")
    assert options("input_layer").shape == (None, None, 3)


def test_that_a_default_comes_back_by_its_button(inspector, select, row, options):
    select("conv2d_1")
    activation = row("activation")
    button = activation.reset_button
    assert button.isVisible()
    assert "linear" in button.toolTip()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert options("conv2d_1").activation == "linear"
    assert not button.isVisible()


def test_that_advanced_options_open_on_request(inspector, select, row):
    select("conv2d_1")
    form = inspector.properties.form
    assert not row("data_format").isVisible()
    QTest.mouseClick(form.disclosure, Qt.MouseButton.LeftButton)
    assert row("data_format").isVisible()


def test_that_a_layer_is_frozen_by_its_switch(inspector, document, select):
    select("conv2d_1")
    QTest.mouseClick(inspector.properties.form.trainable.switch, Qt.MouseButton.LeftButton)
    assert document.summary.totals.non_trainable == 18_496


# --- Name and inputs


def test_that_a_warning_has_its_sign_as_in_the_stack(inspector, document, select, applied_theme):
    layers = document.architecture.layers
    extra = Layer(9, "extra", kind("Dense", units=3), (Source(6),))
    document.open(msgspec.structs.replace(document.architecture, layers=(*layers, extra), next_id=10))
    select("extra")
    notice = inspector.properties.notice
    assert notice.text().startswith("Nothing reads it")
    image, warning = notice.grab().toImage(), applied_theme.tokens.warning
    assert any(image.pixelColor(x, y) == warning for x in range(40) for y in range(image.height()))


def test_that_a_drop_down_says_where_it_cuts_what_it_shows(inspector, document, select):
    document.open(chain(kind("Input", shape=(8,)), kind("Dense", units=8)))
    document.apply(rename(document.architecture, 1, "a_layer_with_a_name_that_is_long"))
    document.apply(call_again(document.architecture, 1))
    combo = inspector.properties.head.weights.combo
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    assert combo.currentText() == "those of a_layer_with_a_name_that_is_long"
    assert option.currentText.endswith("…")


def test_that_a_layer_is_renamed_while_its_name_is_typed(inspector, document, select):
    select("conv2d_1")
    entered(inspector.properties.head.name.edit, "second")
    assert "second" in {node.name for node in document.architecture.nodes()}
    assert document.undo_stack.count() == 1
    assert inspector.header.name.text() == "second"


def test_that_a_name_that_is_taken_says_so(inspector, document, select):
    select("conv2d_1")
    entered(inspector.properties.head.name.edit, "dense")
    assert "already" in inspector.properties.head.name_row.reason.text()
    assert is_framed(inspector.properties.head.name.edit)


def test_that_of_a_wrong_name_not_even_its_beginning_remains(inspector, document, select):
    select("conv2d_1")
    name = inspector.properties.head.name.edit
    typed(name, "second/")
    assert "slash" in inspector.properties.head.name_row.reason.text()
    assert (name.text(), inspector.header.name.text()) == ("second/", "conv2d_1")
    assert document.undo_stack.index() == 0
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert "second" not in {node.name for node in document.architecture.nodes()}
    assert is_framed(name)


def test_that_escape_shows_the_name_that_the_layer_has(inspector, document, select):
    select("conv2d_1")
    name = inspector.properties.head.name.edit
    typed(name, "second")
    QTest.keyClick(name, Qt.Key.Key_Escape)
    assert name.text() == inspector.header.name.text() == "second"
    typed(name, "dense")
    QTest.keyClick(name, Qt.Key.Key_Escape)
    assert name.text() == inspector.header.name.text()
    assert not is_framed(name)


def test_that_a_layer_can_read_another_layer_above_it(inspector, document, select, qapp):
    document.open(chain(kind("Input", shape=(8, 8, 1)), *[kind("Conv2D", filters=1, kernel_size=3)] * 3))
    select("conv2d_2")
    picker = inspector.properties.head.sources.lines[0].picker
    picker.setFocus()
    QTest.keyClick(picker, Qt.Key.Key_Down)
    assert document.architecture.layers[3].inputs == (Source(1),)
    assert picker.itemText(0).startswith("conv2d_1   4 × 4 × 1") or picker.source == Source(1)


def test_that_a_merging_layer_takes_loses_and_reorders_inputs(inspector, document, select):
    document.open(example(kind("Add")))
    select("last")
    sources = inspector.properties.head.sources
    QTest.mouseClick(sources.lines[1].up, Qt.MouseButton.LeftButton)
    assert document.architecture.layers[2].inputs == (Source(1), Source(0))
    QTest.mouseClick(sources.lines[0].remove, Qt.MouseButton.LeftButton)
    assert document.architecture.layers[2].inputs == (Source(0),)
    QTest.mouseClick(sources.add_button, Qt.MouseButton.LeftButton)
    assert document.architecture.layers[2].inputs == (Source(0), Source(1))
    assert len(sources.lines) == 2


def test_that_an_added_input_is_the_nearest_that_fits(inspector, document, select):
    document.open(
        chain(
            kind("Input", shape=(8, 8, 3)),
            kind("Conv2D", filters=4, kernel_size=3, padding="same"),
            kind("Conv2D", filters=4, kernel_size=3, padding="same"),
            kind("Conv2D", filters=4, kernel_size=5),
            kind("Conv2D", filters=4, kernel_size=1),
            kind("Add"),
        )
    )
    ids = {node.name: node.id for node in document.architecture.nodes()}
    document.apply(connect(document.architecture, ids["add"], [Source(ids["conv2d_1"])]))
    select("add")
    QTest.mouseClick(inspector.properties.head.sources.add_button, Qt.MouseButton.LeftButton)
    added = document.architecture.layers[-1].inputs
    assert added == (Source(ids["conv2d_1"]), Source(ids["conv2d"]))


def test_that_the_keyboard_stays_with_the_inputs_it_changes(inspector, document, select):
    document.open(example(kind("Add")))
    select("last")
    sources = inspector.properties.head.sources
    sources.lines[1].remove.setFocus()
    QTest.keyClick(sources.lines[1].remove, Qt.Key.Key_Space)
    assert sources.lines[0].picker.hasFocus()
    sources.add_button.setFocus()
    QTest.keyClick(sources.add_button, Qt.Key.Key_Space)
    assert sources.lines[1].picker.hasFocus()


def test_that_a_long_source_keeps_its_channels(inspector, document, select):
    document.open(
        chain(
            kind("Input", shape=(224, 224, 3)),
            kind("SeparableConv2D", filters=1024, kernel_size=1),
            kind("Flatten"),
        )
    )
    select("flatten")
    picker = inspector.properties.head.sources.lines[0].picker
    width = picker.fontMetrics().horizontalAdvance
    texts = [
        picker.fitted_texts(width(room)) for room in ("separable_con 224 × 224 × 1,024", "separable_conv … × 1,024")
    ]
    assert [shape for _name, shape in texts] == ["224 × 224 × 1,024", "… × 1,024"]
    assert all(name.startswith("sep") and name.endswith("2d") for name, _shape in texts)


def test_that_one_of_many_sources_is_told_by_its_name_rather_than_its_shape(inspector, document, select):
    document.open(
        chain(kind("Input", shape=(28, 28, 512)), kind("SeparableConv2D", filters=512, kernel_size=1), kind("Flatten"))
    )
    select("flatten")
    picker = inspector.properties.head.sources.lines[0].picker
    room = picker.fontMetrics().horizontalAdvance("separable_conv 512")
    name, shape = picker.fitted_texts(room)
    assert (name, shape) == ("separable_conv2d", "")


# --- Problems and repairs


@pytest.fixture
def too_large(document, select):
    document.open(chain(kind("Input", shape=(3, 3, 48)), kind("Conv2D", filters=64, kernel_size=5)))
    select("conv2d")


def test_that_a_problem_stands_under_its_field(inspector, too_large, row):
    assert row("kernel_size").reason.text() == "5×5 is larger than the 3×3 input"
    assert all(is_framed(box) for box in row("kernel_size").field.boxes)
    assert inspector.header.line.text() == "Conv2D, not computed"


def test_that_a_repair_is_applied_by_its_button(inspector, document, too_large, row, options):
    buttons = row("kernel_size").card.buttons
    assert [button.accessibleName() for button in buttons] == ["Apply padding='same'", "Apply kernel size 3 × 3"]
    QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert options("conv2d").padding == "same"
    assert not row("kernel_size").reason.isVisible()
    assert not row("kernel_size").card.isVisible()
    document.undo_stack.undo()
    assert row("kernel_size").card.isVisible()


def test_that_the_keyboard_goes_to_the_field_that_was_repaired(inspector, document, too_large, row):
    button = row("kernel_size").card.buttons[0]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert row("padding").field.combo.hasFocus()


def test_that_the_keyboard_stays_in_the_row_whose_default_came_back(inspector, select, row):
    select("conv2d_1")
    button = row("activation").reset_button
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert row("activation").field.combo.hasFocus()


def test_that_a_waiting_layer_says_for_whom(inspector, document, select):
    document.open(
        chain(
            kind("Input", shape=(3, 3, 1)),
            kind("Conv2D", filters=1, kernel_size=5),
            kind("Flatten"),
        )
    )
    select("flatten")
    assert inspector.properties.notice.text() == "Waiting for conv2d"
    assert inspector.properties.notice.isVisible()


# --- More than one layer


def test_that_layers_of_one_kind_are_edited_together_in_one_step(inspector, document, select, row, options):
    select("conv2d", "conv2d_1", "conv2d_2")
    assert row("filters").field.box.lineEdit().placeholderText() == "mixed"
    entered(row("filters").field.box, "16")
    assert [options(name).filters for name in ("conv2d", "conv2d_1", "conv2d_2")] == [16, 16, 16]
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert [options(name).filters for name in ("conv2d", "conv2d_1", "conv2d_2")] == [32, 64, 64]
    assert row("filters").field.box.value is None


def test_that_other_selections_are_summed_up(inspector, select):
    select("conv2d", "flatten", "dense")
    together = inspector.properties.together
    assert together.isVisible()
    assert together.text("Parameters") == "37,248"
    assert together.text("Kinds") == "Conv2D, Flatten and Dense"
    assert inspector.properties.form is None


def test_that_nothing_selected_shows_the_network(inspector, document, select):
    select()
    network = inspector.properties.network
    assert network.isVisible()
    assert network.total("Parameters") == "93,322"
    assert network.total("Peak activations") == "108,160 B, at max_pooling2d"
    entered(network.name.edit, "article")
    assert document.architecture.name == "article"
    entered(network.input_rows[0].shape_field.edit, "32, 32, 3")
    assert document.architecture.input_layers()[0].kind.shape == (32, 32, 3)
    assert document.selection.ids == ()
    assert network.isVisible()


def test_that_an_input_does_not_count_as_a_layer_of_a_selection(inspector, document, select):
    select(*[node.name for node in document.architecture.nodes()])
    assert inspector.header.name.text() == "9 rows"
    assert inspector.properties.together.text("Layers") == "8"


def test_that_a_shape_that_is_none_is_told_what_would_be_one(inspector, select, row):
    select("input_layer")
    entered(row("shape").field.edit, "abc")
    assert row("shape").reason.text() == "Expected a whole number or ?"
    select()
    shape = inspector.properties.network.input_rows[0]
    entered(shape.shape_field.edit, "abc")
    assert shape.reason.text() == "Expected a whole number or ?"


def test_that_a_long_name_cuts_nothing_off(qtbot, inspector, document, select):
    ids = {node.name: node.id for node in document.architecture.nodes()}
    document.apply(rename(document.architecture, ids["max_pooling2d"], "x" * 80))
    select()
    body, viewport = inspector.properties.widget(), inspector.properties.viewport()
    qtbot.waitUntil(lambda: body.width() == viewport.width())
    assert body.minimumSizeHint().width() <= viewport.width()
    assert inspector.properties.network.total("Peak activations") == f"108,160 B, at {'x' * 80}"


def test_that_a_switch_of_layers_that_differ_says_so(inspector, document, select):
    ids = {node.name: node.id for node in document.architecture.nodes()}
    document.apply(set_trainable(document.architecture, [ids["conv2d"]], trainable=False))
    select("conv2d", "conv2d_1")
    field = inspector.properties.form.trainable
    assert field.is_mixed
    QTest.mouseClick(field.switch, Qt.MouseButton.LeftButton)
    assert document.summary.totals.non_trainable == 0


# --- Every kind


@pytest.mark.parametrize(
    ("name", "framework"),
    [(name, framework) for name, kind in kinds().items() for framework in kind.spellings or ("keras",)],
)
def test_that_every_option_of_every_kind_is_edited_by_its_field_and_undone(
    inspector, document, select, qapp, name, framework
):
    made = kinds()[name].preset()
    document.open(msgspec.structs.replace(example(made), framework=framework))
    last = document.architecture.layers[-1]
    select(last.name)
    form = inspector.properties.form
    form.show_more(visible=True)
    assert set(form.rows) == {
        name for name, option in made.options().items() if option.only in (None, framework) and not option.hidden
    }
    for option, row in form.rows.items():
        steps = document.undo_stack.index()
        turned(row.options_field, made, option)
        changed = document.architecture.layers[-1].kind
        assert getattr(changed, option) != getattr(made, option), option
        assert document.undo_stack.index() == steps + 1
        document.undo_stack.undo()
        assert document.architecture.layers[-1].kind == made
        document.end_step()


def turned(field, made, option):
    """Give an option another value, as a user would."""
    from paramdesk.ui.inspector.field_factory import ChoiceOrField
    from paramdesk.ui.inspector.fields import ChoiceField, FlagField, LineField, OptionalField
    from paramdesk.ui.inspector.inner_field import InnerField, InnerListField

    if isinstance(field, InnerListField):
        QTest.mouseClick(field.add, Qt.MouseButton.LeftButton)
    elif isinstance(field, InnerField) and field.combo.count() == 1:  # nothing else fits: change what is inside
        option, row = next(iter(field.form.rows.items()))
        turned(row.options_field, getattr(made, field.option), option)
    elif isinstance(field, FlagField):
        QTest.mouseClick(field.switch, Qt.MouseButton.LeftButton)
    elif isinstance(field, OptionalField):
        click_box(field.check)
    elif isinstance(field, ChoiceField | InnerField):
        last = field.combo.currentIndex() == field.combo.count() - 1
        field.combo.setFocus()
        QTest.keyClick(field.combo, Qt.Key.Key_Up if last else Qt.Key.Key_Down)
    elif isinstance(field, LineField):
        text = field.edit.text()
        field.edit.setFocus()
        field.edit.selectAll()
        taken = [other for other in ("3", "2", "0.5", "0.2") if other != text and takes(made, option, other)]
        QTest.keyClicks(field.edit, taken[0])
    elif isinstance(field, ChoiceOrField):
        box = field.inputs()[0]
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_End)
        assert box.currentText() == "in numbers"
    else:
        box = field.inputs()[0]
        box.setFocus()
        former = box.text()
        QTest.keyClick(box, Qt.Key.Key_Up)
        if box.text() == former:  # it was at its largest already
            QTest.keyClick(box, Qt.Key.Key_Down)


def takes(made, option, text):
    """Return whether an option can be set to a text, or to the number that it is, alone or in a list."""
    number = json.loads(text)
    for value in (text, number, (number,)):
        with contextlib.suppress(InvalidOptions):
            made.changed(**{option: value})
            return True
    return False


# Layers inside layers


@pytest.fixture
def wrapped(inspector, document, select):
    """Return the form of a Bidirectional LSTM, which is selected."""
    document.open(example(kinds()["Bidirectional"].preset()))
    select(document.architecture.layers[-1].name)
    return inspector.properties.form


def test_that_an_option_of_the_layer_inside_is_one_step(wrapped, document):
    inside = wrapped.rows["layer"].options_field
    box = inside.form.rows["units"].options_field.box
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "48")
    QTest.keyClick(box, Qt.Key.Key_Return)
    changed = document.architecture.layers[-1].kind
    assert changed.layer.units == 48
    assert document.summary.layers[-1].output_shapes[0][-1] == 96
    document.undo_stack.undo()
    assert box.value == 32


def test_that_another_kind_inside_brings_its_own_form(wrapped, document):
    inside = wrapped.rows["layer"].options_field
    texts = [inside.combo.itemText(place) for place in range(inside.combo.count())]
    assert {"LSTM", "GRU", "SimpleRNN"} <= set(texts)
    assert "Dense" not in texts
    inside.combo.setFocus()
    QTest.keyClicks(inside.combo, "GRU")
    assert document.architecture.layers[-1].kind.layer.title() == "GRU"
    assert "reset_after" in inside.form.rows


def test_that_a_wrong_option_of_the_layer_inside_has_its_reason_there(wrapped, document):
    inside = wrapped.rows["layer"].options_field
    before = document.architecture
    row = inside.form.rows["units"]
    row.options_field.edited.emit(0)
    assert row.reason.text() == "expected a whole number ≥ 1"
    assert document.architecture is before


# --- The framework


def test_that_the_network_becomes_one_of_pytorch_and_back(inspector, document, qapp):
    former = document.architecture
    network = inspector.properties.network
    network.framework.combo.setFocus()
    QTest.keyClick(network.framework.combo, Qt.Key.Key_Down)
    assert (document.architecture.framework, document.architecture.layers[0].kind.shape) == ("pytorch", (1, 28, 28))
    assert document.summary.totals.parameters == 93_322
    assert (network.layout_field.combo.currentText(), network.layout_field.isEnabled()) == ("channels first", False)
    document.undo_stack.undo()
    assert document.architecture == former
    assert network.framework.combo.currentText() == "Keras"


def test_that_the_images_of_a_keras_network_are_turned(inspector, document):
    network = inspector.properties.network
    network.layout_field.combo.setFocus()
    QTest.keyClick(network.layout_field.combo, Qt.Key.Key_Down)
    assert document.architecture.layers[0].kind.shape == (1, 28, 28)
    assert document.undo_stack.undoText() == "Put channels first"


def test_that_a_network_of_pytorch_is_edited_in_its_own_words(inspector, document, select):
    document.open(set_framework(document.architecture, "pytorch").architecture)
    select("conv2d")
    assert inspector.header.line.text().startswith("Conv2d, layer 1 of 8")
    assert {"padding_mode"} <= set(inspector.properties.form.rows)
    assert "data_format" not in inspector.properties.form.rows


def test_that_inputs_that_mean_different_things_are_called_by_their_names(inspector, document, select):
    document.open(example(kind("MultiHeadAttention", num_heads=2, key_dim=8)))
    select("last")
    lines = inspector.properties.head.sources.lines
    assert [line.caption.text() for line in lines] == ["query", "value"]
    assert [line.picker.accessibleName() for line in lines] == ["Query", "Value"]
    QTest.mouseClick(inspector.properties.head.sources.add_button, Qt.MouseButton.LeftButton)
    assert [line.caption.text() for line in inspector.properties.head.sources.lines] == ["query", "value", "key"]
    assert len(document.architecture.layers[-1].inputs) == 3


def test_that_a_layer_with_one_input_cannot_get_another(inspector, document, select):
    select("conv2d")
    assert inspector.properties.head.sources.add_button.isHidden()


def test_that_what_only_the_other_framework_writes_down_is_left_out_with_one_click(
    inspector, document, select, options
):
    document.open(chain(kind("Input", shape=(8, 8, 3)), kind("Conv2D", filters=8, kernel_size=3, declared=3)))
    select("conv2d")
    assert inspector.properties.notice.text() == (
        "It says “made for 3 input channels”, which Keras does not write down: leave that out"
    )
    (button,) = inspector.properties.card.buttons
    assert button.accessibleName() == "Apply leave out made for"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert options("conv2d").declared is None
    assert not inspector.properties.notice.isVisible()
    assert document.undo_stack.count() == 1


def test_that_padding_by_numbers_is_said_once_for_both_sides_where_only_words_are_taken(document, select, row):
    document.open(chain(kind("Input", shape=(8, 8, 3)), kind("Conv2D", filters=8, kernel_size=3, padding=(1, 2))))
    select("conv2d")
    assert row("padding").field.combo.placeholderText() == "1 × 2"


def test_that_a_choice_of_the_framework_says_how_many_layers_need_attention(inspector, document, select, row):
    document.open(chain(kind("Input", shape=(8, 8, 3)), kind("BatchNormalization", axis=3, renorm=True)))
    document.selection.select([])
    combo = inspector.properties.network.framework.combo
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert document.architecture.framework == "pytorch"
    assert document.undo_stack.undoText() == "Make it a PyTorch network: 1 layer needs attention"
    select("batch_normalization")
    (button,) = inspector.properties.card.buttons
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert all(report.problem is None for report in document.summary.layers)
