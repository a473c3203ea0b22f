"""What reads several tensors and makes one of them."""

from __future__ import annotations

from collections.abc import Mapping

from paramdesk.engine.kinds.merging import (
    Add,
    Average,
    Concatenate,
    ElementwiseMergingKind,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
)
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.formats.onnx.writing.place import Made, Place, Write
from paramdesk.formats.onnx.writing.sheet import Value

OPERATORS: Mapping[type[ElementwiseMergingKind], tuple[str, str]] = {
    Add: ("Add", "Sum"), Subtract: ("Sub", "Sub"), Multiply: ("Mul", "Mul"), Average: ("Mean", "Mean"),
    Maximum: ("Max", "Max"), Minimum: ("Min", "Min"),
}  # fmt: skip
"""Of two tensors, and of another number of them."""


def _alike(place: Place) -> tuple[list[str], bool]:
    """The inputs with their axes in the same order: turned, where one is and all have as many."""
    values = [place.any(number) for number in range(len(place.inputs))]
    ranks = {value.rank for value in values}
    turned = any(value.turned for value in values) and len(ranks) == 1
    values = [place.sheet.turn(value, first=turned) for value in values]
    return [_stretched(place, value, max(ranks)) for value in values], turned


def _stretched(place: Place, value: Value, rank: int) -> str:
    """A tensor with as many axes as the others: Keras puts the missing ones behind the batch."""
    missing = rank - value.rank
    if not missing or not place.is_keras or value.rank < 2:
        return value.name
    return place.node("Unsqueeze", value.name, place.ints(*range(1, 1 + missing)))


def elementwise(place: Place, kind: ElementwiseMergingKind) -> Made:
    """Add and its relatives, place by place."""
    names, turned = _alike(place)
    of_two, of_many = OPERATORS[type(kind)]
    if len(names) == 1:
        return Made(names[0], turned)
    if of_many != "Mul":
        return Made(place.node(of_two if len(names) == 2 else of_many, *names), turned)
    found = names[0]
    for other in names[1:]:
        found = place.node("Mul", found, other)
    return Made(found, turned)


def concatenate(place: Place, kind: Concatenate) -> Made:
    """Concat."""
    values = [place.any(number) for number in range(len(place.inputs))]
    turned = any(value.turned for value in values)
    values = [place.sheet.turn(value, first=turned) for value in values]
    if len(values) == 1:
        return Made(values[0].name, turned)
    axis = values[0].axis(kind.axis)
    return Made(place.node("Concat", *[value.name for value in values], axis=axis), turned)


WRITERS: Mapping[type[LayerKind], Write] = {ElementwiseMergingKind: elementwise, Concatenate: concatenate}
"""By the kind."""
