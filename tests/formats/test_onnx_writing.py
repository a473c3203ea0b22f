"""ONNX files without weights' values: what is written counts the same when it is read back, or is refused in a line."""

import io
import math

import msgspec
import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Block, Layer, Source
from paramdesk.engine.errors import UnwritableFile
from paramdesk.engine.example import example
from paramdesk.engine.kinds.functional import Operation
from paramdesk.engine.kinds.normalization import GatheringKind
from paramdesk.engine.layer_kind import kinds
from paramdesk.formats.onnx.messages import message
from paramdesk.formats.onnx.writing.registry import WRITERS, writer_of
from paramdesk.formats.templates import open_template, templates
from tests.helpers import keras_reference, torch_reference
from tests.helpers.networks import article_convnet, chain, kind

UNSAID = {
    "AdaptiveLogSoftmax", "AdditiveAttention", "AutoContrast", "CategoryEncoding", "CenterCrop", "ConvLSTM1D",
    "ConvLSTM2D", "ConvLSTM3D", "ContrastLimitedAdaptiveHistogramEqualization", "Discretization", "Equalization",
    "Fold", "FractionalMaxPooling2D", "FractionalMaxPooling3D", "GRUCell", "GroupQueryAttention", "HashedCrossing",
    "Hashing", "IntegerLookup", "LSTMCell", "MaxNumBoundingBoxes", "MaxUnpooling1D", "MaxUnpooling2D",
    "MaxUnpooling3D", "MelSpectrogram", "Operation", "RNN", "RandomCrop", "STFTSpectrogram", "SimpleRNNCell",
    "SpectralNormalization", "StackedRNNCells", "StringLookup", "TextVectorization", "Transformer",
    "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder", "TransformerEncoderLayer", "Unfold",
    "Unknown",
}  # fmt: skip
"""The kinds that ONNX has nothing for, or that are not written out in its operators."""


def content(network):
    return formats.content(network, formats.writers()["onnx"])


def read_back(network):
    return formats.read(io.BytesIO(content(network)), "onnx")


def graph_of(network):
    return message("Model").FromString(content(network)).graph


def values(network):
    """Return how many values the weights have, statistics among them, however they are counted."""
    summary = analyze(network)
    totals = summary.totals
    batches = sum(isinstance(r.layer.kind, GatheringKind) and bool(r.statistics) for r in summary.layers)
    buffers = totals.statistics - batches if network.framework == "pytorch" else 0  # PyTorch counts batches as well
    return totals.parameters + buffers


def refusal(network):
    with pytest.raises(UnwritableFile) as caught:
        content(network)
    assert "\n" not in caught.value.reason
    return caught.value.reason


def ops(network):
    return [node.op_type.decode() for node in graph_of(network).node if "Constant" not in node.op_type.decode()]


# Which kinds ----------------------------------------------------------------------------------------------------------


def test_that_every_kind_can_be_written_but_for_those_that_are_known_not_to_be():
    assert {name for name, made in kinds().items() if writer_of(made) is None and not made.is_input} == UNSAID


def test_that_every_entry_of_the_table_writes_some_kind():
    assert {base for base in WRITERS if not any(issubclass(made, base) for made in kinds().values())} == set()


@pytest.mark.parametrize("made", [kinds()[name].preset() for name in sorted(UNSAID)], ids=sorted(UNSAID))
def test_that_what_onnx_lacks_is_refused_with_its_name_and_what_to_do(made):
    try:
        network = example(made)
    except LookupError:
        network = chain(kind("Input", shape=(8,)), made)
    reason = refusal(network)
    assert network.layers[-1].name in reason
    if analyze(network).layers[-1].is_computed:
        assert reason.startswith(f"ONNX has no operator for {made.name_in(network.framework)}")
        assert reason.endswith(("remove it or export Keras JSON", "remove it or save a paramdesk file"))


WRITTEN = [name for name in kinds() if name not in UNSAID and not (name.startswith("Adaptive") and "2D" not in name)]
"""Not among them: pooling whose usual example Keras takes and fails to run."""


@pytest.mark.parametrize("name", WRITTEN)
def test_that_a_kind_that_is_written_counts_the_same_when_read_back(name):
    network = example(kinds()[name].preset())
    again = read_back(network)
    assert values(again) == values(network)
    assert not [report for report in analyze(again).layers if report.problem and report.problem.severity == "error"]


@pytest.mark.parametrize("reference", [keras_reference, torch_reference], ids=["keras", "torch"])
def test_that_recorded_layers_keep_the_shape_that_comes_out(reference, monkeypatch):
    checked = 0
    for network in recorded(reference, monkeypatch):
        try:
            again = read_back(network)
        except UnwritableFile:
            continue
        made, found = analyze(network).layers[-1], {r.key: r for r in analyze(again).layers}
        shape = found[again.outputs[0].layer,].output_shapes[again.outputs[0].output] if len(
            again.nodes()) == len(again.layers) else None  # fmt: skip
        assert values(again) == values(network), made.layer.kind
        if shape is not None and None not in shape:
            assert shape == made.output_shapes[0], made.layer.kind
        checked += 1
    assert checked > 100


def recorded(reference, monkeypatch):
    """Return networks of one recorded layer each, every eighth of them."""
    from paramdesk.frameworks import check

    caught = []
    monkeypatch.setattr(check, "analyze", lambda network: caught.append(network) or analyze(network))
    for cases in reference.cases().values():
        for case in cases[::8]:
            caught.clear()
            options = case["config"] if reference is keras_reference else case["args"]
            checked = check.check_keras_layer if reference is keras_reference else check.check_torch_layer
            report = checked(case["class_name"], options, case["input_shape"], case.get("call_kwargs"))
            if report.is_computed and report.problem is None and caught:
                outputs = tuple(Source(report.layer.id, number) for number in range(len(report.output_specs)))
                yield msgspec.structs.replace(caught[-1], outputs=outputs)


# Whole networks -------------------------------------------------------------------------------------------------------

MODELS = {
    "lenet5": 61_706, "MobileNetV2": 3_538_984, "resnet20": None, "transformer_encoder": None, "bilstm_text": None,
    "unet": None, "gru_seq2seq": None, "td_cnn_lstm": None, "shared_layers": None,
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_that_models_of_keras_have_their_totals_in_a_small_file(name):
    record = keras_reference.model(name)
    network = formats.read(io.BytesIO(msgspec.json.encode(record["config"])), "keras-json")
    data = content(network)
    assert len(data) < 600 * len(analyze(network).layers) + 10_000
    assert values(formats.read(io.BytesIO(data), "onnx")) == record["total"] == (MODELS[name] or record["total"])


@pytest.mark.parametrize("name", [entry.name for entry in templates()])
def test_that_every_template_can_be_written(name):
    network = open_template(name)
    operations = [layer for layer in network.nodes() if isinstance(layer, Layer) and isinstance(layer.kind, Operation)]
    if operations:  # what they select is not kept, only what comes out
        with pytest.raises(UnwritableFile, match=f"ONNX has no operator for {operations[0].kind.operation}"):
            content(network)
    else:
        assert values(read_back(network)) == values(network)


def test_that_weights_have_names_and_shapes_and_no_values():
    graph = graph_of(article_convnet())
    sparse = [node.attribute[0].sparse_tensor for node in graph.node if node.attribute and node.attribute[0].type == 11]
    shapes = {tensor.values.name.decode(): tuple(tensor.dims) for tensor in sparse}
    assert shapes["conv2d.kernel"] == (32, 1, 3, 3)
    assert shapes["conv2d_1.kernel"] == (64, 32, 3, 3)
    assert (shapes["dense.kernel"], shapes["dense.bias"]) == ((576, 64), (64,))
    assert sum(math.prod(shape) for shape in shapes.values()) == 93_322
    assert all(list(tensor.values.dims) == [0] for tensor in sparse)
    assert len(content(article_convnet())) < 5_000


def test_that_tensors_are_turned_as_seldom_as_can_be():
    assert ops(article_convnet()) == [
        "Transpose", "Conv", "Relu", "MaxPool", "Conv", "Relu", "MaxPool", "Conv", "Relu", "Transpose", "Flatten",
        "Gemm", "Relu", "Gemm", "Softmax",
    ]  # fmt: skip


def test_that_nodes_and_values_have_the_paths_of_the_layers():
    inner = (Layer(2, "dense", kind("Dense", units=8), (Source(1),)),)
    block = Block(1, "twice", (Source(0),), (Source(2),), inner, repeat=2)
    network = Architecture("b", (Layer(0, "x", kind("Input", shape=(8,))), block), (Source(1),), next_id=3)
    graph = graph_of(network)
    gemms = [node for node in graph.node if node.op_type == b"Gemm"]
    assert [node.name for node in gemms] == [b"twice_1/dense", b"twice_2/dense"]
    assert [node.input[1] for node in gemms] == [b"twice_1.dense.kernel", b"twice_2.dense.kernel"]
    assert [value.name for value in graph.output] == [b"twice_2/dense"]
    assert [node.name for node in read_back(network).layers] == ["x", "twice_1", "twice_2"]


def test_that_a_layer_that_is_called_again_has_its_weights_once():
    first = Layer(1, "dense", kind("Dense", units=8), (Source(0),))
    again = Layer(2, "dense#2", kind("Dense", units=8), (Source(1),), weights_of=1)
    network = Architecture("s", (Layer(0, "x", kind("Input", shape=(8,))), first, again), (Source(2),), next_id=3)
    graph = graph_of(network)
    assert [node.input[1] for node in graph.node if node.op_type == b"Gemm"] == [b"dense.kernel"] * 2
    assert analyze(read_back(network)).totals.parameters == 72


def test_that_a_tensor_that_is_returned_twice_or_comes_in_has_an_output_of_its_own():
    network = chain(kind("Input", shape=(8,)), kind("Dense", units=8))
    network = msgspec.structs.replace(network, outputs=(Source(1), Source(1), Source(0)))
    outputs = [value.name.decode() for value in graph_of(network).output]
    assert len(set(outputs)) == 3
    assert [source.layer for source in read_back(network).outputs] == [1, 1, 0]


def test_that_the_biases_of_keras_are_not_counted_twice():
    network = chain(kind("Input", shape=(7, 4)), kind("LSTM", units=3))
    assert values(read_back(network)) == 4 * 3 * (4 + 3 + 1)


# What cannot be written -----------------------------------------------------------------------------------------------


def test_that_the_first_layers_that_cannot_be_written_are_named():
    network = chain(
        kind("Input", shape=(8,)), kind("Hashing", num_bins=5), kind("CategoryEncoding", num_tokens=5),
    )  # fmt: skip
    assert refusal(network) == (
        "ONNX has no operator for Hashing (layer 'hashing') and CategoryEncoding (layer 'category_encoding'): "
        "remove them or export Keras JSON"
    )


def test_that_options_that_onnx_lacks_are_named():
    network = chain(kind("Input", shape=(10, 10, 3)), kind("AdaptiveAveragePooling2D", output_size=7))
    assert refusal(network).startswith("ONNX has no operator for AdaptiveAveragePooling2D from 10×10 to 7×7 (layer ")


def test_that_a_layer_that_cannot_be_computed_is_named():
    network = chain(kind("Input", shape=(2, 2, 3)), kind("Conv2D", filters=4, kernel_size=5))
    assert refusal(network).startswith("conv2d cannot be computed: kernel 5×5 is larger than the 2×2 input")


def test_that_a_network_without_an_output_is_refused():
    assert refusal(Architecture()) == "an ONNX file needs an output: choose what the network returns"
    loose = msgspec.structs.replace(article_convnet(), outputs=(Source(99),))
    assert refusal(loose) == "a layer or an output reads what is not there or stands below it"


def test_that_merged_tensors_are_turned_alike():
    network = chain(
        kind("Input", shape=(8, 8, 4)), kind("Conv2D", filters=4, kernel_size=3, padding="same"), kind("Add"),
    )  # fmt: skip
    added = msgspec.structs.replace(network.layers[2], inputs=(Source(0), Source(1)))
    network = msgspec.structs.replace(network, layers=(*network.layers[:2], added))
    assert ops(network) == ["Transpose", "Conv", "Add", "Transpose"]
