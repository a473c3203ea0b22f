"""How the lines between docks are drawn.

A separator is 7 px wide, so that a hand finds it, and looks like one hairline: its two halves carry
on the grounds of the areas beside it, and the line is drawn between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from paramdesk.ui.style.painting import hairline

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.style.theme import Theme


def dock_separator(theme: Theme, rect: QRect, painter: QPainter, window: QWidget | None, *, vertical: bool) -> None:
    """Draw the separator `rect` of a main window (`vertical`: it parts left from right)."""
    tokens = theme.tokens
    painter.fillRect(rect, tokens.window)
    if isinstance(window, QMainWindow):
        for near in (True, False):
            _continue_grounds(theme, rect, painter, window, (vertical, near))
    hairline(painter, tokens.hairline, rect, vertical=vertical)


def _continue_grounds(
    theme: Theme,
    rect: QRect,
    painter: QPainter,
    window: QMainWindow,
    side: tuple[bool, bool],
) -> None:
    """Fill one half of the separator from the areas that touch it, and join the lines between."""
    vertical, near = side
    half = _half(rect, vertical=vertical, near=near)
    touching = sorted(
        (_span(area.geometry(), vertical=vertical), area)
        for area in _areas(window)
        if _touches(area.geometry(), rect, vertical=vertical, near=near)
    )
    former = None
    for (start, end), area in touching:
        ground = area.palette().color(area.backgroundRole())
        painter.fillRect(_cut(half, start, end, vertical=vertical), ground)
        if former is not None and start > former + 1:
            gap = _cut(half, former + 1, start - 1, vertical=vertical)
            middle = _cut(half, *(2 * [(former + start) // 2]), vertical=vertical)
            painter.fillRect(gap, ground)
            painter.fillRect(middle, theme.tokens.hairline)
        former = end


def _areas(window: QMainWindow) -> list[QWidget]:
    areas: list[QWidget] = [
        dock
        for dock in window.findChildren(QDockWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if dock.isVisible() and not dock.isFloating()
    ]
    centre = window.centralWidget()
    if centre is not None and centre.isVisible():
        areas.append(centre)
    return areas


def _half(rect: QRect, *, vertical: bool, near: bool) -> QRect:
    centre = rect.center()
    if vertical:
        end = QPoint(centre.x(), rect.bottom())
        return QRect(rect.topLeft(), end) if near else QRect(QPoint(centre.x(), rect.top()), rect.bottomRight())
    end = QPoint(rect.right(), centre.y())
    return QRect(rect.topLeft(), end) if near else QRect(QPoint(rect.left(), centre.y()), rect.bottomRight())


def _touches(area: QRect, rect: QRect, *, vertical: bool, near: bool) -> bool:
    if vertical:
        edge = area.right() + 1 == rect.left() if near else area.left() == rect.right() + 1
        return edge and area.top() <= rect.bottom() and area.bottom() >= rect.top()
    edge = area.bottom() + 1 == rect.top() if near else area.top() == rect.bottom() + 1
    return edge and area.left() <= rect.right() and area.right() >= rect.left()


def _span(area: QRect, *, vertical: bool) -> tuple[int, int]:
    return (area.top(), area.bottom()) if vertical else (area.left(), area.right())


def _cut(half: QRect, start: int, end: int, *, vertical: bool) -> QRect:
    if vertical:
        return half.intersected(QRect(half.left(), start, half.width(), end - start + 1))
    return half.intersected(QRect(start, half.top(), end - start + 1, half.height()))
