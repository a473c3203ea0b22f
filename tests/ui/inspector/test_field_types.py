"""Which field an option needs is read from its type."""

from typing import Annotated, Literal

import msgspec
import pytest

from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.layer_kind import LayerKind, kinds
from paramdesk.ui.inspector.field_types import (
    Choice,
    ChoiceOr,
    Flag,
    Grid,
    Opaque,
    Sequence,
    Whole,
    field_specs,
    has_weights,
    parsed_number,
    parsed_sequence,
    written,
)


def spec(kind, name):
    return next(spec for spec in field_specs(kinds()[kind], "keras") if spec.name == name)


def type_of(kind, name):
    """Return the type of a field; how large its numbers may be at most is the engine's business."""
    return without_most(spec(kind, name).type)


def without_most(found):
    if isinstance(found, Whole):
        least = found.least if found.least is None or abs(found.least) < 2**30 else None
        return Whole(least)
    if isinstance(found, Grid | Sequence):
        return msgspec.structs.replace(found, item=without_most(found.item))
    return found


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("Conv2D", "filters", Whole(1)),
        ("Conv2D", "kernel_size", Grid(0, 2, Whole(1))),
        ("Conv2D", "padding", Choice(("valid", "same"))),
        ("Conv2D", "use_bias", Flag()),
        ("Input", "shape", Sequence(Whole(0), unknown=True)),
        ("ZeroPadding2D", "padding", Grid(2, 2, Whole(), per_axis=False)),
        ("ZeroPadding1D", "padding", Grid(0, 2, Whole(), per_axis=False)),
        ("Softmax", "axis", Sequence(Whole(), single=True)),
    ],
)
def test_that_the_field_follows_from_the_type(kind, name, expected):
    assert type_of(kind, name) == expected


def test_that_an_option_that_may_be_none_is_optional():
    assert spec("MaxPooling2D", "strides").optional
    assert not spec("MaxPooling2D", "padding").optional


def test_that_choices_keep_the_order_they_were_written_in():
    assert spec("Conv2D", "activation").type.values[:2] == ("linear", "relu")


@pytest.mark.parametrize("framework", ["keras", "pytorch"])
@pytest.mark.parametrize("kind", kinds().values(), ids=kinds())
def test_that_every_option_that_a_framework_has_gets_a_field(kind, framework):
    own = [name for name, option in kind.options().items() if option.only in (None, framework) and not option.hidden]
    assert [s.name for s in field_specs(kind, framework)] == own
    assert [s.name for s in field_specs(kind, framework) if isinstance(s.type, Opaque)] == []


def test_that_numbers_stand_in_place_of_a_word_only_where_the_framework_takes_them():
    padding = {
        framework: next(s for s in field_specs(kinds()["Conv2D"], framework) if s.name == "padding").type
        for framework in ("keras", "pytorch")
    }
    assert padding["keras"] == Choice(("valid", "same"))
    assert padding["pytorch"] == ChoiceOr(Choice(("valid", "same")), Grid(2, 2, Whole(0, 2**31 - 1), per_axis=False))


@pytest.mark.parametrize("kind", kinds().values(), ids=kinds())
def test_that_a_value_read_back_from_its_text_is_the_same(kind):
    preset = kind.preset() if _has_preset(kind) else None
    for s in field_specs(kind, "keras"):
        value = getattr(preset, s.name, None)
        if isinstance(s.type, Sequence) and value is not None:
            assert parsed_sequence(written(value), s.type) == value


def _has_preset(kind):
    try:
        kind.preset()
    except InvalidOptions:
        return False
    return True


@pytest.mark.parametrize(
    "text", ["28, 28, 1", "28×28×1", "28x28x1", "28 × 28 × 1", "(28, 28, 1)", "28 28 1", "[28;28;1]"]
)
def test_that_sizes_may_be_written_in_many_ways(text):
    assert parsed_sequence(text, Sequence(Whole(), unknown=True)) == (28, 28, 1)


@pytest.mark.parametrize("text", ["?, 28", "None × 28", "none x 28", "? 28"])
def test_that_a_size_that_varies_is_a_question_mark_or_none(text):
    assert parsed_sequence(text, Sequence(Whole(), unknown=True)) == (None, 28)


def test_that_what_is_no_number_is_passed_on_as_it_is():
    assert parsed_number("many", Whole()) == "many"
    assert parsed_sequence("28, wide", Sequence(Whole())) == (28, "wide")


def test_that_thousands_may_be_separated():
    assert parsed_number("1,024", Whole()) == 1024


def test_that_only_kinds_with_weights_can_be_frozen():
    assert has_weights(kinds()["Conv2D"])
    assert not has_weights(kinds()["MaxPooling2D"])
    assert not has_weights(kinds()["Add"])


def test_that_an_optional_literal_and_a_union_of_both_get_fields():
    from msgspec import inspect

    from paramdesk.engine.option import Option
    from paramdesk.ui.inspector.field_types import ChoiceOr, _alternatives, _field_type

    hint = inspect.type_info(Annotated[Literal["valid", "same"] | tuple[int, int], Option("Padding")])
    found = _field_type(_alternatives(hint))
    assert isinstance(found, ChoiceOr)
    assert found.numbers == Grid(0, 2, Whole())
    assert issubclass(kinds()["Conv2D"], LayerKind)
