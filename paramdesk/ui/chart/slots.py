"""Which bars are in sight: zooming and moving along, in slots. Pure, no Qt."""

from __future__ import annotations

import math

FEWEST = 6.0
"""The narrowest view that zooming leads to."""


class Slots:
    """A window on a row of slots, one per bar; until it is zoomed, it shows all.

    Attributes:
        count: how many slots there are.
    """

    def __init__(self, count: int = 0) -> None:
        self.count = count
        self._first = self._last = 0.0  # last 0: all

    @property
    def is_zoomed(self) -> bool:
        """Whether some are out of sight."""
        return bool(self._last)

    @property
    def shown(self) -> tuple[float, float]:
        """The first in sight, and where the sight ends."""
        return (self._first, self._last) if self._last else (0.0, float(max(1, self.count)))

    def places(self) -> range:
        """The slots in sight, also those in part."""
        first, last = self.shown
        return range(int(first), min(self.count, math.ceil(last)))

    def recount(self, count: int) -> None:
        """Take another number of slots; what is in sight stays as far as it can."""
        self.count = count
        if self._last > count:
            self.show_all()

    def show_all(self) -> None:
        """Zoom out."""
        self._first = self._last = 0.0

    def zoom(self, factor: float, part: float) -> None:
        """Show fewer slots (a factor above 1) or more.

        Args:
            factor: how much larger a slot becomes.
            part: what stays in its place: 0 is the left end, 1 the right one.
        """
        first, last = self.shown
        most = float(max(1, self.count))
        span = max(min(most, FEWEST), (last - first) / factor)
        if span >= most:
            self.show_all()
            return
        self._move(first + part * (last - first - span), span)

    def pan_to(self, first: float) -> None:
        """Begin with another slot, where some are out of sight."""
        if self.is_zoomed:
            self._move(first, self._last - self._first)

    def reveal(self, place: int) -> None:
        """Bring a slot into sight, with one beside it."""
        first, last = self.shown
        if place < first:
            self.pan_to(place - 1)
        elif place + 1 > last:
            self.pan_to(place + 2 - (last - first))

    def _move(self, first: float, span: float) -> None:
        self._first = min(max(0.0, first), max(0.0, self.count - span))
        self._last = self._first + span
