"""What the command line lists: formats, kinds and templates, for people or for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from paramdesk import formats
from paramdesk.engine.layer_kind import LayerKind, kinds
from paramdesk.engine.option import Option, default_of
from paramdesk.engine.reference import facts, signature
from paramdesk.engine.shape import FRAMEWORKS
from paramdesk.engine.values import values_in_words
from paramdesk.formats.json_text import compact
from paramdesk.formats.templates import templates

if TYPE_CHECKING:
    from collections.abc import Sequence


def listed_formats(*, as_json: bool) -> str:
    """What can be read and written."""
    found = [
        {
            "name": entry.name,
            "title": entry.title,
            "endings": entry.endings,
            "reads": entry.read is not None,
            "writes": entry.write is not None,
            "tables": entry.table is not None,
        }
        for entry in formats.formats().values()
    ]
    if as_json:
        return _as_json(found)
    rows = [
        (
            str(entry["name"]),
            " ".join(entry["endings"]),  # type: ignore[arg-type]  # a tuple of texts
            ", ".join(deed for deed in ("reads", "writes", "tables") if entry[deed]).replace("tables", "writes tables"),
            str(entry["title"]),
        )
        for entry in found
    ]
    return _aligned(rows)


def listed_kinds(*, as_json: bool) -> str:
    """What can be built."""
    found = [facts(kind) for kind in kinds().values()]
    if not as_json:
        return _aligned([(known.name, known.category, known.description) for known in found])
    return _as_json([_kind_for_programs(kind) for kind in kinds().values()])


def _kind_for_programs(kind: type[LayerKind]) -> dict[str, object]:
    known = facts(kind)
    return {
        "name": known.name,
        "category": known.category,
        "description": known.description,
        "options": [_option_for_programs(kind, name, option) for name, option in kind.options().items()],
        **{framework: [signature(spelling) for spelling in known.spellings[framework]] for framework in FRAMEWORKS},
        "formulas": known.formulas,
        "source": known.source,
    }


def _option_for_programs(kind: type[LayerKind], name: str, option: Option) -> dict[str, object]:
    default = default_of(kind, name)
    is_required = default is msgspec.NODEFAULT
    return {
        "name": name,
        "label": option.label,
        "values": values_in_words(kind, name),
        "required": is_required,
        "default": None if is_required else default,
        "only": option.only,
        "at_call": option.at_call,
    }


def listed_templates(*, as_json: bool) -> str:
    """What comes with paramdesk."""
    found = [
        {
            "name": template.name,
            "title": template.title,
            "description": template.description,
            "source": template.source,
            "parameters": template.parameters,
        }
        for template in templates()
    ]
    if as_json:
        return _as_json(found)
    width = max((len(f"{entry.parameters:,}") for entry in templates()), default=0)
    return _aligned(
        [
            (entry.name, f"{entry.parameters:,}".rjust(width) + " parameters", f"{entry.title}. {entry.source}")
            for entry in templates()
        ]
    )


def _as_json(entries: Sequence[object]) -> str:
    return "[\n  " + ",\n  ".join(map(compact, entries)) + "\n]\n"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)
