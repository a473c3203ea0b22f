import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QMainWindow, QToolButton, QWidget

from paramdesk.ui.controls.dock_title import DockTitle
from paramdesk.ui.controls.segmented import Segmented

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


@pytest.fixture
def free(window, theme, icons):
    """A title bar with two controls that no dock gives its width."""
    title = DockTitle(theme, icons, QDockWidget("Chart", window))
    for text in ("a first control", "another control"):
        control = QLabel(text)
        control.setFixedWidth(80)
        title.add_widget(control)
    window.show()
    title.parent().show()
    return title


def shown_at(title, width):
    title.resize(width, title.fixed_height())
    QApplication.processEvents()
    assert (title.isVisible(), title.width()) == (True, width)
    parts = [*title.findChildren(QLabel), *title.findChildren(QToolButton)]
    return sorted((part for part in parts if part.isVisible()), key=QWidget.x)


def test_that_what_has_no_room_is_left_out_and_comes_back_and_the_cross_stays(free):
    names = {
        width: [part.accessibleName() or part.text() for part in shown_at(free, width)]
        for width in (400, 230, 160, 60, 401)
    }
    assert names == {
        400: ["Chart", "a first control", "another control", "Float", "Close"],
        230: ["a first control", "another control", "Close"],
        160: ["a first control", "What has no room", "Close"],
        60: ["Close"],
        401: ["Chart", "a first control", "another control", "Float", "Close"],
    }


def test_that_its_title_is_whole_or_left_out(free):
    for width in range(230, 300):
        title = [part for part in shown_at(free, width) if part is free.title]
        assert all(part.shown_text == "Chart" for part in title)
    assert title


@pytest.mark.parametrize("width", [400, 230, 200, 150, 60])
def test_that_all_but_the_title_stands_to_the_right_however_much_is_left_out(free, width):
    row = [part.geometry() for part in shown_at(free, width) if part is not free.title]
    gaps = {after.left() - (before.right() + 1) for before, after in itertools.pairwise(row)}
    assert gaps <= {free.layout().spacing()}
    assert free.width() - 1 - row[-1].right() == free.layout().contentsMargins().right()


def test_that_it_may_become_narrower_than_everything_in_it(free):
    least = free.minimumSizeHint().width()
    assert [part.accessibleName() or part.text() for part in shown_at(free, least)] == ["a first control", "Close"]
    shown_at(free, 400)
    assert free.minimumSizeHint().width() == least


def test_that_what_has_no_room_is_in_a_menu(dock, theme, qtbot):
    title = dock.titleBarWidget()
    first, switch = QLabel("a first control"), Segmented(theme, (("linear", "Linear"), ("log", "Log")), "Scale")
    first.setFixedWidth(80)
    for control in (first, switch):
        title.add_widget(control)
    title.resize(170, title.fixed_height())
    qtbot.waitUntil(switch.isHidden)
    menu = title.menu()
    actions = {action.text(): action for action in menu.actions() if action.text()}
    assert list(actions) == ["Linear", "Log", "Float", "Close"]
    assert actions["Linear"].isChecked()
    with qtbot.waitSignal(switch.chosen) as chosen:
        actions["Log"].trigger()
    assert chosen.args == ["log"]
    menu.close()
