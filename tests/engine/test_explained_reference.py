"""Every number that is explained comes out as its own explanation says, for whatever the frameworks computed."""

import pytest

from paramdesk.engine.layer_kind import kinds
from paramdesk.engine.spelling import Module
from paramdesk.frameworks.check import check_keras_layer, check_torch_layer
from tests.helpers import keras_reference, torch_reference
from tests.helpers.arithmetic import number_in, worked_out

KERAS = {name for kind in kinds().values() for name in kind.names_in("keras")} & set(keras_reference.cases())
TORCH = {
    spelling.name
    for kind in kinds().values()
    for spelling in kind.spellings.get("pytorch", ())
    if isinstance(spelling, Module)
} & set(torch_reference.cases())


@pytest.mark.parametrize("class_name", sorted(KERAS))
def test_that_explanations_of_a_keras_class_work_out(class_name):
    for case in keras_reference.cases()[class_name]:
        call = case.get("call_kwargs")
        holds(check_keras_layer(class_name, case["config"], case["input_shape"], call), case["id"])


@pytest.mark.parametrize("class_name", sorted(TORCH))
def test_that_explanations_of_a_torch_class_work_out(class_name):
    for case in torch_reference.cases()[class_name]:
        call = case.get("call_kwargs")
        holds(check_torch_layer(class_name, case["args"], case["input_shape"], call), case["id"])


def holds(report, case):
    """Assert that each line of an explanation comes to its result, and the sums to the report's figures."""
    if not report.is_computed:
        return
    sections = {section.title: section for section in report.explanation()}
    for section in sections.values():
        for line in section.lines:
            result = number_in(line.result)
            if result is not None and line.numbers:
                assert worked_out(line.numbers) in {None, result}, (case, section.title, line)
    lines = {line.what: line for line in sections["Parameters"].lines}
    assert number_in(lines["Total"].result) == report.parameters, case
    if report.macs is not None:
        macs = sections["Multiply-accumulates (MACs)"].lines[-1]
        assert number_in(macs.result) == report.macs, case
