"""Normalization in both frameworks: what random comparisons with Keras and PyTorch taught."""

import pytest

from paramdesk.frameworks.check import check_keras_layer, check_torch_layer
from tests.helpers import layers_alone as keras
from tests.helpers import modules_alone as torch

STATISTICS = {"running_mean": (6,), "running_var": (6,), "num_batches_tracked": ()}


# Batch and instance normalization -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "parameters", "gathered"),
    [
        ({}, {"weight": (6,), "bias": (6,)}, STATISTICS),
        ({"bias": False}, {"weight": (6,)}, STATISTICS),
        ({"affine": False}, {}, STATISTICS),
        ({"track_running_stats": False}, {"weight": (6,), "bias": (6,)}, {}),
        ({"affine": False, "track_running_stats": False}, {}, {}),
    ],
)
def test_that_pytorch_counts_scale_and_shift_and_keeps_the_statistics_as_buffers(arguments, parameters, gathered):
    for class_name, made_for in (("BatchNorm1d", {"num_features": 6}), ("LazyBatchNorm1d", {})):
        assert torch.weights(class_name, [4, 6, 5], **made_for, **arguments) == parameters
        assert torch.buffers(class_name, [4, 6, 5], **made_for, **arguments) == gathered


def test_that_keras_counts_the_statistics_as_parameters():
    report = keras.computed("BatchNormalization", (None, 5, 6))
    assert (report.parameters, report.trainable, report.statistics) == (24, 12, 12)
    assert report.buffers == ()


def test_that_an_instance_normalization_owns_nothing_unless_told_to_and_a_lazy_one_everything():
    assert torch.weights("InstanceNorm2d", [2, 6, 4, 4], num_features=6) == {}
    assert torch.buffers("InstanceNorm2d", [2, 6, 4, 4], num_features=6, track_running_stats=True) == STATISTICS
    assert torch.weights("LazyInstanceNorm2d", [2, 6, 4, 4]) == {"weight": (6,), "bias": (6,)}
    assert torch.buffers("LazyInstanceNorm2d", [2, 6, 4, 4]) == STATISTICS


@pytest.mark.parametrize(("momentum", "share"), [(0.1, 0.9), (0.01, 0.99), (None, None), (1, 0)])
def test_that_keras_momentum_is_the_share_of_the_former_mean(momentum, share):
    kind = torch.made("BatchNorm2d", [2, 6, 4, 4], num_features=6, momentum=momentum).layer.kind
    assert kind.momentum == share


@pytest.mark.parametrize(
    ("class_name", "shape", "arguments", "message"),
    [
        ("BatchNorm1d", [2, 6, 4, 4], {}, "it needs 2 or 3 axes, but the input (2, 6, 4, 4) has 4"),
        ("BatchNorm2d", [6, 4, 4], {}, "it needs 4 axes, but the input (6, 4, 4) has 3"),
        ("SyncBatchNorm", [6], {}, "it needs at least 2 axes, but the input (6,) has 1"),
        ("BatchNorm2d", [2, 5, 4, 4], {}, "it was made for 6 channels, but the input (2, 5, 4, 4) has 5"),
        ("BatchNorm2d", [2, 5, 4, 4], {"affine": False}, "it was made for 6 channels"),
        ("BatchNorm2d", [1, 6, 1, 1], {"track_running_stats": False}, "one value for each channel"),
        ("BatchNorm2d", [1, 6, 1, 1], {"eps": -1e-3}, "epsilon = -0.001"),
        ("BatchNorm2d", [2, 6, 4, 4], {"eps": 0, "track_running_stats": False}, "epsilon = 0"),
        ("InstanceNorm1d", [4, 6, 5, 2], {}, "it needs 2 or 3 axes, but the input (4, 6, 5, 2) has 4"),
        ("InstanceNorm1d", [4, 5, 7], {"affine": True}, "it was made for 6 channels, but the input (4, 5, 7) has 5"),
        ("InstanceNorm1d", [3, 6, 1], {}, "one value for each channel"),
    ],
)
def test_that_pytorch_refuses_what_a_module_was_not_made_for(class_name, shape, arguments, message):
    assert message in torch.refused(class_name, shape, num_features=6, **arguments)


def test_that_what_owns_nothing_of_that_size_takes_any_channels():
    assert torch.shape("InstanceNorm3d", [1, 6, 3, 5, 4], num_features=7) == (1, 6, 3, 5, 4)
    assert torch.shape("BatchNorm1d", [4, 5], num_features=6, affine=False, track_running_stats=False) == (4, 5)
    assert torch.shape("InstanceNorm1d", [6, 5], num_features=None) == (6, 5)


def test_that_a_lazy_module_takes_axis_1_for_the_channels_even_without_a_batch():
    assert "made for 5 channels, but the input (6, 5) has 6" in torch.refused("LazyInstanceNorm1d", [6, 5])
    assert torch.shape("LazyInstanceNorm1d", [5, 5]) == (5, 5)


def test_that_weights_are_known_where_the_input_is_refused():
    report = check_torch_layer("BatchNorm2d", {"num_features": 64}, [2, 3, 8, 8])
    assert not report.is_computed
    assert (report.parameters, report.statistics) == (128, 129)


# Layer, RMS and unit normalization ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("class_name", "shape", "normalized_shape", "found"),
    [
        ("LayerNorm", [2, 5, 8], 8, {"weight": (8,), "bias": (8,)}),
        ("LayerNorm", [2, 5, 8], [5, 8], {"weight": (5, 8), "bias": (5, 8)}),
        ("RMSNorm", [2, 5, 8], [5, 8], {"weight": (5, 8)}),
        ("LayerNorm2d", [2, 5, 3, 8], 5, {"weight": (5,), "bias": (5,)}),
        ("LayerNorm2d", [2, 5, 3, 8], [8, 5], {"weight": (8, 5), "bias": (8, 5)}),
    ],
)
def test_that_the_normalized_shape_is_that_of_the_weights(class_name, shape, normalized_shape, found):
    assert torch.weights(class_name, shape, normalized_shape=normalized_shape) == found


def test_that_a_shift_goes_with_a_scale_in_pytorch():
    assert torch.weights("LayerNorm", [2, 8], normalized_shape=8, bias=False) == {"weight": (8,)}
    assert torch.weights("LayerNorm", [2, 8], normalized_shape=8, elementwise_affine=False) == {}
    assert keras.weights("LayerNormalization", (None, 8), scale=False) == {"beta": (8,)}


@pytest.mark.parametrize(
    ("class_name", "shape", "normalized_shape", "message"),
    [
        ("LayerNorm", [2, 5, 8], [5, 7], "it was made for (5, 7), but the input (2, 5, 8) has (5, 8)"),
        ("LayerNorm", [8], [5, 8], "axis -2 does not exist: the input (8,) has 1 axis"),
        ("LayerNorm", [2, 8], [], "normalized_shape = []"),
        ("LayerNorm2d", [2, 8], 8, "axis -3 does not exist"),
        ("RMSNorm", [2, 8], 7, "it was made for (7,), but the input (2, 8) has (8,)"),
    ],
)
def test_that_a_normalized_shape_must_be_that_of_the_last_axes(class_name, shape, normalized_shape, message):
    assert message in torch.refused(class_name, shape, normalized_shape=normalized_shape)


@pytest.mark.parametrize(
    ("axis", "scale"), [(-1, (8,)), (3, (8,)), ([-1, -2], (6, 8)), ([1, 2, 3], (5, 6, 8)), ([1, -1], (8, 5))]
)
def test_that_rms_normalization_has_a_scale_for_its_axes_in_ascending_order(axis, scale):
    shapes = check_keras_layer("RMSNormalization", {"axis": axis}, (None, 5, 6, 8)).weights
    assert [weight.shape for weight in shapes] == [scale]


@pytest.mark.parametrize("axis", [2, [1, 2], [1, -1]])
def test_that_a_scale_that_does_not_fit_the_last_axes_is_warned_of(axis):
    assert "along the last axes" in keras.warning("RMSNormalization", (None, 5, 6, 8), axis=axis)


def test_that_a_scale_that_happens_to_fit_is_not():
    assert keras.computed("RMSNormalization", (None, 8, 8), axis=1).problem is None


def test_that_unit_normalization_owns_nothing_and_needs_its_axes():
    assert keras.weights("UnitNormalization", (None, 5, 8), axis=[1, 2]) == {}
    assert "axis 5 does not exist" in keras.refusal("UnitNormalization", (None, 5, 8), axis=5)
    assert "twice" in keras.warning("UnitNormalization", (None, 5, 8), axis=[2, -1])


# Groups, neighbours and the spectrum ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "groups", "channels", "message"),
    [
        ([2, 6, 5], 4, 6, "6 channels cannot be split into 4 equal groups"),
        ([2, 6, 5], 2, 8, "it was made for 8 channels, but the input (2, 6, 5) has 6"),
        ([1, 6], 6, 6, "the input (1, 6) has one value for each group"),
        ([2, 6, 5], -1, 6, "groups = -1: expected at least 1"),
        ([6], 1, 6, "it needs at least 2 axes"),
    ],
)
def test_that_group_norm_refuses_groups_that_do_not_come_out_even(shape, groups, channels, message):
    assert message in torch.refused("GroupNorm", shape, num_groups=groups, num_channels=channels)


def test_that_group_norm_without_weights_does_not_look_at_its_channels():
    assert torch.shape("GroupNorm", [2, 6, 5], num_groups=2, num_channels=8, affine=False) == (2, 6, 5)


def test_that_local_response_normalization_needs_three_axes_and_its_older_form_pictures():
    assert torch.shape("LocalResponseNorm", [1, 6, 5], size=5) == (1, 6, 5)
    assert torch.shape("CrossMapLRN2d", [1, 6, 5, 4], size=5) == (1, 6, 5, 4)
    assert "at least 3 axes" in torch.refused("LocalResponseNorm", [1, 6], size=5)
    assert "it needs 4 axes" in torch.refused("CrossMapLRN2d", [1, 6, 5], size=5)


def spectral(inner, config, shape):
    return check_keras_layer("SpectralNormalization", {"layer": {"class_name": inner, "config": config}}, shape)


@pytest.mark.parametrize(
    ("inner", "config", "shape", "found"),
    [
        ("Dense", {"units": 6}, (None, 5), ["dense/kernel", "vector_u", "dense/bias"]),
        ("Embedding", {"input_dim": 20, "output_dim": 4}, (None, 8), ["embedding/embeddings", "vector_u"]),
        ("Dense", {"units": 6, "name": "mine"}, (None, 5), ["mine/kernel", "vector_u", "mine/bias"]),
        (
            "Dense",
            {"units": 6, "lora_rank": 2},
            (None, 5),
            ["vector_u", "dense/kernel", "dense/bias", "dense/lora_kernel_a", "dense/lora_kernel_b"],
        ),
    ],
)
def test_that_a_spectral_normalization_adds_one_vector_to_what_it_wraps(inner, config, shape, found):
    report = spectral(inner, config, shape)
    assert [weight.name for weight in report.weights] == found
    vector = next(weight for weight in report.weights if weight.name == "vector_u")
    assert (vector.shape, vector.trainable) == ((1, report.output_shapes[0][-1]), False)


def test_that_the_vector_is_as_long_as_a_transposed_kernel_has_input_channels():
    report = spectral("Conv2DTranspose", {"filters": 4, "kernel_size": 3}, (None, 8, 8, 3))
    assert {weight.name: weight.shape for weight in report.weights}["vector_u"] == (1, 3)


def test_that_what_has_no_kernel_cannot_be_wrapped():
    message = "ReLU has neither a kernel nor a table to normalize"
    assert spectral("ReLU", {}, (None, 5)).problem.message == message
    assert not spectral("SeparableConv2D", {"filters": 3, "kernel_size": 2}, (None, 8, 8, 3)).is_computed


def test_that_a_frozen_layer_inside_trains_nothing():
    report = spectral("Dense", {"units": 6, "trainable": False}, (None, 5))
    assert (report.parameters, report.trainable) == (42, 0)
