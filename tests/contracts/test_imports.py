"""What `import paramdesk` loads decides how fast every command starts."""

import subprocess
import sys

import pytest

SLOW = ["PySide6", "shiboken6", "numpy", "pyqtgraph"]


def loaded_by(statement):
    report = f"import sys; {statement}; print(*(m for m in {SLOW} if m in sys.modules))"
    process = subprocess.run([sys.executable, "-W", "error", "-c", report], capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return process.stdout.split()


@pytest.mark.parametrize("module", ["paramdesk", "paramdesk.resources"])
def test_that_importing_the_package_loads_neither_qt_nor_numpy(module):
    assert loaded_by(f"import {module}") == []
