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


def button(within, name):
    buttons = within.findChildren(QToolButton)
    return next(button for button in buttons if button.accessibleName() == name)


def test_that_its_height_is_the_one_of_the_theme(dock, theme):
    assert dock.titleBarWidget().height() == theme.metrics.dock_title


def test_that_it_says_what_the_dock_is_called(dock):
    assert dock.titleBarWidget().title.text() == "Chart"
    dock.setWindowTitle("Diagram")
    assert dock.titleBarWidget().title.text() == "Diagram"


def test_that_the_cross_closes_the_dock(dock, qtbot):
    qtbot.mouseClick(button(dock.titleBarWidget(), "Close"), Qt.MouseButton.LeftButton)
    assert not dock.isVisible()


@pytest.mark.qt_log_ignore("does not support raise", extend=True)  # by the offscreen platform
def test_that_the_dock_floats_and_comes_back(dock, qtbot):
    qtbot.mouseClick(button(dock.titleBarWidget(), "Float"), Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    qtbot.mouseClick(button(dock.titleBarWidget(), "Put back"), Qt.MouseButton.LeftButton)
    assert not dock.isFloating()


def test_that_only_what_the_dock_can_do_is_offered(dock):
    dock.setFeatures(Feature.DockWidgetMovable | Feature.DockWidgetClosable)
    assert not button(dock.titleBarWidget(), "Float").isVisible()
    assert button(dock.titleBarWidget(), "Close").isVisible()


def test_that_controls_stand_before_the_buttons_of_the_dock(dock, qtbot):
    extra = QLabel("extra")
    dock.titleBarWidget().add_widget(extra)
    qtbot.waitUntil(lambda: extra.isVisible() and extra.x() > 0)
    assert dock.titleBarWidget().title.x() < extra.x() < button(dock.titleBarWidget(), "Float").x()


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


def test_that_it_demands_no_more_than_it_is_allowed(dock, qtbot):
    title = dock.titleBarWidget()
    for text in ("a first control", "another control"):
        title.add_widget(QLabel(text))
    needed = title.minimumSizeHint().width()
    title.allow(90)
    assert title.minimumSizeHint().width() == 90 < needed
    title.allow(2 * needed)
    assert title.minimumSizeHint().width() == needed


def test_that_what_has_no_room_is_left_out_and_comes_back_and_the_cross_stays(dock):
    title = dock.titleBarWidget()
    controls = QLabel("a first control"), QLabel("another control")
    for control in controls:
        control.setFixedWidth(80)
        title.add_widget(control)
    title.allow(0)
    seen = {}
    for width in (400, 230, 150, 60, 400):
        title.resize(width, title.height())
        parts = {"title": title.title, "float": button(title, "Float"), "first": controls[0], "second": controls[1]}
        seen[width] = [name for name, part in parts.items() if part.isVisible()]
        assert button(title, "Close").isVisible()
    assert seen == {400: ["title", "float", "first", "second"], 230: ["first", "second"], 150: ["second"], 60: []}
