"""Which field an option gets: from the type of its values, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout

from paramdesk.ui.inspector.field_types import (
    Choice,
    ChoiceOr,
    FieldType,
    Flag,
    Grid,
    Inner,
    Real,
    Sequence,
    Text,
    Whole,
)
from paramdesk.ui.inspector.fields import (
    ChoiceField,
    Field,
    FlagField,
    LineField,
    NumberField,
    OpaqueField,
    OptionalField,
    SequenceField,
)
from paramdesk.ui.inspector.grid_field import GridField
from paramdesk.ui.inspector.inner_field import InnerField, InnerListField

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.inspector.field_types import FieldSpec
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

AUTOMATIC = "automatic"
_NUMBERS = object()


def field_for(theme: Theme, icons: Icons, spec: FieldSpec, parent: QWidget) -> Field:
    """The field of an option."""
    automatic = AUTOMATIC if spec.optional else None
    name, kind = spec.option.label, spec.type
    match kind:
        case Choice():
            return ChoiceField(theme, name, kind, automatic, parent)
        case Flag() if spec.optional:
            return ChoiceField(theme, name, Choice((True, False)), automatic, parent)
        case Sequence():
            return SequenceField(theme, name, kind, automatic, parent)
        case Text() if spec.option.choices:
            return ChoiceField(theme, name, Choice(spec.option.choices), automatic, parent)
        case Text():
            return LineField(theme, name, empty=automatic, parent=parent)
        case Inner(is_list=True):
            return InnerListField(theme, icons, spec, parent)
        case Inner():
            return InnerField(theme, icons, spec, parent)
    field = _plain_field(theme, icons, name, kind, parent)
    if spec.optional and not isinstance(field, OpaqueField):
        return OptionalField(theme, field, seed_of(kind), parent)
    return field


def _plain_field(theme: Theme, icons: Icons, name: str, kind: FieldType, parent: QWidget) -> Field:
    match kind:
        case Whole() | Real():
            return NumberField(theme, name, kind, parent)
        case Flag():
            return FlagField(theme, name, parent)
        case Grid():
            return GridField(theme, icons, name, kind, parent)
        case Sequence():
            return SequenceField(theme, name, kind, None, parent)
        case ChoiceOr():
            return ChoiceOrField(theme, icons, name, kind, parent)
        case _:
            return OpaqueField(theme, name, parent)


def seed_of(kind: FieldType) -> object:
    """A value to start from where there was none: ones, or the nearest that is allowed."""
    match kind:
        case Whole() | Real():
            least, most = kind.least, kind.most
            one: float = 1 if least is None else max(1, least)
            one = one if most is None else min(one, most)
            return float(one) if isinstance(kind, Real) else int(one)
        case Grid():
            row = (seed_of(kind.item),) * kind.columns
            return (row,) * kind.rows if kind.rows else row
        case Sequence():
            return seed_of(kind.item) if kind.single else (seed_of(kind.item),)
        case ChoiceOr():
            return kind.choice.values[0]
        case Flag():
            return False
        case _:
            return ""


class ChoiceOrField(Field):
    """A drop-down of a fixed set whose last entry opens a field for numbers."""

    def __init__(self, theme: Theme, icons: Icons, name: str, kind: ChoiceOr, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self._choices = ChoiceField(theme, name, Choice((*kind.choice.values, _NUMBERS)), None, self)
        self._choices.combo.setItemText(self._choices.combo.count() - 1, "in numbers")
        self._numbers = _plain_field(theme, icons, name, kind.numbers, self)
        self._latest = seed_of(kind.numbers)
        column = QVBoxLayout()
        column.setSpacing(theme.metrics.form_row - theme.metrics.field)
        column.addWidget(self._choices)
        column.addWidget(self._numbers)
        self.row.addLayout(column)
        self._choices.edited.connect(self._on_chosen)
        self._numbers.edited.connect(self.edited)
        self._numbers.finished.connect(self.finished)
        self._numbers.cancelled.connect(self.cancelled)

    def show_value(self, value: object) -> None:
        is_number = not isinstance(value, str)
        self._numbers.setVisible(is_number)
        self._choices.show_value(_NUMBERS if is_number else value)
        if is_number:
            self._latest = value
            self._numbers.show_value(value)

    def show_mixed(self) -> None:
        self._numbers.hide()
        self._choices.show_mixed()

    def inputs(self) -> tuple[QWidget, ...]:
        return (*self._choices.inputs(), *self._numbers.inputs())

    def _on_chosen(self, value: object) -> None:
        chosen = self._latest if value is _NUMBERS else value
        self.show_value(chosen)
        self.edited.emit(chosen)
        self.finished.emit()
