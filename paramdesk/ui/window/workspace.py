"""The middle of the window: the stack and the docks around it, their first places, hiding and restoring them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QWidget

from paramdesk.ui.controls.dock_title import DockTitle
from paramdesk.ui.controls.placeholder import Placeholder
from paramdesk.ui.settings import STATE_VERSION
from paramdesk.ui.window.bottom_sharing import BOTTOM, BottomSharing
from paramdesk.ui.window.dock import PLACES, Dock
from paramdesk.ui.window.dock_sharing import LEAST_STACK, side_widths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtGui import QResizeEvent, QShowEvent

    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

__all__ = ["Workspace"]

_Area = Qt.DockWidgetArea

WINDOW = "window"
# In a low window, or with large text, the stack keeps the larger part of the height.
MOST_AT_BOTTOM = 0.47


class Workspace(QMainWindow):
    """A main window inside the window, so that totals and notices span the whole width above the docks.

    Signals:
        docks_changed: a dock was shown or hidden.

    Attributes:
        docks: by name: palette, inspector, table, chart.
    """

    docks_changed = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._scale = theme.scale
        self._first_state = b""
        self._has_layout = False
        self._normal_sizes: dict[str, tuple[float, float]] = {}
        self._wanted: dict[str, float] = {}
        self._kept: float = LEAST_STACK
        self._heights: dict[str, float] = {}
        self._chosen: dict[str, QSize] = {}
        self._chosen_in = QSize()
        self._pressed_at: dict[str, QSize] = {}
        self._shown_at_bottom: tuple[str, ...] = BOTTOM
        self.docks: dict[str, Dock] = {}
        self._bottom = BottomSharing(self, theme)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setObjectName("workspace")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.setCorner(Qt.Corner.TopLeftCorner, _Area.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomLeftCorner, _Area.BottomDockWidgetArea)
        self.setCorner(Qt.Corner.TopRightCorner, _Area.RightDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, _Area.RightDockWidgetArea)
        theme.theme_changed.connect(self._on_theme_changed)

    def add(self, name: str, title: str, panel: QWidget, controls: Sequence[QWidget] = ()) -> Dock:
        """Put a panel into its dock, with controls of its own in the title."""
        area, ground, line, _width, _height = PLACES[name]
        dock = self._placed(name, title, panel, area)
        dock.setTitleBarWidget(DockTitle(self._theme, self._icons, dock, ground=ground, line=line))
        self.add_controls(name, controls)
        return dock

    def add_controls(self, name: str, controls: Sequence[QWidget]) -> None:
        """Put controls of its panel into the title of a dock."""
        bar = self.docks[name].titleBarWidget()
        assert isinstance(bar, DockTitle)
        for control in controls:
            bar.add_widget(control)

    def add_titled(self, name: str, title: str, panel: QWidget) -> Dock:
        """Put a panel that makes the title bar of its dock itself into a dock."""
        area, ground, _line, _width, _height = PLACES[name]
        dock = self._placed(name, title, panel, area)
        # Until then nothing stands there, rather than Qt's own.
        dock.setTitleBarWidget(Placeholder(self._theme, ground, dock))
        return dock

    def _placed(self, name: str, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> Dock:
        dock = Dock(self._theme, name, title, self)
        dock.setWidget(panel)
        self.addDockWidget(area, dock)
        dock.visibilityChanged.connect(self.docks_changed)
        self.docks[name] = dock
        return dock

    def release(self) -> None:
        """Say no more of the docks: the window is being taken apart."""
        for dock in self.docks.values():
            dock.visibilityChanged.disconnect(self.docks_changed)

    # Showing and hiding ---------------------------------------------------------------------------------------------

    def is_shown(self, name: str) -> bool:
        """Whether a dock is not hidden (it may stand behind another one as a tab)."""
        return not self.docks[name].isHidden()

    def is_bottom_shown(self) -> bool:
        """Whether table or chart is shown."""
        return any(self.is_shown(name) for name in BOTTOM)

    def show_dock(self, name: str) -> None:
        """Show a dock, in front of others in its place."""
        self.docks[name].show()
        self.docks[name].raise_()
        # It may have been hidden in a window that had more room, or less.
        QTimer.singleShot(0, self, self._share_again)

    def toggle(self, name: str) -> None:
        """Hide a dock, or show it."""
        if self.is_shown(name):
            self.docks[name].hide()
        else:
            self.show_dock(name)
        self.docks_changed.emit()

    def toggle_bottom(self) -> None:
        """Hide table and chart, or show those again that were hidden so."""
        shown = tuple(name for name in BOTTOM if self.is_shown(name))
        if shown:
            self._shown_at_bottom = shown
        for name in shown or self._shown_at_bottom:
            self.docks[name].setVisible(not shown)
        self.docks_changed.emit()
        QTimer.singleShot(0, self, self._share_again)

    # Layout ---------------------------------------------------------------------------------------------------------

    def state(self) -> bytes:
        """Places and sizes of the docks."""
        return bytes(self.saveState(STATE_VERSION).data())

    def widths(self) -> dict[str, float]:
        """The widths of what stands beside the stack, where there is room enough, at a 13 px base font."""
        return dict(self._wanted)

    def heights(self) -> dict[str, float]:
        """The heights of table and chart as they were chosen, and that of the window then, at a 13 px base font."""
        chosen = {name: size for name, size in self._chosen.items() if name in BOTTOM}
        return {name: size.height() / self._theme.scale for name, size in (chosen | {WINDOW: self._chosen_in}).items()}

    def restore(self, state: bytes, widths: Mapping[str, float], heights: Mapping[str, float]) -> bool:
        """Put the docks to where they were; remember their first places. Return whether the state could be used.

        Args:
            state: places and sizes.
            widths: what they should have beside the stack, if there is room.
            heights: what they had below it, and the height of the window when they got it.
        """
        self._heights = dict(heights)
        self._first_state = self.state()
        self._wanted = {name: width for name, width in widths.items() if name in self.docks}
        self._has_layout = bool(state) and self.restoreState(state, STATE_VERSION)
        return self._has_layout

    def showEvent(self, event: QShowEvent) -> None:
        """Give the docks their first sizes; before there is a size to share, Qt would not keep them."""
        super().showEvent(event)
        if not self._has_layout:
            self._has_layout = True
            self._size_docks()
            return
        self._share_sides()
        self._note_sizes()
        # Qt moves the docks only once it is back in its loop.
        QTimer.singleShot(0, self, self._note_restored)

    def _note_restored(self) -> None:
        """Note the sizes; what was chosen in a higher window than this holds again in one that is as high."""
        self._note_sizes()
        self._bottom.note()
        heights, self._heights = self._heights, {}
        high = round(heights.get(WINDOW, 0) * self._theme.scale)
        if high > self._chosen_in.height():
            self._chosen_in.setHeight(high)
            for name, size in self._chosen.items():
                if name in BOTTOM and name in heights:
                    size.setHeight(round(heights[name] * self._theme.scale))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room as the user has: what a small window squeezes is as before in a large one."""
        super().resizeEvent(event)
        if not self._has_layout or not self.isVisible():
            return
        self._share_sides()
        docked = self._docked()
        if docked.keys() != self._chosen.keys():
            self._note_sizes()
            return
        across = self.width() / max(1, self._chosen_in.width())
        most = max(round(MOST_AT_BOTTOM * self.height()), 1)
        bottom = [name for name in docked if name in BOTTOM]
        widths = [round(self._chosen[name].width() * across) for name in bottom]
        self._size(bottom, widths, Qt.Orientation.Horizontal)
        tall = self._chosen_in.height()
        heights = [self._chosen[name].height() for name in bottom]
        if self.height() < tall:
            heights = [min(height, max(most, round(height * self.height() / tall))) for height in heights]
        self._size(bottom, heights, Qt.Orientation.Vertical)

    def event(self, event: QEvent) -> bool:
        """Notice when the user has moved the border between two parts; a mere click is no choice."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed_at = self._sizes()
        done = super().event(event)
        if event.type() == QEvent.Type.MouseButtonRelease and self._sizes() != self._pressed_at:
            self._note_sides()
            self._note_sizes()
            self._bottom.note()
        return done

    def _note_sides(self) -> None:
        """Take what the user has given to a part beside the stack for what it should have, and so the stack's rest."""
        for name, dock in self._sides().items():
            if name in self._pressed_at and dock.width() != self._pressed_at[name].width():
                self._wanted[name] = dock.width() / self._theme.scale
                stack = self.centralWidget()
                assert stack is not None
                self._kept = min(LEAST_STACK, stack.width() / self._theme.scale)

    def _share_again(self) -> None:
        self._share_sides()
        self._bottom.share()

    def _share_sides(self) -> None:
        """Give what stands beside the stack the widths that it should have, as far as the stack keeps its own."""
        sides, scale = self._sides(), self._theme.scale
        wanted = {
            name: round(self._wanted.setdefault(name, dock.width() / scale) * scale) for name, dock in sides.items()
        }
        least = {name: dock.minimumSizeHint().width() for name, dock in sides.items()}
        room = self.width() - 2 * self._theme.metrics.splitter_grip
        widths = side_widths(wanted, least, room, self._theme.px, round(self._kept * scale))
        self._size(list(widths), list(widths.values()), Qt.Orientation.Horizontal)

    def _sides(self) -> dict[str, Dock]:
        return {name: dock for name, dock in self._docked().items() if name not in BOTTOM}

    def _docked(self) -> dict[str, Dock]:
        """The docks that stand in the window, in sight."""
        # While a state is restored, a resize may come between two docks.
        placed = {n: d for n, d in self.docks.items() if self.dockWidgetArea(d) is not _Area.NoDockWidgetArea}
        return {name: dock for name, dock in placed.items() if dock.isVisible() and not dock.isFloating()}

    def _sizes(self) -> dict[str, QSize]:
        return {name: dock.size() for name, dock in self._docked().items()}

    def _note_sizes(self) -> None:
        self._chosen = self._sizes()
        self._chosen_in = self.size()

    def _size(self, names: Sequence[str], sizes: Sequence[int], orientation: Qt.Orientation) -> None:
        if names:
            self.resizeDocks([self.docks[name] for name in names], list(sizes), orientation)

    def reset(self) -> None:
        """Put the docks to their first places and sizes."""
        self.restoreState(self._first_state, STATE_VERSION)
        self._size_docks()
        self.docks_changed.emit()

    def _size_docks(self) -> None:
        metrics = self._theme.metrics
        # An area ends at the hairline, which is drawn in the middle of a wider separator.
        half = metrics.splitter_grip // 2
        rest = metrics.splitter_grip - half
        docks = self.docks
        scale = self._theme.scale
        sides = {"palette": metrics.palette_width - half, "inspector": metrics.inspector_width - rest}
        self._wanted, self._kept = {name: width / scale for name, width in sides.items()}, LEAST_STACK
        self._settle()
        self._share_sides()
        usual = metrics.bottom_height - rest
        bottom = min(usual, round(MOST_AT_BOTTOM * self.height()))
        # In a low window they have less, for as long as it is low.
        self._heights = dict.fromkeys(BOTTOM, usual / scale) | {WINDOW: usual / scale / MOST_AT_BOTTOM}
        self.resizeDocks([docks[name] for name in BOTTOM], [bottom] * 2, Qt.Orientation.Vertical)
        self._settle()
        self._bottom.share_first(self.width() - docks["inspector"].width() - 2 * metrics.splitter_grip)
        self._note_sizes()
        # Qt moves the docks only once it is back in its loop.
        QTimer.singleShot(0, self, self._note_restored)

    def _settle(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()

    def _on_theme_changed(self) -> None:
        former, self._scale = self._scale, self._theme.scale
        if self._scale == former:
            return
        docks = self._docked()
        normal = self._theme.scale / self._theme.text_scale
        if former == normal or self._normal_sizes.keys() != docks.keys():
            # What a narrow window cuts off while the text is large must not be lost for good.
            self._normal_sizes = {n: (d.width() / former, d.height() / former) for n, d in docks.items()}
        # Only once every part has taken its new sizes over.
        QTimer.singleShot(0, self, self.rescale)

    def rescale(self) -> None:
        """Give the docks as much more room as their text needs, and the sizes they had when it is normal again."""
        for dock in self.docks.values():
            dock.bound()
        docks = [name for name in self._docked() if name in self._normal_sizes and name in BOTTOM]
        self._settle()
        self._share_sides()
        widths = [min(round(self._normal_sizes[name][0] * self._scale), self.width()) for name in docks]
        tallest = round(MOST_AT_BOTTOM * self.height())
        heights = [min(round(self._normal_sizes[name][1] * self._scale), tallest) for name in docks]
        self._size(docks, widths, Qt.Orientation.Horizontal)
        self._size(docks, heights, Qt.Orientation.Vertical)
        self._note_sizes()
        # Qt moves the docks only once it is back in its loop.
        QTimer.singleShot(0, self, self._note_sizes)
