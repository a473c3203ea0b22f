"""The colours and sizes of the whole window, in one place.

No widget names a colour or a size of its own: it asks the theme, which takes them from here. Text
pairs reach a contrast of 4.5:1; category colours, field borders and the spine reach 3:1.
"""

from __future__ import annotations

import msgspec
from PySide6.QtGui import QColor

# Every token once: name, light, dark.
_COLOURS = (
    ("window", "#F3F4F6", "#16181C"),
    ("panel", "#F8F9FA", "#191B20"),
    ("surface", "#FFFFFF", "#1E2025"),
    ("field", "#FFFFFF", "#23262C"),
    ("band", "#F8F9FB", "#22242A"),
    ("hover", "#F1F2F5", "#262930"),
    ("chip", "#F1F2F5", "#2A2D34"),
    ("track", "#EBEDF0", "#2C2F36"),
    ("hairline", "#E2E4E9", "#2B2E35"),
    ("border", "#CDD1D8", "#3C414A"),
    # A field must be found by its frame alone, so its frame has 3:1 against `window`, `panel` and
    # `field`; `border` has 1.4:1 and stays for scroll handles and the base line of the chart.
    ("field_border", "#858B96", "#6A717D"),
    ("grid", "#ECEEF1", "#292C33"),
    ("text", "#1C2026", "#E7E9ED"),
    ("text2", "#454B55", "#C3C8D0"),
    ("muted", "#5F6671", "#9AA1AD"),
    ("disabled", "#878D98", "#666D79"),
    ("accent", "#4A57C9", "#8F9AF3"),
    ("accent_text", "#FFFFFF", "#14161B"),
    ("select", "#E9EBFA", "#2B2F4C"),
    ("select_line", "#C5CBF1", "#454C7E"),
    ("error", "#BE2A10", "#FF8A75"),
    ("error_ground", "#FCEEEB", "#3B2320"),
    ("warning", "#8F5600", "#EBB457"),
    ("warning_ground", "#FBF3E3", "#382D1A"),
    ("success", "#1B7339", "#6FC78C"),
    ("success_ground", "#E9F5ED", "#1C3325"),
    ("added", "#00776B", "#5CC9B5"),
    ("added_ground", "#E4F4F1", "#19322F"),
    ("removed", "#B04A12", "#F2A177"),
    ("removed_ground", "#FBEDE4", "#3A281E"),
    ("changed", "#7A6400", "#DCCB6A"),
    ("changed_ground", "#FAF5DC", "#312E1E"),
    ("changed_mark", "#F0E4A2", "#565022"),
    ("ghost", "#D5D8DE", "#3F444E"),
    ("ghost_line", "#A3A9B4", "#828995"),
    # The spine is darker (lighter in the dark) than first drawn: one follows it with the eye, also
    # across a selected row, so it has 3:1 against `surface`, `band` and `select`.
    ("spine", "#80868F", "#757C88"),
    ("lane1", "#AA3377", "#EE88BB"),
    ("lane2", "#228833", "#66BB77"),
    ("lane3", "#CC6600", "#EE9955"),
)

# The icon is always there too, so the colour is never the only sign. Every two stay apart in
# normal, protan, deutan and tritan sight.
_CATEGORIES = (
    ("io", "#565C6A", "#AEB3C1"),
    ("conv", "#4779BB", "#87B1E6"),
    ("pool", "#008365", "#4DBB8F"),
    ("dense", "#C36A17", "#EB8559"),
    ("norm", "#94378F", "#C376BC"),
    ("act", "#6B651F", "#BBCC33"),
    ("reshape", "#808592", "#8B949E"),
    ("merge", "#6E1E3D", "#FBCCD0"),
    ("rec", "#0E562D", "#77C283"),
    ("att", "#332288", "#A38EEB"),
    ("reg", "#B04557", "#EEABAE"),
    ("emb", "#138BDE", "#6CDBF8"),
)


class Tokens(msgspec.Struct, frozen=True):
    """Every colour of one variant, ready to paint with. Treat the colours as constants."""

    window: QColor
    panel: QColor
    surface: QColor
    field: QColor
    band: QColor
    hover: QColor
    chip: QColor
    track: QColor
    hairline: QColor
    border: QColor
    field_border: QColor
    grid: QColor
    text: QColor
    text2: QColor
    muted: QColor
    disabled: QColor
    accent: QColor
    accent_text: QColor
    select: QColor
    select_line: QColor
    error: QColor
    error_ground: QColor
    warning: QColor
    warning_ground: QColor
    success: QColor
    success_ground: QColor
    added: QColor
    added_ground: QColor
    removed: QColor
    removed_ground: QColor
    changed: QColor
    changed_ground: QColor
    changed_mark: QColor
    ghost: QColor
    ghost_line: QColor
    spine: QColor
    lane1: QColor
    lane2: QColor
    lane3: QColor

    @property
    def lanes(self) -> tuple[QColor, QColor, QColor]:
        """The lane colours, which repeat after three."""
        return (self.lane1, self.lane2, self.lane3)


def _tokens(variant: int) -> Tokens:
    return Tokens(**{row[0]: QColor(row[variant]) for row in _COLOURS})


LIGHT = _tokens(1)
DARK = _tokens(2)
LIGHT_CATEGORIES = {row[0]: QColor(row[1]) for row in _CATEGORIES}
DARK_CATEGORIES = {row[0]: QColor(row[2]) for row in _CATEGORIES}


class Metrics(msgspec.Struct, frozen=True):
    """Sizes in pixels at a 13 px base font. `Theme.metrics` holds them scaled and rounded."""

    # space
    space: int = 4
    gap: int = 8
    edge: int = 16
    palette_edge: int = 12
    radius: int = 6
    mark_radius: int = 3
    pill_radius: int = 9
    # areas
    menu_bar: int = 28
    tool_bar: int = 40
    totals_strip: int = 64
    status_bar: int = 24
    palette_width: int = 220
    inspector_width: int = 340
    table_width: int = 700
    chart_width: int = 400
    least_chart: int = 250
    bottom_height: int = 340
    dock_title: int = 32
    splitter_grip: int = 7
    # controls
    field: int = 28
    form_row: int = 34
    form_label: int = 104
    number_field: int = 77
    pair_gap: int = 18
    button: int = 28
    tool_button: int = 28
    tool_button_width: int = 30
    tool_separator: int = 20
    segment: int = 22
    switch_width: int = 32
    switch_height: int = 18
    check: int = 16
    tab: int = 33
    tab_line: int = 2
    scroll_bar: int = 10
    scroll_handle: int = 6
    menu_row: int = 26
    quick_insert: int = 300
    # icons
    icon: int = 20
    item_icon: int = 18
    small_icon: int = 16
    tiny_icon: int = 14
    header_icon: int = 24
    chevron: int = 12
    # stack
    stack_header: int = 32
    stack_row: int = 36
    error_row: int = 54
    gutter: int = 40
    gutter_lanes: int = 70
    lane_step: int = 14
    stripe_width: int = 3
    stripe_height: int = 20
    name_width: int = 138
    chip_height: int = 22
    chip_edge: int = 8
    share_width: int = 72
    share_height: int = 4
    count_width: int = 84
    block_indent: int = 20
    # palette, inspector, table, totals
    category_row: int = 26
    item_row: int = 26
    inspector_header: int = 52
    table_header: int = 28
    table_row: int = 24
    totals_row: int = 29
    cell_edge: int = 8
    meter_width: int = 84
    meter_height: int = 3


def scaled_metrics(factor: float) -> Metrics:
    """Return the metrics multiplied by `factor`, each at least 1."""
    base: dict[str, int] = msgspec.structs.asdict(Metrics())
    return Metrics(**{name: max(1, round(size * factor)) for name, size in base.items()})


def contrast(first: QColor, second: QColor) -> float:
    """Return the WCAG contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: QColor) -> float:
    channels = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
