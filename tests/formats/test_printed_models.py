"""Models as PyTorch prints them: rows by module, each with its parameters; nothing is guessed of what reads what."""

import collections
import gzip
import io
import json

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.edits import configure
from paramdesk.engine.errors import UnreadableFile
from tests.helpers.keras_reference import FOLDER
from tests.helpers.torch_files import every_record, read

PRINTED = FOLDER / "torch_printed"
NAMES = sorted(path.name.removesuffix(".txt.gz") for path in PRINTED.glob("*.txt.gz"))
# They have parameters outside of the modules that are printed: class tokens, position embeddings, scales.
MORE = {"convnext_tiny": 6_624, "maxvit_t": 28_392, "swin_t": 23_322, "vit_b_16": 152_064}


def record():
    """Return what PyTorch said of the modules of the networks."""
    return json.loads(gzip.decompress((FOLDER / "torch_leaves.json.gz").read_bytes()))


def printed(name):
    """Return what a network prints."""
    return gzip.decompress((PRINTED / f"{name}.txt.gz").read_bytes()).decode()


def opened(text):
    """Return the architecture that a text prints."""
    return read(text.encode(), "model.txt")


def rows(text):
    """Return path, class and parameters of each row."""
    return [(report.path, report.kind, report.parameters) for report in analyze(opened(text)).layers]


@pytest.mark.parametrize("name", NAMES)
def test_that_every_module_has_its_parameters(name):
    known = record()
    leaves = [known["leaves"][place] for place in known["models"][name]["leaves"]]
    found = collections.Counter((kind, parameters or 0) for _path, kind, parameters in rows(printed(name)))
    wanted = {(class_name, parameters) for class_name, *_, parameters in leaves}
    assert wanted <= found.keys()
    assert sum(number for (_kind, parameters), number in found.items() if parameters) > 0


@pytest.mark.parametrize("name", NAMES)
def test_that_the_total_is_that_of_the_modules(name):
    summary = analyze(opened(printed(name)))
    assert summary.totals.parameters == record()["models"][name]["total"] - MORE.get(name, 0)
    assert not [report.path for report in summary.layers if report.problem and report.problem.severity == "error"]
    assert any("class tokens" in remark for remark in summary.remarks)


@pytest.mark.parametrize("name", ["lenet", "resnetish", "unet_small", "bilstm"])
def test_that_buffers_and_trainable_parameters_are_told_apart(name):
    totals, said = analyze(opened(every_record()[name]["print"])).totals, every_record()[name]
    assert (totals.parameters, totals.trainable, totals.statistics) == (said["params"], said["params"], said["buffers"])


SEQUENTIAL = """Sequential(
  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))
  (1): Sequential(
    (0): ReLU()
    (1): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  )
  (2): Flatten(start_dim=1, end_dim=-1)
  (3): Linear(in_features=72, out_features=4, bias=True)
)
"""


def test_that_modules_in_a_sequential_are_called_one_after_the_other():
    architecture = opened(SEQUENTIAL)
    [source, *_] = analyze(architecture).layers
    assert source.output_shapes == ((None, 3, None, None),)
    given = configure(architecture, source.layer.id, shape=(3, 8, 8)).architecture
    shapes = [report.output_shapes[0] for report in analyze(given).layers]
    assert shapes == [(None, 3, 8, 8), (None, 8, 6, 6), (None, 8, 6, 6), (None, 8, 3, 3), (None, 72), (None, 4)]
    assert analyze(given).problems == ()


def test_that_what_is_printed_once_for_many_is_there_many_times():
    layer = "(fc): Linear(in_features=2, out_features=3, bias=True)"
    text = f"A(\n  (h): ModuleList(\n    (2-4): 3 x B(\n      {layer}\n    )\n  )\n)"
    assert rows(text) == [(f"h/{n}/fc", "Linear", 9) for n in (2, 3, 4)]


def test_that_parameters_in_lists_are_rows():
    text = "A(\n  (p): ParameterList(\n      (0): Parameter containing: [torch.float32 of size 4x4]\n  )\n)"
    assert rows(text) == [("p/0", "Parameter", 16)]


def test_that_an_attention_layer_is_known_by_the_layer_at_its_end():
    end = "(out_proj): NonDynamicallyQuantizableLinear(in_features=32, out_features=32, bias=True)"
    text = f"A(\n  (att): MultiheadAttention(\n    {end}\n  )\n)"
    assert rows(text) == [("att", "MultiheadAttention", 4224)]
    assert "MultiheadAttention prints nothing of keys and values" in opened(text).extras["remarks"][0]


def test_that_a_class_that_is_not_known_is_not_counted():
    text = "A(\n  (norm): MyNorm((64,), eps=1e-05)\n  (fc): Linear(in_features=2, out_features=3, bias=True)\n)"
    summary = analyze(opened(text))
    assert [(report.kind, report.parameters) for report in summary.layers] == [("MyNorm", None), ("Linear", 9)]
    assert (summary.totals.parameters, summary.totals.lacking("parameters")) == (9, 1)


@pytest.mark.parametrize("text", [SEQUENTIAL, "Out[3]: " + SEQUENTIAL, "\ufeff" + SEQUENTIAL.replace("\n", "\r\n")])
def test_that_a_text_from_elsewhere_is_read(text):
    assert formats.read(io.BytesIO(text.encode())).layers == opened(SEQUENTIAL).layers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("just a text", "save the text of print(model)"),
        ("print('a')", "save the text of print(model)"),
        ("A(\n  (b): Linear(in_features=2, out_features=3, bias=True)\n", "line 3: the text ends within A"),
        ("A(\n  (b): ReLU()\n  and so on\n)", "line 3: not a line that PyTorch prints of a module"),
        ("A(\n" + "  (b): B(\n" * 200, "line 101: modules stand more than 100 deep"),
        ("A(\n  (0-99999999): 100000000 x ReLU()\n)", "more than 200,000 layers"),
        ("A(\n  (b): " + "x" * 20_000 + "\n)", "line 2: longer than any line"),
    ],
)
def test_that_what_is_wrong_is_said(text, said):
    with pytest.raises(UnreadableFile) as caught:
        opened(text)
    assert said in str(caught.value)


def test_that_nothing_printed_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hostile = "open('ran', 'w'), kernel_size=__import__('os').system('touch ran')"
    assert rows(f"A(\n  (b): Conv2d({hostile})\n  (c): ReLU()\n)") == [("b", "Conv2d", None), ("c", "ReLU", 0)]
    assert list(tmp_path.iterdir()) == []
