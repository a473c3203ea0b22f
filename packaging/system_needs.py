"""What Qt and the commands of the checkout need of the system, and how it gets there."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from terminal import Stop, say

# The shared libraries that Qt loads from the system, and the Debian packages that hold them.
QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
}
X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
WAYLAND_LIBRARIES = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
)
FONT_ENDINGS = (".ttf", ".otf", ".ttc")


def is_linux() -> bool:
    """Return whether libraries, fonts and displays are found as on Linux."""
    return sys.platform.startswith("linux")


def can_load(library: str) -> bool:
    """Return whether the system has a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_packages(holders: Mapping[str, str], is_there: Callable[[str], object] = can_load) -> list[str]:
    """Return the packages of those libraries or programs that are not there."""
    return sorted({package for thing, package in holders.items() if not is_there(thing)})


def has_font(folders: Iterable[str] = FONT_FOLDERS) -> bool:
    """Return whether any font is found; without one, all text is boxes."""
    for folder in folders:
        for _, _, files in os.walk(Path(folder).expanduser()):
            if any(name.lower().endswith(FONT_ENDINGS) for name in files):
                return True
    return False


def has_display(variables: Mapping[str, str]) -> bool:
    """Return whether a window can be shown, or the user has said how."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not is_linux() or any(variables.get(name) for name in names)


def display_libraries(variables: Mapping[str, str]) -> dict[str, str]:
    """Return what Qt loads for the display at hand."""
    if variables.get("QT_QPA_PLATFORM", "xcb") in {"offscreen", "minimal"}:
        return {}
    if variables.get("DISPLAY"):
        return X11_LIBRARIES
    return WAYLAND_LIBRARIES if variables.get("WAYLAND_DISPLAY") else {}


def ensure_qt_can_start(variables: Mapping[str, str]) -> None:
    """See that the system has the libraries and a font that Qt needs, or say what is missing."""
    if not is_linux():
        return
    holders = {**QT_LIBRARIES, **display_libraries(variables)}
    packages = missing_packages(holders) + ([] if has_font() else [FONT_PACKAGE])
    if not packages:
        return
    install_debian_packages(packages, "Qt lacks libraries or fonts of the system")
    still_missing = missing_packages(holders)
    if still_missing:
        raise Stop(f"Qt still lacks what {' '.join(still_missing)} should have brought.")


def install_debian_packages(packages: Sequence[str], reason: str) -> None:
    """Install packages with apt-get as root, or stop with the command that the user may run."""
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        raise Stop(f"{reason}: please install what Debian and Ubuntu call {names}.")
    privileges = _privileges()
    if privileges is None:
        raise Stop(f"{reason}; please run: sudo apt-get install {names}")
    say(f"{reason}: installing {names} …")
    apt = [*privileges, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    apt += ["-o", "DPkg::Lock::Timeout=120"]
    order = [*apt, "install", "--no-install-recommends", *packages]
    # The lists of packages may be absent or old: they are fetched only when that shows.
    if _succeeds(order):
        return
    _succeeds([*apt, "update"])
    done = subprocess.run(order, check=False, capture_output=True, text=True)
    if done.returncode:
        say(done.stderr.strip())
        raise Stop(f"apt-get could not install {names}, for the reason above.")


def _privileges() -> list[str] | None:
    if os.name == "nt":
        return None
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if shutil.which("sudo") and _succeeds(["sudo", "-n", "true"]) else None


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
