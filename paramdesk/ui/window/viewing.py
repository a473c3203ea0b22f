"""The gestures of the View and Help menus, and those that lead the keyboard to a place in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from paramdesk.engine.architecture import Layer

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog

    from paramdesk.ui.dialogs.reference import ReferenceDialog
    from paramdesk.ui.settings import Settings
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme, ThemeSetting
    from paramdesk.ui.window.main_window import MainWindow

__all__ = ["TEXT_SCALES", "Viewing"]

TEXT_SCALES = (0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


class Viewing(QObject):
    """What is shown, and how; nothing here changes the document."""

    def __init__(self, window: MainWindow, theme: Theme, icons: Icons, settings: Settings) -> None:
        super().__init__(window)
        self._icons = icons
        self._window = window
        self._theme = theme
        self._settings = settings
        self.guide_window: QDialog | None = None
        self.about_window: QDialog | None = None
        self.reference_window: ReferenceDialog | None = None

    # Docks ----------------------------------------------------------------------------------------------------------

    def toggle_palette(self) -> None:
        """Show or hide the palette."""
        self._window.workspace.toggle("palette")

    def toggle_table(self) -> None:
        """Show or hide the summary table."""
        self._window.workspace.toggle("table")

    def toggle_chart(self) -> None:
        """Show or hide the chart."""
        self._window.workspace.toggle("chart")

    def toggle_inspector(self) -> None:
        """Show or hide the inspector."""
        self._window.workspace.toggle("inspector")

    def toggle_bottom(self) -> None:
        """Hide table and chart, or show both."""
        self._window.workspace.toggle_bottom()

    def reset_layout(self) -> None:
        """Put every dock back to its first place and size."""
        self._window.workspace.reset()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back to a window."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    # Theme and size -------------------------------------------------------------------------------------------------

    def use_system(self) -> None:
        """Be light or dark as the system asks."""
        self._use("system")

    def use_light(self) -> None:
        """Always be light."""
        self._use("light")

    def use_dark(self) -> None:
        """Always be dark."""
        self._use("dark")

    def toggle_theme(self) -> None:
        """Pin the theme that is not shown now."""
        self._use("light" if self._theme.is_dark else "dark")

    def _use(self, setting: ThemeSetting) -> None:
        self._settings.theme = setting
        self._theme.scheme = setting

    def larger(self) -> None:
        """Enlarge the text by a step."""
        self._scale(next((scale for scale in TEXT_SCALES if scale > self._theme.text_scale + 0.01), TEXT_SCALES[-1]))

    def smaller(self) -> None:
        """Make the text smaller by a step."""
        below = [scale for scale in TEXT_SCALES if scale < self._theme.text_scale - 0.01]
        self._scale(below[-1] if below else TEXT_SCALES[0])

    def normal(self) -> None:
        """Text in the size of the system."""
        self._scale(1.0)

    def _scale(self, scale: float) -> None:
        self._settings.text_scale = scale
        self._theme.text_scale = scale

    # Places ---------------------------------------------------------------------------------------------------------

    def find(self) -> None:
        """Lead the keyboard to the palette's search field."""
        self._window.workspace.show_dock("palette")
        self._window.panels.palette.focus_search()

    def rename(self) -> None:
        """Let the name of the current layer be typed."""
        self._window.panels.stack.rename_current()

    def edit_row(self) -> None:
        """Lead the keyboard to the properties of the current layer."""
        self._window.workspace.show_dock("inspector")
        self._window.panels.inspector.edit_name()

    def connect_layer(self) -> None:
        """Lead the keyboard to the inputs of the current layer."""
        self._window.workspace.show_dock("inspector")
        inspector = self._window.panels.inspector
        inspector.page = "properties"
        for field in inspector.properties.head.sources.inputs()[:1]:
            field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # Help -----------------------------------------------------------------------------------------------------------

    def guide(self) -> None:
        """Show the guide beside the window, or bring it to the front."""
        if self.guide_window is None:
            from paramdesk.ui.dialogs.guide import GuideDialog

            self.guide_window = GuideDialog(self._theme, self._window)
        _brought_up(self.guide_window)

    def reference(self) -> None:
        """Show what every number means, beside the window."""
        _brought_up(self._reference())

    def kind_page(self) -> None:
        """Show the page of the selected layer's kind."""
        document = self._window.document
        for node_id in document.selection.ids:
            node = document.nodes[node_id]
            if isinstance(node, Layer):
                self._reference().show_kind(type(node.kind))
                _brought_up(self._reference())
                return

    def _reference(self) -> ReferenceDialog:
        if self.reference_window is None:
            from paramdesk.ui.dialogs.reference import ReferenceDialog

            self.reference_window = ReferenceDialog(self._theme, self._icons, self._window)
        return self.reference_window

    def about(self) -> None:
        """Show version and licences."""
        if self.about_window is None:
            from paramdesk.ui.dialogs.about import AboutDialog

            self.about_window = AboutDialog(self._theme, self._window)
        self.about_window.open()


def _brought_up(dialog: QDialog) -> None:
    """Shows a window that stays open beside the main one, in front of it."""
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
