"""One run of the window: the application, the settings, the theme, the open windows, and what a start shows."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QLocale, QObject, QSettings, QStandardPaths
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

import paramdesk
from paramdesk.resources import resource_path
from paramdesk.ui.crash import CrashReporter
from paramdesk.ui.notices import Notice
from paramdesk.ui.settings import Settings
from paramdesk.ui.style.icons import Icons
from paramdesk.ui.style.theme import Theme
from paramdesk.ui.window.main_window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable

    from paramdesk.ui.document.autosave import Recovered
    from paramdesk.ui.style.theme import SchemeSource

__all__ = ["Session", "application", "recovery_folder", "user_settings"]


def application() -> QApplication:
    """The application, made if there is none, with its name and icon."""
    app = QApplication.instance()
    if app is None:
        app = QApplication(["paramdesk"])
    app = cast("QApplication", app)
    app.setApplicationName("paramdesk")
    app.setApplicationDisplayName("paramdesk")
    app.setApplicationVersion(paramdesk.__version__)
    app.setDesktopFileName("paramdesk")
    # Decimal points and thousands separators as in the table and in every file.
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    app.setWindowIcon(QIcon(str(resource_path("app.svg"))))
    return app


def user_settings() -> Settings:
    """The user's settings, in a file of the same form on every system."""
    scope = QSettings.Scope.UserScope
    return Settings(QSettings(QSettings.Format.IniFormat, scope, "paramdesk", "paramdesk"))


def recovery_folder() -> Path:
    """Where the copies of unsaved changes are kept."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)) / "recovery"


class Session(QObject):
    """What all windows of a run share.

    Attributes:
        application: Qt's.
        settings: the user's.
        recovery: where copies of unsaved changes are kept.
        windows: the open ones.
        crashes: who takes exceptions that nobody has caught.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        scheme: SchemeSource | None = None,
        recovery: Path | None = None,
    ) -> None:
        """Make everything but a window; without arguments as the user has it."""
        self.application = application()
        super().__init__()
        self.recovery = recovery or recovery_folder()
        self.settings = settings or user_settings()
        self.theme = Theme(scheme)
        self.theme.scheme = self.settings.theme
        self.theme.text_scale = self.settings.text_scale
        self.theme.apply(self.application)
        self.icons = Icons(self.theme, self)
        self.windows: list[MainWindow] = []
        self.crashes = CrashReporter(self.windows, self)
        self._recovered: list[Recovered] = []
        self._first: Callable[[], None] | None = None

    # Starting -------------------------------------------------------------------------------------------------------

    def start(self, file: str | None = None) -> MainWindow:
        """Show the first window; what it is to show it opens right after its first paint.

        Args:
            file: a path, or "template:" and a name. Without one it shows what a crash has left, else the last file,
                else the article's convnet.
        """
        self.crashes.install()
        window = self.add_window()
        self._first = functools.partial(self._open_first, window, file)
        window.came_up.connect(self.begin)
        window.show()
        return window

    def begin(self) -> None:
        """Open what the first window is to show, unless that was done."""
        if self._first is not None:
            first, self._first = self._first, None
            first()

    def _open_first(self, window: MainWindow, file: str | None) -> None:
        from paramdesk.formats.templates import PREFIX
        from paramdesk.ui.document.autosave import left_in
        from paramdesk.ui.document.files import first_template

        found = left_in(self.recovery)
        left = found.recovered
        if file is not None:
            window.document.open(first_template())
            if file.startswith(PREFIX):
                window.files.open_template(file.removeprefix(PREFIX))
            else:
                window.files.open_path(Path(file))
            self._offer(window, left)
        elif left:
            self._recover(window, left[0])
            for further in left[1:]:
                self._recover_beside(further)
        else:
            self._open_last(window)
        for name, path in found.unreadable:
            text = (
                f"The unsaved changes of {name} cannot be recovered: their copy cannot be read. It is kept as {path}."
            )
            window.notices.error(text)

    def new_window(self) -> None:
        """Open a further window on an empty stack."""
        beside = next((window for window in self.windows if window.isActiveWindow()), self.windows[0])
        beside.remember_layout()
        window = self.add_window()
        window.stand_beside(beside, self.theme.px(32))
        window.show()

    def quit(self) -> None:
        """Close every window, once all with changes have been asked about: one that is to stay keeps all of them."""
        agreed = []
        for window in list(self.windows):
            if not window.may_close():
                return
            agreed.append((window, window.document.architecture))
        for window, given_up in agreed:
            window.close_agreed(given_up)

    def close(self) -> None:
        """Let go of everything, without questions."""
        while self.windows:
            self.windows.pop().let_go()
        self.crashes.uninstall()

    def add_window(self) -> MainWindow:
        """A further window, not shown yet."""
        window = MainWindow(self.theme, self.icons, self.settings, self.recovery, self)
        window.closed.connect(self._on_closed)
        self.windows.append(window)
        return window

    def _open_last(self, window: MainWindow) -> None:
        from paramdesk.ui.document.files import first_template

        recent = self.settings.recent_files
        last = recent[0] if recent else None
        if last is not None and last.exists() and window.files.open_path(last):
            return
        window.document.open(first_template())

    def _on_closed(self) -> None:
        window = cast("MainWindow", self.sender())
        self._first = None
        if window in self.windows:
            self.windows.remove(window)
        window.deleteLater()

    # Recovering -----------------------------------------------------------------------------------------------------

    def _recover(self, window: MainWindow, left: Recovered) -> None:
        """Show what was left, as changes that are not saved; the window goes on with its copy."""
        window.files.recover(left.architecture, left.path, left.stamp)
        window.autosave.take_over(left)
        text = f"Recovered unsaved changes of {left.name}."
        window.notices.show(Notice("warning", text, "Discard", window.files.discard_recovered, until="saved"))

    def _offer(self, window: MainWindow, left: list[Recovered]) -> None:
        """Say that something was left, where another file was asked for."""
        self._recovered = left
        if left:
            names = ", ".join(found.name for found in left)
            text = f"There are unsaved changes of {names} from a session that ended unexpectedly."
            window.notices.show(Notice("warning", text, "Recover", self.recover_offered))

    def recover_offered(self) -> None:
        """Open what was left, each in a window of its own."""
        left, self._recovered = self._recovered, []
        for found in left:
            self._recover_beside(found)

    def _recover_beside(self, left: Recovered) -> None:
        window = self.add_window()
        self._recover(window, left)
        window.show()
