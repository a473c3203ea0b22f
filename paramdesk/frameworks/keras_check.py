"""One Keras layer alone: what it makes of given input shapes, or why Keras refuses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.core import Input
from paramdesk.engine.layer_kind import LayerKind
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
    given: object = class_name  # whatever it is said to be
    title = given if isinstance(given, str) else shortened(given)
    layer = Layer(0, title, Input(shape=()))  # stands in until it is known better
    try:
        read = read_layer(class_name, config)
        layer = Layer(0, read.name or class_name, read.kind, (), read.trainable, read.extras)
        inputs = _inputs(read.kind, input_shapes)
        _refuse_unknown_arguments(read.kind, call)
    except InvalidOptions as error:
        return _refused(layer, error.message, error.field)
    sources = tuple([Source(one.id) for one in inputs])
    layer = msgspec.structs.replace(layer, inputs=sources)
    return analyze(Architecture(class_name, (*inputs, layer), (Source(layer.id),))).layers[-1]


def _refuse_unknown_arguments(kind: LayerKind, call: object) -> None:
    if call is None:
        return
    if not isinstance(call, Mapping):
        raise InvalidOptions(f"{shortened(call)} is not a table of arguments of a call")
    for name in call:
        if name not in kind.call_arguments:
            raise InvalidOptions(f"{kind.title()} takes no argument {shortened(name)} when it is called")


def _inputs(kind: LayerKind, given: InputShapes) -> list[Layer]:
    """Layers through which tensors of the given shapes come in.

    Raises:
        InvalidOptions: no such shapes, or the layer is not called on as many.
    """
    if given is None:
        return []
    if kind.is_input:
        raise InvalidOptions(f"{kind.title()} reads nothing, so it takes no input shape")
    if not isinstance(given, list | tuple):
        raise InvalidOptions(f"{shortened(given)} is not a shape: expected a list of sizes, the batch first")
    if given and all(isinstance(item, list | tuple) for item in given):
        return [_input(number, shape) for number, shape in enumerate(given, 1)]
    if kind.takes_list:
        raise InvalidOptions(f"{kind.title()} must be called on a list of tensors, not on one tensor")
    return [_input(1, given)]


def _input(number: int, shape: object) -> Layer:
    if not isinstance(shape, list | tuple):
        raise InvalidOptions(f"{shortened(shape)} is not a shape: expected a list of sizes, the batch first")
    return Layer(number, f"input_{number}", Input.from_options(Input.keras_options({"batch_shape": shape})))


def _refused(layer: Layer, message: str, field: str | None = None) -> LayerReport:
    problem = Problem((layer.id,), layer.name, message, field=field)
    return LayerReport((layer.id,), layer.name, layer, (), (), (), problem=problem)
