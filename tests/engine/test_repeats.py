"""Equal runs become one repeated block, and no number changes."""

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Block, Layer, Source
from paramdesk.engine.block_edits import group, set_repeat, ungroup
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.repeats import find_repeats
from paramdesk.engine.sharing_edits import call_again
from paramdesk.engine.wiring import fault
from paramdesk.formats.keras.reading import architecture_from
from tests.helpers.architectures import architectures
from tests.helpers.keras_reference import model
from tests.helpers.networks import chain, kind, residual


def figures(network):
    return [(report.parameters, report.macs, report.output_shapes) for report in analyze(network).layers]


def blocks(network):
    return [(node.name, len(node.layers), node.repeat) for node in network.nodes() if isinstance(node, Block)]


def test_that_layers_in_turn_become_one_block():
    pair = (kind("Conv2D", filters=8, kernel_size=3, padding="same"), kind("ReLU"))
    net = chain(kind("Input", shape=(9, 9, 8)), *pair * 4, kind("Flatten"))
    edit = find_repeats(net)
    assert blocks(edit.architecture) == [("block", 2, 4)]
    assert edit.text == "Fold 1 repeated block"
    assert figures(edit.architecture) == figures(net)


def test_that_residual_blocks_become_one():
    net = residual(5)
    edit = find_repeats(net)
    assert blocks(edit.architecture) == [("block", 7, 2)]  # every second one has a projection
    assert figures(edit.architecture) == figures(net)


def test_that_what_is_read_again_in_every_repetition_passes_through():
    """As the memory that every layer of a decoder reads."""
    layers = [
        Layer(0, "x", kind("Input", shape=(4,))),
        Layer(1, "memory", kind("Input", shape=(4,))),
    ]
    last = 0
    for number in range(3):
        layers += [
            Layer(10 + 2 * number, f"dense_{number}", kind("Dense", units=4), (Source(last),)),
            Layer(11 + 2 * number, f"add_{number}", kind("Add"), (Source(10 + 2 * number), Source(1))),
        ]
        last = 11 + 2 * number
    net = Architecture("decoder", tuple(layers), (Source(last),), next_id=30)
    folded = find_repeats(net).architecture
    block = next(node for node in folded.layers if isinstance(node, Block))
    assert (block.inputs, block.repeat) == ((Source(0), Source(1)), 3)
    assert block.outputs == (Source(11), Source(block.id, 1))
    assert figures(folded) == figures(net)


@pytest.mark.parametrize(
    "layers",
    [
        [kind("Dense", units=4), kind("Dense", units=5), kind("Dense", units=6)],
        [kind("Dense", units=4), kind("Dense", units=4)],
        [],
    ],
)
def test_that_nothing_is_folded_where_nothing_repeats(layers):
    with pytest.raises(EditRefused, match="No rows repeat"):
        find_repeats(chain(kind("Input", shape=(4,)), *layers))


def test_that_a_repetition_that_is_read_below_is_left_out():
    """As the skips of a U-Net."""
    net = chain(kind("Input", shape=(4,)), *[kind("Dense", units=4)] * 5, kind("Add"))
    second = net.layers[2].id
    rows = (*net.layers[:-1], msgspec.structs.replace(net.layers[-1], inputs=(*net.layers[-1].inputs, Source(second))))
    skipped = msgspec.structs.replace(net, layers=rows)
    folded = find_repeats(skipped).architecture
    assert [repeat for _name, _rows, repeat in blocks(folded)] == [3]
    assert figures(folded) == figures(skipped)


def test_that_shared_weights_are_no_repetition():
    net = chain(kind("Input", shape=(4,)), kind("Dense", units=4))
    for _call in range(3):
        net = call_again(net, 1).architecture
    with pytest.raises(EditRefused):
        find_repeats(net)


def test_that_equal_blocks_become_one_that_is_repeated():
    pair = (kind("Conv2D", filters=8, kernel_size=3, padding="same"), kind("ReLU"))
    net = find_repeats(chain(kind("Input", shape=(9, 9, 8)), *pair * 3)).architecture
    block = next(node for node in net.layers if isinstance(node, Block))
    apart = ungroup(net, [block.id]).architecture
    assert figures(find_repeats(apart).architecture) == figures(net)
    twice = set_repeat(net, block.id, 1).architecture
    with pytest.raises(EditRefused):
        find_repeats(twice)


def test_that_the_blocks_of_resnet50_are_found_by_their_names():
    net = architecture_from(model("ResNet50")["config"], "ResNet50.json")
    folded = find_repeats(net).architecture
    assert blocks(folded) == [
        ("conv2_block2", 10, 2),
        ("conv3_block2", 10, 3),
        ("conv4_block2", 10, 5),
        ("conv5_block2", 10, 2),
    ]
    assert figures(folded) == figures(net)
    assert analyze(folded).totals.parameters == 25_636_712


@given(architectures(), st.integers(0, 3))
@settings(max_examples=300)
def test_that_no_number_ever_changes(network, copies):
    assume(not fault(network))
    before = analyze(network)
    try:
        folded = find_repeats(network).architecture
    except EditRefused:
        return
    assert fault(folded) == ""
    assert figures(folded) == figures(network)
    after = analyze(folded)
    assert msgspec.structs.replace(after.totals, peak_at=None) == msgspec.structs.replace(before.totals, peak_at=None)


def test_that_equal_blocks_become_one_that_is_repeated_and_no_block_of_a_block():
    net = chain(kind("Input", shape=(4,)), *[kind("Dense", units=4)] * 6)
    for first in (1, 3, 5):
        net = group(net, [first, first + 1]).architecture
    folded = find_repeats(net).architecture
    assert blocks(folded) == [("block", 2, 3)]
    assert figures(folded) == figures(net)
