"""Makes the declared actions, their menus and their place in the tool bar, and keeps them up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from paramdesk.ui.window.actions import ACTIONS, FILLED_MENUS, MENUS, ROW_MENU

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QMenuBar, QWidget

    from paramdesk.ui.document.document import Document
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.window.actions import ActionSpec

__all__ = ["ActionSet"]


class ActionSet(QObject):
    """The actions of one window. Those that are not in sight are made when they are asked for, or by `complete`.

    Signals:
        completed: every action is there, and the menus are filled.

    Attributes:
        is_complete: whether every action is there.
        menus: every menu by its path of texts.
    """

    completed = Signal()

    def __init__(
        self,
        document: Document,
        icons: Icons,
        owner: Callable[[str], QObject],
        states: Mapping[str, Callable[[], bool]],
        parent: QObject,
    ) -> None:
        """Make the actions of the tool bar.

        Args:
            document: what `enabled` asks.
            icons: tinted anew with the theme.
            owner: the objects that handlers name; asked when an action is triggered.
            states: the answers that `checked` names.
            parent: owns everything.
        """
        super().__init__(parent)
        self._document = document
        self._icons = icons
        self._owner = owner
        self._states = states
        self.is_complete = False
        self._has_icons = False
        self._specs = {spec.id: spec for spec in ACTIONS}
        self._actions: dict[str, QAction] = {}
        self.menus: dict[tuple[str, ...], QMenu] = {}
        for spec in ACTIONS:
            if spec.tool:
                self._make(spec)
        # After every edit, also one that merges; `changed` would come before the undo stack knows its step.
        document.undo_stack.indexChanged.connect(self.refresh)
        document.replaced.connect(self.refresh)
        document.selection.changed.connect(self.refresh)
        self.refresh()

    def __getitem__(self, name: str) -> QAction:
        """Return an action by its id."""
        if name not in self._actions:
            self._make(self._specs[name])
            self._refresh(self._specs[name])
        return self._actions[name]

    def add_menus(self, bar: QMenuBar) -> None:
        """Put the menus into the bar; `complete` fills them."""
        for text in MENUS:
            self.menus[text,] = bar.addMenu(text)
            self.menus[text,].aboutToShow.connect(self.complete)
            self.menus[text,].aboutToShow.connect(self._draw_icons)

    def complete(self) -> None:
        """Make what is not there yet, and fill the menus in the order of the declarations.

        A window does so right after its first paint, for shortcuts to be heard.
        """
        if self.is_complete:
            return
        self.is_complete = True
        for spec in ACTIONS:
            is_new = spec.menu not in self.menus
            menu = self._menu(spec.menu, separated=spec.separated)
            if spec.separated and not is_new and menu.actions():
                menu.addSeparator()
            menu.addAction(self[spec.id])
            if spec.id in FILLED_MENUS:
                self._menu(FILLED_MENUS[spec.id], separated=False)
        self.completed.emit()

    def row_menu(self, parent: QWidget) -> QMenu:
        """Make the menu that a row shows."""
        menu = QMenu(parent)
        menu.setObjectName("row_menu")
        menu.aboutToShow.connect(self._draw_icons)
        for name in ROW_MENU:
            if name is None:
                menu.addSeparator()
            else:
                menu.addAction(self[name])
        return menu

    def refresh(self) -> None:
        """Enable, tick and name the actions as the document is now."""
        for name in self._actions:
            self._refresh(self._specs[name])
        stack = self._document.undo_stack
        self._name_step("edit.undo", "&Undo", stack.undoText())
        self._name_step("edit.redo", "&Redo", stack.redoText())

    def _refresh(self, spec: ActionSpec) -> None:
        action = self._actions[spec.id]
        if spec.enabled is not None:
            action.setEnabled(spec.enabled(self._document))
        if spec.checked:
            action.setChecked(self._states[spec.checked]())

    def _name_step(self, name: str, verb: str, step: str) -> None:
        action = self._actions[name]
        text = f"{verb} {step.replace('&', '&&')}".rstrip()
        if action.text() != text:
            action.setText(text)
            action.setToolTip(_tool_tip(f"{verb.replace('&', '')} {step}".rstrip(), action))

    def _make(self, spec: ActionSpec) -> None:
        action = self._actions[spec.id] = QAction(spec.text, self.parent())
        action.setObjectName(spec.id)
        action.setStatusTip(spec.tip)
        action.setIconText(spec.plain_text)
        action.setShortcuts(spec.sequences())
        action.setToolTip(_tool_tip(spec.plain_text, action))
        action.setMenuRole(spec.role)
        action.setCheckable(bool(spec.checked))
        if spec.tool or (self._has_icons and spec.icon):
            self._icons.follow(action, spec.icon)
        action.triggered.connect(self._on_triggered)

    def _on_triggered(self) -> None:
        spec = self._specs[self.sender().objectName()]
        owner, _, method = spec.handler.partition(".")
        getattr(self._owner(owner), method)()
        if spec.checked:
            # Qt has ticked it by itself; only the state that it names decides.
            self.refresh()

    def _menu(self, path: tuple[str, ...], *, separated: bool) -> QMenu:
        menu = self.menus.get(path)
        if menu is None:
            parent = self.menus[path[:-1]]
            if separated and parent.actions():
                parent.addSeparator()
            menu = self.menus[path] = parent.addMenu(path[-1])
            menu.aboutToShow.connect(self._draw_icons)
        return menu

    def _draw_icons(self) -> None:
        """Give the actions that stand in menus only their icons, when the first menu opens."""
        if not self._has_icons:
            self._has_icons = True
            for spec in ACTIONS:
                if spec.icon and not spec.tool and spec.id in self._actions:
                    self._icons.follow(self._actions[spec.id], spec.icon)


def _tool_tip(text: str, action: QAction) -> str:
    keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
    return f"{text} ({keys})" if keys else text
