import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from paramdesk.ui import settings as settings_module
from paramdesk.ui.settings import RECENT_FILES, Settings

# Values that Qt's own conversions would lose over a restart.
VALUES = {
    "theme": "dark",
    "text_scale": 1.25,
    "window_geometry": bytes(range(256)),
    "window_state": b"",
    "dock_widths": (("palette", 217),),
    "dock_heights": (("table", 300), ("window", 700)),
    "recent_files": (Path("/tmp/a, b.json"), Path('/tmp/@c;"d".keras')),  # noqa: S108
    "last_folder": Path("/tmp/ščž ćžđ"),  # noqa: S108
    "chart_metric": "activation bytes",
    "chart_scale": "log",
    "table_columns": (("name", True), ("macs", False)),
    "table_widths": (("name", 138),),
    "table_folded": True,
    "csv_delimiter": "\t",
    "csv_all_columns": True,
    "csv_totals": True,
    "csv_bom": True,
}

READER = """
import sys
from PySide6.QtCore import QSettings
from paramdesk.ui.settings import Settings
settings = Settings(QSettings(sys.argv[1], QSettings.Format.IniFormat))
print(ascii({name: getattr(settings, name) for name in Settings.declared()}))
"""


@pytest.fixture
def store(qapp, tmp_path):
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def settings(store):
    return Settings(store)


def test_that_every_setting_is_tried_here():
    assert Settings.declared().keys() == VALUES.keys()


@pytest.mark.parametrize("name", list(VALUES))
def test_that_a_setting_starts_at_its_default(settings, name):
    assert getattr(settings, name) == Settings.declared()[name].default


@pytest.mark.parametrize("name", list(VALUES))
def test_that_a_setting_keeps_its_value_and_type(settings, name):
    setattr(settings, name, VALUES[name])
    assert getattr(settings, name) == VALUES[name]
    assert type(getattr(settings, name)) is type(VALUES[name])


def test_that_every_setting_survives_a_restart(settings, store):
    for name, value in VALUES.items():
        setattr(settings, name, value)
    store.sync()
    command = [sys.executable, "-c", READER, store.fileName()]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ascii(VALUES)


@pytest.mark.parametrize("name", list(VALUES))
@pytest.mark.parametrize("nonsense", ["", "?", "{}", "[1]", "9:x", "[[1, 2, 3]]", "inf", 7, ["a"]])
def test_that_nonsense_in_the_file_never_reaches_the_window(settings, store, name, nonsense):
    setting = Settings.declared()[name]
    store.setValue(setting.key, nonsense)
    value = getattr(settings, name)
    assert isinstance(value, type(setting.default)) or name == "last_folder"
    if name in {"theme", "chart_scale"}:
        assert value == setting.default


def test_that_a_path_is_nothing_again_once_it_is_taken_back(settings):
    settings.last_folder = Path("/somewhere")
    settings.last_folder = None
    assert settings.last_folder is None


def test_that_the_state_of_another_version_is_left_unread(settings, monkeypatch):
    settings.window_state = b"docks"
    monkeypatch.setattr(settings_module, "STATE_VERSION", settings_module.STATE_VERSION + 1)
    assert settings.window_state == b""


def test_that_no_two_settings_share_a_key():
    keys = [setting.key for setting in Settings.declared().values()]
    assert len(keys) == len(set(keys))


def test_that_what_is_stored_is_text(settings, store):
    settings.recent_files = (Path("/a"),)
    stored = store.value(Settings.recent_files.key)
    assert [Path(name) for name in json.loads(stored)] == [Path("/a")]


def test_that_a_remembered_file_comes_first_and_only_once(settings, tmp_path):
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    for path in (first, second, first):
        settings.remember_file(path)
    assert settings.recent_files == (first, second)
    assert settings.last_folder == tmp_path


def test_that_only_so_many_files_are_remembered(settings, tmp_path):
    for number in range(RECENT_FILES + 3):
        settings.remember_file(tmp_path / f"{number}.json")
    assert len(settings.recent_files) == RECENT_FILES
    assert settings.recent_files[-1] == tmp_path / "3.json"


def test_that_a_file_can_be_forgotten(settings, tmp_path):
    settings.remember_file(tmp_path / "a.json")
    settings.forget_file(tmp_path / "a.json")
    assert settings.recent_files == ()
