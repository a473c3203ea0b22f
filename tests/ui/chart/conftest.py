"""A chart over a document."""

import pytest
from PySide6.QtCore import QSettings

from tests.helpers.networks import article_convnet


@pytest.fixture
def document(qapp):
    from paramdesk.ui.document.document import Document

    document = Document()
    document.open(article_convnet())
    return document


@pytest.fixture
def settings(qapp, tmp_path):
    from paramdesk.ui.settings import Settings

    return Settings(QSettings(str(tmp_path / "chart.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def panel(qtbot, document, theme, icons, settings):
    """Return a chart that is loaded and shown."""
    from paramdesk.ui.chart.chart_panel import ChartPanel

    panel = ChartPanel(document, theme, icons, settings)
    qtbot.addWidget(panel)
    panel.resize(400, 308)
    with qtbot.waitSignal(panel.loaded):
        panel.show()
    return panel
