import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from paramdesk.ui.controls.elided_label import ElidedLabel

TEXT = "a title that is much too long for the room it has"


@pytest.fixture
def label(qtbot):
    label = ElidedLabel(TEXT)
    qtbot.addWidget(label)
    label.show()
    return label


def ask_for_tooltip(label):
    place = QPoint(3, 3)
    event = QHelpEvent(QEvent.Type.ToolTip, place, label.mapToGlobal(place))
    QApplication.sendEvent(label, event)


def test_that_all_is_shown_where_there_is_room(label):
    label.resize(label.sizeHint())
    assert label.shown_text == TEXT


def test_that_the_text_ends_in_dots_where_there_is_none(label):
    label.resize(80, 20)
    assert label.shown_text.endswith("…")
    assert TEXT.startswith(label.shown_text[:-1])
    assert label.text() == TEXT


def test_that_it_can_be_squeezed(label):
    assert label.minimumSizeHint().width() < label.sizeHint().width() / 4


@pytest.mark.qt_log_ignore("does not support raise", extend=True)  # by the offscreen platform
def test_that_the_tooltip_says_what_is_cut(label):
    label.resize(80, 20)
    ask_for_tooltip(label)
    assert QToolTip.text() == TEXT
    QToolTip.hideText()


def test_that_no_tooltip_repeats_what_is_shown(label):
    label.resize(label.sizeHint())
    QToolTip.hideText()
    ask_for_tooltip(label)
    assert QToolTip.text() == ""


def test_that_it_draws_within_its_room(label):
    label.resize(80, 20)
    assert not label.grab().isNull()
