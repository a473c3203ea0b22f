"""The explanation as a text that can be selected: sections with words, numbers on the left, results on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QSizePolicy, QStyleOption, QWidget

from paramdesk.ui.inspector.explanation_layout import ExplanationLayout, natural_width
from paramdesk.ui.style.painting import focus_ring, shows_focus

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from paramdesk.engine.explanation import Section
    from paramdesk.ui.inspector.explanation_layout import Paragraph
    from paramdesk.ui.style.theme import Theme


class ExplanationText(QWidget):
    """Sections of an explanation, laid out to the pixel.

    Signals:
        menu_asked: the user wants the context menu, at this point of the screen.
    """

    menu_asked = Signal(QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sections: tuple[Section, ...] = ()
        self._layout = ExplanationLayout(theme)
        self._anchor: tuple[int, int] | None = None
        self._end: tuple[int, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("How it is computed")
        self.customContextMenuRequested.connect(self._on_menu)

    # What it shows ----------------------------------------------------------------------------------------------------

    @property
    def sections(self) -> tuple[Section, ...]:
        """What is shown."""
        return self._sections

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The pieces of text, in reading order."""
        return tuple(self._layout.paragraphs)

    def show_sections(self, sections: tuple[Section, ...]) -> None:
        """Show other sections; a selection is given up."""
        if sections == self._sections:
            return
        self._sections = sections
        self._anchor = self._end = None
        self.refresh()

    def refresh(self) -> None:
        """Lay out again: another text, another font or another width."""
        self._layout.lay_out(self._sections, self.width())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height that it takes at its width."""
        return QSize(self._theme.metrics.inspector_width, round(self._layout.height))

    def minimumSizeHint(self) -> QSize:
        """Return the height; any width will do."""
        return QSize(self._theme.px(160), round(self._layout.height))

    def hasHeightForWidth(self) -> bool:
        """Tell that it wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width."""
        if width != self._layout.width:
            self._layout.lay_out(self._sections, width)
        return round(self._layout.height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        if self.width() != self._layout.width:
            self._layout.lay_out(self._sections, self.width())
            self.updateGeometry()

    # Drawing ----------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the hairlines, the text and the selection."""
        theme = self._theme
        painter = QPainter(self)
        edge = theme.metrics.edge
        for y, is_whole in self._layout.hairlines:
            left = 0 if is_whole else edge
            painter.fillRect(QRectF(left, round(y), self.width() - 2 * left, 1), theme.tokens.hairline)
        for place, paragraph in enumerate(self._layout.paragraphs):
            painter.setPen(theme.color(paragraph.colour))
            paragraph.layout.draw(painter, QPointF(paragraph.x, paragraph.y), self._selected_in(place))
        option = QStyleOption()
        option.initFrom(self)
        if shows_focus(option):
            focus_ring(theme, painter, QRectF(self.rect()).adjusted(2, 1, -2, -1))
        painter.end()

    def _selected_in(self, place: int) -> list[QTextLayout.FormatRange]:
        start, end = self._selected_range(place)
        if start >= end:
            return []
        span = QTextLayout.FormatRange()
        look = QTextCharFormat()
        look.setBackground(self._theme.tokens.select_line)
        look.setForeground(self._theme.tokens.text)
        span.start, span.length, span.format = start, end - start, look
        return [span]

    # Selecting and copying --------------------------------------------------------------------------------------------

    @property
    def selected_text(self) -> str:
        """What is selected: pieces side by side with tabs between them, rows on lines of their own."""
        rows: dict[int, list[str]] = {}
        for place, paragraph in enumerate(self._layout.paragraphs):
            start, end = self._selected_range(place)
            if start < end:
                rows.setdefault(paragraph.row, []).append(paragraph.text[start:end])
        return "\n".join("\t".join(pieces) for pieces in rows.values())

    def select_all(self) -> None:
        """Select everything."""
        if self._layout.paragraphs:
            self._anchor = (0, 0)
            self._end = (len(self._layout.paragraphs) - 1, len(self._layout.paragraphs[-1].text))
            self.update()

    def copy(self) -> None:
        """Copy the selection."""
        if text := self.selected_text:
            QGuiApplication.clipboard().setText(text)

    def _selected_range(self, place: int) -> tuple[int, int]:
        if self._anchor is None or self._end is None:
            return 0, 0
        first, last = sorted((self._anchor, self._end))
        if not first[0] <= place <= last[0]:
            return 0, 0
        length = len(self._layout.paragraphs[place].text)
        return first[1] if place == first[0] else 0, last[1] if place == last[0] else length

    def _position_at(self, point: QPointF) -> tuple[int, int] | None:
        """Which piece and which letter a point means: the nearest."""
        best: tuple[tuple[float, float], int] | None = None
        for place, paragraph in enumerate(self._layout.paragraphs):
            wide = natural_width(paragraph)
            down = max(paragraph.y - point.y(), point.y() - paragraph.y - paragraph.height, 0.0)
            across = max(paragraph.x - point.x(), point.x() - paragraph.x - wide, 0.0)
            if best is None or (down, across) < best[0]:
                best = ((down, across), place)
        if best is None:
            return None
        paragraph = self._layout.paragraphs[best[1]]
        layout = paragraph.layout
        pitch = paragraph.height / max(1, layout.lineCount())
        number = min(layout.lineCount() - 1, max(0, int((point.y() - paragraph.y) // pitch)))
        if number < 0:
            return best[1], 0
        letter = layout.lineAt(number).xToCursor(point.x() - paragraph.x)
        return best[1], letter

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a selection, or extend it with Shift."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place = self._position_at(event.position())
        if not (event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._anchor is not None):
            self._anchor = place
        self._end = place
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Extend the selection."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._end = self._position_at(event.position())
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Select a piece: a number, a formula, a remark."""
        place = self._position_at(event.position())
        if place is not None:
            self._anchor = (place[0], 0)
            self._end = (place[0], len(self._layout.paragraphs[place[0]].text))
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, select all, and give the selection up."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif event.key() == Qt.Key.Key_Escape and self.selected_text:
            self._anchor = self._end = None
            self.update()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Give the selection up, unless only a menu of its own opens."""
        if event.reason() not in {Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason}:
            self._anchor = self._end = None
        super().focusOutEvent(event)
        self.update()

    def _on_menu(self, point: QPoint) -> None:
        self.menu_asked.emit(self.mapToGlobal(point))
