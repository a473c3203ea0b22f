"""The lines of a printed model as a tree of modules."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from paramdesk.engine.errors import UnreadableFile

DEEPEST = 100
MOST_LINES = 1_000_000
LONGEST = 10_000
"""No line is longer."""
_NAME = r"(?:\((?P<name>.{1,1000}?)\): )?"
_OPENS = re.compile(rf"\s*{_NAME}(?:(?P<times>\d{{1,9}}) x )?(?P<kind>[A-Za-z_][\w.]*)\((?P<rest>.*)", re.ASCII)
_PARAMETER = re.compile(rf"\s*{_NAME}Parameter containing: \[\S* of size (?P<size>\d+(?:x\d+)*)\b.*", re.ASCII)
_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)
PARAMETER = "Parameter"


class Printed(msgspec.Struct):
    """A module as it is printed.

    Attributes:
        name: in the module around it.
        class_name: of it.
        said: what it prints of its arguments; of a parameter its shape.
        modules: in it, in order.
        times: how often it is there, under names that count on from the first one.
    """

    name: str
    class_name: str
    said: str = ""
    modules: list[Printed] = []
    times: int = 1

    def names(self) -> Iterator[str]:
        """Its names: of `(0-11): 12 x Block` the numbers."""
        told = _RANGE.fullmatch(self.name)
        first = int(told[1]) if told else 0
        for place in range(self.times):
            yield str(first + place) if told else self.name if self.times == 1 else f"{self.name}.{place}"


def module_in(text: str, file: str) -> Printed:
    """The module that a text prints.

    Raises:
        UnreadableFile: it is no such text; the message says at which line.
    """
    lines = text.replace("\r\n", "\n").split("\n", MOST_LINES)
    if len(lines) > MOST_LINES:
        raise UnreadableFile(file, f"more than {MOST_LINES:,} lines, which no printed model has")
    return _Reader(file).module(lines)


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.open: list[Printed] = []
        self.root: Printed | None = None

    def fail(self, number: int, why: str) -> UnreadableFile:
        return UnreadableFile(self.file, why, f"line {number}")

    def module(self, lines: list[str]) -> Printed:
        """The module whose lines these are; what stands before and behind is no part of it."""
        for number, line in enumerate(lines, 1):
            if len(line) > LONGEST:
                raise self.fail(number, "longer than any line that PyTorch prints")
            if self.root is not None and not self.open:
                break
            self.line(re.sub(r"\A\ufeff?(?:Out\[\d+\]:\s*)?", "", line) if number == 1 else line, number)
        if self.root is None:
            raise UnreadableFile(self.file, "not what PyTorch prints of a model: save the text of print(model)")
        if self.open:
            raise self.fail(len(lines), f"the text ends within {self.open[-1].class_name}: copy the whole of it")
        return self.root

    def line(self, line: str, number: int) -> None:
        """One more line."""
        if self.open and line.strip() == ")":
            self.open.pop()
        elif (told := _PARAMETER.fullmatch(line)) and self.open:
            name = told["name"] or str(len(self.open[-1].modules))
            self.open[-1].modules.append(Printed(name, PARAMETER, told["size"]))
        elif (told := _OPENS.fullmatch(line)) and (not self.open or told["name"]):
            self.begin(told, number)
        elif self.open and not self.open[-1].modules:
            self.open[-1].said = f"{self.open[-1].said} {line.strip()}".strip()
        elif self.open and line.strip():
            raise self.fail(number, "not a line that PyTorch prints of a module")

    def begin(self, told: re.Match[str], number: int) -> None:
        """A module begins, and perhaps ends in the same line."""
        rest = told["rest"].rstrip()
        is_whole = rest.endswith(")")
        times = int(told["times"] or 1)
        said = rest[:-1] if is_whole else rest
        module = Printed(told["name"] or "", told["kind"].rpartition(".")[2], said, [], times)
        if self.open:
            self.open[-1].modules.append(module)
        elif is_whole and not said:
            return  # any call in a text looks like this
        else:
            self.root = module
        if not is_whole:
            self.open.append(module)
            if len(self.open) > DEEPEST:
                raise self.fail(number, f"modules stand more than {DEEPEST} deep in one another")
