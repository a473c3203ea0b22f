"""What tells that a file is another one than before, without reading it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FileStamp", "stamp_of"]


class FileStamp(msgspec.Struct, frozen=True):
    """When a file was changed last (in nanoseconds), and its size in bytes."""

    changed: int
    size: int


def stamp_of(path: Path | None) -> FileStamp | None:
    """The stamp of a file; None if there is no such file."""
    if path is None:
        return None
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return FileStamp(found.st_mtime_ns, found.st_size)
