"""Bars, axes and words of the chart, without a window."""

import math

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.ui.chart.chart_bars import METRICS, SPOKEN, bars, label_texts, log_height, ticks
from tests.helpers.networks import article_convnet, chain, kind


@pytest.fixture
def article():
    return analyze(article_convnet())


def test_that_there_is_a_bar_per_layer_and_none_for_the_input(article):
    found = bars(article, METRICS["parameters"], "linear")
    assert found.values == [320, 0, 18496, 0, 36928, 0, 36928, 650]
    assert found.heights == [float(value) for value in found.values]
    assert found.categories()[:2] == ["conv", "pool"]


def test_that_one_has_a_bar_on_a_logarithmic_axis_and_zero_has_none(article):
    found = bars(article, METRICS["parameters"], "log")
    assert found.heights[1] == 0
    assert found.heights[0] == pytest.approx(math.log10(640))
    assert log_height(1) > 0


def test_that_what_is_not_known_is_no_zero():
    net = chain(kind("Input", shape=(None, 8, 1)), kind("Conv2D", filters=2, kernel_size=3))
    found = bars(analyze(net), METRICS["macs"], "linear")
    assert found.values == [None]
    assert "a size of the input is not known" in found.reading(0)[1]
    assert "not known" in found.description()


def test_that_a_reading_names_the_layer_its_exact_number_and_its_part(article):
    found = bars(article, METRICS["parameters"], "linear")
    assert found.reading(2) == ("conv2d_1", "18,496 parameters, 19.8% of the total")
    assert found.total_reading() == ("8 layers", "93,322 parameters")


def test_that_a_part_of_a_lower_bound_is_not_told():
    net = chain(kind("Input", shape=(4, 4, 1)), *(kind("Conv2D", filters=2, kernel_size=k) for k in (3, 9)))
    found = bars(analyze(net), METRICS["parameters"], "linear")
    assert found.reading(0)[1] == "20 parameters"
    assert "9×9" in found.reading(1)[1]
    assert found.total_reading()[1] == "at least 20 parameters"


def test_that_the_text_equivalent_names_every_bar_of_few_and_the_largest_of_many(article):
    assert (
        bars(article, METRICS["parameters"], "linear")
        .description()
        .startswith("Bar chart of parameters per layer: conv2d 320, max_pooling2d 0, conv2d_1 18,496")
    )
    many = chain(kind("Input", shape=(4,)), *(kind("Dense", units=n + 1) for n in range(50)))
    text = bars(analyze(many), METRICS["parameters"], "linear").description()
    assert text.startswith(f"Bar chart of parameters per layer, 50 layers, the {SPOKEN} largest: dense_49 2,500")
    assert text.count("dense") == SPOKEN


@pytest.mark.parametrize("top", [0, 1, 7, 43_000, 1e6, 2.3e6, 1.75e11, 5e15])
@pytest.mark.parametrize("is_bytes", [False, True])
def test_that_a_linear_axis_has_few_whole_ticks_from_zero(top, is_bytes):
    found = ticks(top, "linear", is_bytes=is_bytes, count=5)
    assert found[0].text == "0"
    assert len(found) <= 7
    assert all(tick.height == int(tick.height) and tick.height <= top for tick in found)
    assert len({tick.text for tick in found}) == len(found)


@pytest.mark.parametrize("value", [1, 9, 1000, 10**6, 10**12, 10**15])
@pytest.mark.parametrize("is_bytes", [False, True])
def test_that_a_logarithmic_axis_has_few_ticks(value, is_bytes):
    found = ticks(log_height(value) * 1.1, "log", is_bytes=is_bytes, count=6)
    assert found[0].text == ("1 B" if is_bytes else "1")
    assert len(found) <= 7
    assert len({tick.text for tick in found}) == len(found)


def test_that_a_label_is_exact_before_it_is_short():
    assert label_texts(93322, METRICS["parameters"]) == ("93,322", "93.3k")
    assert label_texts(108160, METRICS["activation_bytes"]) == ("108,160", "106 KiB")
    assert label_texts(999_999_999, METRICS["macs"])[1] == "1.00G"
