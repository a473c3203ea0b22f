"""A whole network as a graph: one layer after the other, what it returns, and what cannot be said."""

from __future__ import annotations

from collections.abc import Sequence

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.errors import EditRefused, UnwritableFile
from paramdesk.engine.naming import listed
from paramdesk.engine.repetitions import written_out
from paramdesk.engine.shape import TensorSpec
from paramdesk.engine.summary import LayerReport
from paramdesk.engine.wiring import fault
from paramdesk.formats.onnx.writing.place import CannotSayError, Made, Owned, Owner, Place
from paramdesk.formats.onnx.writing.registry import writer_of
from paramdesk.formats.onnx.writing.sheet import NUMBERS, Sheet, Value, plain_name

MOST_NAMED = 3
"""So many layers are named that cannot be written."""


def written(architecture: Architecture) -> bytes:
    """The file for an architecture.

    Raises:
        UnwritableFile: it cannot be said.
    """
    if fault(architecture):
        raise UnwritableFile("", "a layer or an output reads what is not there or stands below it")
    try:
        plain = written_out(architecture)
    except EditRefused as refused:
        raise UnwritableFile("", str(refused)) from None
    if not plain.outputs:
        raise UnwritableFile("", "an ONNX file needs an output: choose what the network returns")
    return _NetworkWriter(plain).content()


class _NetworkWriter:
    """Goes through the layers and knows which value each output of each layer is."""

    def __init__(self, architecture: Architecture) -> None:
        self.architecture = architecture
        self.sheet = Sheet()
        self.values: dict[tuple[int, int], Value] = {}
        self.inputs: list[Value] = []
        self.returned: set[str] = set()
        self.owned: dict[int, list[Owned]] = {}
        self.unsaid: list[tuple[str, str]] = []

    def content(self) -> bytes:
        """The bytes of the file."""
        for report in analyze(self.architecture).layers:
            problem = report.problem
            if problem is not None and problem.severity == "error":
                raise UnwritableFile("", f"{report.path} cannot be computed: {problem.message}")
            if self.is_counted(report):
                self.layer(report)
        if self.unsaid:
            raise UnwritableFile("", self.reason())
        outputs = [self.output(end) for end in _ends(self.architecture)]
        return self.sheet.content(self.architecture.name, self.inputs, outputs)

    def is_counted(self, report: LayerReport) -> bool:
        """Whether a row takes part in the computation: one that holds loose weights only makes nothing."""
        if not report.output_specs:
            self.unsaid.append((report.layer.kind.name_in(report.convention), report.path))
        return report.is_computed

    def layer(self, report: LayerReport) -> None:
        """Writes a layer."""
        layer, specs = report.layer, report.output_specs
        path = plain_name(report.path)
        if layer.kind.is_input:
            self.input(layer.id, specs[0], path)
            return
        inputs = [self.values[key[-1], output] for key, output in report.sources]
        since = len(self.sheet.nodes)
        place = Place(
            self.sheet, layer.kind, inputs, specs, path,
            Owner(self.owned.setdefault(_owner(layer), []), layer.weights_of is not None),
        )  # fmt: skip
        try:
            made = self.made(place)
        except CannotSayError as error:
            self.unsaid.append((error.what, report.path))
            made = [Made(self.sheet.new_value()) for _ in specs]
        for number, (one, spec) in enumerate(zip(made, specs, strict=True)):
            own, name = self.sheet.own_name(path if len(made) == 1 else f"{path}:{number}"), one.name
            if name in self.sheet.renamed or not self.sheet.is_own(since, name):
                (name,) = self.sheet.node("Identity", [name])
            self.sheet.renamed[name] = own
            value = Value(name, spec, one.turned and len(spec.shape) > 2)
            self.sheet.state(name, spec, value.shape)
            self.values[layer.id, number] = value
        self.sheet.name_nodes(since, path, f"{path.replace('/', '.')}: {layer.kind.title()}")

    def made(self, place: Place) -> Sequence[Made]:
        """What the nodes of a layer make."""
        write = writer_of(type(place.kind))
        if write is None:
            place.refuse()
        if any(spec.dtype not in NUMBERS for spec in place.made):
            place.refuse(f"of {place.made[0].dtype}")
        made = write(place, place.kind)
        return [made] if isinstance(made, Made) else list(made)

    def input(self, layer_id: int, spec: TensorSpec, path: str) -> None:
        """Writes an input of the network."""
        value = Value(self.sheet.own_name(path), spec)
        self.inputs.append(value)
        self.values[layer_id, 0] = value

    def output(self, end: tuple[int, int]) -> Value:
        """What the network returns in one place, its axes as in the architecture, under a name of its own."""
        value = self.values[end]
        plain = self.sheet.turn(value, first=False)
        is_free = plain.name not in self.returned
        self.returned.add(plain.name)
        if plain is value and is_free and value.name in self.sheet.renamed:
            return value
        name = plain.name
        if plain is value or not is_free:
            (name,) = self.sheet.node("Identity", [name])
        shown = self.sheet.renamed.get(value.name, value.name)
        self.sheet.renamed[name] = self.sheet.own_name(f"{shown}/output")
        self.sheet.name_nodes(len(self.sheet.nodes) - 1, f"{shown}/output", "")
        return Value(name, value.spec)

    def reason(self) -> str:
        """Which layers cannot be said, in one line."""
        named = [f"{what} (layer {path!r})" for what, path in self.unsaid]
        it = "it" if len(named) == 1 else "them"
        other = "export Keras JSON" if self.architecture.framework == "keras" else "save a paramdesk file"
        return f"ONNX has no operator for {listed(named, most=MOST_NAMED)}: remove {it} or {other}"


def _owner(layer: Layer) -> int:
    """The layer whose weights a layer uses, itself or another one."""
    return layer.id if layer.weights_of is None else layer.weights_of


def _ends(architecture: Architecture) -> list[tuple[int, int]]:
    """The layers that make what the network returns, and which of their outputs it is."""
    nodes: dict[int, Node] = {node.id: node for node in architecture.nodes()}
    inside = {child.id: node.id for node in nodes.values() if isinstance(node, Block) for child in node.layers}

    def made_by(source: Source, within: int | None) -> tuple[int, int]:
        node = nodes[source.layer]
        if not isinstance(node, Block):
            return source.layer, source.output
        if node.id == within:  # an entrance of the block that it is read in
            return made_by(node.inputs[source.output], inside.get(node.id))
        return made_by(node.outputs[source.output], node.id)

    return [made_by(source, None) for source in architecture.outputs]
