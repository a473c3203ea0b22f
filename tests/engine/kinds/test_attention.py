"""Attention: what Keras and PyTorch own, count, foretell and refuse, in figures that they gave."""

import pytest

from paramdesk import check_keras_layer, check_torch_layer
from tests.helpers.layers_alone import computed, output, refusal, warning, weights

SEQUENCE = [(None, 7, 16), (None, 9, 12)]
HEADS = {"num_heads": 2, "key_dim": 4}


def torch_computed(args, shapes, call=None):
    report = check_torch_layer("MultiheadAttention", {"embed_dim": 16, "num_heads": 4, **args}, shapes, call)
    assert report.is_computed, report.problem
    return report


def torch_refusal(args, shapes, call=None):
    problem = check_torch_layer("MultiheadAttention", {"embed_dim": 16, "num_heads": 4, **args}, shapes, call).problem
    assert problem is not None
    assert problem.severity == "error"
    return problem.message


# Multi-head attention in Keras ----------------------------------------------------------------------------------------


def test_that_every_projection_has_a_kernel_and_a_bias_for_each_head():
    assert weights("MultiHeadAttention", SEQUENCE, **HEADS) == {
        "query/kernel": (16, 2, 4), "query/bias": (2, 4), "key/kernel": (12, 2, 4), "key/bias": (2, 4),
        "value/kernel": (12, 2, 4), "value/bias": (2, 4),
        "attention_output/kernel": (2, 4, 16), "attention_output/bias": (16,),
    }  # fmt: skip
    assert computed("MultiHeadAttention", SEQUENCE, **HEADS).parameters == 488


@pytest.mark.parametrize(("key_dim", "parameters"), [(8, 16_640), (64, 132_672)])
def test_that_parameters_grow_with_the_size_of_a_head(key_dim, parameters):
    shapes = [(None, 20, 64), (None, 20, 64)]
    assert computed("MultiHeadAttention", shapes, num_heads=8, key_dim=key_dim).parameters == parameters


def test_that_macs_are_four_projections_scores_and_weighted_values():
    shapes = [(None, 20, 64), (None, 20, 64)]
    assert computed("MultiHeadAttention", shapes, num_heads=8, key_dim=8).macs == 4 * 20 * 64 * 64 + 2 * 20 * 20 * 64


def test_that_the_third_input_is_the_key_and_values_may_have_a_size_of_their_own():
    found = weights("MultiHeadAttention", [*SEQUENCE, (None, 9, 10)], **HEADS, value_dim=3)
    assert (found["key/kernel"], found["value/kernel"]) == ((10, 2, 4), (12, 2, 3))
    assert found["attention_output/kernel"] == (2, 3, 16)


def test_that_the_gate_stands_before_the_value_and_reads_the_query():
    names = list(weights("MultiHeadAttention", SEQUENCE, **HEADS, use_gate=True))
    assert names[4:8] == ["gate/kernel", "gate/bias", "value/kernel", "value/bias"]
    assert computed("MultiHeadAttention", SEQUENCE, **HEADS, use_gate=True).parameters == 624


@pytest.mark.parametrize(
    ("output_shape", "shape"),
    [(5, (None, 7, 5)), ([3, 2], (None, 7, 3, 2)), (0, (None, 7, 16)), ([], (None, 7, 16)), ([0], (None, 7, 0))],
)
def test_that_an_output_shape_stands_in_the_place_of_the_channels(output_shape, shape):
    assert output("MultiHeadAttention", SEQUENCE, **HEADS, output_shape=output_shape) == shape


def test_that_axes_not_attended_along_are_a_batch():
    shapes = [(None, 4, 5, 6), (None, 4, 9, 6)]
    along = computed("MultiHeadAttention", shapes, num_heads=2, key_dim=3, attention_axes=[2])
    # 20 queries and 36 keys in 4 rows: each query meets the 9 keys of its row
    assert along.macs == (20 + 36 + 36 + 20) * 6 * 2 * 3 + 20 * 9 * 2 * (3 + 3)
    both = computed("MultiHeadAttention", [shapes[0], shapes[0]], num_heads=2, key_dim=3)
    assert both.macs == 4 * 20 * 6 * 2 * 3 + 20 * 20 * 2 * (3 + 3)


def test_that_unknown_lengths_leave_the_parameters_known():
    report = computed("MultiHeadAttention", [(None, None, 16), (None, 9, 12)], **HEADS)
    assert (report.output_shapes, report.parameters, report.macs) == (((None, None, 16),), 488, None)
    assert "query/kernel would have the shape (None, 2, 4)" in refusal(
        "MultiHeadAttention", [(None, 7, None), (None, 9, 12)], **HEADS
    )


def test_that_keras_foretells_scores_by_the_querys_length_alone():
    report = check_keras_layer("MultiHeadAttention", HEADS, SEQUENCE, {"return_attention_scores": True})
    assert report.output_shapes == ((None, 7, 16), (None, 2, 7, 7))
    assert report.problem.message == (
        "Keras shows (None, 2, 7, 7) for the scores, but when run they are (None, 2, 7, 9)"
    )
    same = check_keras_layer("MultiHeadAttention", HEADS, [(None, 7, 16)] * 2, {"return_attention_scores": True})
    assert same.problem is None


@pytest.mark.parametrize(
    ("shapes", "config", "message"),
    [
        ([(None, 16), (None, 16)], {}, "there is no axis to attend along"),
        ([(None, 7, 4, 16), (None, 7, 16)], {}, "different numbers of axes"),
        ([(3, 7, 16), (2, 7, 16)], {}, "different batches"),
        ([(3, 7, 16), (1, 7, 16)], {}, "different batches"),
        ([(1, 7, 16), (3, 7, 16)], {"dropout": 0.5}, "the output is larger then"),
        ([(None, 4, 5, 6), (None, 3, 9, 6)], {"attention_axes": [2]}, "axis 1 is not attended along"),
        ([(None, 4, 5, 6), (None, 4, 5, 6)], {"sliding_window": 2}, "a mask fits one attention axis"),
        ([(2, 3, 2, 2, 6), (2, 3, 2, 2, 6)], {"attention_axes": 2}, "TensorFlow's softmax takes 5"),
        ([(None, 7, 16), (None, 7, 16)], {"attention_axes": [1, 1], "dropout": 0.5}, "it cannot attend along"),
    ],
)
def test_that_what_fails_when_run_is_warned_of(shapes, config, message):
    assert message in warning("MultiHeadAttention", shapes, **HEADS, **config)


@pytest.mark.parametrize(
    ("shapes", "config"),
    [
        ([(3, 7, 16), (1, 7, 16)], {"dropout": 0.5}),
        ([(None, 7, 16), (None, 7, 16)], {"attention_axes": [1, 1]}),
        ([(None, 7, 16), (None, 9, 16)], {"sliding_window": 2}),
        ([(None, 4, 5, 6), (None, 4, 9, 6)], {}),
    ],
)
def test_that_what_runs_is_not_warned_of(shapes, config):
    assert computed("MultiHeadAttention", shapes, **HEADS, **config).problem is None


@pytest.mark.parametrize(
    ("shapes", "config", "message"),
    [
        ([(None, 7, 16)], {}, "got 1 input: for self-attention query and value are the same"),
        ([*SEQUENCE, (None, 8, 12)], {}, "value (None, 9, 12) and key (None, 8, 12) must agree"),
        ([*SEQUENCE, (None, None, 12)], {}, "value (None, 9, 12) and key (None, None, 12) must agree"),
        (SEQUENCE, {"attention_axes": [4]}, "attention axis 4 does not exist: the value (None, 9, 12) has 3 axes"),
        (SEQUENCE, {"attention_axes": -8}, "attention axis -5 does not exist"),
        (SEQUENCE, {"dropout": 1.5}, "dropout = 1.5: Keras takes 0 to 1"),
        (SEQUENCE, {"output_shape": [3, -1]}, "output_shape = [3, -1]: expected a whole number ≥ 0"),
        (SEQUENCE, {"value_dim": 0}, "value_dim = 0: expected a whole number ≥ 1"),
        (SEQUENCE, {"sliding_window": 0}, "sliding_window = 0"),
        (SEQUENCE, {"dropout": 0.1, "seed": "x"}, "seed = 'x': expected a whole number"),
        (SEQUENCE, {"dropout": 0.1, "flash_attention": True}, "dropout = 0.1: flash attention takes none"),
        (SEQUENCE, {"output_shape": list(range(1, 24))}, "letters for 26 axes"),
    ],
)
def test_that_keras_refusals_name_what_is_wrong(shapes, config, message):
    assert message in refusal("MultiHeadAttention", shapes, **HEADS, **config)


def test_that_a_seed_is_not_looked_at_without_dropout():
    assert computed("MultiHeadAttention", SEQUENCE, **HEADS, seed="x").parameters == 488


@pytest.mark.parametrize("axis", [0, 3, -7, []])
def test_that_any_axis_that_there_is_may_be_named(axis):
    assert computed("MultiHeadAttention", SEQUENCE, **HEADS, attention_axes=axis).macs == 4528


# Multi-head attention in PyTorch --------------------------------------------------------------------------------------


def test_that_pytorch_packs_kernels_of_equal_inputs():
    report = torch_computed({}, [(7, 2, 16), (9, 2, 16), (9, 2, 16)])
    assert {weight.name: weight.shape for weight in report.weights} == {
        "in_proj_weight": (48, 16), "in_proj_bias": (48,), "out_proj.weight": (16, 16), "out_proj.bias": (16,),
    }  # fmt: skip
    assert (report.parameters, report.macs) == (1088, 20_416)


def test_that_pytorch_keeps_kernels_of_other_inputs_apart():
    args = {"kdim": 10, "vdim": 12, "add_bias_kv": True, "add_zero_attn": True, "batch_first": True}
    shapes = [(2, 7, 16), (2, 9, 10), (2, 9, 12)]
    report = torch_computed(args, shapes, {"need_weights": False})
    assert [(weight.name, weight.shape) for weight in report.weights] == [
        ("q_proj_weight", (16, 16)), ("k_proj_weight", (16, 10)), ("v_proj_weight", (16, 12)), ("in_proj_bias", (48,)),
        ("bias_k", (1, 1, 16)), ("bias_v", (1, 1, 16)), ("out_proj.weight", (16, 16)), ("out_proj.bias", (16,)),
    ]  # fmt: skip
    assert (report.output_shapes, report.macs) == (((2, 7, 16),), 18_432)


@pytest.mark.parametrize(
    ("args", "shapes", "call", "scores"),
    [
        ({}, [(7, 2, 16), (9, 2, 16), (9, 2, 16)], None, (2, 7, 9)),
        ({"batch_first": True}, [(7, 2, 16), (7, 9, 16), (7, 9, 16)], None, (7, 2, 9)),
        ({}, [(7, 2, 16), (9, 2, 16), (9, 2, 16)], {"average_attn_weights": False}, (2, 4, 7, 9)),
        ({}, [(7, 16), (9, 16), (9, 16)], None, (7, 9)),
        ({"add_zero_attn": True}, [(7, 16), (9, 16), (9, 16)], {"average_attn_weights": False}, (4, 7, 10)),
    ],
)
def test_that_pytorch_returns_scores_batch_first_unless_told_not_to(args, shapes, call, scores):
    assert torch_computed(args, shapes, call).output_shapes == (shapes[0], scores)
    assert torch_computed(args, shapes, {**(call or {}), "need_weights": False}).output_shapes == (shapes[0],)


def test_that_a_single_sequence_counts_once():
    assert torch_computed({}, [(7, 16), (9, 16), (9, 16)]).macs == 20_416 // 2


@pytest.mark.parametrize(
    ("args", "shapes", "message"),
    [
        ({"num_heads": 3}, [(7, 2, 16)] * 3, "16 channels cannot be split evenly among 3 heads"),
        ({"num_heads": 0}, [(7, 2, 16)] * 3, "num_heads = 0"),
        ({"embed_dim": True}, [(7, 2, 16)] * 3, "declared = True"),
        ({}, [(7, 2, 16)] * 2, "called on query, key, value and perhaps a padding mask, got 2 inputs"),
        ({}, [(7, 2, 16), (9, 16), (9, 16)], "(7, 2, 16) and (9, 16) and (9, 16)"),
        ({}, [(7, 2, 12)] * 3, "made for 16 channels of the query, but the input (7, 2, 12) has 12"),
        ({"kdim": 10}, [(7, 2, 16)] * 3, "made for 10 channels of the key, but the input (7, 2, 16) has 16"),
        ({}, [(7, 2, 16), (9, 2, 16), (8, 2, 16)], "key (9, 2, 16) and value (8, 2, 16) must agree"),
        ({}, [(7, 2, 16), (9, 3, 16), (9, 3, 16)], "query (7, 2, 16) and key (9, 3, 16) have batches"),
        ({}, [(7, 2, 16)] * 3 + [(2, 6)], "the padding mask (2, 6) must have the shape of the keys, (2, 7)"),
    ],
)
def test_that_pytorchs_refusals_name_what_is_wrong(args, shapes, message):
    assert message in torch_refusal(args, shapes)


def test_that_a_hint_needs_the_mask_that_it_is_about():
    assert "attn_mask" in torch_refusal({}, [(7, 2, 16)] * 3, {"is_causal": True})


def test_that_no_keys_at_all_may_be_of_any_batch():
    assert torch_computed({}, [(7, 2, 16), (0, 5, 16), (0, 5, 16)]).output_shapes[1] == (2, 7, 0)


def test_that_weights_are_known_whatever_comes_in():
    report = check_torch_layer("MultiheadAttention", {"embed_dim": 16, "num_heads": 4}, [(7, 2, 12)] * 3)
    assert (report.is_computed, report.parameters) == (False, 1088)


# The others -----------------------------------------------------------------------------------------------------------

GROUPED = {"head_dim": 4, "num_query_heads": 4, "num_key_value_heads": 2}


def test_that_groups_of_queries_share_keys_and_values():
    report = computed("GroupQueryAttention", [(None, 7, 16), (None, 9, 16)], **GROUPED)
    assert {weight.name: weight.shape for weight in report.weights if "kernel" in weight.name} == {
        "query/kernel": (16, 4, 4), "key/kernel": (16, 2, 4), "value/kernel": (16, 2, 4),
        "attention_output/kernel": (4, 4, 16),
    }  # fmt: skip
    assert report.parameters == 816
    assert report.macs == 2 * 7 * 16 * 4 * 4 + 2 * 9 * 16 * 2 * 4 + 2 * 7 * 9 * 4 * 4


def test_that_the_scores_of_groups_have_the_keys_length():
    shapes, call = [(None, 7, 16), (None, 9, 16)], {"return_attention_scores": True}
    report = check_keras_layer("GroupedQueryAttention", GROUPED, shapes, call)
    assert (report.output_shapes[1], report.problem) == ((None, 4, 7, 9), None)


def test_that_four_axes_are_taken_and_fail_when_run():
    shapes = [(None, 7, 3, 2, 16), (None, 9, 3, 16), (None, 9, 3, 5)]
    report = computed("GroupQueryAttention", shapes, **GROUPED, use_gate=True)
    assert report.parameters == 464
    assert [weight.shape for weight in report.weights[:2]] == [(3, 4, 4), (4, 4, 1, 1)]
    assert "has 5 axes, and it works with 3" in report.problem.message


@pytest.mark.parametrize(
    ("shapes", "config", "message"),
    [
        ([(None, 7, 16), (None, 9, 15)], {}, "must have as many channels"),
        ([(None, 7, 16), (None, 16)], {}, "the value (None, 16) needs 3 axes"),
        ([(None, 7, 16)] * 2, {"num_key_value_heads": 3}, "4 query heads cannot share 3 key heads evenly"),
        ([(None, 7, 16)] * 2, {"num_key_value_heads": 0}, "num_key_value_heads = 0"),
        ([(None, 7, 16)] * 2, {"head_dim": 4.0}, "head_dim = 4.0"),
    ],
)
def test_that_groups_that_do_not_fit_are_refused(shapes, config, message):
    assert message in refusal("GroupQueryAttention", shapes, **GROUPED | config)


@pytest.mark.parametrize("use_bias", [True, False])
def test_that_no_query_heads_are_taken_and_fail_when_run(use_bias):
    config = GROUPED | {"num_query_heads": 0, "use_bias": use_bias}
    assert "no query heads" in warning("GroupQueryAttention", [(None, 7, 16)] * 2, **config)


@pytest.mark.parametrize(
    ("class_name", "config", "parameters", "macs"),
    [
        ("Attention", {}, 0, 7 * 9 * 32),
        ("Attention", {"use_scale": True}, 1, 7 * 9 * 32),
        ("Attention", {"use_scale": True, "score_mode": "concat"}, 2, 7 * 9 * 16),
        ("AdditiveAttention", {}, 16, 7 * 9 * 16),
        ("AdditiveAttention", {"use_scale": False}, 0, 7 * 9 * 16),
        ("AdditiveAttention", {"score_mode": "concat"}, 16, 7 * 9 * 16),
    ],
)
def test_that_plain_attention_owns_next_to_nothing(class_name, config, parameters, macs):
    report = computed(class_name, [(None, 7, 16), (None, 9, 16)], **config)
    assert (report.parameters, report.macs, report.problem) == (parameters, macs, None)


def test_that_plain_attention_takes_its_channels_from_the_value_and_scores_from_the_key():
    shapes = [(None, 7, 16), (None, 9, 5), (None, 9, 16)]
    report = check_keras_layer("Attention", {}, shapes, {"return_attention_scores": True})
    assert report.output_shapes == ((None, 7, 5), (None, 7, 9))


@pytest.mark.parametrize(
    ("class_name", "shapes", "message"),
    [
        ("Attention", [(None, 7, 16), (None, 9, 5)], "do not fit together: it fails when run"),
        ("AdditiveAttention", [(None, 7, 16), (None, 9, 5)], "do not fit together: it fails when run"),
        ("Attention", [(None, 7, 16), (None, 9, 16), (None, 8, 16)], "the scores (None, 7, 8) do not fit the value"),
        ("Attention", [(1, 7, 16), (3, 9, 16)], "Keras shows (1, 7, 16), but when run the output has the shape (3,"),
    ],
)
def test_that_plain_attention_that_does_not_fit_is_warned_of(class_name, shapes, message):
    assert message in warning(class_name, shapes)


def test_that_what_is_stretched_when_run_is_not_warned_of():
    assert computed("Attention", [(3, 7, 16), (1, 9, 16)]).problem is None
    assert computed("AdditiveAttention", [(None, 7, 1), (None, 9, 16)]).problem is None


@pytest.mark.parametrize(
    ("class_name", "shapes", "config", "message"),
    [
        ("Attention", (None, 7, 16), {}, "must be called on a list of tensors"),
        ("Attention", [(None, 7, 16)], {}, "got 1 tensor: for self-attention query and value are the same"),
        ("Attention", [(None, 7, 16)] * 4, {}, "got 4 tensors"),
        ("Attention", [(None, 7, 16)] * 2, {"score_mode": "bogus"}, "expected one of 'concat', 'dot'"),
        ("AdditiveAttention", [(None, 7, 16)] * 2, {"score_mode": "bogus"}, "expected 'dot' or 'concat'"),
        ("AdditiveAttention", [(None, 7, None), (None, 9, 16)], {}, "scale would have the shape (None,)"),
        ("Attention", [(None, 7, 16)] * 2, {"dropout": 0.5, "seed": 1.5}, "seed = 1.5"),
    ],
)
def test_that_plain_attention_is_refused_with_the_reason(class_name, shapes, config, message):
    assert message in refusal(class_name, shapes, **config)


# What is taught of it -------------------------------------------------------------------------------------------------


def told(report, title):
    section = next(section for section in report.explanation() if section.title == title)
    return [(line.what, line.numbers, line.result) for line in section.lines], section


def test_that_parameters_are_told_weight_by_weight_and_summed_up_by_what_they_share():
    lines, section = told(computed("MultiHeadAttention", SEQUENCE, **HEADS), "Parameters")
    assert lines[0] == ("Query, kernel", "16 query channels × 2 heads × 4 key dimensions", "128")
    assert lines[-1] == ("Total", "(16 + 1 + 2 × (12 + 1)) × 2 × 4 + (2 × 4 + 1) × 16", "488")
    assert section.words.startswith("(query channels + bias + 2 × (value channels + bias)) × heads × key dimensions +")


def test_that_macs_are_told_product_by_product():
    lines, section = told(computed("MultiHeadAttention", SEQUENCE, **HEADS), "Multiply-accumulates (MACs)")
    assert [what for what, _numbers, _result in lines] == [
        "Query projection", "Key projection", "Value projection", "Scores QKᵀ", "Weighted values", "Output projection",
        "Total",
    ]  # fmt: skip
    assert lines[3] == ("Scores QKᵀ", "7 query positions × 9 value positions × 2 heads × 4 key dimensions", "504")
    assert lines[-1] == ("Total", "896 + 864 + 864 + 504 + 504 + 896", "4,528")
    assert section.words.endswith("scores QKᵀ + weighted values + output projection")


def test_that_a_batch_multiplies_the_whole_sum():
    lines, _section = told(torch_computed({}, [(7, 2, 16)] * 3), "Multiply-accumulates (MACs)")
    assert lines[-1][1].endswith(") × 2")


def test_that_pytorchs_weights_are_told_as_it_packs_them():
    lines, section = told(torch_computed({}, [(7, 2, 16)] * 3), "Parameters")
    assert lines[0] == ("In proj weight", "3 × 16 query channels × 16 query channels", "768")
    assert lines[-1] == ("Total", "(3 × 16 + 16 + 1) × 16 + 3 × 16", "1,088")
    assert "their number changes neither parameters nor MACs" in section.remarks[0]
    assert told(torch_computed({}, [(7, 2, 16)] * 3), "Output size")[0][0][2] == "7 × 16"
