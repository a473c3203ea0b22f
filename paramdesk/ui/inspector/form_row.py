"""The parts of a form: rows of label and field, headings, hairlines, reasons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QPainter
from PySide6.QtWidgets import QGridLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QVBoxLayout

    from paramdesk.engine.summary import Problem
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import TextColour, Theme

_Align = Qt.AlignmentFlag


class WrappedLabel(QLabel):
    """Plain text that wraps, breaks long words, and asks for the height it takes at its width."""

    def __init__(self, theme: Theme, colour: TextColour, parent: QWidget | None = None, *, small: bool = False) -> None:
        super().__init__(parent)
        theme.dress(self, font="caption" if small else "small", text=colour)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def say(self, text: str) -> None:
        """Show a text; an empty one takes no room."""
        if text != self.text():
            self.setText(text)
        if self.isHidden() == bool(text):
            self.setVisible(bool(text))


class ProblemLabel(WrappedLabel):
    """What is wrong with a layer, with the sign and in the colour that its row has."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(theme, "error", parent)
        self._theme, self._icons = theme, icons
        self._sign: tuple[str, str] = ("error", "error")
        edge, space = theme.metrics.edge, theme.metrics.space
        self.setContentsMargins(edge + theme.metrics.tiny_icon + space, space, edge, space)
        self.hide()

    def show_problem(self, problem: Problem | None) -> None:
        """Say what is wrong, or nothing."""
        if problem is not None:
            self._sign = _SIGNS[problem.severity]
            self._theme.dress(self, text="error" if problem.severity == "error" else "text2")
            self.update()
        self.say(problem.message[:1].upper() + problem.message[1:] if problem is not None else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sign before the first line."""
        super().paintEvent(event)
        icon, colour = self._sign
        metrics = self._theme.metrics
        side, line = metrics.tiny_icon, self.fontMetrics().height()
        # A text that is shorter than its room stands in the middle of it.
        room = self.contentsRect()
        text = self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, self.text())
        top = room.top() + max(0, room.height() - text.height()) // 2
        painter = QPainter(self)
        place = QRectF(metrics.edge, top + (line - side) / 2, side, side)
        self._icons.paint(painter, icon, colour, place)
        painter.end()


_SIGNS = {"error": ("error", "error"), "warning": ("warn", "warning"), "waiting": ("wait", "muted")}

_LONG_WORD = 14


def breakable(text: str) -> str:
    """A text whose long words, names of layers, may be broken: after a sign, or anywhere.

    >>> breakable("108 B").count("\u200b"), breakable("a_name_of_a_layer").split("\u200b")
    (0, ['a_', 'name_', 'of_', 'a_', 'layer'])
    """
    words = text.split(" ")
    return " ".join([word if len(word) <= _LONG_WORD else "\u200b".join(_BREAKS.findall(word)) for word in words])


_BREAKS = re.compile(rf"[^_/.]{{0,{_LONG_WORD - 1}}}[_/.]|[^_/.]{{1,{_LONG_WORD}}}")


class Hairline(QWidget):
    """A line between sections, from edge to edge."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.tokens.hairline)
        painter.end()


def add_hairline(theme: Theme, column: QVBoxLayout, parent: QWidget) -> Hairline:
    """Close a section with a hairline, with the space around it."""
    line = Hairline(theme, parent)
    column.addSpacing(theme.metrics.gap)
    column.addWidget(line)
    column.addSpacing(theme.metrics.gap)
    return line


def heading(theme: Theme, text: str, parent: QWidget) -> QLabel:
    """The title of a section."""
    label = QLabel(text, parent)
    theme.dress(label, font="small_strong", text="text")
    edge, space = theme.metrics.edge, theme.metrics.space
    label.setContentsMargins(edge, space, edge, theme.metrics.gap)
    return label


class FormRow(QWidget):
    """A label, its field, and below them the reason why the value is wrong.

    Signals:
        reset_asked: the user wants the default back.
    """

    reset_asked = Signal()

    def __init__(self, theme: Theme, icons: Icons | None, label: str, field: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        metrics = theme.metrics
        grid = QGridLayout(self)
        edge = metrics.edge
        grid.setContentsMargins(edge, 0, edge, metrics.form_row - metrics.field)
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(metrics.space // 2)
        self.field = field
        self._label = QLabel(breakable(label), self)
        theme.dress(self._label, font="small", text="text2")
        self._label.setMinimumHeight(metrics.field)
        self._label.setWordWrap(True)
        self._label.setFixedWidth(metrics.form_label - theme.px(20))
        self._reset: QToolButton | None = None
        self._reset_action: QAction | None = None
        grid.addWidget(self._label, 0, 0, _Align.AlignTop)
        grid.setColumnMinimumWidth(0, metrics.form_label - theme.px(20))
        grid.setColumnMinimumWidth(1, theme.px(20))
        grid.setColumnStretch(2, 1)
        field.setParent(self)
        grid.addWidget(field, 0, 2, _Align.AlignTop)
        self.reason = WrappedLabel(theme, "error", self)
        self.reason.hide()
        grid.addWidget(self.reason, 1, 2)
        self._grid = grid
        self._icons, self._name = icons, label

    def show_label(self, text: str) -> None:
        """Call the row something else."""
        self._label.setText(text)

    def put_below(self, widget: QWidget) -> None:
        """Put a widget under the row, as wide as both columns."""
        self._grid.addWidget(widget, max(self._grid.rowCount(), 2), 0, 1, 3)

    def show_reset(self, default: str | None) -> None:
        """Offer to go back to a default, named in words; None: it is the default, or there is none."""
        is_offered = default is not None
        if is_offered and self._icons is not None and self._reset is None:
            self._add_reset(self._icons, self._name)
        if self._reset is None or self._reset_action is None:
            return
        self._reset.setVisible(is_offered)
        self._reset_action.setEnabled(is_offered)
        if is_offered:
            text = f"Reset to the default, {default}"
            self._reset.setToolTip(text)
            self._reset_action.setText(text)

    @property
    def reset_button(self) -> QToolButton | None:
        """The button that brings the default back; None as long as there was no need of it."""
        return self._reset

    def show_reason(self, text: str, *, invalid: bool = True) -> None:
        """Show why the value is wrong, or nothing."""
        self.reason.say(text)
        field = self.field
        mark = getattr(field, "mark", None)
        if mark is not None:
            mark(invalid=invalid and bool(text))
            field.describe(text)  # type: ignore[attr-defined]  # what marks also describes

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the default."""
        if self._reset_action is None or not self._reset_action.isEnabled():
            super().contextMenuEvent(event)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._reset_action)
        menu.popup(event.globalPos())

    def _add_reset(self, icons: Icons, label: str) -> None:
        theme = self._theme
        button = QToolButton(self)
        button.setAutoRaise(True)
        size = theme.px(12)
        button.setIcon(icons.icon("undo", "muted", size))
        button.setIconSize(QSize(size, size))
        button.setFixedSize(theme.px(18), theme.px(18))
        button.setAccessibleName(f"Reset {label.lower()}")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self.reset_asked)
        button.hide()
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        button.setSizePolicy(policy)
        holder = QWidget(self)
        holder.setFixedSize(theme.px(20), theme.metrics.field)
        button.setParent(holder)
        button.move(0, (theme.metrics.field - button.height()) // 2)
        self._grid.addWidget(holder, 0, 1, _Align.AlignTop)
        self._reset = button
        self._reset_action = QAction("Reset to the default", self)
        self._reset_action.setEnabled(False)
        self._reset_action.triggered.connect(self.reset_asked)


class FactRow(QWidget):
    """A label and something that is only told: the framework, a total."""

    def __init__(self, theme: Theme, label: str, parent: QWidget) -> None:
        super().__init__(parent)
        metrics = theme.metrics
        grid = QGridLayout(self)
        grid.setContentsMargins(metrics.edge, 0, metrics.edge, 0)
        grid.setHorizontalSpacing(metrics.gap)
        caption = QLabel(label, self)
        theme.dress(caption, font="small", text="text2")
        caption.setFixedWidth(metrics.form_label - metrics.gap)
        caption.setWordWrap(True)
        caption.setMinimumHeight(theme.px(24))
        grid.addWidget(caption, 0, 0, _Align.AlignTop)
        self._value = QLabel(self)
        theme.dress(self._value, font="small", text="text")
        self._value.setTextFormat(Qt.TextFormat.PlainText)
        self._value.setWordWrap(True)
        self._value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._value.setMinimumHeight(theme.px(24))
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._value.setSizePolicy(policy)
        self._text = ""
        grid.addWidget(self._value, 0, 1)
        grid.setColumnStretch(1, 1)
        self._name = label

    def show_text(self, text: str) -> None:
        """Show what is told."""
        self._text = text
        self._value.setText(breakable(text))
        self._value.setAccessibleName(f"{self._name}: {text}")

    @property
    def text(self) -> str:
        """What is told."""
        return self._text
