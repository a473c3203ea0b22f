"""The operators that were called in one module of torch.nn, as that module."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.shape import public
from paramdesk.formats.aten import SILENT, AtenReader, Node, arguments_of, is_fed_numbers, steps_of
from paramdesk.formats.aten_apart import SPECIAL, as_stated, taken_apart
from paramdesk.formats.aten_found import Found, agree, entering, kind_of, outside_of
from paramdesk.formats.recorder import FRAME, Held
from paramdesk.formats.traced import Call
from paramdesk.frameworks.aten import Arguments, Spelled, Tensor
from paramdesk.frameworks.aten_layers import spelled
from paramdesk.frameworks.torch import module_named

KNOWN = ("torch.nn.modules.", "torch.nn.utils.parametrize.", "torchvision.")
"""Where classes are that are taken for what their name says."""
LEAVES = "torch.nn.modules."
"""Where modules are that consist of no others, and so are one row."""
NO_LEAVES = frozenset({"MultiheadAttention"})
"""Those that do consist of others, whose operators tell more than the whole."""
PARAMETRIZED = "Parametrized"
"""What PyTorch puts before the name of a class whose weights are computed from others."""


def module(reader: AtenReader, group: Sequence[Node]) -> bool:
    """Makes a row of the operators of one module, if that is a known one and they are what it does."""
    if not group[0].stack:
        return False
    class_name = _class_of(group[0].stack[-1].class_name)
    if class_name is None:
        return False
    frame, steps = group[0].stack[-1], steps_of(group[0].stack)
    try:
        found = _found(reader, group, class_name)
    except (InvalidOptions, Refusal):
        found = None
    if found is None or not _is_right(reader, found):
        is_leaf = frame.class_name.startswith(LEAVES) and class_name not in NO_LEAVES
        found = as_stated(reader, group, class_name) if is_leaf else None
    if found is None or not steps:
        return False
    call = Call(
        path=steps[:-1],
        name=steps[-1].name,
        kind=found.kind,
        reads=reader.reads(found.inputs, steps[:-1]),
        makes=tuple(found.makes),
        identity=("module", frame.path) if not found.weights else None,
        trainable=not found.weights or any(weight.trainable for weight in found.weights if not weight.statistic),
    )
    reader.recorder.record(call, found.weights)
    return True


def _class_of(qualified: str) -> str | None:
    """The class of torch.nn behind a qualified name; None if it is none that is known."""
    name = qualified.rpartition(".")[2].removeprefix(PARAMETRIZED)
    if not qualified.startswith(KNOWN):
        return None
    try:
        kind, _module = module_named(name)
    except InvalidOptions:
        return None
    return None if kind.is_foreign else name


def _found(reader: AtenReader, group: Sequence[Node], class_name: str) -> Found | None:
    """The module that operators make up."""
    special = SPECIAL.get(class_name)
    if special is not None:
        return special(reader, group, class_name)
    layers = [(node, said) for node in group if (said := said_of(reader, node)) is not None]
    same = [pair for pair in layers if _same_kind(pair[1].class_name, class_name)]
    outside, main = outside_of(reader, group), same or layers
    if not same and (apart := taken_apart(reader, group, class_name, outside)) is not None:
        return apart
    if not main:
        return _without_arguments(reader, group, class_name, outside)
    node, said = main[-1] if len(main) == 1 or class_name in REPEATING else (None, None)
    if node is None or said is None:
        return None
    arguments, inputs = dict(said.arguments), _inputs(reader, node, said)
    if not outside & set(node.outputs[1:]):  # where the greatest values were is told, and nobody asks
        arguments.pop("return_indices", None)
    padded = next((other for other in group if other.op == "pad" and other.outputs[0] == inputs[0].name), None)
    if padded is not None:
        arguments |= _padding(padded)
        inputs = [padded.reads[0], *inputs[1:]]
    kind = kind_of(class_name, arguments, is_in_place=node.op.endswith("_"), call=said.call)
    made = {output for other in group for output in other.outputs}
    if any(tensor.name in made and reader.constant(tensor) is None for tensor in inputs):
        inputs = entering(reader, group, made)[:1] or inputs
    makes = _read(node.outputs, outside) if outside <= set(node.outputs) else tuple(outside)
    return Found(kind, inputs, weights_of(reader, node, said), makes) if len(outside) <= len(makes) else None


def _read(outputs: Sequence[str], outside: Collection[str]) -> Sequence[str]:
    """The outputs of an operator up to the last one that is read."""
    return outputs[: max((place for place, value in enumerate(outputs) if value in outside), default=0) + 1]


REPEATING = frozenset({"Softmin", "LPPool1d", "LPPool2d", "LPPool3d"})
"""Modules of which one operator among others tells the arguments."""


def said_of(reader: AtenReader, node: Node) -> Spelled | None:
    """What an operator is as a module; None if it is none, or works on weights only."""
    if node.op in SILENT:
        return None
    given = {name: _with_shape(reader, value) for name, value in node.arguments.items()}
    said = spelled(node.op, given)
    inputs = [tensor for name in (said.inputs if said else ()) for tensor in Arguments(given).tensors(name)]
    is_given = bool(inputs) and (is_fed_numbers(reader, node) or reader.constant(inputs[0]) is None)
    return said if is_given else None


def _with_shape(reader: AtenReader, value: object) -> object:
    """A tensor among arguments with the shape that is known of it."""
    if isinstance(value, Tensor):
        return msgspec.structs.replace(value, shape=reader.sizes(value))
    if isinstance(value, list | tuple):
        return [_with_shape(reader, item) for item in value]
    return value


def _inputs(reader: AtenReader, node: Node, said: Spelled) -> list[Tensor]:
    """The tensors that come in; states of zeros do not."""
    arguments = arguments_of(node)
    first, *rest = [tensor for name in said.inputs for tensor in arguments.tensors(name)]
    return [first, *(tensor for tensor in rest if reader.constant(tensor) is None or _learnt(reader, tensor))]


def _learnt(reader: AtenReader, tensor: Tensor) -> bool:
    known = reader.constant(tensor)
    return known is not None and bool(known.roots)


def weights_of(reader: AtenReader, node: Node, said: Spelled) -> list[Held]:
    """The weights of a layer, in the order of the operator's arguments."""
    arguments, found = arguments_of(node), []
    for name in said.weights:
        for tensor in arguments.tensors(name):
            is_statistic = name.startswith("running")
            found += [
                msgspec.structs.replace(weight, statistic=is_statistic) if is_statistic else weight
                for weight in reader.held(tensor)
            ]
    return found


def _padding(node: Node) -> dict[str, object]:
    """The padding of a convolution that takes it from the input, by what was put around it before."""
    a = arguments_of(node)
    listed, mode = a.ints("pad") or (), a.get("mode", "constant")
    sides = [(listed[place], listed[place + 1]) for place in range(0, len(listed), 2)][::-1]
    even = all(before == behind for before, behind in sides)
    padding: object = tuple(before for before, _behind in sides) if even else tuple(sides)
    return {"padding": padding, "padding_mode": "zeros" if mode == "constant" else mode}


def _same_kind(one: str, other: str) -> bool:
    return module_named(one)[0] is module_named(other)[0]


def _without_arguments(reader: AtenReader, group: Sequence[Node], class_name: str, outside: set[str]) -> Found | None:
    """A module whose operators tell nothing of its arguments: one that needs none and owns nothing."""
    tensors = [tensor for node in group for tensor in node.reads]
    made = {output for node in group for output in node.outputs}
    data = {tensor.name: tensor for tensor in tensors if tensor.name not in made and reader.constant(tensor) is None}
    owns = any(_learnt(reader, tensor) for tensor in tensors)
    if owns or len(outside) != 1 or not data:
        return None
    return Found(kind_of(class_name, {}), list(data.values()), (), tuple(outside))


def _is_right(reader: AtenReader, found: Found) -> bool:
    """Whether a module makes what the file states."""
    specs = [reader.recorder.specs.get(reader.resolved(tensor.name)) for tensor in found.inputs]
    known = tuple([spec for spec in specs if spec is not None])
    if len(known) < len(specs):
        return True
    try:
        made = found.kind.outputs(known or (FRAME,))
    except Refusal:
        return False
    stated = [reader.recorder.stated.get(value) for value in found.makes]
    return len(made) >= len(stated) and all(
        shape is None or agree(public(spec.shape), shape) for spec, shape in zip(made, stated, strict=False)
    )
