"""The code of a TorchScript file: classes and functions by their names. It looks like Python; it is read, never run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping

from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.archive import Archive
from paramdesk.formats.torchscript.numbers import NOT_KNOWN

MOST_CODE = 6 * 2**20
"""As much code is read; the largest networks have one or two MiB."""
MANGLED = re.compile(r"\.?___torch_mangle_\d+")
"""What PyTorch puts among the modules of a class to tell it from others of its name."""


class Unfollowable(Exception):
    """The code does what cannot be told without running it."""


class Endless(Unfollowable):
    """There is more of it than any network has."""


class Program:
    """The code of a file, parsed where it is asked for."""

    def __init__(self, archive: Archive, prefix: str, file: str) -> None:
        self._archive = archive
        self._prefix = prefix
        self._file = file
        self._left = MOST_CODE
        self._names = frozenset(archive.names)
        self._files: dict[str, Mapping[str, ast.stmt]] = {}

    def weights_of(self, class_name: str) -> tuple[frozenset[str], frozenset[str]]:
        """The names of the parameters and of the buffers of a class."""
        definition = self.class_named(class_name)
        found = {"__parameters__": frozenset[str](), "__buffers__": frozenset[str]()}
        for line in definition.body if definition is not None else ():
            match line:
                case ast.Assign([ast.Name(name)], ast.List(items)) if name in found:
                    found[name] = frozenset(str(item.value) for item in items if isinstance(item, ast.Constant))
        return found["__parameters__"], found["__buffers__"]

    def class_named(self, name: str) -> ast.ClassDef | None:
        """A class by its whole name."""
        found = self._definition(name)
        return found if isinstance(found, ast.ClassDef) else None

    def function_named(self, name: str) -> ast.FunctionDef | None:
        """A function by its whole name."""
        found = self._definition(name)
        return found if isinstance(found, ast.FunctionDef) else None

    def method(self, class_name: str, name: str) -> ast.FunctionDef | None:
        """A method of a class."""
        definition = self.class_named(class_name)
        for line in definition.body if definition is not None else ():
            if isinstance(line, ast.FunctionDef) and line.name == name:
                return line
        return None

    def fields_of(self, name: str) -> tuple[str, ...]:
        """The fields of a class that is a named tuple."""
        definition = self.class_named(name)
        if definition is None or not any(isinstance(b, ast.Name) and b.id == "NamedTuple" for b in definition.bases):
            return ()
        return tuple([
            line.target.id
            for line in definition.body if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
        ])  # fmt: skip

    def constant_of(self, class_name: str, name: str) -> object:
        """The value of a constant of a class: `kernel_size : Final[int] = 3`."""
        definition = self.class_named(class_name)
        for line in definition.body if definition is not None else ():
            match line:
                case ast.AnnAssign(ast.Name(said), _, ast.expr() as value) if said == name:
                    return _literal(value)
        return NOT_KNOWN

    def _definition(self, name: str) -> ast.stmt | None:
        module, _dot, last = name.rpartition(".")
        if module not in self._files:
            self._files[module] = self._parsed(module)
        return self._files[module].get(last)

    def _parsed(self, module: str) -> Mapping[str, ast.stmt]:
        entry = f"{self._prefix}code/{module.replace('.', '/')}.py"
        if entry not in self._names:
            return {}
        data = self._archive.read(entry, MOST_CODE)
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableFile(self._file, f"more than {MOST_CODE // 2**20} MiB of code, which no network has")
        try:
            with warnings.catch_warnings(action="ignore"):  # of numbers next to letters
                lines = ast.parse(data.decode("utf-8", "replace")).body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return {}
        return {line.name: line for line in lines if isinstance(line, ast.ClassDef | ast.FunctionDef)}


def _literal(code: ast.expr) -> object:
    try:
        value = ast.literal_eval(code)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return NOT_KNOWN
    if isinstance(value, tuple):
        value = list(value)
    return value if isinstance(value, int | float | str | list | None) else NOT_KNOWN


def plain_class(name: str) -> str:
    """The class that a name in a program stands for: `torch.nn.modules.conv.Conv2d`."""
    return MANGLED.sub("", name).removeprefix("__torch__.")
