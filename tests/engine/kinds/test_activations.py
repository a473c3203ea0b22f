"""Activations and regularization of PyTorch: what random comparisons taught."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.kinds.activation import ReLU
from paramdesk.engine.kinds.core import Dense, Input
from paramdesk.engine.kinds.merging import Add
from tests.helpers import layers_alone as keras
from tests.helpers.modules_alone import made as computed
from tests.helpers.modules_alone import refused, weights
from tests.helpers.modules_alone import shape as shape_of

SAME = [
    "CELU", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid",
    "LogSoftmax", "Mish", "PReLU", "RReLU", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid", "Softmax", "Softmin",
    "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Identity", "AlphaDropout", "Dropout", "Dropout2d",
    "Dropout3d", "FeatureAlphaDropout",
]  # fmt: skip


@pytest.mark.parametrize("class_name", SAME)
@pytest.mark.parametrize("shape", [[], [6], [2, 6], [2, 6, 4, 3, 5]])
def test_that_an_activation_takes_any_shape_and_keeps_it(class_name, shape):
    assert shape_of(class_name, shape) == tuple(shape)


@pytest.mark.parametrize(
    ("class_name", "function"),
    [("Hardswish", "hard_silu"), ("SiLU", "silu"), ("LogSigmoid", "log_sigmoid"), ("Tanhshrink", "tanh_shrink")],
)
def test_that_a_class_of_pytorch_is_a_function_of_keras(class_name, function):
    assert computed(class_name, [2, 6]).layer.kind.activation == function


def test_that_relu6_is_a_relu_with_a_largest_value():
    assert computed("ReLU6", [2, 6]).layer.kind == ReLU(max_value=6.0)


@pytest.mark.parametrize(
    ("shape", "dim", "halved"), [([2, 6], -1, (2, 3)), ([2, 6, 4], -1, (2, 6, 2)), ([2, 6, 4], 1, (2, 3, 4))]
)
def test_that_glu_halves_its_axis(shape, dim, halved):
    assert shape_of("GLU", shape, dim=dim) == halved


@pytest.mark.parametrize(
    ("class_name", "shape", "arguments", "message"),
    [
        ("GLU", [2, 5], {}, "GLU halves axis -1 of the input (2, 5): 5 is no even number"),
        ("GLU", [], {}, "axis -1 does not exist"),
        ("GLU", [2, 6], {"dim": True}, "axis = True"),
        ("Softmax", [2, 3], {"dim": 2}, "axis 2 does not exist: the input (2, 3) has 2 axes"),
        ("Softmax", [2, 3], {"dim": True}, "axis = True"),
        ("LogSoftmax", [2, 3], {"dim": -3}, "axis -3 does not exist"),
        ("Softmax2d", [2, 6], {}, "it takes pictures, of 3 or 4 axes, but the input (2, 6) has 2"),
        ("Softmax2d", [1, 2, 3, 4, 5], {}, "but the input (1, 2, 3, 4, 5) has 5"),
        ("GELU", [2], {"approximate": "zz"}, "expected one of 'none', 'tanh'"),
        ("CELU", [2], {"alpha": 0}, "CELU divides by it"),
        ("RReLU", [2], {"lower": 0.5, "upper": 0.1}, "the least slope 0.5 is above the largest one, 0.1"),
        ("Hardtanh", [2], {"min_val": 1, "max_val": 1}, "the largest value 1 is not above the least one, 1"),
        ("Hardtanh", [2], {"min_value": 3}, "not above the least one, 3"),
        ("Softshrink", [2], {"lambd": -0.5}, "lambd = -0.5"),
        ("Threshold", [2], {"threshold": 0.1}, "Threshold needs value"),
        ("Sigmoid", [2], {"inplace": True}, "Sigmoid has no argument inplace"),
        ("PReLU", [2, 4, 5], {"num_parameters": 3}, "it has 3 slopes, but the input (2, 4, 5) has 4 channels"),
        ("PReLU", [3], {"num_parameters": 3}, "has 1 channels"),
        ("Dropout", [2], {"p": 1.5}, "rate = 1.5"),
        ("Dropout1d", [2], {}, "needs 2 or 3 axes"),
        ("StochasticDepth", [2], {"p": 0.1, "mode": "zz"}, "expected one of"),
        ("StochasticDepth", [2], {"p": 0.1}, "StochasticDepth needs mode"),
    ],
)
def test_that_pytorch_refuses(class_name, shape, arguments, message):
    assert message in refused(class_name, shape, **arguments)


@pytest.mark.parametrize(
    ("shape", "count", "alpha"), [([2, 6, 4], 1, (1,)), ([2, 6], 6, (6,)), ([], 1, (1,)), ([6], 1, (1,))]
)
def test_that_prelu_has_one_slope_or_one_for_each_channel(shape, count, alpha):
    assert weights("PReLU", shape, num_parameters=count) == {"weight": alpha}


def test_that_a_negative_slope_is_for_pytorch_alone():
    assert shape_of("LeakyReLU", [2, 6], negative_slope=-0.1) == (2, 6)
    assert "Keras takes only 0 or more" in keras.refusal("LeakyReLU", (None, 6), negative_slope=-0.1)


def test_that_pytorch_takes_any_arguments_for_an_identity_and_keeps_them():
    report = computed("Identity", [2, 6], anything=1)
    assert report.layer.extras == {"anything": 1}


# In place -------------------------------------------------------------------------------------------------------------


def test_that_an_output_in_place_of_its_input_needs_no_memory():
    assert computed("ReLU", [2, 6]).activation_bytes == 2 * 6 * 4
    report = computed("ReLU", [2, 6], inplace=True)
    assert report.activation_bytes == 0
    (line,) = next(section for section in report.explanation() if section.title == "Memory").lines
    assert (line.numbers, line.result) == ("in the place of its input", "0 B")


def test_that_alpha_dropout_does_not_heed_that_it_should_work_in_place():
    assert computed("AlphaDropout", [2, 6], inplace=True).activation_bytes == 2 * 6 * 4
    assert computed("Dropout", [2, 6], inplace=True).activation_bytes == 0


def test_that_what_is_read_in_place_lives_as_long_as_what_took_its_place():
    """Dense makes 100 values, which the activation overwrites; they are read again below the second Dense."""
    layers = (
        Layer(0, "in", Input(shape=(10,))),
        Layer(1, "first", Dense(units=100), (Source(0),)),
        Layer(2, "relu", ReLU(inplace=True), (Source(1),)),
        Layer(3, "second", Dense(units=100), (Source(2),)),
        Layer(4, "sum", Add(), (Source(2), Source(3))),
    )
    totals = analyze(Architecture("net", layers, (Source(4),), "pytorch", "channels_first")).totals
    assert totals.peak_activation_bytes == 300 * 4
    assert totals.activation_bytes == (10 + 100 + 100 + 100) * 4


@pytest.mark.parametrize("class_name", ["ReLU", "ReLU6", "Hardswish", "Softmax2d", "Softmax", "LogSigmoid"])
def test_that_a_report_names_the_class_that_says_most(class_name):
    assert computed(class_name, [2, 3, 4, 5]).kind == class_name
