"""Every module of the networks that people know is understood from its class and what it prints."""

import functools
import gzip
import json

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.kinds.core import Input
from paramdesk.frameworks.printed import read_printed
from tests.helpers.keras_reference import FOLDER, is_nested

# Code of torchvision that is no layer: it prints nothing of what it does.
NOT_KNOWN = {"WindowPartition", "WindowDepartition"}
# They print nothing of the order that they make.
NOT_TOLD = {"Permute", "SwapAxes"}

VIT_B_16 = 17_563_828_224


@functools.cache
def recorded():
    """Return the leaves (class, what it prints, shapes of inputs and output, parameters) and which model has which."""
    return json.loads(gzip.decompress((FOLDER / "torch_leaves.json.gz").read_bytes()))


def report_on(leaf):
    """Return the report on a leaf alone."""
    class_name, printed, given, made, _parameters = leaf
    shapes = [shape for shape in (given if any(isinstance(one, list) for one in given) else [given]) if shape]
    known, call = {}, None
    if class_name == "StochasticDepth":  # the record has not what it prints
        known = {"p": 0.0, "mode": "row"}
    if class_name == "MultiheadAttention":  # it prints nothing; neither count nor shape depends on its heads
        known = {"embed_dim": shapes[0][-1], "num_heads": 1, "batch_first": True}
        call = {"need_weights": made[1] is not None}
    kind = read_printed(class_name, printed, known, call).kind
    inputs = tuple(
        Layer(place, f"input_{place}", Input(shape=tuple(shape[1:]), batch_size=shape[0]))
        for place, shape in enumerate(shapes, 1)
    )
    layer = Layer(0, "leaf", kind, tuple(Source(one.id) for one in inputs))
    return analyze(Architecture("leaf", (*inputs, layer), (Source(0),), "pytorch", "channels_first")).layers[-1]


@pytest.mark.parametrize("class_name", sorted({leaf[0] for leaf in recorded()["leaves"]} - NOT_KNOWN - NOT_TOLD))
def test_that_every_module_of_a_class_has_its_parameters_and_shape(class_name):
    leaves = [leaf for leaf in recorded()["leaves"] if leaf[0] == class_name]
    for leaf in leaves:
        report = report_on(leaf)
        assert report.problem is None, leaf
        assert report.parameters == leaf[4], leaf
        shapes = leaf[3] if is_nested([shape for shape in leaf[3] if shape is not None]) else [leaf[3]]
        assert [list(shape) for shape in report.output_shapes] == [shape for shape in shapes if shape is not None], leaf


@pytest.mark.parametrize("class_name", sorted(NOT_KNOWN | NOT_TOLD))
def test_that_what_is_not_told_is_not_guessed(class_name):
    leaf = next(leaf for leaf in recorded()["leaves"] if leaf[0] == class_name)
    with pytest.raises(InvalidOptions):
        read_printed(class_name, leaf[1])


# Part of their products is no module: attention over windows, or what PyTorch's counter does not see.
OTHER_MACS = {"maxvit_t", "swin_t", "vit_b_16"}


@pytest.mark.parametrize("name", sorted(recorded()["models"].keys() - OTHER_MACS))
def test_that_the_macs_of_a_network_are_half_of_what_pytorch_counts(name):
    model = recorded()["models"][name]
    leaves = [recorded()["leaves"][place] for place in model["leaves"]]
    macs = sum(report_on(leaf).macs for leaf in leaves if leaf[0] not in NOT_KNOWN | NOT_TOLD)
    assert 2 * macs == model["flops"]


def test_that_a_vision_transformer_counts_its_attention_too():
    leaves = [recorded()["leaves"][place] for place in recorded()["models"]["vit_b_16"]["leaves"]]
    assert sum(report_on(leaf).macs for leaf in leaves) == VIT_B_16
