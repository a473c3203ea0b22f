"""Lays out what an installer installs in a folder of its own, without root, so that it can be tried there."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from installers import bundle
from terminal import Stop

Command = list[str | Path]


@contextlib.contextmanager
def unpacked(installer: Path, target: str) -> Iterator[Command | None]:
    """Yield the command that starts what an installer has installed; None where that is not known.

    The folder has a name with blanks and letters of several alphabets.
    """
    with tempfile.TemporaryDirectory(prefix="paramdesk-") as scratch:
        folder = Path(scratch) / "ščž ćžđ 模型"
        folder.mkdir()
        if target == "deb":
            bundle.run(["dpkg-deb", "-x", installer, folder], "unpacking the .deb")
            yield [folder / "usr" / "bin" / "paramdesk"]
        elif target == "rpm":
            inner = Path(shutil.copy(installer, folder))
            bundle.run(["rpm2archive", inner], "unpacking the .rpm")
            bundle.run(["tar", "-xzf", f"{inner}.tgz", "-C", folder], "unpacking the .rpm")
            yield [folder / "usr" / "bin" / "paramdesk"]
        elif target == "run":
            yield from _installed_for_a_user(installer, folder)
        elif target == "appimage":
            bundle.run([installer, "--appimage-extract"], "unpacking the AppImage", cwd=folder)
            yield [folder / "squashfs-root" / "AppRun"]
        else:
            yield None


def _installed_for_a_user(installer: Path, home: Path) -> Iterator[Command]:
    """Install, yield the program, uninstall, and see that nothing is left."""
    variables = {"HOME": str(home)}
    bundle.run(["sh", installer, "--quiet", "--nox11"], "installing for a user", **variables)
    yield [home / ".local" / "bin" / "paramdesk"]
    bundle.run([home / ".local" / "lib" / "paramdesk" / "uninstall"], "uninstalling", **variables)
    left = [os.path.relpath(path, home) for path in home.rglob("*") if path.is_file()]
    known = [name for name in left if name.startswith(".local/share/mime/") or name.endswith("mimeinfo.cache")]
    if set(left) - set(known):
        raise Stop(f"uninstalling left {', '.join(sorted(set(left) - set(known)))}.")
