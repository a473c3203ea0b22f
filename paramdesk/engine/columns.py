"""The columns of a summary's table, each declared once: the window, every table format and the command line use these.

A value is what programs get (an int, a text, a tuple, None where it is not known); `text` is how people read it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TypeAlias

import msgspec

from paramdesk.engine.shape import PublicShape, sizes_text
from paramdesk.engine.summary import LayerReport, Summary

Value: TypeAlias = (
    int | float | str | tuple[str, ...] | tuple[int, ...] | tuple[float, ...] | tuple[PublicShape, ...] | None
)

MISSING = "–"
"""What people read where there is no value."""


class Column(msgspec.Struct, frozen=True):
    """One column.

    Attributes:
        name: for programs: a key in JSON, a header in CSV.
        header: for people, with the unit.
        value: what a layer has there; None where it is not known.
        text: a value as people read it; never called with None.
        is_number: whether values are compared and aligned as numbers.
        total: its sum over the architecture; None where it has none or is not known.
        is_standard: whether it belongs to the columns that programs get unasked.
        tip: what it means, in a sentence.
    """

    name: str
    header: str
    value: Callable[[LayerReport, Summary], Value]
    text: Callable[[Value], str] = str
    is_number: bool = False
    total: Callable[[Summary], Value] | None = None
    is_standard: bool = True
    tip: str = ""

    def shown(self, report: LayerReport, summary: Summary) -> str:
        """What people read in a layer's row."""
        return self.words(self.value(report, summary))

    def shown_total(self, summary: Summary) -> str:
        """What people read in the row of totals: "≥" stands before what lacks layers; empty where there is no sum."""
        if self.total is None:
            return ""
        value = self.total(summary)
        is_lower_bound = value is not None and summary.totals.lacking(self.name)
        return f"≥ {self.words(value)}" if is_lower_bound else self.words(value)

    def words(self, value: Value) -> str:
        """A value as people read it."""
        return MISSING if value is None else self.text(value)


# How values read ------------------------------------------------------------------------------------------------------


def _grouped(value: Value) -> str:
    return f"{value:,}"


def _percent(value: Value) -> str:
    return "< 0.1" if isinstance(value, float) and 0 < value < 0.05 else f"{value:.1f}"


def _listed(value: Value) -> str:
    assert isinstance(value, tuple)
    return ", ".join(map(str, value))


def _window(value: Value) -> str:
    assert isinstance(value, tuple)
    return sizes_text(n for n in value if isinstance(n, int))


def sizes(shape: PublicShape) -> str:
    """A shape as people read it, without the batch.

    >>> sizes((None, 26, 26, 32)), sizes((None, None, 64)), sizes((None,))
    ('26 × 26 × 32', '? × 64', 'one value')
    """
    return sizes_text(shape[1:])


def _shapes(value: Value) -> str:
    assert isinstance(value, tuple)
    return ", ".join(sizes(shape) for shape in value if isinstance(shape, tuple)) or MISSING


# What they hold -------------------------------------------------------------------------------------------------------


def _attribute(name: str) -> Callable[[LayerReport, Summary], Value]:
    def value(report: LayerReport, _summary: Summary) -> Value:
        found: Value = getattr(report, name)
        return found

    return value


def _sum(name: str) -> Callable[[Summary], Value]:
    def total(summary: Summary) -> Value:
        found: Value = getattr(summary.totals, name)
        return found

    return total


def _output_shapes(report: LayerReport, _summary: Summary) -> Value:
    return report.output_shapes or None


def _input_shapes(report: LayerReport, _summary: Summary) -> Value:
    return report.input_shapes


def _flops(report: LayerReport, _summary: Summary) -> Value:
    return None if report.macs is None else 2 * report.macs


def _all_flops(summary: Summary) -> Value:
    return None if summary.totals.macs is None else 2 * summary.totals.macs


def _share(report: LayerReport, summary: Summary) -> Value:
    if report.parameters is None or not _whole(summary):
        return None
    share = 100 * report.parameters / summary.totals.parameters
    return round(share, 1) or float(f"{share:.1g}")  # what is something is not 0


def _whole(summary: Summary) -> Value:
    """All of the parameters; None where some are not known, so that nothing is a known part of them."""
    return 100.0 if summary.totals.parameters and not summary.totals.weights_not_counted else None


def _of_field(name: str) -> Callable[[LayerReport, Summary], Value]:
    def value(report: LayerReport, _summary: Summary) -> Value:
        found: tuple[float | None, ...] = getattr(report.field, name) if report.field else ()
        known = tuple(part for part in found if part is not None)
        return known if known and len(known) == len(found) else None

    return value


def _steps(value: Value) -> str:
    assert isinstance(value, tuple)
    return " × ".join(f"{part:g}" for part in value if isinstance(part, int | float))


def _problem(report: LayerReport, summary: Summary) -> Value:
    problem = summary.problem_of(report)
    return str(problem) if problem else None


def _count(name: str, header: str, tip: str) -> Column:
    return Column(name, header, _attribute(name), _grouped, is_number=True, total=_sum(name), tip=tip)


COLUMNS: tuple[Column, ...] = (
    Column("path", "Path", _attribute("path"), tip="Where the layer is: blocks and its name"),
    Column("name", "Name", _attribute("name"), tip="The layer's name"),
    Column("kind", "Kind", _attribute("kind"), tip="What the layer is"),
    Column("inputs", "Inputs", _attribute("inputs"), _listed, tip="The layers that it reads"),
    Column("input_shapes", "Input shape", _input_shapes, _shapes, tip="Shapes of what it reads, without the batch"),
    Column("output_shapes", "Output shape", _output_shapes, _shapes, tip="Shapes of what it makes, without the batch"),
    _count("parameters", "Parameters", "Values in its weights"),
    _count("trainable", "Trainable", "Parameters that training changes"),
    _count("non_trainable", "Non-trainable", "Parameters that training does not change: frozen ones and statistics"),
    _count("statistics", "Statistics", "Non-trainable parameters that are gathered from data (moving means)"),
    _count("macs", "MACs", "Multiply-accumulates for one sample, or for a known batch; biases not included"),
    _count("weight_bytes", "Weights, B", "Memory of its weights, in bytes"),
    _count("activation_bytes", "Output, B", "Memory of its outputs, in bytes"),
    Column(
        "receptive_field", "Rec. field", _attribute("receptive_field"), _window, is_number=True,
        tip="How much of the input one output value sees",
    ),
    Column("problem", "Problem", _problem, tip="Why it cannot be computed, or what to beware of"),
    Column(
        "weights_of", "Weights of", _attribute("weights_of"), is_standard=False,
        tip="The layer whose weights it uses, which count there",
    ),
    Column(
        "flops", "FLOPs", _flops, _grouped, is_number=True, total=_all_flops, is_standard=False,
        tip="Floating-point operations of the matrix work: 2 × MACs",
    ),
    Column(
        "effective_stride", "Step", _of_field("jump"), _steps, is_number=True, is_standard=False,
        tip="By how much of the input its receptive field moves from one place to the next: the effective stride",
    ),
    Column(
        "field_start", "First centre", _of_field("start"), _steps, is_number=True, is_standard=False,
        tip="Where the receptive field of its first value has its centre; 0.5 is the middle of the input's first",
    ),
    Column(
        "field_padding", "Padding seen", _of_field("padding"), _steps, is_number=True, is_standard=False,
        tip="How far the receptive field of its first value reaches beyond the input",
    ),
    Column(
        "share", "Share, %", _share, _percent, is_number=True, total=_whole, is_standard=False,
        tip="Its part of all parameters, in percent",
    ),
)  # fmt: skip
"""Every column; those that programs get unasked first, in the order of the Python and JSON surfaces."""


@functools.cache
def columns() -> dict[str, Column]:
    """The columns by name."""
    return {column.name: column for column in COLUMNS}


def standard_columns() -> tuple[Column, ...]:
    """The columns that programs get unasked."""
    return tuple(column for column in COLUMNS if column.is_standard)


def columns_named(names: Iterable[str]) -> tuple[Column, ...]:
    """The columns of these names, in this order.

    Raises:
        KeyError: there is none of a name; the message says which there are.
    """
    found = columns()
    names = tuple(names)
    for name in names:
        if name not in found:
            raise KeyError(f"there is no column {name!r}: there are {', '.join(found)}")
    return tuple(found[name] for name in names)


def is_chain(summary: Summary) -> bool:
    """Whether every layer reads just the row above it, so that naming the inputs would say nothing."""
    above: tuple[str, ...] = ()
    for report in summary.layers:
        if report.inputs not in (above, ()) or (above and not report.inputs):
            return False
        above = (report.path,)
    return True


def usual_columns(summary: Summary) -> tuple[Column, ...]:
    """The columns that people get unasked: inputs and shared weights only where they do not go without saying."""
    names = ["path", "kind", "output_shapes", "parameters", "macs"]
    if not is_chain(summary) and any(report.inputs for report in summary.layers):
        names.append("inputs")
    if any(report.weights_of is not None for report in summary.layers):
        names.append("weights_of")
    return columns_named(names)
