"""The only place that blocks: questions the user must answer before anything goes on.

Tests replace these functions. Native dialogs are used where the platform has them. The dialogs' classes are loaded
with the first question, since the window need not wait for them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QDrag
    from PySide6.QtWidgets import QWidget

__all__ = [
    "CANCEL",
    "DISCARD",
    "SAVE",
    "Choice",
    "FileFilter",
    "ask_open_path",
    "ask_save_path",
    "confirm",
    "drag",
]


class FileFilter(msgspec.Struct, frozen=True):
    """A kind of file in a dialog: its name and its endings (without the dot), the usual one first."""

    name: str
    endings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The filter as Qt writes it: "CSV table (*.csv)"."""
        patterns = " ".join(f"*.{ending}" for ending in self.endings) or "*"
        return f"{self.name} ({patterns})"

    def matches(self, path: Path) -> bool:
        """Tell whether a path has one of the endings."""
        name = path.name.casefold()
        return any(name.endswith(f".{ending.casefold()}") for ending in self.endings)


class Choice(msgspec.Struct, frozen=True):
    """An answer: a key for the program, a text for the user, and what it does.

    The first "accept" is what Enter chooses, the first "reject" what Escape chooses.
    """

    key: str
    text: str
    role: Literal["accept", "destructive", "reject"] = "accept"


SAVE = Choice("save", "Save", "accept")
DISCARD = Choice("discard", "Discard", "destructive")
CANCEL = Choice("cancel", "Cancel", "reject")
_REPLACE = Choice("replace", "Replace", "destructive")


def ask_open_path(
    parent: QWidget | None,
    caption: str,
    filters: Sequence[FileFilter],
    folder: Path | None = None,
) -> Path | None:
    """Ask which existing file to open; None if the user thinks better of it."""
    from PySide6.QtWidgets import QFileDialog

    dialog = QFileDialog(parent, caption)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    if folder is not None:
        dialog.setDirectory(str(folder))
    dialog.setNameFilters([kind.text for kind in filters])
    answer = dialog.exec()
    paths = dialog.selectedFiles()
    dialog.deleteLater()
    return Path(paths[0]) if answer and paths else None


def ask_save_path(
    parent: QWidget | None,
    caption: str,
    filters: Sequence[FileFilter],
    suggested: Path,
) -> tuple[Path, FileFilter] | None:
    """Ask where to save; return the path with its ending, and the kind of file it has.

    An ending that the user types wins over the chosen kind; a missing one is added.
    """
    from PySide6.QtWidgets import QFileDialog

    dialog = QFileDialog(parent, caption)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDirectory(str(suggested.parent))
    dialog.setNameFilters([kind.text for kind in filters])
    chosen = next((kind for kind in filters if kind.matches(suggested)), filters[0])
    dialog.selectNameFilter(chosen.text)
    dialog.setDefaultSuffix(chosen.endings[0])
    dialog.selectFile(suggested.name)
    answer = dialog.exec()
    paths = dialog.selectedFiles()
    chosen = next((kind for kind in filters if kind.text == dialog.selectedNameFilter()), filters[0])
    dialog.deleteLater()
    if not answer or not paths:
        return None
    typed = Path(paths[0])
    path, kind = completed(typed, chosen, filters)
    # The dialog has asked about the name as it was typed, not about the one with the ending.
    if path != typed and path.exists() and not _may_replace(parent, path):
        return None
    return path, kind


def completed(path: Path, chosen: FileFilter, filters: Sequence[FileFilter]) -> tuple[Path, FileFilter]:
    """Return the path with an ending, and the kind of file that the ending says."""
    if chosen.matches(path):
        return path, chosen
    for kind in filters:
        if kind.matches(path):
            return path, kind
    if not chosen.endings:
        return path, chosen
    return path.with_name(f"{path.name}.{chosen.endings[0]}"), chosen


def confirm(
    parent: QWidget | None,
    text: str,
    detail: str = "",
    choices: Sequence[Choice] = (SAVE, DISCARD, CANCEL),
) -> str:
    """Ask which of the choices to take and return its key; Escape takes the rejecting one."""
    from PySide6.QtWidgets import QMessageBox

    role = QMessageBox.ButtonRole
    roles = {"accept": role.AcceptRole, "destructive": role.DestructiveRole, "reject": role.RejectRole}
    box = QMessageBox(parent)
    box.setWindowModality(Qt.WindowModality.WindowModal)
    box.setText(text)
    box.setInformativeText(detail)
    buttons = [box.addButton(choice.text, roles[choice.role]) for choice in choices]
    accepting = [b for b, choice in zip(buttons, choices, strict=True) if choice.role == "accept"]
    rejecting = [b for b, choice in zip(buttons, choices, strict=True) if choice.role == "reject"]
    if rejecting:
        box.setEscapeButton(rejecting[0])
    # Enter must never destroy: without an accepting answer it takes the rejecting one.
    for button in (accepting or rejecting)[:1]:
        box.setDefaultButton(button)
    box.exec()
    clicked = box.clickedButton()
    box.deleteLater()
    for button, choice in zip(buttons, choices, strict=True):
        if button is clicked:
            return choice.key
    return next((choice.key for choice in choices if choice.role == "reject"), choices[-1].key)


def drag(dragged: QDrag, actions: Qt.DropAction, usual: Qt.DropAction) -> Qt.DropAction:
    """Let the user drag something, and wait until it is dropped.

    Args:
        dragged: what, and its picture.
        actions: what may be done with it.
        usual: what is done when no key is held.

    Returns:
        What the receiver did with it.
    """
    return dragged.exec(actions, usual)


def _may_replace(parent: QWidget | None, path: Path) -> bool:
    text = f"{path.name} already exists. Replace it?"
    return confirm(parent, text, choices=(_REPLACE, CANCEL)) == _REPLACE.key
