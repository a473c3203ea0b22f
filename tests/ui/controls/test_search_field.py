import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from paramdesk.ui.controls.search_field import SearchField


class Panel(QWidget):
    """Counts the keys that its field leaves to it."""

    keys = 0

    def keyPressEvent(self, event):
        self.keys += 1


@pytest.fixture
def panel(qtbot):
    panel = Panel()
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def field(icons, panel):
    field = SearchField(icons, "Find a layer")
    QVBoxLayout(panel).addWidget(field)
    panel.show()
    return field


def cross(field):
    return field.findChildren(QToolButton)[-1]


def test_that_escape_empties_it_and_is_then_left_to_others(field, panel, qtbot):
    qtbot.keyClicks(field, "conv")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), panel.keys) == ("", 0)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert panel.keys == 1


def test_that_a_cross_empties_it_while_there_is_something(field, qtbot):
    assert not cross(field).isVisible()
    qtbot.keyClicks(field, "conv")
    assert cross(field).isVisible()
    qtbot.mouseClick(cross(field), Qt.MouseButton.LeftButton)
    assert field.text() == ""
    assert not cross(field).isVisible()


def test_that_a_screen_reader_says_what_it_is_for(field):
    assert field.accessibleName() == "Find a layer"
