"""What the frozen application needs of a Linux system: found in its files, and held against what is known."""

import re
from collections.abc import Iterable
from pathlib import Path

from installers.contents import OF_SOME_SYSTEMS, OF_THE_SYSTEM, imported_libraries
from terminal import Stop

# Fonts are no library, but without one all text is boxes.
FONTS = "fonts-dejavu-core"


def binaries(folder: Path) -> list[Path]:
    """Return the programs and libraries of a folder."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    return [path for path in files if _begins_like_a_program(path)]


def _begins_like_a_program(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def foreign_libraries(files: Iterable[Path]) -> set[str]:
    """Return the libraries that files load and that are not among them."""
    own: set[str] = set()
    loaded: set[str] = set()
    for path in files:
        own.add(path.name)
        loaded.update(imported_libraries(path))
    return loaded - own


def packages(libraries: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the Debian packages that must be there, and those that are good to have.

    Raises:
        Stop: a library is not known, so a bare system would lack it.
    """
    unknown = sorted(set(libraries) - set(OF_THE_SYSTEM) - set(OF_SOME_SYSTEMS))
    if unknown:
        raise Stop(f"{', '.join(unknown)}: neither bundled nor known to be the system's (installers/contents.py).")
    needed = {OF_THE_SYSTEM[name] for name in libraries if name in OF_THE_SYSTEM} - {"libc6"}
    some = {OF_SOME_SYSTEMS[name] for name in libraries if name in OF_SOME_SYSTEMS}
    return sorted(needed), sorted(some)


def libc_version(files: Iterable[Path]) -> str:
    """Return the oldest version of the C library that has all that the files ask of it."""
    versions = {(2, 17)}
    for path in files:
        found = re.findall(rb"\0GLIBC_(\d+)\.(\d+)(?=[\0.])", path.read_bytes())
        versions.update((int(major), int(minor)) for major, minor in found)
    return ".".join(map(str, max(versions)))
