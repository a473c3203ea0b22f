"""The gestures of the Edit and Layer menus, each one edit of the document."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal, Protocol, cast

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtWidgets import QApplication, QLineEdit

from paramdesk.engine import edits
from paramdesk.engine.architecture import Block, Node
from paramdesk.engine.errors import EditRefused, InvalidOptions, UnreadableFile
from paramdesk.engine.places import layers_of
from paramdesk.ui.document import clipboard
from paramdesk.ui.notices import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QDockWidget

    from paramdesk.engine.architecture import Architecture
    from paramdesk.engine.edits import Edit
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.notices import Notices

__all__ = ["Editing"]


class _TextField(Protocol):
    """What a field that holds text can do by itself."""

    def cut(self) -> None: ...
    def copy(self) -> None: ...
    def paste(self) -> None: ...
    def selectAll(self) -> None: ...


class Editing(QObject):
    """Edits the selected rows; what is refused is said in a notice.

    Attributes:
        table_dock: where the widget stands within which Copy copies cells rather than layers; it has a method `copy`.
    """

    def __init__(self, document: Document, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._notices = notices
        self.table_dock: QDockWidget | None = None

    # History --------------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last step back."""
        self._document.undo_stack.undo()

    def redo(self) -> None:
        """Make the step again that was taken back last."""
        self._document.undo_stack.redo()

    # Clipboard ------------------------------------------------------------------------------------------------------

    def cut(self) -> None:
        """Move the selected layers to the clipboard."""
        if (field := _focused_field()) is not None:
            field.cut()
            return
        self._remove(self._document.selection.ids, "Cut")

    def copy(self) -> None:
        """Copy the selected layers, or what is selected in the field or table that has the focus."""
        if (field := _focused_field()) is not None:
            field.copy()
        elif (table := self._focused_table()) is not None:
            table.copy()
        else:
            QApplication.clipboard().setMimeData(self._copied(self._document.selection.ids))

    def paste(self) -> None:
        """Insert the layers on the clipboard below the selected row, or at the end."""
        if (field := _focused_field()) is not None:
            field.paste()
            return
        text = QApplication.clipboard().text()
        if not text.strip():
            self._notices.info(f"There is nothing to paste. What can be pasted: {clipboard.CAN_BE_PASTED}.")
            return
        self.paste_text(text)

    def paste_text(self, text: str) -> None:
        """Insert the layers that a text holds."""
        try:
            nodes = clipboard.from_text(text, self._document.architecture)
        except UnreadableFile as error:
            self._notices.error(str(error) if str(error).endswith(".") else f"{error}.")
            return
        place = self._document.below_selection()
        self.apply(lambda: edits.insert(self._document.architecture, nodes, place, "Paste"))

    # Rows -----------------------------------------------------------------------------------------------------------

    def duplicate(self) -> None:
        """Insert copies of the selected layers below them."""
        ids = self._document.selection.ids
        self.apply(lambda: edits.duplicate(self._document.architecture, ids))

    def delete(self) -> None:
        """Remove the selected layers, and select the row that takes their place."""
        self._remove(self._document.selection.ids, "Remove")

    def select_all(self) -> None:
        """Select every row."""
        if (field := _focused_field()) is not None:
            field.selectAll()
            return
        selection = self._document.selection
        selection.select((node.id for node in self._document.architecture.nodes()), selection.current)

    def move_up(self) -> None:
        """Move the selected rows past the row above."""
        ids = self._document.selection.ids
        self.apply(lambda: edits.move_by(self._document.architecture, ids, -1))

    def move_down(self) -> None:
        """Move the selected rows past the row below."""
        ids = self._document.selection.ids
        self.apply(lambda: edits.move_by(self._document.architecture, ids, 1))

    def toggle_trainable(self) -> None:
        """Freeze the selected layers if any is trained, or else train them."""
        trainable = not self.is_trainable()
        ids = self._document.selection.ids
        self.apply(lambda: edits.set_trainable(self._document.architecture, ids, trainable=trainable))

    def is_trainable(self) -> bool:
        """Whether any of the selected layers is trained."""
        nodes = self._document.nodes
        chosen = [nodes[node_id] for node_id in self._document.selection.ids if node_id in nodes]
        return any(layer.trainable for node in chosen for layer in layers_of(node))

    def apply(self, make: Callable[[], Edit]) -> bool:
        """Make an edit, as a step of its own; if it is refused, say why. Return whether it was made."""
        self._document.end_step()
        try:
            edit = make()
        except EditRefused as error:
            self._refused(error)
        except InvalidOptions as error:
            self._notices.error(error.message)
        else:
            self._document.apply(edit)
            return True
        return False

    # Inside ---------------------------------------------------------------------------------------------------------

    def _remove(self, ids: tuple[int, ...], verb: Literal["Remove", "Cut"], *, with_orphans: bool = False) -> None:
        """Remove layers, to the clipboard if they are cut; offer to remove those too that nothing would read then."""
        document = self._document
        architecture = document.architecture
        document.end_step()
        try:
            edit = edits.remove(architecture, ids, with_orphans=with_orphans, verb=verb)
        except EditRefused as error:
            if error.orphans:
                self._refused(error, functools.partial(self._remove_with_orphans, architecture, ids, verb))
            else:
                self._refused(error)
            return
        if verb == "Cut":
            QApplication.clipboard().setMimeData(self._copied(edit.selected))
        above, below = _beside(document, set(edit.selected))
        document.apply(edit)
        # What is cut is pasted below the row that stood above it, and so comes back to where it was.
        beside = (above or below) if verb == "Cut" else (below or above)
        if beside is not None:
            document.selection.select((beside.id,))

    def _remove_with_orphans(
        self, architecture: Architecture, ids: tuple[int, ...], verb: Literal["Remove", "Cut"]
    ) -> None:
        """Remove layers whose removal was refused; ids mean something only in the architecture they are of."""
        if self._document.architecture is architecture:
            self._remove(ids, verb, with_orphans=True)

    def _refused(self, error: EditRefused, remove: Callable[[], None] | None = None) -> None:
        """Say why not, until there is something new to be said of."""
        action_text = "Remove Them Too" if remove else None
        self._notices.show(Notice("warning", str(error), action_text, remove, until="edited"))

    def _copied(self, ids: tuple[int, ...]) -> QMimeData:
        text = clipboard.to_text(self._document.architecture, ids)
        data = QMimeData()
        data.setText(text)
        data.setData(clipboard.MIME_TYPE, text.encode())
        return data

    def _focused_table(self) -> _TextField | None:
        widget = QApplication.focusWidget()
        table = self.table_dock.widget() if self.table_dock is not None else None
        return cast("_TextField", table) if table is not None and widget and table.isAncestorOf(widget) else None


def _focused_field() -> _TextField | None:
    """The text field that has the focus: Cut, Copy and Paste from the menu belong to it."""
    widget = QApplication.focusWidget()
    if widget is not None and (widget.inherits("QAbstractSpinBox") or widget.inherits("QComboBox")):
        widget = widget.findChild(QLineEdit)
    if widget is not None and any(widget.inherits(name) for name in ("QLineEdit", "QTextEdit", "QPlainTextEdit")):
        return cast("_TextField", widget)
    return None


def _beside(document: Document, gone: set[int]) -> tuple[Node | None, Node | None]:
    """The row above the first of the removed ones, and the row below the last."""
    nodes = list(document.architecture.nodes())
    # What a removed block holds goes with it.
    for node in nodes:
        if node.id in gone and isinstance(node, Block):
            gone.update(inner.id for inner in nodes if _is_inside(inner.id, node))
    positions = [index for index, node in enumerate(nodes) if node.id in gone]
    if not positions:
        return None, None
    above = [node for node in nodes[: positions[0]] if node.id not in gone]
    below = [node for node in nodes[positions[-1] + 1 :] if node.id not in gone]
    return (above[-1] if above else None), (below[0] if below else None)


def _is_inside(node_id: int, block: Block) -> bool:
    return any(
        inner.id == node_id or (isinstance(inner, Block) and _is_inside(node_id, inner)) for inner in block.layers
    )
