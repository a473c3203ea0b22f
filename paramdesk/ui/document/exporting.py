"""File > Export CSV: the dialog, then where to, then the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from paramdesk import formats
from paramdesk.engine.columns import columns_named
from paramdesk.engine.errors import UnwritableFile
from paramdesk.ui.dialogs import ask
from paramdesk.ui.document.files import documents_folder
from paramdesk.ui.notices import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from paramdesk.formats import TableOptions
    from paramdesk.ui.dialogs.export_csv import ExportCsvDialog
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.notices import Notices
    from paramdesk.ui.settings import Settings
    from paramdesk.ui.style.theme import Theme

__all__ = ["Exporting"]

_CSV = ask.FileFilter("CSV table", ("csv",))
_TSV = ask.FileFilter("Tab-separated table", ("tsv", "txt"))


class Exporting(QObject):
    """Writes the summary table as CSV, with the columns that the window shows."""

    def __init__(
        self,
        window: QWidget,
        document: Document,
        theme: Theme,
        settings: Settings,
        notices: Notices,
    ) -> None:
        """Serve `window`; `columns` names those in sight, and is set once there is a table."""
        super().__init__(window)
        self._window = window
        self._document = document
        self._theme = theme
        self._settings = settings
        self._notices = notices
        self._written = Path()
        self.columns: Callable[[], tuple[str, ...]] | None = None
        self.dialog: ExportCsvDialog | None = None

    def export_csv(self) -> None:
        """Show the dialog; what follows comes when it is accepted."""
        if self.dialog is not None:
            self.dialog.raise_()
            return
        from paramdesk.ui.dialogs.export_csv import ExportCsvDialog

        assert self.columns is not None
        self.dialog = ExportCsvDialog(
            self._document.summary, columns_named(self.columns()), self._theme, self._settings, self._window
        )
        self.dialog.finished.connect(self._on_finished)
        self.dialog.open()

    def _on_finished(self, result: int) -> None:
        dialog, self.dialog = self.dialog, None
        assert dialog is not None
        options = dialog.options()
        dialog.deleteLater()
        if result == dialog.DialogCode.Accepted:
            dialog.remember()
            self._export(options)

    def _export(self, options: TableOptions) -> None:
        document = self._document
        folder = document.path.parent if document.path else self._settings.last_folder or documents_folder()
        stem = document.path.name.split(".")[0] if document.path else document.architecture.name.replace("/", "_")
        kinds = [_TSV, _CSV] if options.delimiter == "\t" else [_CSV, _TSV]
        answer = ask.ask_save_path(self._window, "Export CSV", kinds, folder / f"{stem}.{kinds[0].endings[0]}")
        if answer is None:
            return
        path, _kind = answer
        try:
            # The dialog has said how it is delimited, so the ending decides nothing.
            formats.write_table(document.summary, path, "csv", options)
        except UnwritableFile as error:
            self._notices.error(f"{error}.")
            return
        self._settings.last_folder = path.parent
        self._written = path
        rows = len(document.summary.layers)
        self._notices.show(
            Notice(
                "success", f"{rows:,} row{'s' * (rows != 1)} exported to {path}.", "Show in Folder", self.show_folder
            )
        )

    def show_folder(self) -> None:
        """Open the folder of the file that was written last."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written.parent)))
