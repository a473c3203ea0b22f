"""How an item model goes from its rows to other ones: step by step, each announced to the views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex

from paramdesk.ui.document.row_changes import Change, Insertion, Move, Removal, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtCore import QAbstractItemModel

    from paramdesk.ui.document.row_changes import Step

__all__ = ["announce"]

_ROOT = QModelIndex()


def announce(model: QAbstractItemModel, rows: list[Row], new: Sequence[Row], steps: Iterable[Step]) -> list[Change]:
    """Makes the rows of a flat model the new ones, and announces how.

    Args:
        model: whose rows they are.
        rows: as they are shown; they are changed in place.
        new: as they should be shown.
        steps: from the ones to the others, as `row_changes` finds them.

    Returns:
        The changes, for the model to announce with what it knows of columns and roles: all rows have come by then.
    """
    changes: list[Change] = []
    for step in steps:
        match step:
            case Removal(first, last):
                model.beginRemoveRows(_ROOT, first, last)
                del rows[first : last + 1]
                model.endRemoveRows()
            case Insertion(first, last):
                model.beginInsertRows(_ROOT, first, last)
                rows[first:first] = new[first : last + 1]
                model.endInsertRows()
            case Move(first, to):
                # Qt counts the target before the move, so one more on the way down.
                model.beginMoveRows(_ROOT, first, first, _ROOT, to + (to > first))
                rows.insert(to, rows.pop(first))
                model.endMoveRows()
            case Change():
                changes.append(step)
    assert len(rows) == len(new)
    rows[:] = new
    return changes
