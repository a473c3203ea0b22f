"""The page "How it is computed"."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from paramdesk.engine.edits import configure
from tests.helpers.networks import chain, kind


@pytest.fixture
def lesson(inspector):
    inspector.page = "explanation"
    return inspector.explanation


def lines(lesson, title):
    section = next(section for section in lesson.text.sections if section.title == title)
    return [(line.what, line.numbers, line.result) for line in section.lines]


@pytest.mark.parametrize(
    ("name", "total", "result"),
    [
        ("conv2d", "(3 × 3 × 1 + 1) × 32", "320"),
        ("conv2d_1", "(3 × 3 × 32 + 1) × 64", "18,496"),
        ("conv2d_2", "(3 × 3 × 64 + 1) × 64", "36,928"),
    ],
)
def test_that_the_articles_convolutions_read_as_they_should(lesson, select, name, total, result):
    select(name)
    assert lines(lesson, "Parameters")[-1] == ("Total", total, result)


def test_that_picture_and_text_stand_close_after_every_size(inspector, lesson, select, applied_theme, qtbot):
    select("conv2d_1")
    for scale, width in ((1.0, 336), (1.1, 369), (1.25, 420), (1.5, 445), (1.5, 336), (1.0, 336)):
        applied_theme.text_scale = scale
        qtbot.wait(10)
        for part in range(3):
            inspector.resize(width + 10 * (2 - part), 500 + 60 * part)
            qtbot.wait(1)
        qtbot.wait(10)
        assert lesson.picture.height() == lesson.picture.heightForWidth(width)
        assert lesson.text.y() == lesson.picture.geometry().bottom() + 2  # a hairline between them
        assert lesson.text.height() == lesson.text.heightForWidth(width)


def test_that_the_second_convolution_is_taught_whole(lesson, select):
    select("conv2d_1")
    assert lines(lesson, "Parameters")[0] == ("Kernel", "3 × 3 × 32 input channels × 64 filters", "18,432")
    assert lines(lesson, "Output size") == [("", "(13 − 3) / 1 + 1 = 11", "11 × 11 × 64")]
    assert lines(lesson, "Multiply-accumulates (MACs)") == [("", "11 × 11 × 3 × 3 × 32 × 64", "2,230,272")]
    assert lines(lesson, "Memory") == [
        ("Weights", "18,496 × 4", "73,984 B"),
        ("Output", "11 × 11 × 64 × 4", "30,976 B"),
    ]
    assert lines(lesson, "Receptive field") == [("", "4 + (3 − 1) × 2 = 8", "8 × 8")]
    assert any("input channels, not the stride" in text for section in lesson.text.sections for text in section.remarks)


def test_that_it_follows_an_edit(lesson, document, select):
    select("conv2d_1")
    layer = document.selection.ids[0]
    document.apply(configure(document.architecture, layer, filters=10))
    assert lines(lesson, "Parameters")[-1] == ("Total", "(3 × 3 × 32 + 1) × 10", "2,890")
    assert lesson.picture.scene.caption[1] == "10 filters give the 10 output channels"


def test_that_the_text_is_selected_with_the_mouse_and_copied(lesson, select, qapp):
    select("conv2d_1")
    text = lesson.text
    piece = next(piece for piece in text.paragraphs if piece.text == "(3 × 3 × 32 + 1) × 64")
    middle = QPoint(round(piece.x) + 5, round(piece.y + piece.height / 2))
    QTest.mouseDClick(text, Qt.MouseButton.LeftButton, pos=middle)
    text.setFocus()
    QTest.keyClick(text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "(3 × 3 × 32 + 1) × 64"


def test_that_all_of_it_is_copied_row_by_row(lesson, select):
    select("conv2d_1")
    lesson.text.setFocus()
    QTest.keyClick(lesson.text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    rows = lesson.text.selected_text.splitlines()
    assert rows[0] == "Parameters"
    assert "Total\t(3 × 3 × 32 + 1) × 64\t18,496" in rows


def test_that_a_drag_selects_from_one_number_to_another(lesson, select):
    select("conv2d_1")
    text = lesson.text
    first, last = (next(p for p in text.paragraphs if p.text == wanted) for wanted in ("Kernel", "18,432"))
    start = QPoint(round(first.x), round(first.y + first.height / 2))
    end = QPoint(text.width() - 4, round(last.y + last.height / 2))
    QTest.mousePress(text, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(text, end)
    QTest.mouseRelease(text, Qt.MouseButton.LeftButton, pos=end)
    assert text.selected_text == "Kernel\t3 × 3 × 32 input channels × 64 filters\t18,432"


@pytest.mark.parametrize(
    ("choice", "piece"),
    [
        ("text", "(3 × 3 × 32 + 1) × 64 = 18,496"),
        ("Markdown", "### Parameters"),
        ("LaTeX", r"( 3 \times 3 \times 32 + 1 ) \times 64"),
    ],
)
@pytest.mark.qt_log_ignore("This plugin does not support")
def test_that_it_is_copied_from_its_menu(lesson, select, choice, piece):
    select("conv2d_1")
    lesson.text.menu_asked.emit(lesson.mapToGlobal(QPoint(20, 20)))
    menu = next(menu for menu in lesson.findChildren(QMenu) if menu.isVisible())
    next(action for action in menu.actions() if action.text() == f"Copy the explanation as {choice}").trigger()
    menu.close()
    assert piece in QGuiApplication.clipboard().text()


def test_that_a_screen_reader_hears_picture_and_text(lesson, select):
    select("conv2d_1")
    assert lesson.picture.accessibleDescription().startswith(
        "Input 13 × 13 × 32, window 3 × 3, output 11 × 11 × 64. One filter"
    )
    assert "18,496" in lesson.text.accessibleDescription()


@pytest.mark.parametrize("width", [120, 200, 340, 700])
def test_that_no_piece_leaves_the_page_whatever_its_width(lesson, select, width):
    select("conv2d_1")
    text = lesson.text
    assert text.heightForWidth(width) > 0
    for piece in text.paragraphs:
        assert piece.x >= 0
        wide = max(piece.layout.lineAt(n).naturalTextWidth() for n in range(piece.layout.lineCount()))
        assert piece.x + wide <= width + 1


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_that_a_picture_fits_in_a_narrow_page(lesson, select, applied_theme, scale):
    applied_theme.text_scale = scale
    select("conv2d_1")
    view = lesson.picture
    view.resize(300, view.heightForWidth(300))
    image = view.grab().toImage()
    edge = range(image.width() - applied_theme.metrics.edge // 2, image.width())
    colours = {image.pixel(x, y) for x in edge for y in range(image.height())}
    assert len(colours) == 1


def test_that_pieces_do_not_overlap(lesson, select):
    select("conv2d_1")
    for width in (200, 260, 340):
        lesson.text.heightForWidth(width)
        pieces = lesson.text.paragraphs
        for place, one in enumerate(pieces):
            for other in pieces[place + 1 :]:
                apart_down = one.y + one.height <= other.y + 0.5 or other.y + other.height <= one.y + 0.5
                apart_across = _right(one) <= other.x + 0.5 or _right(other) <= one.x + 0.5
                assert apart_down or apart_across, (width, one.text, other.text)


def _right(piece):
    return piece.x + max(piece.layout.lineAt(n).naturalTextWidth() for n in range(piece.layout.lineCount()))


def test_that_a_layer_with_an_error_says_why_and_what_is_known(lesson, document, select):
    document.open(chain(kind("Input", shape=(3, 3, 48)), kind("Conv2D", filters=64, kernel_size=5)))
    select("conv2d")
    assert lesson.text.sections[0].title == "Not computed"
    assert "larger than" in lesson.text.sections[0].remarks[0]
    assert lines(lesson, "Known all the same") == [
        ("Input", "from input_layer", "3 × 3 × 48"),
        ("Kernel", "5 × 5 × 48 × 64", "76,800"),
        ("Bias", "64", "64"),
    ]


def test_that_a_name_is_quiet_to_its_end_and_a_number_is_not(lesson, document, select):
    pool = {"pool_size": 2}
    document.open(
        chain(kind("Input", shape=(8, 8, 48)), kind("MaxPooling2D", **pool), kind("Conv2D", filters=64, kernel_size=5))
    )
    select("conv2d")
    quiet = {}
    for piece in lesson.text.paragraphs:
        spans = [(span.start, span.start + span.length) for span in piece.layout.formats()]
        quiet[piece.text] = [piece.text[start:end] for start, end in spans]
    assert quiet["from max_pooling2d"] == ["from max_pooling2d"]
    assert quiet["5 × 5 × 48 × 64"] == []


def test_that_a_layer_that_waits_says_for_whom_and_no_more(lesson, document, select):
    document.open(chain(kind("Input", shape=(3, 3, 48)), kind("Conv2D", filters=64, kernel_size=5), kind("Flatten")))
    select("flatten")
    assert not lesson.picture.isVisible()
    assert [piece.text for piece in lesson.text.paragraphs] == ["Not computed", "waiting for conv2d"]
    select("input_layer")
    assert lesson.picture.isVisible()


def test_that_without_a_selection_the_sums_are_explained(lesson, select):
    select()
    assert lines(lesson, "Parameters")[-1] == ("Total", "", "93,322")
    assert ("dense", "", "36,928") in lines(lesson, "Parameters")
    assert not lesson.picture.isVisible()


def test_that_a_page_out_of_sight_is_brought_up_to_date_when_it_is_opened(inspector, document, select):
    select("conv2d_1")
    inspector.page = "properties"
    document.apply(configure(document.architecture, document.selection.ids[0], filters=10))
    inspector.page = "explanation"
    assert lines(inspector.explanation, "Parameters")[-1][2] == "2,890"
