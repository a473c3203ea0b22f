"""Whose work paramdesk stands on, and under which licences: what Help > About shows, from a checkout and installed."""

from __future__ import annotations

import importlib.metadata
import sysconfig
from pathlib import Path

import msgspec

from paramdesk.resources import resource_path

__all__ = ["PARTS", "Part", "installed_version", "licence_text", "system_parts"]

_LICENCE_FILES = ("licen", "copying", "notice")


class Part(msgspec.Struct, frozen=True):
    """Something that paramdesk stands on.

    Attributes:
        title: for people.
        distribution: what it is installed as; empty if it comes with another.
        licence: in a few words.
        texts: files of `resources/licences`, where the distribution itself brings none.
    """

    title: str
    distribution: str
    licence: str
    texts: tuple[str, ...] = ()


_OF_QT = ("LGPL-3.0.txt", "GPL-3.0.txt", "qt-notices.txt")

PARTS = (
    Part("Qt", "", "LGPL 3", _OF_QT),
    Part("Qt for Python", "PySide6-Essentials", "LGPL 3", _OF_QT[:2]),
    Part("Shiboken", "shiboken6", "LGPL 3", _OF_QT[:2]),
    Part("pyqtgraph", "pyqtgraph", "MIT"),
    Part("NumPy", "numpy", "BSD 3-Clause"),
    Part("msgspec", "msgspec", "BSD 3-Clause"),
    Part("Protocol Buffers", "protobuf", "BSD 3-Clause"),
    Part("pyfive", "pyfive", "BSD 3-Clause"),
    Part("fsspec", "fsspec", "BSD 3-Clause"),
    Part("colorama", "colorama", "BSD 3-Clause"),
    Part("typing_extensions", "typing_extensions", "PSF 2"),
)


def installed_version(part: Part) -> str:
    """The version of an installed part, without importing it; empty if that is not known."""
    try:
        return importlib.metadata.version(part.distribution) if part.distribution else ""
    except importlib.metadata.PackageNotFoundError:
        return ""


def licence_text(part: Part) -> str:
    """All of its licence, as it came with the part or as it lies among our resources."""
    texts = [_read(resource_path("licences", name)) for name in part.texts]
    try:
        files = importlib.metadata.files(part.distribution) if part.distribution else None
    except importlib.metadata.PackageNotFoundError:
        files = None
    texts += [_read(Path(str(file.locate()))) for file in files or () if _is_licence(file)]
    return "\n\n".join(text for text in texts if text) or f"{part.title} is under the licence {part.licence}."


def system_parts() -> dict[str, str]:
    """What else an installed copy brings along, by its name: paramdesk's own licence, Python's, those of libraries."""
    own = _read(resource_path("licences", "paramdesk.txt")) or _read(resource_path().parent / "LICENSE")
    python = _read(resource_path("licences", "python.txt"))
    python = python or _read(Path(sysconfig.get_path("stdlib")) / "LICENSE.txt")
    found = {"paramdesk": own, "Python": python}
    for path in sorted(resource_path("licences", "system").glob("*.txt")):
        found[path.stem] = _read(path)
    return {name: text for name, text in found.items() if text}


def _is_licence(file: importlib.metadata.PackagePath) -> bool:
    is_about = any(folder.endswith(".dist-info") for folder in file.parts)
    return is_about and file.name.lower().startswith(_LICENCE_FILES)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
