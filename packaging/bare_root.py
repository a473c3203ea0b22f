"""Installs the .deb into a bare Debian, uses it there as a person would, and purges it; needs root.

python3 packaging/bare_root.py FILE.deb [FOLDER-OF-PICTURES]

The bare Debian is made by debootstrap in build/, once; a display is Xvfb's, keys and pointer are xdotool's.
"""

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from installers import bundle, facts
from terminal import Stop, say

BASE = facts.BUILD / "bare-debian"
ROOT = facts.BUILD / "bare-root"
HOME = "/home/Maja Novak"
FOLDER = f"{HOME}/ščž ćžđ 模型"
VARIABLES = ["PATH=/usr/bin:/bin:/usr/sbin:/sbin", f"HOME={HOME}", "LC_ALL=C.UTF-8"]
DISPLAY = ":87"
X11_SOCKETS = "/tmp/.X11-unix"  # noqa: S108 - where the X server puts them

# Libraries that are taken away one by one, and the package that the one line must name.
TAKEN_AWAY = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libstdc++.so.6": "libstdc++6",
}


def in_root(command: Sequence[str], *, user: str = "root", display: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in the bare Debian."""
    shown = [f"DISPLAY={display}"] if display else []
    prefix = [
        "chroot",
        f"--userspec={user}",
        str(ROOT),
        "env",
        "-i",
        *VARIABLES,
        *shown,
        "DEBIAN_FRONTEND=noninteractive",
    ]
    return subprocess.run([*prefix, *command], check=False, capture_output=True, text=True, timeout=600)


def expect(command: Sequence[str], **options: str) -> str:
    """Run a command in the bare Debian that must succeed; return what it prints."""
    done = in_root(command, **options)
    if done.returncode:
        raise Stop(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def lay_out() -> None:
    """Make the bare Debian anew, with a user whose home has a blank in its name."""
    if not BASE.is_dir():
        say("Making a bare Debian …")
        unfinished = BASE.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        bundle.run(["debootstrap", "--variant=minbase", "bookworm", unfinished], "making a bare Debian")
        unfinished.rename(BASE)
    bundle.run(["rm", "-rf", "--one-file-system", ROOT], "removing the former root")
    bundle.run(["cp", "-a", BASE, ROOT], "copying the bare Debian")
    shutil.copy("/etc/resolv.conf", ROOT / "etc" / "resolv.conf")
    expect(["useradd", "--create-home", "--home-dir", HOME, "maja"])


def install(package: Path) -> None:
    """Install the package with all that it depends on."""
    shutil.copy(package, ROOT / "root" / "paramdesk.deb")
    expect(["apt-get", "update", "-q"])
    said = expect(["apt-get", "install", "-q", "-y", "--no-install-recommends", "/root/paramdesk.deb"])
    count = next((line for line in said.splitlines() if "newly installed" in line), "")
    say(f"Installed: {count}")


def start_without_display() -> None:
    """See that the commands work and that the self-test passes."""
    say(expect(["paramdesk", "--self-test"], user="maja").rstrip())
    expect(["paramdesk", "summary", "template:lenet-5"], user="maja")
    done = in_root(["paramdesk"], user="maja")
    say(f"Without a display: {done.returncode}, {done.stderr.strip()}")
    done = in_root(["paramdesk"], user="maja", display=":99")
    say(f"On a display that is not there: {done.returncode}, {done.stderr.strip()}")


@contextlib.contextmanager
def display() -> Iterator[None]:
    """A display of Xvfb, which programs in the bare Debian reach too."""
    sockets = ROOT / "tmp" / ".X11-unix"
    sockets.mkdir(exist_ok=True)
    server = subprocess.Popen(
        ["Xvfb", DISPLAY, "-screen", "0", "1440x900x24", "-ac", "-noreset"], stderr=subprocess.DEVNULL
    )
    time.sleep(2)
    bundle.run(["mount", "--bind", X11_SOCKETS, sockets], "showing the display to the bare Debian")
    try:
        yield
    finally:
        bundle.run(["umount", sockets], "hiding the display")
        server.terminate()
        server.wait()


def lacking() -> None:
    """Take libraries, and then the fonts, away: each time one line must name the package, and nothing may abort."""
    for library, package in TAKEN_AWAY.items():
        place = ROOT / "usr/lib/x86_64-linux-gnu" / library
        hidden = place.with_name("hidden")
        place.rename(hidden)
        try:
            _one_line(library, package)
        finally:
            hidden.rename(place)
    fonts = ROOT / "usr/share/fonts"
    fonts.rename(fonts.with_name("hidden"))
    try:
        _one_line("fonts", "fonts-dejavu-core")
    finally:
        fonts.with_name("hidden").rename(fonts)


def _one_line(what: str, package: str) -> None:
    done = in_root(["paramdesk"], user="maja", display=DISPLAY)
    lines = done.stderr.strip().splitlines()
    if done.returncode != 2 or len(lines) != 1 or package not in lines[0]:
        raise Stop(f"without {what} the program ended with {done.returncode}:\n{done.stderr}")
    say(f"Without {what}: {lines[0]}")


def use(pictures: Path | None) -> None:
    """Open a file, change it, save it and export its table, with keys and a pointer."""
    expect(["mkdir", "-p", FOLDER], user="maja")
    path = f"{FOLDER}/moj model.paramdesk"
    expect(["paramdesk", "convert", "template:lenet-5", "-o", path], user="maja")
    before = expect(["cat", path])
    command = ["chroot", "--userspec=maja", str(ROOT), "env", "-i", *VARIABLES, f"DISPLAY={DISPLAY}", "paramdesk", path]
    program = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        point("search", "--sync", "--onlyvisible", "--name", "moj model.paramdesk")
        time.sleep(3)
        for words in (
            ("mousemove", "480", "260", "click", "1"),
            ("key", "ctrl+d"),
            ("key", "ctrl+s"),
            ("key", "ctrl+e"),
            ("key", "Return"),
            ("key", "Return"),
        ):
            point(*words)
            time.sleep(1.5)
            if pictures:
                picture(pictures / f"{'-'.join(words[:2])}-{time.time():.0f}.png")
        # Nobody manages windows here, so the focus does not come back by itself from a dialog that has closed.
        point("search", "--onlyvisible", "--name", "moj model.paramdesk", "windowfocus", "--sync")
        point("key", "ctrl+q")
        said = program.communicate(timeout=30)[1]
    finally:
        program.kill()
    if program.returncode or said.strip():
        raise Stop(f"the window ended with {program.returncode}:\n{said}")
    _held(before, path)


def point(*words: str) -> None:
    """Let xdotool do something on the display."""
    done = subprocess.run(["xdotool", *words], check=False, env={"DISPLAY": DISPLAY}, timeout=60, capture_output=True)
    if done.returncode:
        raise Stop(f"xdotool {' '.join(words)} failed: {done.stderr.decode()}")


def picture(path: Path) -> None:
    """Keep what the display shows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["import", "-window", "root", str(path)], check=False, env={"DISPLAY": DISPLAY, "PATH": "/usr/bin"})


def _held(before: str, path: str) -> None:
    """See that the change is in the file and the table beside it."""
    after = expect(["cat", path])
    if after == before:
        raise Stop("the file is as it was: the change was not saved.")
    table = expect(["cat", path.replace(".paramdesk", ".csv")])
    rows = len(table.splitlines()) - 1
    layers = len(expect(["paramdesk", "summary", path, "--format", "csv"], user="maja").splitlines()) - 1
    if rows != layers:
        raise Stop(f"the exported table has {rows} rows, and the network {layers} layers.")
    say(f"Used: opened, changed, saved, and exported with {rows} rows, in {FOLDER}")


def purge() -> None:
    """Remove the package, and see that nothing of it is left but the user's own files."""
    expect(["apt-get", "purge", "-q", "-y", "paramdesk"])
    found = expect(["find", "/", "-xdev", "-iname", "*paramdesk*", "-not", "-path", "/proc/*"])
    left = [line for line in found.splitlines() if not line.startswith((HOME, "/root/"))]
    if left:
        raise Stop(f"purging left {', '.join(left)}.")
    say("Purged: nothing is left.")


def main(arguments: Sequence[str]) -> int:
    """Do all of it."""
    try:
        lay_out()
        install(Path(arguments[0]))
        start_without_display()
        with display():
            use(Path(arguments[1]) if len(arguments) > 1 else None)
            lacking()
        purge()
    except Stop as stop:
        say(f"bare_root: {stop}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
