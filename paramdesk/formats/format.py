"""What a format is. Each stands in a package or module of its own (see `paramdesk.formats`), as its `FORMAT`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO

import msgspec

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.columns import Column
from paramdesk.engine.summary import Problem, Summary


class TableOptions(msgspec.Struct, frozen=True):
    """How a table is to look; a format takes what means something to it.

    Attributes:
        columns: which, in order; None: the format's usual ones.
        totals: whether a row of totals ends the table; None: as is usual in the format.
        delimiter: between the cells of CSV; empty: the format's own.
        problems: what is said to be wrong; None: the summary's own.
        with_bom: whether CSV begins with the mark by which Excel recognizes UTF-8.
    """

    columns: tuple[Column, ...] | None = None
    totals: bool | None = None
    delimiter: str = ""
    problems: tuple[Problem, ...] | None = None
    with_bom: bool = False


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """A file format: what it is called and what it does.

    Attributes:
        name: for the command line and scripts.
        title: for people.
        endings: of its files, with the dot, the usual one first.
        recognizes: whether the beginning of a file looks like it.
        holds: of a format whose files are ZIP archives: whether one with entries of these names looks like it.
        read: an architecture from an open file (seekable, at its beginning) and the file's name for messages; it raises
            nothing but UnreadableFile.
        write: a file's content for an architecture; it may raise UnwritableFile with an empty file name.
        table: a summary as text.
        is_copy: whether what is written holds less than an architecture does, or than such files usually do: it is a
            copy for others, and nothing is ever saved over with it.
        has_repetition: whether a repeated block stands in its files as such; else it stands there several times.
    """

    name: str
    title: str
    endings: tuple[str, ...] = ()
    recognizes: Callable[[bytes], bool] | None = None
    holds: Callable[[Sequence[str]], bool] | None = None
    read: Callable[[BinaryIO, str], Architecture] | None = None
    write: Callable[[Architecture], bytes] | None = None
    table: Callable[[Summary, TableOptions], str] | None = None
    is_copy: bool = False
    has_repetition: bool = False
