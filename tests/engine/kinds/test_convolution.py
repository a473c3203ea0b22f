"""Convolutions beyond the reference: what a random comparison with Keras taught."""

import pytest

from paramdesk import check_keras_layer
from tests.helpers.layers_alone import computed, output, refusal, warning, weights

IMAGE = (None, 28, 28, 32)


@pytest.mark.parametrize(
    ("class_name", "shape", "config", "parameters", "macs"),
    [
        ("Conv2D", (None, 14, 14, 64), {"filters": 64, "kernel_size": 3, "use_bias": False}, 36_864, 12 * 12 * 36_864),
        ("Conv2D", (None, 14, 14, 64), {"filters": 32, "kernel_size": 3, "groups": 4}, 4_640, 144 * 9 * 16 * 32),
        ("Conv2D", (None, 28, 28, 3), {"filters": 8, "kernel_size": 3, "dilation_rate": 2}, 224, 24 * 24 * 27 * 8),
        ("DepthwiseConv2D", (None, 14, 14, 64), {"kernel_size": 3, "padding": "same"}, 640, 112_896),
        ("DepthwiseConv2D", (None, 14, 14, 64), {"kernel_size": 3, "depth_multiplier": 2}, 1_280, 144 * 9 * 128),
        ("SeparableConv2D", (None, 14, 14, 64), {"filters": 128, "kernel_size": 3}, 8_896, 144 * (576 + 8_192)),
        ("Conv2DTranspose", (None, 7, 7, 64), {"filters": 32, "kernel_size": 2, "strides": 2}, 8_224, 49 * 4 * 2_048),
        ("Conv1D", (None, 10, 8), {"filters": 16, "kernel_size": 5, "padding": "causal"}, 656, 10 * 5 * 8 * 16),
        ("Conv3D", (None, 8, 8, 8, 1), {"filters": 16, "kernel_size": 3}, 448, 216 * 27 * 16),
    ],
)
def test_that_parameters_and_macs_are_those_of_the_formulas(class_name, shape, config, parameters, macs):
    report = computed(class_name, shape, **config)
    assert (report.parameters, report.macs) == (parameters, macs)


def test_that_a_transposed_convolution_counts_input_positions():
    small = computed("Conv2DTranspose", (None, 2, 2, 3), filters=1, kernel_size=2, strides=2)
    assert small.macs == 48


@pytest.mark.parametrize(("output_padding", "size"), [(None, 14), (0, 13), (1, 14)])
def test_that_no_output_padding_is_not_an_output_padding_of_zero(output_padding, size):
    options = {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": output_padding}
    assert output("Conv2DTranspose", (None, 7, 7, 3), **options) == (None, size, size, 4)


def test_that_strides_and_dilation_exclude_each_other_on_any_axes():
    options = {"filters": 4, "kernel_size": 3, "strides": [2, 1], "dilation_rate": [1, 2]}
    message = "strides 2×1 and dilation 1×2 cannot be combined: one of them must be 1"
    assert refusal("Conv2D", IMAGE, **options) == message
    assert refusal("Conv2DTranspose", IMAGE, **options) == message


@pytest.mark.parametrize("class_name", ["DepthwiseConv2D", "SeparableConv2D"])
def test_that_depthwise_convolutions_take_strides_with_dilation(class_name):
    filters = {"filters": 4} if class_name == "SeparableConv2D" else {}
    shape = output(class_name, IMAGE, kernel_size=3, strides=2, dilation_rate=2, **filters)
    assert shape == (None, 12, 12, filters.get("filters", 32))


def test_that_the_refusal_of_a_large_kernel_names_both_sizes():
    assert refusal("Conv2D", (None, 3, 3, 8), filters=4, kernel_size=5) == (
        "kernel 5×5 is larger than the 3×3 input: use padding='same' or a smaller kernel"
    )
    assert "kernel 3×3, dilated to 5×5, is larger" in refusal(
        "Conv2D", (None, 3, 3, 8), filters=4, kernel_size=3, dilation_rate=2
    )


@pytest.mark.parametrize(("filters", "channels", "message"), [(8, 6, "6 input channels"), (6, 8, "6 filters")])
def test_that_groups_must_split_filters_and_channels(filters, channels, message):
    said = refusal("Conv2D", (None, 9, 9, channels), filters=filters, kernel_size=3, groups=4)
    assert said == f"{message} cannot be split into 4 equal groups"


def test_that_unknown_sizes_pass_through_and_unknown_channels_do_not():
    assert output("Conv2D", (None, None, 9, 3), filters=4, kernel_size=3, strides=2) == (None, None, 4, 4)
    assert refusal("Conv2D", (None, 9, 9, None), filters=4, kernel_size=3) == (
        "kernel would have the shape (3, 3, None, 4): every size of a weight must be known"
    )


def test_that_the_layout_is_a_layers_own_affair():
    shape = (None, 3, 9, 8)
    assert output("Conv2D", shape, filters=4, kernel_size=3, data_format="channels_first") == (None, 4, 7, 6)
    assert weights("Conv2D", shape, filters=4, kernel_size=3, data_format="channels_first")["kernel"] == (3, 3, 3, 4)


def test_that_an_empty_axis_stays_empty_with_same_padding():
    assert output("Conv2D", (None, 0, 5, 3), filters=4, kernel_size=2, padding="same") == (None, 0, 5, 4)


def test_that_lora_freezes_the_kernel_and_takes_its_groups_into_account():
    report = computed("Conv2D", (None, 5, 5, 3), filters=6, kernel_size=2, groups=3, lora_rank=2)
    found = {weight.name: (weight.shape, weight.trainable) for weight in report.weights}
    assert found == {
        "kernel": ((2, 2, 1, 6), False),
        "bias": ((6,), True),
        "lora_kernel_a": ((2, 2, 1, 2), True),
        "lora_kernel_b": ((2, 6), True),
    }
    assert "lora_kernel_a" not in weights("Conv2D", (None, 5, 5, 3), filters=6, kernel_size=2, lora_rank=0)


def test_that_an_output_padding_below_the_strides_is_asked_for():
    options = {"filters": 4, "kernel_size": 3, "strides": [2, 3], "output_padding": 2}
    assert refusal("Conv2DTranspose", IMAGE, **options) == "output_padding 2×2 is not below the strides 2×3"


def test_that_an_even_kernel_without_output_padding_is_warned_of():
    options = {"filters": 4, "kernel_size": [3, 4], "strides": 2, "padding": "same"}
    assert "even kernel width" in warning("Conv2DTranspose", (None, 5, 6, 4), output_padding=0, **options)
    assert computed("Conv2DTranspose", (None, 5, 6, 4), output_padding=1, **options).problem is None


def test_that_glu_as_an_option_is_warned_of():
    assert "2 of 4 values" in warning("Conv2D", (None, 5, 5, 3), filters=4, kernel_size=3, activation="glu")


@pytest.mark.parametrize(
    ("class_name", "config", "size"),
    [
        ("Conv2D", {"filters": 4, "kernel_size": 3, "dilation_rate": 2}, (5, 5)),
        ("DepthwiseConv2D", {"kernel_size": [3, 1]}, (3, 1)),
        ("Conv2DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2}, (2, 2)),
        ("Conv2DTranspose", {"filters": 4, "kernel_size": 2, "strides": 2}, (1, 1)),
    ],
)
def test_that_receptive_fields_count_what_reaches_an_output(class_name, config, size):
    assert check_keras_layer(class_name, config, (None, 9, 9, 3)).receptive_field == size
