"""What the weights of a layer have in common, pulled out of their sum: `(3 × 3 × 32 + 1) × 64`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from paramdesk.engine.formula import Expression, expression_of
from paramdesk.engine.weight import Weight


def factors_of(weight: Weight) -> tuple[Expression, ...]:
    """What is multiplied to count a weight's values; the plain ones of a pointwise kernel are left out."""
    factors = [factor for dim in weight.shape for factor in expression_of(dim).factors]
    return tuple(factor for factor in factors if factor != Expression(1))


def total_of(weights: Sequence[Weight], factors: Sequence[tuple[Expression, ...]]) -> Expression:
    """The sum over the weights, what they have in common pulled out: `(3 × 3 × 32 + 1) × 64`.

    Dimensions are compared by their words and values together: 64 input channels and 64 filters are not the same, nor
    are the units of two layers in a wrapper. What is itself a product (4 gates × 8 units) stands on both sides of the
    bracket: `4 × (6 + 8 + 1) × 8`.
    """
    terms = []
    for members in _alike(weights, factors):
        if len(members) == 1:
            terms.append(_multiplied(factors[members[0]]))
            continue
        common = Counter(factors[members[0]])
        for index in members:
            common &= Counter(factors[index])
        pulled, rests = _pulled_out(common, [factors[index] for index in members])
        last = min(len(_last(weights[index])) for index in members)
        before = pulled[-last:-1] if len(pulled) >= last else []
        summands = [
            _multiplied(rest) if rest else Expression(1, name=_noun(weights[index].name))
            for index, rest in zip(members, rests, strict=True)
        ]
        times, once = _repeated(summands)
        behind = (*pulled[: -last or None], *pulled[-1:]) if before else pulled
        terms.append(_multiplied((*times, *before, *once, *behind)))
    return _added(terms)


def part_by_part(weights: Sequence[Weight], owner: str = "") -> Expression:
    """The sum over the weights of a layer that is made of others, each part under its name: `self attn + linear1`.

    Args:
        weights: what stands before the first dot of a name is a part. Parts that are numbers are repetitions: of those
            that are alike, one is shown.
        owner: the part that owns them; empty: the whole layer.
    """
    if not all("." in weight.name for weight in weights):
        return total_of(weights, [factors_of(weight) for weight in weights])
    members: dict[str, list[Weight]] = {}
    for weight in weights:
        name, _dot, inner = weight.name.partition(".")
        members.setdefault(name, []).append(msgspec.structs.replace(weight, name=inner))
    parts = {name.replace("_", " "): part_by_part(inside, name) for name, inside in members.items()}
    if all(name.isdigit() for name in parts):
        return _one_behind_the_other(list(parts.values()), owner)
    return _added([expression.under(name) for name, expression in parts.items()])


def _one_behind_the_other(parts: Sequence[Expression], owner: str) -> Expression:
    terms = []
    for alike, count in Counter(parts).items():
        each = alike.under("each")
        terms.append(_multiplied((Expression(count, name=f"number of {owner}"), each)) if count > 1 else alike)
    return _added(terms)


def _last(weight: Weight) -> tuple[Expression, ...]:
    """What is multiplied in the last dimension of a weight that is no plain one."""
    dims = [tuple(factor for factor in expression_of(dim).factors if factor != Expression(1)) for dim in weight.shape]
    return next((factors for factors in reversed(dims) if factors), ())


def _alike(weights: Sequence[Weight], factors: Sequence[tuple[Expression, ...]]) -> list[list[int]]:
    """Which weights belong together: those with the same last dimension, and a bias with what has that dimension."""
    groups: dict[tuple[Expression, ...], list[int]] = {}
    for index, weight in enumerate(weights):
        groups.setdefault(_last(weight), []).append(index)
    for last, members in list(groups.items()):
        if len(members) == 1 and len(weights[members[0]].shape) == 1:
            for other, others in groups.items():
                if other != last and all(set(last) <= set(factors[index]) for index in others):
                    others.extend(groups.pop(last))
                    break
    return list(groups.values())


def _pulled_out(
    common: Counter[Expression], factors: Sequence[tuple[Expression, ...]]
) -> tuple[list[Expression], list[tuple[Expression, ...]]]:
    """The common factors, in the order of the first weight, and what is left of each."""
    rests = []
    pulled: list[Expression] = []
    for dims in factors:
        left = common.copy()
        rest, taken = [], []
        for factor in reversed(dims):
            if left[factor]:
                left[factor] -= 1
                taken.append(factor)
            else:
                rest.append(factor)
        rests.append(tuple(reversed(rest)))
        pulled = pulled or taken[::-1]
    return pulled, rests


LONGEST_RUN = 12
"""A run of summands that comes again is no longer: two directions, each with two kernels and two biases."""


def _repeated(summands: list[Expression]) -> tuple[list[Expression], list[Expression]]:
    """A sum as a number of times and what is there so often; runs within it that come again are written once."""
    found: list[Expression] = []
    start = 0
    while start < len(summands):
        longest = 1 if "bias" in summands[start].name else LONGEST_RUN  # it stands behind its kernel
        length, times = max(
            ((length, _times(summands, start, length)) for length in range(1, longest + 1)),
            key=lambda run: (run[0] * run[1] if run[1] > 1 else 1, -run[0]),
        )
        length = length if times > 1 else 1
        run = _added(summands[start : start + length])
        start += length * times
        if times == len(summands) and run.value == 1:
            return [Expression(times)], []
        if times > 1 and start == len(summands) and not found:
            return [Expression(times)], [run]
        found.append(_multiplied((Expression(times), run)) if times > 1 else run)
    return [], [_added(found)]


def _times(summands: list[Expression], start: int, length: int) -> int:
    """How often a run of summands is there, one behind the other."""
    run, times = summands[start : start + length], 1
    while summands[start + times * length : start + (times + 1) * length] == run and len(run) == length:
        times += 1
    return times


def _multiplied(factors: Sequence[Expression]) -> Expression:
    if len(factors) == 1:
        return factors[0]
    return Expression(product_of(factors), operator="×", operands=tuple(factors)) if factors else Expression(1)


def _added(terms: Sequence[Expression]) -> Expression:
    if len(terms) == 1:
        return terms[0]
    values = [term.value for term in terms]
    total = None if None in values else sum(value for value in values if value is not None)
    return Expression(total, operator="+", operands=tuple(terms))


def product_of(factors: Iterable[Expression]) -> int | None:
    """What factors come to; None if one of them is not known."""
    result = 1
    for factor in factors:
        if factor.value is None:
            return None
        result *= factor.value
    return result


def _noun(name: str) -> str:
    """What a weight is called in a sum: without the layers that it belongs to, and PyTorch's number of one in a stack.

    >>> _noun("forward_lstm/lstm_cell/recurrent_kernel"), _noun("bias_ih_l0_reverse"), _noun("out_proj.bias")
    ('recurrent kernel', 'bias ih', 'bias')
    """
    return re.sub(r"_l\d+(_reverse)?$", "", re.split("[./]", name)[-1]).replace("_", " ")
