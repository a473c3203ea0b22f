"""Wrappers, masks and convolutional LSTMs, with the figures and refusals that Keras gave for these very options."""

import pytest

from paramdesk.engine.architecture import Layer
from paramdesk.frameworks.keras import config_of, read_layer
from tests.helpers.layers_alone import computed, output, refusal, warning, weights

STEPS = (None, 5, 6)


def layer(class_name, **config):
    """Return a layer as Keras serializes it."""
    return {"class_name": class_name, "config": config}


LSTM8 = layer("LSTM", units=8)


# Bidirectional --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("merge_mode", "shapes"),
    [("concat", ((None, 16),)), ("sum", ((None, 8),)), ("ave", ((None, 8),)), (None, ((None, 8), (None, 8)))],
)
def test_that_two_directions_are_merged(merge_mode, shapes):
    report = computed("Bidirectional", STEPS, layer=LSTM8, merge_mode=merge_mode)
    assert report.output_shapes == shapes
    assert (report.parameters, report.macs) == (960, 2 * 5 * 4 * 8 * 14)


def test_that_the_states_of_the_forward_layer_come_first():
    states = layer("LSTM", units=8, return_sequences=True, return_state=True)
    shapes = computed("Bidirectional", STEPS, layer=states).output_shapes
    assert shapes == ((None, 5, 16), *[(None, 8)] * 4)


def test_that_the_weights_are_called_forward_and_backward():
    named = layer("LSTM", units=4, name="forward_abc")
    backward = layer("GRU", units=4, go_backwards=True, name="xyz")
    names = list(weights("Bidirectional", STEPS, layer=named, backward_layer=backward))
    assert (names[0], names[-1]) == ("forward_abc/lstm_cell/kernel", "xyz/gru_cell/bias")
    names = list(weights("Bidirectional", STEPS, layer=LSTM8))
    assert names[::3] == ["forward_lstm/lstm_cell/kernel", "backward_lstm/lstm_cell/kernel"]


def test_that_a_backward_layer_goes_the_other_way_and_is_alike_otherwise():
    assert refusal("Bidirectional", STEPS, layer=LSTM8, backward_layer=LSTM8).startswith("both layers go forwards")
    assert refusal("Bidirectional", STEPS, layer=layer("LSTM", units=8, go_backwards=True)).startswith("both layers")
    unlike = layer("LSTM", units=8, go_backwards=True, return_sequences=True)
    assert refusal("Bidirectional", STEPS, layer=LSTM8, backward_layer=unlike) == (
        "return_sequences is False in the forward layer and True in the backward layer: it must be the same"
    )
    assert "is no recurrent layer" in refusal("Bidirectional", STEPS, layer=layer("Dense", units=3))
    assert "merge_mode = 'xx'" in refusal("Bidirectional", STEPS, layer=LSTM8, merge_mode="xx")


def test_that_layers_of_different_widths_are_shown_as_keras_shows_them_with_a_warning():
    wider = layer("LSTM", units=9, go_backwards=True)
    for merge_mode, shape in (("concat", (None, 16)), ("sum", (None, 8))):
        options = {"layer": LSTM8, "backward_layer": wider, "merge_mode": merge_mode}
        assert output("Bidirectional", STEPS, **options) == shape
        assert "makes (8,), the backward layer (9,)" in warning("Bidirectional", STEPS, **options)


def test_that_stateful_directions_have_limits():
    stateful = layer("LSTM", units=4, stateful=True)
    assert "stateful needs a known batch size" in refusal("Bidirectional", STEPS, layer=stateful)
    assert output("Bidirectional", (2, 5, 6), layer=stateful) == (2, 8)
    both = layer("LSTM", units=4, stateful=True, return_state=True)
    assert "return_state together with stateful" in refusal("Bidirectional", (2, 5, 6), layer=both)


def test_that_initial_states_are_shared_out():
    assert output("Bidirectional", [STEPS, *[(None, 8)] * 4], layer=LSTM8) == (None, 16)
    assert "1 initial states come in" in warning("Bidirectional", [STEPS, *[(None, 8)] * 2], layer=LSTM8)


def test_that_the_last_axis_is_doubled_whatever_it_is():
    rows = layer("ConvLSTM1D", filters=4, kernel_size=3, data_format="channels_first")
    assert output("Bidirectional", (None, 5, 6, 9), layer=rows) == (None, 4, 14)


# TimeDistributed ------------------------------------------------------------------------------------------------------


def test_that_a_layer_at_every_step_has_its_weights_once():
    images = layer("Conv2D", filters=4, kernel_size=3)
    report = computed("TimeDistributed", (None, 5, 8, 9, 3), layer=images)
    assert report.output_shapes == ((None, 5, 6, 7, 4),)
    assert (report.parameters, report.macs) == (112, 5 * 6 * 7 * 9 * 3 * 4)
    assert list(weights("TimeDistributed", (None, 5, 8, 9, 3), layer=images)) == ["conv2d/kernel", "conv2d/bias"]


def test_that_three_axes_are_needed_and_the_layer_inside_refuses_as_ever():
    assert refusal("TimeDistributed", (None, 5), layer=layer("Dense", units=7)) == (
        "TimeDistributed needs at least 3 axes (batch, steps and those of the layer), but (None, 5) has 2"
    )
    large = layer("Conv2D", filters=4, kernel_size=9)
    assert "kernel 9×9 is larger than the 8×8 input" in refusal("TimeDistributed", (None, 5, 8, 8, 3), layer=large)
    assert "dense/kernel would have the shape (None, 7)" in refusal(
        "TimeDistributed", (None, None, None), layer=layer("Dense", units=7)
    )
    assert "reads a list" in refusal("TimeDistributed", (None, 5, 6), layer=layer("Add"))


def test_that_a_recurrent_layer_inside_takes_any_number_of_axes_with_a_warning():
    inside = layer("LSTM", units=4)
    assert output("TimeDistributed", (None, 5, 7, 6), layer=inside) == (None, 5, 4)
    assert output("TimeDistributed", (None, 5, 2, 3, 6), layer=inside) == (None, 5, 4)
    assert "it reads 3 axes" in warning("TimeDistributed", (None, 5, 2, 3, 6), layer=inside)
    assert weights("TimeDistributed", (4, 5, 6), layer=inside)["lstm/lstm_cell/kernel"] == (4, 16)
    assert "lstm/lstm_cell/kernel would have the shape (None, 16)" in refusal("TimeDistributed", STEPS, layer=inside)


def test_that_a_layer_inside_makes_one_tensor():
    states = layer("LSTM", units=4, return_state=True)
    assert "makes 3 tensors" in refusal("TimeDistributed", (None, 3, 5, 6), layer=states)
    both = layer("Bidirectional", layer=LSTM8, merge_mode=None)
    assert "makes 2 tensors" in refusal("TimeDistributed", (None, 3, 5, 6), layer=both)


def test_that_a_frozen_layer_inside_is_not_trained():
    frozen = layer("Dense", units=3, trainable=False, name="head")
    report = computed("TimeDistributed", STEPS, layer=frozen)
    assert (report.parameters, report.trainable, report.weights[0].name) == (21, 0, "head/kernel")
    directions = computed("Bidirectional", STEPS, layer=layer("LSTM", units=4, trainable=False))
    assert (directions.parameters, directions.trainable) == (352, 0)


def test_that_what_a_wrapper_inside_says_of_itself_does_not_reach_its_layer():
    inside = layer("Bidirectional", layer=layer("GRU", units=4), trainable=False)
    report = computed("TimeDistributed", (None, 3, 6, 4), layer=inside)
    assert (report.parameters, report.trainable) == (240, 240)


def test_that_names_and_training_inside_are_written_back_after_an_edit():
    inside = layer("Dense", units=3, trainable=False, name="head")
    read = read_layer("TimeDistributed", {"layer": inside, "name": "each"})
    edited = read.kind.changed(layer=read.kind.layer.changed(units=5))
    config = config_of(Layer(0, "each", edited))
    written = config["layer"]["config"]
    assert (written["name"], written["trainable"], written["units"]) == ("head", False, 5)
    assert "layer_name" not in config
    thawed = Layer(0, "each", read.kind.changed(layer_trainable=True), extras=read.extras)
    assert config_of(thawed)["layer"]["config"]["trainable"] is True
    assert config_of(Layer(0, "each", read.kind, extras=read.extras))["layer"] == inside
    assert refusal("TimeDistributed", STEPS, layer=inside, layer_name="x").startswith("there is no option")


def test_that_layers_within_layers_end_somewhere():
    inside = layer("Dense", units=3)
    for _ in range(2_000):
        inside = layer("TimeDistributed", layer=inside)
    assert refusal("TimeDistributed", STEPS, **inside["config"]) == "layers stand within layers without end"


# Masking and ConvLSTM -------------------------------------------------------------------------------------------------


def test_that_a_mask_changes_no_shape():
    assert output("Masking", (None, 4, 5), mask_value=-1) == (None, 4, 5)
    assert refusal("Masking", ()).startswith("Masking needs at least 1 axis")


@pytest.mark.parametrize(
    ("options", "shape", "made", "parameters"),
    [
        ({"kernel_size": 3}, (None, 4, 8, 9, 3), (None, 6, 7, 4), 1_024),
        ({"kernel_size": 3, "padding": "same", "strides": 2}, (None, 4, 8, 9, 3), (None, 4, 5, 4), 1_024),
        ({"kernel_size": 1, "use_bias": False}, (None, 4, 8, 9, 3), (None, 8, 9, 4), 112),
        ({"kernel_size": 3, "data_format": "channels_first"}, (None, 4, 3, 8, 9), (None, 4, 6, 7), 1_024),
    ],
)
def test_that_a_convolutional_lstm_makes_images(options, shape, made, parameters):
    report = computed("ConvLSTM2D", shape, filters=4, **options)
    assert (report.output_shapes, report.parameters) == ((made,), parameters)


def test_that_its_macs_count_input_and_state_at_every_place():
    report = computed("ConvLSTM2D", (None, 4, 8, 9, 3), filters=4, kernel_size=3)
    assert report.macs == 4 * 6 * 7 * 9 * (3 + 4) * 4 * 4
    assert computed("ConvLSTM2D", (None, None, 8, 9, 3), filters=4, kernel_size=3).macs is None


def test_that_its_sizes_of_space_must_be_known():
    said = refusal("ConvLSTM2D", (None, 4, None, None, 3), filters=4, kernel_size=3)
    assert said == "ConvLSTM2D needs sizes of space that are known, but the input is (None, 4, None, None, 3)"
    assert "needs 5 axes" in refusal("ConvLSTM2D", (None, 4, 8, 9), filters=4, kernel_size=3)
    assert "cannot be combined" in refusal(
        "ConvLSTM1D", (None, 4, 9, 3), filters=4, kernel_size=3, strides=2, dilation_rate=2
    )


def test_that_no_filters_are_a_warning():
    assert output("ConvLSTM1D", (None, 4, 9, 3), filters=0, kernel_size=3) == (None, 7, 0)
    assert "a channel and a filter at least" in warning("ConvLSTM1D", (None, 4, 9, 3), filters=0, kernel_size=3)
