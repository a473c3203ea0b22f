"""The architectures that come with paramdesk: total and rows are those of the framework that each names."""

import gzip
import json
from pathlib import Path

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.edits import insert_kind, remove
from paramdesk.engine.errors import UnreadableFile
from paramdesk.engine.places import Place
from paramdesk.formats import content, formats, read
from paramdesk.formats.templates import blocks, for_file, open_block, open_template, templates
from tests.helpers.networks import article_convnet, kind

REFERENCE = Path(__file__).parent.parent / "reference" / "templates"
"""What the framework counts, NAME.json.gz for each template: a new one needs nothing else here."""

FUNCTIONS = {
    "adaptive_avg_pool2d": "AdaptiveAveragePooling2D",
    "add": "Add",
    "avg_pool2d": "AveragePooling2D",
    "cat": "Concatenate",
    "channel_shuffle": "ChannelShuffle",
    "chunk": "Chunk",
    "expand": "ExpandBatch",
    "flatten": "Flatten",
    "getitem": "Select",
    "max_pool2d": "MaxPooling2D",
    "mean": "GlobalAveragePooling2D",
    "mul": "Multiply",
    "permute": "Permute",
    "relu": "ReLU",
    "reshape": "Flatten",
}
"""Kinds of what torchvision's networks call as functions."""


def reference(name):
    return json.loads(gzip.decompress((REFERENCE / f"{name}.json.gz").read_bytes()))


def test_that_every_template_is_held_against_a_framework():
    assert {path.name.removesuffix(".json.gz") for path in REFERENCE.iterdir()} == {made.name for made in templates()}


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.name)
def test_that_a_template_has_the_totals_of_the_framework(template):
    summary, known = analyze(open_template(template.name)), reference(template.name)
    totals = summary.totals
    assert [str(report.problem) for report in summary.layers if report.problem] == []
    assert summary.framework == known["framework"]
    assert totals.complete
    assert totals.parameters == template.parameters == known["parameters"]
    assert totals.trainable == known["trainable"]
    if known["framework"] == "pytorch":
        assert totals.statistics == known["buffers"]
    else:
        assert totals.non_trainable == known["non_trainable"]
    assert totals.macs is not None
    assert known["macs"] in (totals.macs, None)


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.name)
def test_that_every_row_of_a_template_is_that_of_the_framework(template):
    network = open_template(template.name)
    rows = [report for report in analyze(network).layers if not report.layer.kind.is_input]
    found = [[report.output_shapes[0], report.parameters] for report in rows]
    known = reference(template.name)["rows"]
    assert found == [[tuple(shape), parameters] for _class, shape, parameters in known]
    for report, (name, _shape, _parameters) in zip(rows, known, strict=True):
        made = report.layer.kind
        assert FUNCTIONS.get(name, name) in (made.title(), *made.names_in(network.framework)), report.path


@pytest.mark.parametrize(
    "name", ["resnet-50", "shufflenet-v2", "efficientnet-b0", "convnext-tiny", "mobilenet", "googlenet"]
)
def test_that_a_template_follows_the_size_of_its_image(name):
    network = open_template(name)
    (image,) = network.input_layers()
    larger = analyze(network.with_input(tuple([320 if size == 224 else size for size in image.kind.shape])))
    assert [str(report.problem) for report in larger.layers if report.problem] == []
    assert larger.totals.parameters == analyze(network).totals.parameters


@pytest.mark.parametrize("template", [*templates(), *blocks()], ids=lambda template: template.name)
def test_that_a_template_is_written_as_paramdesk_would_write_it(template):
    architecture = read(template.path, format="paramdesk")
    written = content(architecture, formats()["paramdesk"]).decode()
    assert written == template.path.read_text(encoding="utf-8")


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.name)
def test_that_a_template_says_what_it_is_and_where_it_comes_from(template):
    assert template.title
    assert template.description.endswith(".")
    assert template.source
    assert open_template(template.name).extras["about"]["title"] == template.title


def test_that_the_convnet_of_the_article_is_the_article_convnet():
    opened, built = open_template("article-convnet-dense"), article_convnet()
    assert opened.name == "convnet"
    assert [layer.kind for layer in opened.layers] == [layer.kind for layer in built.layers]
    names = "input_layer conv2d max_pooling2d conv2d_1 max_pooling2d_1 conv2d_2 flatten dense dense_1"
    assert [layer.name for layer in opened.layers] == names.split()


def test_that_an_unknown_template_is_said_with_those_there_are():
    with pytest.raises(UnreadableFile, match=r"^template:vgg: there is no such template: there are .*vgg16"):
        open_template("vgg")


def test_that_an_unknown_block_is_said_with_those_there_are():
    with pytest.raises(UnreadableFile, match=r"^block:lego: there is no such block: there are .*inception"):
        open_block("lego")


def test_that_a_block_is_one_row_behind_one_input():
    for block in blocks():
        network = open_block(block.name).network
        assert [len(node.inputs) for node in network.layers] == [0, 1]
        assert block.title
        assert block.description.endswith(".")
        assert block.source


def test_that_what_is_said_of_a_template_goes_with_the_first_change_and_comes_back_with_it():
    opened = open_template("lenet-5")
    assert for_file(opened, opened) is opened
    inserted = insert_kind(opened, kind("ReLU"), Place(1))
    changed = for_file(inserted.architecture, opened)
    assert "about" not in changed.extras
    assert changed.layers == inserted.architecture.layers
    again = remove(inserted.architecture, inserted.selected).architecture
    assert for_file(again, opened).extras == opened.extras
