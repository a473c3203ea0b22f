"""The architectures that come with paramdesk: their totals are those that were published."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.edits import insert_kind, remove
from paramdesk.engine.errors import UnreadableFile
from paramdesk.engine.places import Place
from paramdesk.formats import content, formats, read
from paramdesk.formats.templates import blocks, for_file, open_block, open_template, templates
from tests.helpers.networks import article_convnet, kind

PUBLISHED = {
    "article-convnet": 55_744,
    "article-convnet-dense": 93_322,
    "lenet-5": 61_706,
    "vgg16": 138_357_544,
}
"""By hand, from the book, the papers and Keras' own summaries; a new template must be entered here."""

MACS = {"article-convnet-dense": 2_794_240, "vgg16": 15_470_264_320}


def test_that_every_template_has_a_published_total():
    assert {template.name for template in templates()} == set(PUBLISHED)


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.name)
def test_that_a_template_comes_to_its_published_total(template):
    totals = analyze(open_template(template.name)).totals
    assert totals.complete
    assert totals.parameters == template.parameters == PUBLISHED[template.name]
    assert totals.macs == MACS.get(template.name, totals.macs)


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
