"""What does nothing after training, passes on what it gets, or works place by place with numbers that are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paramdesk.engine.kinds.core import Identity
from paramdesk.engine.kinds.functional import Parameter
from paramdesk.engine.kinds.preprocessing import Rescaling
from paramdesk.engine.kinds.preprocessing_augmentation import RandomKind
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
from paramdesk.formats.onnx.writing.normalizing import listed
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
    """A product with a number, or one for each place of the last axis, and a sum with such numbers."""
    scale, offset = listed(kind.scale), listed(kind.offset)
    if len(scale) == len(offset) == 1:
        value = place.any()
        name = place.node("Mul", value.name, place.number(scale[0]))
        name = place.node("Add", name, place.number(offset[0])) if offset[0] else name
        return Made(name, value.turned)
    name = place.node("Mul", place.plain(), place.sheet.numbers(scale, place.dtype))
    return Made(place.node("Add", name, place.sheet.numbers(offset, place.dtype)) if any(offset) else name)


WRITERS: Mapping[type[LayerKind], Write] = {
    Dropout: dropped, SpatialDropoutKind: dropped, AlphaDropout: dropped, FeatureAlphaDropout: dropped,
    StochasticDepth: dropped, RegularizingKind: passed, RandomKind: passed, Identity: passed, Masking: passed,
    Parameter: parameter, Rescaling: rescaling,
}  # fmt: skip
"""By the kind."""
