"""From an architecture to the configuration of a Keras model that Keras itself loads.

A block is written as a model inside the model, a repeated one as a model for each repetition; a layer that uses the
weights of another one is a further call of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.errors import EditRefused, InvalidOptions, UnwritableFile
from paramdesk.engine.kinds.core import Identity
from paramdesk.engine.kinds.functional import Operation
from paramdesk.engine.naming import unique_name
from paramdesk.engine.places import NodeList
from paramdesk.engine.repetitions import written_out
from paramdesk.engine.shape import Layout, TensorSpec, public
from paramdesk.engine.wiring import fault
from paramdesk.formats.keras.calls import (
    Tensor,
    brought_up_to_date,
    model_arguments,
    places_in,
    usual_arguments,
    write_call,
)
from paramdesk.formats.keras.entries import tensors_in
from paramdesk.formats.keras.later_calls import refuse_unlike_calls
from paramdesk.formats.keras.operations import kind_of_operation
from paramdesk.formats.keras.reading import usual_tensors
from paramdesk.frameworks.keras import arguments_of_call, class_name_of, config_of

History = tuple[str, int]
"""A layer's name and which of its calls."""


def value_of(architecture: Architecture) -> dict[str, object]:
    """The model as `to_json()` describes it.

    Raises:
        UnwritableFile: Keras has nothing like one of its layers.
    """
    if fault(architecture):
        raise UnwritableFile("", "a layer or an output reads what is not there or stands below it")
    try:
        plain = written_out(architecture)
    except EditRefused as refused:
        raise UnwritableFile("", str(refused)) from None
    reports = analyze(plain).layers
    refuse_unlike_calls(plain, reports)
    specs = {report.layer.id: report.output_specs for report in reports}
    remembered = architecture.extras.get("keras")
    kept = remembered if isinstance(remembered, dict) else {}
    whole = NodeList(None, plain.layers, plain.outputs)
    model = _ModelWriter(whole, kept, specs, plain.layout).whole(architecture.name)
    return model | ({"compile_config": kept["compile_config"]} if "compile_config" in kept else {})


Specs = Mapping[int, tuple[TensorSpec, ...]]


class _ModelWriter:
    """Writes one list of nodes as a model: the network's own, or a block's."""

    def __init__(
        self, whole: NodeList, kept: Mapping[str, object], specs: Specs, layout: Layout,
        entrances: Sequence[TensorSpec] = (),
    ) -> None:  # fmt: skip
        self.nodes = whole.nodes
        self.outputs = whole.ends
        self.block = whole.block
        self.kept = kept
        self.specs = specs
        self.layout: Layout = layout
        self.entrances = entrances
        self.names = _keras_names(self.nodes)
        self.inputs = self.entrance_names()
        self.histories = self.calls()

    def calls(self) -> dict[int, History]:
        """Under which name and as which call each node is known."""
        count: dict[int, int] = {}
        found: dict[int, History] = {}
        for node in self.nodes:
            owner = node.id if node.weights_of is None else node.weights_of
            if owner not in self.names or owner not in (node.id, *found):
                raise UnwritableFile(
                    "", f"{node.name}: it uses the weights of a layer that does not stand above it here"
                )
            found[node.id] = (self.names[owner], count.get(owner, 0))
            count[owner] = count.get(owner, 0) + 1
        return found

    def entrance_names(self) -> list[str]:
        """The input layers behind the entrances of the block: those that it has, or new ones."""
        names: dict[int, str] = {}
        for node in self.nodes:
            if isinstance(node, Layer) and self.is_entrance(node):
                names[node.inputs[0].output] = self.names[node.id]
        taken = set(self.names.values())
        for place in range(len(self.entrances)):
            if place not in names:
                free = unique_name("input_layer", taken)
                taken.add(free)
                names[place] = free
        return [names[place] for place in range(len(self.entrances))]

    def is_entrance(self, layer: Layer) -> bool:
        """Whether a layer stands for an entrance of the block: it was an input of the model that the block was."""
        entry = layer.extras.get("entry")
        is_input = isinstance(entry, dict) and entry.get("class_name") == "InputLayer"
        reads = [source.layer for source in layer.inputs]
        return is_input and isinstance(layer.kind, Identity) and self.block is not None and reads == [self.block]

    # The model ----------------------------------------------------------------------------------------------------

    def whole(self, name: str) -> dict[str, object]:
        """The model: its class and configuration."""
        is_sequential = self.kept.get("class_name") != "Functional" and self.is_chain()
        config: dict[str, object] = {"name": name, "trainable": True}
        rest = self.kept.get("config")
        if isinstance(rest, dict):
            config |= {key: item for key, item in rest.items() if key not in ("input_layers", "output_layers")}
        trained = {node.trainable for node in self.nodes if isinstance(node, Layer)}
        if config["trainable"] not in trained or len(trained) > 1:
            del config["trainable"]  # Keras would set it for every layer when it loads the model
        own = [node for node in self.nodes if node.weights_of is None]  # the others are further calls of these
        config["layers"] = [
            *self.new_inputs(with_calls=not is_sequential),
            *(self.entry(node, with_calls=not is_sequential) for node in own),
        ]
        if not is_sequential:
            config["input_layers"] = self.ends("input_layers", self.input_tensors(), in_order=self.block is not None)
            config["output_layers"] = self.ends("output_layers", [self.tensor(s) for s in self.outputs], in_order=True)
        return {
            "module": "keras" if is_sequential else "keras.src.models.functional",
            "class_name": "Sequential" if is_sequential else "Functional",
            "config": config,
            "registered_name": None if is_sequential else "Functional",
        }

    def is_chain(self) -> bool:
        """Whether Keras could have it as a Sequential model."""
        nodes = self.nodes
        if not nodes or self.outputs != (Source(nodes[-1].id),) or len(self.entrances) > 1:
            return False
        above = Source(self.block) if self.block is not None else None
        for place, node in enumerate(nodes):
            if node.inputs != (() if above is None else (above,)) or node.weights_of is not None:
                return False
            if isinstance(node, Layer) and not self.fits_chain(node, is_first=place == 0 and self.block is None):
                return False
            above = Source(node.id)
        return True

    def fits_chain(self, layer: Layer, *, is_first: bool) -> bool:
        """Whether a Sequential model can call a layer."""
        kind = layer.kind
        if (
            "call" in layer.extras
            or arguments_of_call(kind)
            or (isinstance(kind, Identity) and "entry" in layer.extras)
        ):
            return False
        return is_first or not (kind.is_input or kind.takes_list)

    def input_tensors(self) -> list[Tensor]:
        """The model's inputs."""
        if self.block is not None:
            return [Tensor(name, 0, 0) for name in self.inputs]
        inputs = [node for node in self.nodes if isinstance(node, Layer) and node.kind.is_input]
        return [Tensor(*self.histories[node.id], 0) for node in inputs]

    def ends(self, key: str, wanted: list[Tensor], *, in_order: bool) -> object:
        """The model's inputs or outputs: nested as in the file, if they are the same still."""
        rest = self.kept.get("config")
        former = rest.get(key) if isinstance(rest, dict) else None
        known = tensors_in(former)
        if known and (known == wanted if in_order else sorted(known) == sorted(wanted)):
            return former
        names = {place: (tensor.layer, tensor.call) for place, tensor in enumerate(wanted)}
        return usual_tensors(names, [Source(place, tensor.output) for place, tensor in enumerate(wanted)])

    # Its layers ---------------------------------------------------------------------------------------------------

    def new_inputs(self, *, with_calls: bool) -> list[dict[str, object]]:
        """Input layers for entrances of the block for which it has none."""
        known = set(self.names.values())
        found = []
        for name, spec in zip(self.inputs, self.entrances, strict=True):
            former = self.kept.get("input")
            if isinstance(former, dict) and not with_calls:
                found.append(former)
            elif name not in known:
                config = {"batch_shape": public(spec.shape), "dtype": spec.dtype, "name": name}
                entry: dict[str, object] = {"module": "keras.layers", "class_name": "InputLayer", "config": config}
                entry["registered_name"] = None
                found.append(entry | ({"name": name, "inbound_nodes": []} if with_calls else {}))
        return found

    def entry(self, node: Node, *, with_calls: bool) -> dict[str, object]:
        """One entry of the list of layers."""
        name = self.names[node.id]
        entry = self.model_entry(node, name) if isinstance(node, Block) else self.layer_entry(node, name)
        if with_calls:
            calls = [other for other in self.nodes if node.id in (other.id, other.weights_of)]
            reads_nothing = isinstance(node, Layer) and (node.kind.is_input or self.is_entrance(node))
            entry |= {"name": name, "inbound_nodes": [] if reads_nothing else [self.call(each) for each in calls]}
        return entry

    def model_entry(self, block: Block, name: str) -> dict[str, object]:
        """A block as a model inside the model."""
        remembered = block.extras.get("keras")
        kept = remembered if isinstance(remembered, dict) else {}
        entrances = [self.spec(source) for source in block.inputs]
        whole = NodeList(block.id, block.layers, block.outputs)
        return _ModelWriter(whole, kept, self.specs, self.layout, entrances).whole(name)

    def layer_entry(self, layer: Layer, name: str) -> dict[str, object]:
        """A layer: as the file had it, if it was not known there and is the same still, or as Keras serializes it."""
        entry = layer.extras.get("entry")
        if isinstance(entry, dict) and self.is_unchanged(layer, entry):
            config = entry.get("config")
            return {**entry, "config": {**(config if isinstance(config, dict) else {}), "name": name}}
        extras = {key: item for key, item in layer.extras.items() if key not in ("call", "entry")}
        try:
            class_name = class_name_of(layer.kind)
            config = config_of(msgspec.structs.replace(layer, name=name, extras=extras), layout=self.layout)
        except InvalidOptions as error:
            raise UnwritableFile("", f"{layer.name}: {error.message}") from None
        module = layer.kind.keras_module
        return {"module": module, "class_name": class_name, "config": config, "registered_name": None}

    def is_unchanged(self, layer: Layer, entry: Mapping[str, object]) -> bool:
        """Whether what a file said of a layer that is none of Keras' holds still."""
        if layer.kind.is_foreign or isinstance(layer.kind, Operation) or self.is_entrance(layer):
            return True
        config = entry.get("config")
        said = kind_of_operation(
            str(entry.get("class_name")), config if isinstance(config, dict) else {}, self.arguments(layer)
        )
        return said == layer.kind

    def arguments(self, node: Node) -> dict[str, object]:
        """What a node is called on: as the file had it, if that fits its inputs still."""
        count = len(node.inputs)
        arguments = node.extras.get("call")
        fits = isinstance(arguments, dict) and sorted(places_in(arguments)) == list(range(count))
        if isinstance(node, Block):
            return arguments if fits and isinstance(arguments, dict) else model_arguments(count)
        if not fits or not isinstance(arguments, dict):
            arguments = usual_arguments(node.kind, count)
        return brought_up_to_date(arguments, node.kind)

    def call(self, node: Node) -> object:
        """A call of a node, with its tensors."""
        return write_call(self.arguments(node), lambda place: self.keras_tensor(node.inputs[place]))

    def tensor(self, source: Source) -> Tensor:
        """A tensor by the layer that makes it, which of its calls and which of its outputs."""
        if self.block is not None and source.layer == self.block:
            return Tensor(self.inputs[source.output], 0, 0)
        return Tensor(*self.histories[source.layer], source.output)

    def keras_tensor(self, source: Source) -> object:
        """A tensor that a layer is called on."""
        spec = self.spec(source)
        config = {"shape": public(spec.shape), "dtype": spec.dtype, "keras_history": list(self.tensor(source))}
        return {"class_name": "__keras_tensor__", "config": config}

    def spec(self, source: Source) -> TensorSpec:
        """The tensor that a source is; one without axes where it is not known."""
        if self.block is not None and source.layer == self.block:
            return self.entrances[source.output]
        return _made(self.nodes, source, self.specs)


def _made(nodes: Sequence[Node], source: Source, specs: Specs) -> TensorSpec:
    """What a node makes; what a block makes is made inside it."""
    for node in nodes:
        if node.id == source.layer and isinstance(node, Block):
            return _made(node.layers, node.outputs[source.output], specs)
    made = specs.get(source.layer, ())
    return made[source.output] if source.output < len(made) else TensorSpec(())


def _keras_names(nodes: Sequence[Node]) -> dict[int, str]:
    """Names that Keras takes: without a slash, and each once. Further calls have none of their own."""
    names: dict[int, str] = {}
    own = [node for node in nodes if node.weights_of is None]
    taken = {node.name for node in own if "/" not in node.name}
    for node in own:
        name = free = node.name.replace("/", "_")
        number = 0
        while name != node.name and free in taken:
            number += 1
            free = f"{name}_{number}"
        taken.add(free)
        names[node.id] = free
    return names
