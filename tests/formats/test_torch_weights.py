"""Weights that PyTorch and safetensors saved: rows by module, exact totals, and nothing that stands in them runs."""

import collections
import functools
import gzip
import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Block
from paramdesk.engine.errors import UnreadableFile

REFERENCE = Path(__file__).parents[1] / "reference"
FILES = sorted(path.name.removesuffix(".gz") for path in (REFERENCE / "torch_weights").glob("*.gz"))
WEIGHTS = [name for name in FILES if name != "none.pth"]


def content(name):
    return gzip.decompress((REFERENCE / "torch_weights" / f"{name}.gz").read_bytes())


@functools.cache
def every_record():
    return json.loads(gzip.decompress((REFERENCE / "torch_weights.json.gz").read_bytes()))


def recorded(name):
    return every_record()[name.split(".")[0]]


def read(data, name="model.pth"):
    file = io.BytesIO(data)
    file.name = name
    return formats.read(file)


def opened(name):
    return read(content(name), name)


def refusal(data, name="model.pth"):
    with pytest.raises(UnreadableFile) as caught:
        read(data, name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def saved(value_pickle, prefix="archive/"):
    """A file of torch.save around a pickle."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{prefix}data.pkl", value_pickle)
        archive.writestr(f"{prefix}version", "3\n")
    return file.getvalue()


# What PyTorch counted


@pytest.mark.parametrize("name", WEIGHTS)
def test_that_totals_are_those_of_pytorch(name):
    summary = analyze(opened(name))
    model, totals = recorded(name), summary.totals
    if name == "q.pth":  # quantized weights have no gradient
        model = {**model, "trainable": 3}
    assert (totals.parameters, totals.trainable, totals.statistics) == (
        model["params"], model["trainable"], model["buffers"],
    )  # fmt: skip
    assert totals.lacking("parameters") == 0
    assert (totals.macs, totals.peak_activation_bytes) == (None, None)
    assert (summary.problems, summary.notes) == ((), ())


TIED = ("tied", "dp", "deep", "tensor", "list")


@pytest.mark.parametrize("name", [name for name in WEIGHTS if not name.startswith(TIED)])
def test_that_every_module_has_the_parameters_of_pytorch(name):
    rows = {report.path.replace("/", "."): report.parameters for report in analyze(opened(name)).layers}
    for module, parameters in recorded(name).get("rows", {}).items():
        assert rows.get(module, parameters) == parameters
    assert len(rows.keys() & recorded(name).get("rows", rows).keys()) > 0


def test_that_blocks_are_modules_and_rows_own_tensors():
    architecture = opened("resnetish.state_dict.pth")
    assert [(node.name, isinstance(node, Block)) for node in architecture.layers] == [
        ("stem", True), ("l1", True), ("l2", True), ("l3", True), ("fc", False),
    ]  # fmt: skip
    rows = {report.path: report for report in analyze(architecture).layers}
    assert [(w.name, w.shape) for w in rows["l2/down/0"].weights] == [("weight", (32, 16, 1, 1))]
    norm = rows["l1/bn1"]
    assert [weight.name for weight in norm.weights] == ["weight", "bias"]
    assert [weight.name for weight in norm.buffers] == ["running_mean", "running_var", "num_batches_tracked"]
    assert (architecture.framework, architecture.layout) == ("pytorch", "channels_first")


def test_that_what_a_module_owns_beside_its_modules_is_a_row_of_its_own():
    rows = {report.path: report for report in analyze(opened("tv_vit_b_16.pth")).layers}
    assert rows["class_token"].parameters == 768
    assert rows["encoder/pos_embedding"].parameters == 151_296
    attention = "encoder/layers/encoder_layer_0/self_attention/in_proj"
    assert [weight.name for weight in rows[attention].weights] == ["in_proj_weight", "in_proj_bias"]


def test_that_a_tensor_that_two_modules_share_counts_once():
    rows = {report.path: report for report in analyze(opened("tied.pth")).layers}
    assert (rows["head"].parameters, rows["head"].weights_of) == (0, "emb")
    assert [weight.name for weight in rows["dec"].weights] == ["bias"]


def test_that_modules_that_were_saved_whole_tell_their_classes():
    rows = {report.path: report for report in analyze(opened("fz_module.pt")).layers}
    assert [rows[path].kind for path in ("a", "b", "bn", "lstm", "rep/b/0")] == [
        "Linear", "Conv2d", "BatchNorm2d", "LSTM", "Linear",
    ]  # fmt: skip


def test_that_a_frozen_parameter_is_known_where_the_file_tells_it():
    for name in ("fz_module.pt", "fz_keepvars.pth"):
        rows = {report.path: report for report in analyze(opened(name)).layers}
        assert (rows["a"].parameters, rows["a"].trainable) == (20, 4)


def test_that_several_networks_of_one_file_are_blocks_or_rows():
    rows = [(report.path, report.parameters) for report in analyze(opened("gan.pth")).layers]
    assert rows == [("generator", 16), ("discriminator", 36)]


def test_that_our_own_file_keeps_rows_of_weights():
    for name in ("tied.pth", "tv_resnet18.pth"):
        architecture = opened(name)
        ours = formats.content(architecture, formats.formats()["paramdesk"])
        assert formats.read(io.BytesIO(ours)) == architecture


# Which file it is


@pytest.mark.parametrize(
    "name", ["lenet.state_dict.pth", "proto4.pth", "protolegacy1.pth", "fz_safetensors.safetensors"]
)
def test_that_the_content_tells_the_format(name):
    assert analyze(read(content(name), "weights")).totals.parameters == recorded(name)["params"]


def test_that_a_program_of_torchscript_is_none_of_these():
    entry = formats.formats()["pytorch-weights"]
    assert entry.holds(["net/data.pkl", "net/version"])
    assert not entry.holds(["net/data.pkl", "net/code/__torch__.py", "net/constants.pkl"])


def test_that_a_file_without_weights_says_what_to_do():
    assert refusal(content("none.pth")).endswith("save model.state_dict()")
    assert "not a file of PyTorch" in refusal(b"GIF89a and so on")
    assert refusal(content("proto4.pth")[:-9]).endswith("the ZIP archive is damaged: copy or download it anew")
    assert "pickle in it is damaged" in refusal(content("proto4.pth").replace(b"\x8c", b"\x00"))


# Nothing runs


class Hostile:
    """What runs a command when it is unpickled."""

    def __reduce__(self):
        return (print, ("it ran",))


def test_that_what_a_pickle_calls_is_never_called(capsys):
    data = pickle.dumps({"w": Hostile(), "state_dict": {"a.weight": Hostile()}})
    assert "there are no tensors in it" in refusal(saved(data))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "steps",
    [
        b"",
        b".",
        b"\x80\x02",
        b"\x80\x02}q\x00(X\x01\x00\x00\x00au.",  # a key without a value
        b"\x80\x02h\x07.",  # what was never remembered
        b"\x80\x02u.",
        b"\x80\x02]q\x00h\x00a.",  # a list in itself
        b"\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s.",  # a dictionary in itself
        b"\x80\x02c\n\n)R.",
        b"\x80\x02\x8b\xff\xff\xff\x7f.",  # a number of two gigabytes
        b"\x80\x02B\xff\xff\xff\xff.",
        b"(" * 1000 + b".",
        b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".",
    ],
)
def test_that_a_pickle_that_is_no_good_is_refused(steps):
    said = refusal(saved(steps))
    assert any(words in said for words in ("is damaged", "there are no tensors", "deep in one another"))


def tensor_steps(size=b"K\x03K\x04\x86"):
    """The steps that rebuild a tensor of 3 × 4, or of another size."""
    storage = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x0ctQ"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00" + size + b"K\x04K\x01\x86\x89)tR"


def test_that_a_tensor_is_what_rebuilds_it():
    data = saved(b"\x80\x02}X\x08\x00\x00\x00a.weight" + tensor_steps() + b"s.")
    [row] = analyze(read(data)).layers
    assert (row.path, row.parameters) == ("a", 12)


@pytest.mark.parametrize(
    "size", [b"K\x03J\xff\xff\xff\xff\x86", b"X\x01\x00\x00\x00x\x85", b"\x8a\x08" + b"\xff" * 7 + b"\x7f\x85"]
)
def test_that_a_tensor_without_a_size_is_none(size):
    assert "there are no tensors" in refusal(saved(b"\x80\x02}X\x01\x00\x00\x00a" + tensor_steps(size) + b"s."))


def test_that_the_class_of_a_module_is_known_in_old_files():
    source = b"(X\x06\x00\x00\x00modulec__main__\nNet\nX\x04\x00\x00\x00n.pyX\x04\x00\x00\x00passtQ"
    state = b"}(X\x0b\x00\x00\x00_parameters}X\x01\x00\x00\x00w" + tensor_steps() + b"sX\x08\x00\x00\x00_modules}u"
    [row] = analyze(read(saved(b"\x80\x02" + source + b")\x81" + state + b"b."))).layers
    assert (row.path, row.kind, row.parameters) == ("w", "Net", 12)


def test_that_an_ordered_dictionary_of_python_2_is_read():
    pairs = b"]]X\x08\x00\x00\x00a.weighta" + tensor_steps() + b"aa"
    data = saved(b"\x80\x02ccollections\nOrderedDict\n" + pairs + b"\x85R.")
    assert analyze(read(data)).totals.parameters == 12


# safetensors


def safetensors(header, values=b"", size=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + values


def tensor(*shape, dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [0, 0]}


def test_that_modules_with_numbers_come_in_their_order():
    names = ["layers.10.w", "layers.9.w", "layers.2.w", "head.w"]
    rows = analyze(read(safetensors({name: tensor(2) for name in names}), "a.safetensors")).layers
    assert [row.path for row in rows] == ["head", "layers/2", "layers/9", "layers/10"]


def test_that_whole_numbers_are_no_parameters():
    header = {"a.weight": tensor(2, 3), "a.ids": tensor(7, dtype="I64"), "a.packed": tensor(5, dtype="U8")}
    totals = analyze(read(safetensors(header))).totals
    assert (totals.parameters, totals.trainable, totals.statistics) == (11, 6, 7)


def test_that_names_that_no_row_can_have_are_read():
    header = {"": tensor(1), "a/b.c": tensor(2), ".x": tensor(3), "..": tensor(4), "a" * 900 + ".w": tensor(5)}
    summary = analyze(read(safetensors(header)))
    assert summary.totals.parameters == 15
    assert all("/" not in report.name and 0 < len(report.name) <= 200 for report in summary.layers)


def test_that_a_module_and_a_tensor_of_one_name_are_told_apart():
    summary = analyze(read(safetensors({"a.b": tensor(1), "a.b.c": tensor(2), "a": tensor(4)})))
    assert summary.totals.parameters == 7
    assert len({report.path for report in summary.layers}) == 3


def test_that_modules_very_deep_in_one_another_end_in_long_names():
    architecture = read(safetensors({".".join("m" * 300) + ".w": tensor(2), ".".join("m" * 300) + ".v.w": tensor(3)}))
    assert analyze(architecture).totals.parameters == 5
    ours = formats.content(architecture, formats.formats()["paramdesk"])
    assert formats.read(io.BytesIO(ours)) == architecture


def test_that_more_tensors_than_a_row_can_have_are_several_rows():
    summary = analyze(read(safetensors({f"a.{n}": tensor(1) for n in range(10_001)})))
    assert [report.parameters for report in summary.layers] == [10_000, 1]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x02", "not a file that paramdesk knows"),
        (safetensors({}), "there are no tensors in it"),
        (safetensors({"__metadata__": {"format": "pt"}}), "there are no tensors in it"),
        (safetensors({"a": tensor(2)}, size=9_999), "its header is longer than the file"),
        (safetensors({"a": tensor(-2)}), "a: its type and shape are not told as safetensors does"),
        (safetensors({"a": tensor(2**40)}), "a: its type and shape are not told as safetensors does"),
        (safetensors({"a": tensor(*[1] * 65)}), "a: its type and shape are not told as safetensors does"),
        (safetensors({"a": 7}), "a: its type and shape are not told as safetensors does"),
        (safetensors(b'{"a": '), "line 1, column 7: not JSON"),
        (safetensors(b'{"a": ' * 200), "not JSON"),
    ],
)
def test_that_what_is_wrong_with_a_safetensors_file_is_said(data, said):
    assert said in refusal(data, "model.unknown")


def test_that_an_ordered_state_dict_keeps_its_order():
    names = list(collections.OrderedDict.fromkeys(row.path for row in analyze(opened("fz.pth")).layers))
    assert names[:3] == ["a", "b", "bn"]
