"""The categories of layer kinds and the sections of the palette: their order and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paramdesk.formats.templates import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paramdesk.engine.layer_kind import Category, LayerKind

CATEGORIES: Mapping[Category, str] = {
    "io": "Input and output",
    "conv": "Convolution",
    "pool": "Pooling",
    "dense": "Dense",
    "norm": "Normalization",
    "act": "Activation",
    "reshape": "Reshape",
    "merge": "Merge",
    "reg": "Regularization",
    "emb": "Embedding",
    "rec": "Recurrent",
    "att": "Attention",
}
"""Titles by the categories' short names, in the order of the palette."""

SECTIONS: Mapping[str, str] = dict(CATEGORIES.items(), block="Blocks", prep="Preprocessing")
"""Titles of the palette's sections.

What prepares data is of the inputs' category, but there is so much of it that nobody would find the other layers.
"""


def section_of(kind: type[LayerKind] | Template) -> str:
    """The section that a kind stands in: its category, or that of its family; blocks have their own."""
    if isinstance(kind, Template):
        return "block"
    family = kind.__module__.rpartition(".")[2]
    return "prep" if family.startswith("preprocessing") else kind.category
