"""Fields for a layer inside a layer: which kind it is, and below that its own options in a form of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from paramdesk.engine.architecture import Layer
from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.inner_choices import choices_inside
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.ui.controls.wide_list import WideListCombo
from paramdesk.ui.inspector.fields import MIXED, Field

if TYPE_CHECKING:
    from paramdesk.ui.inspector.field_types import FieldSpec
    from paramdesk.ui.inspector.kind_form import KindForm
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

NONE = "none"


class InnerField(Field):
    """A drop-down of kinds. The form of the chosen one is `holder`, which stands below the row."""

    def __init__(self, theme: Theme, icons: Icons, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(theme, spec.option.label, parent)
        self._icons = icons
        self._spec = spec
        self._value: LayerKind | None = None
        self._choices: list[type[LayerKind] | None] = []
        self._forms: dict[type[LayerKind], KindForm] = {}
        self.combo = WideListCombo(self)
        self.combo.setFixedHeight(theme.metrics.field)
        self.combo.setAccessibleName(spec.option.label)
        self.row.addWidget(self.combo)
        self.holder = QWidget(self)
        self._place = QVBoxLayout(self.holder)
        self._place.setContentsMargins(0, 0, 0, 0)
        self.combo.activated.connect(self._on_chosen)

    @property
    def option(self) -> str:
        """The name of the option."""
        return self._spec.name

    @property
    def form(self) -> KindForm | None:
        """The form of the layer inside; None where there is none."""
        return self._forms.get(type(self._value)) if self._value is not None else None

    def show_value(self, value: object) -> None:
        self._fill()
        former, self._value = self._value, value if isinstance(value, LayerKind) else None
        shown = type(self._value) if self._value is not None else None
        if shown not in self._choices:
            self._choices.append(shown)
            self.combo.addItem(shown.title() if shown else NONE)
        self.combo.setCurrentIndex(self._choices.index(shown))
        if former is not None and type(former) is not shown and type(former) in self._forms:
            self._forms[type(former)].hide()
        if self._value is not None:
            form = self._form_of(type(self._value))
            form.show_layers((Layer(0, "", self._value),))
            form.show()

    def show_mixed(self) -> None:
        self._fill()
        self._value = None
        self.combo.setCurrentIndex(-1)
        self.combo.setPlaceholderText(MIXED)
        for form in self._forms.values():
            form.hide()

    def inputs(self) -> tuple[QWidget, ...]:
        return (self.combo,)

    def _fill(self) -> None:
        """Put the choices in, when the field is shown first: they are found by trying."""
        if self._choices:
            return
        self._choices = [*([None] if self._spec.optional else []), *choices_inside(self._spec.kind, self._spec.name)]
        self.combo.addItems([kind.title() if kind else NONE for kind in self._choices])

    def _form_of(self, kind: type[LayerKind]) -> KindForm:
        form = self._forms.get(kind)
        if form is None:
            from paramdesk.ui.inspector.kind_form import KindForm

            form = KindForm(self.theme, self._icons, kind, self._spec.framework, self.holder, is_inside=True)
            form.option_edited.connect(self._on_option_edited)
            form.option_reset.connect(self._on_option_reset)
            form.finished.connect(self.finished)
            self._forms[kind] = form
            self._place.addWidget(form)
        return form

    def _on_chosen(self, index: int) -> None:
        kind = self._choices[index]
        value = None if kind is None else self._spec.kind.proposed_inside(self._spec.name, kind.preset())
        if value != self._value:
            self.show_value(value)
            self.edited.emit(value)
            self.finished.emit()

    def _on_option_edited(self, name: str, value: object) -> None:
        form = self.form
        if self._value is None or form is None:
            return
        try:
            changed = self._value.changed(**{name: value})
        except InvalidOptions as error:
            form.rows[name].refused(error.message.partition(": ")[2] or error.message)
            return
        form.rows[name].accepted()
        self._value = changed
        self.edited.emit(changed)

    def _on_option_reset(self, name: str) -> None:
        form = self.form
        if form is not None:
            self._on_option_edited(name, form.rows[name].spec.default)
            self.show_value(self._value)
            self.finished.emit()


class InnerListField(Field):
    """Layers inside a layer, one below the other, each with its form; one can be added or taken away."""

    def __init__(self, theme: Theme, icons: Icons, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(theme, spec.option.label, parent)
        self._icons = icons
        self._spec = spec
        self._value: tuple[LayerKind, ...] = ()
        self.items: list[InnerField] = []
        self._lines: list[QWidget] = []
        self.add = self._button("plus", "Add one more")
        self.add.clicked.connect(self._on_added)
        self.row.addWidget(self.add)
        self.row.addStretch(1)
        self.holder = QWidget(self)
        self._place = QVBoxLayout(self.holder)
        self._place.setContentsMargins(0, 0, 0, 0)

    def show_value(self, value: object) -> None:
        self._value = value if isinstance(value, tuple) else ()
        while len(self.items) < len(self._value):
            self._add_line()
        for place, (line, item) in enumerate(zip(self._lines, self.items, strict=True)):
            line.setVisible(place < len(self._value))
            if place < len(self._value):
                item.show_value(self._value[place])

    def show_mixed(self) -> None:
        self.show_value(())

    def inputs(self) -> tuple[QWidget, ...]:
        return (self.add,)

    def _button(self, icon: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIconSize(QSize(self.theme.metrics.icon, self.theme.metrics.icon))
        button.setToolTip(name)
        button.setAccessibleName(f"{self.name}: {name.lower()}")
        self._icons.follow(button, icon)
        return button

    def _add_line(self) -> None:
        line = QWidget(self.holder)
        column = QVBoxLayout(line)
        column.setContentsMargins(0, 0, 0, 0)
        item = InnerField(self.theme, self._icons, self._spec, line)
        head = QHBoxLayout()
        head.addSpacing(self.theme.metrics.edge)
        head.addWidget(item)
        remove = self._button("minus", "Take this one away")
        head.addWidget(remove)
        head.addSpacing(self.theme.metrics.edge)
        column.addLayout(head)
        column.addWidget(item.holder)
        item.edited.connect(self._on_edited)
        item.finished.connect(self.finished)
        remove.clicked.connect(self._on_removed)
        self.items.append(item)
        self._lines.append(line)
        self._place.addWidget(line)

    def _on_edited(self, value: object) -> None:
        place = self.items.index(self.sender())  # type: ignore[arg-type]  # one of them
        assert isinstance(value, LayerKind)
        self._give((*self._value[:place], value, *self._value[place + 1 :]))

    def _on_added(self) -> None:
        if self._value:
            self._give((*self._value, self._value[-1]))

    def _on_removed(self) -> None:
        button = self.sender()
        place = next(place for place, line in enumerate(self._lines) if line.isAncestorOf(button))  # type: ignore[arg-type]  # a button in one of them
        if len(self._value) > 1:
            self._give((*self._value[:place], *self._value[place + 1 :]))

    def _give(self, value: tuple[LayerKind, ...]) -> None:
        self.show_value(value)
        self.edited.emit(value)
        self.finished.emit()
