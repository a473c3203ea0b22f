"""The frozen application: a folder with a program, Python and all that it needs, from the lock file."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from environments import RUNTIME_LOCK, prepared
from installers import facts, licences
from terminal import Stop, say

RECORDED = facts.BUILD / "recorded"
FROZEN = facts.BUILD / "frozen"


def build_environment() -> Path:
    """Return the interpreter of the environment that builds; it is apart from .venv."""
    return prepared(facts.BUILD / "venv", [RUNTIME_LOCK, facts.INSTALLERS_LOCK])


def run(command: Sequence[str | Path], what: str, **options: str | Path) -> None:
    """Run a program of the build, or stop with what was to be made; its environment is the same everywhere.

    Args:
        command: the program and its arguments.
        what: for the sentence about a failure.
        options: `cwd`, or variables in capitals.
    """
    variables = {name: str(value) for name, value in options.items() if name.isupper()}
    fixed = {"SOURCE_DATE_EPOCH": str(facts.epoch()), "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    cwd = options.get("cwd", facts.ROOT)
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, check=False, cwd=cwd, env={**os.environ, **fixed, **variables})
    except FileNotFoundError:
        raise Stop(f"{what} needs the program {words[0]}, which is not there.") from None
    if done.returncode:
        raise Stop(f"{what} failed, for the reason above.")


def record(python: Path, licences_of_python: Path) -> Path:
    """Note what the source has, with the licences; return the folder, whose files go among the resources."""
    shutil.rmtree(RECORDED, ignore_errors=True)
    licences.gather(RECORDED / "licences", licences_of_python)
    run([python, facts.PACKAGING / "installers" / "recording.py", RECORDED], "recording what the source has")
    return RECORDED


def draw_icons() -> Path:
    """Return the folder with the icon in all sizes, as it was drawn just now."""
    folder = facts.BUILD / "icons"
    script = facts.PACKAGING / "installers" / "icons.py"
    run([build_environment(), script, folder], "drawing the icons")
    return folder


def freeze() -> Path:
    """Make the frozen application anew, and return its folder."""
    python = build_environment()
    record(python, licences.folder_of_python())
    if sys.platform == "darwin":
        draw_icons()
    say("Freezing the application …")
    folders = ["--distpath", str(FROZEN), "--workpath", str(facts.BUILD / "work")]
    spec = facts.PACKAGING / "paramdesk.spec"
    shutil.rmtree(FROZEN, ignore_errors=True)
    run([python, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN", *folders, spec], "freezing")
    folder = FROZEN / facts.NAME
    if sys.platform.startswith("linux"):
        for library in (folder / "lib").glob("libpython*.so*"):
            run(["strip", "--strip-unneeded", library], "leaving out the names that only debuggers need")
    forget_scripts(folder / "lib")
    smooth(folder)
    return folder


def forget_scripts(packages: Path) -> None:
    """Strike the packages' command line scripts out of their lists of files.

    They are not bundled, and their hashes are those of the path of the environment that they were installed in.
    """
    for record in packages.glob("*.dist-info/RECORD"):
        lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(("../", "bin/"))]
        record.write_text("".join(kept), encoding="utf-8", newline="")


def smooth(folder: Path) -> None:
    """Give all files of a folder the date of the build and plain rights, whoever builds it wherever."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_symlink():
            os.utime(path, (facts.epoch(), facts.epoch()), follow_symlinks=False)
            continue
        runs = path.is_dir() or (path.stat().st_mode & 0o100 and ".so" not in path.name)
        path.chmod(0o755 if runs else 0o644)
        os.utime(path, (facts.epoch(), facts.epoch()))
    os.utime(folder, (facts.epoch(), facts.epoch()))


def size(folder: Path) -> int:
    """Return how many bytes the files of a folder have."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
