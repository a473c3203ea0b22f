"""The page "How it is computed": the picture, and below it every number with how it comes about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from paramdesk.engine.explanation_text import as_latex, as_markdown, as_text
from paramdesk.ui.inspector.explanation_text import ExplanationText
from paramdesk.ui.inspector.form_row import Hairline
from paramdesk.ui.inspector.overview import sections_of, together
from paramdesk.ui.inspector.page_scroll import PageScroll
from paramdesk.ui.inspector.picture import picture
from paramdesk.ui.inspector.picture_view import PictureView
from paramdesk.ui.inspector.subject import reports_under

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

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
        self._body = _Body(theme)
        self.picture, self.text = self._body.picture, self._body.text
        self.setWidget(self._body)
        self.text.menu_asked.connect(self._on_menu_asked)

    def measure(self) -> None:
        """Take the theme's sizes over again."""
        self.text.refresh()
        self._body.arrange()

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
        self._show_sections(sections)
        self._body.arrange(has_picture=has_picture)
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


class _Body(QWidget):
    """The picture above the text, each as high as it is at this width.

    Qt's layouts keep heights that were asked for at other widths and at other sizes of the text.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._has_picture = True
        theme.dress(self, ground="panel")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.picture = PictureView(theme, self)
        self._line = Hairline(theme, self)
        self.text = ExplanationText(theme, self)

    def arrange(self, *, has_picture: bool | None = None) -> None:
        """Put picture and text to where they belong, now that they or the theme are others."""
        if has_picture is not None:
            self._has_picture = has_picture
        self.picture.setVisible(self._has_picture)
        self._line.setVisible(self._has_picture)
        self._place()
        self.updateGeometry()

    def heightForWidth(self, width: int) -> int:
        return self._above(width) + self.text.heightForWidth(width)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.metrics.inspector_width, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.text.minimumSizeHint().width(), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _above(self, width: int) -> int:
        """What stands above the text: a gap, the picture and the hairline."""
        return self._theme.metrics.gap + self.picture.heightForWidth(width) + 1 if self._has_picture else 0

    def _place(self) -> None:
        width, above = self.width(), self._above(self.width())
        gap = self._theme.metrics.gap
        self.picture.setGeometry(0, gap, width, max(0, above - gap - 1))
        self._line.setGeometry(0, above - 1, width, 1)
        self.text.setGeometry(0, above, width, self.text.heightForWidth(width))
