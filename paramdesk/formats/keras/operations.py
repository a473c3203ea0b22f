"""Functions of keras.ops and of TensorFlow as Keras' files hold them: most are layers under another name.

`x * 0.5` is a Rescaling.

What is known of the others is their output's shape, if something reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.kinds.activation import ActivationName
from paramdesk.engine.kinds.functional import Operation
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.frameworks.keras import read_layer

_SCALED: Mapping[str, Callable[[float, bool], tuple[float, float]]] = {
    "Add": lambda number, _first: (1.0, number),
    "Subtract": lambda number, first: (-1.0, number) if first else (1.0, -number),
    "Multiply": lambda number, _first: (number, 0.0),
    "TrueDivide": lambda number, _first: (1 / number, 0.0),
    "Divide": lambda number, _first: (1 / number, 0.0),
}
"""What a number does to a tensor: scale and offset, by the number and whether it stands first."""


OF_TENSORFLOW = frozenset({
    "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "ClassMethod", "InstanceMethod", "InstanceProperty",
})  # fmt: skip
"""What Keras 2 makes of functions of TensorFlow."""

_TENSORFLOW: Mapping[str, str] = {
    "__operators__.add": "Add", "math.add": "Add", "math.subtract": "Subtract", "math.multiply": "Multiply",
    "math.truediv": "TrueDivide", "math.divide": "Divide", "realdiv": "Divide",
    "math.maximum": "Maximum", "math.minimum": "Minimum", "concat": "Concatenate",
    "nn.relu": "Relu", "nn.relu6": "Relu6", "nn.elu": "Elu", "nn.selu": "Selu", "nn.gelu": "Gelu",
    "nn.silu": "Silu", "nn.swish": "Silu", "nn.sigmoid": "Sigmoid", "math.sigmoid": "Sigmoid", "nn.tanh": "Tanh",
    "math.tanh": "Tanh", "nn.softplus": "Softplus", "math.softplus": "Softplus", "nn.softsign": "Softsign",
    "nn.softmax": "Softmax", "nn.log_softmax": "LogSoftmax", "reshape": "Reshape", "transpose": "Transpose",
}  # fmt: skip
"""Functions of TensorFlow by the functions of keras.ops that do the same."""

_TENSORFLOW_NAMES: Mapping[str, str] = {"shape": "newshape", "perm": "axes"}
"""Their arguments by those of keras.ops."""

_VALUE_BY_VALUE = frozenset({
    "Absolute", "Add", "Arccos", "Arccosh", "Arcsin", "Arcsinh", "Arctan", "Arctan2", "Arctanh", "BitwiseAnd",
    "BitwiseInvert", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Cast", "Cbrt", "Ceil", "Clip", "Copy", "Cos", "Cosh",
    "Divide", "DivideNoNan", "Equal", "Erf", "Erfc", "Erfinv", "Exp", "Exp2", "Expm1", "Fabs", "Floor", "FloorDivide",
    "Fmax", "Fmin", "Fmod", "Greater", "GreaterEqual", "Hypot", "Isfinite", "Isinf", "Isnan", "Less", "LessEqual",
    "Log", "Log10", "Log1p", "Log2", "Logaddexp", "Logaddexp2", "LogicalAnd", "LogicalNot", "LogicalOr", "LogicalXor",
    "Maximum", "Minimum", "Mod", "Multiply", "NanToNum", "Negative", "NotEqual", "OnesLike", "Power", "Reciprocal",
    "Round", "Rsqrt", "SaturateCast", "Sign", "Sin", "Sinh", "Sqrt", "Square", "StopGradient", "Subtract", "Tan",
    "TrueDivide", "Trunc", "Where", "ZerosLike",
})  # fmt: skip
"""Functions of keras.ops that make each value of those in its place: what comes out is as large as what goes in."""

_REARRANGING = frozenset({
    "All", "Amax", "Amin", "Any", "Argmax", "Argmin", "Argsort", "BroadcastTo", "Concatenate", "CountNonzero",
    "Cumprod", "Cumsum", "DepthToSpace", "Diagonal", "ExpandDims", "Flip", "GetItem", "Hsplit", "Hstack", "Max", "Mean",
    "Median", "Min", "Moveaxis", "Pad", "Prod", "Ravel", "Repeat", "Reshape", "Roll", "Slice", "SliceUpdate", "Sort",
    "SpaceToDepth", "Split", "Squeeze", "Stack", "Std", "Sum", "Swapaxes", "Take", "TakeAlongAxis", "Tile", "TopK",
    "Transpose", "Tril", "Triu", "Unstack", "Var", "Vsplit", "Vstack",
})  # fmt: skip
"""Functions of keras.ops that arrange, choose or gather values and multiply no two tensors."""


def counting_nothing(class_name: str, arguments: object, stated: Sequence[tuple[int | None, ...]]) -> Operation | None:
    """The row for a function of keras.ops in which there is nothing to multiply and accumulate; None if it is none.

    Args:
        class_name: of the operation.
        arguments: of its call, with {"input": n} in place of the tensors.
        stated: the shapes of its outputs, if the file tells them all.
    """
    follows = class_name in _VALUE_BY_VALUE and _has_numbers_only(arguments)
    if follows or (stated and class_name in _VALUE_BY_VALUE | _REARRANGING):
        return Operation(operation=class_name, output_shapes=() if follows else tuple(stated))
    return None


def _has_numbers_only(arguments: object) -> bool:
    """Whether tensors and single values are all that a function is called on."""
    match arguments:
        case {"args": list() as args, "kwargs": dict() as kwargs}:
            return all(
                item is None or isinstance(item, int | float | str) or (isinstance(item, dict) and [*item] == ["input"])
                for item in (*args, *kwargs.values())
            )
    return False


def kind_of_operation(class_name: str, config: Mapping[str, object], arguments: object) -> LayerKind | None:
    """The kind that does what an operation does; None where there is none.

    Args:
        class_name: of the operation.
        config: of it, with its name.
        arguments: of its call, with {"input": n} in place of the tensors.
    """
    options = {name: value for name, value in config.items() if name != "name"}
    if class_name in OF_TENSORFLOW:
        class_name, options, arguments = _as_keras_has_it(config, arguments)
    match arguments:
        case {"args": [{"input": _}], "kwargs": {}}:
            return _of_one(class_name, options)
        case {"args": [{"input": _}, {"input": _}] | [[*_]], "kwargs": {}}:
            return _merging(class_name, options)
        case {"args": [{"input": _}, int() | float() as number], "kwargs": {}}:
            return _scaling(class_name, number, is_first=False)
        case {"args": [int() | float() as number, {"input": _}], "kwargs": {}}:
            return _scaling(class_name, number, is_first=True)
    return None


def _as_keras_has_it(config: Mapping[str, object], arguments: object) -> tuple[str, dict[str, object], object]:
    """Class, options and arguments of the function of keras.ops that does what one of TensorFlow's does."""
    function = config.get("function")
    name = _TENSORFLOW.get(function, "") if isinstance(function, str) else ""
    match arguments:
        case {"args": list() as args, "kwargs": dict() as kwargs}:
            said = {key: value for key, value in kwargs.items() if value is not None and key != "name"}
        case _:
            return "", {}, None
    if "y" in said:
        args = [*args, said.pop("y")]
    if name == "Gelu":
        said = {"approximate": False, **said}
    return name, {_TENSORFLOW_NAMES.get(key, key): value for key, value in said.items()}, {"args": args, "kwargs": {}}


def _of_one(class_name: str, options: Mapping[str, object]) -> LayerKind | None:
    """A function of one tensor: an activation, or what keeps its arguments in its configuration."""
    if class_name in ("Relu", "Relu6"):
        return _layer("ReLU", {"max_value": 6.0} if class_name == "Relu6" else {})
    if class_name == "LeakyRelu":
        return _layer("LeakyReLU", options)
    if class_name in ("Reshape", "Transpose"):
        return _arranged(options)
    if class_name in ("Softmax", "Gelu") and options:
        return _layer(class_name, options) if class_name == "Softmax" else _layer("Activation", {"activation": "gelu"})
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", class_name).lower()
    return _layer("Activation", {"activation": name}) if name in get_args(ActivationName) and not options else None


def _arranged(options: Mapping[str, object]) -> LayerKind | None:
    """Axes in another order, or other axes: a layer does the same to what is behind the batch."""
    match options:
        case {"axes": [0, *axes]} if all(isinstance(axis, int) and axis > 0 for axis in axes):
            return _layer("Permute", {"dims": axes})
        case {"newshape": [-1, *sizes]} if all(isinstance(size, int) and size > 0 for size in sizes):
            return _layer("Reshape", {"target_shape": sizes})
    return None


def _merging(class_name: str, options: Mapping[str, object]) -> LayerKind | None:
    kind = _layer(class_name, options)
    return kind if kind is not None and kind.takes_list else None


def _scaling(class_name: str, number: float, *, is_first: bool) -> LayerKind | None:
    scaled = _SCALED.get(class_name)
    if scaled is None or (is_first and "Divide" in class_name) or ("Divide" in class_name and not number):
        return None
    scale, offset = scaled(number, is_first)
    return _layer("Rescaling", {"scale": scale, "offset": offset})


def _layer(class_name: str, config: Mapping[str, object]) -> LayerKind | None:
    try:
        return read_layer(class_name, config).kind
    except InvalidOptions:
        return None
