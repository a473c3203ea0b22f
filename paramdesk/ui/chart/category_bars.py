"""The bars as pyqtgraph draws them: one item per category. Loaded only after the first paint."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyqtgraph

if TYPE_CHECKING:
    from paramdesk.ui.chart.chart_bars import Bars
    from paramdesk.ui.style.theme import Theme

__all__ = ["CategoryBars"]


class _Set(NamedTuple):
    """The bars of a category: their places, from left to right, and their heights."""

    places: np.ndarray
    heights: np.ndarray

    def thinned(self, slot: float) -> _Set:
        """The highest bar of each pixel, a pixel apart: narrower ones would be painted over one another."""
        if slot >= 1 or not len(self.places):
            return self
        pixels = ((self.places + 0.5) * slot).astype(int)
        firsts = np.flatnonzero(np.diff(pixels, prepend=-1))
        return _Set((pixels[firsts] + 0.5) / slot - 0.5, np.maximum.reduceat(self.heights, firsts))


_NONE = _Set(np.array((), dtype=int), np.array(()))


class CategoryBars:
    """The items of one plot. A brush per bar instead of a brush per item would cost ten times as much to draw.

    Attributes:
        items: by category.
    """

    def __init__(self, plot: pyqtgraph.PlotWidget, theme: Theme) -> None:
        self.items: dict[str, pyqtgraph.BarGraphItem] = {}
        self._plot = plot
        self._theme = theme
        self._sets: dict[str, _Set] = {}
        self._categories: list[str] = []
        self._places: dict[str, np.ndarray] = {}
        self._fitted: tuple[float, float] | None = None

    def take(self, bars: Bars) -> None:
        """Take other bars; `fit` draws them."""
        categories = bars.categories()
        if categories != self._categories:
            self._categories = categories
            numbers = {category: number for number, category in enumerate(dict.fromkeys(categories))}
            numbered = np.fromiter(map(numbers.__getitem__, categories), dtype=int, count=len(categories))
            self._places = {category: np.flatnonzero(numbered == number) for category, number in numbers.items()}
        heights = np.array(bars.heights, dtype=float)
        self._sets = {category: _Set(places, heights[places]) for category, places in self._places.items()}
        for category in self._sets.keys() - self.items.keys():
            brush = self._theme.category_color(category)
            item = pyqtgraph.BarGraphItem(x=[], height=[], width=1, y0=0, pen=None, brush=brush)
            self.items[category] = item
            self._plot.addItem(item, ignoreBounds=True)
        self._fitted = None

    def fit(self, slot: float, width: float) -> None:
        """Draw the bars for slots of so many pixels, each so wide in terms of its slot."""
        if self._fitted == (slot, width):
            return
        self._fitted = (slot, width)
        for category, item in self.items.items():
            places, heights = self._sets.get(category, _NONE).thinned(slot)
            item.setOpts(x=places, height=heights, width=width)

    def dress(self) -> None:
        """Take the colours of the theme over."""
        for category, item in self.items.items():
            item.setOpts(brush=self._theme.category_color(category))
