"""Merging: several tensors become one. No weights, no multiply-accumulates.

Sizes of 1 are stretched to those of the other inputs, axes aligned from the last one. In Keras the batch is no such
axis: inputs of different batches are refused, and a size that is not known stays unknown. In PyTorch it is an axis like
any other. A concatenation adds the sizes along its axis and takes the others from the first input.
Sources: `keras.layers.Add` and its relatives, PyTorch's broadcasting semantics, `torch.cat`.
"""

from __future__ import annotations

from typing import Annotated

from paramdesk.engine.errors import Refusal
from paramdesk.engine.layer_kind import Fields, LayerKind, Tensors
from paramdesk.engine.naming import listed
from paramdesk.engine.option import Integer, Option
from paramdesk.engine.receptive_field import ReceptiveField, widest
from paramdesk.engine.shape import UNKNOWN, Dim, Framework, Shape, TensorSpec, is_known, missing_axis, text


class MergingKind(LayerKind, frozen=True, kw_only=True):
    """What reads a list of tensors and makes one of them."""

    category = "merge"
    takes_list = True

    def merged(self, inputs: Tensors) -> TensorSpec:
        """The tensor that they become."""
        raise NotImplementedError

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        return None

    def outputs(self, inputs: Tensors) -> Tensors:
        return (self.merged(inputs).floating(),)

    def field_on(self, inputs: Tensors, fields: Fields) -> ReceptiveField | None:
        return widest(fields)


class ElementwiseMergingKind(MergingKind, frozen=True, kw_only=True):
    """What combines values at the same place; sizes of 1 are stretched."""

    def merged(self, inputs: Tensors) -> TensorSpec:
        first = inputs[0]
        if first.framework == "pytorch":
            return first.reshaped(stretched(inputs))
        batch, shape = _batch(inputs, self.title()), first.shape[1:]
        for other in inputs[1:]:
            shape = self._stretched(shape, other.shape[1:], inputs)
        return first.reshaped((batch, *shape))

    def _stretched(self, one: Shape, other: Shape, inputs: Tensors) -> Shape:
        if len(one) < len(other):
            one, other = other, one
        ahead = len(one) - len(other)
        found = list(one[:ahead])
        for axis, (a, b) in enumerate(zip(one[ahead:], other, strict=True), ahead + 1):
            if not (is_known(a) and is_known(b)):
                found.append(UNKNOWN)
            elif a == 1:
                found.append(b)
            elif b in (1, a):
                found.append(a)
            else:
                raise _misfit(inputs, axis, a, b)
        return tuple(found)


def stretched(inputs: Tensors) -> Shape:
    """The shape to which PyTorch stretches tensors that are combined value by value.

    Raises:
        Refusal: they do not fit together.
    """
    rank = max(len(spec.shape) for spec in inputs)
    found: list[Dim] = [1] * rank
    for spec in inputs:
        for axis, size in enumerate(spec.shape, rank - len(spec.shape)):
            former = found[axis]
            if not is_known(size):
                found[axis] = size if former == 1 else former
            elif not is_known(former) or former == 1:
                found[axis] = former if size == 1 else size
            elif size not in (1, former):
                raise _misfit(inputs, axis, former, size)
    return tuple(found)


def _misfit(inputs: Tensors, axis: int, one: Dim, other: Dim) -> Refusal:
    return Refusal(f"{_listed(inputs)} do not fit together: along axis {axis}, {one} is not {other}")


def _listed(inputs: Tensors) -> str:
    """The shapes of the inputs: `(None, 4), (None, 5) and (None, 6)`."""
    return listed([text(spec.shape) for spec in inputs], most=len(inputs))


def _batch(inputs: Tensors, title: str) -> Dim:
    """The one known size of the batch.

    Raises:
        Refusal: there are two, or a tensor has no batch.
    """
    found: Dim = UNKNOWN
    for spec in inputs:
        if not spec.shape:
            raise Refusal(f"{title} needs at least 1 axis (the batch), but an input () has none")
        size = spec.shape[0]
        if is_known(found) and is_known(size) and found != size:
            raise Refusal(f"{title} cannot merge batches of {found} and {size}")
        found = size if is_known(size) else found
    return found


class Add(ElementwiseMergingKind, frozen=True, kw_only=True):
    """Adds its inputs: a skip connection."""

    spellings = {"keras": ("Add",), "pytorch": ("add",)}
    search = ("merge", "residual", "skip", "sum", "plus")
    source = "https://keras.io/api/layers/merging_layers/add/"


class Subtract(ElementwiseMergingKind, frozen=True, kw_only=True):
    """Subtracts the second input from the first."""

    spellings = {"keras": ("Subtract",), "pytorch": ("sub",)}
    search = ("merge", "difference", "minus")
    source = "https://keras.io/api/layers/merging_layers/subtract/"

    def merged(self, inputs: Tensors) -> TensorSpec:
        if len(inputs) != 2:
            raise Refusal(f"Subtract needs exactly 2 inputs, got {len(inputs)}")
        return super().merged(inputs)


class Multiply(ElementwiseMergingKind, frozen=True, kw_only=True):
    """Multiplies its inputs value by value: a gate."""

    spellings = {"keras": ("Multiply",), "pytorch": ("mul",)}
    search = ("merge", "gate", "product", "squeeze excite", "times")
    source = "https://keras.io/api/layers/merging_layers/multiply/"


class Average(ElementwiseMergingKind, frozen=True, kw_only=True):
    """Takes the mean of its inputs, value by value."""

    spellings = {"keras": ("Average",), "pytorch": ("mean",)}
    search = ("merge", "mean", "ensemble")
    source = "https://keras.io/api/layers/merging_layers/average/"


class Maximum(ElementwiseMergingKind, frozen=True, kw_only=True):
    """Takes the largest of its inputs, value by value."""

    spellings = {"keras": ("Maximum",), "pytorch": ("maximum",)}
    search = ("merge", "max", "largest")
    source = "https://keras.io/api/layers/merging_layers/maximum/"


class Minimum(ElementwiseMergingKind, frozen=True, kw_only=True):
    """Takes the smallest of its inputs, value by value."""

    spellings = {"keras": ("Minimum",), "pytorch": ("minimum",)}
    search = ("merge", "min", "smallest")
    source = "https://keras.io/api/layers/merging_layers/minimum/"


class Concatenate(MergingKind, frozen=True, kw_only=True):
    """Puts its inputs one behind the other along an axis; the other axes must agree."""

    spellings = {"keras": ("Concatenate",), "pytorch": ("cat",)}
    search = ("merge", "join", "stack", "append", "densenet", "inception", "cat")
    source = "https://keras.io/api/layers/merging_layers/concatenate/"

    axis: Annotated[Integer, Option("Axis", digest="along axis {}")] = -1

    def merged(self, inputs: Tensors) -> TensorSpec:
        first = inputs[0]
        rank = len(first.shape)
        if len(inputs) == 1 and self.axis >= rank:  # Keras does not look: there is nothing to put behind it
            return first
        self._refuse_misfits(inputs, rank)
        total: Dim = 0
        for index, spec in enumerate(inputs):
            total = spec.shape[self.axis] if index == 0 else total + spec.shape[self.axis]
        shape = list(first.shape)
        shape[self.axis] = total
        return first.reshaped(tuple(shape))

    def field_on(self, inputs: Tensors, fields: Fields) -> ReceptiveField | None:
        rank = len(inputs[0].shape)
        channels = 1 if inputs[0].layout == "channels_first" else rank - 1
        return widest(fields) if self.axis % rank == channels else None

    def _refuse_misfits(self, inputs: Tensors, rank: int) -> None:
        if not -rank <= self.axis < rank:
            raise Refusal(missing_axis(self.axis, inputs[0].shape), "axis", ({"axis": -1},))
        shapes = _listed(inputs)
        if any(len(spec.shape) != rank for spec in inputs):
            raise Refusal(f"{shapes} cannot be concatenated: they have different numbers of axes")
        for axis in range(rank):
            sizes = list(dict.fromkeys(spec.shape[axis] for spec in inputs if is_known(spec.shape[axis])))
            if len(sizes) > 1 and axis != self.axis % rank:
                raise Refusal(
                    f"{shapes} cannot be concatenated along axis {self.axis}: "
                    f"along axis {axis}, {sizes[0]} is not {sizes[1]}",
                    "axis",
                    ({"axis": axis},),
                )
