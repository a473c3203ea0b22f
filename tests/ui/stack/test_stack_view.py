import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAccessible, QDrag
from PySide6.QtWidgets import QApplication, QLineEdit

from paramdesk.engine import edits
from paramdesk.ui.stack.cargo import palette_mime
from tests.helpers.drops import drag_from, drop_on, hover_over
from tests.helpers.networks import chain, kind, residual
from tests.ui.stack.test_stack_rows import repeated

Key, Button, Keys = Qt.Key, Qt.MouseButton, Qt.KeyboardModifier
COPY, MOVE, IGNORE = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction, Qt.DropAction.IgnoreAction


def names(panel):
    return [row.name for row in panel.model.rows]


def at(panel, place, *, below=0.5, x=300):
    """A point of a row: 0.5 is its middle, 0.9 its lower edge."""
    rect = panel.view.row_rect(place)
    return QPoint(x, rect.top() + round(rect.height() * below))


def rows(panel, *places):
    return panel.model.mimeData([panel.model.index(place, 0) for place in places])


def click(qtbot, panel, place, modifiers=Keys.NoModifier, x=300):
    qtbot.mouseClick(panel.view.viewport(), Button.LeftButton, modifiers, at(panel, place, x=x))


def press(qtbot, panel, *keys, modifiers=Keys.NoModifier):
    panel.view.setFocus()
    for key in keys:
        qtbot.keyClick(panel.view, key, modifiers)


# Selection --------------------------------------------------------------------------------------------------------


def test_that_clicking_a_row_selects_its_layer_everywhere(convnet, document, qtbot):
    click(qtbot, convnet, 3)
    assert (document.selection.ids, document.selection.current) == ((3,), 3)


def test_that_shift_and_ctrl_select_several(convnet, document, qtbot):
    click(qtbot, convnet, 1)
    click(qtbot, convnet, 3, Keys.ShiftModifier)
    click(qtbot, convnet, 7, Keys.ControlModifier)
    assert document.selection.ids == (1, 2, 3, 7)
    assert document.selection.current == 7


def test_that_a_press_in_the_gutter_begins_to_select_and_not_to_drag(convnet, document, qtbot, monkeypatch):
    monkeypatch.setattr(QDrag, "exec", lambda *_: pytest.fail("it dragged"))
    viewport = convnet.view.viewport()
    qtbot.mousePress(viewport, Button.LeftButton, pos=at(convnet, 2, x=10))
    for place in (3, 4, 5):
        qtbot.mouseMove(viewport, at(convnet, place, x=12))
    qtbot.mouseRelease(viewport, Button.LeftButton, pos=at(convnet, 5, x=12))
    assert document.selection.ids == (2, 3, 4, 5)


def test_that_what_is_selected_elsewhere_is_selected_here_and_scrolled_to(panel, document, qtbot):
    document.open(residual(40))
    document.selection.select((100, 101), 101)
    assert panel.view.selected_places() == [100, 101]
    assert panel.view.currentIndex().row() == 101
    assert panel.view.viewport().rect().contains(panel.view.row_rect(101))


def test_that_selecting_a_hidden_layer_opens_its_block(panel, document):
    document.open(repeated())
    panel.model.fold(1, closed=True)
    document.selection.select((3,))
    assert names(panel)[3] == "conv_b"
    assert panel.view.selected_places() == [3]


def test_that_an_edit_keeps_the_selection_and_the_place(panel, document):
    document.open(residual(40))
    document.selection.select((100,))
    scrolled = panel.view.verticalScrollBar().value()
    document.apply(edits.insert_kind(document.architecture, kind("ReLU"), edits.Place(0)))
    document.undo_stack.undo()
    assert document.selection.ids == (100,)
    assert panel.view.selected_places() == [100]
    assert scrolled > 0


def test_that_removing_the_selected_row_selects_nothing_by_itself(convnet, document):
    document.selection.select((8,))
    document.apply(edits.remove(document.architecture, (8,)))
    assert document.selection.ids == ()
    assert convnet.view.selected_places() == []


# Keys -------------------------------------------------------------------------------------------------------------


def test_that_the_keyboard_goes_through_the_rows(convnet, document, qtbot):
    document.selection.select((0,))
    press(qtbot, convnet, Key.Key_Down, Key.Key_Down)
    assert document.selection.ids == (2,)
    press(qtbot, convnet, Key.Key_End)
    assert document.selection.ids == (8,)
    press(qtbot, convnet, Key.Key_Home)
    assert document.selection.ids == (0,)
    press(qtbot, convnet, Key.Key_Down, Key.Key_Down, modifiers=Keys.ShiftModifier)
    assert document.selection.ids == (0, 1, 2)
    press(qtbot, convnet, Key.Key_A, modifiers=Keys.ControlModifier)
    assert document.selection.ids == tuple(range(9))


def test_that_page_down_goes_further_than_down(panel, document, qtbot):
    document.open(residual(40))
    document.selection.select((0,))
    press(qtbot, panel, Key.Key_PageDown)
    assert document.selection.current > 5


def test_that_enter_asks_for_the_properties(convnet, document, qtbot):
    document.selection.select((3,))
    with qtbot.waitSignal(convnet.properties_wanted):
        press(qtbot, convnet, Key.Key_Return)


def test_that_left_and_right_fold_and_unfold_a_block(panel, document, qtbot):
    document.open(repeated())
    document.selection.select((3,))
    press(qtbot, panel, Key.Key_Left)
    assert document.selection.ids == (1,)
    press(qtbot, panel, Key.Key_Left)
    assert names(panel) == ["input", "stage", "flatten"]
    press(qtbot, panel, Key.Key_Right)
    assert len(names(panel)) == 6
    press(qtbot, panel, Key.Key_Right)
    assert document.selection.ids == (2,)


def test_that_a_click_on_the_chevron_folds_and_selects_nothing(panel, document, qtbot):
    document.open(repeated())
    row = panel.model.row(1)
    chevron = panel.view.delegate.chevron_rect(row, panel.view.row_rect(1)).center()
    qtbot.mouseClick(panel.view.viewport(), Button.LeftButton, pos=chevron)
    assert names(panel) == ["input", "stage", "flatten"]
    assert document.selection.ids == ()


def test_that_the_keyboard_shows_its_ring_and_the_pointer_does_not(convnet, document, qtbot):
    convnet.view.setFocus()
    qtbot.waitUntil(convnet.view.hasFocus)
    press(qtbot, convnet, Key.Key_Down)
    assert convnet.view.delegate.focused == convnet.view.currentIndex().row() >= 0
    click(qtbot, convnet, 4)
    assert convnet.view.delegate.focused == -1


def test_that_the_ring_goes_with_a_row_that_moves(convnet, document, qtbot):
    document.selection.select((4,))
    press(qtbot, convnet, Key.Key_Down, Key.Key_Up)
    assert convnet.view.delegate.focused == 4
    document.apply(edits.move_by(document.architecture, (4,), 1))
    assert convnet.view.currentIndex().row() == convnet.view.delegate.focused == 5


def test_that_an_opened_network_has_no_ring_before_a_key_is_pressed(convnet, document, qtbot):
    press(qtbot, convnet, Key.Key_Down)
    convnet.view.clearFocus()
    document.open(chain(kind("Input", shape=(8, 8, 1)), kind("Flatten")))
    convnet.view.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
    assert convnet.view.delegate.focused == -1
    press(qtbot, convnet, Key.Key_Down)
    assert convnet.view.delegate.focused >= 0


def test_that_the_row_under_the_pointer_lights_up(convnet, qtbot):
    qtbot.mouseMove(convnet.view.viewport(), at(convnet, 4))
    assert convnet.view.delegate.hovered == 4


def test_that_a_right_click_asks_for_a_menu_of_the_row(convnet, document, qtbot):
    from PySide6.QtGui import QContextMenuEvent

    viewport, point = convnet.view.viewport(), at(convnet, 4)
    qtbot.mousePress(viewport, Button.RightButton, pos=point)
    with qtbot.waitSignal(convnet.menu_wanted):
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, viewport.mapToGlobal(point))
        QApplication.sendEvent(viewport, event)
    qtbot.mouseRelease(viewport, Button.RightButton, pos=point)  # or it would count as held in the tests that follow
    assert document.selection.ids == (4,)


def test_that_a_row_says_nothing_of_an_axis_that_is_the_last_one(panel, document):
    document.open(chain(kind("Input", shape=(8, 8, 3)), kind("BatchNormalization", axis=3)))
    assert panel.model.rows[1].digest == ""


@pytest.fixture
def drawn(panel, monkeypatch):
    """Return a function that draws the stack and returns each text with where it begins and ends."""

    def draw():
        texts = []

        def note(text, _painter, words, x, _centre, role, _colour):
            texts.append((words, x, x + text.width(words, role)))

        monkeypatch.setattr("paramdesk.ui.stack.row_text.RowText._draw", note)
        panel.view.viewport().grab()
        return texts

    return draw


def test_that_large_counts_keep_off_the_shape(panel, document, drawn):
    document.open(chain(kind("Input", shape=(350_000_000,)), kind("Dense", units=35)))
    document.selection.select((1,))
    count = next(begin for words, begin, _end in drawn() if words == "12,250,000,035")
    assert panel.view.geometry_of_rows.chip < count


def test_that_an_error_has_the_whole_row_to_say_what_is_wrong(panel, document, drawn):
    document.open(chain(kind("Input", shape=(3, 3, 48)), kind("Conv2D", filters=64, kernel_size=5)))
    panel.resize(700, 700)
    assert panel.model.rows[1].reason in [words for words, _begin, _end in drawn()]


def test_that_a_long_name_keeps_its_end(panel, document, drawn):
    document.open(chain(kind("Input", shape=(9,)), kind("Dense", units=1)))
    document.apply(edits.rename(document.architecture, 1, "separable_convolution_of_a_very_long_block_1_2_conv"))
    panel.resize(560, 700)
    shown = next(words for words, _begin, _end in drawn() if words.startswith("sep"))
    assert "…" in shown
    assert shown.endswith("2_conv")


# Renaming ---------------------------------------------------------------------------------------------------------


def editor_of(panel):
    return next(field for field in panel.view.viewport().findChildren(QLineEdit) if field.isVisible())


def test_that_f2_renames_in_place(convnet, document, qtbot):
    document.selection.select((1,))
    press(qtbot, convnet, Key.Key_F2)
    field = editor_of(convnet)
    assert field.text() == "conv2d"
    field.selectAll()
    qtbot.keyClicks(field, "stem")
    qtbot.keyClick(field, Key.Key_Return)
    qtbot.waitUntil(lambda: names(convnet)[1] == "stem")
    assert document.undo_stack.undoText() == "Rename conv2d"


def test_that_enter_in_the_field_is_not_enter_on_the_row(convnet, document, qtbot):
    wanted = []
    convnet.properties_wanted.connect(lambda: wanted.append(True))
    document.selection.select((1,))
    press(qtbot, convnet, Key.Key_F2)
    field = editor_of(convnet)
    qtbot.keyClicks(field, "stem")
    qtbot.keyClick(field, Key.Key_Return)
    qtbot.waitUntil(lambda: names(convnet)[1] == "stem")
    assert not wanted
    assert convnet.view.hasFocus()


def test_that_a_double_click_renames_and_escape_gives_up(convnet, document, qtbot):
    click(qtbot, convnet, 1)
    qtbot.mouseDClick(convnet.view.viewport(), Button.LeftButton, pos=at(convnet, 1, x=100))
    field = editor_of(convnet)
    qtbot.keyClicks(field, "other")
    qtbot.keyClick(field, Key.Key_Escape)
    assert names(convnet)[1] == "conv2d"


def test_that_a_taken_name_says_so_and_keeps_the_field_open(convnet, document, qtbot):
    document.selection.select((1,))
    press(qtbot, convnet, Key.Key_F2)
    field = editor_of(convnet)
    field.selectAll()
    qtbot.keyClicks(field, "dense")
    assert field.reason == "There is already a layer named dense."
    qtbot.keyClick(field, Key.Key_Return)
    assert field.isVisible()
    qtbot.keyClicks(field, "_0")
    assert field.reason == ""
    qtbot.keyClick(field, Key.Key_Return)
    qtbot.waitUntil(lambda: names(convnet)[1] == "dense_0")


def test_that_a_double_click_on_the_networks_name_renames_it(convnet, document, qtbot):
    qtbot.mouseDClick(convnet.header, Button.LeftButton, pos=QPoint(30, 16))
    field = convnet.header.findChild(QLineEdit)
    field.selectAll()
    qtbot.keyClicks(field, "mnist")
    qtbot.keyClick(field, Key.Key_Return)
    assert document.architecture.name == "mnist"
    assert convnet.header.accessibleName() == "mnist, 8 layers, 28 × 28 × 1 in, 10 out"


# Drops ------------------------------------------------------------------------------------------------------------


def test_that_a_kind_dropped_below_a_row_is_inserted_there_and_selected(convnet, document):
    assert drop_on(convnet.view, at(convnet, 2, below=0.8), palette_mime("Dropout"), COPY) == COPY
    assert names(convnet)[2:5] == ["max_pooling2d", "dropout", "conv2d_1"]
    assert convnet.view.selected_places() == [3]
    assert convnet.view.drops.landing is None


def test_that_a_kind_dropped_below_the_last_row_comes_last(convnet):
    drop_on(convnet.view, QPoint(300, convnet.view.row_rect(8).bottom() + 20), palette_mime("Softmax"), COPY)
    assert names(convnet)[-1] == "softmax"


def test_that_an_empty_stack_takes_an_input(panel, document):
    assert drop_on(panel.view, QPoint(300, 200), palette_mime("Input"), COPY) == COPY
    assert names(panel) == ["input_layer"] or len(names(panel)) == 1


def test_that_a_row_is_dragged_to_another_place(convnet, document):
    assert drop_on(convnet.view, at(convnet, 8, below=0.9), rows(convnet, 7)) == MOVE
    assert names(convnet)[-2:] == ["dense_1", "dense"]
    assert document.undo_stack.count() == 1


def test_that_three_rows_are_dragged_together_and_stay_selected(convnet, document):
    drop_on(convnet.view, at(convnet, 5, below=0.9), rows(convnet, 1, 2, 3))
    assert names(convnet)[:6] == ["input_layer", "max_pooling2d_1", "conv2d_2", "conv2d", "max_pooling2d", "conv2d_1"]
    assert convnet.view.selected_places() == [3, 4, 5]
    document.undo_stack.undo()
    assert names(convnet)[1:4] == ["conv2d", "max_pooling2d", "conv2d_1"]


def test_that_ctrl_copies_rows_instead_of_moving_them(convnet, document):
    action = drop_on(convnet.view, at(convnet, 7, below=0.9), rows(convnet, 7), modifiers=Keys.ControlModifier)
    assert action == COPY
    assert names(convnet)[7:10] == ["dense", "dense_2", "dense_1"]
    assert document.undo_stack.undoText().startswith("Copy")


def test_that_what_cannot_land_says_why_and_does_not(convnet, document, theme):
    point = at(convnet, 0, below=0.1)
    assert not hover_over(convnet.view, point, palette_mime("Dense"), COPY)
    assert convnet.view.drops.reason == "Above the first row there is nothing to read: drop it below."
    # The picture of what is dragged lies around the pointer: the reason is to be read beside it.
    ground, covered = theme.tokens.error_ground, convnet.view.drops.covered()
    image = convnet.view.viewport().grab().toImage()
    told = [y for y in range(image.height()) for x in (120, 200) if image.pixelColor(x, y) == ground]
    assert told
    assert not any(covered.top() <= y <= covered.bottom() for y in told)
    assert drop_on(convnet.view, point, palette_mime("Dense"), COPY) == IGNORE
    assert convnet.view.drops.landing is None
    assert document.undo_stack.count() == 0


def test_that_files_are_left_to_the_window(convnet):
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile("model.keras")])
    assert not hover_over(convnet.view, at(convnet, 3), files, COPY)
    assert convnet.view.drops.landing is None


@pytest.mark.parametrize(
    ("place", "below", "x", "landed"),
    [
        (1, 0.9, 300, (2, 1)),  # below the block's own row: the first inside
        (2, 0.1, 300, (2, 1)),  # above the first inside: the same
        (4, 0.9, 300, (5, 1)),  # below the last inside: still inside
        (4, 0.9, 5, (5, 0)),  # the same, but left of the block's frame: after the block
        (5, 0.1, 300, (5, 0)),  # above the row after the block: outside
        (1, 0.1, 300, (1, 0)),  # above the block
        (5, 0.9, 300, (6, 0)),
    ],
)
def test_that_a_place_in_or_after_a_block_follows_the_pointer(panel, document, place, below, x, landed):
    document.open(repeated())
    hover_over(panel.view, at(panel, place, below=below, x=x), palette_mime("ReLU"), COPY)
    landing = panel.view.drops.landing
    assert (landing.gap, landing.depth) == landed


def test_that_rows_are_dragged_into_a_block_and_out_of_it(panel, document):
    document.open(repeated())
    drop_on(panel.view, at(panel, 5, below=0.9), palette_mime("ReLU"), COPY)
    drop_on(panel.view, at(panel, 1, below=0.9), rows(panel, 6))
    assert [(row.name, row.depth) for row in panel.model.rows][2] == ("re_lu", 1)
    drop_on(panel.view, at(panel, 0, below=0.9), rows(panel, 2))
    assert [(row.name, row.depth) for row in panel.model.rows][1] == ("re_lu", 0)


def test_that_hovering_over_a_closed_block_opens_it(panel, document, qtbot):
    document.open(repeated())
    panel.model.fold(1, closed=True)
    hover_over(panel.view, at(panel, 1, below=0.4), palette_mime("ReLU"), COPY)
    qtbot.waitUntil(lambda: panel.model.row(1).is_open, timeout=3000)
    panel.view.drops.leave()


def test_that_a_drag_near_the_edge_scrolls(panel, document, qtbot):
    document.open(residual(40))
    bar = panel.view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    hover_over(panel.view, QPoint(300, panel.view.viewport().height() - 4), palette_mime("ReLU"), COPY)
    qtbot.waitUntil(lambda: bar.value() > 40, timeout=3000)
    panel.view.drops.leave()


def test_that_dragging_rows_carries_their_ids_a_text_and_a_picture(convnet, document, qtbot, monkeypatch):
    dragged = []

    def dropped(drag, *_):
        dragged.append((drag.mimeData().text()[:1], drag.pixmap().isNull()))
        return drop_on(convnet.view, at(convnet, 8, below=0.9), drag.mimeData())

    monkeypatch.setattr(QDrag, "exec", dropped)
    click(qtbot, convnet, 7)
    drag_from(convnet.view, at(convnet, 7))
    assert dragged == [("{", False)]
    assert names(convnet)[-2:] == ["dense_1", "dense"]


# Looks ------------------------------------------------------------------------------------------------------------


def test_that_a_row_with_an_error_is_higher_and_back_when_it_is_mended(panel, document, applied_theme):
    document.open(chain(kind("Input", shape=(3, 3, 1)), kind("Conv2D", filters=8, kernel_size=3), kind("Flatten")))
    metrics = applied_theme.metrics
    document.apply(edits.configure(document.architecture, 1, kernel_size=(5, 5)))
    assert [panel.view.rowHeight(row) for row in range(3)] == [metrics.stack_row, metrics.error_row, metrics.stack_row]
    document.apply(edits.insert_kind(document.architecture, kind("ReLU"), edits.Place(0)))
    assert [panel.view.rowHeight(row) for row in range(4)][1:3] == [metrics.stack_row, metrics.error_row]
    document.apply(edits.configure(document.architecture, 1, kernel_size=(3, 3)))
    assert panel.view.rowHeight(2) == metrics.stack_row


def test_that_there_is_room_to_drop_below_the_last_row_of_a_long_stack(panel, document, qtbot):
    document.open(residual(40))
    qtbot.waitUntil(lambda: panel.view.verticalScrollBar().maximum() > 0)
    panel.view.verticalScrollBar().setValue(panel.view.verticalScrollBar().maximum())
    last = panel.view.row_rect(len(panel.model.rows) - 1)
    assert panel.view.viewport().height() - last.bottom() >= 36


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("text_scale", [1.0, 2.0])
@pytest.mark.parametrize("width", [200, 500, 1400])
def test_that_every_state_can_be_painted_at_any_size(panel, document, applied_theme, scheme, dark, text_scale, width):
    scheme.push(dark=dark)
    applied_theme.text_scale = text_scale
    panel.resize(width, 500)
    for network in (
        repeated(),
        residual(8),
        edits.configure(residual(2), 1, kernel_size=(90, 90), padding="valid").architecture,
    ):
        document.open(network)
        document.selection.select((1, 2))
        hover_over(panel.view, QPoint(50, 30), palette_mime("Dense"), COPY)
        assert not panel.grab().isNull()
        panel.view.drops.leave()


def test_that_a_change_of_theme_keeps_rows_and_sizes_in_step(panel, document, applied_theme):
    document.open(edits.configure(residual(2), 1, kernel_size=(90, 90), padding="valid").architecture)
    applied_theme.text_scale = 1.5
    errors = [p for p, row in enumerate(panel.model.rows) if row.state == "error"]
    assert errors
    assert panel.view.rowHeight(errors[0]) == applied_theme.metrics.error_row
    assert panel.view.rowHeight(0) == applied_theme.metrics.stack_row


def test_that_a_screen_reader_hears_every_row(convnet):
    view = QAccessible.queryAccessibleInterface(convnet.view)
    cells = [view.child(number) for number in range(view.childCount())]
    said = {cell.text(QAccessible.Text.Name): cell.text(QAccessible.Text.Description) for cell in cells}
    sentence = "conv2d_1, Conv2D, 64 filters, 3×3, ReLU, output 11 × 11 × 64, 18,496 parameters"
    assert said[sentence] == "row 4 of 9, 19.8% of all parameters"
    assert view.text(QAccessible.Text.Name) == "Layers"
