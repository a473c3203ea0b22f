"""The inspector: what is selected, as a form and as a lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from paramdesk.ui.inspector.explanation_page import ExplanationPage
from paramdesk.ui.inspector.header import HeaderText, InspectorHeader
from paramdesk.ui.inspector.properties_form import PropertiesForm
from paramdesk.ui.inspector.subject import Subject, subject_of
from paramdesk.ui.style.painting import tab_edge

if TYPE_CHECKING:
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QPaintEvent, QShowEvent

    from paramdesk.ui.document.document import Document
    from paramdesk.ui.notices import Notices
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

PageName = Literal["properties", "explanation"]
_PAGES: tuple[tuple[PageName, str], ...] = (("properties", "Properties"), ("explanation", "How it is computed"))


class InspectorPanel(QWidget):
    """Head, tabs, and the two pages Properties and How it is computed.

    A page that is not in sight is brought up to date when it comes into sight.
    """

    def __init__(
        self, document: Document, theme: Theme, icons: Icons, notices: Notices, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._theme, self._notices = document, theme, notices
        self._subject = Subject()
        self._stale: set[PageName] = {"properties", "explanation"}
        self.setAccessibleName("Inspector")
        theme.dress(self, ground="panel")
        self.header = InspectorHeader(theme, icons, self)
        self.tabs = QTabBar(self)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName("Pages of the inspector")
        for _name, title in _PAGES:
            self.tabs.addTab(title)
        self.properties = PropertiesForm(document, theme, icons, self)
        self.explanation = ExplanationPage(document, theme, self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.properties)
        self._pages.addWidget(self.explanation)
        self._tab_row = _TabRow(theme, self.tabs, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._tab_row)
        column.addWidget(self._pages, 1)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        document.changed.connect(self._on_changed)
        document.replaced.connect(self.refresh)
        document.selection.changed.connect(self.refresh)
        theme.theme_changed.connect(self._on_theme_changed)

    @property
    def page(self) -> PageName:
        """The page in sight."""
        return _PAGES[self.tabs.currentIndex()][0]

    @page.setter
    def page(self, name: PageName) -> None:
        self.tabs.setCurrentIndex([known for known, _title in _PAGES].index(name))

    def stand_in_for_title_of(self, dock: QDockWidget) -> None:
        """Make the head of the inspector the title bar of its dock, with the dock's buttons."""
        self.header.stand_in_for(dock)

    def edit_name(self) -> None:
        """Put the cursor into the name of the selected layer."""
        self.page = "properties"
        self.properties.head.name.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.properties.head.name.edit.selectAll()

    def sizeHint(self) -> QSize:
        """Return the width of the theme."""
        hint = super().sizeHint()
        hint.setWidth(self._theme.metrics.inspector_width)
        return hint

    def minimumSizeHint(self) -> QSize:
        """Return the width below which a pair of numbers would be cut."""
        hint = super().minimumSizeHint()
        hint.setWidth(self._theme.px(336))
        return hint

    def showEvent(self, event: QShowEvent) -> None:
        """Bring the page in sight up to date."""
        super().showEvent(event)
        self._update_page()

    def refresh(self) -> None:
        """Show what is selected, as it is now."""
        self._look()
        if self.isVisible():
            self._update_page()

    def _look(self) -> None:
        selection = self._document.selection
        self._subject = subject_of(self._document.architecture, self._document.summary, selection.ids)
        self._stale = {"properties", "explanation"}

    def _update_page(self) -> None:
        if not self._subject.nodes and self._document.selection.ids:
            # Not by `refresh`, which comes back here: while rows go, what is selected may not be there any more.
            self._look()
        self.header.show_text(HeaderText(self._document, self._subject))
        page = self.page
        if page not in self._stale:
            return
        self._stale.discard(page)
        if page == "properties":
            self.properties.show_subject(self._subject)
        else:
            self.explanation.show_subject(self._subject)

    def _on_changed(self, _former: object) -> None:
        if not self._document.selects_next:
            self.refresh()

    def _on_tab_changed(self, index: int) -> None:
        self._pages.setCurrentIndex(index)
        if self.isVisible():
            self._update_page()

    def _on_theme_changed(self) -> None:
        self.properties.rebuild()
        self.explanation.measure()
        self._stale = {"properties", "explanation"}
        self.updateGeometry()
        if self.isVisible():
            self._update_page()


class _TabRow(QWidget):
    """The tabs, and the hairline below them from edge to edge."""

    def __init__(self, theme: Theme, tabs: QTabBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._row = QHBoxLayout(self)
        self._row.addWidget(tabs)
        self._row.addStretch(1)
        self._measure()
        theme.theme_changed.connect(self._measure)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the hairline."""
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.tokens.hairline)
        painter.end()

    def _measure(self) -> None:
        metrics = self._theme.metrics
        # The text of the first tab stands where everything else begins.
        self._row.setContentsMargins(metrics.edge - tab_edge(self._theme), 0, 0, 1)
        self.setFixedHeight(metrics.tab + 1)
