"""The operators that were called in one module of torch.nn, as that module."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import public
from paramdesk.formats.aten import SILENT, AtenReader, Node, arguments_of, steps_of
from paramdesk.formats.recorder import FRAME, Held
from paramdesk.formats.traced import Call
from paramdesk.frameworks.aten import Arguments, Spelled, Tensor
from paramdesk.frameworks.aten_layers import spelled
from paramdesk.frameworks.torch import module_named, read_module

KNOWN = ("torch.nn.modules.", "torch.nn.utils.parametrize.", "torchvision.")
"""Where classes are that are taken for what their name says."""
PARAMETRIZED = "Parametrized"
"""What PyTorch puts before the name of a class whose weights are computed from others."""


class _Found(msgspec.Struct, frozen=True):
    """A module as its operators tell it.

    Attributes:
        kind: what it is.
        inputs: what it reads.
        weights: what it owns.
        makes: what comes out.
    """

    kind: LayerKind
    inputs: Sequence[Tensor]
    weights: Sequence[Held]
    makes: Sequence[str]


def module(reader: AtenReader, group: Sequence[Node]) -> bool:
    """Makes a row of the operators of one module, if that is a known one and they are what it does."""
    if not group[0].stack:
        return False
    class_name = _class_of(group[0].stack[-1].class_name)
    if class_name is None:
        return False
    try:
        found = _found(reader, group, class_name)
    except (InvalidOptions, Refusal):
        return False
    if found is None or not _is_right(reader, found):
        return False
    frame = group[0].stack[-1]
    steps = steps_of(group[0].stack)
    if not steps:
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


def _found(reader: AtenReader, group: Sequence[Node], class_name: str) -> _Found | None:
    """The module that operators make up."""
    special = SPECIAL.get(class_name)
    if special is not None:
        return special(reader, group, class_name)
    layers = [(node, said) for node in group if (said := said_of(reader, node)) is not None]
    main = [pair for pair in layers if _same_kind(pair[1].class_name, class_name)] or layers
    outside = _outside(reader, group)
    if not main:
        return _without_arguments(reader, group, class_name, outside)
    node, said = main[-1] if len(main) == 1 or class_name in REPEATING else (None, None)
    if node is None or said is None:
        return None
    arguments, inputs = dict(said.arguments), _inputs(reader, node, said)
    padded = next((other for other in group if other.op == "pad" and other.outputs[0] == inputs[0].name), None)
    if padded is not None:
        arguments |= _padding(padded)
        inputs = [padded.reads[0], *inputs[1:]]
    kind = _kind(class_name, arguments, is_in_place=node.op.endswith("_"), call=said.call)
    made = {output for other in group for output in other.outputs}
    if any(tensor.name in made and reader.constant(tensor) is None for tensor in inputs):
        inputs = [group[0].reads[0]] if group[0].reads else inputs
    makes = node.outputs if outside <= set(node.outputs) else tuple(outside)
    return _Found(kind, inputs, weights_of(reader, node, said), makes) if len(outside) <= len(makes) else None


REPEATING = frozenset({"Softmin", "LPPool1d", "LPPool2d", "LPPool3d"})
"""Modules of which one operator among others tells the arguments."""


def said_of(reader: AtenReader, node: Node) -> Spelled | None:
    """What an operator is as a module; None if it is none, or works on weights only."""
    if node.op in SILENT:
        return None
    given = {name: _with_shape(reader, value) for name, value in node.arguments.items()}
    said = spelled(node.op, given)
    inputs = [tensor for name in (said.inputs if said else ()) for tensor in Arguments(given).tensors(name)]
    return said if inputs and reader.constant(inputs[0]) is None else None


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


def _kind(
    class_name: str,
    arguments: Mapping[str, object],
    *,
    is_in_place: bool = False,
    call: Mapping[str, object] | None = None,
) -> LayerKind:
    """The kind of a class with those arguments that it takes.

    Raises:
        InvalidOptions: one is missing, or PyTorch would refuse one.
    """
    spelling = module_named(class_name)[1]
    taken = {name: value for name, value in arguments.items() if name in spelling.arguments}
    if is_in_place and "inplace" in spelling.arguments:
        taken["inplace"] = True
    return read_module(class_name, taken, call=call or None).kind


def _outside(reader: AtenReader, group: Sequence[Node]) -> set[str]:
    """What is made in a module and read elsewhere."""
    within: dict[str, int] = {}
    for node in group:
        for tensor in node.reads:
            within[tensor.name] = within.get(tensor.name, 0) + 1
    made = {output for node in group for output in node.outputs}
    return {
        value for value in made
        if reader.readings.get(value, 0) > within.get(value, 0) or value in reader.returned
    }  # fmt: skip


def _without_arguments(reader: AtenReader, group: Sequence[Node], class_name: str, outside: set[str]) -> _Found | None:
    """A module whose operators tell nothing of its arguments: one that needs none and owns nothing."""
    tensors = [tensor for node in group for tensor in node.reads]
    made = {output for node in group for output in node.outputs}
    data = {tensor.name: tensor for tensor in tensors if tensor.name not in made and reader.constant(tensor) is None}
    owns = any(_learnt(reader, tensor) for tensor in tensors)
    if owns or len(outside) != 1 or not data:
        return None
    return _Found(_kind(class_name, {}), list(data.values()), (), tuple(outside))


def _is_right(reader: AtenReader, found: _Found) -> bool:
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
        shape is None or _agree(public(spec.shape), shape) for spec, shape in zip(made, stated, strict=False)
    )


def _agree(one: Sequence[int | None], other: Sequence[int | None]) -> bool:
    """Whether two shapes can be the same."""
    return len(one) == len(other) and all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))


# Modules that are more than one operator ------------------------------------------------------------------------------


def _attention(reader: AtenReader, group: Sequence[Node], class_name: str) -> _Found | None:
    """MultiheadAttention: products, and the attention between them."""
    owner = f"{group[0].stack[-1].path}."
    held = {weight.name.removeprefix(owner): weight for node in group for tensor in node.reads
            for weight in reader.held(tensor) if weight.name.startswith(owner)}  # fmt: skip
    end = held.get("out_proj.weight")
    if end is None or len(end.shape) != 2:
        return None
    channels = end.shape[0]
    heads = _heads(reader, group, channels)
    if heads is None:
        return None
    key, value = held.get("k_proj_weight"), held.get("v_proj_weight")
    first = group[0]
    arguments = {
        "embed_dim": channels, "num_heads": heads, "bias": "in_proj_bias" in held, "add_bias_kv": "bias_k" in held,
        "kdim": key.shape[1] if key is not None else None, "vdim": value.shape[1] if value is not None else None,
        "batch_first": first.op == "transpose" and set(arguments_of(first).ints("dim0") or ()) <= {0, 1},
    }  # fmt: skip
    inputs = _attended(reader, group)
    outside = _outside(reader, group)
    makes = [output for node in group for output in node.outputs if output in outside]
    ranks = {output: len(reader.recorder.stated.get(output) or ()) for output in makes}
    asked: dict[str, object] = {"need_weights": len(makes) > 1}
    if len(makes) > 1:
        query = reader.shape(inputs[0]) if inputs else None
        makes.sort(key=lambda output: not _agree(reader.recorder.stated.get(output) or (), public(query or ())))
        asked["average_attn_weights"] = ranks.get(makes[1], 3) < 4
    kind = _kind(class_name, {name: said for name, said in arguments.items() if said is not None}, call=asked)
    return _Found(kind, inputs, list(held.values()), makes) if len(inputs) == 3 and 1 <= len(makes) <= 2 else None


def _heads(reader: AtenReader, group: Sequence[Node], channels: int) -> int | None:
    """How many heads share the channels: from the sizes that the channels are brought to."""
    for node in group:
        for name in ("size", "shape"):
            sizes = arguments_of(node).get(name)
            last = sizes[-1] if isinstance(sizes, list | tuple) and len(sizes) > 2 else None
            if node.op in ("view", "reshape", "_unsafe_view") and isinstance(last, int) and last > 0:
                fits = last < channels or (last == channels and not _splits_further(group, channels))
                if fits and channels % last == 0:
                    return channels // last
        if node.op == "scaled_dot_product_attention":
            shape = reader.shape(arguments_of(node).tensor("query"))
            if shape is not None and len(shape) == 4 and isinstance(shape[1], int):
                return shape[1]
    return None


def _splits_further(group: Sequence[Node], channels: int) -> bool:
    """Whether a later reshaping brings the channels to a smaller size: then the first was of the packed weights."""
    sizes = [
        said[-1]
        for node in group if node.op in ("view", "reshape", "_unsafe_view")
        for said in (arguments_of(node).get("size") or arguments_of(node).get("shape"),)
        if isinstance(said, list | tuple) and len(said) > 2
    ]  # fmt: skip
    return any(isinstance(size, int) and 0 < size < channels for size in sizes)


def _attended(reader: AtenReader, group: Sequence[Node]) -> list[Tensor]:
    """Query, key and value: what comes in, each as often as it is used; masks are left out."""
    made = {output for node in group for output in node.outputs}
    found: dict[str, Tensor] = {}
    for node in group:
        for tensor in node.reads:
            shape = reader.shape(tensor)
            if (
                tensor.name not in made
                and reader.constant(tensor) is None
                and shape is not None
                and len(shape) in (2, 3)
            ):
                is_mask = node.op in ("add", "baddbmm", "masked_fill", "scaled_dot_product_attention", "logical_or")
                if not is_mask or not found:
                    found.setdefault(reader.resolved(tensor.name), tensor)
    tensors = list(found.values())
    if len(tensors) == 1:
        return tensors * 3
    return [tensors[0], tensors[1], tensors[1]] if len(tensors) == 2 else tensors[:3]


def _normalized_locally(reader: AtenReader, group: Sequence[Node], class_name: str) -> _Found | None:
    """LocalResponseNorm: squares, a mean over neighbours, and a division."""
    pool = next((node for node in group if node.op in ("avg_pool2d", "avg_pool3d")), None)
    window = arguments_of(pool).ints("kernel_size") if pool is not None else None
    outside = _outside(reader, group)
    tensors = [tensor for tensor in group[0].reads if reader.constant(tensor) is None]
    if not window or len(outside) != 1 or not tensors:
        return None
    return _Found(_kind(class_name, {"size": window[0]}), tensors[:1], (), tuple(outside))


SPECIAL: Mapping[str, Callable[[AtenReader, Sequence[Node], str], _Found | None]] = {
    "MultiheadAttention": _attention,
    "LocalResponseNorm": _normalized_locally,
}
"""How modules are read of which more than one operator tells the arguments."""
