"""Transformers of torch.nn: what they are made of, in figures that PyTorch gave."""

import pytest

from paramdesk import check_torch_layer
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.kinds.core import Input
from paramdesk.engine.kinds.transformer import TransformerEncoderLayer
from paramdesk.engine.kinds.transformer_stack import TransformerEncoder

SMALL = {"d_model": 16, "nhead": 4, "dim_feedforward": 32}


def module(class_name, **args):
    return {"class_name": class_name, "args": args}


def linear(inputs, outputs):
    return module("Linear", in_features=inputs, out_features=outputs)


ENCODER_LAYER = module("TransformerEncoderLayer", **SMALL)
DECODER_LAYER = module("TransformerDecoderLayer", **SMALL)


def computed(class_name, args, shapes, call=None):
    report = check_torch_layer(class_name, args, shapes, call)
    assert report.is_computed, report.problem
    return report


def refusal(class_name, args, shapes, call=None):
    problem = check_torch_layer(class_name, args, shapes, call).problem
    assert problem is not None
    assert problem.severity == "error"
    return problem.message


# Layers ---------------------------------------------------------------------------------------------------------------


def test_that_an_encoder_layer_owns_what_its_parts_own():
    report = computed("TransformerEncoderLayer", SMALL, (7, 2, 16))
    assert [(weight.name, weight.shape) for weight in report.weights] == [
        ("self_attn.in_proj_weight", (48, 16)), ("self_attn.in_proj_bias", (48,)),
        ("self_attn.out_proj.weight", (16, 16)), ("self_attn.out_proj.bias", (16,)),
        ("linear1.weight", (32, 16)), ("linear1.bias", (32,)), ("linear2.weight", (16, 32)), ("linear2.bias", (16,)),
        ("norm1.weight", (16,)), ("norm1.bias", (16,)), ("norm2.weight", (16,)), ("norm2.bias", (16,)),
    ]  # fmt: skip
    assert report.parameters == 2224


@pytest.mark.parametrize(
    ("args", "shape", "macs"),
    [({}, (7, 2, 16), 31_808), ({"batch_first": True}, (2, 7, 16), 31_808), ({}, (7, 16), 15_904)],
)
def test_that_macs_follow_the_positions_wherever_they_are(args, shape, macs):
    report = computed("TransformerEncoderLayer", SMALL | args, shape)
    assert (report.output_shapes, report.macs) == ((shape,), macs)


@pytest.mark.parametrize("heads", [1, 2, 16])
def test_that_heads_change_nothing(heads):
    report = computed("TransformerEncoderLayer", {**SMALL, "nhead": heads}, (7, 2, 16))
    assert (report.parameters, report.macs) == (2224, 31_808)


def test_that_a_decoder_layer_looks_at_the_memory_too_and_loses_all_biases_together():
    report = computed("TransformerDecoderLayer", SMALL | {"bias": False}, [(7, 2, 16), (5, 2, 16)])
    assert [weight.name for weight in report.weights] == [
        "self_attn.in_proj_weight", "self_attn.out_proj.weight",
        "multihead_attn.in_proj_weight", "multihead_attn.out_proj.weight",
        "linear1.weight", "linear2.weight", "norm1.weight", "norm2.weight", "norm3.weight",
    ]  # fmt: skip
    assert (report.output_shapes, report.parameters, report.macs) == (((7, 2, 16),), 3120, 46_336)


def test_that_a_module_may_be_the_activation():
    report = computed("TransformerEncoderLayer", SMALL | {"activation": linear(32, 32)}, (7, 2, 16))
    assert [weight.name for weight in report.weights[-2:]] == ["activation.weight", "activation.bias"]
    assert (report.parameters, report.macs) == (3280, 46_144)
    assert "the last size must stay" in refusal(
        "TransformerEncoderLayer", SMALL | {"activation": linear(32, 3)}, (7, 2, 16)
    )


def test_that_an_empty_network_in_the_middle_is_taken():
    assert computed("TransformerEncoderLayer", {**SMALL, "dim_feedforward": 0}, (7, 2, 16)).parameters == 1168


@pytest.mark.parametrize(
    ("args", "shape", "message"),
    [
        ({"nhead": 3}, (7, 2, 16), "16 channels cannot be split evenly among 3 heads"),
        ({"nhead": 0}, (7, 2, 16), "num_heads = 0"),
        ({"d_model": None}, (7, 2, 16), "TransformerEncoderLayer needs d_model"),
        ({"activation": "silu"}, (7, 2, 16), "activation = 'silu': expected one of 'gelu', 'relu'"),
        ({"dropout": 1.5}, (7, 2, 16), "dropout = 1.5"),
        ({"dim_feedforward": True}, (7, 2, 16), "feedforward_dim = True"),
        ({}, (7, 2, 12), "it was made for 16 channels, but the input (7, 2, 12) has 12"),
        ({}, (16,), "it needs 3 axes (with the batch), or 2 (without), but got (16,)"),
        ({}, (1, 7, 2, 16), "but got (1, 7, 2, 16)"),
        ({}, [(7, 2, 16), (7, 6)], "the attention mask (7, 6) must have the shape (7, 7) or (8, 7, 7)"),
    ],
)
def test_that_refusals_name_what_is_wrong(args, shape, message):
    assert message in refusal("TransformerEncoderLayer", SMALL | args, shape)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(7, 2, 16)], "it is called on target, memory, and perhaps masks, got 1 inputs"),
        ([(7, 2, 16), (5, 16)], "it needs 3 axes each"),
        ([(7, 2, 16), (5, 3, 16)], "target (7, 2, 16) and memory (5, 3, 16) have different batches"),
        ([(7, 2, 16), (5, 2, 12)], "it was made for 16 channels, but the input (5, 2, 12) has 12"),
        ([(7, 2, 16), (5, 2, 16), (7, 7), (7, 7)], "the attention mask (7, 7) must have the shape (7, 5)"),
    ],
)
def test_that_a_decoder_layer_refuses_what_does_not_fit(shapes, message):
    assert message in refusal("TransformerDecoderLayer", SMALL, shapes)


def test_that_a_hint_without_a_mask_is_refused_where_attention_is_not_fused():
    causal = {"is_causal": True}
    assert "needs the mask itself" in refusal("TransformerEncoderLayer", SMALL, (7, 2, 16), causal)
    assert "needs the mask itself" in refusal("TransformerEncoderLayer", {**SMALL, "nhead": 1}, (7, 2, 16), causal)
    computed("TransformerEncoderLayer", SMALL | {"batch_first": True}, (2, 7, 16), causal)
    computed("TransformerEncoderLayer", SMALL, [(7, 2, 16), (7, 7)], causal)


def test_that_weights_are_known_whatever_comes_in():
    report = check_torch_layer("TransformerDecoderLayer", SMALL, [(7, 2, 12), (5, 2, 12)])
    assert (report.is_computed, report.parameters) == (False, 3344)


# Stacks ---------------------------------------------------------------------------------------------------------------


def test_that_layers_of_a_stack_have_weights_of_their_own():
    args = {"encoder_layer": ENCODER_LAYER, "num_layers": 3, "norm": linear(16, 5)}
    report = computed("TransformerEncoder", args, (7, 2, 16))
    assert (report.output_shapes, report.parameters, report.macs) == (((7, 2, 5),), 6757, 96_544)
    names = [weight.name for weight in report.weights]
    assert (names[0], names[12], names[-1]) == (
        "layers.0.self_attn.in_proj_weight", "layers.1.self_attn.in_proj_weight", "norm.bias",
    )  # fmt: skip


def test_that_a_decoder_of_two_layers_counts_both():
    report = computed("TransformerDecoder", {"decoder_layer": DECODER_LAYER, "num_layers": 2}, [(7, 2, 16), (5, 2, 16)])
    assert (report.parameters, report.macs) == (6688, 92_672)


def test_that_a_copied_decoder_layer_owns_its_activation_and_does_not_use_it():
    layer = module("TransformerDecoderLayer", **SMALL, activation=linear(32, 3))
    report = computed("TransformerDecoder", {"decoder_layer": layer, "num_layers": 1}, [(7, 2, 16), (5, 2, 16)])
    assert (report.parameters, report.macs) == (3443, 46_336)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"encoder_layer": DECODER_LAYER, "num_layers": 2}, "must be TransformerEncoderLayers, not Transformer"),
        ({"encoder_layer": linear(16, 16), "num_layers": 2}, "must be TransformerEncoderLayers, not Dense"),
        ({"encoder_layer": ENCODER_LAYER, "num_layers": 0}, "num_layers = 0"),
        ({"encoder_layer": ENCODER_LAYER, "num_layers": 2, "norm": linear(15, 5)}, "it was made for 15 inputs"),
    ],
)
def test_that_a_stack_refuses_what_does_not_fit(args, message):
    assert message in refusal("TransformerEncoder", args, (7, 2, 16))


def test_that_a_transformer_is_an_encoder_and_a_decoder():
    report = computed(
        "Transformer", {**SMALL, "num_encoder_layers": 2, "num_decoder_layers": 1}, [(7, 2, 16), (5, 2, 16)]
    )
    assert (report.output_shapes, report.parameters, report.macs) == (((5, 2, 16),), 7856, 100_224)


def test_that_the_transformer_of_the_paper_is_the_default():
    report = computed("Transformer", {}, [(10, 1, 512), (20, 1, 512)])
    assert (report.parameters, report.macs) == (44_140_544, 664_903_680)


@pytest.mark.parametrize(
    ("args", "shapes", "message"),
    [
        ({}, [(7, 2, 16), (5, 3, 16)], "source (7, 2, 16) and target (5, 3, 16) have different batches"),
        ({}, [(7, 2, 16), (5, 2, 12)], "it was made for 16 channels, but the input (5, 2, 12) has 12"),
        ({"custom_encoder": linear(16, 16)}, [(7, 2, 16), (5, 2, 16)], "must be a TransformerEncoder, not a Dense"),
        ({"custom_decoder": DECODER_LAYER}, [(7, 2, 16), (5, 2, 16)], "not a TransformerDecoderLayer"),
    ],
)
def test_that_a_transformer_refuses_what_does_not_fit(args, shapes, message):
    assert message in refusal("Transformer", SMALL | args, shapes)


def test_that_a_custom_half_takes_the_place_of_the_usual_one():
    encoder = module("TransformerEncoder", encoder_layer=ENCODER_LAYER, num_layers=1)
    args = {**SMALL, "custom_encoder": encoder, "num_encoder_layers": None, "num_decoder_layers": 1}
    assert computed("Transformer", args, [(7, 2, 16), (5, 2, 16)]).parameters == 2224 + 3376


def test_that_macs_are_not_told_where_one_halfs_samples_are_the_others_positions():
    encoder = module(
        "TransformerEncoder", encoder_layer=module("TransformerEncoderLayer", **SMALL, batch_first=True), num_layers=1
    )
    report = computed("Transformer", {**SMALL, "custom_encoder": encoder}, [(7, 2, 16), (5, 2, 16)])
    assert report.macs is None


# In a network, and what is taught of it -------------------------------------------------------------------------------


def in_a_network(kind, *shape):
    layers = (Layer(0, "in", Input(shape=shape)), Layer(1, "it", kind, (Source(0),)))
    network = Architecture("net", layers, (Source(1),), "pytorch", "channels_first", 2)
    return analyze(network).layers[-1]


def test_that_channels_are_taken_as_they_come_where_nothing_is_said_of_them():
    report = in_a_network(TransformerEncoderLayer(num_heads=4, feedforward_dim=32), None, 16)
    assert (report.output_shapes, report.parameters, report.macs) == (((None, None, 16),), 2224, None)
    assert "14 channels cannot be split" in in_a_network(TransformerEncoderLayer(num_heads=4), 7, 14).problem.message


def told(report, title):
    section = next(section for section in report.explanation() if section.title == title)
    return {line.what: (line.numbers, line.result) for line in section.lines}


def test_that_a_layer_is_told_part_by_part():
    report = computed("TransformerEncoderLayer", SMALL, (7, 2, 16))
    assert told(report, "Parameters") == {
        "Self attn": ("(3 × 16 + 16 + 1) × 16 + 3 × 16", "1,088"), "Linear1": ("(16 + 1) × 32", "544"),
        "Linear2": ("(32 + 1) × 16", "528"), "Norm1": ("(1 + 1) × 16", "32"), "Norm2": ("(1 + 1) × 16", "32"),
        "Total": ("1,088 + 544 + 528 + 32 + 32", "2,224"),
    }  # fmt: skip
    macs = told(report, "Multiply-accumulates (MACs)")
    assert macs["Self attn"] == ("1,792 + 1,792 + 1,792 + 784 + 784 + 1,792", "8,736")
    assert macs["Linear1"] == ("7 input positions × 16 inputs × 32 hidden values", "3,584")
    assert macs["Total"] == ("(8,736 + 3,584 + 3,584) × 2", "31,808")


def test_that_equal_layers_are_told_once():
    stack = TransformerEncoder(layer=TransformerEncoderLayer(num_heads=4, feedforward_dim=32), num_layers=3)
    report = in_a_network(stack, 7, 16)
    assert told(report, "Parameters")["Total"] == ("3 × 2,224", "6,672")
    assert told(report, "Multiply-accumulates (MACs)")["Total"] == ("3 × 15,904", "47,712")


def test_that_every_part_has_a_line_even_of_one_weight():
    report = computed("TransformerDecoderLayer", SMALL | {"bias": False}, [(7, 16), (5, 16)])
    assert told(report, "Parameters")["Norm3"] == ("16 channels", "16")
