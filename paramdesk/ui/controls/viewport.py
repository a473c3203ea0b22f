"""Viewports of scroll areas: made so that Python knows them, and as large as their scroll bars leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea

    from paramdesk.ui.style.theme import Ground, Theme

__all__ = ["give_viewport", "settle_scroll_bars"]


def give_viewport(area: QAbstractScrollArea, theme: Theme, ground: Ground) -> None:
    """Give a scroll area a viewport of our own; to be called before anything is set up on it.

    When PySide is first asked for one that Qt has made, it sets up every kind of widget that there is, to find out
    which one it is: a thirtieth of the time to the first paint.
    """
    viewport = QWidget(area)
    theme.dress(viewport, ground=ground)
    area.setViewport(viewport)


def settle_scroll_bars(view: QAbstractItemView) -> None:
    """Show or hide the scroll bars of a view that has other rows now.

    By itself Qt does so after it has painted them, and then paints all of them once more.
    """
    view.executeDelayedItemsLayout()
    QCoreApplication.sendPostedEvents(view, QEvent.Type.MetaCall)
