"""A drop-down field whose list is as wide as what stands in it, however narrow the field."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox

__all__ = ["ElidingCombo", "WideListCombo"]


class ElidingCombo(QComboBox):
    """A combo box that says where it cuts the entry it shows."""

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """Show as much of the entry as fits, and that there is more of it."""
        super().initStyleOption(option)
        control, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(control, option, part, self).width()
        text = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
        option.currentText = text


class WideListCombo(ElidingCombo):
    """A combo box that never cuts the entries of its list, and says where it cuts the one it shows."""

    def showPopup(self) -> None:
        """Make the list wide enough before it is shown."""
        view = self.view()
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        view.setMinimumWidth(max(self.width(), view.sizeHintForColumn(0) + 2 * bar))
        super().showPopup()
