"""The same as CSV with tabs, which spreadsheets take from the clipboard."""

from __future__ import annotations

import msgspec

from paramdesk.engine.summary import Summary
from paramdesk.formats.format import Format, TableOptions
from paramdesk.formats.tabular import csv_table


def _table(summary: Summary, options: TableOptions) -> str:
    assert csv_table.FORMAT.table
    return csv_table.FORMAT.table(summary, msgspec.structs.replace(options, delimiter=options.delimiter or "\t"))


FORMAT = Format(name="tsv", title="Table, tab-separated (TSV)", endings=(".tsv", ".tab"), table=_table)
