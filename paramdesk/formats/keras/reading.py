"""From the configuration of a Keras model to an architecture; what cannot be read is named with its layer.

A model inside a model is a block, a layer that is called again uses the weights of its first call, and what is not
known here keeps its configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NoReturn

import msgspec

from paramdesk.engine.analysis import MOST_ROWS
from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.errors import InvalidOptions, UnreadableFile
from paramdesk.engine.kinds.core import Identity
from paramdesk.engine.kinds.unknown import Unknown
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.naming import listed
from paramdesk.engine.owners import call_name
from paramdesk.engine.shape import Layout
from paramdesk.engine.weight import StatedWeight
from paramdesk.formats.keras.calls import Call, model_arguments, said_at_call, usual_arguments
from paramdesk.formats.keras.entries import DERIVED, Entry, Model, Place, in_order, is_old, model_from, tensors_in
from paramdesk.formats.keras.operations import OF_TENSORFLOW, counting_nothing, kind_of_operation
from paramdesk.formats.keras.stated_shapes import Shapes, all_sizes, sizes_of, stated_shapes
from paramdesk.frameworks.keras import KerasLayer, Origin, is_known_class, quantization_in, read_layer
from paramdesk.frameworks.keras import read_call as with_call
from paramdesk.frameworks.reading import NotKnown

StatedWeights = Mapping[str, tuple[StatedWeight, ...]]
"""Weights that a file holds, by the paths of the layers that own them."""


def architecture_from(value: object, file: str, weights: StatedWeights | None = None) -> Architecture:
    """The architecture that a model's configuration stands for.

    Args:
        value: the configuration, of unknown origin.
        file: its name, for messages.
        weights: what the file holds of weights, for layers that are not known here.

    Raises:
        OwnModel: what it consists of is not in the configuration.
        UnreadableFile: it is no such configuration, or holds what Keras would not take.
    """
    is_from_old = is_old(value)
    model = model_from(value, file, is_old=is_from_old)
    configs = list(_configs(model.config))
    data_formats = {said for _name, config in configs if isinstance(said := config.get("data_format"), str)}
    layout: Layout = "channels_first" if data_formats == {"channels_first"} else "channels_last"
    reader = _Reader(file, layout, weights or {}, is_old=is_from_old)
    if reader.rows(model) > MOST_ROWS:
        raise UnreadableFile(file, f"with every call of the models in it, it has more than {MOST_ROWS:,} layers")
    nodes, outputs = reader.model(model, None, None, "")
    name = model.config.get("name")
    whole = value if isinstance(value, dict) else {}
    compiled = {"compile_config": said} if (said := whole.get("compile_config")) else {}
    kept: dict[str, object] = {"keras": _remembered(model, usual_ends(nodes, outputs)) | compiled}
    quantized = [(name, mode) for name, config in configs if (mode := quantization_in(config)) is not None]
    if quantized:
        kept["remarks"] = [_said_of_quantized(quantized)]
    return Architecture(
        name if isinstance(name, str) and name else "untitled",
        nodes,
        outputs,
        "keras",
        layout,
        reader.next_id,
        kept,
    )


def _configs(config: object) -> Iterator[tuple[str, dict[str, object]]]:
    """The configuration of every layer of a model, at any depth, with its name."""
    items = config.get("layers") if isinstance(config, dict) else None
    for item in items if isinstance(items, list) else ():
        inner = item.get("config") if isinstance(item, dict) else None
        if isinstance(inner, dict):
            yield str(item.get("name", inner.get("name"))), inner
            yield from _configs(inner)


def _said_of_quantized(layers: Sequence[tuple[str, str]]) -> str:
    """What a reader should know of layers whose weights are quantized, by their names and how they are."""
    modes = listed(sorted({mode for _name, mode in layers}))
    return (
        f"The weights of {listed([name for name, _mode in layers])} are quantized ({modes}). Here they count as they "
        "did before that; Keras counts scales besides, and trains no quantized kernel."
    )


class _Site(msgspec.Struct):
    """Where a layer stands.

    Attributes:
        entry: what the file says of it.
        call: which of its calls this is; None for an input.
        name: of the row.
        sources: what it reads.
        owner: id of its first call, whose weights it uses; None if this is it.
        path: of the block it stands in, with a slash behind it.
        shapes: of its outputs, as who reads them states them; None where nobody does.
    """

    entry: Entry
    call: Call | None
    name: str
    sources: tuple[Source, ...]
    owner: int | None
    path: str
    shapes: Shapes


class _Reader:
    """One reading: it gives out ids and knows what every block holds."""

    def __init__(self, file: str, layout: Layout, weights: StatedWeights, *, is_old: bool) -> None:
        self.file = file
        self.is_old = is_old
        self.layout: Layout = layout
        self.weights = weights
        self.next_id = 0
        self.inside: dict[int, dict[Place, Source]] = {}
        self.models: dict[str, Model] = {}  # by their places in the file, for their later calls

    def fail(self, entry: Entry, reason: str, place: str = "") -> NoReturn:
        raise UnreadableFile(self.file, f"{entry.name}: {reason}", place or entry.place)

    def new_id(self) -> int:
        """The next id."""
        self.next_id += 1
        return self.next_id - 1

    def inner(self, entry: Entry) -> Model:
        """The model that an entry is."""
        found = self.models.get(entry.place)
        if found is None:
            found = model_from(entry.whole | {"config": entry.config}, self.file, entry.place, is_old=self.is_old)
            self.models[entry.place] = found
        return found

    def rows(self, model: Model) -> int:
        """How many nodes a model becomes at most: models that call each other twice double with every step."""
        return sum(
            max(len(entry.calls), 1) * (1 + (self.rows(self.inner(entry)) if entry.is_model else 0))
            for entry in model.entries
        )

    def model(  # as told
        self, model: Model, block: int | None, owners: Mapping[Place, Source] | None, path: str, shapes: Shapes = ()
    ) -> tuple[tuple[Node, ...], tuple[Source, ...]]:
        """A model's layers and what it returns.

        Args:
            model: to read.
            block: the block that it becomes; None for the outermost.
            owners: where the first call of the same model has its layers, if this is a later one.
            path: of the block, with a slash behind it.
            shapes: of its outputs, as who reads them states them.
        """
        made: dict[Place, Source] = {}
        entrances = _entrances(model) if block is not None else {}
        nodes: list[Node] = []
        names: set[str] = set()
        stated = stated_shapes(model, shapes)
        for entry, call in in_order(model, self.file):
            if block is not None and entry.name in entrances:
                entrance = Source(block, entrances[entry.name])
                if model.is_sequential:
                    made[entry.name, 0] = entrance
                    continue
                node: Node = Layer(self.new_id(), _node_name(entry), Identity(), (entrance,), extras=_input(entry))
            else:
                first = owners.get((entry.name, 0)) if owners else made.get((entry.name, 0)) if call else None
                site = _Site(
                    entry=entry,
                    call=entry.calls[call] if entry.calls else None,
                    name=call_name(_node_name(entry), names) if call else _node_name(entry),
                    sources=tuple(_source(made, tensor) for tensor in _read(entry, call)),
                    owner=first.layer if first else None,
                    path=path,
                    shapes=stated.get((entry.name, call), ()),
                )
                node = self.block(site) if entry.is_model else self.layer(site)
            names.add(node.name)
            nodes.append(node)
            made[entry.name, call] = Source(node.id)
        if block is not None:
            self.inside[block] = made
        return tuple(nodes), self.outputs(model, made)

    def outputs(self, model: Model, made: Mapping[Place, Source]) -> tuple[Source, ...]:
        """What a model returns."""
        if model.is_sequential:
            return (made[model.entries[-1].name, 0],) if model.entries else ()
        tensors = tensors_in(model.config.get("output_layers"))
        if tensors is None or any((tensor.layer, tensor.call) not in made for tensor in tensors):
            place = f"{model.place}.config.output_layers" if model.place else "config.output_layers"
            raise UnreadableFile(self.file, "it names outputs that are not in the file", place)
        return tuple(_source(made, tensor) for tensor in tensors)

    def block(self, site: _Site) -> Block:
        """A model inside the model."""
        entry, node_id = site.entry, self.new_id()
        inner = self.inner(entry)
        inside = self.inside.get(site.owner) if site.owner is not None else None
        nodes, outputs = self.model(inner, node_id, inside, f"{site.path}{_node_name(entry)}/", site.shapes)
        extras: dict[str, object] = {}
        if site.owner is None:
            extras["keras"] = _remembered(inner, {}) | _first_input(inner)
        if site.call is not None and site.call.arguments != model_arguments(len(site.sources)):
            extras["call"] = site.call.arguments
        return Block(node_id, site.name, site.sources, outputs, nodes, 1, site.owner, extras)

    def layer(self, site: _Site) -> Layer:
        """A layer of the model, in one of its calls."""
        entry = site.entry
        read = self.understood(site)
        kind, extras = read.kind, dict(read.extras) if site.owner is None else {}
        if site.call is not None and entry.whole.get("inbound_nodes"):
            kind = self.called(entry, site.call, kind)
            if site.call.arguments != usual_arguments(kind, len(site.sources)):
                extras["call"] = site.call.arguments
        return Layer(self.new_id(), site.name, kind, site.sources, read.trainable, extras, site.owner)

    def called(self, entry: Entry, call: Call, kind: LayerKind) -> LayerKind:
        """The kind of an entry with the options that are given when it is called."""
        try:
            return with_call(kind, said_at_call(kind, call))
        except InvalidOptions as error:
            self.fail(entry, error.message)

    def understood(self, site: _Site) -> KerasLayer:
        """The kind of a layer with its options."""
        entry = site.entry
        verbatim: dict[str, object] = {"entry": _verbatim(entry)}
        origin = Origin(is_old=entry.is_old, is_saved=True)
        if entry.is_operation:
            arguments = site.call.arguments if site.call else None
            kind = kind_of_operation(entry.class_name, entry.config, arguments)
            is_of_tensorflow = kind is not None and entry.class_name in OF_TENSORFLOW  # which Keras does not read
            kind = kind or counting_nothing(entry.class_name, arguments, all_sizes(site.shapes)) or self.unknown(site)
            return KerasLayer(kind, extras={} if is_of_tensorflow else verbatim)
        is_trained = entry.config.get("trainable") is not False
        if entry.is_foreign or not is_known_class(entry.class_name, origin):
            return KerasLayer(self.unknown(site), trainable=is_trained, extras=verbatim)
        config = {**entry.config, "name": _node_name(entry)}
        if entry.class_name != "InputLayer":
            for key in ("input_shape", "batch_shape", "batch_input_shape"):
                config.pop(key, None)  # said by the Input above it
        try:
            return read_layer(entry.class_name, config, layout=self.layout, origin=origin)
        except InvalidOptions as error:
            if isinstance(error, NotKnown) or entry.wraps_model:  # which may be no chain
                return KerasLayer(self.unknown(site), trainable=is_trained, extras=verbatim)
            place = f"{entry.place}.config.{error.field}" if error.field else ""
            self.fail(entry, error.message, place)

    def unknown(self, site: _Site) -> Unknown:
        """A row for what is not known here, with what the file states of it."""
        weights = () if site.entry.has_no_weights else self.weights.get(site.path + _node_name(site.entry))
        sizes = [sizes_of(shape) for shape in site.shapes]
        if len(sizes) > 1:
            shapes = tuple([size if size is not None else (None,) for size in sizes])  # nobody reads the others
            return Unknown(class_name=site.entry.title, output_shapes=shapes, stated_weights=weights)
        own = sizes_of(site.entry.config.get("output_shape"))
        stated = sizes[0] if sizes else None
        shape = own if stated is None else stated[1:]
        return Unknown(class_name=site.entry.title, output_shape=shape, stated_weights=weights)


def _node_name(entry: Entry) -> str:
    """A layer's name; that of an old file may have slashes, which separate blocks here and in Keras 3."""
    return entry.name.replace("/", "_")


def _read(entry: Entry, call: int) -> Sequence[tuple[str, int, int]]:
    return entry.calls[call].inputs if entry.calls else ()


def _source(made: Mapping[Place, Source], tensor: tuple[str, int, int]) -> Source:
    layer, call, output = tensor
    start = made[layer, call]
    return Source(start.layer, start.output + output)


def _input(entry: Entry) -> dict[str, object]:
    """What is kept of an InputLayer that is the entrance of a model inside a model."""
    return {"entry": _verbatim(entry)}


def _verbatim(entry: Entry) -> dict[str, object]:
    """Everything that the file says of a layer, but for what it is called on."""
    return {key: value for key, value in entry.whole.items() if key not in ("inbound_nodes", "name")}


def _first_input(model: Model) -> dict[str, object]:
    """What is kept of the InputLayer of a Sequential model inside a model, which is no row."""
    first = model.entries[0] if model.is_sequential and model.entries and not model.is_implicit else None
    return {"input": _verbatim(first)} if first is not None and first.class_name == "InputLayer" else {}


def _entrances(model: Model) -> dict[str, int]:
    """The input layers of a model with their places among what it is called on."""
    if model.is_sequential:
        first = model.entries[:1]
        return {entry.name: 0 for entry in first if entry.class_name == "InputLayer"}
    tensors = tensors_in(model.config.get("input_layers")) or ()
    return {tensor.layer: place for place, tensor in enumerate(tensors)}


# The model as a whole -------------------------------------------------------------------------------------------------


def usual_tensors(names: Mapping[int, tuple[str, int]], sources: Iterable[Source]) -> list[object]:
    """How Keras writes the inputs or outputs of a model, unless they are nested."""
    tensors: list[object] = [[*names[source.layer], source.output] for source in sources]
    only = tensors[0] if len(tensors) == 1 else tensors
    assert isinstance(only, list)
    return only


def usual_ends(nodes: Sequence[Node], outputs: Sequence[Source]) -> dict[str, object]:
    """How Keras would write the inputs and outputs of these nodes."""
    names: dict[int, tuple[str, int]] = {}
    calls: dict[int, int] = {}
    owners = {node.id: node.name for node in nodes}
    for node in nodes:
        owner = node.id if node.weights_of is None else node.weights_of
        names[node.id] = (owners[owner], calls.get(owner, 0))
        calls[owner] = calls.get(owner, 0) + 1
    inputs = [Source(node.id) for node in nodes if isinstance(node, Layer) and node.kind.is_input]
    return {"input_layers": usual_tensors(names, inputs), "output_layers": usual_tensors(names, outputs)}


def _remembered(model: Model, usual: Mapping[str, object]) -> dict[str, object]:
    """What the file says of the model as a whole and does not go without saying, for writing it back."""
    kept: dict[str, object] = {"class_name": model.kind}
    unsaid = {"trainable": True, **usual}
    rest = {
        key: item
        for key, item in model.config.items()
        if key not in ("name", "layers", *DERIVED) and not (key in unsaid and item == unsaid[key])
    }
    return kept | ({"config": rest} if rest else {})
