"""Keras' vocabulary: from a class name and a config to a kind, and back.

No kind is listed here. A kind carries its Keras names (`spellings`), the options that count nothing (`inert`) and,
where Keras' constructor says things another way, two small translations (`keras_options`, `keras_config`). What holds
for every Keras layer stands here: name, trainable, dtype, what Python takes for a number, how functions are serialized.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import msgspec

from paramdesk.engine.architecture import Layer
from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.layer_kind import LayerKind, kinds
from paramdesk.engine.shape import Layout

DATA_TYPES = frozenset({
    "float16", "float32", "float64", "bfloat16", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32",
    "int64", "bool", "string", "float8_e4m3fn", "float8_e5m2", "complex64", "complex128", "mixed_float16",
    "mixed_bfloat16",
})  # fmt: skip


class KerasLayer(msgspec.Struct, frozen=True):
    """A layer as Keras describes it, understood.

    Attributes:
        kind: what it is, with its options.
        name: its name; None if none is given.
        trainable: whether its weights are trained.
        extras: options that change no count, as they were.
    """

    kind: LayerKind
    name: str | None = None
    trainable: bool = True
    extras: Mapping[str, object] = {}


# From Keras -----------------------------------------------------------------------------------------------------------


def kind_named(class_name: object) -> type[LayerKind]:
    """The kind behind the name of a Keras class.

    Raises:
        InvalidOptions: no kind has that name.
    """
    found = _by_class_name().get(class_name) if isinstance(class_name, str) else None
    if found is None:
        suggested = _suggested(str(class_name), list(_by_class_name()))
        raise InvalidOptions(f"Keras' {class_name} is not known here{suggested}")
    return found


def read_layer(class_name: object, config: object, *, layout: Layout = "channels_last") -> KerasLayer:
    """Understands a layer, from values of unknown origin.

    Args:
        class_name: of the Keras class, a text.
        config: arguments of its constructor by name, as `get_config` gives them.
        layout: of the architecture: where a layer states the same, it follows the architecture.

    Raises:
        InvalidOptions: an unknown class or option, or a value that Keras refuses; the message says which.
    """
    kind = kind_named(class_name)
    if not isinstance(config, Mapping):
        raise InvalidOptions(f"{kind.title()} needs a table of options, got {config!r}")
    given = dict(config)
    name, trainable = given.pop("name", None), True
    if name is not None and (not isinstance(name, str) or "/" in name):
        raise InvalidOptions(f"name = {name!r}: expected a text without /", "name")
    if "trainable" in given and "trainable" in kind.common:
        trainable = given.pop("trainable")
        if not isinstance(trainable, bool):
            raise InvalidOptions(f"trainable = {trainable!r}: expected true or false", "trainable")
    _refuse_unknown_policy(given.get("dtype"))
    extras = {option: given.pop(option) for option in _extras_of(kind) if option in given}
    options = kind.keras_options(given)
    if "activation" in options:
        options["activation"], serialized = _function(options["activation"])
        extras |= {} if serialized is None else {"activation": serialized}
    unknown = sorted(set(options) - set(kind.__struct_fields__))
    if unknown:
        suggested = _suggested(unknown[0], list(kind.__struct_fields__))
        raise InvalidOptions(f"{kind.title()} has no option {unknown[0]}{suggested}", unknown[0])
    taken = {option: _as_python_takes_it(kind, option, value) for option, value in options.items()}
    if taken.get("data_format") == layout:
        del taken["data_format"]
    return KerasLayer(kind.from_options(taken), name, trainable, extras)


def modernized(config: Mapping[str, object]) -> dict[str, object]:
    """A config of Keras 1 or 2 in the words of Keras 3, as its reader of old files takes it."""
    modern = dict(config)
    if (shape := modern.pop("batch_input_shape", None)) is not None:
        modern["batch_shape" if "sparse" in modern else "input_shape"] = shape
    axis = modern.get("axis")
    if isinstance(axis, list | tuple) and len(axis) == 1:
        modern["axis"] = axis[0]
    return modern


# To Keras -------------------------------------------------------------------------------------------------------------


def class_name_of(kind: LayerKind | type[LayerKind]) -> str:
    """The name of the Keras class of a kind.

    Raises:
        InvalidOptions: Keras has no such layer.
    """
    names = kind.spellings.get("keras")
    if not names:
        title = kind.title()
        raise InvalidOptions(f"Keras has no layer like {title}")
    return names[0]


def config_of(layer: Layer, *, layout: Layout = "channels_last") -> dict[str, object]:
    """The config from which Keras makes the same layer again.

    Args:
        layer: to describe.
        layout: of the architecture: what a layer follows if it says nothing itself.
    """
    kind = layer.kind
    config: dict[str, object] = {"name": layer.name}
    if "trainable" in kind.common and not kind.is_input:
        config["trainable"] = layer.trainable
    config |= kind.keras_config()
    if "data_format" in config:
        config["data_format"] = config["data_format"] or layout
    return config | dict(layer.extras)


# ----------------------------------------------------------------------------------------------------------------------


@functools.cache
def _by_class_name() -> dict[str, type[LayerKind]]:
    return {name: kind for kind in kinds().values() for name in kind.spellings.get("keras", ())}


@functools.cache
def _extras_of(kind: type[LayerKind]) -> frozenset[str]:
    return (kind.inert | kind.common).difference(kind.__struct_fields__)


def _suggested(name: str, names: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, names, n=1)
    return f": did you mean {close[0]}?" if close else ""


def _refuse_unknown_policy(dtype: object) -> None:
    if isinstance(dtype, str) and dtype not in DATA_TYPES:
        raise InvalidOptions(f"dtype = {dtype!r}: expected a type such as 'float32' or 'mixed_float16'", "dtype")


def _function(value: object) -> tuple[object, object]:
    """The name of an activation, and what to write back if a name alone would not do.

    Keras serializes a function as {"class_name": "function", "config": "relu"} and an activation layer as
    {"module": "keras.layers", "class_name": "LeakyReLU", "config": …}.
    """
    if value is None:
        return "linear", None
    if not isinstance(value, Mapping):
        return value, None
    if value.get("class_name") == "function":
        return value.get("config"), None
    title = value.get("class_name")
    if isinstance(title, str) and value.get("module") and title in _by_class_name():
        kind = kind_named(title)
        if kind.category == "act" and kind.title() != "PReLU":
            return _snake_case(title), value
    raise InvalidOptions(f"activation = {title!r} is not known here", "activation")


def _snake_case(title: str) -> str:
    return title.replace("LU", "lu").replace("Leaky", "leaky_").lower()


def _as_python_takes_it(kind: type[LayerKind], option: str, value: object) -> object:
    """A value as Python's arithmetic sees it: True is 1, and anything can be asked whether it is true."""
    flags, exact = _loose_types(kind)
    if option in flags:
        return bool(value)
    return value if option in exact else _without_booleans(value)


def _without_booleans(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return [_without_booleans(item) for item in value] if isinstance(value, list | tuple) else value


@functools.cache
def _loose_types(kind: type[LayerKind]) -> tuple[frozenset[str], frozenset[str]]:
    """Options that are true or false, and those for which True is not 1."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    flags = {field.name for field in info.fields if isinstance(field.type, msgspec.inspect.BoolType)}
    exact = {
        field.name
        for field in info.fields
        if isinstance(field.type, msgspec.inspect.Metadata) and (field.type.extra or {}).get("true_is_one") is False
    }
    return frozenset(flags), frozenset(exact)
