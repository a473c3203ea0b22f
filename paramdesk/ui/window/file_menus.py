"""The two submenus whose entries are found when they open: recent files and templates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from paramdesk.formats.templates import templates

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from paramdesk.ui.document.files import Files
    from paramdesk.ui.settings import Settings

__all__ = ["RecentMenu", "TemplatesMenu"]

FAMILY = 10
"""Templates whose orders are in the same ten are of one family: those of ResNet, those for texts."""


class _FilledMenu(QObject):
    """Fills a menu with entries above those that it has, each time it opens."""

    def __init__(self, menu: QMenu, files: Files) -> None:
        super().__init__(menu)
        self._menu = menu
        self._files = files
        self._fixed = menu.actions()
        self._filled: list[QAction] = []
        menu.aboutToShow.connect(self.fill)
        menu.triggered.connect(self._on_triggered)

    def fill(self) -> None:
        """Bring the entries up to date."""
        for action in self._filled:
            self._menu.removeAction(action)
            action.deleteLater()
        self._filled = []
        for text, tip, key in self.entries():
            self._add(text).setStatusTip(tip)
            self._filled[-1].setData(key)
        if not self._filled:
            self._add(self.nothing).setEnabled(False)

    def _add(self, text: str) -> QAction:
        action = QAction(text, self._menu)
        if self._fixed:
            self._menu.insertAction(self._fixed[0], action)
        else:
            self._menu.addAction(action)
        self._filled.append(action)
        return action

    nothing = "None"

    def entries(self) -> list[tuple[str, str, str]]:
        """Text, tip and key of each entry."""
        raise NotImplementedError

    def choose(self, key: str) -> None:
        """Do what an entry stands for."""
        raise NotImplementedError

    def _on_triggered(self, action: QAction) -> None:
        if action in self._filled:
            self.choose(action.data())


class RecentMenu(_FilledMenu):
    """File > Open Recent. A file that is gone says so."""

    nothing = "No recent files"

    def __init__(self, menu: QMenu, files: Files, settings: Settings) -> None:
        """Fill `menu` from the settings."""
        self._settings = settings
        super().__init__(menu, files)

    def fill(self) -> None:
        """Bring the entries up to date; there is nothing to clear while there is none."""
        super().fill()
        for action in self._fixed:
            action.setEnabled(bool(self._settings.recent_files))

    def entries(self) -> list[tuple[str, str, str]]:
        """The files, numbered for the keyboard, with their folders where two have the same name."""
        paths = self._settings.recent_files
        names = [path.name for path in paths]
        found = []
        for number, path in enumerate(paths, 1):
            text = path.name if names.count(path.name) == 1 else f"{path.name} in {path.parent}"
            mnemonic = f"&{number} " if number < 10 else f"{number} "
            gone = "" if path.exists() else " (missing)"
            found.append((mnemonic + text.replace("&", "&&") + gone, str(path), str(path)))
        return found

    def choose(self, key: str) -> None:
        """Open the file."""
        self._files.open_recent(Path(key))


class TemplatesMenu(_FilledMenu):
    """File > New from Template."""

    nothing = "No templates"

    def __init__(self, menu: QMenu, files: Files) -> None:
        """Fill `menu` with what comes with paramdesk."""
        self._lines: list[QAction] = []
        super().__init__(menu, files)

    def fill(self) -> None:
        """Bring the entries up to date, with a line between one family and the next."""
        for line in self._lines:
            self._menu.removeAction(line)
            line.deleteLater()
        super().fill()
        families = [template.order // FAMILY for template in templates()]
        starts = [place for place in range(1, len(families)) if families[place] != families[place - 1]]
        self._lines = [self._menu.insertSeparator(self._filled[place]) for place in starts]

    def entries(self) -> list[tuple[str, str, str]]:
        """The shipped architectures."""
        return [(found.title.replace("&", "&&"), found.description, found.name) for found in templates()]

    def choose(self, key: str) -> None:
        """Begin with the template."""
        self._files.open_template(key)
