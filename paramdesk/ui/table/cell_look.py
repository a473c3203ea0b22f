"""How a cell of the table looks: its ground, its font, its colour, its place. Shared by rows and totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainter
    from PySide6.QtWidgets import QHeaderView

    from paramdesk.engine.summary import LayerReport
    from paramdesk.ui.style.theme import FontRole, Theme

NAMES = frozenset({"name", "path"})
FAINT = frozenset({"kind", "inputs", "input_shapes", "problem"})
"""Columns that stay in the background."""


def blocks_of(report: LayerReport) -> str:
    """The blocks that a layer is in, as they stand before its name."""
    return report.path.removesuffix(report.name) if "/" in report.path else ""


def shown_sections(header: QHeaderView) -> list[int]:
    """The columns in sight, from left to right."""
    order = [header.logicalIndex(place) for place in range(header.count())]
    return [section for section in order if not header.isSectionHidden(section)]


def outer_sections(header: QHeaderView) -> tuple[int, int]:
    """The first and the last column in sight, which keep the page's edge; (−1, −1) if there is none."""
    shown = shown_sections(header)
    return (shown[0], shown[-1]) if shown else (-1, -1)


def edges(theme: Theme, section: int, outer: tuple[int, int], *, is_number: bool) -> tuple[int, int]:
    """Space left and right of a cell's text; a number may come nearer to the column before it."""
    metrics = theme.metrics
    left = metrics.cell_edge // 2 if is_number else metrics.cell_edge
    return (
        metrics.edge if section == outer[0] else left,
        metrics.edge if section == outer[1] else metrics.cell_edge,
    )


def draw_text(
    painter: QPainter, theme: Theme, look: tuple[FontRole, QColor], room: QRectF, text: str, *, right: bool
) -> float:
    """Draw a text in one line, in a font and a colour, cut where the room ends, and return how wide it is."""
    role, color = look
    metrics = theme.font_metrics(role)
    width = metrics.horizontalAdvance(text)
    if width > room.width() + 0.5:
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        width = metrics.horizontalAdvance(text)
    left = room.right() - width if right else room.left()
    baseline = round(room.center().y() + (metrics.ascent() - metrics.descent()) / 2)
    painter.setFont(theme.font(role))
    painter.setPen(color)
    painter.drawText(QPointF(left, baseline), text)
    return width


def text_room(rect: QRect, left: int, right: int) -> QRectF:
    """Where the text of a cell is."""
    return QRectF(rect.left() + left, rect.top(), max(0, rect.width() - left - right), rect.height())


def draw_value(  # noqa: PLR0913  # as for any text, and what is in sight of it
    painter: QPainter,
    theme: Theme,
    look: tuple[FontRole, QColor],
    room: QRectF,
    text: str,
    *,
    is_number: bool,
    seen: int,
) -> None:
    """Draw the text of a cell. A number that is not whole in sight is a mark: a part of it is another number.

    Args:
        painter: on the view.
        theme: whose fonts are used.
        look: font and colour.
        room: where the cell has its text.
        text: in one line.
        is_number: whether it stands at the right.
        seen: the width of the view.
    """
    if is_number:
        left, right = max(room.left(), 0.0), min(room.right(), seen - 1.0)
        room = QRectF(left, room.top(), max(0.0, right - left), room.height())
        if theme.font_metrics(look[0]).horizontalAdvance(text) > room.width() + 0.5:
            text = "…"
    draw_text(painter, theme, look, room, text, right=is_number)
