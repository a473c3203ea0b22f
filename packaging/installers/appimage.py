"""The AppImage: one file for any Linux that runs without being installed. Not built here so far; see README.md."""

import os
import shutil
from pathlib import Path

from installers import bundle, deb, facts

RUN = '#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/usr/bin/paramdesk" "$@"\n'


def build(frozen: Path) -> Path:
    """Make the AppImage from the frozen application and return its file.

    `appimagetool` must be on PATH; where APPIMAGE_RUNTIME names the file of the runtime, nothing is downloaded.
    """
    folder = facts.BUILD / "paramdesk.AppDir"
    stage(frozen, folder)
    facts.DIST.mkdir(exist_ok=True)
    target = facts.DIST / f"{facts.NAME}-{facts.version()}-{facts.machine()}.AppImage"
    runtime = os.environ.get("APPIMAGE_RUNTIME")
    options = ["--runtime-file", runtime] if runtime else []
    bundle.run(["appimagetool", *options, folder, target], "building the AppImage", ARCH=facts.machine())
    return target


def stage(frozen: Path, folder: Path) -> None:
    """Lay the application out as an AppImage has it: desktop entry and icon at the top, the program behind AppRun."""
    shutil.rmtree(folder, ignore_errors=True)
    deb.stage(frozen, folder)
    share = folder / "usr" / "share"
    shutil.copy(share / "applications" / "paramdesk.desktop", folder / "paramdesk.desktop")
    shutil.copy(share / "icons" / "hicolor" / "256x256" / "apps" / "paramdesk.png", folder / "paramdesk.png")
    (folder / ".DirIcon").symlink_to("paramdesk.png")
    # Where tools look for the description of what has been made from an older recipe.
    description = share / "metainfo" / f"{facts.IDENTIFIER}.metainfo.xml"
    shutil.copy(description, description.with_name("paramdesk.appdata.xml"))
    start = folder / "AppRun"
    start.write_text(RUN, encoding="utf-8")
    start.chmod(0o755)
    bundle.smooth(folder)
