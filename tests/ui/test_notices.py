from paramdesk.ui.document.document import Document
from paramdesk.ui.notices import Notice, Notices


def test_that_a_notice_reaches_whoever_listens(qapp, qtbot):
    notices = Notices()
    notice = Notice("error", "No such file", "Try again", print)
    with qtbot.waitSignal(notices.shown) as heard:
        notices.show(notice)
    assert heard.args == [notice]


def test_that_each_kind_has_its_short_form(qapp):
    notices, heard = Notices(), []
    notices.shown.connect(heard.append)
    notices.error("a")
    notices.warning("b")
    notices.success("c")
    notices.info("d")
    assert [(notice.kind, notice.text) for notice in heard] == [
        ("error", "a"),
        ("warning", "b"),
        ("success", "c"),
        ("info", "d"),
    ]


def test_that_what_is_said_about_a_document_goes_with_its_edits_and_its_saving(qapp, tmp_path):
    document, heard = Document(), []
    notices = Notices(document)
    notices.follow(document)
    notices.outdated.connect(heard.append)
    document.rename("edited")
    assert set(heard) == {"edited"}
    document.saved_as(tmp_path / "saved")
    assert set(heard) == {"edited", "saved"}
    heard.clear()
    document.rename("edited again")
    document.count_for(8, "float16")
    assert set(heard) == {"edited"}
    document.open(document.architecture)
    assert set(heard) == {"edited", "saved"}
