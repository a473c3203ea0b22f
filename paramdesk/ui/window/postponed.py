"""A panel that is made right after the first paint of its window, or earlier if somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtWidgets import QWidget

from paramdesk.ui.controls.placeholder import Placeholder

if TYPE_CHECKING:
    from collections.abc import Callable

    from paramdesk.ui.style.theme import Theme
    from paramdesk.ui.window.workspace import Workspace

__all__ = ["Postponed"]

Panel = TypeVar("Panel", bound=QWidget)


class Postponed(Generic[Panel]):
    """The panel of one dock: its parts take a while to load, and the first paint need not wait for them.

    Attributes:
        placeholder: what stands in the dock until then.
    """

    def __init__(self, theme: Theme, workspace: Workspace, name: str, make: Callable[[], Panel]) -> None:
        """Postpone the panel of the dock of a name, which `make` makes."""
        self.placeholder = Placeholder(theme, "panel", workspace)
        self.placeholder.seen.connect(self.panel)
        self._workspace = workspace
        self._name = name
        self._make = make
        self._panel: Panel | None = None

    def panel(self) -> Panel:
        """The panel; it is made now, if it was not yet."""
        if self._panel is None:
            self._panel = self._make()
            self._workspace.docks[self._name].setWidget(self._panel)
            self.placeholder.deleteLater()
        return self._panel
