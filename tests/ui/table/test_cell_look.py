"""How the text of a cell is drawn where it has too little room."""

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from paramdesk.ui.table.cell_look import draw_value


@pytest.fixture
def drawn(theme):
    """Return a function that draws a text into 80 of 100 pixels and returns the picture."""

    def draw(text, *, seen=100, left=10, is_number=True):
        image = QImage(100, 24, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        room = QRectF(left, 0, 80, 24)
        draw_value(painter, theme, ("small", theme.tokens.text), room, text, is_number=is_number, seen=seen)
        painter.end()
        return image

    return draw


def test_that_a_number_stands_at_the_right_of_its_room(drawn):
    assert drawn("320") != drawn("93,322")
    assert drawn("320") != drawn("320", is_number=False)


@pytest.mark.parametrize("cut", [{"seen": 30}, {"left": -65}])
def test_that_of_a_number_that_is_cut_no_digit_is_shown(drawn, cut):
    assert drawn("93,322", **cut) == drawn("18,496", **cut) == drawn("…", **cut)


def test_that_a_number_in_the_part_in_sight_is_whole(drawn):
    assert drawn("0", seen=30) != drawn("…", seen=30)
