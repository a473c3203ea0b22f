"""A size that is not known yet: what is said without it holds once it is known."""

import pytest

from paramdesk import check_keras_layer, check_torch_layer
from tests.helpers import keras_reference, torch_reference
from tests.helpers.keras_reference import is_nested

COMMON = [
    pytest.param(check, key, cases, id=name)
    for reference, check, key in (
        (keras_reference, check_keras_layer, "config"),
        (torch_reference, check_torch_layer, "args"),
    )
    for name, cases in sorted(reference.cases().items())
    if name != "CategoryEncoding"  # takes an axis of 1 away, and leaves one that it does not know
]


def loosened(case):
    """Give a case's input shapes again and again, each time with another size unknown."""
    shape = case["input_shape"]
    shapes = shape if is_nested(shape) else [shape]
    for place, one in enumerate(shapes):
        for axis, size in enumerate(one):
            if size is not None and 0 not in one:
                loose = [*one[:axis], None, *one[axis + 1 :]]
                yield [*shapes[:place], loose, *shapes[place + 1 :]] if is_nested(shape) else loose


@pytest.mark.parametrize(("check", "key", "cases"), COMMON)
def test_that_what_is_said_without_a_size_holds_with_it(check, key, cases):
    for case in cases:
        if "error" in case or not case["input_shape"]:
            continue
        known = check(case["class_name"], case[key], case["input_shape"], case.get("call_kwargs"))
        for shape in loosened(case):
            loose = check(case["class_name"], case[key], shape, case.get("call_kwargs"))
            if key == "args":  # PyTorch's modules say for what they were made; Keras needs sizes to make weights
                assert loose.is_computed, (case["id"], shape, loose.problem)
            if loose.is_computed:
                assert [weight.shape for weight in loose.weights] == [weight.shape for weight in known.weights]
                for some, all_of_it in zip(loose.output_shapes, known.output_shapes, strict=True):
                    assert len(some) == len(all_of_it), (case["id"], shape)
                    assert all(size in (None, other) for size, other in zip(some, all_of_it, strict=True)), case["id"]
