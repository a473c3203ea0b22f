#!/usr/bin/env python3
"""The commands of the checkout.

python3 packaging/dev.py setup               make .venv and install what running and testing need
python3 packaging/dev.py run [ARGUMENT…]     start paramdesk; without a display, print a summary
python3 packaging/dev.py test [ARGUMENT…]    run the tests; arguments go to pytest
python3 packaging/dev.py drags [ARGUMENT…]   run the tests that need a real X display and pointer
python3 packaging/dev.py check               run the linters, the type checker, the import contracts
python3 packaging/dev.py lock [ARGUMENT…]    write the lock files anew; --upgrade takes new versions
python3 packaging/dev.py package TARGET…     make installers: deb, rpm, run, windows, appimage, macos, all

Each makes or mends .venv first when that is needed; otherwise it starts at once and without a
network. What is imported here is of the standard library or beside this file, which keeps to a
syntax that Python 3.6 can parse, so that an old Python gets a sentence instead of a SyntaxError.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - it is for those who start it with an old one
    sys.exit(
        "paramdesk needs Python 3.11 or newer, and this is {}.{}: start it with a newer one, "
        "for example python3.12 packaging/dev.py".format(*sys.version_info[:2])
    )

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from environments import ROOT, RUNTIME_LOCK, TOOLS_LOCK, VENV, environment, scripts_folder
from system_needs import ensure_qt_can_start, has_display, install_debian_packages, is_linux, missing_packages
from terminal import Stop, become, say

INSTALLERS_LOCK = ROOT / "packaging" / "installers.lock"  # holds all of RUNTIME_LOCK too

# What `run` prints where no window can be shown.
EXAMPLE = "template:article-convnet-dense"

# First arguments of paramdesk that need no Qt, and those that need Qt but show no window.
TEXT_COMMANDS = (
    "summary",
    "explain",
    "convert",
    "formats",
    "kinds",
    "templates",
    "-h",
    "--help",
    "--version",
)
HIDDEN_COMMANDS = ("screenshot", "--self-test")

# The programs of the real-pointer tests, and the Debian packages that hold them.
POINTER_PROGRAMS = {
    "xvfb-run": "xvfb",
    "xauth": "xauth",
    "xdotool": "xdotool",
    "openbox": "openbox",
}


def setup(arguments: Sequence[str]) -> int:
    """Make .venv and install what running and testing need."""
    if arguments:
        raise Stop("setup takes no arguments.")
    ensure_qt_can_start(os.environ)
    environment(tools=True)
    say("Ready: python3 packaging/dev.py run, or test.")
    return 0


def opens_window(arguments: Sequence[str]) -> bool:
    """Return whether paramdesk would show a window when started with these arguments."""
    return not arguments or arguments[0] not in TEXT_COMMANDS + HIDDEN_COMMANDS


def without_window(arguments: Sequence[str]) -> list[str]:
    """Return arguments that print what those given would have shown in a window."""
    files = [argument for argument in arguments if not argument.startswith("-")]
    return ["summary", files[0] if files else EXAMPLE]


def run(arguments: Sequence[str]) -> int:
    """Start paramdesk; without a display, print a summary."""
    if opens_window(arguments) and not has_display(os.environ):
        arguments = without_window(arguments)
        say(f"There is no display to show a window on: paramdesk {' '.join(arguments)}")
    if not arguments or arguments[0] not in TEXT_COMMANDS:
        ensure_qt_can_start(os.environ)
    python = environment(tools=False)
    become([str(python), "-m", "paramdesk", *arguments], os.environ)


def test(arguments: Sequence[str]) -> int:
    """Run the tests."""
    variables = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    if os.name == "nt":  # where Qt finds no fonts by itself without a screen
        variables.setdefault("QT_QPA_FONTDIR", str(Path(variables.get("SYSTEMROOT", "C:/Windows")) / "Fonts"))
    ensure_qt_can_start(variables)
    python = environment(tools=True)
    os.chdir(ROOT)
    become([str(python), "-m", "pytest", *arguments], variables)


def drags(arguments: Sequence[str]) -> int:
    """Run the tests that need a real X display and pointer."""
    if not is_linux():
        raise Stop("drags needs Xvfb, which only Linux has.")
    ensure_qt_can_start({"DISPLAY": "the one that Xvfb will make"})
    programs = missing_packages(POINTER_PROGRAMS, shutil.which)
    if programs:
        install_debian_packages(programs, "Programs of the pointer tests are missing")
    python = environment(tools=True)
    os.chdir(ROOT)
    variables = {**os.environ, "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"}
    variables.pop("WAYLAND_DISPLAY", None)
    pytest = [str(python), "-m", "pytest", "-m", "xvfb", *arguments]
    session = ["sh", "-c", 'openbox >/dev/null 2>&1 & exec "$@"', "session", *pytest]
    become(["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", *session], variables)


def check(arguments: Sequence[str]) -> int:
    """Run the linters, the type checker and the import contracts, all of them in any case."""
    if arguments:
        raise Stop("check takes no arguments.")
    python = str(environment(tools=True))
    checks = {
        "ruff": [python, "-m", "ruff", "check"],
        "format": [python, "-m", "ruff", "format", "--check"],
        "types": [python, "-m", "mypy"],
        "imports": [str(scripts_folder(VENV) / "lint-imports"), "--no-cache"],
    }
    failed = []
    for name, command in checks.items():
        say(f"-- {name}")
        if subprocess.run(command, check=False, cwd=ROOT).returncode:
            failed.append(name)
    if failed:
        raise Stop(f"failed: {', '.join(failed)}.")
    return 0


def lock(arguments: Sequence[str]) -> int:
    """Write the lock files anew from pyproject.toml."""
    with tempfile.TemporaryDirectory() as folder:
        uv = shutil.which("uv") or _fetch_uv(Path(folder))
        options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
        compiler = [uv, "pip", "compile", "pyproject.toml", *options, "--quiet", *arguments]
        _compile([*compiler, "-o"], RUNTIME_LOCK)
        constraint = RUNTIME_LOCK.relative_to(ROOT).as_posix()
        _compile([*compiler, "--extra", "dev", "-c", constraint, "-o"], TOOLS_LOCK)
        _compile([*compiler, "--extra", "installers", "-c", constraint, "-o"], INSTALLERS_LOCK)
    return 0


def package(arguments: Sequence[str]) -> int:
    """Make installers."""
    from installers import commands

    return commands.package(arguments)


def _fetch_uv(folder: Path) -> str:
    pip = [str(environment(tools=False)), "-m", "pip", "--quiet", "install"]
    if subprocess.run([*pip, "--target", str(folder), "uv"], check=False).returncode:
        raise Stop("fetching uv, which resolves versions, failed for the reason above.")
    return str(folder / "bin" / ("uv.exe" if os.name == "nt" else "uv"))


def _compile(compiler: Sequence[str], target: Path) -> None:
    name = target.relative_to(ROOT).as_posix()
    if subprocess.run([*compiler, name], check=False, cwd=ROOT).returncode:
        raise Stop(f"writing {name} failed, for the reason above.")
    header = "# Made by: python3 packaging/dev.py lock\n"
    text = header + target.read_text(encoding="utf-8").replace(header, "")
    if "://" in text:
        raise Stop(f"{name} holds an address, which must not be published.")
    target.write_text(text, encoding="utf-8", newline="\n")


COMMANDS = {
    "setup": setup,
    "run": run,
    "test": test,
    "drags": drags,
    "check": check,
    "lock": lock,
    "package": package,
}


def main(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name."""
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(__doc__)
        return 0
    command = COMMANDS.get(arguments[0])
    if command is None:
        say(f"dev.py: there is no command {arguments[0]!r}; there are: {', '.join(COMMANDS)}.")
        return 2
    try:
        return command(arguments[1:])
    except Stop as stop:
        say(f"dev.py: {stop}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
