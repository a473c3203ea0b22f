"""Help > About: version, and whose work paramdesk stands on."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, qVersion
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

import paramdesk
from paramdesk.parts import PARTS, installed_version
from paramdesk.ui.dialogs.buttons import button_row

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.style.theme import Theme

__all__ = ["AboutDialog"]


class AboutDialog(QDialog):
    """Version and licences. Show it with `open()`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Say what paramdesk is made of."""
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle("About paramdesk")
        metrics = theme.metrics
        picture = QLabel(self)
        picture.setPixmap(QApplication.windowIcon().pixmap(QSize(theme.px(56), theme.px(56)), self.devicePixelRatioF()))
        picture.setAlignment(Qt.AlignmentFlag.AlignTop)
        title = QLabel("paramdesk", self)
        theme.dress(title, font="figure")
        lines = QVBoxLayout()
        lines.setSpacing(metrics.space)
        lines.addWidget(title)
        for text in (
            f"Version {paramdesk.__version__}, MIT licence",
            "Design neural networks layer by layer, and see how every count comes about.",
            f"Python {platform.python_version()} on {platform.system()} {platform.release()}",
        ):
            line = QLabel(text, self)
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            theme.dress(line, font="small", text="text2")
            lines.addWidget(line)
        head = QHBoxLayout()
        head.setSpacing(metrics.edge)
        head.addWidget(picture)
        head.addLayout(lines, 1)
        buttons = button_row(self, QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        buttons.addButton("&Licences…", QDialogButtonBox.ButtonRole.ActionRole).clicked.connect(self.show_licences)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(metrics.edge, metrics.edge, metrics.edge, metrics.edge)
        whole.setSpacing(metrics.edge)
        whole.addLayout(head)
        whole.addLayout(self._parts(theme))
        whole.addWidget(self._note(theme))
        whole.addWidget(buttons)

    def show_licences(self) -> None:
        """Show the texts of all licences."""
        from paramdesk.ui.dialogs.licences import LicencesDialog

        LicencesDialog(self._theme, self).open()

    def _parts(self, theme: Theme) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.metrics.edge)
        grid.setVerticalSpacing(theme.metrics.space)
        grid.setColumnStretch(2, 1)
        for row, part in enumerate(PARTS):
            version = installed_version(part) if part.distribution else qVersion()
            for column, text in enumerate((part.title, version, part.licence)):
                label = QLabel(text, self)
                theme.dress(label, font="small", text="text" if column == 0 else "muted")
                grid.addWidget(label, row, column)
        return grid

    def _note(self, theme: Theme) -> QLabel:
        note = QLabel(
            "Qt and Qt for Python are used unchanged, as separate libraries that may be replaced. "
            "The texts of all licences are under Licences.",
            self,
        )
        note.setWordWrap(True)
        theme.dress(note, font="caption", text="muted")
        return note
