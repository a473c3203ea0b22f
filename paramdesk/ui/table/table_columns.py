"""Which columns the table shows, where and how wide: between the header and the settings."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from paramdesk.ui.table.cell_look import NAMES, blocks_of, edges, outer_sections, shown_sections
from paramdesk.ui.table.column_widths import (
    ELIDED,
    Need,
    arranged,
    default_arrangement,
    fitted,
    stored_widths,
    usual_width,
)

if TYPE_CHECKING:
    from paramdesk.ui.settings import Settings
    from paramdesk.ui.style.theme import Theme
    from paramdesk.ui.table.table_view import TableView

__all__ = ["TableColumns"]


SAMPLE = 50
"""So many rows at each end are looked at to find a column's width."""

MEASURED = 8
"""So many of their texts are measured, the longest ones: not always is the one of most letters the widest."""


class TableColumns(QObject):
    """Keeps order, choice and widths of the columns through restarts.

    Until the user changes a width, the columns fill the table and grow with their totals; from then on they stay.

    Signals:
        changed: columns are shown, hidden, moved or resized.
    """

    changed = Signal()

    def __init__(self, view: TableView, theme: Theme, settings: Settings) -> None:
        super().__init__(view)
        self._view = view
        self._header = view.header
        self._theme = theme
        self._settings = settings
        self._model = view.summary_model
        self._names = [column.name for column in self._model.columns]
        self._acting = False
        self._content: dict[str, tuple[int, int]] = {}
        self._demands: tuple[int, ...] = ()
        self._widths = dict(settings.table_widths)
        self._arrange(settings.table_columns)
        self.fit()
        self._header.sectionMoved.connect(self._on_moved)
        self._header.sectionResized.connect(self._on_resized)

    def shown(self) -> tuple[str, ...]:
        """Return the names of the columns in sight, from left to right."""
        return tuple(self._names[section] for section in shown_sections(self._header))

    def show_column(self, name: str, shown: bool) -> None:
        """Show or hide a column; the last one in sight stays."""
        if not shown and self.shown() == (name,):
            return
        self._acting = True
        self._header.setSectionHidden(self._names.index(name), not shown)
        self._acting = False
        self._keep_order()
        self.fit()

    def restore(self) -> None:
        """Bring back columns, order and widths of the first start."""
        self._settings.table_columns = ()
        self._settings.table_widths = ()
        self._widths = {}
        self._arrange(())
        self.fit()

    def fit(self) -> None:
        """Give every column in sight its width."""
        theme, header = self._theme, self._header
        self._acting = True
        if self._widths:
            for name in self.shown():
                width = self._widths.get(name, usual_width(name))
                header.resizeSection(self._names.index(name), theme.px(width))
        else:
            needs = {name: self._need(name) for name in self.shown()}
            for name, width in fitted(needs, self._view.room(), theme.px).items():
                header.resizeSection(self._names.index(name), width)
        self._acting = False
        self._view.show_edges()
        self.changed.emit()

    def follow(self) -> None:
        """Give the columns their widths again if a total has become longer or shorter, or rows have got marks."""
        if self._widths:
            return
        demands = (*self._lengths_of_totals(), self._mark_width())
        if self._has_longer_texts() or demands != self._demands:
            self._demands = demands
            self.fit()

    def _has_longer_texts(self) -> bool:
        """Whether names or kinds have come that are longer than those measured, which are forgotten then."""
        longer = [
            name
            for name in self.shown()
            if name in ELIDED and name in self._content and self._measured(name) > self._content[name]
        ]
        for name in longer:
            del self._content[name]
        return bool(longer)

    def refit(self) -> None:
        """Measure the rows again, and give every column its width."""
        self._content.clear()
        self.fit()

    # --- inside -----------------------------------------------------------------------------

    def _arrange(self, stored: tuple[tuple[str, bool], ...]) -> None:
        header = self._header
        wanted = arranged(self._names, stored) if stored else default_arrangement(self._names)
        if not any(shown for _name, shown in wanted):
            wanted = default_arrangement(self._names)
        self._acting = True
        for place, (name, shown) in enumerate(wanted):
            section = self._names.index(name)
            header.moveSection(header.visualIndex(section), place)
            header.setSectionHidden(section, not shown)
        self._acting = False

    def _lengths_of_totals(self) -> list[int]:
        columns, summary = self._model.columns, self._model.summary
        return [len(columns[section].shown_total(summary)) for section in shown_sections(self._header)]

    def _mark_width(self) -> int:
        """What the marks of rows that have a problem, or wait for one that has, take of their names."""
        metrics = self._theme.metrics
        return metrics.tiny_icon + metrics.space if self._model.summary.problems else 0

    def _need(self, name: str) -> Need:
        section = self._names.index(name)
        column, model = self._model.columns[section], self._model
        title = self._header.title_width(section)
        edge = sum(edges(self._theme, section, outer_sections(self._header), is_number=column.is_number)) + 1
        if total := column.shown_total(model.summary):
            title = max(title, round(self._theme.font_metrics("small_strong").horizontalAdvance(total)) + edge)
        if name not in self._content:
            self._content[name] = self._measured(name)
        whole, core = self._content[name]
        mark = self._mark_width() if name in NAMES else 0
        return Need(title, whole + mark + edge, core + mark + edge)

    def _measured(self, name: str) -> tuple[int, int]:
        """How wide the texts of a column are: with the blocks that stand before a name, and without."""
        model, font = self._model, self._theme.font_metrics("small_medium" if name in NAMES else "small")
        column = model.columns[self._names.index(name)]
        sample = model.rows if len(model.rows) <= 2 * SAMPLE else model.rows[:SAMPLE] + model.rows[-SAMPLE:]
        widest = heapq.nlargest(MEASURED, {column.shown(row, model.summary) for row in sample}, key=len)
        core = math.ceil(max(map(font.horizontalAdvance, widest), default=0))
        if name != "name":
            return core, core
        blocks = self._theme.font_metrics("small").horizontalAdvance
        longest = heapq.nlargest(MEASURED, {(blocks_of(row), row.name) for row in sample}, key=_letters)
        wide = (blocks(above) + font.horizontalAdvance(text) for above, text in longest)
        return math.ceil(max(wide, default=0)), core

    def _on_moved(self, section: int, before: int, after: int) -> None:
        if not self._acting:
            self._keep_order()
            self._view.show_edges()
            self.changed.emit()

    def _on_resized(self, section: int, before: int, after: int) -> None:
        if self._acting or not before or not after:
            return
        sizes = {self._names[shown]: self._header.sectionSize(shown) for shown in shown_sections(self._header)}
        self._widths.update(stored_widths(sizes, self._theme.scale))
        self._settings.table_widths = tuple(self._widths.items())
        self.changed.emit()

    def _keep_order(self) -> None:
        header = self._header
        order = [header.logicalIndex(place) for place in range(header.count())]
        self._settings.table_columns = tuple(
            (self._names[section], not header.isSectionHidden(section)) for section in order
        )


def _letters(name: tuple[str, str]) -> int:
    return len(name[0]) + len(name[1])
