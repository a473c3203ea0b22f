"""Which layers are selected: one selection, shared by stack, table, chart and inspector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Container, Iterable


class Selection(QObject):
    """Ids of the selected layers and blocks, and which of them is the current one.

    A view asks for a change by `select` and shows whatever `changed` then says, its own wishes included.

    Signals:
        changed: ids or current are others now.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ids: tuple[int, ...] = ()
        self.current: int | None = None

    def select(self, ids: Iterable[int], current: int | None = None) -> None:
        """Selects exactly these; the current one is the last of them unless told."""
        wanted = tuple(dict.fromkeys(ids))
        if current not in wanted:
            current = wanted[-1] if wanted else None
        if (wanted, current) != (self.ids, self.current):
            self.ids, self.current = wanted, current
            self.changed.emit()

    def keep_only(self, known: Container[int]) -> None:
        """Forgets ids that are not there any more."""
        if any(node_id not in known for node_id in self.ids):
            kept = [node_id for node_id in self.ids if node_id in known]
            self.select(kept, self.current if self.current in known else None)
