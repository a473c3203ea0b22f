"""A page that scrolls under its bar: the bar lies in the margin, so that nothing is narrower because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeySequence, QPainter
from PySide6.QtWidgets import QFrame, QScrollArea, QScrollBar, QStyle, QStyleOptionSlider, QWidget

from paramdesk.ui.style.painting import scroll_bar

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent

    from paramdesk.ui.document.document import Document
    from paramdesk.ui.style.theme import Theme


class PageScroll(QScrollArea):
    """A scroll area as wide as its page, where there is room for it.

    Undo and redo that no field takes go to the document.
    """

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = document.undo_stack
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.dress(self.viewport(), ground="panel")
        self._bar = _SlimBar(theme, self)
        self._bar.hide()
        inner = self.verticalScrollBar()
        inner.rangeChanged.connect(self._on_range_changed)
        inner.valueChanged.connect(self._bar.setValue)
        self._bar.valueChanged.connect(inner.setValue)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the bar at the right edge."""
        super().resizeEvent(event)
        wide = self._bar.sizeHint().width()
        self._bar.setGeometry(QRect(self.width() - wide, 0, wide, self.viewport().height()))
        self._bar.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo and redo, where no action of the window has taken the keys."""
        if event.matches(QKeySequence.StandardKey.Undo):
            self._history.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self._history.redo()
        else:
            super().keyPressEvent(event)

    def _on_range_changed(self, least: int, most: int) -> None:
        self._bar.setRange(least, most)
        self._bar.setPageStep(self.verticalScrollBar().pageStep())
        self._bar.setSingleStep(self.verticalScrollBar().singleStep())
        self._bar.setVisible(most > least)


class _SlimBar(QScrollBar):
    """A scroll bar without a ground: hairlines go on under it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style = self.style()
        handle = style.subControlRect(
            QStyle.ComplexControl.CC_ScrollBar, option, QStyle.SubControl.SC_ScrollBarSlider, self
        )
        painter = QPainter(self)
        scroll_bar(self._theme, option, painter, handle, held=self.isSliderDown())
        painter.end()
