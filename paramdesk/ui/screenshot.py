"""A picture of the window, or of one of its panels, without a screen and without an event loop."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from paramdesk.ui.preflight import do_without_screen

if TYPE_CHECKING:
    from PySide6.QtCore import QMessageLogContext, QtMsgType
    from PySide6.QtWidgets import QWidget

    from paramdesk.engine.architecture import Architecture
    from paramdesk.ui.window.main_window import MainWindow

__all__ = ["PANELS", "Panel", "screenshot"]

Panel: TypeAlias = Literal["window", "stack", "table", "chart", "inspector"]
PANELS: tuple[Panel, ...] = ("window", "stack", "table", "chart", "inspector")


def screenshot(
    architecture: Architecture,
    out_path: str | os.PathLike[str],
    size: tuple[int, int] = (1440, 900),
    theme: Literal["light", "dark"] = "light",
    select: int | None = None,
    panel: Panel = "window",
) -> None:
    """Draw the window with an architecture into a PNG file.

    Args:
        architecture: what it shows.
        out_path: the file.
        size: of the window, in pixels.
        theme: light or dark.
        select: id of the layer or block that is selected, and explained in the inspector; None: none.
        panel: which part; the window is laid out in its full size all the same.

    Raises:
        OSError: the picture could not be written.
    """
    os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
    from PySide6.QtCore import QCoreApplication

    if QCoreApplication.instance() is None:
        do_without_screen()
    from PySide6.QtCore import QSettings, qInstallMessageHandler

    from paramdesk.ui.session import Session
    from paramdesk.ui.settings import Settings
    from paramdesk.ui.style.theme import FixedScheme

    with tempfile.TemporaryDirectory(prefix="paramdesk-") as folder:
        # The user's own layout, sizes and files have no part in a picture.
        settings = Settings(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        former = qInstallMessageHandler(_tell)
        session = Session(settings, FixedScheme(dark=theme == "dark"), Path(folder))
        try:
            window = session.add_window()
            _show(window, architecture, size, select)
            part = part_of(window, panel)
            _settle()
            if not part.grab().save(os.fspath(out_path), "PNG"):
                raise OSError(f"{os.fspath(out_path)}: the picture cannot be written there")
            window.autosave.discard()
        finally:
            session.close()
            _settle()
            qInstallMessageHandler(former)


def _tell(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Pass on what Qt says, but for what is no matter where no window manager is."""
    from PySide6.QtCore import qFormatLogMessage

    if text != "This plugin does not support propagateSizeHints()":
        sys.stderr.write(qFormatLogMessage(kind, context, text) + "\n")


def part_of(window: MainWindow, panel: Panel) -> QWidget:
    """The widget that a panel's picture shows: docks with their titles."""
    if panel == "window":
        return window
    return window.panels.stack if panel == "stack" else window.workspace.docks[panel]


def _show(window: MainWindow, architecture: Architecture, size: tuple[int, int], select: int | None) -> None:
    window.document.open(architecture)
    window.resize(*size)
    window.show()
    _settle()
    window.load_all()
    if select is not None:
        window.document.selection.select([select])
        reports = [report for report in window.document.summary.layers if report.key[-1] == select]
        is_computed = bool(reports) and all(report.is_computed for report in reports)
        # What there is to see of a layer is how it is computed, or what is wrong with it; of a block what it is.
        window.panels.inspector.page = "explanation" if is_computed else "properties"
    _settle()


def _settle() -> None:
    """Let everything that is posted happen, layouts and paint events included."""
    from PySide6.QtCore import QCoreApplication, QEvent

    for _ in range(4):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
