"""Keras models as JSON: what Keras wrote is read as Keras counts it, and written so that Keras takes it back."""

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Block, Layer, Source
from paramdesk.engine.errors import InvalidOptions, UnreadableFile, UnwritableFile
from paramdesk.engine.layer_kind import kinds
from paramdesk.frameworks.keras import config_of
from tests.formats.architectures import random_kinds
from tests.helpers.networks import article_convnet, kind

REFERENCE = Path(__file__).parents[1] / "reference" / "keras_models"
MODELS = sorted(path.name.removesuffix(".json.gz") for path in REFERENCE.glob("*.json.gz"))


def recorded(name):
    """A model as Keras recorded it: `config`, rows of its `summary`, totals."""
    return json.loads(gzip.decompress((REFERENCE / f"{name}.json.gz").read_bytes()))


def read(value):
    return formats.read(io.BytesIO(json.dumps(value).encode()), "keras-json")


def written(architecture):
    return json.loads(formats.content(architecture, formats.formats()["keras-json"]))


def refusal(value):
    with pytest.raises(UnreadableFile) as caught:
        read(value)
    assert "\n" not in str(caught.value)
    return caught.value.place, caught.value.reason


# What Keras recorded


def test_that_the_models_that_people_know_are_among_the_recorded_ones():
    assert {"VGG16", "ResNet50", "MobileNet", "lenet5", "mlp"} <= set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_that_totals_are_those_of_keras(name):
    model = recorded(name)
    totals = analyze(read(model["config"])).totals
    assert totals.complete
    counts = (totals.parameters, totals.trainable, totals.non_trainable)
    assert counts == (model["total"], model["trainable"], model["non_trainable"])


@pytest.mark.parametrize("name", MODELS)
def test_that_every_row_is_that_of_keras(name):
    model = recorded(name)
    reports = analyze(read(model["config"])).layers
    is_sequential = model["config"]["class_name"] == "Sequential"  # which passes over its input in a summary
    rows = [
        (report.name, [list(shape) for shape in report.output_shapes], report.parameters, report.trainable)
        for report in reports[is_sequential:]
    ]
    assert rows == [(row["name"], [row["output_shape"]], row["params"], row["trainable"]) for row in model["summary"]]
    # Of a Sequential model the record calls the input by the name of another tensor.
    inputs = [list(report.inputs) for report in reports[is_sequential + 1 :]]
    assert inputs == [row["inbound"] for row in model["summary"][1:]]


@pytest.mark.parametrize("name", MODELS)
def test_that_what_is_written_is_read_back_equal(name):
    architecture = read(recorded(name)["config"])
    assert read(written(architecture)) == architecture


@pytest.mark.parametrize("name", MODELS)
def test_that_our_own_file_loses_nothing_of_a_keras_model(name):
    architecture = read(recorded(name)["config"])
    ours = formats.content(architecture, formats.formats()["paramdesk"])
    assert formats.read(io.BytesIO(ours)) == architecture


@pytest.mark.parametrize("name", MODELS)
def test_that_layers_and_connections_are_written_as_keras_wrote_them(name):
    before, after = recorded(name)["config"], written(read(recorded(name)["config"]))
    assert after["class_name"] == before["class_name"]
    for old, new in zip(before["config"]["layers"], after["config"]["layers"], strict=True):
        assert new["class_name"] == old["class_name"]
        assert new["config"] == old["config"]
        assert new.get("inbound_nodes") == old.get("inbound_nodes")
    for key in ("input_layers", "output_layers", "trainable"):
        assert after["config"].get(key) == before["config"].get(key)


# How a model is put together


def layer(class_name, name, inputs=None, **config):
    entry = {"class_name": class_name, "config": {"name": name, **config}}
    return entry if inputs is None else {**entry, "name": name, "inbound_nodes": inputs}


def tensor(name, call=0, output=0):
    return {"class_name": "__keras_tensor__", "config": {"shape": [None], "keras_history": [name, call, output]}}


def called(*names, **kwargs):
    return [{"args": [tensor(name) for name in names], "kwargs": kwargs}]


def called_on_a_list(*names):
    return [{"args": [[tensor(name) for name in names]], "kwargs": {}}]


def functional(*layers, outputs, **config):
    return {"class_name": "Functional", "config": {"name": "net", "layers": layers, "output_layers": outputs, **config}}


def sequential(*layers, **config):
    return {"class_name": "Sequential", "config": {"name": "net", "layers": list(layers), **config}}


INPUT = layer("InputLayer", "in", [], batch_shape=[None, 4])


def dense(name, *inputs, **config):
    return layer("Dense", name, called(*inputs), units=4, **config)


def test_that_layers_are_put_in_an_order_of_computation():
    model = functional(dense("c", "b"), dense("b", "a"), INPUT, dense("a", "in"), dense("d", "in"), outputs=["c", 0, 0])
    assert [node.name for node in read(model).layers] == ["in", "a", "b", "c", "d"]


def test_that_an_order_that_is_right_is_kept():
    names = ["in", "z", "y", "x"]
    model = functional(INPUT, dense("z", "in"), dense("y", "in"), dense("x", "z"), outputs=["x", 0, 0])
    assert [node.name for node in read(model).layers] == names


def test_that_names_of_old_options_are_read_in_old_files_only():
    normalization = layer("BatchNormalization", "norm", called("in"), axis=[1])
    assert read(functional(INPUT, normalization, outputs=["norm", 0, 0])).layers[1].kind.axis == 1
    modern = {**normalization, "module": "keras.layers"}
    assert "axis" in refusal(functional(INPUT, modern, outputs=["norm", 0, 0]))[1]


def test_that_outputs_may_be_one_or_several_or_have_names():
    layers = (INPUT, dense("a", "in"), dense("b", "in"))
    for outputs in ([["a", 0, 0], ["b", 0, 0]], {"first": ["a", 0, 0], "second": ["b", 0, 0]}):
        architecture = read(functional(*layers, outputs=outputs))
        assert architecture.outputs == (Source(1), Source(2))
        assert written(architecture)["config"]["output_layers"] == outputs


def test_that_a_merge_reads_its_list_in_order():
    model = functional(INPUT, dense("a", "in"), layer("Add", "sum", called_on_a_list("a", "in")), outputs=["sum", 0, 0])
    architecture = read(model)
    assert architecture.layers[2].inputs == (Source(1), Source(0))
    [call] = written(architecture)["config"]["layers"][2]["inbound_nodes"]
    assert [item["config"]["keras_history"] for item in call["args"][0]] == [["a", 0, 0], ["in", 0, 0]]
    assert [item["config"]["shape"] for item in call["args"][0]] == [[None, 4], [None, 4]]


def test_that_arguments_of_a_call_are_written_back():
    model = functional(INPUT, layer("Dropout", "drop", called("in", training=False), rate=0.5), outputs=["drop", 0, 0])
    architecture = read(model)
    assert written(architecture)["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] == {"training": False}
    assert "call" not in written(architecture)["config"]["layers"][1]["config"]
    assert read(written(architecture)) == architecture


@pytest.mark.parametrize("first", [[[["a", 0, 0, {}], ["in", 0, 0, {}]]], [[["a", 0, 0], ["in", 0, 0]]]])
def test_that_the_lists_of_keras_2_are_read(first):
    model = functional(
        layer("InputLayer", "in", [], batch_input_shape=[None, 4], dtype="float32", sparse=False),
        layer("Dense", "a", [[["in", 0, 0, {}]]], units=4),
        layer("Add", "sum", first),
        outputs=[["sum", 0, 0]],
    )
    summary = analyze(read({**model, "class_name": "Model"}))
    assert [report.inputs for report in summary.layers] == [(), ("in",), ("a", "in")]
    assert summary.totals.parameters == 20


@pytest.mark.parametrize(
    "model",
    [
        sequential(layer("Dense", "a", units=4, batch_input_shape=[None, 4])),
        {"class_name": "Sequential", "config": [layer("Dense", "a", units=4, batch_input_shape=[None, 4])]},
        sequential(layer("Dense", "a", units=4), build_input_shape=[None, 4]),
        {**sequential(layer("Dense", "a", units=4)), "build_config": {"input_shape": [None, 4]}},
    ],
)
def test_that_a_sequential_model_may_tell_its_input_in_four_ways(model):
    architecture = read(model)
    assert [node.name for node in architecture.layers] == ["input_layer", "a"]
    assert analyze(architecture).totals.parameters == 20


def test_that_a_sequential_model_without_an_input_says_what_it_lacks():
    summary = analyze(read(sequential(layer("Dense", "a", units=4))))
    assert summary.has_errors
    assert "nothing comes in" in summary.problems[0].message


def test_that_the_layout_is_that_of_all_layers():
    first, last = ({"data_format": f"channels_{where}"} for where in ("first", "last"))
    pools = [layer("MaxPooling2D", "a", **first), layer("MaxPooling2D", "b", **first)]
    architecture = read(sequential(layer("InputLayer", "in", batch_shape=[None, 3, 8, 8]), *pools))
    assert architecture.layout == "channels_first"
    assert [node.kind.data_format for node in architecture.layers[1:]] == [None, None]
    assert written(architecture)["config"]["layers"][2]["config"]["data_format"] == "channels_first"
    pools[1]["config"] |= last
    mixed = read(sequential(*pools))
    assert mixed.layout == "channels_last"
    assert [node.kind.data_format for node in mixed.layers] == ["channels_first", None]


def test_that_a_frozen_layer_stays_frozen():
    model = functional(INPUT, dense("a", "in", trainable=False), dense("b", "a"), outputs=["b", 0, 0], trainable=True)
    architecture = read(model)
    assert analyze(architecture).totals.non_trainable == 20
    config = written(architecture)["config"]
    assert [entry["config"].get("trainable") for entry in config["layers"]] == [None, False, True]
    assert "trainable" not in config  # Keras would set it for every layer


def test_that_what_keras_says_of_a_layer_and_we_do_not_count_is_written_back():
    regularizer = {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 0.01}}
    model = sequential(INPUT, layer("Dense", "a", units=4, kernel_regularizer=regularizer))
    assert written(read(model))["config"]["layers"][1]["config"]["kernel_regularizer"] == regularizer


def test_that_infinity_is_read_and_written_as_keras_does():
    model = functional(INPUT, layer("Dropout", "a", called("in", bound=float("inf")), rate=0.5), outputs=["a", 0, 0])
    assert written(read(model))["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] == {"bound": float("inf")}


# What is not read yet, or is wrong


@pytest.mark.parametrize(
    ("entry", "place", "reason"),
    [
        (
            layer("Functional", "base", called("in"), layers=[]),
            "config.layers[1]",
            "base: a model inside a model (Functional) cannot be read yet",
        ),
        (
            dense("a", "in") | {"inbound_nodes": called("in") * 2},
            "config.layers[1]",
            "a: it is called 2 times (a shared layer), which cannot be read yet",
        ),
        (
            layer("Add", "plus", called("in")) | {"module": "keras.src.ops.numpy"},
            "config.layers[1]",
            "plus: Add is an operation of keras.ops, which cannot be read yet",
        ),
        (
            layer("Dense", "a", called("in")) | {"registered_name": "mine>Dense"},
            "config.layers[1]",
            "a: mine>Dense is a class of its author's own, which is not known here",
        ),
        (layer("Dens", "a", called("in")), "config.layers[1]", "a: Keras' Dens is not known here: did you mean Dense?"),
        (
            layer("Dense", "a", called("in"), units=-1),
            "config.layers[1].config.units",
            "a: units = -1: expected a whole number ≥ 0",
        ),
        (dense("a", "b"), "config.layers[1]", "a: it reads 'b', which is not in the file"),
        (dense("a", "a"), "config.layers[1]", "a: what it reads depends on itself"),
        (
            dense("a", "in") | {"inbound_nodes": [{"args": [tensor("in", 1)], "kwargs": {}}]},
            "config.layers[1]",
            "a: it reads call 2 of in, which is called once",
        ),
        (
            dense("a") | {"inbound_nodes": ["in"]},
            "config.layers[1]",
            "a: what it is called on (inbound_nodes) cannot be understood",
        ),
        (INPUT, "config.layers[1]", "'in' is the name of two layers, here and at config.layers[0]"),
        ("Dense", "config.layers[1]", "not a layer: it has no class_name and config"),
    ],
)
def test_that_what_cannot_be_read_is_named_with_its_layer(entry, place, reason):
    assert refusal(functional(INPUT, entry, outputs=["in", 0, 0])) == (place, reason)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"config": {}}, 'not a Keras model: to_json() gives {"class_name": …, "config": …}'),
        (
            {"class_name": "MyNet", "config": {"layers": []}},
            "MyNet is a class of its author's own: its layers are in its code, not in this file",
        ),
        (
            {"class_name": "Functional", "config": {}},
            "Functional is a class of its author's own: its layers are in its code, not in this file",
        ),
        (functional(INPUT, outputs=["out", 0, 0]), "it names outputs that are not in the file"),
        (functional(INPUT, outputs=3), "it names outputs that are not in the file"),
    ],
)
def test_that_what_is_no_model_is_said(value, reason):
    assert refusal(value)[1] == reason


@given(st.data())
def test_that_a_damaged_model_is_read_or_refused_in_a_line(data):
    """One value anywhere in it is replaced by another."""
    model = functional(INPUT, dense("a", "in"), layer("Add", "sum", called_on_a_list("a", "in")), outputs=["sum", 0, 0])
    model = json.loads(json.dumps(model))
    holder = model
    while True:
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
        inner = holder[key]
        if not inner or not isinstance(inner, dict | list) or data.draw(st.integers(0, 4)) == 0:
            break
        holder = inner
    others = [None, True, -1, 2**40, 1.5, "a", "in", [], {}, [[]], ["in", 0, 9], [None]]
    holder[key] = data.draw(st.sampled_from(others))
    try:
        architecture = read(model)
    except UnreadableFile as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right
    else:
        analyze(architecture)


# Writing what Keras did not write


def test_that_a_chain_is_written_as_a_sequential_model():
    model = written(article_convnet())
    assert model["class_name"] == "Sequential"
    assert [entry["class_name"] for entry in model["config"]["layers"]][:3] == ["InputLayer", "Conv2D", "MaxPooling2D"]
    assert read(model).layers == article_convnet().layers


def test_that_blocks_are_written_out():
    inner = (Layer(2, "a/b", kind("Dense", units=4), (Source(1),)), Layer(3, "c", kind("Dense", units=4), (Source(2),)))
    architecture = Architecture(
        "net",
        (
            Layer(0, "in", kind("Input", shape=(4,))),
            Block(1, "stage", (Source(0),), (Source(3),), inner, 2),
            Layer(4, "sum", kind("Add"), (Source(0), Source(1))),
        ),
        (Source(4),),
        next_id=5,
    )
    again = read(written(architecture))
    names = [node.name for node in again.layers]
    assert names == ["in", "stage_1_a_b", "stage_1_c", "stage_2_a_b", "stage_2_c", "sum"]
    assert analyze(again).totals.parameters == analyze(architecture).totals.parameters == 80
    assert again.layers[5].inputs == (Source(0), Source(4))


@pytest.mark.parametrize("ends", [{"outputs": (Source(7),)}, {"inputs": (Source(7),)}])
def test_that_a_network_with_a_loose_end_is_refused_with_the_reason(tmp_path, ends):
    layer = Layer(1, "it", kind("Flatten"), ends.get("inputs", (Source(0),)))
    layers = (Layer(0, "in", kind("Input", shape=(4,))), layer)
    architecture = Architecture("net", layers, ends.get("outputs", (Source(1),)), next_id=2)
    with pytest.raises(UnwritableFile, match="reads what is not there"):
        formats.write(architecture, tmp_path / "net.json")


def test_that_a_layer_that_keras_lacks_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(kinds()["Dense"], "spellings", {"pytorch": ("Linear",)})
    architecture = Architecture(layers=(Layer(0, "odd", kind("Dense", units=1)),))
    with pytest.raises(UnwritableFile, match="odd: Keras has no layer like"):
        formats.write(architecture, tmp_path / "net.json")
    assert list(tmp_path.iterdir()) == []


@given(random_kinds([kind for kind in kinds().values() if kind.spellings.get("keras") and not kind.is_input]))
def test_that_any_layer_that_keras_takes_counts_the_same_when_read_back(drawn):
    if hasattr(drawn, "data_format"):  # the only layer to state it would state it for the architecture
        drawn = drawn.changed(data_format=None)
    inputs = (Source(0), Source(0)) if drawn.takes_list else (Source(0),)
    architecture = Architecture(
        "net",
        (Layer(0, "in", kind("Input", shape=(8, 8, 4))), Layer(1, "it", drawn, inputs)),
        (Source(1),),
        next_id=2,
    )
    try:
        config_of(architecture.layers[1])
        again = read(written(architecture))
    except (InvalidOptions, UnwritableFile, UnreadableFile):
        assume(False)
    assume(analyze(architecture).layers[1].is_computed)  # else Keras would not have taken it
    assert counted(again) == counted(architecture)
    assert again.layers[1].inputs == inputs


def counted(architecture):
    report = analyze(architecture).layers[1]
    return report.kind, report.output_shapes, report.weights, report.macs, report.problem
