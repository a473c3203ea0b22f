"""Activations along an axis: softmax and its relatives, and the gated linear unit. No weights, no multiply-accumulates.

Softmax, its logarithm and softmin keep the shape: the values along an axis become positive and sum up to 1. The gated
linear unit multiplies one half of an axis with a sigmoid of the other half, so only half of it is left.

Keras counts softmax along several axes as well and does not look whether they exist before it runs. PyTorch takes one
axis, refuses a missing one, and chooses where none is said: axis 0 of one or three axes, else axis 1. Keras' Activation
"log_softmax" and "glu" are the same functions on the last axis. Sources: `keras.layers.Softmax`, `torch.nn`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import divides
from paramdesk.engine.kinds.activation import ActivationKind
from paramdesk.engine.option import Axes, Integer, Option
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import TensorSpec, missing_axis, text
from paramdesk.engine.single_input import SingleInputKind
from paramdesk.engine.spelling import Argument, Module


def refuse_missing_axis(axis: int, x: TensorSpec) -> None:
    """Refuses an axis that a tensor of PyTorch does not have; a single number counts as having one.

    Raises:
        Refusal: there is no such axis.
    """
    rank = max(len(x.shape), 1)
    if not -rank <= axis < rank:
        raise Refusal(missing_axis(axis, x.shape), "axis", ({"axis": -1},))


class Softmax(ActivationKind, frozen=True, kw_only=True):
    """Makes the values along an axis positive, with the sum 1: probabilities.

    Attributes:
        axis: along which; in PyTorch one, or None for the one that it chooses.
        rank: 2 for pictures only, of three or four axes, as PyTorch's Softmax2d; None: for anything.
    """

    spellings = {
        "keras": ("Softmax",),
        "pytorch": (
            Module("Softmax", {"dim": Argument("axis", None)}),
            Module("Softmax2d", options={"axis": -3, "rank": 2}),
        ),
    }
    search = ("activation", "nonlinearity", "probability", "distribution")
    call_arguments = ActivationKind.call_arguments | {"mask"}
    source = "https://keras.io/api/layers/activation_layers/softmax/"

    axis: Annotated[Axes | None, Option("Axis", digest="along {}", joint=", ")] = -1
    rank: Annotated[Literal[2] | None, Option("Spatial axes", advanced=True, only="pytorch", unsaid="dropped")] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        if x.framework == "keras":
            return x
        if self.rank and len(x.shape) not in (3, 4):
            raise Refusal(f"it takes pictures, of 3 or 4 axes, but the input {text(x.shape)} has {len(x.shape)}")
        if isinstance(self.axis, tuple):
            raise Refusal(f"axes {self.axis}: PyTorch's softmax works along one axis", "axis", ({"axis": -1},))
        if self.axis is not None:
            refuse_missing_axis(self.axis, x)
        return x

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        rank = len(x.shape)
        axes = (self.axis,) if isinstance(self.axis, int) else self.axis
        if axes is None or x.framework == "pytorch":
            return
        if not axes:
            yield "it has no axis: it fails when run"
        for axis in axes:
            if not -rank <= axis < rank:
                yield f"{missing_axis(axis, x.shape)}, so it fails when run"
        if len({axis % max(rank, 1) for axis in axes}) < len(axes):
            yield "it names an axis twice: it fails when run"


class SingleAxisKind(ActivationKind, frozen=True, kw_only=True):
    """What only torch.nn has as a class, along one axis.

    Attributes:
        axis: along which; None: as PyTorch chooses.
    """

    axis: Annotated[Integer | None, Option("Axis", digest="along {}", preset=1)] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        if self.axis is not None:
            refuse_missing_axis(self.axis, x)
        return x


class LogSoftmax(SingleAxisKind, frozen=True, kw_only=True):
    """The logarithm of softmax along an axis: what the loss of a classifier takes."""

    elsewhere = '`Activation("log_softmax")`'
    spellings = {"pytorch": (Module("LogSoftmax", {"dim": Argument("axis", None)}),)}
    search = ("activation", "nonlinearity", "probability", "logarithm")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html"


class Softmin(SingleAxisKind, frozen=True, kw_only=True):
    """Softmax of the negative values: the smallest gets the largest share."""

    elsewhere = "`Softmax` of the negative"
    spellings = {"pytorch": (Module("Softmin", {"dim": Argument("axis", None)}),)}
    search = ("activation", "nonlinearity", "probability")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmin.html"


class GLU(SingleInputKind, frozen=True, kw_only=True):
    """Multiplies one half of an axis with a sigmoid of the other half: a gate. Half of the axis is left.

    Attributes:
        axis: which axis is halved; its size must be even.
    """

    elsewhere = '`Activation("glu")`'
    category = "act"
    spellings = {"pytorch": (Module("GLU", {"dim": Argument("axis", -1)}),)}
    search = ("activation", "nonlinearity", "gated", "gate")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.GLU.html"

    axis: Annotated[Integer, Option("Axis", digest="along {}")] = -1

    def output(self, x: TensorSpec) -> TensorSpec:
        rank = len(x.shape)
        if not -rank <= self.axis < rank:
            raise Refusal(missing_axis(self.axis, x.shape), "axis", ({"axis": -1},))
        size = x.shape[self.axis]
        if not divides(2, size):
            reason = f"GLU halves axis {self.axis} of the input {text(x.shape)}: {size} is no even number"
            even = tuple({"axis": axis} for axis in range(1, rank) if divides(2, x.shape[axis]))
            raise Refusal(reason, "axis", even)
        shape = list(x.shape)
        shape[self.axis] = size // 2
        return x.reshaped(tuple(shape))

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        channels = 1 if x.layout == "channels_first" else len(x.shape) - 1
        return field if self.axis % len(x.shape) == channels else None
