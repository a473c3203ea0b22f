"""The window as a whole: undo, clipboard, theme, status, faults."""

import sys

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QToolButton

from paramdesk.engine import edits
from paramdesk.engine.places import Place
from paramdesk.formats.templates import open_template
from paramdesk.ui.inspector.source_field import SourcePicker
from tests.helpers.networks import kind
from tests.helpers.windows import names, select, selected, trigger


def break_a_layer(window, name="conv2d_2", **changes):
    architecture = window.document.architecture
    layer = next(node for node in architecture.nodes() if node.name == name)
    window.document.apply(edits.configure(architecture, layer.id, **(changes or {"kernel_size": 9})))


# Undo


def test_that_undo_and_redo_name_their_step(window):
    undo, redo = window.actions_by_id["edit.undo"], window.actions_by_id["edit.redo"]
    assert (undo.text(), undo.isEnabled()) == ("&Undo", False)
    select(window, "conv2d_1")
    trigger(window, "edit.delete")
    assert undo.text() == "&Undo Remove conv2d_1"
    assert "Undo Remove conv2d_1" in undo.toolTip()
    trigger(window, "edit.undo")
    assert redo.text() == "&Redo Remove conv2d_1"
    assert not undo.isEnabled()
    assert not window.isWindowModified()


# Clipboard


def test_that_rows_go_from_window_to_window(session, window):
    session.new_window()
    other = session.windows[1]
    select(window, "conv2d", "max_pooling2d")
    trigger(window, "edit.copy")
    trigger(other, "edit.paste")
    assert names(other) == ["conv2d", "max_pooling2d"]
    other.document.undo_stack.undo()


def test_that_copy_in_the_table_copies_its_cells(window, qtbot, qapp):
    window.activateWindow()
    window.panels.table.setFocus()
    qtbot.waitUntil(lambda: window.panels.table.isAncestorOf(qapp.focusWidget()))
    select(window, "conv2d")
    trigger(window, "edit.copy")
    assert "\t320\t" in qapp.clipboard().text()


# Theme and size


def test_that_the_theme_follows_the_system_until_it_is_pinned(window, scheme, session, settings):
    scheme.push(dark=True)
    assert session.theme.is_dark
    window.tool_bar.theme_button.click()
    assert not session.theme.is_dark
    assert settings.theme == "light"
    assert window.actions_by_id["view.theme_light"].isChecked()
    trigger(window, "view.theme_system")
    assert session.theme.is_dark
    assert window.actions_by_id["view.theme_system"].isChecked()
    trigger(window, "view.theme_system")
    assert window.actions_by_id["view.theme_system"].isChecked()


def test_that_a_pinned_theme_holds_at_the_next_start(sessions):
    first = sessions().start()
    trigger(first, "view.theme_dark")
    first.close()
    session = sessions()
    session.start()
    assert session.theme.is_dark


def test_that_larger_text_enlarges_bars_and_docks_and_is_kept(window, settings, session):
    width = window.workspace.docks["inspector"].width()
    trigger(window, "view.larger")
    trigger(window, "view.larger")
    assert settings.text_scale == 1.25
    assert window.tool_bar.height() == 50
    assert window.workspace.docks["inspector"].width() >= width
    trigger(window, "view.smaller")
    trigger(window, "view.normal")
    assert session.theme.text_scale == 1.0


def test_that_docks_are_as_before_when_the_text_is_normal_again(window, qtbot):
    docks = window.workspace.docks
    window.resize(1440, 900)
    trigger(window, "view.reset_layout")
    before = {name: dock.size() for name, dock in docks.items()}
    for action in ("view.larger", "view.larger", "view.larger", "view.normal"):
        trigger(window, action)
    qtbot.waitUntil(lambda: {name: dock.size() for name, dock in docks.items()} == before)


@pytest.mark.parametrize("scale", [1.0, 1.75, 3.0])
def test_that_neither_large_text_nor_a_long_name_pushes_the_window_off_the_screen(window, session, qtbot, scale):
    room = window.screen().availableSize()
    window.load_all()
    window.document.rename("a network with a name that goes on and on " * 5)
    before = window.size()
    session.theme.text_scale = scale
    qtbot.wait(50)
    assert window.minimumWidth() <= room.width()
    assert window.width() == before.width() <= room.width()


def test_that_the_window_is_as_before_when_the_text_is_normal_again(window, qtbot):
    window.load_all()
    qtbot.wait(50)
    window.resize(760, 600)
    qtbot.wait(50)
    assert (window.width(), window.height()) == (760, 600)
    trigger(window, "view.normal")
    for _step in range(6):
        trigger(window, "view.larger")
        qtbot.wait(20)
    assert window.height() > 600  # the text needs it
    trigger(window, "view.normal")
    qtbot.waitUntil(lambda: (window.width(), window.height()) == (760, 600))


def test_that_large_text_leaves_the_stack_the_larger_part_of_the_width(window, session, qtbot):
    window.load_all()
    window.resize(1440, 900)
    trigger(window, "view.reset_layout")
    qtbot.wait(50)
    session.theme.text_scale = 2.0
    qtbot.wait(50)
    docks = window.workspace.docks
    assert window.panels.stack.width() > docks["inspector"].width() > docks["palette"].width()


def test_that_a_size_chosen_with_large_text_stays_with_normal_text(window, session, qtbot):
    session.theme.text_scale = 1.5
    qtbot.wait(50)
    window.resize(780, 700)
    qtbot.wait(50)
    session.theme.text_scale = 1.0
    qtbot.wait(50)
    assert (window.width(), window.height()) == (780, 700)


def test_that_what_a_narrow_tool_bar_hides_is_offered_by_a_button_that_is_seen_in_the_dark(window, qtbot):
    window.load_all()
    trigger(window, "view.theme_dark")
    window.resize(700, 600)
    button = window.tool_bar.findChild(QToolButton, "qt_toolbar_ext_button")
    qtbot.waitUntil(button.isVisible)
    image = window.tool_bar.grab(button.geometry()).toImage()
    seen = {image.pixelColor(x, y).lightness() for x in range(image.width()) for y in range(image.height())}
    assert max(seen) > image.pixelColor(0, 0).lightness() + 100


# Status


def test_that_no_problems_are_said_so(window):
    assert window.status.fine.isVisible()
    assert not window.status.errors.isVisible()


def test_that_problems_are_counted_and_walked_through(window):
    window.document.open(open_template("vgg16"))
    convolutions = [name for name in names(window) if "conv" in name][1:3]
    for name in convolutions:
        break_a_layer(window, name, kernel_size=500, padding="valid")
        break
    window.document.selection.select(())
    assert window.status.errors.text() == "1 error"
    assert not window.status.fine.isVisible()
    window.status.errors.click()
    assert selected(window) == convolutions[:1]


def test_that_a_tip_leaves_the_problems_in_sight(window, qapp):
    from PySide6.QtGui import QStatusTipEvent

    break_a_layer(window)
    status = window.status
    qapp.sendEvent(window.menuBar(), QStatusTipEvent("Open a file"))
    assert status.message.text() == "Open a file"
    assert status.errors.isVisible()
    assert not status.selected.isVisible()
    qapp.sendEvent(window.menuBar(), QStatusTipEvent(""))
    assert not status.message.isVisible()
    assert status.selected.isVisible()


def test_that_the_errors_are_clicked_with_the_pointer_on_them(window, qtbot, qapp):
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QEnterEvent

    break_a_layer(window)
    window.document.selection.select(())
    errors = window.status.errors
    where = QPointF(errors.rect().center())
    qapp.sendEvent(errors, QEnterEvent(where, where, where))
    assert errors.isVisible()
    qtbot.mouseClick(errors, Qt.MouseButton.LeftButton)
    qapp.sendEvent(errors, QEvent(QEvent.Type.Leave))
    assert len(selected(window)) == 1
    assert window.status.message.text().startswith(selected(window)[0])


def test_that_a_message_comes_back_after_a_tip_and_a_tip_ends_by_itself(window, qapp, qtbot):
    from PySide6.QtGui import QStatusTipEvent

    break_a_layer(window)
    window.status.errors.click()
    assert window.status.errors.isVisible()
    message = window.status.message.text()
    window.status.tip_timer.setInterval(1)
    qapp.sendEvent(window.menuBar(), QStatusTipEvent("Open a file"))
    assert window.status.message.text() == "Open a file"
    qtbot.waitUntil(lambda: window.status.message.text() == message)


def test_that_rows_that_are_not_computed_are_told(window):
    break_a_layer(window)
    assert window.status.selected.text() == "4 layers are not computed: totals are lower bounds"
    trigger(window, "edit.undo")
    assert window.status.selected.text().endswith("of 9 rows selected")


def test_that_the_selection_is_counted(window):
    select(window, "conv2d", "dense")
    assert window.status.selected.text() == "2 of 9 rows selected"
    trigger(window, "file.new")
    assert window.status.selected.text() == "No layers yet"


def test_that_the_file_and_its_changes_are_told(window):
    assert window.status.file.text() == "convnet, no file yet"
    select(window, "conv2d")
    trigger(window, "edit.duplicate")
    assert window.status.file.text() == "convnet, edited"
    assert window.isWindowModified()


def test_that_batch_and_precision_are_ways_of_counting(window, qtbot):
    fields = window.tool_bar.fields
    fields.batch.setValue(4)
    assert window.document.summary.totals.macs == 4 * 2_794_240
    fields.precision.setCurrentText("int8")
    assert window.document.summary.totals.weight_bytes == 93_322
    assert not window.isWindowModified()


# Keyboard


def test_that_keys_reach_the_rows(window, qtbot, qapp):
    from PySide6.QtCore import Qt

    window.activateWindow()
    window.panels.stack.setFocus()
    qtbot.waitUntil(lambda: window.panels.stack.isAncestorOf(qapp.focusWidget()))
    select(window, "conv2d_1")
    qtbot.keyClick(qapp.focusWidget(), Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert names(window)[2] == "conv2d_1"
    qtbot.keyClick(qapp.focusWidget(), Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert len(names(window)) == 10
    qtbot.keyClick(qapp.focusWidget(), Qt.Key.Key_Delete)
    assert len(names(window)) == 9


def test_that_everything_with_the_focus_has_a_name(window, qapp):
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QAccessible
    from PySide6.QtWidgets import QWidget

    nameless = []
    for widget in window.findChildren(QWidget):
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled()
        if takes and widget.focusProxy() is None:
            interface = QAccessible.queryAccessibleInterface(widget)
            if not interface or not interface.text(QAccessible.Text.Name):
                nameless.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    assert nameless == []


def test_that_tab_passes_through_every_part_of_the_window_and_back(window, qtbot, qapp):
    from PySide6.QtCore import Qt

    window.load_all()
    window.resize(1280, 720)
    select(window, "conv2d")
    window.activateWindow()
    window.panels.stack.view.setFocus()
    qtbot.waitUntil(lambda: qapp.focusWidget() is window.panels.stack.view and window.panels.chart.plot.isVisible())
    there = [qapp.focusWidget()]
    while len(there) < 100:
        qtbot.keyClick(qapp.focusWidget(), Qt.Key.Key_Tab)
        if qapp.focusWidget() is there[0]:
            break
        there.append(qapp.focusWidget())
    panels = window.panels
    parts = [
        panels.inspector, panels.table, panels.chart, window.status, window.tool_bar, panels.strip, panels.palette,
    ]  # fmt: skip
    firsts = [next(i for i, widget in enumerate(there) if part.isAncestorOf(widget)) for part in parts]
    assert firsts == sorted(firsts)
    for field in (
        panels.inspector.properties.head.name.edit, panels.chart.metric_box, window.tool_bar.fields.batch,
        window.tool_bar.fields.precision, window.tool_bar.fields.convention, window.tool_bar.theme_button,
        *window.status.docks, panels.chart.plot, window.tool_bar.widgetForAction(window.actions_by_id["file.open"]),
    ):  # fmt: skip
        assert field in there
    back = [there[0]]
    for _step in there[1:]:
        qtbot.keyClick(qapp.focusWidget(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
        back.append(qapp.focusWidget())
    assert back[1:] == there[:0:-1]


def test_that_tab_stays_in_the_window_while_a_dock_floats(window, qtbot, qapp):
    window.load_all()
    window.workspace.docks["table"].setFloating(True)
    window.activateWindow()
    window.panels.stack.view.setFocus()
    qtbot.waitUntil(lambda: qapp.focusWidget() is window.panels.stack.view)
    for _step in range(60):
        qtbot.keyClick(qapp.focusWidget(), Qt.Key.Key_Tab)
        assert qapp.focusWidget().window() is window
        if qapp.focusWidget() is window.panels.stack.view:
            break
    assert qapp.focusWidget() is window.panels.stack.view
    window.workspace.docks["table"].setFloating(False)


@pytest.mark.qt_log_ignore("does not support", extend=True)  # offscreen grabs nothing
def test_that_no_list_of_choices_is_narrower_than_its_entries(window, qtbot):
    window.load_all()
    window.resize(1000, 800)
    qtbot.wait(50)
    select(window, "conv2d")
    for combo in window.findChildren(QComboBox):
        if combo.isVisible() and not isinstance(combo, SourcePicker):  # which cuts names in their middle
            combo.showPopup()
            assert combo.view().viewport().width() >= combo.view().sizeHintForColumn(0), combo.accessibleName()
            combo.hidePopup()


# Help


def test_that_the_guide_lists_every_key_and_stays_beside_the_window(window):
    trigger(window, "help.guide")
    guide = window.gestures.viewing.guide_window
    assert not guide.isModal()
    text = guide.page.toPlainText()
    assert "Ctrl+E" in text
    assert "Move Up" in text
    guide.close()


def test_that_how_we_count_has_a_page_for_every_kind(window):
    trigger(window, "help.reference")
    reference = window.gestures.viewing.reference_window
    assert not reference.isModal()
    assert "What is not known is empty, never 0." in reference.page.toPlainText()
    first, second = (reference.page.document().findBlockByNumber(place) for place in (1, 2))
    assert first.blockFormat().bottomMargin() + second.blockFormat().topMargin() >= 4  # paragraphs stand apart
    QTest.keyClicks(reference.search, "Conv2d")
    shown = [
        reference.contents.topLevelItem(place)
        for place in range(reference.contents.topLevelItemCount())
        if not reference.contents.topLevelItem(place).isHidden()
    ]
    assert "Convolution" in [item.text(0) for item in shown]
    reference.close()


def test_that_the_page_of_the_selected_layers_kind_is_one_key_away(window):
    window.document.selection.select((window.document.architecture.layers[3].id,))
    trigger(window, "help.kind")
    page = window.gestures.viewing.reference_window.page.toPlainText()
    assert page.startswith("Conv2D")
    assert "kernel height × kernel width × input channels + bias" in page
    window.gestures.viewing.reference_window.close()


def test_that_the_network_is_counted_as_the_other_framework_would(window):
    document = window.document
    document.apply(edits.insert_kind(document.architecture, kind("BatchNormalization"), Place(1)))
    keras = window.document.summary.totals
    window.tool_bar.fields.convention.setCurrentText("PyTorch")
    pytorch = window.document.summary.totals
    assert (keras.parameters - pytorch.parameters, pytorch.statistics) == (64, 65)
    assert [report.kind for report in window.document.summary.layers][1] == "Conv2d"


def test_that_the_licences_are_told(window):
    trigger(window, "help.about")
    about = window.gestures.viewing.about_window
    from PySide6.QtWidgets import QLabel

    text = " ".join(label.text() for label in about.findChildren(QLabel))
    for part in ("LGPL 3", "pyqtgraph", "NumPy", "msgspec", "Qt for Python"):
        assert part in text
    about.close()


# Faults


def test_that_a_fault_is_told_and_nothing_is_lost(window, shown, qtbot, qapp, expect_log):
    expect_log("(?s)unexpected: .*fault of ours")
    select(window, "conv2d")
    trigger(window, "edit.duplicate")

    class Thing(QTimer):
        def fail(self):
            raise ValueError("a fault of ours")

    timer = Thing(window)
    QTimer.singleShot(0, timer, timer.fail)
    qtbot.waitUntil(lambda: bool(shown))
    assert "ValueError: a fault of ours" in shown[0].text
    assert window.autosave.path.exists()
    shown[0].action()
    report = qapp.clipboard().text()
    assert "Traceback" in report
    assert "paramdesk" in report
    window.document.undo_stack.undo()


def test_that_a_fault_promises_nothing_that_is_not_kept(window, shown, recovery, expect_log):
    expect_log("(?s)unexpected: .*fault of ours")
    recovery.touch()  # a file where the folder should be
    window.document.rename("changed")
    sys.excepthook(ValueError, ValueError("a fault of ours"), None)
    assert "kept" not in shown[0].text
    assert "Save your work now." in shown[0].text
    window.document.undo_stack.undo()


def test_that_the_loop_goes_on_after_an_exception_of_a_virtual_function(session, qtbot, expect_log, monkeypatch):
    from paramdesk.ui import app

    expect_log("(?s)unexpected: .*out of exec")
    session.start()
    calls = []

    def run():
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("out of exec")
        return 0

    monkeypatch.setattr(type(session.application), "exec", staticmethod(run))
    assert app._run(session) == 0  # noqa: SLF001 - the loop itself
    assert len(calls) == 2


def test_that_the_hook_is_given_back(sessions):
    before = sys.excepthook
    session = sessions()
    session.start()
    assert sys.excepthook != before
    session.close()
    assert sys.excepthook == before
