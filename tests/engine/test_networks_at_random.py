"""Whatever a network is made of: it is computed without an error, and its totals are what its layers come to."""

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Block, Layer, Source
from paramdesk.engine.edits import set_trainable
from paramdesk.engine.example import SHAPES
from paramdesk.engine.explanation_text import as_latex, as_markdown, as_text
from paramdesk.engine.kinds.core import Input
from paramdesk.engine.layer_kind import kinds
from paramdesk.engine.repetitions import written_out
from paramdesk.engine.shape import FRAMEWORKS
from tests.helpers.architectures import architectures, random_kinds

KINDS = [kind for kind in kinds().values() if not kind.is_input]


@st.composite
def stacks(draw):
    """A chain of layers that are all computed, in either framework."""
    framework = draw(st.sampled_from(FRAMEWORKS))
    shape = draw(st.sampled_from(SHAPES))
    layout = "channels_last"
    if framework == "pytorch":
        layout, shape = "channels_first", (*shape[-1:], *shape[:-1])
    network = Architecture("stack", (Layer(0, "input", Input(shape=shape)),), (Source(0),), framework, layout, 1)
    for _try in range(draw(st.integers(1, 12))):
        longer = with_one_more(network, draw(random_kinds(KINDS)))
        if analyze(longer).layers[-1].is_computed:
            network = longer
    return network


def with_one_more(network, kind):
    """Return a chain with one more layer at its end."""
    new = network.next_id
    inputs = (Source(network.layers[-1].id),) * (2 if kind.takes_list else 1)
    layer = Layer(new, f"layer_{new}", kind, inputs)
    return msgspec.structs.replace(network, layers=(*network.layers, layer), outputs=(Source(new),), next_id=new + 1)


@given(architectures(), st.sampled_from([None, *FRAMEWORKS]), st.sampled_from(["float32", "float16", "int8"]))
@settings(max_examples=150)
def test_that_any_network_is_computed_and_explained_without_an_error(network, convention, precision):
    summary = analyze(network, convention=convention, precision=precision, batch=3)
    for report in summary.layers:
        for written in (as_text, as_markdown, as_latex):
            assert isinstance(written(report.explanation()), str)
    known = [report.parameters for report in summary.layers if report.parameters is not None]
    assert summary.totals.parameters == sum(known)


@given(stacks(), st.data())
@settings(max_examples=150)
def test_that_a_size_that_is_not_known_leads_to_no_wrong_number(network, data):
    shape = network.layers[0].kind.shape
    assume(shape)
    axis = data.draw(st.integers(0, len(shape) - 1))
    loose = (*shape[:axis], None, *shape[axis + 1 :])
    assume("one_hot" not in repr(network))  # for it, Keras takes for granted that a size it does not know is not 1
    known, unknown = analyze(network).layers, analyze(network.with_input({"input": loose})).layers
    for sure, unsure in zip(known, unknown, strict=True):
        if not unsure.is_computed:
            continue
        for ours, theirs in zip(unsure.output_shapes, sure.output_shapes, strict=True):
            assert len(ours) == len(theirs)
            assert all(one in {None, other} for one, other in zip(ours, theirs, strict=True))
        assert unsure.parameters in {None, sure.parameters}
        assert unsure.macs in {None, sure.macs}


@given(stacks())
def test_that_freezing_moves_parameters_and_changes_no_total(network):
    free = analyze(network).totals
    frozen = analyze(
        set_trainable(network, [layer.id for layer in network.layers], trainable=False).architecture
    ).totals
    assert frozen.parameters == free.parameters
    assert frozen.macs == free.macs
    assert frozen.trainable == 0
    assert frozen.non_trainable == free.trainable + free.non_trainable


@given(stacks(), st.integers(2, 5))
def test_that_a_repeated_block_counts_as_often_as_it_is_written_out(network, repeat):
    inside = network.layers[1:]
    assume(inside)
    block_id = network.next_id
    first = msgspec.structs.replace(inside[0], inputs=tuple(Source(block_id, 0) for _source in inside[0].inputs))
    block = Block(block_id, "body", (Source(0),), (Source(inside[-1].id),), (first, *inside[1:]), repeat)
    repeated = msgspec.structs.replace(
        network, layers=(network.layers[0], block), outputs=(Source(block_id),), next_id=block_id + 1
    )
    summary, plain = analyze(repeated), analyze(written_out(repeated))
    assert without_peak(summary.totals) == without_peak(plain.totals)
    assert [report.parameters for report in summary.layers] == [report.parameters for report in plain.layers]
    once = analyze(network)
    if once.layers[-1].output_specs == once.layers[0].output_specs:
        assert summary.totals.parameters == repeat * once.totals.parameters
        assert summary.totals.macs == (None if once.totals.macs is None else repeat * once.totals.macs)


def without_peak(totals):
    """Return totals without the name of the layer at the peak: copies are called otherwise."""
    return msgspec.structs.replace(totals, peak_at=None)


@given(stacks())
def test_that_totals_are_those_of_the_layers(network):
    summary = analyze(network)
    assert summary.totals.parameters == sum(report.parameters or 0 for report in summary.layers)
    assert summary.totals.complete or any(layer.kind.is_foreign for layer in network.layers)
    assert summary.totals.trainable + summary.totals.non_trainable == summary.totals.parameters
    assert summary.totals.weight_bytes == sum(report.weight_bytes or 0 for report in summary.layers)
