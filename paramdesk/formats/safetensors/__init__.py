"""safetensors files: a JSON header with the name, type and shape of every tensor, and behind it their values."""

from __future__ import annotations

import struct
from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.formats.format import Format

MOST_HEADER = 100_000_000
"""The largest header that the format allows, in bytes."""


def _recognizes(head: bytes) -> bool:
    begins = head[8:].startswith((b'{"', b"{ ", b"{}"))
    return begins and bool(struct.unpack_from("<Q", head)[0] <= MOST_HEADER)


def _read(file: BinaryIO, name: str) -> Architecture:
    from paramdesk.formats.safetensors.reading import architecture_from

    return architecture_from(file, name)


FORMAT = Format(
    name="safetensors",
    title="safetensors weights",
    endings=(".safetensors",),
    recognizes=_recognizes,
    read=_read,
)
