"""What lies in the repository, and what must not."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "packaging",
    "paramdesk",
    "pyproject.toml",
    "requirements.lock",
    "resources",
    "tests",
}
RUNTIME_LOCK = ROOT / "requirements.lock"
TOOLS_LOCK = ROOT / "packaging" / "development.lock"


def tracked_files():
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout")
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name]


def pins(lock):
    return set(re.findall(r"^[a-z][^\\\n]*==[^\\\n]*", lock.read_text(), flags=re.MULTILINE))


def test_that_the_top_level_holds_only_what_belongs_there():
    names = {name.split("/")[0] for name in tracked_files()}
    assert {name for name in names if not name.startswith(".")} == TOP_LEVEL


def test_that_nothing_generated_is_tracked():
    generated = re.compile(r"(^|/)(__pycache__|\.venv|\.hypothesis|build|dist)/|\.pyc$")
    assert [name for name in tracked_files() if generated.search(name)] == []


@pytest.mark.parametrize("lock", [RUNTIME_LOCK, TOOLS_LOCK], ids=lambda lock: lock.name)
def test_that_a_lock_file_names_packages_and_no_places(lock):
    lines = lock.read_text().splitlines()
    places = re.compile(r"://|^-|(^|\s)--(?!hash=)|(^|\s)[~.]{0,2}/|\b[a-z]:\\| @ ", re.IGNORECASE)
    assert [line for line in lines if places.search(line)] == []


def test_that_tests_run_with_the_packages_that_users_get():
    assert pins(RUNTIME_LOCK) <= pins(TOOLS_LOCK)


def test_that_qt_is_locked_at_a_version_that_is_sound():
    assert {pin.strip() for pin in pins(RUNTIME_LOCK)} >= {"pyside6-essentials==6.11.3"}


def test_that_packaging_does_not_hide_the_package_of_that_name():
    """With an __init__.py our folder would stand in for the `packaging` that pytest needs."""
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_that_an_old_python_can_parse_the_commands():
    ast.parse((ROOT / "packaging" / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 6))
