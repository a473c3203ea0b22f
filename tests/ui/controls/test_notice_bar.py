import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton

from paramdesk.ui.controls import notice_bar
from paramdesk.ui.controls.notice_bar import NoticeBar
from paramdesk.ui.notices import Notice, Notices


@pytest.fixture
def bar(theme, icons, qtbot):
    bar = NoticeBar(theme, icons)
    qtbot.addWidget(bar)
    bar.resize(600, bar.sizeHint().height())
    yield bar
    while bar.notice is not None:
        bar.close_notice()


def close(bar, qtbot):
    qtbot.mouseClick(bar.findChild(QToolButton), Qt.MouseButton.LeftButton)


def test_that_it_takes_no_room_until_there_is_something_to_say(bar):
    assert bar.isHidden()


def test_that_it_shows_what_notices_announce(bar):
    notices = Notices()
    notices.shown.connect(bar.show_notice)
    notices.error("No such file")
    assert bar.isVisible()
    assert bar.findChild(QLabel).text() == "No such file"
    assert bar.accessibleName() == "Error: No such file"


def test_that_its_text_can_be_selected(bar):
    flags = bar.findChild(QLabel).textInteractionFlags()
    assert flags & Qt.TextInteractionFlag.TextSelectableByMouse
    assert flags & Qt.TextInteractionFlag.TextSelectableByKeyboard


@pytest.mark.parametrize("kind", ["error", "warning", "success", "info"])
def test_that_every_kind_has_its_ground_and_its_icon(bar, theme, kind):
    bar.show_notice(Notice(kind, "text"))
    ground = "select" if kind == "info" else f"{kind}_ground"
    image = bar.grab().toImage()
    assert image.pixelColor(2, 2) == theme.color(ground)
    left = [image.pixelColor(x, 18) for x in range(theme.metrics.edge, theme.metrics.edge + 20)]
    assert any(colour != theme.color(ground) for colour in left)


def test_that_closing_hides_it(bar, qtbot):
    bar.show_notice(Notice("error", "text"))
    close(bar, qtbot)
    assert bar.isHidden()


def test_that_escape_closes_it(bar, qtbot):
    bar.show_notice(Notice("error", "text"))
    qtbot.keyClick(bar, Qt.Key.Key_A)
    assert bar.isVisible()
    qtbot.keyClick(bar, Qt.Key.Key_Escape)
    assert bar.isHidden()


def test_that_its_button_does_what_it_says_and_closes_it(bar, qtbot):
    done = []
    bar.show_notice(Notice("warning", "text", "Try again", lambda: done.append(bar.notice)))
    button = bar.findChild(QPushButton)
    assert button.text() == "Try again"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert done == [None]


def test_that_there_is_no_button_without_an_action(bar):
    bar.show_notice(Notice("warning", "text"))
    assert not bar.findChild(QPushButton).isVisible()


def test_that_an_error_comes_back_when_the_one_over_it_is_closed(bar, qtbot):
    first, second, third = Notice("error", "1"), Notice("success", "2"), Notice("warning", "3")
    for notice in (first, second, third):
        bar.show_notice(notice)
    close(bar, qtbot)
    assert bar.notice is first  # the good news between them needs no second showing
    close(bar, qtbot)
    assert bar.notice is None


def test_that_the_same_error_twice_is_closed_once(bar, qtbot):
    for _ in range(2):
        bar.show_notice(Notice("error", "the same"))
    close(bar, qtbot)
    assert bar.notice is None


def test_that_what_is_no_longer_true_goes_and_uncovers_what_is(bar):
    lasting = Notice("error", "lasting")
    bar.show_notice(lasting)
    bar.show_notice(Notice("warning", "of the document", "Discard", print, until="saved"))
    bar.show_notice(Notice("warning", "of this state", "Remove", print, until="edited"))
    bar.take_back("edited")
    assert bar.notice.text == "of the document"
    assert bar.findChild(QPushButton).text() == "Discard"
    bar.take_back("saved")
    assert bar.notice is lasting
    assert bar.isVisible()


def test_that_good_news_goes_by_itself(theme, icons, qtbot, monkeypatch):
    monkeypatch.setattr(notice_bar, "LEAVES_AFTER_MILLISECONDS", 1)
    bar = NoticeBar(theme, icons)
    qtbot.addWidget(bar)
    bar.move(400, 400)  # away from the pointer
    bar.show_notice(Notice("success", "done"))
    qtbot.waitUntil(bar.isHidden)


def test_that_a_question_comes_back_after_good_news(theme, icons, qtbot, monkeypatch):
    monkeypatch.setattr(notice_bar, "LEAVES_AFTER_MILLISECONDS", 1)
    bar = NoticeBar(theme, icons)
    qtbot.addWidget(bar)
    bar.move(400, 400)  # away from the pointer
    asked = Notice("warning", "recovered", "Discard", print, until="saved")
    busy = Notice("info", "Reading…", "Cancel", print, until="read")
    for notice in (asked, busy, Notice("success", "exported", "Show in Folder", print)):
        bar.show_notice(notice)
    assert bar.notice.text == "exported"
    qtbot.waitUntil(lambda: bar.notice is busy)
    bar.take_back("read")
    assert bar.notice is asked
    qtbot.wait(20)
    assert bar.notice is asked
    bar.close_notice()


def test_that_good_news_stays_under_the_pointer(bar):
    bar.show_notice(Notice("success", "done"))
    QApplication.sendEvent(bar, QEvent(QEvent.Type.Enter))
    assert bar.remaining_time is None
    QApplication.sendEvent(bar, QEvent(QEvent.Type.Leave))
    assert bar.remaining_time is not None


@pytest.mark.parametrize("notice", [Notice("error", "bad"), Notice("info", "ask", "Open", print)])
def test_that_what_needs_an_answer_stays(bar, notice):
    bar.show_notice(notice)
    assert bar.remaining_time is None


def test_that_it_follows_the_theme(bar, theme, scheme):
    bar.show_notice(Notice("error", "bad"))
    scheme.push(dark=True)
    assert bar.grab().toImage().pixelColor(2, 2) == theme.tokens.error_ground
