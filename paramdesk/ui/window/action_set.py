"""Makes the declared actions, their menus and their place in the tool bar, and keeps them up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
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
    """The actions of one window.

    Attributes:
        menus: every menu by its path of texts.
    """

    def __init__(
        self,
        document: Document,
        icons: Icons,
        owners: Mapping[str, QObject],
        states: Mapping[str, Callable[[], bool]],
        parent: QObject,
    ) -> None:
        """Make the actions.

        Args:
            document: what `enabled` asks.
            icons: tinted anew with the theme.
            owners: the objects that handlers name.
            states: the answers that `checked` names.
            parent: owns everything.
        """
        super().__init__(parent)
        self._document = document
        self._icons = icons
        self._states = states
        self._has_icons = False
        self._actions: dict[str, QAction] = {}
        self.menus: dict[tuple[str, ...], QMenu] = {}
        for spec in ACTIONS:
            self._actions[spec.id] = self._made(spec, owners)
        # After every edit, also one that merges; `changed` would come before the undo stack knows its step.
        document.undo_stack.indexChanged.connect(self.refresh)
        document.replaced.connect(self.refresh)
        document.selection.changed.connect(self.refresh)
        self.refresh()

    def __getitem__(self, name: str) -> QAction:
        """Return an action by its id."""
        return self._actions[name]

    def fill_menu_bar(self, bar: QMenuBar) -> None:
        """Make every menu, in the order of the declarations."""
        for text in MENUS:
            self.menus[text,] = bar.addMenu(text)
            self.menus[text,].aboutToShow.connect(self._draw_icons)
        for spec in ACTIONS:
            is_new = spec.menu not in self.menus
            menu = self._menu(spec.menu, separated=spec.separated)
            if spec.separated and not is_new and menu.actions():
                menu.addSeparator()
            menu.addAction(self._actions[spec.id])
            if spec.id in FILLED_MENUS:
                self._menu(FILLED_MENUS[spec.id], separated=False)

    def row_menu(self, parent: QWidget) -> QMenu:
        """Make the menu that a row shows."""
        menu = QMenu(parent)
        menu.setObjectName("row_menu")
        menu.aboutToShow.connect(self._draw_icons)
        for name in ROW_MENU:
            if name is None:
                menu.addSeparator()
            else:
                menu.addAction(self._actions[name])
        return menu

    def refresh(self) -> None:
        """Enable, tick and name the actions as the document is now."""
        for spec in ACTIONS:
            action = self._actions[spec.id]
            if spec.enabled is not None:
                action.setEnabled(spec.enabled(self._document))
            if spec.checked:
                action.setChecked(self._states[spec.checked]())
        stack = self._document.undo_stack
        self._name_step("edit.undo", "&Undo", stack.undoText())
        self._name_step("edit.redo", "&Redo", stack.redoText())

    def _name_step(self, name: str, verb: str, step: str) -> None:
        action = self._actions[name]
        text = f"{verb} {step.replace('&', '&&')}".rstrip()
        if action.text() != text:
            action.setText(text)
            action.setToolTip(_tool_tip(f"{verb.replace('&', '')} {step}".rstrip(), action))

    def _made(self, spec: ActionSpec, owners: Mapping[str, QObject]) -> QAction:
        action = QAction(spec.text, self.parent())
        action.setObjectName(spec.id)
        action.setStatusTip(spec.tip)
        action.setIconText(spec.plain_text)
        action.setShortcuts(spec.sequences())
        action.setToolTip(_tool_tip(spec.plain_text, action))
        action.setMenuRole(spec.role)
        action.setCheckable(bool(spec.checked))
        if spec.tool:
            self._icons.follow(action, spec.icon)
        owner, _, method = spec.handler.partition(".")
        # A bound method of a QObject: its class must take no argument, or Qt would pass "checked".
        action.triggered.connect(getattr(owners[owner], method))
        if spec.checked:
            # Qt has ticked it by itself; only the state that it names decides.
            action.triggered.connect(self.refresh)
        return action

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
                if spec.icon and not spec.tool:
                    self._icons.follow(self._actions[spec.id], spec.icon)


def _tool_tip(text: str, action: QAction) -> str:
    keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
    return f"{text} ({keys})" if keys else text
