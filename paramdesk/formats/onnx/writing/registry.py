"""Which kind is written by what. Each family's file has a table; a kind that stands in none cannot be written."""

from __future__ import annotations

from collections.abc import Mapping

from paramdesk.engine.layer_kind import LayerKind
from paramdesk.formats.onnx.writing import (
    activations,
    attending,
    convolutions,
    merging,
    normalizing,
    passing,
    pooling,
    products,
    recurrent,
    reshaping,
    resizing,
    wrapping,
)
from paramdesk.formats.onnx.writing.place import Write

WRITERS: Mapping[type[LayerKind], Write] = {
    **activations.WRITERS, **attending.WRITERS, **convolutions.WRITERS, **merging.WRITERS, **normalizing.WRITERS,
    **passing.WRITERS, **pooling.WRITERS, **products.WRITERS, **recurrent.WRITERS, **reshaping.WRITERS,
    **resizing.WRITERS, **wrapping.WRITERS,
}  # fmt: skip
"""By the class of the kind, or one that it is derived from."""


def writer_of(kind: type[LayerKind]) -> Write | None:
    """What writes layers of a kind; None if ONNX has nothing like it."""
    return next((WRITERS[base] for base in kind.__mro__ if base in WRITERS), None)
