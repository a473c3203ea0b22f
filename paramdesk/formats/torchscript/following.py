"""Follows the code of a TorchScript file as far as it tells what it does, and notes the operators that it calls.

No line of it is run: names are looked up in tables of our own, tensors are names with shapes, and what depends on the
values of data ends the attempt. Loops and calls are counted, so that code without end comes to one.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from paramdesk.engine.shape import public
from paramdesk.formats.aten import AtenReader, Frame, Node
from paramdesk.formats.aten_shapes import shapes_of
from paramdesk.formats.torchscript.code import Program, Unfollowable, plain_class
from paramdesk.formats.torchscript.numbers import LONGEST, NOT_KNOWN, WORK, NotKnown, computed, number
from paramdesk.formats.torchscript.objects import Module, Objects
from paramdesk.frameworks.aten import Arguments, Tensor, names_of

MOST_STEPS = 3_000_000
DEEPEST = 80
"""No deeper do calls stand in one another."""
SEVERAL: Mapping[str, int] = {
    "lstm": 3, "gru": 2, "rnn_tanh": 2, "rnn_relu": 2, "lstm_cell": 2, "topk": 2, "sort": 2, "var_mean": 2,
    "std_mean": 2, "native_layer_norm": 3, "native_batch_norm": 3, "native_group_norm": 3, "native_dropout": 2,
    **{f"max_pool{n}d_with_indices": 2 for n in (1, 2, 3)}, **{f"adaptive_max_pool{n}d": 2 for n in (1, 2, 3)},
    "_native_multi_head_attention": 2, "embedding_bag": 4,
}  # fmt: skip
"""Operators that make several tensors, and how many."""
LISTING = frozenset({"split", "split_with_sizes", "chunk", "unbind", "tensor_split", "unsafe_chunk", "unsafe_split"})
"""Operators that make a list of tensors, as many as follow from their arguments."""


class Function(msgspec.Struct, frozen=True):
    """A function or class of the program, or an operator, by its whole name."""

    name: str


Scope: TypeAlias = dict[str, object]


class _Returned(Exception):
    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


class Raised(Exception):
    """The code complains of what it was given."""


class Follower:
    """One network under way.

    Args:
        program: the code.
        objects: the modules and their weights.
        constants: the values that the code names by number.
        sketch: works out what operators make, one by one.

    Attributes:
        nodes: the operators that are called, in order.
    """

    def __init__(self, program: Program, objects: Objects, constants: Mapping[str, object], sketch: AtenReader) -> None:
        self.program = program
        self.objects = objects
        self.constants = constants
        self.sketch = sketch
        self.nodes: list[Node] = []
        self._left = MOST_STEPS
        self._frames: list[Frame] = []
        self._calls: dict[str, int] = {}
        self._current: dict[str, str] = {}
        self._unpacked: list[Mapping[str, int]] = []

    def returned(self, root: Module, given: Sequence[object]) -> object:
        """What the network returns."""
        return self.method(root, "forward", given, {})

    def current(self, tensor: Tensor) -> str:
        """The name of a tensor after all that was done to it in its place."""
        return self._current.get(tensor.name, tensor.name)

    # Calls of the program's own code --------------------------------------------------------------------------------

    def method(self, module: Module, name: str, given: Sequence[object], named: Mapping[str, object]) -> object:
        """What a method of a module returns."""
        code = self.program.method(module.class_name, name)
        if code is None:
            raise Unfollowable
        if self._frames and self._frames[-1].path == module.path:
            return self._body(code, [module, *given], named)
        number_ = self._calls.get(module.path, -1) + 1
        self._calls[module.path] = number_
        self._frames.append(Frame(module.path, plain_class(module.class_name), number_))
        try:
            return self._body(code, [module, *given], named)
        finally:
            self._frames.pop()

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

    # Statements -----------------------------------------------------------------------------------------------------

    def lines(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Follows statements."""
        for line in body:
            self._left -= 1
            if self._left < 0:
                raise Unfollowable
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
            case ast.Pass() | ast.AnnAssign() | ast.Assert():
                pass
            case _:
                self._loop(line, scope)

    def _loop(self, line: ast.stmt, scope: Scope) -> None:
        match line:
            case ast.For(ast.Name(name), items):
                for item in self._items(self.value(items, scope)):
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
        self._left -= 1
        if self._left < 0:
            raise Unfollowable
        match code:
            case ast.Constant(value):
                return value if isinstance(value, int | float | str | None) else NOT_KNOWN
            case ast.Name(name):
                return scope[name] if name in scope else Function(name)
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
        """What a function returns: one of the program, of numbers, or an operator."""
        if name.startswith("__torch__."):
            return self._of_program(name, given, named)
        space, _dot, op = name.rpartition(".")
        if op == "RaiseException":
            raise Raised
        if name == "range":
            return self._range(given)
        values = [*given, *named.values()]
        if op in ("size", "dim", "numel") and given and isinstance(given[0], Tensor):
            return self._sizes(op, given)
        if not any(_has_tensor(value) for value in values) or op in HANDED_ON:
            if op in WORK:
                return computed(op, values)
            if not any(_has_tensor(value) for value in values) and op not in MAKING:
                return NOT_KNOWN
        if op in ("len", "__is__", "__isnot__", "append", "extend", "list", "__contains__"):
            return self._of_tensors(op, values)
        return self.operator(op if space in ("torch", "ops.aten") else name.removeprefix("ops."), given, named, count)

    def _of_tensors(self, op: str, values: list[object]) -> object:
        if op in ("__is__", "__isnot__"):
            is_same = len(values) == 2 and values[0] is values[1]
            return is_same if op == "__is__" else not is_same
        if op == "len" and isinstance(values[0], Tensor):
            return self._sizes("size", [values[0], 0])
        return computed(op, values)

    def _of_program(self, name: str, given: Sequence[object], named: Mapping[str, object]) -> object:
        code = self.program.function_named(name)
        if code is not None:
            return self._body(code, given, named)
        fields = self.program.fields_of(name)
        if not fields:
            raise Unfollowable
        return dict(zip(fields, given, strict=False)) | dict(named)

    def _range(self, given: Sequence[object]) -> object:
        if not given or not all(type(item) is int and abs(item) <= LONGEST for item in given):
            raise Unfollowable
        return range(*[item for item in given if isinstance(item, int)][:3])

    def _sizes(self, op: str, given: Sequence[object]) -> object:
        """A size of a tensor, all of them, or how many there are."""
        tensor = given[0]
        assert isinstance(tensor, Tensor)
        shape = self._now(tensor).shape
        if shape is None:
            return NOT_KNOWN
        if op == "dim":
            return len(shape)
        if op == "numel":
            return NOT_KNOWN
        if len(given) < 2:
            return list(shape)
        axis = given[1]
        return shape[axis] if isinstance(axis, int) and -len(shape) <= axis < len(shape) else NOT_KNOWN

    def _seen(self, value: object) -> object:
        """A value with its tensors as they are now."""
        if isinstance(value, list):
            return [self._seen(item) for item in value]
        return self._now(value) if isinstance(value, Tensor) else None if isinstance(value, NotKnown) else value

    def _now(self, tensor: Tensor) -> Tensor:
        """A tensor as it is now, with names for sizes that are not known."""
        name = self.current(tensor)
        shape = self.sketch.shape(Tensor(name))
        if shape is None:
            return Tensor(name)
        sizes = [size if size is not None else f"{name}[{axis}]" for axis, size in enumerate(public(shape))]
        return Tensor(name, tuple(sizes))

    def operator(self, op: str, given: Sequence[object], named: Mapping[str, object], count: int) -> object:
        """Notes the call of an operator; what it makes is one tensor or a list of them."""
        arguments: dict[str, object] = {}
        names = names_of(op)
        if op == "arange":
            names = {1: ("end",)}.get(len(given), ("start", "end", "step"))
        if op.rstrip("_") in ("max", "min") and len(given) == 2 and isinstance(given[1], Tensor):
            names = ("self", "other")
        for place, value in enumerate(given):
            name = names[place] if place < len(names) else "self" if not place else str(place)
            arguments[name] = self._plain(value)
        arguments |= {name: self._plain(value) for name, value in named.items()}
        made = self._how_many(op, arguments, count)
        outputs = tuple([f"%{len(self.nodes)}.{place}" for place in range(max(made, 1))])
        self.nodes.append(Node(op, arguments, outputs, tuple(self._frames)))
        self.sketch.function(Node(op, arguments, outputs))
        tensors = [Tensor(output) for output in outputs]
        first = given[0] if given else None
        if op.endswith("_") and not op.endswith("__") and isinstance(first, Tensor):
            old = self._current.get(first.name, first.name)
            if old not in self.objects.weights:
                self._current[first.name] = self._current[old] = outputs[0]
        return tensors if made else tensors[0]

    def _plain(self, value: object) -> object:
        """An argument as a node has it."""
        if isinstance(value, dict | Module | Function | range):
            return None
        return self._seen(value)

    def _how_many(self, op: str, arguments: Mapping[str, object], count: int) -> int:
        """How many tensors an operator makes as a list; 0: one, which is none."""
        if op in LISTING:
            found = shapes_of(op, Arguments(arguments), self.sketch.shape)
            if count or found is not None:
                return count or len(found or ())
            raise Unfollowable
        is_extreme = op in ("max", "min", "median", "mode", "aminmax") and isinstance(arguments.get("dim"), int)
        return count or SEVERAL.get(op, 2 if is_extreme else 0)


MAKING = frozenset({
    "zeros", "ones", "empty", "full", "arange", "rand", "randn", "randint", "tensor", "eye", "linspace",
    "scalar_tensor", "tril_indices", "triu_indices", "normal",
})  # fmt: skip
"""Operators that make tensors of numbers."""
HANDED_ON = frozenset({
    "NumToTensor", "unchecked_unwrap_optional", "device", "dtype", "layout", "is_cuda", "is_nested", "requires_grad",
    "warn", "format", "str", "__getitem__", "values", "keys", "items",
})  # fmt: skip
"""What asks a tensor for something else than its values, or hands it on."""


def computed_item(value: object, place: object) -> object:
    """What stands at a place of a list or table."""
    found = computed("__getitem__", [value, place])
    if isinstance(found, NotKnown) and isinstance(value, list | Tensor):
        raise Unfollowable
    return found


def _has_tensor(value: object) -> bool:
    if isinstance(value, list):
        return any(_has_tensor(item) for item in value)
    return isinstance(value, Tensor)


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
    return any(isinstance(node, ast.Call | ast.Return | ast.For | ast.While) for node in inner)


def _assigned(body: Sequence[ast.stmt]) -> list[str]:
    inner = [node for line in body for node in ast.walk(line)]
    return [node.id for node in inner if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
