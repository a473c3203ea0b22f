"""Layers that exporters spell out in small operations, found again: GELU, SiLU, hard swish, Mish, normalizations.

A GELU is five nodes in versions without that operator, a layer normalization nine. Each such group becomes the one node
that newer versions have for it; what is looked for is the formula, whatever the order of its factors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from paramdesk.formats.onnx.graph import Graph, NodeProto, Tensor

MOST_FACTORS = 8
PASSING = frozenset({"Cast", "Identity"})


def simplified(graph: Graph) -> Graph:
    """The graph with the groups of nodes that are one layer as one node each."""
    return msgspec.structs.replace(graph, nodes=tuple(_Matching(graph).nodes()))


class _Matching:
    """The nodes by what they make and read, and what is already part of a layer."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.makers: dict[str, NodeProto] = {output: node for node in graph.nodes for output in node.outputs if output}
        self.readings: dict[str, int] = {}
        for value in [name for node in graph.nodes for name in node.inputs] + [value.name for value in graph.outputs]:
            self.readings[value] = self.readings.get(value, 0) + 1
        self.readers: dict[str, NodeProto] = {value: node for node in graph.nodes for value in node.inputs}
        self.sources: dict[str, str] = {}
        self.gone: set[str] = set()

    def nodes(self) -> Iterator[NodeProto]:
        """The nodes, each group in the place of its last node."""
        instead: dict[str, NodeProto] = {}
        for node in self.graph.nodes:
            for pattern in PATTERNS.get(node.op, ()):
                found = pattern(self, node)
                if found is not None:
                    layer, parts = found
                    self.gone.update(output for part in parts for output in part.outputs)
                    instead[layer.outputs[0]] = layer
                    break
        for node in self.graph.nodes:
            first = node.outputs[0] if node.outputs else ""
            if first in instead:
                yield instead[first]
            elif first not in self.gone or not first:
                yield node

    # What stands where --------------------------------------------------------------------------------------------

    def maker(self, value: str, *ops: str) -> NodeProto | None:
        """The node that makes a value, if it is one of these operators; nodes that hand on are passed over."""
        node = self.makers.get(self.source(value))
        return node if node is not None and node.op in ops else None

    def source(self, value: str) -> str:
        """The value behind nodes that hand on; in a circle of such nodes, one of theirs."""
        way: list[str] = []
        while value not in self.sources:
            self.sources[value] = value  # so that a circle ends where it began
            way.append(value)
            node = self.makers.get(value)
            if node is not None and node.op in PASSING and node.inputs:
                value = node.inputs[0]
        end = self.sources[value]
        self.sources.update(dict.fromkeys(way, end))
        return end

    def is_same(self, one: str, other: str) -> bool:
        """Whether two values are the same."""
        return self.source(one) == self.source(other)

    def number(self, value: str) -> float | None:
        """A constant of one value."""
        tensor = self.constant(value)
        if tensor is None or tensor.values is None or len(tensor.values) != 1:
            return None
        return float(tensor.values[0])

    def constant(self, value: str) -> Tensor | None:
        """A constant of the file."""
        value = self.source(value)
        if value in self.graph.tensors:
            return self.graph.tensors[value]
        node = self.makers.get(value)
        said = node.attributes.get("value") if node is not None and node.op == "Constant" else None
        return said if isinstance(said, Tensor) else None

    def split(self, node: NodeProto) -> tuple[float, str] | None:
        """The number and the tensor that a node of two inputs combines."""
        if len(node.inputs) != 2:
            return None
        for place in (0, 1):
            number = self.number(node.inputs[place])
            if number is not None:
                return number, node.inputs[1 - place]
        return None

    def follower(self, node: NodeProto, op: str) -> NodeProto | None:
        """The only node that reads what another makes, if it is of this operator."""
        value = node.outputs[0]
        reader = self.readers.get(value)
        return reader if reader is not None and reader.op == op and self.readings.get(value) == 1 else None

    def product(self, node: NodeProto) -> tuple[float, list[str], list[NodeProto]]:
        """A product taken apart: the numbers multiplied, the other factors, and the nodes that multiply."""
        number, factors, parts = 1.0, list[str](), [node]
        waiting = [(value, node.op == "Div" and place == 1) for place, value in enumerate(node.inputs)]
        while waiting and len(parts) < MOST_FACTORS:
            value, is_below = waiting.pop()
            single = self.number(value)
            inner = self.maker(value, "Mul", "Div")
            if single is not None and single:
                number *= 1 / single if is_below else single
            elif inner is not None and self.readings.get(value) == 1 and not is_below:
                parts.append(inner)
                waiting += [(name, inner.op == "Div" and place == 1) for place, name in enumerate(inner.inputs)]
            else:
                factors.append(f"1/{value}" if is_below else value)
        return number, factors, parts


Match = tuple[NodeProto, Sequence[NodeProto]]


def _layer(end: NodeProto, op: str, inputs: Sequence[str], attributes: Mapping[str, object] | None = None) -> NodeProto:
    """A node in the place of a group of which `end` is the last."""
    return msgspec.structs.replace(
        end, op=op, inputs=tuple(inputs), outputs=end.outputs[:1], attributes=attributes or {}
    )


# Activations ----------------------------------------------------------------------------------------------------------


def _gated(graph: _Matching, end: NodeProto) -> Match | None:
    """A product of a tensor and a function of it."""
    number, factors, parts = graph.product(end)
    if len(factors) != 2:
        return None
    for x, gate in (factors, reversed(factors)):
        for recognize in (_gelu, _silu, _hard_swish, _mish):
            found = recognize(graph, x, gate, number)
            if found is not None:
                op, attributes, inner = found
                return _layer(end, op, (x,), attributes), (*parts, *inner)
    return None


Gate = tuple[str, Mapping[str, object], Sequence[NodeProto]]


def _gelu(graph: _Matching, x: str, gate: str, number: float) -> Gate | None:
    """X · 0.5 · (1 + erf(x / √2)), or the same with tanh."""
    if not math.isclose(number, 0.5, rel_tol=1e-3):
        return None
    added = graph.maker(gate, "Add")
    one = graph.split(added) if added is not None else None
    if added is None or one is None or one[0] != 1:
        return None
    function = graph.maker(one[1], "Erf", "Tanh")
    if function is None:
        return None
    scaled = graph.maker(function.inputs[0], "Mul", "Div")
    if scaled is None:
        return None
    factor, rest, parts = graph.product(scaled)
    if function.op == "Erf":
        is_gelu = math.isclose(factor, math.sqrt(0.5), rel_tol=1e-3) and len(rest) == 1 and graph.is_same(rest[0], x)
        return ("Gelu", {}, (added, function, *parts)) if is_gelu else None
    if not math.isclose(factor, math.sqrt(2 / math.pi), rel_tol=1e-3):
        return None
    cubic = [node for value in rest for node in _upwards(graph, value, x)]
    return ("Gelu", {"approximate": "tanh"}, (added, function, *parts, *cubic)) if cubic else None


def _upwards(graph: _Matching, value: str, end: str) -> list[NodeProto]:
    """The nodes between a value and another one that all of them come from; none if it is otherwise."""
    found: list[NodeProto] = []
    waiting, reached = [value], False
    while waiting and len(found) < MOST_FACTORS:
        name = graph.source(waiting.pop())
        if name == graph.source(end):
            reached = True
        elif graph.number(name) is None:
            node = graph.maker(name, "Add", "Mul", "Pow")
            if node is None:
                return []
            found.append(node)
            waiting += node.inputs
    return found if reached and not waiting else []


def _silu(graph: _Matching, x: str, gate: str, number: float) -> Gate | None:
    """X · sigmoid(x)."""
    function = graph.maker(gate, "Sigmoid", "HardSigmoid")
    if function is None or number != 1 or not graph.is_same(function.inputs[0], x) or graph.readings[gate] > 1:
        return None
    return ("Swish" if function.op == "Sigmoid" else "HardSwish", {}, (function,))


def _hard_swish(graph: _Matching, x: str, gate: str, number: float) -> Gate | None:
    """X · relu6(x + 3) / 6."""
    clip = graph.maker(gate, "Clip")
    added = graph.maker(clip.inputs[0], "Add") if clip is not None else None
    three = graph.split(added) if added is not None else None
    if clip is None or added is None or three is None or not math.isclose(number, 1 / 6, rel_tol=1e-3):
        return None
    return ("HardSwish", {}, (clip, added)) if three[0] == 3 and graph.is_same(three[1], x) else None


def _mish(graph: _Matching, x: str, gate: str, number: float) -> Gate | None:
    """X · tanh(softplus(x))."""
    outer = graph.maker(gate, "Tanh")
    inner = graph.maker(outer.inputs[0], "Softplus") if outer is not None else None
    if outer is None or inner is None or number != 1 or not graph.is_same(inner.inputs[0], x):
        return None
    return "Mish", {}, (outer, inner)


# Normalizations -------------------------------------------------------------------------------------------------------


def _layer_norm(graph: _Matching, end: NodeProto) -> Match | None:
    """(x − mean) / √(variance + ε), and perhaps a scale and a shift behind it."""
    if len(end.inputs) != 2:
        return None
    centred, root = graph.maker(end.inputs[0], "Sub"), graph.maker(end.inputs[1], "Sqrt")
    if centred is None or root is None:
        return None
    mean = graph.maker(centred.inputs[1], "ReduceMean")
    x = centred.inputs[0]
    if mean is None or not graph.is_same(mean.inputs[0], x):
        return None
    spread = _mean_square(graph, root)
    if spread is None:
        return None
    epsilon, square, parts = spread
    other = graph.maker(square, "Sub")
    if other is None or not graph.is_same(other.inputs[0], x):
        return None
    axes = _axes(graph, mean)
    if axes is None or axes != tuple(range(-len(axes), 0)):
        return None
    attributes = {"axis": axes[0], "epsilon": epsilon}
    return _affine(graph, end, "LayerNormalization", x, attributes, (end, centred, root, mean, other, *parts))


def _mean_square(graph: _Matching, root: NodeProto) -> tuple[float, str, list[NodeProto]] | None:
    """Of √(mean(v²) + ε): ε, v, and the nodes between."""
    added = graph.maker(root.inputs[0], "Add")
    epsilon = graph.split(added) if added is not None else None
    mean = graph.maker(epsilon[1], "ReduceMean") if epsilon is not None else None
    square = graph.maker(mean.inputs[0], "Pow", "Mul") if mean is not None else None
    if added is None or epsilon is None or mean is None or square is None or len(square.inputs) != 2:
        return None
    is_square = graph.number(square.inputs[1]) == 2 if square.op == "Pow" else graph.is_same(*square.inputs)
    return (epsilon[0], square.inputs[0], [added, mean, square]) if is_square else None


def _axes(graph: _Matching, mean: NodeProto) -> tuple[int, ...] | None:
    """The axes of a reduction, sorted."""
    axes = mean.attributes.get("axes")
    if axes is None and len(mean.inputs) > 1:
        tensor = graph.constant(mean.inputs[1])
        axes = tensor.values if tensor is not None else None
    return tuple(sorted(int(axis) for axis in axes)) if isinstance(axes, tuple) and axes else None


def _affine(
    graph: _Matching, end: NodeProto, op: str, x: str, attributes: Mapping[str, object], parts: Sequence[NodeProto]
) -> Match:
    """A normalization with the scale and shift that follow it, if they do."""
    inputs = [x]
    found = list(parts)
    for following in ("Mul", "Add") if op == "LayerNormalization" else ("Mul",):
        node = graph.follower(end, following)
        weight = _vector(graph, node) if node is not None else ""
        if node is None or not weight:
            break
        inputs.append(weight)
        found.append(node)
        end = node
    return _layer(end, op, inputs, attributes), found


def _vector(graph: _Matching, node: NodeProto) -> str:
    """The weight among what a node reads: an initialiser of more than one value."""
    for value in node.inputs:
        tensor = graph.graph.tensors.get(graph.source(value))
        if tensor is not None and tensor.dims and max(tensor.dims) > 1:
            return graph.source(value)
    return ""


def _rms_norm(graph: _Matching, end: NodeProto) -> Match | None:
    """A tensor divided by the root of its mean square, and perhaps a scale behind it."""
    for x, other in (end.inputs, reversed(end.inputs)) if len(end.inputs) == 2 else ():
        inverse = graph.maker(other, "Reciprocal") if end.op == "Mul" else None
        root = graph.maker(inverse.inputs[0] if inverse is not None else other, "Sqrt")
        if root is None or (end.op == "Mul" and inverse is None):
            continue
        spread = _mean_square(graph, root)
        if spread is None or not graph.is_same(spread[1], x) or graph.maker(x, "Sub") is not None:
            continue
        axes = _axes(graph, spread[2][1])
        if axes is None or axes != (-1,):
            continue
        parts = (end, root, *spread[2], *((inverse,) if inverse is not None else ()))
        return _affine(graph, end, "RMSNormalization", x, {"axis": -1, "epsilon": spread[0]}, parts)
    return None


def _group_norm(graph: _Matching, node: NodeProto) -> Match | None:
    """Groups normalized one by one, between two reshapings, then a scale and a shift."""
    before, after = graph.maker(node.inputs[0], "Reshape"), graph.follower(node, "Reshape")
    scale = graph.constant(node.inputs[1])
    if before is None or after is None or scale is None or len(scale.dims) != 1:
        return None
    multiplied = graph.follower(after, "Mul")
    added = graph.follower(multiplied, "Add") if multiplied is not None else None
    gamma, beta = (_vector(graph, part) if part is not None else "" for part in (multiplied, added))
    if multiplied is None or added is None or not gamma or not beta:
        return None
    attributes = {"num_groups": scale.dims[0], "epsilon": node.attributes.get("epsilon", 1e-5)}
    layer = _layer(added, "GroupNormalization", (before.inputs[0], gamma, beta), attributes)
    return layer, (before, node, after, multiplied, added)


PATTERNS: Mapping[str, Sequence[Callable[[_Matching, NodeProto], Match | None]]] = {
    "Mul": (_gated, _rms_norm),
    "Div": (_layer_norm, _rms_norm, _gated),
    "InstanceNormalization": (_group_norm,),
}
