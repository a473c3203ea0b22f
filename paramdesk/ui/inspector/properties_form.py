"""The page Properties: what is selected, as a form. Every change is an edit at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from paramdesk.engine.architecture import Block
from paramdesk.engine.edits import set_trainable
from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.repairs import repairs
from paramdesk.ui.inspector.field_factory import AUTOMATIC
from paramdesk.ui.inspector.field_types import Sequence
from paramdesk.ui.inspector.form_row import ProblemLabel
from paramdesk.ui.inspector.kind_form import KindForm, OptionRow
from paramdesk.ui.inspector.node_head import NodeHead
from paramdesk.ui.inspector.page_scroll import PageScroll
from paramdesk.ui.inspector.repairs_card import RepairsCard
from paramdesk.ui.inspector.subject import Subject, configured, restored, said_of
from paramdesk.ui.inspector.summary_forms import NetworkForm, SelectionSummary

if TYPE_CHECKING:
    from paramdesk.engine.architecture import Layer
    from paramdesk.engine.layer_kind import LayerKind
    from paramdesk.engine.shape import Framework
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme


class PropertiesForm(PageScroll):
    """A form of what is selected: one layer, layers of one kind, a block, several things, or the network."""

    def __init__(self, document: Document, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(document, theme, parent)
        self._document, self._theme, self._icons = document, theme, icons
        self._subject = Subject()
        self._forms: dict[tuple[type[LayerKind], Framework], KindForm] = {}
        self._form: KindForm | None = None
        self._typing: tuple[str, tuple[Layer, ...]] | None = None
        self._build()

    # What it shows ----------------------------------------------------------------------------------------------------

    @property
    def form(self) -> KindForm | None:
        """The form of the selected kind; None if there is none in common."""
        return self._form

    def rebuild(self) -> None:
        """Make all widgets anew, after the theme has changed its sizes."""
        former = self.takeWidget()
        former.hide()
        former.deleteLater()
        self._forms.clear()
        self._form = None
        self._build()
        self.show_subject(self._subject)

    def show_subject(self, subject: Subject) -> None:
        """Show what is selected, as it is now."""
        focused = self._focused_option()
        is_other = subject.ids != self._subject.ids
        self._subject = subject
        if is_other:
            self._typing = None
            self.head.forget_typing()
        nodes, kind = subject.nodes, subject.kind
        self.network.setVisible(not nodes)
        self.head.setVisible(len(nodes) == 1)
        self._show_form(kind)
        self.together.setVisible(len(nodes) > 1 or (len(nodes) == 1 and isinstance(nodes[0], Block)))
        if not nodes:
            self.network.refresh()
        elif len(nodes) == 1:
            self.head.show_node(nodes[0], subject.report, is_other=is_other)
        if self._form is not None:
            self._form.show_layers(subject.layers)
        if not self.together.isHidden():
            self.together.show_subject(subject, self._document.summary)
        self._show_problem()
        if is_other:
            _settle(self._body)
        if focused and is_other and self._focused_option() != focused:
            self._focus_option(focused)

    def _build(self) -> None:
        theme, document = self._theme, self._document
        self._body = QWidget()
        theme.dress(self._body, ground="panel")
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, theme.px(14), 0, theme.metrics.edge)
        column.setSpacing(0)
        self.head = NodeHead(document, theme, self._icons, self._body)
        self.notice = ProblemLabel(theme, self._icons, self.head)
        self.card = RepairsCard(theme, self.head)
        self.card.applied.connect(self._on_repaired)
        self.card.hide()
        for widget in (self.notice, self.card):
            self.head.column.addWidget(widget)
        self.head.close_with_line(theme)
        self.network = NetworkForm(document, theme, self._body)
        self.together = SelectionSummary(theme, self._body)
        column.addWidget(self.head)
        column.addWidget(self.network)
        self._place = QVBoxLayout()
        column.addLayout(self._place)
        column.addWidget(self.together)
        column.addStretch(1)
        self.setWidget(self._body)

    def _show_form(self, kind: type[LayerKind] | None) -> None:
        framework = self._document.architecture.framework
        form = None if kind is None else self._forms.get((kind, framework))
        if form is None and kind is not None:
            form = KindForm(self._theme, self._icons, kind, framework, self._body)
            form.option_edited.connect(self._on_option_edited)
            form.option_reset.connect(self._on_option_reset)
            form.repair_taken.connect(self._on_repaired)
            form.trainable_edited.connect(self._on_trainable)
            form.finished.connect(self._on_finished)
            self._forms[kind, framework] = form
            self._place.addWidget(form)
        if form is not self._form:
            if self._form is not None:
                self._form.hide()
            if form is not None:
                form.show()
            self._form = form
            self.verticalScrollBar().setValue(0)

    def _show_problem(self) -> None:
        report = self._subject.report
        problem = self._document.summary.problem_of(report) if report is not None else None
        found = repairs(report) if report is not None and problem is not None else ()
        is_placed = problem is not None and self._form is not None and problem.field in self._form.rows
        if self._form is not None:
            self._form.show_problem(problem if is_placed else None, found if is_placed else ())
        self.notice.show_problem(None if is_placed else problem)
        self.card.show_repairs(() if is_placed else found)

    # What the user does -----------------------------------------------------------------------------------------------

    def _on_option_edited(self, name: str, value: object) -> None:
        self._configure({name: value}, shown_at=name)

    def _on_option_reset(self, name: str) -> None:
        assert self._form is not None
        self._on_finished()
        had_focus = self._focused_option() == name
        self._configure({name: self._form.rows[name].spec.default}, shown_at=name)
        self._on_finished()
        if had_focus:  # the button is gone
            self._focus_option(name)

    def _on_repaired(self, changes: object) -> None:
        assert isinstance(changes, dict)
        self._on_finished()
        repaired = next((name for name in changes if self._form is not None and name in self._form.rows), "")
        if repaired:
            self._configure(changes, shown_at=repaired)
        else:  # options of the other framework only, which the form has no fields for
            self._document.apply(configured(self._document.architecture, self._subject.ids, **changes))
        self._on_finished()
        self._focus_option(repaired)  # the button is gone

    def _configure(self, changes: dict[str, object], *, shown_at: str) -> None:
        assert self._form is not None
        row = self._form.rows[shown_at]
        if self._typing is None:
            self._typing = shown_at, self._subject.layers
        try:
            edit = configured(self._document.architecture, self._subject.ids, **changes)
        except InvalidOptions as error:
            self._take_back(row)
            is_size = isinstance(row.spec.type, Sequence) and row.spec.type.unknown
            row.refused(said_of(error, "?" if is_size else AUTOMATIC))
            return
        row.accepted()
        self._document.apply(edit)

    def _take_back(self, row: OptionRow) -> None:
        """Give the layers the option they had before the typing began: of 1.5, no 1 shall remain."""
        assert self._typing is not None
        name, layers = self._typing
        if name == row.spec.name and any(
            getattr(now.kind, name) != getattr(before.kind, name)
            for now, before in zip(self._subject.layers, layers, strict=True)
        ):
            row.hold(held=True)
            self._document.apply(restored(self._document.architecture, layers, name))
            row.hold(held=False)

    def _on_finished(self) -> None:
        self._typing = None
        self._document.end_step()

    def _on_trainable(self, trained: bool) -> None:
        self._document.end_step()
        self._document.apply(set_trainable(self._document.architecture, self._subject.ids, trainable=trained))

    # The focus --------------------------------------------------------------------------------------------------------

    def _focused_option(self) -> str:
        """The option whose field has the focus."""
        widget = QApplication.focusWidget()
        if self._form is None or widget is None or not self.isAncestorOf(widget):
            return ""
        return next((name for name, row in self._form.rows.items() if row.isAncestorOf(widget)), "")

    def _focus_option(self, name: str) -> None:
        """Put the focus into the field of an option."""
        if self._form is None or name not in self._form.rows:
            return
        fields = self._form.rows[name].options_field.inputs()
        if fields:
            fields[0].setFocus(Qt.FocusReason.OtherFocusReason)


def _settle(body: QWidget) -> None:
    """Lay everything out now, from the inside out: with the next round of events the rows would be seen to jump."""
    widgets = [body, *(widget for widget in body.findChildren(QWidget) if widget.isVisibleTo(body))]
    layouts = [layout for widget in widgets if (layout := widget.layout()) is not None]
    for layout in layouts:
        layout.invalidate()
    for layout in reversed(layouts):
        layout.activate()
