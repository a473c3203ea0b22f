"""The explanation as a text that can be selected: sections with words, numbers on the left, results on the right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QStyleOption, QWidget

from paramdesk.ui.style_paint import focus_ring, shows_focus

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from paramdesk.engine.explanation import Line, Section
    from paramdesk.ui.theme import FontRole, Theme

_WORDS = re.compile(r"[^\W\d]{2,}(?:[ -][^\W\d]+)*")
_SUMS = {"Total", "Shape", "Field"}
_LABEL_COLUMN = 52.0


class Paragraph(NamedTuple):
    """A piece of text in its place; `row` tells which pieces stand side by side."""

    layout: QTextLayout
    text: str
    x: float
    y: float
    height: float
    row: int
    colour: str


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
        self._paragraphs: list[Paragraph] = []
        self._hairlines: list[tuple[float, bool]] = []
        self._rows = 0
        self._height = 0.0
        self._laid_out_for = -1
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
        return tuple(self._paragraphs)

    @property
    def shown_height(self) -> int:
        """The height that the text takes."""
        return round(self._height)

    def show_sections(self, sections: tuple[Section, ...]) -> None:
        """Show other sections; a selection is given up."""
        if sections == self._sections:
            return
        self._sections = sections
        self._anchor = self._end = None
        self.refresh()

    def refresh(self) -> None:
        """Lay out again: another text, another font or another width."""
        self._lay_out(self.width())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height that it takes at its width."""
        return QSize(self._theme.metrics.inspector_width, round(self._height))

    def minimumSizeHint(self) -> QSize:
        """Return the height; any width will do."""
        return QSize(self._theme.px(160), round(self._height))

    def hasHeightForWidth(self) -> bool:
        """Tell that it wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width."""
        if width != self._laid_out_for:
            self._lay_out(width)
        return round(self._height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        if self.width() != self._laid_out_for:
            self._lay_out(self.width())
            self.updateGeometry()

    # The layout -------------------------------------------------------------------------------------------------------

    def _lay_out(self, width: int) -> None:
        self._laid_out_for = width
        self._paragraphs.clear()
        self._hairlines.clear()
        self._rows = 0
        y = 0.0
        pxf = self._theme.pxf
        for place, section in enumerate(self._sections):
            if place:
                self._hairlines.append((y, True))
                y += 1
            y = self._lay_out_section(section, y + pxf(9), width) + pxf(9)
        self._height = y

    def _lay_out_section(self, section: Section, y: float, width: int) -> float:
        theme = self._theme
        pxf, edge = theme.pxf, float(theme.metrics.edge)
        right = width - edge
        title = self._add(section.title, "small_strong", "text", edge, y, right - edge)
        bottom = y + title.height
        if section.aside:
            wide = self._width(section.aside, "caption")
            free = right - edge - self._width(section.title, "small_strong") - pxf(8)
            if wide <= free:
                self._add(section.aside, "caption", "muted", right - wide - 1, y + pxf(1), wide + 2)
            else:
                self._rows += 1
                bottom += self._add(section.aside, "caption", "muted", edge, bottom, right - edge).height
        self._rows += 1
        if section.words:
            bottom += pxf(2)
            bottom += self._add(section.words, "caption", "muted", edge, bottom, right - edge).height
            self._rows += 1
        labels = self._label_column(section)
        has_sum = len(section.lines) > 1 and any(line.what in _SUMS for line in section.lines)
        bottom += pxf(2)
        for place, line in enumerate(section.lines):
            is_sum = line.what in _SUMS and place > 0
            if is_sum:
                bottom += pxf(4)
                self._hairlines.append((bottom, False))
                bottom += 1 + pxf(2)
            bottom += pxf(3)
            column = edge + labels
            bottom = self._lay_out_line(line, bottom, column, right, is_strong=is_sum or not has_sum)
        for remark in section.remarks:
            bottom += pxf(5)
            bottom += self._add(remark, "caption", "muted", edge, bottom, right - edge).height
            self._rows += 1
        return bottom

    def _lay_out_line(self, line: Line, y: float, column: float, right: float, *, is_strong: bool) -> float:
        """Label, numbers and result side by side; where there is no room, below each other."""
        theme = self._theme
        pxf, edge = theme.pxf, float(theme.metrics.edge)
        role: FontRole = "small_strong" if is_strong else "small"
        bottom = y
        if line.what:
            what = self._add(line.what, "small", "text2", edge, y, (right - edge) * 0.6)
            column = max(column, edge + self._natural(what) + pxf(6))
            bottom = max(bottom, y + what.height)
        wide = self._width(line.result, role) + 1
        room = right - column - wide - pxf(8)
        if line.numbers and self._width(line.numbers, "small") > room and room < pxf(96):
            # No room beside the result: the numbers take the whole width, the result the next row.
            numbers = self._add(line.numbers, "small", "text", column, y, right - column)
            self._rows += 1
            bottom = y + numbers.height + pxf(1)
            result = self._add(line.result, role, "text", max(edge, right - wide), bottom, wide + 1)
            self._rows += 1
            return bottom + result.height
        top = y
        if line.numbers:
            numbers = self._add(line.numbers, "small", "text", column, y, max(room, pxf(40)))
            bottom = max(bottom, y + numbers.height)
            top = y + numbers.height - self._line_height("small")
        result = self._add(line.result, role, "text", max(edge, right - wide), top, wide + 1)
        self._rows += 1
        return max(bottom, top + result.height)

    def _label_column(self, section: Section) -> float:
        """The width of the labels: as drawn, more where they need it, yet never so much that nothing else fits."""
        widest = max(
            (self._width(line.what, "small") for line in section.lines if line.what and line.numbers), default=0
        )
        if not any(line.what for line in section.lines):
            return 0.0
        pxf = self._theme.pxf
        return max(pxf(_LABEL_COLUMN), min(widest + pxf(8), pxf(100)))

    def _natural(self, paragraph: Paragraph) -> float:
        return max(
            (paragraph.layout.lineAt(n).naturalTextWidth() for n in range(paragraph.layout.lineCount())), default=0.0
        )

    def _width(self, text: str, role: FontRole) -> float:
        return float(self._theme.font_metrics(role).horizontalAdvance(text))

    def _line_height(self, role: FontRole) -> float:
        least = self._theme.pxf(14 if role == "caption" else 16)
        return max(least, float(self._theme.font_metrics(role).height()))

    def _add(self, text: str, role: FontRole, colour: str, x: float, y: float, width: float) -> Paragraph:
        layout = QTextLayout(text, self._theme.font(role))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        if role == "small" and colour == "text":
            layout.setFormats(self._muted_words(text))
        pitch, lines = self._line_height(role), 0
        layout.beginLayout()
        while True:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(max(1.0, width))
            line.setPosition(QPointF(0, lines * pitch + (pitch - line.height()) / 2))
            lines += 1
        layout.endLayout()
        paragraph = Paragraph(layout, text, x, y, max(1, lines) * pitch, self._rows, colour)
        self._paragraphs.append(paragraph)
        return paragraph

    def _muted_words(self, text: str) -> list[QTextLayout.FormatRange]:
        """The words among the numbers, in a quieter colour; a text of words alone is all quiet."""
        quiet = QTextCharFormat()
        quiet.setForeground(self._theme.tokens.muted)
        ranges = []
        for match in _WORDS.finditer(text):
            span = QTextLayout.FormatRange()
            span.start, span.length, span.format = match.start(), match.end() - match.start(), quiet
            ranges.append(span)
        return ranges

    # Drawing ----------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the hairlines, the text and the selection."""
        theme = self._theme
        painter = QPainter(self)
        edge = theme.metrics.edge
        for y, is_whole in self._hairlines:
            left = 0 if is_whole else edge
            painter.fillRect(QRectF(left, round(y), self.width() - 2 * left, 1), theme.tokens.hairline)
        for place, paragraph in enumerate(self._paragraphs):
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
        for place, paragraph in enumerate(self._paragraphs):
            start, end = self._selected_range(place)
            if start < end:
                rows.setdefault(paragraph.row, []).append(paragraph.text[start:end])
        return "\n".join("\t".join(pieces) for pieces in rows.values())

    def select_all(self) -> None:
        """Select everything."""
        if self._paragraphs:
            self._anchor = (0, 0)
            self._end = (len(self._paragraphs) - 1, len(self._paragraphs[-1].text))
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
        length = len(self._paragraphs[place].text)
        return first[1] if place == first[0] else 0, last[1] if place == last[0] else length

    def _position_at(self, point: QPointF) -> tuple[int, int] | None:
        """Which piece and which letter a point means: the nearest."""
        best: tuple[tuple[float, float], int] | None = None
        for place, paragraph in enumerate(self._paragraphs):
            wide = self._natural(paragraph)
            down = max(paragraph.y - point.y(), point.y() - paragraph.y - paragraph.height, 0.0)
            across = max(paragraph.x - point.x(), point.x() - paragraph.x - wide, 0.0)
            if best is None or (down, across) < best[0]:
                best = ((down, across), place)
        if best is None:
            return None
        paragraph = self._paragraphs[best[1]]
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
            self._end = (place[0], len(self._paragraphs[place[0]].text))
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
