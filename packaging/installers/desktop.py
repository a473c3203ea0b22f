"""What a Linux desktop must know of a program: its entry, icons, type of file, manual page, description."""

import gzip
import shutil
from pathlib import Path

from installers import bundle, facts, icons

TEMPLATES = facts.PACKAGING / "linux"


def furnish(share: Path, program: str) -> None:
    """Put the files into a folder `share`.

    Args:
        share: as /usr/share.
        program: how the desktop is to start it.
    """
    _fill("paramdesk.desktop", share / "applications" / "paramdesk.desktop", PROGRAM=program)
    _fill("paramdesk-mime.xml", share / "mime" / "packages" / "paramdesk.xml")
    _fill("metainfo.xml", share / "metainfo" / f"{facts.IDENTIFIER}.metainfo.xml", IDENTIFIER=facts.IDENTIFIER)
    manual = share / "man" / "man1" / "paramdesk.1.gz"
    manual.parent.mkdir(parents=True)
    manual.write_bytes(gzip.compress(facts.filled(TEMPLATES / "paramdesk.1").encode(), mtime=facts.epoch()))
    theme = share / "icons" / "hicolor"
    pictures = bundle.draw_icons()
    for size in icons.SIZES[:-1]:
        _copy(pictures / f"{size}.png", theme / f"{size}x{size}" / "apps" / "paramdesk.png")
        _copy(pictures / f"{size}.png", theme / f"{size}x{size}" / "mimetypes" / "application-x-paramdesk.png")
    _copy(icons.SOURCE, theme / "scalable" / "apps" / "paramdesk.svg")
    _copy(icons.SOURCE, theme / "scalable" / "mimetypes" / "application-x-paramdesk.svg")


def validate(share: Path) -> None:
    """See that desktops would take the files, as far as the programs that judge this are there."""
    judges: dict[str, list[str | Path]] = {
        "desktop-file-validate": [share / "applications" / "paramdesk.desktop"],
        "appstreamcli": ["validate", "--no-net", share / "metainfo" / f"{facts.IDENTIFIER}.metainfo.xml"],
    }
    for judge, arguments in judges.items():
        if shutil.which(judge):
            bundle.run([judge, *arguments], f"{judge} of the files for desktops")


def _fill(name: str, target: Path, **values: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(facts.filled(TEMPLATES / name, **values), encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
