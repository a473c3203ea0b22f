"""The actions of a window: those in sight at once, the others before anybody can ask for them."""

import pytest
from PySide6.QtWidgets import QMainWindow

from tests.helpers.networks import article_convnet


class Recorder:
    """Owns every gesture, and notes which were made."""

    def __init__(self):
        self.made = []

    def __call__(self, owner):
        return _Named(owner, self.made)


class _Named:
    def __init__(self, name, made):
        self._name, self._made = name, made

    def __getattr__(self, method):
        return lambda: self._made.append(f"{self._name}.{method}")


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def host(qtbot):
    """Return a window with a menu bar."""
    host = QMainWindow()
    qtbot.addWidget(host)
    return host


@pytest.fixture
def actions(host, icons, recorder):
    """Return the actions of a document, and put their menus into the window's bar."""
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.window.action_set import ActionSet
    from paramdesk.ui.window.actions import ACTIONS

    document = Document(host)
    document.open(article_convnet())
    states = {spec.checked: lambda: True for spec in ACTIONS if spec.checked}
    actions = ActionSet(document, icons, recorder, states, host)
    actions.add_menus(host.menuBar())
    return actions


def texts(menu):
    return [action.text() for action in menu.actions() if action.text()]


def test_that_a_menu_is_full_when_it_opens_however_early(host, actions):
    edit = next(action.menu() for action in host.menuBar().actions() if action.text() == "&Edit")
    assert texts(edit) == []
    edit.aboutToShow.emit()
    assert texts(edit)[:3] == ["&Undo", "&Redo", "Cu&t"]
    edit.aboutToShow.emit()
    assert len(texts(edit)) == len(set(texts(edit)))


def test_that_an_action_that_was_not_in_sight_is_as_the_document_is(actions):
    assert not actions["edit.cut"].isEnabled()
    assert actions["view.table"].isChecked()
    assert actions["edit.select_all"].isEnabled()


def test_that_an_action_made_later_follows_the_document(host, actions):
    document = host.findChild(type(actions._document))  # noqa: SLF001 - the fixture's own
    cut = actions["edit.cut"]
    document.selection.select((1,))
    assert cut.isEnabled()


def test_that_an_action_asks_its_owner_and_keeps_the_tick_of_its_state(actions, recorder):
    actions["edit.duplicate"].setEnabled(True)
    actions["edit.duplicate"].trigger()
    table = actions["view.table"]
    table.trigger()
    assert recorder.made == ["editing.duplicate", "viewing.toggle_table"]
    assert table.isChecked()
