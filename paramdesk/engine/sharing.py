"""Layers that use the weights of another one: the same layer called again. Weights count once, MACs at each call."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from paramdesk.engine.counting import counted
from paramdesk.engine.summary import LayerReport, Problem


def with_sharing(reports: list[LayerReport]) -> list[LayerReport]:
    """The reports, those of layers with shared weights counting none of their own.

    A layer that would need other weights than there are is an error: they were made for another input.
    """
    wanted = {report.layer.weights_of for report in reports if report.layer.weights_of is not None}
    if not wanted:
        return reports
    owners = {report.layer.id: report for report in reversed(reports) if report.layer.id in wanted}
    return [_shared(report, owners) if report.layer.weights_of is not None else report for report in reports]


def _shared(report: LayerReport, owners: dict[int, LayerReport]) -> LayerReport:
    owner = owners.get(report.layer.weights_of if report.layer.weights_of is not None else -1)
    if owner is None:
        reason = "the layer whose weights it uses is not there: give it weights of its own"
        return _refused(report, reason)
    if report.is_computed and owner.weights and (reason := _misfit(report, owner)):
        return _refused(report, reason)
    if report.weights_of == owner.path:
        return report
    return msgspec.structs.replace(
        report, weights=(), buffers=(), parameters=0, trainable=0, non_trainable=0, statistics=0, weight_bytes=0,
        weights_of=owner.path,
    )  # fmt: skip


def _misfit(report: LayerReport, owner: LayerReport) -> str:
    """Why the owner's weights do not fit what a layer reads; empty if they do."""
    kind, layer = report.layer.kind, report.layer
    own = counted(kind, report.input_specs, report.convention, is_trained=layer.trainable).weights
    if len(own) > len(owner.weights):
        return f"the weights of {owner.path} are {len(owner.weights)}, but {len(own)} are needed here"
    for mine, theirs in zip(own, owner.weights, strict=False):
        if mine.shape not in (theirs.shape, theirs.shape[::-1]):  # a table may be read the other way round
            return (
                f"the shared {theirs.name} of {owner.path} is {_times(theirs.shape)}, "
                f"but this input needs {_times(mine.shape)}"
            )
    return ""


def _times(shape: Sequence[object]) -> str:
    return " × ".join(map(str, shape))


def _refused(report: LayerReport, reason: str) -> LayerReport:
    """A report on a layer that cannot use the weights that it is to share; what it makes is known all the same."""
    problem = Problem(report.key, report.path, reason)
    return msgspec.structs.replace(report.unweighed(), problem=problem)
