"""A drop-down field whose list is as wide as what stands in it, however narrow the field."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QStyle

__all__ = ["WideListCombo"]


class WideListCombo(QComboBox):
    """A combo box that never cuts the entries of its list."""

    def showPopup(self) -> None:
        """Make the list wide enough before it is shown."""
        view = self.view()
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        view.setMinimumWidth(max(self.width(), view.sizeHintForColumn(0) + 2 * bar))
        super().showPopup()
