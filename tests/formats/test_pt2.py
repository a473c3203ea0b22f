"""Programs of torch.export: every module that ran is a row with PyTorch's parameters and shapes."""

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from tests.helpers.torch_files import content, names, opened, read, recorded, shapes_of_leaf

FILES = names(".pt2")


@pytest.mark.parametrize("name", FILES)
def test_that_totals_are_those_of_pytorch(name):
    summary = analyze(opened(name))
    totals = summary.totals
    assert (totals.parameters, totals.statistics) == (recorded(name)["params"], recorded(name)["buffers"])
    assert totals.lacking("parameters") == 0
    assert not [report.path for report in summary.layers if report.problem and report.problem.severity == "error"]


@pytest.mark.parametrize("name", FILES)
def test_that_every_module_that_ran_is_a_row(name):
    rows = {report.path.replace("/", "."): report for report in analyze(opened(name)).layers}
    calls = {}
    for leaf in recorded(name)["leaves"]:
        number = calls[leaf["path"]] = calls.get(leaf["path"], 0) + 1
        report = rows[f"{leaf['path']}#{number}" if number > 1 else leaf["path"]]
        assert report.kind == leaf["class_name"]
        assert report.parameters == (leaf["params"] if number == 1 else 0)
        wanted = [shape[1:] for shape in shapes_of_leaf(leaf)]
        assert [shape[1:] for shape in report.output_shapes] == wanted[: len(report.output_shapes)]
        is_batch_told = all(size is not None for shape in report.output_shapes for size in shape)
        assert not is_batch_told or list(report.output_shapes) == shapes_of_leaf(leaf)[: len(report.output_shapes)]


@pytest.mark.parametrize("name", FILES)
def test_that_the_rows_own_the_parameters_of_the_file(name):
    owned = sorted(weight.shape for report in analyze(opened(name)).layers for weight in report.weights)
    assert owned == sorted(map(tuple, recorded(name)["param_shapes"].values()))


@pytest.mark.parametrize("name", FILES)
def test_that_the_content_tells_the_format_and_our_own_file_keeps_it(name):
    architecture = read(content(name), "network")
    assert architecture.layers == opened(name).layers
    ours = formats.content(architecture, formats.formats()["paramdesk"])
    assert read(ours, "network.paramdesk") == architecture
