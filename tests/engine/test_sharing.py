"""Layers that use the weights of another one: weights count once, MACs at each call."""

import msgspec
import pytest

from paramdesk import read
from paramdesk.engine import edits
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Block
from paramdesk.engine.block_edits import group
from paramdesk.engine.columns import columns_named, usual_columns
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.places import with_nodes
from paramdesk.engine.sharing_edits import call_again, own_weights, share_weights
from paramdesk.formats.native import FORMAT
from tests.helpers.networks import chain, kind


def siamese():
    net = chain(kind("Input", shape=(16,)), kind("Dense", units=16), kind("ReLU"), kind("Dense", units=4))
    return call_again(net, 1).architecture


def reports(net):
    return {report.name: report for report in analyze(net).layers}


def test_that_weights_count_once_and_macs_at_each_call():
    rows = reports(siamese())
    assert (rows["dense"].parameters, rows["dense#2"].parameters) == (272, 0)
    assert (rows["dense"].macs, rows["dense#2"].macs) == (256, 256)
    assert rows["dense#2"].weights_of == "dense"
    assert analyze(siamese()).totals.parameters == 272 + 68
    (total,) = rows["dense#2"].explanation()[0].lines
    assert (total.numbers, total.result) == ("the weights of dense, counted there", "0")


def test_that_options_and_freezing_go_to_every_call():
    net = edits.configure(siamese(), 1, use_bias=False).architecture
    rows = reports(net)
    assert (rows["dense"].parameters, rows["dense#2"].problem) == (256, None)
    frozen = reports(edits.set_trainable(net, [4], trainable=False).architecture)
    assert (frozen["dense"].trainable, frozen["dense"].non_trainable) == (0, 256)


def test_that_weights_made_for_another_input_are_told():
    net = edits.configure(siamese(), 1, units=8).architecture
    problem = reports(net)["dense#2"].problem
    assert str(problem) == "the shared kernel of dense is 16 × 8, but this input needs 8 × 8"
    assert not analyze(net).totals.complete


def test_that_renaming_the_layer_renames_its_calls():
    net = edits.rename(siamese(), 1, "encoder").architecture
    assert [node.name for node in net.layers][1:3] == ["encoder", "encoder#2"]


def test_that_the_weights_stay_when_the_layer_that_had_them_goes():
    net = call_again(siamese(), 1).architecture
    left = edits.remove(net, [1]).architecture
    rows = reports(left)
    assert [row.parameters for name, row in rows.items() if name.startswith("dense#")] == [272, 0]


def test_that_a_layer_can_get_weights_of_its_own_again():
    net = own_weights(siamese(), 4).architecture
    assert analyze(net).totals.parameters == 2 * 272 + 68


def test_that_another_layer_can_use_weights():
    net = share_weights(siamese(), 3, 1)
    assert net.text == "Share weights of dense with dense_1"
    assert net.architecture.node(3).kind.units == 16
    assert analyze(net.architecture).totals.parameters == 272
    with pytest.raises(EditRefused, match="uses the weights of dense already"):
        share_weights(net.architecture, 1, 3)


def test_that_a_copy_uses_the_same_weights_and_an_insert_elsewhere_its_own():
    net = edits.duplicate(siamese(), [4]).architecture
    assert analyze(net).totals.parameters == 272 + 68
    other = chain(kind("Input", shape=(16,)))
    pasted = edits.insert(other, (net.node(4),), edits.end_of(other)).architecture
    assert analyze(pasted).totals.parameters == 272


def test_that_sharing_is_kept_in_a_file(tmp_path):
    text = FORMAT.write(siamese()).decode()
    assert '"name": "dense#2", "kind": "Dense", "units": 16, "weights_of": "dense"' in text
    path = tmp_path / "net.paramdesk"
    path.write_text(text, encoding="utf-8")
    again = read(path)
    assert [node.name for node in again.layers] == [node.name for node in siamese().layers]
    assert analyze(again).totals == analyze(siamese()).totals


def test_that_only_a_layer_that_reads_can_be_called_again_or_use_weights():
    with pytest.raises(EditRefused, match="reads something"):
        call_again(siamese(), 0)
    net = group(siamese(), [2]).architecture
    block = next(node.id for node in net.layers if isinstance(node, Block))
    with pytest.raises(EditRefused, match="Only a layer can use"):
        share_weights(net, 1, block)


def test_that_weights_of_a_layer_that_is_not_there_are_missed():
    net = with_nodes(siamese(), {4: msgspec.structs.replace(siamese().node(4), weights_of=99)})
    report = reports(net)["dense#2"]
    assert str(report.problem).endswith("is not there: give it weights of its own")
    assert (report.parameters, report.output_shapes) == (None, ((None, 16),))


def test_that_a_call_cannot_need_more_weights_than_there_are():
    bare, full = kind("Dense", units=16, use_bias=False), kind("Dense", units=16)
    nodes = {1: bare, 4: full}
    net = with_nodes(
        siamese(), {node: msgspec.structs.replace(siamese().node(node), kind=made) for node, made in nodes.items()}
    )
    problem = reports(net)["dense#2"].problem
    assert str(problem) == "the weights of dense are 1, but 2 are needed here"


def test_that_shared_weights_stay_shared_when_something_else_is_edited():
    before = analyze(siamese())
    edited = edits.configure(siamese(), 3, units=5).architecture
    after = analyze(edited, former=before)
    assert after.totals == analyze(edited).totals
    assert [row.weights_of for row in after.layers if row.name == "dense#2"] == ["dense"]


def test_that_the_table_says_whose_weights_are_used():
    assert [column.name for column in usual_columns(analyze(siamese()))][-1] == "weights_of"
    with pytest.raises(KeyError, match="there is no column 'weight_of'"):
        columns_named(["weight_of"])
