"""The inspector as a whole: head, tabs, themes and sizes."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget, QMainWindow, QToolButton, QWidget

from paramdesk.engine.example import example
from paramdesk.engine.layer_kind import kinds
from paramdesk.ui.inspector.fields import OptionalField
from tests.helpers.networks import chain, kind


def test_that_the_head_says_which_layer_it_is(inspector, select):
    select("conv2d_1")
    assert inspector.header.name.text() == "conv2d_1"
    assert inspector.header.line.text() == "Conv2D, layer 3 of 8"
    assert inspector.header.accessibleName() == "conv2d_1, Conv2D, layer 3 of 8"


def test_that_the_head_is_as_high_as_designed(inspector, applied_theme):
    assert inspector.header.height() == applied_theme.metrics.inspector_header
    assert inspector.sizeHint().width() == applied_theme.metrics.inspector_width


def test_that_tabs_are_reached_by_keys(inspector):
    inspector.tabs.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(inspector.tabs, Qt.Key.Key_Right)
    assert inspector.page == "explanation"
    assert inspector.explanation.isVisible()


def test_that_another_document_replaces_what_is_shown(inspector, document, select):
    select("conv2d_1")
    document.open(chain(kind("Input", shape=(3,)), name="other"))
    assert inspector.header.name.text() == "other"


def test_that_the_same_option_keeps_the_focus_when_another_kind_is_selected(inspector, select, row):
    select("conv2d_1")
    row("activation").field.combo.setFocus()
    select("dense")
    assert row("activation").field.combo.hasFocus()


def test_that_forms_are_reused_by_kind(inspector, select):
    select("conv2d_1")
    form = inspector.properties.form
    select("dense")
    select("conv2d")
    assert inspector.properties.form is form


def test_that_rename_puts_the_cursor_into_the_name(inspector, select):
    select("conv2d_1")
    inspector.page = "explanation"
    inspector.edit_name()
    assert inspector.properties.head.name.edit.hasFocus()
    assert inspector.properties.head.name.edit.selectedText() == "conv2d_1"


def test_that_the_head_can_be_the_title_bar_of_a_dock(qtbot, inspector):
    window = QMainWindow()
    qtbot.addWidget(window)
    dock = QDockWidget("Inspector", window)
    dock.setWidget(inspector)
    inspector.stand_in_for_title_of(dock)
    assert dock.titleBarWidget() is inspector.header
    names = {button.accessibleName() for button in inspector.header.findChildren(QWidget) if button.accessibleName()}
    assert {"Float", "Close"} <= names
    inspector.setParent(None)


def test_that_the_buttons_of_the_head_grow_with_the_text(qtbot, inspector, applied_theme):
    window = QMainWindow()
    qtbot.addWidget(window)
    inspector.stand_in_for_title_of(QDockWidget("Inspector", window))
    applied_theme.text_scale = 2.0
    for button in inspector.header.findChildren(QToolButton):
        assert button.icon().actualSize(QSize(99, 99)).width() == applied_theme.metrics.tiny_icon


@pytest.mark.parametrize("factor", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("name", ["Conv2D", "Conv3DTranspose", "MaxPooling2D", "MaxPooling3D", "ZeroPadding3D", "Add"])
def test_that_no_field_is_cut_at_any_size_of_text(qtbot, inspector, document, applied_theme, select, factor, name):
    applied_theme.text_scale = factor
    inspector.resize(inspector.minimumSizeHint().width(), 900)
    document.open(example(kinds()[name].preset()))
    select(document.architecture.layers[-1].name)
    inspector.properties.form.show_more(visible=True)
    for row in inspector.properties.form.rows.values():
        if isinstance(row.options_field, OptionalField) and row.options_field.check.isChecked():
            row.options_field.check.click()
    body, viewport = inspector.properties.widget(), inspector.properties.viewport()
    qtbot.waitUntil(lambda: body.width() == viewport.width())
    assert body.minimumSizeHint().width() <= body.width()
    for row in inspector.properties.form.rows.values():
        for widget in row.options_field.inputs():
            right = widget.mapTo(body, widget.rect().topRight()).x()
            assert right <= body.width() - applied_theme.metrics.edge + 1, row.spec.name


def test_that_a_change_of_theme_keeps_what_is_shown(inspector, scheme, select, row):
    select("conv2d_1")
    scheme.push(dark=True)
    assert inspector.header.name.text() == "conv2d_1"
    assert row("filters").field.box.value == 64


def test_that_every_field_has_a_name_for_a_screen_reader(inspector, select):
    for name in ("conv2d_1", "max_pooling2d", "dense", "input_layer"):
        select(name)
        for row in inspector.properties.form.rows.values():
            for widget in row.options_field.inputs():
                assert widget.accessibleName(), (name, row.spec.name)


def test_that_a_hidden_inspector_waits_until_it_is_shown(inspector, document, select, qapp):
    inspector.hide()
    select("dense")
    assert inspector.header.name.text() != "dense"
    inspector.show()
    qapp.processEvents()
    assert inspector.header.name.text() == "dense"
