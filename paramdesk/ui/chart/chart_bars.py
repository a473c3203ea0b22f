"""What the chart shows: bars, their heights, the axis beside them, and all of it in words. Pure, no Qt."""

from __future__ import annotations

import heapq
import math
import operator
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import msgspec

from paramdesk.engine.digest import percent
from paramdesk.ui.totals.figures import layers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paramdesk.engine.summary import LayerReport, RowKey, Summary

Scale: TypeAlias = Literal["linear", "log"]

FLOOR = 0.5
"""Where a logarithmic axis begins: 1 has a bar that can be seen, 0 has none."""

SPOKEN = 12
"""So many bars are read out one by one; of more, the largest."""

_BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_COUNTS = ("", "k", "M", "G", "T", "P")


class Metric(msgspec.Struct, frozen=True):
    """Something to chart.

    Attributes:
        name: of the field in reports and totals.
        title: in the list to choose from.
        noun: behind a number.
        is_bytes: whether the axis counts in KiB and MiB.
    """

    name: str
    title: str
    noun: str
    is_bytes: bool = False

    def value(self, report: LayerReport) -> int | None:
        """What a layer has of it; None where it is not known."""
        found: int | None = getattr(report, self.name)
        return found

    def words(self, value: int) -> str:
        """A number with its noun: "18,496 parameters"."""
        return f"{value:,} {self.noun.removesuffix('s') if value == 1 else self.noun}"


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("parameters", "Parameters", "parameters"),
        Metric("macs", "MACs", "MACs"),
        Metric("activation_bytes", "Activation bytes", "bytes of activations", is_bytes=True),
        Metric("weight_bytes", "Weight bytes", "bytes of weights", is_bytes=True),
    )
}


class Bars(msgspec.Struct, frozen=True, eq=False):
    """The bars of a summary, one per layer; inputs have none.

    Attributes:
        summary: where they are from.
        metric: what they show.
        scale: how high they are for it.
        reports: the layers.
        values: their numbers; None where not known.
        heights: in units of the axis; floats, for drawing only.
    """

    summary: Summary
    metric: Metric
    scale: Scale
    reports: list[LayerReport]
    values: list[int | None]
    heights: list[float]

    def __len__(self) -> int:
        return len(self.reports)

    def categories(self) -> list[str]:
        """The category of each bar."""
        return [report.layer.kind.category for report in self.reports]

    def place_of(self, key: RowKey | None) -> int | None:
        """Where the bar of a row is; None if it has none."""
        return next((place for place, report in enumerate(self.reports) if report.key == key), None)

    def reading(self, place: int) -> tuple[str, str]:
        """A bar in words: its layer, and the exact number with its part of the total."""
        report, value = self.reports[place], self.values[place]
        if value is None:
            problem = report.problem
            unsaid = "a size of the input is not known" if report.is_computed else "nothing says what it makes"
            return report.path, problem.message if problem else f"not known: {unsaid}"
        text = self.metric.words(value)
        total = self._total()
        if total and not self._lacking:
            text += f", {percent(value, total)} of the total"
        return report.path, text

    def sum_reading(self, places: Sequence[int]) -> tuple[str, str]:
        """Several bars together in words."""
        known = [value for place in places if (value := self.values[place]) is not None]
        if not known:
            return layers(len(places)), "not known"
        text = self.metric.words(sum(known))
        total = self._total()
        if len(known) < len(places):
            text = f"at least {text}"
        elif total and not self._lacking:
            text += f", {percent(sum(known), total)} of the total"
        return layers(len(places)), text

    def total_reading(self) -> tuple[str, str]:
        """All bars in words."""
        count = layers(len(self))
        total = self._total()
        if total is None:
            is_nothing_computed = self._lacking >= len(self.summary.layers)
            why = "no layer is computed" if is_nothing_computed else "a size of the input is not"
            return count, f"{self.metric.noun} not known, because {why}"
        bound = "at least " if self._lacking else ""
        return count, f"{bound}{self.metric.words(total)}"

    def description(self) -> str:
        """The chart for those who do not see it."""
        if not self.reports:
            return f"Bar chart of {self.metric.noun} per layer: no layers"
        shown: Sequence[int] = range(len(self))
        if len(self) > SPOKEN:
            sizes = [-1 if value is None else value for value in self.values]
            shown = heapq.nlargest(SPOKEN, shown, sizes.__getitem__)
        intro = f"Bar chart of {self.metric.noun} per layer"
        if len(self) > SPOKEN:
            intro += f", {len(self):,} layers, the {len(shown)} largest"
        told = []
        for place in shown:
            value = self.values[place]
            told.append(f"{self.reports[place].path} {'not known' if value is None else f'{value:,}'}")
        return f"{intro}: {', '.join(told)}"

    @property
    def _lacking(self) -> int:
        """How many layers the sum of the bars lacks."""
        return self.summary.totals.lacking(self.metric.name)

    def _total(self) -> int | None:
        found: int | None = getattr(self.summary.totals, self.metric.name)
        return found


def bars(summary: Summary, metric: Metric, scale: Scale) -> Bars:
    """The bars of a summary."""
    reports = [report for report in summary.layers if not report.layer.kind.is_input]
    values = list(map(operator.attrgetter(metric.name), reports))
    if scale == "log":
        heights = [log_height(value) if value else 0.0 for value in values]
    else:
        heights = [float(value) if value else 0.0 for value in values]
    return Bars(summary, metric, scale, reports, values, heights)


def log_height(value: float) -> float:
    """How high a number stands on a logarithmic axis that begins at the floor."""
    return math.log10(value / FLOOR)


# The axis -------------------------------------------------------------------------------------------------------------


class Tick(NamedTuple):
    """A line of the grid and what stands beside it."""

    height: float
    text: str


def ticks(top: float, scale: Scale, *, is_bytes: bool, count: int) -> list[Tick]:
    """The grid of an axis that ends at `top`, of about `count` lines.

    >>> [tick.text for tick in ticks(43000, "linear", is_bytes=False, count=5)]
    ['0', '10,000', '20,000', '30,000', '40,000']
    >>> [tick.text for tick in ticks(log_height(20000), "log", is_bytes=False, count=6)]
    ['1', '10', '100', '1k', '10k']
    >>> [tick.text for tick in ticks(90000, "linear", is_bytes=True, count=5)]
    ['0', '20 KiB', '40 KiB', '60 KiB', '80 KiB']
    >>> [tick.text for tick in ticks(43000, "linear", is_bytes=False, count=1)]
    ['0', '20,000', '40,000']
    """
    if top <= 0:
        return [Tick(0, "0")]
    if scale == "log":
        return _log_ticks(top, is_bytes=is_bytes, count=count)
    unit = 1024 ** min(len(_BYTES) - 1, int(math.log(max(top, 1), 1024))) if is_bytes else 1
    step = max(_nice(top / max(1, count) / unit), 0 if unit > 1 else 1) * unit
    while step > top >= unit:  # a zero alone says nothing
        step = _nice(step / unit / 2.5) * unit
    found = []
    for number in range(int(top / step) + 1):
        value = number * step
        found.append(Tick(value, axis_text(value, is_bytes=is_bytes, unit=unit)))
    return found


def _log_ticks(top: float, *, is_bytes: bool, count: int) -> list[Tick]:
    base = 32 if is_bytes else 10
    highest = int(math.log(FLOOR * 10**top, base))
    every = max(1, math.ceil((highest + 1) / max(1, count)))
    if is_bytes and every > 1:
        every += every % 2
    return [
        Tick(log_height(base**power), axis_text(base**power, is_bytes=is_bytes, unit=0))
        for power in range(0, highest + 1, every)
    ]


def _nice(least: float) -> float:
    """The next of 1, 2, 5, 10, 20, … from a number upwards."""
    if least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))


def axis_text(value: float, *, is_bytes: bool, unit: int) -> str:
    """A number beside the axis; `unit` is what bytes are counted in, or 0 for whatever fits.

    >>> axis_text(2_500_000, is_bytes=False, unit=1), axis_text(1024, is_bytes=True, unit=0)
    ('2.5 M', '1 KiB')
    """
    if is_bytes:
        if not value:
            return "0"
        step = int(math.log(unit or value, 1024) + 1e-9)
        return f"{value / 1024**step:,g} {_BYTES[step]}"
    if unit == 0:
        step = int(math.log(max(1, value), 1000) + 1e-9)
        return f"{value / 1000**step:g}{_COUNTS[step]}"
    if value < 1_000_000:
        return f"{value:,.0f}"
    step = min(len(_COUNTS) - 1, int(math.log(value, 1000) + 1e-9))
    return f"{value / 1000**step:,g} {_COUNTS[step]}"


def label_texts(value: int, metric: Metric) -> tuple[str, ...]:
    """What may stand above a bar, the exact number first.

    >>> label_texts(2230272, METRICS["macs"]), label_texts(320, METRICS["macs"])
    (('2,230,272', '2.23M'), ('320',))
    """
    exact = f"{value:,}"
    if value < 10_000:
        return (exact,)
    base, units = (1024, _BYTES) if metric.is_bytes else (1000, _COUNTS)
    size, step = float(value), 0
    while size >= base * 0.9995 and step < len(units) - 1:
        size, step = size / base, step + 1
    digits = 2 if size < 10 else 1 if size < 100 else 0
    gap = " " if metric.is_bytes else ""
    return exact, f"{size:.{digits}f}{gap}{units[step]}"
