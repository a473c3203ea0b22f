import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible

from paramdesk.ui.controls.switch import Switch


@pytest.fixture
def switch(theme, qtbot):
    switch = Switch(theme, "Use bias")
    qtbot.addWidget(switch)
    switch.show()
    return switch


def test_that_a_click_anywhere_turns_it(switch, qtbot):
    for corner in (QPoint(1, 1), QPoint(switch.width() - 2, switch.height() - 2)):
        before = switch.isChecked()
        with qtbot.waitSignals([switch.toggled, switch.clicked]):
            qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=corner)
        assert switch.isChecked() != before


def test_that_the_space_bar_turns_it(switch, qtbot):
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert switch.isChecked()


def test_that_a_screen_reader_meets_a_check_box_with_a_name(switch):
    switch.setChecked(True)
    interface = QAccessible.queryAccessibleInterface(switch)
    assert interface.role() == QAccessible.Role.CheckBox
    assert interface.text(QAccessible.Text.Name) == "Use bias"
    assert interface.state().checked


def test_that_the_knob_moves_to_the_side_that_is_on(switch, theme):
    off = switch.grab().toImage()
    switch.setChecked(True)
    on = switch.grab().toImage()
    left, right = QPoint(9, 9), QPoint(switch.width() - 9, 9)
    assert off.pixelColor(left) == theme.tokens.field
    assert off.pixelColor(right) == theme.tokens.field_border
    assert on.pixelColor(left) == theme.tokens.accent
    assert on.pixelColor(right) == theme.tokens.accent_text


def test_that_the_knob_is_mirrored_where_one_reads_from_right_to_left(switch, theme):
    switch.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    switch.setChecked(True)
    assert switch.grab().toImage().pixelColor(9, 9) == theme.tokens.accent_text


def test_that_a_disabled_switch_takes_no_click(switch, qtbot, theme):
    switch.setEnabled(False)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert not switch.isChecked()
    assert switch.grab().toImage().pixelColor(9, 9) == theme.tokens.disabled


def test_that_it_grows_with_the_text(switch, theme):
    width = switch.sizeHint().width()
    theme.text_scale = 2
    assert switch.sizeHint().width() == 2 * width
