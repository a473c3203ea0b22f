"""The decisions of packaging/dev.py; that it makes an environment is seen by whoever starts it."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parents[2] / "packaging" / "dev.py"


@pytest.fixture(scope="module")
def dev():
    spec = importlib.util.spec_from_file_location("paramdesk_dev", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "requirements.lock"
    path.write_text("numpy==2.4.6\n")
    return path


@pytest.fixture
def venv(dev, tmp_path, lock):
    """An environment that looks finished."""
    folder = tmp_path / "checkout" / ".venv"
    (dev.packages_folder(folder) / "numpy-2.4.6.dist-info").mkdir(parents=True)
    dev.environment_python(folder).parent.mkdir(parents=True)
    dev.environment_python(folder).touch()
    dev.write_stamp(folder, [lock])
    return folder


def usable(dev, venv):
    return dev.is_usable(venv, dev.read_stamp(venv))


def complete(dev, venv, *locks):
    return dev.is_complete(venv, dev.read_stamp(venv), locks)


class TestEnvironment:
    def test_that_a_finished_environment_is_taken_as_it_is(self, dev, venv, lock):
        assert usable(dev, venv)
        assert complete(dev, venv, lock)

    def test_that_an_unfinished_environment_is_made_anew(self, dev, venv):
        dev.stamp_file(venv).unlink()
        assert not usable(dev, venv)

    def test_that_a_damaged_stamp_counts_as_none(self, dev, venv):
        dev.stamp_file(venv).write_text("{")
        assert not usable(dev, venv)

    def test_that_an_environment_whose_python_is_gone_is_made_anew(self, dev, venv):
        dev.environment_python(venv).unlink()
        assert not usable(dev, venv)

    def test_that_an_environment_of_another_python_is_made_anew(self, dev, venv, monkeypatch):
        monkeypatch.setattr(dev, "python_tag", lambda: "cpython-399-x86_64")
        assert not usable(dev, venv)

    def test_that_a_changed_lock_file_is_installed(self, dev, venv, lock):
        lock.write_text("numpy==2.4.7\n")
        assert usable(dev, venv)
        assert not complete(dev, venv, lock)

    def test_that_the_tools_are_installed_where_only_the_runtime_was(self, dev, venv, lock):
        tools = lock.with_name("development.lock")
        tools.write_text("pytest==9.2.0\n")
        assert not complete(dev, venv, lock, tools)

    def test_that_a_removed_package_is_installed_again(self, dev, venv, lock):
        (dev.packages_folder(venv) / "numpy-2.4.6.dist-info").rmdir()
        assert not complete(dev, venv, lock)

    def test_that_a_package_which_the_user_adds_is_nobody_elses_business(self, dev, venv, lock):
        (dev.packages_folder(venv) / "ipython-9.0.dist-info").mkdir()
        assert complete(dev, venv, lock)

    def test_that_the_path_to_the_checkout_is_relative(self, dev, venv):
        dev.link_checkout(venv)
        folder = dev.packages_folder(venv)
        line = (folder / "paramdesk-checkout.pth").read_text().strip()
        assert not Path(line).is_absolute()
        assert (folder / line).resolve() == venv.parent


class TestSystem:
    def test_that_each_missing_library_names_its_package_once(self, dev):
        holders = {"liba.so.1": "liba1", "libaa.so.1": "liba1", "libb.so.2": "libb2"}
        assert dev.missing_packages(holders, lambda name: name == "libb.so.2") == ["liba1"]

    def test_that_a_library_which_does_not_exist_is_missed(self, dev):
        assert not dev.can_load("libparamdesk-has-no-such-library.so.7")

    def test_that_a_font_is_found_in_a_folder_below(self, dev, tmp_path):
        assert not dev.has_font([str(tmp_path), str(tmp_path / "absent")])
        (tmp_path / "truetype").mkdir()
        (tmp_path / "truetype" / "Some.TTF").touch()
        assert dev.has_font([str(tmp_path)])

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
    def test_that_libraries_are_asked_for_by_the_display(self, dev, variables, expected):
        assert dev.display_libraries(variables) == (getattr(dev, expected) if expected else {})

    def test_that_without_apt_the_packages_are_named(self, dev, monkeypatch):
        monkeypatch.setattr(dev.shutil, "which", lambda _name: None)
        with pytest.raises(dev.Stop, match=r"please install .* libgl1"):
            dev.install_debian_packages(["libgl1"], "Qt lacks a library")

    def test_that_a_user_without_rights_is_told_the_command(self, dev, monkeypatch):
        monkeypatch.setattr(dev.shutil, "which", lambda name: name)
        monkeypatch.setattr(dev, "_privileges", lambda: None)
        with pytest.raises(dev.Stop, match="please run: sudo apt-get install libgl1 libegl1"):
            dev.install_debian_packages(["libgl1", "libegl1"], "Qt lacks libraries")


class TestRun:
    @pytest.mark.parametrize(
        ("arguments", "opens"),
        [
            ([], True),
            (["net.paramdesk"], True),
            (["summary", "net.paramdesk"], False),
            (["screenshot", "net.paramdesk", "-o", "net.png"], False),
            (["--self-test"], False),
            (["--help"], False),
        ],
    )
    def test_that_a_window_is_opened_but_for_commands(self, dev, arguments, opens):
        assert dev.opens_window(arguments) == opens

    def test_that_without_a_window_a_file_is_summarized(self, dev):
        assert dev.without_window(["net.paramdesk"]) == ["summary", "net.paramdesk"]
        assert dev.without_window([]) == ["summary", dev.EXAMPLE]

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a display is taken for granted")
    def test_that_a_display_is_what_the_environment_says(self, dev):
        assert not dev.has_display({"DISPLAY": ""})
        assert dev.has_display({"DISPLAY": ":0"})
        assert dev.has_display({"WAYLAND_DISPLAY": "wayland-0"})
        assert dev.has_display({"QT_QPA_PLATFORM": "offscreen"})

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a display is taken for granted")
    def test_that_without_a_display_the_example_is_printed(self, dev, monkeypatch, capsys):
        started = []
        for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setattr(dev, "environment", lambda tools: Path("tools" if tools else "python"))
        monkeypatch.setattr(dev, "become", lambda command, _variables: started.append(command))
        dev.run([])
        assert started == [["python", "-m", "paramdesk", "summary", dev.EXAMPLE]]
        assert capsys.readouterr().err.startswith("There is no display")


class TestCommands:
    def test_that_an_unknown_command_is_answered_with_those_there_are(self, dev, capsys):
        assert dev.main(["fly"]) == 2
        assert "setup, run, test" in capsys.readouterr().err

    def test_that_a_stop_is_one_line_without_a_traceback(self, dev, capsys):
        assert dev.main(["check", "something"]) == 1
        assert capsys.readouterr().err == "dev.py: check takes no arguments.\n"

    def test_that_the_help_names_every_command(self, dev, capsys):
        assert dev.main([]) == 0
        text = capsys.readouterr().out
        assert all(f"dev.py {name}" in text for name in dev.COMMANDS)

    @pytest.mark.skipif(os.name == "nt", reason="there the status comes by another way")
    @pytest.mark.parametrize("status", [0, 3])
    def test_that_the_exit_status_is_that_of_the_program(self, status):
        code = f"import dev, os; dev.become(['sh', '-c', 'exit {status}'], os.environ)"
        done = subprocess.run([sys.executable, "-c", code], cwd=PATH.parent, check=False)
        assert done.returncode == status
