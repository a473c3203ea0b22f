"""The tool bar: actions as declared, then Export CSV, and at the right what is counted for and the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSpinBox, QToolBar, QToolButton, QWidget

from paramdesk.engine.shape import FRAMEWORKS, NAMES
from paramdesk.engine.summary import Precision
from paramdesk.ui.controls.wide_list import WideListCombo

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from paramdesk.ui.document.document import Document
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme
    from paramdesk.ui.window.action_set import ActionSet

__all__ = ["CountingFields", "ToolBar"]

# Ids of actions; None parts groups.
LEFT = (
    "file.new", "file.open", "file.save", None, "edit.undo", "edit.redo", None,
    "layer.group", "edit.duplicate", "edit.delete", None,
)  # fmt: skip
WITH_TEXT = "file.export_csv"
LARGEST_BATCH = 1_000_000


class CountingFields(QWidget):
    """Batch, precision and convention: what is counted for, and as whom."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        """Show and change what `document` counts for."""
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self.batch = QSpinBox(self)
        self.batch.setRange(1, LARGEST_BATCH)
        self.batch.setGroupSeparatorShown(True)
        self.batch.setKeyboardTracking(False)
        self.batch.setAccessibleName("Batch size")
        self.batch.setToolTip("Batch size: multiplies MACs and activation bytes")
        self.batch.setStatusTip("How many samples MACs and activation bytes are counted for")
        self.precision = WideListCombo(self)
        self.precision.addItems(get_args(Precision))
        self.precision.setAccessibleName("Precision")
        self.precision.setToolTip("Precision: what one value takes in memory")
        self.precision.setStatusTip("What bytes are counted for: the type of weights and activations")
        self.convention = WideListCombo(self)
        for framework in FRAMEWORKS:
            self.convention.addItem(NAMES[framework], framework)
        self.convention.setAccessibleName("Count as")
        self.convention.setToolTip(
            "Count as Keras or PyTorch does, and name kinds and weights so;\n"
            "the network stays what it is, and so does what it can take"
        )
        self.convention.setStatusTip("Whose way of counting: PyTorch tells parameters from buffers, Keras does not")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._labels = []
        for text, field in (("Batch", self.batch), ("Precision", self.precision), ("Count as", self.convention)):
            label = QLabel(text, self)
            label.setBuddy(field)
            theme.dress(label, font="small", text="text2")
            self._labels.append(label)
            row.addWidget(label)
            row.addWidget(field)
        self._row = row
        self._measure()
        self.refresh()
        self.batch.valueChanged.connect(self._on_changed)
        self.precision.currentTextChanged.connect(self._on_changed)
        self.convention.currentIndexChanged.connect(self._on_changed)
        document.changed.connect(self.refresh)
        document.replaced.connect(self.refresh)
        theme.theme_changed.connect(self._measure)

    def refresh(self) -> None:
        """Show what the document counts for."""
        fields = (self.batch, self.precision, self.convention)
        for field in fields:
            field.blockSignals(True)
        self.batch.setValue(self._document.batch)
        self.precision.setCurrentText(self._document.precision)
        self.convention.setCurrentIndex(FRAMEWORKS.index(self._document.summary.convention))
        for field in fields:
            field.blockSignals(False)

    def _on_changed(self) -> None:
        self._document.count_for(
            self.batch.value(), cast("Precision", self.precision.currentText()), self.convention.currentData()
        )

    def _measure(self) -> None:
        px = self._theme.px
        self._row.setSpacing(px(8))
        self.batch.setFixedWidth(px(64))
        self.precision.setFixedWidth(px(92))
        self.convention.setFixedWidth(px(84))
        for label in self._labels[1:]:
            label.setContentsMargins(px(8), 0, 0, 0)


class ToolBar(QToolBar):
    """One row of 40 px under the menus. It stays where it is."""

    def __init__(
        self,
        actions: ActionSet,
        document: Document,
        theme: Theme,
        icons: Icons,
        parent: QWidget | None = None,
    ) -> None:
        """Place the actions; `theme_button.clicked` is for whoever changes the theme."""
        super().__init__("Tool bar", parent)
        self._theme = theme
        self._icons = icons
        self._document = document
        self.setObjectName("tool_bar")
        self.setMovable(False)
        self.setFloatable(False)
        # Hiding it from a context menu would leave no way back in sight.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._edges = [self._space()]
        for name in LEFT:
            if name is None:
                self.addSeparator()
            else:
                self._add(actions[name])
        self._add(actions[WITH_TEXT]).setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        spacer = QWidget(self)
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self.fields = CountingFields(document, theme, self)
        self.addWidget(self.fields)
        self.addSeparator()
        self.theme_button = QToolButton(self)
        self.theme_button.setAutoRaise(True)
        self.addWidget(self.theme_button)
        self._edges.append(self._space())
        self._measure()
        theme.theme_changed.connect(self._measure)
        actions.completed.connect(self._dress_rest)

    def _dress_rest(self) -> None:
        """Give the button behind which stands what has no room an icon that is seen on dark ground too."""
        button = cast("QToolButton", self.findChild(QToolButton, "qt_toolbar_ext_button"))
        self._icons.follow(button, "more")
        button.setToolTip("What has no room")
        button.setAccessibleName("What has no room in the tool bar")

    def _space(self) -> QWidget:
        """Room at an end of the bar, whose layout knows no margins but those of the style."""
        space = QWidget(self)
        self.addWidget(space)
        return space

    def _add(self, action: QAction) -> QToolButton:
        self.addAction(action)
        button = cast("QToolButton", self.widgetForAction(action))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(action.iconText())
        if action.objectName() == WITH_TEXT:
            self._theme.dress(button, font="base", text="text2")
        return button

    def _measure(self) -> None:
        metrics = self._theme.metrics
        px = self._theme.px
        self.setFixedHeight(metrics.tool_bar)
        self.setIconSize(QSize(metrics.icon, metrics.icon))
        for space in self._edges:
            space.setFixedWidth(px(4))
        name = "sun" if self._theme.is_dark else "moon"
        text = f"Use the {'light' if self._theme.is_dark else 'dark'} theme"
        self._icons.follow(self.theme_button, name)
        self.theme_button.setToolTip(text)
        self.theme_button.setAccessibleName(text)
