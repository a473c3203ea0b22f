"""What changes when a network becomes one of another framework, or has its channels elsewhere."""

import msgspec
import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.framework_edits import set_framework, set_layout
from tests.helpers.networks import article_convnet, chain, kind


def figures(architecture):
    return [(report.name, report.parameters, report.macs) for report in analyze(architecture).layers]


def test_that_the_article_counts_the_same_in_pytorch_with_its_images_turned():
    keras = article_convnet()
    torch = set_framework(keras, "pytorch").architecture
    assert torch.layers[0].kind.shape == (1, 28, 28)
    assert (torch.framework, torch.layout) == ("pytorch", "channels_first")
    assert figures(torch) == figures(keras)
    assert analyze(torch).layers[1].output_shapes == ((None, 32, 26, 26),)
    assert [report.kind for report in analyze(torch).layers[:3]] == ["Input", "Conv2d", "MaxPool2d"]


def test_that_back_and_forth_is_as_before():
    keras = article_convnet()
    assert set_framework(set_framework(keras, "pytorch").architecture, "keras").architecture == keras
    assert set_layout(set_layout(keras, "channels_first").architecture, "channels_last").architecture == keras


@pytest.mark.parametrize(("axis", "turned"), [(-1, 1), (3, 1), (1, 2), (2, 3), (-2, 3)])
def test_that_an_axis_of_an_image_follows_its_layout(axis, turned):
    keras = chain(kind("Input", shape=(8, 6, 4)), kind("LayerNormalization", axis=axis))
    moved = set_layout(keras, "channels_first").architecture
    assert moved.layers[0].kind.shape == (4, 8, 6)
    assert moved.layers[1].kind.axis == turned
    assert analyze(moved).totals.parameters == analyze(keras).totals.parameters


@pytest.mark.parametrize(
    ("axis", "turned"), [(1, -1), (-3, -1), (2, 1), (-1, 2), (0, 0), (-4, -4), (4, 4), ((1, 2), (-1, 1))]
)
def test_that_an_axis_goes_back_with_its_channels_and_the_batch_stays(axis, turned):
    first = msgspec.structs.replace(
        chain(kind("Input", shape=(4, 8, 6)), kind("LayerNormalization", axis=axis)), layout="channels_first"
    )
    moved = set_layout(first, "channels_last").architecture
    assert moved.layers[0].kind.shape == (8, 6, 4)
    assert moved.layers[1].kind.axis == turned


def test_that_an_axis_that_pytorch_cannot_name_stays_where_it_means_the_channels():
    keras = chain(kind("Input", shape=(8, 6, 4)), kind("BatchNormalization"))
    torch = set_framework(keras, "pytorch").architecture
    assert analyze(torch).layers[1].problem is None
    assert analyze(torch).totals.parameters == 8


def test_that_sequences_are_not_turned():
    keras = chain(kind("Input", shape=(100, 16)), kind("LSTM", units=8))
    assert set_framework(keras, "pytorch").architecture.layers[0].kind.shape == (100, 16)


def test_that_an_option_which_the_other_framework_does_not_have_is_kept_and_reported():
    made = kind("Conv2D", filters=8, kernel_size=(3, 3), data_format="channels_last")
    network = set_framework(chain(kind("Input", shape=(8, 8, 3)), made), "pytorch").architecture
    problem = analyze(network).layers[1].problem
    assert network.layers[1].kind == made
    assert (problem.field, problem.message) == ("data_format", "data format: PyTorch has no such option")


def test_that_undo_names_it():
    keras = chain(kind("Input", shape=(8,)))
    assert set_framework(keras, "pytorch").text == "Make it a PyTorch network"
    assert set_layout(keras, "channels_first").text == "Put channels first"
    assert msgspec.structs.replace(keras, layout="channels_first") == set_layout(keras, "channels_first").architecture


def test_that_a_layout_that_it_has_changes_nothing():
    keras = article_convnet()
    assert set_layout(keras, "channels_last").architecture == keras
