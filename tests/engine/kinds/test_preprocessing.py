"""Preprocessing and augmentation: what a comparison with Keras taught."""

import tracemalloc

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.kinds.preprocessing_audio import MelSpectrogram
from paramdesk.engine.kinds.preprocessing_categorical import Discretization, Hashing
from paramdesk.engine.kinds.preprocessing_text import IntegerLookup
from paramdesk.engine.shape import UNKNOWN, TensorSpec
from paramdesk.frameworks.keras import config_of, read_layer
from tests.helpers.layers_alone import computed, output, refusal, warning, weights
from tests.helpers.networks import chain, kind

IMAGES = (None, 480, 640, 3)


def written(class_name, **config):
    """Return the config of a layer that was read from one."""
    read = read_layer(class_name, config)
    layer = chain(kind("Input", shape=(3,)), read.kind).layers[-1]
    return config_of(type(layer)(0, "it", read.kind, extras=read.extras))


# Images ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("class_name", "given", "options", "shape"),
    [
        ("Resizing", IMAGES, {}, (None, 224, 320, 3)),
        ("Resizing", (480, 640, 3), {}, (224, 320, 3)),
        ("Resizing", (None, 3, 480, 640), {"data_format": "channels_first"}, (None, 3, 224, 320)),
        ("Resizing", (None, None, None, 3), {}, (None, 224, 320, 3)),
        ("CenterCrop", (None, None, None, 3), {}, (None, 224, 320, 3)),
        ("CenterCrop", (100, 100, 3), {}, (224, 320, 3)),
        ("RandomCrop", IMAGES, {}, (None, 224, 320, 3)),
    ],
)
def test_that_images_alone_or_in_a_batch_get_the_size_asked_for(class_name, given, options, shape):
    assert output(class_name, given, height=224, width=320, **options) == shape


def test_that_each_class_looks_at_the_rank_of_an_image_in_its_own_way():
    size = {"height": 2, "width": 3}
    assert output("Resizing", (None, 5), **size) == (2, 3)
    assert "axis 0 and axis 1" in refusal("Resizing", (5,), **size)
    assert output("RandomCrop", (None, 4, 8, 9, 3), **size) == (None, 4, 2, 3, 3)
    assert "but the input (None, 4, 8, 9, 3) has 5" in refusal("CenterCrop", (None, 4, 8, 9, 3), **size)
    assert output("RandomFlip", (None, 5)) == (None, 5)


@pytest.mark.parametrize("size", [-1, 2.5, "5"])
def test_that_a_size_is_a_whole_number(size):
    assert "whole number" in refusal("Resizing", IMAGES, height=size, width=5)


@pytest.mark.parametrize(
    ("class_name", "given", "options", "said"),
    [
        ("Resizing", IMAGES, {"height": 0, "width": 5}, "the size 0 × 5"),
        ("Resizing", IMAGES, {"height": None, "width": 5}, "None is none to be made"),
        ("Resizing", IMAGES, {"height": 4, "width": 5, "interpolation": "zzz"}, "'zzz' is none of nearest, bilinear"),
        ("Resizing", IMAGES, {"height": 4, "width": 5, "fill_mode": "reflect"}, "'reflect' is not 'constant'"),
        (
            "Resizing",
            IMAGES,
            {"height": 4, "width": 5, "crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
            "both crop and pad",
        ),
        (
            "RandomFlip",
            (None, 5),
            {},
            "3 axes (height, width and channels) or 4 (batch), but the input (None, 5) has 2",
        ),
        ("RandomHue", (None, 8, 9, 4), {"factor": 0.1}, "3 channels (red, green, blue), and the input has 4"),
        ("RandomGrayscale", (None, 8, 9, 4), {}, "3 channels turn grey (or of 1), and the input has 4"),
        (
            "RandomColorJitter",
            (None, 3, 8, 9),
            {"hue_factor": 0.1, "data_format": "channels_first"},
            "on the last axis",
        ),
        ("ContrastLimitedAdaptiveHistogramEqualization", (None, 3, 90, 3), {}, "3 positions are too few for 8 tiles"),
        ("RandomElasticTransform", IMAGES, {"fill_mode": "mirror"}, "'mirror'"),
        ("RandomPosterization", IMAGES, {"factor": 2.5}, "no 2.5 bits"),
    ],
)
def test_that_what_fails_only_when_run_is_warned_of(class_name, given, options, said):
    assert said in warning(class_name, given, **options)


def test_that_colours_that_are_blended_with_grey_are_three():
    assert "3 channels (red, green, blue), but the input has 4" in refusal(
        "RandomColorDegeneration", (None, 8, 9, 4), factor=0.1
    )
    assert output("RandomColorDegeneration", (None, 8, 9, None), factor=0.1) == (None, 8, 9, None)


def test_that_a_crop_in_the_middle_moves_what_is_seen():
    net = chain(kind("Input", shape=(10, 13, 3)), kind("CenterCrop", height=4, width=8))
    assert analyze(net).layers[-1].field.start == (3.5, 2.5)
    net = chain(kind("Input", shape=(10, 13, 3)), kind("CenterCrop", height=20, width=8))
    assert analyze(net).layers[-1].field is None


# Factors --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("class_name", ["RandomRotation", "RandomContrast", "RandomHue", "RandomSaturation"])
def test_that_of_two_numbers_only_the_nearer_ends_are_looked_at(class_name):
    assert output(class_name, IMAGES, factor=[-9, 0.5]) == IMAGES
    for pair in ([2, 3], [1.5, 0], [0.5, -9]):
        assert "expected a first number of at most 1 and a second one of at least" in refusal(
            class_name, IMAGES, factor=pair
        )
    assert "≤ 1" in refusal(class_name, IMAGES, factor=1.5)


@pytest.mark.parametrize(
    ("class_name", "options", "said"),
    [
        ("RandomZoom", {"height_factor": -1}, "height_factor = -1: expected a number > −1"),
        ("RandomZoom", {"height_factor": [0.5, 1.5]}, "≤ 1"),
        ("RandomTranslation", {"height_factor": [0.5, 1.5], "width_factor": 0}, "≤ 1"),
        ("RandomTranslation", {"height_factor": 0.5}, "needs width_factor"),
        ("RandomShear", {"x_factor": -0.1}, "≥ 0"),
        ("RandAugment", {"factor": [-1, 0.5]}, "≥ 0"),
        ("RandomPosterization", {"factor": 0}, "≥ 1"),
        ("RandomGaussianBlur", {"kernel_size": 4}, "kernel_size = 4: expected odd numbers"),
        ("RandomGrayscale", {"factor": [0, 1]}, "expected a number"),
        ("RandomContrast", {"factor": None}, "factor = None"),
        ("RandomBrightness", {"factor": 0.1, "value_range": [0]}, "value_range = [0]"),
        (
            "RandomColorJitter",
            {"saturation_factor": 0.1, "value_range": [0]},
            "value_range = [0]: expected two numbers",
        ),
        ("RandomFlip", {"seed": 1.5}, "seed = 1.5: expected a whole number or none"),
        ("RandomFlip", {"seed": True}, "seed = True"),
        ("RandomFlip", {"fill_mode": "reflect"}, "has no option fill_mode"),
        ("RandomRotation", {"factor": 0.1, "fill_mode": "mirror"}, "'reflect'"),
        ("MaxNumBoundingBoxes", {"max_number": "many"}, "max_number = 'many'"),
    ],
)
def test_that_augmentations_refuse_what_their_constructors_refuse(class_name, options, said):
    assert said in refusal(class_name, IMAGES, **options)


@pytest.mark.parametrize(
    ("class_name", "options"),
    [
        ("RandomTranslation", {"height_factor": -1, "width_factor": [0, 0.5]}),
        ("RandomZoom", {"height_factor": -0.99}),
        ("RandomPosterization", {"factor": [0, 4]}),
        ("CutMix", {"factor": [-1, 0.5]}),
        ("RandomBrightness", {"factor": None}),
        ("RandomContrast", {"factor": 0.1, "value_range": [0]}),
        ("RandomColorJitter", {"hue_factor": 0.1, "value_range": [0]}),
        ("RandomFlip", {"mode": "zzz"}),
        ("MaxNumBoundingBoxes", {"max_number": "5"}),
    ],
)
def test_that_augmentations_take_what_their_constructors_do_not_look_at(class_name, options):
    report = computed(class_name, IMAGES, **options)
    assert (report.output_shapes, report.parameters, report.macs) == ((IMAGES,), 0, 0)


def test_that_what_no_field_can_hold_is_written_back():
    assert written("RandomFlip", mode="zzz")["mode"] == "zzz"
    assert written("RandomContrast", factor=0.1, value_range=[0])["value_range"] == [0]
    assert written("Rescaling", scale=[[1], [2]])["scale"] == [[1], [2]]


# Numbers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, {"mean": (3,), "variance": (3,), "count": ()}),
        ({"axis": None}, {"mean": (), "variance": (), "count": ()}),
        ({"axis": [2, 1]}, {"mean": (28, 3), "variance": (28, 3), "count": ()}),
        ({"mean": [1, 2, 3], "variance": [1, 1, 1]}, {}),
    ],
)
def test_that_normalization_gathers_a_mean_a_variance_and_a_count(options, found):
    assert weights("Normalization", (None, 28, 3), **options) == found


def test_that_what_normalization_gathers_is_not_trained():
    report = computed("Normalization", (None, 28, 3))
    assert (report.parameters, report.trainable, report.non_trainable) == (7, 0, 7)


@pytest.mark.parametrize(
    ("given", "options", "said"),
    [
        ((None, 28, 3), {"axis": 3}, "axis 3 does not exist"),
        ((None, 28, None), {}, "the size of axis 2 must be known"),
        ((None, 28, 3), {"axis": [1, 1]}, "names axis 1 twice"),
        ((None, 28, 3), {"mean": 1}, "belong together"),
        ((None, 28, 3), {"mean": [1, 2], "variance": [1, 1]}, "2 means cannot be spread: the axes kept have 3 places"),
        ((None, 28, 3), {"mean": [1], "variance": [1], "axis": None}, "as many axes as are kept (0)"),
        ((None, 28, 3), {"mean": [1, 2, 3], "variance": 1}, "the same in both"),
    ],
)
def test_that_normalization_refuses_what_it_cannot_spread(given, options, said):
    assert said in refusal("Normalization", given, **options)


def test_that_means_of_several_axes_are_written_back_as_they_were():
    means = [[1.0, 2.0]] * 4
    assert output("Normalization", (None, 4, 2), axis=[1, 2], mean=means, variance=means) == (None, 4, 2)
    assert written("Normalization", axis=[1, 2], mean=means, variance=means)["mean"] == means


def test_that_a_scale_of_many_numbers_fits_the_last_axis_or_is_warned_of():
    assert "3 numbers of scale do not fit the last axis of (None, 5)" in warning(
        "Rescaling", (None, 5), scale=[1, 2, 3]
    )
    assert "give a last axis of as many" in warning("Rescaling", (None, 1), scale=[1, 2, 3])
    array = {"class_name": "__numpy__", "config": {"value": [1.0, 2.0, 3.0], "dtype": "float32"}}
    assert computed("Rescaling", (None, 3), scale=array).problem is None


# Categories -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("class_name", "options", "given", "shape", "run"),
    [
        ("CategoryEncoding", {"num_tokens": 6, "output_mode": "one_hot"}, (None, 4), (None, 4, 6), None),
        ("CategoryEncoding", {"num_tokens": 6, "output_mode": "one_hot"}, (None, 1), (None, 6), None),
        ("CategoryEncoding", {"num_tokens": 6, "output_mode": "one_hot"}, (4,), (4, 6), None),
        ("CategoryEncoding", {"num_tokens": 6, "output_mode": "binary"}, (None, 4), (None, 6), None),
        ("CategoryEncoding", {"num_tokens": 6, "output_mode": "count"}, (None, 4, 5), (None, 4, 6), "(None, 5, 6)"),
        ("Discretization", {"bin_boundaries": [0, 1], "output_mode": "one_hot"}, (None, 4, 5), (None, 4, 5, 3), None),
        ("Discretization", {"bin_boundaries": [0, 1], "output_mode": "count"}, (None, 4, 5), (None, 5, 3), None),
        ("Discretization", {"num_bins": 4}, (None, 4), (None, 4), None),
        ("Hashing", {"num_bins": 6, "output_mode": "count"}, (None, 4), (None, 6), None),
        ("Hashing", {"num_bins": 6, "output_mode": "one_hot"}, (None, 4), (None, 6), "(None, 4, 6)"),
        ("Hashing", {"num_bins": 6, "output_mode": "one_hot"}, (None, 1), (None, 6), None),
        ("IntegerLookup", {"vocabulary": [3, 5, 7], "output_mode": "one_hot"}, (None, 1), (None, 4), None),
        ("IntegerLookup", {"vocabulary": [3, 5, 7], "output_mode": "multi_hot"}, (None, 4), (None, 4), None),
        ("IntegerLookup", {"output_mode": "multi_hot"}, (None, 4), (None, None), None),
    ],
)
def test_that_categories_have_the_shape_that_keras_shows(class_name, options, given, shape, run):
    report = computed(class_name, given, **options)
    assert report.output_shapes == (shape,)
    if run is None:
        assert report.problem is None
    else:
        assert report.problem.message.endswith(f"but gives {run} when run")


@pytest.mark.parametrize(
    ("class_name", "options", "said"),
    [
        ("CategoryEncoding", {}, "needs num_tokens"),
        ("CategoryEncoding", {"num_tokens": 0}, "≥ 1"),
        ("CategoryEncoding", {"num_tokens": 3, "output_mode": "int"}, "'multi_hot'"),
        ("Discretization", {}, "either boundaries or a number of bins"),
        ("Discretization", {"bin_boundaries": [0.0], "num_bins": 3}, "either boundaries or a number of bins"),
        ("Discretization", {"num_bins": 3, "sparse": True}, "only vectors can be sparse"),
        ("Hashing", {"num_bins": 3, "salt": [1, 2, 3]}, "salt = [1, 2, 3]"),
        ("Hashing", {"num_bins": 5, "dtype": "float32"}, "int32 or int64, not float32"),
    ],
)
def test_that_categories_refuse_what_their_constructors_refuse(class_name, options, said):
    assert said in refusal(class_name, (None, 4), **options)


def test_that_categories_come_out_as_whole_numbers_or_as_vectors():
    x = TensorSpec((UNKNOWN, 4), "string")
    assert Hashing(num_bins=3).output(x).dtype == "int64"
    assert Hashing(num_bins=3, dtype="int32").output(x).dtype == "int32"
    assert Hashing(num_bins=3, output_mode="count").output(x).dtype == "float32"
    assert Discretization(num_bins=3).output(x).dtype == "int32"


def test_that_two_inputs_are_crossed():
    pair = [(None, 1), (None, 1)]
    assert output("HashedCrossing", pair, num_bins=5) == (None, 1)
    assert output("HashedCrossing", pair, num_bins=5, output_mode="one_hot") == (None, 5)
    assert refusal("HashedCrossing", [(None, 1)], num_bins=5) == "HashedCrossing crosses two inputs, got 1"
    assert "the last axes of (None, 4) and (None, 3) differ" in refusal(
        "HashedCrossing", [(None, 4), (None, 3)], num_bins=5
    )
    assert "(batch) or (batch, 1)" in warning("HashedCrossing", [(None, 4), (None, 4)], num_bins=5)


def test_that_boundaries_that_were_found_are_read_with_the_number_that_was_asked_for():
    saved = {
        "bin_boundaries": [0.2, 0.5, 0.8],
        "num_bins": 4,
        "epsilon": 0.01,
        "output_mode": "one_hot",
        "sparse": False,
    }
    assert output("Discretization", (None, 3), **saved) == (None, 3, 4)
    again = written("Discretization", **saved)
    assert (again["bin_boundaries"], again["num_bins"]) == ((0.2, 0.5, 0.8), 4)


# Words ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"vocabulary": ["a", "b"]}, 3),
        ({"vocabulary": ["[UNK]", "a"]}, 2),
        ({"vocabulary": ["", "[UNK]", "a"]}, 4),
        ({"vocabulary": ["a", "b"], "mask_token": ""}, 3),
        ({"vocabulary": ["a", "b"], "num_oov_indices": 0}, 2),
        ({"vocabulary": ["a", "b"], "max_tokens": 9, "pad_to_max_tokens": True}, 9),
        ({"vocabulary_size": 9}, 9),
        ({}, None),
    ],
)
def test_that_a_vector_has_a_place_for_each_token_and_for_others(options, size):
    assert output("StringLookup", (None, 4), output_mode="count", **options) == (None, size)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"vocabulary": []}, "expected a list of tokens"),
        ({"vocabulary": "words.txt"}, "files of tokens are not read"),
        ({"vocabulary": ["a", "b", "a"]}, "'a' occurs twice"),
        ({"vocabulary": ["1", 1]}, "'1' occurs twice"),
        ({"vocabulary": [1, 2]}, "1 is no token"),
        ({"vocabulary": ["[UNK]"]}, "no tokens of its own"),
        ({"vocabulary": ["a", ""], "mask_token": ""}, "the special token '' may stand only at its beginning"),
        ({"vocabulary": ["a", "[UNK]"], "invert": True}, "the special token '[UNK]' may stand only at its beginning"),
        ({"vocabulary": ["a", "b"], "max_tokens": 2}, "2 tokens and 1 special places exceed the most of 2"),
        ({"vocabulary": ["a"], "output_mode": "tf-idf"}, "needs idf_weights"),
        ({"vocabulary": ["a"], "output_mode": "tf-idf", "idf_weights": [1, 2]}, "one number for each token"),
        ({"vocabulary": ["a"], "idf_weights": [1]}, "only tf_idf"),
        ({"vocabulary": ["a"], "output_mode": "count", "vocabulary_size": 5}, "with 1 tokens it would be 2"),
        ({"max_tokens": 1}, "≥ 2"),
        ({"pad_to_max_tokens": True}, "their number must be given"),
        ({"invert": True, "output_mode": "count"}, "only an output of numbers can be inverted"),
        ({"invert": True, "oov_token": None}, "oov_token = None"),
        ({"sparse": True}, "only vectors can be sparse"),
        ({"autocast": True}, "has no option autocast"),
    ],
)
def test_that_a_vocabulary_is_looked_at_when_the_layer_is_made(options, said):
    assert said in refusal("StringLookup", (None, 4), **options)


def test_that_billions_of_places_for_other_tokens_are_a_number_and_no_list():
    tokens = {"vocabulary": ["a", "b"], "num_oov_indices": 2_000_000_000, "output_mode": "multi_hot"}
    tracemalloc.start()
    try:
        assert output("StringLookup", (None, 4), **tokens) == (None, 2_000_000_002)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_that_only_a_hash_of_numbers_takes_a_salt():
    assert "only farmhash" in refusal("IntegerLookup", (None, 4), salt=3)
    assert output("IntegerLookup", (None, 4), salt=3, oov_method="farmhash") == (None, 4)
    assert "vocabulary_dtype = 'int32'" in refusal("IntegerLookup", (None, 4), vocabulary_dtype="int32")


def test_that_a_vocabulary_is_written_back_until_its_size_is_changed():
    tokens = [3, 5, 7]
    read = read_layer("IntegerLookup", {"vocabulary": tokens, "output_mode": "count"})
    assert (read.kind, read.extras) == (IntegerLookup(vocabulary=3, output_mode="count"), {"vocabulary": tokens})
    config = written("IntegerLookup", vocabulary=tokens, output_mode="count")
    assert (config["vocabulary"], config["vocabulary_size"]) == (tokens, 4)
    layer = chain(kind("Input", shape=(3,)), read.kind.changed(vocabulary=5)).layers[-1]
    config = config_of(type(layer)(0, "it", layer.kind, extras=read.extras))
    assert ("vocabulary" in config, config["vocabulary_size"]) == (False, 6)


@pytest.mark.parametrize(
    ("options", "given", "shape"),
    [
        ({}, (None, 1), (None, None)),
        ({"output_sequence_length": 7}, (None,), (None, 7)),
        ({"output_mode": "multi_hot", "max_tokens": 100}, (None, 1), (None, 1, None)),
        ({"output_mode": "count", "vocabulary": ["a", "b"]}, (None, 1), (None, 1, 3)),
        ({"output_mode": "one_hot", "vocabulary": ["a", "b"]}, (None, 1), (None, 1, None, 3)),
        ({"output_mode": "one_hot", "vocabulary": ["a", "b"], "split": None}, (None, 1), (None, 3)),
        ({"output_mode": "count", "vocabulary_size": 3}, (), (3,)),
    ],
)
def test_that_texts_have_the_shape_that_keras_shows(options, given, shape):
    assert output("TextVectorization", given, **options) == shape


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"standardize": "upper"}, "standardize = 'upper': expected 'lower', "),
        ({"split": "line"}, "split = 'line'"),
        ({"output_sequence_length": 7, "output_mode": "count"}, "sequence length: only an output of numbers has it"),
        ({"ragged": True, "output_mode": "count"}, "ragged: only an output of numbers has it"),
        ({"ngrams": 2.0}, "ngrams = 2.0"),
        ({"vocabulary": ["a", ""], "output_mode": "count"}, "the special token ''"),
        ({"num_oov_indices": 2}, "has no option num_oov_indices"),
    ],
)
def test_that_texts_are_refused_as_keras_refuses_them(options, said):
    assert said in refusal("TextVectorization", (None, 1), **options)


def test_that_a_function_that_splits_texts_is_written_back():
    function = {"module": "builtins", "class_name": "function", "config": "mine", "registered_name": "Custom>mine"}
    assert written("TextVectorization", standardize=function)["standardize"] == function
    assert "has 4 on its last axis" in warning("TextVectorization", (None, 4))


# Sound ----------------------------------------------------------------------------------------------------------------


def test_that_a_mel_spectrogram_has_a_frame_for_every_stride():
    assert output("MelSpectrogram", (None, 16_000)) == (None, 128, 32)
    assert output("MelSpectrogram", (16_000,), num_mel_bins=40) == (40, 32)
    assert output("MelSpectrogram", (None, None)) == (None, 128, None)
    assert analyze(chain(kind("Input", shape=(None,)), MelSpectrogram())).layers[-1].output_shapes == (
        (None, 128, None),
    )


def test_that_a_mel_spectrogram_warns_of_what_the_run_makes_else():
    report = computed("MelSpectrogram", (None, 15_999), sequence_stride=100)
    assert report.output_shapes == ((None, 128, 161),)
    assert report.problem.message == "Keras shows (None, 128, 161), but gives 160 frames when run"
    assert "1024 samples cannot be mirrored by 1024" in warning("MelSpectrogram", (None, 1024))
    assert computed("MelSpectrogram", (None, 1025)).problem is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sequence_length": 3000}, "window of 3000 samples is longer than the FFT length of 2048"),
        ({"sequence_stride": 0}, "a stride of 0 makes no frames of 8000 samples"),
        ({"num_mel_bins": -1}, "≥ 0"),
    ],
)
def test_that_a_mel_spectrogram_refuses_lengths_that_do_not_suit_each_other(options, said):
    assert said in refusal("MelSpectrogram", (None, 8000), **options)


@pytest.mark.parametrize(
    ("options", "given", "shape", "kernels", "macs"),
    [
        ({}, (None, 1000, 2), (None, 19, 130), 2, 494_000),
        ({"mode": "imag", "padding": "same", "frame_step": 30}, (None, 1000, 2), (None, 34, 130), 1, 442_000),
        ({"mode": "stft", "expand_dims": True}, (None, 1000, 2), (None, 19, 130, 2), 2, 494_000),
        ({"data_format": "channels_first", "expand_dims": True}, (None, 2, 1000), (None, 2, 19, 65), 2, 494_000),
        ({}, (None, None, 2), (None, None, 130), 2, None),
    ],
)
def test_that_an_stft_is_a_convolution_with_trained_waves(options, given, shape, kernels, macs):
    report = computed("STFTSpectrogram", given, frame_length=100, **options)
    assert report.output_shapes == (shape,)
    assert [weight.shape for weight in report.weights] == [(100, 1, 65)] * kernels
    assert (report.trainable, report.macs) == (6_500 * kernels, macs)


@pytest.mark.parametrize(
    ("given", "options", "said"),
    [
        ((None, 99, 2), {}, "a frame of 100 samples does not fit into 99"),
        ((None, 1000, None), {}, "the number of channels must be known"),
        ((None, 1000), {}, "needs 3 axes"),
        ((None, 1000, 2), {"frame_step": 101}, "frame step 101: expected 1 to 100"),
        ((None, 1000, 2), {"fft_length": 64}, "an FFT length of 64 is less than the frame length of 100"),
        ((None, 1000, 2), {"window": "kaiser"}, "window 'kaiser' is none that needs no parameters"),
        ((None, 1000, 2), {"window": [1.0] * 99}, "as many numbers as a frame is long (100)"),
        ((None, 1000, 2), {"periodic": 1}, "periodic = 1: expected true or false"),
        ((None, 1000, 2), {"padding": "SAME"}, "'valid'"),
    ],
)
def test_that_an_stft_refuses_what_its_constructor_and_its_convolution_refuse(given, options, said):
    assert said in refusal("STFTSpectrogram", given, **{"frame_length": 100, **options})


def test_that_a_frame_of_one_sample_needs_a_step():
    assert "frame step 0: expected 1 to 1" in refusal("STFTSpectrogram", (None, 20, 1), frame_length=1)
    assert output("STFTSpectrogram", (None, 20, 1), frame_length=1, frame_step=1) == (None, 20, 1)
    assert output("STFTSpectrogram", (None, 1000, 1), frame_length=4, window="hann_symmetric") == (None, 499, 3)
