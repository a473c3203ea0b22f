"""Blocks that come with paramdesk: they fit behind any tensor of their kind, in either framework and layout."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.block_fitting import fitted
from paramdesk.engine.edits import insert
from paramdesk.engine.places import Place
from paramdesk.engine.shape import UNKNOWN, TensorSpec
from paramdesk.formats.templates import blocks, open_block
from tests.helpers.networks import kind

FRAMES = [("keras", "channels_last"), ("keras", "channels_first"), ("pytorch", "channels_first")]
NAMES = [block.name for block in blocks()]

KERAS = {
    "dense-block": 338_304,  # keras.applications.DenseNet121, conv2_block1 to conv2_block6
    "depthwise-separable": 18_560,  # keras.applications.MobileNet, the third
    "inception": 163_696,  # the paper's figure for 3a, with biases: the sum over its table's convolutions
    "inverted-residual": 11_334,  # keras.applications.EfficientNetB0, block2b
    "residual-basic": 2 * 9 * 64 * 64 + 2 * 4 * 64,
    "residual-bottleneck": 71_552 - 64 - 64 - 256,  # keras.applications.ResNet50, conv2_block2, less its biases
    "transformer-encoder": 3_152_384,  # torch.nn.TransformerEncoderLayer(512, 8, 2048)
    "unet-level": 36_928 * 2 + 73_856 + 147_584 + 32_832 + 73_792 + 36_928,
}
"""Parameters behind the nominal input: by Keras, by PyTorch where both count alike, or by hand."""

TORCH = {
    "dense-block": 335_040,  # torchvision.models.densenet121, denseblock1
    "inverted-residual": 10_710,  # torchvision.models.efficientnet_b0, features[2][1]
    "residual-basic": 73_984,  # torchvision.models.resnet18, layer1[0]
    "residual-bottleneck": 70_400,  # torchvision.models.resnet50, layer1[1]
    "transformer-encoder": 3_152_384,
}


def behind(name, framework, layout, channels, space=()):
    """A network of an input with so many channels, and positions, and the block behind it."""
    shape = (*(space or open_block(name).shape[:-1]), channels)
    if layout == "channels_first" and len(shape) > 2:
        shape = (shape[-1], *shape[:-1])
    start = Layer(0, "image", kind("Input", shape=shape))
    network = Architecture("test", (start,), (Source(0),), framework, layout, 1)
    spec = analyze(network).layers[0].output_specs[0]
    return insert(network, (fitted(open_block(name), spec),), Place(0)).architecture


def nominal(name):
    return open_block(name).shape[-1]


@pytest.mark.parametrize(("framework", "layout"), FRAMES)
@pytest.mark.parametrize("channels", [1, 3, 48, 65, 256, 2048])
@pytest.mark.parametrize("name", NAMES)
def test_that_a_block_fits_behind_any_number_of_channels(name, channels, framework, layout):
    summary = analyze(behind(name, framework, layout, channels))
    assert [report.problem for report in summary.layers if report.problem] == []
    assert summary.totals.complete


@pytest.mark.parametrize(("framework", "layout"), FRAMES)
@pytest.mark.parametrize("space", [(7, 7), (14, 7), (7, 14), (2, 3)])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "transformer-encoder"])
def test_that_a_block_fits_behind_an_image_of_any_size(name, space, framework, layout):
    summary = analyze(behind(name, framework, layout, 32, space))
    assert [report.problem for report in summary.layers if report.problem] == []
    made = summary.layers[-1].output_shapes[0]
    assert space == (made[2:] if layout == "channels_first" else made[1:-1])


@pytest.mark.parametrize("name", NAMES)
def test_that_a_block_behind_its_nominal_input_has_the_parameters_of_the_framework(name):
    totals = analyze(behind(name, "keras", "channels_last", nominal(name))).totals
    assert totals.parameters == KERAS[name] == {block.name: block for block in blocks()}[name].parameters


@pytest.mark.parametrize("name", TORCH)
def test_that_a_block_in_a_torch_network_has_the_parameters_that_torch_counts(name):
    assert analyze(behind(name, "pytorch", "channels_first", nominal(name))).totals.parameters == TORCH[name]


@pytest.mark.parametrize("name", NAMES)
def test_that_the_layout_changes_no_count(name):
    last, first = (analyze(behind(name, "keras", layout, 96)).totals for _, layout in FRAMES[:2])
    assert (first.parameters, first.macs) == (last.parameters, last.macs)


@pytest.mark.parametrize(
    ("channels", "filters"), [(256, [64, 64, 256]), (512, [128, 128, 512]), (65, [16, 16, 65]), (1, [1, 1, 1])]
)
def test_that_filters_keep_their_ratios(channels, filters):
    block = fitted(open_block("residual-bottleneck"), TensorSpec((UNKNOWN, 7, 7, channels)))
    assert [node.kind.filters for node in block.layers if hasattr(node.kind, "filters")] == filters


def test_that_a_dense_block_adds_the_same_number_of_channels_to_any():
    summary = analyze(behind("dense-block", "keras", "channels_last", 512))
    assert summary.layers[-1].output_shapes == ((None, 56, 56, 512 + 6 * 32),)


@pytest.mark.parametrize(("channels", "heads"), [(512, (8, 64)), (768, (8, 96)), (300, (6, 50)), (7, (7, 1))])
def test_that_attention_splits_all_channels_among_its_heads(channels, heads):
    attention = fitted(open_block("transformer-encoder"), TensorSpec((UNKNOWN, 10, channels))).layers[0].layers[1]
    assert (attention.kind.num_heads, attention.kind.key_dim) == heads


@pytest.mark.parametrize("shape", [(UNKNOWN, 56, 56, UNKNOWN), (UNKNOWN, 100), (UNKNOWN, 8, 300), ()])
def test_that_a_block_keeps_its_numbers_where_it_does_not_fit(shape):
    pattern = open_block("residual-basic")
    assert fitted(pattern, TensorSpec(shape)) == pattern.block


@pytest.mark.parametrize("name", NAMES)
def test_that_torch_gets_layers_that_it_has(name):
    layers = analyze(behind(name, "pytorch", "channels_first", nominal(name))).layers
    assert {report.kind for report in layers} <= {
        "Input", "Conv2d", "ConvTranspose2d", "BatchNorm2d", "ReLU", "ReLU6", "SiLU", "Sigmoid", "GELU", "MaxPool2d",
        "AdaptiveAvgPool2d", "MultiheadAttention", "LayerNorm", "Linear", "add", "mul", "cat",
    }  # fmt: skip


def test_that_torch_gets_its_own_defaults():
    block = fitted(
        open_block("residual-basic"), TensorSpec((UNKNOWN, 64, 7, 7), "float32", "channels_first", "pytorch")
    )
    made = block.layers[1].kind
    assert (made.epsilon, made.momentum, made.rank) == (1e-5, 0.9, 2)


def test_that_a_block_goes_before_what_read_there():
    network = behind("residual-basic", "keras", "channels_last", 64)
    again = insert(network, (fitted(open_block("depthwise-separable"), TensorSpec((UNKNOWN, 56, 56, 64))),), Place(0))
    assert analyze(again.architecture).totals.complete
    assert [node.name for node in again.architecture.layers] == ["image", "separable", "residual"]
