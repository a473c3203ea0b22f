"""Layers as text, between two documents and from files of other programs."""

import io
import json

import pytest

from paramdesk import formats
from paramdesk.engine import edits, links
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnreadableFile
from paramdesk.engine.layer_kind import kinds
from paramdesk.engine.places import Place
from paramdesk.formats.templates import open_template
from paramdesk.ui.document import clipboard


def ids(architecture, *names):
    found = {node.name: node.id for node in architecture.nodes()}
    return [found[name] for name in names]


def pasted(architecture, text, below=None):
    nodes = clipboard.from_text(text, architecture)
    place = Place(ids(architecture, below)[0]) if below else edits.end_of(architecture)
    return edits.insert(architecture, nodes, place, "Paste").architecture


@pytest.fixture
def convnet():
    return open_template("article-convnet-dense")


@pytest.fixture
def residual():
    architecture = Architecture()
    for name in ("Input", "Conv2D", "ReLU", "Add"):
        kind = kinds()[name]
        preset = kind.preset().changed(padding="same", filters=1) if name == "Conv2D" else kind.preset()
        architecture = edits.insert_kind(architecture, preset, edits.end_of(architecture)).architecture
    conv, add = (node for name in ("conv2d", "add") for node in architecture.nodes() if node.name == name)
    return links.connect(architecture, add.id, (*add.inputs, *conv.inputs)).architecture


def test_that_copied_layers_come_back_as_they_were(convnet):
    text = clipboard.to_text(convnet, ids(convnet, "conv2d_1", "max_pooling2d_1"))
    grown = pasted(convnet, text, "max_pooling2d_1")
    assert [node.name for node in grown.layers[4:7]] == ["max_pooling2d_1", "conv2d_3", "max_pooling2d_2"]
    assert grown.layers[5].kind == convnet.layers[3].kind
    assert grown.layers[5].inputs[0].layer == grown.layers[4].id


def test_that_the_text_is_a_file_of_its_own_with_the_shapes_it_had(convnet):
    text = clipboard.to_text(convnet, ids(convnet, "conv2d_1"))
    summary = analyze(_read(text))
    assert [report.name for report in summary.layers] == ["max_pooling2d", "conv2d_1"]
    assert summary.layers[1].parameters == 18_496


BLOCKS = """{"paramdesk": 1, "name": "blocks", "layers": [
    {"name": "input_layer", "kind": "Input", "shape": [8]},
    {"block": "twice", "repeat": 2, "layers": [
        {"name": "narrow", "kind": "Dense", "units": 3}, {"name": "wide", "kind": "Dense", "units": 5}]},
    {"name": "head", "kind": "Dense", "units": 2}]}"""


@pytest.mark.parametrize(("name", "parameters"), [("head", 5 * 2 + 2), ("narrow", 8 * 3 + 3), ("wide", 3 * 5 + 5)])
def test_that_the_text_computes_where_a_block_is_read_or_its_entrance(name, parameters):
    blocks = _read(BLOCKS)
    summary = analyze(_read(clipboard.to_text(blocks, ids(blocks, name))))
    assert summary.layers[-1].parameters == parameters


def _read(text):
    return formats.read(io.BytesIO(text.encode()))


def test_that_rows_copied_from_one_network_fit_into_another(convnet):
    text = clipboard.to_text(convnet, ids(convnet, "dense", "dense_1"))
    other = open_template("lenet-5")
    grown = pasted(other, text)
    assert [node.kind for node in grown.layers[-2:]] == [node.kind for node in convnet.layers[-2:]]
    assert len({node.name for node in grown.layers}) == len(grown.layers)
    assert grown.layers[-2].inputs[0].layer == other.layers[-1].id
    assert analyze(grown).totals.complete


def test_that_a_further_input_is_found_again_by_its_name(residual):
    text = clipboard.to_text(residual, ids(residual, "add"))
    grown = pasted(residual, text)
    copy, original = grown.layers[-1], grown.layers[-2]
    assert copy.inputs[0].layer == original.id
    assert copy.inputs[1] == original.inputs[1]


def test_that_a_further_input_without_a_namesake_is_left_out(residual):
    text = clipboard.to_text(residual, ids(residual, "add"))
    other = open_template("vgg16")
    other = edits.rename(other, other.layers[0].id, "image").architecture
    grown = pasted(other, text)
    assert [source.layer for source in grown.layers[-1].inputs] == [other.layers[-1].id]


def test_that_connections_among_the_copied_rows_stay(residual):
    text = clipboard.to_text(residual, ids(residual, "conv2d", "re_lu", "add"))
    grown = pasted(residual, text)
    conv, relu, add = grown.layers[-3:]
    assert relu.inputs[0].layer == conv.id
    assert [source.layer for source in add.inputs] == [relu.id, conv.inputs[0].layer]


def test_that_a_whole_network_is_pasted_without_its_input(convnet):
    text = formats.content(convnet, formats.formats()["paramdesk"]).decode()
    grown = pasted(convnet, text)
    assert len(grown.layers) == 2 * len(convnet.layers) - 1
    assert grown.layers[9].inputs[0].layer == convnet.layers[-1].id


def test_that_an_empty_stack_takes_a_whole_network_with_its_input(convnet):
    text = formats.content(convnet, formats.formats()["paramdesk"]).decode()
    grown = pasted(Architecture(), text)
    assert analyze(grown).totals.parameters == 93_322


def test_that_a_keras_model_as_json_is_pasted(convnet):
    text = formats.content(convnet, formats.formats()["keras-json"]).decode()
    assert analyze(pasted(Architecture(), text)).totals.parameters == 93_322


@pytest.mark.parametrize("text", ["conv 64", "[1, 2]", "{}", '{"a": 1}', json.dumps({"paramdesk": 1}), ""])
def test_that_other_text_is_refused_with_what_can_be_pasted(text):
    with pytest.raises(UnreadableFile) as refusal:
        clipboard.from_text(text)
    assert "clipboard" in str(refusal.value)
