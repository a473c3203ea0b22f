"""The panels of a window. Its first paint does not wait for them: each is made right after it, or when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from paramdesk.ui.window.postponed import Postponed

if TYPE_CHECKING:
    from collections.abc import Callable

    from paramdesk.ui.chart.chart_panel import ChartPanel
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.inspector.inspector_panel import InspectorPanel
    from paramdesk.ui.notices import Notices
    from paramdesk.ui.palette.palette_panel import PalettePanel
    from paramdesk.ui.settings import Settings
    from paramdesk.ui.stack.stack_panel import StackPanel
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Ground, Theme
    from paramdesk.ui.table.table_panel import TablePanel
    from paramdesk.ui.totals.strip import TotalsStrip
    from paramdesk.ui.window.workspace import Workspace

__all__ = ["Panels"]

Panel = TypeVar("Panel", bound=QWidget)


class Panels(QObject):
    """What is seen of one document: totals, stack, palette, inspector, table and chart.

    Signals:
        menu_wanted: a menu about the selected rows was asked for, at a point of the screen.
        properties_wanted: the keyboard is to go to the properties of the current row.
    """

    menu_wanted = Signal(QPoint)
    properties_wanted = Signal()

    def __init__(
        self,
        document: Document,
        theme: Theme,
        icons: Icons,
        settings: Settings,
        notices: Notices,
        workspace: Workspace,
    ) -> None:
        """Put a place for each panel into the workspace, but for that of the totals."""
        super().__init__(workspace)
        self._document = document
        self._theme = theme
        self._icons = icons
        self._settings = settings
        self._notices = notices
        self._workspace = workspace
        self._strip = self._in_layout(self._make_strip)
        self._strip.shown.setFixedHeight(theme.metrics.totals_strip)
        self._stack = self._in_layout(self._make_stack)
        # Around the stack, for with another central widget Qt would share the room anew.
        centre = QWidget(workspace)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack.shown)
        workspace.setCentralWidget(centre)
        self._palette = self._in_dock("palette", "panel", self._make_palette)
        self._inspector = self._in_dock("inspector", "panel", self._make_inspector)
        self._table = self._in_dock("table", "surface", self._make_table)
        self._chart = self._in_dock("chart", "surface", self._make_chart)
        workspace.add("palette", "Layers", self._palette.shown)
        workspace.add_titled("inspector", "Inspector", self._inspector.shown)
        workspace.add("table", "Summary table", self._table.shown)
        workspace.add("chart", "Chart", self._chart.shown)

    def come_up(self) -> None:
        """Make the totals and the stack, which gets the keyboard, and what stands in a dock once it is seen."""
        self._strip.panel()
        self.stack.setFocus()
        for postponed in (self._palette, self._inspector, self._table, self._chart):
            postponed.make_when_seen()

    def load(self) -> None:
        """Make everything that by itself comes up once it is seen."""
        for postponed in (self._strip, self._stack, self._palette, self._inspector, self._table):
            postponed.panel()
        self.chart.load()

    # The panels -----------------------------------------------------------------------------------------------------

    @property
    def strip_place(self) -> QWidget:
        """What stands in the place of the totals; it goes into a layout."""
        return self._strip.shown

    @property
    def strip(self) -> TotalsStrip:
        """The totals."""
        return self._strip.panel()

    @property
    def stack(self) -> StackPanel:
        """The layer-stack editor."""
        return self._stack.panel()

    @property
    def palette(self) -> PalettePanel:
        """The palette."""
        return self._palette.panel()

    @property
    def inspector(self) -> InspectorPanel:
        """The inspector."""
        return self._inspector.panel()

    @property
    def table(self) -> TablePanel:
        """The summary table."""
        return self._table.panel()

    @property
    def chart(self) -> ChartPanel:
        """The chart."""
        return self._chart.panel()

    # Making them ----------------------------------------------------------------------------------------------------

    def _in_layout(self, make: Callable[[], Panel]) -> Postponed[Panel]:
        def put(panel: Panel) -> None:
            place = postponed.shown
            around = place.parentWidget()
            layout = around.layout() if around is not None else None
            assert layout is not None
            layout.replaceWidget(place, panel)
            place.hide()
            panel.show()  # by itself only later: for a moment everything else would have its room

        postponed = Postponed(self._theme, "surface", self._workspace, make, put)
        return postponed

    def _in_dock(self, name: str, ground: Ground, make: Callable[[], Panel]) -> Postponed[Panel]:
        workspace = self._workspace
        return Postponed(self._theme, ground, workspace, make, lambda panel: workspace.docks[name].setWidget(panel))  # noqa: PLW0108 - the dock is not there yet

    def _make_strip(self) -> TotalsStrip:
        from paramdesk.ui.totals.strip import TotalsStrip

        return TotalsStrip(self._document, self._theme, self._icons, self._strip.shown.parentWidget())

    def _make_stack(self) -> StackPanel:
        from paramdesk.ui.stack.stack_panel import StackPanel

        stack = StackPanel(self._document, self._theme, self._icons, self._notices, self._workspace)
        stack.menu_wanted.connect(self.menu_wanted)
        stack.properties_wanted.connect(self.properties_wanted)
        return stack

    def _make_palette(self) -> PalettePanel:
        from paramdesk.ui.palette.palette_panel import PalettePanel

        palette = PalettePanel(self._document, self._theme, self._icons, self._workspace)
        palette.refused.connect(self._notices.warning)
        return palette

    def _make_inspector(self) -> InspectorPanel:
        from paramdesk.ui.inspector.inspector_panel import InspectorPanel

        inspector = InspectorPanel(self._document, self._theme, self._icons, self._notices, self._workspace)
        inspector.stand_in_for_title_of(self._workspace.docks["inspector"])
        inspector.refresh()
        return inspector

    def _make_table(self) -> TablePanel:
        from paramdesk.ui.table.table_panel import TablePanel

        table = TablePanel(self._document, self._theme, self._icons, self._settings, self._workspace)
        table.context_menu_requested.connect(self.menu_wanted)
        table.row_activated.connect(self.properties_wanted)
        self._workspace.add_controls("table", table.extra_title_widgets())
        return table

    def _make_chart(self) -> ChartPanel:
        from paramdesk.ui.chart.chart_panel import ChartPanel

        chart = ChartPanel(self._document, self._theme, self._icons, self._settings, self._workspace)
        chart.context_menu_requested.connect(self.menu_wanted)
        self._workspace.add_controls("chart", chart.extra_title_widgets())
        return chart
