"""How Keras' files say what a layer is called on: the nodes of Keras 3 and the lists of Keras 2.

A call is kept as a structure in which {"input": n} stands for the layer's n-th input, so that it can be written back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from paramdesk.engine.layer_kind import LayerKind
from paramdesk.frameworks.keras import arguments_of_call, options_at_call


class Tensor(NamedTuple):
    """A tensor by the layer that makes it: its name, which of its calls, which of its outputs."""

    layer: str
    call: int
    output: int


class Call(msgspec.Struct, frozen=True):
    """A call of a layer.

    Attributes:
        inputs: the tensors, in the order in which they appear.
        arguments: {"args": […], "kwargs": {…}}, with {"input": n} in place of the tensors.
        shapes: of the tensors, where the file tells them: [null, 28, 28, 1].
    """

    inputs: tuple[Tensor, ...]
    arguments: dict[str, object]
    shapes: tuple[object, ...] = ()


def usual_arguments(kind: LayerKind, count: int) -> dict[str, object]:
    """The arguments of a call of this kind on so many inputs, unless a file says otherwise."""
    inputs: list[object] = [{"input": n} for n in range(count)]
    return {"args": [inputs] if kind.takes_list else inputs, "kwargs": arguments_of_call(kind)}


def model_arguments(count: int) -> dict[str, object]:
    """The arguments of a call of a model inside the model, unless a file says otherwise."""
    inputs: list[object] = [{"input": n} for n in range(count)]
    return {"args": inputs if count == 1 else [inputs], "kwargs": {}}


def said_at_call(kind: LayerKind, call: Call) -> dict[str, object]:
    """The options of a kind that a call of it says, by name."""
    kwargs = call.arguments["kwargs"]
    assert isinstance(kwargs, dict)
    return {name: kwargs[name] for name in options_at_call(type(kind)) if name in kwargs}


def brought_up_to_date(arguments: Mapping[str, object], kind: LayerKind) -> dict[str, object]:
    """Arguments of a call with the options that are given then as the kind has them now."""
    kwargs = arguments.get("kwargs")
    former = kwargs if isinstance(kwargs, Mapping) else {}
    said = {name: getattr(kind, name) for name in options_at_call(type(kind)) if name in former}
    return {**arguments, "kwargs": {**former, **said, **arguments_of_call(kind)}}


def read_call(node: object) -> Call | None:
    """The call that a node of a file describes; None if it is none."""
    inputs: list[Tensor] = []
    shapes: list[object] = []
    match node:
        case {"args": list() as args, "kwargs": dict() as kwargs}:
            found = _without_tensors({"args": args, "kwargs": kwargs}, inputs, shapes)
            assert isinstance(found, dict)
            arguments = found
        case list() | dict():
            arguments = _old_call(node, inputs)
            if not inputs:
                return None
        case _:
            return None
    if any(tensor.call < 0 or tensor.output < 0 for tensor in inputs):
        return None
    return Call(tuple(inputs), arguments, tuple(shapes))


def _without_tensors(value: object, inputs: list[Tensor], shapes: list[object]) -> object:
    """The value with its tensors, which are put among the inputs, replaced by their places there."""
    match value:
        case {
            "class_name": "__keras_tensor__",
            "config": {"keras_history": [str(name), int(call), int(output)], **rest},
        }:
            inputs.append(Tensor(name, call, output))
            shapes.append(rest.get("shape"))
            return {"input": len(inputs) - 1}
        case dict():
            return {key: _without_tensors(item, inputs, shapes) for key, item in value.items()}
        case list():
            return [_without_tensors(item, inputs, shapes) for item in value]
    return value


def _old_call(node: list[object] | dict[str, object], inputs: list[Tensor]) -> dict[str, object]:
    """A call as Keras 2 wrote it: [[layer, call, output, arguments], …], the arguments at each tensor."""
    kwargs: dict[str, object] = {}
    first = _old_first(node, inputs, kwargs)
    named = {key: _old_argument(value, inputs) for key, value in kwargs.items()}
    is_one = isinstance(first, list) and len(first) == 1
    return {"args": first if is_one else [first], "kwargs": named}


def _old_first(value: object, inputs: list[Tensor], kwargs: dict[str, object]) -> object:
    """The first argument of a call: a tensor or any nest of them; what stands beside a tensor are the other ones."""
    match value:
        case ["_CONSTANT_VALUE", -1, constant, *rest]:
            found = constant
        case [str() as name, int() as call, int() as output, *rest]:
            inputs.append(Tensor(name, call, output))
            found = {"input": len(inputs) - 1}
        case list():
            return [_old_first(item, inputs, kwargs) for item in value]
        case dict():
            return {key: _old_first(item, inputs, kwargs) for key, item in value.items()}
        case _:
            inputs.append(Tensor("", -1, 0))  # which no call can have
            return None
    if rest and isinstance(rest[0], dict):
        kwargs |= rest[0]
    return found


def _old_argument(value: object, inputs: list[Tensor]) -> object:
    """Another argument, which may be a tensor or hold some."""
    match value:
        case ["_CONSTANT_VALUE", -1, constant, *_]:
            return constant
        case [str() as name, int() as call, int() as output] if call >= 0 and output >= 0:
            inputs.append(Tensor(name, call, output))
            return {"input": len(inputs) - 1}
        case list():
            return [_old_argument(item, inputs) for item in value]
    return value


def write_call(arguments: object, tensor: Callable[[int], object]) -> object:
    """The arguments of a call with the tensors in their places."""
    match arguments:
        case {"input": int(n), **others} if not others:
            return tensor(n)
        case dict():
            return {key: write_call(item, tensor) for key, item in arguments.items()}
        case list() | tuple():
            return [write_call(item, tensor) for item in arguments]
    return arguments


def places_in(arguments: object) -> list[int]:
    """The numbers of the inputs that arguments name."""
    found: list[int] = []

    def note(n: int) -> None:
        found.append(n)

    write_call(arguments, note)
    return found
