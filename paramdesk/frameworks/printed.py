"""Modules as PyTorch prints them: `Conv2d(3, 64, kernel_size=(7, 7), stride=(2, 2), bias=False)`.

What stands between the brackets is nearly Python: words may stand without quotes (`padding=same`). It is read as values
and never run.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping

from paramdesk.engine.errors import InvalidOptions
from paramdesk.frameworks.torch import TorchModule, module_named, read_module

LONGEST = 2000
"""No module prints more of itself."""


def read_printed(
    class_name: str, printed: str, known: Mapping[str, object] | None = None, call: Mapping[str, object] | None = None
) -> TorchModule:
    """Understands a module by its class and what it prints of its arguments.

    Args:
        class_name: of the class of torch.nn.
        printed: what stands between the brackets; an argument that is not printed has its default.
        known: arguments that are known from elsewhere, where they are not printed.
        call: arguments of its call besides the tensors.

    Raises:
        InvalidOptions: this is no such module, or it does not print what it would take to know it.
    """
    positional, keywords = arguments_in(printed)
    _kind, module = module_named(class_name)
    taken = {name: value for name, value in keywords.items() if name in module.arguments}
    return read_module(class_name, {**(known or {}), **taken}, positional=positional, call=call)


def arguments_in(printed: str) -> tuple[list[object], dict[str, object]]:
    """The values that are printed without and with a name.

    >>> arguments_in("3, 64, kernel_size=(7, 7), padding=same, bias=False")
    ([3, 64], {'kernel_size': (7, 7), 'padding': 'same', 'bias': False})
    """
    if len(printed) > LONGEST:
        raise InvalidOptions("what the module prints is too long to be its arguments")
    try:
        with warnings.catch_warnings(action="ignore"):  # of numbers next to letters
            call = ast.parse(f"f({printed})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InvalidOptions(f"{printed[:60]!r} is not what a module prints of its arguments") from None
    if not isinstance(call, ast.Call):
        raise InvalidOptions(f"{printed[:60]!r} is not what a module prints of its arguments")
    named = {keyword.arg: _value(keyword.value) for keyword in call.keywords if keyword.arg is not None}
    return [_value(argument) for argument in call.args], named


def _value(node: ast.expr) -> object:
    match node:
        case ast.Constant(value) if isinstance(value, int | float | str | None):
            return value
        case ast.Name(word):
            return word
        case ast.Tuple(items) | ast.List(items):
            return tuple(map(_value, items))
        case ast.UnaryOp(ast.USub(), ast.Constant(value)) if isinstance(value, int | float):
            return -value
        case ast.Call(ast.Attribute(_, "Size") | ast.Name("Size"), [items]):
            return _value(items)
        case _:
            raise InvalidOptions(f"{ast.unparse(node)[:60]} is not a value that a module prints")
