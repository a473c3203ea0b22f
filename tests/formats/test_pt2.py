"""Programs of torch.export: every module that ran is a row with PyTorch's parameters and shapes."""

import contextlib
import io
import json
import random
import zipfile

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.errors import UnreadableFile
from tests.helpers.torch_files import content, names, opened, owned, read, recorded, rows_of_calls

FILES = names(".pt2")


@pytest.mark.parametrize("name", FILES)
def test_that_totals_are_those_of_pytorch(name):
    summary = analyze(opened(name))
    totals, said = summary.totals, recorded(name)
    assert (totals.parameters, totals.statistics) == (said["params"], said["buffers"])
    assert totals.trainable == said.get("trainable", said["params"])
    assert totals.lacking("parameters") == 0
    assert not [report.path for report in summary.layers if report.problem and report.problem.severity == "error"]


@pytest.mark.parametrize("name", FILES)
def test_that_every_module_that_ran_is_a_row(name):
    for leaf, number, report in rows_of_calls(name):
        assert report.kind == leaf["class_name"]
        is_shared = report.weights_of is not None
        assert is_shared or number > 1 or report.parameters == leaf["params"]
        for made, shape in zip(report.output_shapes, leaf["output_shape"], strict=False):
            assert len(made) == len(shape)
            assert all(size in (None, wanted) for size, wanted in zip(made[1:], shape[1:], strict=True)), leaf["path"]


@pytest.mark.parametrize("name", FILES)
def test_that_the_rows_own_the_parameters_of_the_file(name):
    assert owned(opened(name)) == sorted(map(tuple, recorded(name)["param_shapes"].values()))


@pytest.mark.parametrize("name", FILES)
def test_that_the_content_tells_the_format_and_our_own_file_keeps_it(name):
    architecture = read(content(name), "network")
    assert architecture.layers == opened(name).layers
    ours = formats.content(architecture, formats.formats()["paramdesk"])
    assert read(ours, "network.paramdesk") == architecture


def test_that_a_module_called_twice_shares_its_weights():
    rows = {report.path: report for report in analyze(opened("shared.pt2")).layers}
    assert (rows["enc/0"].parameters, rows["enc#2/0"].parameters) == (176, 0)


@pytest.mark.parametrize("name", ["tied.before28.pt2", "gpt.pt2"])
def test_that_a_tensor_under_two_names_counts_once(name):
    rows = {report.path: report for report in analyze(opened(name)).layers}
    table, head = ("emb", "out") if name.startswith("tied") else ("wte", "head")
    assert rows[head].weights_of == table


def test_that_a_recurrent_layer_that_was_taken_apart_is_one_row():
    [_input, rnn, _fc] = analyze(opened("lstm2bi.decomposed.pt2")).layers
    assert (rnn.kind, rnn.parameters, rnn.output_shapes[0]) == ("LSTM", 9728, (1, 7, 32))


def test_that_sizes_that_are_not_fixed_are_not_known():
    rows = {report.path: report for report in analyze(opened("gpt.dynamic.pt2")).layers}
    assert rows["i"].output_shapes == ((None, None),)
    assert rows["head"].output_shapes == ((None, None, 100),)


def test_that_weights_that_nothing_reads_are_rows_of_weights():
    rows = {report.path: report for report in analyze(opened("frozen.pt2")).layers}
    assert [weight.shape for weight in rows["unused"].weights] == [(3, 3), (3,)]
    assert [buffer.name for buffer in rows["scale"].buffers] == ["scale"]
    assert (rows["a"].parameters, rows["a"].trainable) == (25, 0)


def program(change):
    """Return a file with its program changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content("lenet.pt2"))) as archive, zipfile.ZipFile(out, "w") as changed:
        for name in archive.namelist():
            data = archive.read(name)
            if name.endswith("models/model.json"):
                value = json.loads(data)
                change(value)
                data = json.dumps(value).encode()
            changed.writestr(name, data)
    return out.getvalue()


def test_that_a_program_of_another_form_is_refused():
    def without_graph(value):
        value["graph_module"]["graph"] = []

    with pytest.raises(UnreadableFile, match=r"its graph is not as torch\.export writes it"):
        read(program(without_graph), "a.pt2")
    with pytest.raises(UnreadableFile, match="there is no program in it"):
        formats.read(io.BytesIO(content("lenet.torchscript.pt")), "pt2")


VALUES = [None, 0, -1, 7, 2**31, 2**62, 1.5, "x", [], {}, [1, 2], True, {"as_int": 3}, {"as_none": True}]
OPERATORS = [f"torch.ops.aten.{name}" for name in ("split.Tensor", "view.default", "linear.default", "lstm.input")]


def places(value, path=()):
    """Give the places in a value, as keys one after the other."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))
    if path:
        yield path


def put(value, path, new):
    """Put something in a place, if it is still there."""
    with contextlib.suppress(LookupError, TypeError):
        for key in path[:-1]:
            value = value[key]
        value[path[-1]] = new


@pytest.mark.parametrize("seed", range(150))
def test_that_a_program_with_other_values_in_it_is_read_or_refused(seed):
    dice = random.Random(seed)  # noqa: S311 - damage is no secret

    def damage(value):
        module = value["graph_module"]
        found = list(places(module))
        for _ in range(dice.randint(1, 5)):
            put(module, dice.choice(found), dice.choice([*VALUES, *OPERATORS]))

    with contextlib.suppress(UnreadableFile):
        analyze(read(program(damage), "a.pt2"))


def test_that_a_product_with_what_was_computed_owns_nothing():
    def without_weight(value):
        for node in value["graph_module"]["graph"]["nodes"]:
            if node["target"] == "torch.ops.aten.linear.default":
                for argument in node["inputs"]:
                    if argument["arg"].get("as_tensor") == {"name": "p_fc2_weight"}:
                        argument["arg"] = {"as_tensor": {"name": "x"}}

    rows = {report.path: report for report in analyze(read(program(without_weight), "a.pt2")).layers}
    assert sum(report.parameters or 0 for report in rows.values()) == recorded("lenet.pt2")["params"]
