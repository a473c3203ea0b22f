"""The window: it puts the parts together and passes files on that are dropped. What the parts do is theirs."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QStatusTipEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from paramdesk.ui.background import Background
from paramdesk.ui.controls.notice_bar import NoticeBar
from paramdesk.ui.document.document import Document
from paramdesk.ui.notices import Notices
from paramdesk.ui.window.action_set import ActionSet
from paramdesk.ui.window.actions import RECENT, TEMPLATES
from paramdesk.ui.window.gestures import Gestures
from paramdesk.ui.window.panels import Panels
from paramdesk.ui.window.status_bar import StatusBar
from paramdesk.ui.window.tab_order import step_focus
from paramdesk.ui.window.tool_bar import ToolBar
from paramdesk.ui.window.window_size import WindowSize
from paramdesk.ui.window.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QPoint
    from PySide6.QtGui import (
        QCloseEvent,
        QDragEnterEvent,
        QDragLeaveEvent,
        QDragMoveEvent,
        QDropEvent,
        QPaintEvent,
    )
    from PySide6.QtWidgets import QMenu

    from paramdesk.engine.architecture import Architecture
    from paramdesk.ui.controls.drop_frame import DropFrame
    from paramdesk.ui.document.autosave import Autosave
    from paramdesk.ui.document.files import Files
    from paramdesk.ui.settings import Settings
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

__all__ = ["MainWindow"]


class MainWindow(QMainWindow):
    """One document in one window. Its frame comes up first, and the panels in it right after the first paint.

    Signals:
        came_up: it was painted for the first time; the panels come next.
        closed: the user has closed it, and nothing of it is to be kept.
    """

    came_up = Signal()
    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        settings: Settings,
        recovery: Path,
        windows: QObject,
    ) -> None:
        """Make the window around an empty document.

        Args:
            theme: its look.
            icons: of that theme.
            settings: the user's; geometry and docks come from there.
            recovery: where copies of unsaved changes are kept.
            windows: what makes and closes windows: it has `new_window` and `quit`.
        """
        super().__init__()
        self._theme = theme
        self._settings = settings
        self._icons = icons
        self._recovery = recovery
        self._dropped: list[Path] = []
        self._given_up: Architecture | None = None
        self._is_up = False
        self.setObjectName("main_window")
        self.setAnimated(False)  # its docks stand in the workspace; animations would be made anew with every edit
        self._size = WindowSize(self, theme, settings)
        self.document = Document(self)
        self.notices = Notices(self)
        self.notices.follow(self.document)
        self.background = Background(self)
        self.gestures = Gestures(self, theme, icons, settings, windows)
        self.workspace = Workspace(theme, icons, self)
        self.panels = Panels(self.document, theme, icons, settings, self.notices, self.workspace)
        self.panels.menu_wanted.connect(self.show_row_menu)
        self.panels.properties_wanted.connect(self.gestures.edit_row)
        self.actions_by_id = ActionSet(self.document, icons, self.gestures.owner, self._states(), self)
        self._make_bars(icons)
        self._arrange(icons)
        self._size.restore()
        self.workspace.docks_changed.connect(self.actions_by_id.refresh)
        theme.theme_changed.connect(self.actions_by_id.refresh)
        self.document.file_changed.connect(self._refresh_title)
        self.document.undo_stack.indexChanged.connect(self._refresh_title)
        self.setWindowTitle("paramdesk")  # until it is known of what

    @functools.cached_property
    def files(self) -> Files:
        """How architectures come in and go out."""
        from paramdesk.ui.document.files import Files

        return Files(self, self.document, self._settings, self.notices, self.background)

    @functools.cached_property
    def autosave(self) -> Autosave:
        """What keeps unsaved changes."""
        from paramdesk.ui.document.autosave import Autosave

        return Autosave(self.document, self._recovery, self)

    def _states(self) -> dict[str, Callable[[], bool]]:
        theme, workspace = self._theme, self.workspace
        return {
            "palette": lambda: workspace.is_shown("palette"),
            "table": lambda: workspace.is_shown("table"),
            "chart": lambda: workspace.is_shown("chart"),
            "inspector": lambda: workspace.is_shown("inspector"),
            "bottom": workspace.is_bottom_shown,
            "theme_system": lambda: theme.scheme == "system",
            "theme_light": lambda: theme.scheme == "light",
            "theme_dark": lambda: theme.scheme == "dark",
            "full_screen": self.isFullScreen,
            "trainable": self.gestures.is_trainable,
            "returned": self.gestures.is_returned,
        }

    def _make_bars(self, icons: Icons) -> None:
        self.actions_by_id.completed.connect(self._add_filled_menus)
        self.actions_by_id.add_menus(self.menuBar())
        self.tool_bar = ToolBar(self.actions_by_id, self.document, self._theme, icons, self)
        self.tool_bar.theme_button.clicked.connect(self.gestures.toggle_theme)
        self.addToolBar(self.tool_bar)
        self.status = StatusBar(self.document, self._theme, icons, self.notices, self)
        self.status.add_dock_buttons(self.actions_by_id)
        self.setStatusBar(self.status)

    def _add_filled_menus(self) -> None:
        from paramdesk.ui.window.file_menus import RecentMenu, TemplatesMenu

        menus = self.actions_by_id.menus
        self.recent_menu = RecentMenu(menus[RECENT], self.files, self._settings)
        self.templates_menu = TemplatesMenu(menus[TEMPLATES], self.files)

    @functools.cached_property
    def row_menu(self) -> QMenu:
        """The menu of the selected rows."""
        return self.actions_by_id.row_menu(self)

    def _arrange(self, icons: Icons) -> None:
        self.notice_bar = NoticeBar(self._theme, icons, self)
        self.notices.shown.connect(self.notice_bar.show_notice)
        self.notices.outdated.connect(self.notice_bar.take_back)
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.panels.strip_place)
        column.addWidget(self.notice_bar)
        column.addWidget(self.workspace, 1)
        self.setCentralWidget(middle)

    @functools.cached_property
    def drop_frame(self) -> DropFrame:
        """What is shown while a file hangs over the window."""
        from paramdesk.ui.controls.drop_frame import DropFrame

        return DropFrame(self._theme, self)

    def stand_beside(self, other: MainWindow, step: int) -> None:
        """Stand a step off another window, as far as the screen has room for that."""
        self._size.stand_beside(other, step)

    def remember_layout(self) -> None:
        """Keep size and docks, for the next window and the next start."""
        self._size.remember()

    def show_row_menu(self, place: QPoint) -> None:
        """Show the menu of the selected rows at a place of the screen."""
        self.row_menu.popup(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        """After the first paint, go on with what it did not wait for."""
        super().paintEvent(event)
        if not self.actions_by_id.is_complete:
            QTimer.singleShot(0, self, self.load_actions if self._is_up else self._come_up)

    def _come_up(self) -> None:
        """Show the document. After its paint come the actions that are not in sight, whose keys must be heard."""
        if self._is_up:
            return
        self._is_up = True
        _made = self.autosave  # which hears of every change from here on
        self.came_up.emit()
        self._refresh_title()
        self.panels.come_up()
        self.setAcceptDrops(True)
        self.update()

    def load_actions(self) -> None:
        """Show the document and make all actions, if that was not done."""
        self._come_up()
        self.actions_by_id.complete()

    def load_all(self) -> None:
        """Make everything that by itself comes up right after the first paint."""
        self.load_actions()
        self.panels.load()

    # Title ----------------------------------------------------------------------------------------------------------

    def _refresh_title(self) -> None:
        document = self.document
        name = document.path.name if document.path else document.architecture.name
        # Qt reads "[*]" as the place of the mark of changes.
        self.setWindowTitle(f"{name.replace('[*]', '[*][*]')}[*] – paramdesk")
        self.setWindowFilePath(str(document.path or ""))
        self.setWindowModified(document.is_modified)

    # Closing --------------------------------------------------------------------------------------------------------

    def may_close(self) -> bool:
        """Ask about unsaved changes, in front of other windows."""
        if self.document.is_modified:
            self.activateWindow()
            self.raise_()
        return self.files.may_leave()

    def close_agreed(self, given_up: Architecture) -> None:
        """Close without asking again, unless there is more to lose by now than this."""
        self._given_up = given_up
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes; then end what runs beside the window."""
        # What was edited after the answer was not part of it.
        if self._given_up is not self.document.architecture and not self.files.may_leave():
            event.ignore()
            return
        self.remember_layout()
        self.autosave.discard()
        self._end()
        event.accept()
        self.closed.emit()

    def let_go(self) -> None:
        """End without questions; unsaved changes are kept for the next start."""
        self.autosave.write()
        self.autosave.release()
        self._end()
        self.hide()
        self.deleteLater()

    def _end(self) -> None:
        self._is_up = True  # or it would come up after all, if it was closed at once
        self.background.drain()
        self.workspace.release()
        # Its destructor speaks, when those who would hear it are half gone.
        self.document.undo_stack.blockSignals(True)

    # Tips, and keys at once ------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Pass the tips of menus and buttons on to the status bar, which has a place for them."""
        if event.type() == QEvent.Type.StatusTip and isinstance(event, QStatusTipEvent):
            self.status.show_tip(event.tip())
            return True
        if event.type() == QEvent.Type.ShortcutOverride and not self.actions_by_id.is_complete:
            self.load_actions()  # a key that comes before they are made must not be lost
        return super().event(event)

    # Focus ----------------------------------------------------------------------------------------------------------

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's word
        """Go to the next place, or to the one before."""
        palette, *others = (self.workspace.docks[name] for name in ("palette", "inspector", "table", "chart"))
        parts = (self.tool_bar, self.panels.strip, self.notice_bar, palette, self.panels.stack, *others, self.status)
        return step_focus(self, parts, forward=next)

    # Dropping files -------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file, and show so."""
        paths = _files_in(event.mimeData())
        if paths and _take_copy(event):
            self.drop_frame.show_text(f"Open {paths[0].name}")

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Go on taking it."""
        if self.drop_frame.isVisible():
            _take_copy(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show what was there before."""
        self.drop_frame.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file that is dropped, once whoever dropped it is free again."""
        self.drop_frame.hide()
        self._dropped = _files_in(event.mimeData())
        if self._dropped and _take_copy(event):
            QTimer.singleShot(0, self, self._open_dropped)

    def _open_dropped(self) -> None:
        dropped, self._dropped = self._dropped, []
        if dropped:
            self.activateWindow()
            self.files.open_path(dropped[0])
        if len(dropped) > 1:
            self.notices.info(
                f"A window shows one file. Of the {len(dropped)} that were dropped it is {dropped[0].name}."
            )


def _files_in(data: QMimeData) -> list[Path]:
    """The files that are dragged and that may hold a network: by their ending, for their content costs time."""
    from paramdesk import formats

    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    endings = tuple(ending for entry in formats.readers().values() for ending in entry.endings)
    return [path for path in paths if path.name.casefold().endswith(endings)]


def _take_copy(event: QDropEvent) -> bool:
    """Take what is dragged without taking it away: whoever is asked to move a file deletes it afterwards."""
    if not event.possibleActions() & Qt.DropAction.CopyAction:
        event.ignore()
        return False
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
    return True
