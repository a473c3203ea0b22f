"""Activations that are classes of their own in torch.nn only.

They keep the shape and own nothing; there is nothing to multiply and accumulate. In Keras they are an Activation with
the function's name and without options: "celu", "gelu", "softplus", "hard_tanh", "hard_shrink", "soft_shrink". Many can
work in place: the output takes the memory of the input. Source: `torch.nn`, non-linear activations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from paramdesk.engine.errors import Refusal
from paramdesk.engine.kinds.activation import IN_PLACE, ActivationKind, InPlaceActivationKind, NotNegative
from paramdesk.engine.option import Option
from paramdesk.engine.shape import TensorSpec
from paramdesk.engine.spelling import Argument, Module


class CELU(InPlaceActivationKind, frozen=True, kw_only=True):
    """Keeps what is above 0; what is below runs towards −alpha, with the same slope at 0 whatever alpha is.

    Attributes:
        alpha: how far below 0 it runs; not 0.
    """

    elsewhere = '`Activation("celu")`'
    spellings = {"pytorch": (Module("CELU", {"alpha": Argument("alpha", 1.0), **IN_PLACE}),)}
    search = ("activation", "nonlinearity", "exponential")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.CELU.html"

    alpha: Annotated[float, Option("Alpha", digest="alpha {}")] = 1.0

    def output(self, x: TensorSpec) -> TensorSpec:
        if self.alpha == 0:
            raise Refusal("alpha = 0: CELU divides by it", "alpha", ({"alpha": 1.0},))
        return x


class GELU(ActivationKind, frozen=True, kw_only=True):
    """Weighs every value by how likely a normal one is below it: the activation of transformers.

    Attributes:
        approximate: "tanh" computes it by a formula with tanh.
    """

    elsewhere = '`Activation("gelu")`'
    spellings = {"pytorch": (Module("GELU", {"approximate": Argument("approximate", "none")}),)}
    search = ("activation", "nonlinearity", "transformer", "gaussian")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html"

    approximate: Annotated[Literal["none", "tanh"], Option("Approximate", digest="{}")] = "none"


class Softplus(ActivationKind, frozen=True, kw_only=True):
    """A smooth ReLU: the logarithm of 1 + e to the power of the value.

    Attributes:
        beta: how sharp the bend is.
        threshold: above it, times beta, a value is kept as it is.
    """

    elsewhere = '`Activation("softplus")`'
    spellings = {
        "pytorch": (Module("Softplus", {"beta": Argument("beta", 1.0), "threshold": Argument("threshold", 20.0)}),)
    }
    search = ("activation", "nonlinearity", "smooth")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Softplus.html"

    beta: Annotated[float, Option("Beta", digest="beta {}")] = 1.0
    threshold: Annotated[float, Option("Threshold", digest="linear above {}")] = 20.0


class HardTanh(InPlaceActivationKind, frozen=True, kw_only=True):
    """Keeps values between two bounds; what is beyond becomes the bound.

    Attributes:
        min_value: the lower bound.
        max_value: the upper bound, which must be above it.
    """

    elsewhere = '`Activation("hard_tanh")`'
    spellings = {
        "pytorch": (
            Module(
                "Hardtanh",
                {
                    "min_val": Argument("min_value", -1.0),
                    "max_val": Argument("max_value", 1.0),
                    **IN_PLACE,
                    "min_value": Argument("former_min", None),
                    "max_value": Argument("former_max", None),
                },
            ),
        )
    }
    search = ("activation", "nonlinearity", "clip", "clamp")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html"

    min_value: Annotated[float, Option("Least value", digest="from {}")] = -1.0
    max_value: Annotated[float, Option("Largest value", digest="up to {}")] = 1.0

    def output(self, x: TensorSpec) -> TensorSpec:
        if self.max_value <= self.min_value:
            reason = f"the largest value {self.max_value:g} is not above the least one, {self.min_value:g}"
            raise Refusal(reason, "max_value", ({"max_value": self.min_value + 1},))
        return x

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        taken = dict(options)
        for bound in ("min", "max"):  # under their former names they overrule the others
            former = taken.pop(f"former_{bound}", None)
            if former is not None:
                taken[f"{bound}_value"] = former
        return taken


class HardShrink(ActivationKind, frozen=True, kw_only=True):
    """Sets values near 0 to 0 and keeps the others.

    Attributes:
        lambd: up to which distance from 0.
    """

    elsewhere = '`Activation("hard_shrink")`'
    spellings = {"pytorch": (Module("Hardshrink", {"lambd": Argument("lambd", 0.5)}),)}
    search = ("activation", "nonlinearity", "sparse")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html"

    lambd: Annotated[float, Option("Lambda", digest="within {}")] = 0.5


class SoftShrink(ActivationKind, frozen=True, kw_only=True):
    """Moves every value towards 0 by the same amount, and to 0 what is nearer.

    Attributes:
        lambd: by which amount.
    """

    elsewhere = '`Activation("soft_shrink")`'
    spellings = {"pytorch": (Module("Softshrink", {"lambd": Argument("lambd", 0.5)}),)}
    search = ("activation", "nonlinearity", "sparse")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Softshrink.html"

    lambd: Annotated[NotNegative, Option("Lambda", digest="by {}")] = 0.5


class Threshold(InPlaceActivationKind, frozen=True, kw_only=True):
    """Keeps what is above the threshold; the rest becomes a fixed value.

    Attributes:
        threshold: what is above it is kept.
        value: what the rest becomes.
    """

    elsewhere = "`keras.ops.threshold`"
    spellings = {
        "pytorch": (Module("Threshold", {"threshold": Argument("threshold"), "value": Argument("value"), **IN_PLACE}),)
    }
    search = ("activation", "nonlinearity", "cut")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Threshold.html"

    threshold: Annotated[float, Option("Threshold", digest="above {}", preset=0.0)]
    value: Annotated[float, Option("Value", digest="else {}", preset=0.0)]


class RReLU(InPlaceActivationKind, frozen=True, kw_only=True):
    """A leaky ReLU whose slope is drawn at random in training; afterwards it is the mean of the bounds.

    Attributes:
        lower: the least slope.
        upper: the largest one.
    """

    elsewhere = "`LeakyReLU`, with a slope that does not change at random"
    spellings = {
        "pytorch": (
            Module("RReLU", {"lower": Argument("lower", 1 / 8), "upper": Argument("upper", 1 / 3), **IN_PLACE}),
        )
    }
    search = ("activation", "nonlinearity", "random", "leaky")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.RReLU.html"

    lower: Annotated[float, Option("Least slope", digest="from {}")] = 1 / 8
    upper: Annotated[float, Option("Largest slope", digest="up to {}")] = 1 / 3

    def output(self, x: TensorSpec) -> TensorSpec:
        if self.lower > self.upper:
            reason = f"the least slope {self.lower:g} is above the largest one, {self.upper:g}"
            raise Refusal(reason, "lower", ({"lower": self.upper},))
        return x
