"""What the totals strip says."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture
from paramdesk.engine.edits import set_trainable
from paramdesk.ui.totals.figures import figures, layer_count
from tests.helpers.networks import article_convnet, chain, kind


def shown(summary):
    return [(f.caption, f"{f.number} {f.unit}".strip(), f.line) for f in figures(summary)]


def test_that_the_articles_convnet_reads_as_drawn():
    assert shown(analyze(article_convnet())) == [
        ("Parameters", "93,322", "8 layers"),
        ("Trainable", "93,322", "100%"),
        ("Non-trainable", "0", "0%"),
        ("MACs", "2,794,240", "for one 28 × 28 image"),
        ("Weights", "364.5 KiB", "373,288 B"),
        ("Peak activations", "105.6 KiB", "108,160 B, at max_pooling2d"),
    ]


def test_that_a_batch_and_a_precision_are_named_beside_what_they_change():
    by_caption = {f.caption: f for f in figures(analyze(article_convnet(), batch=8, precision="float16"))}
    assert by_caption["MACs"].number == f"{8 * 2794240:,}"
    assert by_caption["MACs"].line == "for a batch of 8"
    assert by_caption["Weights"].line == "186,644 B in float16"
    assert by_caption["Peak activations"].line == "432,640 B, batch of 8, at max_pooling2d"
    assert by_caption["Parameters"].line == "8 layers"


def test_that_a_batch_fixed_by_the_input_is_named_too():
    net = chain(kind("Input", shape=(8,), batch_size=4), kind("Dense", units=2))
    assert figures(analyze(net))[3].line == "for a batch of 4"


def test_that_figures_are_lower_bounds_while_a_layer_is_not_computed():
    net = chain(kind("Input", shape=(4, 4, 1)), kind("Conv2D", filters=2, kernel_size=5), kind("Flatten"))
    found = figures(analyze(net))
    assert all(figure.is_bound for figure in found)
    assert found[0].line == "2 layers, 2 not computed"
    assert found[0].spoken == "at least 0"
    assert "A lower bound: 2 layers are not computed." in found[0].tip


def test_that_what_is_not_known_is_a_dash_with_its_reason():
    net = chain(kind("Input", shape=(None, None, 3)), kind("Conv2D", filters=2, kernel_size=3))
    by_caption = {f.caption: f for f in figures(analyze(net))}
    for caption in ("MACs", "Peak activations"):
        figure = by_caption[caption]
        assert (figure.number, figure.line) == ("–", "a size of the input is not known")
        assert figure.spoken == "not known"
        assert "because a size of the input is not known" in figure.tip
    assert by_caption["Parameters"].number == "56"


def test_that_the_parts_of_what_is_not_trained_are_told():
    net = chain(kind("Input", shape=(4, 4, 8)), kind("BatchNormalization"), kind("Conv2D", filters=1, kernel_size=1))
    frozen = set_trainable(net, (2,), trainable=False).architecture
    figure = figures(analyze(frozen))[2]
    assert figure.number == "25"
    assert "16 statistics gathered from data" in figure.meaning
    assert "9 in frozen layers" in figure.meaning


def test_that_an_empty_network_has_figures():
    assert [number for _caption, number, _line in shown(analyze(Architecture()))] == ["0", "0", "0", "0", "0 B", "0 B"]


@pytest.mark.parametrize("layout", ["channels_last", "channels_first"])
def test_that_an_image_is_told_from_another_input_in_both_layouts(layout):
    shape = (20, 30, 3) if layout == "channels_last" else (3, 20, 30)
    image = Architecture("image", chain(kind("Input", shape=shape)).layers, layout=layout)
    assert figures(analyze(image))[3].line == "for one 20 × 30 image"
    other = Architecture("other", chain(kind("Input", shape=(20, 30, 17))).layers, layout=layout)
    assert figures(analyze(other))[3].line == "for one sample"


def test_that_inputs_are_no_layers():
    assert layer_count(analyze(article_convnet())) == 8
