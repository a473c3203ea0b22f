"""What is painted around the bars: ground, slots, grid, values, icons, marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush

from paramdesk.ui.chart.chart_bars import label_texts
from paramdesk.ui.style.painting import focus_ring, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from paramdesk.ui.chart.chart_bars import Bars
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

ICON_SLOT = 36
"""From this width on, a slot has its layer's icon below it."""
LABEL_SLOT = 6
"""Below this width, only selected bars have their value above them."""
SHOWN_MARKED = 6
"""And only where no more than so many are selected."""


class Plot(Protocol):
    """What is painted around: where the bars are, and which of them are marked."""

    bars: Bars
    selected: frozenset[int]
    hovered_place: int | None

    def plot_rect(self) -> QRectF:
        """Where the bars are."""

    def slot_rect(self, place: int) -> QRectF:
        """The slot of a bar, from the top of the plot to below the icons."""

    def slot_width(self) -> float:
        """How wide a slot is."""

    def y_of(self, height: float) -> float:
        """Where a height of the axis is."""

    def bar_top(self, place: int) -> float:
        """Where a bar ends."""

    def places_shown(self) -> range:
        """The places of the bars in sight."""

    def rect(self) -> QRect:
        """The whole widget."""


def ground(painter: QPainter, theme: Theme, plot: Plot, grid: Sequence[float]) -> None:
    """Draw what lies behind the bars."""
    tokens, rect = theme.tokens, plot.plot_rect()
    painter.resetTransform()
    painter.fillRect(plot.rect(), tokens.surface)
    shown = plot.places_shown()
    marked = [(place, tokens.select) for place in sorted(plot.selected) if place in shown]
    if plot.hovered_place is not None and plot.hovered_place not in plot.selected:
        marked.append((plot.hovered_place, tokens.hover))
    radius = min(theme.metrics.radius, plot.slot_width() / 4)
    clip = QRectF(rect.left(), 0, rect.width(), rect.bottom() + theme.px(40))
    painter.save()
    painter.setClipRect(clip)
    for place, colour in marked:
        slot = plot.slot_rect(place)
        inset = min(theme.pxf(1), slot.width() / 8)
        rounded(painter, slot.adjusted(inset, 0, -inset, 0), radius, colour)
    painter.restore()
    for height in grid[1:]:
        y = plot.y_of(height)
        if y >= rect.top():
            painter.fillRect(QRectF(rect.left(), round(y), rect.width(), 1), tokens.grid)


def labels(painter: QPainter, theme: Theme, icons: Icons, plot: Plot, *, shows_ring: bool) -> None:
    """Draw what stands before and below the bars."""
    rect = plot.plot_rect()
    painter.resetTransform()
    painter.save()
    painter.fillRect(QRectF(rect.left(), round(rect.bottom()), rect.width(), 1), theme.tokens.border)
    painter.setClipRect(QRectF(rect.left(), 0, rect.width(), rect.bottom() + theme.px(40)))
    _marks(painter, theme, icons, plot)
    painter.setClipping(False)
    _values(painter, theme, plot)
    if plot.slot_width() >= theme.pxf(ICON_SLOT):
        _icons(painter, theme, icons, plot)
    else:
        _numbers(painter, theme, plot)
    if shows_ring:
        ring = QRectF(rect.left(), rect.top(), rect.width(), rect.height() + theme.pxf(32))
        focus_ring(theme, painter, ring.adjusted(-theme.pxf(4), -theme.pxf(3), theme.pxf(4), 0))
    painter.restore()


def _icons(painter: QPainter, theme: Theme, icons: Icons, plot: Plot) -> None:
    size, y = theme.metrics.item_icon, plot.plot_rect().bottom() + theme.pxf(17)
    for place in plot.places_shown():
        category = plot.bars.reports[place].layer.kind.category
        x = plot.slot_rect(place).center().x()
        icons.paint(painter, category, category, QRectF(x - size / 2, y - size / 2, size, size))


def _numbers(painter: QPainter, theme: Theme, plot: Plot) -> None:
    """Draw as many row numbers as fit side by side; a selected bar always has its own."""
    shown = plot.places_shown()
    if not shown:
        return
    metrics = theme.font_metrics("caption")
    widest = metrics.horizontalAdvance(f"{shown.stop:,}") + theme.pxf(8)
    slot = plot.slot_width()
    every = next(step for step in _steps() if step * slot >= widest)
    y = plot.plot_rect().bottom() + theme.pxf(8) + metrics.ascent()
    taken: list[tuple[float, float]] = []
    first = [place for place in sorted(plot.selected) if place in shown]
    painter.setFont(theme.font("caption"))
    start = (shown.start + every) // every * every - 1
    for place in [*first, *range(1 - shown.start), *range(start, shown.stop, every)]:
        text = f"{place + 1:,}"
        width = metrics.horizontalAdvance(text)
        left = plot.slot_rect(place).center().x() - width / 2
        if all(left > right or left + width < other for other, right in taken):
            taken.append((left - theme.pxf(4), left + width + theme.pxf(4)))
            painter.setPen(theme.tokens.text if place in plot.selected else theme.tokens.muted)
            painter.drawText(QPointF(left, y), text)


def _steps() -> Sequence[int]:
    return [step * 10**power for power in range(7) for step in (1, 2, 5)]


def _values(painter: QPainter, theme: Theme, plot: Plot) -> None:
    """Draw the numbers above the bars."""
    for place, text, room in value_labels(theme, plot):
        is_selected = place in plot.selected
        painter.setFont(theme.font("caption_medium" if is_selected else "caption"))
        painter.setPen(theme.tokens.text if is_selected else theme.tokens.muted)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)


def value_labels(theme: Theme, plot: Plot) -> list[tuple[int, str, QRectF]]:
    """Which bars have their number above them, and where: the marked bars' first, then from the highest down.

    A number is exact if there is room for it, else short, else not there.
    """
    shown, slot = plot.places_shown(), plot.slot_width()
    marked = sorted(place for place in {*plot.selected, plot.hovered_place} if place is not None and place in shown)
    others: list[int] = []
    if slot >= theme.pxf(LABEL_SLOT):
        heights = plot.bars.heights
        others = sorted((place for place in shown if place not in marked), key=heights.__getitem__, reverse=True)
    metrics = theme.font_metrics("caption_medium")
    height, rect = metrics.height(), plot.plot_rect()
    edges = (rect.left() - theme.pxf(6), rect.right() + theme.pxf(10))
    found: list[tuple[int, str, QRectF]] = []
    taken: list[QRectF] = []
    if not others and len(marked) > SHOWN_MARKED:
        # A few numbers of many would be there by chance; the sum of all is read out above the plot.
        marked = [place for place in marked if place == plot.hovered_place]
    for place in [*marked, *others]:
        value = plot.bars.values[place]
        if value is None or (not value and not others and place != plot.hovered_place):
            continue
        centre, top = plot.slot_rect(place).center().x(), plot.bar_top(place)
        for text in label_texts(value, plot.bars.metric):
            width = metrics.horizontalAdvance(text) + theme.pxf(3)
            left = min(max(centre - width / 2, edges[0]), edges[1] - width)
            room = QRectF(left, top - theme.pxf(4) - height, width, height)
            if _is_free(plot, place, room, taken):
                taken.append(room)
                found.append((place, text, room))
                break
    return found


def _is_free(plot: Plot, place: int, room: QRectF, taken: list[QRectF]) -> bool:
    """Whether a value runs into no other value and into no higher bar beside it."""
    if any(room.intersects(other) for other in taken):
        return False
    slot = plot.slot_width()
    reach = int(room.width() / 2 / max(1.0, slot) + 0.7)
    shown = plot.places_shown()
    beside = range(max(shown.start, place - reach), min(shown.stop, place + reach + 1))
    if len(beside) > 30:
        return False
    half = slot * 0.3
    for other in beside:
        centre = plot.slot_rect(other).center().x()
        overlaps = centre - half < room.right() and centre + half > room.left()
        if other != place and overlaps and plot.bar_top(other) < room.bottom():
            return False
    return True


def _marks(painter: QPainter, theme: Theme, icons: Icons, plot: Plot) -> None:
    """Hatch the slots of bars whose numbers are not known, with the sign of why."""
    if None not in plot.bars.values:
        return
    tokens, bottom, slot = theme.tokens, plot.plot_rect().bottom(), plot.slot_width()
    width = max(1.0, min(slot * 0.6, theme.pxf(24)))
    size = theme.metrics.tiny_icon
    for place in plot.places_shown():
        if plot.bars.values[place] is not None:
            continue
        problem = plot.bars.reports[place].problem
        severity = problem.severity if problem is not None else "unknown"
        colour = tokens.error if severity == "error" else tokens.spine
        centre = plot.slot_rect(place).center().x()
        height = theme.pxf(20)
        room = QRectF(centre - width / 2, bottom - height, width, height)
        painter.fillRect(room, QBrush(colour, Qt.BrushStyle.BDiagPattern))
        if slot < size + 2:
            continue
        above = QRectF(centre - size / 2, room.top() - size - theme.pxf(4), size, size)
        if severity in {"unknown", "warning"}:
            painter.setFont(theme.font("caption_strong"))
            painter.setPen(tokens.muted)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, "?")
        else:
            icons.paint(painter, "error" if severity == "error" else "wait", colour, above)
