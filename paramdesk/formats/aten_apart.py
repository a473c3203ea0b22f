"""Modules of torch.nn that are several operators, and those that an exporter has taken apart into smaller ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.kinds.functional import Operation
from paramdesk.engine.kinds.unknown import Unknown
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import public
from paramdesk.formats.aten import AtenReader, Node, arguments_of
from paramdesk.formats.aten_found import Found, agree, entering, kind_of, outside_of
from paramdesk.formats.recorder import Held, stated_weights
from paramdesk.frameworks.aten import Tensor


def _attention(reader: AtenReader, group: Sequence[Node], class_name: str) -> Found | None:
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
    inputs = _attended(reader, group, (channels, arguments["kdim"], arguments["vdim"]))
    outside = outside_of(reader, group)
    makes = [output for node in group for output in node.outputs if output in outside]
    ranks = {output: len(reader.recorder.stated.get(output) or ()) for output in makes}
    asked: dict[str, object] = {"need_weights": len(makes) > 1}
    if len(makes) > 1:
        query = reader.shape(inputs[0]) if inputs else None
        makes.sort(key=lambda output: not agree(reader.recorder.stated.get(output) or (), public(query or ())))
        asked["average_attn_weights"] = ranks.get(makes[1], 3) < 4
    kind = kind_of(class_name, {name: said for name, said in arguments.items() if said is not None}, call=asked)
    return Found(kind, inputs, list(held.values()), makes) if len(inputs) == 3 and 1 <= len(makes) <= 2 else None


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


MASKING = frozenset({"add", "baddbmm", "masked_fill", "scaled_dot_product_attention", "logical_or"})
"""Operators by which masks enter."""


def _attended(reader: AtenReader, group: Sequence[Node], channels: Sequence[object]) -> list[Tensor]:
    """Query, key and value: what comes in, each as often as it is used; masks are left out."""
    made = {output for node in group for output in node.outputs}
    found: dict[str, Tensor] = {}
    for node in group:
        for tensor in node.reads:
            shape = reader.shape(tensor)
            if tensor.name not in made and reader.constant(tensor) is None and shape is not None:
                is_mask = len(shape) not in (2, 3) or shape[-1] not in channels or node.op in MASKING
                if not is_mask:
                    found.setdefault(reader.resolved(tensor.name), tensor)
    tensors = list(found.values())
    if len(tensors) == 1:
        return tensors * 3
    return [tensors[0], tensors[1], tensors[1]] if len(tensors) == 2 else tensors[:3]


def _normalized_locally(reader: AtenReader, group: Sequence[Node], class_name: str) -> Found | None:
    """LocalResponseNorm: squares, a mean over neighbours, and a division."""
    pool = next((node for node in group if node.op in ("avg_pool2d", "avg_pool3d")), None)
    window = arguments_of(pool).ints("kernel_size") if pool is not None else None
    outside = outside_of(reader, group)
    tensors = [tensor for tensor in group[0].reads if reader.constant(tensor) is None]
    if not window or len(outside) != 1 or not tensors:
        return None
    return Found(kind_of(class_name, {"size": window[0]}), tensors[:1], (), tuple(outside))


SPECIAL: Mapping[str, Callable[[AtenReader, Sequence[Node], str], Found | None]] = {
    "MultiheadAttention": _attention,
    "LocalResponseNorm": _normalized_locally,
}
"""How modules are read of which more than one operator tells the arguments."""


# Modules taken apart --------------------------------------------------------------------------------------------------


def taken_apart(reader: AtenReader, group: Sequence[Node], class_name: str, outside: set[str]) -> Found | None:
    """A module of which smaller operators are left: its weights tell its arguments."""
    read = APART.get(class_name)
    made = {output for node in group for output in node.outputs}
    inputs = entering(reader, group, made)[:1]
    if read is None or len(outside) != 1 or not inputs:
        return None
    weights = _owned(reader, group)
    own = {weight.name.rpartition(".")[2]: weight for weight in weights}
    arguments = read({name: weight.shape for name, weight in own.items()})
    makes = tuple(outside)
    for choice in _choices(class_name, group, inputs[0]):
        try:
            kind = kind_of(class_name, arguments | choice)
        except (InvalidOptions, Refusal):
            return None
        if _makes(reader, kind, inputs, makes[0]):
            return Found(kind, inputs, weights, makes)
    return None


def _owned(reader: AtenReader, group: Sequence[Node]) -> list[Held]:
    """The weights that the operators of a module read."""
    held = {weight.name: weight for node in group for tensor in node.reads for weight in reader.held(tensor)}
    return list(held.values())


Shapes = Mapping[str, tuple[int, ...]]
"""The shapes of a module's weights by their names in it."""


def _linear(own: Shapes) -> dict[str, object]:
    units, channels = own.get("weight", ()) if len(own.get("weight", ())) == 2 else (0, 0)
    return {"in_features": channels, "out_features": units, "bias": "bias" in own}


def _recurrent(own: Shapes) -> dict[str, object]:
    matrices = {name: shape for name, shape in own.items() if len(shape) == 2}
    first, second = matrices.get("weight_ih_l0", (0, 0)), matrices.get("weight_hh_l0", (0, 0))
    projected = matrices.get("weight_hr_l0")
    gates = first[0] // max(projected[1] if projected else second[1], 1)
    units = first[0] // max(gates, 1)
    layers = sum(name.startswith("weight_ih_l") and not name.endswith("_reverse") for name in own)
    return {
        "input_size": first[1], "hidden_size": units, "num_layers": layers, "bias": "bias_ih_l0" in own,
        "bidirectional": "weight_ih_l0_reverse" in own, "proj_size": projected[0] if projected else 0,
    }  # fmt: skip


def _normalized(own: Shapes) -> dict[str, object]:
    return {"normalized_shape": own.get("weight", ())}


def _rectified(own: Shapes) -> dict[str, object]:
    return {"num_parameters": (own.get("weight") or (1,))[0]}


APART: Mapping[str, Callable[[Shapes], dict[str, object]]] = {
    "Linear": _linear, "LSTM": _recurrent, "GRU": _recurrent, "RNN": _recurrent, "RMSNorm": _normalized,
    "PReLU": _rectified,
}  # fmt: skip
"""How the weights of modules tell their arguments."""


def _choices(class_name: str, group: Sequence[Node], source: Tensor) -> list[dict[str, object]]:
    """What the weights do not tell: it follows from what comes out."""
    if class_name not in ("LSTM", "GRU", "RNN"):
        return [{}]
    more: dict[str, object] = {}
    if class_name == "RNN":
        more["nonlinearity"] = "relu" if any(node.op == "relu" for node in group) else "tanh"
    is_first = any(node.op in ("permute", "transpose") and source in node.reads for node in group)
    return [{**more, "batch_first": is_first}, {**more, "batch_first": not is_first}]


def _makes(reader: AtenReader, kind: LayerKind, inputs: Sequence[Tensor], value: str) -> bool:
    """Whether a kind makes of its inputs what the file states of a value."""
    specs = [reader.recorder.specs.get(reader.resolved(tensor.name)) for tensor in inputs]
    stated = reader.recorder.stated.get(value)
    known = tuple([spec for spec in specs if spec is not None])
    if stated is None or len(known) < len(specs):
        return False
    try:
        return agree(public(kind.outputs(known)[0].shape), stated)
    except Refusal:
        return False


PRODUCTS = ("conv", "addmm", "mm", "bmm", "matmul", "baddbmm", "linear", "einsum", "bilinear", "_trilinear")
"""How operators begin that multiply what counts."""


def as_stated(reader: AtenReader, group: Sequence[Node], class_name: str) -> Found | None:
    """A module of several operators that tell no arguments: what it owns, and what the file states that it makes."""
    outside = outside_of(reader, group)
    makes = [output for node in group for output in node.outputs if output in outside]
    made = {output for node in group for output in node.outputs}
    inputs = list({reader.resolved(tensor.name): tensor for tensor in entering(reader, group, made)}.values())
    shapes = [shape for value in makes if (shape := reader.recorder.stated.get(value)) is not None]
    if len(group) < 2 or not makes or len(shapes) < len(makes) or not inputs:
        return None
    weights = _owned(reader, group)
    if weights or any(node.op.startswith(PRODUCTS) for node in group):
        kind: LayerKind = Unknown(
            class_name=class_name, output_shapes=tuple(shapes), stated_weights=stated_weights(weights)
        )
    else:
        kind = Operation(operation=class_name, output_shapes=tuple(shapes))
    return Found(kind, inputs, weights, makes)
