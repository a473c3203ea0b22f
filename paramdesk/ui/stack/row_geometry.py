"""Where the parts of a row stand: one set of numbers for the delegate, the header, the gutter and the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from paramdesk.ui.style.theme import Theme

_WIDEST_NAME = 260
_USUAL_CHIP = 110
# Room for kind and digest: names get no more of it, the share bar is left out for it, and where it would be too little.
_GOOD_DIGEST = 230
_FAIR_DIGEST = 180
_LEAST_DIGEST = 80
# What the kind alone gets where there is no room for the digest, and names no more than they need.
_LEAST_KIND = 52
# A row must be told by its name, so a chip is left out for that.
_LEAST_NAME = 90


class RowGeometry(msgspec.Struct, frozen=True):
    """Places from the left edge of the view, in pixels; what stands in a block is further in by `indent` a level.

    Attributes:
        width: of the view.
        gutter: width of the lanes' part.
        spine: where the spine runs.
        lane_step: from one lane to the next.
        stripe: the category's stripe, or a block's chevron.
        icon: the category's icon.
        name: the name begins.
        kind: the kind begins, whatever the depth; 0 if there is no room for it.
        chip: the shape's chip ends.
        has_chips: whether there is room for chips.
        count: the count ends.
        share: the share bar begins; 0 if there is no room for it.
        indent: how far each block moves its rows in.
    """

    width: int
    gutter: int
    spine: int
    lane_step: int
    stripe: int
    icon: int
    name: int
    kind: int
    chip: int
    has_chips: bool
    count: int
    share: int
    indent: int

    def lane(self, column: int) -> float:
        """Where a lane of the gutter runs."""
        return self.spine + column * self.lane_step


def row_geometry(
    theme: Theme, width: int, lanes: int, longest_name: float, depth: int = 0, longest_count: float = 0
) -> RowGeometry:
    """The geometry of a view.

    Args:
        theme: whose sizes hold.
        width: of the view.
        lanes: how many lanes there are beside the spine.
        longest_name: width of the longest name, which gets more than its usual room where there is plenty.
        depth: of the deepest row.
        longest_count: width of the longest count, which the chips before it make room for.
    """
    px, metrics = theme.px, theme.metrics
    gutter = px(42) + lanes * metrics.lane_step if lanes else metrics.gutter
    icon = gutter + metrics.stripe_width + px(9)
    name = icon + metrics.icon + px(10)
    right = width - px(20)
    needed = min(round(longest_name + depth * metrics.block_indent + px(16)), px(_WIDEST_NAME))
    for share in (right - metrics.share_width, 0):
        count = share - px(12) if share else right
        chip = count - max(metrics.count_width, round(longest_count) + px(12))
        words = chip - px(_USUAL_CHIP)
        kind = name + max(metrics.name_width, min(needed, words - px(_GOOD_DIGEST) - name))
        if words - kind >= px(_FAIR_DIGEST):
            break
    if words - kind < px(_LEAST_DIGEST):
        kind = name + max(px(_LEAST_NAME), min(needed, words - px(_LEAST_KIND) - name))
        kind = kind if words - kind >= px(_LEAST_KIND) else 0
    return RowGeometry(
        width=width,
        gutter=gutter,
        spine=px(18) if lanes else px(23),
        lane_step=metrics.lane_step,
        stripe=gutter,
        icon=icon,
        name=name,
        kind=kind,
        chip=chip,
        has_chips=words - name >= px(_LEAST_NAME),
        count=count,
        share=share,
        indent=metrics.block_indent,
    )
