"""Products and distances of two tensors: along one axis, which is gone afterwards. No weights.

Dot multiplies the values of the first input along its axis with those of the second along its own and adds them up: one
multiply-accumulate for each output and place along the axis. What is left of the first stands before what is left of
the second, their common batch before both. Cosine similarity and pairwise distance compare the inputs place by place,
which is no product of matrices and counts no multiply-accumulates here.
Sources: `keras.layers.Dot`, `torch.nn.CosineSimilarity`, `torch.nn.PairwiseDistance`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeAlias

import msgspec

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import named, product
from paramdesk.engine.kinds.activation import NotNegative
from paramdesk.engine.kinds.merging import MergingKind, stretched
from paramdesk.engine.kinds.softmax import refuse_missing_axis
from paramdesk.engine.layer_kind import Fields, LayerKind, Tensors
from paramdesk.engine.option import Flag, Integer, Option
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import Dim, Framework, TensorSpec, is_known, missing_axis, text
from paramdesk.engine.spelling import Argument, Module

TwoAxes: TypeAlias = Annotated[tuple[Integer, ...], msgspec.Meta(min_length=2, max_length=2)]


class Dot(MergingKind, frozen=True, kw_only=True):
    """Multiplies two inputs along an axis of each and adds up: how alike their vectors are.

    Attributes:
        axes: along which axis, of both or of each.
        normalize: whether the vectors are brought to the length 1 before: cosine similarity.
    """

    spellings = {"keras": ("Dot",), "pytorch": ("tensordot",)}
    search = ("merge", "inner product", "scalar product", "matrix product", "cosine")
    source = "https://keras.io/api/layers/merging_layers/dot/"

    axes: Annotated[Integer | TwoAxes, Option("Axes", digest="axes {}", joint=", ", preset=-1)]
    normalize: Annotated[bool, Option("Normalize", digest="normalized")] = False

    def merged(self, inputs: Tensors) -> TensorSpec:
        first, second = self._axes_of(inputs)
        one, other = list(inputs[0].shape), list(inputs[1].shape)
        a, b = one.pop(first), other.pop(second)
        if (is_known(a) or is_known(b)) and not (is_known(a) and is_known(b) and a == b):
            shapes = f"{text(inputs[0].shape)} and {text(inputs[1].shape)}"
            along, its = (str(int(size)) if isinstance(size, int) else "unknown" for size in (a, b))
            raise Refusal(
                f"{shapes} cannot be multiplied along axes {first} and {second}: {along} is not {its}", "axes"
            )
        if not other:
            raise Refusal(
                f"the second input {text(inputs[1].shape)} has no axis besides the one that is multiplied", "axes"
            )
        left = (*one, *other[1:])
        return inputs[0].reshaped(left if len(left) != 1 else (*left, 1))

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        first, _second = self._axes_of(inputs)
        return product((*outputs[0].shape[1:], named("length of the vectors", inputs[0].shape[first])))

    def field_on(self, inputs: Tensors, fields: Fields) -> ReceptiveField | None:
        return None

    def warnings_on(self, inputs: Tensors, outputs: Tensors) -> Iterable[str]:
        first, second = self._axes_of(inputs)
        one, other = (spec.shape for spec in inputs)
        if min(len(one), len(other)) < 2:
            yield "it needs a batch and another axis of both inputs: it fails when run"
        elif 0 in (first % len(one), second % len(other)):
            yield "axis 0 is the batch, which cannot be multiplied along: it fails when run"
        elif is_known(one[0]) and is_known(other[0]) and one[0] != other[0]:
            yield f"the batches {one[0]} and {other[0]} differ: it fails when run"

    def _axes_of(self, inputs: Tensors) -> tuple[int, int]:
        """The axis of each input.

        Raises:
            Refusal: there are not two inputs, or one has no such axis.
        """
        if len(inputs) != 2:
            raise Refusal(f"Dot takes exactly two inputs, got {len(inputs)}")
        ranks = [len(spec.shape) for spec in inputs]
        if isinstance(self.axes, int) and self.axes < 0 and all(ranks):
            return self.axes % ranks[0], self.axes % ranks[1]
        first, second = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        for axis, spec, rank in zip((first, second), inputs, ranks, strict=True):
            if not -rank <= axis < rank:
                raise Refusal(missing_axis(axis, spec.shape), "axes", ({"axes": -1},))
        return first, second


class ComparingKind(LayerKind, frozen=True, kw_only=True):
    """What compares two inputs place by place; sizes of 1 are stretched."""

    category = "merge"

    @classmethod
    def inputs_needed(cls, framework: Framework) -> int:
        return 2

    def compared(self, inputs: Tensors) -> TensorSpec:
        """The tensor in which each place of both is compared.

        Raises:
            Refusal: there are not two inputs, or they do not fit together.
        """
        if len(inputs) != 2:
            raise Refusal(f"{self.title()} takes two inputs, got {len(inputs)}")
        return inputs[0].reshaped(stretched(inputs)).floating()


class CosineSimilarity(ComparingKind, frozen=True, kw_only=True):
    """The cosine of the angle between the vectors of two inputs: 1 where they point the same way.

    Attributes:
        axis: along which axis the vectors lie.
        epsilon: the least product of their lengths, against a division by zero.
    """

    elsewhere = "`Dot` with `normalize`"
    spellings = {
        "pytorch": (Module("CosineSimilarity", {"dim": Argument("axis", 1), "eps": Argument("epsilon", 1e-8)}),)
    }
    search = ("merge", "distance", "angle", "similarity")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html"

    axis: Annotated[Integer, Option("Axis", digest="along {}")] = 1
    epsilon: Annotated[NotNegative, Option("Epsilon", advanced=True)] = 1e-8

    def outputs(self, inputs: Tensors) -> Tensors:
        both = self.compared(inputs)
        refuse_missing_axis(self.axis, both)
        shape = list(both.shape)
        if shape:
            del shape[self.axis]
        return (both.reshaped(tuple(shape)),)


class PairwiseDistance(ComparingKind, frozen=True, kw_only=True):
    """How far the vectors along the last axis of two inputs lie apart.

    Attributes:
        p: the norm: 2 for the usual distance, 1 for the sum of the differences.
        keepdims: whether the axis stays, with a size of 1.
        epsilon: added to every difference, against a division by zero.
    """

    elsewhere = "nothing"
    spellings = {
        "pytorch": (
            Module(
                "PairwiseDistance",
                {"p": Argument("p", 2.0), "eps": Argument("epsilon", 1e-6), "keepdim": Argument("keepdims", False)},
            ),
        )
    }
    search = ("merge", "distance", "norm", "difference")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html"

    p: Annotated[float, Option("Norm", digest="norm {}")] = 2.0
    keepdims: Annotated[Flag, Option("Keep the axis", digest="keeps the axis")] = False
    epsilon: Annotated[float, Option("Epsilon", advanced=True)] = 1e-6

    def outputs(self, inputs: Tensors) -> Tensors:
        both = self.compared(inputs)
        kept = (1,) if self.keepdims and both.shape else ()
        return (both.reshaped((*both.shape[:-1], *kept)),)
