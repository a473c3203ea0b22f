"""What holds for every test: no trace in the user's home, no unexpected log, no Qt leftovers.

Qt is imported inside fixtures only, so that the tests of the engine run without it.
"""

import gc
import logging
import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"  # it takes PyQt where that is installed too

# How long an example takes says more about what else the machine is doing.
settings.register_profile("paramdesk", deadline=None)
settings.load_profile("paramdesk")


# --- The user's home


HOME = Path(tempfile.mkdtemp(prefix="paramdesk-tests-"))
HOME_FOLDERS = {
    "HOME": ".",
    "USERPROFILE": ".",
    "APPDATA": "AppData/Roaming",
    "LOCALAPPDATA": "AppData/Local",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
    "XDG_RUNTIME_DIR": "run",
}
for _variable, _folder in HOME_FOLDERS.items():
    (HOME / _folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ[_variable] = str(HOME / _folder)


def pytest_unconfigure():
    shutil.rmtree(HOME, ignore_errors=True)


# --- Tests that need a real display


def pytest_collection_modifyitems(config, items):
    if os.environ["QT_QPA_PLATFORM"] == "xcb":
        return
    left_out = [item for item in items if item.get_closest_marker("xvfb")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


# --- Logs


@pytest.fixture(autouse=True)
def _expected_logs(caplog):
    """Fail a test with a log message of WARNING or above that it did not announce."""
    patterns = []
    yield patterns
    records = [r for phase in ("setup", "call") for r in caplog.get_records(phase)]
    messages = [f"{r.levelname} {r.name}: {r.getMessage()}" for r in records if _is_loud(r)]
    unexpected = [m for m in messages if not any(re.search(p, m) for p in patterns)]
    absent = [p for p in patterns if not any(re.search(p, m) for m in messages)]
    if unexpected:
        pytest.fail("logged, but not announced with expect_log: " + "; ".join(unexpected))
    if absent:
        pytest.fail("announced with expect_log, but never logged: " + "; ".join(absent))


def _is_loud(record):
    return record.levelno >= logging.WARNING


@pytest.fixture
def expect_log(_expected_logs):
    """Announce a log message of WARNING or above by a regular expression.

    It is searched in "LEVEL logger: message", as in expect_log("could not read .*"); a message
    that is announced and never comes fails the test as well.
    """
    return _expected_logs.append


# --- Qt


@pytest.fixture(autouse=True)
def _nothing_of_qt_is_left(request):
    """Give a Qt test settings of its own, and fail it if a window, a timer or work outlives it."""
    if not {"qapp", "qtbot"} & set(request.fixturenames):
        yield
        return
    _redirect_settings(request.getfixturevalue("tmp_path"))
    request.getfixturevalue("qapp")
    windows, timers = _windows(), _active_timers()
    failures = request.session.testsfailed
    yield
    if _leftovers(windows, timers):  # perhaps only a cycle that nobody has collected yet
        gc.collect()
    leftovers = _leftovers(windows, timers)
    described = [_described(leftover) for leftover in leftovers]
    for leftover in leftovers:
        _end(leftover)
    # A failed test's own traceback keeps its widgets alive, and is what has to be read.
    if described and request.session.testsfailed == failures:
        pytest.fail("the test left behind: " + ", ".join(described))


def _redirect_settings(folder):
    from PySide6.QtCore import QSettings

    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    # QSettings(organization, application) is native whatever the default is.
    for file_format in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
        for scope in QSettings.Scope:
            QSettings.setPath(file_format, scope, str(folder / "settings"))


def _leftovers(windows, timers):
    from PySide6.QtCore import QCoreApplication, QEvent, QThreadPool

    pool = QThreadPool.globalInstance()
    busy = [] if pool.waitForDone(2000) else [pool]
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    new_windows = [window for window in _windows() if window not in windows]
    return busy + new_windows + [timer for timer in _active_timers() if timer not in timers]


def _windows():
    """Return the windows that no other widget owns, but for Qt's own tool tip."""
    from PySide6.QtWidgets import QApplication

    windows = QApplication.topLevelWidgets()
    return [w for w in windows if w.parent() is None and w.objectName() != "qtooltip_label"]


def _active_timers():
    """Return the active timers that Python knows; Qt's internal ones are Qt's affair."""
    from PySide6.QtCore import QTimer
    from shiboken6 import Shiboken

    return [o for o in Shiboken.getAllValidWrappers() if isinstance(o, QTimer) and o.isActive()]


def _described(leftover):
    name = leftover.objectName() or (leftover.parent() and f"child of {leftover.parent()!r}")
    return f"{type(leftover).__name__} ({name or 'without name or parent'})"


def _end(leftover):
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QWidget

    if isinstance(leftover, QTimer):
        leftover.stop()
    elif isinstance(leftover, QWidget):
        leftover.close()
        leftover.deleteLater()
