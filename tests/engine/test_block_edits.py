"""Blocks are made of rows and taken apart again, repeated and frozen; no total changes but by repeating."""

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Block, Layer, Source
from paramdesk.engine.block_edits import group, set_repeat, ungroup
from paramdesk.engine.edits import set_trainable
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.places import lists
from paramdesk.engine.sharing_edits import call_again
from paramdesk.engine.wiring import fault
from tests.helpers.architectures import architectures
from tests.helpers.networks import article_convnet, chain, kind, residual


def ids(network, *names):
    return [node.id for node in network.nodes() if node.name in names]


def figures(network):
    return [(report.parameters, report.macs, report.output_shapes) for report in analyze(network).layers]


def test_that_a_block_has_what_it_reads_as_entrance_and_what_is_read_of_it_as_exit():
    net = article_convnet()
    grouped = group(net, ids(net, "conv2d_1", "max_pooling2d_1"), "features").architecture
    block = next(node for node in grouped.layers if isinstance(node, Block))
    assert (block.name, [node.name for node in block.layers]) == ("features", ["conv2d_1", "max_pooling2d_1"])
    assert [net.node(source.layer).name for source in block.inputs] == ["max_pooling2d"]
    assert [net.node(source.layer).name for source in block.outputs] == ["max_pooling2d_1"]
    assert figures(grouped) == figures(net)


def test_that_a_block_around_a_skip_has_two_entrances():
    net = residual(2)
    merge = next(place for place, node in enumerate(net.layers) if len(node.inputs) == 2)
    grouped = group(net, [net.layers[merge - 1].id, net.layers[merge].id])
    assert len(grouped.architecture.node(grouped.selected[0]).inputs) == 2
    grouped = grouped.architecture
    assert figures(grouped) == figures(net)
    assert fault(grouped) == ""


def test_that_rows_apart_from_each_other_become_no_block():
    net = article_convnet()
    with pytest.raises(EditRefused, match="max_pooling2d would have to be in it too"):
        group(net, ids(net, "conv2d", "conv2d_1"))
    with pytest.raises(EditRefused, match="Select the rows"):
        group(net, [])


def test_that_the_whole_network_can_become_a_block_but_for_nothing_to_read():
    net = article_convnet()
    grouped = group(net, [node.id for node in net.layers[1:]], "model").architecture
    assert [node.name for node in grouped.layers] == ["input_layer", "model"]
    assert figures(grouped) == figures(net)


def test_that_a_block_is_named_apart_from_rows_around_and_in_it():
    net = article_convnet()
    once = group(net, ids(net, "conv2d"), "conv2d").architecture
    assert once.layers[1].name == "conv2d_3"
    twice = group(once, ids(once, "max_pooling2d"), "conv2d").architecture
    names = [node.name for node in twice.layers]
    assert len(set(names)) == len(names)


def test_that_ungrouping_takes_grouping_back():
    net = article_convnet()
    grouped = group(net, ids(net, "conv2d_1", "max_pooling2d_1"))
    edit = ungroup(grouped.architecture, grouped.selected)
    assert edit.architecture.layers == net.layers
    assert edit.text == "Ungroup block"
    assert edit.selected == tuple(ids(net, "conv2d_1", "max_pooling2d_1"))


def test_that_a_repeated_block_comes_apart_into_its_repetitions():
    net = chain(kind("Input", shape=(8,)), kind("Dense", units=8), kind("Dense", units=3))
    grouped = group(net, ids(net, "dense"), "body")
    repeated = set_repeat(grouped.architecture, grouped.selected[0], 3).architecture
    assert analyze(repeated).totals.parameters == 3 * 72 + 27
    apart = ungroup(repeated, grouped.selected).architecture
    assert [node.name for node in apart.layers] == ["input_layer", "dense", "dense_2", "dense_3", "dense_1"]
    assert analyze(apart).totals == msgspec.structs.replace(analyze(repeated).totals, peak_at="dense")


def test_that_what_shares_weights_in_a_block_shares_them_in_each_repetition_anew():
    net = chain(kind("Input", shape=(8,)), kind("Dense", units=8), kind("Dense", units=3))
    net = call_again(net, ids(net, "dense")[0]).architecture
    grouped = group(net, ids(net, "dense", "dense#2"), "body")
    repeated = set_repeat(grouped.architecture, grouped.selected[0], 3).architecture
    assert analyze(repeated).totals.parameters == 3 * 72 + 27
    assert analyze(ungroup(repeated, grouped.selected).architecture).totals.parameters == 3 * 72 + 27


def test_that_a_block_that_gives_less_than_it_reads_is_not_repeated():
    net = residual(1)
    merge = next(node for node in net.layers if len(node.inputs) == 2)
    grouped = group(net, [merge.id], "merge")
    with pytest.raises(EditRefused, match="merge reads 2 and gives 1"):
        set_repeat(grouped.architecture, grouped.selected[0], 2)
    with pytest.raises(EditRefused, match="between 1 and 10,000 times"):
        set_repeat(grouped.architecture, grouped.selected[0], 0)


def test_that_a_block_is_frozen_as_a_whole():
    net = article_convnet()
    grouped = group(net, ids(net, "conv2d", "max_pooling2d", "conv2d_1"), "stem")
    edit = set_trainable(grouped.architecture, grouped.selected, trainable=False)
    assert edit.text == "Freeze stem"
    assert analyze(edit.architecture).totals.non_trainable == 320 + 18_496


@given(architectures(), st.data())
@settings(max_examples=200)
def test_that_any_group_keeps_every_number_and_comes_apart_again(network, data):
    assume(not fault(network))
    whole = data.draw(st.sampled_from([found for found in lists(network) if found.nodes] or [None]))
    assume(whole is not None)
    first = data.draw(st.integers(0, len(whole.nodes) - 1))
    last = data.draw(st.integers(first, len(whole.nodes) - 1))
    grouped = group(network, [node.id for node in whole.nodes[first : last + 1]])
    assert fault(grouped.architecture) == ""
    assert figures(grouped.architecture) == figures(network)
    apart = ungroup(grouped.architecture, grouped.selected).architecture
    assert fault(apart) == ""
    assert apart.layers == network.layers
    assert apart.outputs == network.outputs


def test_that_an_architecture_of_one_layer_is_kept_whole():
    net = Architecture("one", (Layer(0, "in", kind("Input", shape=(3,))),), (Source(0),), next_id=1)
    grouped = group(net, [0]).architecture
    assert figures(grouped) == figures(net)


def test_that_rows_of_different_blocks_become_no_block_and_a_row_does_not_come_apart():
    net = group(article_convnet(), [1, 2]).architecture
    with pytest.raises(EditRefused, match="different blocks"):
        group(net, [1, 3])
    with pytest.raises(EditRefused, match="Select a block"):
        ungroup(net, [3])


def test_that_a_block_of_too_many_rows_does_not_come_apart():
    net = chain(kind("Input", shape=(4,)), *[kind("Dense", units=4)] * 21)
    net = group(net, range(1, 22)).architecture
    block = next(node.id for node in net.layers if isinstance(node, Block))
    with pytest.raises(EditRefused, match="more than 200,000 layers"):
        ungroup(set_repeat(net, block, 10_000).architecture, [block])
