"""From the header of a safetensors file to rows of weights."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.bounded import MOST_BYTES, GuardedFile, parse_json
from paramdesk.formats.state_dict import MOST_TENSORS, Tensor, in_natural_order, is_shape, owned
from paramdesk.formats.weight_table import Owned, table_of

METADATA = "__metadata__"
DTYPES: Mapping[str, str] = {
    "I64": "int64", "I32": "int32", "I16": "int16", "BOOL": "bool", "I8": "int8", "U8": "uint8",
}  # fmt: skip
"""Types by the words of safetensors, but for those with fractions."""


def architecture_from(file: BinaryIO, name: str) -> Architecture:
    """The weights in a file, a row for each module that owns some. The header has no order that says anything.

    Raises:
        UnreadableFile: it is no safetensors file, a damaged one, or there are no weights in it.
    """
    header = _header(file, name)
    tensors = {key: value for key, value in header.items() if key != METADATA}
    if not tensors:
        raise UnreadableFile(name, "there are no tensors in it")
    if len(tensors) > MOST_TENSORS:
        raise UnreadableFile(name, f"more than {MOST_TENSORS:,} tensors, which no network has")
    weights = [_tensor(key, tensors[key], name) for key in sorted(tensors, key=in_natural_order)]
    return table_of(weights, name, "pytorch", "channels_first")


def _header(file: BinaryIO, name: str) -> dict[str, object]:
    whole = GuardedFile(file, name, file.tell())
    whole.allow(2, MOST_BYTES + 8)
    first = whole.read(8)
    size = struct.unpack("<Q", first)[0] if len(first) == 8 else 0
    if not 2 <= size <= whole.size - 8:
        raise UnreadableFile(name, "not a safetensors file, or a truncated one: its header is longer than the file")
    if size > MOST_BYTES:
        raise UnreadableFile(name, f"its header is larger than {MOST_BYTES // 2**20} MiB, which no network's is")
    value = parse_json(whole.read(size), name)
    if not isinstance(value, dict):
        raise UnreadableFile(name, "not a safetensors file: its header does not name tensors")
    return value


def _tensor(key: str, value: object, name: str) -> Owned:
    match value:
        case {"dtype": str() as dtype, "shape": list() as shape} if is_shape(shape):
            return owned(key, Tensor(tuple(shape), DTYPES.get(dtype, "float32")))
    raise UnreadableFile(name, "its type and shape are not told as safetensors does", key[:100])
