"""Tensors as PyTorch pickles them: calls of functions that rebuild them from a storage, which is not looked at."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping

import msgspec

from paramdesk.formats.pickled import Made, Named, Outside
from paramdesk.formats.state_dict import Tensor, is_shape

_SIZE_AT: Mapping[str, int] = {
    "_rebuild_tensor": 2, "_rebuild_tensor_v2": 2, "_rebuild_tensor_v3": 2, "_rebuild_qtensor": 2,
    "_rebuild_meta_tensor_no_storage": 1, "_rebuild_wrapper_subclass": 2,
}  # fmt: skip
"""Which argument of a function is the size of the tensor that it rebuilds."""

_DTYPE_AT: Mapping[str, int] = {
    "_rebuild_tensor_v3": 6, "_rebuild_meta_tensor_no_storage": 0, "_rebuild_wrapper_subclass": 1,
}  # fmt: skip
"""Which argument is its type, where the storage does not tell it."""

_PARAMETERS = frozenset({"_rebuild_parameter", "_rebuild_parameter_with_state", "Parameter"})
_OTHERS = frozenset({"Buffer", "_rebuild_device_tensor_from_numpy", "_rebuild_device_tensor_from_cpu_tensor"})
_STORAGES: Mapping[str, str] = {
    "Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool",
    "QInt8": "int8", "QUInt8": "uint8", "QInt32": "int8",
}  # fmt: skip
"""Types by the classes of storages, but for those of floating-point numbers."""

_NUMPY: Mapping[str, str] = {"i8": "int64", "i4": "int32", "i2": "int16", "b1": "bool"}

_DEEPEST = 8
"""In no more calls is a tensor wrapped."""


def tensor_from(value: object, depth: int = 0) -> Tensor | None:
    """The tensor that a value of a pickle would be; None if it would be none."""
    if not isinstance(value, Made) or not isinstance(value.arguments, tuple) or depth > _DEEPEST:
        return None
    name, arguments = value.name, value.arguments
    if name == "_reconstruct":  # an array of numpy
        return _array(value.state)
    if name in _PARAMETERS | _OTHERS:
        inner = tensor_from(arguments[0], depth + 1) if arguments else None
        is_frozen = name in _PARAMETERS and len(arguments) > 1 and arguments[1] is False
        return msgspec.structs.replace(inner, is_trained=not is_frozen) if inner is not None else None
    if name in ("_rebuild_from_type", "_rebuild_from_type_v2") and len(arguments) > 2:
        return tensor_from(Made(arguments[0], arguments[2]), depth + 1)
    if name == "_rebuild_sparse_tensor" and len(arguments) > 1 and isinstance(arguments[1], tuple):
        sizes = [size for part in arguments[1] if isinstance(size := _size(part), tuple) and is_shape(size)]
        return Tensor(sizes[0]) if sizes else None
    place = _SIZE_AT.get(name, len(arguments))
    size = _size(arguments[place]) if place < len(arguments) else None
    if not isinstance(size, tuple) or not is_shape(size):
        return None
    return Tensor(size, _dtype(name, arguments), identity=_identity(arguments, size))


def _size(value: object) -> object:
    """A size, which may be a tuple or a torch.Size of one."""
    if isinstance(value, Made) and value.name == "Size" and isinstance(value.arguments, tuple) and value.arguments:
        value = value.arguments[0]
    return tuple(value) if isinstance(value, list) else value


def _dtype(name: str, arguments: tuple[object, ...]) -> str:
    place = _DTYPE_AT.get(name, len(arguments))
    told = arguments[place] if place < len(arguments) else None
    if isinstance(told, Named):
        return told.name
    storage = arguments[0]
    key = storage.key if isinstance(storage, Outside) else None
    kind = key[1] if isinstance(key, tuple) and len(key) > 1 else None
    match = re.fullmatch(r"(\w+)Storage", kind.name) if isinstance(kind, Named) else None
    return _STORAGES.get(match[1], "float32") if match else "float32"


def _identity(arguments: tuple[object, ...], size: tuple[int, ...]) -> Hashable:
    match arguments:
        case [Outside(("storage", _, str() as key, *_)), int() as offset, _, tuple() as stride, *_] if is_shape(stride):
            return (key, offset, size, stride)
    return None


def _array(state: object) -> Tensor | None:
    """An array of numpy by what it was given: its version, shape, type and more."""
    if not isinstance(state, tuple) or len(state) < 3 or not is_shape(state[1]):
        return None
    dtype = state[2]
    code = (
        dtype.arguments[0] if isinstance(dtype, Made) and isinstance(dtype.arguments, tuple) and dtype.arguments else ""
    )
    types = {"i8": "int64", "i4": "int32", "i2": "int16", "b1": "bool"}
    return Tensor(tuple(state[1]), types.get(code, "float32") if isinstance(code, str) else "float32")
