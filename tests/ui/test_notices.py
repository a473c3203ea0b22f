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
