"""Fields for several numbers: a size per axis, or what stands before and after each axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QGridLayout, QLabel, QStyleOptionButton, QWidget

from paramdesk.ui.inspector.field_types import Grid, axis_captions
from paramdesk.ui.inspector.fields import Field, sized_box
from paramdesk.ui.style.painting import focus_ring, shows_focus

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme


class LockButton(QAbstractButton):
    """Keeps numbers equal: a closed or an open lock."""

    def __init__(self, theme: Theme, icons: Icons, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._icons = theme, icons
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{name}: keep all sides equal")
        self.setToolTip("Keep all sides equal")
        side = theme.px(24)
        self.setFixedSize(side, side)

    def sizeHint(self) -> QSize:
        """Return the size it was given."""
        return self.minimumSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lock, and the ring where the keyboard is."""
        painter = QPainter(self)
        side = self._theme.metrics.small_icon
        room = QRectF(0, 0, side, side)
        room.moveCenter(QRectF(self.rect()).center())
        closed = self.isChecked()
        self._icons.paint(painter, "lock" if closed else "unlock", "accent" if closed else "muted", room)
        option = QStyleOptionButton()
        option.initFrom(self)
        if shows_focus(option):
            focus_ring(self._theme, painter, QRectF(self.rect()), self._theme.metrics.space)
        painter.end()


class GridField(Field):
    """Number boxes in rows and columns, with a lock that keeps them equal."""

    def __init__(self, theme: Theme, icons: Icons, name: str, kind: Grid, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self._kind = kind
        self._unlocked: set[object] = set()
        self._subject: object = None
        rows = max(kind.rows, 1)
        self._captions = axis_captions(kind.columns if kind.per_axis else rows)
        self._layout = QGridLayout()
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(0)
        self._layout.setVerticalSpacing(theme.metrics.form_row - theme.metrics.field)
        self.boxes = [
            sized_box(theme, kind.item, f"{name}, {self._called(row, column)}", self)
            for row in range(rows)
            for column in range(kind.columns)
        ]
        self.lock = LockButton(theme, icons, name, self)
        self.lock.setVisible(len(self.boxes) > 1)
        self._lay_out(rows)
        self.row.addLayout(self._layout)
        self.row.addStretch(1)
        self.lock.clicked.connect(self._on_lock_clicked)
        for box in self.boxes:
            box.edited.connect(self._on_edited)
            box.cancelled.connect(self.cancelled)
            box.editingFinished.connect(self.finished)

    def for_subject(self, subject: object) -> None:
        """Say which layers the field is about: whether their sides are locked is remembered for each."""
        self._subject = subject

    def show_value(self, value: object) -> None:
        numbers = self._flat(value)
        for box, number in zip(self.boxes, numbers, strict=True):
            box.show_value(number)
        self.lock.setChecked(len(set(numbers)) == 1 and self._subject not in self._unlocked)

    def show_mixed(self) -> None:
        for box in self.boxes:
            box.show_value(None, empty="…")
        self.lock.setChecked(True)

    def inputs(self) -> tuple[QWidget, ...]:
        return tuple(self.boxes)

    @property
    def value(self) -> object:
        """The numbers as the option holds them."""
        numbers = tuple(box.value for box in self.boxes)
        if not self._kind.rows:
            return numbers
        columns = self._kind.columns
        return tuple(numbers[row * columns : (row + 1) * columns] for row in range(self._kind.rows))

    def _called(self, row: int, column: int) -> str:
        if self._kind.per_axis:
            return self._captions[column]
        side = ("before", "after")[column] if self._kind.columns == 2 else str(column + 1)
        return f"{self._captions[row]} {side}"

    def _flat(self, value: object) -> tuple[object, ...]:
        assert isinstance(value, tuple)
        return tuple(number for row in value for number in row) if self._kind.rows else value

    def _lay_out(self, rows: int) -> None:
        theme, columns = self.theme, self._kind.columns
        first = 0
        if not self._kind.per_axis:
            first = 1
            for row in range(rows):
                caption = QLabel(self._captions[row], self)
                theme.dress(caption, font="caption", text="muted")
                caption.setFixedWidth(theme.px(42))
                self._layout.addWidget(caption, row, 0)
        width, gap = self._measures()
        for place, box in enumerate(self.boxes):
            row, column = divmod(place, columns)
            box.setFixedWidth(width)
            if width < theme.px(60):
                box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
            self._layout.addWidget(box, row, first + 2 * column)
            if column + 1 < columns:
                sign = QLabel("×" if self._kind.per_axis else "", self)
                theme.dress(sign, font="small", text="muted")
                sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
                sign.setFixedWidth(gap)
                self._layout.addWidget(sign, row, first + 2 * column + 1)
        self._layout.setColumnMinimumWidth(first + 2 * columns - 1, theme.px(2))
        self._layout.addWidget(self.lock, 0, first + 2 * columns)

    def _measures(self) -> tuple[int, int]:
        """The width of a box and of the gap between two: as drawn for pairs, less where there are more."""
        theme, columns = self.theme, self._kind.columns
        if not self._kind.per_axis:
            return theme.px(60), theme.px(6)
        if columns <= 2:
            return theme.metrics.number_field, theme.metrics.pair_gap
        gap = theme.px(14)
        return (theme.px(172) - gap * (columns - 1)) // columns, gap

    def _on_edited(self, value: object) -> None:
        if self.lock.isVisibleTo(self) and self.lock.isChecked():
            for box in self.boxes:
                if box is not self.sender():
                    box.show_value(value)
        numbers = [box.value for box in self.boxes]
        if None not in numbers:
            self.edited.emit(self.value)

    def _on_lock_clicked(self, checked: bool) -> None:
        if not checked:
            self._unlocked.add(self._subject)
            return
        self._unlocked.discard(self._subject)
        first = self.boxes[0].value
        if any(box.value != first for box in self.boxes):
            for box in self.boxes:
                box.show_value(first)
            self.edited.emit(self.value)
            self.finished.emit()
