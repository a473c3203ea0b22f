"""A summary as one JSON object, for programs. Its keys are a promise: they are added to, never changed."""

from __future__ import annotations

from paramdesk.engine.columns import Column
from paramdesk.engine.summary import LayerReport, Summary
from paramdesk.formats.format import Format, TableOptions
from paramdesk.formats.json_text import compact
from paramdesk.formats.rows import options_columns, problems

TOTALS = (
    "parameters",
    "trainable",
    "non_trainable",
    "macs",
    "weight_bytes",
    "peak_activation_bytes",
    "complete",
    "layers_not_counted",
    "weights_not_counted",
)


def value_of(summary: Summary, options: TableOptions) -> dict[str, object]:
    """The summary as plain values; what is not known is None."""
    columns = options_columns(options)
    return {
        "name": summary.name,
        "framework": summary.framework,
        "convention": summary.convention,
        "totals": {name: getattr(summary.totals, name) for name in TOTALS},
        "layers": [_row(report, summary, columns) for report in summary.layers],
        "problems": [f"{problem.path}: {problem.message}" for problem in problems(summary, options)]
        + list(summary.notes),
        **({"remarks": list(summary.remarks)} if summary.remarks else {}),
    }


def _row(report: LayerReport, summary: Summary, columns: tuple[Column, ...]) -> dict[str, object]:
    row: dict[str, object] = {column.name: column.value(report, summary) for column in columns}
    if "output_shapes" in row:
        row["output_shapes"] = report.output_shapes  # an empty list rather than null: the key holds a list
    return row


def _table(summary: Summary, options: TableOptions) -> str:
    parts = [f'"{key}": {_lines(entry)}' for key, entry in value_of(summary, options).items()]
    return "{\n  " + ",\n  ".join(parts) + "\n}\n"


def _lines(value: object) -> str:
    """A list with an entry a line, so that two summaries can be compared; anything else in one."""
    if not isinstance(value, list) or not value:
        return compact(value)
    return "[\n    " + ",\n    ".join(map(compact, value)) + "\n  ]"


FORMAT = Format(name="json", title="Summary for programs (JSON)", endings=(".json",), table=_table)
