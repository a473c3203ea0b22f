"""Keeps the selection of the stack's view and the document's selection the same, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QTableView

    from paramdesk.ui.document.selection import Selection
    from paramdesk.ui.stack.stack_model import StackModel

_Select = QItemSelectionModel.SelectionFlag


class SharedSelection:
    """What is selected in a view, by ids in the document and by places in the view."""

    def __init__(self, selection: Selection, model: StackModel, view: QTableView) -> None:
        self._selection = selection
        self._model = model
        self._view = view
        self._is_busy = False

    def places(self) -> list[int]:
        """The places of the selected rows, top to bottom."""
        selected = self._view.selectionModel().selection()
        spans = [selected.at(number) for number in range(selected.count())]
        return sorted([place for span in spans for place in range(span.top(), span.bottom() + 1)])

    def follow(self, *, scrolls: bool) -> None:
        """Show the document's selection in the view; if it came from elsewhere, scroll to it.

        While rows are announced, the view has not all of them yet: it follows when they are there.
        """
        if self._is_busy or self._model.is_updating:
            return
        self._is_busy = True
        try:
            self._follow(scrolls=scrolls)
        finally:
            self._is_busy = False

    def tell(self) -> None:
        """Make what is selected in the view the document's selection, if it was the user who selected it."""
        if self._is_busy or self._model.is_updating:
            return
        current = self._view.currentIndex()
        current_id = self._model.row(current.row()).id if current.isValid() else None
        self._is_busy = True
        try:
            self._selection.select(self._model.ids(self.places()), current_id)
        finally:
            self._is_busy = False

    def _follow(self, *, scrolls: bool) -> None:
        selection, model, view = self._selection, self._model, self._view
        if scrolls and selection.current is not None:
            model.reveal(selection.current)
        places = sorted([place for place in map(model.place_of, selection.ids) if place is not None])
        if places != self.places():
            view.selectionModel().select(self._spans(places), _Select.ClearAndSelect | _Select.Rows)
        current = model.place_of(selection.current) if selection.current is not None else None
        if current is None:
            return
        index = model.index(current, 0)
        if current != view.currentIndex().row():
            view.selectionModel().setCurrentIndex(index, _Select.NoUpdate)
        if scrolls:
            view.scrollTo(index)

    def _spans(self, places: list[int]) -> QItemSelection:
        """Places as few spans."""
        chosen, begin = QItemSelection(), 0
        for index, place in enumerate(places):
            if index + 1 == len(places) or places[index + 1] != place + 1:
                chosen.select(self._model.index(places[begin], 0), self._model.index(place, 0))
                begin = index + 1
        return chosen
