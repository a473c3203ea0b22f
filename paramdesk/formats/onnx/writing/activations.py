"""Activations: operators of ONNX, and short chains of them where there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from paramdesk.engine.kinds.activation import ELU, Activation, LeakyReLU, PReLU, ReLU
from paramdesk.engine.kinds.more_activations import (
    CELU,
    GELU,
    HardShrink,
    HardTanh,
    RReLU,
    Softplus,
    SoftShrink,
    Threshold,
)
from paramdesk.engine.kinds.softmax import GLU, LogSoftmax, Softmax, Softmin
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.formats.onnx.writing.place import Made, Place, Write
from paramdesk.formats.onnx.writing.sheet import Attribute, Value

# By the name of a function --------------------------------------------------------------------------------------------

OPERATORS: Mapping[str, tuple[str, Mapping[str, Attribute]]] = {
    "relu": ("Relu", {}), "leaky_relu": ("LeakyRelu", {"alpha": 0.2}), "elu": ("Elu", {}), "selu": ("Selu", {}),
    "celu": ("Celu", {}), "gelu": ("Gelu", {}), "mish": ("Mish", {}), "sigmoid": ("Sigmoid", {}),
    "hard_sigmoid": ("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}), "hard_silu": ("HardSwish", {}),
    "hard_swish": ("HardSwish", {}), "hard_shrink": ("Shrink", {"lambd": 0.5, "bias": 0.0}),
    "soft_shrink": ("Shrink", {"lambd": 0.5, "bias": 0.5}), "sparse_sigmoid": ("HardSigmoid", {"alpha": 0.5}),
    "tanh": ("Tanh", {}), "softplus": ("Softplus", {}), "softsign": ("Softsign", {}), "exponential": ("Exp", {}),
}  # fmt: skip
"""Functions of Keras that are one operator."""


def activated(place: Place, name: str, function: str, axis: int = -1) -> str:
    """A tensor behind a function that Keras has by a name.

    Args:
        place: the layer.
        name: of the tensor.
        function: Keras' name of it.
        axis: where what stands last in the architecture stands in the tensor.
    """
    if function == "linear":
        return name
    if function in OPERATORS:
        op, attributes = OPERATORS[function]
        return place.node(op, name, **attributes)
    if function in ("softmax", "log_softmax"):
        return place.node("Softmax" if function == "softmax" else "LogSoftmax", name, axis=axis)
    if function not in CHAINS:
        place.refuse(f"with {function}")
    return CHAINS[function](place, name)


def swish(place: Place, x: str) -> str:
    """X · sigmoid(x)."""
    return place.node("Mul", x, place.node("Sigmoid", x))


def _log_sigmoid(place: Place, x: str) -> str:
    return place.node("Neg", place.node("Softplus", place.node("Neg", x)))


def _square_plus(place: Place, x: str) -> str:
    root = place.node("Sqrt", place.node("Add", place.node("Mul", x, x), place.number(4)))
    return place.node("Mul", place.node("Add", x, root), place.number(0.5))


def _sparse_plus(place: Place, x: str) -> str:
    """0 below −1, x above 1, and (x + 1)² / 4 between, which is nowhere less than x."""
    bounded = place.node("Add", clipped(place, x, -1, 1), place.number(1))
    return place.node("Max", x, place.node("Mul", place.node("Mul", bounded, bounded), place.number(0.25)))


def clipped(place: Place, x: str, least: float | None, most: float | None) -> str:
    """A tensor between bounds."""
    bounds = ["" if bound is None else place.number(bound) for bound in (least, most)]
    return place.node("Clip", x, *(bounds if most is not None else bounds[:1]))


CHAINS: Mapping[str, Callable[[Place, str], str]] = {
    "silu": swish, "swish": swish, "log_sigmoid": _log_sigmoid, "squareplus": _square_plus,
    "sparse_plus": _sparse_plus, "relu6": lambda place, x: clipped(place, x, 0, 6),
    "hard_tanh": lambda place, x: clipped(place, x, -1, 1),
    "tanh_shrink": lambda place, x: place.node("Sub", x, place.node("Tanh", x)),
}  # fmt: skip
"""Functions of Keras that are several."""


def activation(place: Place, kind: Activation) -> Made:
    """Activation."""
    value = place.any()
    return Made(activated(place, value.name, kind.activation, _last(value)), value.turned)


def _last(value: Value) -> int:
    """Where what stands last in the architecture stands."""
    return 1 if value.turned else -1


# Classes of their own -------------------------------------------------------------------------------------------------


def _one(op: str, **options: str) -> Write:
    """What writes a kind that is one operator: its attributes, and the options that tell them."""

    def write(place: Place, kind: LayerKind) -> Made:
        value = place.any()
        said = {name: getattr(kind, option) for name, option in options.items()}
        attributes = {name: item if isinstance(item, str) else float(item) for name, item in said.items()}
        return Made(place.node(op, value.name, **attributes), value.turned)

    return write


def relu(place: Place, kind: ReLU) -> Made:
    """ReLU, with whichever of its options."""
    value = place.any()
    x, most = value.name, kind.max_value
    if not kind.threshold and not kind.negative_slope:
        found = place.node("Relu", x) if most is None else clipped(place, x, 0, most)
        return Made(found, value.turned)
    if not kind.threshold:
        found = place.node("LeakyRelu", x, alpha=float(kind.negative_slope))
    elif not kind.negative_slope:
        found = place.node("ThresholdedRelu", x, alpha=float(kind.threshold))
    else:
        edge = place.number(kind.threshold)
        below = place.node("Mul", place.node("Sub", x, edge), place.number(kind.negative_slope))
        found = place.node("Where", place.node("GreaterOrEqual", x, edge), x, below)
    return Made(found if most is None else place.node("Min", found, place.number(most)), value.turned)


def prelu(place: Place, kind: PReLU) -> Made:
    """PReLU: slopes that are stretched over the axes that share them."""
    if not place.is_keras:
        slopes = kind.num_parameters or 1
        rank = len(place.spec().shape)
        dims = (slopes,) if slopes == 1 or rank == 1 else (slopes, *(1,) * (rank - 2))
        x = place.plain()
        return Made(place.node("PRelu", x, place.weight("alpha", *dims)))
    value = place.any()
    (weight,) = kind.weights(value.spec)
    rows = weight.shape
    if value.turned:
        rows = (rows[-1], *rows[:-1])
    return Made(place.node("PRelu", value.name, place.weight("alpha", *rows)), value.turned)


def threshold(place: Place, kind: Threshold) -> Made:
    """Threshold: x above it, and another value for the rest."""
    value = place.any()
    if kind.value == 0 and kind.threshold >= 0:
        return Made(place.node("ThresholdedRelu", value.name, alpha=float(kind.threshold)), value.turned)
    above = place.node("Greater", value.name, place.number(kind.threshold))
    return Made(place.node("Where", above, value.name, place.number(kind.value)), value.turned)


def softplus(place: Place, kind: Softplus) -> Made:
    """Softplus, sharpened by beta; the threshold changes nothing that a floating-point number shows."""
    value = place.any()
    if kind.beta == 1:
        return Made(place.node("Softplus", value.name), value.turned)
    sharp = place.node("Softplus", place.node("Mul", value.name, place.number(kind.beta)))
    return Made(place.node("Div", sharp, place.number(kind.beta)), value.turned)


def hard_tanh(place: Place, kind: HardTanh) -> Made:
    """HardTanh."""
    value = place.any()
    return Made(clipped(place, value.name, kind.min_value, kind.max_value), value.turned)


def rrelu(place: Place, kind: RReLU) -> Made:
    """RReLU as it is after training: with the mean of its slopes."""
    value = place.any()
    return Made(place.node("LeakyRelu", value.name, alpha=(kind.lower + kind.upper) / 2), value.turned)


def soft_shrink(place: Place, kind: SoftShrink) -> Made:
    """SoftShrink."""
    value = place.any()
    return Made(place.node("Shrink", value.name, lambd=float(kind.lambd), bias=float(kind.lambd)), value.turned)


# Along an axis --------------------------------------------------------------------------------------------------------


def softmax(place: Place, kind: Softmax) -> Made:
    """Softmax along one axis, or over several at once."""
    value = place.any()
    rank = value.rank
    axes = kind.axis if isinstance(kind.axis, tuple) else (_chosen(kind.axis, rank),)
    if not axes or any(not -rank <= axis < rank for axis in axes):
        place.refuse(f"along axis {kind.axis}")
    if len(axes) == 1:
        return Made(place.node("Softmax", value.name, axis=value.axis(axes[0])), value.turned)
    total = place.node("ReduceLogSumExp", value.name, place.ints(*map(value.axis, axes)), keepdims=1)
    return Made(place.node("Exp", place.node("Sub", value.name, total)), value.turned)


def _chosen(axis: int | None, rank: int) -> int:
    """The axis, or the one that PyTorch takes where none is said."""
    return (0 if rank in (0, 1, 3) else 1) if axis is None else axis


def log_softmax(place: Place, kind: LogSoftmax | Softmin) -> Made:
    """LogSoftmax and Softmin."""
    value = place.any()
    axis = value.axis(_chosen(kind.axis, value.rank))
    if isinstance(kind, LogSoftmax):
        return Made(place.node("LogSoftmax", value.name, axis=axis), value.turned)
    return Made(place.node("Softmax", place.node("Neg", value.name), axis=axis), value.turned)


def glu(place: Place, kind: GLU) -> Made:
    """GLU: one half of an axis, and the other as a gate."""
    value = place.any()
    half, gate = place.nodes("Split", value.name, outputs=2, axis=value.axis(kind.axis), num_outputs=2)
    return Made(place.node("Mul", half, place.node("Sigmoid", gate)), value.turned)


WRITERS: Mapping[type[LayerKind], Write] = {
    Activation: activation, ReLU: relu, LeakyReLU: _one("LeakyRelu", alpha="negative_slope"), PReLU: prelu,
    ELU: _one("Elu", alpha="alpha"), CELU: _one("Celu", alpha="alpha"), GELU: _one("Gelu", approximate="approximate"),
    Softplus: softplus, HardTanh: hard_tanh, HardShrink: _one("Shrink", lambd="lambd"), SoftShrink: soft_shrink,
    Threshold: threshold, RReLU: rrelu, Softmax: softmax, LogSoftmax: log_softmax, Softmin: log_softmax, GLU: glu,
}  # fmt: skip
"""By the kind."""
