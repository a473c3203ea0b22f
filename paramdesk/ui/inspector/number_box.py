"""A field for one number: typed, or turned with arrows, keys and wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox

from paramdesk.ui.inspector.field_types import Real, Whole, parsed_number, written

if TYPE_CHECKING:
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QWidget

__all__ = ["NumberBox", "is_history_key"]

_Step = QAbstractSpinBox.StepEnabledFlag


def is_history_key(event: QKeyEvent) -> bool:
    """Tell whether a key asks for undo or redo: fields leave these to the document, which knows every step."""
    return event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)


class NumberBox(QAbstractSpinBox):
    """A spin box over Python's numbers, as large as they come.

    It takes any text: what is no number, or out of range, is passed on as it is, so that whoever listens can say why
    it is wrong. `show_value` never emits.

    Signals:
        edited: the user gave another value: a number, or the text that is none.
        cancelled: Escape took a wrong text back, or the field was left empty.
    """

    edited = Signal(object)
    cancelled = Signal()

    def __init__(self, kind: Whole | Real, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._shown: object = None
        # Qt's own reading of the text is for its own number types.
        self.setKeyboardTracking(False)
        self.lineEdit().setValidator(None)  # type: ignore[arg-type]  # the stubs forget that there may be none
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().textEdited.connect(self._on_text_edited)
        self.editingFinished.connect(self._on_finished)

    @property
    def value(self) -> object:
        """What the field says: a number, the text that is none, or None while it is empty."""
        text = self.lineEdit().text()
        return parsed_number(text, self._kind) if text.strip() else None

    def show_value(self, value: object, empty: str = "") -> None:
        """Show a value; None for none, said by a placeholder. The cursor stays where it is."""
        self._shown = value
        self.lineEdit().setPlaceholderText(empty if value is None else "")
        if self.value == value and type(self.value) is type(value):
            return
        edit = self.lineEdit()
        cursor = edit.cursorPosition()
        edit.setText(written(value))
        edit.setCursorPosition(min(cursor, len(edit.text())))

    def stepBy(self, steps: int) -> None:
        """Turn the number, within its bounds."""
        value = self.value
        number = value if isinstance(value, int | float) else self._kind.least or 0
        turned = number + steps * self._step() if isinstance(value, int | float) else number
        if isinstance(turned, float):
            turned = round(turned, 6)
        turned = self._bounded(turned)
        self.lineEdit().setText(written(turned))
        self.lineEdit().selectAll()
        if turned != value:
            self.edited.emit(turned)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Return in which directions there is room."""
        value = self.value
        if not isinstance(value, int | float):
            return _Step.StepUpEnabled | _Step.StepDownEnabled
        enabled = _Step.StepNone
        if self._kind.most is None or value < self._kind.most:
            enabled |= _Step.StepUpEnabled
        if self._kind.least is None or value > self._kind.least:
            enabled |= _Step.StepDownEnabled
        return enabled

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the number only while the field has the focus: else the page scrolls."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window's actions."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_history_key(event):
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a wrong text back on Escape; pass undo and redo on."""
        if is_history_key(event):
            event.ignore()
        elif event.key() == Qt.Key.Key_Escape and self.value != self._shown:
            self.show_value(self._shown, empty=self.lineEdit().placeholderText())
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def _step(self) -> int | float:
        if isinstance(self._kind, Whole):
            return 1
        most = self._kind.most
        return 0.05 if most is not None and most <= 1 else 0.1

    def _bounded(self, number: int | float) -> int | float:
        if self._kind.least is not None:
            number = max(number, self._kind.least)
        if self._kind.most is not None:
            number = min(number, self._kind.most)
        return number

    def _on_text_edited(self, text: str) -> None:
        if text.strip():
            self.edited.emit(self.value)

    def _on_finished(self) -> None:
        if not self.lineEdit().text().strip():
            self.show_value(self._shown, empty=self.lineEdit().placeholderText())
            self.cancelled.emit()
