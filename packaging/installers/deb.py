"""The package for Debian, Ubuntu and what descends from them."""

import gzip
import shutil
from pathlib import Path

from installers import bundle, desktop, facts, needs

CONTROL = """\
Package: paramdesk
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {size}
Depends: {depends}
Recommends: {recommends}
Section: science
Priority: optional
Description: {summary}
 A desktop application for everybody who wants to know where the parameters of
 a neural network come from: drag layers into a stack, and every output shape,
 every count and the way it comes about are there at once.
 .
 It brings its own Python and Qt, works offline, and needs no framework.
"""


def build(frozen: Path) -> Path:
    """Make the package from the frozen application and return its file."""
    root = facts.BUILD / "deb"
    shutil.rmtree(root, ignore_errors=True)
    stage(frozen, root)
    documents = root / "usr" / "share" / "doc" / facts.NAME
    documents.mkdir(parents=True)
    (documents / "copyright").write_text(facts.filled(desktop.TEMPLATES / "copyright"), encoding="utf-8")
    changes = (facts.ROOT / "CHANGELOG.md").read_bytes()
    (documents / "CHANGELOG.md.gz").write_bytes(gzip.compress(changes, mtime=facts.epoch()))
    control = root / "DEBIAN" / "control"
    control.parent.mkdir()
    control.write_text(_control(frozen, bundle.size(root)), encoding="utf-8")
    bundle.smooth(root)
    facts.DIST.mkdir(exist_ok=True)
    target = facts.DIST / f"{facts.NAME}_{facts.version()}_{_architecture()}.deb"
    bundle.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, target], "building the .deb")
    return target


def stage(frozen: Path, root: Path) -> None:
    """Lay the application out below a folder as it shall lie below /."""
    shutil.copytree(frozen, root / "usr" / "lib" / facts.NAME, symlinks=True)
    programs = root / "usr" / "bin"
    programs.mkdir()
    (programs / facts.NAME).symlink_to(Path("..") / "lib" / facts.NAME / facts.NAME)
    desktop.furnish(root / "usr" / "share", facts.NAME)
    desktop.validate(root / "usr" / "share")


def _control(frozen: Path, size: int) -> str:
    files = needs.binaries(frozen)
    needed, some = needs.packages(needs.foreign_libraries(files))
    return CONTROL.format(
        version=facts.version(),
        architecture=_architecture(),
        maintainer=facts.MAINTAINER,
        size=size // 1024,
        depends=", ".join([f"libc6 (>= {needs.libc_version(files)})", *needed, needs.FONTS]),
        recommends=", ".join([*some, "shared-mime-info", "desktop-file-utils"]),
        summary=facts.summary(),
    )


def _architecture() -> str:
    machine = facts.machine()
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
