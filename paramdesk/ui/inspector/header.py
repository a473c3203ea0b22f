"""The inspector's head: which layer it is about. It can stand in for the title bar of a dock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from paramdesk.engine.architecture import Block, Layer
from paramdesk.engine.naming import listed
from paramdesk.ui.controls.elided_label import ElidedLabel
from paramdesk.ui.controls.title_bar import TitleBar
from paramdesk.ui.inspector.subject import place_of, repeats_of
from paramdesk.ui.totals.figures import layers_text

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from paramdesk.ui.document.document import Document
    from paramdesk.ui.inspector.subject import Subject
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

_Feature = QDockWidget.DockWidgetFeature


class HeaderText:
    """What the head says of a subject: icon, its colour, name, and a line below."""

    def __init__(self, document: Document, subject: Subject) -> None:
        """Look at what is selected."""
        self.icon, self.colour, self.is_error = "io", "text2", False
        nodes = subject.nodes
        if not nodes:
            self.icon = "table"
            self.name = document.architecture.name
            self.line = f"Network, {layers_text(document.summary)}"
        elif len(nodes) > 1:
            self._say_several(document, subject)
        elif isinstance(nodes[0], Block):
            self.icon, self.name = "block", nodes[0].name
            rows, repeats = len(nodes[0].layers), repeats_of(document.architecture, nodes[0])
            joint = " " if nodes[0].repeat > 1 else ", "
            self.line = f"Block of {rows:,} row{'s' * (rows != 1)}{joint if repeats else ''}{repeats}"
        else:
            self._say_layer(document, nodes[0], subject)

    def _say_several(self, document: Document, subject: Subject) -> None:
        nodes = subject.nodes
        # An input counts as a row, here as everywhere: a network of eight layers has nine with its input.
        is_counted = all(isinstance(node, Layer) and not node.kind.is_input for node in nodes)
        self.name = f"{len(nodes):,} {'layers' if is_counted else 'rows'}"
        kinds = list(dict.fromkeys(_kind_name(document, node) for node in nodes))
        categories = {node.kind.category if isinstance(node, Layer) else "block" for node in nodes}
        self.line = listed(kinds)
        self.icon = categories.pop() if len(categories) == 1 else "group"
        self.colour = self.icon if self.icon not in {"group", "block"} else "text2"

    def _say_layer(self, document: Document, layer: Layer, subject: Subject) -> None:
        self.icon = self.colour = layer.kind.category
        self.name = layer.name
        problem, kind = (subject.report.problem if subject.report else None), _kind_name(document, layer)
        if problem is not None and problem.severity == "error":
            self.line, self.is_error = f"{kind}, not computed", True
        elif problem is not None and problem.severity == "waiting":
            self.line = f"{kind}, {problem.message}"
        else:
            place, repeats = place_of(document.architecture, layer.id), repeats_of(document.architecture, layer)
            self.line = ", ".join(filter(None, [kind, place, repeats]))


def _kind_name(document: Document, node: Layer | Block) -> str:
    return node.kind.name_in(document.summary.convention) if isinstance(node, Layer) else "Block"


class InspectorHeader(TitleBar):
    """Icon, name and kind of what is selected."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._icons = icons
        self._icon, self._colour = "io", "text2"
        self._dock: QDockWidget | None = None
        self._buttons: list[QToolButton] = []
        theme.dress(self, ground="panel")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.name = ElidedLabel("", self, mode=Qt.TextElideMode.ElideMiddle)
        theme.dress(self.name, font="heading", text="text")
        self.line = ElidedLabel("", self)
        theme.dress(self.line, font="caption", text="muted")
        self._row = QHBoxLayout(self)
        self._lines = QVBoxLayout()
        self._lines.addStretch(1)
        self._lines.addWidget(self.name)
        self._lines.addWidget(self.line)
        self._lines.addStretch(1)
        self._row.addLayout(self._lines, 1)
        self._measure()
        theme.theme_changed.connect(self._measure)

    def show_text(self, text: HeaderText) -> None:
        """Show what the head says."""
        self._icon, self._colour = text.icon, text.colour
        self.name.setText(text.name)
        self.line.setText(text.line)
        self.theme.dress(self.line, text="error" if text.is_error else "muted")
        self.setAccessibleName(f"{text.name}, {text.line}")
        self.update()

    def stand_in_for(self, dock: QDockWidget) -> None:
        """Become the title bar of a dock, with its buttons; the dock is moved by it as by Qt's own."""
        self._dock = dock
        for text, slot in (("Float", self._toggle_floating), ("Close", dock.close)):
            button = QToolButton(self)
            button.setAutoRaise(True)
            button.setToolTip(text)
            button.setAccessibleName(text)
            button.clicked.connect(slot)
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
            self._buttons.append(button)
        dock.setTitleBarWidget(self)
        dock.featuresChanged.connect(self._on_features_changed)
        self._on_features_changed(dock.features())
        self._measure()

    def fixed_height(self) -> int:
        """Return the height of the theme."""
        return self.theme.metrics.inspector_header

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon."""
        metrics = self.theme.metrics
        painter = QPainter(self)
        side = metrics.header_icon
        top = (metrics.inspector_header - side) / 2 + self.theme.pxf(1)
        room = QRectF(metrics.edge, top, side, side)
        self._icons.paint(painter, self._icon, self._colour, room)
        painter.end()

    def _measure(self) -> None:
        metrics = self.theme.metrics
        left = metrics.edge + metrics.header_icon + self.theme.px(11)
        self._row.setContentsMargins(left, 0, self.theme.px(10), 0)
        self._row.setSpacing(self.theme.px(2))
        self._lines.setSpacing(0)
        side = self.theme.px(22)
        for button, icon in zip(self._buttons, ("float", "close"), strict=False):  # none while it is in no dock
            self._icons.follow(button, icon, "disabled", metrics.tiny_icon)
            button.setIconSize(QSize(metrics.tiny_icon, metrics.tiny_icon))
            button.setFixedSize(side, side + self.theme.px(8))
        self.updateGeometry()
        self.update()

    def _toggle_floating(self) -> None:
        if self._dock is not None:
            self._dock.setFloating(not self._dock.isFloating())

    def _on_features_changed(self, features: QDockWidget.DockWidgetFeature) -> None:
        for button, feature in zip(
            self._buttons, (_Feature.DockWidgetFloatable, _Feature.DockWidgetClosable), strict=True
        ):
            button.setVisible(bool(features & feature))
