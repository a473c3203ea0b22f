"""paramdesk's own files: what is written is read back equal, and what is wrong is said with its place."""

import io
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paramdesk import formats
from paramdesk.engine.architecture import Architecture, Block, Layer, Source
from paramdesk.engine.errors import UnreadableFile
from paramdesk.engine.layer_kind import kinds
from paramdesk.formats.kind_values import kind_from, value_of
from paramdesk.formats.native import RESERVED
from tests.formats.architectures import architectures, random_kinds

CONVNET = """\
{
  "paramdesk": 1,
  "name": "convnet",
  "layers": [
    {"name": "input_layer", "kind": "Input", "shape": [28, 28, 1]},
    {"name": "conv2d", "kind": "Conv2D", "filters": 32, "kernel_size": [3, 3], "activation": "relu"},
    {"block": "stage", "repeat": 2, "layers": [
      {"name": "one", "kind": "Conv2D", "filters": 32, "kernel_size": [3, 3]},
      {"name": "two", "kind": "Conv2D", "filters": 32, "kernel_size": [3, 3], "inputs": ["stage"], "trainable": false}
    ]},
    {"name": "dense", "kind": "Dense", "units": 10, "inputs": ["conv2d"], "extras": {"seed": null}}
  ],
  "outputs": ["stage", "dense"]
}
"""


def conv(layer_id, name, *inputs, **more):
    kind = kinds()["Conv2D"](filters=32, kernel_size=(3, 3), activation=more.pop("activation", "linear"))
    return Layer(layer_id, name, kind, tuple(Source(n) for n in inputs), **more)


def convnet():
    return Architecture(
        "convnet",
        (
            Layer(0, "input_layer", kinds()["Input"](shape=(28, 28, 1))),
            conv(1, "conv2d", 0, activation="relu"),
            Block(2, "stage", (Source(1),), (Source(4),), (conv(3, "one", 2), conv(4, "two", 2, trainable=False)), 2),
            Layer(5, "dense", kinds()["Dense"](units=10), (Source(1),), extras={"seed": None}),
        ),
        (Source(2), Source(5)),
        next_id=6,
    )


def written(architecture):
    return formats.content(architecture, formats.formats()["paramdesk"]).decode()


def read(text):
    return formats.read(io.BytesIO(text.encode()), "paramdesk")


def refusal(text):
    with pytest.raises(UnreadableFile) as caught:
        read(text if isinstance(text, str) else json.dumps(text))
    assert "\n" not in str(caught.value)
    return caught.value.place, caught.value.reason


def with_layers(*layers, **head):
    return {"paramdesk": 1, "layers": list(layers), **head}


INPUT = {"name": "in", "kind": "Input", "shape": [4]}


def test_that_a_file_reads_like_this():
    assert written(convnet()) == CONVNET


def test_that_the_same_file_gives_the_same_architecture():
    assert read(CONVNET) == convnet()


@given(architectures())
def test_that_what_is_written_is_read_back_equal(architecture):
    assert read(written(architecture)) == architecture


@given(architectures())
def test_that_writing_what_was_read_changes_no_byte(architecture):
    text = written(architecture)
    assert written(read(text)) == text


@given(random_kinds())
def test_that_a_kind_survives_as_plain_values(kind):
    assert kind_from(json.loads(json.dumps(value_of(kind)))) == kind


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.title())
def test_that_no_option_is_called_as_what_stands_beside_it(kind):
    assert not RESERVED & set(kind.__struct_fields__)


def test_that_infinity_is_written_as_a_number_that_json_knows():
    architecture = Architecture(layers=(Layer(0, "a", kinds()["Dense"](units=1), extras={"b": float("-inf")}),))
    assert "-1e999" in written(architecture)
    assert read(written(architecture)).layers[0].extras["b"] == float("-inf")


def test_that_a_long_layer_has_its_extras_on_a_line_of_their_own():
    layer = Layer(0, "a", kinds()["Dense"](units=1), extras={"kernel_initializer": "x" * 200})
    lines = written(Architecture(layers=(layer,), outputs=(Source(0),))).splitlines()
    assert lines[4] == '    {"name": "a", "kind": "Dense", "units": 1,'
    assert lines[5].startswith('      "extras": {"kernel_initializer"')


def test_that_a_name_with_a_colon_is_not_taken_for_an_output():
    text = json.dumps(
        with_layers(
            INPUT,
            {"name": "in:1", "kind": "Dense", "units": 2},
            {"name": "a", "kind": "Dense", "units": 3, "inputs": ["in:1"]},
            {"name": "b", "kind": "Dense", "units": 3, "inputs": [["in", 1]]},
        )
    )
    _input, first, second, third = read(text).layers
    assert second.inputs == (Source(first.id),)
    assert third.inputs == (Source(_input.id, 1),)


def test_that_the_about_of_a_file_is_kept():
    about = {"title": "Ours", "source": "here"}
    architecture = read(json.dumps(with_layers(INPUT, about=about)))
    assert architecture.extras == {"about": about}
    assert json.loads(written(architecture))["about"] == about


@pytest.mark.parametrize(
    ("layers", "place", "reason"),
    [
        ([{"name": "a", "kind": "Dense"}], "layers[0].units", "a: Dense needs units"),
        (
            [{"name": "a", "kind": "Dense", "units": -1}],
            "layers[0].units",
            "a: units = -1: expected a whole number ≥ 0",
        ),
        (
            [{"name": "a", "kind": "Dense", "units": "x"}],
            "layers[0].units",
            "a: units = 'x': expected a whole number",
        ),
        ([{"name": "a", "kind": "Dense", "unit": 1}], "layers[0].unit", "a: Dense has no option unit"),
        ([{"name": "a", "kind": "Dens"}], "layers[0].kind", "a: there is no kind of layer named 'Dens': is it Dense?"),
        ([{"name": "a"}], "layers[0].kind", 'a: "kind" is missing'),
        ([{"kind": "Input"}], "layers[0]", '"name" is missing'),
        ([{"name": "", "kind": "Input"}], "layers[0].name", "a name must not be empty"),
        ([{"name": 3, "kind": "Input"}], "layers[0].name", "3 is not a text"),
        (["Dense"], "layers[0]", "'Dense' is not a layer"),
        ([INPUT, INPUT], "layers[1]", "'in' is the name of two layers, here and at layers[0]"),
        (
            [INPUT, {"block": "b", "layers": [INPUT, INPUT]}],
            "layers[1].layers[1]",
            "'in' is the name of two layers, here and at layers[1].layers[0]",
        ),
        ([{**INPUT, "trainable": 1}], "layers[0].trainable", "1 is not true or false"),
        ([{**INPUT, "extras": []}], "layers[0].extras", "[] is not an object"),
        ([{**INPUT, "inputs": "in"}], "layers[0].inputs", "'in' is not a list"),
        ([{**INPUT, "inputs": [7]}], "layers[0].inputs[0]", "7 is not the name of a layer"),
        ([{**INPUT, "inputs": ["nobody"]}], "layers[0].inputs[0]", "there is no layer named 'nobody'"),
        (
            [{**INPUT, "inputs": ["late"]}, {**INPUT, "name": "late"}],
            "layers[0].inputs[0]",
            "'late' stands below: a layer reads only what stands above it",
        ),
        (
            [{**INPUT, "inputs": ["in:1"]}],
            "layers[0].inputs[0]",
            "'in' stands below: a layer reads only what stands above it",
        ),
        (
            [INPUT, {"block": "b", "layers": [{"name": "a", "kind": "Dense", "units": 1, "inputs": ["in"]}]}],
            "layers[1].layers[0].inputs[0]",
            "'in' is not above it in block 'b': connect it through the block's inputs",
        ),
        (
            [{"block": "b", "layers": [{**INPUT, "name": "a"}]}, {**INPUT, "inputs": ["a"]}],
            "layers[1].inputs[0]",
            "'a' is inside a block: read one of the block's outputs",
        ),
        (
            [{"block": "b", "layers": [INPUT], "repeat": 10**9}],
            "layers[0].repeat",
            "b: 1000000000 repetitions: expected 1 to 200,000",
        ),
        (
            [INPUT, {"block": "b", "repeat": 2, "layers": [{"name": "a", "kind": "Dense", "units": 1}], "outputs": []}],
            "layers[1].repeat",
            "b: to repeat, a block needs as many outputs as inputs, but has 0 and 1",
        ),
        (
            [{"block": "b", "layers": [INPUT]}, {**INPUT, "name": "a", "inputs": ["b:1"]}],
            "layers[1].inputs[0]",
            "output 1 (counted from 0) is asked of block 'b', which has 1",
        ),
        (
            [{"block": "b", "layers": [{**INPUT, "inputs": ["b"]}]}],
            "layers[0].layers[0].inputs[0]",
            "input 0 (counted from 0) is asked of block 'b', which has 0",
        ),
        (
            [{"block": "b", "layers": [INPUT], "kind": "Dense"}],
            "layers[0]",
            "there is nothing called 'kind' here: there are block, repeat, inputs, layers, outputs, weights_of, extras",
        ),
    ],
)
def test_that_what_is_wrong_with_a_layer_is_said_with_its_place(layers, place, reason):
    assert refusal(with_layers(*layers)) == (place, reason)


@pytest.mark.parametrize(
    ("value", "place", "reason"),
    [
        ([], "", 'not a paramdesk file: it does not begin with {"paramdesk": 1'),
        ({"paramdesk": "1"}, "paramdesk", "'1' is not a whole number"),
        ({"paramdesk": True}, "paramdesk", "True is not a whole number"),
        ({"paramdesk": 1}, "", '"layers" is missing'),
        (with_layers(framework="theano"), "framework", "'theano' is none of keras, pytorch"),
        (with_layers(layout=None), "layout", "None is none of channels_last, channels_first"),
        (with_layers(outputs=["a"]), "outputs[0]", "there is no layer named 'a'"),
        (with_layers(name=1), "name", "1 is not a text"),
    ],
)
def test_that_what_is_wrong_with_a_file_is_said_with_its_place(value, place, reason):
    assert refusal(value) == (place, reason)


def test_that_a_newer_file_asks_for_a_newer_paramdesk():
    assert refusal({"paramdesk": 2, "anything": 1})[1] == (
        "made by a newer paramdesk (version 2 of the format, this one reads 1): update it"
    )


def test_that_a_misspelt_entry_is_not_passed_over():
    assert "'layer' here" in refusal(with_layers(layer=[]))[1]


def test_that_broken_json_is_said_with_line_and_column():
    place, reason = refusal('{\n  "paramdesk": 1,\n  "layers": [,]\n}')
    assert place == "line 3, column 14"
    assert reason.startswith("not JSON: ")


@given(st.recursive(st.none() | st.text("ab"), lambda inner: st.lists(inner) | st.dictionaries(st.text("ab"), inner)))
def test_that_any_other_json_is_refused(value):
    refusal(json.dumps(value))


def test_that_thousands_of_layers_are_written_and_read_without_a_wait():
    layers = (
        Layer(0, "in", kinds()["Input"](shape=(32, 32, 3))),
        *(conv(n, f"conv{n}", n - 1) for n in range(1, 5000)),
    )
    architecture = Architecture("deep", layers, (Source(4999),), next_id=5000)
    start = time.process_time()
    assert read(written(architecture)) == architecture
    assert time.process_time() - start < 2
