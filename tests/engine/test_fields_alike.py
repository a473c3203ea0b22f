"""What a layer sees of the network's input, found from what another one like it sees."""

import msgspec
import pytest

from paramdesk.engine.receptive_field import ReceptiveField, seen_alike
from paramdesk.frameworks.check import check_keras_layer
from tests.helpers.keras_reference import cases


def field(size, jump, start):
    return ReceptiveField((size, size), (jump, jump), (start, start))


def others(before):
    """Fields of other sizes and places, in the same steps over the input."""
    for larger, moved in ((2, 0.0), (0, -1.5), (31, 12.5)):
        sizes = tuple(size + larger for size in before.size)
        yield msgspec.structs.replace(before, size=sizes, start=tuple(start + moved for start in before.start))


@pytest.mark.parametrize("class_name", list(cases()))
def test_that_a_layer_enlarges_and_moves_any_field_alike(class_name):
    """The analysis relies on it for every kind: see `seen_alike`."""
    for case in cases()[class_name]:
        report = check_keras_layer(class_name, case["config"], case["input_shape"], case.get("call_kwargs"))
        if not report.is_computed or len(report.input_fields) != 1 or report.input_fields[0] is None:
            continue
        before = report.input_fields[0]
        for other in others(before):
            seen = report.layer.kind.field_on(report.input_specs, (other,))
            assert seen_alike(before, report.field, other) in {seen, None}
            assert (seen is None) == (report.field is None)


def test_that_a_field_behind_a_layer_tells_another_one():
    before, after = field(3, 2, 1.5), field(7, 4, 2.5)
    assert seen_alike(before, after, field(13, 2, 5.5)) == field(17, 4, 6.5)


@pytest.mark.parametrize(
    ("before", "other"),
    [
        (field(3, 2, 1.5), field(3, 1, 1.5)),
        (field(3, 2, None), field(3, 2, 1.5)),
        (field(3, 2, 1.5), field(3, 2, None)),
        (field(3, 0.5, 1.5), field(5, 0.5, 1.5)),
        (field(3, 2, 1.5), field(3, 2, 2.0**52)),
    ],
)
def test_that_nothing_is_told_of_other_steps_unknown_starts_and_rounded_numbers(before, other):
    assert seen_alike(before, field(7, 4, 2.5), other) is None
