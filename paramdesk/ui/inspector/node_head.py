"""The head of a form: a name, what the layer or block reads, whose weights it uses, how often it is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from paramdesk.engine.architecture import Block, Layer
from paramdesk.engine.block_edits import MOST_REPETITIONS, set_repeat
from paramdesk.engine.edits import rename
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.links import connect
from paramdesk.engine.sharing_edits import own_weights, share_weights
from paramdesk.ui.inspector.field_types import Whole, has_weights
from paramdesk.ui.inspector.fields import LineField, NumberField
from paramdesk.ui.inspector.form_row import FormRow, add_hairline
from paramdesk.ui.inspector.readable_sources import ReadableSources, input_names
from paramdesk.ui.inspector.source_field import SourcesField
from paramdesk.ui.inspector.weights_field import WeightsField

if TYPE_CHECKING:
    from collections.abc import Callable

    from paramdesk.engine.architecture import Node
    from paramdesk.engine.edits import Edit
    from paramdesk.engine.summary import LayerReport
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme


class NodeHead(QWidget):
    """What every layer and every block has. Every change is an edit at once."""

    def __init__(self, document: Document, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self._node: Node | None = None
        self._former_name: str | None = None
        self._holds_name = False
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.name = LineField(theme, "Name", parent=self)
        self.name_row = FormRow(theme, None, "Name", self.name, self)
        self.name.edited.connect(self._on_renamed)
        self.name.cancelled.connect(self._on_name_cancelled)
        self.name.finished.connect(self._on_name_finished)
        self.sources = SourcesField(theme, icons, "Inputs", self)
        self.sources_row = FormRow(theme, None, "Input", self.sources, self)
        self.sources.edited.connect(self._on_connected)
        self.weights = WeightsField(theme, self)
        self.weights_row = FormRow(theme, None, "Weights", self.weights, self)
        self.weights.edited.connect(self._on_weights)
        self.repeat = NumberField(theme, "Repeat", Whole(1, MOST_REPETITIONS), self)
        self.repeat_row = FormRow(theme, None, "Repeat", self.repeat, self)
        self.repeat.edited.connect(self._on_repeated)
        self.repeat.finished.connect(document.end_step)
        for row in (self.name_row, self.sources_row, self.weights_row, self.repeat_row):
            self.column.addWidget(row)

    def close_with_line(self, theme: Theme) -> None:
        """End with a hairline, at the distance of a section."""
        self.column.addSpacing(theme.metrics.field - theme.metrics.form_row)
        add_hairline(theme, self.column, self)

    def forget_typing(self) -> None:
        """What was being typed is of another node."""
        self._former_name = None

    def show_node(self, node: Node, report: LayerReport | None, *, is_other: bool) -> None:
        """Show a layer or block as it is now.

        Args:
            node: what is selected.
            report: what was computed of it; None for a block.
            is_other: whether it is another one than before.
        """
        self._node = node
        if is_other or not (self._holds_name or str(self.name.value).strip() == node.name):
            self.name.show_value(node.name)
            self.name_row.show_reason("")
        reads = isinstance(node, Block) or not node.kind.is_input
        self.sources_row.setVisible(reads)
        if reads:
            names = input_names(node, self._document.architecture.framework)
            self.sources_row.show_label("Input" if names is None else "Inputs")
            self.sources.show_inputs(ReadableSources(self._document, node, report), node.inputs, names)
            self.sources_row.show_reason("")
        owns = has_weights(type(node.kind)) if isinstance(node, Layer) else node.weights_of is not None
        self.weights_row.setVisible(owns)
        if owns:
            self.weights.show_node(self._document.architecture, node)
            self.weights_row.show_reason("")
        self.repeat_row.setVisible(isinstance(node, Block))
        if isinstance(node, Block):
            self.repeat.show_value(node.repeat)
            self.repeat_row.show_reason("")

    # The name ---------------------------------------------------------------------------------------------------------

    def _on_renamed(self, value: object) -> None:
        node = self._node
        assert node is not None
        if self._former_name is None:
            self._former_name = node.name
        try:
            edit = rename(self._document.architecture, node.id, str(value))
        except EditRefused as refused:
            self._take_name_back(node, self._former_name)
            self.name_row.show_reason(str(refused))
            return
        self.name_row.show_reason("")
        self._document.apply(edit)

    def _take_name_back(self, node: Node, former: str) -> None:
        """Give a layer the name it had before the typing began, and leave what is typed in the field."""
        if node.name != former:
            self._holds_name = True
            self._document.apply(rename(self._document.architecture, node.id, former))
            self._holds_name = False

    def _on_name_cancelled(self) -> None:
        assert self._node is not None
        self.name_row.show_reason("")
        self.name.show_value(self._node.name)

    def _on_name_finished(self) -> None:
        self._former_name = None
        self._document.end_step()

    # The rest ---------------------------------------------------------------------------------------------------------

    def _apply(self, row: FormRow, make: Callable[[int], Edit]) -> None:
        """Make an edit of the node; if it is refused, say why under the row."""
        assert self._node is not None
        try:
            edit = make(self._node.id)
        except EditRefused as refused:
            row.show_reason(str(refused))
            return
        row.show_reason("")
        self._document.apply(edit)

    def _on_connected(self, value: object) -> None:
        assert isinstance(value, tuple)
        self._apply(self.sources_row, lambda node_id: connect(self._document.architecture, node_id, value))

    def _on_weights(self, owner: object) -> None:
        architecture = self._document.architecture
        if isinstance(owner, int):
            self._apply(self.weights_row, lambda node_id: share_weights(architecture, node_id, owner))
        else:
            self._apply(self.weights_row, lambda node_id: own_weights(architecture, node_id))

    def _on_repeated(self, value: object) -> None:
        if not isinstance(value, int):
            self.repeat_row.show_reason("Expected a whole number")
            return
        self._apply(self.repeat_row, lambda node_id: set_repeat(self._document.architecture, node_id, value))
