"""Values as JSON text that people can read: short objects in one line, in the order that they have."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping


def spread(value: object, margin: str) -> str:
    """An object with an entry a line, anything else in one line."""
    if not isinstance(value, Mapping) or not value:
        return compact(value)
    lines = [f"{margin}  {_text(str(key))}: {compact(entry)}" for key, entry in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{margin}}}"


def compact(value: object) -> str:
    """A value as JSON in one line. Infinity becomes a number too large for any float, which reads as infinity again."""
    match value:
        case str():
            return _text(value)
        case None | bool():
            return "null" if value is None else str(value).lower()
        case int():
            return int.__repr__(value)
        case float():
            return _float(value)
        case Mapping():
            return "{" + ", ".join(f"{_text(str(key))}: {compact(entry)}" for key, entry in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(compact, value)) + "]"
        case _:
            raise TypeError(f"{type(value).__name__} has no place in a file")


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _float(value: float) -> str:
    if math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    return "null" if math.isnan(value) else float.__repr__(value)
