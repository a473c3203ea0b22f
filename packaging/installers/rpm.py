"""The package for Fedora, openSUSE and what descends from them."""

import shutil
from pathlib import Path

from installers import bundle, contents, deb, facts, needs

SPEC = facts.PACKAGING / "linux" / "paramdesk.rpm.spec"


def build(frozen: Path) -> Path:
    """Make the package from the frozen application and return its file."""
    top = facts.BUILD / "rpm"
    shutil.rmtree(top, ignore_errors=True)
    tree = top / "tree"
    deb.stage(frozen, tree)
    bundle.smooth(tree)
    libraries = sorted(needs.foreign_libraries(needs.binaries(frozen)) - set(contents.OF_SOME_SYSTEMS))
    needs.packages(libraries)
    requires = ", ".join(f"{name}()(64bit)" for name in libraries if not name.startswith("ld-linux"))
    spec = top / "paramdesk.spec"
    spec.write_text(facts.filled(SPEC, REQUIRES=requires, TREE=str(tree)), encoding="utf-8")
    settings = {
        "_topdir": str(top),
        "_buildhost": "localhost",
        "clamp_mtime_to_source_date_epoch": "1",
        "use_source_date_epoch_as_buildtime": "1",
        "_binary_payload": "w19.zstdio",
    }
    defines = [word for name, value in settings.items() for word in ("--define", f"{name} {value}")]
    bundle.run(["rpmbuild", "-bb", "--quiet", *defines, spec], "building the .rpm")
    [made] = (top / "RPMS").rglob("*.rpm")
    facts.DIST.mkdir(exist_ok=True)
    target = facts.DIST / made.name
    shutil.copyfile(made, target)
    return target
