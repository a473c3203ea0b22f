"""The reference, as Markdown: a page for each kind and each family, and one on what holds for all.

Nothing is written here about any kind: its page is made of its docstring, its options, its spellings and the formulas
that its own arithmetic leaves behind on an example.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Sequence

import msgspec

from paramdesk.engine import counting, memory, receptive_field
from paramdesk.engine.analysis import analyze
from paramdesk.engine.digest import shown
from paramdesk.engine.example import example
from paramdesk.engine.layer_kind import LayerKind, kinds
from paramdesk.engine.option import default_of
from paramdesk.engine.shape import FRAMEWORKS, NAMES, Framework
from paramdesk.engine.spelling import REQUIRED, Module, Spelling
from paramdesk.engine.values import values_in_words

RULES = (counting, memory, receptive_field)
"""The modules whose docstrings say what a number means, whatever the layer."""


class KindFacts(msgspec.Struct, frozen=True):
    """What there is to say of a kind.

    Attributes:
        name: its own.
        category: as the palette sorts it.
        description: what it does, in a sentence.
        family: what its family has in common: rules, sources, where the frameworks differ.
        spellings: how each framework calls it.
        elsewhere: what a framework without such a layer has in its place.
        formulas: how its numbers come about, in words, by the title of the explanation's section.
        source: where its rules are written down.
    """

    name: str
    category: str
    description: str
    family: str
    spellings: dict[Framework, tuple[Spelling, ...]]
    elsewhere: str
    formulas: dict[str, str]
    source: str


@functools.cache
def facts(kind: type[LayerKind]) -> KindFacts:
    """What there is to say of a kind."""
    return KindFacts(
        kind.title(),
        kind.category,
        (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " "),
        inspect.getdoc(sys.modules[kind.__module__]) or "",
        {framework: tuple(kind.spellings.get(framework, ())) for framework in FRAMEWORKS},
        kind.elsewhere,
        formulas(kind),
        kind.source,
    )


def formulas(kind: type[LayerKind]) -> dict[str, str]:
    """How a kind's numbers come about, in words, as they are for a usual layer of it."""
    report = analyze(example(kind.preset())).layers[-1]
    found = {}
    for section in report.explanation():
        lines = [line.words or line.numbers for line in section.lines if line.words or line.numbers]
        found[section.title] = section.words or next(iter(lines), "")
    return {title: words for title, words in found.items() if words}


# As Markdown ----------------------------------------------------------------------------------------------------------


def page(kind: type[LayerKind]) -> str:
    """The page of a kind."""
    known = facts(kind)
    parts = [f"# {known.name}", known.description, *_spelled(known)]
    if kind.options():
        parts += ["## Options", _options(kind)]
    parts += ["## How its numbers come about", _formulas(known), "## Rules", known.family, f"Source: <{known.source}>"]
    return "\n\n".join(parts) + "\n"


def general_page() -> str:
    """What a number means, whatever the layer."""
    return "\n\n".join(["# In general", *(inspect.getdoc(module) or "" for module in RULES)]) + "\n"


def family_page(members: Sequence[type[LayerKind]]) -> str:
    """What a family's numbers mean, and a paragraph on each of its kinds."""
    parts = [f"# {family_of(members[0])}", facts(members[0]).family]
    parts += [_entry(facts(kind)) for kind in members]
    return "\n\n".join(parts) + "\n"


def families() -> dict[str, list[type[LayerKind]]]:
    """The kinds by their families' names, in order."""
    found: dict[str, list[type[LayerKind]]] = {}
    for kind in kinds().values():
        found.setdefault(family_of(kind), []).append(kind)
    return found


def family_of(kind: type[LayerKind]) -> str:
    """The name of a kind's family: that of its file."""
    return kind.__module__.rpartition(".")[2].replace("_", " ").capitalize()


def _entry(known: KindFacts) -> str:
    lines = [f"### {known.name}", known.description, _formulas(known), f"<{known.source}>"]
    return "\n\n".join(line for line in lines if line)


def _formulas(known: KindFacts) -> str:
    return "\n".join(f"- {title}: {words}" for title, words in known.formulas.items())


def _lacking(elsewhere: str) -> str:
    """What is said where a framework has no such layer."""
    found, _colon, reason = elsewhere.partition(": ")
    if found == "nothing":
        return f"no such layer: {reason}" if reason else "no such layer, nor anything like it"
    return f"no such layer; in its place {elsewhere}"


def _spelled(known: KindFacts) -> list[str]:
    lines = []
    for framework, spellings in known.spellings.items():
        said = ", ".join(f"`{signature(spelling)}`" for spelling in spellings)
        lines.append(f"{NAMES[framework]}: {said or _lacking(known.elsewhere)}")
    return lines


def signature(spelling: Spelling) -> str:
    """A class as it is called: `Linear(in_features, out_features, bias=True)`.

    >>> signature("Dense")
    'Dense'
    """
    if not isinstance(spelling, Module):
        return spelling
    given = [
        name if argument.default is REQUIRED else f"{name}={argument.default!r}"
        for name, argument in spelling.arguments.items()
        if argument.option
    ]
    return f"{spelling.name}({', '.join(given)})"


def _default(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else shown(value)


def _options(kind: type[LayerKind]) -> str:
    rows = ["| Option | Values | Default | |", "|---|---|---|---|"]
    for name, option in kind.options().items():
        default = default_of(kind, name)
        unsaid = "must be given" if default is msgspec.NODEFAULT else _default(default)
        notes = [f"only {NAMES[option.only]}"] if option.only else []
        notes += ["given at the call"] if option.at_call else []
        cells = (f"`{name}`", values_in_words(kind, name), unsaid, ", ".join(notes))
        rows.append(f"| {' | '.join(cell.replace('|', ' or ') for cell in cells)} |")
    return "\n".join(rows)
