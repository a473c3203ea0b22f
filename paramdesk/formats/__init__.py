"""File formats, found by walking: each is a package of this folder, or a module of `tabular`, with a `FORMAT`.

What stands beside them, as modules of this folder, is what they share.

Readers bound what they read, run nothing that stands in a file, and raise one exception, `UnreadableFile`.
"""

from __future__ import annotations

import functools
import importlib
import io
import os
import pkgutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePath
from typing import BinaryIO, TypeAlias

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnreadableFile, UnwritableFile
from paramdesk.engine.summary import Summary
from paramdesk.formats.archive import BEGINS, entries_of
from paramdesk.formats.bounded import read_bytes
from paramdesk.formats.format import Format, TableOptions
from paramdesk.formats.replacing import replace_file

File: TypeAlias = str | os.PathLike[str]

__all__ = [
    "Format",
    "TableOptions",
    "content",
    "formats",
    "read",
    "readers",
    "table",
    "tables",
    "write",
    "write_table",
    "writers",
]

_HEAD = 4096


@functools.cache
def formats() -> dict[str, Format]:
    """Every format by its name, in the order of the names."""
    from paramdesk.formats import tabular

    places = [module.name for module in pkgutil.iter_modules(__path__, f"{__name__}.") if module.ispkg]
    places.remove(tabular.__name__)
    places += [module.name for module in pkgutil.iter_modules(tabular.__path__, f"{tabular.__name__}.")]
    found = [importlib.import_module(name).FORMAT for name in places]
    return {entry.name: entry for entry in sorted(found, key=lambda entry: entry.name)}


def readers() -> dict[str, Format]:
    """The formats from which an architecture can be read."""
    return {name: entry for name, entry in formats().items() if entry.read}


def writers() -> dict[str, Format]:
    """The formats in which an architecture can be written."""
    return {name: entry for name, entry in formats().items() if entry.write}


def tables() -> dict[str, Format]:
    """The formats in which a summary can be written."""
    return {name: entry for name, entry in formats().items() if entry.table}


# Reading --------------------------------------------------------------------------------------------------------------


def read(file: File | BinaryIO, format: str | None = None) -> Architecture:  # noqa: A002 - the word of the public surface
    """Reads an architecture.

    Args:
        file: a path, or an open binary file.
        format: the name of its format; None: told by the file's ending and content.

    Raises:
        UnreadableFile: it cannot be read; says where and why.
    """
    if isinstance(file, str | os.PathLike):
        name = os.fspath(file)
        with _opened(name) as stream:
            return _read(stream, name, format)
    name = str(getattr(file, "name", "the file"))
    try:
        return _read(file, name, format)
    except OSError as error:
        raise UnreadableFile(name, _why_not(error)) from None


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    try:
        with open(name, "rb") as stream:  # noqa: PTH123 - it says more clearly than Path what cannot be opened
            yield stream
    except OSError as error:
        raise UnreadableFile(name, _why_not(error)) from None
    except ValueError:  # what open() says of a zero byte in a name
        raise UnreadableFile(name, "not a name of a file") from None


def _why_not(error: OSError) -> str:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "there is no such file"
        case IsADirectoryError():
            return "it is a folder, not a file"
        case PermissionError():
            return "reading it is not permitted"
        case _:
            reason = error.strerror or type(error).__name__
            return reason[:1].lower() + reason[1:]


def _read(stream: BinaryIO, name: str, format_name: str | None) -> Architecture:
    if not stream.seekable():
        stream = io.BytesIO(read_bytes(stream, name))
    start = stream.tell()
    head = stream.read(_HEAD)
    if not isinstance(head, bytes):
        raise UnreadableFile(name, "it is open as text: open it in binary mode")
    if not head.strip():
        raise UnreadableFile(name, "it is empty")
    stream.seek(start)
    chosen = _told(format_name, name) if format_name else _guessed(stream, name, head)
    stream.seek(start)
    assert chosen.read
    try:
        return chosen.read(stream, name)
    except RecursionError:
        raise UnreadableFile(name, "it is nested too deep") from None


def _told(format_name: str, name: str) -> Format:
    found = readers().get(format_name)
    if found is None:
        raise UnreadableFile(name, f"there is no format {format_name!r} to read: there are {', '.join(readers())}")
    return found


def _guessed(stream: BinaryIO, name: str, head: bytes) -> Format:
    """The format that the ending names, unless the content is plainly another's."""
    named = _by_ending(readers(), name)
    entries = entries_of(stream, name) if head.startswith(BEGINS) else ()
    if named and (_looks_like(named, head, entries) or not (named.recognizes or named.holds)):
        return named
    for entry in readers().values():
        if _looks_like(entry, head, entries):
            return entry
    if named:
        return named
    endings = sorted({ending for entry in readers().values() for ending in entry.endings})
    raise UnreadableFile(name, f"not a file that paramdesk knows: it reads {', '.join(endings)}")


def _looks_like(entry: Format, head: bytes, entries: Sequence[str]) -> bool:
    """Whether a file that begins so, and has these entries if it is an archive, is one of a format."""
    is_begun = entry.recognizes is not None and entry.recognizes(head)
    return is_begun or (bool(entries) and entry.holds is not None and entry.holds(entries))


def _by_ending(choice: dict[str, Format], name: str) -> Format | None:
    lower = PurePath(name).name.lower()
    matching = [(ending, entry) for entry in choice.values() for ending in entry.endings if lower.endswith(ending)]
    return max(matching, key=lambda match: len(match[0]))[1] if matching else None


# Writing --------------------------------------------------------------------------------------------------------------


def write(architecture: Architecture, path: File, format: str | None = None) -> None:  # noqa: A002 - as in read
    """Writes an architecture, or its summary where the format is a table's.

    Args:
        architecture: what to write.
        path: where to; a former file is replaced as a whole or not at all.
        format: its name; None: told by the path's ending.

    Raises:
        UnwritableFile: it cannot be written; a former file is untouched.
    """
    name = os.fspath(path)
    choice = {**tables(), **writers()}
    chosen = choice.get(format) if format else _by_ending(writers(), name) or _by_ending(tables(), name)
    if chosen is None:
        raise UnwritableFile(name, _unknown(format, name, choice))
    try:
        data = content(architecture, chosen)
    except UnwritableFile as error:
        raise UnwritableFile(name, error.reason) from None
    replace_file(path, data)


def content(architecture: Architecture, chosen: Format) -> bytes:
    """What a file of this format holds for an architecture.

    Raises:
        UnwritableFile: the format cannot say it.
    """
    if chosen.write:
        return chosen.write(architecture)
    from paramdesk.engine.analysis import analyze

    assert chosen.table
    return chosen.table(analyze(architecture), TableOptions()).encode("utf-8", "replace")


def table(summary: Summary, format: str, options: TableOptions | None = None) -> str:  # noqa: A002 - as in read
    """A summary as text.

    Raises:
        KeyError: there is no table format of this name; the message says which there are.
    """
    entry = tables().get(format)
    if entry is None or entry.table is None:
        raise KeyError(f"there is no table format {format!r}: there are {', '.join(tables())}")
    return entry.table(summary, options or TableOptions())


def write_table(
    summary: Summary,
    path: File,
    format: str | None = None,  # noqa: A002 - as in read
    options: TableOptions | None = None,
) -> None:
    """Writes a summary's table, in the format that is named or that the path's ending tells.

    Raises:
        UnwritableFile: it cannot be written; a former file is untouched.
    """
    name = os.fspath(path)
    chosen = tables().get(format) if format else _by_ending(tables(), name)
    if chosen is None:
        raise UnwritableFile(name, _unknown(format, name, tables()))
    replace_file(path, table(summary, chosen.name, options).encode("utf-8", "replace"))


def _unknown(format_name: str | None, name: str, choice: dict[str, Format]) -> str:
    if format_name:
        return f"there is no format {format_name!r} to write: there are {', '.join(choice)}"
    ending = PurePath(name).suffix
    what = f"no format ends in {ending}" if ending else "its name has no ending that tells the format"
    return f"{what}: name one of {', '.join(choice)}"
