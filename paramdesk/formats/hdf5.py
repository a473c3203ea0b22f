"""HDF5 files of unknown origin: their groups, the shapes of their datasets and their attributes; no values are read.

pyfive understands the format. It believes what a file says of sizes, so what it reads goes through a guard.
"""

from __future__ import annotations

import functools
import struct
import warnings
import zlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NoReturn, TypeAlias, TypeVar

from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.bounded import GuardedFile

if TYPE_CHECKING:
    from pyfive.dataobjects import DataObjects

BEGINS = b"\x89HDF\r\n\x1a\n"
DEEPEST = 40
"""How deep groups may stand in one another: Keras' weights of models within models stand a third as deep."""
MOST_OBJECTS = 100_000
LONGEST_NAME = 1000
LARGEST_SIZE = 2**31 - 1
MOST_AXES = 64
MOST_LETTERS = 64 * 2**20

_HEADER = (2000, 2**20)
_LINKS = (1_000_000, 16 * 2**20)
_ATTRIBUTES = (100_000, 96 * 2**20)
"""How many reads, and how many bytes in all, a header, the names in a group and its attributes may take."""

Shape: TypeAlias = tuple[int, ...]
_T = TypeVar("_T")


class Group:
    """A group of an HDF5 file.

    Attributes:
        depth: how many groups stand around it.
    """

    def __init__(self, file: _File, objects: DataObjects, depth: int = 0) -> None:
        self._file = file
        self._objects = objects
        self.depth = depth
        self._members: dict[str, Group | Shape | None] = {}

    @functools.cached_property
    def _links(self) -> Mapping[str, object]:
        return self._file.guarded(lambda: dict(self._objects.iter_links()), _LINKS)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the groups and datasets in it, as far as they may be names of layers and weights."""
        return tuple(name for name in self._links if len(name) <= LONGEST_NAME)

    def member(self, name: str) -> Group | Shape | None:
        """A group in it, or the shape of a dataset; None if there is none of that name.

        Raises:
            UnreadableFile: the file is damaged there, or leads round in circles.
        """
        if name not in self._members:
            self._members[name] = self._opened(name)
        return self._members[name]

    def _opened(self, name: str) -> Group | Shape | None:
        address = self._links.get(name)
        if not isinstance(address, int):  # a text: the name of another place, which Keras does not write
            return None
        if self.depth >= DEEPEST:
            self._file.fail(f"groups stand more than {DEEPEST} deep in one another")
        objects = self._file.objects(address)
        if objects.is_dataset:
            shape = tuple(self._file.guarded(lambda: objects.shape, _HEADER) or ())
            if len(shape) > MOST_AXES or any(size > LARGEST_SIZE for size in shape):
                self._file.fail("the HDF5 file is damaged: it has a dataset that is larger than any weight")
            return shape
        return Group(self._file, objects, self.depth + 1)

    def group(self, path: str) -> Group | None:
        """The group at the end of a path; None if there is none."""
        found: Group | Shape | None = self
        for name in path.split("/"):
            found = found.member(name) if isinstance(found, Group) else None
        return found if isinstance(found, Group) else None

    @functools.cached_property
    def attributes(self) -> Mapping[str, object]:
        """Its attributes: texts, numbers, lists of them."""
        return self._file.guarded(self._read_attributes, _ATTRIBUTES)

    def _read_attributes(self) -> dict[str, object]:
        found = {name: _plain(value) for name, value in self._objects.get_attributes().items()}
        if sum(map(_letters, found.values())) > MOST_LETTERS:
            raise ValueError("more text than any model has")
        return found

    def text(self, name: str) -> str | None:
        """An attribute that is a text."""
        value = self.attributes.get(name)
        return value if isinstance(value, str) else None

    def texts(self, name: str) -> tuple[str, ...] | None:
        """An attribute that is a list of texts, which Keras cuts into several (name0, name1, …) where it is long."""
        if name in self.attributes:
            return _texts(self.attributes[name])
        found: list[str] = []
        part = 0
        while f"{name}{part}" in self.attributes:
            found += _texts(self.attributes[f"{name}{part}"])
            part += 1
        return tuple(found) if part else None


def root_of(file: GuardedFile, name: str) -> Group:
    """The outermost group of a file.

    Raises:
        UnreadableFile: it is no HDF5 file, or a damaged one.
    """
    opened = _File(file, name)
    return Group(opened, opened.objects(opened.root()))


class _File:
    """An open file, and what has been read of it."""

    def __init__(self, file: GuardedFile, name: str) -> None:
        self._handle = file
        self._name = name
        self._read = 0

    def root(self) -> int:
        """Where the outermost group stands."""
        from pyfive.misc_low_level import SuperBlock

        return self.guarded(lambda: int(SuperBlock(self._handle, 0).offset_to_dataobjects), _HEADER)

    def objects(self, address: int) -> DataObjects:
        """The header of a group or dataset."""
        self._read += 1
        if self._read > MOST_OBJECTS:
            self.fail(f"more than {MOST_OBJECTS:,} groups and datasets, or they lead round in circles")
        return self.guarded(lambda: _objects_within_limits()(self._handle, address), _HEADER)

    def guarded(self, action: Callable[[], _T], allowance: tuple[int, int]) -> _T:
        """What an action gives, within limits; what pyfive makes of a damaged file becomes one line."""
        self._handle.allow(*allowance)
        from pyfive.core import InvalidHDF5File

        damage = (ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of types of attributes that nobody asks for
                return action()
        except RecursionError:
            raise
        except (*damage, ValueError, struct.error, zlib.error, InvalidHDF5File):
            self.fail("the HDF5 file is damaged or of an unusual kind: copy or save it anew")

    def fail(self, reason: str) -> NoReturn:
        """Says what is wrong with the file."""
        raise UnreadableFile(self._name, reason)


@functools.cache
def _objects_within_limits() -> type[DataObjects]:
    """What pyfive makes of the header of a group or dataset; lists in attributes are as long as what holds them."""
    from pyfive.dataobjects import DataObjects
    from pyfive.p5t import P5SequenceType

    class Objects(DataObjects):  # type: ignore[misc]  # pyfive has no types
        def _attr_value(self, ptype: object, buf: bytes, count: int, offset: int) -> object:
            if not 0 <= count <= len(buf):
                raise ValueError("an attribute that is longer than what holds it")
            if isinstance(ptype, P5SequenceType):  # lists of lists, which Keras does not write
                return [None]
            return super()._attr_value(ptype, buf, count, offset)

    return Objects


def _plain(value: object) -> object:
    """A value without numpy's types; texts are decoded."""
    if (listed := getattr(value, "tolist", None)) is not None:
        value = listed()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _letters(value: object) -> int:
    if isinstance(value, list):
        return sum(map(_letters, value))
    return len(value) if isinstance(value, str) else 0


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
