"""A part of a window that is made right after the first paint, or earlier if somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtWidgets import QWidget

from paramdesk.ui.controls.placeholder import Placeholder

if TYPE_CHECKING:
    from collections.abc import Callable

    from paramdesk.ui.style.theme import Ground, Theme

__all__ = ["Postponed"]

Panel = TypeVar("Panel", bound=QWidget)


class Postponed(Generic[Panel]):
    """A panel whose parts take a while to load: the first paint need not wait for them."""

    def __init__(
        self, theme: Theme, ground: Ground, parent: QWidget, make: Callable[[], Panel], put: Callable[[Panel], object]
    ) -> None:
        """Postpone a panel.

        Args:
            theme: the look of the placeholder.
            ground: what it is painted with.
            parent: whose part it is.
            make: makes the panel.
            put: puts it into the place of the placeholder.
        """
        self._placeholder: Placeholder | None = Placeholder(theme, ground, parent)
        self._make = make
        self._put = put
        self._panel: Panel | None = None

    @property
    def shown(self) -> QWidget:
        """The panel, or what stands in its place until it is made."""
        shown = self._placeholder or self._panel
        assert shown is not None
        return shown

    def panel(self) -> Panel:
        """The panel; it is made now, if it was not yet."""
        if self._panel is None:
            self._panel = self._make()
            self._put(self._panel)
            if self._placeholder is not None:
                self._placeholder.deleteLater()
                self._placeholder = None
        return self._panel

    def make_when_seen(self) -> None:
        """Make the panel once its place is seen from now on, if it is not made yet."""
        if self._placeholder is not None:
            self._placeholder.seen.connect(self.panel)
            self._placeholder.watch()
