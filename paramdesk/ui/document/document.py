"""The document: the one thing in the window that changes. Everything else is a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture
from paramdesk.engine.edits import Edit, end_of
from paramdesk.engine.places import Place, list_of
from paramdesk.ui.document.file_stamp import stamp_of
from paramdesk.ui.document.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from paramdesk.engine.architecture import Node
    from paramdesk.engine.summary import Convention, Precision, Summary
    from paramdesk.ui.document.file_stamp import FileStamp


class ReplaceArchitecture(QUndoCommand):
    """One step of undo: an architecture for another, and what was selected then."""

    def __init__(self, document: Document, edit: Edit, step: int) -> None:
        super().__init__(edit.text)
        self._document = document
        self._before = document.architecture
        self._after = edit.architecture
        self._selected_before = document.selection.ids
        self._selected_after = edit.selected
        self._merges_as = (edit.merges_as, step) if edit.merges_as else None

    def redo(self) -> None:
        """Shows the architecture after the edit."""
        self._document.show(self._after, self._selected_after)

    def undo(self) -> None:
        """Shows the architecture before the edit."""
        self._document.show(self._before, self._selected_before)

    def id(self) -> int:
        """Commands with the same id are offered to `mergeWith`."""
        return 1 if self._merges_as else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # Qt's name
        """Takes over a following edit of the same kind, so that typing is one step."""
        assert isinstance(other, ReplaceArchitecture)
        if other._merges_as != self._merges_as:  # noqa: SLF001  # its own class
            return False
        self._after, self._selected_after = other._after, other._selected_after  # noqa: SLF001  # its own class
        self.setText(other.text())
        self.setObsolete(self._after == self._before)
        return True


class Document(QObject):
    """An architecture being edited: its file, its summary, its undo stack and what is selected.

    Attributes:
        stamp: of its file, as it was when it was read or written by us; None if there was none.
        convention: whose way of counting is shown; None: that of the architecture's framework.
        selects_next: while `changed` is heard: whether another selection follows at once, so that what shows the
            selection need not show the former one first.

    Signals:
        changed: after an edit, an undo, or another batch, precision or convention; carries the former summary.
        replaced: another architecture was opened; views reset.
        file_changed: path, name or "has unsaved changes" are others now.
    """

    changed = Signal(object)
    replaced = Signal()
    file_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.architecture = Architecture()
        self._opened = self.architecture
        self.batch = 1
        self.precision: Precision = "float32"
        self.convention: Convention | None = None
        self.summary: Summary = analyze(self.architecture)
        self.path: Path | None = None
        self.stamp: FileStamp | None = None
        self.selection = Selection(self)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.cleanChanged.connect(self.file_changed)
        self.selects_next = False
        self._step = 0
        self._known_of: Architecture | None = None
        self._known: dict[int, Node] = {}

    @property
    def is_modified(self) -> bool:
        """Whether there are changes that no file has."""
        return not self.undo_stack.isClean()

    @property
    def written(self) -> Architecture:
        """The architecture as a file should have it."""
        from paramdesk.formats.templates import for_file

        return for_file(self.architecture, self._opened)

    @property
    def nodes(self) -> Mapping[int, Node]:
        """The layers and blocks by their ids, in order."""
        if self._known_of is not self.architecture:
            self._known_of = self.architecture
            self._known = {node.id: node for node in self.architecture.nodes()}
        return self._known

    def open(
        self,
        architecture: Architecture,
        path: Path | None = None,
        *,
        stamp: FileStamp | None = None,
        is_saved: bool = True,
    ) -> None:
        """Shows another architecture; its history starts now.

        Args:
            architecture: what to show.
            path: the file that a plain Save writes; None if there is none yet.
            stamp: of that file, when it was read.
            is_saved: False for what a crash left behind: it counts as modified from the start.
        """
        self.undo_stack.clear()
        if is_saved:
            self.undo_stack.setClean()  # an empty stack that was reset before would stay so
        else:
            self.undo_stack.resetClean()
        self.architecture = self._opened = architecture
        self.path = path
        self.stamp = stamp
        self.convention = None
        self.summary = self._analyzed(None)
        self.selection.select(())
        self.replaced.emit()
        self.file_changed.emit()

    def saved_as(self, path: Path) -> None:
        """Takes note that the file now holds what is shown."""
        self.path = path
        self.stamp = stamp_of(path)
        self.undo_stack.setClean()
        self.file_changed.emit()

    def apply(self, edit: Edit) -> None:
        """Makes an edit one step of undo; an edit that changes nothing is none."""
        if edit.architecture == self.architecture:
            self.selection.select(edit.selected)
            return
        self.undo_stack.push(ReplaceArchitecture(self, edit, self._step))

    def below_selection(self) -> Place:
        """The place below the last of the selected rows, or at the end."""
        wanted = set(self.selection.ids)
        selected = [node_id for node_id in self.nodes if node_id in wanted]
        if not selected:
            return end_of(self.architecture)
        return Place(selected[-1], list_of(self.architecture, selected[-1]).block)

    def end_step(self) -> None:
        """Says that typing is over: the next edit is a step of its own."""
        self._step += 1

    def count_for(self, batch: int, precision: Precision, convention: Convention | None = None) -> None:
        """Counts for another batch or precision, or as another framework would. That is a way of looking, not an edit.

        Args:
            batch: what an unknown batch counts as.
            precision: what a value takes in memory.
            convention: whose way of counting; None: that of the network's own framework.
        """
        if convention == self.architecture.framework:
            convention = None
        if (batch, precision, convention) != (self.batch, self.precision, self.convention):
            self.batch, self.precision, self.convention = batch, precision, convention
            self._analyze()

    def show(self, architecture: Architecture, selected: tuple[int, ...]) -> None:
        """Puts an architecture in the place of the present one (for the undo stack)."""
        self.architecture = architecture
        known = self.nodes
        wanted = tuple(node_id for node_id in selected if node_id in known)
        self.selects_next = bool(wanted) and wanted != self.selection.ids
        self._analyze()
        self.selects_next = False
        self.selection.keep_only(known)
        if wanted:
            self.selection.select(wanted)

    def _analyze(self) -> None:
        former = self.summary
        self.summary = self._analyzed(former)
        self.changed.emit(former)

    def _analyzed(self, former: Summary | None) -> Summary:
        return analyze(
            self.architecture, former, batch=self.batch, precision=self.precision, convention=self.convention
        )

    def rename(self, name: str) -> None:
        """Gives the architecture another name, as a step of undo."""
        renamed = msgspec.structs.replace(self.architecture, name=name)
        self.apply(Edit(renamed, "Rename the network", self.selection.ids, "rename network"))
