"""Who answers to the actions of a window. Each is made with its first action: no first paint waits for it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from paramdesk.ui.document.block_editing import BlockEditing
    from paramdesk.ui.document.editing import Editing
    from paramdesk.ui.document.exporting import Exporting
    from paramdesk.ui.settings import Settings
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme
    from paramdesk.ui.window.main_window import MainWindow
    from paramdesk.ui.window.viewing import Viewing

__all__ = ["Gestures"]


class Gestures(QObject):
    """The gestures of one window."""

    def __init__(self, window: MainWindow, theme: Theme, icons: Icons, settings: Settings, windows: QObject) -> None:
        """Serve `window`, which `windows` has made and closes."""
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._icons = icons
        self._settings = settings
        self._windows = windows

    @functools.cached_property
    def editing(self) -> Editing:
        """What Edit and Layer do to the document."""
        from paramdesk.ui.document.editing import Editing

        editing = Editing(self._window.document, self._window.notices, self)
        editing.table_dock = self._window.workspace.docks["table"]
        return editing

    @functools.cached_property
    def blocks(self) -> BlockEditing:
        """What is done with blocks and with what reads what."""
        from paramdesk.ui.document.block_editing import BlockEditing

        return BlockEditing(self._window.document, self._window.notices, self.editing, self._window.panels.stack.model)

    @functools.cached_property
    def exporting(self) -> Exporting:
        """The export as CSV."""
        from paramdesk.ui.document.exporting import Exporting

        window = self._window
        exporting = Exporting(window, window.document, self._theme, self._settings, window.notices)
        exporting.columns = window.panels.table.visible_columns
        return exporting

    @functools.cached_property
    def viewing(self) -> Viewing:
        """What View and Help do."""
        from paramdesk.ui.window.viewing import Viewing

        return Viewing(self._window, self._theme, self._icons, self._settings)

    def owner(self, name: str) -> QObject:
        """Who has the handlers of this name in the declared actions."""
        match name:
            case "window":
                return self._window
            case "windows":
                return self._windows
            case "files":
                return self._window.files
        found = getattr(self, name)
        assert isinstance(found, QObject)
        return found

    def is_trainable(self) -> bool:
        """Whether the selected layers are trained."""
        return self.editing.is_trainable()

    def is_returned(self) -> bool:
        """Whether what the selected row makes is returned."""
        return self.blocks.is_returned()

    def toggle_theme(self) -> None:
        """Pin the theme that is not shown now."""
        self.viewing.toggle_theme()

    def edit_row(self) -> None:
        """Lead the keyboard to the properties of the current layer."""
        self.viewing.edit_row()
