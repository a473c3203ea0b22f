"""Every setting, declared once: key, default, and how it becomes text and back.

Everything is stored as text. Qt's own conversions lose types over a restart (True comes back as
"true", one-element lists as their element) and cut integers to 32 bits.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar, overload

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QSettings

    from paramdesk.ui.style.theme import ThemeSetting

__all__ = ["RECENT_FILES", "STATE_VERSION", "ChartScale", "Setting", "Settings"]

_log = logging.getLogger(__name__)

RECENT_FILES = 10
# Raise it when docks or tool bars change their names: a former state is then left unread.
STATE_VERSION = 1

ChartScale = Literal["linear", "log"]
_THEMES: tuple[ThemeSetting, ...] = ("system", "light", "dark")
_SCALES: tuple[ChartScale, ...] = ("linear", "log")

T = TypeVar("T")


class Setting(Generic[T]):
    """One setting; as an attribute of `Settings` it reads and writes the value.

    Attributes:
        key: where it is stored.
        default: what holds while nothing is stored, or nothing that can be read.
    """

    def __init__(self, key: str, default: T, parse: Callable[[str], T], dump: Callable[[T], str]) -> None:
        self.key = key
        self.default = default
        self._parse = parse
        self._dump = dump

    def read(self, store: QSettings) -> T:
        """Return the stored value, or the default where it cannot be read."""
        text = store.value(self.key)
        if not isinstance(text, str):
            return self.default
        try:
            return self._parse(text)
        except (ValueError, KeyError, msgspec.DecodeError) as error:
            _log.info("setting left unread: %s: %s", self.key, error)
            return self.default

    def write(self, store: QSettings, value: T) -> None:
        """Store a value."""
        store.setValue(self.key, self._dump(value))

    @overload
    def __get__(self, owner: None, kind: type[Settings]) -> Setting[T]: ...
    @overload
    def __get__(self, owner: Settings, kind: type[Settings]) -> T: ...
    def __get__(self, owner: Settings | None, kind: type[Settings]) -> Setting[T] | T:
        return self if owner is None else self.read(owner.store)

    def __set__(self, owner: Settings, value: T) -> None:
        self.write(owner.store, value)


# --- kinds of settings ----------------------------------------------------------------------


def _choice(key: str, default: T, choices: tuple[T, ...]) -> Setting[T]:
    def parse(text: str) -> T:
        for choice in choices:
            if choice == text:
                return choice
        raise ValueError(text)

    return Setting(key, default, parse, str)


def _text(key: str, default: str) -> Setting[str]:
    # Marked, because Qt reads an empty text back as something else.
    return Setting(key, default, lambda text: msgspec.json.decode(text, type=str), json.dumps)


def _flag(key: str, *, default: bool) -> Setting[bool]:
    return Setting(key, default, {"yes": True, "no": False}.__getitem__, _yes_or_no)


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _number(key: str, default: float, low: float, high: float) -> Setting[float]:
    def parse(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return Setting(key, default, parse, repr)


def _path(key: str) -> Setting[Path | None]:
    return Setting(
        key,
        None,
        lambda text: Path(text) if text else None,
        lambda path: "" if path is None else str(path),
    )


def _parsed_names(text: str) -> tuple[str, ...]:
    return tuple(msgspec.json.decode(text, type=list[str]))


def _paths(key: str) -> Setting[tuple[Path, ...]]:
    return Setting(
        key,
        (),
        lambda text: tuple(Path(name) for name in _parsed_names(text)),
        lambda paths: json.dumps([str(path) for path in paths]),
    )


def _columns(key: str) -> Setting[tuple[tuple[str, bool], ...]]:
    def parse(text: str) -> tuple[tuple[str, bool], ...]:
        return tuple(msgspec.json.decode(text, type=list[tuple[str, bool]]))

    return Setting(key, (), parse, json.dumps)


def _widths(key: str) -> Setting[tuple[tuple[str, int], ...]]:
    def parse(text: str) -> tuple[tuple[str, int], ...]:
        return tuple(msgspec.json.decode(text, type=list[tuple[str, Annotated[int, msgspec.Meta(ge=1, le=9999)]]]))

    return Setting(key, (), parse, json.dumps)


def _state(key: str) -> Setting[bytes]:
    def parse(text: str) -> bytes:
        version, _, data = text.partition(":")
        if int(version) != STATE_VERSION:
            raise ValueError(version)
        try:
            return base64.b64decode(data, validate=True)
        except binascii.Error as error:
            raise ValueError(data) from error

    def dump(data: bytes) -> str:
        return f"{STATE_VERSION}:{base64.b64encode(data).decode()}"

    return Setting(key, b"", parse, dump)


# --- the settings ---------------------------------------------------------------------------


class Settings:
    """The user's settings over a store that is given, so that tests have their own."""

    theme = _choice("look/theme", "system", _THEMES)
    text_scale = _number("look/text_scale", 1.0, 0.75, 3.0)

    window_geometry = _state("window/geometry")
    window_state = _state("window/state")
    # Of what stands beside the stack, at a 13 px base font: in a small window it is given less for a while.
    dock_widths = _widths("window/dock_widths")
    # Of what stands below it, and of the window when they were chosen.
    dock_heights = _widths("window/dock_heights")

    recent_files = _paths("files/recent")
    last_folder = _path("files/last_folder")

    chart_metric = _text("chart/metric", "parameters")
    chart_scale = _choice("chart/scale", "linear", _SCALES)

    # Name and visibility of every column, in the user's order; empty until the user changes it.
    table_columns = _columns("table/columns")
    # Width of every column at a 13 px base font; empty until the user changes one.
    table_widths = _widths("table/widths")
    table_folded = _flag("table/folded", default=False)

    csv_delimiter = _text("csv/delimiter", ",")
    # Otherwise those that the table shows.
    csv_all_columns = _flag("csv/all_columns", default=False)
    csv_totals = _flag("csv/totals", default=False)
    csv_bom = _flag("csv/bom", default=False)

    def __init__(self, store: QSettings) -> None:
        self.store = store

    @classmethod
    def declared(cls) -> dict[str, Setting[Any]]:
        """Return every setting by its attribute's name."""
        return {name: value for name, value in vars(cls).items() if isinstance(value, Setting)}

    def remember_file(self, path: Path) -> None:
        """Put a file at the head of the recent files, and its folder in the next dialog."""
        path = path.absolute()
        others = tuple(known for known in self.recent_files if known != path)
        self.recent_files = (path, *others)[:RECENT_FILES]
        self.last_folder = path.parent

    def forget_file(self, path: Path) -> None:
        """Take a file that is gone out of the recent files."""
        self.recent_files = tuple(known for known in self.recent_files if known != path)
