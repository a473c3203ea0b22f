"""Fields for one option each. A field shows a value and says when the user gives another; it checks nothing.

Every field has the same face: `show_value` (which never emits), `show_mixed` for several layers that differ, `mark`
for a wrong value, and two signals. What is wrong with a value is found by the engine, and shown by the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from paramdesk.engine.digest import shown
from paramdesk.ui.controls.line_edit import LineEdit
from paramdesk.ui.controls.switch import Switch
from paramdesk.ui.controls.wide_list import ElidingCombo
from paramdesk.ui.inspector.field_types import Real, Sequence, Whole, listed, parsed_sequence, written
from paramdesk.ui.inspector.number_box import NumberBox, is_history_key
from paramdesk.ui.style.app_style import mark_invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QWheelEvent

    from paramdesk.ui.inspector.field_types import Choice
    from paramdesk.ui.style.theme import Theme

MIXED = "mixed"


class Field(QWidget):
    """Base of all fields.

    Signals:
        edited: the user gave another value; it may be wrong.
        finished: typing is over, or the focus left.
        cancelled: the user took a wrong value back.
    """

    edited = Signal(object)
    finished = Signal()
    cancelled = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.name = name
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_value(self, value: object) -> None:
        """Show a value. It never emits."""
        raise NotImplementedError

    def show_mixed(self) -> None:
        """Show that several layers have different values."""
        raise NotImplementedError

    def inputs(self) -> tuple[QWidget, ...]:
        """The widgets that take the focus."""
        raise NotImplementedError

    def mark(self, *, invalid: bool) -> None:
        """Frame the field as wrong, or not."""
        for widget in self.inputs():
            mark_invalid(widget, invalid=invalid)

    def describe(self, text: str) -> None:
        """Give a screen reader the reason why the value is wrong, or another description."""
        for widget in self.inputs():
            widget.setAccessibleDescription(text)


class NumberField(Field):
    """One number."""

    def __init__(self, theme: Theme, name: str, kind: Whole | Real, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self.box = sized_box(theme, kind, name, self)
        self.row.addWidget(self.box)
        self.row.addStretch(1)
        self.box.edited.connect(self.edited)
        self.box.cancelled.connect(self.cancelled)
        self.box.editingFinished.connect(self.finished)

    def show_value(self, value: object) -> None:
        self.box.show_value(value)

    def show_mixed(self) -> None:
        self.box.show_value(None, empty=MIXED)

    def inputs(self) -> tuple[QWidget, ...]:
        return (self.box,)


def sized_box(theme: Theme, kind: Whole | Real, name: str, parent: QWidget) -> NumberBox:
    """A number box of the form's size."""
    box = NumberBox(kind, parent)
    box.setFixedSize(theme.metrics.number_field, theme.metrics.field)
    box.setAccessibleName(name)
    return box


class FlagField(Field):
    """A switch."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self.setFixedHeight(theme.metrics.field)
        self.switch = Switch(theme, name, self)
        self._mixed = QLabel(MIXED, self)
        theme.dress(self._mixed, font="caption", text="muted")
        self._mixed.hide()
        self.row.addWidget(self.switch)
        self.row.addSpacing(theme.metrics.gap)
        self.row.addWidget(self._mixed)
        self.row.addStretch(1)
        self.switch.clicked.connect(self._on_clicked)

    def show_value(self, value: object) -> None:
        self._mixed.hide()
        self.switch.setChecked(bool(value))

    def show_mixed(self) -> None:
        self.switch.setChecked(False)
        self._mixed.show()

    def inputs(self) -> tuple[QWidget, ...]:
        return (self.switch,)

    @property
    def is_mixed(self) -> bool:
        """Whether it stands for layers that differ."""
        return not self._mixed.isHidden()

    def _on_clicked(self, checked: bool) -> None:
        self._mixed.hide()
        self.edited.emit(checked)
        self.finished.emit()


class QuietCombo(ElidingCombo):
    """A drop-down that the wheel turns only while it has the focus: else the page scrolls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setMaxVisibleItems(16)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn only with the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceField(Field):
    """A drop-down of a fixed set of values; None, where it is one, stands first."""

    def __init__(
        self, theme: Theme, name: str, choice: Choice, automatic: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, parent)
        self._values: list[object] = ([None] if automatic is not None else []) + list(choice.values)
        self.combo = QuietCombo(self)
        self.combo.setAccessibleName(name)
        self.combo.setPlaceholderText(MIXED)
        self.combo.addItems([automatic or "" if value is None else written(value) for value in self._values])
        self.combo.setFixedSize(2 * theme.metrics.number_field + theme.metrics.pair_gap, theme.metrics.field)
        self.row.addWidget(self.combo)
        self.row.addStretch(1)
        self.combo.activated.connect(self._on_activated)

    def show_value(self, value: object) -> None:
        if value in self._values:
            self.combo.setCurrentIndex(self._values.index(value))
        else:
            self.combo.setCurrentIndex(-1)
            # Numbers that the other framework takes here: what stands before and behind an axis is said once if equal.
            self.combo.setPlaceholderText(shown(value, " × ") if isinstance(value, tuple) else written(value))

    def show_mixed(self) -> None:
        self.combo.setPlaceholderText(MIXED)
        self.combo.setCurrentIndex(-1)

    def inputs(self) -> tuple[QWidget, ...]:
        return (self.combo,)

    def _on_activated(self, index: int) -> None:
        self.edited.emit(self._values[index])
        self.finished.emit()


class LineField(Field):
    """A line of text that stands for a value.

    Args:
        theme: its colours and sizes.
        name: what a screen reader calls it.
        write: the text of a value.
        parse: the value of a text.
        empty: what an empty line stands for, said in the line; None: nothing, so it is no value.
        parent: its owner.
    """

    def __init__(
        self,
        theme: Theme,
        name: str,
        write: Callable[[object], str] = written,
        parse: Callable[[str], object] = str,
        empty: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, parent)
        self._write, self._parse, self._empty = write, parse, empty
        self._shown: object = None
        self.edit = HistoryLineEdit(self)
        self.edit.setAccessibleName(name)
        self.edit.setFixedHeight(theme.metrics.field)
        self.edit.setPlaceholderText(empty or "")
        self.row.addWidget(self.edit)
        self.edit.textEdited.connect(self._on_text_edited)
        self.edit.editingFinished.connect(self._on_finished)
        self.edit.escaped.connect(self._on_escaped)

    @property
    def value(self) -> object:
        """What the line stands for."""
        text = self.edit.text()
        return None if self._empty is not None and not text.strip() else self._parse(text)

    def show_value(self, value: object) -> None:
        self._shown = value
        self.edit.setPlaceholderText(self._empty or "")
        if self.value == value and type(self.value) is type(value):
            return
        self._put(self._write(value) if value is not None else "")

    def show_mixed(self) -> None:
        self._shown = None
        self._put("")
        self.edit.setPlaceholderText(MIXED)

    def inputs(self) -> tuple[QWidget, ...]:
        return (self.edit,)

    def _put(self, text: str) -> None:
        cursor = self.edit.cursorPosition()
        self.edit.setText(text)
        self.edit.setCursorPosition(min(cursor, len(text)) if self.edit.hasFocus() else 0)

    def _on_text_edited(self, _text: str) -> None:
        self.edited.emit(self.value)

    def _on_finished(self) -> None:
        if self.value == self._shown and self._shown is not None:
            self._put(self._write(self._shown))  # as it is written everywhere else
        self.finished.emit()

    def _on_escaped(self) -> None:
        if self.value != self._shown:
            self._put(self._write(self._shown) if self._shown is not None else "")
            self.cancelled.emit()


class HistoryLineEdit(LineEdit):
    """A line edit that leaves undo and redo to the document.

    Signals:
        escaped: Escape was pressed.
    """

    escaped = Signal()

    def event(self, event: QEvent) -> bool:
        """Let the window's actions have undo and redo."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_history_key(event):
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass undo, redo and Escape on."""
        if is_history_key(event):
            event.ignore()
            return
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        super().keyPressEvent(event)


class SequenceField(LineField):
    """Numbers in a line: sizes with ×, or axes with commas."""

    def __init__(
        self, theme: Theme, name: str, kind: Sequence, empty: str | None = None, parent: QWidget | None = None
    ) -> None:
        self._kind = kind
        is_sizes = kind.unknown and not kind.single
        super().__init__(theme, name, written if is_sizes else listed, self._read, empty, parent)
        if is_sizes:
            self.edit.setToolTip("Sizes without the batch, as 28 × 28 × 1 or 28, 28, 1; ? for one that varies")
        elif not kind.single:
            self.edit.setToolTip("Numbers with commas between them")

    def _read(self, text: str) -> object:
        return parsed_sequence(text, self._kind)


class OptionalField(Field):
    """A field under a check box `automatic`: checked, the framework chooses, and there is no field.

    Args:
        theme: its colours and sizes.
        inner: the field for the value.
        seed: what the field starts with when the framework no longer chooses.
        parent: its owner.
    """

    def __init__(self, theme: Theme, inner: Field, seed: object, parent: QWidget | None = None) -> None:
        super().__init__(theme, inner.name, parent)
        self._inner = inner
        self._seed = seed
        self.check = QCheckBox("automatic", self)
        self.check.setAccessibleName(f"{inner.name}: automatic")
        self.check.setToolTip("Chosen by the framework")
        theme.dress(self.check, font="small")
        self.check.setFixedHeight(theme.metrics.field)
        inner.setParent(self)
        column = QVBoxLayout()
        column.setSpacing(theme.metrics.space)
        column.addWidget(self.check, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(inner)
        self.row.addLayout(column)
        self.check.clicked.connect(self._on_clicked)
        inner.edited.connect(self.edited)
        inner.finished.connect(self.finished)
        inner.cancelled.connect(self.cancelled)

    def show_value(self, value: object) -> None:
        self._show_state(is_set=value is not None)
        if value is not None:
            self._seed = value
            self._inner.show_value(value)

    def show_mixed(self) -> None:
        self._show_state(is_set=True)
        self._inner.show_mixed()

    def inputs(self) -> tuple[QWidget, ...]:
        return (self.check, *self._inner.inputs()) if self._inner.isHidden() else (*self._inner.inputs(), self.check)

    def mark(self, *, invalid: bool) -> None:
        self._inner.mark(invalid=invalid)

    def _show_state(self, *, is_set: bool) -> None:
        self.check.setChecked(not is_set)
        self._inner.setVisible(is_set)

    def _on_clicked(self, checked: bool) -> None:
        self._show_state(is_set=not checked)
        if not checked:
            self._inner.show_value(self._seed)
        self.edited.emit(None if checked else self._seed)
        self.finished.emit()


class OpaqueField(Field):
    """A value that is shown and kept, but has no field to edit it."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        theme.dress(self.label, font="small", text="muted")
        self.label.setMinimumHeight(theme.metrics.field)
        self.row.addWidget(self.label)

    def show_value(self, value: object) -> None:
        text = written(value) or "–"
        self.label.setText(text)
        self.label.setAccessibleName(f"{self.name}: {text}")

    def show_mixed(self) -> None:
        self.label.setText(MIXED)

    def inputs(self) -> tuple[QWidget, ...]:
        return ()
