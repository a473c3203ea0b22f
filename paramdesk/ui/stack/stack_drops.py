"""What happens while something is dragged over the stack: where it would land, why it cannot, and the drop itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBasicTimer, QObject, QPoint, QRect, Qt

from paramdesk.ui.stack.cargo import Attempt, Cargo, Foreign, Landing, Rows, attempt, depths_at, landing_at
from paramdesk.ui.stack.drag_pixmap import card_rect
from paramdesk.ui.stack.edge_scroll import EdgeScroll

if TYPE_CHECKING:
    from PySide6.QtCore import QTimerEvent
    from PySide6.QtGui import QDropEvent

    from paramdesk.ui.document.document import Document
    from paramdesk.ui.stack.stack_model import StackModel
    from paramdesk.ui.stack.stack_view import StackView
    from paramdesk.ui.style.theme import Theme

_OPENING_DELAY = 700

_Action = Qt.DropAction
_Key = Qt.KeyboardModifier


class StackDrops(QObject):
    """Follows a drag over one view.

    Attributes:
        landing: where it would land; None while nothing is dragged over the stack.
        reason: why it cannot land there; empty if it can.
    """

    def __init__(self, document: Document, theme: Theme, model: StackModel, view: StackView) -> None:
        super().__init__(view)
        self.landing: Landing | None = None
        self.reason = ""
        self._document = document
        self._theme = theme
        self._model = model
        self._view = view
        self._cargo: Cargo | None = None
        self._copies = False
        self._at = QPoint()
        self._tried: dict[tuple[Landing, bool], Attempt] = {}
        self._scroll = EdgeScroll(theme, view)
        self._scroll.scrolled.connect(self._aim)
        self._opening = QBasicTimer()
        self._over: int | None = None

    def covered(self) -> QRect:
        """What the picture that goes with the pointer covers."""
        cargo = self._cargo
        rows = len(cargo.ids) if isinstance(cargo, Rows) else len(cargo.nodes) if isinstance(cargo, Foreign) else 1
        return card_rect(self._theme, self._at, rows)

    # The four events --------------------------------------------------------------------------------------------------

    def enter(self, event: QDropEvent) -> None:
        """Take what is dragged in, if it is something for a stack."""
        self.leave()
        self._cargo = self._model.cargo_of(event.mimeData())
        self.move(event)

    def move(self, event: QDropEvent) -> None:
        """Show where it would land, or why it cannot."""
        if self._cargo is None:
            event.ignore()
            return
        self._at = event.position().toPoint()
        self._copies = _copies(event)
        self._aim()
        self._scroll_or_open()
        if self.reason:
            # The place is refused, not the cargo: Qt goes on telling where the pointer is.
            event.setDropAction(_Action.IgnoreAction)
        else:
            event.setDropAction(self._action())
        event.setAccepted(not self.reason)

    def leave(self) -> None:
        """Forget what was dragged over the stack."""
        self._scroll.stop()
        self._opening.stop()
        self._cargo = None
        self._over = None
        self._tried.clear()
        if self.landing is not None:
            self.landing, self.reason = None, ""
            self._view.viewport().update()

    def drop(self, event: QDropEvent) -> None:
        """Make the edit."""
        if self._cargo is None:
            self.enter(event)
        if self._cargo is None:
            event.ignore()
            return
        self._at = event.position().toPoint()
        self._copies = _copies(event)
        self._aim()
        action, tried = self._action(), self._attempt()
        self.leave()
        if tried is None or tried.edit is None:
            event.ignore()
            return
        event.setDropAction(action)
        event.accept()
        self._document.end_step()
        self._document.apply(tried.edit)
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    # Where ------------------------------------------------------------------------------------------------------------

    def _aim(self) -> None:
        former = self.landing, self.reason
        self.landing = self._landing_at(self._at)
        tried = self._attempt()
        self.reason = tried.reason if tried is not None else ""
        if former != (self.landing, self.reason):
            self._view.viewport().update()

    def _landing_at(self, at: QPoint) -> Landing:
        rows = self._model.rows
        place = self._view.rowAt(at.y())
        if place < 0:
            return landing_at(rows, len(rows), 0)
        rect = self._view.row_rect(place)
        if at.y() < rect.center().y():
            return landing_at(rows, place, rows[place].depth)
        gap = place + 1
        least, deepest = depths_at(rows, gap)
        depth = deepest
        # Below the last row of a block, the pointer left of the block's frame means: after the block.
        while depth > least and not rows[place].is_open and at.x() < self._view.delegate.left_of(depth - 1):
            depth -= 1
        return landing_at(rows, gap, depth)

    def _attempt(self) -> Attempt | None:
        if self._cargo is None or self.landing is None:
            return None
        key = (self.landing, self._copies)
        tried = self._tried.get(key)
        if tried is None:
            document = self._document
            tried = attempt(
                document.summary, document.architecture, self._cargo, self.landing.place, copies=self._copies
            )
            self._tried[key] = tried
        return tried

    def _action(self) -> Qt.DropAction:
        return _Action.MoveAction if isinstance(self._cargo, Rows) and not self._copies else _Action.CopyAction

    # While it stays in one place --------------------------------------------------------------------------------------

    def _scroll_or_open(self) -> None:
        self._scroll.follow(self._at)
        over = self._view.rowAt(self._at.y())
        block = self._model.row(over).id if over >= 0 and self._model.row(over).is_open is False else None
        if block != self._over:
            self._over = block
            if block is None:
                self._opening.stop()
            else:
                self._opening.start(_OPENING_DELAY, self)

    def timerEvent(self, event: QTimerEvent) -> None:
        """Open the closed block under the pointer."""
        if event.timerId() == self._opening.timerId():
            self._opening.stop()
            if self._over is not None:
                self._model.fold(self._over, closed=False)
                self._aim()


def _copies(event: QDropEvent) -> bool:
    """Whether rows are to be copied: Ctrl is held (Alt on a Mac, which Qt makes the proposed action)."""
    can_move = bool(event.possibleActions() & _Action.MoveAction)
    return bool(event.modifiers() & _Key.ControlModifier) or not can_move
