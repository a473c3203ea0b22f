"""What the inspector is about, with and without blocks."""

import msgspec
import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Block, Layer, Source
from paramdesk.ui.inspector.subject import Readable, configured, place_of, reports_under, subject_of
from tests.helpers.networks import article_convnet, kind


@pytest.fixture
def blocks():
    """A block of two convolutions, computed three times."""
    convolution = kind("Conv2D", filters=4, kernel_size=3, padding="same")
    block = Block(
        1,
        "stage",
        inputs=(Source(0),),
        outputs=(Source(3),),
        layers=(Layer(2, "first", convolution, (Source(1),)), Layer(3, "second", convolution, (Source(2),))),
        repeat=3,
    )
    layers = (
        Layer(0, "input", kind("Input", shape=(8, 8, 4))),
        block,
        Layer(4, "end", kind("Flatten"), (Source(1),)),
    )
    return Architecture("blocks", layers, (Source(4),), next_id=5)


def test_that_layers_come_in_the_order_of_the_network():
    net = article_convnet()
    assert subject_of(net, analyze(net), (5, 1, 3)).ids == (1, 3, 5)


def test_that_a_layer_in_a_block_has_the_report_of_its_first_repetition(blocks):
    subject = subject_of(blocks, analyze(blocks), (3,))
    assert subject.report.path == "stage.1/second"


def test_that_a_block_comes_to_all_its_repetitions(blocks):
    reports = reports_under(analyze(blocks), (1,))
    assert len(reports) == 6
    assert sum(report.parameters for report in reports) == 6 * (3 * 3 * 4 + 1) * 4


def test_that_inputs_are_not_counted_among_the_layers():
    net = article_convnet()
    assert place_of(net, 3) == "layer 3 of 8"
    assert place_of(net, 0) == ""


def test_that_a_source_has_a_name_and_a_shape_inside_and_outside_of_a_block(blocks):
    readable = Readable(blocks, analyze(blocks))
    assert readable.name_of(Source(1), reader=2) == "input of stage"
    assert readable.of(Source(1), reader=2) == (8, 8, 4)
    assert readable.name_of(Source(1), reader=4) == "stage"
    assert readable.of(Source(1), reader=4) == (8, 8, 4)
    assert readable.of(Source(2), reader=3) == (8, 8, 4)


def test_that_layers_are_configured_together_under_one_name():
    net = article_convnet()
    edit = configured(net, (1, 3), filters=5)
    assert edit.text == "Change filters of 2 layers"
    assert [edit.architecture.node(layer).kind.filters for layer in (1, 3)] == [5, 5]
    assert edit.merges_as == configured(net, (3, 1), filters=6).merges_as


def test_that_a_selected_block_is_summed_up(inspector, document, select, blocks):
    document.open(blocks)
    select("stage")
    assert inspector.header.line.text() == "Block of 2 rows × 3 repeats"
    assert inspector.properties.together.text("Layers") == "2 per repeat, together 6"
    assert inspector.properties.head.name.edit.text() == "stage"
    inspector.page = "explanation"
    assert inspector.explanation.text.sections[0].lines[-1].result == "888"


def test_that_an_edit_in_a_block_keeps_its_form(inspector, document, select, blocks, row):
    document.open(blocks)
    select("second")
    form = inspector.properties.form
    document.apply(configured(document.architecture, (3,), activation="relu"))
    assert inspector.properties.form is form
    assert row("activation").field.combo.currentText() == "relu"
    assert msgspec.structs.asdict(document.architecture.node(3).kind)["activation"] == "relu"
