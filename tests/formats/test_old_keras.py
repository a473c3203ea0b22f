"""Configurations of Keras 2: what it said in other words, and what nobody says any more."""

import io
import json

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Source
from paramdesk.engine.errors import UnreadableFile


def layer(class_name, name, *inputs, **config):
    """A layer as Keras 2 has it, called once on inputs (names, or what stands for a tensor)."""
    tensors = [item if isinstance(item, list) else [item, 0, 0, {}] for item in inputs]
    nodes = [tensors] if tensors else []
    return {"class_name": class_name, "config": {"name": name, **config}, "name": name, "inbound_nodes": nodes}


def function(name, called, node):
    """A function of TensorFlow as Keras 2 has it."""
    config = {"name": name, "trainable": True, "dtype": "float32", "function": called}
    return {"class_name": "TFOpLambda", "config": config, "name": name, "inbound_nodes": node}


def model(*layers, inputs=("in",), outputs=(), name="net", class_name="Functional"):
    config = {"name": name, "layers": [source(*inputs), *layers]}
    config |= {"input_layers": [[name, 0, 0] for name in inputs], "output_layers": list(outputs)}
    return {"class_name": class_name, "config": config}


def source(*names, shape=(None, 6, 4)):
    [name] = names
    return layer("InputLayer", name, batch_input_shape=list(shape), sparse=False)


def read(value):
    return formats.read(io.BytesIO(json.dumps(value).encode()), "keras-json")


def kind_of(class_name, **config):
    """The kind that a layer of Keras 2 is read as."""
    return read(model(layer(class_name, "a", "in", **config), outputs=[["a", 0, 0]])).layers[1].kind


def written(architecture):
    return json.loads(formats.content(architecture, formats.formats()["keras-json"]))["config"]["layers"]


def test_that_options_that_keras_has_no_more_are_left_out_when_written_too():
    value = model(
        layer("Conv1DTranspose", "a", "in", filters=4, kernel_size=[3], groups=1, kernel_initializer="zeros"),
        outputs=[["a", 0, 0]],
    )
    architecture = read(value)
    assert architecture.layers[1].kind.filters == 4
    config = written(architecture)[1]["config"]
    assert ("groups" in config, config["kernel_initializer"]) == (False, "zeros")


def test_that_a_misspelt_option_of_keras_3_is_refused():
    entry = {"module": "keras.layers", **layer("Dense", "a", "in", units=2, unitz=2)}
    entry["inbound_nodes"] = [{"args": [tensor("in")], "kwargs": {}}]
    first = {"module": "keras.layers", **layer("InputLayer", "in", batch_shape=[None, 4])}
    config = {"name": "net", "layers": [first, entry], "input_layers": [["in", 0, 0]], "output_layers": [["a", 0, 0]]}
    with pytest.raises(UnreadableFile, match="Dense has no option unitz"):
        read({"class_name": "Functional", "config": config})


def tensor(name):
    return {"class_name": "__keras_tensor__", "config": {"shape": [None], "keras_history": [name, 0, 0]}}


def test_that_options_within_wrappers_are_old_too():
    cell = {"class_name": "LSTM", "config": {"name": "lstm", "units": 3, "time_major": False, "implementation": 2}}
    kind = kind_of("Bidirectional", layer=cell, merge_mode="concat")
    assert kind.layer.units == 3


@pytest.mark.parametrize(
    ("class_name", "config", "parameters"),
    [
        ("GRU", {"units": 3}, 3 * 3 * (4 + 3 + 1)),  # one bias: reset_after came later
        ("GRU", {"units": 3, "reset_after": True}, 3 * 3 * (4 + 3 + 2)),
        ("CuDNNGRU", {"units": 3}, 3 * 3 * (4 + 3 + 2)),
        ("UnifiedLSTM", {"units": 3}, 4 * 3 * (4 + 3 + 1)),
        ("BatchNormalizationV1", {"axis": [2]}, 16),
        ("ThresholdedReLU", {"theta": 1.0}, 0),
        ("LeakyReLU", {"alpha": 0.2}, 0),
    ],
)
def test_that_old_classes_count_as_they_did(class_name, config, parameters):
    summary = analyze(read(model(layer(class_name, "a", "in", **config), outputs=[["a", 0, 0]])))
    assert summary.layers[1].parameters == parameters
    assert not summary.has_errors


def test_that_a_threshold_is_the_one_of_a_rectifier():
    assert kind_of("ThresholdedReLU", theta=1.5).threshold == 1.5


@pytest.mark.parametrize(
    ("class_name", "config"), [("CuDNNLSTM", {"units": 3}), ("LSTM", {"units": 3, "time_major": True})]
)
def test_that_what_keras_3_cannot_say_is_not_known(class_name, config):
    kind = kind_of(class_name, **config)
    assert (kind.is_foreign, kind.class_name) == (True, class_name)


@pytest.mark.parametrize(
    "function",
    [
        "mine>act", ["4wEAAAA=", None, None], {"value": ["4wEAAAA=", None, None]}, {"class_name": "__lambda__"},
        {"module": "builtins", "class_name": "function", "config": "act", "registered_name": "function"},
    ],
)  # fmt: skip
def test_that_a_function_of_ones_own_stands_as_it_was_beside_the_layer(function):
    architecture = read(model(layer("Dense", "a", "in", units=2, activation=function), outputs=[["a", 0, 0]]))
    dense = architecture.layers[1]
    assert (dense.kind.activation, dense.extras["activation"]) == ("linear", function)
    assert written(architecture)[1]["config"]["activation"] == function
    assert analyze(architecture).totals.parameters == 10


def test_that_an_activation_that_nobody_knows_is_a_row_that_is_not_known():
    kind = kind_of("Activation", activation="mine>act")
    assert (kind.is_foreign, kind.stated_weights) == (True, ())


def test_that_a_wrapper_around_branches_is_not_known_but_a_chain_is():
    inner = model(layer("Dense", "d", "x", units=4), inputs=("x",), outputs=[["d", 0, 0]], name="inner")
    assert kind_of("TimeDistributed", layer=inner).title() == "TimeDistributed"
    twice = layer("Add", "s", "x", "d")
    inner["config"]["layers"].append(twice)
    assert kind_of("TimeDistributed", layer=inner).is_foreign


def test_that_calls_of_a_model_inside_count_from_1_in_old_files():
    inner = model(layer("Dense", "d", "x", units=4), inputs=("x",), outputs=[["d", 0, 0]], name="inner")
    twice = {**inner, "name": "inner", "inbound_nodes": [[["in", 0, 0, {}]], [["inner", 1, 0, {}]]]}
    last = layer("Dense", "last", ["inner", 2, 0, {}], units=2)
    architecture = read(model(twice, last, outputs=[["last", 0, 0], ["inner", 1, 0]]))
    assert [node.name for node in architecture.layers] == ["in", "inner", "inner#2", "last"]
    first, second = architecture.layers[1:3]
    assert (second.inputs, second.weights_of) == ((Source(first.id),), first.id)
    assert architecture.outputs == (Source(architecture.layers[3].id), Source(first.id))


@pytest.mark.parametrize(
    ("called", "node", "kind"),
    [
        ("math.truediv", [["in", 0, 0, {"y": 4.0, "name": None}]], "Rescaling"),
        ("math.subtract", [["_CONSTANT_VALUE", -1, 1.0, {"y": ["in", 0, 0], "name": None}]], "Rescaling"),
        ("__operators__.add", [["in", 0, 0, {"y": ["in", 0, 0], "name": None}]], "Add"),
        ("concat", [[["in", 0, 0, {"axis": 1}], ["in", 0, 0, {"axis": 1}]]], "Concatenate"),
        ("nn.gelu", [["in", 0, 0, {}]], "Activation"),
        ("reshape", [["in", 0, 0, {"shape": [-1, 24]}]], "Reshape"),
        ("transpose", [["in", 0, 0, {"perm": [0, 2, 1]}]], "Permute"),
        ("reshape", [["in", 0, 0, {"shape": [2, -1]}]], "tf.reshape"),
        ("image.resize", [["in", 0, 0, {"size": [2, 2]}]], "tf.image.resize"),
    ],
)
def test_that_a_function_of_tensorflow_is_the_layer_that_does_the_same(called, node, kind):
    architecture = read(model(function("f", called, node), outputs=[["f", 0, 0]]))
    found = architecture.layers[1].kind
    assert found.name_in("keras") == kind
    assert architecture.layers[1].inputs[0] == Source(0)
    if not found.is_foreign:
        assert written(architecture)[1]["class_name"] == kind


def test_that_what_a_function_of_tensorflow_weighs_is_known():
    node = [["in", 0, 0, {"size": [2, 2]}]]
    summary = analyze(read(model(function("f", "image.resize", node), outputs=[["f", 0, 0]])))
    assert (summary.layers[1].parameters, summary.totals.lacking("parameters")) == (0, 0)


def test_that_tensors_among_further_arguments_are_read():
    attention = layer("MultiHeadAttention", "a", ["in", 0, 0, {"value": ["in", 0, 0]}], num_heads=1, key_dim=4)
    attention["config"] |= {"query_shape": [None, 6, 4], "key_shape": None, "value_shape": [None, 6, 4]}
    architecture = read(model(attention, outputs=[["a", 0, 0]]))
    assert architecture.layers[1].inputs == (Source(0), Source(0))


def test_that_a_version_that_is_told_counts_more_than_words():
    modern = {"module": "keras.layers", **layer("BatchNormalization", "a", "in", axis=[2])}
    value = model(modern, outputs=[["a", 0, 0]])
    assert read({**value, "keras_version": "2.15.0"}).layers[1].kind.axis == 2
    with pytest.raises(UnreadableFile, match="axis"):
        read({**value, "keras_version": "3.0.0"})
