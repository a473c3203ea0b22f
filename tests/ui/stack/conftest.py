"""A stack in a window of its own."""

import pytest


@pytest.fixture
def document(qapp):
    from paramdesk.ui.document.document import Document

    return Document()


@pytest.fixture
def notices(qapp):
    from paramdesk.ui.notices import Notices

    return Notices()


@pytest.fixture
def said(notices):
    """Return the list of what was said to the user."""
    texts = []
    notices.shown.connect(lambda notice: texts.append(notice.text))
    return texts


@pytest.fixture
def panel(qtbot, document, applied_theme, icons, notices):
    """Return the panel, shown, with nothing in it yet."""
    from paramdesk.ui.stack.stack_panel import StackPanel
    from tests.helpers.drops import leave

    made = StackPanel(document, applied_theme, icons, notices)
    qtbot.addWidget(made)
    made.resize(880, 700)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made
    # Qt remembers which widget a drag is over, also beyond the widget's end.
    leave(made.view)


@pytest.fixture
def convnet(document, panel):
    """Return the panel with the article's convnet in it."""
    from tests.helpers.networks import article_convnet

    document.open(article_convnet())
    return panel
