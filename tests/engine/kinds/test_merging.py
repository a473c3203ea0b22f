"""Merging: what a random comparison with Keras taught."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.errors import Refusal
from paramdesk.engine.kinds.convolution import Conv2D
from paramdesk.engine.kinds.core import Input
from paramdesk.engine.kinds.merging import Add, Concatenate
from paramdesk.engine.kinds.pooling import MaxPooling2D
from paramdesk.engine.shape import TensorSpec, internal, public
from tests.helpers.layers_alone import output, refusal


@pytest.mark.parametrize(
    ("shapes", "merged"),
    [
        ([(None, 5)], (None, 5)),
        ([(None, 1, 5), (None, 4, 1)], (None, 4, 5)),
        ([(2, 5), (None, 1), (None, 4, 5)], (2, 4, 5)),
        ([(None, None), (None, 5)], (None, None)),
        ([(None, None), (None, 1)], (None, None)),
        ([(None,), (3,)], (3,)),
        ([(1, 5), (None, 5)], (1, 5)),
    ],
)
def test_that_sizes_of_one_are_stretched_and_unknown_ones_stay_unknown(shapes, merged):
    assert output("Add", shapes) == merged


def test_that_sizes_that_differ_are_named_with_their_axis():
    assert refusal("Multiply", [(None, 5, 6, 3), (None, 5, 7, 3)]) == (
        "(None, 5, 6, 3) and (None, 5, 7, 3) do not fit together: along axis 2, 6 is not 7"
    )


def test_that_batches_are_not_stretched():
    assert refusal("Add", [(1, 5), (4, 5)]) == "Add cannot merge batches of 1 and 4"


@pytest.mark.parametrize("count", [1, 3])
def test_that_subtract_takes_exactly_two(count):
    assert refusal("Subtract", [(None, 4)] * count) == f"Subtract needs exactly 2 inputs, got {count}"


@pytest.mark.parametrize(
    ("axis", "shapes", "merged"),
    [
        (-1, [(None, 5, 3), (None, 5, 4)], (None, 5, 7)),
        (1, [(None, 5, 3), (None, 5, 3)], (None, 10, 3)),
        (1, [(None, None, 3), (None, 5, 3)], (None, None, 3)),
        (0, [(2, 5), (3, 5)], (5, 5)),
        (-1, [(None, None, 5), (None, 4, 5)], (None, None, 10)),
        (5, [(None, 5)], (None, 5)),
    ],
)
def test_that_concatenation_adds_along_its_axis_and_takes_the_others_from_the_first(axis, shapes, merged):
    assert output("Concatenate", shapes, axis=axis) == merged


@pytest.mark.parametrize(
    ("axis", "shapes", "message"),
    [
        (3, [(None, 5, 3), (None, 5, 3)], "axis 3 does not exist: the input (None, 5, 3) has 3 axes"),
        (-4, [(None, 5, 3)], "axis -4 does not exist: the input (None, 5, 3) has 3 axes"),
        (-1, [(None, 5), (None, 5, 3)], "different numbers of axes"),
        (2, [(None, 5, 3), (None, 4, 3)], "along axis 1, 5 is not 4"),
        (-1, [(2, 5), (3, 5)], "along axis 0, 2 is not 3"),
    ],
)
def test_that_what_cannot_be_concatenated_is_told_with_the_axis(axis, shapes, message):
    assert message in refusal("Concatenate", shapes, axis=axis)


@pytest.mark.parametrize(
    ("shapes", "merged"),
    [
        ([(1, 5), (4, 5)], (4, 5)),
        ([(4, 6, 3, 3), (6, 1, 1)], (4, 6, 3, 3)),
        ([(None, 5), (None, 1)], (None, 5)),
        ([(None, 5), (4, 5)], (4, 5)),
        ([(4, 1), (4, None)], (4, None)),
    ],
)
def test_that_to_pytorch_the_batch_is_an_axis_like_any_other(shapes, merged):
    inputs = tuple(TensorSpec(internal(shape), framework="pytorch") for shape in shapes)
    assert public(Add().outputs(inputs)[0].shape) == merged


def test_that_pytorch_refuses_sizes_that_cannot_be_stretched():
    inputs = tuple(TensorSpec(shape, framework="pytorch") for shape in ((2, 5), (3, 5)))
    with pytest.raises(Refusal, match="along axis 0, 2 is not 3"):
        Add().outputs(inputs)


def branches(merge, *paths):
    """Return the report of a merge of chains that all begin at one input."""
    layers, ends = [Layer(0, "image", Input(shape=(16, 16, 3)))], []
    for path in paths:
        end = 0
        for kind in path:
            layers.append(Layer(len(layers), f"layer_{len(layers)}", kind, (Source(end),)))
            end = len(layers) - 1
        ends.append(Source(end))
    layers.append(Layer(len(layers), "merge", merge, tuple(ends)))
    return analyze(Architecture("branches", tuple(layers), (Source(len(layers) - 1),))).layers[-1]


def same(kernel):
    return Conv2D(filters=3, kernel_size=(kernel, kernel), padding="same")


def test_that_a_merge_sees_what_its_widest_branch_sees():
    merged = branches(Add(), [], [same(3), same(3)])
    assert (merged.receptive_field, merged.field.start, merged.problem) == ((5, 5), (0.5, 0.5), None)


def test_that_branches_in_different_steps_are_warned_of():
    merged = branches(Concatenate(axis=1), [MaxPooling2D()], [MaxPooling2D(strides=(1, 2), padding="same")])
    assert merged.problem.severity == "warning"
    assert "(1×2 and 2×2)" in merged.problem.message


def test_that_only_a_concatenation_of_channels_keeps_the_field():
    assert branches(Concatenate(), [], [same(3)]).receptive_field == (3, 3)
    assert branches(Concatenate(axis=1), [], [same(3)]).receptive_field is None
