"""Calls in the code of a TorchScript file: of operators, which are noted, and of what works on numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from paramdesk.engine.shape import public
from paramdesk.formats.aten import AtenReader, Frame, Node
from paramdesk.formats.aten_shapes import shapes_of
from paramdesk.formats.torchscript.code import Unfollowable
from paramdesk.formats.torchscript.numbers import LONGEST, NOT_KNOWN, PURE, WORK, NotKnown, Symbol, computed
from paramdesk.formats.torchscript.objects import Module
from paramdesk.frameworks.aten import Arguments, Tensor, names_of

SEVERAL: Mapping[str, int] = {
    "lstm": 3, "gru": 2, "rnn_tanh": 2, "rnn_relu": 2, "lstm_cell": 2, "topk": 2, "sort": 2, "var_mean": 2,
    "std_mean": 2, "native_layer_norm": 3, "native_batch_norm": 3, "native_group_norm": 3, "native_dropout": 2,
    **{f"max_pool{n}d_with_indices": 2 for n in (1, 2, 3)}, **{f"adaptive_max_pool{n}d": 2 for n in (1, 2, 3)},
    "_native_multi_head_attention": 2, "embedding_bag": 4,
}  # fmt: skip
"""Operators that make several tensors, and how many."""
LISTING = frozenset({"split", "split_with_sizes", "chunk", "unbind", "tensor_split", "unsafe_chunk", "unsafe_split"})
"""Operators that make a list of tensors, as many as follow from their arguments."""
MAKING = frozenset({
    "zeros", "ones", "empty", "full", "arange", "rand", "randn", "randint", "tensor", "eye", "linspace",
    "scalar_tensor", "tril_indices", "triu_indices", "normal",
})  # fmt: skip
"""Operators that make tensors of numbers."""
HANDED_ON = frozenset({
    "NumToTensor", "unchecked_unwrap_optional", "device", "dtype", "layout", "is_cuda", "is_nested", "requires_grad",
    "warn", "format", "str", "__getitem__", "values", "keys", "items",
})  # fmt: skip
"""What asks a tensor for something else than its values, or hands it on."""
CONTAINING = frozenset({"len", "__is__", "__isnot__", "append", "extend", "list", "_set_item", "__contains__"})
"""What works on lists and tables, whatever they hold."""


class Raised(Exception):
    """The code complains of what it was given."""


class Function(msgspec.Struct, frozen=True):
    """A function or class of the program, or an operator, by its whole name."""

    name: str


class Calls:
    """The operators that a network calls.

    Args:
        sketch: works out what they make, one by one.
        weights: names of the values that are the file's weights.

    Attributes:
        nodes: the operators, in the order of their calls.
        frames: the modules that are being called, the outermost first.
    """

    def __init__(self, sketch: AtenReader, weights: Collection[str]) -> None:
        self.sketch = sketch
        self.weights = weights
        self.nodes: list[Node] = []
        self.frames: list[Frame] = []
        self._current: dict[str, str] = {}

    def current(self, tensor: Tensor) -> str:
        """The name of a tensor after all that was done to it in its place."""
        return self._current.get(tensor.name, tensor.name)

    def function(self, name: str, given: list[object], named: Mapping[str, object], count: int) -> object:
        """What a function returns that is none of the program's own: of numbers, or an operator.

        Args:
            name: with the modules that it is in: `torch.relu`.
            given: its arguments.
            named: those that are given by name.
            count: into how many values what it returns is taken apart; 0: it is not.
        """
        space, _dot, op = name.rpartition(".")
        if op == "RaiseException":
            raise Raised
        if name == "range":
            return self._range(given)
        values = [*given, *named.values()]
        if op in ("size", "dim", "numel") and given and isinstance(given[0], Tensor):
            return self._sizes(op, given)
        if not any(_has_tensor(value) for value in values) or op in HANDED_ON:
            if op in WORK:
                return computed(op, values)
            if op in PURE or (not any(_has_tensor(value) for value in values) and op not in MAKING):
                return NOT_KNOWN
        if op in PURE and op not in ("all", "any"):
            return NOT_KNOWN
        if op in ("len", "__is__", "__isnot__", "append", "extend", "list", "_set_item", "__contains__"):
            return self._of_tensors(op, values)
        return self.operator(op if space in ("torch", "ops.aten") else name.removeprefix("ops."), given, named, count)

    def _of_tensors(self, op: str, values: list[object]) -> object:
        if op in ("__is__", "__isnot__"):
            is_same = len(values) == 2 and values[0] is values[1]
            return is_same if op == "__is__" else not is_same
        if op == "len" and isinstance(values[0], Tensor):
            return self._sizes("size", [values[0], 0])
        return computed(op, values)

    def _range(self, given: Sequence[object]) -> object:
        whole = [item for item in given if type(item) is int and abs(item) <= LONGEST]
        if not 1 <= len(whole) <= 3 or len(whole) < len(given) or whole[2:] == [0]:
            return NOT_KNOWN
        return range(*whole)

    def _sizes(self, op: str, given: Sequence[object]) -> object:
        """A size of a tensor, all of them, or how many there are."""
        tensor = given[0]
        assert isinstance(tensor, Tensor)
        shape = self._now(tensor).shape
        if shape is None:
            return NOT_KNOWN
        if op == "dim":
            return len(shape)
        if op == "numel":
            return NOT_KNOWN
        if len(given) < 2:
            return list(shape)
        axis = given[1]
        return shape[axis] if isinstance(axis, int) and -len(shape) <= axis < len(shape) else NOT_KNOWN

    def _seen(self, value: object) -> object:
        """A value with its tensors as they are now."""
        if isinstance(value, list):
            return [self._seen(item) for item in value]
        return self._now(value) if isinstance(value, Tensor) else None if isinstance(value, NotKnown) else value

    def _now(self, tensor: Tensor) -> Tensor:
        """A tensor as it is now, with names for sizes that are not known."""
        name = self.current(tensor)
        shape = self.sketch.shape(Tensor(name))
        if shape is None:
            return Tensor(name)
        sizes = [size if size is not None else Symbol(f"{name}[{axis}]") for axis, size in enumerate(public(shape))]
        return Tensor(name, tuple(sizes))

    def operator(self, op: str, given: Sequence[object], named: Mapping[str, object], count: int) -> object:
        """Notes the call of an operator; what it makes is one tensor or a list of them."""
        arguments: dict[str, object] = {}
        names = names_of(op)
        if op == "arange":
            names = {1: ("end",)}.get(len(given), ("start", "end", "step"))
        if op.rstrip("_") in ("max", "min") and len(given) == 2 and isinstance(given[1], Tensor):
            names = ("self", "other")
        for place, value in enumerate(given):
            name = names[place] if place < len(names) else "self" if not place else str(place)
            arguments[name] = self._plain(value)
        arguments |= {name: self._plain(value) for name, value in named.items()}
        made = self._how_many(op, arguments, count)
        outputs = tuple([f"%{len(self.nodes)}.{place}" for place in range(max(made, 1))])
        self.nodes.append(Node(op, arguments, outputs, tuple(self.frames)))
        self.sketch.function(Node(op, arguments, outputs))
        tensors = [Tensor(output) for output in outputs]
        first = given[0] if given else None
        if op.endswith("_") and not op.endswith("__") and isinstance(first, Tensor):
            old = self._current.get(first.name, first.name)
            if old not in self.weights:
                self._current[first.name] = self._current[old] = outputs[0]
        return tensors if made else tensors[0]

    def _plain(self, value: object) -> object:
        """An argument as a node has it."""
        if isinstance(value, dict | Module | Function | range):
            return None
        return self._seen(value)

    def _how_many(self, op: str, arguments: Mapping[str, object], count: int) -> int:
        """How many tensors an operator makes as a list; 0: one, which is none."""
        if op in LISTING:
            found = shapes_of(op, Arguments(arguments), self.sketch.shape)
            if count or found is not None:
                return count or len(found or ())
            raise Unfollowable
        is_extreme = op in ("max", "min", "median", "mode", "aminmax") and isinstance(arguments.get("dim"), int)
        return count or SEVERAL.get(op, 2 if is_extreme else 0)


def _has_tensor(value: object) -> bool:
    if isinstance(value, list):
        return any(_has_tensor(item) for item in value)
    return isinstance(value, Tensor)
