"""dev.py package [TARGET …]: which installers are made, and that each is tried before it is called made.

TARGET is any of

    folder      the frozen application alone, a folder in build/
    deb         Debian, Ubuntu
    rpm         Fedora, openSUSE
    run         one user of any Linux, without root
    windows     Setup.exe, made on Linux
    appimage    an AppImage; needs appimagetool
    macos       a disk image; only on macOS

or `all`, which is all that this system has the programs for. Each one's own programs are named in packaging/README.md.
"""

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from installers import appimage, bundle, deb, macos, rpm, selfextracting, trial, unpacking, windows, wine
from terminal import Stop, say

# How each is built from the frozen application, and how what it installs is laid out in an empty folder: the latter
# returns the command that starts it there.
BUILDERS: dict[str, Callable[[Path], Path]] = {
    "deb": deb.build,
    "rpm": rpm.build,
    "run": selfextracting.build,
    "appimage": appimage.build,
    "macos": macos.build,
}
ON_LINUX = {"deb": "dpkg-deb", "rpm": "rpmbuild", "run": "makeself", "appimage": "appimagetool"}
TARGETS = ("folder", "deb", "rpm", "run", "windows", "appimage", "macos")


def package(arguments: Sequence[str]) -> int:
    """Make the installers that the arguments name."""
    wanted = chosen(arguments)
    if set(wanted) - {"windows"}:
        frozen = bundle.freeze()
        trial.check(program_in(frozen))
        for target in wanted:
            if target in BUILDERS:
                say(f"Building {target} …")
                _made(BUILDERS[target](frozen), target)
    if "windows" in wanted:
        say("Building windows …")
        _tell(windows.build())
        if wine.is_wanted():
            wine.check(f"Z:{wine.build_trial()}".replace("/", "\\"))
    return 0


def chosen(arguments: Sequence[str]) -> list[str]:
    """Return the targets that arguments name, in the order in which they are made."""
    if not arguments or set(arguments) & {"-h", "--help"}:
        raise Stop(f"which installer? There are {', '.join(TARGETS)}, and all.")
    unknown = [argument for argument in arguments if argument not in (*TARGETS, "all")]
    if unknown:
        raise Stop(f"there is no installer {unknown[0]!r}: there are {', '.join(TARGETS)}, and all.")
    wanted = set(arguments) - {"all"}
    if "all" in arguments:
        wanted |= set(possible(sys.platform))
    return [target for target in TARGETS if target in wanted]


def possible(platform: str) -> list[str]:
    """Return the installers that a system has the programs for."""
    if platform == "darwin":
        return ["macos"]
    if not platform.startswith("linux"):
        return ["folder"]
    found = [target for target, program in ON_LINUX.items() if shutil.which(program)]
    return found + (["windows"] if windows.is_possible() else [])


def program_in(folder: Path) -> list[str | Path]:
    """Return the command that starts the frozen application in a folder."""
    return [folder / ("paramdesk.exe" if sys.platform == "win32" else "paramdesk")]


def _made(installer: Path, target: str) -> None:
    with unpacking.unpacked(installer, target) as command:
        if command:
            trial.check(command)
    _tell(installer)


def _tell(installer: Path) -> None:
    say(f"Made {installer.parent.name}/{installer.name}: {installer.stat().st_size / 1e6:.1f} MB.")
