"""What the code of a network does between its layers: tensors learnt on their own, products of tensors, operations.

A tensor that belongs to no layer (a class token, position embeddings) counts its values. A product of two tensors is
what attention is made of: each output adds up one multiply-accumulate for each place along the axis that is gone. The
other operations rearrange, select or combine values; they own nothing, and there is nothing in them to multiply and
accumulate. Files of whole networks (ONNX, torch.export) name them. Sources: `torch.nn.Parameter`, `torch.matmul`, and
PyTorch's operations on tensors.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from paramdesk.engine.crossing import Crossing
from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import named, part, product
from paramdesk.engine.kinds.core import DataType
from paramdesk.engine.kinds.merging import stretched
from paramdesk.engine.kinds.unknown import MANY, Sizes
from paramdesk.engine.layer_kind import Fields, LayerKind, Tensors
from paramdesk.engine.option import AFew, Natural, Option
from paramdesk.engine.receptive_field import ReceptiveField, widest
from paramdesk.engine.shape import UNKNOWN, Dim, Framework, Shape, TensorSpec, internal, is_known, text
from paramdesk.engine.weight import Weight


class Parameter(LayerKind, frozen=True, kw_only=True):
    """A tensor that is learnt on its own, and goes into the network as it is: a class token, position embeddings.

    Attributes:
        shape: of the tensor, every axis.
    """

    category = "emb"
    elsewhere = "a layer of your own that calls `add_weight`"
    spellings = {"pytorch": ("Parameter",)}
    search = ("learnt tensor", "class token", "position embedding", "scale", "weight")
    may_read_nothing = True
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html"

    shape: Annotated[tuple[Natural, ...], AFew, Option("Shape", words="size", digest="{}", preset=(1, 1, 64))]

    def outputs(self, inputs: Tensors) -> Tensors:
        if inputs:
            raise Refusal(f"a parameter reads nothing, but {len(inputs)} inputs come in")
        return (TensorSpec(self.shape, layout="channels_first", framework="pytorch"),)

    def crossed(self, crossing: Crossing) -> LayerKind:
        shape = tuple([self.shape[axis] for axis in crossing.made])
        return self if shape == self.shape else msgspec.structs.replace(self, shape=shape)

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        return (Weight("parameter", self.shape),)

    def declared_inputs(self) -> Tensors:
        return (TensorSpec((), framework="pytorch"),)


class MatMul(LayerKind, frozen=True, kw_only=True):
    """Multiplies the matrices in two tensors: rows of the first with columns of the second.

    The last two axes are the matrices; those before them must agree, or are stretched.
    """

    category = "merge"
    elsewhere = "`keras.ops.matmul`"
    spellings = {"pytorch": ("matmul", "bmm", "mm")}
    search = ("matrix product", "attention", "scores", "bmm", "dot")
    usual_shapes = ((28, 28, 32),)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.matmul.html"

    @classmethod
    def inputs_needed(cls, framework: Framework) -> int:
        return 2

    def outputs(self, inputs: Tensors) -> Tensors:
        if len(inputs) != 2:
            raise Refusal(f"MatMul takes two inputs, got {len(inputs)}")
        one, other = (spec.shape for spec in inputs)
        if not one or not other:
            raise Refusal(f"{text(one)} and {text(other)} cannot be multiplied: a single value is no matrix")
        rows = one if len(one) > 1 else (1, *one)
        columns = other if len(other) > 1 else (*other, 1)
        if is_known(rows[-1]) and is_known(columns[-2]) and rows[-1] != columns[-2]:
            reason = f"{text(one)} and {text(other)} cannot be multiplied: {rows[-1]} is not {columns[-2]}"
            raise Refusal(reason)
        frame = inputs[0].floating()
        ahead = stretched((frame.reshaped(rows[:-2]), frame.reshaped(columns[:-2])))
        kept = (*rows[-2:-1][: len(one) - 1], *columns[-1:][: len(other) - 1])
        return (frame.reshaped((*ahead, *kept)),)

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        return product((*outputs[0].shape[1:], named("length of the vectors", inputs[0].shape[-1])))

    def samples_on(self, inputs: Tensors) -> Dim:
        made = self.outputs(inputs)[0].shape
        return made[0] if made else 1


class DotProductAttention(LayerKind, frozen=True, kw_only=True):
    """Attention without weights: the values of the keys that are most alike each query, weighed by how alike they are.

    The last two axes are positions and channels; those before them (batch and heads) must agree, or are stretched.
    """

    category = "att"
    elsewhere = "`Attention`, or `keras.ops.dot_product_attention`"
    spellings = {"pytorch": ("scaled_dot_product_attention",)}
    search = ("scaled dot product", "sdpa", "self-attention", "heads", "flash attention")
    input_names = ("query", "key", "value", "mask")
    usual_shapes = ((28, 28, 32),)
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html"

    @classmethod
    def inputs_needed(cls, framework: Framework) -> int:
        return 3

    def outputs(self, inputs: Tensors) -> Tensors:
        if not 3 <= len(inputs) <= 4:
            raise Refusal(f"it is called on query, key, value and perhaps a mask, got {len(inputs)} inputs")
        query, key, value = (spec.shape for spec in inputs[:3])
        shapes = f"query {text(query)}, key {text(key)} and value {text(value)}"
        if min(len(query), len(key), len(value)) < 2:
            raise Refusal(f"{shapes}: each needs at least 2 axes, positions and channels")
        for what, one, other in (("channels", query[-1], key[-1]), ("positions", key[-2], value[-2])):
            if is_known(one) and is_known(other) and one != other:
                raise Refusal(f"{shapes} do not fit together: {one} {what} are not {other}")
        frame = inputs[0].floating()
        heads = [self._heads(query, key), self._heads(query, value)]
        ahead = stretched((frame.reshaped(query[:-2]), *map(frame.reshaped, heads)))
        return (frame.reshaped((*ahead, query[-2], value[-1])),)

    def _heads(self, query: Shape, other: Shape) -> Shape:
        """What stands before positions and channels; heads of keys may be shared by several of the queries."""
        ahead, wanted = other[:-2], query[-3:-2]
        if not ahead or not wanted or not isinstance(wanted[0], int) or not isinstance(ahead[-1], int):
            return ahead
        return (*ahead[:-1], *wanted) if ahead[-1] and wanted[0] % ahead[-1] == 0 else ahead

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        query, key, value = (spec.shape for spec in inputs[:3])
        each = part("scores QKᵀ", named("keys", key[-2]) * query[-1])
        each = each + part("weighted values", named("keys", key[-2]) * value[-1])
        return product((*outputs[0].shape[1:-1], each))

    def samples_on(self, inputs: Tensors) -> Dim:
        return self.outputs(inputs)[0].shape[0]


class Einsum(LayerKind, frozen=True, kw_only=True):
    """Multiplies tensors and adds up, by an equation that has a letter for each axis.

    Attributes:
        equation: the letters of each input, and those of what comes out: "bqd,bkd->bqk".
    """

    category = "merge"
    elsewhere = "`keras.ops.einsum`"
    spellings = {"pytorch": ("einsum",)}
    search = ("einstein summation", "tensor product", "contraction", "attention")
    usual_shapes = ((28, 32), (28, 28, 32))
    source = "https://docs.pytorch.org/docs/stable/generated/torch.einsum.html"

    equation: Annotated[str, msgspec.Meta(max_length=300), Option("Equation", digest="{}", preset="bqd,bkd->bqk")]

    def outputs(self, inputs: Tensors) -> Tensors:
        sizes, made = self._sizes(inputs)
        missing = sorted(set(made) - sizes.keys())
        if missing:
            raise Refusal(f"{missing[0]} comes out, but no input has it: {self.equation}", "equation")
        return (inputs[0].floating().reshaped(tuple([sizes[letter] for letter in made])),)

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        sizes, made = self._sizes(inputs)
        if len(inputs) != 2:
            return 0 if len(inputs) < 2 else UNKNOWN  # of three, it depends on which two come first
        return product([size for letter, size in sizes.items() if letter != made[:1]])

    def samples_on(self, inputs: Tensors) -> Dim:
        sizes, made = self._sizes(inputs)
        return sizes[made[0]] if made else 1

    def _sizes(self, inputs: Tensors) -> tuple[dict[str, Dim], str]:
        """The size that each letter stands for, and the letters that come out.

        Raises:
            Refusal: the equation does not fit the inputs.
        """
        given, arrow, made = self.equation.replace(" ", "").partition("->")
        terms = given.split(",")
        if len(terms) != len(inputs):
            raise Refusal(f"{self.equation} is for {len(terms)} inputs, got {len(inputs)}", "equation")
        if "." in self.equation:
            raise Refusal(f"{self.equation}: axes that dots stand for are not known here", "equation")
        sizes: dict[str, Dim] = {}
        for term, spec in zip(terms, inputs, strict=True):
            if len(term) != len(spec.shape):
                raise Refusal(f"{term} names {len(term)} axes, but the input is {text(spec.shape)}", "equation")
            for letter, size in zip(term, spec.shape, strict=True):
                former = sizes.get(letter, UNKNOWN)
                if is_known(former) and is_known(size) and former != size and 1 not in (former, size):
                    raise Refusal(f"{letter} stands for {former} and for {size} in {self.equation}", "equation")
                if not is_known(former) or former == 1:
                    sizes[letter] = size
        once = [letter for letter in sorted(sizes) if "".join(terms).count(letter) == 1]
        return sizes, made if arrow else "".join(once)


class Operation(LayerKind, frozen=True, kw_only=True):
    """An operation on tensors that has no kind of its own: it owns no weights and counts no multiply-accumulates.

    Attributes:
        operation: its name.
        output_shapes: what it makes, the batch among the axes; none: one tensor, as large as the inputs together.
        dtype: of what it makes; None: that of its first input.
    """

    category = "reshape"
    spellings = {"pytorch": ("operation",)}
    search = ("function", "slice", "split", "reduce", "elementwise")
    may_read_nothing = True
    is_offered = False
    keeps_type = True
    source = "https://docs.pytorch.org/docs/stable/torch.html"

    operation: Annotated[str, Option("Operation", preset="sqrt")]
    output_shapes: Annotated[Annotated[tuple[Sizes, ...], MANY], Option("Output shapes", hidden=True)] = ()
    dtype: Annotated[DataType | None, Option("Type", advanced=True)] = None

    def outputs(self, inputs: Tensors) -> Tensors:
        if not inputs and not self.output_shapes:
            raise Refusal(f"{self.operation} reads nothing, and nothing states what it makes", "output_shapes")
        frame = inputs[0] if inputs else TensorSpec((), framework="pytorch")
        frame = frame if self.dtype is None else msgspec.structs.replace(frame, dtype=self.dtype)
        shapes: tuple[Shape, ...] = tuple(map(internal, self.output_shapes)) or (stretched(inputs),)
        return tuple([frame.reshaped(shape) for shape in shapes])

    def field_on(self, inputs: Tensors, fields: Fields) -> ReceptiveField | None:
        return widest(fields) if inputs and not self.output_shapes else None

    def remarks_on(self, inputs: Tensors) -> Iterable[str]:
        if self.output_shapes:
            yield "What it makes is as its file states: it does not follow changes of the network."

    def name_in(self, framework: Framework) -> str:
        return self.operation
