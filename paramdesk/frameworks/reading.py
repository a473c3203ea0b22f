"""What both vocabularies share: how Python takes values, and what is said of unknown names."""

from __future__ import annotations

import functools

import msgspec

from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.layer_kind import LayerKind

MOST_NAMED = 60
"""No more characters of a name of unknown origin are repeated."""


class NotKnown(InvalidOptions):
    """A class or a function that is not known here: it may be its author's own."""


def suggested(name: str, names: list[str]) -> str:
    """A question after the name that was meant, or nothing."""
    import difflib

    close = difflib.get_close_matches(name[:MOST_NAMED], names, n=1)
    return f": did you mean {close[0]}?" if close else ""


def as_python_takes_it(kind: type[LayerKind], option: str, value: object) -> object:
    """A value as Python's arithmetic sees it: True is 1, and anything can be asked whether it is true."""
    flags, exact = _loose_types(kind)
    if option in flags:
        return bool(value)
    if option in kind.whole_floats and isinstance(value, list | tuple):
        value = [int(item) if isinstance(item, float) and item.is_integer() else item for item in value]
    return value if option in exact else _without_booleans(value)


def as_torch_takes_it(kind: type[LayerKind], option: str, value: object) -> object:
    """A value as PyTorch sees it: True is 1.0 and may stand where a truth is wanted, but is no whole number."""
    return as_python_takes_it(kind, option, value) if option in _loose_in_torch(kind) else value


@functools.cache
def _loose_in_torch(kind: type[LayerKind]) -> frozenset[str]:
    """Options that are true or false, or numbers with a fraction."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return frozenset(field.name for field in info.fields if _is_loose(field.type))


def _is_loose(hint: msgspec.inspect.Type) -> bool:
    if isinstance(hint, msgspec.inspect.UnionType):
        return any(map(_is_loose, hint.types))
    return isinstance(hint, msgspec.inspect.BoolType | msgspec.inspect.FloatType)


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
    exact = {field.name for field in info.fields if _is_exact(field.type)}
    return frozenset(flags), frozenset(exact)


def _is_exact(hint: msgspec.inspect.Type) -> bool:
    if isinstance(hint, msgspec.inspect.UnionType):
        return any(isinstance(part, msgspec.inspect.BoolType) or _is_exact(part) for part in hint.types)
    return isinstance(hint, msgspec.inspect.Metadata) and (hint.extra or {}).get("true_is_one") is False
