"""From an architecture to its summary: a pure function that never raises for a wrong design."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import product
from paramdesk.engine.layer_kind import Tensors, Weight
from paramdesk.engine.memory import BYTES, peak, tensor_bytes
from paramdesk.engine.shape import Framework, Layout, TensorSpec, Unknown, text
from paramdesk.engine.summary import LayerReport, Precision, Problem, RowKey, Summary, Totals

MOST_ROWS = 200_000
"""Unrolling stops here: a few nested repetitions in a small file could ask for billions of rows."""


class _Made(msgspec.Struct):
    """What a node of the list makes: its output tensors (or what it waits for), and who made them."""

    specs: Tensors
    origins: tuple[tuple[RowKey, int], ...]
    paths: tuple[str, ...]
    missing: str = ""


class _Run:
    """One analysis under way: what it is told, and the reports so far."""

    def __init__(self, architecture: Architecture, former: Summary | None, batch: int, precision: Precision) -> None:
        same_question = former is not None and (former.framework, former.layout, former.batch, former.precision) == (
            architecture.framework, architecture.layout, batch, precision,
        )  # fmt: skip
        self.known = former.rows if former is not None and same_question else {}
        self.framework: Framework = architecture.framework
        self.layout: Layout = architecture.layout
        self.batch = batch
        self.precision = precision
        self.reports: list[LayerReport] = []
        self.is_cut_off = False

    def walk(self, nodes: tuple[Node, ...], made: dict[int, _Made], prefix: RowKey, path: str) -> None:
        """Reports on nodes in order; `made` holds what can be read, and gets what they make."""
        for node in nodes:
            if isinstance(node, Block):
                self._repeat(node, made, prefix, path)
            elif len(self.reports) < MOST_ROWS:
                made[node.id] = self._report(node, made, (*prefix, node.id), path + node.name)
            else:
                self.is_cut_off = True

    def _repeat(self, block: Block, made: dict[int, _Made], prefix: RowKey, path: str) -> None:
        entrances = _gathered(block.inputs, made)
        for repetition in range(block.repeat):
            if self.is_cut_off:
                break
            label = f"{block.name}.{repetition + 1}" if block.repeat > 1 else block.name
            inside = {block.id: entrances}
            self.walk(block.layers, inside, (*prefix, block.id, repetition), f"{path}{label}/")
            entrances = _gathered(block.outputs, inside)
        made[block.id] = entrances

    def _report(self, layer: Layer, made: dict[int, _Made], key: RowKey, path: str) -> _Made:
        read = _gathered(layer.inputs, made)
        old = self.known.get(key)
        if (
            old is None
            or old.layer is not layer
            or old.input_specs != read.specs
            or old.inputs != read.paths
            or old.path != path
            or read.missing
        ):
            old = self._computed(layer, read, key, path)
        self.reports.append(old)
        outputs = old.output_specs
        if len(outputs) == 1:
            return _Made(outputs, ((key, 0),), (path,))
        if outputs:
            return _Made(outputs, tuple((key, n) for n in range(len(outputs))), (path,) * len(outputs))
        return _Made((), ((key, 0),), (path,), read.missing or path)

    def _computed(self, layer: Layer, read: _Made, key: RowKey, path: str) -> LayerReport:
        kind = layer.kind
        problem = None
        if read.missing:
            problem = Problem(key, path, f"waiting for {read.missing}", "waiting")
        elif not read.specs and not kind.is_input:
            problem = Problem(key, path, "nothing comes in: put an Input above it, or choose what it reads")
        if problem:
            return LayerReport(key, path, layer, read.paths, read.origins, read.specs, problem=problem)
        try:
            if kind.is_input:
                outputs: Tensors = kind.outputs((TensorSpec((), layout=self.layout, framework=self.framework),))
            else:
                outputs = kind.outputs(read.specs)
            weights = kind.weights_on(read.specs)
            counts = _counted(weights, layer.trainable)
            macs = kind.macs_on(read.specs, outputs)
            caught = next(iter(kind.warnings_on(read.specs, outputs)), None)
        except Refusal as refusal:
            problem = Problem(key, path, refusal.message, "error", refusal.field, refusal.repairs)
            return LayerReport(key, path, layer, read.paths, read.origins, read.specs, problem=problem)
        weights, parameters, trainable, statistics = counts
        batch = outputs[0].shape[0] if outputs[0].shape else 1
        samples = self.batch if isinstance(batch, Unknown) else int(batch)
        sizes = [tensor_bytes(spec, self.batch, self.precision) for spec in outputs]
        return LayerReport(
            key, path, layer, read.paths, read.origins, read.specs, outputs, weights,
            parameters, trainable, parameters - trainable, statistics,
            None if isinstance(macs, Unknown) else macs * samples,
            parameters * BYTES[self.precision],
            _sum(sizes),
            Problem(key, path, caught, "warning") if caught else None,
            self.batch,
            self.precision,
        )  # fmt: skip


def _gathered(inputs: tuple[Source, ...], made: Mapping[int, _Made]) -> _Made:
    if len(inputs) == 1:
        producer = made[inputs[0].layer]
        if len(producer.specs) == 1 or producer.missing:
            return producer
    specs, origins, paths, missing = [], [], [], ""
    for source in inputs:
        producer = made[source.layer]
        missing = missing or producer.missing
        if not producer.missing:
            specs.append(producer.specs[source.output])
        origins.append(producer.origins[min(source.output, len(producer.origins) - 1)])
        paths.append(producer.paths[min(source.output, len(producer.paths) - 1)])
    return _Made(tuple(specs), tuple(origins), tuple(paths), missing)


def _counted(weights: tuple[Weight, ...], is_trained: bool) -> tuple[tuple[Weight, ...], int, int, int]:
    """The weights as trained or frozen, and their values: all, trainable, statistics."""
    if not weights:
        return weights, 0, 0, 0
    if not is_trained:
        weights = tuple(Weight(w.name, w.shape, trainable=False, statistic=w.statistic) for w in weights)
    parameters = trainable = statistics = 0
    for weight in weights:
        values = product(weight.shape)
        if isinstance(values, Unknown):
            raise Refusal(
                f"{weight.name} would have the shape {text(weight.shape)}: every size of a weight must be known"
            )
        parameters += values
        if weight.trainable:
            trainable += values
        if weight.statistic:
            statistics += values
    return weights, parameters, trainable, statistics


def _sum(values: list[int | None]) -> int | None:
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def analyze(
    architecture: Architecture,
    former: Summary | None = None,
    *,
    batch: int = 1,
    precision: Precision = "float32",
) -> Summary:
    """Computes every layer's shapes and counts.

    Args:
        architecture: what to compute; nothing in it makes this raise.
        former: the summary before an edit: a report is kept where its layer is the same object and reads the same, so
            an edit costs what it changes.
        batch: what an unknown batch counts as in MACs and activations; a known one counts as it is.
        precision: what one floating-point value takes in memory.

    Returns:
        One report per layer (repeated blocks unrolled), totals and problems.
    """
    run = _Run(architecture, former, batch, precision)
    made: dict[int, _Made] = {}
    run.walk(architecture.layers, made, (), "")
    notes = (f"unrolled, it has more than {MOST_ROWS:,} layers: the rest is not counted",) if run.is_cut_off else ()
    ends = [origin for source in architecture.outputs for origin in made[source.layer].origins]
    read = {origin[0] for report in run.reports for origin in report.sources}
    read.update([key for key, _output in ends])
    return Summary(
        architecture.name,
        architecture.framework,
        architecture.layout,
        tuple(run.reports),
        _totals(run.reports, ends, run.is_cut_off),
        batch,
        precision,
        notes,
        tuple([report.key for report in run.reports if report.key not in read]),
    )


def _totals(reports: list[LayerReport], ends: list[tuple[RowKey, int]], is_cut_off: bool) -> Totals:
    parameters = trainable = statistics = macs = weight_bytes = activation_bytes = left_out = 0
    macs_known = bytes_known = True
    for report in reports:
        if report.parameters is None:
            left_out += 1
            continue
        parameters += report.parameters
        trainable += report.trainable or 0
        statistics += report.statistics or 0
        weight_bytes += report.weight_bytes or 0
        if report.macs is None:
            macs_known = False
        else:
            macs += report.macs
        if report.activation_bytes is None:
            bytes_known = False
        else:
            activation_bytes += report.activation_bytes
    most, at = peak(reports, ends) if bytes_known else (None, None)
    return Totals(
        parameters=parameters,
        trainable=trainable,
        non_trainable=parameters - trainable,
        statistics=statistics,
        macs=macs if macs_known else None,
        weight_bytes=weight_bytes,
        activation_bytes=activation_bytes if bytes_known else None,
        peak_activation_bytes=most,
        peak_at=at.path if at else None,
        layers_not_counted=left_out + is_cut_off,
    )
