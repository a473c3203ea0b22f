"""How table and chart share the width below the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDockWidget

    from paramdesk.ui.style.theme import Theme
    from paramdesk.ui.window.workspace import Workspace

__all__ = ["BOTTOM", "BottomSharing"]

BOTTOM = ("table", "chart")


class BottomSharing:
    """Remembers the share of the table: Qt gives a dock that is shown again the half of its neighbour's width."""

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        """Serve the docks of `workspace`."""
        self._workspace = workspace
        self._theme = theme
        self._table: float | None = None

    def note(self) -> None:
        """Take the present share for what the user wants."""
        table, chart = self._docks()
        if self._are_side_by_side():
            self._table = table.width() / (table.width() + chart.width())

    def share(self) -> None:
        """Share the width as it was noted, or as at first."""
        if self._are_side_by_side():
            room = sum(dock.width() for dock in self._docks())
            self._share(room, self._first_chart(room) if self._table is None else room - round(room * self._table))

    def share_first(self, room: int) -> None:
        """Share the width as at first."""
        self._share(room, self._first_chart(room))

    def _share(self, room: int, chart: int) -> None:
        self._workspace.resizeDocks(self._docks(), [room - chart, chart], Qt.Orientation.Horizontal)

    def _first_chart(self, room: int) -> int:
        """What a table of its usual width leaves, but enough, or half in a narrow window."""
        metrics = self._theme.metrics
        table = metrics.table_width - metrics.splitter_grip // 2
        return max(room - table, min(metrics.least_chart, room // 2))

    def _docks(self) -> list[QDockWidget]:
        return [self._workspace.docks[name] for name in BOTTOM]

    def _are_side_by_side(self) -> bool:
        table, chart = docks = self._docks()
        stands = [dock.isVisible() and not dock.isFloating() for dock in docks]
        return all(stands) and chart not in self._workspace.tabifiedDockWidgets(table)
