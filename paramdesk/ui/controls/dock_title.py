"""The title bar of a dock: its title, its own controls, and how to float and close it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton, QDockWidget, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from paramdesk.ui.controls.elided_label import ElidedLabel
from paramdesk.ui.controls.title_bar import TitleBar

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent, QPaintEvent, QResizeEvent

    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Ground, Theme

__all__ = ["DockTitle"]

_Feature = QDockWidget.DockWidgetFeature


class DockTitle(TitleBar):
    """A title bar for `QDockWidget.setTitleBarWidget`; the dock is dragged by it as by Qt's own.

    Attributes:
        title: the label, which follows the dock's window title.
    """

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        dock: QDockWidget,
        *,
        ground: Ground = "surface",
        line: bool = True,
    ) -> None:
        """Make the title bar of `dock` on a ground, with or without a hairline below."""
        super().__init__(theme, dock)
        self._line = line
        theme.dress(self, ground=ground)
        theme.dress(dock, ground=ground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.title = ElidedLabel(dock.windowTitle(), self)
        theme.dress(self.title, font="small_strong", text="text2")
        self._icons = icons
        self._more = self._button("What has no room")
        self._more.hide()
        self._float = self._button("Float")
        self._close = self._button("Close")
        self._controls: list[QWidget] = []
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.title, 1)
        self._row.addStretch()  # where the title is left out
        self._row.addWidget(self._more)
        self._row.addWidget(self._float)
        self._row.addWidget(self._close)
        self._measure()
        self._on_features_changed(dock.features())
        self._on_top_level_changed(dock.isFloating())
        self._more.clicked.connect(self._open_menu_below)
        self._float.clicked.connect(self._toggle_floating)
        self._close.clicked.connect(dock.close)
        dock.windowTitleChanged.connect(self.title.setText)
        dock.featuresChanged.connect(self._on_features_changed)
        dock.topLevelChanged.connect(self._on_top_level_changed)
        theme.theme_changed.connect(self._measure)

    def add_widget(self, widget: QWidget) -> None:
        """Put a control to the right, before the buttons of the dock."""
        self._controls.append(widget)
        self._row.insertWidget(self._row.count() - 3, widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def fixed_height(self) -> int:
        """Return the height of the theme."""
        return self.theme.metrics.dock_title

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room."""
        super().resizeEvent(event)
        self._share()

    def event(self, event: QEvent) -> bool:
        """Share the room anew when a control needs another one."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._share()
        return super().event(event)

    def _share(self) -> None:
        """Rather than cutting controls, leave out the title, then the button that floats the dock, then controls.

        Of the controls the first are the most important. What is left out stands behind a button, if that has room, and
        in the context menu.
        """
        spacing, more = self._row.spacing(), self._more.width() + self._row.spacing()
        shown = self._fitting(self._room())
        if shown != self._controls:
            shown = self._fitting(self._room() - more) or shown[:1]
        for control in self._controls:
            control.setVisible(control in shown)
        room = self._room() - sum(_usual(control) + spacing for control in shown)
        can_float = bool(self._dock().features() & _Feature.DockWidgetFloatable)
        is_whole = shown == self._controls
        floats = can_float and is_whole and room >= self._float.width() + spacing
        self._float.setVisible(floats)
        left = self._room() - sum(_least(control) + spacing for control in shown)
        self._more.setVisible((not is_whole or (can_float and not floats)) and left >= more)
        room -= (self._float.width() + spacing) * can_float
        self.title.setVisible(not self._controls or room >= self.title.sizeHint().width() + spacing)

    def _fitting(self, room: int) -> list[QWidget]:
        """The controls that have room, each as narrow as it may become."""
        shown = []
        for control in self._controls:
            least = _least(control) + self._row.spacing()
            if room >= least:
                room -= least
                shown.append(control)
        return shown

    # What is left out -----------------------------------------------------------------------------------------------

    def menu(self) -> QMenu:
        """What the bar can do, with the controls that are out of sight."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for control in self._controls:
            if control.isHidden():
                for button in [control] if isinstance(control, QAbstractButton) else _buttons_in(control):
                    action = menu.addAction(button.text() or button.accessibleName())
                    action.setCheckable(button.isCheckable())
                    action.setChecked(button.isChecked())
                    action.triggered.connect(button.click)
                menu.addSeparator()
        for button, feature in (
            (self._float, _Feature.DockWidgetFloatable),
            (self._close, _Feature.DockWidgetClosable),
        ):
            if self._dock().features() & feature:
                menu.addAction(button.accessibleName()).triggered.connect(button.click)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what the bar can do."""
        self.menu().popup(event.globalPos())

    def _open_menu_below(self) -> None:
        self.menu().popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def minimumSizeHint(self) -> QSize:
        """Return room for the first control and the cross, whatever is in sight now: the rest may be left out."""
        first = sum(_least(control) + self._row.spacing() for control in self._controls[:1])
        return self._allowed(self.width() - self._room() + first)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the hairline below."""
        if self._line:
            painter = QPainter(self)
            painter.fillRect(0, self.height() - 1, self.width(), 1, self.theme.tokens.hairline)
            painter.end()

    def _room(self) -> int:
        """What margins and the cross leave for everything else."""
        margins = self._row.contentsMargins()
        return self.width() - margins.left() - margins.right() - self._close.width()

    def _button(self, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setToolTip(text)
        button.setAccessibleName(text)
        return button

    def _measure(self) -> None:
        metrics = self.theme.metrics
        edge = metrics.edge
        self._row.setContentsMargins(edge, 0, self.theme.px(6), 1 if self._line else 0)
        self._row.setSpacing(metrics.space)
        side = self.theme.px(22)
        for button, icon in ((self._more, "more"), (self._float, "float"), (self._close, "close")):
            # The bar's icons stay in the background: they are the same on every dock.
            self._icons.follow(button, icon, "disabled", metrics.tiny_icon)
            button.setIconSize(QSize(metrics.tiny_icon, metrics.tiny_icon))
            button.setFixedSize(side, side)
        self.updateGeometry()

    def _dock(self) -> QDockWidget:
        dock = self.parent()
        assert isinstance(dock, QDockWidget)
        return dock

    def _toggle_floating(self) -> None:
        dock = self._dock()
        dock.setFloating(not dock.isFloating())

    def _on_features_changed(self, features: QDockWidget.DockWidgetFeature) -> None:
        self._float.setVisible(bool(features & _Feature.DockWidgetFloatable))
        self._close.setVisible(bool(features & _Feature.DockWidgetClosable))

    def _on_top_level_changed(self, floating: bool) -> None:
        text = "Put back" if floating else "Float"
        self._float.setToolTip(text)
        self._float.setAccessibleName(text)


def _least(control: QWidget) -> int:
    """How narrow a control may become: a minimum that is set beats what it asks for."""
    return control.minimumWidth() or control.minimumSizeHint().width()


def _buttons_in(control: QWidget) -> list[QAbstractButton]:
    return control.findChildren(QAbstractButton)


def _usual(control: QWidget) -> int:
    return max(control.minimumWidth(), min(control.sizeHint().width(), control.maximumWidth()))
