"""What every installer says of paramdesk, each thing from its one place."""

import os
import platform
import re
import subprocess
import time
import tomllib
from pathlib import Path

NAME = "paramdesk"
IDENTIFIER = "io.github.paramdesk.paramdesk"
MIME_TYPE = "application/x-paramdesk"
MAINTAINER = "The paramdesk authors <noreply@paramdesk.invalid>"

PACKAGING = Path(__file__).resolve().parent.parent
ROOT = PACKAGING.parent
BUILD = ROOT / "build"
DIST = ROOT / "dist"
INSTALLERS_LOCK = PACKAGING / "installers.lock"

# Where neither the environment nor git knows a date: the first day of the first version.
FIRST_DAY = 1_767_225_600


def version() -> str:
    """Return the version, which paramdesk/__init__.py says."""
    text = (ROOT / "paramdesk" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise ValueError("paramdesk/__init__.py has no __version__")
    return found[1]


def summary() -> str:
    """Return the one line that pyproject.toml says of paramdesk."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["description"])


def epoch() -> int:
    """Return the date that everything built bears: SOURCE_DATE_EPOCH, or else that of the last commit."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    command = ["git", "-c", "safe.directory=*", "log", "-1", "--format=%ct"]
    try:
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    except OSError:
        return FIRST_DAY
    return int(done.stdout) if done.stdout.strip().isdecimal() else FIRST_DAY


def day() -> str:
    """Return the day of `epoch`, as 2026-01-31."""
    return time.strftime("%Y-%m-%d", time.gmtime(epoch()))


def machine() -> str:
    """Return the processor that is built for, as Linux calls it."""
    return platform.machine()


def system() -> str:
    """Return the system that is built on: Linux, Darwin, Windows."""
    return platform.system()


def licence_for_debian() -> str:
    """Return the licence as a field of a Debian copyright file."""
    lines = (ROOT / "LICENSE").read_text(encoding="utf-8").splitlines()
    return "\n".join(f" {line or '.'}" for line in lines)


def filled(template: Path, **values: str) -> str:
    """Return the text of a template with every @NAME@ replaced by its value."""
    known = {"VERSION": version(), "SUMMARY": summary(), "DATE": day(), "MAINTAINER": MAINTAINER, **values}
    known["LICENCE"] = licence_for_debian()
    return re.sub(r"@([A-Z_]+)@", lambda found: known[found[1]], template.read_text(encoding="utf-8"))
