"""Networks that PyTorch wrote as ONNX: rows by module, the file's weights, and shapes as ONNX infers them."""

import collections

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from tests.helpers.torch_files import content, names, opened, read, recorded, shapes_of_leaf

FILES = names(".onnx")
NORMALIZED = ("resnetish", "unet_small")
"""Networks with batch normalization, which the exporter computes into the convolutions."""


def stated(name):
    """Return what ONNX says of a file."""
    return recorded(name)["onnx"][name]


@pytest.mark.parametrize("name", FILES)
def test_that_the_total_is_that_of_the_weights(name):
    totals = analyze(opened(name)).totals
    is_folded = name.startswith(NORMALIZED)
    assert totals.parameters == (stated(name)["values"] if is_folded else recorded(name)["params"])
    assert totals.lacking("parameters") == 0


@pytest.mark.parametrize("name", FILES)
def test_that_what_comes_in_is_what_the_graph_states(name):
    inputs = {report.path: report.output_shapes[0] for report in analyze(opened(name)).layers if report.kind == "Input"}
    assert inputs == {
        value: tuple(size if isinstance(size, int) else None for size in shape)
        for value, shape in stated(name)["inputs"].items()
    }


@pytest.mark.parametrize("name", FILES)
def test_that_the_rows_make_what_the_nodes_make(name):
    made = collections.Counter(
        tuple(size if isinstance(size, int) else None for size in shape or ()) for shape in stated(name)["shapes"]
    )
    for report in analyze(opened(name)).layers:
        if report.kind in ("Input", "LSTM"):  # an LSTM of ONNX has an axis of directions
            continue
        assert all(made[shape] > 0 for shape in report.output_shapes), report.path
        made.subtract(report.output_shapes)


@pytest.mark.parametrize("name", FILES)
def test_that_modules_are_rows_with_their_shapes(name):
    rows = {report.path.replace("/", "."): report for report in analyze(opened(name)).layers}
    found = 0
    for leaf in recorded(name)["leaves"]:
        report = rows.get(leaf["path"])
        if report is None or leaf["path"] == "pool":  # called twice: the first call alone has this path
            continue
        found += 1
        batchless = [shape[1:] for shape in report.output_shapes[:1]]
        assert batchless == [shape[1:] for shape in shapes_of_leaf(leaf)[:1]], leaf["path"]
        if not name.startswith(NORMALIZED):
            assert report.parameters == leaf["params"]
    assert found >= 2


@pytest.mark.parametrize("name", FILES)
def test_that_convolutions_and_products_are_layers(name):
    kinds = collections.Counter(report.kind for report in analyze(opened(name)).layers)
    operators = collections.Counter(stated(name)["operators"])
    assert kinds["Conv2d"] == operators["Conv"]
    assert kinds["ConvTranspose2d"] == operators["ConvTranspose"]
    assert kinds["Linear"] == operators["Gemm"]
    assert kinds["LSTM"] == operators["LSTM"]
    assert kinds["MaxPool2d"] == operators["MaxPool"]


@pytest.mark.parametrize("name", FILES)
def test_that_the_content_tells_the_format_and_our_own_file_keeps_it(name):
    architecture = read(content(name), "network")
    assert architecture.layers == opened(name).layers
    ours = formats.content(architecture, formats.formats()["paramdesk"])
    assert read(ours, "network.paramdesk") == architecture
