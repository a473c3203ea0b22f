"""Recurrent layers, cells and stacks: the figures and refusals that Keras and PyTorch gave for these very options."""

import pytest

from paramdesk import check_keras_layer
from paramdesk.engine.analysis import analyze
from paramdesk.frameworks.check import check_torch_layer
from tests.helpers.layers_alone import computed, output, refusal, warning, weights
from tests.helpers.networks import chain, kind

STEPS = (None, 5, 6)


def module(class_name, shape, **arguments):
    """Return the report of a module of torch.nn that must be computed."""
    report = check_torch_layer(class_name, arguments, shape)
    assert report.is_computed, report.problem
    assert report.problem is None
    return report


def torch_refusal(class_name, shape, **arguments):
    """Return what a module is refused with."""
    problem = check_torch_layer(class_name, arguments, shape).problem
    assert problem is not None
    assert problem.severity == "error"
    return problem.message


def sentence(report, title="Parameters"):
    """Return the formula of a section in words, and its total in numbers."""
    section = next(section for section in report.explanation() if section.title == title)
    return section.words, section.lines[-1].numbers


# Counts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("class_name", "options", "parameters", "macs"),
    [
        ("LSTM", {}, 6_272, 20 * 4 * 32 * (16 + 32)),
        ("LSTM", {"use_bias": False}, 6_144, 122_880),
        ("GRU", {}, 4_800, 20 * 3 * 32 * 48),
        ("GRU", {"reset_after": False}, 4_704, 92_160),
        ("SimpleRNN", {}, 1_568, 20 * 32 * 48),
    ],
)
def test_that_a_layer_counts_its_gates_once_for_all_steps(class_name, options, parameters, macs):
    report = computed(class_name, (None, 20, 16), units=32, **options)
    assert (report.parameters, report.macs) == (parameters, macs)


@pytest.mark.parametrize(
    ("class_name", "parameters", "macs"), [("LSTM", 6_400, 122_880), ("GRU", 4_800, 92_160), ("RNN", 1_600, 30_720)]
)
def test_that_pytorch_adds_a_bias_to_either_product(class_name, parameters, macs):
    report = module(class_name, (20, 1, 16), input_size=16, hidden_size=32)
    assert (report.parameters, report.macs) == (parameters, macs)


@pytest.mark.parametrize(
    ("layer", "keras", "torch"),
    [
        (kind("LSTM", units=8), 480, 512),
        (kind("SimpleRNN", units=8), 120, 128),
        (kind("GRU", units=8), 384, 384),
        (kind("GRU", units=8, reset_after=False), 360, 384),
        (kind("RNN", cell=kind("LSTMCell", units=8)), 480, 512),
        (kind("Bidirectional", layer=kind("LSTM", units=8)), 960, 1_024),
    ],
)
def test_that_a_convention_has_its_own_number_of_biases(layer, keras, torch):
    network = chain(kind("Input", shape=(5, 6)), layer)
    assert analyze(network, convention="keras").layers[-1].parameters == keras
    assert analyze(network, convention="pytorch").layers[-1].parameters == torch


def test_that_the_number_of_steps_may_be_unknown_and_then_the_macs_are():
    report = computed("LSTM", (None, None, 6), units=8, return_sequences=True)
    assert report.output_shapes == ((None, None, 8),)
    assert (report.parameters, report.macs) == (480, None)


def test_that_the_formula_of_an_lstm_is_gates_times_inputs_units_and_a_bias():
    assert sentence(computed("LSTM", STEPS, units=8)) == (
        "gates × (inputs + units + bias) × units",
        "4 × (6 + 8 + 1) × 8",
    )
    assert sentence(computed("GRU", STEPS, units=8)) == (
        "gates × (inputs + units + biases) × units",
        "3 × (6 + 8 + 2) × 8",
    )
    assert sentence(computed("SimpleRNN", STEPS, units=8)) == ("(inputs + units + bias) × units", "(6 + 8 + 1) × 8")
    words, numbers = sentence(computed("LSTM", STEPS, units=8), "Multiply-accumulates (MACs)")
    assert words == "steps × gates × units × (inputs + units)"
    assert numbers == "5 × 4 × 8 × (6 + 8)"


def test_that_what_a_stack_repeats_is_written_once():
    report = module("LSTM", (5, 2, 6), input_size=6, hidden_size=8, num_layers=3, bidirectional=True)
    words, numbers = sentence(report)
    assert words == (
        "gates × (2 × (inputs + units + bias ih + bias hh) + "
        "4 × (units × directions + units + bias ih + bias hh)) × units"
    )
    assert numbers == "4 × (2 × (6 + 8 + 1 + 1) + 4 × (8 × 2 + 8 + 1 + 1)) × 8"


# Keras ----------------------------------------------------------------------------------------------------------------


def test_that_states_come_behind_the_output():
    both = {"units": 8, "return_sequences": True, "return_state": True}
    assert computed("LSTM", STEPS, **both).output_shapes == ((None, 5, 8), (None, 8), (None, 8))
    assert computed("GRU", STEPS, **both).output_shapes == ((None, 5, 8), (None, 8))
    assert computed("SimpleRNN", STEPS, units=8, return_state=True).output_shapes == ((None, 8), (None, 8))


def test_that_a_layer_needs_three_axes_and_known_values():
    assert refusal("LSTM", (None, 6), units=4) == (
        "LSTM needs 3 axes (batch, steps and values), but the input (None, 6) has 2"
    )
    assert "lstm_cell/kernel would have the shape (None, 16)" in refusal("LSTM", (None, 5, None), units=4)
    assert refusal("LSTM", STEPS, units=0).startswith("units = 0")


def test_that_a_stateful_layer_needs_a_known_batch():
    assert refusal("LSTM", STEPS, units=4, stateful=True) == (
        "stateful needs a known batch size, but the input (None, 5, 6) leaves it open"
    )
    assert output("LSTM", (4, 5, 6), units=4, stateful=True) == (4, 4)


def test_that_rates_of_dropout_are_cut_to_what_is_possible():
    assert check_keras_layer("GRU", {"units": 4, "dropout": 2, "recurrent_dropout": -1}, STEPS).problem is None
    kept = check_keras_layer("GRU", {"units": 4, "dropout": 2, "recurrent_dropout": -1}, STEPS).layer.kind
    assert (kept.dropout, kept.recurrent_dropout) == (1.0, 0.0)
    assert refusal("GRU", STEPS, units=4, dropout="much").startswith("dropout = 'much'")


def test_that_functions_of_the_gates_are_taken_as_keras_serializes_them():
    gates = {"class_name": "function", "config": "hard_sigmoid"}
    report = computed("LSTM", STEPS, units=4, activation=None, recurrent_activation=gates)
    assert (report.layer.kind.activation, report.layer.kind.recurrent_activation) == ("linear", "hard_sigmoid")


def test_that_an_option_of_pytorch_is_none_of_keras():
    assert refusal("LSTM", STEPS, units=4, num_layers=1).startswith("LSTM has no option num_layers")
    assert refusal("SimpleRNN", STEPS, units=4, implementation=1).startswith("SimpleRNN has no option")
    assert refusal("LSTM", STEPS, units=4, use_cudnn="sometimes").startswith("use_cudnn = 'sometimes'")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"activation": "glu"}, "glu halves the 4 values"),
        ({"recurrent_activation": "threshold"}, "threshold has two arguments"),
        ({"use_cudnn": True}, "use_cudnn is True"),
    ],
)
def test_that_what_only_fails_when_run_is_a_warning(options, words):
    assert words in warning("LSTM", STEPS, units=4, **options)


def test_that_a_sequence_without_a_step_is_a_warning():
    assert "no step" in warning("GRU", (None, 0, 6), units=4)


def test_that_further_inputs_are_initial_states_which_keras_does_not_check():
    states = [STEPS, (None, 4), (None, 4)]
    assert output("LSTM", states, units=4) == (None, 4)
    assert "1 initial states come in, but LSTM has 2" in warning("LSTM", states[:2], units=4)
    assert "must have the shape (None, 4), not (None, 5)" in warning("GRU", [STEPS, (None, 5)], units=4)


# Cells ----------------------------------------------------------------------------------------------------------------


def test_that_a_cell_of_keras_is_called_with_its_states():
    shapes = computed("LSTMCell", [(None, 6), (None, 4), (None, 4)], units=4).output_shapes
    assert shapes == ((None, 4), (None, 4), (None, 4))
    assert computed("GRUCell", [(None, 6), (None, 4)], units=4).output_shapes == ((None, 4), (None, 4))
    assert refusal("GRUCell", (None, 6), units=4) == (
        "GRUCell reads a step and its states (batch, 4), but 0 states come in"
    )
    assert "must have 4 values" in refusal("GRUCell", [(None, 6), (None, 5)], units=4)


def test_that_cells_in_a_stack_read_what_the_one_before_makes():
    cells = [
        {"class_name": "LSTMCell", "config": {"units": 4}},
        {"class_name": "GRUCell", "config": {"units": 3, "trainable": False, "name": "last"}},
    ]
    report = computed("RNN", STEPS, cell=cells, return_state=True)
    assert report.output_shapes == ((None, 3), (None, 4), (None, 4), (None, 3))
    assert (report.parameters, report.trainable) == (257, 176)
    assert report.macs == 5 * (4 * 4 * (6 + 4) + 3 * 3 * (4 + 3))
    assert [weight.name for weight in report.weights][::3] == [
        "stacked_rnn_cells/lstm_cell/kernel",
        "stacked_rnn_cells/last/kernel",
    ]


def test_that_gates_of_different_cells_are_not_pulled_out_together():
    cells = [{"class_name": name, "config": {"units": units}} for name, units in (("LSTMCell", 8), ("GRUCell", 4))]
    _words, numbers = sentence(computed("RNN", STEPS, cell=cells))
    assert numbers == "4 × (6 + 8 + 1) × 8 + 3 × (8 + 4 + 2) × 4"


def test_that_any_cell_takes_any_number_of_axes_with_a_warning():
    cell = {"class_name": "SimpleRNNCell", "config": {"units": 4}}
    assert output("RNN", (3, 5, 7, 6), cell=cell) == (3, 4)
    assert "it reads 3 axes" in warning("RNN", (3, 5, 7, 6), cell=cell)
    assert weights("RNN", (3, 5), cell=cell)["simple_rnn_cell/kernel"] == (3, 4)
    assert refusal("RNN", STEPS, cell={"class_name": "Dense", "config": {"units": 4}}).startswith("Dense is no cell")


# PyTorch --------------------------------------------------------------------------------------------------------------


def test_that_a_module_makes_all_steps_and_stacked_states():
    stack = {"input_size": 6, "hidden_size": 8, "num_layers": 2, "bidirectional": True}
    assert module("GRU", (5, 2, 6), **stack).output_shapes == ((5, 2, 16), (4, 2, 8))
    assert module("GRU", (2, 5, 6), batch_first=True, **stack).output_shapes == ((2, 5, 16), (4, 2, 8))
    assert module("GRU", (5, 6), batch_first=True, **stack).output_shapes == ((5, 16), (4, 8))


def test_that_a_projection_shortens_the_state_and_not_the_memory():
    report = module("LSTM", (2, 5, 6), input_size=6, hidden_size=8, proj_size=3, num_layers=2, bidirectional=True)
    assert report.output_shapes == ((2, 5, 6), (4, 5, 3), (4, 5, 8))
    assert report.parameters == 1_504
    shapes = {weight.name: weight.shape for weight in report.weights}
    assert shapes["weight_ih_l1_reverse"] == (32, 6)
    assert shapes["weight_hr_l0"] == (3, 8)
    assert report.macs == 5 * 2 * 2 * (4 * 8 * (6 + 3) + 8 * 3 + 4 * 8 * (6 + 3) + 8 * 3)
    said = torch_refusal("LSTM", (2, 5, 6), input_size=6, hidden_size=8, proj_size=8)
    assert said == "projection 8 must be smaller than the 8 units"


def test_that_the_batch_stands_behind_the_steps_unless_said_otherwise():
    assert module("LSTM", (5, 2, 6), input_size=6, hidden_size=8).macs == 2 * 5 * 4 * 8 * 14
    lines = {section.title: section for section in module("RNN", (5, 2, 6), input_size=6, hidden_size=8).explanation()}
    assert lines["Output size"].lines[-1].result == "5 × 8"
    assert [line.numbers for line in lines["Memory"].lines[1:]] == ["5 × 2 × 8 × 4", "2 × 8 × 4", "320 + 64"]


@pytest.mark.parametrize(
    ("arguments", "shape", "words"),
    [
        ({"num_layers": 0}, (2, 5, 6), "num_layers = 0"),
        ({"dropout": 1.5}, (2, 5, 6), "dropout = 1.5"),
        ({"bias": 1}, (2, 5, 6), "bias = 1: expected true or false"),
        ({"proj_size": 2}, (2, 5, 6), "GRU has no argument proj_size"),
        ({}, (2, 5, 7), "it was made for 6 inputs, but the input (2, 5, 7) has 7"),
        ({}, (6,), "GRU needs 2 or 3 axes"),
        ({}, (0, 2, 6), "GRU needs a step at least"),
        ({}, [(5, 2, 6), (1, 2, 9)], "a state of the shape (1, 2, 8) is needed"),
        ({}, [(5, 2, 6), (1, 2, 8), (1, 2, 8)], "GRU takes 1 initial states or none"),
    ],
)
def test_that_pytorch_refuses(arguments, shape, words):
    assert words in torch_refusal("GRU", shape, input_size=6, hidden_size=8, **arguments)


def test_that_a_refused_module_still_owns_what_it_was_made_for():
    report = check_torch_layer("RNN", {"input_size": 6, "hidden_size": 8}, (2, 5, 7))
    assert (report.is_computed, report.parameters) == (False, 128)


def test_that_a_module_knows_only_two_functions():
    assert module("RNN", (2, 5, 6), input_size=6, hidden_size=8, nonlinearity="relu").parameters == 128
    said = torch_refusal("RNN", (2, 5, 6), input_size=6, hidden_size=8, nonlinearity="gelu")
    assert said == "activation = 'gelu': in PyTorch this is tanh or relu"


def test_that_a_cell_of_pytorch_begins_with_zeros_and_takes_a_single_sample():
    assert module("LSTMCell", (2, 6), input_size=6, hidden_size=8).output_shapes == ((2, 8), (2, 8))
    report = module("RNNCell", (6,), input_size=6, hidden_size=8)
    assert (report.output_shapes, report.parameters, report.macs) == (((8,),), 128, 8 * 14)
    assert module("GRUCell", (2, 6), input_size=6, hidden_size=0).parameters == 0
    assert "1 or 2 axes" in torch_refusal("GRUCell", (2, 5, 6), input_size=6, hidden_size=8)
