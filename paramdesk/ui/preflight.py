"""Whether a window can be shown at all. Qt aborts the process where it cannot; this says why in one line instead."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["do_without_screen", "explained", "has_font", "hindrance"]

# What Qt loads when it starts on X11, and the Debian package of each.
XCB_LIBRARIES = {
    "libstdc++.so.6": "libstdc++6",  # at import, but then Qt for Python says more than one line
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
# What it loads on every platform, at import.
QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfreetype.so.6": "libfreetype6",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libX11.so.6": "libx11-6",
    "libxcb.so.1": "libxcb1",
    "libz.so.1": "zlib1g",
}
# Where fonts lie; they may lie elsewhere too, but then fontconfig knows.
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
FONT_ENDINGS = (".ttf", ".otf", ".ttc")
OWN_PLATFORMS = {"offscreen", "minimal", "vnc", "linuxfb", "eglfs"}
"""Platforms of Qt that need no display server."""


def do_without_screen() -> None:
    """Let Qt draw without a screen, which a server has not; to be said before Qt starts."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if sys.platform == "win32":
        # Without a screen Qt asks for fonts in a folder of its own there, which does not exist.
        os.environ.setdefault("QT_QPA_FONTDIR", str(Path(os.environ.get("SYSTEMROOT", "C:/Windows")) / "Fonts"))


def hindrance() -> str | None:
    """Why no window can be shown here; None if nothing is known that hinders."""
    if not sys.platform.startswith("linux"):
        return None
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform in OWN_PLATFORMS:
        return None
    if not has_font():
        return "there is no font, so all text would be boxes: apt install fonts-dejavu-core"
    if platform.startswith("wayland") or (not platform and os.environ.get("WAYLAND_DISPLAY")):
        return None
    display = os.environ.get("DISPLAY")
    if not display:
        return "there is no display to show a window on: DISPLAY is not set"
    if missing := [package for library, package in XCB_LIBRARIES.items() if not _loads(library)]:
        return _needed(missing)
    return None if _answers() else f"the display {display} does not answer"


def explained(error: ImportError) -> str | None:
    """What an ImportError of Qt means for a user; None if it is not about a library of the system."""
    library = str(error).split(":")[0]
    if library in QT_LIBRARIES:
        missing = [package for name, package in QT_LIBRARIES.items() if not _loads(name)]
        return _needed(missing or [QT_LIBRARIES[library]])
    if "cannot open shared object file" in str(error):
        return f"Qt needs the library {library}, which is not installed"
    return None


def has_font() -> bool:
    """Whether the system has a font at all. Qt says nothing of it, and draws boxes."""
    for folder in FONT_FOLDERS:
        for _folder, _folders, files in os.walk(Path(folder).expanduser()):
            if any(name.lower().endswith(FONT_ENDINGS) for name in files):
                return True
    return _fontconfig_has_font()


def _fontconfig_has_font() -> bool:
    import ctypes

    try:
        fontconfig = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return True  # Qt needs it, and its absence is what will be said
    fontconfig.FcConfigGetFonts.restype = ctypes.POINTER(ctypes.c_int)  # a struct that begins with their number
    fontconfig.FcConfigGetFonts.argtypes = [ctypes.c_void_p, ctypes.c_int]
    fontconfig.FcInit()
    fonts = fontconfig.FcConfigGetFonts(None, 0)
    return bool(fonts) and fonts[0] > 0


def _needed(packages: list[str]) -> str:
    return f"Qt needs libraries that are not installed: apt install {' '.join(dict.fromkeys(packages))}"


def _loads(library: str) -> bool:
    import ctypes  # most platforms need no look

    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _answers() -> bool:
    """Whether the X server that DISPLAY names lets a client in."""
    import ctypes

    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt brings none either, and will say so
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed
