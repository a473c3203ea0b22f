"""The table's model announces what changed, and nothing else."""

import contextlib
import random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from paramdesk.engine.edits import configure, insert_kind, move, remove, rename
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.links import connect
from paramdesk.engine.places import Place, list_of
from paramdesk.ui.table.table_model import RowRole, SummaryTableModel, ValueRole
from tests.helpers.blocks import repeated
from tests.helpers.networks import chain, kind, residual

Role = Qt.ItemDataRole


@pytest.fixture
def model(document):
    model = SummaryTableModel(document, parent=document)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield model
    del tester


def column(model, name):
    return next(place for place, told in enumerate(model.columns) if told.name == name)


def texts(model, name):
    return [model.index(row, column(model, name)).data() for row in range(model.rowCount())]


def announced(model):
    """Return what the model announces from now on."""
    steps = []
    model.dataChanged.connect(
        lambda a, b, roles: steps.append(("changed", a.row(), b.row(), a.column(), b.column(), roles))
    )
    model.rowsInserted.connect(lambda parent, first, last: steps.append(("inserted", first, last)))
    model.rowsRemoved.connect(lambda parent, first, last: steps.append(("removed", first, last)))
    model.rowsMoved.connect(lambda parent, first, last, to, row: steps.append(("moved", first, row)))
    model.modelReset.connect(lambda: steps.append(("reset",)))
    return steps


def test_that_the_article_reads_as_drawn(model):
    assert texts(model, "parameters") == ["0", "320", "0", "18,496", "0", "36,928", "0", "36,928", "650"]
    assert texts(model, "output_shapes")[1] == "26 × 26 × 32"
    assert texts(model, "receptive_field")[5:] == ["18 × 18", "–", "–", "–"]
    assert texts(model, "share")[3] == "19.8"


def test_that_a_changed_option_announces_its_row_and_only_the_columns_that_differ(model, document):
    steps = announced(model)
    document.apply(configure(document.architecture, 8, activation="linear"))
    assert steps == []  # nothing that is shown
    document.apply(rename(document.architecture, 8, "classes"))
    assert [(step[0], step[1], step[2]) for step in steps] == [("changed", 8, 8)]
    assert (steps[0][3], steps[0][4]) == (column(model, "path"), column(model, "name"))
    assert Role.DisplayRole in steps[0][5]
    assert Role.DecorationRole not in steps[0][5]


def test_that_another_total_announces_every_share(model, document):
    steps = announced(model)
    document.apply(configure(document.architecture, 8, units=11))
    share = column(model, "share")
    assert [step for step in steps if step[3] == share][-1][:5] == ("changed", 0, 8, share, share)
    assert all(step[0] == "changed" for step in steps)


def test_that_rows_come_go_and_move_without_a_reset(model, document):
    steps = announced(model)
    document.apply(insert_kind(document.architecture, kind("ReLU"), Place(1)))
    assert steps[0] == ("inserted", 2, 2)
    steps.clear()
    document.undo_stack.undo()
    assert steps[0] == ("removed", 2, 2)
    steps.clear()
    document.apply(move(document.architecture, (2,), Place(3)))
    assert [step[0] for step in steps if step[0] != "changed"] == ["moved"]


def test_that_only_another_document_resets(model, document):
    steps = announced(model)
    document.open(residual(2))
    assert steps == [("reset",)]


def edit_at_random(document, chance):
    net = document.architecture
    ids = [node.id for node in net.nodes()]
    if not ids:
        document.undo_stack.undo()
        return
    wild, other = chance.choice(ids), chance.choice(ids)
    place = Place(other, list_of(net, other).block)
    edits = [
        lambda: insert_kind(net, kind("Conv2D", filters=4, kernel_size=1), place),
        lambda: remove(net, (wild,)),
        lambda: move(net, (wild,), place),
        lambda: rename(net, wild, f"layer{chance.randrange(40)}"),
        document.undo_stack.undo,
        document.undo_stack.redo,
    ]
    with contextlib.suppress(EditRefused, KeyError):
        edit = chance.choice(edits)()
        if edit is not None:
            document.apply(edit)


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("sorting", [None, "parameters", "name"])
def test_that_random_edits_with_undo_keep_the_model_whole(model, document, folded, sorting):
    chance = random.Random(7)  # noqa: S311  # a test's own dice
    document.open(repeated(2) if folded else residual(6))
    model.is_folded = folded
    if sorting:
        model.sort(column(model, sorting), Qt.SortOrder.DescendingOrder)
    for _step in range(120):
        edit_at_random(document, chance)
        if chance.random() < 0.1:
            model.is_folded = not model.is_folded
        assert model.rowCount() == len(model.rows)
        known = {row.key: row for row in document.summary.layers}
        assert all(known.get(row.key, row) is row for row in model.rows)
    if not model.is_folded and sorting is None:
        assert [row.key for row in model.rows] == [row.key for row in document.summary.layers]


def test_that_sorting_keeps_hold_of_rows_and_minus_one_restores_the_order(model):
    from PySide6.QtCore import QPersistentModelIndex

    held = QPersistentModelIndex(model.index(3, 0))
    report = held.data(RowRole)
    model.sort(column(model, "parameters"), Qt.SortOrder.DescendingOrder)
    assert texts(model, "parameters")[:2] == ["36,928", "36,928"]
    assert held.data(RowRole) is report
    model.sort(-1)
    assert held.row() == 3


def test_that_an_edit_in_a_sorted_table_moves_the_row_to_its_place(model, document):
    model.sort(column(model, "parameters"), Qt.SortOrder.DescendingOrder)
    document.apply(configure(document.architecture, 8, units=1000))
    assert texts(model, "name")[0] == "dense_1"


def test_that_counts_beyond_64_bits_are_text_and_sort_by_size(model, document):
    most = 2**31 - 1
    layers = [kind("Conv2D", filters=most, kernel_size=3), kind("Conv2D", filters=2, kernel_size=1)]
    document.open(chain(kind("Input", shape=(8, 8, most)), *layers))
    count = 9 * most * most + most
    assert count > 2**63
    assert texts(model, "parameters")[1] == f"{count:,}"
    model.sort(column(model, "parameters"), Qt.SortOrder.DescendingOrder)
    assert texts(model, "name") == ["conv2d", "conv2d_1", "input_layer"]
    assert model.index(0, column(model, "parameters")).data(ValueRole) == str(count)


def test_that_cells_say_themselves_to_a_screen_reader(model):
    index = model.index(3, column(model, "macs"))
    assert index.data(Role.AccessibleTextRole) == "conv2d_1, MACs: 2,230,272"
    assert model.headerData(3, Qt.Orientation.Vertical, Role.AccessibleTextRole) == (
        "conv2d_1, Conv2D, 18,496 parameters"
    )
    empty = model.index(7, column(model, "receptive_field")).data(Role.AccessibleTextRole)
    assert "not defined" in empty


def test_that_tooltips_are_exact_or_say_why_there_is_nothing(model):
    assert "18,496 of 93,322 parameters" in model.index(3, column(model, "share")).data(Role.ToolTipRole)
    assert "not defined" in model.index(6, column(model, "receptive_field")).data(Role.ToolTipRole)


def test_that_an_error_is_the_reason_of_its_empty_cells(model, document):
    document.apply(configure(document.architecture, 5, kernel_size=9))
    index = model.index(5, column(model, "parameters"))
    assert index.data() == "–"
    assert "9×9" in index.data(Role.ToolTipRole)
    assert "waiting for conv2d_2" in model.index(6, column(model, "macs")).data(Role.ToolTipRole)


def test_that_a_layer_that_nothing_reads_says_so_in_its_row_and_its_tips(model, document):
    added = insert_kind(document.architecture, kind("Dense", units=3), Place(document.architecture.layers[-1].id))
    architecture = added.architecture
    unread = architecture.layers[-2]
    document.apply(connect(architecture, architecture.layers[-1].id, unread.inputs))
    row = len(architecture.layers) - 2
    assert "nothing reads it" in texts(model, "problem")[row]
    for name in ("name", "problem"):
        assert "nothing reads it" in model.index(row, column(model, name)).data(Role.ToolTipRole)
