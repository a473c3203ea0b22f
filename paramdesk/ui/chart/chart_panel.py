"""The panel of the chart: what is charted, the line that reads a bar out, and how it follows the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget

from paramdesk.ui.chart.chart_bars import METRICS, Bars, bars
from paramdesk.ui.controls.placeholder import Placeholder
from paramdesk.ui.controls.segmented import Segmented
from paramdesk.ui.controls.wide_list import WideListCombo
from paramdesk.ui.table.table_rows import places_of

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from paramdesk.engine.summary import RowKey, Summary
    from paramdesk.ui.chart.bar_plot import BarPlot
    from paramdesk.ui.chart.chart_bars import Scale
    from paramdesk.ui.document.document import Document
    from paramdesk.ui.settings import Settings
    from paramdesk.ui.style.icons import Icons
    from paramdesk.ui.style.theme import Theme

__all__ = ["ChartPanel"]

_Shift = Qt.KeyboardModifier.ShiftModifier
_Control = Qt.KeyboardModifier.ControlModifier


class ChartPanel(QWidget):
    """A bar per layer. The plot, and with it pyqtgraph, is loaded after the panel has been painted once.

    Signals:
        context_menu_requested: the user asks for a menu about the selected layers, at this place on the screen.
        loaded: the plot is there.

    Attributes:
        plot: the plot; None until it is loaded.
        reading: the line above the plot.
    """

    context_menu_requested = Signal(QPoint)
    loaded = Signal()

    def __init__(
        self, document: Document, theme: Theme, icons: Icons, settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self._icons = icons
        self._settings = settings
        self.plot: BarPlot | None = None
        self._cursor: RowKey | None = None
        self._anchor: RowKey | None = None
        self._scale: Scale = settings.chart_scale
        self._metric = METRICS.get(settings.chart_metric, METRICS["parameters"])
        self.bars: Bars = bars(document.summary, self._metric, self._scale)
        theme.dress(self, ground="surface")
        self.setAccessibleName("Chart")
        self.reading = Reading(theme, self)
        self.metric_box = self._metric_box()
        self.scale_switch = Segmented(theme, (("linear", "Linear"), ("log", "Log")), "Scale of the chart", self)
        self.scale_switch.value = self._scale
        self._placeholder = Placeholder(theme, "surface", self)
        self._placeholder.seen.connect(self.load)
        self._placeholder.watch()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.reading)
        self._column.addWidget(self._placeholder, 1)
        self.metric_box.currentIndexChanged.connect(self._on_metric)
        self.scale_switch.chosen.connect(self._on_scale)
        document.changed.connect(self._on_changed)
        document.replaced.connect(self._on_replaced)
        document.selection.changed.connect(self._on_selection_changed)
        theme.theme_changed.connect(self._on_theme_changed)
        self._tell()

    # --- for the window ---------------------------------------------------------------------

    def extra_title_widgets(self) -> tuple[QWidget, ...]:
        """Return the controls that belong into the dock's title bar, from left to right."""
        return (self.metric_box, self.scale_switch)

    def load(self) -> None:
        """Make the plot, unless it is there. Loads pyqtgraph and numpy: not before the first paint."""
        if self.plot is not None:
            return
        from paramdesk.ui.chart.bar_plot import BarPlot

        plot = BarPlot(self._theme, self._icons, self.bars, self)
        plot.hovered.connect(self._on_hovered)
        plot.clicked.connect(self._on_clicked)
        plot.stepped.connect(self._on_stepped)
        plot.menu_asked.connect(self.context_menu_requested)
        self._column.replaceWidget(self._placeholder, plot)
        self._placeholder.hide()
        self._placeholder.deleteLater()
        self.plot = plot
        self._follow_selection()
        self._tell()
        self.loaded.emit()

    def sizeHint(self) -> QSize:
        """Return the size in the usual window."""
        metrics = self._theme.metrics
        return QSize(metrics.chart_width, metrics.bottom_height - metrics.dock_title)

    def minimumSizeHint(self) -> QSize:
        """Return room for a few bars."""
        return QSize(self._theme.px(180), self._theme.px(120))

    # --- parts ------------------------------------------------------------------------------

    def _metric_box(self) -> QComboBox:
        box = WideListCombo(self)
        for metric in METRICS.values():
            box.addItem(metric.title, metric.name)
        box.setCurrentIndex(list(METRICS).index(self._metric.name))
        box.setAccessibleName("What the chart shows")
        box.setToolTip("What the chart shows")
        box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        box.setMinimumWidth(self._theme.px(84))
        box.setFixedHeight(self._theme.metrics.segment)
        return box

    # --- what changes -----------------------------------------------------------------------

    def _on_changed(self, former: Summary) -> None:
        self._show_bars()

    def _on_replaced(self) -> None:
        self._cursor = self._anchor = None
        self._show_bars(all_of_them=True)

    def _on_metric(self, index: int) -> None:
        self._metric = METRICS[self.metric_box.itemData(index)]
        self._settings.chart_metric = self._metric.name
        self._show_bars()

    def _on_scale(self, scale: str) -> None:
        self._scale = "log" if scale == "log" else "linear"
        self._settings.chart_scale = self._scale
        self._show_bars()

    def _on_theme_changed(self) -> None:
        self.metric_box.setFixedHeight(self._theme.metrics.segment)
        self.metric_box.setMinimumWidth(self._theme.px(84))
        self.reading.updateGeometry()
        self.reading.update()
        if self.plot is not None:
            self.plot.dress()

    def _show_bars(self, *, all_of_them: bool = False) -> None:
        self.bars = bars(self._document.summary, self._metric, self._scale)
        if self.plot is not None:
            self.plot.show_bars(self.bars, all_of_them=all_of_them)
        if not self._document.selects_next:
            self._follow_selection()
            self._tell()

    def _tell(self) -> None:
        """Read out the bar under the pointer, or the current one, or all; renew the chart's text equivalent."""
        self._read_out(self.plot.hovered_place if self.plot is not None else None)
        description = self.bars.description()
        self.setAccessibleDescription(description)
        if self.plot is not None:
            self.plot.setAccessibleDescription(description)

    def _read_out(self, hovered: int | None) -> None:
        ids = self._document.selection.ids
        place = hovered if hovered is not None else self._current_place() if len(ids) == 1 else None
        if place is not None:
            said = self.bars.reading(place)
        elif places := places_of(self.bars.reports, ids):
            said = self.bars.sum_reading(places)
        else:
            said = self.bars.total_reading()
        self.reading.show_text(*said)

    # --- selection --------------------------------------------------------------------------

    def _current_place(self) -> int | None:
        """Where the current layer's bar is: the one the user went to, where it has several."""
        current = self._document.selection.current
        if current is None:
            return None
        reports = self.bars.reports
        if self._cursor is not None and self._cursor[-1] == current:
            place = self.bars.place_of(self._cursor)
            if place is not None:
                return place
        return next((place for place, report in enumerate(reports) if report.key[-1] == current), None)

    def _follow_selection(self) -> None:
        if self.plot is None:
            return
        self.plot.show_selected(frozenset(places_of(self.bars.reports, self._document.selection.ids)))

    def _on_selection_changed(self) -> None:
        self._follow_selection()
        place = self._current_place()
        if self.plot is not None and place is not None:
            self.plot.show_place(place)
        self._tell()

    def _on_hovered(self, place: int | None) -> None:
        self._read_out(place)

    def _on_clicked(self, place: int | None, modifiers: Qt.KeyboardModifier) -> None:
        selection = self._document.selection
        if place is None:
            if not modifiers & (_Shift | _Control):
                selection.select(())
            return
        report = self.bars.reports[place]
        node = report.key[-1]
        if modifiers & _Shift:
            self._extend_to(place)
            return
        self._cursor = self._anchor = report.key
        if modifiers & _Control:
            others = tuple(known for known in selection.ids if known != node)
            selection.select(others if node in selection.ids else (*others, node))
        else:
            selection.select((node,))
        self._tell()

    def _on_stepped(self, step: int, extends: bool) -> None:
        if not len(self.bars):
            return
        place = self._current_place()
        if place is None:
            place = -1 if step > 0 else len(self.bars)
        place = min(max(0, place + step), len(self.bars) - 1)
        if extends:
            self._extend_to(place)
        else:
            self._on_clicked(place, Qt.KeyboardModifier.NoModifier)
        if self.plot is not None:
            self.plot.show_place(place)

    def _extend_to(self, place: int) -> None:
        """Select everything from where the selection began to a bar."""
        start = self.bars.place_of(self._anchor)
        if start is None:
            start = self._current_place()
        if start is None:
            start = place
        reports = self.bars.reports
        self._anchor = reports[start].key
        self._cursor = reports[place].key
        span = reports[min(start, place) : max(start, place) + 1]
        self._document.selection.select([report.key[-1] for report in span], reports[place].key[-1])


class Reading(QWidget):
    """The line above the plot: a layer, and its exact number."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.name = ""
        self.text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_text(self, name: str, text: str) -> None:
        """Say something else."""
        if (name, text) != (self.name, self.text):
            self.name, self.text = name, text
            self.setAccessibleName(f"{name}: {text}")
            self.setToolTip(f"{name}: {text}")
            self.update()

    def sizeHint(self) -> QSize:
        """Return the height of the line."""
        return QSize(0, self._theme.px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name and number, cut where the room ends."""
        theme = self._theme
        painter = QPainter(self)
        edge = theme.metrics.edge
        room = QRectF(edge, 0, max(0, self.width() - 2 * edge), self.height())
        strong, plain = theme.font_metrics("small_strong"), theme.font_metrics("small")
        name = strong.elidedText(self.name, Qt.TextElideMode.ElideMiddle, room.width() * 0.6)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font("small_strong"))
        painter.setPen(theme.tokens.text)
        painter.drawText(room, flags, name)
        room.setLeft(room.left() + strong.horizontalAdvance(name) + theme.pxf(8))
        painter.setFont(theme.font("small"))
        painter.setPen(theme.tokens.muted)
        painter.drawText(room, flags, plain.elidedText(self.text, Qt.TextElideMode.ElideRight, room.width()))
        painter.end()
