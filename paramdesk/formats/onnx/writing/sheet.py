"""A graph under way: nodes, constants and the names of values, and how it becomes the bytes of a file."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from paramdesk.engine.naming import unique_name
from paramdesk.engine.shape import Shape, TensorSpec
from paramdesk.formats.onnx.graph import TYPES
from paramdesk.formats.onnx.messages import Message, message

OPSET = 21
IR_VERSION = 10
"""The version of the file format that belongs to that set of operators."""

NUMBERS: Mapping[str, int] = {name: number for number, name in TYPES.items()}
LAYOUTS: Mapping[str, str] = {"float32": "f", "float64": "d", "float16": "e", "int64": "q", "int32": "i", "bool": "?"}
"""How numbers of a type are laid out in bytes, as `struct` calls it."""
FLOATS = ("float32", "float64", "float16", "bfloat16")

Number: TypeAlias = int | float
Attribute: TypeAlias = Number | str | list[int] | list[float] | list[str] | Message


class Value(msgspec.Struct, frozen=True):
    """A tensor of the graph.

    Attributes:
        name: under which nodes read it.
        spec: what it is in the architecture.
        turned: whether its channels, which stand last there, stand behind the batch here.
    """

    name: str
    spec: TensorSpec
    turned: bool = False

    @property
    def rank(self) -> int:
        """How many axes it has."""
        return len(self.spec.shape)

    @property
    def shape(self) -> Shape:
        """The sizes of its axes, as they stand here."""
        return first_order(self.spec.shape) if self.turned else self.spec.shape

    def axis(self, axis: int) -> int:
        """Where an axis of the architecture stands here."""
        return moved(axis, self.rank) if self.turned else axis % max(self.rank, 1)


def first_order(shape: Shape) -> Shape:
    """A shape with the last axis, the channels, behind the first one."""
    return (shape[0], shape[-1], *shape[1:-1])


def moved(axis: int, rank: int) -> int:
    """Where an axis stands once the last one stands behind the first.

    >>> [moved(axis, 4) for axis in (0, 1, 2, -1)]
    [0, 2, 3, 1]
    """
    axis %= rank
    return axis if axis == 0 else 1 if axis == rank - 1 else axis + 1


class NodeDraft(msgspec.Struct):
    """A node under way."""

    op: str
    inputs: list[str]
    outputs: list[str]
    attributes: Mapping[str, Attribute]
    name: str = ""
    scope: str = ""


class Sheet:
    """One graph under way."""

    def __init__(self) -> None:
        self.nodes: list[NodeDraft] = []
        self.constants: list[NodeDraft] = []
        self.renamed: dict[str, str] = {}
        self.values: set[str] = set()
        self.node_names: set[str] = set()
        self.stated: dict[str, tuple[str, Shape]] = {}
        self.known: dict[tuple[object, ...], str] = {}
        self.made = 0

    # Nodes --------------------------------------------------------------------------------------------------------

    def node(
        self, op: str, inputs: Sequence[str], attributes: Mapping[str, Attribute] | None = None, outputs: int = 1
    ) -> list[str]:
        """Adds a node, and tells the names of what it makes."""
        names = [self.new_value() for _ in range(outputs)]
        self.nodes.append(NodeDraft(op, list(inputs), names, attributes or {}))
        return names

    def new_value(self) -> str:
        """A name for a value that is on the way to another one."""
        self.made += 1
        return f"value {self.made}"

    def own_name(self, name: str) -> str:
        """A name that no other value has."""
        name = unique_name(name, self.values)
        self.values.add(name)
        return name

    def name_nodes(self, since: int, name: str, scope: str) -> None:
        """Gives the nodes that were added since a place the name of their layer, and of what they do if it is more."""
        drafts = [draft for draft in self.nodes[since:] if not draft.name]
        for draft in drafts:
            own = name if len(drafts) == 1 else f"{name}/{draft.op}"
            draft.name = unique_name(own, self.node_names)
            draft.scope = f"{scope}/{draft.op}: {draft.op}"
            self.node_names.add(draft.name)

    def is_own(self, since: int, name: str) -> bool:
        """Whether a value comes from a node that was added since a place and that is of the layer itself."""
        return any(name in draft.outputs for draft in self.nodes[since:] if not draft.name)

    def turn(self, value: Value, *, first: bool) -> Value:
        """A tensor with its channels behind the batch, or last as in the architecture."""
        if value.rank < 3 or value.turned == first:
            return value
        key = ("turned", value.name)
        if key not in self.known:
            order = list(range(value.rank))
            order = [0, value.rank - 1, *order[1:-1]] if first else [0, *order[2:], 1]
            (name,) = self.node("Transpose", [value.name], {"perm": order})
            draft = self.nodes[-1]
            shown = self.renamed.get(value.name, value.name)
            draft.name = unique_name(f"{shown}/channels_{'first' if first else 'last'}", self.node_names)
            draft.scope = f"{shown.replace('/', '.').rpartition('.')[0]}/Transpose: Transpose"
            self.node_names.add(draft.name)
            self.known[key] = name
            self.known["turned", name] = value.name
        return Value(self.known[key], value.spec, first)

    # Constants ----------------------------------------------------------------------------------------------------

    def numbers(self, items: Number | Sequence[Number], dtype: str) -> str:
        """A constant: a single number, or a list of them."""
        listed = list(items) if isinstance(items, Sequence) else [items]
        key = ("numbers", dtype, isinstance(items, Sequence), *map(repr, listed))
        if key not in self.known:
            tensor = message("Tensor")(data_type=NUMBERS[dtype], raw_data=_packed(listed, dtype))
            if isinstance(items, Sequence):
                tensor.dims.append(len(listed))
            self.known[key] = self._constant(f"constant_{len(self.known)}", {"value": tensor})
        return self.known[key]

    def weight(self, name: str, dims: Sequence[int], dtype: str) -> str:
        """A weight without values; of one that has none anyway, or no axes, there is no sparse form."""
        if 0 in dims:
            return self._constant(name, {"value": message("Tensor")(dims=dims, data_type=NUMBERS[dtype])})
        values = message("Tensor")(dims=[0], data_type=NUMBERS[dtype], name=name.encode())
        indices = message("Tensor")(dims=[0], data_type=NUMBERS["int64"])
        tensor = message("SparseTensor")(values=values, indices=indices, dims=dims or [1])
        return self._constant(name, {"sparse_value": tensor})

    def filled(self, number: float, dims: Sequence[int], dtype: str) -> str:
        """A tensor that is the same number everywhere, and no weight."""
        key = ("filled", number, tuple(dims), dtype)
        if key not in self.known:
            value = message("Tensor")(dims=[1], data_type=NUMBERS[dtype], raw_data=_packed([number], dtype))
            name = self.own_name(f"filled_{len(self.known)}")
            sizes = self.numbers(list(dims), "int64")
            self.constants.append(NodeDraft("ConstantOfShape", [sizes], [name], {"value": value}, name))
            self.known[key] = name
        return self.known[key]

    def _constant(self, name: str, attributes: Mapping[str, Attribute]) -> str:
        name = self.own_name(name)
        self.constants.append(NodeDraft("Constant", [], [name], attributes, name))
        return name

    # The file -----------------------------------------------------------------------------------------------------

    def state(self, name: str, spec: TensorSpec, shape: Shape) -> None:
        """Notes the type and the shape of a value, for whoever shows the graph or checks it."""
        self.stated[name] = (spec.dtype, shape)

    def content(self, name: str, inputs: Sequence[Value], outputs: Sequence[Value]) -> bytes:
        """The bytes of the file."""
        model = message("Model")(ir_version=IR_VERSION, producer_name=b"paramdesk")
        model.opset_import.add(domain=b"", version=OPSET)
        graph = model.graph
        graph.name = name.encode() or b"network"
        for draft in (*self.constants, *self.nodes):
            self._write(graph.node.add(), draft)
        for value in inputs:
            _typed(graph.input.add(), value.name, value.spec.dtype, value.shape)
        for value in outputs:
            _typed(graph.output.add(), self.renamed.get(value.name, value.name), value.spec.dtype, value.shape)
        ends = {value.name for value in (*inputs, *outputs)}
        for stated, (dtype, shape) in self.stated.items():
            if stated not in ends:
                _typed(graph.value_info.add(), self.renamed.get(stated, stated), dtype, shape)
        written: bytes = model.SerializeToString()
        return written

    def _write(self, node: Message, draft: NodeDraft) -> None:
        node.op_type = draft.op.encode()
        node.name = draft.name.encode()
        node.input.extend([self.renamed.get(name, name).encode() for name in draft.inputs])
        node.output.extend([self.renamed.get(name, name).encode() for name in draft.outputs])
        for name, value in draft.attributes.items():
            _set(node.attribute.add(name=name.encode()), value)
        if draft.scope:
            node.metadata_props.add(key=b"namespace", value=draft.scope.encode())


def _packed(items: Sequence[Number], dtype: str) -> bytes:
    if dtype == "bfloat16":
        return b"".join(struct.pack("<f", item)[2:] for item in items)
    return struct.pack(f"<{len(items)}{LAYOUTS[dtype]}", *items)


def _set(attribute: Message, value: Message) -> None:
    """Writes the value of an attribute, and its type as the specification numbers it."""
    match value:
        case int():
            attribute.i, attribute.type = value, 2
        case float():
            attribute.f, attribute.type = value, 1
        case str():
            attribute.s, attribute.type = value.encode(), 3
        case [str(), *_]:
            attribute.strings.extend([str(item).encode() for item in value])
            attribute.type = 8
        case [float(), *_]:
            attribute.floats.extend(value)
            attribute.type = 6
        case list():
            attribute.ints.extend(value)
            attribute.type = 7
        case _:
            is_sparse = isinstance(value, message("SparseTensor"))
            (attribute.sparse_tensor if is_sparse else attribute.t).CopyFrom(value)
            attribute.type = 11 if is_sparse else 4


def _typed(info: Message, name: str, dtype: str, shape: Shape) -> None:
    """Writes a value's name, type and shape; a batch that varies has a name."""
    info.name = name.encode()
    kind = info.type.tensor_type
    kind.elem_type = NUMBERS[dtype]
    kind.shape.SetInParent()
    for axis, size in enumerate(shape):
        dim = kind.shape.dim.add()
        if isinstance(size, int):
            dim.dim_value = int(size)
        elif axis == 0:
            dim.dim_param = b"batch"


def plain_name(path: str) -> str:
    """A path of which every part can stand in a name with dots: `stage.1/conv:a` is `stage_1/conv_a`."""
    return "/".join(re.sub(r"[^\w#-]", "_", part) or "_" for part in path.split("/"))
