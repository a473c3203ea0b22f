"""Help > About > Licences: the full text for each part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QListWidget, QPlainTextEdit, QVBoxLayout

from paramdesk.parts import PARTS, licence_text, system_parts
from paramdesk.ui.dialogs.buttons import button_row

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.style.theme import Theme

__all__ = ["LicencesDialog"]


class LicencesDialog(QDialog):
    """A list of parts, and the licence of the one that is selected. Show it with `open()`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Begin with paramdesk's own."""
        super().__init__(parent)
        self.setWindowTitle("Licences")
        self._others = system_parts()
        self.names = QListWidget(self)
        self.names.setAccessibleName("Parts")
        self.names.addItems(list(self._others)[:2])
        self.names.addItems([part.title for part in PARTS])
        self.names.addItems(list(self._others)[2:])
        self.names.setFixedWidth(theme.px(180))
        self.text = QPlainTextEdit(self)
        self.text.setAccessibleName("Licence")
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        row = QHBoxLayout()
        row.setSpacing(theme.metrics.edge)
        row.addWidget(self.names)
        row.addWidget(self.text, 1)
        buttons = button_row(self, QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.addLayout(row, 1)
        whole.addWidget(buttons)
        self.resize(theme.px(820), theme.px(520))
        self.names.currentTextChanged.connect(self._show)
        self.names.setCurrentRow(0)

    def _show(self, name: str) -> None:
        part = next((part for part in PARTS if part.title == name), None)
        self.text.setPlainText(licence_text(part) if part else self._others.get(name, ""))
