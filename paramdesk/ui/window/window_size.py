"""How large the window is: at the first start, at the next one, and while its text is larger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QSize, QTimer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paramdesk.ui.settings import Settings
    from paramdesk.ui.style.theme import Theme
    from paramdesk.ui.window.main_window import MainWindow

__all__ = ["FIRST_SIZE", "WindowSize"]

FIRST_SIZE = (1440, 900)
# A further window is made this much smaller, at most, so that one sees that there are two.
LEAST_BESIDE = 0.75


class WindowSize(QObject):
    """Keeps the size of one window.

    What larger text needs may be more than the window has: Qt lets it grow, but never shrink again.
    """

    def __init__(self, window: MainWindow, theme: Theme, settings: Settings) -> None:
        """Serve `window`, before it has parts: it hears of another text size before they do, and knows what it was."""
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._settings = settings
        self._scale = theme.scale
        self._chosen = window.size()
        self._given: QSize | None = None
        theme.theme_changed.connect(self._on_theme_changed)

    def restore(self) -> None:
        """Take the size and place of the last time; at the first time, what the design has or the screen allows."""
        window = self._window
        if not window.restoreGeometry(self._settings.window_geometry):
            width, height = (self._theme.px(side) for side in FIRST_SIZE)
            room = window.screen().availableGeometry()
            # The frame, of which nothing is known yet, must find room too.
            frame = self._theme.px(40)
            window.resize(min(width, room.width() - frame), min(height, room.height() - frame))
        settings = self._settings
        window.workspace.restore(settings.window_state, dict(settings.dock_widths), dict(settings.dock_heights))

    def stand_beside(self, other: MainWindow, step: int) -> None:
        """Stand a step right of and below another window; what the screen has no room for, the size gives first."""
        window, room = self._window, other.screen().availableGeometry()
        if window.isMaximized() or window.isFullScreen():
            return
        frame = other.frameGeometry().size() - other.size()
        corner = other.pos() + QPoint(step, step)
        left = QSize(room.right() + 1 - corner.x(), room.bottom() + 1 - corner.y()) - frame
        window.resize(window.size().boundedTo(left.expandedTo(window.size() * LEAST_BESIDE)))
        last = room.bottomRight() + QPoint(1, 1) - QPoint(window.width(), window.height())
        last -= QPoint(frame.width(), frame.height())
        window.move(max(room.left(), min(corner.x(), last.x())), max(room.top(), min(corner.y(), last.y())))

    def remember(self) -> None:
        """Keep size, place and docks for the next time."""
        self._settings.window_geometry = bytes(self._window.saveGeometry().data())
        self._settings.window_state = self._window.workspace.state()
        self._settings.dock_widths = _stored(self._window.workspace.widths())
        self._settings.dock_heights = _stored(self._window.workspace.heights())

    def _on_theme_changed(self) -> None:
        former, self._scale = self._scale, self._theme.scale
        if self._scale == former:
            return
        # A minimum that was found late has let it grow further.
        if self._given is None or self._window.size() != self._given.expandedTo(self._window.minimumSize()):
            self._chosen = self._window.size()
        # Only once every part has taken its new sizes over.
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        """Be as large as the user wants, and larger only where the text needs it."""
        window = self._window
        if window.isMaximized() or window.isFullScreen():
            return
        window.workspace.rescale()
        layout = window.layout()
        assert layout is not None
        layout.activate()
        self._given = self._chosen.expandedTo(window.minimumSize())
        window.resize(self._given)


def _stored(sizes: Mapping[str, float]) -> tuple[tuple[str, int], ...]:
    return tuple((name, max(1, round(size))) for name, size in sizes.items())
