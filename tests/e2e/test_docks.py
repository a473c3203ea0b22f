"""The parts of a window: how they share its room, and how they are shown and hidden."""

import pytest
from PySide6.QtCore import QPoint, Qt

from tests.helpers.windows import select, trigger


def test_that_a_window_made_small_and_large_again_shares_its_room_as_before(window, qtbot):
    docks = window.workspace.docks
    window.resize(1440, 900)
    trigger(window, "view.reset_layout")
    qtbot.wait(50)
    before = {name: dock.size() for name, dock in docks.items()}
    window.resize(900, 600)
    qtbot.waitUntil(lambda: window.width() == 900)
    assert docks["table"].width() < before["table"].width()
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: window.width() == 1440)
    qtbot.waitUntil(lambda: {name: dock.size() for name, dock in docks.items()} == before)


@pytest.mark.parametrize("size", [(1440, 500), (900, 450), (670, 600)])
def test_that_a_window_that_was_low_and_narrow_is_as_before_and_then_its_stack_has_its_share(window, qtbot, size):
    docks = window.workspace.docks
    window.resize(1440, 900)
    trigger(window, "view.reset_layout")
    qtbot.wait(50)
    before = {name: dock.size() for name, dock in docks.items()}
    window.resize(*size)
    qtbot.waitUntil(lambda: docks["table"].height() < before["table"].height())
    qtbot.wait(50)
    assert window.panels.stack.height() > 0.9 * docks["table"].height()
    qtbot.mouseClick(window.workspace, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: {name: dock.size() for name, dock in docks.items()} == before)


def test_that_a_palette_that_was_squeezed_has_its_width_again_after_a_restart_too(sessions, qtbot):
    window = sessions().start()
    qtbot.waitExposed(window)
    palette = window.workspace.docks["palette"]
    assert palette.width() >= 0.17 * window.screen().availableGeometry().width()
    squeezed = palette.width()
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: palette.width() > 1.4 * squeezed)
    usual, table = palette.width(), window.workspace.docks["table"]
    trigger(window, "view.reset_layout")
    qtbot.wait(50)
    high = table.height()
    window.resize(760, 600)
    qtbot.waitUntil(lambda: table.height() < high)
    qtbot.waitUntil(lambda: palette.width() < 0.8 * usual)
    window.close()
    window = sessions().start()
    qtbot.waitExposed(window)
    palette, table = window.workspace.docks["palette"], window.workspace.docks["table"]
    qtbot.wait(50)
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: (palette.width(), table.height()) == (usual, high))


def test_that_the_stack_tells_name_and_kind_in_a_small_window(window, session, qtbot):
    """With normal text the digest goes, not the kind; with larger text it is the inspector that gives way."""
    window.load_all()
    view = window.panels.stack.view
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: view.geometry_of_rows.kind > 0)
    window.resize(1440, 900)
    session.theme.text_scale = 1.5
    qtbot.wait(50)
    window.resize(1000, 700)
    inspector = window.workspace.docks["inspector"]
    qtbot.waitUntil(lambda: inspector.width() <= max(inspector.minimumSizeHint().width(), 336))
    qtbot.wait(50)
    rows = view.geometry_of_rows
    name_end = rows.kind or (rows.chip if not rows.has_chips else rows.chip - session.theme.px(110))
    assert name_end - rows.name > session.theme.font_metrics("base").horizontalAdvance("input_layer")


def test_that_a_part_shown_again_in_a_smaller_window_leaves_the_stack_its_share(window, qtbot):
    window.load_all()
    window.resize(1440, 900)
    trigger(window, "view.inspector")
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: window.workspace.width() == 1000)
    trigger(window, "view.inspector")
    qtbot.waitUntil(lambda: window.panels.stack.width() >= 450)


def test_that_table_and_chart_share_their_width_as_before_when_one_was_hidden(window, qtbot):
    window.resize(1440, 900)
    trigger(window, "view.reset_layout")
    qtbot.wait(50)
    table, chart = window.workspace.docks["table"], window.workspace.docks["chart"]
    before = (table.width(), chart.width())
    assert before[0] > 1.3 * before[1]
    for hidden in (["view.palette", "view.chart", "view.table"], ["view.table"], ["view.bottom"]):
        for action in hidden * 2:
            trigger(window, action)
            qtbot.wait(20)
        qtbot.waitUntil(lambda: abs(table.width() - before[0]) <= 2 and abs(chart.width() - before[1]) <= 2)


def test_that_a_chart_beside_a_wide_table_keeps_its_controls(window, qtbot):
    window.resize(1200, 720)
    trigger(window, "view.reset_layout")
    qtbot.wait(50)
    chart, table = window.workspace.docks["chart"], window.workspace.docks["table"]
    assert table.width() > chart.width()
    assert window.panels.chart.metric_box.isVisible()
    assert window.panels.chart.scale_switch.isVisible()


def test_that_the_first_sizes_leave_the_stack_its_share_with_a_large_font_too(window, session, qtbot):
    window.load_all()
    window.resize(1280, 720)
    session.theme.text_scale = 1.6
    qtbot.wait(50)
    trigger(window, "view.reset_layout")
    qtbot.wait(50)
    docks = window.workspace.docks
    assert window.panels.stack.width() > docks["inspector"].width()
    assert window.panels.stack.width() > 2 * docks["palette"].width()


def test_that_a_properties_page_wider_than_its_dock_can_be_reached(window, session, qtbot):
    window.load_all()
    select(window, "conv2d_1")
    properties = window.panels.inspector.properties
    window.resize(1440, 900)
    trigger(window, "view.reset_layout")
    qtbot.wait(50)
    assert not properties.horizontalScrollBar().isVisible()
    session.theme.text_scale = 3.0
    qtbot.waitUntil(properties.horizontalScrollBar().isVisible)


def test_that_a_border_that_the_user_moves_is_kept_through_other_sizes(window, qtbot):
    table, workspace = window.workspace.docks["table"], window.workspace
    window.resize(1440, 900)
    trigger(window, "view.reset_layout")
    qtbot.wait(50)
    border = QPoint(100, table.y() - 3)
    qtbot.mousePress(workspace, Qt.MouseButton.LeftButton, pos=border)
    qtbot.mouseMove(workspace, border - QPoint(0, 30))
    qtbot.mouseMove(workspace, border - QPoint(0, 60))
    qtbot.mouseRelease(workspace, Qt.MouseButton.LeftButton, pos=border - QPoint(0, 60))
    moved = table.height()
    qtbot.wait(50)
    window.resize(1440, 600)
    qtbot.waitUntil(lambda: table.height() < moved)
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: table.height() == moved)


@pytest.mark.parametrize("name", ["palette", "table", "chart", "inspector"])
def test_that_a_dock_is_hidden_and_shown_by_its_action(window, name):
    action = window.actions_by_id[f"view.{name}"]
    assert action.isChecked()
    action.trigger()
    assert not window.workspace.is_shown(name)
    assert not action.isChecked()
    action.trigger()
    assert window.workspace.is_shown(name)


@pytest.mark.parametrize("name", ["table", "inspector"])
def test_that_a_floating_dock_has_a_frame_all_around(window, session, name):
    window.load_all()
    dock = window.workspace.docks[name]
    frame = session.theme.tokens.field_border

    def edges():
        image = dock.grab().toImage()
        right, bottom = image.width() - 1, image.height() - 1
        places = ((0, bottom // 2), (right, bottom // 2), (right // 2, 0), (right // 2, bottom))
        return [image.pixelColor(x, y) == frame for x, y in places]

    assert not any(edges())
    dock.setFloating(True)
    assert all(edges())
    dock.setFloating(False)


def test_that_closing_a_dock_unticks_its_action(window):
    window.workspace.docks["chart"].close()
    assert not window.actions_by_id["view.chart"].isChecked()


def test_that_the_bottom_comes_back_as_it_was(window):
    trigger(window, "view.chart")
    trigger(window, "view.bottom")
    assert not window.workspace.is_bottom_shown()
    trigger(window, "view.bottom")
    assert window.workspace.is_shown("table")
    assert not window.workspace.is_shown("chart")


def test_that_the_layout_can_be_reset(window):
    trigger(window, "view.palette")
    window.workspace.docks["table"].setFloating(True)
    trigger(window, "view.reset_layout")
    assert window.workspace.is_shown("palette")
    assert not window.workspace.docks["table"].isFloating()


def test_that_the_buttons_of_the_status_bar_do_the_same(window):
    palette, _bottom, inspector = window.status.docks
    palette.click()
    assert not window.workspace.is_shown("palette")
    assert not palette.isChecked()
    inspector.click()
    assert not window.workspace.is_shown("inspector")
