"""The suite is loud: what tests/conftest.py promises to notice, it notices."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CAREFUL = """
import logging
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QComboBox, QMainWindow, QMenu, QWidget

logger = logging.getLogger("somewhere")


def test_shows_and_closes_a_window(qtbot):
    window = QMainWindow()
    window.menuBar().addMenu("File").addAction("Open")
    window.setCentralWidget(QComboBox())
    window.refresh = QTimer(window, singleShot=True, interval=60_000)
    window.refresh.start()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)


def test_makes_a_cycle(qapp):
    widget = QWidget()
    widget.itself = widget


def test_announces_what_it_logs(expect_log):
    expect_log("cannot read .*")
    logger.warning("cannot read %s", "it")


def test_logs_in_a_low_voice():
    logger.info("all is well")


def test_keeps_settings(qapp, tmp_path):
    QSettings("paramdesk", "paramdesk").setValue("theme", "dark")
    settings = QSettings("paramdesk", "paramdesk")
    settings.sync()
    assert Path(settings.fileName()).is_relative_to(tmp_path)


def test_has_a_home_of_its_own():
    assert "paramdesk-tests-" in str(Path.home())


@pytest.mark.xvfb
def test_needs_a_pointer():
    raise AssertionError
"""

CARELESS = """
import logging
import warnings

from PySide6.QtCore import QTimer, qWarning
from PySide6.QtWidgets import QApplication, QWidget

logger = logging.getLogger("somewhere")
kept = []


def test_forgets_a_window(qtbot):
    kept.append(QWidget(objectName="forgotten"))


def test_forgets_a_timer(qtbot):
    timer = QTimer(QApplication.instance())
    timer.start(60_000)
    kept.append(timer)


def test_logs_a_surprise():
    logger.error("cannot read %s", "it")


def test_announces_what_never_comes(expect_log):
    expect_log("cannot read .*")


def test_warns():
    warnings.warn("old", DeprecationWarning)


def test_warns_in_qt(qtbot):
    qWarning("QPainter::begin: not possible")
"""


def outcome_of(tests, folder):
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "test_inner.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_inner.py"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    counts = re.findall(r"(\d+) (passed|failed|deselected|error)", done.stdout.splitlines()[-1])
    return {what: int(number) for number, what in counts}, done.stdout


def test_that_a_careful_test_passes(tmp_path):
    counts, output = outcome_of(CAREFUL, tmp_path)
    assert counts == {"passed": 6, "deselected": 1}, output


def test_that_a_careless_test_does_not(tmp_path):
    counts, output = outcome_of(CARELESS, tmp_path)
    # Four are found out after they have passed, when the fixtures look at what is left.
    assert counts == {"passed": 4, "error": 4, "failed": 2}, output
    assert "QWidget (forgotten)" in output
    assert "QTimer (child of" in output
    assert "not announced with expect_log: ERROR somewhere: cannot read it" in output
    assert "never logged: cannot read .*" in output
