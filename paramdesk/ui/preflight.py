"""Whether a window can be shown at all. Qt aborts the process where it cannot; this says why in one line instead."""

from __future__ import annotations

import os
import sys

__all__ = ["explained", "hindrance"]

# What Qt loads when it starts on X11, and the Debian package of each.
XCB_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
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
}
OWN_PLATFORMS = {"offscreen", "minimal", "vnc", "linuxfb", "eglfs"}
"""Platforms of Qt that need no display server."""


def hindrance() -> str | None:
    """Why no window can be shown here; None if nothing is known that hinders."""
    if not sys.platform.startswith("linux"):
        return None
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform in OWN_PLATFORMS:
        return None
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


def _needed(packages: list[str]) -> str:
    return f"Qt needs libraries that are not installed: apt install {' '.join(packages)}"


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
