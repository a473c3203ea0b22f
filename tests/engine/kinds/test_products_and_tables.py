"""Products of tensors, distances and tables of vectors: what random comparisons taught."""

import pytest

from paramdesk.frameworks.check import check_keras_layer, check_torch_layer
from tests.helpers import layers_alone as keras
from tests.helpers.modules_alone import made as computed
from tests.helpers.modules_alone import refused, weights
from tests.helpers.modules_alone import shape as shape_of

# Einstein's summation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("equation", "told", "shape", "made", "kernel", "macs"),
    [
        ("ab,bc->ac", 64, (None, 32), (None, 64), (32, 64), 2048),
        ("...x,xy->...y", 64, (None, 32, 128), (None, 32, 64), (128, 64), 32 * 128 * 64),
        ("abde,dec->abc", [None, 16], (None, 10, 4, 8), (None, None, 16), (4, 8, 16), 10 * 4 * 8 * 16),
        ("abc,cd->abd", [10, 64], (None, 10, 128), (None, 10, 64), (128, 64), 10 * 128 * 64),
        ("ab...,bc->ac...", 5, (None, 4, 3), (None, 5, 3), (4, 5), 4 * 3 * 5),
    ],
)
def test_that_an_equation_says_the_shapes_of_output_and_kernel(equation, told, shape, made, kernel, macs):
    report = keras.computed("EinsumDense", shape, equation=equation, output_shape=told)
    assert (report.output_shapes, report.weights[0].shape, report.macs) == ((made,), kernel, macs)
    assert report.problem is None


@pytest.mark.parametrize(
    ("bias_axes", "bias"), [("d", (7,)), ("b", (5, 1)), ("bd", (5, 7)), ("a", (2, 1, 1)), ("ad", (2, 1, 7))]
)
def test_that_a_bias_reaches_from_its_first_letter_to_the_end(bias_axes, bias):
    found = keras.weights("EinsumDense", (2, 5, 3), equation="abc,cd->abd", output_shape=[5, 7], bias_axes=bias_axes)
    assert found == {"kernel": (3, 7), "bias": bias}


@pytest.mark.parametrize(
    ("equation", "told", "shape", "options", "message"),
    [
        ("ab,bc->ac", 4, (None, 3), {"bias_axes": "z"}, "bias axis z is none of the output's, ac"),
        ("abc,cd->abd", [4, 5], (None, 3, 2), {}, "along b the output shape says 4, but the input's size is 3"),
        ("abc,cd->abd", [4, 5], (None, None, 2), {}, "along b the output shape says 4, but the input's size is not"),
        ("abc,cd->abd", 4, (None, 3), {}, "abc has 3 axes, but the input (None, 3) has 2"),
        ("ab,cd->ac", 4, (None, 3), {}, "d of the kernel stands neither in the input nor in the output"),
        ("ab,bc->acz", [4, 5], (None, 3), {}, "z of the output stands neither in the input nor in the kernel"),
        ("abc,cd->abd", [4], (None, 4, 2), {}, "abd needs 2 sizes after the batch"),
        ("ab,bc", 4, (None, 3), {}, "expected letters as in ab,bc->ac"),
        ("ab,bc->ac", [None], (None, 3), {}, "every size of a weight must be known"),
    ],
)
def test_that_an_equation_that_does_not_fit_is_refused(equation, told, shape, options, message):
    assert message in keras.refusal("EinsumDense", shape, equation=equation, output_shape=told, **options)


@pytest.mark.parametrize(
    ("equation", "told", "shape", "message"),
    [
        ("abc,cd->abd", [3, 7, 9], (None, 3, 2), "gives other axes when run"),
        ("ab,bc->ac", 4, (None, 3, 2), "too few letters"),
        ("...x,xy->...y", 4, (None, 2, 3, 5), "reversed"),
    ],
)
def test_that_what_keras_shows_and_does_not_give_is_warned_of(equation, told, shape, message):
    assert message in keras.warning("EinsumDense", shape, equation=equation, output_shape=told)


def test_that_keras_shows_the_axes_that_dots_stand_for_in_reverse():
    assert keras.output("EinsumDense", (None, 2, 3, 5), equation="...x,xy->...y", output_shape=4) == (None, 3, 2, 4)


# Two inputs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axes", "shapes", "made", "macs"),
    [
        (2, [(None, 3, 4), (None, 5, 4)], (None, 3, 5), 60),
        ([2, 1], [(None, 3, 4), (None, 4, 5)], (None, 3, 5), 60),
        (1, [(None, 4), (None, 4)], (None, 1), 4),
        ([3, 1], [(None, 2, 3, 4), (None, 4, 5)], (None, 2, 3, 5), 120),
        (-5, [(None, 4), (None, 4)], (None, 1), 4),
    ],
)
def test_that_dot_leaves_out_the_axes_along_which_it_multiplies(axes, shapes, made, macs):
    report = keras.computed("Dot", shapes, axes=axes)
    assert (report.output_shapes, report.macs, report.problem) == ((made,), macs, None)


@pytest.mark.parametrize(
    ("axes", "shapes", "message"),
    [
        (1, [(None, 4), (None, 5)], "cannot be multiplied along axes 1 and 1: 4 is not 5"),
        (1, [(None, 4), (None, None)], "4 is not unknown"),
        (3, [(None, 4), (None, 4)], "axis 3 does not exist"),
        (1, [(None, 4)] * 3, "Dot takes exactly two inputs, got 3"),
        ([1, 2, 3], [(None, 4), (None, 4)], "axes = [1, 2, 3]"),
    ],
)
def test_that_dot_refuses_axes_that_do_not_match(axes, shapes, message):
    assert message in keras.refusal("Dot", shapes, axes=axes)


def test_that_the_batch_cannot_be_multiplied_along():
    assert "axis 0 is the batch" in keras.warning("Dot", [(None, 4), (None, 4)], axes=0)
    assert "the batches 2 and 3 differ" in keras.warning("Dot", [(2, 4), (3, 4)], axes=1)


def test_that_bilinear_has_a_weight_for_each_pair_and_unit():
    report = computed("Bilinear", [[2, 4, 5], [2, 4, 6]], in1_features=5, in2_features=6, out_features=8)
    assert report.output_shapes == ((2, 4, 8),)
    assert [(weight.name, weight.shape) for weight in report.weights] == [("weight", (8, 5, 6)), ("bias", (8,))]
    assert report.macs == 2 * 4 * 8 * 5 * 6


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([[2, 6], [2, 5]], "it was made for 5 values, but the input (2, 6) has 6"),
        ([[2, 5], [3, 6]], "along axis 0, 2 is not 3"),
        ([[2, 5], [2, 1, 6]], "they need as many axes"),
        ([2, 5], "Bilinear takes two inputs, got 1"),
    ],
)
def test_that_bilinear_refuses_inputs_that_do_not_fit(shapes, message):
    assert message in refused("Bilinear", shapes, in1_features=5, in2_features=6, out_features=8)


@pytest.mark.parametrize(
    ("class_name", "shapes", "arguments", "made"),
    [
        ("CosineSimilarity", [[2, 5], [2, 5]], {}, (2,)),
        ("CosineSimilarity", [[2, 5, 6], [1, 6]], {"dim": 2}, (2, 5)),
        ("CosineSimilarity", [[], []], {"dim": 0}, ()),
        ("PairwiseDistance", [[2, 5], [2, 5]], {}, (2,)),
        ("PairwiseDistance", [[2, 5], [5]], {"keepdim": True}, (2, 1)),
    ],
)
def test_that_distances_lose_their_axis_and_stretch_sizes_of_one(class_name, shapes, arguments, made):
    assert shape_of(class_name, shapes, **arguments) == made


def test_that_vectors_of_different_lengths_cannot_be_compared():
    assert "along axis 1, 5 is not 6" in refused("CosineSimilarity", [[2, 5], [2, 6]])
    assert "axis 1 does not exist" in refused("CosineSimilarity", [[5], [5]])


# Tables ---------------------------------------------------------------------------------------------------------------


def test_that_an_embedding_of_pytorch_takes_any_shape_and_a_table_without_columns():
    for shape in ([], [4], [2, 3, 5]):
        assert shape_of("Embedding", shape, num_embeddings=10, embedding_dim=4) == (*shape, 4)
    assert weights("Embedding", [2], num_embeddings=10, embedding_dim=0) == {"weight": (10, 0)}
    assert "output_dim = 0: Keras needs at least 1" in keras.refusal("Embedding", (None,), input_dim=10, output_dim=0)


@pytest.mark.parametrize("padding_idx", [-10, 0, 9])
def test_that_a_padding_index_within_the_table_is_taken(padding_idx):
    assert shape_of("Embedding", [2], num_embeddings=10, embedding_dim=4, padding_idx=padding_idx) == (2, 4)


@pytest.mark.parametrize("padding_idx", [-11, 10])
def test_that_one_outside_it_is_not(padding_idx):
    message = refused("Embedding", [2], num_embeddings=10, embedding_dim=4, padding_idx=padding_idx)
    assert message == f"padding_idx = {padding_idx}: the table has 10 rows"


@pytest.mark.parametrize(
    ("shapes", "arguments", "made"),
    [
        ([2, 7], {"mode": "max"}, (2, 4)),
        ([[7], [3]], {}, (3, 4)),
        ([[7], [3]], {"include_last_offset": True}, (2, 4)),
        ([[7], [3], [7]], {"mode": "sum"}, (3, 4)),
    ],
)
def test_that_a_bag_becomes_one_vector(shapes, arguments, made):
    assert shape_of("EmbeddingBag", shapes, num_embeddings=10, embedding_dim=4, **arguments) == made


@pytest.mark.parametrize(
    ("shapes", "arguments", "message"),
    [
        ([2, 3, 4], {}, "EmbeddingBag needs 1 or 2 axes, but the input (2, 3, 4) has 3"),
        ([7], {}, "numbers in a row (7,) need offsets"),
        ([[2, 7], [2]], {}, "it takes no offsets"),
        ([2, 7], {"mode": "zz"}, "expected one of 'max', 'mean', 'sum'"),
        ([2, 7], {"mode": "max", "sparse": True}, "mode='max' does not go with sparse"),
        ([[7], [3], [6]], {"mode": "sum"}, "shares (6,) are not as many as the numbers (7,)"),
        ([[7], [3], [7]], {}, "shares need mode='sum'"),
    ],
)
def test_that_bags_that_cannot_be_told_apart_are_refused(shapes, arguments, message):
    assert message in refused("EmbeddingBag", shapes, num_embeddings=10, embedding_dim=4, **arguments)


def test_that_an_embedding_used_backwards_multiplies():
    config = {"input_dim": 20, "output_dim": 8}
    forward = check_keras_layer("ReversibleEmbedding", config, (None, 5))
    backward = check_keras_layer("ReversibleEmbedding", config, (None, 5, 8), {"reverse": True})
    assert (forward.output_shapes, forward.macs) == (((None, 5, 8),), 0)
    assert (backward.output_shapes, backward.macs) == (((None, 5, 20),), 5 * 8 * 20)
    assert forward.parameters == backward.parameters == 160
    odd = check_keras_layer("ReversibleEmbedding", config, (None, 5, 7), {"reverse": True})
    assert odd.problem.message == "the input (None, 5, 7) has 7 values, not 8: it fails when run"


def test_that_an_untied_embedding_has_a_second_table():
    found = keras.weights("ReversibleEmbedding", (None, 5), input_dim=20, output_dim=8, tie_weights=False)
    assert found == {"embeddings": (20, 8), "reverse_embeddings": (8, 20)}
    message = keras.refusal(
        "ReversibleEmbedding", (None, 5), input_dim=20, output_dim=8, tie_weights=False, lora_rank=2
    )
    assert "with LoRA Keras cannot add the table" in message


def test_that_an_adaptive_softmax_has_a_head_and_ever_narrower_tails():
    arguments = {"in_features": 64, "n_classes": 100, "cutoffs": [10, 40], "head_bias": True}
    report = check_torch_layer("AdaptiveLogSoftmaxWithLoss", arguments, [[5, 64], [5]])
    assert report.output_shapes == ((5,), ())
    assert {weight.name: weight.shape for weight in report.weights} == {
        "head.weight": (12, 64),
        "head.bias": (12,),
        "tail.0.0.weight": (16, 64),
        "tail.0.1.weight": (30, 16),
        "tail.1.0.weight": (4, 64),
        "tail.1.1.weight": (60, 4),
    }
    assert report.macs is None
    assert report.problem is None


@pytest.mark.parametrize(
    ("shapes", "arguments", "message"),
    [
        ([[5, 64], [4]], {}, "5 rows of values, but 4 classes"),
        ([[5, 64], [5, 1]], {}, "do not fit together"),
        ([[5, 63], [5]], {}, "it was made for 64 inputs, but the input (5, 63) has 63"),
        ([[5, 64], [5]], {"cutoffs": [10, 100]}, "expected ascending numbers from 1 to 99"),
        ([[5, 64], [5]], {"cutoffs": [40, 10]}, "expected ascending numbers"),
        ([[5, 64], [5]], {"cutoffs": []}, "expected ascending numbers"),
        ([[5, 64], [5]], {"div_value": 0}, "div_value = 0: expected more than 0"),
        ([5, 64], {}, "takes two inputs"),
    ],
)
def test_that_an_adaptive_softmax_refuses(shapes, arguments, message):
    known = {"in_features": 64, "n_classes": 100, "cutoffs": [10, 40], **arguments}
    assert message in refused("AdaptiveLogSoftmaxWithLoss", shapes, **known)
