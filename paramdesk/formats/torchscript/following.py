"""Follows the code of a TorchScript file as far as it tells what it does, and notes the operators that it calls.

No line of it is run: names are looked up in tables of our own, tensors are names with shapes, and what depends on the
values of data ends the attempt. Loops and calls are counted, so that code without end comes to one.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from paramdesk.formats.aten import Frame
from paramdesk.formats.torchscript.calling import Calls, Function
from paramdesk.formats.torchscript.code import Endless, Program, Unfollowable, plain_class
from paramdesk.formats.torchscript.numbers import CHANGING, NOT_KNOWN, PURE, WORK, NotKnown, computed, number
from paramdesk.formats.torchscript.objects import Module
from paramdesk.frameworks.aten import Tensor

MOST_STEPS = 400_000
"""So much code is followed; the largest networks have a tenth of it."""
MOST_NODES = 20_000
DEEPEST = 80
"""No deeper do calls stand in one another."""
Scope: TypeAlias = dict[str, object]


class _Returned(Exception):
    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


class Follower:
    """One network under way.

    Args:
        program: the code.
        constants: the values that the code names by number.
        calls: notes the operators that are called.

    Attributes:
        entered: the modules that are called, with the first that each was given.
    """

    def __init__(self, program: Program, constants: Mapping[str, object], calls: Calls) -> None:
        self.program = program
        self.constants = constants
        self.calls = calls
        self.entered: list[tuple[Module, object]] = []
        self._left = MOST_STEPS
        self._numbers: dict[str, int] = {}
        self._unpacked: list[Mapping[str, int]] = []

    def returned(self, root: Module, given: Sequence[object]) -> object:
        """What the network returns."""
        return self.method(root, "forward", given, {})

    # Calls of the program's own code --------------------------------------------------------------------------------

    def method(self, module: Module, name: str, given: Sequence[object], named: Mapping[str, object]) -> object:
        """What a method of a module returns."""
        code = self.program.method(module.class_name, name)
        if code is None:
            raise Unfollowable
        if self.calls.frames and self.calls.frames[-1].path == module.path:
            return self._body(code, [module, *given], named)
        self.entered.append((module, given[0] if given else None))
        number_ = self._numbers.get(module.path, -1) + 1
        self._numbers[module.path] = number_
        self.calls.frames.append(Frame(module.path, plain_class(module.class_name), number_))
        try:
            return self._body(code, [module, *given], named)
        finally:
            self.calls.frames.pop()

    def _body(self, code: ast.FunctionDef, given: Sequence[object], named: Mapping[str, object]) -> object:
        if len(self._unpacked) >= DEEPEST:
            raise Unfollowable
        names = [argument.arg for argument in code.args.args]
        first = len(names) - len(code.args.defaults)
        scope: Scope = {}
        for place, name in enumerate(names):
            if place < len(given):
                scope[name] = given[place]
            elif name in named:
                scope[name] = named[name]
            elif place >= first:
                scope[name] = self.value(code.args.defaults[place - first], {})
            else:
                raise Unfollowable
        self._unpacked.append(_unpacked(code))
        try:
            self.lines(code.body, scope)
        except _Returned as returned:
            return returned.value
        finally:
            self._unpacked.pop()
        return None

    def _step(self) -> None:
        """Counts what is followed, so that it comes to an end."""
        self._left -= 1
        if self._left < 0 or len(self.calls.nodes) > MOST_NODES:
            raise Endless

    # Statements -----------------------------------------------------------------------------------------------------

    def lines(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Follows statements."""
        for line in body:
            self._step()
            self._line(line, scope)

    def _line(self, line: ast.stmt, scope: Scope) -> None:
        match line:
            case ast.Assign([target], value):
                count = len(target.elts) if isinstance(target, ast.Tuple | ast.List) else 0
                if isinstance(target, ast.Name):
                    count = self._unpacked[-1].get(target.id, 0)
                self._assign(target, self.value(value, scope, count), scope)
            case ast.Expr(value):
                self.value(value, scope)
            case ast.Return(value):
                raise _Returned(None if value is None else self.value(value, scope))
            case ast.If(test, body, otherwise):
                self._branch(self.value(test, scope), body, otherwise, scope)
            case ast.AnnAssign(target, _, ast.expr() as value):
                self._assign(target, self.value(value, scope), scope)
            case ast.Pass() | ast.AnnAssign() | ast.Assert():
                pass
            case _:
                self._loop(line, scope)

    def _loop(self, line: ast.stmt, scope: Scope) -> None:
        match line:
            case ast.For(ast.Name(name), items):
                found = self.value(items, scope)
                if isinstance(found, NotKnown) and not _does_something(line.body):
                    scope.update(dict.fromkeys(_assigned(line.body), NOT_KNOWN))
                    return
                for item in self._items(found):
                    scope[name] = item
                    self.lines(line.body, scope)
            case ast.While(test, body):
                while (goes_on := self.value(test, scope)) is not False:
                    if goes_on is not True:
                        raise Unfollowable
                    self.lines(body, scope)
            case _:
                raise Unfollowable

    def _assign(self, target: ast.expr, value: object, scope: Scope) -> None:
        match target:
            case ast.Name(name):
                scope[name] = value
            case ast.Tuple(targets) | ast.List(targets):
                if isinstance(value, NotKnown):
                    value = [NOT_KNOWN] * len(targets)
                if not isinstance(value, list) or len(value) != len(targets):
                    raise Unfollowable
                for inner, item in zip(targets, value, strict=True):
                    self._assign(inner, item, scope)
            case ast.Attribute(_):
                return  # of a module: a counter, or what it remembers
            case _:
                raise Unfollowable

    def _branch(self, test: object, body: list[ast.stmt], otherwise: list[ast.stmt], scope: Scope) -> None:
        """Follows one of two branches; where it does not follow which, the one that does not complain."""
        if test is True or (number(test) and test):
            self.lines(body, scope)
        elif test is False or test is None or number(test) or _complains(body):
            self.lines(otherwise, scope)
        elif _complains(otherwise):
            self.lines(body, scope)
        elif not (_does_something(body) or _does_something(otherwise)):
            for name in _assigned([*body, *otherwise]):
                scope[name] = NOT_KNOWN
        else:
            raise Unfollowable

    def _items(self, value: object) -> Sequence[object]:
        if isinstance(value, range | list):
            return value
        raise Unfollowable

    # Expressions ----------------------------------------------------------------------------------------------------

    def value(self, code: ast.expr, scope: Scope, count: int = 0) -> object:
        """What an expression is; `count` tells how many values it is taken apart into, if it is."""
        self._step()
        match code:
            case ast.Constant(value):
                return value if isinstance(value, int | float | str | None) else NOT_KNOWN
            case ast.Name(name):
                return scope[name] if name in scope else math.inf if name == "inf" else Function(name)
            case ast.Attribute(inner, name):
                return self._attribute(self.value(inner, scope), name)
            case ast.List(items) | ast.Tuple(items):
                return [self.value(item, scope) for item in items]
            case ast.Dict(keys, values):
                return self._table([self.value(key, scope) if key else None for key in keys], values, scope)
            case ast.Subscript(inner, place):
                return computed_item(self.value(inner, scope), self.value(place, scope))
            case ast.Call():
                return self._call(code, scope, count)
            case _:
                return self._chosen(code, scope)

    def _chosen(self, code: ast.expr, scope: Scope) -> object:
        """A sign before a number, or one of two values."""
        match code:
            case ast.UnaryOp(ast.USub(), inner):
                return computed("neg", [self.value(inner, scope)])
            case ast.UnaryOp(ast.Not(), inner):
                return computed("__not__", [self.value(inner, scope)])
            case ast.IfExp(test, one, other) if isinstance(decided := self.value(test, scope), bool):
                return self.value(one if decided else other, scope)
        raise Unfollowable

    def _table(self, keys: Sequence[object], values: Sequence[ast.expr], scope: Scope) -> object:
        found = [self.value(value, scope) for value in values]
        return {key: item for key, item in zip(keys, found, strict=True) if isinstance(key, str | int)}

    def _attribute(self, value: object, name: str) -> object:
        if isinstance(value, Module):
            if name in value.attributes:
                return value.attributes[name]
            return self.program.constant_of(value.class_name, name)
        if isinstance(value, Function):
            if value.name == "CONSTANTS":
                return self.constants.get(name, NOT_KNOWN)
            return Function(f"{value.name}.{name}")
        if isinstance(value, dict):
            return value.get(name, NOT_KNOWN)
        return NOT_KNOWN

    def _call(self, code: ast.Call, scope: Scope, count: int) -> object:
        function, arguments, keywords = code.func, code.args, code.keywords
        match function:
            case ast.Name("getattr") if len(arguments) == 2 and isinstance(arguments[1], ast.Constant):
                return self._attribute(self.value(arguments[0], scope), str(arguments[1].value))
            case ast.Name("annotate" | "unchecked_cast") if len(arguments) == 2:
                return self.value(arguments[1], scope, count)
            case ast.Name("uninitialized"):
                return NOT_KNOWN
            case ast.Attribute(owner, name) if isinstance(module := self._owner(owner, scope), Module):
                given = [self.value(argument, scope) for argument in arguments]
                return self.method(module, name, given, self._named(keywords, scope))
        called = self.value(function, scope)
        given = [self.value(argument, scope) for argument in arguments]
        if not isinstance(called, Function):
            raise Unfollowable
        return self.function(called.name, given, self._named(keywords, scope), count)

    def _owner(self, owner: ast.expr, scope: Scope) -> object:
        """The module that a method is called of, if it is one."""
        base = owner
        while isinstance(base, ast.Attribute):
            base = base.value
        is_name = isinstance(base, ast.Name) and base.id not in scope
        return None if is_name else self.value(owner, scope)

    def _named(self, keywords: Sequence[ast.keyword], scope: Scope) -> dict[str, object]:
        return {keyword.arg: self.value(keyword.value, scope) for keyword in keywords if keyword.arg is not None}

    # Functions and operators ----------------------------------------------------------------------------------------

    def function(self, name: str, given: list[object], named: Mapping[str, object], count: int) -> object:
        """What a function returns: one of the program, or another."""
        if name.startswith("__torch__."):
            return self._of_program(name, given, named)
        return self.calls.function(name, given, named, count)

    def _of_program(self, name: str, given: Sequence[object], named: Mapping[str, object]) -> object:
        code = self.program.function_named(name)
        if code is not None:
            return self._body(code, given, named)
        fields = self.program.fields_of(name)
        if not fields:
            raise Unfollowable
        return dict(zip(fields, given, strict=False)) | dict(named)


def computed_item(value: object, place: object) -> object:
    """What stands at a place of a list or table."""
    if isinstance(value, Tensor):
        raise Unfollowable
    if isinstance(value, list) and (not isinstance(place, int) or not -len(value) <= place < len(value)):
        raise Unfollowable
    return computed("__getitem__", [value, place])


def _unpacked(code: ast.FunctionDef) -> Mapping[str, int]:
    """Names of values that are taken apart later on, and into how many."""
    return {
        line.value.id: len(line.targets[0].elts)
        for line in ast.walk(code)
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Name)
        and isinstance(line.targets[0], ast.Tuple | ast.List)
    }  # fmt: skip


def _complains(body: Sequence[ast.stmt]) -> bool:
    """Whether a branch does nothing but complain."""
    return any("RaiseException" in _called(line) for line in body)


def _called(line: ast.stmt) -> str:
    match line:
        case ast.Expr(ast.Call(ast.Attribute(_, name))):
            return name
    return ""


def _does_something(body: Sequence[ast.stmt]) -> bool:
    """Whether a branch calls anything, or leaves: if not, it only chooses between values."""
    inner = [node for line in body for node in ast.walk(line)]
    calls = [node.func for node in inner if isinstance(node, ast.Call)]
    names = {call.attr if isinstance(call, ast.Attribute) else "" for call in calls}
    leaves = any(isinstance(node, ast.Return | ast.For | ast.While) for node in inner)
    return leaves or not names <= (PURE | WORK.keys()) - CHANGING


def _assigned(body: Sequence[ast.stmt]) -> list[str]:
    inner = [node for line in body for node in ast.walk(line)]
    return [node.id for node in inner if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
