"""One layer alone: what it makes of given input shapes, or why its framework refuses it."""

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
from paramdesk.engine.shape import Framework, Layout
from paramdesk.engine.summary import LayerReport, Problem
from paramdesk.frameworks.keras import read_call, read_layer
from paramdesk.frameworks.torch import read_module

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
    layer = _unread(class_name)
    try:
        read = read_layer(class_name, config)
        layer = Layer(0, read.name or class_name, read.kind, (), read.trainable, read.extras)
        inputs = _inputs(read.kind, input_shapes)
        layer = msgspec.structs.replace(layer, kind=read_call(read.kind, call))
    except InvalidOptions as error:
        return _refused(layer, error)
    return _alone(layer, inputs, "keras")


def check_torch_layer(
    class_name: str,
    arguments: Mapping[str, object],
    input_shapes: InputShapes,
    call: Mapping[str, object] | None = None,
) -> LayerReport:
    """Computes a single module of torch.nn. Never raises: what PyTorch refuses is a report with a problem.

    Args:
        class_name: of the class ("Conv2d").
        arguments: of its constructor, by their names.
        input_shapes: one shape, or a list of shapes for a module that is called on several tensors; each as the
            module gets it, with its batch if there is one.
        call: arguments of the call besides the tensors.
    """
    layer = _unread(class_name)
    try:
        read = read_module(class_name, arguments, call=call)
        layer = Layer(0, class_name, read.kind, (), extras=read.extras)
        inputs = _inputs(read.kind, input_shapes)
    except InvalidOptions as error:
        return _refused(layer, error)
    return _alone(layer, inputs, "pytorch")


def _unread(class_name: object) -> Layer:
    """A layer that stands in until it is known better, under whatever it is said to be."""
    return Layer(0, class_name if isinstance(class_name, str) else shortened(class_name), Input(shape=()))


def _alone(layer: Layer, inputs: list[Layer], framework: Framework) -> LayerReport:
    layer = msgspec.structs.replace(layer, inputs=tuple([Source(one.id) for one in inputs]))
    layout: Layout = "channels_last" if framework == "keras" else "channels_first"
    network = Architecture(layer.name, (*inputs, layer), (Source(layer.id),), framework, layout)
    return analyze(network).layers[-1]


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


def _refused(layer: Layer, error: InvalidOptions) -> LayerReport:
    problem = Problem((layer.id,), layer.name, error.message, field=error.field)
    return LayerReport((layer.id,), layer.name, layer, (), (), (), problem=problem)
