"""The form of one kind: a row for every option, in its sections. Made once for a kind, and shown for many layers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from paramdesk.engine.layer_kind import LayerKind
from paramdesk.ui.categories import CATEGORIES
from paramdesk.ui.inspector.field_factory import AUTOMATIC, field_for
from paramdesk.ui.inspector.field_types import FieldSpec, field_specs, has_weights, listed, written
from paramdesk.ui.inspector.fields import Field, FlagField
from paramdesk.ui.inspector.form_row import FormRow, WrappedLabel, add_hairline, heading
from paramdesk.ui.inspector.grid_field import GridField
from paramdesk.ui.inspector.inner_field import InnerField, InnerListField
from paramdesk.ui.inspector.repairs_card import RepairsCard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paramdesk.engine.architecture import Layer
    from paramdesk.engine.repairs import Repair
    from paramdesk.engine.shape import Framework
    from paramdesk.engine.summary import Problem
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

_UNSEEN = object()


class OptionRow(FormRow):
    """The row of one option.

    Signals:
        option_edited: name and new value, which may be wrong.
        option_reset: name of an option that should have its default again.
        repair_taken: the changes of a repair.
    """

    option_edited = Signal(str, object)
    option_reset = Signal(str)
    repair_taken = Signal(object)

    def __init__(self, theme: Theme, icons: Icons, spec: FieldSpec, parent: QWidget) -> None:
        super().__init__(theme, icons, spec.option.label, field_for(theme, icons, spec, parent), parent)
        self.spec = spec
        self._seen: object = _UNSEEN
        self._is_wrong = False
        self._is_held = False
        self._card: RepairsCard | None = None
        assert isinstance(self.field, Field)
        self.options_field = self.field
        self.options_field.edited.connect(self._on_edited)
        self.options_field.cancelled.connect(self._on_cancelled)
        self.reset_asked.connect(self._on_reset)

    def show_values(self, ids: tuple[int, ...], values: list[object]) -> None:
        """Show the value that these layers have; a wrong one that is being typed stays until there is another."""
        seen = (ids, values)
        if seen == self._seen:
            return
        self._seen = seen
        if not self._is_held:
            self.accepted()
            self._show_seen()

    def _show_seen(self) -> None:
        """Show what the layers have, in place of whatever the field says."""
        assert isinstance(self._seen, tuple)
        ids, values = self._seen
        field = self.options_field
        if isinstance(field, GridField):
            field.for_subject(ids)
        first = values[0]
        if all(value == first for value in values):
            field.show_value(first)
        else:
            field.show_mixed()
        self.show_reset(self._default_text() if any(value != self.spec.default for value in values) else None)

    def hold(self, *, held: bool) -> None:
        """Leave what is typed in the field, whatever becomes of the layer, until told otherwise."""
        self._is_held = held

    def accepted(self) -> None:
        """Take note that the value reached the document."""
        if self._is_wrong:
            self._is_wrong = False
            self.show_reason("")

    def refused(self, reason: str) -> None:
        """Say why the value did not reach the document."""
        self._is_wrong = True
        self.show_reason(reason)

    def show_problem(self, problem: Problem | None, repairs: tuple[Repair, ...]) -> None:
        """Show what the analysis has against this option, and what would help."""
        if self._is_wrong:
            return
        self.show_reason(short_reason(problem, self.spec.option.label, has_repairs=bool(repairs)) if problem else "")
        if repairs and self._card is None:
            self._card = RepairsCard(self._theme, self)
            self._card.applied.connect(self.repair_taken)
            self.put_below(self._card)
        if self._card is not None:
            self._card.show_repairs(repairs)

    @property
    def card(self) -> RepairsCard | None:
        """The repairs under the row."""
        return self._card

    def _default_text(self) -> str | None:
        if not self.spec.has_default:
            return None
        default = self.spec.default
        if isinstance(default, LayerKind):
            return default.title()
        return AUTOMATIC if default is None else written(default) or listed(default)

    def _on_edited(self, value: object) -> None:
        self.option_edited.emit(self.spec.name, value)

    def _on_cancelled(self) -> None:
        # Not what the field showed last: of a wrong value, what was right in its beginning is taken back.
        self.accepted()
        self._show_seen()

    def _on_reset(self) -> None:
        self.option_reset.emit(self.spec.name)


def short_reason(problem: Problem, label: str, *, has_repairs: bool) -> str:
    """A problem's message as it reads right under its field: without the field's name and without the advice.

    The advice is left out where the repairs follow as buttons.
    """
    reason = problem.message
    if has_repairs:
        reason = re.sub(r": use .*$", "", reason)
    noun = label.split(maxsplit=1)[0].lower()
    return re.sub(rf"^{re.escape(noun)} (?=\d)", "", reason)


class KindForm(QWidget):
    """Every option that a kind has in networks of a framework.

    Signals:
        option_edited: name and new value, which may be wrong.
        option_reset: name of an option that should have its default again.
        repair_taken: the changes of a repair.
        trainable_edited: whether the layers shall be trained.
        finished: typing is over.
    """

    option_edited = Signal(str, object)
    option_reset = Signal(str)
    repair_taken = Signal(object)
    trainable_edited = Signal(bool)
    finished = Signal()

    def __init__(
        self, theme: Theme, icons: Icons, kind: type[LayerKind], framework: Framework, parent: QWidget, *,
        is_inside: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._theme, self._icons = theme, icons
        self.kind = kind
        self.rows: dict[str, OptionRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._more: QWidget | None = None
        self._disclosure: QToolButton | None = None
        specs = field_specs(kind, framework)
        self._add_sections([spec for spec in specs if not spec.option.advanced], is_inside=is_inside)
        self.trainable: FlagField | None = None
        if has_weights(kind) and not is_inside:
            self._add_trainable()
        advanced = [spec for spec in specs if spec.option.advanced]
        if advanced:
            self._add_more(advanced)

    def show_layers(self, layers: tuple[Layer, ...]) -> None:
        """Show the options that these layers have."""
        ids = tuple(layer.id for layer in layers)
        for name, row in self.rows.items():
            row.show_values(ids, [getattr(layer.kind, name) for layer in layers])
        if self.trainable is not None:
            states = {layer.trainable for layer in layers}
            if len(states) == 1:
                self.trainable.show_value(states.pop())
            else:
                self.trainable.show_mixed()

    def show_problem(self, problem: Problem | None, repairs: tuple[Repair, ...]) -> None:
        """Show a problem under the option it names."""
        for name, row in self.rows.items():
            is_here = problem is not None and problem.field == name
            row.show_problem(problem if is_here else None, repairs if is_here else ())
            if is_here and row.spec.option.advanced:
                self.show_more(visible=True)

    def show_more(self, *, visible: bool) -> None:
        """Open or close the advanced options."""
        if self._more is not None and self._disclosure is not None:
            self._more.setVisible(visible)
            self._disclosure.setAccessibleDescription("open" if visible else "closed")
            arrow = Qt.ArrowType.DownArrow if visible else Qt.ArrowType.RightArrow
            self._disclosure.setArrowType(arrow)

    @property
    def disclosure(self) -> QToolButton | None:
        """The button that opens the advanced options; None if there are none."""
        return self._disclosure

    def _add_sections(self, specs: list[FieldSpec], *, is_inside: bool) -> None:
        if not specs:
            note = WrappedLabel(self._theme, "muted", self)
            edge = self._theme.metrics.edge
            note.setContentsMargins(edge, self._theme.metrics.space, edge, self._theme.metrics.space)
            note.say((self.kind.__doc__ or "").split("\n\n")[0].replace("`", ""))
            self._column.addWidget(note)
        is_plain = is_inside or self.kind.category == "io"
        title = self.kind.title() if is_plain else CATEGORIES[self.kind.category]
        sections = dict.fromkeys(spec.option.section for spec in specs)
        for place, section in enumerate(sections):
            if place:
                self._add_line()
            self._column.addWidget(heading(self._theme, section or title, self))
            self._add_rows((spec for spec in specs if spec.option.section == section), self._column)

    def _add_line(self) -> None:
        # The last row of a section keeps the distance to the next row; a hairline is nearer by that.
        self._column.addSpacing(self._theme.metrics.field - self._theme.metrics.form_row)
        add_hairline(self._theme, self._column, self)

    def _add_rows(self, specs: Iterable[FieldSpec], column: QVBoxLayout) -> None:
        for spec in specs:
            row = OptionRow(self._theme, self._icons, spec, self)
            row.option_edited.connect(self.option_edited)
            row.option_reset.connect(self.option_reset)
            row.repair_taken.connect(self.repair_taken)
            row.options_field.finished.connect(self.finished)
            if isinstance(row.options_field, InnerField | InnerListField):
                row.put_below(row.options_field.holder)
            self.rows[spec.name] = row
            column.addWidget(row)

    def _add_trainable(self) -> None:
        if not self.rows:
            self._column.addSpacing(self._theme.metrics.gap)
        field = FlagField(self._theme, "Trainable", self)
        field.edited.connect(self._on_trainable)
        row = FormRow(self._theme, None, "Trainable", field, self)
        row.setToolTip("Off: the layer is frozen, training leaves its weights as they are")
        self._column.addWidget(row)
        self.trainable = field

    def _add_more(self, specs: list[FieldSpec]) -> None:
        theme = self._theme
        self._column.addSpacing(theme.metrics.field - theme.metrics.form_row)
        add_hairline(theme, self._column, self)
        button = QToolButton(self)
        button.setText("More options")
        button.setAutoRaise(True)
        button.setAccessibleDescription("closed")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setArrowType(Qt.ArrowType.RightArrow)
        button.setIconSize(QSize(theme.metrics.chevron, theme.metrics.chevron))
        theme.dress(button, font="small")
        button.clicked.connect(self._on_disclosed)
        holder = QVBoxLayout()
        holder.setContentsMargins(theme.metrics.gap, 0, theme.metrics.gap, theme.metrics.gap)
        holder.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addLayout(holder)
        self._disclosure = button
        self._more = QWidget(self)
        inner = QVBoxLayout(self._more)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        self._add_rows(specs, inner)
        self._more.hide()
        self._column.addWidget(self._more)

    def _on_disclosed(self) -> None:
        self.show_more(visible=self._more is not None and self._more.isHidden())

    def _on_trainable(self, value: object) -> None:
        self.trainable_edited.emit(bool(value))
