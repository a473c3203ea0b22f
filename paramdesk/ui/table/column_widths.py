"""How wide columns are: as drawn, wider where totals or titles need it, as the user left them. Pure, no Qt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

DEFAULT_SHOWN = (
    "name", "kind", "output_shapes", "parameters", "macs", "activation_bytes", "receptive_field", "share",
)  # fmt: skip
"""The columns that a new user sees, in this order."""

_USUAL = {
    "path": 131, "name": 131, "kind": 102, "inputs": 120, "input_shapes": 95, "output_shapes": 95, "parameters": 78,
    "macs": 84, "activation_bytes": 84, "receptive_field": 62, "share": 64, "problem": 260,
}  # fmt: skip
_OTHER = 84

ELIDED = {"path", "name", "kind", "inputs", "problem"}
"""Columns whose texts may be cut."""

_GROWS = ("name", "path")
"""The first of these that is shown takes what room is left."""


def usual_width(name: str) -> int:
    """The width of a column at a 13 px base font."""
    return _USUAL.get(name, _OTHER)


class Need(NamedTuple):
    """How wide a column has to be.

    Attributes:
        title: for its title and its total.
        content: for the texts in its rows.
        core: for what is not to be cut of them while other texts can be: a name without its blocks; None: all of it.
    """

    title: int
    content: int
    core: int | None = None


def fitted(needs: Mapping[str, Need], room: int, px: Callable[[float], int]) -> dict[str, int]:
    """Widths for the columns in sight while the user has not chosen any.

    Args:
        needs: what each of them needs.
        room: how wide the table is; what is left over goes to the name, what is missing is taken where there is more
            than needed, then from the blocks before a name, then from other texts that may be cut, and from the name
            last: it tells whose row it is.
        px: scales a length.
    """
    usual = {name: px(usual_width(name)) for name in needs}
    content = {name: min(need.content, 2 * usual[name]) for name, need in needs.items()}
    widths = {name: max(usual[name], need.title, content[name]) for name, need in needs.items()}
    whole = {name: max(need.title, content[name]) for name, need in needs.items()}
    cut = {
        name: max(need.title, usual[name] * 7 // 10) if name in ELIDED else whole[name] for name, need in needs.items()
    }
    growing = next((name for name in _GROWS if name in widths), None)
    widths = _narrowed(widths, whole, room)
    core = dict(whole)
    if growing is not None and (part := needs[growing].core) is not None:
        core[growing] = max(needs[growing].title, min(part, whole[growing]))
    if sum(cut.values()) <= room:  # otherwise one has to scroll anyway, and may as well see all
        named = {name: core[name] if name == growing else least for name, least in cut.items()}
        for least in (core, named, cut):
            widths = _narrowed(widths, least, room)
    elif growing is not None:
        widths[growing] = max(core[growing], min(whole[growing], usual[growing]))
    left = room - sum(widths.values())
    if left > 0 and growing is not None:
        widths[growing] += left
    return widths


def _narrowed(widths: dict[str, int], least: Mapping[str, int], room: int) -> dict[str, int]:
    """Widths that fit into the room, as far as each may shrink; each gives in proportion to what it can spare."""
    spare = {name: max(0, width - least[name]) for name, width in widths.items()}
    over, total = sum(widths.values()) - room, sum(spare.values())
    if over <= 0 or not total:
        return widths
    share = min(1.0, over / total)
    return {name: math.floor(width - share * spare[name]) for name, width in widths.items()}


def arranged(names: Sequence[str], stored: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Every column with whether it is shown, in the user's order; columns that are new since come last, hidden.

    >>> arranged(["a", "b", "c"], [("c", True), ("gone", True), ("a", False)])
    [('c', True), ('a', False), ('b', False)]
    """
    kept = [(name, shown) for name, shown in dict(stored).items() if name in names]
    known = {name for name, _shown in kept}
    return kept + [(name, False) for name in names if name not in known]


def default_arrangement(names: Sequence[str]) -> list[tuple[str, bool]]:
    """Every column as a new user sees it: those that are hidden stand where they are declared."""
    return [(name, name in DEFAULT_SHOWN) for name in names]


def stored_widths(widths: Mapping[str, int], scale: float) -> tuple[tuple[str, int], ...]:
    """Widths as they are kept: at a 13 px base font."""
    return tuple((name, max(1, round(width / scale))) for name, width in widths.items())
