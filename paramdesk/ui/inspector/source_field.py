"""Fields for what a layer reads: a drop-down of the layers above it, or a list of such for merging layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from paramdesk.engine.architecture import Source
from paramdesk.ui.inspector.fields import Field, QuietCombo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QWheelEvent

    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme


class Sources(Protocol):
    """What a source field asks about the network."""

    def name_of(self, source: Source) -> str:
        """What the source is called."""

    def shape_of(self, source: Source) -> str:
        """Its shape, in words."""

    def candidates(self) -> list[Source]:
        """Everything that could be read, nearest first."""

    def fit(self, sources: Iterable[Source]) -> bool:
        """Whether the layer can be computed from these sources together."""


class SourcePicker(QuietCombo):
    """A drop-down of sources, filled when it is opened: in a long network that takes its time.

    Signals:
        picked: the user took another source.
    """

    picked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sources: Sources | None = None
        self._source: Source | None = None
        self._listed: list[Source] = []
        self._texts = ("", "")
        self.setFixedHeight(theme.metrics.field)
        self.activated.connect(self._on_activated)

    @property
    def source(self) -> Source | None:
        """What is shown."""
        return self._source

    def show_source(self, sources: Sources, source: Source | None) -> None:
        """Show what is read; None for nothing."""
        self._sources, self._source = sources, source
        texts = (sources.name_of(source), sources.shape_of(source)) if source is not None else ("nothing", "")
        self._listed = []
        if texts != self._texts or not self.count():
            self._texts = texts
            self.clear()
            self.addItem("   ".join(filter(None, texts)))
            self.setToolTip("   ".join(filter(None, texts)))
            self.update()

    def fill(self) -> None:
        """List everything that could be read."""
        if self._listed or self._sources is None:
            return
        self._listed = self._sources.candidates()
        if self._source is not None and self._source not in self._listed:
            self._listed.insert(0, self._source)
        self.clear()
        self.addItems(
            [f"{self._sources.name_of(source)}   {self._sources.shape_of(source)}" for source in self._listed]
        )
        self.setCurrentIndex(self._listed.index(self._source) if self._source is not None else -1)

    def showPopup(self) -> None:
        """Fill the list, then open it."""
        self.fill()
        view = self.view()
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        widest = view.sizeHintForColumn(0) + self._theme.px(40)
        view.setMinimumWidth(min(widest, 2 * self._theme.metrics.inspector_width))
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Fill the list before keys move in it."""
        self.fill()
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Fill the list before the wheel moves in it."""
        if self.hasFocus():
            self.fill()
        super().wheelEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the name, and the shape in a quieter colour."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        rect = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        rect.adjust(self._theme.px(2), 0, self._theme.px(2), 0)
        self._draw_texts(painter, rect)
        painter.end()

    def _draw_texts(self, painter: QPainter, rect: QRect) -> None:
        name, shape = self.fitted_texts(rect.width())
        metrics = self.fontMetrics()
        painter.setPen(self._theme.tokens.text)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, flags, name)
        painter.setPen(self._theme.tokens.muted)
        gap = metrics.horizontalAdvance(" ") * 2
        left = rect.left() + metrics.horizontalAdvance(name) + gap
        rest = QRect(left, rect.top(), rect.right() + 1 - left, rect.height())
        painter.drawText(rest, flags, shape)

    def fitted_texts(self, room: int) -> tuple[str, str]:
        """Name and shape as they fit: beside what tells the name the whole shape, its channels, or nothing of it."""
        name, shape = self._texts
        metrics = self.fontMetrics()
        gap = metrics.horizontalAdvance(" ") * 2
        least_name = min(metrics.horizontalAdvance(name), max(room // 3, 12 * metrics.averageCharWidth()))
        before, _, channels = shape.rpartition(" × ")
        for part in (shape, f"… × {channels}" if before else "", ""):
            rest = room - (metrics.horizontalAdvance(part) + gap if part else 0)
            if rest >= least_name:
                return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, rest), part
        return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room), ""

    def _on_activated(self, index: int) -> None:
        if self._listed and self._listed[index] != self._source:
            self.picked.emit(self._listed[index])


class SourcesField(Field):
    """What a layer reads, in order; with buttons to add, remove and reorder where it takes a list."""

    def __init__(self, theme: Theme, icons: Icons, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self._icons = icons
        self._sources: Sources | None = None
        self._lines: list[_SourceLine] = []
        self._names: tuple[str, ...] | None = None
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.metrics.form_row - theme.metrics.field)
        self.row.addLayout(self._column, 1)
        self._add = QPushButton("Add input", self)
        self._add.setAutoDefault(False)
        self._add.clicked.connect(self._on_add)
        self._column.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)

    def show_inputs(self, sources: Sources, inputs: tuple[Source, ...], names: tuple[str, ...] | None) -> None:
        """Show what is read.

        Args:
            sources: what could be read.
            inputs: what is read.
            names: what each input is called, as many as there may be; empty: there may be any number, which are
                alike; None: there is one.
        """
        self._sources, self._names = sources, names
        wanted = max(1, len(inputs))
        while len(self._lines) < wanted:
            line = _SourceLine(self.theme, self._icons, self)
            line.changed.connect(self._on_changed)
            line.moved.connect(self._on_moved)
            line.removed.connect(self._on_removed)
            self._lines.append(line)
            self._column.insertWidget(len(self._lines) - 1, line)
        for place, line in enumerate(self._lines):
            line.setVisible(place < wanted)
            if place < wanted:
                source = inputs[place] if place < len(inputs) else None
                line.show_line(sources, source, place, wanted, names)
        self._add.setVisible(names is not None and (not names or len(inputs) < len(names)))

    def show_value(self, value: object) -> None:
        """Show other inputs of the same layer."""
        assert isinstance(value, tuple)
        assert self._sources is not None
        self.show_inputs(self._sources, value, self._names)

    def show_mixed(self) -> None:
        """Inputs of several layers are not shown together."""

    def inputs(self) -> tuple[QWidget, ...]:
        return tuple(line.picker for line in self._lines if not line.isHidden())

    @property
    def add_button(self) -> QPushButton:
        """The button that adds an input."""
        return self._add

    @property
    def lines(self) -> tuple[_SourceLine, ...]:
        """The lines that are shown."""
        return tuple(line for line in self._lines if not line.isHidden())

    def _read(self) -> list[Source]:
        return [line.picker.source for line in self.lines if line.picker.source is not None]

    def _on_changed(self, place: int, source: object) -> None:
        inputs = self._read()
        assert isinstance(source, Source)
        inputs[place : place + 1] = [source]
        self._emit(inputs)

    def _on_moved(self, place: int, step: int) -> None:
        inputs = self._read()
        inputs.insert(place + step, inputs.pop(place))
        self._emit(inputs, then=place + step)

    def _on_removed(self, place: int) -> None:
        inputs = self._read()
        del inputs[place]
        self._emit(inputs, then=place)

    def _on_add(self) -> None:
        assert self._sources is not None
        inputs, candidates = self._read(), self._sources.candidates()
        others = [source for source in candidates if source not in inputs]
        fitting = (source for source in others if self._sources.fit([*inputs, source]))
        fresh = next(fitting, next(iter(others or candidates), None))
        if fresh is not None:
            self._emit([*inputs, fresh], then=len(inputs))

    def _emit(self, inputs: list[Source], then: int | None = None) -> None:
        """Tell of other inputs; the keyboard then stays at the line it was used on, whose buttons come and go."""
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self.isAncestorOf(focused)
        self.edited.emit(tuple(inputs))
        self.finished.emit()
        if had_focus and then is not None:
            lines = self.lines
            lines[min(then, len(lines) - 1)].picker.setFocus(Qt.FocusReason.OtherFocusReason)


class _SourceLine(QWidget):
    """One input: which layer, and where in the order."""

    changed = Signal(int, object)
    moved = Signal(int, int)
    removed = Signal(int)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._place = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.caption = QLabel(self)
        theme.dress(self.caption, text="muted", font="caption")
        column.addWidget(self.caption)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        column.addLayout(row)
        self.picker = SourcePicker(theme, self)
        row.addWidget(self.picker, 1)
        self.up = self._button(icons, "up", "Move up")
        self.down = self._button(icons, "down", "Move down")
        self.remove = self._button(icons, "close", "Remove input")
        for button in (self.up, self.down, self.remove):
            row.addWidget(button)
        self.picker.picked.connect(self._on_picked)
        self.up.clicked.connect(self._on_up)
        self.down.clicked.connect(self._on_down)
        self.remove.clicked.connect(self._on_remove)

    def show_line(
        self, sources: Sources, source: Source | None, place: int, count: int, names: tuple[str, ...] | None
    ) -> None:
        """Show an input, what it is called and its place."""
        self._place = place
        takes_list = names is not None
        called = names[place] if names and place < len(names) else ""
        self.caption.setText(called)
        self.caption.setVisible(bool(called))
        self.picker.show_source(sources, source)
        name = sources.name_of(source) if source is not None else "nothing"
        self.picker.setAccessibleName(called.capitalize() or (f"Input {place + 1}" if takes_list else "Input"))
        self.picker.setAccessibleDescription(name)
        for button in (self.up, self.down, self.remove):
            button.setVisible(takes_list)
        self.up.setEnabled(place > 0)
        self.down.setEnabled(place + 1 < count)
        self.remove.setEnabled(count > 1)
        for button, verb in ((self.up, "Move up"), (self.down, "Move down"), (self.remove, "Remove")):
            button.setAccessibleName(f"{verb} {name}")

    def _button(self, icons: Icons, icon: str, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        size = self._theme.px(12)
        button.setIcon(icons.icon(icon, "muted", size))
        button.setIconSize(QSize(size, size))
        button.setFixedSize(self._theme.px(18), self._theme.px(24))
        button.setToolTip(text)
        return button

    def _on_picked(self, source: object) -> None:
        self.changed.emit(self._place, source)

    def _on_up(self) -> None:
        self.moved.emit(self._place, -1)

    def _on_down(self) -> None:
        self.moved.emit(self._place, 1)

    def _on_remove(self) -> None:
        self.removed.emit(self._place)
