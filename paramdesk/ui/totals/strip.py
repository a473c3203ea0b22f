"""The strip of totals under the tool bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from paramdesk.ui.controls.bounds import within_screen
from paramdesk.ui.totals.cell import TotalCell
from paramdesk.ui.totals.figures import figures, peak_row

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from paramdesk.engine.summary import Summary
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

__all__ = ["TotalsStrip"]

PEAK = 5
"""Which cell tells the peak activations."""


class TotalsStrip(QWidget):
    """Six totals of the document's network. One of them takes the focus; arrow keys go on from there.

    Attributes:
        cells: the totals in their order.
    """

    def __init__(self, document: Document, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        theme.dress(self, ground="surface")
        self.setAccessibleName("Totals")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.cells = tuple(TotalCell(theme, figure, self) for figure in figures(document.summary))
        for cell in self.cells:
            row.addWidget(cell, 1)
            cell.stepped.connect(self._on_stepped)
            cell.copy_all_asked.connect(self.copy_all)
        self.cells[PEAK].activated.connect(self.select_peak)
        self.cells[0].setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        document.changed.connect(self._on_changed)
        document.replaced.connect(self._refresh)
        theme.theme_changed.connect(self._on_theme_changed)
        self._refresh()

    def copy_all(self) -> None:
        """Put all totals on the clipboard, a line each: what it is, a tab, plain digits."""
        lines = [f"{c.figure.caption}\t{'' if c.figure.exact is None else c.figure.exact}" for c in self.cells]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def select_peak(self) -> None:
        """Select the layer during which most memory is needed."""
        report = peak_row(self._document.summary)
        if report is not None:
            self._document.selection.select((report.layer.id,))

    # --- Qt ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Return the height of the theme."""
        return QSize(super().sizeHint().width(), self._theme.metrics.totals_strip)

    def minimumSizeHint(self) -> QSize:
        """Return the height of the theme and room for six short numbers."""
        return within_screen(self, QSize(super().minimumSizeHint().width(), self._theme.metrics.totals_strip))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines between the cells and below them."""
        painter = QPainter(self)
        colour = self._theme.tokens.hairline
        inset = self._theme.px(10)
        for cell in self.cells[1:]:
            painter.fillRect(cell.x(), inset, 1, self.height() - 2 * inset - 1, colour)
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour)
        painter.end()

    # --- inside -----------------------------------------------------------------------------

    def _on_changed(self, former: Summary) -> None:
        self._refresh()

    def _refresh(self) -> None:
        summary = self._document.summary
        for cell, figure in zip(self.cells, figures(summary), strict=True):
            cell.figure = figure
        self.cells[PEAK].leads_somewhere = peak_row(summary) is not None

    def _on_stepped(self, step: int) -> None:
        here = next((index for index, cell in enumerate(self.cells) if cell is self.sender()), 0)
        target = self.cells[(here + step) % len(self.cells)]
        for cell in self.cells:
            is_target = cell is target
            cell.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_target else Qt.FocusPolicy.ClickFocus)
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_theme_changed(self) -> None:
        for cell in self.cells:
            cell.updateGeometry()
        self.updateGeometry()
        self.update()
