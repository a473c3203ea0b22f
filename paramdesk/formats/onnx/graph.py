"""What an ONNX file says, as plain values: nodes with their attributes, tensors without their values, shapes."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, TypeAlias

import msgspec

from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.onnx.messages import Message, message
from paramdesk.formats.onnx.slimming import slimmed

Number: TypeAlias = int | float | bool
Sizes: TypeAlias = tuple[int | str | None, ...]
"""Sizes of axes: known, known by a name ("batch"), or not at all."""

TYPES: Mapping[int, str] = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool",
    10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16",
    17: "float8_e4m3fn", 19: "float8_e5m2",
}  # fmt: skip
"""ONNX' numbers of the types of elements."""
_PACKED: Mapping[str, str] = {
    "float32": "f", "float64": "d", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i",
    "uint32": "I", "int64": "q", "uint64": "Q", "bool": "?", "float16": "e",
}  # fmt: skip
"""How values of a type are laid out in bytes, as `struct` calls it."""
LARGEST = 2**31 - 1


class Tensor(msgspec.Struct, frozen=True):
    """A tensor of the file.

    Attributes:
        name: empty for a constant in an attribute.
        dims: of its axes.
        dtype: of its elements.
        values: its elements, if they are few and their type is a usual one.
        is_sparse: whether only those are listed that are not 0, as of weights and never of numbers of a formula.
    """

    name: str
    dims: tuple[int, ...]
    dtype: str = "float32"
    values: tuple[Number, ...] | None = None
    is_sparse: bool = False


class NodeProto(msgspec.Struct, frozen=True):
    """A node of the graph.

    Attributes:
        op: the operator; of a foreign domain with the domain before it: `com.microsoft.Gelu`.
        name: as the file has it, perhaps empty.
        inputs: names of values, empty where an optional one is left out.
        outputs: the same of what it makes.
        attributes: by name.
        scopes: the modules that it comes from, where the exporter tells them.
    """

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, object]
    scopes: str = ""


class Value(msgspec.Struct, frozen=True):
    """What the file states of a value.

    Attributes:
        name: of the value.
        dims: None: not stated, not even how many.
        dtype: of its elements.
        role: what PyTorch's exporter says that it is: PARAMETER, BUFFER; else empty.
    """

    name: str
    dims: Sizes | None
    dtype: str = "float32"
    role: str = ""


class Graph(msgspec.Struct, frozen=True):
    """A graph: the network's own, or one in an attribute of a node.

    Attributes:
        name: of the network.
        nodes: in an order of computation, functions of the file written out.
        tensors: its initialisers, by name.
        inputs: what comes in, without the initialisers.
        outputs: what it returns.
        stated: what the file says of values.
        producer: who wrote it.
        opset: version of the standard operators.
        signature: what PyTorch's exporter says of all parameters of the network, those that it has folded among them.
    """

    name: str
    nodes: tuple[NodeProto, ...]
    tensors: Mapping[str, Tensor]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    stated: Mapping[str, Value]
    producer: str = ""
    opset: int = 0
    signature: str = ""


def graph_from(file: BinaryIO, name: str) -> Graph:
    """What an ONNX file says.

    Raises:
        UnreadableFile: it is no such file, or damaged.
    """
    from google.protobuf.message import DecodeError

    try:
        model = message("Model").FromString(slimmed(file, name))
    except DecodeError:
        raise UnreadableFile(name, "not an ONNX file, or damaged: its parts do not fit together") from None
    graph = model.graph
    if not graph.node and not graph.output:
        raise UnreadableFile(name, "not an ONNX model: it has no graph")
    from paramdesk.formats.onnx.functions import written_out

    functions = {(text(f.domain), text(f.name)): f for f in model.functions}
    opsets = [entry.version for entry in model.opset_import if text(entry.domain) in ("", "ai.onnx")]
    found = graph_of(graph)
    return msgspec.structs.replace(
        found,
        nodes=tuple(written_out(found.nodes, functions, name)),
        producer=text(model.producer_name),
        opset=min(max(opsets, default=0), 1000),
    )


def graph_of(graph: Message) -> Graph:
    """The plain values of a graph, its functions not yet written out."""
    tensors = {tensor.name: tensor for tensor in map(tensor_of, graph.initializer)}
    tensors |= {t.name: t for sparse in graph.sparse_initializer if (t := _dense(sparse)).name}
    tensors |= {name: msgspec.structs.replace(_dense(sparse), name=name) for name, sparse in _sparse_constants(graph)}
    values = [value_of(info) for info in (*graph.value_info, *graph.input, *graph.output)]
    inputs = [value_of(info) for info in graph.input]
    return Graph(
        text(graph.name),
        tuple([node_of(node) for node in graph.node if node.output and text(node.output[0]) not in tensors]),
        tensors,
        tuple([value for value in inputs if value.name not in tensors]),  # files of IR version 3 list initialisers too
        tuple(map(value_of, graph.output)),
        {value.name: value for value in values},
        signature=next((text(entry.value) for entry in graph.metadata_props if entry.key.endswith(b"signature")), ""),
    )


def graphs_in(node: NodeProto) -> Iterator[Graph]:
    """The graphs in the attributes of a node, branches and bodies of loops, and those in their nodes."""
    for value in node.attributes.values():
        if isinstance(value, Graph):
            yield value
            for inner in value.nodes:
                yield from graphs_in(inner)


def read_inside(node: NodeProto) -> tuple[str, ...]:
    """The values around a node that the graphs in it read, each once."""
    graphs = list(graphs_in(node))
    made = {name for graph in graphs for inner in graph.nodes for name in inner.outputs}
    made |= {name for graph in graphs for name in (*graph.tensors, *(value.name for value in graph.inputs), "")}
    read = [name for graph in graphs for inner in graph.nodes for name in inner.inputs]
    read += [value.name for graph in graphs for value in graph.outputs]
    return tuple(name for name in dict.fromkeys(read) if name not in made)


def _sparse_constants(graph: Message) -> Iterator[tuple[str, Message]]:
    """Sparse tensors in nodes, which are the same as initialisers: what makes them, and what they are."""
    for node in graph.node:
        if node.op_type == b"Constant" and len(node.output) == 1 == len(node.attribute):
            (attribute,) = node.attribute
            if attribute.HasField("sparse_tensor"):
                yield text(node.output[0]), attribute.sparse_tensor


def text(data: bytes) -> str:
    """A text of the file."""
    return data.decode("utf-8", "replace")


def node_of(node: Message) -> NodeProto:
    """The plain values of a node."""
    domain = text(node.domain)
    op = text(node.op_type)
    scopes = ""
    for entry in node.metadata_props:
        key = entry.key
        if key == b"pkg.torch.onnx.name_scopes" or (key == b"namespace" and not scopes):
            scopes = text(entry.value)
    return NodeProto(
        op if domain in ("", "ai.onnx") else f"{domain}.{op}",
        text(node.name),
        tuple([text(value) for value in node.input]),
        tuple([text(value) for value in node.output]),
        {text(attribute.name): attribute_of(attribute) for attribute in node.attribute},
        scopes,
    )


class Reference(msgspec.Struct, frozen=True):
    """Stands for an attribute of the function that a node is in."""

    name: str


def attribute_of(attribute: Message) -> object:
    """The value of an attribute; bytes become text. None where it holds what is not read here."""
    if attribute.ref_attr_name:
        return Reference(text(attribute.ref_attr_name))
    for name in ("i", "f", "s", "t", "g", "sparse_tensor"):
        if attribute.HasField(name):
            return _single(name, getattr(attribute, name))
    for name in ("ints", "floats", "strings"):
        if items := getattr(attribute, name):
            return tuple(text(item) if name == "strings" else item for item in items)
    return () if attribute.type in EMPTY_LISTS else None


EMPTY_LISTS = (6, 7, 8)
"""What the specification calls attributes that are lists of numbers or texts."""


def _single(name: str, value: Message) -> object:
    """The value of an attribute that is no list."""
    if name == "t":
        return tensor_of(value)
    if name == "g":
        return graph_of(value)
    if name == "sparse_tensor":
        return _dense(value)
    return text(value) if name == "s" else value


def tensor_of(tensor: Message) -> Tensor:
    """The plain values of a tensor."""
    dtype = TYPES.get(tensor.data_type, "float32")
    dims = tuple([size if 0 <= size <= LARGEST else 0 for size in tensor.dims[:64]])
    values = None if tensor.data_location else _values(tensor, dtype)
    count = 1
    for size in dims:
        count *= size
    return Tensor(text(tensor.name), dims, dtype, values if values is not None and len(values) == count else None)


def _dense(sparse: Message) -> Tensor:
    """A sparse tensor as a full one of which no value is known."""
    found = tensor_of(sparse.values)
    dims = tuple([min(max(n, 0), LARGEST) for n in sparse.dims[:64]])
    return msgspec.structs.replace(found, dims=dims, values=None, is_sparse=True)


def _values(tensor: Message, dtype: str) -> tuple[Number, ...] | None:
    """The elements, where they are kept."""
    if tensor.raw_data:
        layout = _PACKED.get(dtype)
        if layout is None or len(tensor.raw_data) % struct.calcsize(f"<{layout}"):
            return None
        return tuple(item[0] for item in struct.iter_unpack(f"<{layout}", tensor.raw_data))
    by_field: dict[str, Iterable[Number]] = {
        "float32": tensor.float_data, "float64": tensor.double_data, "int64": tensor.int64_data,
        "int32": tensor.int32_data, "int16": tensor.int32_data, "int8": tensor.int32_data, "uint8": tensor.int32_data,
        "uint16": tensor.int32_data, "bool": tensor.int32_data,
    }  # fmt: skip
    return tuple(by_field[dtype]) if dtype in by_field else None


def value_of(info: Message) -> Value:
    """What the file states of a value."""
    kind = info.type.tensor_type
    role = next((text(entry.value) for entry in info.metadata_props if entry.key.endswith(b"InputSpec.kind")), "")
    dims = _sizes(kind.shape.dim) if kind.HasField("shape") else None
    return Value(text(info.name), dims, TYPES.get(kind.elem_type, "float32"), role)


def _sizes(dims: Sequence[Message]) -> Sizes:
    found: list[int | str | None] = []
    for dim in dims[:64]:
        if dim.HasField("dim_value") and 0 <= dim.dim_value <= LARGEST:
            found.append(dim.dim_value)
        else:
            found.append(text(dim.dim_param) or None)
    return tuple(found)
