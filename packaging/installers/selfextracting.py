"""The installer for one user of any Linux: one file that unpacks itself, without root."""

import shutil
import time
from pathlib import Path

from installers import bundle, desktop, facts


def build(frozen: Path) -> Path:
    """Make the installer from the frozen application and return its file."""
    folder = facts.BUILD / "run"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(frozen, folder / "application", symlinks=True)
    desktop.furnish(folder / "share", facts.NAME)
    for name in ("install.sh", "uninstall.sh"):
        (folder / name).write_text(facts.filled(desktop.TEMPLATES / name), encoding="utf-8")
        (folder / name).chmod(0o755)
    bundle.smooth(folder)
    facts.DIST.mkdir(exist_ok=True)
    target = facts.DIST / f"{facts.NAME}-{facts.version()}-{facts.machine()}.run"
    target.unlink(missing_ok=True)
    date = time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(facts.epoch()))
    plain = "--sort=name --owner=0 --group=0 --numeric-owner --format=gnu"
    # gzip is everywhere; xz is not in a bare Debian.
    options = ["--gzip", "--complevel", "9", "--nox11", "--sha256", "--packaging-date", date, "--tar-extra", plain]
    title = f"paramdesk {facts.version()}"
    bundle.run(["makeself", "--quiet", *options, folder, target, title, "./install.sh"], "building the .run")
    return target
