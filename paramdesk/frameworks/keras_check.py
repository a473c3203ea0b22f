"""One Keras layer alone: what it makes of given input shapes, or why Keras refuses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.kinds.core import Input
from paramdesk.engine.shape import PublicShape
from paramdesk.engine.summary import LayerReport, Problem
from paramdesk.frameworks.keras import read_layer

InputShapes: TypeAlias = Sequence[int | None] | Sequence[Sequence[int | None]] | None


def check_keras_layer(
    class_name: str,
    config: Mapping[str, object],
    input_shapes: InputShapes,
    call: Mapping[str, object] | None = None,
) -> LayerReport:
    """Computes a single layer. Never raises: what Keras refuses is a report with a problem.

    Args:
        class_name: of the Keras class ("Conv2D").
        config: arguments of its constructor.
        input_shapes: one shape, or a list of shapes for a layer that is called on a list; each with its batch, None
            for a size that is not known. None for an InputLayer.
        call: arguments of the call besides the inputs.
    """
    shapes, bare = _shapes(input_shapes)
    placeholder = Layer(len(shapes), class_name, Input(shape=()))
    try:
        read = read_layer(class_name, config)
        inputs = [
            Layer(index, f"input_{index + 1}", Input.from_options({"shape": shape[1:], "batch_size": shape[0]}))
            for index, shape in enumerate(shapes)
        ]
    except InvalidOptions as error:
        return _refused(placeholder, error.message, error.field)
    layer = Layer(
        len(inputs),
        read.name or class_name.lower(),
        read.kind,
        tuple(Source(index) for index in range(len(inputs))),
        read.trainable,
        read.extras,
    )
    if bare and read.kind.takes_list:
        return _refused(layer, f"{class_name} must be called on a list of tensors, not on one tensor")
    if call:
        return _refused(layer, f"{class_name} takes no {next(iter(call))} when it is called")
    outputs = (Source(layer.id),)
    return analyze(Architecture(class_name, (*inputs, layer), outputs, next_id=layer.id + 1)).layers[-1]


def _shapes(given: InputShapes) -> tuple[list[PublicShape], bool]:
    """The shapes, and whether it was a single bare one."""
    if given is None:
        return [], False
    if all(isinstance(item, list | tuple) for item in given) and given:
        return [tuple(shape) for shape in given], False  # type: ignore[arg-type]  # just seen
    return [tuple(given)], True  # type: ignore[arg-type]  # the other form


def _refused(layer: Layer, message: str, field: str | None = None) -> LayerReport:
    problem = Problem((layer.id,), layer.name, message, field=field)
    return LayerReport((layer.id,), layer.name, layer, (), (), (), problem=problem)
