"""A document with the article's convnet, and the inspector on it."""

import pytest

from tests.helpers.networks import article_convnet


@pytest.fixture
def document(qapp):
    from paramdesk.ui.document.document import Document

    document = Document()
    document.open(article_convnet())
    return document


@pytest.fixture
def inspector(qtbot, document, applied_theme, icons):
    from paramdesk.ui.inspector.inspector_panel import InspectorPanel
    from paramdesk.ui.notices import Notices

    panel = InspectorPanel(document, applied_theme, icons, Notices())
    qtbot.addWidget(panel)
    panel.resize(applied_theme.metrics.inspector_width, 900)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def select(document, qapp):
    """Select layers by their names."""

    def by_name(*names):
        ids = {node.name: node.id for node in document.architecture.nodes()}
        document.selection.select([ids[name] for name in names])
        qapp.processEvents()

    return by_name


@pytest.fixture
def row(inspector):
    """Return the row of an option in the form that is shown."""

    def of(option):
        return inspector.properties.form.rows[option]

    return of


@pytest.fixture
def options(document):
    """Return the options that a layer has in the document."""

    def of(name):
        return next(node for node in document.architecture.nodes() if node.name == name).kind

    return of
