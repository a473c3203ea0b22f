"""A field for whose weights a layer uses: its own, or those of another layer of its kind; a block: those of a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal

from paramdesk.engine.architecture import Block
from paramdesk.ui.inspector.fields import Field, QuietCombo

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from paramdesk.engine.architecture import Architecture, Node
    from paramdesk.ui.style.theme import Theme

OWN = "its own"


class _FilledLate(QuietCombo):
    """A drop-down that asks for its entries when somebody opens it: in a long network looking them up takes its time.

    Signals:
        wanted: the entries are needed now.
    """

    wanted = Signal()

    def showPopup(self) -> None:
        """Ask for the entries, then open."""
        self.wanted.emit()
        self.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for the entries before keys move among them."""
        self.wanted.emit()
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ask for the entries before the wheel moves among them."""
        if self.hasFocus():
            self.wanted.emit()
        super().wheelEvent(event)


class WeightsField(Field):
    """A drop-down; its value is the id of the layer that owns the weights, or None."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Weights", parent)
        self._architecture: Architecture | None = None
        self._node: Node | None = None
        self._owners: list[int | None] = [None]
        self.combo = _FilledLate(self)
        self.combo.setAccessibleName("Weights")
        self.combo.setToolTip("Layers with the same weights are one layer that is called several times")
        self.combo.setFixedHeight(theme.metrics.field)
        self.row.addWidget(self.combo)
        self.combo.wanted.connect(self.fill)
        self.combo.activated.connect(self._on_activated)

    def show_node(self, architecture: Architecture, node: Node) -> None:
        """Show whose weights a layer uses, or which block a block is called again."""
        self._architecture, self._node = architecture, node
        self.show_value(node.weights_of)

    def show_value(self, value: object) -> None:
        assert self._architecture is not None
        owner = value if isinstance(value, int) else None
        self._owners = [owner]
        self.combo.clear()
        self.combo.addItem(_called(self._architecture, owner))
        self.combo.setCurrentIndex(0)

    def show_mixed(self) -> None:
        """Weights of several layers are not shown together."""

    def inputs(self) -> tuple[QWidget, ...]:
        return (self.combo,)

    def fill(self) -> None:
        """List every layer whose weights it could use; for a block, that which it is called again."""
        if self._architecture is None or self._node is None or len(self._owners) > 1:
            return
        shown = self._node
        others = [node for node in self._architecture.nodes() if _could_own(node, shown)]
        self._owners = [None, *(node.id for node in others)]
        self.combo.clear()
        self.combo.addItems([OWN, *(f"those of {node.name}" for node in others)])
        self.combo.setCurrentIndex(self._owners.index(shown.weights_of) if shown.weights_of in self._owners else 0)

    def _on_activated(self, index: int) -> None:
        assert self._node is not None
        if self._owners[index] != self._node.weights_of:
            self.edited.emit(self._owners[index])
            self.finished.emit()


def _could_own(node: Node, shown: Node) -> bool:
    """Whether a node has weights that another one could use."""
    if isinstance(node, Block) or isinstance(shown, Block):
        return node.id == shown.weights_of
    return type(node.kind) is type(shown.kind) and node.id != shown.id and node.weights_of is None


def _called(architecture: Architecture, owner: int | None) -> str:
    if owner is None:
        return OWN
    name = next((node.name for node in architecture.nodes() if node.id == owner), "a layer that is not there")
    return f"those of {name}"
