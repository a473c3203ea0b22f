"""What changes when a network becomes one of another framework, or has its channels elsewhere."""

import msgspec
import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.framework_edits import set_framework, set_layout
from paramdesk.engine.repairs import repairs
from tests.helpers.networks import article_convnet, chain, kind


def figures(architecture):
    return [(report.name, report.parameters, report.macs) for report in analyze(architecture).layers]


def test_that_the_article_counts_the_same_in_pytorch_with_its_images_turned():
    keras = article_convnet()
    torch = set_framework(keras, "pytorch").architecture
    assert torch.layers[0].kind.shape == (1, 28, 28)
    assert (torch.framework, torch.layout) == ("pytorch", "channels_first")
    assert figures(torch) == figures(keras)
    assert analyze(torch).layers[1].output_shapes == ((None, 32, 26, 26),)
    assert [report.kind for report in analyze(torch).layers[:3]] == ["Input", "Conv2d", "MaxPool2d"]


def test_that_back_and_forth_is_as_before():
    keras = article_convnet()
    assert set_framework(set_framework(keras, "pytorch").architecture, "keras").architecture == keras
    assert set_layout(set_layout(keras, "channels_first").architecture, "channels_last").architecture == keras


@pytest.mark.parametrize(("axis", "turned"), [(-1, 1), (3, 1), (1, 2), (2, 3), (-2, 3)])
def test_that_an_axis_of_an_image_follows_its_layout(axis, turned):
    keras = chain(kind("Input", shape=(8, 6, 4)), kind("LayerNormalization", axis=axis))
    moved = set_layout(keras, "channels_first").architecture
    assert moved.layers[0].kind.shape == (4, 8, 6)
    assert moved.layers[1].kind.axis == turned
    assert analyze(moved).totals.parameters == analyze(keras).totals.parameters


@pytest.mark.parametrize(
    ("axis", "turned"), [(1, -1), (-3, -1), (2, 1), (-1, 2), (0, 0), (-4, -4), (4, 4), ((1, 2), (-1, 1))]
)
def test_that_an_axis_goes_back_with_its_channels_and_the_batch_stays(axis, turned):
    first = msgspec.structs.replace(
        chain(kind("Input", shape=(4, 8, 6)), kind("LayerNormalization", axis=axis)), layout="channels_first"
    )
    moved = set_layout(first, "channels_last").architecture
    assert moved.layers[0].kind.shape == (8, 6, 4)
    assert moved.layers[1].kind.axis == turned


def test_that_an_axis_that_pytorch_cannot_name_stays_where_it_means_the_channels():
    keras = chain(kind("Input", shape=(8, 6, 4)), kind("BatchNormalization"))
    torch = set_framework(keras, "pytorch").architecture
    assert analyze(torch).layers[1].problem is None
    assert analyze(torch).totals.parameters == 8


def test_that_sequences_are_not_turned():
    keras = chain(kind("Input", shape=(100, 16)), kind("LSTM", units=8))
    assert set_framework(keras, "pytorch").architecture.layers[0].kind.shape == (100, 16)


def torch_of(*kinds):
    return set_framework(chain(*kinds), "pytorch").architecture


def keras_of(*kinds):
    """Kinds of a PyTorch network in a Keras one."""
    network = msgspec.structs.replace(chain(*kinds), framework="pytorch", layout="channels_first")
    return set_framework(network, "keras").architecture


def test_that_a_layout_which_is_that_of_the_network_goes_without_saying():
    made = kind("Conv2D", filters=8, kernel_size=3, data_format="channels_last")
    assert torch_of(kind("Input", shape=(8, 8, 3)), made).layers[1].kind == made.changed(data_format=None)


def test_that_a_network_whose_layers_all_state_a_layout_has_that_one():
    made = kind("Conv2D", filters=8, kernel_size=3, data_format="channels_first")
    network = torch_of(kind("Input", shape=(3, 8, 8)), made)
    assert network.layers[0].kind.shape == (3, 8, 8)
    assert analyze(network).layers[1].parameters == 8 * (9 * 3 + 1)


def test_that_what_pytorch_cannot_say_is_kept_and_reported_and_counted():
    layers = kind("Input", shape=(8, 8, 3)), kind("BatchNormalization", renorm=True)
    edit = set_framework(chain(*layers), "pytorch")
    problem = analyze(edit.architecture).layers[1].problem
    assert (problem.field, problem.message) == ("renorm", "renormalize: PyTorch has no such option")
    assert edit.text == "Make it a PyTorch network: 1 layer needs attention"


@pytest.mark.parametrize(
    ("name", "options", "changed"),
    [
        ("BatchNormalization", {"axis": 3}, {"axis": -1, "rank": 2}),
        ("Conv2D", {"filters": 8, "kernel_size": 3, "padding": "same"}, {"padding": ((1, 1), (1, 1))}),
        ("Conv2D", {"filters": 8, "kernel_size": 5, "strides": 3, "padding": "same"}, {"padding": ((1, 1), (1, 1))}),
        ("MaxPooling2D", {"pool_size": 3, "strides": 1, "padding": "same"}, {"padding": ((1, 1), (1, 1))}),
        ("MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, {"padding": "valid", "ceil_mode": True}),
        ("LayerNormalization", {"axis": -1}, {"axis": -3}),
        ("Dropout", {"rate": 0.5, "noise_shape": (None, 1, 1, 4)}, {}),
    ],
)
def test_that_an_option_becomes_what_pytorch_says_for_it(name, options, changed):
    made = kind(name, **options)
    keras = chain(kind("Input", shape=(8, 12, 4)), made)
    if name == "Conv2D" and made.strides != (1, 1):
        keras = chain(kind("Input", shape=(9, 12, 4)), made)
    torch = set_framework(keras, "pytorch").architecture
    assert torch.layers[1].kind == made.changed(**changed)
    assert analyze(torch).layers[1].problem is None
    assert analyze(torch, convention="keras").totals == analyze(keras).totals
    assert figures(set_framework(torch, "keras").architecture) == figures(keras)


def test_that_sizes_a_layer_was_made_for_are_left_out_in_keras():
    network = keras_of(
        kind("Input", shape=(3, 8, 8)),
        kind("Conv2D", filters=8, kernel_size=3, padding=1, declared=3),
        kind("BatchNormalization", declared=8, rank=2),
        kind("ReLU", inplace=True),
    )
    reports = analyze(network).layers
    assert [report.problem for report in reports] == [None] * 4
    assert network.layers[1].kind == kind("Conv2D", filters=8, kernel_size=3, padding="same")
    assert reports[3].activation_bytes > 0  # Keras computes nothing in place


def test_that_what_a_layer_was_made_for_is_one_click_away_where_keras_reads_it_all_the_same():
    layers = chain(kind("Input", shape=(8, 8, 3)), kind("Conv2D", filters=8, kernel_size=3, padding=1, declared=3))
    report = analyze(layers).layers[1]
    assert report.problem.message == (
        "it says “made for 3 input channels”, which Keras does not write down: leave that out"
    )
    assert [(repair.text, repair.changes["padding"]) for repair in repairs(report)] == [
        ("leave out made for, padding='same'", "same"),
        ("leave out made for, padding='valid'", "valid"),
    ]


def test_that_a_padding_which_one_framework_has_no_word_for_stands_before_the_layer_and_goes_back_into_it():
    torch = msgspec.structs.replace(
        chain(kind("Input", shape=(3, 8, 8)), kind("Conv2D", filters=8, kernel_size=3, strides=2, padding=1)),
        framework="pytorch",
        layout="channels_first",
    )
    keras = set_framework(torch, "keras").architecture
    assert [(node.name, node.kind.title()) for node in keras.layers[1:]] == [
        ("conv2d_padding", "ZeroPadding2D"),
        ("conv2d", "Conv2D"),
    ]
    assert figures(keras)[-1] == figures(torch)[-1]
    assert set_framework(keras, "pytorch").architecture.layers == torch.layers


@pytest.mark.parametrize(("before", "kinds"), [
    ("ReLU", ["Input", "ReLU", "ZeroPadding2D", "MaxPooling2D"]),
    ("Identity", ["Input", "Identity", "MaxPooling2D"]),  # zeros would hide what is below 0
])  # fmt: skip
def test_that_the_largest_values_are_padded_with_zeros_only_where_no_value_is_below_them(before, kinds):
    torch = msgspec.structs.replace(
        chain(kind("Input", shape=(3, 8, 8)), kind(before), kind("MaxPooling2D", pool_size=3, strides=2, padding=1)),
        framework="pytorch",
        layout="channels_first",
    )
    keras = set_framework(torch, "keras").architecture
    assert [node.kind.title() for node in keras.layers] == kinds
    assert set_framework(keras, "pytorch").architecture.layers == torch.layers


def test_that_a_padding_which_others_read_too_stays_where_it_is():
    layers = (
        Layer(0, "x", kind("Input", shape=(8, 8, 3))),
        Layer(1, "a_padding", kind("ZeroPadding2D", padding=1), (Source(0),)),
        Layer(2, "a", kind("Conv2D", filters=2, kernel_size=3), (Source(1),)),
        Layer(3, "b", kind("Conv2D", filters=2, kernel_size=3), (Source(1),)),
    )
    network = Architecture("padded", layers, (Source(2), Source(3)), next_id=4)
    torch = set_framework(network, "pytorch").architecture
    assert [node.name for node in torch.layers] == ["x", "a_padding", "a", "b"]
    assert set_framework(torch, "keras").architecture == network


def test_that_a_dense_layer_on_an_image_gets_its_channels_last_in_pytorch():
    keras = chain(
        kind("Input", shape=(8, 6, 3)),
        kind("Conv2D", filters=4, kernel_size=1),
        kind("Dense", units=5),
        kind("Conv2D", filters=2, kernel_size=1),
    )
    torch = set_framework(keras, "pytorch").architecture
    assert [report.output_shapes[0] for report in analyze(torch).layers] == [
        (None, 3, 8, 6), (None, 4, 8, 6), (None, 8, 6, 4), (None, 8, 6, 5), (None, 5, 8, 6), (None, 2, 8, 6),
    ]  # fmt: skip
    assert analyze(torch).totals.parameters == analyze(keras).totals.parameters
    back = set_framework(torch, "keras").architecture
    assert back.layers == keras.layers


def test_that_a_reshape_to_an_image_puts_the_channels_where_they_are_read():
    keras = chain(
        kind("Input", shape=(32,)), kind("Reshape", target_shape=(4, 2, 4)), kind("Conv2D", filters=2, kernel_size=1)
    )
    torch = set_framework(keras, "pytorch").architecture
    assert torch.layers[1].kind.target_shape == (4, 4, 2)
    assert figures(torch) == figures(keras)


def test_that_a_sequence_is_turned_where_a_convolution_reads_it_and_not_for_a_recurrent_layer():
    keras = chain(
        kind("Input", shape=(100, 16)),
        kind("Conv1D", filters=8, kernel_size=3, padding="causal"),
        kind("LSTM", units=4),
    )
    torch = set_framework(keras, "pytorch").architecture
    assert [report.kind for report in analyze(torch).layers] == ["Input", "ZeroPad1d", "Conv1d", "Permute", "LSTM"]
    assert torch.layers[0].kind.shape == (16, 100)
    assert analyze(torch).layers[-1].output_shapes[0] == (None, 4)
    assert set_framework(torch, "keras").architecture.layers == keras.layers


def attending(*inputs):
    """A network of two inputs and attention that reads these of them."""
    layers = (
        Layer(0, "x", kind("Input", shape=(10, 16))),
        Layer(1, "z", kind("Input", shape=(10, 16))),
        Layer(2, "attention", kind("MultiHeadAttention", num_heads=4, key_dim=4), tuple(map(Source, inputs))),
    )
    return Architecture("attending", layers, (Source(2),), next_id=3)


@pytest.mark.parametrize(("keras", "torch"), [((0, 0), (0, 0, 0)), ((0, 1), (0, 1, 1)), ((0, 1, 0), (0, 0, 1))])
def test_that_attention_is_called_in_the_order_of_the_framework(keras, torch):
    network = attending(*keras)
    moved = set_framework(network, "pytorch").architecture
    assert [source.layer for source in moved.layers[2].inputs] == list(torch)
    assert figures(moved) == figures(network)
    assert set_framework(moved, "keras").architecture == network


def test_that_only_what_goes_backwards_in_a_bidirectional_layer_says_so():
    inside, behind = kind("LSTM", units=4), kind("LSTM", units=4, go_backwards=True)
    torch = torch_of(kind("Input", shape=(10, 16)), kind("Bidirectional", layer=inside, backward_layer=behind))
    assert analyze(torch).layers[1].problem is None


def test_that_undo_names_it():
    keras = chain(kind("Input", shape=(8,)))
    assert set_framework(keras, "pytorch").text == "Make it a PyTorch network"
    assert set_layout(keras, "channels_first").text == "Put channels first"
    assert msgspec.structs.replace(keras, layout="channels_first") == set_layout(keras, "channels_first").architecture


def test_that_a_layout_that_it_has_changes_nothing():
    keras = article_convnet()
    assert set_layout(keras, "channels_last").architecture == keras
