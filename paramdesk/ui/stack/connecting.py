"""Drawing a connection: from the node of a row in the gutter to the row that shall read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Qt

from paramdesk.engine.architecture import Source
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.links import link
from paramdesk.ui.stack.edge_scroll import EdgeScroll

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent

    from paramdesk.engine.edits import Edit
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.stack.stack_model import StackModel
    from paramdesk.ui.stack.stack_view import StackView
    from paramdesk.ui.style.theme import Theme

_REACH = 8


class Connecting(QObject):
    """Follows the pointer from a node to a row.

    Attributes:
        source: id of the row whose node was taken; None while nothing is drawn.
        reader: id of the row under the pointer that would read it; None where there is none.
        at: where the pointer is, in the viewport.
        reason: why the row under the pointer cannot read it; empty if it can.
        edit: what letting go would do; None if nothing.
        hovered: the place of the row whose node is under the pointer; None if none is.
    """

    def __init__(self, document: Document, theme: Theme, model: StackModel, view: StackView) -> None:
        super().__init__(view)
        self._document = document
        self._theme = theme
        self._model = model
        self._view = view
        self._scroll = EdgeScroll(theme, view)
        self._scroll.scrolled.connect(self._aim)
        self.source: int | None = None
        self.reader: int | None = None
        self.at = QPoint()
        self.reason = ""
        self.edit: Edit | None = None
        self.hovered: int | None = None

    @property
    def is_active(self) -> bool:
        """Whether a connection is being drawn."""
        return self.source is not None

    def node_of(self, place: int) -> QPointF:
        """Where the node of a row is, in the viewport."""
        column = self._model.lanes.column(place)
        return QPointF(self._view.geometry_of_rows.lane(column), self._view.middle_of(place))

    def place_at(self, at: QPoint) -> int | None:
        """The row whose node is there; None if there is none."""
        place = self._view.rowAt(at.y())
        if place < 0:
            return None
        reach = self._theme.pxf(_REACH)
        node = self.node_of(place)
        return place if QRectF(node.x() - reach, node.y() - reach, 2 * reach, 2 * reach).contains(at) else None

    def hover(self, at: QPoint | None) -> None:
        """Show that the node under the pointer can be taken."""
        place = self.place_at(at) if at is not None else None
        if place == self.hovered:
            return
        viewport = self._view.viewport()
        for row in (self.hovered, place):
            if row is not None:
                viewport.update(self._view.row_rect(row))
        self.hovered = place
        viewport.setCursor(Qt.CursorShape.CrossCursor if place is not None else Qt.CursorShape.ArrowCursor)

    def press(self, event: QMouseEvent) -> bool:
        """Take the node under the pointer, if there is one."""
        at = event.position().toPoint()
        place = self.place_at(at)
        if place is None:
            return False
        self.source, self.at = self._model.row(place).id, at
        return True

    def move(self, event: QMouseEvent) -> None:
        """Show which row would read it, or why it cannot."""
        self.at = event.position().toPoint()
        self._scroll.follow(self.at)
        self._aim()

    def release(self, event: QMouseEvent) -> None:
        """Connect the two; on the row itself it was a click, which selects it."""
        self.at = event.position().toPoint()
        self._aim()
        edit, source = self.edit, self.source
        place = self._view.rowAt(self.at.y())
        was_click = place >= 0 and self._model.row(place).id == source
        self.cancel()
        if was_click and source is not None:
            self._document.selection.select((source,))
        elif edit is not None:
            self._document.end_step()
            self._document.apply(edit)

    def cancel(self) -> None:
        """Forget it."""
        self._scroll.stop()
        self.source = self.reader = self.edit = None
        self.reason = ""
        self._view.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self._view.viewport().update()

    def _aim(self) -> None:
        assert self.source is not None
        place = self._view.rowAt(self.at.y())
        reader = self._model.row(place).id if place >= 0 else None
        if reader == self.source:
            reader = None
        if reader != self.reader:
            self.reader, self.edit, self.reason = reader, None, ""
            if reader is not None:
                self._try(reader)
        self._view.viewport().setCursor(Qt.CursorShape.ForbiddenCursor if self.reason else Qt.CursorShape.CrossCursor)
        self._view.viewport().update()

    def _try(self, reader: int) -> None:
        assert self.source is not None
        try:
            self.edit = link(self._document.architecture, Source(self.source), reader)
        except EditRefused as refused:
            self.reason = str(refused)
