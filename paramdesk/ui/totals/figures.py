"""The totals as texts: what the strip shows, what its tooltips and a screen reader say. Pure, no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from paramdesk.engine.columns import MISSING
from paramdesk.engine.digest import percent
from paramdesk.engine.shape import NAMES

if TYPE_CHECKING:
    from paramdesk.engine.summary import LayerReport, Summary

BOUND = "≥"
"""Stands before a figure that lacks layers."""

UNKNOWN_SIZE = "a size of the input is not known"

_BYTE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_COUNT_UNITS = ("", "K", "M", "G", "T", "P")


class Figure(msgspec.Struct, frozen=True):
    """One total.

    Attributes:
        caption: what it is.
        number: as large as there is room for ("93,322", "364.5"); "–" where it is not known.
        line: what stands below it.
        meaning: what is counted, in a sentence or two.
        exact: the number itself; None where it is not known.
        unit: behind the number, smaller ("KiB").
        is_bound: whether layers are missing from it.
        short: the number and its unit where there is room for little ("175.0", "G").
    """

    caption: str
    number: str
    line: str
    meaning: str
    exact: int | None
    unit: str = ""
    is_bound: bool = False
    short: tuple[str, str] = ("", "")

    @property
    def spoken(self) -> str:
        """Number and unit, as a screen reader and a tooltip say them."""
        if self.exact is None:
            return "not known"
        bound = "at least " if self.is_bound else ""
        return f"{bound}{self.number} {self.unit}".strip()

    @property
    def tip(self) -> str:
        """What the tooltip says."""
        if self.exact is None:
            return f"{self.caption}: not known, because {self.line}.\n{self.meaning}"
        bound = "at least " if self.is_bound else ""
        unit = " bytes" if self.unit else ""
        return f"{self.caption}: {bound}{self.exact:,}{unit}\n{self.meaning}"


def figures(summary: Summary) -> tuple[Figure, ...]:
    """The six totals in their order: parameters, trainable, non-trainable, MACs, weights, peak activations."""
    counts = (_parameters(summary), _trainable(summary), _non_trainable(summary), _macs(summary))
    found = (*counts, _weights(summary), _peak(summary))
    names = ("parameters", "trainable", "non_trainable", "macs", "weight_bytes", "peak_activation_bytes")
    return tuple(_bounded(figure, summary.totals.lacking(name)) for figure, name in zip(found, names, strict=True))


def peak_row(summary: Summary) -> LayerReport | None:
    """The layer during which most memory is needed."""
    at = summary.totals.peak_at
    return next((report for report in summary.layers if report.path == at), None) if at is not None else None


def layer_count(summary: Summary) -> int:
    """How many layers there are, blocks unrolled; an input is where data comes in, and not counted."""
    return len(summary.layers) - len(summary.inputs)


def layers_text(summary: Summary) -> str:
    """How many layers there are, in words: more than the stack has rows for where blocks are repeated."""
    return layers(layer_count(summary)) + (" when unrolled" if summary.has_repeats else "")


def layers(count: int) -> str:
    """A number of layers in words.

    >>> layers(1), layers(1200)
    ('1 layer', '1,200 layers')
    """
    return "1 layer" if count == 1 else f"{count:,} layers"


def byte_size(count: int) -> tuple[str, str]:
    """Bytes in the largest unit that leaves a number of at least 1; 1 KiB is 1,024 bytes.

    >>> byte_size(373288), byte_size(1023), byte_size(1048575)
    (('364.5', 'KiB'), ('1,023', 'B'), ('1.0', 'MiB'))
    """
    size, step = float(count), 0
    while size >= 1023.95 and step < len(_BYTE_UNITS) - 1:
        size, step = size / 1024, step + 1
    return (f"{size:,.1f}" if step else f"{count:,}"), _BYTE_UNITS[step]


def short_count(count: int) -> tuple[str, str]:
    """A count in thousands, millions and so on, with the letter for that.

    >>> short_count(175_000_000_000), short_count(93322), short_count(650), short_count(999_999)
    (('175', 'G'), ('93.3', 'K'), ('650', ''), ('1', 'M'))
    """
    size, step = float(count), 0
    while size >= 999.95 and step < len(_COUNT_UNITS) - 1:
        size, step = size / 1000, step + 1
    return (f"{size:,.1f}".removesuffix(".0") if step else f"{count:,}"), _COUNT_UNITS[step]


# The six --------------------------------------------------------------------------------------------------------------


def _count(caption: str, count: int, line: str, meaning: str) -> Figure:
    return Figure(caption, f"{count:,}", line, meaning, count, short=short_count(count))


def _parameters(summary: Summary) -> Figure:
    line = layers_text(summary)
    if missing := summary.totals.layers_not_counted:
        line += f", {missing:,} not computed"
    if summary.convention != summary.framework:
        line += f", as {NAMES[summary.convention]} counts"
    meaning = "Values in all weights; weights that several layers share count once."
    return _count("Parameters", summary.totals.parameters, line, meaning)


def _trainable(summary: Summary) -> Figure:
    totals = summary.totals
    line = percent(totals.trainable, totals.parameters)
    return _count("Trainable", totals.trainable, line, "Parameters that training changes.")


def _non_trainable(summary: Summary) -> Figure:
    totals = summary.totals
    if summary.convention == "pytorch":
        return _frozen(summary)
    frozen = totals.non_trainable - totals.statistics
    parts = []
    if totals.statistics:
        parts.append(f"{totals.statistics:,} statistics gathered from data (moving means and variances)")
    if frozen:
        parts.append(f"{frozen:,} in frozen layers")
    meaning = "Parameters that training does not change" + (f": {' and '.join(parts)}." if parts else ".")
    return _count("Non-trainable", totals.non_trainable, percent(totals.non_trainable, totals.parameters), meaning)


def _frozen(summary: Summary) -> Figure:
    """What PyTorch's way of counting has in place of non-trainable statistics: buffers, besides the parameters."""
    totals = summary.totals
    line = percent(totals.non_trainable, totals.parameters)
    meaning = "Parameters in frozen layers."
    if totals.statistics:
        line += f", + {totals.statistics:,} buffers"
        meaning += f" Not among them: {totals.statistics:,} values of buffers, gathered from data."
    return _count("Non-trainable", totals.non_trainable, line, meaning)


def _macs(summary: Summary) -> Figure:
    meaning = (
        "Multiply-accumulates of convolution, dense, recurrent and attention products, "
        f"{_per(summary)}; biases and elementwise work are not included."
    )
    if summary.totals.macs is None:
        return Figure("MACs", MISSING, _why_unknown(summary), meaning, None)
    return _count("MACs", summary.totals.macs, _per(summary), meaning)


def _weights(summary: Summary) -> Figure:
    count = summary.totals.weight_bytes
    number, unit = byte_size(count)
    in_precision = "" if summary.precision == "float32" else f" in {summary.precision}"
    meaning = f"Memory of all weights in {summary.precision}; 1 KiB is 1,024 bytes."
    return Figure("Weights", number, f"{count:,} B{in_precision}", meaning, count, unit, short=(number, unit))


def _peak(summary: Summary) -> Figure:
    caption = "Peak activations"
    meaning = "The most memory that tensors need which are alive at the same time, when computed layer by layer"
    batch = _batch(summary)
    meaning += f", {_batch_words(batch)}" if batch != 1 else ""
    meaning += f"; values are {summary.precision}."
    count = summary.totals.peak_activation_bytes
    if count is None:
        return Figure(caption, MISSING, _why_unknown(summary), meaning, None)
    number, unit = byte_size(count)
    line = f"{count:,} B"
    if batch != 1:
        line += f", batch of {batch:,}"
    if summary.totals.peak_at is not None:
        line += f", at {summary.totals.peak_at}"
    return Figure(caption, number, line, meaning, count, unit, short=(number, unit))


# Words ----------------------------------------------------------------------------------------------------------------


def _bounded(figure: Figure, lacking: int) -> Figure:
    """The figure, as a lower bound if it lacks layers."""
    if not lacking or figure.exact is None:
        return figure
    missing = f"A lower bound: {layers(lacking)} {'is' if lacking == 1 else 'are'} not computed."
    return msgspec.structs.replace(figure, is_bound=True, meaning=f"{figure.meaning}\n{missing}")


def _why_unknown(summary: Summary) -> str:
    is_nothing_computed = summary.totals.layers_not_counted >= len(summary.layers)
    return "no layer is computed" if is_nothing_computed else UNKNOWN_SIZE


def _batch(summary: Summary) -> int:
    """What MACs and activations are multiplied by: a batch fixed by the input, else the one asked for."""
    for report in summary.inputs:
        if report.output_shapes and report.output_shapes[0]:
            return report.output_shapes[0][0] or summary.batch
    return summary.batch


def _batch_words(batch: int) -> str:
    return f"for a batch of {batch:,}"


def _per(summary: Summary) -> str:
    """What the MACs are for: one image of a known size, one sample, a batch."""
    batch = _batch(summary)
    if batch != 1:
        return _batch_words(batch)
    inputs = summary.inputs
    sizes = inputs[0].output_shapes[0][1:] if len(inputs) == 1 and inputs[0].output_shapes else ()
    if len(sizes) == 3 and None not in sizes:
        is_first = summary.layout == "channels_first"
        height, width = sizes[1:] if is_first else sizes[:2]
        if (sizes[0] if is_first else sizes[2]) in {1, 3, 4}:
            return f"for one {height:,} × {width:,} image"
    return "for one sample"
