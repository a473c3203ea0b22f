"""CSV (RFC 4180): UTF-8, CRLF, a header line, one row a layer, plain digits, an empty cell where nothing is known."""

from __future__ import annotations

from paramdesk.engine.columns import Value
from paramdesk.engine.shape import text as shape_text
from paramdesk.engine.summary import Summary
from paramdesk.formats.format import Format, TableOptions
from paramdesk.formats.rows import options_columns

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins with one of these is run by spreadsheets (CWE-1236)."""
BOM = "\ufeff"


def cell(value: Value) -> str:
    """A value as a cell: shapes as the frameworks write them, several things joined by "; ".

    >>> cell(18496), cell(((None, 26, 26, 32),)), cell((3, 3)), cell(None), cell("=SUM(A1)")
    ('18496', '(None, 26, 26, 32)', '(3, 3)', '', "'=SUM(A1)")
    """
    match value:
        case None:
            return ""
        case str():
            return _harmless(value)
        case tuple():
            if value and all(isinstance(item, int) for item in value):
                return shape_text(value)  # type: ignore[arg-type]  # as just seen
            if value and all(isinstance(item, int | float) for item in value):
                return f"({', '.join(f'{item:g}' for item in value)})"
            return _harmless("; ".join(item if isinstance(item, str) else shape_text(item) for item in value))  # type: ignore[arg-type]  # names or shapes
        case _:
            return str(value)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _table(summary: Summary, options: TableOptions) -> str:
    import csv
    import io

    columns = options_columns(options)
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=options.delimiter or ",", lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    for report in summary.layers:
        writer.writerow([cell(column.value(report, summary)) for column in columns])
    if options.totals:
        sums = [cell(column.total(summary)) if column.total else "" for column in columns]
        if sums and columns[0].total is None:
            sums[0] = "Total"
        writer.writerow(sums)
    return (BOM if options.with_bom else "") + stream.getvalue()


FORMAT = Format(name="csv", title="Table, comma-separated (CSV)", endings=(".csv",), table=_table)
