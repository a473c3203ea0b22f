"""What an analysis finds: immutable reports, totals and problems. Unknown is None, never 0."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from paramdesk.engine.architecture import Layer
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import (
    Framework,
    Layout,
    PublicShape,
    TensorSpec,
    public,
)
from paramdesk.engine.weight import Weight

if TYPE_CHECKING:
    from paramdesk.engine.explanation import Section

Precision: TypeAlias = Literal["float32", "float16", "bfloat16", "int8"]
Convention: TypeAlias = Framework
RowKey: TypeAlias = tuple[int, ...]
"""Which row: (block id, repetition, …, layer id). It survives renaming, moving and every other edit."""

OF_WEIGHTS = frozenset({"parameters", "trainable", "non_trainable", "statistics", "weight_bytes"})
"""The sums that only the weights enter, which may be known of a layer that cannot be computed."""

Severity: TypeAlias = Literal["error", "warning", "waiting"]


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with one layer.

    Attributes:
        key: the layer's row.
        path: its path, for people.
        message: the reason, with the numbers.
        severity: "error": its framework refuses it; "waiting": it reads from a layer that has an error;
            "warning": accepted, with a catch.
        field: the option at fault, if it is one.
        repairs: changes of options that may mend it; `paramdesk.engine.repairs` tries them.
    """

    key: RowKey
    path: str
    message: str
    severity: Severity = "error"
    field: str | None = None
    repairs: tuple[Mapping[str, object], ...] = ()

    def __str__(self) -> str:
        """The reason."""
        return self.message


class LayerReport(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What one layer, in one place and one repetition, comes to.

    Attributes:
        key: which row it is.
        path: where it is, for people: block names and the layer's name, joined by "/".
        layer: the layer itself.
        inputs: paths of what it reads.
        sources: the same as keys of rows and numbers of their outputs.
        input_specs: the tensors it reads.
        input_fields: what one position of each of them sees of the network's input.
        output_specs: the tensors it makes; empty if it cannot be computed.
        field: what one position of its output sees of the network's input; None where that is not defined.
        weights: its weights.
        buffers: what it keeps besides and PyTorch counts as no parameter (moving means and variances); in Keras'
            convention these are weights.
        parameters: values in its weights; None if they cannot be known. It is trainable + non_trainable.
        trainable: values that training changes.
        non_trainable: values that it does not.
        statistics: values gathered from data: of the non-trainable ones in Keras' convention, in the buffers in
            PyTorch's.
        macs: multiply-accumulates, times the batch; None if not known.
        weight_bytes: memory of the weights.
        activation_bytes: memory of the outputs, times the batch; 0 if they take that of its input; None if not known.
        problem: what is wrong with it; None if nothing is.
        batch: what an unknown batch counts as in these numbers.
        precision: what a floating-point value takes in them.
        weights_of: path of the layer whose weights it uses, which count there; None if it has its own.
        convention: whose way of counting and naming weights this is.
    """

    key: RowKey
    path: str
    layer: Layer
    inputs: tuple[str, ...]
    sources: tuple[tuple[RowKey, int], ...]
    input_specs: tuple[TensorSpec, ...]
    input_fields: tuple[ReceptiveField | None, ...] = ()
    output_specs: tuple[TensorSpec, ...] = ()
    field: ReceptiveField | None = None
    weights: tuple[Weight, ...] = ()
    parameters: int | None = None
    trainable: int | None = None
    non_trainable: int | None = None
    statistics: int | None = None
    macs: int | None = None
    weight_bytes: int | None = None
    activation_bytes: int | None = None
    problem: Problem | None = None
    batch: int = 1
    precision: Precision = "float32"
    convention: Convention = "keras"
    buffers: tuple[Weight, ...] = ()
    weights_of: str | None = None

    @property
    def name(self) -> str:
        """The layer's name."""
        return self.layer.name

    @property
    def kind(self) -> str:
        """What the convention's framework calls the layer's kind."""
        return self.layer.kind.name_in(self.convention)

    @property
    def is_computed(self) -> bool:
        """Whether its output is known (a warning does not hinder that). Its parameters may be even if it is not."""
        return bool(self.output_specs)

    @property
    def works_in_place(self) -> bool:
        """Whether its output takes the memory of its input, as in PyTorch, where Keras has memory for both."""
        outputs = self.output_specs
        return bool(outputs) and outputs[0].framework == "pytorch" and self.layer.kind.works_in_place

    @property
    def input_shapes(self) -> tuple[PublicShape, ...]:
        """Shapes of what it reads, None where a dimension is not known."""
        return tuple([public(spec.shape) for spec in self.input_specs])

    @property
    def output_shapes(self) -> tuple[PublicShape, ...]:
        """Shapes of what it makes, in the framework's order; empty if it cannot be computed."""
        return tuple([public(spec.shape) for spec in self.output_specs])

    @property
    def receptive_field(self) -> tuple[int, ...] | None:
        """Input positions that one output sees, per spatial axis; None where that is not defined."""
        return self.field.size if self.field else None

    def unweighed(self) -> LayerReport:
        """The same report where nothing is known of the layer's weights."""
        return msgspec.structs.replace(
            self, weights=(), buffers=(), parameters=None, trainable=None, non_trainable=None, statistics=None,
            weight_bytes=None,
        )  # fmt: skip

    def explanation(self) -> tuple[Section, ...]:
        """How its numbers come about: sections, each with lines of (what, words, numbers, result)."""
        from paramdesk.engine.explanation import explain

        return explain(self)


class Totals(msgspec.Struct, frozen=True):
    """Sums over the layers that are computed; lower bounds while one is not.

    Attributes:
        parameters: values in all weights, each counted once.
        trainable: of these, those that training changes.
        non_trainable: of these, those that it does not.
        statistics: values gathered from data: of the non-trainable ones in Keras' convention, besides the parameters
            in PyTorch's.
        macs: None if a computed layer's is not known.
        weight_bytes: memory of all weights.
        activation_bytes: memory of all outputs together; None if one is not known.
        peak_activation_bytes: the most memory that live tensors need at one time; None if one is not known.
        peak_at: path of the layer during which that is.
        layers_not_counted: layers that cannot be computed.
        weights_not_counted: layers of which not even the parameters are known.
    """

    parameters: int
    trainable: int
    non_trainable: int
    statistics: int
    macs: int | None
    weight_bytes: int
    activation_bytes: int | None
    peak_activation_bytes: int | None
    peak_at: str | None
    layers_not_counted: int
    weights_not_counted: int = 0

    @property
    def complete(self) -> bool:
        """Whether every layer is counted."""
        return self.layers_not_counted == 0

    def lacking(self, name: str) -> int:
        """How many layers one of the sums lacks: what makes it a lower bound."""
        return self.weights_not_counted if name in OF_WEIGHTS else self.layers_not_counted


class Summary(msgspec.Struct, frozen=True, eq=False, dict=True):
    """Everything an analysis finds.

    Attributes:
        name: the architecture's.
        framework: whose rules were applied.
        layout: where its channels are.
        layers: one report for each layer, blocks unrolled, in order of computation.
        totals: their sums.
        batch: what an unknown batch counts as in MACs and activations.
        precision: what a value takes in memory.
        notes: what is wrong with the architecture as a whole.
        unread: rows whose output nothing reads and the network does not return.
        convention: whose way of counting and naming weights this is.
        remarks: what a reader of the numbers should know about the file that the architecture is from.
    """

    name: str
    framework: Framework
    layout: Layout
    layers: tuple[LayerReport, ...]
    totals: Totals
    batch: int = 1
    precision: Precision = "float32"
    notes: tuple[str, ...] = ()
    unread: tuple[RowKey, ...] = ()
    convention: Convention = "keras"
    remarks: tuple[str, ...] = ()

    @functools.cached_property
    def rows(self) -> dict[RowKey, LayerReport]:
        """The reports by their keys."""
        return {report.key: report for report in self.layers}

    @functools.cached_property
    def inputs(self) -> tuple[LayerReport, ...]:
        """The reports on inputs, through which data comes in."""
        return tuple([report for report in self.layers if report.layer.kind.is_input])

    @functools.cached_property
    def has_repeats(self) -> bool:
        """Whether a block is computed more than once: every second part of a key counts its repetitions."""
        nested = [report.key for report in self.layers if len(report.key) > 1]
        return any(any(key[1::2]) for key in nested)

    @functools.cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, row by row; layers that merely wait for another are not listed."""
        own = [r.problem for r in self.layers if r.problem and r.problem.severity != "waiting"]
        unread = [self.rows[key] for key in self.unread]
        return tuple(own + [self._unread(report) for report in unread if report.is_computed])

    def problem_of(self, report: LayerReport) -> Problem | None:
        """What is wrong with a row: its own problem, or that nothing reads it."""
        if report.problem is None and report.key in self.unread:
            return self._unread(report)
        return report.problem

    def _unread(self, report: LayerReport) -> Problem:
        reason = "nothing reads it: a framework would leave it out, yet it is counted here"
        return Problem(report.key, report.path, reason, "warning")

    @property
    def has_errors(self) -> bool:
        """Whether a layer cannot be computed, or the architecture as a whole is at fault."""
        return bool(self.notes) or any(problem.severity == "error" for problem in self.problems)
