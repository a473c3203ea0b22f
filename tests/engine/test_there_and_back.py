"""Every network on record, taken to the other framework and back: its numbers stay, and so does what it says."""

import functools
import gzip
import io
import json
from pathlib import Path

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Layer
from paramdesk.engine.framework_edits import LAYOUT_OF, set_framework
from paramdesk.engine.kinds.reshaping import Permute
from tests.helpers import torch_files
from tests.helpers.keras_reference import FOLDER

TEMPLATES = Path(__file__).parents[2] / "resources" / "templates"
KERAS = sorted(path.name for path in (FOLDER / "keras_models").glob("*.json.gz"))
TORCH = [name for ending in (".onnx", ".pt2", ".pt") for name in torch_files.names(ending)]
OWN = sorted(path.name for path in TEMPLATES.glob("*.paramdesk"))

CANNOT_BE_SAID = {
    "InceptionV3.json.gz": "PyTorch learns no shift without a scale",
    "MobileNetV3Small.json.gz": "padding='same' with strides 2×2",  # of images of any size
    "bilstm.dynamo.onnx": "moves the batch",
    "bilstm.legacy.onnx": "moves the batch",
    "bilstm.pt2": "layers: Keras has no such option",
    "gpt.dynamic.pt2": "first axis: Keras has no such option",
    "gpt.pt2": "Add cannot merge batches of 1 and 12",  # of position embeddings, which have none
    "gpt.torchscript.pt": "Add cannot merge batches of 1 and 12",
    "lstm2bi.decomposed.pt2": "layers: Keras has no such option",
    "lstm2bi.scripted.torchscript.pt": "layers: Keras has no such option",
    "vit-b-16.paramdesk": "first axis: Keras has no such option",
}
"""What the first error of a network says that the other framework cannot say as a whole."""


@functools.cache
def opened(name):
    if name in KERAS:
        config = json.loads(gzip.decompress((FOLDER / "keras_models" / name).read_bytes()))["config"]
        return formats.read(io.BytesIO(json.dumps(config).encode()), "keras-json")
    return torch_files.opened(name) if name in TORCH else formats.read(TEMPLATES / name)


@functools.cache
def there(name):
    network = opened(name)
    return set_framework(network, "pytorch" if network.framework == "keras" else "keras").architecture


def errors(architecture):
    problems = [report.problem for report in analyze(architecture).layers if report.problem]
    return [problem.message for problem in problems if problem.severity == "error"]


def figures(architecture, framework):
    totals = analyze(architecture, convention=framework).totals
    return totals.parameters, totals.trainable, totals.macs, totals.weights_not_counted


def meaning(report):
    """What a layer says, in one way of saying it: axes counted from the first one, and nothing that goes without."""
    kind, rank = report.layer.kind, len(report.input_specs[0].shape) if report.input_specs else 0
    said = {name: getattr(kind, name) for name in kind.options() if not name.startswith("declared")}
    for name in ("axis", "end_axis"):
        if isinstance(axes := said.get(name), int | tuple) and rank:
            said[name] = tuple(axis % rank for axis in (axes if isinstance(axes, tuple) else (axes,)))
    said.pop("ceil_mode", None)  # whether it rounds up shows in the shapes, where it matters
    if rank == 3 and said.get("attention_axes") in ((1,), 1):
        said["attention_axes"] = None
    return kind.title(), said, report.output_shapes, report.parameters, report.macs


@pytest.mark.parametrize("name", [*KERAS, *TORCH, *OWN])
def test_that_a_network_has_the_same_numbers_in_the_other_framework(name):
    network, moved = opened(name), there(name)
    found = errors(moved)
    if name in CANNOT_BE_SAID:
        assert CANNOT_BE_SAID[name] in found[0]
    else:
        assert found == []
        assert figures(moved, network.framework) == figures(network, network.framework)


@pytest.mark.parametrize("name", [name for name in (*KERAS, *TORCH, *OWN) if name not in CANNOT_BE_SAID])
def test_that_a_network_is_the_same_once_it_is_back(name):
    network = opened(name)
    back = set_framework(there(name), network.framework).architecture
    assert figures(back, network.framework) == figures(network, network.framework)
    if name == "convnext-tiny.paramdesk":  # it is back with its axes exchanged elsewhere
        return
    before, after = analyze(network).layers, analyze(back).layers
    if name != "channels_first.json.gz":  # in Keras its images come back with their channels last
        assert list(map(meaning, after)) == list(map(meaning, before))
    assert back.layout == LAYOUT_OF[network.framework]
    assert [(node.id, node.name) for node in back.nodes()] == [(node.id, node.name) for node in network.nodes()]
    assert [node.inputs for node in back.nodes()] == [node.inputs for node in network.nodes()]


def test_that_axes_are_exchanged_only_where_layers_want_their_channels_elsewhere():
    for name in ("ResNet50.json.gz", "unet.json.gz", "NASNetMobile.json.gz", "bilstm_text.json.gz"):
        assert not any(isinstance(node, Layer) and isinstance(node.kind, Permute) for node in there(name).nodes())
