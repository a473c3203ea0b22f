"""What a layer sees of the network's input, found from what another one like it sees."""

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paramdesk.engine.analysis import analyze
from paramdesk.engine.edits import configure
from paramdesk.engine.receptive_field import ReceptiveField, shift, shifted
from paramdesk.frameworks.check import check_keras_layer
from tests.helpers.keras_reference import cases
from tests.helpers.networks import chain, kind


def others(before):
    """Fields of other sizes and places, in the same steps over the input."""
    for larger, moved in ((2, 0.0), (0, -1.5), (31, 12.5)):
        sizes = tuple(size + larger for size in before.size)
        yield msgspec.structs.replace(before, size=sizes, start=tuple(start + moved for start in before.start))


@pytest.mark.parametrize("class_name", list(cases()))
def test_that_a_layer_enlarges_and_moves_any_field_alike(class_name):
    """The analysis relies on it for every kind: see `shift`."""
    for case in cases()[class_name]:
        report = check_keras_layer(class_name, case["config"], case["input_shape"], case.get("call_kwargs"))
        if not report.is_computed or len(report.input_fields) != 1 or report.input_fields[0] is None:
            continue
        before = report.input_fields[0]
        for other in others(before):
            seen = report.layer.kind.field_on(report.input_specs, (other,))
            assert (seen is None) == (report.field is None)
            if seen is not None:
                assert shifted(other, shift(before, report.field), report.field.jump) in {seen, None}
                assert shifted(report.field, shift(before, other), report.field.jump) in {seen, None}


def field_on(axes, size, jump, start):
    return ReceptiveField((size,) * axes, (jump,) * axes, (start,) * axes)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_that_what_a_layer_does_to_one_field_it_does_to_another_one(axes):
    by = shift(field_on(axes, 3, 2, 1.5), field_on(axes, 7, 4, 2.5))
    assert shifted(field_on(axes, 13, 2, 5.5), by, (4,) * axes) == field_on(axes, 17, 4, 6.5)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    ("before", "other"),
    [
        ((3, 2, None), (3, 2, 1.5)),
        ((3, 2, 1.5), (3, 2, None)),
        ((3, 0.5, 1.5), (5, 0.5, 1.5)),
        ((3, 2, 1.5), (3, 2, 2.0**52)),
        ((3, 2, 1.5), (3, 2, -(2.0**52))),
        ((3, 2, 2.0**52), (3, 2, 1.5)),
    ],
)
def test_that_nothing_is_told_of_unknown_starts_fractions_and_rounded_numbers(axes, before, other):
    by = shift(field_on(axes, *before), field_on(axes, 7, 4, 2.5))
    assert shifted(field_on(axes, *other), by, (4,) * axes) is None


def test_that_nothing_is_told_of_another_number_of_axes():
    by = shift(field_on(2, 3, 2, 1.5), field_on(2, 7, 4, 2.5))
    assert shifted(field_on(1, 3, 2, 1.5), by, (4,)) is None
    assert shift(field_on(1, 3, 2, 1.5), field_on(2, 7, 4, 2.5)) is None
    assert shift(None, field_on(2, 7, 4, 2.5)) is None


LAYERS = st.one_of(
    st.builds(
        lambda size, stride, padding: kind("Conv1D", filters=2, kernel_size=size, strides=stride, padding=padding),
        st.integers(1, 7), st.integers(1, 3), st.sampled_from(["valid", "same", "causal"]),
    ),
    st.builds(lambda size: kind("UpSampling1D", size=size), st.integers(1, 7)),
    st.builds(lambda size: kind("MaxPooling1D", pool_size=size), st.integers(1, 3)),
    st.builds(lambda sides: kind("ZeroPadding1D", padding=sides), st.tuples(st.integers(0, 3), st.integers(0, 3))),
    st.builds(lambda sides: kind("Cropping1D", cropping=sides), st.tuples(st.integers(0, 2), st.integers(0, 2))),
    st.just(kind("ReLU")),
)  # fmt: skip


def fields(summary):
    return [report.field for report in summary.layers]


def seen_one_by_one(summary):
    """The field of each layer of a chain, without a look at others of the same kind."""
    found = [summary.layers[0].field]
    for report in summary.layers[1:]:
        found.append(report.layer.kind.field_on(report.input_specs, (found[-1],)) if report.is_computed else None)
    return found


def convolution(size, padding="same"):
    return kind("Conv1D", filters=2, kernel_size=size, padding=padding)


THIRDS = [kind("ReLU"), kind("UpSampling1D", size=3), convolution(6), convolution(5), convolution(2, "valid")]


@settings(max_examples=300)
@example(THIRDS, 5, 4)  # floats round behind the upsampling
@given(st.lists(LAYERS, min_size=2, max_size=9), st.integers(1, 5), st.integers(1, 5))
def test_that_every_way_to_a_field_ends_at_the_same_one(layers, before, after):
    network = chain(kind("Input", shape=(4000, 2)), convolution(before), *layers)
    summary = analyze(network)
    assert fields(summary) == seen_one_by_one(summary)
    edited = configure(network, 1, kernel_size=after).architecture
    assert fields(analyze(edited, summary)) == fields(analyze(edited)) == seen_one_by_one(analyze(edited))
