"""What an installed copy checks of itself: that everything it needs came along, and that it still counts right.

Whoever makes an installer records in `recorded.json` what the source had (packaging/installers/recording.py). An
installed copy must have exactly that; a checkout, where nothing is recorded, checks that there is something at all.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from paramdesk.engine.errors import ParamdeskError
from paramdesk.resources import resource_path
from paramdesk.ui.preflight import do_without_screen, explained, has_font

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from paramdesk.engine.architecture import Architecture
    from paramdesk.formats.templates import Template

__all__ = ["Recorded", "checked"]

EXAMPLE = "article-convnet-dense"

# The platform without a screen says so once for every window.
EXPECTED_ON_STANDARD_ERROR = "This plugin does not support propagateSizeHints"


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What the source had when an installer was made.

    Attributes:
        kinds: their names.
        formats: their names.
        icons: the names of their files.
        templates: what each comes to, as recorded beside the tests and not as the engine counts.
        modules: all of paramdesk, and all that these import.
        table: the example as CSV.
    """

    kinds: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    icons: tuple[str, ...] = ()
    templates: dict[str, int] = {}
    modules: tuple[str, ...] = ()
    table: str = ""


def checked() -> Iterator[tuple[bool, str]]:
    """Every check: whether it passed, and a line that says what was found."""
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("kinds", _kinds),
        ("formats", _formats),
        ("templates", _templates),
        ("blocks", _blocks),
        ("icons", _icons),
        ("modules", _modules),
        ("CSV", _table),
        ("Qt", _qt),
        ("fonts", _fonts),
        ("sharp icons", _sharp_icons),
        ("chart", _chart),
    )
    with tempfile.TemporaryFile() as said:
        with _standard_error_into(said):
            for name, check in checks:
                try:
                    yield True, f"{name}: {check()}"
                except ImportError as error:
                    yield False, f"{name}: {explained(error) or error}"
                except (ParamdeskError, _Wrong, OSError) as error:
                    yield False, f"{name}: {error}"
        said.seek(0)
        lines = said.read().decode(errors="replace").splitlines()
    unexpected = [line for line in lines if line.strip() and EXPECTED_ON_STANDARD_ERROR not in line]
    yield not unexpected, f"standard error: {unexpected[0] if unexpected else 'nothing unexpected'}"


class _Wrong(Exception):
    """Something was found, but it is not right."""


def _recorded() -> Recorded:
    path = resource_path("recorded.json")
    return msgspec.json.decode(path.read_bytes(), type=Recorded) if path.is_file() else Recorded()


@contextlib.contextmanager
def _standard_error_into(file: BinaryIO) -> Iterator[None]:
    """What anything writes to standard error goes into a file, as far as there is a standard error."""
    try:
        former = os.dup(2)
    except OSError:
        yield
        return
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(former, 2)
        os.close(former)


def _kinds() -> str:
    from paramdesk.engine.layer_kind import kinds

    for name, kind in kinds().items():
        if not kind.options() and kind.__struct_fields__:
            raise _Wrong(f"{name} has lost its options")
    return _compared(kinds(), _recorded().kinds)


def _formats() -> str:
    from paramdesk.formats import formats, readers, tables, writers

    counts = f"{len(readers())} read, {len(writers())} write, {len(tables())} make tables"
    return f"{_compared(formats(), _recorded().formats)}: {counts}"


def _templates() -> str:
    from paramdesk.formats.templates import open_template, templates

    wanted = _recorded().templates
    found = _compared((template.name for template in templates()), tuple(wanted))
    _analysed(templates(), open_template, wanted)
    return f"{found} and analysed, their totals are right"


def _blocks() -> str:
    from paramdesk.formats.templates import blocks, open_block

    _analysed(blocks(), lambda name: open_block(name).network, {})
    return f"{len(blocks())} found and analysed, their totals are right"


def _analysed(found: Sequence[Template], opened: Callable[[str], Architecture], wanted: Mapping[str, int]) -> None:
    """Hold what each comes to against what was recorded, or else against what its file says."""
    from paramdesk.engine.analysis import analyze

    for template in found:
        totals, parameters = analyze(opened(template.name)).totals, wanted.get(template.name, template.parameters)
        if not totals.complete or totals.parameters != parameters:
            raise _Wrong(f"{template.name} comes to {totals.parameters:,}, not to {parameters:,}")


def _icons() -> str:
    from paramdesk.engine.layer_kind import kinds

    for category in {kind.category for kind in kinds().values()}:
        if not resource_path("icons", f"{category}.svg").is_file():
            raise _Wrong(f"{category}.svg is missing")
    return _compared((path.stem for path in resource_path("icons").glob("*.svg")), _recorded().icons)


def _modules() -> str:
    names = _recorded().modules or ("google.protobuf.message", "numpy", "pyfive", "pyqtgraph")
    os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
    for name in names:
        importlib.import_module(name)
    return f"{len(names)} loaded"


def _table() -> str:
    from paramdesk import formats
    from paramdesk.engine.analysis import analyze
    from paramdesk.formats.templates import open_template

    text = formats.table(analyze(open_template(EXAMPLE)), "csv")
    if _recorded().table and text != _recorded().table:
        raise _Wrong(f"{EXAMPLE} is not exported as was recorded")
    return f"{EXAMPLE} exported in {len(text.splitlines())} lines"


def _qt() -> str:
    from PySide6 import QtCore, QtSvg, QtWidgets

    parts = (QtCore, QtSvg, QtWidgets)
    return f"version {QtCore.qVersion()} with {len(parts)} parts loaded"


def _fonts() -> str:
    if sys.platform.startswith("linux") and not has_font():
        raise _Wrong("there are none, so all text would be boxes: apt install fonts-dejavu-core")
    return "no lack of them"


def _sharp_icons() -> str:
    """Whether Qt's own icons find the plugins for SVG: without them the window's icon would be empty or blurred."""
    do_without_screen()
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QGuiApplication, QIcon
    from PySide6.QtWidgets import QApplication

    application = QGuiApplication.instance() or QApplication([])
    pixmap = QIcon(str(resource_path("app.svg"))).pixmap(QSize(16, 16), 2.0)
    if (pixmap.width(), pixmap.devicePixelRatio()) != (32, 2.0):
        raise _Wrong(f"an SVG is drawn {pixmap.width()} pixels wide at the ratio {pixmap.devicePixelRatio():g}")
    del application
    return f"an SVG of 16 pixels is drawn with {pixmap.width()} at ratio 2"


def _chart() -> str:
    do_without_screen()
    from paramdesk.formats.templates import open_template
    from paramdesk.ui.screenshot import screenshot

    with tempfile.TemporaryDirectory(prefix="paramdesk-") as folder:
        path = Path(folder) / "chart.png"
        screenshot(open_template(EXAMPLE), path, panel="chart")
        colours = _colours(path)
    if colours < 4:
        raise _Wrong(f"it is empty: {colours} colours")
    return f"drawn in {colours} colours"


def _colours(path: Path) -> int:
    """How many colours a picture has, looking at every third pixel of every third line."""
    from PySide6.QtGui import QImage

    image = QImage(str(path))
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})


def _compared(found: Iterable[str], recorded: tuple[str, ...]) -> str:
    """How many there are, if they are those that were recorded."""
    names = set(found)
    if not names:
        raise _Wrong("none found")
    if recorded and (lost := set(recorded) - names):
        raise _Wrong(f"lost: {', '.join(sorted(lost))}")
    if recorded and (unknown := names - set(recorded)):
        raise _Wrong(f"not known of the source: {', '.join(sorted(unknown))}")
    return f"{len(names)} found"
