"""Keeps heights and columns of the stack's rows in step with what they show."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from paramdesk.ui.stack.row_geometry import row_geometry

if TYPE_CHECKING:
    from paramdesk.ui.stack.stack_model import StackModel
    from paramdesk.ui.stack.stack_view import StackView
    from paramdesk.ui.style.theme import Theme


class RowSizes:
    """The sizes of one view's rows.

    Nearly all rows have the usual height, which the header keeps as one number; only the others are told to it.
    """

    def __init__(self, theme: Theme, model: StackModel, view: StackView) -> None:
        self._theme = theme
        self._model = model
        self._view = view
        self._tall: frozenset[int] = frozenset()

    def restart(self) -> None:
        """Take the sizes of the theme over again."""
        self._view.verticalHeader().setDefaultSectionSize(self._theme.metrics.stack_row)
        self._view.delegate.geometry = None

    def fit_heights(self) -> None:
        """Give rows that say why they cannot be computed their second line.

        The header keeps the height of a row that moves, so only rows that are or were tall need a look.
        """
        model, header = self._model, self._view.verticalHeader()
        tall = {row.id: place for place, row in enumerate(model.rows) if row.state == "error"}
        places = {place for place in map(model.place_of, self._tall) if place is not None}.union(tall.values())
        self._fit(places, set(tall.values()))
        if header.length() != self._length(len(tall)):
            self._fit(set(range(len(model.rows))), set(tall.values()))
        self._tall = frozenset(tall)

    def _fit(self, places: set[int], tall: set[int]) -> None:
        header, metrics = self._view.verticalHeader(), self._theme.metrics
        for place in places:
            height = metrics.error_row if place in tall else metrics.stack_row
            if header.sectionSize(place) != height:
                header.resizeSection(place, height)

    def _length(self, tall: int) -> int:
        metrics = self._theme.metrics
        return metrics.stack_row * len(self._model.rows) + tall * (metrics.error_row - metrics.stack_row)

    def measure(self) -> None:
        """Find out where the parts of the rows stand now."""
        theme, view, rows = self._theme, self._view, self._model.rows
        longest = max(map(attrgetter("name"), rows), key=len, default="")
        width = theme.font_metrics("base").horizontalAdvance(longest)
        depth = max(map(attrgetter("depth"), rows), default=0)
        # As it is written in the selected row, where it is widest.
        most = f"{max(filter(None, map(attrgetter('parameters'), rows)), default=0):,}"
        count = theme.font_metrics("heading").horizontalAdvance(most)
        geometry = row_geometry(theme, view.viewport().width(), self._model.lanes.width, width, depth, count)
        if geometry != view.delegate.geometry:
            view.delegate.geometry = geometry
            view.geometry_changed.emit()
            view.viewport().update()
