"""The gestures of blocks, of what is returned, and of layers that are called again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from paramdesk.engine.architecture import Block, Layer, Source
from paramdesk.engine.block_edits import group, ungroup
from paramdesk.engine.links import set_returned
from paramdesk.engine.repeats import find_repeats
from paramdesk.engine.sharing_edits import call_again
from paramdesk.ui.notices import Notice

if TYPE_CHECKING:
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.document.editing import Editing
    from paramdesk.ui.notices import Notices
    from paramdesk.ui.stack.stack_model import StackModel

__all__ = ["BlockEditing"]


class BlockEditing(QObject):
    """Edits the selected rows; what is refused is said in a notice."""

    def __init__(self, document: Document, notices: Notices, editing: Editing, model: StackModel) -> None:
        super().__init__(editing)
        self._document = document
        self._notices = notices
        self._editing = editing
        self._model = model

    def group(self) -> None:
        """Put the selected rows together into a block."""
        ids = self._document.selection.ids
        self._editing.apply(lambda: group(self._document.architecture, ids))

    def ungroup(self) -> None:
        """Take the selected blocks apart."""
        ids = self._document.selection.ids
        self._editing.apply(lambda: ungroup(self._document.architecture, ids))

    def find_repeats(self) -> None:
        """Fold equal runs of rows into repeated blocks."""
        document = self._document
        before = len(document.nodes)
        if self._editing.apply(lambda: find_repeats(document.architecture)):
            found, after = len(document.selection.ids), len(document.nodes)
            blocks = f"{found:,} repeated block{'s' * (found != 1)}"
            self._notices.show(Notice("success", f"{blocks} found: {before:,} rows became {after:,}.", until="edited"))

    def call_again(self) -> None:
        """Insert the selected layer once more, with the same weights."""
        chosen = self._document.selection.ids[0]
        self._editing.apply(lambda: call_again(self._document.architecture, chosen))

    def is_returned(self) -> bool:
        """Whether the network, or the block around it, returns what the selected row makes."""
        ids, architecture = self._document.selection.ids, self._document.architecture
        place = self._model.place_of(ids[0]) if len(ids) == 1 else None
        if place is None:
            return False
        parent = self._model.row(place).parent
        around = architecture if parent is None else self._document.nodes[parent]
        return not isinstance(around, Layer) and Source(ids[0]) in around.outputs

    def toggle_returned(self) -> None:
        """Return what the selected row makes, or return it no more."""
        chosen, returned = self._document.selection.ids[0], not self.is_returned()
        self._editing.apply(lambda: set_returned(self._document.architecture, chosen, returned=returned))

    def fold_all(self) -> None:
        """Show every block as one row."""
        self._model.fold_all(self._blocks())

    def unfold_all(self) -> None:
        """Show what is in every block."""
        self._model.fold_all(frozenset())

    def _blocks(self) -> frozenset[int]:
        return frozenset(node.id for node in self._document.architecture.nodes() if isinstance(node, Block))
