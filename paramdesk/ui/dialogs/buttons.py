"""The row of buttons at the end of a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialogButtonBox

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def button_row(parent: QWidget, *standard: QDialogButtonBox.StandardButton) -> QDialogButtonBox:
    """Standard buttons in the order of the platform, without its icons, which are of another style than ours."""
    row = QDialogButtonBox(parent)
    for button in standard:
        row.addButton(button).setIcon(QIcon())
    return row
