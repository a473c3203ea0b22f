"""Which tensors live when; what mends a layer."""

import pytest

from paramdesk import check_keras_layer, check_torch_layer
from paramdesk.engine.analysis import analyze
from paramdesk.engine.edits import configure
from paramdesk.engine.repairs import repairs
from tests.helpers import keras_reference, torch_reference
from tests.helpers.networks import chain, kind, residual


def test_that_a_skipped_tensor_lives_until_it_is_read():
    net = residual(1)
    one = 32 * 32 * 8 * 4
    totals = analyze(net).totals
    assert totals.peak_activation_bytes == 3 * one  # the skipped input, the second convolution's input and its output
    assert totals.activation_bytes == 4 * one


def test_that_an_integer_input_keeps_its_size_at_any_precision():
    net = chain(kind("Input", shape=(7,), dtype="int32"), kind("Embedding", input_dim=10, output_dim=4))
    ids, vectors = analyze(net, precision="float16").layers
    assert (ids.activation_bytes, vectors.activation_bytes) == (7 * 4, 7 * 4 * 2)


def test_that_repairs_are_offered_only_if_they_mend_the_layer():
    net = chain(kind("Input", shape=(3, 3, 48)), kind("Conv2D", filters=64, kernel_size=5))
    report = analyze(net).layers[1]
    same, smaller = repairs(report)
    assert (same.text, same.result) == ("padding='same'", "gives 3 × 3 × 64, 76,864 parameters")
    assert (smaller.text, smaller.result) == ("kernel size 3 × 3", "gives 1 × 1 × 64, 27,712 parameters")
    mended = configure(net, report.layer.id, **same.changes).architecture
    assert analyze(mended).layers[1].parameters == 76_864


def test_that_a_repair_of_both_sides_of_each_axis_is_told():
    report = check_torch_layer(
        "ConvTranspose2d", {"in_channels": 4, "out_channels": 6, "kernel_size": 3, "padding": 5}, (1, 4, 4, 9)
    )
    (repair,) = repairs(report)
    assert (repair.text, repair.result) == ("padding 0 × 0", "gives 6 × 6 × 11, 222 parameters")


def test_that_no_repair_is_offered_that_leaves_weights_unknown():
    net = chain(kind("Input", shape=(3, 3, None)), kind("Conv2D", filters=64, kernel_size=5))
    assert repairs(analyze(net).layers[1]) == ()


NOT_MENDED = {
    "keras-2078",  # the axes differ in two sizes
    "keras-2414",  # the layer inside would have to change
    "torch-1090",  # the dilation would have to change
    "torch-1408",  # the shape that was asked for has more axes than there are
    "torch-1723",  # so would the memory
}


@pytest.mark.parametrize(
    ("reference", "check", "arguments"),
    [(keras_reference, check_keras_layer, "config"), (torch_reference, check_torch_layer, "args")],
    ids=["Keras", "PyTorch"],
)
def test_that_a_change_is_offered_wherever_a_refusal_suggests_any(reference, check, arguments):
    """Of all that the frameworks refused, but for cases at the edges, where several things are wrong at once."""
    left = set()
    refused = [case for cases in reference.cases().values() for case in cases if "error" in case]
    for case in (case for case in refused if "edge" not in case["id"]):
        report = check(case["class_name"], case[arguments], case["input_shape"], case.get("call_kwargs"))
        if report.problem.repairs and not repairs(report):
            left.add(case["id"])
    assert left <= NOT_MENDED


def test_that_a_sound_layer_needs_no_repair():
    net = chain(kind("Input", shape=(3, 3, 48)), kind("Conv2D", filters=64, kernel_size=3))
    assert repairs(analyze(net).layers[1]) == ()
