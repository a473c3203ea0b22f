"""How the CSV is to look: columns, delimiter, totals, and the mark that Excel wants; with the first lines to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from paramdesk import formats
from paramdesk.engine.columns import COLUMNS
from paramdesk.formats import TableOptions
from paramdesk.ui.dialogs.buttons import button_row

if TYPE_CHECKING:
    from paramdesk.engine.columns import Column
    from paramdesk.engine.summary import Summary
    from paramdesk.ui.settings import Settings
    from paramdesk.ui.style.theme import Theme

__all__ = ["ExportCsvDialog"]

DELIMITERS = (("Comma", ","), ("Semicolon", ";"), ("Tab", "\t"))
PREVIEW_ROWS = 4


class ExportCsvDialog(QDialog):
    """Chooses the options of a CSV file. Show it with `open()`."""

    def __init__(
        self,
        summary: Summary,
        columns: tuple[Column, ...],
        theme: Theme,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        """Offer `columns`, those that the table shows, or all."""
        super().__init__(parent)
        self.setWindowTitle("Export CSV")
        self._summary = summary
        self._columns = columns
        self._theme = theme
        self._settings = settings
        self.shown = QRadioButton(f"As shown in the table ({len(columns)})", self)
        self.all = QRadioButton(f"All ({len(COLUMNS)})", self)
        self.delimiter = QComboBox(self)
        for text, sign in DELIMITERS:
            self.delimiter.addItem(text, sign)
        self.delimiter.setAccessibleName("Delimiter")
        self.totals = QCheckBox("End with a row of totals", self)
        self.bom = QCheckBox("Mark as UTF-8 for Excel", self)
        self.bom.setToolTip("Writes a byte order mark; most other programs need none")
        self.preview = QPlainTextEdit(self)
        self.buttons = button_row(self, QDialogButtonBox.StandardButton.Save, QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setText("Export…")
        self._arrange()
        self._restore()
        self._connect()
        self._refresh()

    def options(self) -> TableOptions:
        """What is chosen."""
        return TableOptions(
            columns=COLUMNS if self.all.isChecked() else self._columns,
            totals=self.totals.isChecked(),
            delimiter=str(self.delimiter.currentData()),
            with_bom=self.bom.isChecked(),
        )

    def remember(self) -> None:
        """Begin with these choices next time."""
        self._settings.csv_delimiter = str(self.delimiter.currentData())
        self._settings.csv_all_columns = self.all.isChecked()
        self._settings.csv_totals = self.totals.isChecked()
        self._settings.csv_bom = self.bom.isChecked()

    def _arrange(self) -> None:
        metrics = self._theme.metrics
        columns = QWidget(self)
        stacked = QVBoxLayout(columns)
        stacked.setContentsMargins(0, 0, 0, 0)
        stacked.setSpacing(metrics.space)
        stacked.addWidget(self.shown)
        stacked.addWidget(self.all)
        form = QFormLayout()
        form.setHorizontalSpacing(metrics.edge)
        form.setVerticalSpacing(metrics.gap)
        form.addRow("Columns", columns)
        form.addRow("Delimiter", self.delimiter)
        form.addRow("", self.totals)
        form.addRow("", self.bom)
        caption = QLabel("First rows", self)
        self._theme.dress(caption, font="caption", text="muted")
        caption.setBuddy(self.preview)
        self.preview.setReadOnly(True)
        self.preview.setTabChangesFocus(True)
        self.preview.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(self._theme.font("caption").pixelSize())
        self.preview.setFont(font)
        self.preview.setFixedHeight(self.preview.fontMetrics().lineSpacing() * (PREVIEW_ROWS + 3) + 2 * metrics.gap)
        self.preview.setMinimumWidth(self._theme.px(480))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(metrics.edge, metrics.edge, metrics.edge, metrics.edge)
        whole.setSpacing(metrics.gap)
        whole.addLayout(form)
        whole.addSpacing(metrics.space)
        whole.addWidget(caption)
        whole.addWidget(self.preview)
        whole.addSpacing(metrics.space)
        whole.addWidget(self.buttons)

    def _restore(self) -> None:
        settings = self._settings
        (self.all if settings.csv_all_columns else self.shown).setChecked(True)
        self.delimiter.setCurrentIndex(max(0, self.delimiter.findData(settings.csv_delimiter)))
        self.totals.setChecked(settings.csv_totals)
        self.bom.setChecked(settings.csv_bom)

    def _connect(self) -> None:
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.all.toggled.connect(self._refresh)
        self.delimiter.currentIndexChanged.connect(self._refresh)
        self.totals.toggled.connect(self._refresh)

    def _refresh(self) -> None:
        """Show the first rows, and the totals if they are wanted."""
        options = msgspec.structs.replace(self.options(), with_bom=False)
        layers = self._summary.layers
        some = msgspec.structs.replace(self._summary, layers=layers[:PREVIEW_ROWS])
        lines = formats.table(some, "csv", options).splitlines()
        if len(layers) > PREVIEW_ROWS:
            lines.insert(1 + PREVIEW_ROWS, f"… {len(layers) - PREVIEW_ROWS:,} more")
        self.preview.setPlainText("\n".join(lines))
