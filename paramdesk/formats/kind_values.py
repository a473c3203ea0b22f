"""Kinds as plain values and back: the part of every JSON format that says what a layer is."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import msgspec

from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.layer_kind import LayerKind, kinds


def options_of(kind: LayerKind) -> dict[str, object]:
    """The options that differ from their defaults, by name, in the order of the form."""
    found: dict[str, object] = {}
    for name, default in _defaults(type(kind)).items():
        value = getattr(kind, name)
        if default is msgspec.NODEFAULT or type(value) is not type(default) or value != default:
            found[name] = _plain(value)
    return found


@functools.cache
def _defaults(kind: type[LayerKind]) -> dict[str, object]:
    """What each option is unless said, in the order of the form."""
    defaults = {field.name: field.default for field in msgspec.structs.fields(kind)}
    return {name: defaults[name] for name in kind.options()}


def value_of(kind: LayerKind) -> dict[str, object]:
    """A kind as a plain value: {"kind": its name, option: value, …}."""
    return {"kind": kind.title(), **options_of(kind)}


def kind_from(value: Mapping[str, object]) -> LayerKind:
    """The kind that a plain value stands for.

    Raises:
        InvalidOptions: there is no such kind, or an option is wrong; the message says which.
    """
    name = value.get("kind")
    found = kinds().get(name) if isinstance(name, str) else None
    if found is None:
        said = f"there is no kind of layer named {name!r}" if "kind" in value else '"kind" is missing'
        raise InvalidOptions(f"{said}{_suggestion(name)}", "kind")
    return found.from_options({key: _rich(inner) for key, inner in value.items() if key != "kind"})


def _suggestion(name: object) -> str:
    import difflib

    close = difflib.get_close_matches(str(name), kinds(), n=1)
    return f": is it {close[0]}?" if close else ""


def _plain(value: object) -> object:
    """A value of plain types: kinds within kinds become objects."""
    if isinstance(value, LayerKind):
        return value_of(value)
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _rich(value: object) -> object:
    """The value with the kinds in it made from their objects."""
    if isinstance(value, list):
        return [_rich(item) for item in value]
    if isinstance(value, dict) and isinstance(value.get("kind"), str):
        return kind_from(value)
    return value
