"""The application for macOS: a bundle by the same spec as elsewhere, in a disk image. Not run here; see README.md."""

import shutil
from pathlib import Path

from installers import bundle, facts
from terminal import Stop

OLDEST_SYSTEM = "14.0"  # of the two wheels that numpy has for a newer system, installers take this one's


def properties() -> dict[str, object]:
    """Return what Info.plist says beside what PyInstaller writes: the type of file, and what the system may do."""
    of_file = {
        "UTTypeIdentifier": facts.IDENTIFIER,
        "UTTypeDescription": "paramdesk architecture",
        "UTTypeConformsTo": ["public.json"],
        "UTTypeTagSpecification": {
            "public.filename-extension": ["paramdesk"],
            "public.mime-type": facts.MIME_TYPE,
        },
    }
    document = {
        "CFBundleTypeName": "paramdesk architecture",
        "CFBundleTypeRole": "Editor",
        "CFBundleTypeIconFile": "paramdesk.icns",
        "LSHandlerRank": "Owner",
        "LSItemContentTypes": [facts.IDENTIFIER],
    }
    return {
        "CFBundleDisplayName": facts.NAME,
        "CFBundleShortVersionString": facts.version(),
        "CFBundleDocumentTypes": [document],
        "UTExportedTypeDeclarations": [of_file],
        "LSApplicationCategoryType": "public.app-category.education",
        "LSMinimumSystemVersion": OLDEST_SYSTEM,
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,
        "NSHumanReadableCopyright": "The paramdesk authors, MIT licence",
    }


def build(frozen: Path) -> Path:
    """Make the disk image of the bundle that lies beside the frozen folder, and return its file.

    It is of the processor that it is built on: numpy has no wheels for both at once. It is signed ad hoc, which Apple's
    processors ask for; whoever has a certificate signs and notarizes it after that.
    """
    if facts.system() != "Darwin":
        raise Stop("the disk image for macOS can only be built on macOS.")
    application = frozen.parent / "paramdesk.app"
    folder = facts.BUILD / "dmg"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(application, folder / application.name, symlinks=True)
    (folder / "Applications").symlink_to("/Applications")
    inside = folder / application.name
    bundle.run(["codesign", "--force", "--deep", "--sign", "-", inside], "signing")
    facts.DIST.mkdir(exist_ok=True)
    target = facts.DIST / f"{facts.NAME}-{facts.version()}-{facts.machine()}.dmg"
    options = ["-volname", facts.NAME, "-srcfolder", str(folder), "-format", "ULFO", "-ov"]
    bundle.run(["hdiutil", "create", *options, target], "building the disk image")
    return target
