"""A table in Markdown, as GitHub and most others show it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from paramdesk.engine.summary import Summary
from paramdesk.formats.format import Format, TableOptions
from paramdesk.formats.rows import footer, people_columns, remarks, rows, totals_row

_SPECIAL = re.compile(r"[\\`*|<\[\]~]|(?<!\w)_|_(?!\w)")


def escaped(text: str) -> str:
    r"""A text that Markdown shows as it is; an underscore between letters needs no help.

    >>> escaped("conv2d_1"), escaped("a|b"), escaped("_x_")
    ('conv2d_1', 'a\\|b', '\\_x\\_')
    """
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", text)


def _table(summary: Summary, options: TableOptions) -> str:
    columns = people_columns(summary, options)
    lines = [
        _line(column.header for column in columns),
        "|" + "|".join("---:" if column.is_number else "---" for column in columns) + "|",
    ]
    lines += [_line(escaped(cell) for cell in row) for row in rows(summary, columns)]
    if options.totals is not False:
        lines.append(_line(f"**{cell}**" if cell else "" for cell in totals_row(summary, columns)))
    below = [f"- {label}: {number} ({words})" for label, number, words in footer(summary)]
    said = [f"- {escaped(remark)}" for remark in remarks(summary, options)]
    title = escaped(" ".join(summary.name.split()))
    return "\n".join([f"### {title}", "", *lines, "", *below, *said]) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


FORMAT = Format(name="markdown", title="Table in Markdown", endings=(".md", ".markdown"), table=_table)
