"""Parts of a tensor, and a tensor for every sample: what the code of a network takes apart and puts together.

They own nothing, and there is nothing in them to multiply and accumulate. Rules as in PyTorch (`torch.chunk`,
`torch.select`, `torch.Tensor.expand`), which count the batch as axis 0.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from paramdesk.engine.errors import Refusal
from paramdesk.engine.kinds.reshaping import ReshapingKind
from paramdesk.engine.layer_kind import Fields, LayerKind, Tensors
from paramdesk.engine.option import Integer, Option
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import Dim, TensorSpec, is_known, missing_axis, same_size, text

MOST_CHUNKS = 1_000
"""Nobody splits a tensor into more; each is an output."""

Along = Annotated[Integer, Option("Axis", digest="along axis {}")]


class Chunk(LayerKind, frozen=True, kw_only=True):
    """Splits a tensor along one axis into equal parts, each an output of its own.

    Where the size cannot be divided, the last part is smaller, and there may be fewer of them.

    Attributes:
        chunks: how many parts.
        axis: which axis is split.
    """

    category = "reshape"
    elsewhere = "`keras.ops.split`"
    spellings = {"pytorch": ("chunk",)}
    search = ("split", "halves", "parts", "channel split", "shufflenet")
    keeps_type = True
    source = "https://docs.pytorch.org/docs/stable/generated/torch.chunk.html"

    chunks: Annotated[int, msgspec.Meta(ge=1, le=MOST_CHUNKS), Option("Parts", digest="{} parts", preset=2, leads=True)]
    axis: Along = 1

    def outputs(self, inputs: Tensors) -> Tensors:
        x = _only(self, inputs)
        axis = _place(x, self.axis)
        return tuple([
            x.reshaped((*x.shape[:axis], size, *x.shape[axis + 1 :])) for size in self.sizes(x.shape[axis])
        ])  # fmt: skip

    def sizes(self, n: Dim) -> list[Dim]:
        """The sizes of the parts of an axis of n."""
        if not isinstance(n, int):
            reason = f"how many parts there are depends on the size of axis {self.axis}, which is not known"
            raise Refusal(reason, "axis")
        each = same_size(n, self.chunks)
        if not isinstance(each, int) or each == 0:
            return [each] * self.chunks
        before = (int(n) - 1) // int(each)
        rest = int(n) - before * int(each)
        sizes: list[Dim] = [each for _ in range(before)]
        return [*sizes, each if rest == each else rest]

    def field_on(self, inputs: Tensors, fields: Fields) -> ReceptiveField | None:
        channels = 1 if inputs[0].layout == "channels_first" else len(inputs[0].shape) - 1
        return fields[0] if _place(inputs[0], self.axis) == channels else None  # else its parts see different places


class Select(ReshapingKind, frozen=True, kw_only=True):
    """Takes one of the places along an axis, which is gone then: the class token of a sequence.

    Attributes:
        axis: which axis.
        index: which place along it, counted from 0, or backwards from −1.
    """

    elsewhere = "`keras.ops.take`"
    spellings = {"pytorch": ("select",)}
    search = ("slice", "index", "class token", "last step", "take")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.select.html"

    axis: Along = 1
    index: Annotated[Integer, Option("Place", digest="place {}", always=True)] = 0

    def output(self, x: TensorSpec) -> TensorSpec:
        axis = _place(x, self.axis)
        n = x.shape[axis]
        if is_known(n) and not -n <= self.index < n:
            reason = f"place {self.index} does not exist: axis {axis} of the input {text(x.shape)} has {n}"
            raise Refusal(reason, "index", ({"index": 0},) if n != 0 else ())
        return x.reshaped((*x.shape[:axis], *x.shape[axis + 1 :]))


class ExpandBatch(LayerKind, frozen=True, kw_only=True):
    """Repeats what there is once for every sample of another tensor: a class token, put before each image's patches."""

    category = "reshape"
    elsewhere = "`keras.ops.broadcast_to`"
    spellings = {"pytorch": ("expand",)}
    search = ("broadcast", "repeat", "tile", "class token", "batch")
    input_names = ("input", "samples")
    keeps_type = True
    source = "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html"

    def outputs(self, inputs: Tensors) -> Tensors:
        if len(inputs) != 2:
            raise Refusal(
                f"it reads what is repeated, and the samples that it is repeated for: got {len(inputs)} inputs"
            )
        x, samples = inputs
        if not x.shape or not samples.shape:
            raise Refusal(f"{text(x.shape)} and {text(samples.shape)}: each needs at least 1 axis, the batch")
        one, batch = x.shape[0], samples.shape[0]
        if is_known(one) and is_known(batch) and one not in (1, batch):
            raise Refusal(f"the input {text(x.shape)} has a batch of {one}, which cannot become one of {batch}")
        return (x.reshaped((batch, *x.shape[1:])),)

    def samples_on(self, inputs: Tensors) -> Dim:
        return inputs[1].shape[0] if len(inputs) > 1 and inputs[1].shape else 1


def _only(kind: LayerKind, inputs: Tensors) -> TensorSpec:
    if len(inputs) != 1:
        raise Refusal(f"{kind.title()} takes one input, got {len(inputs)}")
    return inputs[0]


def _place(x: TensorSpec, axis: int) -> int:
    """An axis counted from the first.

    Raises:
        Refusal: the tensor has no such axis.
    """
    rank = len(x.shape)
    if not -rank <= axis < rank:
        raise Refusal(missing_axis(axis, x.shape), "axis", ({"axis": -1},) if rank else ())
    return axis % rank
