"""Drags below QDrag: the events that a view would get, sent to its viewport."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication

_BUTTON = Qt.MouseButton.LeftButton
_NONE = Qt.KeyboardModifier.NoModifier
_IGNORE = Qt.DropAction.IgnoreAction
BOTH = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction


def hover_over(view: QAbstractItemView, at: QPoint, mime: QMimeData, actions=BOTH, modifiers=_NONE) -> bool:
    """Drags something to a point of the viewport; returns whether it may land there."""
    viewport, point = view.viewport(), QPointF(at)
    enter = QDragEnterEvent(at, actions, mime, _BUTTON, modifiers)
    QApplication.sendEvent(viewport, enter)
    move = QDragMoveEvent(at, actions, mime, _BUTTON, modifiers)
    QApplication.sendEvent(viewport, move)
    assert move.position() == point
    return move.isAccepted()


def leave(view: QAbstractItemView) -> None:
    """Drags what is dragged away again."""
    QApplication.sendEvent(view.viewport(), QDragLeaveEvent())


def drop_on(view: QAbstractItemView, at: QPoint, mime: QMimeData, actions=BOTH, modifiers=_NONE) -> Qt.DropAction:
    """Drags something to a point of the viewport and lets it go; returns what the view did with it."""
    if not hover_over(view, at, mime, actions, modifiers):
        leave(view)
        return _IGNORE
    drop = QDropEvent(QPointF(at), actions, mime, _BUTTON, modifiers)
    QApplication.sendEvent(view.viewport(), drop)
    return drop.dropAction() if drop.isAccepted() else _IGNORE


def drag_from(view: QAbstractItemView, start: QPoint, modifiers=_NONE) -> None:
    """Presses and moves the mouse far enough for a drag; QDrag.exec must be replaced."""
    viewport = view.viewport()
    QTest.mousePress(viewport, _BUTTON, modifiers, start)
    for step in (4, 12, 30, 40):
        QTest.mouseMove(viewport, start + QPoint(step, step // 2))
    QTest.mouseRelease(viewport, _BUTTON, modifiers, start + QPoint(40, 20))
