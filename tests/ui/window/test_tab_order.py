"""The order in which Tab goes through a window."""

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QWidget
from shiboken6 import isValid

from paramdesk.ui.window.tab_order import step_focus


def test_that_what_tab_has_passed_outlives_what_stood_before_it(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    first, area = QLineEdit(window), QScrollArea(window)
    row.addWidget(first)
    row.addWidget(area)
    parts = (area.viewport(), area.horizontalScrollBar())
    window.show()
    first.setFocus()
    assert step_focus(window, (window,), forward=True)
    first.deleteLater()
    del first
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert [isValid(widget) for widget in (area, *parts)] == [True] * 3
