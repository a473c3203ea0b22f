"""What stands for the multiply-accumulates of each class: whose count they agree with, or the definition alone."""

import pytest

from paramdesk.engine.layer_kind import kinds
from paramdesk.engine.reference import formulas
from tests.helpers import keras_reference, torch_reference


def oracles(made):
    """Return who counted layers of a kind, and how many: TensorFlow's profiler and PyTorch's counter."""
    by_profiler = [case for n in made.names_in("keras") for case in keras_reference.cases().get(n, ())]
    by_counter = [case for n in made.names_in("pytorch") for case in torch_reference.cases().get(n, ())]
    found = {
        "TensorFlow's profiler": sum("products" in case for case in by_profiler),
        "PyTorch's counter": sum(bool(case.get("flops")) for case in by_counter),
    }
    return {who: count for who, count in found.items() if count}


@pytest.mark.parametrize("name", kinds())
def test_that_every_kind_says_how_its_macs_are_counted(name, record_property):
    made = kinds()[name]
    rule = formulas(made)["Multiply-accumulates (MACs)"]
    found = oracles(made)
    said = ", ".join(f"{who} ({count})" for who, count in found.items()) or "the definition"
    record_property("MACs", (name, rule, said))
    assert rule


@pytest.mark.parametrize(
    "name", ["Conv2D", "Dense", "DepthwiseConv2D", "SeparableConv2D", "Conv3D", "Attention", "Dot"]
)
def test_that_what_multiplies_was_counted_by_a_framework_as_well(name):
    assert oracles(kinds()[name])
