"""What the palette shows: sections with their kinds and blocks, or what a search found. Pure, no Qt."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from paramdesk.formats.templates import Template
from paramdesk.ui.categories import SECTIONS, section_of
from paramdesk.ui.palette.kind_search import Match, Offer, search

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
    category: Category | Literal["block"]
    match: Match | None = None


class BlockRow(KindRow, frozen=True):
    """A block of several layers; its "kind" is the name of its template."""


PaletteRow: TypeAlias = SectionRow | KindRow


def offered(
    kinds: Iterable[type[LayerKind]], framework: Framework, blocks: Iterable[Template] = ()
) -> dict[str, Offer]:
    """The kinds that a network of a framework can have, by what they are called there, and blocks by their titles."""
    found: dict[str, Offer] = {}
    for kind in kinds:
        if kind.is_offered and (kind.is_input or kind.names_in(framework)):
            name = kind.title() if framework == "keras" or kind.is_foreign else kind.preset().name_in(framework)
            found[kind.title() if name in found else name] = kind
    return found | {block.title: block for block in blocks}


def palette_rows(
    offers: Mapping[str, Offer], query: str = "", folded: AbstractSet[str] = frozenset()
) -> tuple[PaletteRow, ...]:
    """The rows for a query; without one every section that is not folded, with what stands in it.

    Args:
        offers: what is offered, by the names that are shown.
        query: what is searched for.
        folded: sections that are closed.
    """
    if query.strip():
        return tuple([_row(match.name, offers[match.name], match) for match in search(query, offers)])
    rows: list[PaletteRow] = []
    for section, title in SECTIONS.items():
        own = [(name, offer) for name, offer in offers.items() if section_of(offer) == section]
        if own:
            is_open = section not in folded
            rows.append(SectionRow(section, title, is_open, len(own)))
            if is_open:
                rows += [_row(name, offer) for name, offer in own]
    return tuple(rows)


def _row(name: str, offer: Offer, match: Match | None = None) -> KindRow:
    if isinstance(offer, Template):
        return BlockRow(name, offer.name, "block", match)
    return KindRow(name, offer.title(), offer.category, match)


def about(offer: Offer) -> str:
    """What a block is said to be, or the first sentence of what a kind says of itself, without marks for code."""
    if isinstance(offer, Template):
        return offer.description
    text = inspect.cleandoc(offer.__doc__ or "").split("\n\n")[0].replace("\n", " ").replace("`", "")
    sentence = re.match(r".*?[.!?](?=\s|$)", text)
    return sentence[0] if sentence else text


def row_key(row: PaletteRow) -> tuple[str, str]:
    """What a row keeps while others come and go."""
    return ("section", row.section) if isinstance(row, SectionRow) else ("kind", row.name)


def same_row(former: PaletteRow, new: PaletteRow) -> bool:
    """Whether two rows show the same."""
    return former == new
