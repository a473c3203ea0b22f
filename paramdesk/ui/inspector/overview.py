"""What the page "How it is computed" says of more than one layer, and of a layer that cannot be computed. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paramdesk.engine.errors import Refusal
from paramdesk.engine.explanation import Line, Section
from paramdesk.engine.formula import number, product
from paramdesk.ui.inspector.subject import shape_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paramdesk.engine.summary import LayerReport, Summary

MOST_LINES = 12


def sections_of(report: LayerReport) -> tuple[Section, ...]:
    """A layer's explanation; of one that cannot be computed, what can be said all the same."""
    sections = report.explanation()
    return sections if report.is_computed else (*sections, *_known_all_the_same(report))


def _known_all_the_same(report: LayerReport) -> tuple[Section, ...]:
    lines = [
        Line("Input", "", f"from {path}", shape_text(shape[1:]))
        for path, shape in zip(report.inputs, report.input_shapes, strict=False)
    ]
    if lines and not report.weights:
        try:
            weights = report.layer.kind.weights_on(report.input_specs)
        except Refusal:
            weights = ()
        for weight in weights:
            values = product(weight.shape)
            if isinstance(values, int):
                sizes = " × ".join(number(int(n)) if isinstance(n, int) else "?" for n in weight.shape)
                lines.append(Line(weight.name.replace("_", " ").capitalize(), "", sizes, number(int(values))))
    return (Section("Known all the same", lines=tuple(lines)),) if lines else ()


def together(reports: Sequence[LayerReport], summary: Summary, *, is_whole: bool) -> tuple[Section, ...]:
    """Where the parameters, MACs and bytes of several layers come from: the largest of each, and the sum."""
    weighed = [report for report in reports if report.parameters is not None]
    computed = [report for report in reports if report.is_computed]
    of_weights, of_work = _missing(len(reports) - len(weighed)), _missing(len(reports) - len(computed))
    remarks = summary.remarks if is_whole else ()
    found = [
        _sum_of("Parameters", [(r.path, r.parameters) for r in weighed], of_weights + remarks, ""),
        _sum_of("Multiply-accumulates (MACs)", [(r.path, r.macs) for r in computed], () if of_weights else of_work, ""),
    ]
    if is_whole:
        found.append(_peak(summary))
    return tuple(section for section in found if section is not None)


def _missing(count: int) -> tuple[str, ...]:
    """What is to be said of sums that lack so many layers."""
    if not count:
        return ()
    layers = "One layer is" if count == 1 else f"{count:,} layers are"
    return (f"{layers} not computed: the sums are lower bounds.",)


def _sum_of(title: str, values: list[tuple[str, int | None]], remarks: tuple[str, ...], unit: str) -> Section | None:
    if not values:
        return Section(title, remarks=remarks) if remarks else None
    known = [(name, value) for name, value in values if value]
    total = None if any(value is None for _name, value in values) else sum(value for _name, value in known)
    shown = known
    rest: tuple[Line, ...] = ()
    if len(known) > MOST_LINES:
        largest = sorted(known, key=_by_value, reverse=True)[:MOST_LINES]
        shown = [pair for pair in known if pair in largest]
        left = sum((_by_value(pair) for pair in known if pair not in largest), start=0)
        rest = (Line(f"and {len(known) - len(shown):,} more", "", "", number(left)),)
    lines = [Line(name, "", "", number(value)) for name, value in shown]
    result = number(total) + unit
    if not lines:
        return Section(title, lines=(Line("Total", "", "", result),), remarks=remarks)
    return Section(title, "the sum over the layers", (*lines, *rest, Line("Total", "", "", result)), remarks)


def _by_value(pair: tuple[str, int | None]) -> int:
    return pair[1] or 0


def _peak(summary: Summary) -> Section | None:
    totals = summary.totals
    if totals.peak_activation_bytes is None:
        return None
    lines = (
        Line("Weights", "", "all layers", f"{number(totals.weight_bytes)} B"),
        Line("Peak", "", f"at {totals.peak_at}" if totals.peak_at else "", f"{number(totals.peak_activation_bytes)} B"),
    )
    words = "the most that inputs and outputs need at one time"
    return Section("Memory", words, lines, aside=summary.precision)
