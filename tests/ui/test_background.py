import sys
import threading

import pytest
from PySide6.QtCore import QObject, QThread

from paramdesk.ui.background import Background, Operation


class Listener(QObject):
    def __init__(self):
        super().__init__()
        self.results, self.errors, self.threads = [], [], []

    def on_result(self, result):
        self.results.append(result)
        self.threads.append(QThread.currentThread())

    def on_error(self, error):
        self.errors.append(error)


def failing():
    raise ValueError("no")


@pytest.fixture
def background(qapp):
    background = Background()
    yield background
    assert background.drain()


@pytest.fixture
def listener(qapp):
    return Listener()


@pytest.fixture
def finished(qtbot, background):
    def wait():
        qtbot.waitUntil(lambda: not background.findChildren(Operation))

    return wait


def test_that_a_result_arrives_in_the_thread_of_the_window(background, listener, finished, qapp):
    background.run(pow, 10, 40).success(listener.on_result).failure(listener.on_error)
    finished()
    assert listener.results == [10**40]  # far above what an int of Qt holds
    assert listener.threads == [qapp.thread()]
    assert listener.errors == []


def test_that_the_work_is_done_in_another_thread(background, listener, finished):
    background.run(threading.get_ident).success(listener.on_result)
    finished()
    assert listener.results != [threading.get_ident()]


def test_that_a_failure_arrives_as_the_exception(background, listener, finished):
    background.run(failing).success(listener.on_result).failure(listener.on_error)
    finished()
    assert listener.results == []
    assert [str(error) for error in listener.errors] == ["no"]


def test_that_a_failure_nobody_answers_for_reaches_the_exception_hook(background, finished, monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "excepthook", lambda *what: seen.append(what))
    background.run(failing)
    finished()
    assert [kind for kind, _, _ in seen] == [ValueError]


def test_that_a_cancelled_operation_calls_nobody(background, listener, finished):
    go_on = threading.Event()
    operation = background.run(go_on.wait, 10).success(listener.on_result)
    operation.cancel()
    go_on.set()
    finished()
    assert listener.results == []


def test_that_draining_waits_for_what_is_under_way(background, listener, finished):
    begun, go_on = threading.Event(), threading.Event()

    def work():
        begun.set()
        go_on.wait(10)

    background.run(work).success(listener.on_result)
    background.run(failing).failure(listener.on_error)
    assert begun.wait(10)
    assert not background.drain(1)
    go_on.set()
    assert background.drain()
    finished()
    assert listener.results == []


def test_that_a_dead_listener_is_not_called(background, finished):
    background.run(pow, 2, 3).success(Listener().on_result)
    finished()


def test_that_many_results_all_arrive(background, listener, finished):
    for number in range(100):
        background.run(abs, -number).success(listener.on_result)
    finished()
    assert sorted(listener.results) == list(range(100))
