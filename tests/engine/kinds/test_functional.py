"""Functions of PyTorch on tensors, with the shapes and refusals that PyTorch 2.14.1 gave."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.kinds.core import Input
from tests.helpers.networks import kind


def called(made, *shapes):
    """Return the report of a function called on tensors of these shapes."""
    inputs = [
        Layer(number, f"input_{number}", Input.from_options(Input.keras_options({"batch_shape": shape})))
        for number, shape in enumerate(shapes, 1)
    ]
    layer = Layer(0, "called", made, tuple([Source(one.id) for one in inputs]))
    network = Architecture("alone", (*inputs, layer), (Source(0),), "pytorch", "channels_first")
    return analyze(network).layers[-1]


def given(made, *shapes):
    """Return the shape and the MACs of what must be computed."""
    report = called(made, *shapes)
    assert report.problem is None
    return *report.output_shapes, report.macs


def refused(made, *shapes):
    problem = called(made, *shapes).problem
    assert problem is not None
    assert problem.severity == "error"
    return problem.message


MATMUL = kind("MatMul")
ATTENTION = kind("DotProductAttention")


@pytest.mark.parametrize(
    ("shapes", "made", "macs"),
    [
        (((2, 3, 4), (2, 4, 5)), (2, 3, 5), 2 * 3 * 4 * 5),
        (((3, 4), (4, 5)), (3, 5), 3 * 4 * 5),
        (((4,), (4,)), (), 4),
        (((4,), (2, 4, 5)), (2, 5), 2 * 5 * 4),
        (((2, 3, 4), (4,)), (2, 3), 2 * 3 * 4),
        (((3, 4), (2, 4, 5)), (2, 3, 5), 2 * 3 * 4 * 5),
        (((7, 1, 3, 4), (2, 4, 5)), (7, 2, 3, 5), 7 * 2 * 3 * 4 * 5),
        (((2, 3, 4), (1, 4, 5)), (2, 3, 5), 2 * 3 * 4 * 5),
        (((None, 3, None), (None, 4, 5)), (None, 3, 5), None),
        (((None, 3, 4), (None, None, 5)), (None, 3, 5), 3 * 4 * 5),
    ],
    ids=str,
)
def test_that_a_matrix_product_multiplies_rows_by_columns(shapes, made, macs):
    assert given(MATMUL, *shapes) == (made, macs)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((2, 3, 4), (2, 5, 4)), "cannot be multiplied: 4 is not 5"),
        (((4,), (5,)), "cannot be multiplied: 4 is not 5"),
        (((2, 3, 4), (3, 4, 5)), "2"),
        (((2, 3, 4),), "takes two inputs, got 1"),
        (((2, 3, 4),) * 3, "takes two inputs, got 3"),
    ],
    ids=str,
)
def test_that_matrices_that_do_not_fit_are_not_multiplied(shapes, message):
    assert message in refused(MATMUL, *shapes)


def test_that_a_single_value_is_no_matrix():
    value = Layer(1, "value", Input(shape=(), batchless=True))
    vector = Layer(2, "vector", Input(shape=(), batch_size=4))
    for inputs in ((1, 2), (2, 1)):
        product = Layer(0, "product", MATMUL, tuple(map(Source, inputs)))
        network = Architecture("alone", (value, vector, product), (Source(0),), "pytorch", "channels_first")
        assert "a single value is no matrix" in analyze(network).layers[-1].problem.message


@pytest.mark.parametrize(
    ("shapes", "made", "macs"),
    [
        (((2, 5, 8), (2, 7, 8), (2, 7, 6)), (2, 5, 6), 2 * 5 * 7 * (8 + 6)),
        (((2, 4, 5, 8), (2, 4, 7, 8), (2, 4, 7, 6)), (2, 4, 5, 6), 2 * 4 * 5 * 7 * (8 + 6)),
        (((5, 8), (7, 8), (7, 6)), (5, 6), 5 * 7 * (8 + 6)),
        (((2, 4, 5, 8), (1, 4, 7, 8), (2, 1, 7, 6)), (2, 4, 5, 6), 2 * 4 * 5 * 7 * (8 + 6)),
        (((2, 4, 5, 8), (2, 2, 7, 8), (2, 2, 7, 6)), (2, 4, 5, 6), 2 * 4 * 5 * 7 * (8 + 6)),  # with enable_gqa
        (((1, 5, 8), (3, 7, 8), (3, 7, 6)), (3, 5, 6), 3 * 5 * 7 * (8 + 6)),
        (((2, 5, 8), (2, 7, 8), (2, 7, 6), (5, 7)), (2, 5, 6), 2 * 5 * 7 * (8 + 6)),
        (((None, 4, None, 8), (None, 4, 7, 8), (None, 4, 7, 6)), (None, 4, None, 6), None),
        (((2, None, 5, 8), (2, 4, 7, 8), (2, 4, 7, 6)), (2, 4, 5, 6), 2 * 4 * 5 * 7 * (8 + 6)),
    ],
    ids=str,
)
def test_that_dot_product_attention_weighs_values_by_scores(shapes, made, macs):
    assert given(ATTENTION, *shapes) == (made, macs)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((2, 5, 8), (2, 7, 9), (2, 7, 6)), "8 channels are not 9"),
        (((2, 5, 8), (2, 7, 8), (2, 9, 6)), "7 positions are not 9"),
        (((8,), (7, 8), (7, 6)), "each needs at least 2 axes"),
        (((5, 8), (7, 8), (7,)), "each needs at least 2 axes"),
        (((2, 4, 5, 8), (2, 3, 7, 8), (2, 3, 7, 6)), "3"),
        (((2, 5, 8), (3, 7, 8), (3, 7, 6)), "3"),
        (((2, 5, 8), (2, 7, 8)), "got 2 inputs"),
        (((2, 5, 8),) * 5, "got 5 inputs"),
    ],
    ids=str,
)
def test_that_attention_refuses_what_does_not_fit(shapes, message):
    assert message in refused(ATTENTION, *shapes)


@pytest.mark.parametrize(
    ("equation", "shapes", "made", "macs"),
    [
        ("bqd,bkd->bqk", ((2, 5, 8), (2, 7, 8)), (2, 5, 7), 2 * 5 * 7 * 8),
        ("bij,bjk", ((2, 3, 4), (2, 4, 5)), (3, 5), 2 * 3 * 4 * 5),
        ("ij , jk -> ik", ((3, 4), (4, 5)), (3, 5), 3 * 4 * 5),
        ("ij->ji", ((3, 4),), (4, 3), 0),
        ("ba", ((2, 3),), (3, 2), 0),
        ("ij->", ((3, 4),), (), 0),
        ("ii->i", ((3, 3),), (3,), 0),
        ("i,i", ((3,), (3,)), (), 3),
        ("i,i->i", ((1,), (3,)), (3,), 3),
        ("ij,jk->ik", ((3, 1), (5, 6)), (3, 6), 3 * 5 * 6),
        ("ij,jk->ik", ((3, 5), (1, 6)), (3, 6), 3 * 5 * 6),
        ("ij,jk->ik", ((3, None), (5, 6)), (3, 6), 3 * 5 * 6),
        ("ij,jk->ik", ((3, 5), (None, 6)), (3, 6), 3 * 5 * 6),
        ("i,j,k->ijk", ((2,), (3,), (4,)), (2, 3, 4), None),
    ],
)
def test_that_an_equation_says_what_is_multiplied_and_summed(equation, shapes, made, macs):
    assert given(kind("Einsum", equation=equation), *shapes) == (made, macs)


@pytest.mark.parametrize(
    ("equation", "shapes", "message"),
    [
        ("ij,jk->ik", ((3, 4), (5, 6)), "j stands for 4 and for 5"),
        ("ij->ijk", ((3, 4),), "k comes out, but no input has it"),
        ("ij,jk->ik", ((3, 4),), "is for 2 inputs, got 1"),
        ("ij->ij", ((3, 4, 5),), "ij names 2 axes"),
        ("...ij,jk->...ik", ((2, 3, 4), (4, 5)), "axes that dots stand for are not known here"),
    ],
)
def test_that_an_equation_that_does_not_fit_is_refused(equation, shapes, message):
    assert message in refused(kind("Einsum", equation=equation), *shapes)


def test_that_a_parameter_reads_nothing():
    report = called(kind("Parameter", shape=(1, 7, 4)))
    assert (report.output_shapes, report.parameters, report.macs) == (((1, 7, 4),), 28, 0)
    assert "reads nothing, but 1 inputs come in" in refused(kind("Parameter", shape=(1,)), (2, 3))


def test_that_an_operation_makes_what_is_stated_or_as_much_as_comes_in():
    stated = kind("Operation", operation="split", output_shapes=((2, 3), (None, 5)), dtype="int64")
    report = called(stated, (2, 8))
    assert report.output_shapes == ((2, 3), (None, 5))
    assert [spec.dtype for spec in report.output_specs] == ["int64", "int64"]
    assert (report.kind, report.parameters, report.macs) == ("split", 0, 0)
    assert any("does not follow changes" in line for section in report.explanation() for line in section.remarks)
    assert called(kind("Operation", operation="arange", output_shapes=((5,),))).output_shapes == ((5,),)
    assert given(kind("Operation", operation="add"), (2, 1, 4), (3, 1)) == ((2, 3, 4), 0)
    assert "nothing states what it makes" in refused(kind("Operation", operation="arange"))


def test_that_only_an_operation_that_keeps_places_sees_what_its_inputs_see():
    image = (None, 3, 8, 8)
    assert called(kind("Operation", operation="sqrt"), image).field is not None
    assert called(kind("Operation", operation="slice", output_shapes=((None, 3, 4, 4),)), image).field is None
