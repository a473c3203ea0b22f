"""What goes into the frozen application, and what it must find in the system."""

import shutil
import sys

import pytest

from installers import contents, needs
from paramdesk.engine.layer_kind import kinds
from terminal import Stop


def binary(place, source=""):
    return place, source or place, "BINARY"


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6/plugins/imageformats/qsvg.dll",
        "PySide6/Qt/plugins/iconengines/libqsvgicon.so",
        "numpy/_core/_multiarray_umath.so",
        "pyqtgraph/icons/__init__.py",
        "paramdesk/_resources/icons/conv.svg",
    ],
)
def test_that_what_a_window_loads_is_kept(place):
    assert contents.is_needed(place)


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/translations/qt_de.qm",
        "PySide6/Qt/plugins/platforms/libqeglfs.so",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/imageformats/libqtiff.so",
        r"PySide6\Qt\plugins\tls\qopensslbackend.dll",
        "numpy/_core/tests/test_api.py",
    ],
)
def test_that_what_no_window_loads_is_left_out(place):
    assert not contents.is_needed(place)


def test_that_a_library_stays_only_if_something_that_stays_loads_it():
    loads = {
        "PySide6/QtGui.abi3.so": ["libQt6Gui.so.6"],
        "libQt6Gui.so.6": ["libicu.so.73", "libGL.so.1"],
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so": ["libgtk-3.so.0"],
    }
    entries = [
        *(binary(place) for place in loads),
        binary("libicu.so.73"),
        binary("libgtk-3.so.0"),
        binary("libGL.so.1"),
    ]
    kept = contents.needed(entries, lambda source: loads.get(source, []))
    assert [place for place, _source, _kind in kept] == ["PySide6/QtGui.abi3.so", "libQt6Gui.so.6", "libicu.so.73"]


def test_that_links_to_what_was_left_out_go_too():
    entries = [("libA.so", "PySide6/libA.so", "SYMLINK"), ("libB.so", "PySide6/libB.so", "SYMLINK"), binary("x.txt")]
    assert contents.without_dangling(entries, [binary("PySide6/libA.so")]) == [entries[0], entries[2]]


def test_that_every_module_is_named_to_the_freezer():
    found = set(contents.modules())
    assert {"paramdesk", "paramdesk.cli", "paramdesk.ui", "paramdesk.self_test"} <= found
    assert {kind.__module__ for kind in kinds().values() if kind.__module__.startswith("paramdesk")} <= found


def test_that_a_library_that_nobody_knows_stops_the_build():
    assert needs.packages(["libGL.so.1", "libc.so.6", "libdrm.so.2"]) == (["libgl1"], ["libdrm2"])
    with pytest.raises(Stop, match=r"libnew\.so\.7: neither bundled"):
        needs.packages(["libGL.so.1", "libnew.so.7"])


@pytest.mark.skipif(not sys.platform.startswith("linux") or not shutil.which("objdump"), reason="reads ELF files")
def test_that_needs_are_read_from_the_files(tmp_path):
    program = tmp_path / "program"
    shutil.copy(shutil.which("sh"), program)
    (tmp_path / "notes.txt").write_text("no program")
    assert needs.binaries(tmp_path) == [program]
    assert "libc.so.6" in needs.foreign_libraries([program])
    assert float(needs.libc_version([program])) >= 2.17
