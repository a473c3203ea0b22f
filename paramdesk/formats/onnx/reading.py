"""From the graph of an ONNX file to an architecture.

The nodes are gone through in their order. What only computes constants and shapes is folded away; every other node
becomes a row, or several. Shapes are computed by the kinds; what the file states of a value is used where a node is not
known here. Initialisers that a layer reads as its weights are that layer's, others become rows of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.kinds.functional import Operation
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import PublicShape, Shape, internal, public
from paramdesk.formats.onnx.graph import Graph, NodeProto, Tensor, graph_from, read_inside
from paramdesk.formats.onnx.known import FIRST, REARRANGING, SELECTING, Item, Known, Step, worked_out
from paramdesk.formats.onnx.naming import Scopes, function_name, module_of
from paramdesk.formats.onnx.operators import handler_of
from paramdesk.formats.onnx.patterns import simplified
from paramdesk.formats.onnx.shapes import UNCOUNTED, dims_from, shapes_of
from paramdesk.formats.onnx.site import Site
from paramdesk.formats.onnx.weights import Stored
from paramdesk.formats.recorder import MOST_AXES, Held, Recorder
from paramdesk.formats.traced import Call, Path

ALIASES = frozenset({
    "Identity", "Cast", "CastLike", "QuantizeLinear", "DequantizeLinear", "StopGradient",
    "com.microsoft.QuantizeLinear", "com.microsoft.DequantizeLinear",
})  # fmt: skip
"""Operators that hand on what they get, perhaps in another type."""
UNFOLDED = frozenset({"If", "Loop", "Scan", "RandomNormalLike", "RandomUniformLike", "Bernoulli"})


def architecture_from(file: BinaryIO, name: str) -> Architecture:
    """The architecture of an ONNX file.

    Raises:
        UnreadableFile: it is none, or damaged.
    """
    graph = simplified(graph_from(file, name))
    reader = Reader(graph, name)
    reader.read()
    if folded := reader.weights.folded_parameters():
        reader = Reader(graph, name, folded)
        reader.read()
    return reader.architecture()


class Reader:
    """One reading: what is constant, what values are called, and the rows so far."""

    def __init__(self, graph: Graph, file: str, folded: frozenset[str] = frozenset()) -> None:
        self.graph = graph
        self.file = file
        self.is_torch = graph.producer == "pytorch"
        self.scopes = Scopes(graph.nodes, graph.tensors, is_torch=self.is_torch)
        self.recorder = Recorder(
            file, {name: public(s) for name in graph.stated if (s := self.stated(name)) is not None}
        )
        self.weights = Stored(graph, folded)
        self.known: dict[str, Known] = {}
        self.aliases: dict[str, str] = {}
        self.done: set[int] = set()
        self.readers: dict[str, list[int]] = {}
        self.returned = {value.name for value in graph.outputs}

    def read(self) -> None:
        """Goes through the graph."""
        for tensor in self.graph.tensors.values():
            roots = (tensor.name,)
            self.known[tensor.name] = Known(tensor.dims, tensor.values, roots, dtype=tensor.dtype)
        for place, node in enumerate(self.graph.nodes):
            for value_name in node.inputs:
                self.readers.setdefault(value_name, []).append(place)
            for value_name in read_inside(node):
                self.readers.setdefault(value_name, []).append(place)
        for value in self.graph.inputs:
            dims = value.dims if value.dims is not None else self.dims_by_readers(value.name)
            shape: PublicShape = tuple([dim if isinstance(dim, int) else None for dim in dims])
            self.recorder.input(value.name, shape, value.dtype)
        for place, node in enumerate(self.graph.nodes):
            site = Site(node, self)
            if node.op != "Shape" and node.outputs and self.fold(site):
                site.use_settings()
                self.done.add(place)
        self.nodes(self.graph.nodes)
        self.recorder.leftover(self.weights.unread())

    def nodes(self, nodes: Sequence[NodeProto]) -> None:
        """Goes through nodes."""
        for place, node in enumerate(nodes):
            if place not in self.done or nodes is not self.graph.nodes:
                self.node(node)

    def node(self, node: NodeProto) -> None:
        """One node: folded away, or a row."""
        site = Site(node, self)
        site.use_settings()
        if not node.outputs or self.fold(site):
            return
        if node.op in ALIASES and site.has(0):
            site.alias(0)
            return
        handler = handler_of(node.op)
        try:
            if handler is not None and handler(site):
                return
        except (InvalidOptions, Refusal):
            pass
        shapes = shapes_of(site)
        if shapes is not None and node.op not in UNCOUNTED:
            site.operation(shapes)
        else:
            site.unknown(shapes)

    def dims_by_readers(self, value: str) -> tuple[None, ...]:
        """The axes of an input of which nothing is stated, as far as a layer that reads it tells how many there are."""
        for place in self.readers.get(value, ()):
            node = self.graph.nodes[place]
            kernel = self.known.get(node.inputs[1]) if len(node.inputs) > 1 and node.inputs[0] == value else None
            if kernel is not None and node.op in ("Conv", "ConvTranspose", "Gemm"):
                return (None,) * len(kernel.shape)
        return (None,)

    # Constants ----------------------------------------------------------------------------------------------------

    def fold(self, site: Site) -> bool:
        """Works out a node that makes constants only."""
        node = site.node
        if node.op == "Constant":
            self.known[node.outputs[0]] = _constant(node)
            return True
        if node.op in ("Shape", "Size") and site.shape(0) is not None:
            self.known[node.outputs[0]] = self.sizes(site)
            return True
        places = [place for place in range(len(node.inputs)) if site.has(place)]
        if node.op in UNFOLDED or not places or any(site.known(place) is None for place in places):
            return False
        inputs = tuple([site.known(place) for place in range(len(node.inputs))])
        sources = inputs[:1] if node.op in ALIASES else inputs
        roots = tuple(dict.fromkeys(root for known in sources if known is not None for root in known.roots))
        if node.op == "Identity" and self.is_torch and node.inputs[0] in self.graph.tensors:
            self.weights.copied(node.outputs[0], node.inputs[0])
            roots = (node.outputs[0],)
        step = Step(node.op, inputs, node.attributes, len(node.outputs))
        found = worked_out(step)
        if found is None:
            shapes = [site.shape(0)] if node.op in ALIASES else self.constant_shapes(site)
            found = [Known(public(shape)) for shape in shapes if shape is not None and len(shape) <= MOST_AXES]
        if len(found) < len(node.outputs):
            return False
        first = inputs[0] or Known(())
        is_whole = node.op in REARRANGING and all(known is None or known.is_whole for known in sources)
        is_part = node.op in SELECTING and first.is_whole and len(roots) == 1 == len(first.roots)
        cut = [known.items for known in inputs[1:] if known is not None], *node.attributes.values()
        for place, (output, known) in enumerate(zip(node.outputs, found, strict=False)):
            part = f"{place} of {cut}" if is_part else first.part if node.op in REARRANGING and len(roots) == 1 else ""
            dtype = known.dtype if known.items is not None else first.dtype
            self.known[output] = Known(known.shape, known.items, roots, is_whole, dtype, node.op, part)
        return True

    def constant_shapes(self, site: Site) -> Sequence[Shape | None]:
        """The shapes of what a node makes of constants."""
        from paramdesk.formats.onnx.rearranging import rearranged

        return rearranged(site) or shapes_of(site) or [self.stated(output) for output in site.node.outputs]

    def sizes(self, site: Site) -> Known:
        """The sizes of a tensor as constants: numbers, or texts that stand for what is not known."""
        shape, value = site.shape(0) or (), site.value(0)
        items: list[Item] = []
        for axis, size in enumerate(shape):
            items.append(int(size) if isinstance(size, int) else FIRST if axis == 0 else f"{value}[{axis}]")
        if site.node.op == "Size":
            total = 1
            for item in items:
                total = total * item if isinstance(item, int) else -1
            return Known((), (total if total >= 0 else None,), dtype="int64")
        start, end = site.integer("start"), site.node.attributes.get("end")
        items = items[slice(start, end if isinstance(end, int) else None)]
        return Known((len(items),), tuple(items), dtype="int64")

    # Values -------------------------------------------------------------------------------------------------------

    def resolved(self, value: str) -> str:
        """The value that another one is."""
        return self.aliases.get(value, value)

    def alias(self, value: str, same: str) -> None:
        """Lets a value be another one."""
        self.aliases[value] = self.resolved(same)
        if (known := self.known.get(self.resolved(same))) is not None:
            self.known[value] = known

    def shape(self, value: str) -> Shape | None:
        """The shape of a value; None if not even the number of its axes is known."""
        known = self.known.get(value)
        return internal(known.shape) if known is not None else self.recorder.shape(value)

    def stated(self, value: str) -> Shape | None:
        """What the file says of the shape of a value."""
        said = self.graph.stated.get(value)
        return dims_from(said.dims) if said is not None and said.dims is not None else None

    def only_reader(self, value: str, op: str) -> Site | None:
        """The node that alone reads a value, if it is one of this operator."""
        readers = self.readers.get(value, [])
        if len(readers) != 1 or value in self.returned or readers[0] in self.done:
            return None
        node = self.graph.nodes[readers[0]]
        return Site(node, self, readers[0]) if node.op == op else None

    def is_read(self, value: str) -> bool:
        """Whether anything reads a value, or the network returns it."""
        return bool(value) and (value in self.readers or value in self.returned)

    def absorb(self, site: Site) -> None:
        """Lets a node be done: another one's row does its work."""
        self.done.add(site.place)

    def readable(self, node: NodeProto, value: str) -> str:
        """The name under which a row can read a value; a constant gets a row of its own first."""
        known = self.known.get(value)
        if known is None or value in self.recorder.specs:
            return value
        self.weights.used.update(known.roots)
        learnt = self.weights.learnt(known)
        if not learnt:
            self.weights.note_constant(known)
        same = len(learnt) == 1 and known.is_whole and learnt[0].dims == known.shape
        sources = []
        for tensor in learnt:
            source = value if same else f"{tensor.name}@read"
            if source not in self.recorder.specs:
                self.recorder.parameter(Held(tensor.name, tensor.dims), source, self.parameter_path(tensor, node))
            sources.append(source)
        if not same:
            op = known.op.rpartition(".")[2] if learnt and known.op else "Constant"
            kind = Operation(operation=op, output_shapes=(known.shape,))
            name = function_name(op)
            call = Call(path=self.scopes.place(node), name=name, kind=kind, reads=tuple(sources),
                        makes=(value,), is_function=True)  # fmt: skip
            self.recorder.record(call)
        return value

    def parameter_path(self, tensor: Tensor, node: NodeProto) -> Path:
        """The modules around a parameter that no layer owns: those that its name and its reader have in common."""
        own = module_of(tensor.name) or ()
        path = self.scopes.place(node)
        common = [one for one, other in zip(own, path, strict=False) if one == other]
        return own[: len(common)]

    # Rows ---------------------------------------------------------------------------------------------------------

    def row(
        self, node: NodeProto, kind: LayerKind, reads: Sequence[str], makes: Sequence[str], weights: Sequence[Held],
        name: str = "",
    ) -> None:  # fmt: skip
        """Adds a row for a node, or for a part of one."""
        own = function_name(node.op)
        attributes = {key: _plain(value) for key, value in node.attributes.items()} if kind.is_foreign else {}
        call = Call(
            path=self.scopes.place(node, weights),
            name=f"{own}_{name}" if name else own,
            kind=kind,
            reads=tuple(reads),
            makes=tuple(makes),
            is_function=True,
            extras={"attributes": attributes} if attributes else {},
        )
        self.weights.note(node.op, weights)
        self.recorder.record(call, weights)

    def architecture(self) -> Architecture:
        """The network that was read."""
        outputs = []
        for value in self.graph.outputs:
            source = self.resolved(value.name)
            if source in self.known and source not in self.recorder.specs:
                self.readable(NodeProto("Constant", "", (), (), {}), source)
            outputs.append(source)
        name = self.graph.name if self.graph.name not in ("main_graph", "torch_jit", "torch-jit-export") else ""
        return self.recorder.architecture(name, outputs, self.weights.remarks())


def _constant(node: NodeProto) -> Known:
    """The value of a Constant node."""
    for name, value in node.attributes.items():
        match name, value:
            case (("value" | "sparse_value"), Tensor()):
                return Known(value.dims, value.values, dtype=value.dtype)
            case (("value_int" | "value_float"), int() | float()):
                return Known((), (value,), dtype="int64" if isinstance(value, int) else "float32")
            case (("value_ints" | "value_floats"), tuple()):
                items = tuple([item for item in value if isinstance(item, int | float)])
                return Known((len(items),), items, dtype="float32" if name.endswith("floats") else "int64")
    return Known(())


def _plain(value: object) -> object:
    """An attribute as a file of ours can keep it; None if it is no plain value."""
    if isinstance(value, str | int | float):
        return value
    return list(value[:1000]) if isinstance(value, tuple) else None
