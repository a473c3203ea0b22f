"""Pages without one layer: the network itself, a block, and a selection of several things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from paramdesk.engine.digest import percent
from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.formula import number
from paramdesk.engine.naming import listed
from paramdesk.engine.shape import FRAMEWORKS, NAMES
from paramdesk.ui.inspector.field_types import Choice, FieldSpec, Sequence, field_specs
from paramdesk.ui.inspector.fields import ChoiceField, LineField, SequenceField
from paramdesk.ui.inspector.form_row import FactRow, FormRow, Hairline, add_hairline, heading
from paramdesk.ui.inspector.subject import configured, each_time, reports_under, said_of
from paramdesk.ui.totals.figures import layer_count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paramdesk.engine.architecture import Layer
    from paramdesk.engine.edits import Edit
    from paramdesk.engine.layer_kind import LayerKind
    from paramdesk.engine.shape import Framework, Layout
    from paramdesk.engine.summary import LayerReport, Summary
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.inspector.subject import Subject
    from paramdesk.ui.style.theme import Theme

_LAYOUTS: dict[Layout, str] = {"channels_last": "channels last", "channels_first": "channels first"}


def at_least(value: int | None, *, complete: bool) -> str:
    """A total in words: `≥ 1,024` while layers are missing, `not known` without a number.

    >>> at_least(1024, complete=False), at_least(None, complete=True)
    ('≥ 1,024', 'not known')
    """
    if value is None:
        return "not known"
    return number(value) if complete else f"≥ {number(value)}"


def shape_spec(kind: type[LayerKind], framework: Framework) -> FieldSpec | None:
    """The option of an input kind that is its shape: the one that holds sizes."""
    return next((spec for spec in field_specs(kind, framework) if isinstance(spec.type, Sequence)), None)


class InputShapeRow(FormRow):
    """The shape of one input of the network, editable.

    Signals:
        shape_edited: id of the layer and the new shape, which may be wrong.
    """

    shape_edited = Signal(int, object)

    def __init__(self, theme: Theme, layer: Layer, spec: FieldSpec, parent: QWidget) -> None:
        assert isinstance(spec.type, Sequence)
        field = SequenceField(theme, f"Shape of {layer.name}", spec.type, None, parent)
        super().__init__(theme, None, layer.name, field, parent)
        self.layer_id = layer.id
        self.option = spec.name
        self.shape_field = field
        field.edited.connect(self._on_edited)

    def _on_edited(self, value: object) -> None:
        self.shape_edited.emit(self.layer_id, value)


class NetworkForm(QWidget):
    """The network itself: its name, conventions, inputs and totals."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.name = LineField(theme, "Name of the network", parent=self)
        self.name.edited.connect(self._on_named)
        self.name.finished.connect(document.end_step)
        self._column.addWidget(FormRow(theme, None, "Name", self.name, self))
        self.framework = ChoiceField(theme, "Framework", Choice(tuple(NAMES.values())), parent=self)
        self.layout_field = ChoiceField(theme, "Layout", Choice(tuple(_LAYOUTS.values())), parent=self)
        for field in (self.framework, self.layout_field):
            self._column.addWidget(FormRow(theme, None, field.name, field, self))
        self.framework.edited.connect(self._on_framework)
        self.layout_field.edited.connect(self._on_layout)
        self._add_section("Inputs")
        self._inputs = QVBoxLayout()
        self._column.addLayout(self._inputs)
        self.input_rows: list[InputShapeRow] = []
        self._no_inputs = FactRow(theme, "No input", self)
        self._no_inputs.show_text("drop an Input layer first")
        self._column.addWidget(self._no_inputs)
        self._add_section("Totals")
        labels = ("Layers", "Parameters", "Trainable", "Non-trainable", "MACs", "Weights", "Peak activations")
        self._totals = {label: FactRow(theme, label, self) for label in labels}
        for row in self._totals.values():
            self._column.addWidget(row)

    def refresh(self) -> None:
        """Show the document as it is now."""
        architecture, summary = self._document.architecture, self._document.summary
        self.name.show_value(architecture.name)
        self.framework.show_value(NAMES[architecture.framework])
        self.layout_field.show_value(_LAYOUTS[architecture.layout])
        self.layout_field.setEnabled(architecture.framework == "keras")
        self.layout_field.setToolTip("" if self.layout_field.isEnabled() else "PyTorch has no other")
        self._show_inputs(architecture.input_layers())
        for label, text in network_totals(summary).items():
            self._totals[label].show_text(text)

    def total(self, label: str) -> str:
        """A total as it is shown."""
        return self._totals[label].text

    def _add_section(self, title: str) -> None:
        add_hairline(self._theme, self._column, self)
        self._column.addWidget(heading(self._theme, title, self))

    def _show_inputs(self, layers: list[Layer]) -> None:
        shown = [
            (layer, spec)
            for layer in layers
            if (spec := shape_spec(type(layer.kind), self._document.architecture.framework)) is not None
        ]
        if [(layer.id, layer.name) for layer, _spec in shown] != [
            (row.layer_id, row.shape_field.name.removeprefix("Shape of ")) for row in self.input_rows
        ]:
            for row in self.input_rows:
                row.hide()
                row.deleteLater()
            self.input_rows = [InputShapeRow(self._theme, layer, spec, self) for layer, spec in shown]
            for row in self.input_rows:
                row.shape_edited.connect(self._on_shape_edited)
                row.shape_field.finished.connect(self._document.end_step)
                self._inputs.addWidget(row)
        for row, (layer, spec) in zip(self.input_rows, shown, strict=True):
            row.shape_field.show_value(getattr(layer.kind, spec.name))
            row.show_reason("")
        self._no_inputs.setVisible(not shown)

    def _on_named(self, value: object) -> None:
        self._document.rename(str(value).strip() or "untitled")

    def _on_framework(self, name: object) -> None:
        framework = next(framework for framework in FRAMEWORKS if NAMES[framework] == name)
        from paramdesk.engine.framework_edits import set_framework  # no start waits for it

        self._apply(set_framework(self._document.architecture, framework))

    def _on_layout(self, words: object) -> None:
        layout = next(layout for layout, said in _LAYOUTS.items() if said == words)
        from paramdesk.engine.framework_edits import set_layout  # no start waits for it

        self._apply(set_layout(self._document.architecture, layout))

    def _apply(self, edit: Edit) -> None:
        if edit.architecture != self._document.architecture:
            self._document.apply(edit)

    def _on_shape_edited(self, layer_id: int, value: object) -> None:
        row = next(row for row in self.input_rows if row.layer_id == layer_id)
        try:
            edit = configured(self._document.architecture, (layer_id,), **{row.option: value})
        except InvalidOptions as error:
            row.show_reason(said_of(error, "?"))
            return
        row.show_reason("")
        # The network stays what is inspected, though it is a layer that changes.
        self._document.apply(msgspec.structs.replace(edit, selected=self._document.selection.ids))


def network_totals(summary: Summary) -> dict[str, str]:
    """A network's totals in words."""
    totals = summary.totals
    complete, weighed = totals.complete, not totals.lacking("parameters")
    missing = f", {totals.layers_not_counted:,} not computed" if not complete else ""
    peak = at_least(totals.peak_activation_bytes, complete=complete)
    unit = " B" if totals.peak_activation_bytes is not None else ""
    place = f", at {totals.peak_at}" if totals.peak_at else ""
    return {
        "Layers": f"{layer_count(summary):,}{' when unrolled' if summary.has_repeats else ''}{missing}",
        "Parameters": at_least(totals.parameters, complete=weighed),
        "Trainable": at_least(totals.trainable, complete=weighed),
        "Non-trainable": at_least(totals.non_trainable, complete=weighed),
        "MACs": at_least(totals.macs, complete=complete),
        "Weights": f"{at_least(totals.weight_bytes, complete=weighed)} B",
        "Peak activations": f"{peak}{unit}{place}",
    }


class SelectionSummary(QWidget):
    """Several things at once, or a block: how many, and what they come to together."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._line = Hairline(theme, self)
        column.addWidget(self._line)
        column.addSpacing(theme.metrics.gap)
        column.addWidget(heading(theme, "Together", self))
        labels = ("Layers", "Kinds", "Parameters", "Trainable", "MACs", "Weights", "Share")
        self._rows = {label: FactRow(theme, label, self) for label in labels}
        for row in self._rows.values():
            column.addWidget(row)

    def show_subject(self, subject: Subject, summary: Summary) -> None:
        """Show what the selection comes to."""
        self._line.setVisible(subject.kind is not None)
        for label, text in selection_totals(subject, summary).items():
            self._rows[label].show_text(text)

    def text(self, label: str) -> str:
        """What is told under a label."""
        return self._rows[label].text


def selection_totals(subject: Subject, summary: Summary) -> dict[str, str]:
    """What a selection comes to, in words; repetitions of blocks count."""
    reports = reports_under(summary, subject.ids)
    computed = [report for report in reports if report.is_computed]
    complete = len(computed) == len(reports)
    weighed = [report for report in reports if report.parameters is not None]
    known = len(weighed) == len(reports)
    parameters = _sum(weighed, "parameters") or 0
    whole = summary.totals.parameters
    kinds = list(dict.fromkeys(report.kind for report in reports))
    missing = f", {len(reports) - len(computed):,} not computed" if not complete else ""
    layers = _layers(reports)
    each = each_time(reports, subject.ids[0]) if len(subject.nodes) == 1 else []
    return {
        "Layers": _per_repeat([_layers(part) for part in each], f"{layers:,}{missing}"),
        "Kinds": listed(kinds, 4),
        "Parameters": _per_repeat([_sum(part, "parameters") for part in each], at_least(parameters, complete=known)),
        "Trainable": at_least(_sum(weighed, "trainable"), complete=known),
        "MACs": at_least(_sum(computed, "macs"), complete=complete),
        "Weights": f"{at_least(_sum(weighed, 'weight_bytes'), complete=known)} B",
        "Share": f"{percent(parameters, whole, is_complete=not summary.totals.weights_not_counted)} of all parameters"
        if whole
        else "–",
    }


def _layers(reports: Iterable[LayerReport]) -> int:
    return sum(not report.layer.kind.is_input for report in reports)


def _per_repeat(each: list[int | None] | list[int], together: str) -> str:
    """A figure of something repeated, in the words of its row: `1,180 per repeat, together 4,720`."""
    known = [count for count in each if count is not None]
    if len(each) < 2 or len(known) < len(each):
        return together
    least, most = number(min(known)), number(max(known))
    return f"{least if least == most else f'{least} to {most}'} per repeat, together {together}"


def _sum(reports: list[LayerReport], what: str) -> int | None:
    values = [getattr(report, what) for report in reports]
    return None if None in values else sum(values)
