"""How architectures come in and go out: New, Open, Recent, templates, Save, Save As, and the question about changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QStandardPaths

from paramdesk import formats
from paramdesk.engine.architecture import Architecture, Block
from paramdesk.engine.errors import UnreadableFile, UnwritableFile
from paramdesk.formats.templates import FIRST, open_template
from paramdesk.ui.dialogs import ask
from paramdesk.ui.document.file_stamp import stamp_of
from paramdesk.ui.document.opening import Opening
from paramdesk.ui.notices import Notice

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.background import Background
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.document.file_stamp import FileStamp
    from paramdesk.ui.notices import Notices
    from paramdesk.ui.settings import Settings

__all__ = ["NATIVE", "Files", "first_template"]

NATIVE = "paramdesk"
# Reading less than this takes no time that could be felt.
BIG_FILE_BYTES = 200_000

_REPLACE = ask.Choice("replace", "Replace", "destructive")
_SAVE_AS = ask.Choice("save_as", "Save As…", "accept")
_UNROLL = ask.Choice("unroll", "Save Written Out", "destructive")


def first_template() -> Architecture:
    """What the first start shows: the convnet of the article; an empty stack if it cannot be read."""
    try:
        return open_template(FIRST)
    except UnreadableFile:
        return Architecture()


def file_filters(choice: dict[str, formats.Format]) -> list[ask.FileFilter]:
    """The filters of a file dialog for some formats, our own first."""
    ordered = sorted(choice.values(), key=lambda entry: (entry.name != NATIVE, entry.title.casefold()))
    return [
        ask.FileFilter(entry.title, tuple(ending.removeprefix(".") for ending in entry.endings))
        for entry in ordered
        if entry.endings
    ]


class Files(QObject):
    """The file side of one window. What goes wrong is said in a notice, and leaves the document as it is."""

    def __init__(
        self,
        window: QWidget,
        document: Document,
        settings: Settings,
        notices: Notices,
        background: Background,
    ) -> None:
        """Serve `window`, over which questions are asked."""
        super().__init__(window)
        self._window = window
        self._document = document
        self._settings = settings
        self._notices = notices
        self._opening = Opening(notices, background, self)
        self._opening.read.connect(self._open)
        self._opening.failed.connect(self._on_unreadable)
        self._recovered: Architecture | None = None
        self._unrolled: Path | None = None

    # Opening --------------------------------------------------------------------------------------------------------

    def new(self) -> None:
        """Begin with an empty stack."""
        if self.may_leave():
            self._show(Architecture(), None)

    def open(self) -> None:
        """Ask for a file and open it."""
        filters = file_filters(formats.readers())
        endings = tuple(dict.fromkeys(ending for kind in filters for ending in kind.endings))
        choices = [ask.FileFilter("Architectures", endings), *filters, ask.FileFilter("All files", ())]
        path = ask.ask_open_path(self._window, "Open", choices, self._folder())
        if path is not None:
            self.open_path(path)

    def open_path(self, path: Path) -> bool:
        """Open a file; a big one is read beside the window. Return whether it is shown now."""
        path = path.absolute()
        self._opening.stop()
        stamp = stamp_of(path)
        if stamp is not None and stamp.size > BIG_FILE_BYTES:
            self._opening.start(path, stamp)
            return False
        try:
            architecture = formats.read(path)
        except UnreadableFile as error:
            self._on_unreadable(error)
            return False
        return self._open(architecture, path, stamp)

    def open_template(self, name: str) -> None:
        """Show a shipped architecture; Save will ask for a file of one's own."""
        try:
            architecture = open_template(name)
        except UnreadableFile as error:
            self._on_unreadable(error)
            return
        if self.may_leave():
            self._show(architecture, None)

    def open_recent(self, path: Path) -> None:
        """Open a file of the list, or take it out of the list if it is gone."""
        if path.exists():
            self.open_path(path)
            return
        self._settings.forget_file(path)
        self._notices.error(f"{path} is not there any more. It has been taken out of the list of recent files.")

    def clear_recent(self) -> None:
        """Forget the recent files."""
        self._settings.recent_files = ()

    def recover(self, architecture: Architecture, path: Path | None, stamp: FileStamp | None) -> None:
        """Show what a crash left behind: it has changes that no file has.

        Args:
            architecture: what was being edited.
            path: the file it was opened from.
            stamp: of that file, as it was then.
        """
        self._show(architecture, path, stamp, is_saved=False)
        self._recovered = architecture

    def discard_recovered(self) -> bool:
        """Go back from recovered changes to the file as it is, or to what a first start shows.

        Edits made since are asked about; once the recovered document is saved or gone, nothing happens.

        Returns:
            False if the user has called it off.
        """
        if self._recovered is None:
            return True
        if self._document.architecture != self._recovered:
            text, detail = "Discard the recovered changes?", "The edits made since go with them."
            if ask.confirm(self._window, text, detail, (ask.DISCARD, ask.CANCEL)) != ask.DISCARD.key:
                return False
        path = self._document.path
        if path is None or not path.exists():
            self._show(first_template(), None)
            return True
        stamp = stamp_of(path)
        try:
            self._show(formats.read(path), path, stamp)
        except UnreadableFile as error:
            self._on_unreadable(error)
        return True

    def _on_unreadable(self, error: Exception) -> None:
        if not isinstance(error, UnreadableFile):
            raise error
        self._notices.error(f"{error}.".replace("..", "."))

    def _open(self, architecture: Architecture, path: Path, stamp: FileStamp | None) -> bool:
        if not self.may_leave():
            return False
        self._settings.remember_file(path)
        self._show(architecture, path, stamp)
        for remark in architecture.remarks:
            self._notices.info(remark)
        return True

    def _show(
        self, architecture: Architecture, path: Path | None, stamp: FileStamp | None = None, *, is_saved: bool = True
    ) -> None:
        self._recovered = self._unrolled = None
        self._document.open(architecture, path, stamp=stamp, is_saved=is_saved)

    # Saving ---------------------------------------------------------------------------------------------------------

    def save(self) -> bool:
        """Write to the document's file in its format; ask for a file if there is none that can be written."""
        path = self._document.path
        if path is None:
            return self.save_as()
        name = self._writer_of(path)
        if name is None:
            why = "is of a kind that can only be read. Choose where to save."
            if self._writer_of(path, copies=True) is not None:
                why = (
                    "holds more than would be written over it. Choose where to save, or save a copy of its kind there."
                )
            self._notices.info(f"{path.name} {why}")
            return self.save_as()
        if stamp_of(path) not in {None, self._document.stamp}:
            text = f"{path.name} was changed by another program. Replace it?"
            answer = ask.confirm(
                self._window, text, "What that program wrote would be lost.", (_SAVE_AS, _REPLACE, ask.CANCEL)
            )
            if answer != _REPLACE.key:
                return answer == _SAVE_AS.key and self.save_as()
        return self._write(path, name)

    def save_as(self) -> bool:
        """Ask for a file and write to it; the ending tells the format."""
        path = self._document.path or self._folder() / f"{_file_name(self._document.architecture.name)}.paramdesk"
        if self._writer_of(path) is None:
            path = path.with_suffix(".paramdesk")
        return self._save_as(path)

    def _save_as(self, path: Path) -> bool:
        choice = formats.writers()
        filters = file_filters(choice)
        answer = ask.ask_save_path(self._window, "Save As", filters, path)
        if answer is None:
            return False
        path, kind = answer
        named = next((entry.name for entry in choice.values() if entry.title == kind.name), None)
        is_unnamed = self._document.architecture.name == Architecture().name
        name = path.name.split(".")[0] if is_unnamed else None
        return self._write(path, named or self._writer_of(path) or NATIVE, name)

    def may_leave(self) -> bool:
        """Whether the document may be replaced: it has no changes, or the user has said what to do with them."""
        if not self._document.is_modified:
            return True
        name = self._document.path.name if self._document.path else self._document.architecture.name
        answer = ask.confirm(
            self._window,
            f"Save the changes to {name}?",
            "They are lost otherwise.",
            (ask.SAVE, ask.DISCARD, ask.CANCEL),
        )
        return self.save() if answer == ask.SAVE.key else answer == ask.DISCARD.key

    def _write(self, path: Path, format_name: str, name: str | None = None) -> bool:
        """Write to a file, and let the network have this name once it is saved under it."""
        is_copy = formats.writers()[format_name].is_copy
        if is_copy and path == self._document.path:
            self._notices.error(f"{path.name} holds more than would be written over it. Choose another name.")
            return False
        if self._loses_repetition(format_name) and self._unrolled != path:
            text = f"{path.name} cannot hold repeated blocks."
            detail = "Written out, each repetition stands in it as a block of its own; the numbers stay the same."
            answer = ask.confirm(self._window, text, detail, (_SAVE_AS, _UNROLL, ask.CANCEL))
            if answer != _UNROLL.key:
                return answer == _SAVE_AS.key and self._save_as(path.with_suffix(".paramdesk"))
            self._unrolled = path
        written = self._document.written
        if name is not None:
            written = msgspec.structs.replace(written, name=name)
        try:
            formats.write(written, path, format_name)
        except UnwritableFile as error:
            self._notices.show(Notice("error", f"{error}.", "Save As…", self.save_as, until="saved"))
            return False
        if is_copy:
            self._notices.success(f"A copy was written to {path}. The document itself is not saved in this format.")
            return False
        self._recovered = None
        if name is not None:
            self._document.rename(name)
        self._settings.remember_file(path)
        self._document.saved_as(path)
        return True

    def _loses_repetition(self, format_name: str) -> bool:
        """Whether there are blocks that are repeated, which in a file of this format would stand several times."""
        if formats.writers()[format_name].has_repetition:
            return False
        return any(isinstance(node, Block) and node.repeat > 1 for node in self._document.architecture.nodes())

    def _writer_of(self, path: Path, *, copies: bool = False) -> str | None:
        """The format in which a file of this name is saved, or a copy of it written; None if there is none."""
        saved = [entry for entry in formats.writers().values() if entry.is_copy is copies]
        endings = ((ending, entry.name) for entry in saved for ending in entry.endings)
        matching = [(len(ending), name) for ending, name in endings if path.name.lower().endswith(ending)]
        return max(matching)[1] if matching else None

    def _folder(self) -> Path:
        """Where the dialogs begin."""
        if self._document.path is not None:
            return self._document.path.parent
        return self._settings.last_folder or documents_folder()


def documents_folder() -> Path:
    """The user's folder for documents, or the home folder where there is none."""
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(found) if found and Path(found).is_dir() else Path.home()


def _file_name(name: str) -> str:
    """A network's name as the name of a file."""
    kept = "".join("_" if sign in '<>:"/\\|?*' or not sign.isprintable() else sign for sign in name)
    return kept.strip(" .")[:100] or Architecture().name
