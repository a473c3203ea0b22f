"""What an installed copy checks of itself: that everything it needs came along, and that it still counts right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paramdesk.engine.errors import ParamdeskError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from paramdesk.engine.architecture import Architecture
    from paramdesk.formats.templates import Template


def checked() -> Iterator[tuple[bool, str]]:
    """Every check: whether it passed, and a line that says what was found."""
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("kinds", _kinds),
        ("formats", _formats),
        ("templates", _templates),
        ("blocks", _blocks),
        ("icons", _icons),
        ("Qt", _qt),
    )
    for name, check in checks:
        try:
            yield True, f"{name}: {check()}"
        except (ParamdeskError, _Wrong, ImportError, OSError) as error:
            yield False, f"{name}: {error}"


class _Wrong(Exception):
    """Something was found, but it is not right."""


def _kinds() -> str:
    from paramdesk.engine.layer_kind import kinds

    for name, kind in kinds().items():
        if not kind.options() and kind.__struct_fields__:
            raise _Wrong(f"{name} has lost its options")
    return f"{_some(len(kinds()))} found"


def _formats() -> str:
    from paramdesk.formats import formats, readers, tables, writers

    counts = f"{len(readers())} read, {len(writers())} write, {len(tables())} make tables"
    return f"{_some(len(formats()))} found: {counts}"


def _templates() -> str:
    from paramdesk.formats.templates import open_template, templates

    return _analysed(templates(), open_template)


def _blocks() -> str:
    from paramdesk.formats.templates import blocks, open_block

    return _analysed(blocks(), lambda name: open_block(name).network)


def _analysed(found: Sequence[Template], opened: Callable[[str], Architecture]) -> str:
    """Whether each comes to the parameters that it says."""
    from paramdesk.engine.analysis import analyze

    for template in found:
        totals = analyze(opened(template.name)).totals
        if not totals.complete or totals.parameters != template.parameters:
            raise _Wrong(f"{template.name} comes to {totals.parameters:,}, not to {template.parameters:,}")
    return f"{_some(len(found))} analysed, their totals are right"


def _icons() -> str:
    from paramdesk.engine.layer_kind import kinds
    from paramdesk.resources import resource_path

    for category in {kind.category for kind in kinds().values()}:
        if not resource_path("icons", f"{category}.svg").is_file():
            raise _Wrong(f"{category}.svg is missing")
    return f"{_some(len(list(resource_path('icons').glob('*.svg'))))} found"


def _qt() -> str:
    from PySide6 import QtCore, QtSvg, QtWidgets

    parts = (QtCore, QtSvg, QtWidgets)
    return f"version {QtCore.qVersion()} with {len(parts)} parts loaded"


def _some(count: int) -> int:
    if not count:
        raise _Wrong("none found")
    return count
