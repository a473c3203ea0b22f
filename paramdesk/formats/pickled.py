"""Pickles of unknown origin, followed step by step and never run: what they would make is written down instead.

A pickle is a program for a small machine: it names classes and functions, calls them and fills what they return. Here a
call is kept as a call. Nothing is imported, so nothing that a file names can do anything.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import ClassVar, NamedTuple

import msgspec

from paramdesk.engine.errors import UnreadableFile

MOST_STEPS = 4_000_000
"""The most steps that are followed; a checkpoint of ten thousand tensors takes a tenth of it."""
STEPS_OF_AN_OBJECT = 5
"""An object counts for so many: it takes as much more time and memory."""


class Named(NamedTuple):
    """A class or function by the module that it is from and its name there."""

    module: str
    name: str


class Outside(NamedTuple):
    """What stands outside of the pickle, by what tells which it is."""

    key: object


class Made(msgspec.Struct, eq=False):
    """What a call returned.

    Attributes:
        by: the class or function; None for a dictionary, a set or the like of Python's own.
        arguments: of the call.
        pairs: what was put into it under keys, in order.
        elements: what was appended to it.
        state: what it was given afterwards, as its attributes.
    """

    by: object = None
    arguments: object = ()
    pairs: list[tuple[object, object]] = []
    elements: list[object] = []
    state: object = None

    @property
    def name(self) -> str:
        """The name of the class or function; empty if there is none."""
        return self.by.name if isinstance(self.by, Named) else ""


class _Mark:
    """Where a run of values begins."""


_MARK = _Mark()


class Machine:
    """Follows the pickles of a file, one after the other."""

    def __init__(self, data: bytes, name: str) -> None:
        self._stream = io.BytesIO(data)
        self._name = name
        self._left = MOST_STEPS
        self._stack: list[object] = []
        self._memo: dict[object, object] = {}

    def next(self) -> object:
        """What the next pickle would make.

        Raises:
            UnreadableFile: it is none, a damaged one, or has too many steps.
        """
        import pickletools

        self._stack, self._memo = [], {}
        try:
            for opcode, argument, _place in pickletools.genops(self._stream):
                self._left -= STEPS_OF_AN_OBJECT if opcode.name in _MAKING else 1
                if self._left < 0:
                    raise UnreadableFile(self._name, f"more than {MOST_STEPS:,} steps in a pickle of it")
                if opcode.name == "STOP":
                    return self._stack[-1]
                self._follow(opcode.name, argument)
        except (LookupError, TypeError, ValueError, OverflowError, AttributeError, EOFError, MemoryError):
            pass
        raise UnreadableFile(self._name, "the pickle in it is damaged: copy or download it anew")

    def _follow(self, step: str, argument: object) -> None:
        if step in _PLAIN:
            self._stack.append(_PLAIN[step])
        elif step in _GIVEN:
            self._stack.append(argument)
        elif step in _SHORT_TUPLES:
            self._stack.append(tuple(self._take(_SHORT_TUPLES[step])))
        elif step not in _PASSED_OVER:
            self._steps[step](self, argument)

    # What the steps do to the stack ------------------------------------------------

    def _run(self) -> list[object]:
        """The values since the last mark, taken from the stack."""
        place = len(self._stack) - 1
        while self._stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise ValueError("no mark")
        values = self._stack[place + 1 :]
        del self._stack[place:]
        return values

    def _take(self, count: int) -> list[object]:
        if count > len(self._stack):
            raise ValueError("too little on the stack")
        values = self._stack[len(self._stack) - count :]
        del self._stack[len(self._stack) - count :]
        return values

    def _mark(self, _argument: object) -> None:
        self._stack.append(_MARK)

    def _pop(self, _argument: object) -> None:
        self._stack.pop()

    def _pop_run(self, _argument: object) -> None:
        self._run()

    def _duplicate(self, _argument: object) -> None:
        self._stack.append(self._stack[-1])

    def _remember(self, argument: object) -> None:
        self._memo[len(self._memo) if argument is None else argument] = self._stack[-1]

    def _recall(self, argument: object) -> None:
        self._stack.append(self._memo[argument])

    def _new(self, _argument: object) -> None:
        self._stack.append(Made())

    def _new_list(self, _argument: object) -> None:
        self._stack.append([])

    def _list(self, _argument: object) -> None:
        self._stack.append(self._run())

    def _tuple(self, _argument: object) -> None:
        self._stack.append(tuple(self._run()))

    def _dictionary(self, _argument: object) -> None:
        self._stack.append(Made(pairs=_paired(self._run())))

    def _frozen_set(self, _argument: object) -> None:
        self._stack.append(Made(elements=self._run()))

    def _append(self, _argument: object) -> None:
        [value] = self._take(1)
        _elements(self._stack[-1]).append(value)

    def _append_run(self, _argument: object) -> None:
        values = self._run()
        _elements(self._stack[-1]).extend(values)

    def _set_item(self, _argument: object) -> None:
        values = self._take(2)
        _pairs(self._stack[-1]).extend(_paired(values))

    def _set_run(self, _argument: object) -> None:
        values = self._run()
        _pairs(self._stack[-1]).extend(_paired(values))

    def _global(self, argument: object) -> None:
        module, _space, name = str(argument).partition(" ")
        self._stack.append(Named(module, name))

    def _global_of_stack(self, _argument: object) -> None:
        module, name = self._take(2)
        if not isinstance(module, str) or not isinstance(name, str):  # texts of tuples may be of any length
            raise TypeError("a name that is no text")
        self._stack.append(Named(module, name))

    def _instance(self, argument: object) -> None:
        module, _space, name = str(argument).partition(" ")
        self._stack.append(Made(Named(module, name), tuple(self._run())))

    def _object(self, _argument: object) -> None:
        by, *arguments = self._run()
        self._stack.append(Made(by, tuple(arguments)))

    def _call(self, _argument: object) -> None:
        by, arguments = self._take(2)
        self._stack.append(Made(by, arguments))

    def _call_with_names(self, _argument: object) -> None:
        by, arguments, _names = self._take(3)
        self._stack.append(Made(by, arguments))

    def _build(self, _argument: object) -> None:
        [state] = self._take(1)
        target = self._stack[-1]
        if isinstance(target, Made):
            target.state = state

    def _outside(self, argument: object) -> None:
        key = argument if argument is not None else self._take(1)[0]
        self._stack.append(Outside(key))

    _steps: ClassVar[Mapping[str, Callable[[Machine, object], None]]] = {
        "MARK": _mark, "POP": _pop, "POP_MARK": _pop_run, "DUP": _duplicate,
        "PUT": _remember, "BINPUT": _remember, "LONG_BINPUT": _remember, "MEMOIZE": _remember,
        "GET": _recall, "BINGET": _recall, "LONG_BINGET": _recall,
        "EMPTY_DICT": _new, "EMPTY_SET": _new, "EMPTY_LIST": _new_list,
        "LIST": _list, "TUPLE": _tuple, "DICT": _dictionary, "FROZENSET": _frozen_set,
        "APPEND": _append, "APPENDS": _append_run, "ADDITEMS": _append_run,
        "SETITEM": _set_item, "SETITEMS": _set_run,
        "GLOBAL": _global, "STACK_GLOBAL": _global_of_stack, "INST": _instance, "OBJ": _object,
        "REDUCE": _call, "NEWOBJ": _call, "NEWOBJ_EX": _call_with_names, "BUILD": _build,
        "PERSID": _outside, "BINPERSID": _outside,
    }  # fmt: skip
    """The steps by their names in pickletools."""


def _paired(values: list[object]) -> list[tuple[object, object]]:
    return list(zip(values[::2], values[1::2], strict=True))


def _elements(target: object) -> list[object]:
    return target if isinstance(target, list) else _made(target).elements


def _pairs(target: object) -> list[tuple[object, object]]:
    return _made(target).pairs


def _made(target: object) -> Made:
    if not isinstance(target, Made):
        raise TypeError("nothing can be put into that")
    return target


_PLAIN: Mapping[str, object] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_GIVEN = frozenset({
    "FLOAT", "BINFLOAT", "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "STRING", "BINSTRING",
    "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "UNICODE", "BINUNICODE",
    "SHORT_BINUNICODE", "BINUNICODE8", "EXT1", "EXT2", "EXT4", "NEXT_BUFFER",
})  # fmt: skip
_MAKING = frozenset({
    "EMPTY_DICT", "EMPTY_SET", "EMPTY_LIST", "LIST", "DICT", "FROZENSET", "INST", "OBJ", "REDUCE", "NEWOBJ",
    "NEWOBJ_EX",
})  # fmt: skip
"""Steps that make an object."""
_PASSED_OVER = frozenset({"PROTO", "FRAME", "READONLY_BUFFER"})
_SHORT_TUPLES: Mapping[str, int] = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
