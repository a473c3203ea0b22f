#!/usr/bin/env python3
"""The commands of the checkout.

python3 packaging/dev.py setup               make .venv and install what running and testing need
python3 packaging/dev.py run [ARGUMENT…]     start paramdesk; without a display, print a summary
python3 packaging/dev.py test [ARGUMENT…]    run the tests; arguments go to pytest
python3 packaging/dev.py drags [ARGUMENT…]   run the tests that need a real X display and pointer
python3 packaging/dev.py check               run the linters, the type checker, the import contracts
python3 packaging/dev.py lock [ARGUMENT…]    write the lock files anew; --upgrade takes new versions

Each makes or mends .venv first when that is needed; otherwise it starts at once and without a
network. This file uses the standard library only, and keeps to a syntax that Python 3.6 can
parse, so that an old Python gets a sentence instead of a SyntaxError.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - it is for those who start it with an old one
    sys.exit(
        "paramdesk needs Python 3.11 or newer, and this is {}.{}: start it with a newer one, "
        "for example python3.12 packaging/dev.py".format(*sys.version_info[:2])
    )

import ctypes
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
RUNTIME_LOCK = ROOT / "requirements.lock"
TOOLS_LOCK = ROOT / "packaging" / "development.lock"  # holds all of RUNTIME_LOCK too

# What `run` prints where no window can be shown.
EXAMPLE = "template:article-convnet-dense"

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

# The programs of the real-pointer tests, and the Debian packages that hold them.
POINTER_PROGRAMS = {
    "xvfb-run": "xvfb",
    "xauth": "xauth",
    "xdotool": "xdotool",
    "openbox": "openbox",
}

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


class Stop(Exception):
    """Ends the command with one sentence for the user."""


def say(text: str) -> None:
    """Tell the user something without mixing it into the output of the program."""
    print(text, file=sys.stderr, flush=True)


# --- The environment in .venv


def python_tag() -> str:
    """Return what an environment must have in common with this Python to serve it."""
    return f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}-{platform.machine()}"


def environment_python(venv: Path) -> Path:
    """Return the interpreter inside an environment."""
    return scripts_folder(venv) / ("python.exe" if os.name == "nt" else "python")


def scripts_folder(venv: Path) -> Path:
    """Return the folder of an environment's programs."""
    return Path(_environment_path("scripts", venv))


def packages_folder(venv: Path) -> Path:
    """Return the folder of an environment's packages."""
    return Path(_environment_path("purelib", venv))


def _environment_path(name: str, venv: Path) -> str:
    folder = str(venv)
    return sysconfig.get_path(name, "venv", {"base": folder, "platbase": folder})


def stamp_file(venv: Path) -> Path:
    """Return the file that tells what was installed; it exists only in a finished environment."""
    return venv / "paramdesk-setup.json"


def installed(venv: Path) -> list[str]:
    """Return names and versions of an environment's packages, as their folders spell them."""
    folders = packages_folder(venv).glob("*.dist-info")
    return sorted(f.stem for f in folders if not f.name.startswith(("pip-", "setuptools-")))


def lock_digests(locks: Iterable[Path]) -> dict[str, str]:
    """Return each lock file's name with the hash of its content."""
    return {lock.name: hashlib.sha256(lock.read_bytes()).hexdigest() for lock in locks}


def read_stamp(venv: Path) -> dict[str, object]:
    """Return what write_stamp wrote, or nothing where it wrote nothing that can be read."""
    try:
        stamp = json.loads(stamp_file(venv).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(venv: Path, locks: Iterable[Path]) -> None:
    """Record that the environment is finished, and with what."""
    stamp = {
        "python": python_tag(),
        "locks": lock_digests(locks),
        "packages": installed(venv),
    }
    stamp_file(venv).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")


def is_usable(venv: Path, stamp: Mapping[str, object]) -> bool:
    """Return whether an environment was finished, by a Python like this one that is still there."""
    return stamp.get("python") == python_tag() and environment_python(venv).exists()


def is_complete(venv: Path, stamp: Mapping[str, object], locks: Iterable[Path]) -> bool:
    """Return whether a usable environment still holds what these lock files ask for."""
    digests, packages = stamp.get("locks"), stamp.get("packages")
    if not isinstance(digests, dict) or not isinstance(packages, list):
        return False
    wanted = lock_digests(locks)
    return wanted.items() <= digests.items() and set(packages) <= set(installed(venv))


def environment(tools: bool) -> Path:
    """Return the interpreter of an environment that is up to date, with or without the tools."""
    locks = [RUNTIME_LOCK, TOOLS_LOCK] if tools else [RUNTIME_LOCK]
    stamp = read_stamp(VENV)
    usable = is_usable(VENV, stamp)
    if usable and is_complete(VENV, stamp, locks):
        return environment_python(VENV)
    if usable:
        stamp_file(VENV).unlink()
    else:
        make_environment()
    say(f"Installing the packages of {locks[-1].name} into .venv (once) …")
    install(locks[-1])
    write_stamp(VENV, locks)
    return environment_python(VENV)


def make_environment() -> None:
    """Make .venv anew, with pip and a path to the checkout in it."""
    ensure_venv_module()
    say(f"Making .venv with Python {platform.python_version()} …")
    # Not sys.executable: that may lie in the very .venv that is about to be replaced.
    python = getattr(sys, "_base_executable", None) or sys.executable
    made = subprocess.run([python, "-m", "venv", "--clear", str(VENV)], check=False)
    if made.returncode:
        raise Stop("making .venv failed; remove that folder and try again.")
    link_checkout(VENV)


def link_checkout(venv: Path) -> None:
    """Let the environment import paramdesk from the checkout.

    A path file does what an editable installation would, but needs no build and no network. Its
    line is relative, so it is plain ASCII wherever the checkout lies, and true after a move.
    """
    packages = packages_folder(venv)
    checkout = os.path.relpath(venv.parent, packages)
    (packages / "paramdesk-checkout.pth").write_text(checkout + "\n", encoding="ascii")


def install(lock: Path) -> None:
    """Install what a lock file names, and nothing else, into .venv."""
    pip = [str(environment_python(VENV)), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    options = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run([*pip, "install", *options, "-r", str(lock)], check=False)
    if done.returncode:
        raise Stop("installing the packages failed, for the reason above; is there a network?")


def ensure_venv_module() -> None:
    """See that this Python can make environments; Debian keeps that part in another package."""
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    install_debian_packages([package], "Python's venv module is missing")


# --- What Qt needs of the system


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


# --- The commands


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
    return 0


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


def become(command: Sequence[str], variables: Mapping[str, str]) -> NoReturn:
    """Hand over to another program, whose exit status becomes ours."""
    if os.name == "nt":  # where a replaced process would seem to end at once
        sys.exit(subprocess.run(command, check=False, env=variables).returncode)
    os.execvpe(command[0], list(command), dict(variables))  # noqa: S606 - no shell is wanted


COMMANDS = {
    "setup": setup,
    "run": run,
    "test": test,
    "drags": drags,
    "check": check,
    "lock": lock,
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
