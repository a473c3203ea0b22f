"""Where the parts of a row stand: one set of numbers for the delegate, the header, the gutter and the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from paramdesk.ui.style.theme import Theme

_WIDEST_NAME = 260
_LEAST_DIGEST = 230


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
    share = right - metrics.share_width
    if width < name + px(500):
        share, count = 0, right
    else:
        count = share - px(12)
    chip = count - max(metrics.count_width, round(longest_count) + px(12))
    needed = longest_name + depth * metrics.block_indent + px(16)
    room = chip - px(110) - px(_LEAST_DIGEST) - name
    kind = name + max(metrics.name_width, min(round(needed), room, px(_WIDEST_NAME)))
    if chip - kind < px(190):
        kind = 0
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
        count=count,
        share=share,
        indent=metrics.block_indent,
    )
