"""Finding a kind or a block by what somebody calls it: Keras' name, PyTorch's name, or plain words. Pure, no Qt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from paramdesk.engine.layer_kind import LayerKind
from paramdesk.formats.templates import Template
from paramdesk.ui.categories import SECTIONS, section_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Span = tuple[int, int]
Offer: TypeAlias = type[LayerKind] | Template
"""What can be put into the stack: a kind of layer, or a block that comes with paramdesk."""


class Match(msgspec.Struct, frozen=True):
    """A kind that was found.

    Attributes:
        name: of the kind.
        marked: parts of the name that were looked for, as (begin, end).
        why: what was found instead of the name ("Linear", "fully connected"); empty if it was the name.
        why_marked: parts of that.
    """

    name: str
    marked: tuple[Span, ...] = ()
    why: str = ""
    why_marked: tuple[Span, ...] = ()


def search(query: str, offers: Mapping[str, Offer]) -> tuple[Match, ...]:
    """What a query finds, best first; equals in their own order.

    >>> from paramdesk.engine.layer_kind import kinds
    >>> [(found.name, found.why) for found in search("linear", kinds())][:1]
    [('Dense', 'Linear')]
    """
    words = query.casefold().split()
    if not words:
        return ()
    found = []
    for order, (name, offer) in enumerate(offers.items()):
        hits = [hit for text, weight in _texts(name, offer) if (hit := _scored(words, text, weight))[0] > 0]
        if hits:
            score, text, spans = max(hits, key=lambda hit: hit[0])
            own = [marked for _score, hit, marked in hits if hit == name]
            # What the name shows by itself needs no further reason.
            match = Match(name, own[0]) if own else Match(name, (), text, spans)
            found.append((-score, order, match))
    return tuple([match for _score, _order, match in sorted(found, key=lambda row: row[:2])])


def _texts(name: str, offer: Offer) -> Iterable[tuple[str, int]]:
    """What a kind or a block may be found by, and how much that counts."""
    yield name, 30
    yield SECTIONS[section_of(offer)], -200
    if isinstance(offer, Template):
        yield offer.name.replace("-", " "), 20
        yield offer.source, 0
        return
    kind = offer
    if kind.title() != name:
        yield kind.title(), 20
    for framework in kind.spellings:
        for spelling in kind.names_in(framework):
            if spelling not in {name, kind.title()}:
                yield spelling, 20
    for text in kind.search:
        yield text, 10


def _scored(words: list[str], text: str, weight: int) -> tuple[int, str, tuple[Span, ...]]:
    """How well a text answers the words (0: not at all), and which parts of it do."""
    whole = _found("".join(words), text)
    if whole is not None:
        rank, span = whole
        return max(1, 100 * rank + weight), text, (span,)
    parts = [_found(word, text) for word in words]
    spans = [part[1] for part in parts if part is not None]
    if len(spans) < len(words):
        return 0, text, ()
    return max(1, 100 + weight), text, _merged(spans)


def _found(word: str, text: str) -> tuple[int, Span] | None:
    """Where a word stands in a text, and how well: 5 all of it, 4 its beginning, 3 a part's beginning, 2 within."""
    letters = [(index, letter) for index, letter in enumerate(text.casefold()) if letter.isalnum()]
    packed = "".join([letter for _index, letter in letters])
    wanted = "".join([letter for letter in word if letter.isalnum()])
    if not wanted:
        return None
    at = packed.find(wanted)
    if at < 0:
        return None
    starts = {match.start() for match in re.finditer(r"[A-Z][a-z]|[A-Z]+(?![a-z])|\b\w|\d+D?", text)}
    while at >= 0 and at and letters[at][0] not in starts:
        further = packed.find(wanted, at + 1)
        if further < 0:
            break
        at = further
    begin, end = letters[at][0], letters[at + len(wanted) - 1][0] + 1
    if len(wanted) == len(packed):
        return 5, (begin, end)
    if at == 0:
        return 4, (begin, end)
    return (3 if begin in starts else 2), (begin, end)


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    """Spans in order, those that touch as one."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)
