"""ZIP archives of unknown origin: their entries by name, never more of one than is asked for."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.bounded import GuardedFile

if TYPE_CHECKING:
    from zipfile import ZipInfo

BEGINS = b"PK\x03\x04"
MOST_LISTED = 16 * 2**20
"""The largest table of contents, in bytes; a hundred thousand entries take half of it."""
MOST_UNPACKED = 256 * 2**20
"""The largest compressed entry that is unpacked as a whole."""

_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1
_LOCAL_HEADER = 30

_T = TypeVar("_T")


class Archive:
    """A ZIP archive.

    Raises:
        UnreadableFile: it is none, or a damaged one.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        from zipfile import ZipFile

        self._name = name
        self._file = GuardedFile(file, name)
        self._whole = file
        self._file.allow(1000, 2 * MOST_LISTED)
        opened = self._guarded(lambda: ZipFile(cast("BinaryIO", self._file)))
        self._entries: dict[str, ZipInfo] = {entry.filename: entry for entry in opened.infolist()}
        self._zip = opened

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its entries, in its order."""
        return tuple(self._entries)

    def read(self, entry: str, most: int) -> bytes:
        """An entry.

        Raises:
            UnreadableFile: there is none of this name, it is too large or damaged.
        """
        info = self._entry(entry)
        too_large = UnreadableFile(self._name, f"larger than {most // 2**20} MiB", entry)
        if info.file_size > most:
            raise too_large
        if info.compress_type == _STORED:  # with a checksum or without: PyTorch may leave it out
            part = self.part(entry)
            part.allow(1, most)
            return part.read()

        def unpacked() -> bytes:
            self._file.allow(1_000_000, 2 * most)
            with self._zip.open(info) as stream:
                return stream.read(most + 1)

        data = self._guarded(unpacked, entry)
        if len(data) > most:
            raise too_large
        return data

    def part(self, entry: str) -> GuardedFile:
        """An entry as a file in which one can go anywhere: where it stands, or unpacked if it is compressed.

        Raises:
            UnreadableFile: there is none of this name, it is too large to be unpacked, or damaged.
        """
        import io

        info = self._entry(entry)
        if info.compress_type != _STORED:
            return GuardedFile(io.BytesIO(self.read(entry, MOST_UNPACKED)), self._name)
        self._file.allow(1, _LOCAL_HEADER)
        self._file.seek(info.header_offset)
        header = self._file.read(_LOCAL_HEADER)
        if info.header_offset < 0 or len(header) < _LOCAL_HEADER or not header.startswith(BEGINS):
            raise UnreadableFile(self._name, "the ZIP archive is damaged", entry)
        named, extra = struct.unpack_from("<HH", header, 26)
        return GuardedFile(self._whole, self._name, info.header_offset + _LOCAL_HEADER + named + extra, info.file_size)

    def _entry(self, entry: str) -> ZipInfo:
        info = self._entries.get(entry)
        if info is None:
            raise UnreadableFile(self._name, f"there is no {entry} in it")
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableFile(self._name, "it is encrypted: save it without a password", entry)
        if info.compress_type not in (_STORED, _DEFLATED):
            raise UnreadableFile(self._name, "it is compressed in an unusual way: save it uncompressed", entry)
        return info

    def _guarded(self, action: Callable[[], _T], place: str = "") -> _T:
        """What an action gives; what zipfile makes of a damaged archive becomes one line."""
        import zlib
        from zipfile import BadZipFile

        damage = (BadZipFile, zlib.error, struct.error, EOFError, LookupError, NotImplementedError, RuntimeError)
        try:
            return action()
        except RecursionError:
            raise
        except (*damage, ValueError, OverflowError):
            raise UnreadableFile(self._name, "the ZIP archive is damaged: copy or download it anew", place) from None


def entries_of(file: BinaryIO, name: str) -> tuple[str, ...]:
    """The names of the entries of an archive; none if it is damaged, which whoever reads it will say."""
    try:
        return Archive(file, name).names
    except UnreadableFile:
        return ()
