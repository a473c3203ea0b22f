"""How a number comes about, in words and in numbers."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.explanation_text import as_latex, as_markdown, as_text
from tests.helpers.networks import article_convnet, chain, kind


def sections(report):
    return {section.title: section for section in report.explanation()}


def parameters(*layers):
    return sections(analyze(chain(*layers)).layers[-1])["Parameters"]


@pytest.mark.parametrize(
    ("name", "numbers", "result"),
    [
        ("conv2d", "(3 × 3 × 1 + 1) × 32", "320"),
        ("conv2d_1", "(3 × 3 × 32 + 1) × 64", "18,496"),
        ("conv2d_2", "(3 × 3 × 64 + 1) × 64", "36,928"),
    ],
)
def test_that_the_articles_convolutions_are_explained_as_they_should_have_been(name, numbers, result):
    report = next(r for r in analyze(article_convnet()).layers if r.name == name)
    section = sections(report)["Parameters"]
    assert section.words == "(kernel height × kernel width × input channels + bias) × filters"
    assert (section.lines[-1].numbers, section.lines[-1].result) == (numbers, result)
    assert any("input channels, not the stride" in remark for remark in section.remarks)


def test_that_each_line_names_what_it_counts():
    report = analyze(article_convnet()).layers[3]
    kernel, bias, total = sections(report)["Parameters"].lines
    assert kernel == (
        "Kernel",
        "kernel height × kernel width × input channels × filters",
        "3 × 3 × 32 input channels × 64 filters",
        "18,432",
    )
    assert bias == ("Bias", "filters", "1 × 64 filters", "64")
    assert total.what == "Total"


def test_that_size_macs_memory_and_field_are_explained_too():
    told = sections(analyze(article_convnet()).layers[3])
    assert told["Output size"].words == "(input − kernel) / stride + 1, along each side"
    assert told["Output size"].lines[0].numbers == "(13 − 3) / 1 + 1 = 11"
    assert told["Output size"].lines[0].result == "11 × 11 × 64"
    macs = told["Multiply-accumulates (MACs)"].lines[0]
    assert (macs.numbers, macs.result) == ("11 × 11 × 3 × 3 × 32 × 64", "2,230,272")
    weights, output = told["Memory"].lines
    assert (weights.numbers, weights.result) == ("18,496 × 4", "73,984 B")
    assert (output.numbers, output.result) == ("11 × 11 × 64 × 4", "30,976 B")
    field = told["Receptive field"].lines[0]
    assert (field.numbers, field.result) == ("4 + (3 − 1) × 2 = 8", "8 × 8")


@pytest.mark.parametrize(
    ("layer", "words", "numbers"),
    [
        (kind("Dense", units=8), "(inputs + bias) × units", "(64 + 1) × 8"),
        (
            kind("BatchNormalization"),
            "(gamma + beta + moving mean + moving variance) × channels",
            "(1 + 1 + 1 + 1) × 64",
        ),
        (
            kind("Conv2DTranspose", filters=32, kernel_size=2, strides=2),
            "(kernel height × kernel width × input channels + bias) × filters",
            "(2 × 2 × 64 + 1) × 32",
        ),
        (
            kind("DepthwiseConv2D", kernel_size=3),
            "(kernel height × kernel width + bias) × input channels × depth multiplier",
            "(3 × 3 + 1) × 64 × 1",
        ),
        (
            kind("SeparableConv2D", filters=128, kernel_size=3),
            " + ".join(
                (
                    "kernel height × kernel width × input channels × depth multiplier",
                    "(input channels × depth multiplier + bias) × filters",
                )
            ),
            "3 × 3 × 64 × 1 + (64 × 1 + 1) × 128",
        ),
    ],
)
def test_that_what_weights_have_in_common_is_pulled_out(layer, words, numbers):
    section = parameters(kind("Input", shape=(14, 14, 64)), layer)
    total = next(line for line in section.lines if line.what == "Total")
    assert (section.words, total.numbers) == (words, numbers)


def test_that_equal_numbers_with_different_meanings_are_kept_apart():
    section = parameters(kind("Input", shape=(9, 9, 64)), kind("Conv2D", filters=64, kernel_size=3, use_bias=False))
    assert section.lines[-1].numbers == "3 × 3 × 64 × 64"


def test_that_a_stride_is_said_to_leave_the_parameters_alone():
    section = parameters(kind("Input", shape=(9, 9, 3)), kind("Conv2D", filters=4, kernel_size=3, strides=2))
    assert any("does not change the parameters" in remark for remark in section.remarks)


def test_that_groups_split_the_input_channels_in_the_formula():
    section = parameters(kind("Input", shape=(9, 9, 64)), kind("Conv2D", filters=32, kernel_size=3, groups=4))
    assert section.words == "(kernel height × kernel width × (input channels / groups) + bias) × filters"
    assert section.lines[-1] == ("Total", section.words, "(3 × 3 × (64 / 4) + 1) × 32", "4,640")


def test_that_a_layer_that_cannot_be_computed_says_why():
    report = analyze(chain(kind("Input", shape=(3, 3, 1)), kind("Conv2D", filters=1, kernel_size=5))).layers[1]
    (section,) = report.explanation()
    assert "5×5" in section.remarks[0]


def test_that_every_section_of_every_layer_of_the_article_reads_as_text_and_markdown():
    for report in analyze(article_convnet()).layers:
        text, markdown = as_text(report.explanation()), as_markdown(report.explanation())
        for title in ("Parameters", "Output size", "Memory"):
            assert title in text
            assert f"### {title}" in markdown


def test_that_the_text_of_a_convolution_is_the_lesson():
    lesson = as_text(analyze(article_convnet()).layers[3].explanation())
    assert "  Total    (3 × 3 × 32 + 1) × 64 = 18,496\n" in lesson
    assert "  (13 − 3) / 1 + 1 = 11 → 11 × 11 × 64\n" in lesson


def test_that_latex_sets_words_upright_and_keeps_thousands_together():
    lesson = as_latex(analyze(article_convnet()).layers[3].explanation())
    assert r"( 3 \times 3 \times 32 + 1 ) \times 64 = 18{,}496" in lesson
    assert r"3 \times 3 \times 32\ \text{input channels} \times 64\ \text{filters} = 18{,}432" in lesson
    assert r"\text{field before} + ( \text{kernel} - 1 )" in lesson
    assert lesson.count(r"\begin{align*}") == lesson.count(r"\end{align*}") == 5


@pytest.mark.parametrize(("place", "reason"), [
    (0, "none: its values stand side by side, not at positions"),
    (1, "none: what it reads has none"),
])  # fmt: skip
def test_that_the_receptive_field_says_why_there_is_none(place, reason):
    network = chain(kind("Input", shape=(80,)), kind("Embedding", input_dim=100, output_dim=8))
    assert sections(analyze(network).layers[place])["Receptive field"].lines[0].numbers == reason


@pytest.mark.parametrize(("groups", "said"), [
    (4, "split into 4 groups. Each sample and group has a mean and a variance, taken over 2 channels × 30 positions ="),
    (-1, "split into 8 groups. Each sample and group has a mean and a variance, taken over 1 channel × 30 positions ="),
])  # fmt: skip
def test_that_a_group_normalization_says_over_how_many_values_its_means_are_taken(groups, said):
    network = chain(kind("Input", shape=(5, 6, 8)), kind("GroupNormalization", groups=groups))
    assert said in " ".join(sections(analyze(network).layers[1])["Parameters"].remarks)
