"""Pictures of the window, without a screen."""

import subprocess
import sys
from pathlib import Path

import pytest

from paramdesk.formats.templates import open_template
from paramdesk.ui.screenshot import PANELS, screenshot

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def look(qapp):
    font, palette = qapp.font(), qapp.palette()
    yield
    qapp.setStyle("Fusion")
    qapp.setPalette(palette)
    qapp.setFont(font)


def picture(path):
    from PySide6.QtGui import QImage

    return QImage(str(path))


@pytest.mark.parametrize("panel", PANELS)
def test_that_every_panel_has_a_picture(look, tmp_path, panel):
    path = tmp_path / "out.png"
    screenshot(open_template("article-convnet-dense"), path, (1440, 900), "light", "conv2d_1", panel)
    image = picture(path)
    assert (image.width() == 1440) == (panel == "window")
    colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    assert len(colours) > 10


def test_that_dark_is_dark(look, tmp_path):
    for theme in ("light", "dark"):
        screenshot(open_template("article-convnet"), tmp_path / f"{theme}.png", (800, 600), theme)
    light, dark = (picture(tmp_path / f"{theme}.png").pixelColor(400, 10).lightness() for theme in ("light", "dark"))
    assert light > 200
    assert dark < 60


def test_that_it_needs_neither_an_application_nor_a_display(tmp_path):
    code = (
        "import os; [os.environ.pop(n, None) for n in ('DISPLAY', 'QT_QPA_PLATFORM', 'WAYLAND_DISPLAY')];"
        "from paramdesk.formats.templates import open_template; from paramdesk.ui.screenshot import screenshot;"
        f"screenshot(open_template('article-convnet'), {str(tmp_path / 'out.png')!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    assert (tmp_path / "out.png").stat().st_size > 10_000
