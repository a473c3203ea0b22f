"""Pooling, padding, cropping, upsampling: what a random comparison with Keras taught."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Source
from paramdesk.engine.edits import insert_kind
from paramdesk.engine.kinds.padding import ZeroPadding2D
from paramdesk.engine.links import connect
from paramdesk.engine.places import Place
from tests.helpers.layers_alone import computed, output, refusal, warning
from tests.helpers.networks import chain, kind


@pytest.mark.parametrize(("padding", "size"), [("valid", 5), ("same", 6)])
def test_that_what_is_left_over_is_dropped_or_padded(padding, size):
    assert output("MaxPooling2D", (None, 11, 11, 3), padding=padding) == (None, size, size, 3)


def test_that_a_pool_moves_by_its_own_size_unless_told_otherwise():
    assert output("MaxPooling2D", (None, 9, 9, 3), pool_size=[3, 2]) == (None, 3, 4, 3)
    assert output("MaxPooling2D", (None, 9, 9, 3), pool_size=[3, 2], strides=1) == (None, 7, 8, 3)


def test_that_only_average_pooling_needs_its_size_stated():
    assert output("MaxPooling1D", (None, 9, 3)) == (None, 4, 3)
    assert refusal("AveragePooling1D", (None, 9, 3)) == "AveragePooling1D needs pool_size"


def test_that_a_stride_of_zero_does_not_move():
    assert refusal("MaxPooling2D", (None, None, 9, 3), strides=[1, 0]).startswith("strides 1×0 would not move")


def test_that_the_refusal_of_a_large_pool_names_both_sizes():
    assert "pool 3×3 is larger than the 2×9 input" in refusal("AveragePooling2D", (None, 2, 9, 3), pool_size=3)


def test_that_global_pooling_drops_the_axes_or_keeps_them_with_one_place():
    shape = (None, 9, None, 3)
    assert output("GlobalAveragePooling2D", shape) == (None, 3)
    assert output("GlobalMaxPooling2D", shape, keepdims=True) == (None, 1, 1, 3)
    options = {"keepdims": True, "data_format": "channels_first"}
    assert output("GlobalMaxPooling2D", shape, **options) == (None, 9, 1, 1)
    assert computed("GlobalMaxPooling2D", shape).receptive_field is None


def test_that_the_wrong_number_of_axes_is_told_with_their_names():
    assert refusal("MaxPooling2D", (None, 9, 3)) == (
        "MaxPooling2D needs 4 axes (batch, height, width and channels), but the input (None, 9, 3) has 3"
    )


@pytest.mark.parametrize(
    ("padding", "shape"),
    [(2, (9, 8)), ([1, 2], (7, 8)), ([[1, 2], 3], (8, 10)), ([[1, 2], [0, 4]], (8, 8)), (0, (5, 4)), (True, (7, 6))],
)
def test_that_padding_is_stated_once_per_axis_or_per_side(padding, shape):
    assert output("ZeroPadding2D", (None, 5, 4, 3), padding=padding) == (None, *shape, 3)


@pytest.mark.parametrize("padding", [[-1, -1], [[-1, -1], [0, 0]], [1], [1, 2, 3], "ab", None, 1.0, [1.0, 1]])
def test_that_other_paddings_are_refused(padding):
    assert "padding" in refusal("ZeroPadding2D", (None, 5, 4, 3), padding=padding)


def test_that_a_single_negative_padding_is_a_warning_until_nothing_is_left():
    assert "fails when run" in warning("ZeroPadding2D", (None, 5, 4, 3), padding=-1)
    assert "would be left" in refusal("ZeroPadding2D", (None, 5, 4, 3), padding=-3)


def test_that_a_negative_padding_is_written_as_keras_takes_it():
    assert ZeroPadding2D(padding=((-1, -1), (-1, -1))).keras_config()["padding"] == -1


def test_that_cropping_leaves_at_least_one_position():
    assert output("Cropping2D", (None, 5, 8, 3), cropping=[[1, 2], [3, 4]]) == (None, 2, 1, 3)
    assert output("Cropping1D", (None, None, 3), cropping=9) == (None, None, 3)
    assert "cropping 2 + 3 of 5 leaves nothing" in refusal("Cropping1D", (None, 5, 3), cropping=[2, 3])


def test_that_some_resizing_knows_no_other_layout():
    for class_name in ("Cropping1D", "UpSampling1D"):
        assert "has no option data_format" in refusal(class_name, (None, 5, 3), data_format="channels_last")


def test_that_upsampling_multiplies_and_an_unknown_interpolation_is_warned_of():
    assert output("UpSampling2D", (None, 5, None, 3), size=[2, 3]) == (None, 10, None, 3)
    assert computed("UpSampling2D", (None, 5, 4, 3), interpolation="Bilinear").problem is None
    assert "'magic' is none of nearest" in warning("UpSampling2D", (None, 5, 4, 3), interpolation="magic")


def test_that_repeated_positions_stand_closer_and_see_no_more():
    nearest = computed("UpSampling2D", (None, 5, 4, 3), size=2)
    assert (nearest.field.size, nearest.field.jump) == ((1, 1), (0.5, 0.5))
    assert computed("UpSampling2D", (None, 5, 4, 3), interpolation="bilinear").field is None


def test_that_padding_and_cropping_move_where_a_field_starts():
    assert computed("ZeroPadding1D", (None, 5, 3), padding=[2, 0]).field.start == (-1.5,)
    assert computed("Cropping1D", (None, 5, 3), cropping=[2, 0]).field.start == (2.5,)


# Adaptive pooling, of which Keras checks nothing until it runs -----------------------------------------------------


def test_that_a_size_is_asked_for_once_for_all_axes_or_for_each():
    assert output("AdaptiveAveragePooling2D", (None, 10, 9, 3), output_size=2) == (None, 2, 2, 3)
    assert output("AdaptiveMaxPooling2D", (None, None, None, 3), output_size=[7, 20]) == (None, 7, 20, 3)
    options = {"output_size": 2, "data_format": "channels_first"}
    assert output("AdaptiveAveragePooling1D", (None, 3, 10), **options) == (None, 3, 2)
    message = refusal("AdaptiveAveragePooling2D", (None, 10, 9, 3), output_size=[2, 3, 4])
    assert message == "output_size (2, 3, 4) has 3 sizes, but AdaptiveAveragePooling2D needs 2: height, width"


def test_that_another_number_of_axes_is_a_warning_beside_the_shape():
    assert output("AdaptiveAveragePooling2D", (None, 10, 9), output_size=2) == (None, 2, 2, 9)
    assert "is for 4 axes, but" in warning("AdaptiveAveragePooling2D", (None, 10, 9), output_size=2)


@pytest.mark.parametrize("size", [0, [2, 0], [None, 2]])
def test_that_a_size_of_zero_or_none_is_a_warning(size):
    assert "fails when run" in warning("AdaptiveAveragePooling2D", (None, 10, 9, 3), output_size=size)


@pytest.mark.parametrize(
    ("shape", "size", "crashes"),
    [((4, 5), (1, 3), False), ((5, 4), (3, 1), True), ((5, 1), (3, 3), True), ((1, 5), (3, 3), False)],
)
def test_that_the_largest_value_over_a_whole_last_axis_crashes_tensorflow(shape, size, crashes):
    report = computed("AdaptiveMaxPooling2D", (None, *shape, 3), output_size=size)
    assert (report.problem is not None) == crashes
    assert computed("AdaptiveAveragePooling2D", (None, *shape, 3), output_size=size).problem is None


def test_that_adaptive_pooling_alone_minds_the_case_of_data_format():
    assert output("MaxPooling1D", (None, 3, 10), data_format="Channels_First") == (None, 3, 5)
    assert "data_format" in refusal("AdaptiveMaxPooling1D", (None, 3, 10), output_size=2, data_format="Channels_First")


@pytest.mark.parametrize("size", [1, (1, 1)])
def test_that_no_position_is_left_behind_one_mean_of_everything(size):
    """As behind pooling over everything: what it weighs (squeeze-and-excitation) is not out of step with it."""
    network = chain(kind("Input", shape=(8, 8, 4)), kind("AdaptiveAveragePooling2D", output_size=size))
    scaled = insert_kind(network, kind("Multiply"), Place(1)).architecture
    summary = analyze(connect(scaled, 2, (Source(1), Source(0))).architecture)
    assert summary.layers[1].receptive_field is None
    assert summary.layers[2].problem is None
