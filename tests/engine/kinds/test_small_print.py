"""What kinds say of themselves besides their numbers: fields, names of axes, types, remarks."""

import msgspec
import pytest

from paramdesk import check_keras_layer, check_torch_layer
from paramdesk.engine.analysis import analyze
from tests.helpers.networks import chain, kind

WINDOW = kind("Conv2D", filters=4, kernel_size=3)


def field(made, *, layout="channels_last", shape=(12, 12, 4)):
    """Return size, step and start of what one position behind a window of 3×3 and a layer sees."""
    network = msgspec.structs.replace(chain(kind("Input", shape=shape), WINDOW, made), layout=layout)
    found = analyze(network).layers[-1]
    assert found.is_computed, found.problem
    return found.field and (found.field.size, found.field.jump, found.field.start)


PLACE_BY_PLACE = ((3, 3), (1, 1), (1.5, 1.5))


@pytest.mark.parametrize(
    ("made", "seen"),
    [
        (kind("LayerScale", projection_dim=4, init_values=1e-6), PLACE_BY_PLACE),
        (kind("Dense", units=3), PLACE_BY_PLACE),
        (kind("GLU", axis=-1), PLACE_BY_PLACE),
        (kind("GLU", axis=3), PLACE_BY_PLACE),
        (kind("GLU", axis=1), None),
        (kind("Softmax", axis=-1), PLACE_BY_PLACE),
        (kind("ContrastLimitedAdaptiveHistogramEqualization"), None),
        (kind("SpectralNormalization", layer=WINDOW), ((5, 5), (1, 1), (2.5, 2.5))),
        (kind("Upsample", scale_factor=2.0), ((3, 3), (0.5, 0.5), (1.5, 1.5))),
        (kind("Upsample", scale_factor=(2.0, 1.0)), ((3, 3), (0.5, 1), (1.5, 1.5))),
        (kind("Upsample", scale_factor=1.5), None),
        (kind("Upsample", scale_factor=(2.0, 1.5)), None),
        (kind("Upsample", size=5), None),
        (kind("Upsample", scale_factor=2.0, mode="bilinear"), None),
        (kind("AdaptiveAveragePooling2D", output_size=(5, 5)), ((4, 4), (2, 2), (2.0, 2.0))),
        (kind("AdaptiveAveragePooling2D", output_size=(4, 5)), None),
        (kind("ZeroPadding2D", padding=((2, 1), (0, 3))), ((3, 3), (1, 1), (-0.5, 1.5))),
        (kind("CenterCrop", height=6, width=4), ((3, 3), (1, 1), (3.5, 4.5))),
        (kind("Resizing", height=5, width=5), None),
        (kind("Flatten"), None),
    ],
    ids=lambda value: value.title() if hasattr(value, "title") else None,
)
def test_that_a_position_sees_what_it_is_made_of(made, seen):
    assert field(made) == seen


@pytest.mark.parametrize(
    ("shape", "digest"),
    [
        ((), "one value"),
        ((1,), "1 value"),
        ((3,), "3 values"),
        ((None,), "? values"),
        ((28, 28, 1), "28 × 28, 1 channel"),
        ((None, 5), "?, 5 channels"),
    ],
)
def test_that_an_input_tells_its_shape_in_words(shape, digest):
    assert kind("Input", shape=shape).digest() == digest


def axes(report):
    """Return the names of the axes of what a layer reads."""
    return report.layer.kind.axis_names(report.input_specs[0])


@pytest.mark.parametrize(
    ("name", "args", "shape", "names"),
    [
        ("LSTM", {"input_size": 4, "hidden_size": 3}, (5, 4), ("steps", "values")),
        ("LSTM", {"input_size": 4, "hidden_size": 3}, (5, 2, 4), ("steps", "batch", "values")),
        ("LSTM", {"input_size": 4, "hidden_size": 3, "batch_first": True}, (2, 5, 4), ("batch", "steps", "values")),
        ("LSTMCell", {"input_size": 4, "hidden_size": 3}, (4,), ("values",)),
        ("LSTMCell", {"input_size": 4, "hidden_size": 3}, (2, 4), ("batch", "values")),
        ("Fold", {"output_size": 3, "kernel_size": 2}, (8, 4), ("values", "places")),
        ("Fold", {"output_size": 3, "kernel_size": 2}, (2, 8, 4), ("batch", "values", "places")),
        ("BatchNorm2d", {"num_features": 4}, (2, 4, 5, 6), ("batch", "channels", "height", "width")),
        ("EmbeddingBag", {"num_embeddings": 7, "embedding_dim": 4}, (2, 3), ("batch", "positions")),
    ],
)
def test_that_axes_have_the_names_by_which_formulas_call_them(name, args, shape, names):
    assert axes(check_torch_layer(name, args, shape)) == names


def test_that_an_image_without_a_batch_has_its_own_names():
    crop = {"height": 5, "width": 5}
    image = ("height", "width", "channels")
    assert axes(check_keras_layer("CenterCrop", crop, (8, 8, 3))) == image
    assert axes(check_keras_layer("CenterCrop", crop, (None, 8, 8, 3))) == ("batch", *image)


@pytest.mark.parametrize(
    ("check", "name", "config", "shape", "remark"),
    [
        (check_keras_layer, "ConvLSTM1D", {"filters": 2, "kernel_size": 3}, (None, 4, 9, 3), "state is convolved"),
        (check_torch_layer, "GRU", {"input_size": 4, "hidden_size": 3}, (5, 2, 4), "one would do"),
        (check_torch_layer, "FractionalMaxPool2d", {"kernel_size": 2, "output_ratio": 0.5}, (3, 8, 8), "by the ratio"),
        (check_torch_layer, "Upsample", {"scale_factor": 1.5}, (1, 3, 8), "a fraction is dropped"),
    ],
)
def test_that_a_reader_is_told_what_a_formula_leaves_open(check, name, config, shape, remark):
    told = [line for section in check(name, config, shape).explanation() for line in section.remarks]
    assert any(remark in line for line in told)
    without = {"bias": False} if name == "GRU" else {"output_size": 4} if name == "FractionalMaxPool2d" else None
    if without:
        plain = check(name, {key: value for key, value in config.items() if key != "output_ratio"} | without, shape)
        assert not any(remark in line for section in plain.explanation() for line in section.remarks)
