"""The chart, by pointer and keyboard."""

import subprocess
import sys

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from paramdesk.engine.edits import configure, insert_kind
from paramdesk.engine.places import Place
from tests.helpers.blocks import repeated
from tests.helpers.networks import chain, kind
from tests.helpers.paints import paints

Left = Qt.MouseButton.LeftButton
Control = Qt.KeyboardModifier.ControlModifier
Shift = Qt.KeyboardModifier.ShiftModifier
Plain = Qt.KeyboardModifier.NoModifier


def slot(panel, place):
    return panel.plot.slot_rect(place).center().toPoint()


def click(panel, place, modifiers=Plain):
    QTest.mouseClick(panel.plot.viewport(), Left, modifiers, slot(panel, place))


def heights(panel):
    """Return what pyqtgraph draws, by place."""
    found = {}
    for item in panel.plot.items_by_category.values():
        x, height = item.getData()
        found.update(zip((int(n) for n in x), (float(n) for n in height), strict=True))
    return [found[place] for place in sorted(found)]


def turn_wheel(panel, x, steps):
    viewport = panel.plot.viewport()
    place = QPointF(x, 100)
    event = QWheelEvent(
        place, viewport.mapToGlobal(place), QPoint(), QPoint(0, 120 * steps), Qt.MouseButton.NoButton, Plain,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def deep(count):
    sizes = (kind("Conv2D", filters=4, kernel_size=1 + n % 3, padding="same") for n in range(count))
    return chain(kind("Input", shape=(8, 8, 4)), *sizes)


def test_that_pyqtgraph_is_loaded_after_the_panel_has_been_painted(tmp_path):
    program = (
        "import sys\n"
        "from PySide6.QtCore import QSettings\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from paramdesk.ui.chart.chart_panel import ChartPanel\n"
        "from paramdesk.ui.document.document import Document\n"
        "from paramdesk.ui.style.icons import Icons\n"
        "from paramdesk.ui.settings import Settings\n"
        "from paramdesk.ui.style.theme import FixedScheme, Theme\n"
        "application = QApplication([])\n"
        "theme = Theme(FixedScheme())\n"
        f"settings = Settings(QSettings({str(tmp_path / 's.ini')!r}, QSettings.Format.IniFormat))\n"
        "panel = ChartPanel(Document(), theme, Icons(theme), settings)\n"
        "assert not {'numpy', 'pyqtgraph'} & set(sys.modules)\n"
        "panel.show()\n"
        "panel.loaded.connect(application.quit)\n"
        "application.exec()\n"
        "assert {'numpy', 'pyqtgraph'} <= set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_that_pyqtgraph_draws_the_numbers_of_the_summary(panel):
    assert heights(panel) == [320, 0, 18496, 0, 36928, 0, 36928, 650]
    assert set(panel.plot.items_by_category) == {"conv", "pool", "dense", "reshape"}


def test_that_an_edit_changes_the_same_items(panel, document):
    items = dict(panel.plot.items_by_category)
    document.apply(configure(document.architecture, 8, units=20))
    assert heights(panel)[-1] == 1300
    document.apply(insert_kind(document.architecture, kind("Dense", units=7), Place(7)))
    assert heights(panel)[7] == 65 * 7
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert heights(panel)[-1] == 650
    assert panel.plot.items_by_category == items


def test_that_an_edit_paints_the_plot_once(panel, document):
    viewport = panel.plot.viewport()
    with paints(viewport) as counts:
        document.apply(insert_kind(document.architecture, kind("Conv2D", filters=99, kernel_size=3), Place(1)))
    assert counts[viewport] == 1
    with paints(viewport) as counts:
        document.apply(configure(document.architecture, 1, filters=50))
    assert counts[viewport] == 1


def test_that_of_bars_narrower_than_a_pixel_the_highest_of_each_pixel_is_drawn(panel, document):
    document.open(deep(2000))
    document.apply(configure(document.architecture, 1001, filters=400))
    pixels = panel.plot.plot_rect().width()
    assert len(heights(panel)) <= pixels + 1
    assert max(heights(panel)) == max(panel.bars.heights)
    panel.plot.zoom(20, panel.plot.plot_rect().center().x())
    assert heights(panel) == panel.bars.heights


@pytest.mark.parametrize("count", [300, 700, 1000, 1777, 5000])
def test_that_there_is_no_gap_between_bars_too_narrow_for_one(panel, document, theme, count):
    document.open(deep(count))
    rect = panel.plot.plot_rect()
    image = panel.plot.grab().toImage()
    row = round(rect.bottom()) - 3
    ground = theme.tokens.surface.rgb()
    inside = range(round(rect.left()) + 2, round(rect.right()) - 2)
    assert [x for x in inside if image.pixel(x, row) == ground] == []


def test_that_a_kind_of_another_category_gets_its_own_item(panel, document):
    document.apply(insert_kind(document.architecture, kind("BatchNormalization"), Place(1)))
    assert heights(panel)[1] == 128
    assert "norm" in panel.plot.items_by_category


def test_that_the_metric_is_chosen_and_remembered(panel, settings):
    panel.metric_box.setCurrentIndex(1)
    assert heights(panel)[2] == 2_230_272
    assert settings.chart_metric == "macs"


def test_that_the_scale_is_chosen_and_remembered(panel, settings):
    QTest.mouseClick(panel.scale_switch.button("log"), Left)
    assert heights(panel)[1] == 0
    assert 4 < heights(panel)[2] < 5
    assert settings.chart_scale == "log"


def test_that_a_click_on_a_bar_selects_its_layer(panel, document):
    click(panel, 2)
    assert document.selection.ids == (3,)
    assert panel.plot.selected == {2}
    assert (panel.reading.name, panel.reading.text) == ("conv2d_1", "18,496 parameters, 19.8% of the total")


def test_that_control_and_shift_extend_the_selection(panel, document):
    click(panel, 1)
    click(panel, 3, Control)
    assert document.selection.ids == (2, 4)
    click(panel, 3, Control)
    assert document.selection.ids == (2,)
    click(panel, 1)
    click(panel, 4, Shift)
    assert document.selection.ids == (2, 3, 4, 5)
    click(panel, 0, Shift)
    assert document.selection.ids == (1, 2)


def test_that_a_click_beside_the_bars_selects_nothing(panel, document):
    click(panel, 2)
    QTest.mouseClick(panel.plot.viewport(), Left, Plain, QPoint(4, 100))
    assert document.selection.ids == ()


def test_that_a_selection_made_elsewhere_is_marked(panel, document):
    document.selection.select((3, 8))
    assert panel.plot.selected == {2, 7}
    assert panel.reading.name == "2 layers"


def test_that_a_repeated_layer_is_marked_in_all_its_bars(panel, document):
    document.open(repeated(3))
    click(panel, 3)
    assert document.selection.ids == (3,)
    assert panel.plot.selected == {1, 3, 5}
    assert panel.reading.name == "stage.2/conv"


def test_that_the_pointer_reads_out_the_bar_below_it(qtbot, panel, document):
    document.selection.select((8,))
    QTest.mouseMove(panel.plot.viewport(), slot(panel, 2))
    qtbot.waitUntil(lambda: panel.reading.name == "conv2d_1")
    QTest.mouseMove(panel.plot.viewport(), QPoint(2, 2))
    qtbot.waitUntil(lambda: panel.reading.name == "dense_1")


def test_that_arrow_keys_move_the_selection(qtbot, panel, document):
    click(panel, 2)
    qtbot.keyClick(panel.plot, Qt.Key.Key_Right)
    assert document.selection.ids == (4,)
    qtbot.keyClick(panel.plot, Qt.Key.Key_Left, Shift)
    qtbot.keyClick(panel.plot, Qt.Key.Key_Left, Shift)
    assert document.selection.ids == (2, 3, 4)
    qtbot.keyClick(panel.plot, Qt.Key.Key_End)
    assert document.selection.ids == (8,)
    qtbot.keyClick(panel.plot, Qt.Key.Key_Home)
    assert document.selection.ids == (1,)


def test_that_arrow_keys_go_through_the_repetitions_of_a_block(qtbot, panel, document):
    document.open(repeated(2))
    click(panel, 0)
    found = []
    for _step in range(5):
        qtbot.keyClick(panel.plot, Qt.Key.Key_Right)
        found.append(panel.reading.name)
    assert found == ["stage.1/conv", "stage.1/norm", "stage.2/conv", "stage.2/norm", "head"]


def test_that_all_bars_are_in_sight_until_the_wheel_zooms(panel, document):
    document.open(deep(300))
    assert panel.plot.slots.shown == (0, 300)
    turn_wheel(panel, panel.plot.plot_rect().center().x(), 5)
    first, last = panel.plot.slots.shown
    assert 0 < first < 150 < last < 300
    turn_wheel(panel, panel.plot.plot_rect().center().x(), -20)
    assert panel.plot.slots.shown == (0, 300)


def test_that_a_drag_moves_the_part_in_sight_and_selects_nothing(panel, document):
    document.open(deep(300))
    turn_wheel(panel, panel.plot.plot_rect().center().x(), 5)
    before = panel.plot.slots.shown[0]
    viewport, centre = panel.plot.viewport(), panel.plot.plot_rect().center().toPoint()
    QTest.mousePress(viewport, Left, Plain, centre)
    QTest.mouseMove(viewport, centre - QPoint(30, 0))
    QTest.mouseMove(viewport, centre - QPoint(60, 0))
    QTest.mouseRelease(viewport, Left, Plain, centre - QPoint(60, 0))
    assert panel.plot.slots.shown[0] > before
    assert document.selection.ids == ()


def test_that_a_selected_bar_out_of_sight_is_brought_into_sight(panel, document):
    document.open(deep(300))
    turn_wheel(panel, panel.plot.plot_rect().left() + 2, 10)
    assert panel.plot.slots.shown[1] < 200
    document.selection.select((290,))
    first, last = panel.plot.slots.shown
    assert first <= 289 < last


def test_that_the_axis_starts_at_zero_and_fits_the_bars_in_sight(panel, document):
    low, high = panel.plot.plotItem.vb.viewRange()[1]
    assert low == 0
    assert 36928 < high < 50_000
    document.apply(configure(document.architecture, 7, units=640))
    assert panel.plot.plotItem.vb.viewRange()[1][1] > 369_280


def test_that_zooming_keeps_the_part_in_sight_through_an_edit(panel, document):
    document.open(deep(300))
    turn_wheel(panel, panel.plot.plot_rect().center().x(), 5)
    shown = panel.plot.slots.shown
    document.apply(configure(document.architecture, 150, use_bias=False))
    assert panel.plot.slots.shown == shown


def test_that_what_is_not_known_and_what_waits_is_painted(panel, document):
    document.apply(configure(document.architecture, 3, kernel_size=20))
    assert panel.bars.values[2:] == [None] * 6
    panel.grab()
    click(panel, 2)
    assert "20×20" in panel.reading.text


def test_that_a_screen_reader_hears_the_bars(panel):
    spoken = QAccessible.queryAccessibleInterface(panel.plot)
    assert spoken.text(QAccessible.Text.Name) == "Chart"
    assert spoken.text(QAccessible.Text.Description).startswith("Bar chart of parameters per layer: conv2d 320")


def test_that_pyqtgraph_has_no_menu_of_its_own(qtbot, panel):
    assert not panel.plot.plotItem.menuEnabled()
    with qtbot.waitSignal(panel.context_menu_requested):
        QTest.mouseClick(panel.plot.viewport(), Qt.MouseButton.RightButton, Plain, slot(panel, 2))
        panel.plot.menu_asked.emit(QPoint(1, 1))


def test_that_colours_follow_the_theme(panel, scheme, theme):
    scheme.push(dark=True)
    brush = panel.plot.items_by_category["conv"].opts["brush"]
    assert brush == theme.category_color("conv")
    panel.grab()
    theme.text_scale = 2.0
    panel.resize(800, 600)
    panel.grab()


@pytest.mark.parametrize("count", [0, 1, 2, 177, 1000])
def test_that_any_number_of_bars_is_painted(panel, document, count):
    document.open(deep(count))
    panel.grab()
    assert len(panel.bars) == count
    if count:
        assert panel.plot.slot_width() <= 72


@pytest.mark.parametrize("count", [3, 8, 24, 40])
def test_that_values_above_bars_run_neither_into_each_other_nor_into_bars(panel, document, theme, count):
    from paramdesk.ui.chart.plot_paint import value_labels

    document.open(deep(count))
    labels = value_labels(theme, panel.plot)
    assert labels
    for number, (place, _text, room) in enumerate(labels):
        assert not any(room.intersects(other) for _place, _other, other in labels[:number])
        for other in panel.plot.places_shown():
            slot_of_other = panel.plot.slot_rect(other)
            if other != place and abs(slot_of_other.center().x() - room.center().x()) < room.width() / 2:
                assert panel.plot.bar_top(other) >= room.bottom()


def test_that_of_many_selected_bars_none_has_its_number(panel, document, theme):
    from paramdesk.ui.chart.plot_paint import value_labels

    document.open(chain(kind("Input", shape=(64,)), *[kind("Dense", units=64), kind("ReLU")] * 60))
    layers = [node.id for node in document.architecture.nodes()][1:]
    document.selection.select(layers)
    assert value_labels(theme, panel.plot) == []
    document.selection.select(layers[50:52])
    assert [text for _place, text, _room in value_labels(theme, panel.plot)] == ["4,160"]


def test_that_several_selected_layers_are_summed_up(panel, document):
    document.selection.select((1, 3, 4))
    assert (panel.reading.name, panel.reading.text) == ("3 layers", "18,816 parameters, 20.2% of the total")
    document.selection.select((3,))
    assert panel.reading.name == "conv2d_1"
    document.selection.select(())
    assert panel.reading.name == "8 layers"


def test_that_a_value_above_a_bar_is_exact_where_there_is_room(panel, theme):
    from paramdesk.ui.chart.plot_paint import value_labels

    texts = {place: text for place, text, _room in value_labels(theme, panel.plot)}
    assert texts == {0: "320", 1: "0", 2: "18,496", 3: "0", 4: "36,928", 5: "0", 6: "36,928", 7: "650"}
