"""The table, by pointer and keyboard."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollBar

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.edits import Edit, configure, end_of, insert_kind, remove, rename
from paramdesk.ui.table.column_widths import DEFAULT_SHOWN
from tests.helpers.blocks import repeated
from tests.helpers.networks import chain, kind

Left = Qt.MouseButton.LeftButton
Control = Qt.KeyboardModifier.ControlModifier
Shift = Qt.KeyboardModifier.ShiftModifier
Plain = Qt.KeyboardModifier.NoModifier


def click_row(panel, row, modifiers=Plain):
    place = panel.view.visualRect(panel.model.index(row, section(panel, "name"))).center()
    QTest.mouseClick(panel.view.viewport(), Left, modifiers, place)


def click_header(panel, name):
    header = panel.view.header
    place = section(panel, name)
    x = header.sectionViewportPosition(place) + header.sectionSize(place) // 2
    QTest.mouseClick(header.viewport(), Left, Plain, QPoint(x, header.height() // 2))


def section(panel, name):
    return next(place for place, column in enumerate(panel.model.columns) if column.name == name)


def shown_names(panel):
    return [row.name for row in panel.model.rows]


def test_that_a_click_selects_the_layer_and_control_adds_another(panel, document):
    click_row(panel, 3)
    assert document.selection.ids == (3,)
    click_row(panel, 5, Control)
    assert document.selection.ids == (3, 5)
    click_row(panel, 3, Control)
    assert document.selection.ids == (5,)


def test_that_shift_selects_a_span(panel, document):
    click_row(panel, 2)
    click_row(panel, 4, Shift)
    assert document.selection.ids == (2, 3, 4)
    assert document.selection.current == 4


def test_that_columns_are_measured_with_the_first_rows(open_panel, document):
    network = document.architecture
    document.open(Architecture())
    panel = open_panel()
    document.apply(Edit(network, "Paste"))
    sizes = [panel.view.header.sectionSize(place) for place in range(len(panel.model.columns))]
    document.open(network)
    assert sizes == [panel.view.header.sectionSize(place) for place in range(len(panel.model.columns))]


@pytest.mark.parametrize("rows", [6, 9, 10, 30])
def test_that_a_row_inserted_last_stands_in_sight_above_the_totals(open_panel, document, rows):
    document.open(chain(kind("Input", shape=(4,)), *(kind("Dense", units=2) for _ in range(rows))))
    panel = open_panel(height=290)
    for _again in range(3):
        document.apply(insert_kind(document.architecture, kind("Dense", units=3), end_of(document.architecture)))
        view, last = panel.view, panel.model.rowCount() - 1
        rect = view.visualRect(panel.model.index(last, section(panel, "name")))
        assert rect.bottom() < view.viewport().height()
        assert view.viewport().mapTo(panel, rect.bottomLeft()).y() < panel.totals.y()


def test_that_a_selection_made_elsewhere_is_shown_and_scrolled_to(open_panel, document):
    document.open(chain(kind("Input", shape=(4,)), *(kind("Dense", units=2) for _ in range(200))))
    panel = open_panel()
    document.selection.select((150, 151))
    assert panel.selected_rows() == [150, 151]
    top, bottom = panel.view.rowAt(0), panel.view.rowAt(panel.view.viewport().height() - 2)
    assert top <= 151 <= bottom or top <= 150 <= bottom


def test_that_a_layer_selects_all_its_repetitions_and_one_click_lets_go_of_all(open_panel, document):
    document.open(repeated(3))
    panel = open_panel()
    click_row(panel, 2)
    assert document.selection.ids == (3,)
    assert panel.selected_rows() == [2, 4, 6]
    click_row(panel, 4, Control)
    assert document.selection.ids == ()
    assert panel.selected_rows() == []


def test_that_a_selected_block_is_left_selected_by_the_table(open_panel, document):
    document.open(repeated(2))
    panel = open_panel()
    document.selection.select((2,))
    assert panel.selected_rows() == [2, 3, 4, 5]
    assert document.selection.ids == (2,)


def test_that_an_edit_that_removes_selected_rows_leaves_the_rest_selected(panel, document):
    document.selection.select((2, 4))
    document.apply(remove(document.architecture, (2,)))
    assert 4 not in document.selection.ids or 3 in panel.selected_rows()
    document.undo_stack.undo()
    assert document.selection.ids == (2, 4)
    assert panel.selected_rows() == [2, 4]


def test_that_the_selection_survives_an_edit(panel, document):
    click_row(panel, 3)
    document.apply(configure(document.architecture, 3, filters=10))
    assert panel.selected_rows() == [3]
    assert document.selection.ids == (3,)


def test_that_the_arrow_keys_move_the_selection(qtbot, panel, document):
    click_row(panel, 3)
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    assert document.selection.ids == (4,)
    qtbot.keyClick(panel.view, Qt.Key.Key_Up, Shift)
    assert document.selection.ids == (3, 4)


def test_that_a_click_below_the_rows_selects_nothing(panel, document):
    click_row(panel, 3)
    QTest.mouseClick(panel, Left, Plain, QPoint(20, panel.height() - 2))
    assert document.selection.ids == ()


def test_that_headers_sort_up_then_down_then_as_computed(panel):
    computed = shown_names(panel)
    click_header(panel, "parameters")
    assert shown_names(panel)[-1] in {"conv2d_2", "dense"}
    click_header(panel, "parameters")
    assert shown_names(panel)[:2] == ["conv2d_2", "dense"]
    click_header(panel, "parameters")
    assert shown_names(panel) == computed


def test_that_ctrl_c_copies_the_selected_rows_as_shown(qtbot, panel):
    click_row(panel, 1)
    click_row(panel, 3, Control)
    qtbot.keyClick(panel.view, Qt.Key.Key_C, Control)
    assert QGuiApplication.clipboard().text().splitlines() == [
        "Name\tKind\tOutput shape\tParameters\tMACs\tOutput, B\tRec. field\tShare, %",
        "conv2d\tConv2D\t(None, 26, 26, 32)\t320\t194688\t86528\t(3, 3)\t0.3",
        "conv2d_1\tConv2D\t(None, 11, 11, 64)\t18496\t2230272\t30976\t(8, 8)\t19.8",
    ]


def test_that_copying_follows_the_order_of_columns_and_rows(panel):
    header = panel.view.header
    header.moveSection(header.visualIndex(section(panel, "macs")), 0)
    panel.view.sortByColumn(section(panel, "macs"), Qt.SortOrder.DescendingOrder)
    lines = panel.copied_text().splitlines()
    assert lines[0].startswith("MACs\tName")
    assert lines[1].startswith("2230272\tconv2d_1")


def test_that_a_name_that_a_spreadsheet_would_run_is_harmless_on_the_clipboard(panel, document):
    from paramdesk.engine.edits import rename

    document.apply(rename(document.architecture, 1, "=1+1"))
    assert "\n'=1+1\tConv2D" in panel.copied_text()


def test_that_the_default_columns_are_those_of_the_drawing(panel):
    assert panel.visible_columns() == DEFAULT_SHOWN


def test_that_columns_are_chosen_and_moved_and_remembered(open_panel, settings):
    panel = open_panel()
    panel.menu.choice("trainable").trigger()
    panel.menu.show_choices(panel.visible_columns())
    panel.menu.choice("share").trigger()
    header = panel.view.header
    header.moveSection(header.visualIndex(section(panel, "macs")), 0)
    header.resizeSection(section(panel, "macs"), 150)
    columns = panel.visible_columns()
    assert columns[0] == "macs"
    assert "trainable" in columns
    assert "share" not in columns
    again = open_panel()
    assert again.visible_columns() == columns
    assert again.view.header.sectionSize(section(again, "macs")) == 150


def test_that_the_defaults_can_be_restored(panel, settings):
    panel.menu.choice("flops").trigger()
    panel.view.header.resizeSection(section(panel, "kind"), 300)
    panel.menu.restore.trigger()
    assert panel.visible_columns() == DEFAULT_SHOWN
    assert settings.table_widths == ()
    assert panel.view.header.sectionSize(section(panel, "kind")) < 300


def test_that_the_last_column_cannot_be_hidden(panel):
    for name in DEFAULT_SHOWN:
        panel.columns.show_column(name, False)
    assert panel.visible_columns() == ("share",)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_that_the_menu_stays_open_while_columns_are_chosen(qtbot, panel):
    panel.column_button.click()
    assert panel.menu.isVisible()
    place = panel.menu.actionGeometry(panel.menu.choice("trainable")).center()
    qtbot.mouseClick(panel.menu, Left, pos=place)
    assert panel.menu.isVisible()
    assert "trainable" in panel.visible_columns()
    panel.menu.close()


def test_that_totals_stand_under_their_columns(panel):
    texts = {panel.model.columns[place].name: text for place, text in panel.totals.texts().items()}
    assert texts["name"] == "Total"
    assert texts["kind"] == "8 layers"
    assert texts["parameters"] == "93,322"
    assert texts["macs"] == "2,794,240"
    assert texts["receptive_field"] == ""


def test_that_the_totals_row_follows_the_last_row_and_never_leaves_the_panel(open_panel, document):
    panel = open_panel()
    assert panel.totals.y() == panel.view.needed_height()
    document.open(chain(kind("Input", shape=(4,)), *(kind("Dense", units=2) for _ in range(50))))
    assert panel.totals.geometry().bottom() <= panel.height()
    assert panel.view.geometry().bottom() < panel.totals.y()


def test_that_totals_scroll_with_the_columns(open_panel):
    panel = open_panel(width=260)
    bar = panel.view.horizontalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(bar.maximum())
    x = panel.view.header.sectionViewportPosition(section(panel, "parameters"))
    assert panel.totals.tip_at(x + 5).startswith("Parameters, all layers: 93,322")


def test_that_totals_are_lower_bounds_while_a_row_is_not_computed(panel, document):
    document.apply(configure(document.architecture, 5, kernel_size=9))
    texts = {panel.model.columns[place].name: text for place, text in panel.totals.texts().items()}
    assert texts["parameters"] == "≥ 18,816"
    assert "4 layers are not computed" in panel.totals.tip_at(
        panel.view.header.sectionViewportPosition(section(panel, "parameters")) + 4
    )


def test_that_the_columns_fill_the_table_and_show_numbers_whole(panel, document):
    header = panel.view.header
    assert header.length() == panel.view.width()
    document.apply(configure(document.architecture, 8, units=2**31 - 1))
    place = section(panel, "parameters")
    assert header.sectionSize(place) >= header.title_width(place)
    text = panel.totals.texts()[place]
    assert panel.fontMetrics().horizontalAdvance(text) < header.sectionSize(place) * 1.3


def test_that_the_count_of_layers_is_whole_where_kinds_have_short_names(panel, document):
    document.open(chain(kind("Input", shape=(8,)), *[kind("Dense", units=4096) for _layer in range(1200)]))
    panel.resize(700, panel.height())
    place, texts = section(panel, "kind"), panel.totals.texts()
    assert texts[place] == "1,200 layers"
    width = panel.fontMetrics().horizontalAdvance(texts[place])
    assert panel.view.header.sectionSize(place) < width < panel.totals.cell(place, texts).width()
    beside = panel.totals.cell(section(panel, "parameters"), texts)
    assert not panel.totals.cell(place, texts).intersects(beside)


def test_that_the_widest_name_is_not_cut_where_another_has_more_letters(panel, document):
    document.apply(rename(document.architecture, 3, "w" * 16))
    document.apply(rename(document.architecture, 5, "i" * 17))
    panel.resize(300, panel.height())
    panel.columns.refit()
    name = section(panel, "name")
    wide = panel.view.sizeHintForIndex(panel.model.index(shown_names(panel).index("w" * 16), name)).width()
    assert panel.view.header.sectionSize(name) >= wide


def test_that_a_name_stays_whole_beside_the_mark_of_a_row_that_waits(panel, document):
    convolution = next(node.id for node in document.architecture.nodes() if node.name == "conv2d_1")
    pooling = panel.model.index(shown_names(panel).index("max_pooling2d_1"), section(panel, "name"))
    panel.resize(720, panel.height())
    for size in (3, 15):
        document.apply(configure(document.architecture, convolution, kernel_size=size))
        assert panel.view.header.sectionSize(pooling.column()) >= panel.view.sizeHintForIndex(pooling).width()


def test_that_kinds_and_names_that_come_later_are_whole_too(panel, document):
    panel.resize(960, panel.height())
    kinds, names = section(panel, "kind"), section(panel, "name")
    pooling = "GlobalAveragePooling2D"
    document.apply(insert_kind(document.architecture, kind(pooling), end_of(document.architecture)))
    place = panel.model.index(len(shown_names(panel)) - 1, kinds)
    assert panel.model.text(place.row(), kinds) == pooling
    metrics = panel.view.fontMetrics()
    assert panel.view.header.sectionSize(kinds) >= metrics.horizontalAdvance(pooling)
    assert panel.view.header.sectionSize(names) >= panel.view.sizeHintForIndex(place.siblingAtColumn(names)).width()


def test_that_the_blocks_before_a_name_are_seen_where_there_is_room(panel, document):
    document.open(repeated(2, name="a_stage_of_two"))
    panel.resize(900, panel.height())
    names = section(panel, "name")
    wide = [panel.view.sizeHintForIndex(panel.model.index(row, names)).width() for row in range(panel.model.rowCount())]
    assert panel.view.header.sectionSize(names) >= max(wide)


@pytest.mark.parametrize("width", [300, 500, 700, 900])
def test_that_the_totals_never_lie_under_the_bar(panel, document, width, qapp):
    bar = panel.findChildren(QScrollBar)
    document.open(chain(kind("Input", shape=(64,)), *[kind("Dense", units=4096) for _layer in range(60)]))
    panel.resize(width, panel.height())
    for _turn in range(4):
        shown = [found for found in bar if found.parent() is panel and found.isVisible()]
        assert all(panel.totals.geometry().bottom() < found.y() for found in shown)
        assert bool(shown) == (panel.view.horizontalScrollBar().maximum() > 0)
        qapp.processEvents()


def test_that_folding_is_remembered_and_keeps_the_selection(open_panel, document, settings):
    document.open(repeated(3))
    panel = open_panel()
    document.selection.select((4,))
    QTest.mouseClick(panel.folding.button("folded"), Left)
    assert shown_names(panel) == ["input", "stem", "stage", "head"]
    assert panel.selected_rows() == [2]
    assert document.selection.ids == (4,)
    assert settings.table_folded
    assert shown_names(open_panel()) == ["input", "stem", "stage", "head"]


def test_that_a_context_menu_is_asked_for_at_the_pointer(qtbot, panel):
    with qtbot.waitSignal(panel.context_menu_requested) as asked:
        panel.view.customContextMenuRequested.emit(QPoint(10, 10))
    assert asked.args[0] == panel.view.viewport().mapToGlobal(QPoint(10, 10))


def test_that_a_screen_reader_hears_cells_and_columns(panel):
    table = QAccessible.queryAccessibleInterface(panel.view)
    assert table.text(QAccessible.Text.Name) == "Summary table"
    heard = {table.child(n).text(QAccessible.Text.Name) for n in range(min(60, table.childCount())) if table.child(n)}
    assert any("parameters" in text for text in heard)


def test_that_it_paints_dark_large_and_empty(panel, document, scheme, theme):
    from paramdesk.engine.architecture import Architecture

    scheme.push(dark=True)
    panel.grab()
    theme.text_scale = 2.0
    assert panel.view.verticalHeader().defaultSectionSize() == 48
    panel.grab()
    document.open(Architecture())
    panel.grab()
