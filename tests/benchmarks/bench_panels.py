"""What table, chart and totals cost of an edit in a stack of 1,000 convolutions, repainting included.

Run it by itself: `python -m tests.benchmarks.bench_panels`. Times are the machine's, ratios the program's.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget

from paramdesk.engine.edits import configure, insert_kind, move
from paramdesk.engine.places import Place
from paramdesk.ui.chart.chart_panel import ChartPanel
from paramdesk.ui.document.document import Document
from paramdesk.ui.settings import Settings
from paramdesk.ui.style.icons import Icons
from paramdesk.ui.style.theme import FixedScheme, Theme
from paramdesk.ui.table.table_panel import TablePanel
from paramdesk.ui.totals.strip import TotalsStrip
from tests.benchmarks.bench_analysis import convolutions
from tests.helpers.networks import kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from paramdesk.engine.architecture import Architecture
    from paramdesk.engine.edits import Edit

EDITS: dict[str, Callable[[Architecture, int], Edit]] = {
    "one layer changed": lambda net, run: configure(net, 500, filters=20 + run),
    "a layer inserted": lambda net, run: insert_kind(net, kind("ReLU"), Place(500 - run)),
    "a layer moved": lambda net, run: move(net, (300 + run,), Place(700)),
    "the input changed": lambda net, run: configure(net, 0, shape=(65 + run, 64, 8)),
}


class Bench:
    """Panels over one document, in the sizes of the usual window."""

    def __init__(self, names: str, count: int) -> None:
        theme = Theme(FixedScheme())
        icons = Icons(theme)
        store = QSettings(str(Path(tempfile.mkdtemp()) / "bench.ini"), QSettings.Format.IniFormat)
        settings = Settings(store)
        self.document = Document()
        self.document.open(convolutions(count))
        self.panels: list[QWidget] = []
        if "table" in names:
            self._add(TablePanel(self.document, theme, icons, settings), 700, 308)
        if "chart" in names:
            chart = ChartPanel(self.document, theme, icons, settings)
            chart.load()
            self._add(chart, 400, 308)
        if "totals" in names:
            self._add(TotalsStrip(self.document, theme, icons), 1440, 64)
        QApplication.processEvents()

    def _add(self, panel: QWidget, width: int, height: int) -> None:
        panel.resize(width, height)
        panel.show()
        self.panels.append(panel)

    def best_ms(self, edit: Callable[[Architecture, int], Edit], runs: int = 15) -> float:
        """The shortest of several edits with their repaints, in milliseconds."""
        times = []
        for run in range(runs):
            made = edit(self.document.architecture, run)
            start = time.perf_counter()
            self.document.apply(made)
            QApplication.processEvents()
            times.append(time.perf_counter() - start)
        return min(times) * 1000

    def close(self) -> None:
        """Closes the panels."""
        for panel in self.panels:
            panel.close()
            panel.deleteLater()
        QApplication.processEvents()


def measured(names: str, count: int = 1000) -> dict[str, float]:
    """What each edit takes with these panels; of the document alone for an empty text."""
    figures = {}
    for what, edit in EDITS.items():
        bench = Bench(names, count)
        figures[what] = bench.best_ms(edit)
        bench.close()
    return figures


def main() -> None:
    """Measures and prints."""
    _application = QApplication([])
    alone = measured("")
    for names in ("table", "chart", "totals", "table chart totals"):
        for what, milliseconds in measured(names).items():
            own = milliseconds - alone[what]
            print(f"{names:20} {what:20} {milliseconds:7.2f} ms, of it the panels {own:6.2f} ms")  # noqa: T201  # its purpose


if __name__ == "__main__":
    main()
