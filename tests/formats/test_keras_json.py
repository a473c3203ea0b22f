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
from paramdesk.engine.edits import configure
from paramdesk.engine.errors import InvalidOptions, UnreadableFile, UnwritableFile
from paramdesk.engine.folding import folded
from paramdesk.engine.layer_kind import kinds
from paramdesk.formats.kind_values import options_of
from paramdesk.frameworks.keras import config_of
from tests.helpers.architectures import random_kinds
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


# What the record says of inputs is not of this model alone: its layers are part of another one too, or get a mask.
OTHER_INPUTS = {"article_convnet_dense", "bilstm_text"}


@pytest.mark.parametrize("name", MODELS)
def test_that_every_row_is_that_of_keras(name):
    model = recorded(name)
    architecture = read(model["config"])
    summary = analyze(architecture)
    rows = {row.path: row for row in (*summary.layers, *folded(summary, architecture).layers)}
    for path, row in rows_in(model["summary"]):
        report = rows[path]
        assert shapes_of(report)[0] == row["output_shape"] or shapes_of(report) == row["output_shape"], path
        figures = (report.parameters, report.trainable, report.non_trainable)
        assert figures == (row["params"], row["trainable"], row["non_trainable"]), path
        if "/" not in path and name not in OTHER_INPUTS and report.layer.inputs != ():
            assert [path_of_call(read_path) for read_path in report.inputs] == row["inbound"], path


def rows_in(rows, prefix=""):
    """Every row of a summary with its path, those of models inside the model behind theirs."""
    for row in rows:
        path = prefix + row["name"]
        yield path, row
        yield from rows_in(row.get("nested", ()), f"{path}/")


def shapes_of(report):
    return [list(shape) for shape in report.output_shapes]


def path_of_call(path):
    """The layer or block that stands in the outermost list, whichever of its calls this is."""
    return path.split("/")[0].split("#")[0]


@pytest.mark.parametrize("name", ["shared_layers"])
def test_that_each_call_of_a_shared_layer_is_a_row(name):
    model = recorded(name)
    rows = {report.path: report for report in analyze(read(model["config"])).layers}
    for row in model["summary"]:
        for call, (inputs, shape) in enumerate(
            zip(row.get("inbound_per_call", ()), row.get("output_shapes_per_call", ()), strict=True), 1
        ):
            report = rows[row["name"] if call == 1 else f"{row['name']}#{call}"]
            assert [path_of_call(path) for path in report.inputs] == inputs
            assert shapes_of(report) == [shape]
            assert report.weights_of == (None if call == 1 else row["name"])


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
        assert without_builds(new["config"]) == without_builds(old["config"])
        assert new.get("inbound_nodes") == old.get("inbound_nodes")
    for key in ("input_layers", "output_layers", "trainable"):
        assert after["config"].get(key) == before["config"].get(key)


def without_builds(value):
    """Return a configuration without what Keras works out when it builds a layer."""
    if isinstance(value, dict):
        told = {"build_config", "build_input_shape", "registered_name"}
        return {key: without_builds(item) for key, item in value.items() if key not in told}
    return [without_builds(item) for item in value] if isinstance(value, list) else value


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


def test_that_an_option_that_is_given_at_the_call_is_one_of_the_layer():
    tied = layer("ReversibleEmbedding", "tied", called("in", reverse=True), input_dim=9, output_dim=4)
    architecture = read(functional(INPUT, tied, outputs=["tied", 0, 0]))
    assert architecture.layers[1].kind.reverse is True
    assert analyze(architecture).layers[1].output_shapes == ((None, 9),)
    assert "call" not in architecture.layers[1].extras
    assert written(architecture)["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] == {"reverse": True}
    assert read(written(architecture)) == architecture


def test_that_what_a_call_says_besides_stays_with_it():
    call = called("in", reverse=False, training=False)
    model = functional(
        INPUT, layer("ReversibleEmbedding", "tied", call, input_dim=9, output_dim=4), outputs=["tied", 0, 0]
    )
    backwards = configure(read(model), 1, reverse=True).architecture
    kwargs = written(backwards)["config"]["layers"][1]["inbound_nodes"][0]["kwargs"]
    assert kwargs == {"reverse": True, "training": False}


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


# Models inside models, layers called again, what is not known


def model_within(class_name, name, *layers, **config):
    inner = {"class_name": class_name, "config": {"name": name, "layers": list(layers), **config}}
    return {**inner, "module": "keras"}


def test_that_a_model_inside_the_model_is_a_block_and_is_written_as_one():
    inner = model_within("Sequential", "base", layer("InputLayer", "i", batch_shape=[None, 4]), dense("d"))
    outer = functional(
        INPUT, {**inner, "name": "base", "inbound_nodes": called("in")}, dense("out", "base"), outputs=["out", 0, 0]
    )
    architecture = read(outer)
    block = architecture.layers[1]
    assert (block.name, [node.name for node in block.layers]) == ("base", ["d"])
    again = written(architecture)["config"]["layers"][1]
    assert (again["class_name"], [one["class_name"] for one in again["config"]["layers"]]) == (
        "Sequential",
        ["InputLayer", "Dense"],
    )
    assert read(written(architecture)) == architecture


def test_that_the_inputs_of_a_functional_model_inside_the_model_are_rows():
    inner = model_within(
        "Functional",
        "pair",
        layer("InputLayer", "a", [], batch_shape=[None, 4]),
        layer("InputLayer", "b", [], batch_shape=[None, 4]),
        layer("Add", "sum", called_on_a_list("a", "b")),
        input_layers=[["a", 0, 0], ["b", 0, 0]],
        output_layers=["sum", 0, 0],
    )
    twice = {**inner, "name": "pair", "inbound_nodes": [*called_on_a_list("in", "in"), *called_on_a_list("in", "in")]}
    architecture = read(functional(INPUT, twice, outputs=[["pair", 0, 0], ["pair", 1, 0]]))
    rows = {report.path: report for report in analyze(architecture).layers}
    assert list(rows) == ["in", "pair/a", "pair/b", "pair/sum", "pair#2/a", "pair#2/b", "pair#2/sum"]
    assert rows["pair#2/sum"].weights_of == "pair/sum"
    assert read(written(architecture)) == architecture


def test_that_a_layer_that_is_called_again_uses_the_same_weights():
    shared = layer("Dense", "d", [*called("in"), *called("d")], units=4)
    architecture = read(functional(INPUT, shared, outputs=["d", 1, 0]))
    summary = analyze(architecture)
    assert [report.path for report in summary.layers] == ["in", "d", "d#2"]
    assert (summary.totals.parameters, summary.totals.macs) == (20, 32)
    assert written(architecture)["config"]["layers"][1]["inbound_nodes"][1]["args"][0]["config"]["keras_history"] == [
        "d",
        0,
        0,
    ]


def operation(class_name, name, args, **config):
    module = "keras.src.ops.numpy"
    node = [{"args": args, "kwargs": {}}]
    return {
        "module": module,
        "class_name": class_name,
        "config": {"name": name, **config},
        "name": name,
        "registered_name": class_name,
        "inbound_nodes": node,
    }


@pytest.mark.parametrize(
    ("class_name", "args", "config", "expected"),
    [
        ("Add", [tensor("in"), tensor("in")], {}, "Add()"),
        ("Multiply", [tensor("in"), 0.5], {}, "Rescaling(scale=0.5)"),
        ("Subtract", [1, tensor("in")], {}, "Rescaling(scale=-1.0, offset=1.0)"),
        ("TrueDivide", [tensor("in"), 4], {}, "Rescaling(scale=0.25)"),
        ("Relu6", [tensor("in")], {}, "ReLU(max_value=6.0)"),
        ("HardSigmoid", [tensor("in")], {}, "Activation(activation='hard_sigmoid')"),
        ("Concatenate", [[tensor("in"), tensor("in")]], {"axis": 1}, "Concatenate(axis=1)"),
        ("TrueDivide", [1.0, tensor("in")], {}, "Operation(operation='TrueDivide')"),
        ("Mean", [tensor("in")], {"axis": 1}, "Operation(operation='Mean', output_shapes=([None, 4],))"),
        ("Dot", [tensor("in"), tensor("in")], {}, "Unknown(class_name='Dot', output_shape=(4,), stated_weights=())"),
        ("Power", [tensor("in"), 2], {}, "Operation(operation='Power')"),
    ],
)
def test_that_an_operation_of_keras_is_the_layer_that_does_the_same(class_name, args, config, expected):
    reader = layer(
        "Dense",
        "d",
        [{"args": [tensor("op") | {"config": {"shape": [None, 4], "keras_history": ["op", 0, 0]}}], "kwargs": {}}],
        units=2,
    )
    entry = operation(class_name, "op", args, **config)
    architecture = read(functional(INPUT, entry, reader, outputs=["d", 0, 0]))
    found = architecture.layers[1].kind
    said = {name: tuple(v) if isinstance(v, list) else v for name, v in options_of(found).items()}
    assert f"{found.title()}({', '.join(f'{name}={value!r}' for name, value in said.items())})" == expected
    again = written(architecture)["config"]["layers"][1]
    assert {key: again[key] for key in entry if key != "inbound_nodes"} == {
        key: value for key, value in entry.items() if key != "inbound_nodes"
    }


def test_that_a_network_of_operations_is_counted_completely():
    power = operation("Power", "p", [tensor("in"), 2])
    inverse = operation("TrueDivide", "i", [1.0, tensor("p")])
    architecture = read(functional(INPUT, power, inverse, dense("d", "i"), outputs=["d", 0, 0]))
    summary = analyze(architecture)
    assert (summary.totals.macs, summary.totals.complete, summary.problems) == (16, True, ())
    assert read(written(architecture)) == architecture


def test_that_a_class_that_is_not_known_keeps_its_row_and_is_written_back_as_it_was():
    own = layer("Attend", "a", called("in"), heads=3) | {"registered_name": "mine>Attend", "module": "mine"}
    reader = layer(
        "Dense",
        "d",
        [
            {
                "args": [
                    {"class_name": "__keras_tensor__", "config": {"shape": [None, 6], "keras_history": ["a", 0, 0]}}
                ],
                "kwargs": {},
            }
        ],
        units=2,
    )
    architecture = read(functional(INPUT, own, reader, outputs=["d", 0, 0]))
    rows = {report.name: report for report in analyze(architecture).layers}
    assert (rows["a"].kind, rows["a"].output_shapes, rows["a"].macs) == ("Attend", ((None, 6),), None)
    assert rows["d"].parameters == 14
    assert not analyze(architecture).totals.complete
    again = written(architecture)["config"]["layers"][1]
    assert {key: again[key] for key in own if key != "inbound_nodes"} == {
        key: value for key, value in own.items() if key != "inbound_nodes"
    }


def test_that_names_of_old_files_lose_their_slashes():
    architecture = read(functional(INPUT, dense("conv1/bn", "in"), outputs=["conv1/bn", 0, 0]))
    assert architecture.layers[1].name == "conv1_bn"


def test_that_infinity_is_read_and_written_as_keras_does():
    model = functional(INPUT, layer("Dropout", "a", called("in", bound=float("inf")), rate=0.5), outputs=["a", 0, 0])
    assert written(read(model))["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] == {"bound": float("inf")}


# What is not read yet, or is wrong


@pytest.mark.parametrize(
    ("entry", "place", "reason"),
    [
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


def test_that_blocks_are_models_inside_the_model_and_repetitions_written_out():
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
    assert [node.name for node in again.layers] == ["in", "stage_1", "stage_2", "sum"]
    assert [node.name for node in again.layers[2].layers] == ["a_b", "c"]
    assert analyze(again).totals.parameters == analyze(architecture).totals.parameters == 80
    assert again.layers[3].inputs == (Source(0), Source(again.layers[2].id))


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


@given(
    random_kinds(
        [kind for kind in kinds().values() if kind.spellings.get("keras") and not kind.is_input and kind.is_offered]
    )
)
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


@pytest.mark.parametrize(
    "dtype",
    [
        "int8_from_float32",
        {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": "float32"}},
    ],
)
def test_that_quantized_weights_are_said_not_to_count_as_in_keras(dtype):
    plain, quantized = dense("plain", "in", dtype="mixed_float16"), dense("small", "plain", dtype=dtype)
    architecture = read(functional(INPUT, plain, quantized, outputs=["small", 0, 0]))
    (remark,) = analyze(architecture).remarks
    assert remark.startswith("The weights of small are quantized (int8). Here they count as they did before that")
    assert read(written(architecture)) == architecture
    assert analyze(read(functional(INPUT, plain, outputs=["plain", 0, 0]))).remarks == ()
