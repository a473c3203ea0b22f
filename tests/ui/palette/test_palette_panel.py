import random

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDrag
from PySide6.QtTest import QAbstractItemModelTester

from paramdesk.engine import edits
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.layer_kind import kinds
from paramdesk.ui.categories import section_of
from paramdesk.ui.document.document import Document
from paramdesk.ui.palette.palette_model import PaletteModel
from paramdesk.ui.palette.palette_panel import PalettePanel
from paramdesk.ui.palette.palette_rows import KindRow, SectionRow
from paramdesk.ui.stack.cargo import BLOCK_TYPE
from tests.helpers.drops import drag_from
from tests.helpers.networks import article_convnet

Key, Button = Qt.Key, Qt.MouseButton


@pytest.fixture
def document(qapp):
    made = Document()
    made.open(article_convnet())
    return made


@pytest.fixture
def panel(qtbot, document, applied_theme, icons):
    made = PalettePanel(document, applied_theme, icons)
    qtbot.addWidget(made)
    made.resize(220, 600)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def names(panel):
    return [row.name for row in panel.model.rows if isinstance(row, KindRow)]


def current(panel):
    return panel.view.currentIndex().data()


def place(panel, name):
    return next(i for i, row in enumerate(panel.model.rows) if isinstance(row, KindRow) and row.name == name)


def point(panel, name):
    index = panel.model.index(place(panel, name), 0)
    panel.view.scrollTo(index)
    return panel.view.visualRect(index).center()


def layers(document):
    return [node.name for node in document.architecture.layers]


def test_that_typing_finds_and_enter_inserts_below_the_selection(panel, document, qtbot):
    document.selection.select((2,))
    panel.focus_search()
    qtbot.keyClicks(panel.field, "batch norm")
    assert current(panel) == "BatchNormalization"
    qtbot.keyClick(panel.field, Key.Key_Return)
    assert layers(document)[2:4] == ["max_pooling2d", "batch_normalization"]
    assert document.selection.ids == (9,)


def test_that_enter_in_an_empty_field_inserts_nothing(panel, document, qtbot):
    qtbot.keyClick(panel.field, Key.Key_Return)
    assert len(layers(document)) == 9


def test_that_arrow_keys_go_from_the_field_to_the_list_and_back(panel, qtbot):
    panel.focus_search()
    qtbot.waitUntil(panel.field.hasFocus)
    qtbot.keyClicks(panel.field, "conv2d")
    qtbot.keyClick(panel.field, Key.Key_Down)
    qtbot.waitUntil(panel.view.hasFocus)
    assert current(panel) == names(panel)[1]
    qtbot.keyClick(panel.view, Key.Key_Up)
    assert current(panel) == "Conv2D"
    qtbot.keyClick(panel.view, Key.Key_Up)
    qtbot.waitUntil(panel.field.hasFocus)


def test_that_enter_in_the_list_inserts_the_current_kind(panel, document, qtbot):
    qtbot.keyClicks(panel.field, "conv2d")
    qtbot.keyClick(panel.field, Key.Key_Down)
    name = current(panel)
    qtbot.keyClick(panel.view, Key.Key_Return)
    assert document.undo_stack.undoText() == f"Insert {name}"


def test_that_letters_typed_in_the_list_go_into_the_field(panel, qtbot):
    panel.view.setFocus()
    qtbot.keyClick(panel.view, Key.Key_D)
    assert panel.field.text() == "d"
    qtbot.waitUntil(panel.field.hasFocus)


def test_that_escape_shows_everything_again(panel, qtbot):
    everything = names(panel)
    qtbot.keyClicks(panel.field, "conv2d")
    qtbot.keyClick(panel.field, Key.Key_Escape)
    assert panel.field.text() == ""
    assert names(panel) == everything


def test_that_a_network_of_pytorch_is_offered_pytorchs_layers(panel, document, qtbot):
    document.open(msgspec.structs.replace(document.architecture, framework="pytorch", layout="channels_first"))
    assert "Conv2d" in names(panel)
    assert "Conv2D" not in names(panel)
    qtbot.keyClicks(panel.field, "conv2d")
    qtbot.keyClick(panel.field, Key.Key_Return)
    assert [layer.kind.title() for layer in document.architecture.layers][-1] == "Conv2D"


def test_that_a_fruitless_search_says_so(panel, qtbot):
    qtbot.keyClicks(panel.field, "xyzzy")
    assert names(panel) == []
    assert panel.view.empty_text() == "No layer is called “xyzzy”."
    assert not panel.grab().isNull()


def test_that_a_double_click_inserts_at_the_end_if_nothing_is_selected(panel, document, qtbot):
    at = point(panel, "Dense")
    qtbot.mouseClick(panel.view.viewport(), Button.LeftButton, pos=at)
    qtbot.mouseDClick(panel.view.viewport(), Button.LeftButton, pos=at)
    assert layers(document)[-1] == "dense_2"


def test_that_a_refused_insertion_says_why(panel, document, qtbot, monkeypatch):
    def refuse(*_):
        raise EditRefused("Nothing can stand there.")

    monkeypatch.setattr(edits, "insert_kind", refuse)
    with qtbot.waitSignal(panel.refused) as refusal:
        panel.insert(panel.model.row(place(panel, "Dense")))
    assert refusal.args == ["Nothing can stand there."]


def test_that_a_click_on_a_section_folds_it_and_another_opens_it(panel, qtbot):
    at = panel.view.visualRect(panel.model.index(panel.model.section_above(place(panel, "Conv2D")), 0)).center()
    qtbot.mouseClick(panel.view.viewport(), Button.LeftButton, pos=at)
    assert "Conv2D" not in names(panel)
    qtbot.mouseClick(panel.view.viewport(), Button.LeftButton, pos=at)
    assert "Conv2D" in names(panel)


def test_that_left_and_right_fold_and_open_a_category(panel, qtbot):
    panel.view.setFocus()
    panel.view.setCurrentIndex(panel.model.index(place(panel, "Conv2D"), 0))
    qtbot.keyClick(panel.view, Key.Key_Left)
    assert current(panel) == "Convolution"
    qtbot.keyClick(panel.view, Key.Key_Left)
    assert "Conv2D" not in names(panel)
    qtbot.keyClick(panel.view, Key.Key_Right)
    qtbot.keyClick(panel.view, Key.Key_Right)
    assert current(panel) == "Conv1D"


def test_that_dragging_a_kind_carries_its_name_and_a_picture(panel, monkeypatch):
    dragged = []

    def recorded(drag, *_):
        name = bytes(drag.mimeData().data("application/x-paramdesk-kind").data())
        dragged.append((name, drag.pixmap().isNull()))
        return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(QDrag, "exec", recorded)
    drag_from(panel.view, point(panel, "Conv2D"))
    assert dragged == [(b"Conv2D", False)]


def test_that_a_category_cannot_be_dragged(panel, monkeypatch):
    monkeypatch.setattr(QDrag, "exec", lambda *_: pytest.fail("it dragged"))
    drag_from(panel.view, panel.view.visualRect(panel.model.index(0, 0)).center())


def test_that_the_model_stays_sound_while_searching_and_folding(qapp):
    model = PaletteModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    dice = random.Random(3)  # noqa: S311  # the same walk every time
    for _ in range(200):
        if dice.random() < 0.6:
            model.search(dice.choice(["", "conv", "pool 2d", "relu", "linear", "xyzzy", "d", "norm"]))
        else:
            model.fold(dice.choice(["conv", "pool", "act"]), closed=dice.random() < 0.5)
    assert tester.model() is model


def test_that_rows_answer_for_screen_readers(panel):
    role = Qt.ItemDataRole
    index = panel.model.index(place(panel, "Dense"), 0)
    assert index.data(role.AccessibleTextRole) == "Dense"
    assert index.data(role.WhatsThisRole) == "Connects every input value with every unit."
    assert "Connects every input value" in index.data(role.ToolTipRole)
    section = panel.model.index(0, 0)
    assert isinstance(panel.model.row(0), SectionRow)
    inputs = [kind for kind in kinds().values() if section_of(kind) == "io" and kind.is_offered]
    assert section.data(role.AccessibleTextRole) == f"Input and output, {len(inputs)} kinds, open"
    panel.model.search("linear")
    assert panel.model.index(0, 0).data(role.AccessibleTextRole) == "Dense, found as Linear"
    assert panel.field.accessibleName() == "Find a layer"


@pytest.mark.parametrize("text_scale", [1.0, 2.0])
def test_that_the_palette_can_be_painted_at_any_size(panel, applied_theme, scheme, text_scale):
    scheme.push(dark=True)
    applied_theme.text_scale = text_scale
    for query in ("", "linear", "pool 2d", "xyzzy"):
        panel.field.setText(query)
        assert not panel.grab().isNull()


def test_that_long_names_of_kinds_keep_the_end_in_which_they_differ(panel, monkeypatch):
    texts = []
    drawn = "paramdesk.ui.stack.row_text.RowText._draw"
    monkeypatch.setattr(drawn, lambda _text, _painter, words, *_rest: texts.append(words))
    panel.resize(150, 2000)
    panel.view.viewport().grab()
    shortened = [words for words in texts if words.startswith("Gl") and "…" in words]
    assert shortened
    assert all(words[-1] in "123D" for words in shortened)


def test_that_a_block_is_inserted_fitted_by_a_double_click(panel, document, qtbot):
    document.selection.select([document.architecture.layers[1].id])
    channels = document.summary.layers[1].output_shapes[0][-1]
    at = point(panel, "Residual block")
    qtbot.mouseClick(panel.view.viewport(), Button.LeftButton, pos=at)
    qtbot.mouseDClick(panel.view.viewport(), Button.LeftButton, pos=at)
    block = document.nodes[document.selection.ids[0]]
    assert block.name.startswith("residual")
    assert {layer.kind.filters for layer in block.layers if hasattr(layer.kind, "filters")} == {channels}
    assert document.undo_stack.undoText() == f"Insert {block.name}"
    document.undo_stack.undo()
    assert block.id not in document.nodes


def test_that_a_block_is_dragged_as_what_it_is(panel):
    index = panel.model.index(place(panel, "Residual block"), 0)
    mime = panel.model.mimeData([index])
    assert bytes(mime.data(BLOCK_TYPE).data()) == b"residual-basic"
