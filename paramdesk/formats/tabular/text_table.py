"""A table for the terminal, in the manner of Keras' `summary()`."""

from __future__ import annotations

import unicodedata

from paramdesk.engine.summary import Summary
from paramdesk.formats.format import Format, TableOptions
from paramdesk.formats.rows import footer, people_columns, printable, remarks, rows, totals_row

GAP = "  "


def _table(summary: Summary, options: TableOptions) -> str:
    columns = people_columns(summary, options)
    headers = [column.header for column in columns]
    body = rows(summary, columns)
    last = [totals_row(summary, columns)] if options.totals else []
    right = [column.is_number for column in columns]
    widths = [max(map(_width, cells)) for cells in zip(headers, *body, *last, strict=True)]
    rule = "─" * (sum(widths) + len(GAP) * max(len(widths) - 1, 0))
    lines = [printable(summary.name), "", _line(headers, widths, right), rule]
    lines += [_line(row, widths, right) for row in body]
    lines.append(rule)
    lines += [_line(row, widths, right) for row in last]
    lines += [*(["", *said] if (said := remarks(summary, options)) else []), "", *_totals(summary)]
    return "\n".join(lines) + "\n"


def _totals(summary: Summary) -> list[str]:
    lines = footer(summary)
    widths = [max(_width(line[cell]) for line in lines) for cell in range(3)]
    return [_line([label, number, f"({words})"], widths, [False, True, False]) for label, number, words in lines]


def _line(cells: list[str], widths: list[int], right: list[bool]) -> str:
    padded = [
        " " * (width - _width(cell)) + cell if is_right else cell + " " * (width - _width(cell))
        for cell, width, is_right in zip(cells, widths, right, strict=True)
    ]
    return GAP.join(padded).rstrip()


def _width(text: str) -> int:
    """How many places a text takes in a terminal: wide signs (Chinese, Japanese, Korean) take two, accents none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


FORMAT = Format(name="text", title="Table for the terminal", endings=(".txt",), table=_table)
