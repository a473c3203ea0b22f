"""Blocks as one row each: their numbers are sums over all repetitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Source
from paramdesk.engine.shape import TensorSpec
from paramdesk.engine.summary import LayerReport, Problem, RowKey, Summary


class BlockReport(LayerReport, frozen=True, eq=False, gc=False, kw_only=True):
    """All repetitions of a block as one row; its numbers are sums, unknown where one of them is.

    Attributes:
        title: the block's name.
        repeat: how often it is computed.
        members: the rows that it stands for.
        ids: of the block and of everything in it.
    """

    title: str
    repeat: int
    members: tuple[LayerReport, ...]
    ids: frozenset[int]

    @property
    def name(self) -> str:
        """The block's name."""
        return self.title

    @property
    def kind(self) -> str:
        """That it is a block, and how often it is computed."""
        return f"Block × {self.repeat:,}" if self.repeat > 1 else "Block"


def folded(summary: Summary, architecture: Architecture) -> Summary:
    """The same summary with one row for each outermost block."""
    rows = tuple(folded_rows(summary, architecture))
    shown = {row.key for row in rows}
    names = {report.path: row.path for row in rows if isinstance(row, BlockReport) for report in row.members}
    named = tuple(msgspec.structs.replace(row, inputs=_called(row, names)) for row in rows)
    return msgspec.structs.replace(summary, layers=named, unread=tuple(key for key in summary.unread if key in shown))


def _called(row: LayerReport, names: Mapping[str, str]) -> tuple[str, ...]:
    """What a row reads, by the names of the blocks that make it, each block once."""
    inputs = [names.get(path, path) for path in row.inputs]
    if isinstance(row, BlockReport):
        return tuple(dict.fromkeys(inputs))
    blocks = set(names.values())
    return tuple(name for place, name in enumerate(inputs) if name not in blocks or name not in inputs[:place])


def folded_rows(summary: Summary, architecture: Architecture, former: Iterable[LayerReport] = ()) -> list[LayerReport]:
    """The rows of a summary with one for each outermost block, in order of computation.

    Args:
        summary: what is shown.
        architecture: of which it is the summary.
        former: rows shown before; those of blocks in which nothing changed are kept.
    """
    known = {row.key: row for row in former if isinstance(row, BlockReport)}
    members: dict[RowKey, list[LayerReport]] = {}
    for report in summary.layers:
        members.setdefault(report.key[:1], []).append(report)
    blocks = {node.id: node for node in architecture.layers if isinstance(node, Block)}
    return [
        _folded(blocks[key[0]], tuple(reports), known.get(key)) if key[0] in blocks else reports[0]
        for key, reports in members.items()
    ]


def same_row(former: LayerReport, new: LayerReport) -> bool:
    """Whether two rows of the same key show the same."""
    if isinstance(former, BlockReport) and isinstance(new, BlockReport):
        same_members = len(former.members) == len(new.members) and all(
            a is b for a, b in zip(former.members, new.members, strict=True)
        )
        return same_members and (former.title, former.repeat) == (new.title, new.repeat)
    return former is new


def _folded(block: Block, reports: tuple[LayerReport, ...], former: LayerReport | None) -> LayerReport:
    inside = {report.key for report in reports}
    outside = [
        (path, source, spec)
        for report in reports
        for path, source, spec in zip(report.inputs, report.sources, report.input_specs, strict=False)
        if source[0] not in inside
    ]
    entrances = {source: (path, spec) for path, source, spec in outside}
    problems = [report.problem for report in reports if report.problem]
    rows = {report.key: report for report in reports}
    exits = [_exit(block, source, (block.id, block.repeat - 1), rows) for source in block.outputs]
    new = BlockReport(
        key=(block.id,),
        path=block.name,
        layer=reports[0].layer,
        inputs=tuple(path for path, _spec in entrances.values()),
        sources=tuple(entrances),
        input_specs=tuple(spec for _path, spec in entrances.values()),
        output_specs=tuple(spec for spec in exits if spec is not None),
        problem=min(problems, key=_severity, default=None),
        title=block.name,
        repeat=block.repeat,
        members=reports,
        ids=frozenset({block.id}.union(*(report.key[2::2] for report in reports))),
        parameters=_sum(reports, "parameters"),
        trainable=_sum(reports, "trainable"),
        non_trainable=_sum(reports, "non_trainable"),
        statistics=_sum(reports, "statistics"),
        macs=_sum(reports, "macs"),
        weight_bytes=_sum(reports, "weight_bytes"),
        activation_bytes=_sum(reports, "activation_bytes"),
    )
    return former if former is not None and same_row(former, new) else new


def _severity(problem: Problem) -> int:
    """The worst first."""
    return ("error", "waiting", "warning").index(problem.severity)


def _exit(block: Block, source: Source, prefix: RowKey, rows: dict[RowKey, LayerReport]) -> TensorSpec | None:
    """The tensor that leaves a block there, also out of a block in it; None if there is none or it only passes on."""
    report = rows.get((*prefix, source.layer))
    if report is not None:
        return report.output_specs[source.output] if 0 <= source.output < len(report.output_specs) else None
    for node in block.layers:
        if isinstance(node, Block) and node.id == source.layer and 0 <= source.output < len(node.outputs):
            return _exit(node, node.outputs[source.output], (*prefix, node.id, node.repeat - 1), rows)
    return None


def _sum(reports: Sequence[LayerReport], name: str) -> int | None:
    values = [getattr(report, name) for report in reports]
    return None if None in values else sum(values)
