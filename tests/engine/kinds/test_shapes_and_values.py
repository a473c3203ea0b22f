"""Core, reshaping, normalization, activation, regularization, embedding: what a comparison with Keras taught."""

import pytest

from paramdesk.engine.errors import Refusal
from paramdesk.engine.kinds.core import Dense, Input
from paramdesk.engine.kinds.group_normalization import _divisors_near
from paramdesk.engine.kinds.reshaping import Flatten
from paramdesk.engine.shape import UNKNOWN, TensorSpec
from tests.helpers.layers_alone import computed, output, refusal, warning, weights

SEQUENCE = (None, 5, 4)
IMAGE = (None, 5, 4, 3)


# Core -----------------------------------------------------------------------------------------------------------------


def test_that_dense_works_place_by_place_along_other_axes():
    report = computed("Dense", (None, 20, 16), units=8)
    assert (report.output_shapes, report.parameters, report.macs) == (((None, 20, 8),), 136, 2_560)
    assert report.receptive_field == (1,)
    assert computed("Dense", (None, 16), units=8).receptive_field is None


def test_that_dense_needs_an_axis_behind_the_batch_and_its_size():
    assert refusal("Dense", (4,), units=3).startswith("Dense needs at least 2 axes")
    assert refusal("Dense", (None, None), units=3).startswith("kernel would have the shape (None, 3)")


@pytest.mark.parametrize(("kind", "dtype"), [(Dense(units=3), "float32"), (Flatten(), "int32")])
def test_that_integers_become_floating_point_numbers_where_they_are_computed_with(kind, dtype):
    (found,) = kind.outputs((TensorSpec((UNKNOWN, 4), "int32"),))
    assert found.dtype == dtype


def test_that_data_without_a_batch_axis_is_one_value():
    kind = Input(shape=(), batchless=True)
    assert kind.outputs((TensorSpec(()),))[0].shape == ()
    with pytest.raises(Refusal, match="there is but one value"):
        Input(shape=(3,), batchless=True).outputs((TensorSpec(()),))


# Reshaping ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "given", "shape"),
    [
        ([-1, 2], SEQUENCE, (None, 10, 2)),
        ([20, 1, -1], SEQUENCE, (None, 20, 1, 1)),
        ([None, 4], SEQUENCE, (None, None, 4)),
        ([], (None,), (None,)),
        ([1, 1], (None,), (None, 1, 1)),
        ([-1], (None, 0), (None, 0)),
        ([3], (None, None, 4), (None, 3)),
        ([-1, 3], (None, None, 4), (None, None, 3)),
    ],
)
def test_that_one_size_follows_from_the_others_where_all_are_known(target, given, shape):
    assert output("Reshape", given, target_shape=target) == shape


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ([5, 5], "the input has 5×4 = 20 values, but (5, 5) takes 25"),
        ([-1, 7], "the input has 5×4 = 20 values, but (−1, 7) takes a multiple of 7"),
        ([-1, -1], "only one size of (−1, −1) can be −1"),
        ([], "takes 1"),
        ([-1, 0], "takes a multiple of 0"),
        ([-2, 10], "expected a whole number ≥ −1"),
    ],
)
def test_that_values_are_neither_made_nor_lost(target, message):
    assert message in refusal("Reshape", SEQUENCE, target_shape=target)


@pytest.mark.parametrize("target", [[None, None], [None, -1], [None, 3]])
def test_that_open_sizes_that_cannot_be_found_are_warned_of(target):
    assert warning("Reshape", SEQUENCE, target_shape=target)


def test_that_a_permutation_names_every_axis_once():
    assert output("Permute", IMAGE, dims=[3, 1, 2]) == (None, 3, 5, 4)
    assert refusal("Permute", IMAGE, dims=[1, 3]) == "dims (1, 3) must name each axis from 1 to 2 once"
    assert "orders 2 axes behind the batch, but the input (None, 5, 4, 3) has 3" in refusal(
        "Permute", IMAGE, dims=[2, 1]
    )


def test_that_flatten_makes_an_axis_where_there_is_none():
    assert output("Flatten", (None,)) == (None, 1)
    assert output("Flatten", (None, 0, 3)) == (None, 0)
    assert output("Flatten", (None, None, 3)) == (None, None)


# Normalization --------------------------------------------------------------------------------------------------------


def test_that_batch_normalization_gathers_more_when_it_renormalizes():
    plain, renormalizing = (computed("BatchNormalization", (None, 8), renorm=on) for on in (False, True))
    assert (plain.parameters, plain.trainable, plain.statistics) == (32, 16, 16)
    assert (renormalizing.parameters, renormalizing.statistics) == (56, 40)


def test_that_a_frozen_layer_still_says_what_is_a_statistic():
    report = computed("BatchNormalization", (None, 8), trainable=False)
    assert (report.trainable, report.non_trainable, report.statistics) == (0, 32, 16)


@pytest.mark.parametrize("axis", [1, "1", 1.7, True])
def test_that_batch_normalization_makes_an_integer_of_its_axis(axis):
    assert weights("BatchNormalization", IMAGE, axis=axis)["gamma"] == (5,)


@pytest.mark.parametrize("axis", [[3], None, "x"])
def test_that_no_integer_can_be_made_of_everything(axis):
    assert refusal("BatchNormalization", IMAGE, axis=axis).startswith("axis = ")


def test_that_an_axis_must_exist():
    for class_name in ("BatchNormalization", "LayerNormalization", "GroupNormalization"):
        assert refusal(class_name, IMAGE, axis=7) == "axis 7 does not exist: the input (None, 5, 4, 3) has 4 axes"


@pytest.mark.parametrize(
    ("axis", "gamma"), [([1, 2], (5, 4)), ([2, 1], (5, 4)), ([-1, 1], (3, 5)), ([], ()), (-1, (3,)), (True, (5,))]
)
def test_that_layer_normalization_sorts_its_axes_as_they_are_written(axis, gamma):
    assert weights("LayerNormalization", IMAGE, axis=axis)["gamma"] == gamma


def test_that_an_axis_named_twice_is_warned_of():
    assert "twice" in warning("LayerNormalization", IMAGE, axis=[1, 1])
    assert "twice" in warning("Softmax", IMAGE, axis=[1, -3])


def test_that_an_rms_scaling_layer_normalization_has_a_gamma_only():
    assert weights("LayerNormalization", IMAGE, rms_scaling=True, scale=False) == {"gamma": (3,)}


def test_that_the_nearest_numbers_of_groups_are_found_at_once_among_many_channels():
    assert _divisors_near(12, 5) == [4, 6]
    assert _divisors_near(3, 32) == [3, 1]
    assert _divisors_near(2**31 - 1, 2**25) == [1, 2**31 - 1]


def test_that_normalization_without_weights_needs_no_size_unless_it_makes_groups():
    options = {"center": False, "scale": False}
    assert output("LayerNormalization", (None, 5, None), **options) == (None, 5, None)
    assert "must be known" in refusal("GroupNormalization", (None, 5, None), groups=1, **options)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (32, "3 channels cannot be split into 32 equal groups"),
        (2, "3 channels cannot be split into 2 equal groups"),
        (0, "groups = 0: expected at least 1, or −1 for a group per channel"),
        (-2, "groups = -2: expected a whole number ≥ −1"),
    ],
)
def test_that_groups_must_split_the_channels(groups, message):
    assert refusal("GroupNormalization", IMAGE, groups=groups) == message


# Activations ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shared", "alpha"), [(None, (5, 4)), (1, (1, 4)), ([1, 2], (1, 1)), (0, (5, 1)), (-1, (1, 4)), ([], (5, 4))]
)
def test_that_shared_axes_have_one_slope_and_zero_is_the_last_of_them(shared, alpha):
    assert weights("PReLU", SEQUENCE, shared_axes=shared)["alpha"] == alpha


def test_that_slopes_need_known_sizes_and_existing_axes():
    assert "share the axes of unknown size" in refusal("PReLU", (None, None, 3))
    assert "shared axis 3 does not exist" in refusal("PReLU", SEQUENCE, shared_axes=[3])
    assert weights("PReLU", (None,))["alpha"] == ()


def test_that_leaky_relu_still_takes_its_old_option():
    assert computed("LeakyReLU", SEQUENCE, alpha=0.1).layer.kind.negative_slope == 0.1


@pytest.mark.parametrize(
    "config", [{"max_value": -1}, {"negative_slope": None}, {"threshold": -0.5}, {"max_value": "1"}]
)
def test_that_relu_takes_no_negative_limits(config):
    assert refusal("ReLU", SEQUENCE, **config)


@pytest.mark.parametrize("axis", [4, -4, [], [1, 4]])
def test_that_softmax_on_a_missing_axis_is_a_warning(axis):
    assert warning("Softmax", SEQUENCE, axis=axis)
    assert computed("Softmax", SEQUENCE, axis=None).problem is None


def test_that_glu_keeps_the_shape_that_keras_shows_and_says_what_a_run_gives():
    report = computed("Activation", (None, 4, 6), activation="glu")
    assert report.output_shapes == ((None, 4, 6),)
    assert "3 of 6 values are left" in report.problem.message
    assert "5 is odd" in warning("Activation", (None, 5), activation="glu")


# Regularization and embedding -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise_shape", ["a", 5, [0, 1], [-1], [1.5]])
def test_that_only_dropout_looks_at_its_noise_shape(noise_shape):
    assert "noise_shape" in refusal("Dropout", SEQUENCE, rate=0.5, noise_shape=noise_shape)
    if noise_shape in ([0, 1], [-1]):
        assert output("AlphaDropout", SEQUENCE, rate=0.5, noise_shape=noise_shape) == SEQUENCE


def test_that_spatial_dropout_takes_few_options():
    assert "has no option noise_shape" in refusal("SpatialDropout2D", IMAGE, rate=0.5, noise_shape=None)
    assert "has no option trainable" in refusal("SpatialDropout2D", IMAGE, rate=0.5, trainable=False)


def test_that_no_penalty_is_a_penalty_of_zero():
    assert computed("ActivityRegularization", SEQUENCE, l1=None).layer.kind.l1 == 0
    assert "has no option activity_regularizer" in refusal(
        "ActivityRegularization", SEQUENCE, activity_regularizer="l2"
    )


def test_that_an_embedding_adds_an_axis_to_whatever_it_reads():
    assert output("Embedding", (None,), input_dim=10, output_dim=4) == (None, 4)
    assert output("Embedding", (None, 3, None), input_dim=10, output_dim=4, input_length=5) == (None, 3, None, 4)
    report = computed("Embedding", (None, 7), input_dim=10, output_dim=4, lora_rank=2)
    assert (report.parameters, report.trainable, report.macs) == (40 + 20 + 8, 28, 0)
