"""What the commands of packaging/dev.py make of their arguments."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import dev
import system_needs

PATH = Path(dev.__file__)


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
    def test_that_a_window_is_opened_but_for_commands(self, arguments, opens):
        assert dev.opens_window(arguments) == opens

    def test_that_without_a_window_a_file_is_summarized(self):
        assert dev.without_window(["net.paramdesk"]) == ["summary", "net.paramdesk"]
        assert dev.without_window([]) == ["summary", dev.EXAMPLE]

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a display is taken for granted")
    def test_that_a_display_is_what_the_environment_says(self):
        assert not system_needs.has_display({"DISPLAY": ""})
        assert system_needs.has_display({"DISPLAY": ":0"})
        assert system_needs.has_display({"WAYLAND_DISPLAY": "wayland-0"})
        assert system_needs.has_display({"QT_QPA_PLATFORM": "offscreen"})

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a display is taken for granted")
    def test_that_without_a_display_the_example_is_printed(self, monkeypatch, capsys):
        started = []
        for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setattr(dev, "environment", lambda tools: Path("tools" if tools else "python"))
        monkeypatch.setattr(dev, "become", lambda command, _variables: started.append(command))
        dev.run([])
        assert started == [["python", "-m", "paramdesk", "summary", dev.EXAMPLE]]
        assert capsys.readouterr().err.startswith("There is no display")


class TestCommands:
    def test_that_an_unknown_command_is_answered_with_those_there_are(self, capsys):
        assert dev.main(["fly"]) == 2
        assert "setup, run, test" in capsys.readouterr().err

    def test_that_a_stop_is_one_line_without_a_traceback(self, capsys):
        assert dev.main(["check", "something"]) == 1
        assert capsys.readouterr().err == "dev.py: check takes no arguments.\n"

    def test_that_the_help_names_every_command(self, capsys):
        assert dev.main([]) == 0
        text = capsys.readouterr().out
        assert all(f"dev.py {name}" in text for name in dev.COMMANDS)

    @pytest.mark.skipif(os.name == "nt", reason="there the status comes by another way")
    @pytest.mark.parametrize("status", [0, 3])
    def test_that_the_exit_status_is_that_of_the_program(self, status):
        code = f"import dev, os; dev.become(['sh', '-c', 'exit {status}'], os.environ)"
        done = subprocess.run([sys.executable, "-c", code], cwd=PATH.parent, check=False)
        assert done.returncode == status
