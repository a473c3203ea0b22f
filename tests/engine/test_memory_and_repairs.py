"""Which tensors live when; what mends a layer."""

from paramdesk.engine.analysis import analyze
from paramdesk.engine.edits import configure
from paramdesk.engine.repairs import repairs
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


def test_that_a_sound_layer_needs_no_repair():
    net = chain(kind("Input", shape=(3, 3, 48)), kind("Conv2D", filters=64, kernel_size=3))
    assert repairs(analyze(net).layers[1]) == ()
