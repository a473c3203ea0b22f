"""Layers and models that a Keras model calls several times: edits of such networks lose nothing on their way out."""

import pytest

from paramdesk.engine import edits, links, sharing_edits
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Source
from paramdesk.engine.errors import EditRefused, UnwritableFile
from paramdesk.engine.places import Place
from tests.formats.test_keras_json import (
    INPUT,
    called,
    called_on_a_list,
    dense,
    functional,
    layer,
    model_within,
    read,
    written,
)
from tests.helpers.networks import kind


def row(net, name):
    return next(node for node in net.nodes() if node.name == name)


def total(net):
    return analyze(net).totals.parameters


@pytest.fixture
def twice():
    """A model of two layers, called twice: 40 parameters."""
    inner = model_within(
        "Sequential", "enc", layer("InputLayer", "i", batch_shape=[None, 4]), dense("one"), dense("two")
    )
    calls = [*called("in"), *called("enc")]
    return read(functional(INPUT, {**inner, "name": "enc", "inbound_nodes": calls}, outputs=["enc", 1, 0]))


def inserted(net):
    later = row(net, "enc#2")
    return edits.insert_kind(net, kind("Dense", units=4), Place(later.layers[-1].id, later.id))


def test_that_calls_that_are_alike_are_written(twice):
    assert total(read(written(twice))) == total(twice) == 40


@pytest.mark.parametrize(
    "edit",
    [
        inserted,
        lambda net: edits.remove(net, [row(net, "enc#2").layers[0].id]),
        lambda net: sharing_edits.own_weights(net, row(net, "enc#2").layers[0].id),
        lambda net: edits.remove(net, [row(net, "enc").layers[0].id]),
    ],
)
def test_that_what_one_call_alone_has_is_not_lost_in_silence(twice, edit):
    reason = "enc#2: it is enc, called again, .* make the two alike, or give it weights of its own"
    with pytest.raises(UnwritableFile, match=reason):
        written(edit(twice).architecture)


def test_that_an_option_that_goes_to_every_call_is_written(twice):
    net = edits.configure(twice, row(twice, "enc#2").layers[0].id, use_bias=False).architecture
    assert total(read(written(net))) == total(net) == 36


def shared_within_shared():
    """A model that is called twice, in which a layer is called twice."""
    inner = model_within(
        "Functional",
        "enc",
        layer("InputLayer", "i", [], batch_shape=[None, 4]),
        layer("Dense", "d", [*called("i"), *called("d")], units=4),
        input_layers=["i", 0, 0],
        output_layers=["d", 1, 0],
    )
    calls = [*called("in"), *called("enc")]
    return read(functional(INPUT, {**inner, "name": "enc", "inbound_nodes": calls}, outputs=["enc", 1, 0]))


def test_that_the_calls_of_a_layer_within_a_later_call_share_one_layers_weights():
    net = shared_within_shared()
    changed = edits.configure(net, row(net, "enc").layers[1].id, use_bias=False).architecture
    assert total(read(written(changed))) == total(changed) == 16


# The first call goes, or a later one gets weights of its own

L2 = {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 0.01}, "registered_name": None}


def entry_of(net, name):
    entries = [*written(net)["config"]["layers"]]
    return next(entry for entry in entries if entry["config"]["name"] == name)


def test_that_an_heir_keeps_what_the_file_said_of_the_layer():
    shared = layer("Dense", "d", [*called("in"), *called("d")], units=4, kernel_regularizer=L2)
    net = read(functional(INPUT, shared, outputs=["d", 1, 0]))
    left = edits.remove(net, [row(net, "d").id]).architecture
    assert entry_of(left, "d#2")["config"]["kernel_regularizer"] == L2
    apart = sharing_edits.own_weights(net, row(net, "d#2").id).architecture
    assert [entry_of(apart, name)["config"]["kernel_regularizer"] for name in ("d", "d#2")] == [L2, L2]


def test_that_an_heir_of_a_class_of_ones_own_is_written_as_it_was():
    own = layer("Attend", "a", [*called("in"), *called("a", flag=True)], heads=3)
    own |= {"registered_name": "mine>Attend", "module": "mine"}
    net = read(functional(INPUT, own, dense("d", "a"), outputs=["d", 0, 0]))
    left = edits.remove(net, [row(net, "a").id]).architecture
    entry = entry_of(left, "a#2")
    assert (entry["registered_name"], entry["config"]["heads"]) == ("mine>Attend", 3)
    assert entry["inbound_nodes"][0]["kwargs"] == {"flag": True}


def test_that_a_block_gets_weights_of_its_own_with_all_that_is_in_it(twice):
    net = sharing_edits.own_weights(twice, row(twice, "enc#2").id).architecture
    assert total(read(written(net))) == total(net) == 80


def test_that_layers_in_a_block_with_weights_of_its_own_share_them_still():
    net = shared_within_shared()
    apart = sharing_edits.own_weights(net, row(net, "enc#2").id).architecture
    assert (total(net), total(apart), total(read(written(apart)))) == (20, 40, 40)


# Entrances and exits of what is called again


@pytest.mark.parametrize("reader", ["enc", "enc#2"])
def test_that_one_call_alone_gets_no_entrance(reader):
    inner = model_within(
        "Functional",
        "enc",
        layer("InputLayer", "i", [], batch_shape=[None, 4]),
        layer("Add", "sum", called_on_a_list("i", "i")),
        input_layers=["i", 0, 0],
        output_layers=["sum", 0, 0],
    )
    calls = [*called("first"), *called("first")]
    nested = {**inner, "name": "enc", "inbound_nodes": calls}
    net = read(functional(INPUT, dense("first", "in"), nested, outputs=[["enc", 0, 0], ["enc", 1, 0]]))
    add = row(net, reader).layers[1]
    with pytest.raises(EditRefused, match=r"enc#2 is enc, called again: .* Give enc#2 weights of its own first\."):
        links.link(net, Source(row(net, "in").id), add.id)
    apart = sharing_edits.own_weights(net, row(net, "enc#2").id).architecture
    linked = links.link(apart, Source(row(net, "in").id), add.id).architecture
    assert len(row(read(written(linked)), reader).inputs) == 2


def test_that_one_call_alone_gets_no_exit(twice):
    with pytest.raises(EditRefused, match="each time it gives as much"):
        links.set_returned(twice, row(twice, "enc").layers[0].id, returned=True)
