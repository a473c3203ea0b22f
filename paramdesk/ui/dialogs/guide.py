"""Help > Guide and Keys: one page in a window of its own, its list of keys made from the declared actions."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout

from paramdesk.ui.window.actions import ACTIONS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from paramdesk.ui.style.theme import Theme

__all__ = ["GuideDialog", "keys_by_menu"]

GUIDE = (
    (
        "Build",
        (
            (
                "Drag a layer from the left into the stack; a line shows where it will land. "
                "Double-click or Enter inserts it after the selected row."
            ),
            (
                "Drag rows to reorder them, one or several. "
                "Rows also go to another window, by dragging or by copy and paste."
            ),
            (
                "What a row reads is drawn in the gutter left of the rows: drag from a row's node there "
                "to a row below, and that reads it. A row that takes one input reads it instead of the former one; "
                "Add, Concatenate and others take one more. The inspector has the inputs too, to choose and to remove."
            ),
            "Change a layer in the inspector at the right. Every change counts at once, and can be undone.",
        ),
    ),
    (
        "Understand",
        (
            (
                "“How it is computed” in the inspector takes a count apart: "
                "the picture, the formula in words, the numbers, the result."
            ),
            "The table lists every count, the chart compares them. Selecting a layer anywhere selects it everywhere.",
            (
                "A layer that cannot be computed says why in its own row. "
                "The rows behind it wait, everything else goes on; totals are then lower bounds (≥)."
            ),
        ),
    ),
    (
        "Take away",
        (
            "File > Export CSV writes the table with the columns that are shown, in their order.",
            "Batch and precision in the tool bar are ways of counting; they change no layer.",
        ),
    ),
)

# Keys that belong to no action of a menu.
FURTHER_KEYS = (
    ("Tab, Shift+Tab", "Next or previous part of the window"),
    ("Up, Down", "Select another row; with Shift, several"),
    ("Enter in the search field", "Insert the layer that was found"),
    ("Escape", "Empty the search field, close a notice, end a drag"),
)


def keys_by_menu() -> dict[str, list[tuple[str, str]]]:
    """Every action with a key, by its menu: the keys and what they do."""
    found: dict[str, list[tuple[str, str]]] = {}
    for spec in ACTIONS:
        if spec.shortcuts:
            keys = ", ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in spec.sequences())
            menu = spec.menu[0].replace("&", "")
            found.setdefault(menu, []).append((keys, f"{spec.plain_text}: {spec.tip[0].lower()}{spec.tip[1:]}"))
    return found


class GuideDialog(QDialog):
    """The guide; it stays beside the window while one works."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Show the page."""
        super().__init__(parent)
        self.setWindowTitle("Guide and Keys")
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, on=False)
        self._theme = theme
        self.page = QTextBrowser(self)
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.page.setAccessibleName("Guide and keys")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.page)
        self._refresh()
        self.resize(theme.px(560), theme.px(640))
        theme.theme_changed.connect(self._refresh)

    def _refresh(self) -> None:
        self.page.document().setDocumentMargin(self._theme.metrics.edge)
        self.page.setFont(self._theme.font("base"))
        parts = [_section(title, lines) for title, lines in GUIDE]
        parts += [_table(f"Keys: {menu}", rows) for menu, rows in keys_by_menu().items()]
        parts.append(_table("Keys: moving about", FURTHER_KEYS))
        self.page.setHtml("".join(parts))


def _section(title: str, lines: tuple[str, ...]) -> str:
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    return f"<h3>{html.escape(title)}</h3>{paragraphs}"


def _table(title: str, rows: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> str:
    cells = "".join(
        f"<tr><td style='white-space:nowrap; padding-right:16px'><b>{html.escape(keys)}</b></td>"
        f"<td>{html.escape(text)}</td></tr>"
        for keys, text in rows
    )
    return f"<h3>{html.escape(title)}</h3><table cellspacing='0' cellpadding='3'>{cells}</table>"
