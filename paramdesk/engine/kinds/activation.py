"""Activations: functions of one value (or, softmax, of one axis). No weights but PReLU's; no MACs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import divides
from paramdesk.engine.option import Axes, Option
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import Dim, TensorSpec, is_known, missing_axis, text
from paramdesk.engine.single_input import SingleInputKind
from paramdesk.engine.weight import Weight

ActivationName: TypeAlias = Literal[
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "swish", "mish", "glu",
    "sigmoid", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "hard_shrink", "log_sigmoid", "sparse_sigmoid",
    "tanh", "tanh_shrink", "soft_shrink", "softplus", "softsign", "squareplus", "sparse_plus", "exponential",
    "threshold", "softmax", "log_softmax", "sparsemax",
]  # fmt: skip
"""Keras' names, as `keras.activations.get` takes them."""

NotNegative: TypeAlias = Annotated[float, msgspec.Meta(ge=0)]


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

    def output(self, x: TensorSpec) -> TensorSpec:
        return x

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return field


class ActivationKind(ElementwiseKind, frozen=True, kw_only=True):
    """A nonlinear function as a layer of its own."""

    category = "act"


class Activation(ActivationKind, frozen=True, kw_only=True):
    """Applies a function to every value; softmax and its relatives to the last axis."""

    spellings = {
        "keras": ("Activation",),
        "pytorch": (
            "Sigmoid", "Tanh", "SiLU", "Mish", "SELU", "Hardsigmoid", "Hardswish", "LogSigmoid", "Softsign",
            "Tanhshrink",
        ),
    }  # fmt: skip
    search = ("activation", "nonlinearity", "function", "sigmoid", "tanh", "swish")
    source = "https://keras.io/api/layers/core_layers/activation/"

    activation: Annotated[ActivationName, Option("Function", digest="{}", preset="relu")]

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        return activation_warnings(self.activation, y)


class ReLU(ActivationKind, frozen=True, kw_only=True):
    """Keeps what is above the threshold, up to a largest value; the rest becomes 0, or keeps a slope."""

    spellings = {"keras": ("ReLU",), "pytorch": ("ReLU", "ReLU6")}
    search = ("activation", "nonlinearity", "rectifier", "relu6")
    source = "https://keras.io/api/layers/activation_layers/relu/"

    max_value: Annotated[NotNegative | None, Option("Largest value", digest="up to {}")] = None
    negative_slope: Annotated[NotNegative, Option("Negative slope", digest="slope {}")] = 0.0
    threshold: Annotated[NotNegative, Option("Threshold", digest="above {}")] = 0.0


class LeakyReLU(ActivationKind, frozen=True, kw_only=True):
    """Keeps what is above 0; what is below keeps a slope."""

    spellings = {"keras": ("LeakyReLU",), "pytorch": ("LeakyReLU",)}
    search = ("activation", "nonlinearity", "leaky")
    source = "https://keras.io/api/layers/activation_layers/leaky_relu/"

    negative_slope: Annotated[NotNegative, Option("Negative slope", digest="slope {}", always=True)] = 0.3

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        if "alpha" in options:
            options["negative_slope"] = options.pop("alpha")
        return options


class PReLU(ActivationKind, frozen=True, kw_only=True):
    """Keeps what is above 0; what is below gets a slope that is learnt, one for each position that is not shared."""

    spellings = {"keras": ("PReLU",), "pytorch": ("PReLU",)}
    search = ("activation", "nonlinearity", "parametric", "learnt slope")
    inert = frozenset({"alpha_initializer", "alpha_regularizer", "alpha_constraint"})
    source = "https://keras.io/api/layers/activation_layers/prelu/"

    shared_axes: Annotated[Axes | None, Option("Shared axes", digest="shared along {}", joint=", ")] = None

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
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


class ELU(ActivationKind, frozen=True, kw_only=True):
    """Keeps what is above 0; what is below runs smoothly towards −alpha."""

    spellings = {"keras": ("ELU",), "pytorch": ("ELU",)}
    search = ("activation", "nonlinearity", "exponential")
    takes_anything = frozenset({"alpha"})
    source = "https://keras.io/api/layers/activation_layers/elu/"

    alpha: Annotated[float, Option("Alpha", digest="alpha {}")] = 1.0


class Softmax(ActivationKind, frozen=True, kw_only=True):
    """Makes the values along an axis positive, with the sum 1: probabilities."""

    spellings = {"keras": ("Softmax",), "pytorch": ("Softmax", "Softmax2d")}
    search = ("activation", "nonlinearity", "probability", "distribution")
    call_arguments = ActivationKind.call_arguments | {"mask"}
    source = "https://keras.io/api/layers/activation_layers/softmax/"

    axis: Annotated[Axes | None, Option("Axis", digest="along {}", joint=", ")] = -1

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        rank = len(x.shape)
        axes = (self.axis,) if isinstance(self.axis, int) else self.axis
        if axes is None:
            return
        if not axes:
            yield "it has no axis: it fails when run"
        for axis in axes:
            if not -rank <= axis < rank:
                yield f"{missing_axis(axis, x.shape)}, so it fails when run"
        if len({axis % max(rank, 1) for axis in axes}) < len(axes):
            yield "it names an axis twice: it fails when run"
