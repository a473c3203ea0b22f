"""The licences of what an installer brings along, beside those that Python packages carry themselves."""

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from installers import facts
from installers.contents import Entry
from terminal import Stop

PLACE = "paramdesk/_resources/licences/system"


def gather(folder: Path, python: Path) -> None:
    """Put the licences of paramdesk and of the Python that is bundled into a folder.

    Args:
        folder: is made.
        python: the folder of that Python's LICENSE.txt.
    """
    folder.mkdir(parents=True)
    shutil.copy(facts.ROOT / "LICENSE", folder / "paramdesk.txt")
    found = next((path for name in ("LICENSE.txt", "LICENSE") if (path := python / name).is_file()), None)
    if found is None:
        raise Stop(f"the licence of Python is not in {python}, so it could not be passed on.")
    shutil.copy(found, folder / "python.txt")


def folder_of_python() -> Path:
    """Return where the Python that runs this keeps its licence."""
    return Path(sysconfig.get_path("stdlib"))


def of_system(binaries: Iterable[Entry]) -> list[Entry]:
    """Return the licences of the system's own libraries among the binaries, as entries to bundle.

    Wheels and Python bring theirs along; on other systems than Linux nothing is taken from the system.
    """
    if not sys.platform.startswith("linux"):
        return []
    sources = sorted({source for _place, source, _kind in binaries if source.startswith(("/lib", "/usr/lib"))})
    packages = {package_of(Path(source)) for source in sources}
    return [(f"{PLACE}/{name}.txt", str(_copyright(name)), "DATA") for name in sorted(packages)]


def package_of(library: Path) -> str:
    """Return the Debian package that a library belongs to."""
    real = library.resolve()
    names = [str(real), str(real).removeprefix("/usr"), f"/usr{real}"]
    for name in names:
        done = subprocess.run(["dpkg", "-S", name], check=False, capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":", maxsplit=1)[0]
    raise Stop(f"{library} would be bundled, but no package of this system owns it: whose licence is it under?")


def _copyright(package: str) -> Path:
    path = Path("/usr/share/doc") / package / "copyright"
    if not path.is_file():
        raise Stop(f"{path} is missing: reinstall {package}, whose libraries are bundled.")
    return path
