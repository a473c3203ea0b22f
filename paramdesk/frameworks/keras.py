"""Keras' vocabulary: from a class name and a config to a kind, and back.

No kind is listed here. A kind carries its Keras names (`spellings`), the options that count nothing (`inert`) and,
where Keras' constructor says things another way, two small translations (`keras_options`, `keras_config`). What holds
for every Keras layer stands here: name, trainable, dtype, what Python takes for a number, how functions are serialized.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import get_args

import msgspec

from paramdesk.engine.architecture import Layer
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.activation import ActivationName
from paramdesk.engine.kinds.core import DataType
from paramdesk.engine.layer_kind import LayerKind, kinds
from paramdesk.engine.naming import default_name
from paramdesk.engine.option import default_of, fits, inner_kinds, stand_in
from paramdesk.engine.shape import Layout
from paramdesk.frameworks.old_keras import modernized, present_name
from paramdesk.frameworks.reading import MOST_NAMED, NotKnown, as_python_takes_it, suggested

ACTIVATIONS = frozenset({"activation", "recurrent_activation"})
"""Options that are functions: Keras takes their names, or functions and layers as it serializes them."""
LAMBDA = "__lambda__"
OWN = "linear"
"""What stands for a function of an author's own: it changes no count, and nobody knows what it does."""
POLICIES = frozenset({*get_args(DataType), "int", "mixed_float16", "mixed_bfloat16"})
"""What a layer's `dtype` may name, besides quantized types."""
_QUANTIZED = re.compile(
    r"(?P<mode>int8|float8|int4(/(-1|0*[1-9]\d*))?|gptq/[2348]/(-1|0*[1-9]\d*)|awq/4/(-1|0*[1-9]\d*))_from_(?P<source>\w+)"
)
"""As in "int8_from_float32"; some have a group size and bits: "gptq/4/128_from_float32"."""
_MODES = ("int8", "float8", "int4", "gptq", "awq")
"""A policy that begins so is taken for a quantized one: int8 alone is not a layer's type."""


class Origin(msgspec.Struct, frozen=True):
    """Where a config is from.

    Attributes:
        is_old: whether Keras 1 or 2 wrote it: options that Keras has no more are left out.
        is_saved: whether it describes a model that exists: functions of its author's own may stand in it, which nobody
            else knows; they are kept as they are.
    """

    is_old: bool = False
    is_saved: bool = False


ANYWHERE = Origin()


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
        NotKnown: no kind has that name.
    """
    found = _by_class_name().get(class_name) if isinstance(class_name, str) else None
    if found is None:
        name = class_name[:MOST_NAMED] if isinstance(class_name, str) else shortened(class_name)
        raise NotKnown(f"Keras' {name} is not known here{suggested(name, list(_by_class_name()))}")
    return found


def is_known_class(class_name: str, origin: Origin = ANYWHERE) -> bool:
    """Whether a kind is behind a Keras class, and not only a row for what is not known."""
    name = present_name(class_name) if origin.is_old else class_name
    found = _by_class_name().get(name) if isinstance(name, str) else None
    return found is not None and not found.is_foreign


def read_layer(
    class_name: object, config: object, *, layout: Layout = "channels_last", origin: Origin = ANYWHERE
) -> KerasLayer:
    """Understands a layer, from values of unknown origin.

    Args:
        class_name: of the Keras class, a text.
        config: arguments of its constructor by name, as `get_config` gives them.
        layout: of the architecture: where a layer states the same, it follows the architecture.
        origin: where the config is from.

    Raises:
        NotKnown: a class or function that is not known here, on which it depends what the layer is.
        InvalidOptions: an unknown class or option, or a value that Keras refuses; the message says which.
    """
    kind = kind_named(present_name(class_name) if origin.is_old else class_name)
    given = _table(kind, config)
    if origin.is_old:
        given = modernized(given, class_name)
    name, trainable = _name_and_trainable(kind, given)
    if "dtype" not in kind.__struct_fields__:
        _refuse_unknown_policy(given.get("dtype"))
    extras = {option: given[option] for option in _extras_of(kind) if option in given}
    options = {option: value for option, value in kind.keras_options(given).items() if option not in extras}
    extras |= {option: given[option] for option in kind.kept_whole if given.get(option) is not None}
    extras |= _not_understood(kind, options, origin)
    extras |= _inner_kinds_read(kind, options, origin)
    unknown = sorted(set(options) - _of_constructor(kind))
    if origin.is_old:
        options = {option: value for option, value in options.items() if option not in unknown}
    elif unknown:
        close = suggested(unknown[0], sorted(_of_constructor(kind)))
        raise InvalidOptions(f"{kind.title()} has no option {unknown[0][:MOST_NAMED]}{close}", unknown[0])
    taken = {option: as_python_takes_it(kind, option, value) for option, value in options.items()}
    if taken.get("data_format") == layout:
        del taken["data_format"]
    return KerasLayer(kind.from_options(taken), name, trainable, extras)


def _table(kind: type[LayerKind], config: object) -> dict[str, object]:
    """The options by name."""
    if not isinstance(config, Mapping):
        raise InvalidOptions(f"{kind.title()} needs a table of options, got {shortened(config)}")
    for name in config:
        if not isinstance(name, str):
            raise InvalidOptions(f"{kind.title()} has no option {shortened(name)}: names of options are texts")
    return dict(config)


def _name_and_trainable(kind: type[LayerKind], given: dict[str, object]) -> tuple[str | None, bool]:
    """What belongs to a layer rather than to its kind, taken out of the options."""
    name, trainable = given.pop("name", None), True
    if name is not None and (not isinstance(name, str) or "/" in name):
        raise InvalidOptions(f"name = {shortened(name)}: expected a text without /", "name")
    if "trainable" in given and "trainable" in kind.common:
        said = given.pop("trainable")
        if not isinstance(said, bool):
            raise InvalidOptions(f"trainable = {shortened(said)}: expected true or false", "trainable")
        trainable = said
    return name, trainable


def _not_understood(kind: type[LayerKind], options: dict[str, object], origin: Origin) -> dict[str, object]:
    """What Keras takes as an option and a field cannot hold: replaced by a value that it can, or by a name."""
    unchecked = sorted(kind.takes_anything & options.keys())
    found = {name: options[name] for name in unchecked if not _fits(kind, name, options[name])}
    options |= {name: stand_in(kind, name) for name in found}
    for name in sorted(ACTIVATIONS & options.keys()):
        said = options[name]
        options[name], serialized = _function(said, name)
        if origin.is_saved and _is_own(options[name]):
            if default_of(kind, name) is msgspec.NODEFAULT:
                raise NotKnown(f"the function {shortened(options[name])} is not known here", name)
            options[name], serialized = OWN, said
        found |= {} if serialized is None else {name: serialized}
    return found


def _inner_kinds_read(kind: type[LayerKind], options: dict[str, object], origin: Origin) -> dict[str, object]:
    """Replaces serialized layers among the options by their kinds; returns them as they were."""
    found = {name: options[name] for name in inner_kinds(kind) if options.get(name) is not None}
    options |= {name: _kind_within(value, origin) for name, value in found.items()}
    return {} if origin.is_old else found


def _kind_within(value: object, origin: Origin = ANYWHERE) -> object:
    """The kind of a serialized layer, or the kinds of several."""
    if isinstance(value, list | tuple):
        return tuple(_kind_within(item, origin) for item in value)
    if not isinstance(value, Mapping):
        raise InvalidOptions(f"{shortened(value)} is not a layer: expected its class_name and config")
    try:
        return read_layer(value.get("class_name"), value.get("config"), origin=origin).kind
    except RecursionError:
        raise InvalidOptions("layers stand within layers without end") from None


def read_call(kind: LayerKind, call: object) -> LayerKind:
    """The kind with the options that are given when it is called.

    Raises:
        InvalidOptions: Keras takes no such argument when it calls the layer, or not this value.
    """
    if call is None:
        return kind
    if not isinstance(call, Mapping):
        raise InvalidOptions(f"{shortened(call)} is not a table of arguments of a call")
    options = options_at_call(type(kind))
    for name in call:
        if name not in options | kind.call_arguments:
            raise InvalidOptions(f"{kind.title()} takes no argument {shortened(name)} when it is called")
    taken = {name: as_python_takes_it(type(kind), name, call[name]) for name in options if name in call}
    return kind.changed(**taken) if taken else kind


@functools.cache
def options_at_call(kind: type[LayerKind]) -> frozenset[str]:
    """The options that are given when the layer is called."""
    return frozenset(name for name, option in kind.options().items() if option.at_call and option.only != "pytorch")


def arguments_of_call(kind: LayerKind) -> dict[str, object]:
    """What a layer is called with besides its inputs: the options that are given then and say something."""
    given = {name: getattr(kind, name) for name in sorted(options_at_call(type(kind)))}
    return {name: value for name, value in given.items() if value != default_of(type(kind), name)}


# To Keras -------------------------------------------------------------------------------------------------------------


def class_name_of(kind: LayerKind | type[LayerKind]) -> str:
    """The name of the Keras class of a kind.

    Raises:
        InvalidOptions: Keras has no such layer.
    """
    names = kind.names_in("keras")
    if not names or kind.is_foreign:
        title = kind.title()
        raise InvalidOptions(f"Keras has no layer like {title}")
    return names[0]


def config_of(layer: Layer, *, layout: Layout = "channels_last") -> dict[str, object]:
    """The config from which Keras makes the same layer again.

    Args:
        layer: to describe.
        layout: of the architecture: what a layer follows if it says nothing itself.

    Raises:
        InvalidOptions: Keras has no such layer, or it has an option that Keras lacks.
    """
    kind = layer.kind
    try:
        kind.refuse_foreign("keras")
    except Refusal as refusal:
        raise InvalidOptions(refusal.message, refusal.field) from None
    config: dict[str, object] = {"name": layer.name}
    if "trainable" in kind.common and not kind.is_input:
        config["trainable"] = layer.trainable
    config |= kind.keras_config()
    if "data_format" in config:
        config["data_format"] = config["data_format"] or layout
    named = kind.named_within()
    for name in inner_kinds(type(kind)):
        if config.get(name) is not None:
            config[name] = _written(config[name], named.get(name, ()))
    return config | {name: value for name, value in layer.extras.items() if _still_holds(layer, name, value)}


def _written(value: object, named: Sequence[tuple[str, bool]]) -> object:
    """A kind among the options, or several, as Keras serializes layers; each under its own name where it has one."""
    if isinstance(value, tuple):
        return [_written(item, own) for item, own in zip_longest(value, ((one,) for one in named), fillvalue=())]
    assert isinstance(value, LayerKind)
    called, is_trained = named[0] if named else ("", True)
    config = config_of(Layer(0, called or default_name(value), value, trainable=is_trained))
    return {"module": value.keras_module, "class_name": class_name_of(value), "config": config, "registered_name": None}


def _still_holds(layer: Layer, name: str, value: object) -> bool:
    """Whether an extra may be written: what says the same as an option is outdated once that says something else."""
    if name in ("name", "trainable"):
        return False
    kind = layer.kind
    if name not in kind.__struct_fields__:
        return True
    if name in kind.takes_anything and not _fits(type(kind), name, value):
        return bool(stand_in(type(kind), name) == getattr(kind, name))
    try:
        if name in kind.kept_whole:
            read = kind.keras_options({**kind.keras_config(), **layer.extras})
            return bool(read.get(name) == getattr(kind, name))
        if name in inner_kinds(type(kind)):
            return _is_inside(kind, name, value)
        called = _function(value, name)[0]
        return name in ACTIVATIONS and (OWN if _is_own(called) else called) == getattr(kind, name)
    except InvalidOptions:
        return False


def _is_inside(kind: LayerKind, name: str, value: object) -> bool:
    """Whether a serialized layer is the one that a kind has inside, under the same name and as trained."""
    options = kind.keras_options({name: value})
    beside = [field for field in kind.__struct_fields__ if field.startswith(f"{name}_")]
    return bool(_kind_within(options[name]) == getattr(kind, name)) and all(
        options.get(field, default_of(type(kind), field)) == getattr(kind, field) for field in beside
    )


# ----------------------------------------------------------------------------------------------------------------------


@functools.cache
def _by_class_name() -> dict[str, type[LayerKind]]:
    return {name: kind for kind in kinds().values() for name in kind.names_in("keras")}


@functools.cache
def _of_constructor(kind: type[LayerKind]) -> frozenset[str]:
    """The options that Keras takes when it makes a layer."""
    return frozenset(name for name, option in kind.options().items() if option.only != "pytorch" and not option.at_call)


@functools.cache
def _extras_of(kind: type[LayerKind]) -> frozenset[str]:
    return (kind.inert | kind.common).difference(kind.__struct_fields__)


def _refuse_unknown_policy(dtype: object) -> None:
    """Refuses what Keras takes for no policy; a serialized one is believed but for its name."""
    if isinstance(dtype, Mapping):
        config = dtype.get("config")
        name = config.get("name") if isinstance(config, Mapping) else None
        is_known = name is None or (isinstance(name, str) and name in POLICIES)
    else:
        is_known = dtype is None or (isinstance(dtype, str) and _is_policy(dtype))
    if not is_known:
        reason = "expected a type such as 'float32', 'mixed_float16' or 'int8_from_float32'"
        raise InvalidOptions(f"dtype = {shortened(dtype)}: {reason}", "dtype")


def _is_policy(name: str) -> bool:
    if not name.startswith(_MODES):
        return name in POLICIES
    match = _QUANTIZED.fullmatch(name)
    if match is None or match["source"] not in POLICIES:
        return False
    return not (match["mode"] == "int8" and match["source"] in ("float16", "mixed_float16"))


def quantization_in(config: Mapping[str, object]) -> str | None:
    """How the weights of a layer are quantized, by its configuration: `int8`; None if they are not."""
    match config.get("dtype"):
        case {"config": {"mode": str(mode)}}:
            name = f"{mode}_from_float32"
        case str(name) | {"config": {"name": str(name)}}:
            pass
        case _:
            return None
    match = _QUANTIZED.fullmatch(name)
    return match["mode"] if match else None


def _function(value: object, option: str) -> tuple[object, object]:
    """The name of an activation, and what to write back if a name alone would not do.

    Keras serializes a function as {"class_name": "function", "config": "relu"} and an activation layer as
    {"module": "keras.layers", "class_name": "LeakyReLU", "config": …}.
    """
    if value is None:
        return "linear", None
    if isinstance(value, list) or (isinstance(value, Mapping) and value.get("class_name", LAMBDA) == LAMBDA):
        return LAMBDA, value  # code, which is nobody's to look at
    if not isinstance(value, Mapping):
        return value, None
    if value.get("class_name") == "function":
        return value.get("config"), None
    title = value.get("class_name")
    if isinstance(title, str) and value.get("module") and title in _by_class_name():
        kind = kind_named(title)
        if kind.category == "act" and kind.title() != "PReLU":
            return _snake_case(title), value
    raise NotKnown(f"{option} = {shortened(title)} is not known here", option)


def _is_own(called: object) -> bool:
    """Whether a function has a name that Keras has none of."""
    return isinstance(called, str) and called not in get_args(ActivationName)


def _snake_case(title: str) -> str:
    return title.replace("LU", "lu").replace("Leaky", "leaky_").lower()


def _fits(kind: type[LayerKind], name: str, value: object) -> bool:
    return fits(kind, name, as_python_takes_it(kind, name, value))
