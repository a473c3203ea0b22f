"""From an architecture to its summary: a pure function that never raises for a wrong design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.counting import LARGEST_COUNT, counted, counted_as_stated
from paramdesk.engine.errors import Refusal
from paramdesk.engine.layer_kind import Fields, Tensors
from paramdesk.engine.memory import BYTES, peak, tensor_bytes
from paramdesk.engine.receptive_field import ReceptiveField, Shift, shift, shifted
from paramdesk.engine.shape import Framework, TensorSpec, Unknown, text
from paramdesk.engine.sharing import with_sharing
from paramdesk.engine.summary import Convention, LayerReport, Precision, Problem, RowKey, Summary, Totals

MOST_ROWS = 200_000
"""Unrolling stops here: a few nested repetitions in a small file could ask for billions of rows."""


class _Read(msgspec.Struct, frozen=True, gc=False):
    """What a layer or an exit reads: tensors and who made them.

    Attributes:
        specs: the tensors that there are.
        origins: rows that make them, and which of their outputs they are.
        paths: the rows' paths.
        fields: what one position of each tensor sees of the network's input.
        missing: path of a layer that makes none because it cannot be computed.
        lost: why a source leads nowhere.
    """

    specs: Tensors
    origins: tuple[tuple[RowKey, int], ...]
    paths: tuple[str, ...]
    fields: Fields = ()
    missing: str = ""
    lost: str = ""


class _Scope:
    """What can be read in one list of nodes: reports of layers, exits of blocks, the entrances of the list itself."""

    def __init__(self, block: int | None = None, entrances: tuple[_Read, ...] = ()) -> None:
        self.reports: dict[int, LayerReport] = {}
        self.exits: dict[int, tuple[_Read, ...]] = {}  # of one tensor each
        self.kept: set[int] = set()  # whose reports are the former ones
        self.moved: dict[int, Shift | None] = {}  # whose reports differ from these in their fields only: by what
        self.block = block
        if block is not None:
            self.exits[block] = entrances

    def read(self, sources: tuple[Source, ...]) -> _Read:
        """What these sources make."""
        if len(sources) == 1 and sources[0][1] == 0:  # nearly always, so without a detour
            report = self.reports.get(sources[0][0])
            if report is not None and len(report.output_specs) == 1:
                return _Read(report.output_specs, ((report.key, 0),), (report.path,), (report.field,))
        specs: list[TensorSpec] = []
        fields: list[ReceptiveField | None] = []
        origins: list[tuple[RowKey, int]] = []
        paths: list[str] = []
        missing = lost = ""
        for made in self.read_each(sources):
            lost = made.lost or lost
            missing = missing or made.missing
            specs += made.specs
            fields += made.fields
            origins += made.origins
            paths += made.paths
        return _Read(tuple(specs), tuple(origins), tuple(paths), tuple(fields), missing, lost)

    def read_each(self, sources: tuple[Source, ...]) -> tuple[_Read, ...]:
        """What each of these sources makes by itself: one that makes nothing is no matter to who reads another one."""
        return tuple([self._made(node_id, output) for node_id, output in sources])

    def _made(self, node_id: int, output: int) -> _Read:
        """What one source makes."""
        report = self.reports.get(node_id)
        if report is not None:
            return _output_of(report, output)
        made = self.exits.get(node_id)
        if made is None:
            return _lost(NOT_ABOVE)
        if node_id == self.block and not made:
            return _lost(NOTHING)
        if not 0 <= output < len(made):
            return _no_output(output, len(made))
        only = made[output]
        return only if not only.lost or node_id == self.block else _lost(NOT_ABOVE)


def _output_of(report: LayerReport, output: int) -> _Read:
    """One output of a layer; what is missing if it makes none."""
    outputs, problem = report.output_specs, report.problem
    if not outputs:
        is_waiting = problem is not None and problem.severity == "waiting"
        missing = problem.message.removeprefix(WAITING) if problem and is_waiting else report.path
        return _Read((), ((report.key, 0),), (report.path,), (), missing)
    if not 0 <= output < len(outputs):
        return _no_output(output, len(outputs))
    return _Read((outputs[output],), ((report.key, output),), (report.path,), (report.field,))


def _lost(why: str) -> _Read:
    return _Read((), (), (), lost=why)


def _no_output(output: int, count: int) -> _Read:
    return _lost(f"it reads output {output}, counted from 0, of what has {count}: choose its input anew")


NOT_ABOVE = "it reads what does not stand above it: choose its input anew"
WAITING = "waiting for "
NOTHING = "nothing comes in: put an Input above it, or choose what it reads"

_Question: TypeAlias = tuple[int, Precision, Convention]
"""Batch, precision and convention of an analysis."""


class _Run:
    """One analysis under way: what it is told, and the reports so far."""

    def __init__(self, architecture: Architecture, former: Summary | None, question: _Question) -> None:
        framework: Framework = architecture.framework
        self.frame = TensorSpec((), layout=architecture.layout, framework=framework)
        self.framework = framework
        self.batch, self.precision, self.convention = question
        is_same = former is not None and (framework, architecture.layout, question) == (
            former.framework, former.layout, (former.batch, former.precision, former.convention),
        )  # fmt: skip
        self.known = former.rows if former is not None and is_same else {}
        self.reports: list[LayerReport] = []
        self.alike: dict[tuple[object, ...], tuple[LayerReport, Shift | None]] = {}
        self.unrolled = 0
        self.is_cut_off = False

    def walk(self, nodes: tuple[Node, ...], scope: _Scope, prefix: RowKey, path: str) -> None:
        """Reports on nodes in order; the scope gets what they make."""
        kept, known, reports = scope.kept, self.known, self.reports
        for node in nodes:
            if isinstance(node, Block):
                self._repeat(node, scope, prefix, path)
                if self.is_cut_off:
                    return
                continue
            key = (*prefix, node.id)
            report = known.get(key)
            if report is not None and report.layer is node and report.path == path + node.name:
                former = report
                for source in node.inputs:
                    if source[0] not in kept:
                        report = self._renewed(former, scope)
                        break
                if report is former:
                    kept.add(node.id)
            else:
                report = self._reported(node, scope.read(node.inputs), key, path + node.name)
            scope.reports[node.id] = report
            reports.append(report)
        self.unrolled += 1
        if len(reports) > MOST_ROWS or self.unrolled > MOST_ROWS:
            del reports[MOST_ROWS:]
            self.is_cut_off = True

    def _repeat(self, block: Block, scope: _Scope, prefix: RowKey, path: str) -> None:
        entrances = scope.read_each(block.inputs)
        for repetition in range(block.repeat):
            label = f"{block.name}.{repetition + 1}" if block.repeat > 1 else block.name
            inside = _Scope(block.id, entrances)
            self.walk(block.layers, inside, (*prefix, block.id, repetition), f"{path}{label}/")
            if self.is_cut_off:
                return
            entrances = inside.read_each(block.outputs)
        scope.exits[block.id] = entrances

    def _renewed(self, report: LayerReport, scope: _Scope) -> LayerReport:
        """The report on the same layer, which may read something else now."""
        layer, sources = report.layer, report.layer.inputs
        by = None
        if len(sources) == 1 and sources[0][0] in scope.moved and report.is_computed:
            fields: Fields = (scope.reports[sources[0][0]].field,)
            by = scope.moved[sources[0][0]]
        else:
            read = scope.read(sources)
            is_same = (
                report.input_specs == read.specs and report.inputs == read.paths and report.sources == read.origins
            )
            fields = read.fields
            follows = len(fields) == 1 and report.is_computed  # whether several fields match is worth a warning
            if not is_same or read.missing or read.lost or (report.input_fields != fields and not follows):
                return self._reported(layer, read, report.key, report.path)
        if report.input_fields == fields:
            return report
        former = report.field
        field = shifted(former, by, former.jump) if former is not None else None
        if field is None:
            field = layer.kind.field_on(report.input_specs, fields)
            by = _moved(former, field)
        elif fields[0] is None or fields[0].jump != field.jump:
            by = _moved(former, field)  # behind an enlarged tensor floats may round
        scope.moved[layer.id] = by
        return msgspec.structs.replace(report, input_fields=fields, field=field)

    def _reported(self, layer: Layer, read: _Read, key: RowKey, path: str) -> LayerReport:
        """The report on a layer; of layers that are alike in all that counts, one is computed and the others copied."""
        jump = read.fields[0].jump if read.fields and read.fields[0] is not None else None
        likeness = (layer.kind, layer.trainable, read.specs, jump)
        model = self.alike.get(likeness)
        if model is None or read.missing or read.lost or len(read.fields) > 1:
            report = self._computed(layer, read, key, path)
            if report.problem is None:  # which would name the layer
                self.alike[likeness] = report, shift(read.fields[0], report.field) if read.fields else None
            return report
        first, by = model
        field = first.field
        if first.input_fields != read.fields:
            field = shifted(read.fields[0], by, field.jump) if field is not None else None
            field = field or layer.kind.field_on(read.specs, read.fields)
        return msgspec.structs.replace(
            first, key=key, path=path, layer=layer, inputs=read.paths, sources=read.origins,
            input_fields=read.fields, field=field,
        )  # fmt: skip

    def _computed(self, layer: Layer, read: _Read, key: RowKey, path: str) -> LayerReport:
        kind = layer.kind
        problem = None
        if read.lost:
            problem = Problem(key, path, read.lost)
        elif read.missing:
            problem = Problem(key, path, f"{WAITING}{read.missing}", "waiting")
        elif not read.specs and not kind.is_input and not kind.may_read_nothing:
            problem = Problem(key, path, NOTHING)
        if problem:
            return self._refused(layer, read, problem)
        read_from = read.specs if not kind.is_input else (self.frame,)
        try:
            kind.refuse_foreign(self.framework)
            outputs = kind.outputs(read_from)
            if not read_from:  # nothing told it the architecture's conventions
                outputs = tuple([msgspec.structs.replace(self.frame, shape=y.shape, dtype=y.dtype) for y in outputs])
            counts = counted(kind, read_from, self.convention, is_trained=layer.trainable)
            macs = kind.macs_on(read_from, outputs)
            caught = next(iter(kind.warnings_on(read_from, outputs)), None) or _misaligned(read.fields)
            field = kind.field_on(read_from, read.fields)
            size = self._bytes(outputs) if outputs else None
            if kind.works_in_place and self.framework == "pytorch":
                size = 0
            batch = kind.samples_on(read_from)
        except Refusal as refusal:
            problem = Problem(key, path, refusal.message, "error", refusal.field, refusal.repairs)
            return self._refused(layer, read, problem)
        parameters, trainable = counts.parameters, counts.trainable
        report = LayerReport(
            key, path, layer, read.paths, read.origins, read.specs, read.fields, outputs, field, counts.weights,
            parameters, trainable, parameters - trainable, counts.statistics,
            None if isinstance(macs, Unknown) else macs * (self.batch if isinstance(batch, Unknown) else batch),
            parameters * BYTES[self.precision],
            size,
            Problem(key, path, caught, "warning") if caught else None,
            self.batch,
            self.precision,
            self.convention,
            counts.buffers,
        )  # fmt: skip
        return report if kind.knows_weights else report.unweighed()

    def _refused(self, layer: Layer, read: _Read, problem: Problem) -> LayerReport:
        """The report on a layer that makes nothing; what it was made for, or its file, may tell its weights."""
        report = LayerReport(
            problem.key, problem.path, layer, read.paths, read.origins, read.specs, read.fields, problem=problem,
            batch=self.batch, precision=self.precision, convention=self.convention,
        )  # fmt: skip
        declared = layer.kind.declared_inputs()
        try:
            if declared:
                counts = counted(layer.kind, declared, self.convention, is_trained=layer.trainable)
            elif layer.weights is not None:
                counts = counted_as_stated(layer.weights, self.convention, is_trained=layer.trainable)
            else:
                return report
        except Refusal:
            return report
        return msgspec.structs.replace(
            report,
            weights=counts.weights,
            buffers=counts.buffers,
            parameters=counts.parameters,
            trainable=counts.trainable,
            non_trainable=counts.parameters - counts.trainable,
            statistics=counts.statistics,
            weight_bytes=counts.parameters * BYTES[self.precision],
        )

    def _bytes(self, tensors: Tensors) -> int | None:
        """Memory of tensors together; None if that of one is not known.

        Raises:
            Refusal: one is larger than any machine could hold.
        """
        total: int | None = 0
        for tensor in tensors:
            size = tensor_bytes(tensor, self.batch, self.precision)
            if size is None:
                largest = max([dim for dim in tensor.shape if isinstance(dim, int)], default=0)
                total = None
            else:
                largest = size
                total = None if total is None else total + size
            if largest > LARGEST_COUNT:
                raise Refusal(f"its output {_short(tensor)} would hold more than 2²⁰⁰ values or bytes")
        return total


def _moved(former: ReceptiveField | None, now: ReceptiveField | None) -> Shift | None:
    """By what the field of a layer differs from what it was; None if in more than size and start."""
    if former is None or now is None or former.jump != now.jump:
        return None
    return shift(former, now)


def _short(tensor: TensorSpec) -> str:
    """A shape for a message, however large its sizes are."""
    sizes = [dim for dim in tensor.shape if isinstance(dim, int)]
    return text(tensor.shape) if max(sizes, default=0) < LARGEST_COUNT**4 else f"of {len(tensor.shape)} axes"


def _misaligned(fields: Fields) -> str | None:
    """What is wrong with reading tensors whose positions stand for different places of the network's input."""
    if len(fields) < 2:
        return None
    jumps = {field.jump for field in fields if field is not None}
    if len(jumps) < 2 or len(set(map(len, jumps))) > 1:
        return None
    shown = " and ".join("×".join(f"{step:g}" for step in jump) for jump in sorted(jumps))
    return f"its inputs have moved over the network's input in different steps ({shown}): positions do not match"


def analyze(
    architecture: Architecture,
    former: Summary | None = None,
    *,
    batch: int = 1,
    precision: Precision = "float32",
    convention: Convention | None = None,
) -> Summary:
    """Computes every layer's shapes and counts.

    Args:
        architecture: what to compute; nothing in it makes this raise.
        former: the summary before an edit: a report is kept where its layer is the same object and reads the same, so
            an edit costs what it changes.
        batch: what an unknown batch counts as in MACs and activations; a known one counts as it is.
        precision: what one floating-point value takes in memory.
        convention: whose way of counting and naming weights; None: that of the architecture's own framework.

    Returns:
        One report per layer (repeated blocks unrolled), totals and problems.
    """
    run = _Run(architecture, former, (batch, precision, convention or architecture.framework))
    scope = _Scope()
    run.walk(architecture.layers, scope, (), "")
    notes: tuple[str, ...] = ()
    ends: Sequence[tuple[RowKey, int]] = ()
    if run.is_cut_off:
        notes = (f"unrolled, it has more than {MOST_ROWS:,} layers: the rest is not counted",)
    else:
        returned = scope.read(architecture.outputs)
        ends = returned.origins
        notes = ("an output of the network is not there: choose what it returns",) if returned.lost else ()
    reports = with_sharing(run.reports)
    read = {origin[0] for report in reports for origin in report.sources}
    read.update([key for key, _output in ends])
    return Summary(
        architecture.name,
        architecture.framework,
        architecture.layout,
        tuple(reports),
        _totals(reports, ends, run.is_cut_off),
        batch,
        precision,
        notes,
        tuple([r.key for r in reports if r.key not in read and (r.output_specs or r.problem)]),
        run.convention,
        architecture.remarks,
    )


def _totals(reports: list[LayerReport], ends: Sequence[tuple[RowKey, int]], is_cut_off: bool) -> Totals:
    parameters = trainable = statistics = macs = weight_bytes = activation_bytes = left_out = unweighed = 0
    macs_known = bytes_known = not reports or any(report.output_specs for report in reports)
    for report in reports:
        parameters += report.parameters or 0
        trainable += report.trainable or 0
        statistics += report.statistics or 0
        weight_bytes += report.weight_bytes or 0
        unweighed += report.parameters is None
        is_foreign = report.layer.kind.is_foreign
        if not report.output_specs or report.parameters is None or is_foreign:
            left_out += 1
        if not report.output_specs:
            continue
        if report.macs is None:
            macs_known = macs_known and is_foreign
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
        weights_not_counted=unweighed + is_cut_off,
    )
