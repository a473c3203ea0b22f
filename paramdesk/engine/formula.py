"""One formula, two readings: numbers that remember their name and how they were made.

The kinds' arithmetic is plain Python. On ints it gives the count; on `Quantity` objects it gives the same count and an
`Expression` that reads as words ("(kernel height × kernel width × input channels + bias) × filters") and as numbers
("(3 × 3 × 32 + 1) × 64"). No explanation is written beside a formula, so none can be wrong about it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, TypeAlias, overload

import msgspec

from paramdesk.engine.shape import UNKNOWN, Dim, Unknown

Operator: TypeAlias = Literal["+", "−", "×", "/", "mod"]

_PRECEDENCE: dict[str, int] = {"+": 1, "−": 1, "×": 2, "/": 2, "mod": 2}


class Expression(msgspec.Struct, frozen=True):
    """A value and how it is written: a name, a plain number, or an operation on other expressions.

    Attributes:
        value: the number; None where it is not known.
        name: its words; empty for a plain number or an operation.
        operator: the sign between the operands; empty for a name or a number. What has both a name and operands is a
            part of a longer formula: there it stands under its name, and a line of its own says how it is made.
        operands: what the operation works on.
    """

    value: int | None
    name: str = ""
    operator: Operator | Literal[""] = ""
    operands: tuple[Expression, ...] = ()

    @property
    def words(self) -> str:
        """The expression in words: `kernel height × kernel width × input channels`."""
        return self.name or self._written(in_words=True)

    @property
    def numbers(self) -> str:
        """The expression in numbers: `3 × 3 × 32`."""
        return self._written(in_words=False) if not self.name else number(self.value)

    def under(self, name: str) -> Expression:
        """The expression as a part of a longer one, under a name; a leaf is a product of itself alone."""
        return Expression(self.value, name, self.operator or "×", self.operands or (self,))

    @property
    def made(self) -> Expression:
        """The operation behind a name, where there is one; else the expression itself."""
        return Expression(self.value, "", self.operator, self.operands) if self.operator else self

    @property
    def factors(self) -> tuple[Expression, ...]:
        """What is multiplied: the operands of a product, else the expression itself."""
        return self.operands if self.operator == "×" and not self.name else (self,)

    def _written(self, *, in_words: bool) -> str:
        if not self.operator:
            return number(self.value)
        parts = [
            operand.inside(self.operator, first=index == 0, in_words=in_words)
            for index, operand in enumerate(self.operands)
        ]
        joined = f" {self.operator} ".join(parts)
        return f"⌊{joined}⌋" if self._is_rounded_down() else joined

    def inside(self, outer: str, *, in_words: bool, first: bool = False) -> str:
        """How it is written as an operand of another operation: in brackets where it needs them."""
        written = self.words if in_words else self.numbers
        if self.name or not self.operator or self._is_rounded_down():
            return written
        inner, around = _PRECEDENCE[self.operator], _PRECEDENCE[outer]
        loose = inner < around or (inner == around and (self.operator != outer if outer == "×" else not first))
        return f"({written})" if loose else written

    def _is_rounded_down(self) -> bool:
        if self.operator != "/":
            return False
        dividend, divisor = self.operands[0].value, self.operands[1].value
        return dividend is None or not divisor or dividend % divisor != 0


def number(value: int | None) -> str:
    """A number with its thousands separated; `?` where it is not known.

    >>> number(18496)
    '18,496'
    """
    return "?" if value is None else f"{value:,}"


def expression_of(value: Dim) -> Expression:
    """The expression that a number carries; a plain number stands for itself."""
    if isinstance(value, Quantity | UnknownQuantity):
        return value.expression
    return Expression(None if isinstance(value, Unknown) else int(value))


def _plain(value: Dim) -> int | None:
    return None if isinstance(value, Unknown) else int(value)


def _combine(operator: Operator, left: Dim, right: Dim) -> Quantity | UnknownQuantity:
    a, b = expression_of(left), expression_of(right)
    if operator == "−" and a.operator == "+" and not a.name and a.operands[-1] == b:
        return quantity(_sum_of(a.operands[:-1]))  # x + 1 − 1 reads x
    value = _evaluate(operator, a.value, b.value)
    operands: tuple[Expression, ...] = (a, b)
    if operator in ("+", "×"):
        spread = [e.operands if e.operator == operator and not e.name else (e,) for e in operands]
        operands = tuple(operand for group in spread for operand in group)
    return quantity(Expression(value, operator=operator, operands=operands))


def _sum_of(terms: tuple[Expression, ...]) -> Expression:
    """A sum; of one term, the term itself."""
    if len(terms) == 1:
        return terms[0]
    values = [term.value for term in terms]
    return Expression(None if None in values else sum(v for v in values if v is not None), "", "+", terms)


def _evaluate(operator: Operator, left: int | None, right: int | None) -> int | None:
    if left is None or right is None:
        return None
    match operator:
        case "+":
            return left + right
        case "−":
            return left - right
        case "×":
            return left * right
        case "/":
            return left // right
        case "mod":
            return left % right


class Quantity(int):
    """An int that remembers how it is written. It equals and hashes like the plain int."""

    expression: Expression

    def __new__(cls, value: int, expression: Expression) -> Quantity:
        """A number together with its expression."""
        self = super().__new__(cls, value)
        self.expression = expression
        return self

    def __add__(self, other: Dim) -> Dim:  # type: ignore[override]  # an unknown operand gives an unknown sum
        return _combine("+", self, other)

    def __radd__(self, other: Dim) -> Dim:  # type: ignore[override, misc]  # see __add__
        return _combine("+", other, self)

    def __sub__(self, other: Dim) -> Dim:  # type: ignore[override]  # see __add__
        return _combine("−", self, other)

    def __rsub__(self, other: Dim) -> Dim:  # type: ignore[override, misc]  # see __add__
        return _combine("−", other, self)

    def __mul__(self, other: Dim) -> Dim:  # type: ignore[override]  # see __add__
        return _combine("×", self, other)

    def __rmul__(self, other: Dim) -> Dim:  # type: ignore[override, misc]  # see __add__
        return _combine("×", other, self)

    def __floordiv__(self, other: Dim) -> Dim:  # type: ignore[override]  # see __add__
        return _combine("/", self, other)

    def __rfloordiv__(self, other: Dim) -> Dim:  # type: ignore[override, misc]  # see __add__
        return _combine("/", other, self)

    def __mod__(self, other: Dim) -> Dim:  # type: ignore[override]  # see __add__
        return _combine("mod", self, other)


class UnknownQuantity(Unknown):
    """An unknown number that remembers how it is written, so that a formula survives an unknown dimension."""

    __slots__ = ("expression",)

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def __add__(self, other: Dim) -> UnknownQuantity:  # type: ignore[override]  # narrower than Unknown's
        return _unknown("+", self, other)

    def __radd__(self, other: Dim) -> UnknownQuantity:  # type: ignore[override]  # see __add__
        return _unknown("+", other, self)

    def __sub__(self, other: Dim) -> UnknownQuantity:  # type: ignore[override]  # see __add__
        return _unknown("−", self, other)

    def __rsub__(self, other: Dim) -> UnknownQuantity:  # type: ignore[override]  # see __add__
        return _unknown("−", other, self)

    def __mul__(self, other: Dim) -> UnknownQuantity:  # type: ignore[override]  # see __add__
        return _unknown("×", self, other)

    def __rmul__(self, other: Dim) -> UnknownQuantity:  # type: ignore[override]  # see __add__
        return _unknown("×", other, self)

    def __floordiv__(self, other: Dim) -> UnknownQuantity:  # type: ignore[override]  # see __add__
        return _unknown("/", self, other)

    def __rfloordiv__(self, other: Dim) -> UnknownQuantity:  # type: ignore[override]  # see __add__
        return _unknown("/", other, self)


def _unknown(operator: Operator, left: Dim, right: Dim) -> UnknownQuantity:
    combined = _combine(operator, left, right)
    assert isinstance(combined, UnknownQuantity)
    return combined


def quantity(expression: Expression) -> Quantity | UnknownQuantity:
    """The number of an expression, known or not."""
    if expression.value is None:
        return UnknownQuantity(expression)
    return Quantity(expression.value, expression)


def called(name: str, value: Dim) -> Quantity | UnknownQuantity:
    """A number under a name: the leaf of a formula in words."""
    return quantity(Expression(_plain(value), name=name))


@overload
def named(name: str, value: int) -> int: ...
@overload
def named(name: str, value: Dim) -> Dim: ...
def named(name: str, value: Dim) -> Dim:
    """Gives a number its name in the formula of a kind. Plain numbers pass through: a count is not slowed down."""
    if type(value) is int or value is UNKNOWN:
        return value
    return called(name, value)


def part(name: str, value: Dim) -> Dim:
    """Names a term of a long formula, which stands there by its name and is explained in a line of its own."""
    if not isinstance(value, Quantity | UnknownQuantity):
        return value
    return quantity(value.expression.under(name))


def fixed(name: str, value: int, beside: Dim) -> int:
    """A number that belongs to the kind itself (an LSTM's 4 gates): named in formulas as the number beside it is."""
    if isinstance(beside, Quantity | UnknownQuantity):
        return Quantity(value, Expression(value, name=name))
    return value


def product(dims: Iterable[Dim]) -> Dim:
    """The product of dimensions; unknown if one of them is.

    >>> product((3, 3, 32))
    288
    """
    rest = iter(dims)
    return math.prod(rest, start=next(rest, 1))


def share(dim: Dim, parts: Dim) -> Dim:
    """A dimension split into equal parts; unsplit, it stays as it is (and reads so)."""
    return dim if parts == 1 else dim // parts


def divides(divisor: Dim, dim: Dim) -> bool:
    """Whether a dimension can be split evenly; one that is not known is given the benefit of the doubt."""
    remainder = _plain(dim), _plain(divisor)
    if remainder[0] is None or not remainder[1]:
        return True
    return remainder[0] % remainder[1] == 0
