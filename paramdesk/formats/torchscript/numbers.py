"""Calls in the code of TorchScript that work on numbers, lists and types, not on tensors."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Final

LARGEST = 2**63
LONGEST = 10_000
"""No list is longer."""


class NotKnown:
    """A value that does not follow from the file."""


NOT_KNOWN: Final = NotKnown()


class Symbol(str):
    """A size that is not known: the name tells which it is."""

    __slots__ = ()


def number(value: object) -> bool:
    """Whether a value is a number that is known."""
    return isinstance(value, int | float)


def computed(op: str, values: Sequence[object]) -> object:
    """What an operation makes of numbers and lists; NOT_KNOWN if that does not follow.

    Raises:
        KeyError: it is none of those that are known here.
    """
    work = WORK[op]
    try:
        made = work(*values)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return NOT_KNOWN
    if isinstance(made, float) and not math.isfinite(made):
        return made
    return NOT_KNOWN if isinstance(made, int | float) and abs(made) > LARGEST else made


def _arithmetic(work: Callable[[float, float], float]) -> Callable[..., object]:
    def compute(one: object, other: object, *_more: object) -> object:
        if not isinstance(one, int | float) or not isinstance(other, int | float):
            return NOT_KNOWN
        if max(abs(one), abs(other)) > LARGEST:
            return NOT_KNOWN
        return work(one, other)

    return compute


def _added(one: object, other: object, *_more: object) -> object:
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *other] if len(one) + len(other) <= LONGEST else NOT_KNOWN
    return _arithmetic(operator.add)(one, other)


def _multiplied(one: object, other: object) -> object:
    if isinstance(one, list) and isinstance(other, int):
        return one * other if 0 <= len(one) * other <= LONGEST else NOT_KNOWN
    return _arithmetic(operator.mul)(one, other)


def _power(one: object, other: object) -> object:
    if not isinstance(one, int | float) or not isinstance(other, int | float) or abs(other) > 64 or abs(one) > LARGEST:
        return NOT_KNOWN
    made = one**other
    return made if isinstance(made, int | float) else NOT_KNOWN


def _compared(work: Callable[[object, object], object]) -> Callable[..., object]:
    def compare(one: object, other: object) -> object:
        plain = (int, float, str, list, type(None))
        if not isinstance(one, plain) or not isinstance(other, plain) or _holds_unknown(one) or _holds_unknown(other):
            return NOT_KNOWN
        if isinstance(one, Symbol) or isinstance(other, Symbol):
            return bool(work(0, 0)) if one == other else NOT_KNOWN
        return bool(work(one, other))

    return compare


def _holds_unknown(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(i, Symbol) or not isinstance(i, int | float | str) for i in value)


def _is(one: object, other: object) -> object:
    if NOT_KNOWN in (one, other):
        return NOT_KNOWN
    return one is other or (one is not None and other is not None and one == other)


def _not(value: object) -> object:
    return NOT_KNOWN if value is NOT_KNOWN else not value


def _is_not(one: object, other: object) -> object:
    return _not(_is(one, other))


def _length(value: object) -> object:
    return len(value) if isinstance(value, list | dict | str) else NOT_KNOWN


def _same(value: object, *_more: object, **_options: object) -> object:
    return value


def _contained(value: object, item: object) -> object:
    return item in value if isinstance(value, dict | list) and not _holds_unknown(value) else NOT_KNOWN


def _appended(value: object, item: object) -> object:
    if not isinstance(value, list) or len(value) >= LONGEST:
        return NOT_KNOWN
    value.append(item)
    return value


def _extended(value: object, items: object) -> object:
    if not isinstance(value, list) or not isinstance(items, list) or len(value) + len(items) > LONGEST:
        return NOT_KNOWN
    value.extend(items)
    return value


def _put(value: object, place: object, item: object) -> object:
    if isinstance(value, list) and isinstance(place, int):
        value[place] = item
    if isinstance(value, dict) and isinstance(place, int | str) and len(value) < LONGEST:
        value[place] = item
    return value


def _sliced(value: object, start: object = None, end: object = None, step: object = 1) -> object:
    if not isinstance(value, list):
        return NOT_KNOWN
    return value[
        slice(
            start if isinstance(start, int) else None, end if isinstance(end, int) else None,
            step if isinstance(step, int) else None,
        )
    ]  # fmt: skip


def _item(value: object, place: object) -> object:
    return value[place] if isinstance(value, list | dict) and isinstance(place, int | str) else NOT_KNOWN  # type: ignore[index]


def _divided(one: object, other: object, rounding: object = None) -> object:
    if rounding is None:
        return _arithmetic(operator.truediv)(one, other)
    made = _arithmetic(operator.truediv)(one, other)
    both = isinstance(one, int) and isinstance(other, int)
    if both and rounding == "trunc" and isinstance(one, int) and isinstance(other, int):
        return abs(one) // abs(other) * (1 if (one >= 0) == (other >= 0) else -1)
    if rounding == "floor":
        return _arithmetic(operator.floordiv)(one, other)
    return math.trunc(made) if isinstance(made, int | float) else NOT_KNOWN


def _whole(value: object) -> object:
    return int(value) if isinstance(value, int | float) else value


def _real(value: object) -> object:
    if isinstance(value, str):
        return {"inf": math.inf, "-inf": -math.inf}.get(value, NOT_KNOWN)
    return float(value) if isinstance(value, int | float) and abs(value) <= LARGEST else value


PURE = frozenset({"is_floating_point", "all", "any", "is_contiguous"})
"""Calls that ask tensors for what is not told of them, and do nothing else."""
CHANGING = frozenset({"append", "extend", "_set_item"})
"""Operations below that change a list."""

WORK: Mapping[str, Callable[..., object]] = {
    "add": _added, "sub": _arithmetic(operator.sub), "mul": _multiplied, "div": _divided, "pow": _power,
    "rsub": lambda one, other, *_more: _arithmetic(operator.sub)(other, one),
    "floordiv": _arithmetic(operator.floordiv), "floor_divide": _arithmetic(operator.floordiv),
    "remainder": _arithmetic(operator.mod), "fmod": _arithmetic(math.fmod),
    "lt": _compared(operator.lt), "gt": _compared(operator.gt), "le": _compared(operator.le),  # type: ignore[arg-type]
    "ge": _compared(operator.ge), "eq": _compared(operator.eq), "ne": _compared(operator.ne),  # type: ignore[arg-type]
    "__is__": _is, "__isnot__": _is_not, "__not__": _not, "__contains__": _contained, "__getitem__": _item,
    "len": _length, "append": _appended, "extend": _extended, "_set_item": _put, "slice": _sliced, "list": _same,
    "neg": lambda value: -value if isinstance(value, int | float) else NOT_KNOWN,
    "ceil": math.ceil, "floor": math.floor, "sqrt": math.sqrt, "max": max, "min": min,
    "format": lambda *_values: "", "str": lambda _value: "", "keys": list,
    "NumToTensor": _same, "int": _whole, "float": _real, "Int": _whole, "IntImplicit": _whole, "ScalarImplicit": _same,
    "Float": _real, "bool": lambda value: bool(value) if isinstance(value, int | float) else NOT_KNOWN,
    "unchecked_unwrap_optional": _same, "device": lambda *_values: NOT_KNOWN, "dtype": lambda *_values: NOT_KNOWN,
    "layout": lambda *_values: NOT_KNOWN, "is_cuda": lambda *_values: False, "warn": lambda *_values: None,
    "is_scripting": lambda: True, "is_tracing": lambda: False, "is_grad_enabled": lambda: NOT_KNOWN,
    "is_nested": lambda *_values: False, "requires_grad": lambda *_values: NOT_KNOWN,
    "values": lambda table: list(table.values()), "dict": dict,
    "items": lambda table: [[key, item] for key, item in table.items()],
}  # fmt: skip
"""What operations do to numbers."""
