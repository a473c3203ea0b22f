"""How long the stack takes: rows after an edit, an insert into a long stack with its repaint, painting what is visible.

Run it by itself: `python -m tests.benchmarks.bench_stack`. Times are the machine's, ratios the program's.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from paramdesk.engine.analysis import analyze
from paramdesk.engine.edits import configure, insert_kind
from paramdesk.engine.places import Place
from paramdesk.ui.document.document import Document
from paramdesk.ui.notices import Notices
from paramdesk.ui.stack.lanes import lay_out, wiring
from paramdesk.ui.stack.stack_panel import StackPanel
from paramdesk.ui.stack.stack_rows import stack_rows
from paramdesk.ui.style.icons import Icons
from paramdesk.ui.style.theme import FixedScheme, Theme
from tests.benchmarks.bench_analysis import best_ms, convolutions
from tests.helpers.networks import kind, residual


def rows_after_an_edit(count: int) -> float:
    """The rows alone, after one changed layer."""
    before = convolutions(count)
    summary = analyze(before)
    former = stack_rows(before, summary)
    after = configure(before, count // 2, use_bias=False).architecture
    changed = analyze(after, summary)
    return best_ms(lambda: stack_rows(after, changed, frozenset(), former))


def whole_edits(panel: StackPanel, document: Document) -> dict[str, float]:
    """From the finished analysis to the last pixel, for one changed layer and for an insert, each with its undo."""
    architecture = document.architecture
    middle = architecture.layers[len(architecture.layers) // 2].id
    panel.view.scrollTo(panel.model.index(len(panel.model.rows) // 2, 0))
    changes = {
        "one changed layer": configure(architecture, middle, use_bias=False).architecture,
        "an insert": insert_kind(architecture, kind("ReLU"), Place(middle)).architecture,
    }
    found = {}
    for what, changed in changes.items():
        summaries = [(changed, analyze(changed, document.summary)), (architecture, document.summary)]

        def there_and_back(summaries: list = summaries) -> None:
            for document.architecture, summary in summaries:
                former, document.summary = document.summary, summary
                document.changed.emit(former)
                QApplication.processEvents()  # paints what was updated

        found[what] = best_ms(there_and_back, runs=10) / 2
    return found


def main() -> None:
    """Measures and prints."""
    application = QApplication([])
    theme = Theme(FixedScheme())
    theme.apply(application)
    document = Document()
    panel = StackPanel(document, theme, Icons(theme), Notices())
    panel.resize(880, 700)
    panel.show()
    figures = {}
    for count in (1_000, 10_000):
        figures[f"rows of {count:,} after one changed layer"] = rows_after_an_edit(count)
        network = convolutions(count)
        document.open(network)
        application.processEvents()
        figures[f"opening {count:,} (without the analysis)"] = best_ms(document.replaced.emit, runs=3)
        application.processEvents()
        for what, milliseconds in whole_edits(panel, document).items():
            figures[f"{what} in {count:,}, to the last pixel"] = milliseconds
        figures[f"painting the visible rows of {count:,}"] = best_ms(panel.view.viewport().repaint)
    skips = wiring(stack_rows(residual(300), analyze(residual(300))))
    figures["lanes of 300 residual blocks, 1,051 rows"] = best_ms(lambda: lay_out(skips))
    base = next(iter(figures.values()))
    for what, milliseconds in figures.items():
        print(f"{what:52} {milliseconds:8.2f} ms   {milliseconds / base:6.2f} ×")  # noqa: T201  # its purpose


if __name__ == "__main__":
    main()
