"""Activations: functions of one value. No weights but PReLU's; no multiply-accumulates.

They keep the shape. Keras has a class `Activation` that takes the name of a function, and classes of their own for
functions with options; torch.nn has a class for each. Both are the same kinds here: torch.nn's Hardswish is Activation
with "hard_silu". What works along an axis (softmax, GLU) stands in `paramdesk.engine.kinds.softmax`.

PReLU learns its slopes. Keras has one for each position of a sample, so a picture of 14 × 14 × 64 has 12,544; axes that
are shared count once. PyTorch has a single slope, or one for each channel.

In PyTorch many can work in place: the output takes the memory of the input. Sources: `keras.activations`, `torch.nn`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import divides
from paramdesk.engine.layer_kind import Tensors
from paramdesk.engine.option import Axes, Natural, Option
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import UNKNOWN, Dim, Framework, TensorSpec, is_known, missing_axis, text
from paramdesk.engine.single_input import SingleInputKind
from paramdesk.engine.spelling import UNCOUNTED, Argument, Module
from paramdesk.engine.weight import Weight

ActivationName: TypeAlias = Literal[
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "swish", "mish", "glu",
    "sigmoid", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "hard_shrink", "log_sigmoid", "sparse_sigmoid",
    "tanh", "tanh_shrink", "soft_shrink", "softplus", "softsign", "squareplus", "sparse_plus", "exponential",
    "threshold", "softmax", "log_softmax", "sparsemax",
]  # fmt: skip
"""Keras' names, as `keras.activations.get` takes them."""

NotNegative: TypeAlias = Annotated[float, msgspec.Meta(ge=0)]

InPlace: TypeAlias = Annotated[
    bool, Option("In place", digest="in place", advanced=True, only="pytorch", unsaid="kept")
]
IN_PLACE = {"inplace": Argument("inplace", False)}


def activation_warnings(activation: str, y: TensorSpec) -> Iterable[str]:
    """What goes wrong when Keras runs an activation whose shape it has not worked out."""
    if activation == "glu":
        last = y.shape[-1] if y.shape else 1
        if divides(2, last):
            half = f"{int(last) // 2} of {int(last)}" if isinstance(last, int) else "half"
            yield f"Keras shows {text(y.shape)}, but glu halves the last axis when run: {half} values are left"
        else:
            yield f"glu halves the last axis, and {int(last)} is odd: it fails when run"  # type: ignore[arg-type]  # known
    elif activation == "threshold":
        yield "threshold has two arguments without a default, which Keras does not give it: it fails when run"


class ElementwiseKind(SingleInputKind, frozen=True, kw_only=True):
    """What changes values and never shapes."""

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        return None

    def output(self, x: TensorSpec) -> TensorSpec:
        return x

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return field


class ActivationKind(ElementwiseKind, frozen=True, kw_only=True):
    """A nonlinear function as a layer of its own."""

    category = "act"


class InPlaceActivationKind(ActivationKind, frozen=True, kw_only=True):
    """One that PyTorch can compute in place.

    Attributes:
        inplace: whether the output takes the memory of the input.
    """

    inplace: InPlace = False


class Activation(InPlaceActivationKind, frozen=True, kw_only=True):
    """Applies a function to every value; softmax and its relatives to the last axis.

    Attributes:
        activation: the function's name in Keras.
    """

    spellings = {
        "keras": ("Activation",),
        "pytorch": (
            Module("Sigmoid", options={"activation": "sigmoid"}),
            Module("Tanh", options={"activation": "tanh"}),
            Module("SiLU", IN_PLACE, options={"activation": "silu"}),
            Module("Mish", IN_PLACE, options={"activation": "mish"}),
            Module("SELU", IN_PLACE, options={"activation": "selu"}),
            Module("Hardsigmoid", IN_PLACE, options={"activation": "hard_sigmoid"}),
            Module("Hardswish", IN_PLACE, options={"activation": "hard_silu"}),
            Module("LogSigmoid", options={"activation": "log_sigmoid"}),
            Module("Softsign", options={"activation": "softsign"}),
            Module("Tanhshrink", options={"activation": "tanh_shrink"}),
        ),
    }
    search = ("activation", "nonlinearity", "function", "sigmoid", "tanh", "swish")
    source = "https://keras.io/api/layers/core_layers/activation/"

    activation: Annotated[ActivationName, Option("Function", digest="{}", preset="relu")]

    def output(self, x: TensorSpec) -> TensorSpec:
        if x.framework == "pytorch" and self.activation == "glu":
            raise Refusal("PyTorch's glu halves an axis: put a GLU layer in its place", "activation")
        return x

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        return activation_warnings(self.activation, y) if x.framework == "keras" else ()


class ReLU(InPlaceActivationKind, frozen=True, kw_only=True):
    """Keeps what is above the threshold, up to a largest value; the rest becomes 0, or keeps a slope.

    Attributes:
        max_value: what is above it becomes this value; None: there is no such value.
        negative_slope: by what the rest is multiplied.
        threshold: what is above it is kept.
    """

    spellings = {
        "keras": ("ReLU",),
        "pytorch": (Module("ReLU", IN_PLACE), Module("ReLU6", IN_PLACE, options={"max_value": 6.0})),
    }
    search = ("activation", "nonlinearity", "rectifier", "relu6")
    source = "https://keras.io/api/layers/activation_layers/relu/"

    max_value: Annotated[NotNegative | None, Option("Largest value", digest="up to {}")] = None
    negative_slope: Annotated[NotNegative, Option("Negative slope", digest="slope {}")] = 0.0
    threshold: Annotated[NotNegative, Option("Threshold", digest="above {}")] = 0.0

    @property
    def is_never_negative(self) -> bool:
        return self.negative_slope == 0


class LeakyReLU(InPlaceActivationKind, frozen=True, kw_only=True):
    """Keeps what is above 0; what is below keeps a slope.

    Attributes:
        negative_slope: by what a value below 0 is multiplied; 0.3 unless said otherwise, in PyTorch 0.01.
    """

    spellings = {
        "keras": ("LeakyReLU",),
        "pytorch": (Module("LeakyReLU", {"negative_slope": Argument("negative_slope", 0.01), **IN_PLACE}),),
    }
    search = ("activation", "nonlinearity", "leaky")
    source = "https://keras.io/api/layers/activation_layers/leaky_relu/"

    negative_slope: Annotated[float, Option("Negative slope", digest="slope {}", always=True)] = 0.3

    def output(self, x: TensorSpec) -> TensorSpec:
        if x.framework == "keras" and self.negative_slope < 0:
            reason = f"negative_slope = {self.negative_slope:g}: Keras takes only 0 or more"
            raise Refusal(reason, "negative_slope", ({"negative_slope": -self.negative_slope},))
        return x

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        if "alpha" in options:
            options["negative_slope"] = options.pop("alpha")
        return options


class PReLU(ActivationKind, frozen=True, kw_only=True):
    """Keeps what is above 0; what is below gets a slope that is learnt, one for each position that is not shared.

    Attributes:
        shared_axes: axes along which all positions have the same slope, counted from 1.
        num_parameters: how many slopes there are in PyTorch: 1, or one for each channel; None: 1.
    """

    spellings = {
        "keras": ("PReLU",),
        "pytorch": (
            Module("PReLU", {"num_parameters": Argument("num_parameters", 1), "init": Argument("", 0.25), **UNCOUNTED}),
        ),
    }
    search = ("activation", "nonlinearity", "parametric", "learnt slope")
    inert = frozenset({"alpha_initializer", "alpha_regularizer", "alpha_constraint"})
    source = "https://keras.io/api/layers/activation_layers/prelu/"

    shared_axes: Annotated[Axes | None, Option("Shared axes", digest="shared along {}", joint=", ", only="keras")] = (
        None
    )
    num_parameters: Annotated[Natural | None, Option("Slopes", words="slopes", digest="{} slopes", only="pytorch")] = (
        None
    )

    def output(self, x: TensorSpec) -> TensorSpec:
        if x.framework == "pytorch" and self.num_parameters not in (None, 1):
            channels = x.shape[1] if len(x.shape) > 1 else 1
            if not x.shape or (is_known(channels) and channels != self.num_parameters):
                repairs = ({"num_parameters": 1}, {"num_parameters": channels})
                reason = f"it has {self.num_parameters} slopes, but the input {text(x.shape)} has {channels} channels"
                raise Refusal(reason, "num_parameters", repairs)
        return x

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        if x.framework == "pytorch":
            return (Weight("alpha", (1 if self.num_parameters is None else self.num_parameters,)),)
        dims: list[Dim] = list(x.shape[1:])
        shared = (self.shared_axes,) if isinstance(self.shared_axes, int) else self.shared_axes or ()
        for axis in shared:
            if not -len(dims) < axis <= len(dims) or not dims:
                raise Refusal(
                    f"shared {missing_axis(axis, x.shape)}",
                    "shared_axes",
                    ({"shared_axes": None},),
                )
            dims[axis - 1] = 1
        if not all(map(is_known, dims)):
            unknown = tuple(axis for axis, dim in enumerate(dims, 1) if not is_known(dim))
            raise Refusal(
                f"every position of {text(x.shape)} would have a slope of its own: share the axes of unknown size",
                "shared_axes",
                ({"shared_axes": tuple(dict.fromkeys((*shared, *unknown)))},),
            )
        return (Weight("alpha", tuple(dims)),)

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        if options["num_parameters"] is None:
            raise InvalidOptions("num_parameters = None: expected a whole number", "num_parameters")
        return dict(options)

    def declared_inputs(self) -> Tensors:
        return () if self.num_parameters is None else (TensorSpec((UNKNOWN,), framework="pytorch"),)


class ELU(InPlaceActivationKind, frozen=True, kw_only=True):
    """Keeps what is above 0; what is below runs smoothly towards −alpha.

    Attributes:
        alpha: how far below 0 it runs.
    """

    spellings = {"keras": ("ELU",), "pytorch": (Module("ELU", {"alpha": Argument("alpha", 1.0), **IN_PLACE}),)}
    search = ("activation", "nonlinearity", "exponential")
    takes_anything = frozenset({"alpha"})
    source = "https://keras.io/api/layers/activation_layers/elu/"

    alpha: Annotated[float, Option("Alpha", digest="alpha {}")] = 1.0
