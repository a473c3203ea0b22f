"""The theme: which colours, sizes and fonts hold now, and who hears when that changes.

Views get the theme as a constructor argument and ask it at paint time; there is no global one.
Lengths come from `theme.metrics` (named, scaled) or `theme.px(n)`, colours from `theme.tokens`.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Literal, cast

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontInfo,
    QFontMetricsF,
    QGuiApplication,
    QPalette,
)
from PySide6.QtWidgets import QToolTip
from shiboken6 import isValid

from paramdesk.ui.style.app_style import AppStyle
from paramdesk.ui.style.tokens import (
    DARK,
    DARK_CATEGORIES,
    LIGHT,
    LIGHT_CATEGORIES,
    Metrics,
    Tokens,
    contrast,
    scaled_metrics,
)

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

__all__ = [
    "BASE_FONT_PX",
    "FixedScheme",
    "FontRole",
    "Ground",
    "Metrics",
    "SchemeSource",
    "SystemScheme",
    "TextColour",
    "Theme",
    "ThemeSetting",
    "Tokens",
    "contrast",
]

BASE_FONT_PX = 13

ThemeSetting = Literal["system", "light", "dark"]
FontRole = Literal[
    "base",
    "name",
    "heading",
    "small",
    "small_medium",
    "small_strong",
    "caption",
    "caption_medium",
    "caption_strong",
    "figure",
    "unit",
    "bound",
]

Ground = Literal["window", "panel", "surface", "band"]
TextColour = Literal["text", "text2", "muted", "accent", "error"]

_Role = QPalette.ColorRole
_GROUNDS: dict[Ground, QPalette.ColorRole] = {
    "window": _Role.Window,
    "panel": _Role.Light,
    "surface": _Role.Base,
    "band": _Role.AlternateBase,
}
_TEXTS: dict[TextColour, QPalette.ColorRole] = {
    "text": _Role.WindowText,
    "text2": _Role.Shadow,
    "muted": _Role.PlaceholderText,
    "accent": _Role.Link,
    "error": _Role.BrightText,
}

_Weight = QFont.Weight

# role: pixel size at the 13 px base, weight
_FONTS: dict[FontRole, tuple[int, QFont.Weight]] = {
    "base": (13, _Weight.Normal),
    "name": (13, _Weight.Medium),
    "heading": (13, _Weight.DemiBold),
    "small": (12, _Weight.Normal),
    "small_medium": (12, _Weight.Medium),
    "small_strong": (12, _Weight.DemiBold),
    "caption": (11, _Weight.Normal),
    "caption_medium": (11, _Weight.Medium),
    "caption_strong": (11, _Weight.DemiBold),
    "figure": (20, _Weight.DemiBold),
    "unit": (13, _Weight.Medium),
    "bound": (16, _Weight.Normal),
}


_CLASS_FONTS: tuple[tuple[str, FontRole], ...] = (
    ("QLineEdit", "small"),
    ("QAbstractSpinBox", "small"),
    ("QComboBox", "small"),
    ("QHeaderView", "caption_medium"),
)


class SchemeSource(QObject):
    """Says whether the system is light or dark. Tests push; `SystemScheme` listens to Qt.

    Signals:
        changed: the scheme is another one now.
    """

    changed = Signal()

    def is_dark(self) -> bool:
        """Return whether the system asks for dark colours."""
        raise NotImplementedError

    def request(self, setting: ThemeSetting) -> None:
        """Ask the system to draw its own parts (title bars, file dialogs) accordingly."""


class SystemScheme(SchemeSource):
    """The scheme Qt reports. Unknown (no desktop theme) counts as light."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hints = QGuiApplication.styleHints()
        # Queued, because Qt emits this before it has applied the new palette, which would then
        # overwrite ours.
        self._hints.colorSchemeChanged.connect(self._on_scheme_changed, Qt.ConnectionType.QueuedConnection)

    def is_dark(self) -> bool:
        """Return whether the system asks for dark colours."""
        return self._hints.colorScheme() is Qt.ColorScheme.Dark

    def request(self, setting: ThemeSetting) -> None:
        """Let native title bars and dialogs follow a pinned theme (Windows, macOS)."""
        schemes = {
            "system": Qt.ColorScheme.Unknown,
            "light": Qt.ColorScheme.Light,
            "dark": Qt.ColorScheme.Dark,
        }
        self._hints.setColorScheme(schemes[setting])

    def _on_scheme_changed(self) -> None:
        self.changed.emit()


class FixedScheme(SchemeSource):
    """A scheme that is pushed by hand: for tests and for pictures."""

    def __init__(self, *, dark: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dark = dark

    def is_dark(self) -> bool:
        """Return what was pushed last."""
        return self._dark

    def push(self, *, dark: bool) -> None:
        """Change the scheme, as a system would."""
        if dark != self._dark:
            self._dark = dark
            self.changed.emit()


class Theme(QObject):
    """Colours, sizes and fonts of the window.

    Signals:
        theme_changed: colours, sizes or fonts are other ones now; repaint and drop caches.
    """

    theme_changed = Signal()

    def __init__(
        self,
        source: SchemeSource | None = None,
        *,
        font: QFont | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Follow `source` (the system by default), in the system's font unless one is given."""
        super().__init__(parent)
        self._source = source if source is not None else SystemScheme(self)
        self._source.changed.connect(self._on_source_changed)
        self._scheme: ThemeSetting = "system"
        self._text_scale = 1.0
        self._font = QFont(font) if font is not None else _system_font()
        self._application: QApplication | None = None
        self._style: AppStyle | None = None
        self._dressed: list[tuple[weakref.ref[QWidget], FontRole]] = []
        self._fonts: dict[FontRole, QFont] = {}
        self._font_metrics: dict[FontRole, QFontMetricsF] = {}
        self._refresh()

    # --- what holds now ---------------------------------------------------------------------

    @property
    def tokens(self) -> Tokens:
        """The colours that hold now."""
        return self._tokens

    @property
    def metrics(self) -> Metrics:
        """The named sizes, scaled and rounded to pixels."""
        return self._metrics

    @property
    def is_dark(self) -> bool:
        """Whether the dark variant holds."""
        return self._tokens is DARK

    @property
    def scale(self) -> float:
        """How much larger than drawn at a 13 px base font everything is."""
        return self._scale

    def px(self, length: float) -> int:
        """Return a length given at the 13 px base, scaled, in whole pixels."""
        return round(length * self._scale)

    def pxf(self, length: float) -> float:
        """Return a length given at the 13 px base, scaled, for antialiased painting."""
        return length * self._scale

    def category_color(self, category: str) -> QColor:
        """Return the colour of a layer category by its short name ("conv", "pool", …)."""
        return (DARK_CATEGORIES if self.is_dark else LIGHT_CATEGORIES)[category]

    def color(self, name: str) -> QColor:
        """Return a colour by the name of its token or of its category."""
        categories = DARK_CATEGORIES if self.is_dark else LIGHT_CATEGORIES
        found = categories.get(name)
        return found if found is not None else _token(self._tokens, name)

    def font(self, role: FontRole = "base") -> QFont:
        """Return the font of a role, with tabular figures. Treat it as a constant."""
        font = self._fonts.get(role)
        if font is None:
            size, weight = _FONTS[role]
            font = QFont(self._font)
            font.setPixelSize(max(1, round(size * self._scale)))
            font.setWeight(weight)
            font.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[role] = font
        return font

    def font_metrics(self, role: FontRole = "base") -> QFontMetricsF:
        """Return the metrics of a role's font."""
        metrics = self._font_metrics.get(role)
        if metrics is None:
            metrics = self._font_metrics[role] = QFontMetricsF(self.font(role))
        return metrics

    # --- what the user chooses --------------------------------------------------------------

    @property
    def scheme(self) -> ThemeSetting:
        """The user's choice: "system", "light" or "dark"."""
        return self._scheme

    @scheme.setter
    def scheme(self, setting: ThemeSetting) -> None:
        if setting != self._scheme:
            self._scheme = setting
            self._source.request(setting)
            self._refresh_and_tell()

    @property
    def text_scale(self) -> float:
        """The "Larger text" factor, 1.0 for the system's size."""
        return self._text_scale

    @text_scale.setter
    def text_scale(self, factor: float) -> None:
        factor = min(3.0, max(0.75, factor))
        if factor != self._text_scale:
            self._text_scale = factor
            self._refresh_and_tell()

    # --- the application --------------------------------------------------------------------

    def apply(self, application: QApplication) -> None:
        """Give the application our style, palette and font, now and after every change."""
        if self._style is None:
            # The application owns the style; this reference keeps its Python half alive as long.
            self._style = AppStyle(self)
            application.setStyle(self._style)
        self._application = application
        self._dress(application)

    def dress(
        self,
        widget: QWidget,
        *,
        font: FontRole | None = None,
        text: TextColour | None = None,
        ground: Ground | None = None,
    ) -> None:
        """Give a widget its font, text colour and ground, now and after every change."""
        if ground is not None:
            widget.setBackgroundRole(_GROUNDS[ground])
            widget.setAutoFillBackground(True)
        if text is not None:
            widget.setForegroundRole(_TEXTS[text])
        if font is not None:
            self._dressed = [row for row in self._dressed if row[0]() not in {None, widget}]
            self._dressed.append((weakref.ref(widget), font))
            widget.setFont(self.font(font))

    def palette(self) -> QPalette:
        """Return the palette for widgets that Qt draws itself."""
        tokens = self._tokens
        role = QPalette.ColorRole
        palette = QPalette()
        for colour_role, colour in (
            (role.Window, tokens.window),
            (role.WindowText, tokens.text),
            (role.Base, tokens.surface),
            (role.AlternateBase, tokens.band),
            (role.Text, tokens.text),
            (role.Button, tokens.window),
            (role.ButtonText, tokens.text),
            (role.BrightText, tokens.error),
            (role.Highlight, tokens.select),
            (role.HighlightedText, tokens.text),
            (role.Accent, tokens.accent),
            (role.Link, tokens.accent),
            (role.LinkVisited, tokens.accent),
            (role.PlaceholderText, tokens.muted),
            (role.ToolTipBase, tokens.surface),
            (role.ToolTipText, tokens.text),
            # Light and Shadow, which only Fusion's bevels used, carry two more of our tokens, so
            # that `dress` can give a widget any ground or text and Qt renews it by itself.
            (role.Light, tokens.panel),
            (role.Midlight, tokens.hover),
            (role.Mid, tokens.border),
            (role.Dark, tokens.field_border),
            (role.Shadow, tokens.text2),
        ):
            palette.setColor(colour_role, colour)
        for colour_role in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
            palette.setColor(QPalette.ColorGroup.Disabled, colour_role, tokens.disabled)
        return palette

    # --- inside -----------------------------------------------------------------------------

    def _on_source_changed(self) -> None:
        if self._scheme == "system":
            self._refresh_and_tell()

    def _refresh(self) -> None:
        dark = self._scheme == "dark" or (self._scheme == "system" and self._source.is_dark())
        self._tokens = DARK if dark else LIGHT
        # Never below the 13 px the sizes are drawn for: captions are 11 px then.
        base = max(BASE_FONT_PX, QFontInfo(self._font).pixelSize())
        self._scale = base / BASE_FONT_PX * self._text_scale
        self._metrics = scaled_metrics(self._scale)
        self._fonts.clear()
        self._font_metrics.clear()

    def _refresh_and_tell(self) -> None:
        self._refresh()
        if self._application is not None:
            self._dress(self._application)
        for reference, font in self._dressed:
            widget = reference()
            if widget is not None and isValid(widget):
                widget.setFont(self.font(font))
        self.theme_changed.emit()

    def _dress(self, application: QApplication) -> None:
        palette = self.palette()
        if self._style is not None:
            self._style.measure()
        application.setFont(self.font())
        # Fields and headers are smaller than running text; this must follow the general font.
        for kind, font in _CLASS_FONTS:
            # The stubs ask for bytes here, the binding takes a text only.
            application.setFont(self.font(font), cast("bytes", kind))
        application.setPalette(palette)
        QToolTip.setPalette(palette)
        QToolTip.setFont(self.font("small"))


def _system_font() -> QFont:
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)


def _token(tokens: Tokens, name: str) -> QColor:
    colour = getattr(tokens, name)
    assert isinstance(colour, QColor)
    return colour
