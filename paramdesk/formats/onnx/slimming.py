"""An ONNX file without the values of its weights, and without what is not read: small enough to be parsed as a whole.

A file may hold gigabytes of weights, or ask for gigabytes of memory in a few bytes. So it is gone through once, field
by field: known fields are copied, values of tensors and everything else are passed over, and what is copied is counted.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import BinaryIO, NoReturn

from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.onnx.messages import DATA, MESSAGES

MOST_BYTES = 48 * 2**20
"""Of a file without its weights; graphs of ten thousands of nodes have a few MiB."""
MOST_PARTS = 600_000
"""Nodes, attributes, tensors, values with their shapes: each takes many times its own bytes in memory."""
MOST_FIELDS = 2_000_000
"""Each takes microseconds, even where it is passed over; lists of numbers may have one field for each number."""
PART = 16
"""So many bytes of a shape or a note take the memory of one part at most."""
MOST_NESTED = 40
"""How deep graphs may stand in attributes of nodes."""
KEPT_VALUES = 2048
"""Bytes of a tensor's values that are kept: shapes, axes and factors have a few, weights many."""
KEPT_ENTRIES = (
    b"namespace", b"pkg.torch.onnx.name_scopes", b"pkg.torch.export.graph_signature.InputSpec.kind",
    b"pkg.torch.export.ExportedProgram.graph_signature",
)  # fmt: skip
"""What is read of the notes that exporters leave at nodes and values."""
LONGEST_ENTRY = 2**20

HOLDERS = frozenset({"Model", "Graph", "Node", "Attribute", "Tensor", "SparseTensor", "Function"})
"""Messages that may hold values of tensors, or too many of others: they are gone through, others copied."""


def slimmed(file: BinaryIO, name: str) -> bytes:
    """A model's bytes without the values of its weights.

    Raises:
        UnreadableFile: it is no such file, ends too early, or is too large without its weights.
    """
    start = file.tell()
    end = file.seek(0, 2)
    file.seek(start)
    return _Slimming(file, name).message("Model", end, 0)


class _Slimming:
    """One pass over a file."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.file = file
        self.name = name
        self.parts = 0
        self.bytes = 0
        self.seen = 0

    def fail(self, reason: str) -> NoReturn:
        raise UnreadableFile(self.name, reason)

    def message(self, name: str, end: int, depth: int) -> bytes:
        """A message from here to its end."""
        self.count(1)
        if depth > MOST_NESTED:
            self.fail(f"graphs stand more than {MOST_NESTED // 3} deep in one another")
        known = _fields(name)
        seek, tell = self.file.seek, self.file.tell
        found: list[bytes] = []
        for number, wire, head, field_end in self.fields(end):
            inner = known.get(number)
            if inner is None or (inner in DATA and (wire != 2 or field_end - tell() > KEPT_VALUES)):
                seek(field_end)
            elif inner == "Entry":
                content = self.file.read(min(field_end - tell(), LONGEST_ENTRY))
                seek(field_end)
                if any(key in content[:80] for key in KEPT_ENTRIES) and len(content) < LONGEST_ENTRY:
                    found += [head, self.kept(content)]
            elif inner not in HOLDERS or wire != 2:
                size = field_end - tell()
                self.count(1 + size // PART if inner in MESSAGES else 0)
                found += [head, self.kept(self.file.read(min(size, MOST_BYTES + 1)))]
            else:
                content = self.message(inner, field_end, depth + 1)
                found += [_varint(number << 3 | wire), _varint(len(content)), content]
        return b"".join(found)

    def fields(self, end: int) -> Iterator[tuple[int, int, bytes, int]]:
        """The fields of a message: number, how it is written, its first bytes, and where it ends.

        Whoever asks reads each or passes over it.
        """
        tell, read = self.file.tell, self.file.read
        while (here := tell()) < end:
            raw = read(1)
            key = raw[0]
            if key > 127:
                key, raw = self.varint(raw)
            number, wire = key >> 3, key & 7
            size = 0
            if wire == 2:
                digits = read(1)
                size, digits = (digits[0], digits) if digits < b"\x80" and digits else self.varint(digits)
                raw += digits
            elif wire == 0:
                raw += self.varint(read(1))[1]
            elif wire in (1, 5):
                size = 8 if wire == 1 else 4
            else:
                self.fail(f"not an ONNX file, or damaged: byte {here} begins no field")
            self.seen += 1
            if self.seen > MOST_FIELDS:
                self.fail(f"its graph has more than {MOST_FIELDS:,} entries, which no network has")
            field_end = tell() + size
            if not number or field_end > end:
                self.fail(f"not an ONNX file, or cut off: what begins at byte {here} does not fit into it")
            yield number, wire, raw, field_end

    def varint(self, raw: bytes) -> tuple[int, bytes]:
        """A number of variable length, and its bytes, of which the first is read."""
        value = shift = 0
        while raw and raw[-1] > 127 and shift < 63:
            value |= (raw[-1] & 127) << shift
            shift += 7
            byte = self.file.read(1)
            raw = raw + byte if byte else b""
        if raw and raw[-1] < 128:
            return value | raw[-1] << shift, raw
        return self.fail("not an ONNX file, or cut off: it ends in the middle of a number")

    def count(self, parts: int) -> None:
        """Parts that are kept, if there are not too many."""
        self.parts += parts
        if self.parts > MOST_PARTS:
            self.fail(f"its graph has more than {MOST_PARTS:,} parts, which no network has")

    def kept(self, content: bytes) -> bytes:
        """What is kept, if it is not too much."""
        self.bytes += len(content)
        if self.bytes > MOST_BYTES:
            self.fail(f"larger than {MOST_BYTES // 2**20} MiB without its weights, which no network is")
        return content


@functools.cache
def _fields(name: str) -> dict[int, str]:
    """What each field of a message holds: the name of a message, or of the field where it holds values."""
    return {
        number: word if (word := said.lstrip("*+")) in MESSAGES else field
        for field, (number, said) in MESSAGES[name].items()
    }


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)
