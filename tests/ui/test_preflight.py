"""Where no window can be shown, one line says why."""

import subprocess
import sys

import pytest

from paramdesk.ui import preflight

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")


@pytest.fixture
def environment(monkeypatch):
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_that_a_missing_display_is_said(environment):
    assert "DISPLAY is not set" in preflight.hindrance()


def test_that_a_platform_that_needs_no_display_is_taken(environment):
    environment.setenv("QT_QPA_PLATFORM", "offscreen")
    assert preflight.hindrance() is None


def test_that_a_display_that_does_not_answer_is_said(environment):
    environment.setenv("DISPLAY", ":4711")
    environment.setattr(preflight, "_loads", lambda library: True)
    assert preflight.hindrance() == "the display :4711 does not answer"


def test_that_missing_libraries_are_named_as_packages(environment):
    environment.setenv("DISPLAY", ":0")
    environment.setattr(preflight, "_loads", lambda library: "xcb-" not in library)
    assert "apt install libxcb-cursor0 libxcb-icccm4" in preflight.hindrance()
    environment.setattr(preflight, "_loads", lambda library: not library.startswith("libX11"))
    assert preflight.hindrance().endswith("apt install libx11-6 libx11-xcb1")


def test_that_a_system_without_fonts_is_said(environment, tmp_path):
    environment.setenv("DISPLAY", ":0")
    environment.setattr(preflight, "FONT_FOLDERS", (str(tmp_path),))
    assert preflight.has_font()  # fontconfig knows one, wherever it is
    environment.setattr(preflight, "_fontconfig_has_font", lambda: False)
    assert "fonts-dejavu-core" in preflight.hindrance()
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "Some.TTF").touch()
    assert "font" not in preflight.hindrance()


def test_that_a_library_missing_at_import_is_explained(environment):
    environment.setattr(preflight, "_loads", lambda library: library != "libEGL.so.1")
    error = ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    assert preflight.explained(error).endswith("apt install libegl1")
    assert preflight.explained(ImportError("no module named x")) is None


def test_that_the_command_says_it_in_one_line_and_fails(environment):
    code = "import sys; from paramdesk.ui.app import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "paramdesk: there is no display to show a window on: DISPLAY is not set\n"
