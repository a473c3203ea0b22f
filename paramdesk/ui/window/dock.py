"""One dock of a window: where it stands at first, how large it is then, and what it may demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QDockWidget, QWidget

from paramdesk.ui.controls.title_bar import TitleBar
from paramdesk.ui.window.dock_sharing import least_demanded

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from paramdesk.ui.style.theme import Ground, Theme

__all__ = ["PLACES", "Dock"]

_Area = Qt.DockWidgetArea

# Name: area, ground, whether a line stands under the title, width and height by the names of the theme's metrics.
PLACES: dict[str, tuple[Qt.DockWidgetArea, Ground, bool, str, str]] = {
    "palette": (_Area.LeftDockWidgetArea, "panel", False, "palette_width", ""),
    "inspector": (_Area.RightDockWidgetArea, "panel", False, "inspector_width", ""),
    "table": (_Area.BottomDockWidgetArea, "surface", True, "table_width", "bottom_height"),
    "chart": (_Area.BottomDockWidgetArea, "surface", True, "chart_width", "bottom_height"),
}
# No part may demand more of the screen's height than this, or large text would push the window over its edges.
MOST_DOWN = {"palette": 0.1, "inspector": 0.2, "table": 0.1, "chart": 0.1}


class Dock(QDockWidget):
    """A dock that asks for the size of its panel in the theme."""

    def __init__(self, theme: Theme, name: str, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self._theme = theme
        self._name = name
        self.setObjectName(f"{name}_dock")

    def setWidget(self, widget: QWidget) -> None:
        """Take a panel, whose own minimum must not widen the window first."""
        self._bound_panel(widget)
        super().setWidget(widget)
        self.bound()

    def setTitleBarWidget(self, widget: QWidget) -> None:
        """Take a title bar."""
        super().setTitleBarWidget(widget)
        self.bound()

    def bound(self) -> None:
        """Let panel and title demand no more than the screen allows: a minimum that is set beats what they ask for."""
        panel, title = self.widget(), self.titleBarWidget()
        if panel is not None:
            self._bound_panel(panel)
        if isinstance(title, TitleBar):
            screen = self.screen().availableGeometry().width()
            title.allow(least_demanded(self._name, screen, screen))
        layout = self.layout()
        if layout is not None:
            layout.activate()  # or the former minimum would widen the window first

    def _bound_panel(self, panel: QWidget) -> None:
        screen, hint = self.screen().availableGeometry(), panel.minimumSizeHint()
        width = least_demanded(self._name, hint.width(), screen.width())
        height = round(MOST_DOWN[self._name] * screen.height())
        panel.setMinimumSize(width, max(0, min(hint.height(), height)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a frame while it floats: with a title bar of ours it has none from Qt or the system."""
        super().paintEvent(event)
        if self.isFloating():
            painter = QPainter(self)
            painter.setPen(self._theme.tokens.field_border)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            painter.end()

    def sizeHint(self) -> QSize:
        """The size at the first start."""
        _area, _ground, _line, width, height = PLACES[self._name]
        metrics = self._theme.metrics
        hint = super().sizeHint()
        return QSize(
            getattr(metrics, width) if width else hint.width(), getattr(metrics, height) if height else hint.height()
        )
