"""Which initialisers of an ONNX file are weights, whose they are, and what exporters have done to them.

A file does not say what is learnt: shapes, factors and initial states are initialisers as well. What a layer reads as
its weights is learnt; of the rest, what PyTorch's newer exporter says of it counts, or else its looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from paramdesk.formats.onnx.graph import Graph, NodeProto, Tensor, graphs_in
from paramdesk.formats.onnx.known import Known
from paramdesk.formats.onnx.naming import is_given_name
from paramdesk.formats.recorder import Held

LEARNT = frozenset({
    "float32", "float64", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "int8", "uint8",
})  # fmt: skip
"""Types that weights have, quantized ones among them."""
_LIFTED = re.compile(r"val_\d+$|_?tensor_constant|c_")
"""Names of constants in PyTorch's newer exporter."""
_COMPUTED = re.compile(r"onnx::Conv(?:Transpose)?_\d+$|.*\.weight_bias$")
"""Names that PyTorch's exporters give to weights of convolutions that they have computed."""


_RECURRENT = re.compile(r"(weight|bias)_(ih|hh|hr)_l\d+")


class Stored:
    """The initialisers of a graph.

    Args:
        graph: that has them.
        folded: constants into which the exporter has folded parameters, as far as that is known.
    """

    def __init__(self, graph: Graph, folded: frozenset[str] = frozenset()) -> None:
        self.graph = graph
        self.folded = folded
        self.is_torch = graph.producer == "pytorch"
        self.tensors = dict(graph.tensors)
        self.has_roles = bool(graph.signature) or any(value.role == "PARAMETER" for value in graph.stated.values())
        self.used: set[str] = set()
        self.computed = 0
        self.copies = 0
        self.constants: set[str] = set()
        self.turned = 0

    def held(self, known: Known | None) -> list[Held]:
        """The weights of the file that a constant is made of."""
        if known is None:
            return []
        roots = self.roots(known)
        if known.part and roots and None not in known.shape:
            shape = tuple([size for size in known.shape if size is not None])
            roots = [msgspec.structs.replace(roots[0], name=f"{roots[0].name} of {known.part}", dims=shape)]
        elif not known.is_whole:
            roots = [root for root in roots if Known(root.dims).size == known.size]
        self.used.update(known.roots)
        return [Held(root.name, root.dims) for root in roots if root.dtype in LEARNT or root.dtype == "int32"]

    def inside(self, node: NodeProto) -> list[Known]:
        """What is learnt in the graphs in a node, of which every one counts once, under a name of its own."""
        found = []
        for number, graph in enumerate(graphs_in(node)):
            for tensor in graph.tensors.values():
                name = f"{node.outputs[0]}.{number}.{tensor.name}"
                if self.is_learnt(tensor):
                    self.tensors[name] = msgspec.structs.replace(tensor, name=name)
                    found.append(Known(tensor.dims, None, (name,), dtype=tensor.dtype))
        return found

    def roots(self, known: Known) -> list[Tensor]:
        """The initialisers that a constant is made of."""
        return [self.tensors[root] for root in known.roots if root in self.tensors]

    def learnt(self, known: Known) -> list[Tensor]:
        """Those of them that are learnt, rather than numbers of a formula."""
        return [tensor for tensor in self.roots(known) if self.is_learnt(tensor)]

    def is_learnt(self, tensor: Tensor) -> bool:
        """Whether an initialiser is a parameter by what the file says of it, or by its looks."""
        if self.has_roles:
            said = self.graph.stated.get(tensor.name)
            return tensor.name in self.folded or (said is not None and said.role == "PARAMETER")
        if tensor.dtype not in LEARNT or 0 in tensor.dims:
            return False
        if Known(tensor.dims).size == 1:
            return tensor.is_sparse or (self.is_torch and is_given_name(tensor.name))
        return not (self.is_torch and _LIFTED.match(tensor.name))

    def note_constant(self, known: Known) -> None:
        """Notes numbers of a formula that are as many as weights may be."""
        if self.has_roles and known.roots and known.size != 1 and known.dtype in LEARNT:
            self.constants.update(known.roots)

    def folded_parameters(self) -> frozenset[str]:
        """The constants of which it is known now that the exporter has folded parameters into them.

        Its list of all parameters tells how many are missing. Those of batch normalization are in convolutions, those
        of recurrent layers in other tensors, and some matrices are turned; what is left are constants, if there are
        no more of these.
        """
        targets = set(re.findall(r"PARAMETER target='([^']+)'", self.graph.signature))
        buffers = set(re.findall(r"BUFFER target='([^']+)'", self.graph.signature))
        missing = [
            name for name in targets - self.graph.tensors.keys()
            if f"{name.rpartition('.')[0]}.running_mean" not in buffers
            and not _RECURRENT.search(name.rpartition(".")[2])
        ]  # fmt: skip
        return frozenset(self.constants) if len(self.constants) <= len(missing) - self.turned else frozenset()

    def unread(self) -> Iterator[Held]:
        """Parameters that no row has."""
        for tensor in self.tensors.values():
            if tensor.name not in self.used and self.is_learnt(tensor):
                yield Held(tensor.name, tensor.dims)

    def note(self, op: str, weights: Sequence[Held]) -> None:
        """Notes what has been done to the weights of a node."""
        self.computed += any(_COMPUTED.match(weight.name) for weight in weights)
        if op in ("MatMul", "Gemm"):
            self.turned += sum(_LIFTED.match(weight.name) is not None for weight in weights)

    def copied(self, name: str, root: str) -> None:
        """Notes that an initialiser stands for another one too, which is a weight of its own.

        PyTorch's older exporter stores equal weights once, and lets an Identity have the other's name.
        """
        tensor = self.tensors[root]
        self.tensors[name] = msgspec.structs.replace(tensor, name=name)
        self.copies += 1

    def remarks(self) -> list[str]:
        """What a reader of the numbers should know about the file."""
        found = []
        if self.computed and self.is_torch:
            layers = "1 convolution" if self.computed == 1 else f"{self.computed:,} convolutions"
            found.append(
                f"The exporter has computed the weights of {layers} anew: batch normalization is folded in there, so "
                "the parameters are not those of the network before."
            )
        if self.constants:
            found.append(
                "Constants of this file are not counted, though the exporter may have folded parameters into them: "
                f"{len(self.constants):,} of more than one value."
            )
        if self.copies:
            weights = "1 weight stands" if self.copies == 1 else f"{self.copies:,} weights stand"
            found.append(f"Equal weights are stored once in this file: {weights} for others too, and each counts here.")
        return found
