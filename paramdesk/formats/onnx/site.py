"""A node under way to its rows: its attributes, its inputs as shapes or constants, and where its rows go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from paramdesk.engine.kinds.functional import Operation
from paramdesk.engine.kinds.unknown import Unknown
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import PublicShape, Shape, public
from paramdesk.engine.shape import Unknown as UnknownSize
from paramdesk.formats.onnx.graph import NodeProto, read_inside
from paramdesk.formats.onnx.known import Item, Known
from paramdesk.frameworks.torch import read_module

if TYPE_CHECKING:
    from paramdesk.formats.onnx.reading import Reader

NOTHING: Mapping[str, object] = {}
SETTINGS: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("QuantizeLinear", "DequantizeLinear", "OneHot", "Upsample"), (1, 2)),
    **dict.fromkeys(("com.microsoft.QuantizeLinear", "com.microsoft.DequantizeLinear"), (1, 2)),
    **dict.fromkeys(("QLinearConv", "QLinearMatMul"), (1, 2, 4, 5, 6, 7)),
    **dict.fromkeys(("com.microsoft.QLinearAdd", "com.microsoft.QLinearMul"), (1, 2, 4, 5, 6, 7)),
    **dict.fromkeys(("com.microsoft.QLinearSigmoid", "com.microsoft.QLinearLeakyRelu"), (1, 2, 3, 4)),
    **dict.fromkeys(("com.microsoft.QLinearGlobalAveragePool", "com.microsoft.QLinearAveragePool"), (1, 2, 3, 4)),
    **dict.fromkeys(("ConvInteger", "MatMulInteger"), (2, 3)),
    "Resize": (1, 2, 3),
    "STFT": (2,),
    "RotaryEmbedding": (1, 2),
    "com.microsoft.RotaryEmbedding": (2, 3),
    "com.microsoft.QGemm": (1, 2, 4, 5, 7, 8),
}
"""Which inputs of an operator tell how it works: scales and zero points, factors. As constants they are not learnt."""
Weight: TypeAlias = int | Known | None
"""A weight of a row: a place among the node's inputs, or a constant."""


class Site:
    """One node, and what is known where it stands."""

    def __init__(self, node: NodeProto, reader: Reader, place: int = -1) -> None:
        self.node = node
        self.reader = reader
        self.place = place
        self.opset = reader.graph.opset
        self.rows = 0

    # Its attributes -----------------------------------------------------------------------------------------------

    def integer(self, name: str, default: int = 0) -> int:
        """An attribute that is a whole number."""
        value = self.node.attributes.get(name)
        return value if isinstance(value, int) else default

    def number(self, name: str, default: float = 0.0) -> float:
        """An attribute that is a number."""
        value = self.node.attributes.get(name)
        return value if isinstance(value, int | float) else default

    def text(self, name: str, default: str = "") -> str:
        """An attribute that is a text."""
        value = self.node.attributes.get(name)
        return value if isinstance(value, str) else default

    def integers(self, name: str) -> tuple[int, ...] | None:
        """An attribute that is a list of whole numbers."""
        value = self.node.attributes.get(name)
        return tuple(value) if isinstance(value, tuple) and all(isinstance(n, int) for n in value) else None

    # Its inputs ---------------------------------------------------------------------------------------------------

    def has(self, place: int) -> bool:
        """Whether an optional input is there."""
        return place < len(self.node.inputs) and bool(self.node.inputs[place])

    def value(self, place: int) -> str:
        """The name under which an input is made; empty if it is left out."""
        return self.reader.resolved(self.node.inputs[place]) if self.has(place) else ""

    def known(self, place: int) -> Known | None:
        """An input that is a constant."""
        return self.reader.known.get(self.value(place)) if self.has(place) else None

    def weight(self, place: int) -> Known | None:
        """An input that is a constant of known size, as weights are."""
        known = self.known(place)
        return known if known is not None and known.size is not None else None

    def shape(self, place: int) -> Shape | None:
        """The shape of an input; None if not even the number of its axes is known."""
        return self.reader.shape(self.value(place)) if self.has(place) else None

    def items(self, place: int, attribute: str = "") -> tuple[Item, ...] | None:
        """An input that is a list of numbers, or the attribute that older versions have in its place."""
        if self.has(place):
            known = self.known(place)
            return known.items if known is not None else None
        return self.integers(attribute)

    def numbers(self, place: int, attribute: str = "") -> tuple[int, ...] | None:
        """The same where all of them are known."""
        items = self.items(place, attribute)
        if items is None or not all(isinstance(item, int) for item in items):
            return None
        return tuple([item for item in items if isinstance(item, int)])

    def scalar(self, place: int) -> int | float | None:
        """An input that is a single number."""
        known = self.known(place)
        return known.scalar if known is not None else None

    def axis(self, name: str = "axis", default: int = 0, place: int = 0) -> int | None:
        """An attribute that is an axis of an input, counted from the first one."""
        shape = self.shape(place)
        axis = self.integer(name, default)
        if shape is None or not -len(shape) <= axis < max(len(shape), 1):
            return None
        return axis % len(shape) if shape else 0

    @property
    def data(self) -> list[int]:
        """Which inputs are no constants."""
        return [place for place in range(len(self.node.inputs)) if self.has(place) and self.known(place) is None]

    def use_settings(self) -> None:
        """Notes the constants that tell how the node works, so that nobody takes them for weights."""
        for place in SETTINGS.get(self.node.op, ()):
            if (known := self.known(place)) is not None:
                self.reader.weights.used.update(known.roots)

    # Its rows -----------------------------------------------------------------------------------------------------

    def module(self, class_name: str, arguments: Mapping[str, object] = NOTHING, call: object = None) -> LayerKind:
        """The kind behind a class of torch.nn.

        Raises:
            InvalidOptions: PyTorch would refuse the arguments.
        """
        return read_module(class_name, arguments, call=call).kind

    def row(
        self,
        kind: LayerKind,
        inputs: Sequence[int | str] = (0,),
        weights: Sequence[Weight] = (),
        makes: Sequence[str] | None = None,
        name: str = "",
        statistics: Sequence[int] = (),
    ) -> None:
        """Adds a row.

        Args:
            kind: what it is.
            inputs: places among the node's inputs, or names of values that other rows of the node make.
            weights: its weights: places among the node's inputs, or constants.
            makes: names of values; None: what the node makes.
            name: of a row beside the node's own.
            statistics: those places of its weights that hold what is gathered from data.
        """
        reads = [self.reader.readable(self.node, self.value(n)) if isinstance(n, int) else n for n in inputs]
        held = [
            msgspec.structs.replace(weight, statistic=each in statistics, trainable=each not in statistics)
            for each in weights
            for weight in self.reader.weights.held(self.constant(each))
        ]
        made = tuple(self.node.outputs if makes is None else makes)
        self.reader.row(self.node, kind, tuple(reads), made, held, name)

    def constant(self, weight: Weight) -> Known | None:
        """A weight as the constant that it is."""
        return self.known(weight) if isinstance(weight, int) else weight

    def step(self, kind: LayerKind, source: int | str, name: str, weights: Sequence[Weight] = ()) -> str:
        """Adds a row on the way to the node's own, and tells what it makes."""
        self.rows += 1
        value = f"{self.node.outputs[0]}@{name}{self.rows}"
        self.row(kind, (source,), weights, (value,), name)
        return value

    def alias(self, source: int | str, output: int = 0) -> None:
        """Lets an output be what is there already."""
        value = self.value(source) if isinstance(source, int) else source
        self.reader.alias(self.node.outputs[output], value)

    def operation(self, shapes: Sequence[Shape] | None, inputs: Sequence[int] | None = None) -> None:
        """Adds a row for an operation that has no kind: it makes these shapes, or none that is known."""
        places = self.data if inputs is None else inputs
        if shapes is None:
            self.unknown(inputs=places)
            return
        stated = tuple([self.filled(shape, place) for place, shape in enumerate(shapes)])
        self.row(Operation(operation=self.short, output_shapes=stated), places)

    def unknown(self, shapes: Sequence[Shape] | None = None, inputs: Sequence[int] | None = None) -> None:
        """Adds a row for what is not known here, with the constants that it reads as its weights."""
        found = shapes or [shape for output in self.node.outputs if (shape := self.reader.stated(output)) is not None]
        is_stated = len(found) == len(self.node.outputs)
        stated = tuple([self.filled(shape, place) for place, shape in enumerate(found)]) if is_stated else ()
        settings = SETTINGS.get(self.node.op, ())
        places = [place for place in range(len(self.node.inputs)) if place not in settings]
        constants = [place for place in places if self.known(place) is not None]
        kind = Unknown(class_name=self.short, output_shapes=stated)
        around = [self.reader.resolved(name) for name in read_inside(self.node)]
        data = [name for name in around if name in self.reader.recorder.specs or name in self.reader.recorder.stated]
        within = [known for name in around if name not in data and (known := self.reader.known.get(name)) is not None]
        within += self.reader.weights.inside(self.node)
        self.row(kind, (*(self.data if inputs is None else inputs), *data), (*constants, *within))

    def filled(self, shape: Shape, place: int) -> PublicShape:
        """A shape with what the file states in place of sizes that are not known."""
        stated = self.reader.stated(self.node.outputs[place]) if place < len(self.node.outputs) else None
        if stated is None or len(stated) != len(shape):
            return public(shape)
        pairs = zip(shape, stated, strict=True)
        return public(tuple([other if isinstance(size, UnknownSize) else size for size, other in pairs]))

    @property
    def short(self) -> str:
        """The operator's name for people."""
        return self.node.op.rpartition(".")[2][:200]
