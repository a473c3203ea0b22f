"""What does nothing after training, passes on what it gets, or works place by place with numbers that are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paramdesk.engine.kinds.core import Identity
from paramdesk.engine.kinds.functional import Parameter
from paramdesk.engine.kinds.preprocessing import Rescaling
from paramdesk.engine.kinds.regularization import (
    AlphaDropout,
    Dropout,
    FeatureAlphaDropout,
    RegularizingKind,
    SpatialDropoutKind,
    StochasticDepth,
)
from paramdesk.engine.kinds.wrapping import Masking
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.formats.onnx.writing.place import Made, Place, Write


def dropped(place: Place, kind: Dropout) -> Made:
    """Dropout, which passes on what it gets unless it is trained."""
    value = place.any()
    if not 0 <= kind.rate < 1:
        return Made(place.node("Identity", value.name), value.turned)
    return Made(place.node("Dropout", value.name, place.sheet.numbers(float(kind.rate), "float32")), value.turned)


def passed(place: Place, kind: LayerKind) -> Sequence[Made]:
    """Identity."""
    values = [place.any(number, as_it_is=kind.keeps_type or isinstance(kind, Identity))
              for number in range(len(place.inputs))]  # fmt: skip
    return [Made(place.node("Identity", value.name), value.turned) for value in values]


def parameter(place: Place, kind: Parameter) -> Made:
    """A weight that is read as it is."""
    return Made(place.node("Identity", place.weight("parameter", *kind.shape)))


def rescaling(place: Place, kind: Rescaling) -> Made:
    """A product with a number, and a sum with one."""
    if isinstance(kind.scale, tuple) or isinstance(kind.offset, tuple):
        place.refuse("by lists of numbers")
    value = place.any()
    name = place.node("Mul", value.name, place.number(kind.scale))
    if kind.offset:
        name = place.node("Add", name, place.number(kind.offset))
    return Made(name, value.turned)


WRITERS: Mapping[type[LayerKind], Write] = {
    Dropout: dropped, SpatialDropoutKind: dropped, AlphaDropout: dropped, FeatureAlphaDropout: dropped,
    StochasticDepth: dropped, RegularizingKind: passed, Identity: passed, Masking: passed, Parameter: parameter,
    Rescaling: rescaling,
}  # fmt: skip
"""By the kind."""
