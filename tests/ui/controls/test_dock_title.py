import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow, QToolButton

from paramdesk.ui.controls.dock_title import DockTitle

Feature = QDockWidget.DockWidgetFeature


@pytest.fixture
def window(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def dock(window, theme, icons):
    dock = QDockWidget("Chart", window)
    dock.setTitleBarWidget(DockTitle(theme, icons, dock))
    dock.setWidget(QLabel("inside"))
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    window.show()
    return dock


def button(dock, name):
    buttons = dock.titleBarWidget().findChildren(QToolButton)
    return next(button for button in buttons if button.accessibleName() == name)


def test_that_its_height_is_the_one_of_the_theme(dock, theme):
    assert dock.titleBarWidget().height() == theme.metrics.dock_title


def test_that_it_says_what_the_dock_is_called(dock):
    assert dock.titleBarWidget().title.text() == "Chart"
    dock.setWindowTitle("Diagram")
    assert dock.titleBarWidget().title.text() == "Diagram"


def test_that_the_cross_closes_the_dock(dock, qtbot):
    qtbot.mouseClick(button(dock, "Close"), Qt.MouseButton.LeftButton)
    assert not dock.isVisible()


@pytest.mark.qt_log_ignore("does not support raise", extend=True)  # by the offscreen platform
def test_that_the_dock_floats_and_comes_back(dock, qtbot):
    qtbot.mouseClick(button(dock, "Float"), Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    qtbot.mouseClick(button(dock, "Put back"), Qt.MouseButton.LeftButton)
    assert not dock.isFloating()


def test_that_only_what_the_dock_can_do_is_offered(dock):
    dock.setFeatures(Feature.DockWidgetMovable | Feature.DockWidgetClosable)
    assert not button(dock, "Float").isVisible()
    assert button(dock, "Close").isVisible()


def test_that_controls_stand_before_the_buttons_of_the_dock(dock, qtbot):
    extra = QLabel("extra")
    dock.titleBarWidget().add_widget(extra)
    qtbot.waitUntil(lambda: extra.isVisible() and extra.x() > 0)
    assert dock.titleBarWidget().title.x() < extra.x() < button(dock, "Float").x()


def test_that_the_line_below_can_be_left_out(window, theme, icons, qtbot):
    dock = QDockWidget("Layers", window)
    title = DockTitle(theme, icons, dock, ground="panel", line=False)
    dock.setTitleBarWidget(title)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    window.show()
    image = title.grab().toImage()
    assert image.pixelColor(1, image.height() - 1) == image.pixelColor(1, 1)


def test_that_it_grows_with_the_text(dock, theme):
    theme.text_scale = 2
    assert dock.titleBarWidget().sizeHint().height() == theme.metrics.dock_title
