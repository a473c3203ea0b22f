"""The list of a narrow field."""

import pytest


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
