"""Which initialisers of an ONNX file are weights, whose they are, and what exporters have done to them.

A file does not say what is learnt: shapes, factors and initial states are initialisers as well. What a layer reads as
its weights is learnt; of the rest, what PyTorch's newer exporter says of it counts, or else its looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from paramdesk.formats.onnx.graph import Graph, Tensor
from paramdesk.formats.onnx.known import Known
from paramdesk.formats.onnx.naming import is_given_name
from paramdesk.formats.recorder import Held, Recorder

LEARNT = frozenset({
    "float32", "float64", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "int8", "uint8",
})  # fmt: skip
"""Types that weights have, quantized ones among them."""
_LIFTED = re.compile(r"val_\d+$|_?tensor_constant|c_")
"""Names of constants in PyTorch's newer exporter."""
_COMPUTED = re.compile(r"onnx::Conv(?:Transpose)?_\d+$|.*\.weight_bias$")
"""Names that PyTorch's exporters give to weights of convolutions that they have computed."""


class Stored:
    """The initialisers of a graph.

    Args:
        graph: that has them.
        recorder: which knows the rows so far.
    """

    def __init__(self, graph: Graph, recorder: Recorder) -> None:
        self.graph = graph
        self.recorder = recorder
        self.is_torch = graph.producer == "pytorch"
        self.tensors = dict(graph.tensors)
        self.used: set[str] = set()
        self.computed = 0
        self.copies = 0

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

    def roots(self, known: Known) -> list[Tensor]:
        """The initialisers that a constant is made of."""
        return [self.tensors[root] for root in known.roots if root in self.tensors]

    def learnt(self, known: Known) -> list[Tensor]:
        """Those of them that are learnt, rather than numbers of a formula."""
        return [tensor for tensor in self.roots(known) if self.is_learnt(tensor)]

    def is_learnt(self, tensor: Tensor) -> bool:
        """Whether an initialiser is a parameter by what the file says of it, or by its looks."""
        said = self.graph.stated.get(tensor.name)
        if said is not None and said.role:
            return said.role == "PARAMETER"
        if tensor.dtype not in LEARNT or 0 in tensor.dims:
            return False
        if Known(tensor.dims).size == 1:
            return self.is_torch and is_given_name(tensor.name)
        return not (self.is_torch and _LIFTED.match(tensor.name))

    def unread(self) -> Iterator[Held]:
        """Parameters that no row has."""
        for tensor in self.tensors.values():
            if tensor.name not in self.used and self.is_learnt(tensor):
                yield Held(tensor.name, tensor.dims)

    def note(self, weights: Sequence[Held]) -> None:
        """Notes what has been done to the weights of a row."""
        self.computed += any(_COMPUTED.match(weight.name) for weight in weights)

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
        if self.copies:
            weights = "1 weight stands" if self.copies == 1 else f"{self.copies:,} weights stand"
            found.append(f"Equal weights are stored once in this file: {weights} for others too, and each counts here.")
        return found
