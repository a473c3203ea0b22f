"""Where every piece of an explanation stands: sections, words, numbers on the left, results on the right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF
from PySide6.QtGui import QTextCharFormat, QTextLayout, QTextOption

if TYPE_CHECKING:
    from paramdesk.engine.explanation import Line, Section
    from paramdesk.ui.style.theme import FontRole, Theme

_WORDS = re.compile(r"[^\W\d]\w+(?:[ -][^\W\d]\w*)*")
# A line breaks before a sign, and never between a number and its noun.
_SIGN = re.compile(r"(?<=[×+−/=]) (?=\S)|(?<=\d) (?=[^\W\d])")
_BEFORE_SIGN = re.compile(r" (?=[×+−/=])")
_SUMS = {"Total", "Shape", "Field"}
_LABEL_COLUMN = 52.0
_WIDEST_LABELS = 116.0
_RESULT_COLUMN = 52.0


class Paragraph(NamedTuple):
    """A piece of text in its place; `row` tells which pieces stand side by side."""

    layout: QTextLayout
    text: str
    x: float
    y: float
    height: float
    row: int
    colour: str


def natural_width(paragraph: Paragraph) -> float:
    """How wide the longest line of a piece is."""
    layout = paragraph.layout
    return max((layout.lineAt(n).naturalTextWidth() for n in range(layout.lineCount())), default=0.0)


class ExplanationLayout:
    """The pieces of an explanation at one width.

    Attributes:
        paragraphs: the pieces, in reading order.
        hairlines: where lines are drawn, and whether from edge to edge.
        width: what it was laid out for; -1 before that.
        height: what it takes.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.paragraphs: list[Paragraph] = []
        self.hairlines: list[tuple[float, bool]] = []
        self.width = -1
        self.height = 0.0
        self._rows = 0

    def lay_out(self, sections: tuple[Section, ...], width: int) -> None:
        """Lay sections out at a width."""
        self.width = width
        self.paragraphs.clear()
        self.hairlines.clear()
        self._rows = 0
        y = 0.0
        pxf = self._theme.pxf
        for place, section in enumerate(sections):
            if place:
                self.hairlines.append((y, True))
                y += 1
            y = self._lay_out_section(section, y + pxf(9), width) + pxf(9)
        self.height = y

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
        labels = self._label_column(section, right - edge)
        has_sum = len(section.lines) > 1 and any(line.what in _SUMS for line in section.lines)
        bottom += pxf(2)
        for place, line in enumerate(section.lines):
            is_sum = line.what in _SUMS and place > 0
            if is_sum:
                bottom += pxf(4)
                self.hairlines.append((bottom, False))
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
            is_above = column == edge
            what = self._add(line.what, "small", "text2", edge, y, right - edge if is_above else (right - edge) * 0.6)
            bottom = max(bottom, y + what.height)
            if is_above:
                self._rows += 1
                y = bottom
            else:
                column = max(column, edge + natural_width(what) + pxf(6))
        wide = self._width(line.result, role) + 1
        room = right - column - wide - pxf(3)
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

    def _label_column(self, section: Section, width: float) -> float:
        """The width of the labels: as drawn, more where they need it; 0 if they stand above their numbers.

        They do where one of them, or what it stands beside, would break too often.
        """
        lines = [line for line in section.lines if line.what and line.numbers]
        if not any(line.what for line in section.lines):
            return 0.0
        pxf = self._theme.pxf
        widest = max((self._width(line.what, "small") for line in lines), default=0.0)
        column = max(pxf(_LABEL_COLUMN), widest + pxf(8))
        room = width - column - pxf(_RESULT_COLUMN)
        is_tight = any(self._width(line.numbers, "small") > 1.8 * room for line in lines if line.what not in _SUMS)
        return 0.0 if column > pxf(_WIDEST_LABELS) or is_tight else column

    def _width(self, text: str, role: FontRole) -> float:
        return float(self._theme.font_metrics(role).horizontalAdvance(text))

    def _line_height(self, role: FontRole) -> float:
        least = self._theme.pxf(14 if role == "caption" else 16)
        return max(least, float(self._theme.font_metrics(role).height()))

    def _add(self, text: str, role: FontRole, colour: str, x: float, y: float, width: float) -> Paragraph:
        layout = QTextLayout(self._unbroken(text, role, width), self._theme.font(role))
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
        self.paragraphs.append(paragraph)
        return paragraph

    def _unbroken(self, text: str, role: FontRole, width: float) -> str:
        """A text that keeps together what belongs together: a factor with all its words, if it fits at all."""
        factors = _BEFORE_SIGN.split(text)
        if len(factors) > 1 and all(self._width(factor, role) <= width for factor in factors):
            return " ".join(factor.replace(" ", "\u00a0") for factor in factors)
        return _SIGN.sub("\u00a0", text)

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
