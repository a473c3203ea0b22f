"""What may be dropped where: an edit, or the reason why not, and never an exception."""

import io

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.places import Place
from paramdesk.ui.stack.cargo import BlockTemplate, Foreign, Kind, Rows, attempt

NESTED = """{"paramdesk": 1, "name": "nested", "layers": [
    {"name": "input_layer", "kind": "Input", "shape": [8, 8, 3]},
    {"block": "outer", "repeat": 2, "layers": [
        {"name": "first", "kind": "Conv2D", "filters": 3, "kernel_size": [3, 3], "padding": "same"},
        {"block": "inner", "layers": [
            {"name": "second", "kind": "Conv2D", "filters": 3, "kernel_size": [3, 3], "padding": "same"},
            {"name": "third", "kind": "ReLU"}]}]},
    {"name": "last", "kind": "ReLU"}]}"""


@pytest.fixture
def nested():
    return formats.read(io.BytesIO(NESTED.encode()))


def ids_of(architecture):
    return {node.name: node.id for node in architecture.nodes()}


def places(architecture):
    """Return every place there is."""
    yield Place()
    blocks = [(None, architecture.layers)]
    while blocks:
        block, nodes = blocks.pop()
        yield Place(None, block)
        for node in nodes:
            yield Place(node.id, block)
            if hasattr(node, "layers"):
                blocks.append((node.id, node.layers))


@pytest.mark.parametrize("copies", [False, True])
def test_that_any_rows_dropped_anywhere_are_an_edit_or_a_reason(nested, copies):
    ids = list(ids_of(nested).values())
    for place in places(nested):
        for one in ids:
            for other in ids:
                tried = attempt(analyze(nested), nested, Rows((one, other)), place, copies=copies)
                assert (tried.edit is None) == bool(tried.reason)


def test_that_kinds_and_foreign_layers_dropped_anywhere_are_an_edit_or_a_reason(nested):
    for place in places(nested):
        for cargo in (
            Kind("Dense"),
            Kind("Input"),
            BlockTemplate("residual-basic"),
            Foreign(nested.layers),
            Foreign(nested.layers[1:]),
        ):
            tried = attempt(analyze(nested), nested, cargo, place)
            assert (tried.edit is None) == bool(tried.reason)


def test_that_a_block_cannot_be_dropped_into_a_block_that_it_holds(nested):
    ids = ids_of(nested)
    tried = attempt(analyze(nested), nested, Rows((ids["outer"],)), Place(ids["second"], ids["inner"]))
    assert "into itself" in tried.reason


def test_that_a_row_of_a_copied_block_is_not_copied_twice(nested):
    ids = ids_of(nested)
    tried = attempt(analyze(nested), nested, Rows((ids["inner"], ids["second"])), Place(ids["last"]), copies=True)
    assert [node.name for node in tried.edit.architecture.layers[3:]] == ["inner"]


def test_that_a_block_of_the_palette_fits_itself_to_what_stands_at_its_place(nested):
    ids = ids_of(nested)
    for place in (Place(ids["input_layer"]), Place(None, ids["outer"]), Place(ids["second"], ids["inner"])):
        edit = attempt(analyze(nested), nested, BlockTemplate("residual-basic"), place).edit
        assert edit.text == "Insert residual"
        summary = analyze(edit.architecture)
        assert [report.problem for report in summary.layers if report.problem] == []
        assert summary.layers[-1].output_shapes == ((None, 8, 8, 3),)
