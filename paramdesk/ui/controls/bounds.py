"""How wide a part of the window may insist on being."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

__all__ = ["within_screen"]

MOST_OF_SCREEN = 0.9


def within_screen(widget: QWidget, hint: QSize) -> QSize:
    """A minimum that leaves the window on its screen: with large text rather something in the widget is cut."""
    most = round(MOST_OF_SCREEN * widget.screen().availableGeometry().width())
    return QSize(min(hint.width(), most), hint.height())
