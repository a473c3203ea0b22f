"""Operators that work value by value or normalize: activations, sums and products, normalizations, dropout."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from paramdesk.engine.kinds.functional import Operation
from paramdesk.engine.kinds.merging import Add, Average, Maximum, Minimum, Multiply, Subtract
from paramdesk.engine.kinds.preprocessing import Rescaling
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import public
from paramdesk.formats.onnx.known import Known
from paramdesk.formats.onnx.shapes import broadcast
from paramdesk.formats.onnx.site import Site

Arguments = Callable[[Site], Mapping[str, object]]


def _none(_site: Site) -> Mapping[str, object]:
    return {}


def _softmax_axis(site: Site) -> Mapping[str, object]:
    return {"dim": site.integer("axis", -1 if site.opset >= 13 else 1)}


ACTIVATIONS: Mapping[str, tuple[str, Arguments]] = {
    "Relu": ("ReLU", _none),
    "Sigmoid": ("Sigmoid", _none),
    "Tanh": ("Tanh", _none),
    "LeakyRelu": ("LeakyReLU", lambda site: {"negative_slope": site.number("alpha", 0.01)}),
    "Elu": ("ELU", lambda site: {"alpha": site.number("alpha", 1.0)}),
    "Selu": ("SELU", _none),
    "Celu": ("CELU", lambda site: {"alpha": site.number("alpha", 1.0)}),
    "Softplus": ("Softplus", _none),
    "Softsign": ("Softsign", _none),
    "HardSigmoid": ("Hardsigmoid", _none),
    "HardSwish": ("Hardswish", _none),
    "Mish": ("Mish", _none),
    "Swish": ("SiLU", _none),
    "Gelu": ("GELU", lambda site: {"approximate": site.text("approximate", "none")}),
    "com.microsoft.Gelu": ("GELU", _none),
    "com.microsoft.FastGelu": ("GELU", lambda _site: {"approximate": "tanh"}),
    "com.microsoft.QuickGelu": ("SiLU", _none),
    "ThresholdedRelu": ("Threshold", lambda site: {"threshold": site.number("alpha", 1.0), "value": 0.0}),
    "Softmax": ("Softmax", _softmax_axis),
    "LogSoftmax": ("LogSoftmax", _softmax_axis),
}
"""Operators that are an activation of torch.nn: its class and arguments."""


def activation(site: Site) -> bool:
    """An activation."""
    class_name, arguments = ACTIVATIONS[site.node.op]
    if len(site.data) != 1 or site.data[0] != 0:
        return False
    site.row(site.module(class_name, arguments(site)))
    return True


def clip(site: Site) -> bool:
    """Clip: between bounds that are attributes or, in newer versions, inputs."""
    least = site.scalar(1) if site.has(1) else site.node.attributes.get("min")
    most = site.scalar(2) if site.has(2) else site.node.attributes.get("max")
    if least == 0 and (most is None and not site.has(2)):
        site.row(site.module("ReLU"))
    elif least == 0 and most == 6:
        site.row(site.module("ReLU6"))
    elif isinstance(least, int | float) and isinstance(most, int | float) and least < most:
        site.row(site.module("Hardtanh", {"min_val": float(least), "max_val": float(most)}))
    else:
        return False
    return True


def shrink(site: Site) -> bool:
    """Shrink: hard or soft."""
    lambd, bias = site.number("lambd", 0.5), site.number("bias")
    if bias not in (0.0, lambd):
        return False
    site.row(site.module("Hardshrink" if not bias else "Softshrink", {"lambd": lambd}))
    return True


def prelu(site: Site) -> bool:
    """PRelu: slopes that are learnt, one or one for each channel."""
    slope = site.weight(1)
    if slope is None or slope.size is None:
        return False
    site.row(site.module("PReLU", {"num_parameters": slope.size}), weights=(1,))
    return True


def dropout(site: Site) -> bool:
    """Dropout; its second output, the mask, is read by nobody who infers."""
    rate = site.scalar(1) if site.has(1) else site.number("ratio", 0.5)
    site.row(site.module("Dropout", {"p": 0.5 if rate is None else float(rate)}), makes=site.node.outputs[:1])
    return True


# Of several tensors ---------------------------------------------------------------------------------------------------

MERGING: Mapping[str, LayerKind] = {
    "Add": Add(), "Sum": Add(), "Sub": Subtract(), "Mul": Multiply(), "Max": Maximum(), "Min": Minimum(),
    "Mean": Average(),
}  # fmt: skip
SCALED: Mapping[str, Callable[[float, bool], tuple[float, float] | None]] = {
    "Add": lambda number, _first: (1.0, number),
    "Sub": lambda number, first: (-1.0, number) if first else (1.0, -number),
    "Mul": lambda number, _first: (number, 0.0),
    "Div": lambda number, first: None if first or not number else (1 / number, 0.0),
    "Neg": lambda _number, _first: (-1.0, 0.0),
}
"""What a number does to a tensor: scale and offset, by the number and whether it stands first."""


def merging(site: Site) -> bool:
    """Add, Mul and their relatives: of tensors, of a tensor and what is learnt, of a tensor and numbers."""
    places = [place for place in range(len(site.node.inputs)) if site.has(place)]
    constants = [place for place in places if site.known(place) is not None]
    if len(constants) == 1 and len(places) == 2:
        return _with_constant(site, constants[0], 1 - constants[0])
    kind = MERGING.get(site.node.op)
    if kind is None or len(places) < 2:
        return False
    site.row(kind, places)
    return True


def _with_constant(site: Site, constant_at: int, data_at: int) -> bool:
    """A tensor and a constant: learnt, a single number, or numbers of a formula."""
    known = site.known(constant_at)
    assert known is not None
    if site.reader.weights.learnt(known):
        kind = MERGING.get(site.node.op) or Operation(operation=site.short)
        site.row(kind, (constant_at, data_at) if constant_at == 0 else (data_at, constant_at))
        return True
    site.reader.weights.note_constant(known)
    number = known.scalar
    scaled = SCALED.get(site.node.op)
    if number is not None and scaled is not None and math.isfinite(number) and not any(n != 1 for n in known.shape):
        values = scaled(float(number), constant_at == 0)
        shape = site.shape(data_at)
        if values is not None and shape is not None and len(shape) >= len(known.shape):
            site.row(Rescaling(scale=values[0], offset=values[1]), (data_at,))
            return True
    return _keeping(site, known, data_at)


def _keeping(site: Site, known: Known, data_at: int) -> bool:
    """An operation with numbers of a formula, which stretch the tensor at most."""
    shape = site.shape(data_at)
    made = broadcast([shape, site.reader.shape(site.value(1 - data_at))])
    if shape is None or made is None:
        return False
    keeps = public(made[0]) == public(shape)
    site.row(Operation(operation=site.short, output_shapes=() if keeps else (site.filled(made[0], 0),)), (data_at,))
    return True


def negated(site: Site) -> bool:
    """Neg."""
    site.row(Rescaling(scale=-1.0, offset=0.0))
    return True


# Normalizations -------------------------------------------------------------------------------------------------------


def batch_normalization(site: Site) -> bool:
    """BatchNormalization: scale and shift are trained, mean and variance are gathered."""
    scale, shape = site.weight(1), site.shape(0)
    if scale is None or len(scale.shape) != 1 or any(site.weight(place) is None for place in (2, 3, 4)):
        return False
    rank = len(shape) - 2 if shape is not None else 2
    arguments = {
        "num_features": scale.size,
        "eps": site.number("epsilon", 1e-5),
        "momentum": 1 - site.number("momentum", 0.9),
        "affine": bool(scale.roots),
    }
    kind = site.module(f"BatchNorm{min(max(rank, 1), 3)}d", arguments)
    site.row(kind, weights=(1, 2, 3, 4), makes=site.node.outputs[:1], statistics=(3, 4))
    return True


def instance_normalization(site: Site) -> bool:
    """InstanceNormalization; scale and shift may be numbers of a formula, and so not learnt."""
    scale, shape = site.weight(1), site.shape(0)
    if scale is None or shape is None or not 3 <= len(shape) <= 5 or site.weight(2) is None:
        return False
    arguments = {"num_features": scale.size, "eps": site.number("epsilon", 1e-5), "affine": bool(scale.roots)}
    site.row(site.module(f"InstanceNorm{len(shape) - 2}d", arguments), weights=(1, 2) if scale.roots else ())
    return True


def layer_normalization(site: Site) -> bool:
    """LayerNormalization over the last axes."""
    scale, shape, axis = site.weight(1), site.shape(0), site.axis(default=-1)
    if shape is None or axis is None or (site.has(1) and scale is None):
        return False
    learns = scale is not None and bool(scale.roots)
    sizes = scale.shape if scale is not None and len(scale.shape) == len(shape) - axis else public(shape[axis:])
    arguments: dict[str, object] = {
        "normalized_shape": sizes, "eps": site.number("epsilon", 1e-5), "elementwise_affine": learns,
    }  # fmt: skip
    if site.node.op == "LayerNormalization":
        arguments["bias"] = site.has(2) and learns
        kind = site.module("LayerNorm", arguments)
    else:
        kind = site.module("RMSNorm", arguments)
    site.row(kind, weights=(1, 2) if learns else (), makes=site.node.outputs[:1])
    return True


def group_normalization(site: Site) -> bool:
    """GroupNormalization; scale and shift have a value for each channel."""
    scale, shape = site.weight(1), site.shape(0)
    if scale is None or shape is None or len(shape) < 2 or not isinstance(shape[1], int):
        return False
    arguments = {
        "num_groups": site.integer("num_groups", 1),
        "num_channels": shape[1],
        "eps": site.number("epsilon", 1e-5),
        "affine": bool(scale.roots),
    }
    site.row(site.module("GroupNorm", arguments), weights=(1, 2))
    return True


def local_response_normalization(site: Site) -> bool:
    """LRN."""
    arguments = {
        "size": site.integer("size", 1), "alpha": site.number("alpha", 1e-4), "beta": site.number("beta", 0.75),
        "k": site.number("bias", 1.0),
    }  # fmt: skip
    site.row(site.module("LocalResponseNorm", arguments))
    return True
