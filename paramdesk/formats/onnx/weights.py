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
from paramdesk.formats.traced import Call

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
        self.used: set[str] = set()
        self.computed = 0
        self.copies = 0

    def held(self, known: Known | None) -> list[Held]:
        """The weights of the file that a constant is made of."""
        if known is None:
            return []
        roots = self.roots(known)
        if not known.is_whole:
            roots = [root for root in roots if Known(root.dims).size == known.size]
        self.used.update(known.roots)
        return [Held(root.name, root.dims) for root in roots if root.dtype in LEARNT or root.dtype == "int32"]

    def roots(self, known: Known) -> list[Tensor]:
        """The initialisers that a constant is made of."""
        return [self.graph.tensors[root] for root in known.roots if root in self.graph.tensors]

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
        for tensor in self.graph.tensors.values():
            if tensor.name not in self.used and self.is_learnt(tensor):
                yield Held(tensor.name, tensor.dims)

    def told_apart(self, call: Call, weights: Sequence[Held]) -> Sequence[Held]:
        """The weights of a row, those under names of its own that it shares with others only because they are equal.

        PyTorch's older exporter stores equal weights once: zeros of biases, ones of normalizations. No layer shares a
        bias alone, and no two normalizations share theirs, unless they are the same module.
        """
        self.computed += any(_COMPUTED.match(weight.name) for weight in weights)
        owners = {
            weight.name: self.recorder.owner[weight.name] for weight in weights if weight.name in self.recorder.owner
        }
        if not owners or not all(is_vector(weight.shape) for weight in weights if weight.name in owners):
            return weights
        same_module = any(_modules(self.recorder.calls[owner]) == _modules(call) for owner in owners.values())
        if len(owners) == len(weights) and (same_module or not self.is_torch):
            return weights
        self.copies += len(owners)
        number = len(self.recorder.calls)
        return [
            msgspec.structs.replace(weight, name=f"{weight.name}@{number}") if weight.name in owners else weight
            for weight in weights
        ]

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


def is_vector(shape: Sequence[int]) -> bool:
    """Whether no more than one axis has a size, as in biases and scales."""
    return sum(size > 1 for size in shape) <= 1


def _modules(call: Call) -> tuple[str, ...]:
    """The modules that a call stands in."""
    return tuple(step.name for step in call.path)
