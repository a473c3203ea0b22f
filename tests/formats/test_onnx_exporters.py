"""ONNX files of any exporter: what counts as learnt, and which shapes and MACs operators have."""

import pytest

from tests.helpers.onnx_files import node, numbers, rows, weight

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
