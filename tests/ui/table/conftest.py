"""A table over a document, and networks to show in it."""

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

    return Settings(QSettings(str(tmp_path / "table.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def open_panel(qtbot, document, theme, icons, settings):
    """Return a function that shows a table."""
    from paramdesk.ui.table.table_panel import TablePanel

    def open_one(width=900, height=308):
        panel = TablePanel(document, theme, icons, settings)
        qtbot.addWidget(panel)
        panel.resize(width, height)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    return open_one


@pytest.fixture
def panel(open_panel):
    return open_panel()
