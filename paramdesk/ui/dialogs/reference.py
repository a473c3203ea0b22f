"""Help > How We Count: what every number means, family by family and kind by kind, in a window of its own.

The pages are made of the kinds themselves (`paramdesk.engine.reference`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTextBrowser, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from paramdesk.engine.reference import families, family_page, general_page, page
from paramdesk.ui.controls.search_field import SearchField

if TYPE_CHECKING:
    from paramdesk.engine.layer_kind import LayerKind
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

__all__ = ["ReferenceDialog"]

GENERAL = "In general"


class ReferenceDialog(QDialog):
    """The reference: contents at the left, a page at the right. It stays beside the window while one works."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        """Show the page on what holds for all layers."""
        super().__init__(parent)
        self.setWindowTitle("How We Count")
        self._theme = theme
        self.search = SearchField(icons, "Find a layer", self)
        self.contents = QTreeWidget(self)
        self.contents.setHeaderHidden(True)
        self.contents.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.contents.setAccessibleName("Contents")
        self.page = QTextBrowser(self)
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.page.setOpenExternalLinks(True)
        self.page.setAccessibleName("Page")
        self._kinds: dict[str, type[LayerKind]] = {}
        self._items: list[QTreeWidgetItem] = []
        self._families = families()
        self._fill()
        left = QVBoxLayout()
        left.addWidget(self.search)
        left.addWidget(self.contents)
        whole = QHBoxLayout(self)
        whole.addLayout(left, 1)
        whole.addWidget(self.page, 3)
        self.contents.currentItemChanged.connect(self._on_chosen)
        self.search.textChanged.connect(self._on_searched)
        self._measure()
        self.resize(theme.px(900), theme.px(640))
        theme.theme_changed.connect(self._measure)
        self.contents.setCurrentItem(self._items[0])

    def show_kind(self, kind: type[LayerKind]) -> None:
        """Show the page of a kind."""
        self.search.clear()
        for item in self.contents.findItems(kind.title(), Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive):
            if item.parent() is not None:
                self.contents.setCurrentItem(item)

    def _fill(self) -> None:
        self._items.append(QTreeWidgetItem([GENERAL]))
        for family, members in self._families.items():
            item = QTreeWidgetItem([family])
            for kind in members:
                self._kinds[kind.title()] = kind
                item.addChild(QTreeWidgetItem([kind.title()]))
            self._items.append(item)
        self.contents.addTopLevelItems(self._items)

    def _on_chosen(self, item: QTreeWidgetItem | None) -> None:
        if item is None:
            return
        title = item.text(0)
        if item.parent() is not None:
            self.page.setMarkdown(page(self._kinds[title]))
        else:
            self.page.setMarkdown(general_page() if title == GENERAL else family_page(self._families[title]))

    def _on_searched(self, text: str) -> None:
        """Leave the kinds that any of their names, in any framework, says; open the families that hold them."""
        wanted = text.strip().lower()
        for family in self._items:
            members = [family.child(row) for row in range(family.childCount())]
            shown = [self._shows(member, wanted) for member in members if member is not None]
            family.setHidden(bool(wanted) and not any(shown))
            family.setExpanded(bool(wanted) and any(shown))

    def _shows(self, item: QTreeWidgetItem, wanted: str) -> bool:
        kind = self._kinds[item.text(0)]
        names = (kind.title(), *(name for framework in kind.spellings for name in kind.names_in(framework)))
        found = any(wanted in name.lower() for name in names)
        item.setHidden(not found)
        return found

    def _measure(self) -> None:
        self.page.document().setDocumentMargin(self._theme.metrics.edge)
        font = self._theme.font("base")
        self.contents.setFont(font)
        row = QSize(0, self._theme.metrics.table_row)
        for item in self.contents.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive):
            item.setSizeHint(0, row)
        # Qt keeps paragraphs apart by a share of the size in points, which a font in pixels has not.
        in_points = QFont(font)
        in_points.setPointSizeF(font.pixelSize() * 72 / self.logicalDpiY())
        self.page.setFont(in_points)
        self.contents.setMinimumWidth(self._theme.px(220))
