"""What the table formats share: which columns, the rows as people read them, the lines below a table."""

from __future__ import annotations

import unicodedata

from paramdesk.engine.columns import Column, standard_columns, usual_columns
from paramdesk.engine.summary import Problem, Summary
from paramdesk.formats.format import TableOptions

CONTROL = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of characters that a terminal might obey, or that would break a row."""

UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")


def options_columns(options: TableOptions) -> tuple[Column, ...]:
    """The columns for programs."""
    return standard_columns() if options.columns is None else options.columns


def people_columns(summary: Summary, options: TableOptions) -> tuple[Column, ...]:
    """The columns for people."""
    return usual_columns(summary) if options.columns is None else options.columns


def rows(summary: Summary, columns: tuple[Column, ...]) -> list[list[str]]:
    """The cells as people read them, a list for each layer, in one line each."""
    return [[printable(column.shown(report, summary)) for column in columns] for report in summary.layers]


def totals_row(summary: Summary, columns: tuple[Column, ...]) -> list[str]:
    """The cells of the row of totals."""
    cells = [column.shown_total(summary) for column in columns]
    if columns and columns[0].total is None:
        cells[0] = "Total"
    return cells


def printable(text: str) -> str:
    r"""A text in one line that does nothing to a terminal.

    >>> printable("a\nb")
    'a�b'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("�" if unicodedata.category(sign) in CONTROL else sign for sign in text)


def byte_size(count: int) -> str:
    """Bytes as people read them, 1 KiB being 1,024 bytes.

    >>> byte_size(373288), byte_size(40)
    ('364.54 KiB', '40 B')
    """
    if count < 1024:
        return f"{count} B"
    places = min((count.bit_length() - 1) // 10, len(UNITS))
    hundredths, rest = divmod(100 * count, 1024**places)  # whole numbers: no float is as large as a count may be
    hundredths += 2 * rest + hundredths % 2 > 1024**places
    return f"{hundredths // 100:,}.{hundredths % 100:02} {UNITS[places - 1]}"


def footer(summary: Summary) -> list[tuple[str, str, str]]:
    """The totals below a table: a label, a number, and what else there is to say of it."""
    totals = summary.totals
    least, bound = ("≥ " if totals.lacking(name) else "" for name in ("parameters", "macs"))

    def memory(parameters: int) -> str:
        return byte_size(parameters * totals.weight_bytes // (totals.parameters or 1))

    lines = [
        ("Parameters", f"{least}{totals.parameters:,}", memory(totals.parameters)),
        ("Trainable", f"{least}{totals.trainable:,}", memory(totals.trainable)),
        ("Non-trainable", f"{least}{totals.non_trainable:,}", memory(totals.non_trainable)),
        *_buffers(summary),
        ("MACs", "not known" if totals.macs is None else f"{bound}{totals.macs:,}", _per(summary)),
    ]
    if totals.peak_activation_bytes is not None:
        peak = f"{bound}{totals.peak_activation_bytes:,} B"
        where = f" at {printable(totals.peak_at)}" if totals.peak_at else ""
        lines.append(("Peak activations", peak, byte_size(totals.peak_activation_bytes) + where))
    return lines


def _buffers(summary: Summary) -> list[tuple[str, str, str]]:
    """What PyTorch keeps besides the parameters, where there is any."""
    if summary.convention == "keras" or not summary.totals.statistics:
        return []
    return [("Buffers", f"{summary.totals.statistics:,}", "values gathered from data, no parameters")]


def _per(summary: Summary) -> str:
    inputs = [report for report in summary.layers if report.layer.kind.is_input and report.is_computed]
    fixed = [report.output_shapes[0][0] for report in inputs if report.output_shapes[0]]
    batch = next((size for size in fixed if size is not None), summary.batch)
    return "per sample" if batch == 1 else f"for a batch of {batch:,}"


def problems(summary: Summary, options: TableOptions) -> tuple[Problem, ...]:
    """What is said to be wrong."""
    return summary.problems if options.problems is None else options.problems


def remarks(summary: Summary, options: TableOptions) -> list[str]:
    """What is missing from the numbers, and what is wrong with the network: one line each."""
    found = []
    if missing := summary.totals.layers_not_counted:
        found.append(_lacking(summary, missing))
    for problem in problems(summary, options):
        word = "warning: " if problem.severity == "warning" else ""
        found.append(f"{word}{printable(problem.path)}: {printable(problem.message)}")
    return [*found, *summary.notes, *map(printable, summary.remarks)]


def _lacking(summary: Summary, missing: int) -> str:
    if missing >= len(summary.layers) and not summary.totals.lacking("parameters"):
        return "Weights alone: outputs and MACs are not known."
    layers = "1 layer is" if missing == 1 else f"{missing:,} layers are"
    where = "" if summary.totals.lacking("parameters") else " in MACs and activations"
    return f"At least: {layers} not counted{where}."
