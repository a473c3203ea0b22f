"""Reading what may be anything: limits of size, number and depth, and errors that say where."""

from __future__ import annotations

import re
from typing import BinaryIO

from paramdesk.engine.errors import UnreadableFile

MOST_BYTES = 64 * 2**20
"""The largest text that is read; the largest networks' files have a few."""
MOST_VALUES = 4_000_000
"""The most lists, objects and entries of them: a file of brackets would take twenty times its size in memory."""
MOST_NESTED = 100
"""How deep lists and objects may stand in one another."""
LARGEST_INTEGER = 2**63 - 1

_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read_bytes(file: BinaryIO, name: str, most: int = MOST_BYTES) -> bytes:
    """The rest of a file, if it is not too large.

    Raises:
        UnreadableFile: it is.
    """
    too_large = UnreadableFile(name, f"larger than {most // 2**20} MiB, which no description of a network is")
    if file.seekable():
        here = file.tell()
        if file.seek(0, 2) - here > most:
            raise too_large
        file.seek(here)
    data = file.read(most + 1)
    if len(data) > most:
        raise too_large
    return data


def parse_json(data: bytes, name: str) -> object:
    """The value that a JSON text stands for, within limits.

    Infinity is taken, since Keras writes it; NaN is not, for nothing could be computed with it.

    Raises:
        UnreadableFile: it is not JSON, not text, too deep or too much; the message says at which line and column.
    """
    import json

    text = _decoded(data, name)
    try:
        value = json.loads(text, parse_int=_integer, parse_constant=_constant)
    except RecursionError:
        raise _too_deep(name) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UnreadableFile(name, f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}", place) from None
    except ValueError as error:
        raise UnreadableFile(name, str(error)) from None
    if _is_too_deep(value):
        raise _too_deep(name)
    if _ESCAPED_SURROGATE.search(data) and _has_half_characters(value):
        raise UnreadableFile(name, "a text in it holds half a character (a lone surrogate)")
    return value


def _decoded(data: bytes, name: str) -> str:
    import json

    if not data.strip():
        raise UnreadableFile(name, "it is empty")
    if data.count(b"[") + data.count(b"{") + data.count(b",") > MOST_VALUES:
        raise UnreadableFile(name, f"more than {MOST_VALUES:,} values, which no description of a network has")
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(name, f"not a text file: byte {error.start} is not {encoding.upper()}") from None


def _integer(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > LARGEST_INTEGER:
        raise ValueError(f"the number {digits[:20]}… is too large")
    return int(digits)


def _constant(word: str) -> float:
    if word == "NaN":
        raise ValueError("NaN is not a number")
    return float(word)


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _depth in range(MOST_NESTED):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _too_deep(name: str) -> UnreadableFile:
    return UnreadableFile(name, f"lists and objects stand more than {MOST_NESTED} deep in one another")


def _has_half_characters(value: object) -> bool:
    import json

    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


class GuardedFile:
    """A part of a file for readers that believe what it says of sizes: no read takes more than is there or allowed.

    It counts what is read, so that structures which lead round in circles come to an end.
    """

    def __init__(self, file: BinaryIO, name: str, start: int = 0, size: int | None = None) -> None:
        self._whole = file
        self._name = name
        self._start = start
        rest = max(file.seek(0, 2) - start, 0)
        self.size = rest if size is None else min(size, rest)
        self._place = 0
        self._reads = self._bytes = 0

    def allow(self, reads: int, most: int) -> None:
        """Lets so many reads, and so many bytes together, be taken from now on."""
        self._reads, self._bytes = reads, most

    def seek(self, place: int, whence: int = 0) -> int:
        """Goes to a place, which may be beyond the end: there, nothing is read."""
        self._place = max(place + (0, self._place, self.size)[whence], 0)
        return self._place

    def tell(self) -> int:
        """Where it is."""
        return self._place

    def seekable(self) -> bool:
        """That it can go anywhere."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """As many bytes as are asked for, or as there are.

        Raises:
            UnreadableFile: they are more than allowed.
        """
        rest = max(self.size - self._place, 0)
        wanted = rest if size is None or size < 0 else min(size, rest)
        self._reads -= 1
        self._bytes -= wanted
        if self._reads < 0 or self._bytes < 0:
            raise UnreadableFile(self._name, "what it says of itself is far larger than any network: it is damaged")
        self._whole.seek(self._start + self._place)
        data = self._whole.read(wanted)
        self._place += len(data)
        return data
