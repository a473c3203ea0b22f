"""The bar that shows notices: in the window, never in its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QToolButton

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.notices import Notice, NoticeKind, Until
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

__all__ = ["NoticeBar"]

# Good news without anything to do about it goes by itself; errors and warnings stay.
LEAVES_AFTER_MILLISECONDS = 8000

# kind: icon, colour, ground, word for a screen reader
_LOOKS: dict[NoticeKind, tuple[str, str, str, str]] = {
    "error": ("error", "error", "error_ground", "Error"),
    "warning": ("warn", "warning", "warning_ground", "Warning"),
    "success": ("check", "success", "success_ground", "Done"),
    "info": ("info", "accent", "select", "Note"),
}


class NoticeBar(QFrame):
    """Shows the newest notice; once it goes, an error, a warning or a question shown before comes back."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        """Connect `Notices.shown` to `show_notice` and `outdated` to `take_back`; hidden until the first comes."""
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._notices: list[Notice] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._action = QPushButton(self)
        self._action.setAutoDefault(False)
        self._action.clicked.connect(self._on_action)
        self._close = QToolButton(self)
        self._close.setAutoRaise(True)
        self._close.setToolTip("Close")
        self._close.setAccessibleName("Close")
        self._close.clicked.connect(self.close_notice)
        icons.follow(self._close, "close", "text2")
        row = QHBoxLayout(self)
        self._progress: QProgressBar | None = None
        row.addWidget(self._text, 1)
        row.addWidget(self._action, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._row = row
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LEAVES_AFTER_MILLISECONDS)
        self._timer.timeout.connect(self.close_notice)
        self._measure()
        theme.theme_changed.connect(self._measure)
        self.hide()

    @property
    def notice(self) -> Notice | None:
        """The notice that is shown."""
        return self._notices[-1] if self._notices else None

    @property
    def remaining_time(self) -> int | None:
        """Milliseconds until the notice goes by itself; None if it stays."""
        return self._timer.remainingTime() if self._timer.isActive() else None

    def show_notice(self, notice: Notice) -> None:
        """Show a notice over those that have not been closed."""
        kept = [held for held in self._notices if held.kind in {"error", "warning"} or _waits(held)]
        self._notices = [*(held for held in kept if (held.kind, held.text) != (notice.kind, notice.text)), notice]
        self._refresh()

    def close_notice(self) -> None:
        """Close the notice that is shown."""
        if self._notices:
            self._notices.pop()
        self._refresh()

    def take_back(self, until: Until) -> None:
        """Close the notices that last until this."""
        shown = self.notice
        self._notices = [held for held in self._notices if held.until != until]
        if self.notice is not shown:
            self._refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_notice()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Stay while the pointer rests on it."""
        if event.type() == QEvent.Type.Enter:
            self._timer.stop()
        elif event.type() == QEvent.Type.Leave and self._leaves():
            self._timer.start()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, the icon and the hairline below."""
        if self.notice is None:
            return
        icon, colour, ground, _ = _LOOKS[self.notice.kind]
        metrics = self._theme.metrics
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color(ground))
        line = QRect(0, self.height() - 1, self.width(), 1)
        painter.fillRect(line, self._theme.tokens.hairline)
        first_line = self._row.contentsMargins().top() + metrics.button // 2
        room = QRect(metrics.edge, first_line - metrics.icon // 2, metrics.icon, metrics.icon)
        self._icons.paint(painter, icon, colour, room.toRectF())
        painter.end()

    def _refresh(self) -> None:
        notice = self.notice
        self._timer.stop()
        self.setVisible(notice is not None)
        if notice is None:
            return
        self._text.setText(notice.text)
        self._action.setText(notice.action_text or "")
        self._action.setVisible(notice.action_text is not None)
        self._show_progress(is_busy=notice.is_busy)
        self.setAccessibleName(f"{_LOOKS[notice.kind][3]}: {notice.text}")
        self._announce()
        if self._leaves():
            self._timer.start()
        self.update()

    def _show_progress(self, *, is_busy: bool) -> None:
        """Show that something goes on; how far it is nobody knows."""
        if is_busy and self._progress is None:
            self._progress = QProgressBar(self)
            self._progress.setRange(0, 0)
            self._progress.setTextVisible(False)
            self._progress.setFixedSize(self._theme.metrics.button * 5, self._theme.metrics.small_icon // 2)
            self._progress.setAccessibleName("In progress")
            self._row.insertWidget(1, self._progress, 0, Qt.AlignmentFlag.AlignVCenter)
        if self._progress is not None:
            self._progress.setVisible(is_busy)

    def _announce(self) -> None:
        """Have a screen reader say it."""
        from PySide6.QtGui import QAccessible, QAccessibleEvent  # no start waits for them

        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _leaves(self) -> bool:
        notice = self.notice
        if notice is None or notice.kind not in {"success", "info"} or _waits(notice):
            return False
        # What is offered with good news is given up for a question below it, which is not to be forgotten.
        return notice.action_text is None or any(held.action_text for held in self._notices[:-1])

    def _on_action(self) -> None:
        notice = self.notice
        self.close_notice()
        below = self.notice
        if notice is not None and notice.action is not None and notice.action() is False and self.notice is below:
            self.show_notice(notice)  # nothing was done, nor said: it is offered still

    def _measure(self) -> None:
        metrics = self._theme.metrics
        left = metrics.edge + metrics.icon + metrics.gap
        self._row.setContentsMargins(left, metrics.space, metrics.gap, metrics.space + 1)
        self._row.setSpacing(metrics.gap)
        self._text.setMinimumHeight(metrics.button)
        side = metrics.button
        self._close.setFixedSize(side, side)
        self._close.setIconSize(QSize(metrics.small_icon, metrics.small_icon))
        self.update()


def _waits(notice: Notice) -> bool:
    """Whether it is a question, or something that goes on; good news has nothing that must be answered."""
    return notice.action_text is not None and notice.kind != "success"
