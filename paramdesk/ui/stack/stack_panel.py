"""The centre of the window: the header strip and the stack of layers below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from paramdesk.ui.controls.viewport import settle_scroll_bars
from paramdesk.ui.stack.stack_header import StackHeader
from paramdesk.ui.stack.stack_model import StackModel
from paramdesk.ui.stack.stack_view import StackView

if TYPE_CHECKING:
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.notices import Notices
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme


class StackPanel(QWidget):
    """The layer-stack editor.

    Attributes:
        model: the rows.
        view: shows them.
        header: names the network and the columns.

    Signals:
        properties_wanted: Enter was pressed on a row: the inspector should take the keyboard.
        menu_wanted: a context menu for the selected rows was asked for, at a point of the screen.
    """

    properties_wanted = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(
        self, document: Document, theme: Theme, icons: Icons, notices: Notices, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.model = StackModel(document, self)
        self.view = StackView(document, theme, icons, self.model, self)
        self.header = StackHeader(document, theme, self.view, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.view)
        theme.dress(self, ground="surface")
        self.setFocusProxy(self.view)
        self.model.refused.connect(notices.error)
        self.model.modelReset.connect(self._on_reset)
        self.view.properties_wanted.connect(self.properties_wanted)
        self.view.menu_wanted.connect(self.menu_wanted)

    def _on_reset(self) -> None:
        settle_scroll_bars(self.view)

    def minimumSizeHint(self) -> QSize:
        """Return room for the header and one row."""
        least = super().minimumSizeHint()
        metrics = self._theme.metrics
        return QSize(least.width(), min(least.height(), metrics.stack_header + metrics.stack_row))

    def rename_current(self) -> None:
        """Let the user type another name for the current row, or for the network if there is none."""
        index = self.view.currentIndex()
        if index.isValid():
            self.view.setFocus()
            self.view.scrollTo(index)
            self.view.edit(index)
        else:
            self.header.rename()
