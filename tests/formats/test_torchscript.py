"""Programs of TorchScript: the code is followed and never run; what depends on data is listed by its weights."""

import contextlib
import io
import random
import re
import zipfile

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.edits import configure
from paramdesk.engine.errors import UnreadableFile
from tests.helpers.torch_files import content, names, opened, owned, read, recorded, rows_of_calls

FILES = names(".torchscript.pt")
FROZEN = "mlist.frozen.torchscript.pt"
DEPENDS = "ctrl.scripted.torchscript.pt"


@pytest.mark.parametrize("name", [name for name in FILES if name != FROZEN])
def test_that_totals_are_those_of_pytorch(name):
    totals, said = analyze(opened(name)).totals, recorded(name)
    assert (totals.parameters, totals.statistics) == (said["params"], said["buffers"])
    assert totals.trainable == said.get("trainable", said["params"])
    assert totals.lacking("parameters") == 0
    assert owned(opened(name)) == sorted(map(tuple, said["param_shapes"].values()))


@pytest.mark.parametrize("name", [name for name in FILES if name not in (FROZEN, DEPENDS)])
def test_that_every_module_that_ran_is_a_row(name):
    for leaf, number, report in rows_of_calls(name):
        assert report.kind == leaf["class_name"]
        assert report.weights_of or number > 1 or report.parameters == leaf["params"]
        for made, shape in zip(report.output_shapes, leaf["output_shape"], strict=False):
            assert all(size in (None, wanted) for size, wanted in zip(made, shape, strict=True)), leaf["path"]


@pytest.mark.parametrize("name", [name for name in FILES if name.count(".") == 2])
def test_that_a_traced_network_has_the_shapes_that_it_was_traced_with(name):
    reports = analyze(opened(name)).layers
    assert all(size is not None for report in reports for shape in report.output_shapes for size in shape)
    assert not [report.path for report in reports if report.problem and report.problem.severity == "error"]


@pytest.mark.parametrize("name", FILES)
def test_that_the_content_tells_the_format_and_our_own_file_keeps_it(name):
    architecture = read(content(name), "network.pt")
    assert architecture.layers == opened(name).layers
    ours = formats.content(architecture, formats.formats()["paramdesk"])
    assert read(ours, "network.paramdesk") == architecture


def test_that_a_scripted_network_computes_as_soon_as_its_input_is_given():
    architecture = opened("lstm2bi.scripted.torchscript.pt")
    [source, rnn, fc] = analyze(architecture).layers
    assert source.output_shapes == ((None, None, 8),)
    assert "does not tell the size of x" in architecture.extras["remarks"][0]
    given = configure(architecture, source.layer.id, shape=(7, 8)).architecture
    assert [report.output_shapes[0] for report in analyze(given).layers] == [(None, 7, 8), (None, 7, 32), (None, 7, 5)]
    assert (rnn.kind, fc.kind) == ("LSTM", "Linear")


def test_that_what_depends_on_data_is_listed_by_its_weights():
    architecture = opened(DEPENDS)
    assert [(report.path, report.kind, report.parameters) for report in analyze(architecture).layers] == [
        ("a", "Linear", 20), ("b", "Linear", 20),
    ]  # fmt: skip
    assert architecture.extras["remarks"] == [
        "What this TorchScript program does depends on its data, so its layers are listed by their weights."
    ]


def test_that_weights_frozen_into_the_code_count_as_not_trained():
    architecture = opened(FROZEN)
    totals = analyze(architecture).totals
    assert (totals.parameters, totals.trainable) == (recorded(FROZEN)["params"], 0)
    assert any("frozen into the code" in remark for remark in architecture.extras["remarks"])


# Nothing runs, and nothing goes on without end


def changed(forward, name="ctrl.scripted.torchscript.pt"):
    """Return a file with another body of `forward`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content(name))) as archive, zipfile.ZipFile(out, "w") as made:
        for entry in archive.namelist():
            data = archive.read(entry)
            if "class Ctrl(" in data.decode("latin1"):
                head, mark, _body = data.decode().partition("x: Tensor) -> Tensor:\n")
                data = (head + mark + "".join(f"    {line}\n" for line in forward.splitlines())).encode()
            made.writestr(entry, data)
    return out.getvalue()


def test_that_the_code_is_followed():
    architecture = read(changed("x0 = (s.a).forward(x, )\nreturn torch.relu(x0)"), "a.pt")
    assert [report.kind for report in analyze(architecture).layers] == ["Input", "Linear", "ReLU", "Weights"]


@pytest.mark.parametrize(
    "forward",
    [
        "import os\nreturn os.system('touch ran')",
        "return __import__('os').system('touch ran')",
        "return open('ran', 'w')",
        "return x.__class__",
        "while True:\n  x = torch.relu(x)\nreturn x",
        "while True:\n  pass\nreturn x",
        "return (s).forward(x, )",
        "n = 2\nfor i in range(100):\n  n = torch.mul(n, n)\nreturn torch.view(x, [n])",
        "l = [1]\nfor i in range(100):\n  l = torch.add(l, l)\nreturn torch.view(x, l)",
        "t = 'a'\nfor i in range(100):\n  t = torch.add(t, t)\nreturn x",
        "return " + "-" * 5000 + "1",
        "return " + "(" * 5000 + ")" * 5000,
        "return x" + ".a" * 5000,
        "yield x",
        "lambda: x",
        "del s.a",
        "return torch.view(x, [10000000000000000000000])",
        "return torch.zeros([9223372036854775807, 9223372036854775807])",
        "return torch.chunk(x, 100000000, 0)[0]",
        "l = annotate(List[int], [])\nl0 = torch.append(l, l)\nreturn torch.view(x, l)",
    ],
)
def test_that_code_that_is_no_network_does_nothing(forward, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert analyze(read(changed(forward), "a.pt")).totals.parameters == 40
    assert list(tmp_path.iterdir()) == []


def test_that_a_file_without_a_network_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/constants.pkl", b"\x80\x02).")
        archive.writestr("a/data.pkl", b"\x80\x02}.")
    with pytest.raises(UnreadableFile, match="there is no network in this TorchScript file"):
        read(out.getvalue(), "a.pt")


WORDS = [
    "self", "x", "[1, 2]", "-1", "0", "9223372036854775807", "None", "{}", "torch.add", "torch.view", "torch.chunk",
    "torch.split", "torch.lstm", "torch.append", "torch.size", "getattr", "(self).forward", "CONSTANTS.c0",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(200))
def test_that_code_with_other_words_in_it_is_followed_or_given_up(seed):
    dice = random.Random(seed)  # noqa: S311 - damage is no secret
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content(dice.choice(FILES)))) as archive, zipfile.ZipFile(out, "w") as made:
        for name in archive.namelist():
            data = archive.read(name)
            if name.endswith(".py") and dice.random() < 0.3:
                lines = data.decode().split("\n")
                place = dice.randrange(len(lines))
                words = re.findall(r"[\w.]+|\W", lines[place]) or [""]
                words[dice.randrange(len(words))] = dice.choice(WORDS)
                lines[place] = "".join(words)
                data = "\n".join(lines).encode()
            made.writestr(name, data)
    with contextlib.suppress(UnreadableFile):  # of weights that were frozen into the code nothing else tells
        analyze(read(out.getvalue(), "a.pt"))
