"""The list of a narrow field."""

import pytest
from PySide6.QtWidgets import QStyleOptionComboBox


@pytest.mark.qt_log_ignore("does not support", extend=True)  # offscreen grabs nothing
def test_that_the_list_is_as_wide_as_its_entries(qtbot, applied_theme):
    from paramdesk.ui.controls.wide_list import WideListCombo

    combo = WideListCombo()
    qtbot.addWidget(combo)
    combo.addItems(["float32", "an entry that is much wider than the field"])
    combo.setFixedWidth(60)
    combo.show()
    combo.showPopup()
    assert combo.view().viewport().width() >= combo.view().sizeHintForColumn(0)
    combo.hidePopup()


def test_that_a_narrow_field_shows_that_there_is_more_of_its_entry(qtbot, applied_theme):
    from paramdesk.ui.controls.wide_list import WideListCombo

    combo = WideListCombo()
    qtbot.addWidget(combo)
    combo.addItems(["Parameters"])
    shown = {}
    for width in (combo.sizeHint().width(), combo.sizeHint().width() - 12):
        combo.setFixedWidth(width)
        option = QStyleOptionComboBox()
        combo.initStyleOption(option)
        shown[width] = option.currentText
    whole, cut = shown.values()
    assert whole == "Parameters"
    assert cut.endswith("…")
    assert "Parameters".startswith(cut[:-1])
    assert combo.itemText(0) == combo.currentText() == "Parameters"
