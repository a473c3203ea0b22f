import random

import pytest
from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from paramdesk.engine import edits
from paramdesk.engine.analysis import analyze
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.places import Place, topmost
from paramdesk.ui.stack.cargo import palette_mime
from paramdesk.ui.stack.lanes import lay_out, wiring
from paramdesk.ui.stack.stack_model import RowRole, StackModel
from paramdesk.ui.stack.stack_rows import stack_rows
from tests.helpers.networks import article_convnet, chain, kind, residual
from tests.ui.stack.test_stack_rows import repeated

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
COPY, MOVE = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction
NOWHERE = QModelIndex()


@pytest.fixture
def model(document):
    document.open(article_convnet())
    made = StackModel(document)
    made.tester = QAbstractItemModelTester(made, FATAL)
    return made


def names(model):
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_that_the_model_passes_qts_own_tester(model, qtmodeltester):
    qtmodeltester.check(model)


def test_that_an_edit_of_one_layer_announces_the_rows_it_changes_and_resets_nothing(model, document, qtbot):
    spans = []
    model.dataChanged.connect(lambda first, last: spans.append((first.row(), last.row())))
    with qtbot.assertNotEmitted(model.modelReset):
        document.apply(edits.configure(document.architecture, 7, units=65))
    assert spans == [(7, 8)]


def test_that_another_batch_changes_no_row(model, document, qtbot):
    with qtbot.assertNotEmitted(model.dataChanged):
        document.count_for(8, "float16")


def test_that_counting_as_the_other_framework_names_the_rows_so(model, document):
    inputs = chain(kind("Input", shape=(7, 16)), kind("MultiHeadAttention", num_heads=2, key_dim=8))
    document.open(inputs)
    assert model.row(1).kind == "MultiHeadAttention"
    document.count_for(1, "float32", "pytorch")
    assert model.row(1).kind == document.summary.layers[1].kind == "MultiheadAttention"
    document.count_for(1, "float32")
    assert model.row(1).kind == "MultiHeadAttention"


def test_that_opening_another_architecture_resets(model, document, qtbot):
    with qtbot.waitSignal(model.modelReset):
        document.open(residual(2))
    assert names(model)[0] == "input"


def test_that_lanes_are_laid_out_anew_only_when_the_wiring_changes(model, document):
    lanes = model.lanes
    document.apply(edits.configure(document.architecture, 7, units=65))
    assert model.lanes is lanes
    document.apply(edits.remove(document.architecture, (7,)))
    assert model.lanes is not lanes


def test_that_folding_hides_the_rows_of_a_block_and_unfolding_brings_them_back(model, document):
    document.open(repeated())
    model.fold(1, closed=True)
    assert names(model) == ["input", "stage", "flatten"]
    model.reveal(3)
    assert names(model) == ["input", "stage", "conv_a", "conv_b", "add", "flatten"]


def test_that_hundreds_of_edits_with_undo_and_redo_leave_the_rows_right(model, document):
    document.open(repeated(2))
    dice = random.Random(7)  # noqa: S311  # the same walk every time
    kinds = [kind("Dense", units=4), kind("ReLU"), kind("Dropout", rate=0.5), kind("Conv2D", filters=4, kernel_size=3)]
    for _ in range(400):
        step(document, model, dice, kinds)
        folded = {row.id for row in model.rows if row.is_open is False}
        expected = stack_rows(document.architecture, document.summary, folded)
        assert [row.sentence() for row in model.rows] == [row.sentence() for row in expected]
        assert [(row.depth, row.ends) for row in model.rows] == [(row.depth, row.ends) for row in expected]
        assert model.lanes.columns == lay_out(wiring(expected)).columns
        assert all(model.place_of(row.id) == place for place, row in enumerate(model.rows))


def step(document, model, dice, kinds):
    architecture = document.architecture
    ids = [node.id for node in architecture.nodes()]
    chosen = dice.sample(ids, min(len(ids), dice.randint(1, 3)))
    chosen = [node.id for node in topmost(architecture, chosen)]
    places = [Place(row.id, row.parent) for row in model.rows] + [Place(None, 1)] * (1 in ids)
    deed = dice.randrange(8)
    try:
        if deed <= 1:
            document.apply(edits.insert_kind(architecture, dice.choice(kinds), dice.choice(places)))
        elif deed == 2:
            document.apply(edits.move(architecture, chosen, dice.choice(places)))
        elif deed == 3 and len(ids) > 4:
            document.apply(edits.remove(architecture, chosen))
        elif deed == 4:
            document.undo_stack.undo()
        elif deed == 5:
            document.undo_stack.redo()
        elif deed == 6:
            document.apply(edits.rename(architecture, chosen[0], f"name{dice.randrange(1000)}"))
        else:
            model.fold(1, closed=dice.random() < 0.5)
    except EditRefused:
        pass  # a refused edit is none


def test_that_a_kind_dropped_between_rows_is_inserted_there(model, document):
    mime = palette_mime("Dropout")
    assert model.canDropMimeData(mime, COPY, 3, 0, NOWHERE)
    assert model.dropMimeData(mime, COPY, 3, 0, NOWHERE)
    assert names(model)[2:5] == ["max_pooling2d", "dropout", "conv2d_1"]
    assert document.undo_stack.undoText() == "Insert Dropout"


def test_that_rows_dropped_elsewhere_move_in_one_step_and_leave_nothing_behind(model, document):
    mime = model.mimeData([model.index(7, 0)])
    assert model.dropMimeData(mime, MOVE, 9, 0, NOWHERE)
    assert names(model)[-2:] == ["dense_1", "dense"]
    assert document.undo_stack.count() == 1
    assert not model.removeRows(0, 1)


def test_that_rows_of_another_window_come_as_copies(model, document, qapp):
    from paramdesk.ui.document.document import Document

    other = Document()
    other.open(chain(kind("Input", shape=(4,)), kind("Dense", units=3)))
    foreign = StackModel(other)
    mime = foreign.mimeData([foreign.index(1, 0)])
    assert model.dropMimeData(mime, MOVE, 9, 0, NOWHERE)
    assert names(model)[-1] == "dense_2"
    assert foreign.rowCount() == 2


def test_that_files_and_foreign_texts_are_not_for_the_stack(model):
    from PySide6.QtCore import QUrl

    files, prose, broken = QMimeData(), QMimeData(), QMimeData()
    files.setUrls([QUrl.fromLocalFile("model.keras")])
    prose.setText("a shopping list")
    broken.setData("application/x-paramdesk-rows", b"not json")
    for mime in (files, prose, broken, palette_mime("NoSuchKind"), QMimeData()):
        assert not model.canDropMimeData(mime, COPY, 3, 0, NOWHERE)
        assert not model.dropMimeData(mime, COPY, 3, 0, NOWHERE)


def test_that_a_row_is_renamed_and_a_taken_name_is_refused_with_the_reason(model, document, qtbot):
    assert model.setData(model.index(1, 0), "stem")
    assert names(model)[1] == "stem"
    with qtbot.waitSignal(model.refused) as refusal:
        assert not model.setData(model.index(1, 0), "dense")
    assert refusal.args == ["There is already a layer named dense."]
    document.undo_stack.undo()
    assert names(model)[1] == "conv2d"


def test_that_roles_answer_for_screen_readers_and_pointers(model):
    index = model.index(3, 0)
    said = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "conv2d_1, Conv2D, 64 filters, 3×3, ReLU, output 11 × 11 × 64, 18,496 parameters"
    assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "row 4 of 9, 19.8% of all parameters"
    assert "19.8% of the total" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert index.data(RowRole) is model.row(3)
    assert index.data(Qt.ItemDataRole.DecorationRole) is None
    assert isinstance(model, QAbstractItemModel)


def test_that_markup_in_a_name_is_shown_as_it_is(model, document):
    document.apply(edits.rename(document.architecture, 1, "<b>bold"))
    assert "&lt;b&gt;bold" in model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_that_a_large_network_opens_with_its_blocks_closed(document):
    many = repeated()
    import msgspec

    from paramdesk.engine.architecture import Layer, Source

    more = [Layer(i, f"relu_{i}", kind("ReLU"), (Source(i - 1 if i > 10 else 5),)) for i in range(10, 320)]
    many = msgspec.structs.replace(many, layers=(*many.layers, *more), next_id=400, outputs=(Source(319),))
    assert analyze(many).layers
    document.open(many)
    model = StackModel(document)
    assert model.row(1).is_open is False


def test_that_a_share_of_what_is_not_all_known_is_the_most_that_it_can_be(document, model):
    document.open(chain(kind("Input", shape=(4,)), kind("Dense", units=3), kind("Conv2D", filters=2, kernel_size=3)))
    assert "≤ 100% of the total" in model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
