"""Pooling in PyTorch's words; every figure was returned by torch 2.14.1."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.kinds.core import Input
from paramdesk.engine.kinds.pooling import MaxPooling2D
from paramdesk.engine.kinds.unpooling import MaxUnpooling2D
from tests.helpers.layers_alone import refusal
from tests.helpers.modules_alone import made, refused, shape, shapes

# A moving window ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ceil_mode", "size"), [(False, 56), (True, 57)])
def test_that_the_places_of_a_window_are_rounded_down_or_up(ceil_mode, size):
    arguments = {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": ceil_mode}
    assert shape("MaxPool2d", (1, 64, 112, 112), **arguments) == (1, 64, size, size)


@pytest.mark.parametrize(
    ("kernel_size", "stride", "padding", "n", "size"),
    [(2, 3, 1, 11, 4), (2, 4, 1, 11, 3), (1, 3, 0, 11, 4), (2, 3, 0, 9, 3), (1, 4, 0, 12, 3), (2, 3, 1, 7, 3)],
)
def test_that_a_window_that_starts_behind_the_end_is_left_out(kernel_size, stride, padding, n, size):
    arguments = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "ceil_mode": True}
    assert shape("MaxPool1d", (1, 3, n), **arguments) == (1, 3, size)


def test_that_only_the_window_of_largest_values_can_be_dilated():
    assert shape("MaxPool2d", (1, 3, 11, 8), kernel_size=[3, 2], dilation=[2, 1]) == (1, 3, 3, 4)
    assert "AvgPool2d has no argument dilation" in refused("AvgPool2d", (1, 3, 11, 8), kernel_size=3, dilation=2)


def test_that_a_dilated_window_sees_as_far_as_it_spans():
    field = made("MaxPool1d", (1, 3, 20), kernel_size=3, stride=2, padding=1, dilation=3).field
    assert (field.size, field.jump, field.start) == ((7,), (2,), (2.5,))


def test_that_padding_may_be_half_of_the_window():
    assert shape("MaxPool1d", (1, 3, 11), kernel_size=3, padding=1) == (1, 3, 4)
    message = refused("MaxPool1d", (1, 3, 11), kernel_size=3, padding=2, dilation=3)
    assert message == "padding 2 is more than half of the pool 3"


def test_that_means_in_three_dimensions_look_at_the_input_before_it_is_padded():
    assert shape("AvgPool2d", (1, 2, 3, 8), kernel_size=4, padding=2) == (1, 2, 1, 3)
    assert shape("MaxPool3d", (1, 2, 3, 8, 8), kernel_size=4, padding=2) == (1, 2, 1, 3, 3)
    message = refused("AvgPool3d", (1, 2, 3, 8, 8), kernel_size=4, padding=2)
    assert message == "pool 4×4×4 is larger than the 3×8×8 input before padding"


def test_that_one_number_in_a_list_stands_for_all_axes():
    assert shape("MaxPool2d", (1, 3, 11, 8), kernel_size=[3], stride=[]) == (1, 3, 3, 2)
    assert "takes one whole number or a list of 2" in refused("MaxPool2d", (1, 3, 11, 8), kernel_size=[3, 3, 3])
    assert "takes one whole number or a list of 1" in refused("AvgPool1d", (1, 3, 11), kernel_size=[2, 2])
    assert refused("LPPool1d", (1, 3, 11), norm_type=2, kernel_size=[2]).endswith("LPPool1d takes one whole number")


def test_that_a_sample_may_stand_alone_and_unknown_sizes_stay_unknown():
    assert shape("AvgPool2d", (3, 11, 8), kernel_size=2) == (3, 5, 4)
    assert shape("MaxPool2d", (None, 3, None, 8), kernel_size=2, ceil_mode=True) == (None, 3, None, 4)
    assert "needs 3 or 4 axes" in refused("MaxPool2d", (3, 11), kernel_size=2)


def test_that_where_there_is_nothing_no_value_is_the_largest():
    assert shape("MaxPool1d", (0, 3, 11), kernel_size=2) == (0, 3, 5)
    assert "the input (1, 3, 0) has no values" in refused("MaxPool1d", (1, 3, 0), kernel_size=2)


def test_that_indices_are_a_second_output_of_whole_numbers():
    report = made("MaxPool2d", (1, 3, 11, 8), kernel_size=2, return_indices=True)
    assert report.output_shapes == ((1, 3, 5, 4), (1, 3, 5, 4))
    assert [spec.dtype for spec in report.output_specs] == ["float32", "int64"]


def test_that_a_sum_cannot_be_divided_by_nothing():
    assert shape("AvgPool2d", (1, 3, 11, 8), kernel_size=2, divisor_override=-1) == (1, 3, 5, 4)
    assert "divided by 0" in refused("AvgPool2d", (1, 3, 11, 8), kernel_size=2, divisor_override=0)


def test_that_each_framework_refuses_the_padding_of_the_other():
    assert "Keras takes no numbers here" in refusal("MaxPooling2D", (None, 9, 9, 3), padding=[1, 1])
    layers = (Layer(0, "x", Input(shape=(3, 9, 9))), Layer(1, "pool", MaxPooling2D(padding="same"), (Source(0),)))
    network = Architecture("net", layers, (Source(1),), "pytorch", "channels_first", 2)
    assert analyze(network).layers[-1].problem.message == "padding='same': PyTorch's poolings take numbers"


def test_that_no_root_is_taken_of_power_zero():
    assert shape("LPPool2d", (1, 3, 11, 8), norm_type=-2.5, kernel_size=2, ceil_mode=True) == (1, 3, 6, 4)
    assert "power 0" in refused("LPPool2d", (1, 3, 11, 8), norm_type=0, kernel_size=2)


# To a size ------------------------------------------------------------------------------------------------------------


def test_that_adaptive_pooling_keeps_a_size_that_is_none():
    assert shape("AdaptiveAvgPool2d", (1, 3, 11, 8), output_size=[None, 3]) == (1, 3, 11, 3)
    assert "output_size None" in refused("AdaptiveAvgPool1d", (1, 3, 11), output_size=[None])


def test_that_adaptive_pooling_may_leave_nothing_or_more_than_there_was():
    assert shape("AdaptiveMaxPool1d", (3, 11), output_size=0) == (3, 0)
    assert shape("AdaptiveAvgPool3d", (1, 2, 7, 8, 9), output_size=13) == (1, 2, 13, 13, 13)
    assert "output_size = -1" in refused("AdaptiveMaxPool2d", (1, 3, 11, 8), output_size=-1)


def test_that_one_mean_of_everything_is_taken_over_the_last_axes_of_whatever_comes():
    assert shape("AdaptiveAvgPool2d", (1, 2, 3, 4, 5), output_size=1) == (1, 2, 3, 1, 1)
    assert shape("AdaptiveAvgPool2d", (3, 4), output_size=1) == (1, 1)
    assert "needs 3 or 4 axes" in refused("AdaptiveAvgPool2d", (3, 4), output_size=[1, 1])
    assert "needs 3 or 4 axes" in refused("AdaptiveAvgPool2d", (1, 2, 3, 4, 5), output_size=2)


@pytest.mark.parametrize(("size", "field"), [(2, ((5,), (5,), (2.5,))), (10, ((1,), (1,), (0.5,)))])
def test_that_windows_that_are_all_alike_have_a_field(size, field):
    found = made("AdaptiveAvgPool1d", (1, 3, 10), output_size=size).field
    assert (found.size, found.jump, found.start) == field
    assert made("AdaptiveAvgPool1d", (1, 3, 10), output_size=3).field is None


# At random, and back --------------------------------------------------------------------------------------------------


def test_that_fractional_pooling_leaves_a_share_or_a_size():
    assert shape("FractionalMaxPool2d", (1, 3, 11, 8), kernel_size=2, output_ratio=0.5) == (1, 3, 5, 4)
    assert shape("FractionalMaxPool2d", (1, 3, 11, None), kernel_size=2, output_ratio=[0.99, 0.5]) == (1, 3, 10, None)
    assert shape("FractionalMaxPool3d", (1, 3, 8, 8, 8), kernel_size=2, output_size=6) == (1, 3, 6, 6, 6)
    assert "neither is stated" in refused("FractionalMaxPool2d", (1, 3, 11, 8), kernel_size=2)


def test_that_windows_at_random_need_one_position_more_in_three_dimensions():
    assert shape("FractionalMaxPool2d", (1, 3, 11, 8), kernel_size=2, output_size=7) == (1, 3, 7, 7)
    message = refused("FractionalMaxPool3d", (1, 3, 8, 8, 8), kernel_size=2, output_size=7)
    assert message == "7×7×7 windows of 2×2×2 do not fit into the 8×8×8 input"


def unpooled(size, **arguments):
    pair = [(1, 3, 4, 5), (1, 3, 4, 5)]
    return shapes("MaxUnpool2d", pair, call={"output_size": size}, **{"kernel_size": 2, **arguments})


def test_that_unpooling_goes_back_to_the_smallest_size_or_to_the_one_asked_for():
    assert unpooled(None) == ((1, 3, 8, 10),)
    assert unpooled(None, stride=3, padding=1) == ((1, 3, 9, 12),)
    assert unpooled([9, 9]) == unpooled([1, 3, 9, 9]) == ((1, 3, 9, 9),)


@pytest.mark.parametrize("size", [[10, 12], [6, 8], [8], [8, 8, 8], 9])
def test_that_no_size_a_stride_away_can_be_asked_for(size):
    pair = [(1, 3, 4, 5), (1, 3, 4, 5)]
    assert "output_size" in refused("MaxUnpool2d", pair, call={"output_size": size}, kernel_size=2)


def test_that_each_value_needs_its_index():
    message = refused("MaxUnpool1d", [(1, 3, 4), (1, 2, 4)], kernel_size=2)
    assert message == "values (1, 3, 4) and indices (1, 2, 4) must have the same shape"
    assert "takes two inputs" in refused("MaxUnpool1d", (1, 3, 4), kernel_size=2)


def test_that_indices_of_a_pooling_lead_back_through_a_network():
    pool, back = MaxPooling2D(return_indices=True), MaxUnpooling2D(pool_size=(2, 2), output_size=(11, 8))
    layers = (
        Layer(0, "x", Input(shape=(3, 11, 8))),
        Layer(1, "pool", pool, (Source(0),)),
        Layer(2, "back", back, (Source(1), Source(1, 1))),
    )
    report = analyze(Architecture("net", layers, (Source(2),), "pytorch", "channels_first", 3)).layers[-1]
    assert report.output_shapes == ((None, 3, 11, 8),)
