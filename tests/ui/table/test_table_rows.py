"""Rows and their order, without a window."""

from paramdesk.engine.analysis import analyze
from paramdesk.engine.columns import columns
from paramdesk.engine.edits import configure
from paramdesk.engine.folding import folded_rows
from paramdesk.ui.table.table_rows import in_order, places_of, reason
from tests.helpers.blocks import repeated
from tests.helpers.networks import article_convnet, chain, kind


def names(rows):
    return [row.name for row in rows]


def test_that_rows_are_in_order_of_computation():
    net = article_convnet()
    assert names(analyze(net).layers) == [layer.name for layer in net.layers]


def test_that_a_block_is_a_row_per_repetition_or_folded_one():
    net = repeated(3)
    summary = analyze(net)
    assert len(summary.layers) == 3 + 3 * 2
    folded = folded_rows(summary, net)
    assert [(row.name, row.kind) for row in folded] == [
        ("input", "Input"), ("stem", "Conv2D"), ("stage", "Block × 3"), ("head", "Flatten"),
    ]  # fmt: skip


def test_that_a_folded_block_adds_up_its_rows():
    net = repeated(3)
    summary = analyze(net)
    block = folded_rows(summary, net)[2]
    assert sum(row.parameters for row in folded_rows(summary, net)) == summary.totals.parameters
    assert block.parameters == 3 * ((3 * 3 * 4 + 1) * 4 + 16)
    assert block.statistics == 3 * 8
    assert block.output_shapes == ((None, 8, 8, 4),)
    assert block.inputs == ("stem",)


def test_that_a_folded_block_with_an_error_has_no_numbers_but_a_reason():
    net = configure(repeated(2), 3, padding="valid", kernel_size=9).architecture
    block = folded_rows(analyze(net), net)[2]
    assert block.parameters is None
    assert "9×9" in reason(block, analyze(net), columns()["parameters"])


def test_that_a_folded_block_is_kept_while_nothing_in_it_changes():
    net = repeated(3)
    before = analyze(net)
    rows = folded_rows(before, net)
    other = configure(net, 1, use_bias=False).architecture
    after = folded_rows(analyze(other, before), other, rows)
    assert after[2] is rows[2]
    assert after[1] is not rows[1]


def test_that_numbers_sort_by_size_and_unknown_ones_come_last_either_way():
    net = chain(
        kind("Input", shape=(8, 8, 1)),
        kind("Conv2D", filters=9, kernel_size=3),
        kind("Conv2D", filters=100, kernel_size=3),
        kind("Conv2D", filters=2, kernel_size=9),
    )
    summary = analyze(net)
    rows = list(summary.layers)
    up = [row.parameters for row in in_order(rows, summary, columns()["parameters"], descending=False)]
    down = [row.parameters for row in in_order(rows, summary, columns()["parameters"], descending=True)]
    assert up == [0, 90, 8200, None]
    assert down == [8200, 90, 0, None]


def test_that_names_sort_by_the_numbers_in_them():
    net = chain(kind("Input", shape=(4,)), *(kind("Dense", units=1) for _ in range(12)))
    summary = analyze(net)
    found = names(in_order(summary.layers, summary, columns()["name"], descending=False))
    assert found[:3] == ["dense", "dense_1", "dense_2"]
    assert found[11:] == ["dense_11", "input_layer"]


def test_that_shapes_of_unknown_size_can_be_sorted():
    net = chain(kind("Input", shape=(None, None, 3)), kind("Conv2D", filters=2, kernel_size=3), kind("Flatten"))
    summary = analyze(net)
    assert len(in_order(summary.layers, summary, columns()["output_shapes"], descending=True)) == 3


def test_that_a_layer_selects_all_its_repetitions_and_a_block_all_its_rows():
    net = repeated(3)
    rows = analyze(net).layers
    assert names(rows[place] for place in places_of(rows, {3})) == ["conv"] * 3
    assert names(rows[place] for place in places_of(rows, {2})) == ["conv", "norm"] * 3
    folded = folded_rows(analyze(net), net)
    assert names(folded[place] for place in places_of(folded, {3})) == ["stage"]


def test_that_every_empty_cell_has_a_reason():
    net = chain(
        kind("Input", shape=(None, 8, 3)), kind("Conv2D", filters=2, kernel_size=9), kind("Flatten"),
    )  # fmt: skip
    summary = analyze(net)
    for row in summary.layers:
        for column in columns().values():
            if column.value(row, summary) is None:
                assert len(reason(row, summary, column)) > 8


def test_that_the_receptive_field_after_flatten_says_why_it_is_not_defined():
    summary = analyze(article_convnet())
    assert "after Flatten" in reason(summary.layers[6], summary, columns()["receptive_field"])
