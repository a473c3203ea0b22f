"""The buttons of a dialog."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox

from paramdesk.ui.dialogs.buttons import button_row


def test_that_buttons_have_no_icons_of_the_platform_and_still_accept_and_reject(qtbot, applied_theme):
    dialog = QDialog()
    qtbot.addWidget(dialog)
    row = button_row(dialog, QDialogButtonBox.StandardButton.Save, QDialogButtonBox.StandardButton.Cancel)
    assert all(button.icon().isNull() for button in row.buttons())
    with qtbot.waitSignal(row.rejected):
        row.button(QDialogButtonBox.StandardButton.Cancel).click()
    with qtbot.waitSignal(row.accepted):
        row.button(QDialogButtonBox.StandardButton.Save).click()
