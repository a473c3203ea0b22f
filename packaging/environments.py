"""The environments of the checkout: made once from a lock file, and mended when that has changed."""

import hashlib
import importlib.util
import json
import os
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from system_needs import install_debian_packages
from terminal import Stop, say

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
RUNTIME_LOCK = ROOT / "requirements.lock"
TOOLS_LOCK = ROOT / "packaging" / "development.lock"  # holds all of RUNTIME_LOCK too


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
    return prepared(VENV, [RUNTIME_LOCK, TOOLS_LOCK] if tools else [RUNTIME_LOCK])


def prepared(venv: Path, locks: Sequence[Path]) -> Path:
    """Return the interpreter of an environment that holds what these lock files ask for.

    The last of them holds all of the others, and is the one that is installed.
    """
    stamp = read_stamp(venv)
    usable = is_usable(venv, stamp)
    if usable and is_complete(venv, stamp, locks):
        return environment_python(venv)
    if usable:
        stamp_file(venv).unlink()
    else:
        make_environment(venv)
    say(f"Installing the packages of {locks[-1].name} into {venv.relative_to(ROOT).as_posix()} (once) …")
    install(venv, locks[-1])
    write_stamp(venv, locks)
    return environment_python(venv)


def make_environment(venv: Path) -> None:
    """Make an environment anew, with pip and a path to the checkout in it."""
    ensure_venv_module()
    name = venv.relative_to(ROOT).as_posix()
    say(f"Making {name} with Python {platform.python_version()} …")
    # Not sys.executable: that may lie in the very .venv that is about to be replaced.
    python = getattr(sys, "_base_executable", None) or sys.executable
    made = subprocess.run([python, "-m", "venv", "--clear", str(venv)], check=False)
    if made.returncode:
        raise Stop(f"making {name} failed; remove that folder and try again.")
    link_checkout(venv, ROOT)


def link_checkout(venv: Path, root: Path) -> None:
    """Let the environment import paramdesk from the checkout.

    A path file does what an editable installation would, but needs no build and no network. Its
    line is relative, so it is plain ASCII wherever the checkout lies, and true after a move.
    """
    packages = packages_folder(venv)
    checkout = os.path.relpath(root, packages)
    (packages / "paramdesk-checkout.pth").write_text(checkout + "\n", encoding="ascii")


def install(venv: Path, lock: Path) -> None:
    """Install what a lock file names, and nothing else, into an environment."""
    pip = [str(environment_python(venv)), "-m", "pip", "--disable-pip-version-check", "--quiet"]
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
