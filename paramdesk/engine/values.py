"""What values an option takes, in words."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from paramdesk.engine.option import LARGEST, options_of, type_of

MOST_NAMED = 8
"""Of more choices than these, only the first ones are named."""


def values_in_words(kind: type[msgspec.Struct], name: str) -> str:
    """What values an option of a kind takes: `a whole number ≥ 1`, `'valid' or 'same'`."""
    offered = options_of(kind)[name].choices
    return _choices(offered) if offered else _in_words(type_of(kind, name))


def _in_words(hint: msgspec.inspect.Type) -> str:
    match hint:
        case msgspec.inspect.Metadata():
            return _in_words(hint.type)
        case msgspec.inspect.UnionType():
            return _either(dict.fromkeys(map(_in_words, hint.types)))
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            return _number(hint)
        case msgspec.inspect.LiteralType():
            return _choices(hint.values)
        case msgspec.inspect.TupleType():
            return f"{len(hint.item_types)} × ({_in_words(hint.item_types[0])})"
        case msgspec.inspect.VarTupleType():
            return f"a list of ({_in_words(hint.item_type)})"
        case _:
            return _PLAIN.get(type(hint), "anything")


_PLAIN: dict[type, str] = {
    msgspec.inspect.BoolType: "yes or no",
    msgspec.inspect.NoneType: "none",
    msgspec.inspect.StrType: "a text",
    msgspec.inspect.CustomType: "a layer",
}


def _number(hint: msgspec.inspect.IntType | msgspec.inspect.FloatType) -> str:
    noun = "a whole number" if isinstance(hint, msgspec.inspect.IntType) else "a number"
    bounds = ((">", hint.gt), ("≥", hint.ge), ("<", hint.lt), ("≤", hint.le))
    said = [f"{sign} {bound:g}" for sign, bound in bounds if bound is not None and abs(bound) < LARGEST]
    return " ".join([noun, " and ".join(said)]).strip().replace("-", "−")


def _choices(values: Iterable[object]) -> str:
    named = [repr(value) for value in values]
    return _either(named) if len(named) <= MOST_NAMED else f"one of {len(named)} names: {', '.join(named)}"


def _either(words: Iterable[str]) -> str:
    return " or ".join(words)
