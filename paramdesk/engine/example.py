"""A small network around any kind, to show what it does: inputs that suit it and one layer."""

from __future__ import annotations

from collections.abc import Sequence

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.kinds.core import Input
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import FRAMEWORKS, Framework, Layout

SHAPES = (
    (28, 28, 32),
    (7,),
    (28, 32),
    (9, 9, 9, 32),
    (6, 9, 9, 32),
    (),
    (3, 6, 9, 9, 32),
    (16000,),
    (16000, 1),
    (28, 28, 3),
    (4, 36),
)
"""What layers may read, without the batch; in PyTorch's layout the last size stands first."""
MOST_INPUTS = 3


def example(kind: LayerKind) -> Architecture:
    """A network that ends in a layer of this kind, on inputs that suit it, in a framework that has it.

    Raises:
        LookupError: none of the usual inputs suits it.
    """
    if kind.is_input:
        return Architecture("example", (Layer(0, "input", kind),), (Source(0),), next_id=1)
    counts = (2,) if kind.takes_list else range(1, MOST_INPUTS + 1)
    tried: list[list[tuple[int, ...]]] = [
        [shape] * count for shape in (*kind.usual_shapes, *SHAPES) for count in counts
    ]
    tried += [[shape, shape[:-1]] for shape in SHAPES if shape]  # values, and a number for each row of them
    tried += [[]] if kind.may_read_nothing else []
    for framework in FRAMEWORKS:
        for shapes in tried if kind.spellings.get(framework) else ():
            network = _alone(kind, framework, shapes)
            if analyze(network).layers[-1].is_computed:
                return network
    raise LookupError(f"no usual input suits {kind.title()}")


def _alone(kind: LayerKind, framework: Framework, shapes: Sequence[tuple[int, ...]]) -> Architecture:
    if framework == "pytorch":
        shapes = [(*shape[-1:], *shape[:-1]) for shape in shapes]
    inputs = tuple(Layer(place, f"input_{place}", Input(shape=shape)) for place, shape in enumerate(shapes))
    count = len(inputs)
    last = Layer(count, "last", kind, tuple(Source(place) for place in range(count)))
    layout: Layout = "channels_last" if framework == "keras" else "channels_first"
    return Architecture("example", (*inputs, last), (Source(count),), framework, layout, count + 1)
