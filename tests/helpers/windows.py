"""What a test does to a window, and reads from it."""

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication


def select(window, *names):
    """Select layers by their names."""
    window.document.selection.select([n.id for n in window.document.architecture.nodes() if n.name in names])


def selected(window):
    """Return the names of the selected layers."""
    ids = set(window.document.selection.ids)
    return [node.name for node in window.document.architecture.nodes() if node.id in ids]


def names(window):
    """Return the names of the layers in their order."""
    return [node.name for node in window.document.architecture.layers]


def trigger(window, action):
    """Do what an action of the menu does; it must be enabled."""
    found = window.actions_by_id[action]
    assert found.isEnabled(), action
    found.trigger()


def drop_files(window, paths, on=None):
    """Drop files on a window, or on a part of it, as a file manager does; return whether they were taken."""
    target = on or window
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    data.setText("\n".join(map(str, paths)))  # file managers offer both
    place = QPointF(target.width() / 2, target.height() / 2)
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(place.toPoint(), *how)
    QApplication.sendEvent(target, enter)
    if not enter.isAccepted():
        return False
    drop = QDropEvent(place, *how)
    QApplication.sendEvent(target, drop)
    return drop.isAccepted()
