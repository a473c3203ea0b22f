"""Single rules that no case of the reference holds, with the answers that Keras 3.15.1 and PyTorch 2.14.1 gave."""

import pytest

from paramdesk import check_torch_layer
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.kinds.core import Input
from paramdesk.frameworks.keras import config_of, read_layer
from tests.helpers.layers_alone import computed, output, refusal, warning
from tests.helpers.modules_alone import refused, shape
from tests.helpers.networks import chain, kind

IMAGES = [(2, 7, 4, 16), (2, 9, 4, 16)]
HEADS = {"num_heads": 2, "key_dim": 4}


@pytest.mark.parametrize(
    ("shapes", "config", "message"),
    [
        ([(2, 7, 16), (2, 7, 16)], {"attention_axes": [1, 1], "sliding_window": 2}, "needs one attention axis"),
        ([(None, 4, 5, 6)] * 2, {"attention_axes": [2], "sliding_window": 2}, "made for axis 1, not for axis 2"),
    ],
)
def test_that_a_window_is_for_the_axis_of_positions(shapes, config, message):
    assert message in warning("MultiHeadAttention", shapes, **HEADS, **config)


def test_that_a_window_along_another_axis_runs_where_both_are_as_long():
    square = [(None, 4, 4, 6)] * 2
    assert computed("MultiHeadAttention", square, **HEADS, attention_axes=[2], sliding_window=2).problem is None


@pytest.mark.parametrize(
    ("name", "args"),
    [("MaxPool2d", {"kernel_size": 2, "ceil_mode": 2}), ("AvgPool2d", {"kernel_size": 2, "count_include_pad": 1})],
)
def test_that_a_number_is_no_truth_value_where_pytorch_looks(name, args):
    assert "expected true or false" in refused(name, (1, 2, 5, 5), **args)


def test_that_dropout_of_a_recurrent_module_is_no_truth_value():
    assert "expected a number from 0 to 1" in refused("RNN", (5, 2, 4), input_size=4, hidden_size=3, dropout=True)


def called(made, *tensors):
    """Return the report of a layer of PyTorch on tensors of the given shapes and types."""
    inputs = [
        Layer(n, f"input_{n}", Input.from_options(Input.keras_options({"batch_shape": size, "dtype": dtype})))
        for n, (size, dtype) in enumerate(tensors, 1)
    ]
    layer = Layer(0, "it", made, tuple([Source(one.id) for one in inputs]))
    return analyze(Architecture("net", (*inputs, layer), (Source(0),), "pytorch", "channels_first")).layers[-1]


@pytest.mark.parametrize(("dtype", "taken"), [("bool", True), ("float32", True), ("int64", False)])
def test_that_a_mask_is_of_truth_values_or_floats(dtype, taken):
    made = kind("TransformerEncoderLayer", d_model=16, num_heads=4, time_major=True)
    report = called(made, ((5, 2, 16), "float32"), ((5, 5), dtype))
    assert report.is_computed is taken
    assert taken or "of type bool or float, not int64" in report.problem.message


@pytest.mark.parametrize(
    ("mode", "shares", "message"),
    [
        ("sum", (6,), None),
        ("sum", (None,), None),
        ("sum", (5,), "not as many as the numbers"),
        ("sum", (6, 1), "not as many as the numbers"),
        ("mean", (6,), "shares need mode='sum'"),
    ],
)
def test_that_numbers_in_bags_may_have_shares_that_are_summed(mode, shares, message):
    made = kind("EmbeddingBag", input_dim=7, output_dim=4, mode=mode)
    report = called(made, ((6,), "int64"), ((3,), "int64"), (shares, "float32"))
    assert report.output_shapes == (() if message else ((3, 4),))
    assert message is None or message in report.problem.message


@pytest.mark.parametrize(("offsets", "bags"), [(1, 0), (2, 1), (0, None)])
def test_that_offsets_with_an_end_are_one_more_than_the_bags(offsets, bags):
    made = kind("EmbeddingBag", input_dim=7, output_dim=4, include_last_offset=True)
    report = called(made, ((6,), "int64"), ((offsets,), "int64"))
    assert report.output_shapes == (() if bags is None else ((bags, 4),))


def test_that_identity_takes_one_tensor_in_pytorch_and_any_in_keras():
    assert "takes one input, got 2" in called(kind("Identity"), ((3,), "float32"), ((4,), "float32")).problem.message
    two = [(None, 3), (None, 4)]
    assert computed("Identity", two).output_shapes == ((None, 3), (None, 4))


@pytest.mark.parametrize(("factor", "size"), [(0.5, 1), (1.5, 4), (2.0, 6)])
def test_that_a_factor_enlarges_and_drops_fractions(factor, size):
    assert shape("Upsample", (1, 1, 3), scale_factor=factor) == (1, 1, size)


def test_that_no_tensor_is_larger_than_64_bits_can_say():
    assert "no tensor is as large" in refused("Upsample", (1, 1, 3), scale_factor=1e30)


def test_that_the_rows_and_classes_of_an_adaptive_softmax_are_as_many():
    args = {"in_features": 6, "n_classes": 10, "cutoffs": [3, 5]}
    assert check_torch_layer("AdaptiveLogSoftmaxWithLoss", args, [(2, 6), (2,)]).output_shapes == ((2,), ())
    assert check_torch_layer("AdaptiveLogSoftmaxWithLoss", args, [(None, 6), (2,)]).output_shapes == ((2,), ())
    assert "2 rows of values, but 3 classes" in refused("AdaptiveLogSoftmaxWithLoss", [(2, 6), (3,)], **args)


@pytest.mark.parametrize("bias_axes", [None, "c"])
def test_that_lora_adds_two_kernels_to_an_einsum(bias_axes):
    config = {"equation": "ab,bc->ac", "output_shape": 64, "lora_rank": 4, "bias_axes": bias_axes}
    report = computed("EinsumDense", (None, 8), **config)
    shapes = {weight.name: weight.shape for weight in report.weights}
    assert shapes == {"kernel": (8, 64), "lora_kernel_a": (8, 4), "lora_kernel_b": (4, 64)} | (
        {"bias": (64,)} if bias_axes else {}
    )
    assert report.trainable == 8 * 4 + 4 * 64 + 64 * bool(bias_axes)


def test_that_an_embedding_backwards_needs_an_axis_and_its_values():
    table = kind("ReversibleEmbedding", input_dim=7, output_dim=4, reverse=True)
    report = analyze(chain(kind("Input", shape=(5, 4)), table)).layers[-1]
    assert (report.output_shapes, report.problem, report.macs) == (((None, 5, 7),), None, 5 * 4 * 7)
    wrong = analyze(chain(kind("Input", shape=(5, 3)), table)).layers[-1]
    assert "has 3 values, not 4" in wrong.problem.message


def test_that_a_stack_within_a_stack_cannot_return_the_two_states_of_an_lstm():
    lstm, gru = ({"class_name": name, "config": {"units": 4}} for name in ("LSTMCell", "GRUCell"))
    for first, is_refused in ((lstm, True), (gru, False)):
        inner = {"class_name": "StackedRNNCells", "config": {"cells": [first, gru]}}
        cell = {"class_name": "StackedRNNCells", "config": {"cells": [inner, gru]}}
        if is_refused:
            assert "cannot tell the states" in refusal("RNN", (None, 5, 6), cell=cell, return_state=True)
        else:
            assert computed("RNN", (None, 5, 6), cell=cell, return_state=True).output_shapes[0] == (None, 4)
        assert output("RNN", (None, 5, 6), cell=cell) == (None, 4)


def test_that_a_network_is_asked_for_what_it_has():
    two = Architecture("two", tuple(Layer(n, f"in_{n}", kind("Input", shape=(3,))) for n in (0, 1)), (Source(0),))
    with pytest.raises(KeyError, match="give a shape for each"):
        two.with_input((4,))
    with pytest.raises(KeyError):
        two.node(99)
    assert two.with_input({"in_0": (4,)}).layers[0].kind.shape == (4,)


def test_that_a_size_left_open_stands_in_the_digest():
    assert kind("Reshape", target_shape=(None, 64)).digest() == "None×64"


@pytest.mark.parametrize(
    ("factors", "channels", "made"),
    [(4, 4, 4), (4, 1, 4), (1, 4, 4), (4, None, None), (1, None, None), (4, 3, "refused")],
)
def test_that_factors_of_channels_stretch_as_in_any_product(factors, channels, made):
    scaled = kind("LayerScale", projection_dim=factors, init_values=1e-6)
    report = analyze(chain(kind("Input", shape=(5, channels)), scaled)).layers[-1]
    assert report.output_shapes == (() if made == "refused" else ((None, 5, made),))
    assert made == "refused" or report.parameters == factors


def test_that_a_gate_costs_as_much_as_the_projection_of_the_query():
    shapes = [(None, 7, 16), (None, 9, 16)]
    config = {"head_dim": 4, "num_query_heads": 6, "num_key_value_heads": 2}
    plain, gated = (computed("GroupQueryAttention", shapes, **config, use_gate=gate) for gate in (False, True))
    assert gated.macs - plain.macs == 7 * 16 * 6 * 4


def test_that_means_and_variances_are_as_many():
    edited = kind("Normalization", mean=(1.0, 2.0), variance=(1.0,))  # no file says so
    report = analyze(chain(kind("Input", shape=(3, 2)), edited)).layers[-1]
    assert "2 means and 1 variances" in report.problem.message


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_that_a_module_of_recurrent_layers_has_one_unless_told_otherwise(name):
    args = {"input_size": 4, "hidden_size": 3}
    one, two = (check_torch_layer(name, {**args, **more}, (5, 2, 4)) for more in ({}, {"num_layers": 2}))
    assert (len(one.weights), len(two.weights)) == (4, 8)


@pytest.mark.parametrize(("use_cudnn", "written"), [("auto", None), (True, True), (False, False)])
def test_that_the_way_to_compute_an_lstm_is_written_back(use_cudnn, written):
    read = read_layer("LSTM", {"units": 3, "use_cudnn": use_cudnn})
    assert config_of(Layer(0, "it", read.kind)).get("use_cudnn") is written


def test_that_unpooling_in_three_dimensions_takes_nothing_away_unless_told_to():
    volumes = [(1, 2, 2, 2, 2)] * 2
    assert shape("MaxUnpool3d", volumes, kernel_size=2) == (1, 2, 4, 4, 4)
    assert shape("MaxUnpool3d", volumes, kernel_size=2, padding=1) == (1, 2, 2, 2, 2)
    assert kind("MaxUnpooling3D", pool_size=2).padding == (0, 0, 0)
