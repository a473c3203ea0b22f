"""The totals strip, by pointer and keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QFontMetricsF, QGuiApplication

from paramdesk.engine.edits import configure
from paramdesk.ui.document.document import Document
from paramdesk.ui.totals.strip import PEAK, TotalsStrip
from tests.helpers.networks import article_convnet, chain, kind


@pytest.fixture
def document(qapp):
    document = Document()
    document.open(article_convnet())
    return document


@pytest.fixture
def strip(qtbot, document, theme, icons):
    strip = TotalsStrip(document, theme, icons)
    qtbot.addWidget(strip)
    strip.resize(1440, strip.sizeHint().height())
    strip.show()
    qtbot.waitExposed(strip)
    return strip


def test_that_an_edit_and_its_undo_change_the_figures(strip, document):
    document.apply(configure(document.architecture, 8, units=20))
    assert strip.cells[0].figure.number == "93,972"
    document.undo_stack.undo()
    assert strip.cells[0].figure.number == "93,322"


def test_that_a_click_on_the_peak_selects_its_layer(qtbot, strip, document):
    qtbot.mouseClick(strip.cells[PEAK], Qt.MouseButton.LeftButton)
    assert document.selection.ids == (2,)


def test_that_enter_on_the_peak_selects_its_layer(qtbot, strip, document):
    strip.cells[PEAK].setFocus()
    qtbot.keyClick(strip.cells[PEAK], Qt.Key.Key_Return)
    assert document.selection.ids == (2,)


def test_that_a_click_on_another_total_selects_nothing(qtbot, strip, document):
    qtbot.mouseClick(strip.cells[0], Qt.MouseButton.LeftButton)
    assert document.selection.ids == ()


def test_that_ctrl_c_copies_plain_digits(qtbot, strip):
    qtbot.keyClick(strip.cells[4], Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "373288"


def test_that_all_totals_can_be_copied_at_once(strip):
    strip.copy_all()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "Parameters\t93322"
    assert lines[-1] == "Peak activations\t108160"


def test_that_arrow_keys_go_from_cell_to_cell(qtbot, strip):
    strip.cells[0].setFocus()
    qtbot.keyClick(strip.cells[0], Qt.Key.Key_Right)
    assert strip.focusWidget() is strip.cells[1]
    qtbot.keyClick(strip.cells[1], Qt.Key.Key_Left)
    qtbot.keyClick(strip.cells[0], Qt.Key.Key_Left)
    assert strip.focusWidget() is strip.cells[-1]
    assert [cell.focusPolicy() is Qt.FocusPolicy.StrongFocus for cell in strip.cells] == [False] * 5 + [True]


def test_that_a_screen_reader_hears_name_value_and_meaning(strip):
    spoken = QAccessible.queryAccessibleInterface(strip.cells[PEAK])
    assert spoken.text(QAccessible.Text.Name) == "Peak activations: 105.6 KiB"
    assert "at max_pooling2d" in spoken.text(QAccessible.Text.Description)


def test_that_the_tooltip_has_the_exact_number(strip):
    assert "373,288 bytes" in strip.cells[4].toolTip()


@pytest.mark.parametrize("width", [1440, 900, 640, 480])
def test_that_a_very_large_number_fits_its_cell_and_stays_exact_in_the_tooltip(strip, document, width):
    document.open(chain(kind("Input", shape=(100_000,)), kind("Dense", units=1_750_000)))
    strip.resize(width, strip.height())
    cell = strip.cells[0]
    number, unit, font = cell.shown_number()
    assert QFontMetricsF(font).horizontalAdvance(number) <= cell.width()
    assert (number, unit) in {("175,001,750,000", ""), ("175", "G")}
    assert "175,001,750,000" in cell.toolTip()


def test_that_sizes_follow_the_theme(strip, theme):
    theme.text_scale = 1.5
    assert strip.sizeHint().height() == 96
    strip.resize(1440, 96)
    strip.grab()


def test_that_the_strip_paints_in_the_dark(strip, scheme):
    scheme.push(dark=True)
    strip.grab()
