"""What holds for every kind."""

import inspect

import pytest

from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.layer_kind import LayerKind, kinds
from paramdesk.engine.option import choices

EVERY = pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.title())


@EVERY
def test_that_a_kind_is_described(kind):
    assert inspect.getdoc(kind) != inspect.getdoc(kind.__base__)
    assert kind.search
    assert kind.source.startswith("https://")
    assert kind.names_in("keras") or kind.names_in("pytorch")


@EVERY
def test_that_a_kind_is_a_leaf(kind):
    abstract = [base for base in kind.__mro__[1:] if issubclass(base, LayerKind)]
    assert not any(base in kinds().values() for base in abstract)


@EVERY
def test_that_a_preset_is_valid_and_has_a_digest_on_one_line(kind):
    proposed = kind.preset()
    assert proposed.changed() == proposed
    assert len(proposed.digest()) < 40


@EVERY
def test_that_what_it_takes_from_keras_without_a_field_is_no_field(kind):
    assert not kind.inert & set(kind.__struct_fields__)


def test_that_class_names_and_search_words_are_not_given_twice():
    for framework in ("keras", "pytorch"):
        names = [name for kind in kinds().values() for name in kind.names_in(framework)]
        assert len(names) == len(set(names))


def test_that_what_can_be_chosen_is_offered():
    assert choices(kinds()["UpSampling2D"], "interpolation")[0] == "nearest"
    assert set(choices(kinds()["Conv1D"], "padding")) == {"valid", "same", "causal"}
    assert len(choices(kinds()["Activation"], "activation")) == 32
    assert choices(kinds()["Conv2D"], "filters") == ()


@pytest.mark.parametrize(
    ("kind", "options", "digest"),
    [
        ("Conv2D", {"filters": 64, "kernel_size": 3, "activation": "relu"}, "64 filters, 3×3, ReLU"),
        ("Conv2D", {"filters": 64, "kernel_size": (3, 5), "strides": 2}, "64 filters, 3×5, stride 2"),
        ("Conv2D", {"filters": 64, "kernel_size": 3, "strides": (2, 1)}, "64 filters, 3×3, stride 2×1"),
        ("Conv2D", {"filters": 64, "kernel_size": 1, "use_bias": False}, "64 filters, 1×1, no bias"),
        ("Conv1D", {"filters": 64, "kernel_size": 5, "padding": "causal"}, "64 filters, kernel 5, causal"),
        ("Conv2D", {"filters": 8, "kernel_size": 3, "padding": 1}, "8 filters, 3×3, padding 1"),
        ("Conv2D", {"filters": 8, "kernel_size": (1, 7), "padding": (0, 3)}, "8 filters, 1×7, padding 0×3"),
        ("Conv1D", {"filters": 8, "kernel_size": 3, "padding": 1}, "8 filters, kernel 3, padding 1"),
        ("MaxPooling2D", {}, "2×2"),
        ("Dense", {"units": 10, "activation": "softmax"}, "10 units, softmax"),
        ("Dense", {"units": 10, "activation": "leaky_relu"}, "10 units, leaky ReLU"),
        ("Dropout", {"rate": 0.25}, "0.25"),
        ("ZeroPadding2D", {"padding": 3}, "by 3"),
        ("ZeroPadding2D", {"padding": ((0, 1), 2)}, "by 0+1×2"),
        ("ZeroPadding1D", {"padding": (0, 1)}, "by 0+1"),
        ("Reshape", {"target_shape": (-1, 64)}, "−1×64"),
        ("LayerNormalization", {"axis": (1, -1)}, "axis 1, −1"),
        ("Embedding", {"input_dim": 20000, "output_dim": 128}, "20,000 tokens, 128 dimensions"),
        ("BatchNormalization", {"scale": False}, "no gamma"),
        ("ReLU", {"max_value": 6}, "up to 6"),
        ("Add", {}, ""),
    ],
)
def test_that_a_digest_says_what_differs_in_a_few_words(kind, options, digest):
    assert kinds()[kind].from_options(options).digest() == digest


@pytest.mark.parametrize(
    ("kind", "options", "digest"),
    [
        ("Conv2D", {"filters": 1, "kernel_size": 3}, "1 filter, 3×3"),
        ("Dense", {"units": 1}, "1 unit"),
        ("Embedding", {"input_dim": 1, "output_dim": 1}, "1 token, 1 dimension"),
        ("RepeatVector", {"n": 1}, "1 time"),
        ("Conv2D", {"filters": 11, "kernel_size": 1, "strides": 1}, "11 filters, 1×1"),
    ],
)
def test_that_a_digest_counts_one_in_the_singular(kind, options, digest):
    assert kinds()[kind].from_options(options).digest() == digest


@pytest.mark.parametrize(
    ("shape", "layout", "digest"),
    [
        ((224, 200, 3), "channels_last", "224 × 200, 3 channels"),
        ((3, 224, 200), "channels_first", "224 × 200, 3 channels"),
        ((128, 512), "channels_first", "128, 512 channels"),
    ],
)
def test_that_an_input_names_its_channels_where_the_network_has_them(shape, layout, digest):
    assert kinds()["Input"].from_options({"shape": shape}).digest(layout=layout) == digest


def test_that_the_last_axis_counted_from_the_front_is_no_news():
    normalized = kinds()["BatchNormalization"].from_options({"axis": 3})
    assert normalized.digest(4) == ""
    assert normalized.digest(5) == normalized.digest() == "axis 3"


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("Conv2D", {"filters": 0, "kernel_size": 3}, "filters = 0: expected a whole number ≥ 1"),
        ("Conv2D", {"filters": 4}, "Conv2D needs kernel_size"),
        ("Conv2D", {"filters": 4, "kernel_size": 2.5}, "kernel_size = 2.5: expected a whole number"),
        ("Conv2D", {"filters": 4, "kernel_size": 3, "strides": True}, "strides = True: expected a list"),
        ("Dense", {"units": True}, "units = True: expected a whole number"),
    ],
)
def test_that_wrong_options_never_become_a_kind(kind, options, message):
    with pytest.raises(InvalidOptions) as caught:
        kinds()[kind].from_options(options)
    assert caught.value.message == message
