"""A receptive field is what a value sees: held against following every window back, position by position."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from paramdesk.engine.analysis import analyze
from tests.helpers.networks import chain, kind

RANKS = {1: ("Conv1D", "MaxPooling1D"), 2: ("Conv2D", "MaxPooling2D"), 3: ("Conv3D", "MaxPooling3D")}


@st.composite
def windows(draw):
    """A few layers that move a window along each axis alike: size, stride, dilation, "same" or "valid", convolution."""
    convolves = draw(st.booleans())
    size, stride = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    dilation = draw(st.integers(1, 3)) if convolves and stride == 1 else 1
    return size, stride, dilation, draw(st.sampled_from(["same", "valid"])), convolves


def layers_of(rank, drawn):
    convolution, pooling = RANKS[rank]
    for size, stride, dilation, padding, convolves in drawn:
        if convolves:
            options = {"filters": 2, "kernel_size": size, "dilation_rate": dilation}
            yield kind(convolution, strides=stride, padding=padding, **options)
        else:
            yield kind(pooling, pool_size=size, strides=stride, padding=padding)


def seen_by(place, drawn, sizes):
    """Return the input positions, also those in the padding, between which everything lies that an output sees."""
    first = last = place
    for (size, stride, dilation, padding, _), n in zip(reversed(drawn), reversed(sizes), strict=True):
        span = dilation * (size - 1) + 1
        missing = max((-(-n // stride) - 1) * stride + span - n, 0) if padding == "same" else 0
        first = first * stride - missing // 2
        last = last * stride - missing // 2 + span - 1
    return first, last


@given(st.integers(1, 3), st.lists(windows(), min_size=1, max_size=5))
def test_that_a_field_is_what_following_the_windows_back_reaches(rank, drawn):
    size = 400
    summary = analyze(chain(kind("Input", shape=(size,) * rank + (1,)), *layers_of(rank, drawn)))
    last = summary.layers[-1]
    assume(last.is_computed)  # five strides of 3 leave too little for a large window
    sizes = [report.output_shapes[0][1] for report in summary.layers[:-1]]
    first, end = seen_by(0, drawn, sizes)
    second, _ = seen_by(1, drawn, sizes)
    assert last.field.size == (end - first + 1,) * rank
    assert last.field.jump == (second - first,) * rank
    assert last.field.padding == (-first,) * rank
    assert last.field.start == ((first + end + 1) / 2,) * rank


@pytest.mark.parametrize(
    ("name", "figures"),
    [("conv2d_2", ((18, 18), (4, 4), (9.0, 9.0), (0, 0))), ("max_pooling2d", ((4, 4), (2, 2), (2.0, 2.0), (0, 0)))],
)
def test_the_fields_of_the_article(name, figures):
    from tests.helpers.networks import article_convnet

    field = next(report for report in analyze(article_convnet()).layers if report.name == name).field
    assert (field.size, field.jump, field.start, field.padding) == figures
