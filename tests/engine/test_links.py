"""What reads what: connections drawn from row to row."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Block, Source
from paramdesk.engine.block_edits import group, set_repeat
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.links import connect, link, set_returned
from paramdesk.engine.wiring import fault
from tests.helpers.networks import chain, kind


@pytest.fixture
def net():
    same = {"filters": 4, "kernel_size": 3, "padding": "same"}
    return chain(
        kind("Input", shape=(8, 8, 4)),
        kind("Conv2D", **same),
        kind("Conv2D", **same),
        kind("Conv2D", **same),
        kind("Add"),
        kind("ReLU"),
    )


def row(net, name):
    return next(node for node in net.nodes() if node.name == name)


def reads(net, name):
    return [(net.node(source.layer).name, source.output) for source in row(net, name).inputs]


def linked(net, producer, reader):
    return link(net, Source(row(net, producer).id), row(net, reader).id)


def test_that_a_merging_row_reads_one_more(net):
    edit = linked(net, "conv2d", "add")
    assert reads(edit.architecture, "add") == [("conv2d_2", 0), ("conv2d", 0)]
    assert edit.text == "Connect conv2d to add"


def test_that_what_is_added_to_itself_is_read_twice(net):
    assert reads(linked(net, "conv2d_2", "add").architecture, "add") == [("conv2d_2", 0), ("conv2d_2", 0)]


def test_that_attention_reads_what_it_reads_once_more_as_often_as_it_needs_inputs():
    net = chain(kind("Input", shape=(10, 16)), kind("MultiHeadAttention", num_heads=4, key_dim=4))
    once = linked(net, "input_layer", "multi_head_attention").architecture
    assert reads(once, "multi_head_attention") == [("input_layer", 0)] * 2
    assert analyze(once).layers[1].problem is None
    with pytest.raises(EditRefused, match="reads input_layer already"):
        linked(once, "input_layer", "multi_head_attention")


def test_that_a_row_with_one_input_reads_another_instead(net):
    assert reads(linked(net, "conv2d", "conv2d_2").architecture, "conv2d_2") == [("conv2d", 0)]


@pytest.mark.parametrize(
    ("producer", "reader", "reason"),
    [
        ("add", "conv2d", "conv2d stands above add: reading it would make a cycle."),
        ("add", "add", "add cannot read itself."),
        ("conv2d", "input_layer", "input_layer is an input: it reads nothing."),
        ("input_layer", "conv2d", "conv2d reads input_layer already."),
    ],
)
def test_that_what_cannot_be_is_refused_with_the_reason(net, producer, reader, reason):
    with pytest.raises(EditRefused) as refused:
        linked(net, producer, reader)
    assert str(refused.value) == reason


def test_that_a_block_gets_an_entrance_for_what_is_read_in_it(net):
    grouped = group(net, [row(net, "conv2d_2").id, row(net, "add").id], "body").architecture
    inside = linked(grouped, "conv2d", "add").architecture
    assert reads(inside, "add") == [("conv2d_2", 0), ("body", 1)]
    assert reads(inside, "body") == [("conv2d_1", 0), ("conv2d", 0)]
    assert fault(inside) == ""
    assert analyze(inside).totals.complete


def test_that_an_entrance_that_is_there_is_used_again(net):
    grouped = group(net, [row(net, "conv2d_2").id, row(net, "add").id], "body").architecture
    inside = linked(grouped, "conv2d_1", "add").architecture
    assert reads(inside, "add") == [("conv2d_2", 0), ("body", 0)]
    assert len(row(inside, "body").inputs) == 1


def test_that_a_block_gets_an_exit_for_what_is_read_outside(net):
    grouped = group(net, [row(net, "conv2d").id, row(net, "conv2d_1").id], "stem").architecture
    outside = linked(grouped, "conv2d", "add").architecture
    assert reads(outside, "add") == [("conv2d_2", 0), ("stem", 1)]
    assert [source.layer for source in row(outside, "stem").outputs] == [row(net, "conv2d_1").id, row(net, "conv2d").id]
    assert analyze(outside).totals.complete


def test_that_blocks_in_blocks_are_passed_through(net):
    once = group(net, [row(net, "add").id], "inner").architecture
    twice = group(once, [row(once, "inner").id], "outer").architecture
    through = linked(twice, "conv2d", "add").architecture
    assert reads(through, "outer")[-1] == ("conv2d", 0)
    assert reads(through, "inner")[-1] == ("outer", 1)
    assert reads(through, "add")[-1] == ("inner", 1)
    assert fault(through) == ""


def test_that_a_repeated_block_gets_neither(net):
    grouped = group(net, [row(net, "conv2d_2").id, row(net, "add").id], "body")
    repeated = set_repeat(grouped.architecture, grouped.selected[0], 2).architecture
    with pytest.raises(EditRefused, match="body is repeated: each time it reads the same"):
        linked(repeated, "conv2d", "add")
    with pytest.raises(EditRefused, match="body is repeated: each time it gives the same"):
        linked(repeated, "conv2d_2", "re_lu")


def test_that_a_row_in_a_block_cannot_read_the_block(net):
    grouped = group(net, [row(net, "conv2d_2").id, row(net, "add").id], "body").architecture
    with pytest.raises(EditRefused, match="add is in body"):
        linked(grouped, "body", "add")
    with pytest.raises(EditRefused, match="which would read itself"):
        linked(grouped, "add", "body")


def test_that_a_block_keeps_entrances_that_are_read(net):
    grouped = group(net, [row(net, "conv2d_2").id, row(net, "add").id], "body").architecture
    inside = linked(grouped, "conv2d", "add").architecture
    body = row(inside, "body")
    with pytest.raises(EditRefused, match="rows that read its input 2"):
        connect(inside, body.id, body.inputs[:1])
    other = connect(inside, body.id, (body.inputs[1], body.inputs[0])).architecture
    assert reads(other, "body") == [("conv2d", 0), ("conv2d_1", 0)]


def test_that_a_row_is_returned_and_returned_no_more(net):
    conv = row(net, "conv2d").id
    more = set_returned(net, conv, returned=True).architecture
    assert [source.layer for source in more.outputs] == [net.outputs[0].layer, conv]
    assert set_returned(more, conv, returned=False).architecture == net
    with pytest.raises(EditRefused, match="It is all that the network returns"):
        set_returned(net, net.outputs[0].layer, returned=False)


def test_that_exits_that_are_left_keep_their_readers(net):
    grouped = group(net, [row(net, "conv2d").id, row(net, "conv2d_1").id], "stem").architecture
    stem = row(grouped, "stem")
    first = set_returned(grouped, row(net, "conv2d").id, returned=True).architecture
    block = row(first, "stem")
    assert isinstance(block, Block)
    assert len(block.outputs) == 2
    with pytest.raises(EditRefused, match="Rows outside stem read it"):
        set_returned(first, row(net, "conv2d_1").id, returned=False)
    both = linked(first, "conv2d", "add").architecture
    without = connect(both, row(both, "conv2d_2").id, (Source(stem.id, 1),)).architecture
    left = set_returned(without, row(net, "conv2d_1").id, returned=False).architecture
    assert reads(left, "conv2d_2") == [("stem", 0)]
    assert reads(left, "add") == [("conv2d_2", 0), ("stem", 0)]


def test_that_a_repeated_block_reads_as_much_as_it_gives(net):
    whole = group(net, [1, 2]).architecture
    block = next(node for node in whole.layers if isinstance(node, Block))
    repeated = set_repeat(whole, block.id, 2).architecture
    with pytest.raises(EditRefused, match="it must read as much as it gives"):
        connect(repeated, block.id, [*block.inputs, *block.inputs])


def test_that_a_block_reads_another_row_in_place_of_the_one_it_read(net):
    whole = group(net, [3]).architecture
    block = next(node for node in whole.layers if isinstance(node, Block))
    assert reads(linked(whole, "conv2d", block.name).architecture, block.name) == [("conv2d", 0)]


def test_that_an_exit_that_is_there_is_used_again_and_what_is_returned_already_stays(net):
    whole = group(net, [1, 2]).architecture
    again = linked(linked(whole, "conv2d", "add").architecture, "conv2d", "re_lu").architecture
    block = next(node for node in again.layers if isinstance(node, Block))
    assert len(block.outputs) == 2
    assert set_returned(again, row(again, "re_lu").id, returned=True).architecture is again
