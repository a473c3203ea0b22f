"""Shapes of tensors as a Keras file states them: with the tensors that a layer reads, or as what it was built for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from paramdesk.formats.keras.calls import Tensor
from paramdesk.formats.keras.entries import Entry, Model, Place, tensors_in

Shapes = Sequence[object]
"""Shapes of the outputs of a layer that somebody reads, as the file states them; None where it does not."""
MOST_OUTPUTS = 1000
"""No more outputs of one layer are looked at: a number in a small file could ask for any."""


def stated_shapes(model: Model, shapes: Shapes) -> dict[Place, list[object]]:
    """The shapes of the outputs of layers, as those who read them state them, or what they were built for.

    Args:
        model: whose layers are read.
        shapes: of its own outputs, as who reads them states them.
    """
    found: dict[Place, list[object]] = {}

    def note(tensor: Tensor, shape: object) -> None:
        known = found.setdefault((tensor.layer, tensor.call), [])
        if tensor.output < MOST_OUTPUTS:
            known += [None] * (tensor.output + 1 - len(known))
            known[tensor.output] = shape if known[tensor.output] is None else known[tensor.output]

    ends = [Tensor(model.entries[-1].name, 0, 0)] if model.is_sequential and model.entries else None
    for tensor, shape in zip_longest(ends or tensors_in(model.config.get("output_layers")) or (), shapes):
        if tensor is not None:
            note(tensor, shape)
    for entry in model.entries:
        for call in entry.calls:
            for tensor, shape in zip_longest(call.inputs, call.shapes[: len(call.inputs)]):
                note(tensor, shape)
    for entry in model.entries:
        for tensor, shape in zip(entry.calls[0].inputs if entry.calls else (), _built_for(entry), strict=False):
            note(tensor, shape)
    return found


def _built_for(entry: Entry) -> list[object]:
    """The shapes of what a layer was built for, one for each input of its first call."""
    build = entry.whole.get("build_config")
    shape = build.get("input_shape") if isinstance(build, dict) else None
    if not isinstance(shape, list):
        return []
    return shape if shape and all(isinstance(inner, list) for inner in shape) else [shape]


def all_sizes(shapes: Shapes) -> list[tuple[int | None, ...]]:
    """The sizes of all outputs of a layer; none if they are not all stated."""
    sizes = [size for shape in shapes if (size := sizes_of(shape)) is not None]
    return sizes if len(sizes) == len(shapes) else []


def sizes_of(shape: object) -> tuple[int | None, ...] | None:
    """The sizes of a shape in a file; None if it is none."""
    return tuple(shape) if isinstance(shape, list) and all(map(_is_size, shape)) else None


def _is_size(value: object) -> bool:
    return value is None or (isinstance(value, int) and 0 <= value < 2**31)
