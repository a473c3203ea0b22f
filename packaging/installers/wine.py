"""Tries Setup.exe under wine, as far as wine can: install silently, self-test, uninstall.

What is shipped are the versions of the lock file. Wine lacks functions of Windows that newer Qt and numpy load at
once (icuuc.dll, crealf in ucrtbase.dll), so the trial is of an installer that is made in the same way with the last
versions that wine can start. WINE names the command, which may be one that enters another root.
"""

import os
import re
import shlex
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from environments import RUNTIME_LOCK
from installers import bundle, windows
from terminal import Stop, say

# The last ones that wine 10 starts; everything else is of the lock.
STARTED_BY_WINE = {"numpy": "2.1.3", "pyside6-essentials": "6.9.3", "shiboken6": "6.9.3"}
FOLDER = r"C:\Program Files\ščž ćžđ 模型\paramdesk"
SECONDS = 900


def trial_lock(text: str) -> str:
    """Return a lock file's names and versions, those of Windows, with the versions that wine starts."""
    lines = []
    for name, version, marker in re.findall(r"^([a-z0-9-]+)==(\S+)(?: ; (.+?))? \\$", text, re.MULTILINE):
        if "< '3.12'" not in marker:
            lines.append(f"{name}=={STARTED_BY_WINE.get(name, version)}")
    return "\n".join(lines) + "\n"


def is_wanted() -> bool:
    """Return whether the user has named a wine to try with: it must be 10 or newer, which not every system has."""
    return "WINE" in os.environ


def command() -> list[str]:
    """Return how wine is started."""
    return shlex.split(os.environ["WINE"])


def build_trial() -> Path:
    """Make the installer that wine can try, and return its file."""
    lock = windows.PAYLOAD / "trial.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(trial_lock(RUNTIME_LOCK.read_text(encoding="utf-8")), encoding="utf-8")
    folder = windows.PAYLOAD / "trial"
    windows.lay_out(bundle.build_environment(), folder, lock, hashes=False)
    return windows.wrap(folder, windows.PAYLOAD / "Trial-Setup.exe")


def check(setup: str) -> None:
    """Install, test and uninstall.

    Args:
        setup: the file of the trial as wine knows it.
    """
    # In one word: NSIS wants the folder last and without quotes, even where it has blanks.
    run(["cmd", "/c", f"{setup} /S /CurrentUser /D={FOLDER}"], "installing")
    out = run([rf"{FOLDER}\paramdesk.com", "--self-test"], "the self-test")
    bad = [line for line in out.splitlines() if not line.startswith("ok: ")]
    if bad or not out:
        raise Stop(f"the self-test under wine says: {out}")
    say(out.rstrip())
    for key in (
        r"HKCU\Software\Classes\.paramdesk",
        r"HKCU\Software\Classes\paramdesk.architecture\shell\open\command",
    ):
        say(" ".join(run(["reg", "query", key, "/ve"], "asking for the type of file").split()))
    table = run([rf"{FOLDER}\paramdesk.com", "summary", "template:lenet-5", "--format", "csv"], "a summary")
    say(f"A summary has {len(table.splitlines())} lines.")
    run([rf"{FOLDER}\uninstall.exe", "/CurrentUser", "/S"], "uninstalling")
    if not _is_gone():
        raise Stop(f"uninstalling left {run(['cmd', '/c', 'dir', '/b', FOLDER], 'looking', fails=True)}.")
    say("Uninstalled: nothing is left.")


def _is_gone() -> bool:
    """Whether the folder goes within a minute: the uninstaller works on while the command has ended."""
    for _second in range(60):
        if "paramdesk" not in run(["cmd", "/c", "dir", "/b", rf"{FOLDER}\.."], "looking", fails=True):
            return True
        time.sleep(1)
    return False


def run(words: Sequence[str], what: str, *, fails: bool = False) -> str:
    """Run a program of Windows, through pipes, since wine's Python knows no other output."""
    full = [*command(), *words]
    done = subprocess.run(full, check=False, capture_output=True, stdin=subprocess.PIPE, timeout=SECONDS)
    out = done.stdout.decode(errors="replace")
    if done.returncode and not fails:
        said = done.stderr.decode(errors="replace")
        raise Stop(f"{what} under wine ended with {done.returncode}:\n{out}{said[-2000:]}")
    return out
