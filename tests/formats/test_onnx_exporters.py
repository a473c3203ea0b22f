"""ONNX files of any exporter: what counts as learnt, and which shapes and MACs operators have."""

import pytest

from paramdesk.engine.analysis import analyze
from tests.helpers.onnx_files import graph, node, numbers, read_onnx, rows, weight

IMAGE = {"x": ("N", 3, 8, 8)}

# Quantized networks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scales", [(), (8,)])
def test_that_scales_and_zero_points_of_a_convolution_are_not_learnt(scales):
    nodes = [
        node("QuantizeLinear", "x s z", "xq"),
        node("DequantizeLinear", "xq s z", "xd"),
        node("DequantizeLinear", "wq ws wz", "w", axis=0),
        node("DequantizeLinear", "bq bs", "b", axis=0),
        node("Conv", "xd w b", "y", pads=[1, 1, 1, 1]),
    ]
    weights = [
        numbers("s", [0.1], (), "float32"), numbers("z", [0], (), "uint8"),
        weight("wq", 8, 3, 3, 3, dtype="int8"), weight("ws", *scales), weight("wz", *scales, dtype="int8"),
        weight("bq", 8, dtype="int32"), weight("bs", *scales),
    ]  # fmt: skip
    assert rows(nodes, weights, IMAGE) == [("Conv2d", 224, 216 * 64, (None, 8, 8, 8))]


def test_that_a_quantized_dense_layer_has_its_kernel_and_bias():
    nodes = [node("DequantizeLinear", "wq ws wz", "w", axis=0), node("Gemm", "x w b", "y", transB=1)]
    weights = [weight("wq", 8, 16, dtype="int8"), weight("ws", 8), weight("wz", 8, dtype="int8"), weight("b", 8)]
    assert rows(nodes, weights, {"x": ("N", 16)}) == [("Linear", 136, 128, (None, 8))]


def test_that_a_convolution_of_whole_numbers_leaves_no_scales_behind():
    nodes = [
        node("QuantizeLinear", "x s z", "q"),
        node("QLinearConv", "q s z w ws wz s z b", "o"),
        node("DequantizeLinear", "o s z", "y"),
    ]
    weights = [
        numbers("s", [0.1], (), "float32"), numbers("z", [0], (), "uint8"), weight("w", 8, 3, 3, 3, dtype="int8"),
        weight("ws", 8), weight("wz", 8, dtype="int8"), weight("b", 8, dtype="int32"),
    ]  # fmt: skip
    assert rows(nodes, weights, IMAGE) == [("Conv2d", 224, 216 * 36, (None, 8, 6, 6))]


# Resizing -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factors", "kind", "made"),
    [([1, 1, 1.5, 0.7], "UpsamplingNearest2d", (1, 3, 10, 6)), ([1, 2, 2, 1], "Resize", (1, 6, 14, 9))],
)
def test_that_factors_of_a_resize_are_not_learnt(factors, kind, made):
    scales = numbers("scales", factors, dtype="float32")
    assert rows([node("Resize", "x - scales", "y")], [scales], {"x": (1, 3, 7, 9)}) == [(kind, 0, 0, made)]


@pytest.mark.parametrize(
    ("policy", "made"), [("stretch", (20, 30)), ("not_larger", (20, 20)), ("not_smaller", (30, 30))]
)
def test_that_a_resize_keeps_the_ratio_of_the_sides_where_it_is_told_to(policy, made):
    resize = node("Resize", "x - - sizes", "y", axes=[2, 3], keep_aspect_ratio_policy=policy)
    [(_kind, _count, _macs, shape)] = rows([resize], [numbers("sizes", [20, 30])], {"x": (1, 3, 10, 10)}, opset=18)
    assert shape == (1, 3, *made)


# Windows --------------------------------------------------------------------------------------------------------------


def test_that_a_causal_convolution_along_a_line_is_one():
    causal = node("Conv", "x w", "y", pads=[2, 0])
    assert rows([causal], [weight("w", 8, 3, 3)], {"x": (1, 3, 20)}) == [("Conv1d", 72, 1440, (1, 8, 20))]


def test_that_the_same_size_by_strides_is_more_padding_behind():
    strided = node("Conv", "x w", "y", auto_pad="SAME_UPPER", strides=[2])
    assert rows([strided], [weight("w", 8, 3, 4)], {"x": (1, 3, 21)}) == [("Conv1d", 96, 96 * 11, (1, 8, 11))]


# Weights that are not as PyTorch has them -----------------------------------------------------------------------------


def test_that_a_convolution_with_an_earlier_one_s_kernel_and_a_bias_of_its_own_keeps_its_macs():
    nodes = [
        node("Conv", "x w b", "a", pads=[1, 1, 1, 1]),
        node("Conv", "a w c", "y"),
    ]
    summary = analyze(read_onnx(nodes, [weight("w", 3, 3, 3, 3), weight("b", 3), weight("c", 3)], IMAGE))
    assert summary.totals.complete
    assert (summary.totals.parameters, summary.totals.macs) == (87, 81 * 64 + 81 * 36)


def test_that_an_lstm_with_one_bias_keeps_its_macs():
    nodes = [node("Concat", "b zeros", "both", axis=1), node("LSTM", "x w r both", "o y", hidden_size=5)]
    weights = [
        weight("w", 1, 20, 3),
        weight("r", 1, 20, 5),
        weight("b", 1, 20),
        numbers("zeros", [0.0] * 20, (1, 20), "float32"),
    ]
    summary = analyze(read_onnx(nodes, weights, {"x": (7, 2, 3)}))
    assert [report.kind for report in summary.layers][1] == "LSTM"
    assert summary.totals.macs == 7 * 2 * 20 * 8


def test_that_weights_that_fit_nothing_are_said_to_be_others():
    weights = [weight("scale", 3), weight("shift", 5), weight("mean", 3), weight("variance", 3)]
    summary = analyze(read_onnx([node("BatchNormalization", "x scale shift mean variance", "y")], weights, IMAGE))
    assert summary.totals.parameters == 8
    assert ["BatchNorm2d with other weights is not known here" in str(problem) for problem in summary.problems] == [
        True
    ]


def test_that_states_of_zeros_are_not_learnt():
    nodes = [node("LSTM", "x w r b - h c", "o y", hidden_size=5)]
    zeros = [numbers(name, [0.0] * 10, (1, 2, 5), "float32") for name in "hc"]
    weights = [weight("w", 1, 20, 3), weight("r", 1, 20, 5), weight("b", 1, 40), *zeros]
    assert rows(nodes, weights, {"x": (7, 2, 3)})[0] == ("LSTM", 200, 7 * 2 * 160, (7, 2, 5))


# Branches, and what is not stated -------------------------------------------------------------------------------------


def test_that_the_weights_in_both_branches_count_and_what_they_read_is_read():
    branches = {
        f"{name}_branch": graph([node("MatMul", ["x", kernel], ["o"])], within, outputs=["o"])
        for name, kernel, within in (("then", "w1", ()), ("else", "w2", [weight("w2", 4, 6)]))
    }
    choice = node("If", "c", "y", **branches)
    inputs = {"x": ("N", 4), "c": ()}
    summary = analyze(read_onnx([choice], [weight("w1", 4, 6)], inputs, kinds={"c": "bool"}))
    assert summary.totals.parameters == 48
    assert not any("nothing reads it" in str(problem) for problem in summary.problems)


def test_that_an_input_of_which_nothing_is_stated_has_the_axes_of_the_kernel_that_it_meets():
    summary = analyze(read_onnx([node("Conv", "x w", "y")], [weight("w", 8, 3, 3, 3)], {"x": None}))
    assert [report.output_shapes for report in summary.layers] == [((None,) * 4,), ((None, 8, None, None),)]


def test_that_the_first_sizes_of_two_tensors_are_not_taken_for_the_same():
    nodes = [
        node("Transpose", "x", "t", perm=[1, 0, 2]),
        node("Shape", "x", "s1", start=0, end=1),
        node("Shape", "t", "s2", start=0, end=1),
        node("Equal", "s1 s2", "same"),
        node("Cast", "same", "size", to=7),
        node("ConstantOfShape", "size", "y"),
    ]
    summary = analyze(read_onnx(nodes, inputs={"x": ("T", "N", 16)}))
    assert summary.layers[-1].output_shapes == ((None,),)


# Shapes by the operators' definitions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made_by", "weights", "inputs", "shapes"),
    [
        (node("DynamicQuantizeLinear", "x", "y scale zero"), [], {"x": ("N", 4)}, [(None, 4), (), ()]),
        (
            node("Attention", "q k v", "y", q_num_heads=4, kv_num_heads=2),
            [],
            {"q": (2, 5, 32), "k": (2, 7, 16), "v": (2, 7, 24)},
            [(2, 5, 48)],
        ),
        (
            node("RotaryEmbedding", "x c s", "y"),
            [weight("c", 50, 4), weight("s", 50, 4)],
            {"x": (2, 3, 5, 8)},
            [(2, 3, 5, 8)],
        ),
        (node("GlobalLpPool", "x", "y"), [], IMAGE, [(None, 3, 1, 1)]),
        (node("CenterCropPad", "x size", "y", axes=[2, 3]), [numbers("size", [4, 12])], IMAGE, [(None, 3, 4, 12)]),
        (node("DFT", "x", "y", axis=1, onesided=1), [], {"x": (2, 100, 1)}, [(2, 51, 2)]),
        (
            node("STFT", "x step window", "y"),
            [numbers("step", [10], ()), weight("window", 40)],
            {"x": (2, 100, 1)},
            [(2, 7, 21, 2)],
        ),
        (node("Conv", "x k", "y"), [], {**IMAGE, "k": (8, 3, 3, 3)}, [(None, 8, 6, 6)]),
    ],
)  # fmt: skip
def test_that_a_node_makes_what_its_operator_is_defined_to_make(made_by, weights, inputs, shapes):
    summary = analyze(read_onnx([made_by], weights, inputs, opset=18))
    assert list(summary.layers[-1].output_shapes) == shapes
    assert summary.totals.parameters == 0


def test_that_a_product_with_a_turned_matrix_is_a_dense_layer_behind_a_transposition():
    gemm = node("Gemm", "x w b", "y", transA=1)
    found = rows([gemm], [weight("w", 4, 6), weight("b", 1, 6)], {"x": (4, 9)})
    assert found == [("Permute", 0, 0, (9, 4)), ("Linear", 30, 9 * 24, (9, 6))]


def test_that_a_product_of_two_tensors_and_a_third_is_counted():
    gemm = node("Gemm", "a b c", "y", transB=1)
    assert [row[2] for row in rows([gemm], inputs={"a": (4, 9), "b": (5, 9), "c": (4, 5)})] == [0, 4 * 5 * 9, 0]
