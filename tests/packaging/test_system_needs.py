"""What is said and done where the system lacks something."""

import pytest

import system_needs
from terminal import Stop


def test_that_each_missing_library_names_its_package_once():
    holders = {"liba.so.1": "liba1", "libaa.so.1": "liba1", "libb.so.2": "libb2"}
    assert system_needs.missing_packages(holders, lambda name: name == "libb.so.2") == ["liba1"]


def test_that_a_library_which_does_not_exist_is_missed():
    assert not system_needs.can_load("libparamdesk-has-no-such-library.so.7")


def test_that_a_font_is_found_in_a_folder_below(tmp_path):
    assert not system_needs.has_font([str(tmp_path), str(tmp_path / "absent")])
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "Some.TTF").touch()
    assert system_needs.has_font([str(tmp_path)])


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"DISPLAY": ":0"}, "X11_LIBRARIES"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "X11_LIBRARIES"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "WAYLAND_LIBRARIES"),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, None),
        ({}, None),
    ],
)
def test_that_libraries_are_asked_for_by_the_display(variables, expected):
    assert system_needs.display_libraries(variables) == (getattr(system_needs, expected) if expected else {})


def test_that_without_apt_the_packages_are_named(monkeypatch):
    monkeypatch.setattr(system_needs.shutil, "which", lambda _name: None)
    with pytest.raises(Stop, match=r"please install .* libgl1"):
        system_needs.install_debian_packages(["libgl1"], "Qt lacks a library")


def test_that_a_user_without_rights_is_told_the_command(monkeypatch):
    monkeypatch.setattr(system_needs.shutil, "which", lambda name: name)
    monkeypatch.setattr(system_needs, "_privileges", lambda: None)
    with pytest.raises(Stop, match="please run: sudo apt-get install libgl1 libegl1"):
        system_needs.install_debian_packages(["libgl1", "libegl1"], "Qt lacks libraries")
