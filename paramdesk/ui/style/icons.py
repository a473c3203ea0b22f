"""Icons: one-colour SVG files, tinted from the theme.

Each file is rendered once per size and pixel ratio into a mask; a tint fills the mask with a
colour, which is so cheap that every state (normal, disabled, checked) gets its own pixmap.

A QIconEngine in Python would render lazily, but its `clone()` hands C++ an object that Python still
owns, and the first detached copy of such an icon ends the process.
"""

from __future__ import annotations

import itertools
import weakref
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap

from paramdesk.resources import resource_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paramdesk.ui.style.theme import Theme

__all__ = ["Icons"]

_MASK_COLOUR = b"#000000"
# Marks the part of a file that is filled while the icon is "on".
_ON = b'class="on"'


class _Iconed(Protocol):
    def setIcon(self, icon: QIcon, /) -> None: ...

    def isCheckable(self) -> bool: ...


class Icons(QObject):
    """Tinted icons of one theme.

    Signals:
        changed: icons got before are out of date (theme or screen changed); those given with
            `follow` are already renewed.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        """Draw in the colours and sizes of `theme`."""
        super().__init__(parent)
        self._theme = theme
        self._texts: dict[str, bytes] = {}
        self._masks: dict[tuple[str, int, float, bool], QPixmap] = {}
        self._pixmaps: dict[tuple[str, int, int, float, bool], QPixmap] = {}
        self._icons: dict[tuple[str, str, int, bool], QIcon] = {}
        self._followers: list[tuple[weakref.ref[_Iconed], str, str, int]] = []
        theme.theme_changed.connect(self._on_changed)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._on_changed)

    def icon(self, name: str, color: str = "text2", size: int = 0, *, checkable: bool = True) -> QIcon:
        """Return an icon for actions and buttons, sharp on every screen.

        Args:
            name: the file's name without its ending.
            color: a token or category name; disabled and checked states have their own.
            size: in scaled pixels; the tool bar's icon size if left out.
            checkable: whether it needs the looks of what is checked.
        """
        size = size or self._theme.metrics.icon
        key = (name, color, size, checkable)
        icon = self._icons.get(key)
        if icon is None:
            states = (QIcon.State.Off, QIcon.State.On) if checkable else (QIcon.State.Off,)
            icon = self._icons[key] = self._composed(name, self._theme.color(color), size, states)
        return icon

    def follow(self, target: _Iconed, name: str, color: str = "text2", size: int = 0) -> None:
        """Give an action or a button its icon, now and after every change of theme.

        Called again for the same target, the new name replaces the former.
        """
        self._followers = [row for row in self._followers if row[0]() is not None and row[0]() is not target]
        self._followers.append((weakref.ref(target), name, color, size))
        target.setIcon(self.icon(name, color, size, checkable=target.isCheckable()))

    def pixmap(
        self,
        name: str,
        color: QColor | str,
        size: int,
        ratio: float = 1.0,
        *,
        filled: bool = False,
    ) -> QPixmap:
        """Return a tinted pixmap for delegates: `size` scaled pixels, `ratio` device pixels each.

        `filled` also fills the part that marks "on" (the side of the dock icons).
        """
        colour = self._theme.color(color) if isinstance(color, str) else color
        key = (name, colour.rgba(), size, ratio, filled)
        pixmap = self._pixmaps.get(key)
        if pixmap is None:
            pixmap = self._pixmaps[key] = _tinted(self._mask(name, size, ratio, filled), colour)
        return pixmap

    def paint(self, painter: QPainter, name: str, color: QColor | str, rect: QRectF) -> None:
        """Draw an icon centred in `rect`, as large as its shorter side, on whole device pixels."""
        ratio = painter.device().devicePixelRatio()
        size = round(min(rect.width(), rect.height()))
        left = round((rect.center().x() - size / 2) * ratio) / ratio
        top = round((rect.center().y() - size / 2) * ratio) / ratio
        pixmap = self.pixmap(name, color, size, ratio)
        painter.drawPixmap(QRectF(left, top, size, size), pixmap, QRectF(pixmap.rect()))

    def _composed(self, name: str, colour: QColor, size: int, states: Iterable[QIcon.State]) -> QIcon:
        tokens = self._theme.tokens
        icon = QIcon()
        for ratio, state in itertools.product(_ratios(), states):
            is_on = state is QIcon.State.On
            tint = tokens.accent if is_on else colour
            icon.addPixmap(self.pixmap(name, tint, size, ratio, filled=is_on), QIcon.Mode.Normal, state)
            icon.addPixmap(self.pixmap(name, tokens.disabled, size, ratio, filled=is_on), QIcon.Mode.Disabled, state)
        return icon

    def _mask(self, name: str, size: int, ratio: float, filled: bool) -> QPixmap:
        text = self._text(name)
        filled = filled and _ON in text
        key = (name, size, ratio, filled)
        mask = self._masks.get(key)
        if mask is None:
            mask = self._masks[key] = _rendered(text, size, ratio, filled=filled)
        return mask

    def _text(self, name: str) -> bytes:
        text = self._texts.get(name)
        if text is None:
            path = resource_path("icons", f"{name}.svg")
            text = self._texts[name] = path.read_bytes().replace(b"currentColor", _MASK_COLOUR)
        return text

    def _on_changed(self) -> None:
        self._pixmaps.clear()
        self._icons.clear()
        self._masks.clear()
        for reference, name, color, size in self._followers:
            target = reference()
            if target is not None:
                target.setIcon(self.icon(name, color, size, checkable=target.isCheckable()))
        self.changed.emit()


def _ratios() -> tuple[float, ...]:
    return tuple(sorted({screen.devicePixelRatio() for screen in QGuiApplication.screens()}))


def _rendered(text: bytes, size: int, ratio: float, *, filled: bool) -> QPixmap:
    # Here and not above: the SVG library is loaded with the first icon, not with the module.
    from PySide6.QtSvg import QSvgRenderer

    if filled:
        text = text.replace(_ON, b'fill="' + _MASK_COLOUR + b'"')
    renderer = QSvgRenderer(QByteArray(text))
    mask = QPixmap(round(size * ratio), round(size * ratio))
    mask.setDevicePixelRatio(ratio)
    mask.fill(Qt.GlobalColor.transparent)
    painter = QPainter(mask)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return mask


def _tinted(mask: QPixmap, colour: QColor) -> QPixmap:
    pixmap = QPixmap(mask)
    painter = QPainter(pixmap)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), colour)
    painter.end()
    return pixmap
