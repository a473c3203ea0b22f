"""The categories of layer kinds: their order and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paramdesk.engine.layer_kind import Category

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
