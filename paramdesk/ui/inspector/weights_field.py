"""A field for whose weights a layer uses: its own, or those of another layer of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal

from paramdesk.engine.architecture import Layer
from paramdesk.ui.inspector.fields import Field, QuietCombo

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from paramdesk.engine.architecture import Architecture
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
        self._layer: Layer | None = None
        self._owners: list[int | None] = [None]
        self.combo = _FilledLate(self)
        self.combo.setAccessibleName("Weights")
        self.combo.setToolTip("Layers with the same weights are one layer that is called several times")
        self.combo.setFixedHeight(theme.metrics.field)
        self.row.addWidget(self.combo)
        self.combo.wanted.connect(self.fill)
        self.combo.activated.connect(self._on_activated)

    def show_layer(self, architecture: Architecture, layer: Layer) -> None:
        """Show whose weights a layer uses."""
        self._architecture, self._layer = architecture, layer
        self.show_value(layer.weights_of)

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
        """List every layer whose weights it could use."""
        if self._architecture is None or self._layer is None or len(self._owners) > 1:
            return
        layer = self._layer
        others = [
            node
            for node in self._architecture.nodes()
            if isinstance(node, Layer) and type(node.kind) is type(layer.kind)
            and node.id != layer.id and node.weights_of is None
        ]  # fmt: skip
        self._owners = [None, *(node.id for node in others)]
        self.combo.clear()
        self.combo.addItems([OWN, *(f"those of {node.name}" for node in others)])
        self.combo.setCurrentIndex(self._owners.index(layer.weights_of) if layer.weights_of in self._owners else 0)

    def _on_activated(self, index: int) -> None:
        assert self._layer is not None
        if self._owners[index] != self._layer.weights_of:
            self.edited.emit(self._owners[index])
            self.finished.emit()


def _called(architecture: Architecture, owner: int | None) -> str:
    if owner is None:
        return OWN
    name = next((node.name for node in architecture.nodes() if node.id == owner), "a layer that is not there")
    return f"those of {name}"
