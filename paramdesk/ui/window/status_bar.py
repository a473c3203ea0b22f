"""The status bar: problems to walk through, what is selected, where the document stands, and the docks' buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStatusBar, QStyle, QStyleOption, QToolButton, QWidget

from paramdesk.engine.shape import NAMES
from paramdesk.ui.controls.bounds import within_screen
from paramdesk.ui.controls.elided_label import ElidedLabel

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QPaintEvent

    from paramdesk.engine.summary import Problem
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.notices import Notices
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme
    from paramdesk.ui.window.action_set import ActionSet

__all__ = ["StatusBar"]

LONGEST_TIP = 6000
"""After so many milliseconds a tip has been read."""
DOCKS = (("view.palette", "dleft"), ("view.bottom", "dbot"), ("view.inspector", "dright"))


class _Line(QWidget):
    """The hairline between two texts."""

    def __init__(self, theme: Theme, parent: QWidget, before: int = 12) -> None:
        super().__init__(parent)
        self._theme = theme
        self._before = before
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(self._before + 14), self._theme.px(14))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        long = self._theme.px(12)
        painter.fillRect(
            QRect(self._theme.px(self._before), (self.height() - long) // 2, 1, long), self._theme.tokens.border
        )
        painter.end()


class _ProblemButton(QToolButton):
    """How many problems of a severity there are; each click selects the next of them."""

    def __init__(self, theme: Theme, icons: Icons, looks: tuple[str, str], parent: QWidget) -> None:
        super().__init__(parent)
        self._icons = icons
        self._icon, self._colour = looks
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        theme.dress(self, font="small")

    def show_icon(self, theme: Theme) -> None:
        """Draw the icon in the theme's colours and size."""
        self.setIconSize(QSize(theme.metrics.small_icon, theme.metrics.small_icon))
        self._icons.follow(self, self._icon, self._colour, theme.metrics.small_icon)


class _DockButton(QToolButton):
    """Shows and hides a dock; its side is filled while it is shown."""

    def __init__(self, theme: Theme, icons: Icons, action: QAction, icon: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._name = icon
        self.setAutoRaise(True)
        self.setCheckable(True)
        self.setDefaultAction(action)
        self.setAccessibleName(action.iconText())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        size = self._theme.metrics.small_icon
        place = QRectF((self.width() - size) / 2, (self.height() - size) / 2, size, size)
        tokens = self._theme.tokens
        if self.underMouse() or self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(tokens.accent if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(tokens.hover)
            inset = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(inset, self._theme.metrics.mark_radius, self._theme.metrics.mark_radius)
        shown = self.isChecked()
        ratio = self.devicePixelRatioF()
        colour = tokens.accent if shown else tokens.muted
        pixmap = self._icons.pixmap(self._name, colour, size, ratio, filled=shown)
        painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
        painter.end()


class StatusBar(QStatusBar):
    """One row of 24 px at the foot of the window; it also shows what an action under the pointer does.

    Messages and tips stand where else the selection is told, and nowhere else: the problems stay in sight and can be
    clicked. A message outlives the tips that come and go while the pointer moves.

    Attributes:
        tip_timer: ends a tip that nobody ends.
    """

    def __init__(
        self,
        document: Document,
        theme: Theme,
        icons: Icons,
        notices: Notices,
        parent: QWidget | None = None,
    ) -> None:
        """Tell about `document`."""
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self._icons = icons
        self._notices = notices
        self.setSizeGripEnabled(False)
        self.fine = _ProblemButton(theme, icons, ("check", "success"), self)
        self.errors = _ProblemButton(theme, icons, ("error", "error"), self)
        self.warnings = _ProblemButton(theme, icons, ("warn", "warning"), self)
        self.selected = self._label()
        self.message = self._label()
        self.message.hide()
        self.framework = self._label()
        self.file = self._label(Qt.TextElideMode.ElideMiddle)
        line = _Line(theme, self, before=4)
        self._left = self._row((self.fine, self.errors, self.warnings, line, self.selected, self.message))
        self._right = self._row((self.framework, _Line(theme, self), self.file))
        # Qt hides what is not permanent as long as there is a message.
        self.addPermanentWidget(self._left, 1)
        self.addPermanentWidget(self._right)
        self._tip = ""
        self.tip_timer = QTimer(self)
        self.tip_timer.setSingleShot(True)
        self.tip_timer.setInterval(LONGEST_TIP)
        self.tip_timer.timeout.connect(self._end_tip)
        self.messageChanged.connect(self._show_message)
        self.docks: list[_DockButton] = []
        self.fine.clicked.connect(self._say_fine)
        self.errors.clicked.connect(self.next_error)
        self.warnings.clicked.connect(self.next_warning)
        document.changed.connect(self.refresh)
        document.replaced.connect(self.refresh)
        document.selection.changed.connect(self._refresh_selection)
        document.file_changed.connect(self._refresh_file)
        theme.theme_changed.connect(self._measure)
        self._measure()
        self.refresh()

    def add_dock_buttons(self, actions: ActionSet) -> None:
        """Put the buttons of the docks at the right end."""
        row = self._right.layout()
        assert isinstance(row, QHBoxLayout)
        row.addWidget(_Line(self._theme, self))
        for name, icon in DOCKS:
            button = _DockButton(self._theme, self._icons, actions[name], icon, self._right)
            self.docks.append(button)
            row.addWidget(button)
        self._measure()

    def minimumSizeHint(self) -> QSize:
        """Return the room that the parts need, as far as the screen has it."""
        return within_screen(self, super().minimumSizeHint())

    # Messages -------------------------------------------------------------------------------------------------------

    def show_tip(self, text: str) -> None:
        """Say what the thing under the pointer does; an empty text when the pointer has left it.

        It ends by itself too: what is hidden or disabled under the pointer does not say that the pointer leaves.
        """
        self._tip = text
        if text:
            self.tip_timer.start()
        else:
            self.tip_timer.stop()
        self._show_message()

    def _end_tip(self) -> None:
        self.show_tip("")

    def _show_message(self) -> None:
        text = self._tip or self.currentMessage()
        self.message.setText(text)
        self.message.setVisible(bool(text))
        self.selected.setVisible(not text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground only: Qt would draw the message over it."""
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelStatusBar, option, painter, self)
        painter.end()

    # Problems -------------------------------------------------------------------------------------------------------

    def next_error(self) -> None:
        """Select the next layer with an error, after the current one."""
        self._next("error")

    def next_warning(self) -> None:
        """Select the next layer with a warning, after the current one."""
        self._next("warning")

    def _next(self, severity: str) -> None:
        problems = [p for p in self._document.summary.problems if p.severity == severity]
        if not problems:
            notes = self._document.summary.notes
            if severity == "error" and notes:
                self._notices.error(" ".join(notes))
            return
        order = {report.key: index for index, report in enumerate(self._document.summary.layers)}
        problems.sort(key=lambda problem: order.get(problem.key, -1))
        ids = [problem.key[-1] for problem in problems]
        current = self._document.selection.current
        rows = [index for key, index in order.items() if key[-1] == current]
        at = rows[0] if rows else -1
        if current in ids:
            following = ids[(ids.index(current) + 1) % len(ids)]
        else:
            following = next((p.key[-1] for p in problems if order.get(p.key, -1) > at), ids[0])
        self._document.selection.select((following,))
        self._tell(problems[ids.index(following)])

    def _tell(self, problem: Problem) -> None:
        self.showMessage(f"{problem.path}: {problem.message}", 10_000)

    def _say_fine(self) -> None:
        self.showMessage("Every layer can be computed.", 5000)

    # Showing --------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the problems, the selection and the file."""
        summary = self._document.summary
        problems = summary.problems
        errors = [p for p in problems if p.severity == "error"]
        warnings = [p for p in problems if p.severity == "warning"]
        count = len(errors) + len(summary.notes)
        self._show(self.errors, count, "error", [str(p.path) + ": " + p.message for p in errors] + list(summary.notes))
        self._show(self.warnings, len(warnings), "warning", [f"{p.path}: {p.message}" for p in warnings])
        self.fine.setText("No problems")
        self.fine.setVisible(not count and not warnings)
        layout = "channels first" if summary.layout == "channels_first" else "channels last"
        self.framework.setText(f"{NAMES[summary.framework]}, {layout}")
        self._refresh_selection()
        self._refresh_file()

    def _show(self, button: _ProblemButton, count: int, word: str, lines: list[str]) -> None:
        button.setVisible(bool(count))
        button.setText(f"{count:,} {word}{'s' * (count != 1)}")
        further = [f"and {len(lines) - 10:,} more"] if len(lines) > 10 else []
        button.setToolTip("\n".join([*lines[:10], *further, "Click: select the next one"]))
        button.setAccessibleName(button.text())

    def _refresh_selection(self) -> None:
        totals = self._document.summary.totals
        missing = totals.layers_not_counted
        if missing:
            lacking = "1 layer is" if missing == 1 else f"{missing:,} layers are"
            bounds = "totals" if totals.lacking("parameters") else "MACs and activations"
            known = f"{bounds} are lower bounds" if totals.macs is not None else "outputs and MACs are not known"
            self.selected.setText(f"{lacking} not computed: {known}")
            return
        rows_of = len(self._document.nodes)
        chosen = len(self._document.selection.ids)
        self.selected.setText(
            f"{chosen:,} of {rows_of:,} row{'s' * (rows_of != 1)} selected" if rows_of else "No layers yet"
        )

    def _refresh_file(self) -> None:
        document = self._document
        state = "edited" if document.is_modified else "saved" if document.path else "no file yet"
        self.file.setText(f"{document.architecture.name}, {state}")
        self.file.setToolTip(str(document.path) if document.path else "It has not been saved yet")

    # Inside ---------------------------------------------------------------------------------------------------------

    def _label(self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> ElidedLabel:
        label = ElidedLabel("", self, mode=mode)
        self._theme.dress(label, font="small", text="muted")
        return label

    def _row(self, widgets: tuple[QWidget, ...]) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for widget in widgets:
            row.addWidget(widget)
        return holder

    def _measure(self) -> None:
        metrics, px = self._theme.metrics, self._theme.px
        self.setFixedHeight(metrics.status_bar)
        self.setContentsMargins(px(4), 1, px(5), 0)
        for button in (self.fine, self.errors, self.warnings):
            button.show_icon(self._theme)
            button.setFixedHeight(px(18))
        for dock in self.docks:
            dock.setFixedSize(px(22), px(18))
