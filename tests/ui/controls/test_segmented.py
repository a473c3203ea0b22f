import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QVBoxLayout, QWidget

from paramdesk.ui.controls.segmented import Segmented


@pytest.fixture
def segmented(theme, qtbot):
    segmented = Segmented(theme, [("linear", "Linear"), ("log", "Log"), ("none", "None")], "Scale")
    qtbot.addWidget(segmented)
    with qtbot.waitActive(segmented):
        segmented.show()
        segmented.activateWindow()
    return segmented


def test_that_the_first_choice_holds_at_first(segmented):
    assert segmented.value == "linear"


def test_that_a_click_chooses(segmented, qtbot):
    with qtbot.waitSignal(segmented.chosen) as heard:
        qtbot.mouseClick(segmented.button("log"), Qt.MouseButton.LeftButton)
    assert heard.args == ["log"]
    assert segmented.value == "log"


def test_that_a_click_on_what_holds_says_nothing(segmented, qtbot):
    with qtbot.assertNotEmitted(segmented.chosen):
        qtbot.mouseClick(segmented.button("linear"), Qt.MouseButton.LeftButton)


def test_that_setting_the_value_says_nothing(segmented, qtbot):
    with qtbot.assertNotEmitted(segmented.chosen):
        segmented.value = "none"
    assert segmented.value == "none"
    with qtbot.waitSignal(segmented.chosen) as heard:
        qtbot.mouseClick(segmented.button("linear"), Qt.MouseButton.LeftButton)
    assert heard.args == ["linear"]


def test_that_arrow_keys_choose(segmented, qtbot):
    segmented.button("linear").setFocus()
    heard = []
    segmented.chosen.connect(heard.append)
    qtbot.keyClick(segmented.button("linear"), Qt.Key.Key_Right)
    qtbot.keyClick(segmented.button("log"), Qt.Key.Key_Left)
    assert heard == ["log", "linear"]


def test_that_tab_stops_once(theme, qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    rows = [Segmented(theme, [("a", "A"), ("b", "B")], name) for name in ("one", "two")]
    for row in rows:
        column.addWidget(row)
    rows[0].value = "b"
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    rows[0].button("b").setFocus()
    qtbot.keyClick(rows[0].button("b"), Qt.Key.Key_Tab)
    assert window.focusWidget() is rows[1].button("a")


def test_that_a_screen_reader_meets_radio_buttons_in_a_named_group(segmented):
    interface = QAccessible.queryAccessibleInterface(segmented.button("log"))
    assert interface.role() == QAccessible.Role.RadioButton
    assert interface.text(QAccessible.Text.Name) == "Log"
    assert interface.text(QAccessible.Text.Description) == "Scale"
    assert segmented.accessibleName() == "Scale"


def test_that_the_choice_that_holds_stands_out(segmented, theme):
    image = segmented.grab().toImage()
    chosen, other = segmented.button("linear").geometry(), segmented.button("log").geometry()
    assert image.pixelColor(chosen.left() + 4, chosen.center().y()) == theme.tokens.select
    assert image.pixelColor(other.left() + 4, other.center().y()) == theme.tokens.field


def test_that_choosing_moves_nothing(segmented):
    width = segmented.sizeHint().width()
    segmented.value = "none"
    assert segmented.sizeHint().width() == width


def test_that_it_grows_with_the_text(segmented, theme):
    height = segmented.sizeHint().height()
    theme.text_scale = 2
    assert segmented.sizeHint().height() == 2 * height


def test_that_a_disabled_one_takes_no_click(segmented, qtbot):
    segmented.setEnabled(False)
    segmented.grab()
    with qtbot.assertNotEmitted(segmented.chosen):
        qtbot.mouseClick(segmented.button("log"), Qt.MouseButton.LeftButton)
