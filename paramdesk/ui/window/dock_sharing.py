"""How docks share the room of the window with the stack. Pure, no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["LEAST_STACK", "least_demanded", "side_widths"]

LEAST_STACK = 480
"""So much of the stack, at a 13 px base font, shows name, kind, output and parameters: what is beside it gives way."""

_LEAST = {"palette": 150, "inspector": 336}
"""Widths below which names and numbers are cut, at a 13 px base font."""

_MOST_OF_SCREEN = {"palette": 0.14, "inspector": 0.2, "table": 0.3, "chart": 0.3}
"""No part may demand more of the screen than this, or large text would push the window over its edges."""

_MOST_AS_IT_IS = {"palette": 0.17, "inspector": 0.3}
"""Of a small screen a part may demand this for what it needs with normal text."""

_FIRST_TO_GIVE = ("inspector", "palette")


def least_demanded(name: str, hint: int, screen: int) -> int:
    """How wide a dock must be at least: what its panel hints at, as far as the screen has room for that."""
    usual = min(_LEAST.get(name, 0), round(_MOST_AS_IT_IS.get(name, 0) * screen))
    return max(0, min(hint, max(round(_MOST_OF_SCREEN[name] * screen), usual)))


def side_widths(
    wanted: Mapping[str, int], least: Mapping[str, int], room: int, px: Callable[[float], int], stack: int
) -> dict[str, int]:
    """The widths of what stands beside the stack, at the sizes of a window.

    Args:
        wanted: how wide each of them is where there is room enough.
        least: how wide each must be.
        room: of the window.
        px: scales a length.
        stack: what the stack keeps; for this first the inspector gives way, which can be scrolled, then the palette.
    """
    # A palette that takes a large part of a narrow window has mostly nothing to show there.
    most = {"palette": max(round(0.16 * room), min(px(170), round(0.2 * room)))}
    widths = {name: max(1, min(width, most.get(name, width))) for name, width in wanted.items()}
    for name in _FIRST_TO_GIVE:
        over = sum(widths.values()) + stack - room
        if name in widths and over > 0:
            widths[name] = max(widths[name] - over, min(widths[name], least[name]), 1)
    return widths
