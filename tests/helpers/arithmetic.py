"""Evaluates the numbers of an explanation, as a reader would work them out on paper."""

import ast
import operator
import re

SIGNS = {"×": "*", "−": "-", "/": "//", "⌊": "(", "⌋": ")", "⌈": "-(-(", "⌉": "))", "mod": "%"}
OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod, ast.USub: operator.neg,
}  # fmt: skip


def number_in(text):
    """Return the whole number that a result says, without its unit; None if it says none."""
    match = re.fullmatch(r"(−?[\d,]+)( B)?", text)
    return int(match[1].replace(",", "").replace("−", "-")) if match else None


def worked_out(numbers):
    """Return what numbers such as `(3 × 3 × 32 + 1) × 64` come to; None if they are no arithmetic.

    Nouns behind a number are read over: `32 input channels`.
    """
    text = numbers.split(" = ")[0].replace(",", "")
    for sign, python in SIGNS.items():
        text = text.replace(sign, python)
    text = re.sub(r"(?<=\d)( (?!max|min)[a-zA-Z][\w-]*)+", "", text)
    if not re.fullmatch(r"[\d\s()+*/%,-]+|.*\b(?:max|min)\b.*", text) or not re.search(r"\d", text):
        return None
    return _value(ast.parse(text.strip(), mode="eval").body)


def _value(node):
    match node:
        case ast.Constant(int() as value):
            return value
        case ast.BinOp(left, op, right):
            return OPERATORS[type(op)](_value(left), _value(right))
        case ast.UnaryOp(op, operand):
            return OPERATORS[type(op)](_value(operand))
        case ast.Call(ast.Name("max" | "min" as name), args):
            return {"max": max, "min": min}[name](map(_value, args))
    raise AssertionError(f"no arithmetic: {ast.unparse(node)}")
