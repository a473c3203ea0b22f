"""Reshaping, padding and upsampling in PyTorch's words; every figure was returned by torch 2.14.1."""

import pytest

from tests.helpers.layers_alone import refusal
from tests.helpers.modules_alone import made, refused, shape

# Axes -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "arguments", "expected"),
    [
        ((2, 3, 4, 5), {}, (2, 60)),
        ((2, 3, 4, 5), {"start_dim": 1, "end_dim": 2}, (2, 12, 5)),
        ((2, 3, 4), {"start_dim": 0, "end_dim": -2}, (6, 4)),
        ((), {"start_dim": 0}, (1,)),
        ((None, 3, None, 5), {"start_dim": 2}, (None, 3, None)),
    ],
)
def test_that_flatten_merges_the_axes_from_one_to_another(given, arguments, expected):
    assert shape("Flatten", given, **arguments) == expected


def test_that_flatten_needs_both_axes_and_the_first_ahead_of_the_last():
    assert "axis 1 does not exist: the input (3,) has 1 axis" in refused("Flatten", (3,))
    assert "axis 2 stands behind axis 1" in refused("Flatten", (2, 3, 4), start_dim=2, end_dim=1)
    assert "Flatten has no option start_axis" in refusal("Flatten", (None, 3), start_axis=0)


def test_that_unflatten_splits_any_one_axis():
    assert shape("Unflatten", (2, 3, 8), dim=-1, unflattened_size=[2, -1]) == (2, 3, 2, 4)
    assert shape("Unflatten", (6, 4), dim=0, unflattened_size=[2, 3]) == (2, 3, 4)
    assert shape("Unflatten", (2, None), dim=1, unflattened_size=[2, -1]) == (2, 2, None)
    assert shape("Unflatten", (6, 0), dim=1, unflattened_size=[4, 0]) == (6, 4, 0)


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ([-1, 4], "the axis has 6 values, but (−1, 4) takes a multiple of 4"),
        ([2, 2], "the axis has 6 values, but (2, 2) takes 4"),
        ([], "no sizes are stated"),
        ([-1, -1], "only one of the sizes (−1, −1) can be −1"),
        ([-1, 0], "takes a multiple of 0"),
    ],
)
def test_that_the_sizes_must_multiply_up(sizes, reason):
    assert reason in refused("Unflatten", (2, 6), dim=1, unflattened_size=sizes)


def test_that_permute_counts_the_batch_and_may_move_it():
    assert shape("Permute", (1, 3, 5, 6), dims=[0, 2, 3, 1]) == (1, 5, 6, 3)
    assert shape("Permute", (1, 3, 5), dims=[-1, 0, 1]) == (5, 1, 3)
    assert made("Permute", (1, 3, 5, 6), dims=[0, -2, -1, 1]).layer.kind.dims == (2, 3, 1)
    assert "dims" in refused("Permute", (4, 3), dims=[0, 0])


# Pixels and patches ---------------------------------------------------------------------------------------------------


def test_that_pixels_are_made_of_channels_and_channels_of_pixels():
    assert shape("PixelShuffle", (2, 2, 18, 4, 5), upscale_factor=3) == (2, 2, 2, 12, 15)
    assert shape("PixelUnshuffle", (3, 4, 6), downscale_factor=2) == (12, 2, 3)
    assert shape("PixelShuffle", (None, 36, None, 5), upscale_factor=2) == (None, 9, None, 10)


def test_that_pixels_must_come_out_even():
    message = refused("PixelShuffle", (1, 6, 4, 5), upscale_factor=2)
    assert message == "6 channels cannot be split into groups of 2×2"
    assert "4×5 positions" in refused("PixelUnshuffle", (1, 6, 4, 5), downscale_factor=2)
    assert "at least 3 axes" in refused("PixelShuffle", (4, 5), upscale_factor=2)
    assert "6 channels cannot be split into 4 equal groups" in refused("ChannelShuffle", (1, 6, 4, 5), groups=4)


def test_that_pixels_move_closer_or_apart():
    assert made("PixelShuffle", (1, 4, 6, 6), upscale_factor=2).field.jump == (0.5, 0.5)
    field = made("PixelUnshuffle", (1, 4, 6, 6), downscale_factor=2).field
    assert (field.size, field.jump, field.start) == ((2, 2), (2, 2), (1.0, 1.0))


def test_that_patches_are_columns():
    arguments = {"kernel_size": [2, 3], "dilation": 2, "padding": 1, "stride": 2}
    assert shape("Unfold", (1, 3, 8, 9), **arguments) == (1, 18, 16)
    assert shape("Unfold", (3, 8, 9), kernel_size=3) == (27, 42)
    assert "the window of 3×3 is larger than the 2×9 image" in refused("Unfold", (1, 3, 2, 9), kernel_size=3)


def test_that_columns_are_as_many_as_the_window_has_places():
    arguments = {"output_size": [4, 5], "kernel_size": 2, "stride": 2, "padding": 1}
    assert shape("Fold", (2, 8, 9), **arguments) == (2, 2, 4, 5)
    assert shape("Fold", (12, None), output_size=[4, 5], kernel_size=2) == (3, 4, 5)
    assert "4×5 has 3×3 places of the window, but the input (2, 8, 8) has 8" in refused("Fold", (2, 8, 8), **arguments)
    assert "9 values are no whole number of windows" in refused("Fold", (2, 9, 9), **arguments)


# Padding --------------------------------------------------------------------------------------------------------------


def test_that_a_list_of_paddings_runs_from_the_last_axis_backwards():
    assert shape("ZeroPad2d", (1, 3, 8, 9), padding=[1, 2, 3, 4]) == (1, 3, 15, 12)
    assert made("ZeroPad2d", (1, 3, 8, 9), padding=[1, 2, 3, 4]).layer.kind.padding == ((3, 4), (1, 2))


def test_that_a_longer_or_shorter_list_pads_more_or_fewer_axes():
    assert shape("ZeroPad2d", (1, 3, 8, 9), padding=[1, 2, 3, 4, 5, 6]) == (1, 14, 15, 12)
    assert shape("ZeroPad3d", (4,), padding=[1, 2]) == (7,)
    assert "needs two numbers for each axis" in refused("ZeroPad2d", (1, 3, 8, 9), padding=[1, 1, 1])
    assert refused("ZeroPad2d", (4,), padding=1) == "padding for 2 axes, but the input (4,) has 1"


def test_that_a_negative_padding_crops_until_nothing_is_left():
    assert shape("ZeroPad1d", (1, 3, 8), padding=[-3, 1]) == (1, 3, 6)
    assert shape("ZeroPad2d", (3, 4, 4), padding=-2) == (3, 0, 0)
    assert "−1 would be left" in refused("ZeroPad1d", (1, 3, 8), padding=[-5, -4]).replace("-", "−")
    assert "takes more than there is" in refused("ZeroPad1d", (1, 3, 8), padding=[-9, 3])


@pytest.mark.parametrize(
    ("class_name", "most", "beyond"),
    [("ReflectionPad1d", 7, "only less than there is"), ("CircularPad1d", 8, "only as much as there is")],
)
def test_that_only_what_is_there_is_mirrored_or_taken_from_the_other_end(class_name, most, beyond):
    assert shape(class_name, (1, 3, 8), padding=most) == (1, 3, 8 + 2 * most)
    assert beyond in refused(class_name, (1, 3, 8), padding=most + 1)
    assert shape(class_name, (1, 3, None), padding=most + 1) == (1, 3, None)


def test_that_the_edge_can_be_repeated_without_end():
    assert shape("ReplicationPad2d", (1, 3, 8, 9), padding=[9, 0, -1, 0]) == (1, 3, 7, 18)
    assert "-2 would be left" in refused("ReplicationPad1d", (1, 3, 8), padding=-5)


def test_that_values_of_the_input_are_put_around_two_to_five_axes_only():
    assert shape("ReflectionPad2d", (3, 4, 5), padding=[1, 2]) == (3, 4, 8)
    assert "for 1 axis needs 2 or 3 of them" in refused("ReflectionPad2d", (1, 3, 4, 5), padding=[1, 2])
    assert "needs 3 or 4 axes" in refused("CircularPad2d", (4, 5), padding=[1, 2])
    assert shape("ConstantPad1d", (4,), padding=1, value=1.5) == (6,)


def test_that_padding_moves_where_a_field_starts():
    assert made("ReflectionPad2d", (1, 3, 8, 9), padding=[1, 2, 3, 4]).field.start == (-2.5, -0.5)
    assert made("ZeroPad2d", (1, 3, 8, 9), padding=[2, 0]).field.start == (0.5, -1.5)


# Upsampling -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "arguments", "expected"),
    [
        ((1, 3, 10, 7), {"scale_factor": 0.66}, (1, 3, 6, 4)),
        ((1, 3, 5, 6), {"scale_factor": [1.5, 2], "mode": "bilinear"}, (1, 3, 7, 12)),
        ((1, 3, 5), {"size": 7}, (1, 3, 7)),
        ((1, 3, 5, 6), {"size": [7, 9], "mode": "bicubic"}, (1, 3, 7, 9)),
        ((1, 3, 5, 6), {"size": 0, "mode": "area"}, (1, 3, 0, 0)),
        ((1, 3, 5), {"scale_factor": 0.5, "mode": "linear", "align_corners": True}, (1, 3, 2)),
        ((None, 3, None, 6), {"scale_factor": 2}, (None, 3, None, 12)),
    ],
)
def test_that_upsampling_goes_to_a_size_or_by_a_factor(given, arguments, expected):
    assert shape("Upsample", given, **arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "but neither is"),
        ({"size": 2, "scale_factor": 2}, "but both are"),
        ({"scale_factor": 0}, "but neither is"),
        ({"size": 0}, "5×6 would become 0×0"),
        ({"scale_factor": 2, "mode": "linear"}, "mode 'linear' is for 3 axes, but the input (1, 3, 5, 6) has 4"),
        ({"scale_factor": 2, "align_corners": False}, "mode 'nearest' has no such choice"),
        ({"size": 2, "recompute_scale_factor": True}, "means nothing with an explicit size"),
        ({"size": [2, 2, 2]}, "the input has 2 spatial axes (5×6)"),
        ({"scale_factor": 2, "mode": "lanczos"}, "mode = 'lanczos'"),
    ],
)
def test_that_what_upsampling_cannot_mean_is_told(arguments, reason):
    assert reason in refused("Upsample", (1, 3, 5, 6), **arguments)


def test_that_upsampling_takes_three_to_five_axes():
    assert shape("UpsamplingNearest2d", (1, 3, 5), scale_factor=2) == (1, 3, 10)
    assert "mode 'bilinear' is for 4 axes" in refused("UpsamplingBilinear2d", (1, 3, 5), scale_factor=2)
    assert "needs 3 to 5 axes" in refused("Upsample", (3, 5), scale_factor=2)


def test_that_repeated_values_stand_closer_and_mixed_ones_have_no_field():
    assert made("Upsample", (1, 3, 5, 6), scale_factor=2).field.jump == (0.5, 0.5)
    assert made("Upsample", (1, 3, 5, 6), scale_factor=1.5).field is None
    assert made("Upsample", (1, 3, 5, 6), scale_factor=2, mode="bilinear").field is None
