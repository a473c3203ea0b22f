"""Whole windows, made as `paramdesk` makes them; questions to the user are answered by the test."""

import pytest


class Answers:
    """What the user answers, and what was asked. A question without an answer fails the test."""

    def __init__(self):
        self.asked = []
        self.given = {}

    def give(self, **answers):
        """Answer `confirm`, `open_path`, `save_path` from now on."""
        self.given.update(answers)

    def take(self, question, text):
        """Note a question and return its answer."""
        self.asked.append(text)
        if question not in self.given:
            pytest.fail(f"asked without an answer at hand: {text}")
        return self.given[question]


@pytest.fixture(autouse=True)
def answers(monkeypatch, qapp):
    """Stand for the user wherever a dialog would block."""
    from paramdesk.ui.dialogs import ask

    found = Answers()

    def confirm(parent, text, detail="", choices=()):
        return found.take("confirm", text)

    def ask_open_path(parent, caption, filters, folder=None):
        return found.take("open_path", caption)

    def ask_save_path(parent, caption, filters, suggested):
        path = found.take("save_path", caption)
        return path and ask.completed(path, filters[0], filters)

    monkeypatch.setattr(ask, "confirm", confirm)
    monkeypatch.setattr(ask, "ask_open_path", ask_open_path)
    monkeypatch.setattr(ask, "ask_save_path", ask_save_path)
    return found


@pytest.fixture
def settings(qapp, tmp_path):
    """Return settings of this test's own."""
    from PySide6.QtCore import QSettings

    from paramdesk.ui.settings import Settings

    return Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def scheme(qapp):
    """Return the system's colour scheme, to be pushed."""
    from paramdesk.ui.style.theme import FixedScheme

    return FixedScheme()


@pytest.fixture
def recovery(tmp_path):
    """Return the folder of the copies of unsaved changes."""
    return tmp_path / "recovery"


@pytest.fixture
def sessions(qapp, settings, scheme, recovery):
    """Return a function that makes runs of the program, one after the other; all are closed at the end."""
    from PySide6.QtCore import QCoreApplication, QEvent

    from paramdesk.ui.session import Session

    class Begun(Session):
        """A run whose first window has opened its document, without waiting for a first paint."""

        def start(self, file=None):
            window = super().start(file)
            self.begin()
            return window

    font, palette, made = qapp.font(), qapp.palette(), []

    def close():
        while made:
            made.pop().close()
            QCoreApplication.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def make():
        close()
        made.append(Begun(settings, scheme, recovery))
        return made[-1]

    yield make
    close()
    qapp.setStyle("Fusion")
    qapp.setPalette(palette)
    qapp.setFont(font)


@pytest.fixture
def session(sessions):
    """Return a run of the program."""
    return sessions()


@pytest.fixture
def window(session, qtbot):
    """Return the first window of a first start."""
    from PySide6.QtCore import QCoreApplication

    window = session.start()
    qtbot.waitExposed(window)
    window.load_all()  # as by itself after the first paint
    QCoreApplication.processEvents()
    return window


@pytest.fixture
def shown(window):
    """Return the notices that are shown from now on."""
    found = []
    window.notices.shown.connect(found.append)
    return found
