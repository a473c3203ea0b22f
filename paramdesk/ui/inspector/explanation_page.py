"""The page "How it is computed": the picture, and below it every number with how it comes about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from paramdesk.engine.explanation_text import as_latex, as_markdown, as_text
from paramdesk.ui.inspector.explanation_text import ExplanationText
from paramdesk.ui.inspector.form_row import Hairline
from paramdesk.ui.inspector.overview import sections_of, together
from paramdesk.ui.inspector.page_scroll import PageScroll
from paramdesk.ui.inspector.picture import picture
from paramdesk.ui.inspector.picture_view import PictureView
from paramdesk.ui.inspector.subject import reports_under

if TYPE_CHECKING:
    from paramdesk.engine.explanation import Section
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.inspector.subject import Subject
    from paramdesk.ui.style.theme import Theme


class ExplanationPage(PageScroll):
    """Picture and explanation of the selected layer, or where the sums of several come from."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(document, theme, parent)
        self._document, self._theme = document, theme
        self._layer_id: int | None = None
        body = QWidget()
        theme.dress(body, ground="panel")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._above = QWidget(body)
        self.picture = PictureView(theme, body)
        self.text = ExplanationText(theme, body)
        self._line = Hairline(theme, body)
        for widget in (self._above, self.picture, self._line, self.text):
            column.addWidget(widget)
        column.addStretch(1)
        self.setWidget(body)
        self.text.menu_asked.connect(self._on_menu_asked)
        self.measure()

    def measure(self) -> None:
        """Take the theme's sizes over again."""
        self._above.setFixedHeight(self._theme.metrics.gap)
        self.picture.updateGeometry()
        self.text.refresh()

    def show_subject(self, subject: Subject) -> None:
        """Show what is selected, as it is now."""
        report, has_picture = subject.report, False
        if report is not None:
            scene = picture(report)
            has_picture = bool(scene.items or any(scene.caption))
            self.picture.show_scene(scene, report.layer.kind.category)
            sections = sections_of(report)
        else:
            summary = self._document.summary
            reports = reports_under(summary, subject.ids) if subject.nodes else summary.layers
            sections = together(reports, summary, is_whole=not subject.nodes)
        for widget in (self._above, self.picture, self._line):
            widget.setVisible(has_picture)
        self._show_sections(sections)
        layer_id = subject.ids[0] if subject.ids else None
        if layer_id != self._layer_id:
            self._layer_id = layer_id
            self.verticalScrollBar().setValue(0)

    def _show_sections(self, sections: tuple[Section, ...]) -> None:
        self.text.show_sections(sections)
        self.text.setAccessibleDescription(as_text(sections))

    def _on_menu_asked(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction("Copy")
        copy.setEnabled(bool(self.text.selected_text))
        copy.triggered.connect(self.text.copy)
        menu.addAction("Select all").triggered.connect(self.text.select_all)
        menu.addSeparator()
        menu.addAction("Copy the explanation as text").triggered.connect(self.copy_as_text)
        menu.addAction("Copy the explanation as Markdown").triggered.connect(self.copy_as_markdown)
        menu.addAction("Copy the explanation as LaTeX").triggered.connect(self.copy_as_latex)
        menu.popup(point)

    def copy_as_text(self) -> None:
        """Copy everything as plain text."""
        QGuiApplication.clipboard().setText(as_text(self.text.sections))

    def copy_as_markdown(self) -> None:
        """Copy everything as Markdown."""
        QGuiApplication.clipboard().setText(as_markdown(self.text.sections))

    def copy_as_latex(self) -> None:
        """Copy everything as LaTeX."""
        QGuiApplication.clipboard().setText(as_latex(self.text.sections))
