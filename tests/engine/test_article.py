"""The article's convnet: what paramdesk grew out of. The figures are the article's and Keras'."""

from paramdesk.engine.analysis import analyze
from tests.helpers.networks import article_convnet

FIGURES = {  # name: (output shape, parameters, MACs, output bytes, receptive field)
    "input_layer": ((None, 28, 28, 1), 0, 0, 3_136, (1, 1)),
    "conv2d": ((None, 26, 26, 32), 320, 194_688, 86_528, (3, 3)),
    "max_pooling2d": ((None, 13, 13, 32), 0, 0, 21_632, (4, 4)),
    "conv2d_1": ((None, 11, 11, 64), 18_496, 2_230_272, 30_976, (8, 8)),
    "max_pooling2d_1": ((None, 5, 5, 64), 0, 0, 6_400, (10, 10)),
    "conv2d_2": ((None, 3, 3, 64), 36_928, 331_776, 2_304, (18, 18)),
    "flatten": ((None, 576), 0, 0, 2_304, None),
    "dense": ((None, 64), 36_928, 36_864, 256, None),
    "dense_1": ((None, 10), 650, 640, 40, None),
}


def test_that_every_layer_has_the_figures_of_the_article():
    for report in analyze(article_convnet()).layers:
        shape, parameters, macs, size, field = FIGURES[report.name]
        assert report.output_shapes == (shape,)
        assert report.parameters == report.trainable == parameters
        assert report.macs == macs
        assert report.activation_bytes == size
        assert report.receptive_field == field
        assert report.problem is None


def test_that_the_totals_are_those_of_the_article():
    totals = analyze(article_convnet()).totals
    assert (totals.parameters, totals.trainable, totals.non_trainable) == (93_322, 93_322, 0)
    assert totals.macs == 2_794_240
    assert totals.weight_bytes == 373_288
    assert (totals.peak_activation_bytes, totals.peak_at) == (108_160, "max_pooling2d")
    assert totals.complete


def test_that_a_batch_multiplies_macs_and_activations_and_nothing_else():
    one, eight = analyze(article_convnet()).totals, analyze(article_convnet(), batch=8).totals
    assert eight.parameters == one.parameters
    assert eight.weight_bytes == one.weight_bytes
    assert eight.macs == 8 * one.macs
    assert eight.peak_activation_bytes == 8 * one.peak_activation_bytes


def test_that_the_precision_changes_bytes_only():
    full, half = analyze(article_convnet()).totals, analyze(article_convnet(), precision="float16").totals
    assert half.weight_bytes * 2 == full.weight_bytes
    assert half.peak_activation_bytes * 2 == full.peak_activation_bytes
    assert (half.parameters, half.macs) == (full.parameters, full.macs)
    assert analyze(article_convnet(), precision="int8").totals.weight_bytes == 93_322
