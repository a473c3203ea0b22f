"""One Keras layer alone, through the public surface."""

import pytest

import paramdesk
from paramdesk.engine.kinds.activation import ELU
from paramdesk.frameworks.check import check_torch_layer


def test_that_a_layer_alone_has_its_figures():
    report = paramdesk.check_keras_layer("Conv2D", {"filters": 64, "kernel_size": 3}, [None, 13, 13, 32])
    assert report.output_shapes == ((None, 11, 11, 64),)
    assert (report.parameters, report.macs) == (18_496, 2_230_272)
    assert [(weight.name, weight.shape) for weight in report.weights] == [("kernel", (3, 3, 32, 64)), ("bias", (64,))]
    assert report.problem is None


def test_that_a_known_batch_multiplies_the_macs():
    report = paramdesk.check_keras_layer("Dense", {"units": 4}, (8, 3))
    assert report.macs == 8 * 3 * 4


def test_that_an_input_layer_reads_nothing():
    assert paramdesk.check_keras_layer("InputLayer", {"shape": [28, 28, 1]}, None).output_shapes == ((None, 28, 28, 1),)


def test_that_a_merge_needs_a_list_even_of_one():
    bare = paramdesk.check_keras_layer("Add", {}, (None, 4))
    assert bare.problem.message == "Add must be called on a list of tensors, not on one tensor"
    assert paramdesk.check_keras_layer("Add", {}, [(None, 4)]).output_shapes == ((None, 4),)


def test_that_a_catch_is_a_warning_beside_the_figures():
    report = paramdesk.check_keras_layer("ZeroPadding2D", {"padding": -1}, (None, 5, 5, 3))
    assert report.output_shapes == ((None, 3, 3, 3),)
    assert report.problem.severity == "warning"


@pytest.mark.parametrize(
    ("class_name", "config", "shapes", "call"),
    [
        ("NoSuchLayer", {}, (None, 4), None),
        ("Dense", {"units": -1}, (None, 4), None),
        ("Dense", {"units": 4}, (), None),
        ("Dense", {"units": 4}, None, None),
        ("Dense", {"units": 4}, (None, "4"), None),
        ("Dense", {"units": 4}, (None, -4), None),
        ("Dense", {"units": 4}, "ab", None),
        ("Dense", {"units": 4}, 5, None),
        ("Dense", {"units": 4}, [(), (None, 3)], None),
        ("Dense", {"units": 4}, [(None, 3), None], None),
        ("Dense", None, (None, 4), None),
        (None, {}, (None, 4), None),
        (["Dense"], {}, (None, 4), None),
        ("Dense", {"units": {}}, (None, 4), None),
        ("Dense", {"units": 4, "activation": ["relu"]}, (None, 4), None),
        ("Dense", {"units": 4, "activation": {"class_name": []}}, (None, 4), None),
        ("Dense", {"units": 10**400}, (None, 4), {"return_attention_scores": True}),
        ("BatchNormalization", {"axis": float("inf")}, (None, 4), None),
        ("Dense", {"units": -(10**5000)}, (None, 4), None),
        ("Dense", {"units": 10**5000}, (None, 4), None),
        ("Dense", {"units": 4}, (None, 10**5000), None),
        ("Softmax", {"axis": 10**5000}, (None, 4), None),
        ("Reshape", {"target_shape": [0] * 100_000}, (None, 4), None),
        ("Permute", {"dims": [2, [1]]}, (None, 4, 5), None),
        ("InputLayer", {"batch_shape": 5}, None, None),
        ("InputLayer", {"shape": [4]}, (None, 4), None),
        ("Dense", {1: 2, "zz": 3}, (None, 4), None),
        ("Dense", {10**5000: 2}, (None, 4), None),
        ("Dense", {"x" * 5000: 2}, (None, 4), None),
        ("Dense", {"units": 4, "name": 10**5000}, (None, 4), None),
        ("Dense", {"units": 4, "trainable": 10**5000}, (None, 4), None),
        ("Dense", {"units": 4, "activation": {"class_name": 10**5000}}, (None, 4), None),
        ("Dense", {"units": 4}, (None, 4), 3),
        ("Dense", {"units": 4}, (None, 4), {5: 1}),
        ("Dense", {"units": 4}, (None, 4), {10**5000: 1}),
        ("Dense", {"units": 4}, [10**5000], None),
        ("Dense", [10**5000], (None, 4), None),
        ([10**5000], {}, (None, 4), None),
        ("x" * 5000, {}, (None, 4), None),
        ("InputLayer", {"batch_shape": 10**5000}, None, None),
        ("ZeroPadding2D", {"padding": [10**5000, -1]}, (None, 4, 4, 1), None),
    ],
)
def test_that_nothing_makes_it_raise(class_name, config, shapes, call):
    problem = paramdesk.check_keras_layer(class_name, config, shapes, call).problem
    assert problem.severity == "error"
    assert 0 < len(problem.message) < 200


@pytest.mark.parametrize(
    ("class_name", "config", "call"),
    [
        ("Dense", {"units": 4}, {"training": True}),
        ("Flatten", {}, {"training": None}),
        ("Softmax", {}, {"mask": None}),
        ("BatchNormalization", {}, {"mask": None, "training": False}),
    ],
)
def test_that_a_call_takes_what_keras_takes(class_name, config, call):
    assert paramdesk.check_keras_layer(class_name, config, (None, 4), call).problem is None


def test_that_a_call_takes_no_more_than_that():
    report = paramdesk.check_keras_layer("Dense", {"units": 4}, (None, 4), {"mask": None})
    assert report.problem.message == "Dense takes no argument 'mask' when it is called"


def test_that_a_tensor_without_any_axis_is_computed_where_keras_can():
    assert paramdesk.check_keras_layer("ReLU", {}, ()).output_shapes == ((),)
    assert paramdesk.check_keras_layer("InputLayer", {"batch_shape": []}, None).output_shapes == ((),)


def test_that_a_long_name_of_a_method_is_not_repeated_in_full():
    report = paramdesk.check_keras_layer("UpSampling2D", {"interpolation": "x" * 5000}, (None, 4, 4, 1))
    assert len(report.problem.message) < 200


def test_that_the_public_names_are_there():
    assert set(paramdesk.__all__) <= set(dir(paramdesk))
    assert all(getattr(paramdesk, name) for name in paramdesk.__all__)


def test_that_another_name_is_no_part_of_it():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        paramdesk.nothing  # noqa: B018


@pytest.mark.parametrize(
    ("class_name", "arguments"), [("GLU", {"dim": True}), ("GroupNorm", {"num_groups": True, "num_channels": 4})]
)
def test_that_true_is_no_whole_number_to_pytorch(class_name, arguments):
    assert not check_torch_layer(class_name, arguments, [2, 4, 5]).is_computed


def test_that_true_is_a_number_with_a_fraction_and_anything_a_truth():
    assert check_torch_layer("ELU", {"alpha": True, "inplace": "x"}, [2, 4]).layer.kind == ELU(alpha=1.0, inplace=True)


def test_that_an_argument_that_must_be_given_is_not_none():
    problem = check_torch_layer("Linear", {"in_features": None, "out_features": 3}, [2, 4]).problem
    assert problem.message == "Linear needs in_features"
