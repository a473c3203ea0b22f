"""Works out what the operators of a TorchScript file make, one by one, where the file states no shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paramdesk.engine.option import LARGEST
from paramdesk.engine.shape import UNKNOWN, Dim, Shape, TensorSpec
from paramdesk.formats.aten import AtenReader, Node
from paramdesk.formats.recorder import Held, Recorder
from paramdesk.frameworks.aten import Tensor

SIZED = frozenset({"zeros", "ones", "empty", "full", "rand", "randn", "new_zeros", "new_ones", "new_full", "new_empty"})
"""Operators that make a tensor of a size that they are given."""
ALIKE = frozenset({"zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like"})
"""Operators that make a tensor of the size of another one."""


class Sketch(AtenReader):
    """Takes weights for data: what is made of them has a shape as well.

    Args:
        recorder: of the shapes.
        weights: the file's weights, by the names that the calls have for them.
        dtypes: the types of those that do not hold fractions.
    """

    def __init__(self, recorder: Recorder, weights: Mapping[str, Held], dtypes: Mapping[str, str]) -> None:
        super().__init__(recorder, {}, ())
        for name, weight in weights.items():
            self._set(name, weight.shape, dtypes.get(name, "float32"))

    def _set(self, value: str, shape: Shape, dtype: str) -> None:
        self.recorder.specs[value] = TensorSpec(shape, layout="channels_first", framework="pytorch", dtype=dtype)

    def fold(self, node: Node, tensors: Sequence[Tensor]) -> None:
        """Notes the shape of a tensor that is made of numbers."""
        shape = self._made(node, tensors)
        dtype = "int64" if node.op in ("arange", "randint", "tril_indices", "triu_indices") else "float32"
        if shape is not None:
            self._set(node.outputs[0], shape, dtype)

    def _made(self, node: Node, tensors: Sequence[Tensor]) -> Shape | None:
        op = node.op
        if op in ALIKE and tensors:
            return self.shape(tensors[0])
        if op in SIZED:
            size = node.arguments.get("size")
            return tuple([_size(item) for item in size]) if isinstance(size, list) else None
        if op in ("tensor", "scalar_tensor"):
            return ()
        if op == "arange":
            given = [node.arguments[name] for name in ("start", "end", "step") if name in node.arguments]
            whole = [item for item in given if isinstance(item, int) and abs(item) < LARGEST]
            if len(whole) < len(given) or not whole or (len(whole) == 3 and not whole[2]):
                return (UNKNOWN,)
            return (len(range(*whole)),)
        return None


def _size(value: object) -> Dim:
    return value if isinstance(value, int) and 0 <= value <= LARGEST else UNKNOWN
