"""What the palette shows: sections with their kinds, or what a search found. Pure, no Qt."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from paramdesk.ui.categories import SECTIONS, section_of
from paramdesk.ui.palette.kind_search import Match, search

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from paramdesk.engine.layer_kind import Category, LayerKind
    from paramdesk.engine.shape import Framework


class SectionRow(msgspec.Struct, frozen=True):
    """A section, which opens and closes."""

    section: str
    title: str
    is_open: bool
    kinds: int


class KindRow(msgspec.Struct, frozen=True):
    """A kind.

    Attributes:
        name: what the framework calls it.
        kind: the kind's own name.
        category: its colour and icon.
        match: where it was found, if it was searched for.
    """

    name: str
    kind: str
    category: Category
    match: Match | None = None


PaletteRow: TypeAlias = SectionRow | KindRow


def offered(kinds: Iterable[type[LayerKind]], framework: Framework) -> dict[str, type[LayerKind]]:
    """The kinds that a network of a framework can have, by what they are called there."""
    found: dict[str, type[LayerKind]] = {}
    for kind in kinds:
        if kind.is_offered and (kind.is_input or kind.names_in(framework)):
            name = kind.title() if framework == "keras" else kind.preset().name_in(framework)
            found[kind.title() if name in found else name] = kind
    return found


def palette_rows(
    kinds: Mapping[str, type[LayerKind]], query: str = "", folded: AbstractSet[str] = frozenset()
) -> tuple[PaletteRow, ...]:
    """The rows for a query; without one every section that is not folded, with its kinds.

    Args:
        kinds: what is offered, by the names that are shown.
        query: what is searched for.
        folded: sections that are closed.
    """
    if query.strip():
        return tuple([_row(match.name, kinds[match.name], match) for match in search(query, kinds)])
    rows: list[PaletteRow] = []
    for section, title in SECTIONS.items():
        own = [(name, kind) for name, kind in kinds.items() if section_of(kind) == section]
        if own:
            is_open = section not in folded
            rows.append(SectionRow(section, title, is_open, len(own)))
            if is_open:
                rows += [_row(name, kind) for name, kind in own]
    return tuple(rows)


def _row(name: str, kind: type[LayerKind], match: Match | None = None) -> KindRow:
    return KindRow(name, kind.title(), kind.category, match)


def about(kind: type[LayerKind]) -> str:
    """The first sentence of what a kind says of itself, without marks for code."""
    text = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " ").replace("`", "")
    sentence = re.match(r".*?[.!?](?=\s|$)", text)
    return sentence[0] if sentence else text


def row_key(row: PaletteRow) -> tuple[str, str]:
    """What a row keeps while others come and go."""
    return ("section", row.section) if isinstance(row, SectionRow) else ("kind", row.name)


def same_row(former: PaletteRow, new: PaletteRow) -> bool:
    """Whether two rows show the same."""
    return former == new
