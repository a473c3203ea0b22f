"""The sum over a layer's weights as people write it: what they have in common pulled out, or part by part.

Weights are given by their names and by what is multiplied to count their values.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from paramdesk.engine.formula import Expression

Factors: TypeAlias = tuple[Expression, ...]


def total(names: Sequence[str], factors: Sequence[Factors]) -> Expression:
    """The sum over the weights, what they have in common pulled out: `(3 × 3 × 32 + 1) × 64`.

    Dimensions are compared by their words, never by their values: 64 input channels and 64 filters are not the same.
    """
    terms = []
    for members in _alike(factors):
        common = Counter(factor.words for factor in factors[members[0]])
        for index in members:
            common &= Counter(factor.words for factor in factors[index])
        if len(members) == 1:
            terms.append(_multiplied(factors[members[0]]))
            continue
        pulled, rests = _pulled_out(common, [factors[index] for index in members])
        summands = [
            _multiplied(rest) if rest else Expression(1, name=in_words(names[index]))
            for index, rest in zip(members, rests, strict=True)
        ]
        terms.append(_multiplied((_added(summands), *pulled)))
    return _added(terms)


def part_by_part(names: Sequence[str], factors: Sequence[Factors], owner: str = "") -> Expression:
    """The sum over the weights of a layer that is made of others, each part under its name: `self attn + linear1`.

    Args:
        names: of the weights; what stands before the first dot is a part. Parts that are numbers are repetitions: of
            those that are alike, one is shown.
        factors: of each.
        owner: the part whose weights they are; empty: the whole layer.
    """
    if not all("." in name for name in names):
        return total(names, factors)
    members: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        members.setdefault(name.split(".")[0], []).append(index)
    parts = {
        name: part_by_part(
            [names[index].partition(".")[2] for index in inside], [factors[index] for index in inside], in_words(name)
        )
        for name, inside in members.items()
    }
    if all(name.isdigit() for name in parts):
        return _repeated(list(parts.values()), owner)
    return _added([expression.under(in_words(name)) for name, expression in parts.items()])


def _repeated(parts: Sequence[Expression], owner: str) -> Expression:
    """The sum of one layer behind the other."""
    terms = []
    for alike, count in Counter(parts).items():
        each = alike.under("each")
        terms.append(_multiplied((Expression(count, name=f"number of {owner}"), each)) if count > 1 else alike)
    return _added(terms)


def in_words(name: str) -> str:
    """A weight's name as words.

    >>> in_words("query/kernel"), in_words("moving_mean")
    ('query kernel', 'moving mean')
    """
    return re.sub(r"[_/.]", " ", name)


def product_of(factors: Iterable[Expression]) -> int | None:
    """What factors come to; None if one is not known."""
    result = 1
    for factor in factors:
        if factor.value is None:
            return None
        result *= factor.value
    return result


def _alike(factors: Sequence[Factors]) -> list[list[int]]:
    """Which weights belong together: those with the same last dimension, and a bias with what has that dimension."""
    groups: dict[str, list[int]] = {}
    for index, dims in enumerate(factors):
        groups.setdefault(dims[-1].words if dims else "", []).append(index)
    for last, members in list(groups.items()):
        if len(members) == 1 and len(factors[members[0]]) == 1:
            for other, others in groups.items():
                if other != last and all(last in [factor.words for factor in factors[index]] for index in others):
                    others.extend(groups.pop(last))
                    break
    return list(groups.values())


def _pulled_out(common: Counter[str], factors: Sequence[Factors]) -> tuple[list[Expression], list[Factors]]:
    """The common factors, in the order of the first weight, and what is left of each."""
    rests = []
    pulled: list[Expression] = []
    for dims in factors:
        left = common.copy()
        rest, taken = [], []
        for factor in reversed(dims):
            if left[factor.words]:
                left[factor.words] -= 1
                taken.append(factor)
            else:
                rest.append(factor)
        rests.append(tuple(reversed(rest)))
        pulled = pulled or taken[::-1]
    return pulled, rests


def _multiplied(factors: Sequence[Expression]) -> Expression:
    if len(factors) == 1:
        return factors[0]
    return Expression(product_of(factors), operator="×", operands=tuple(factors)) if factors else Expression(1)


def _added(terms: Sequence[Expression]) -> Expression:
    if len(terms) == 1:
        return terms[0]
    values = [term.value for term in terms]
    whole = None if None in values else sum(value for value in values if value is not None)
    return Expression(whole, operator="+", operands=tuple(terms))
