"""In which order Tab goes through a window: part by part as they stand, whenever their fields were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

__all__ = ["step_focus"]


def step_focus(window: QWidget, parts: Sequence[QWidget], *, forward: bool) -> bool:
    """Give the focus to the next widget that takes it by Tab, or the one before. Return whether there is one.

    One part comes after the other, and each in the order it has in itself. Qt alone puts what is made later at the
    end: the fields of a layer that was just selected would follow the status bar.
    """
    chain = _chain(window)
    ordered = [widget for part in parts for widget in chain if part is widget or part.isAncestorOf(widget)]
    if not ordered:
        return False
    here: QWidget | None = window.focusWidget()
    step = 1 if forward else -1
    place = ordered.index(here) + step if here in ordered else min(0, step)
    ordered[place % len(ordered)].setFocus(
        Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    )
    return True


def _chain(window: QWidget) -> list[QWidget]:
    """The widgets in sight that take the focus by Tab, in Qt's order; windows of their own have chains of their own."""
    found: list[QWidget] = []
    widget = _after(window)
    while widget is not None and widget is not window:
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
        if takes and widget.isEnabled() and widget.isVisible():
            found.append(widget)
        widget = _after(widget)
    return found


def _after(widget: QWidget) -> QWidget | None:
    """The next widget of the chain.

    Qt for Python takes the one before for its owner from then on, and gives it up together with that one: it is told
    again who the owner is. Qt itself has nothing to do then.
    """
    following: QWidget | None = widget.nextInFocusChain()
    if following is not None:
        following.setParent(following.parentWidget())
    return following
