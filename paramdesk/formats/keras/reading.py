"""From the configuration of a Keras model to an architecture; what cannot be read is named with its layer."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NoReturn

import msgspec

from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.errors import InvalidOptions, UnreadableFile
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import Layout
from paramdesk.formats.keras.calls import Call, Tensor, read_call, said_at_call, usual_arguments
from paramdesk.frameworks.keras import KerasLayer, modernized, read_layer
from paramdesk.frameworks.keras import read_call as with_call

MODELS = ("Functional", "Sequential", "Model")
DERIVED = ("build_config", "build_input_shape", "batch_input_shape", "keras_version", "backend")
"""What Keras works out of the layers, or says of itself."""


def architecture_from(value: object, file: str) -> Architecture:
    """The architecture that a model's configuration stands for.

    Raises:
        UnreadableFile: it is no such configuration, or holds what is not known here.
    """
    return _Reader(file).architecture(value)


class _Entry(msgspec.Struct):
    """A layer as the file has it; an old one is Keras 2's or before."""

    name: str
    class_name: str
    config: dict[str, object]
    place: str
    nodes: list[object]
    is_old: bool = False
    calls: tuple[Call, ...] = ()

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return self.calls[0].inputs if self.calls else ()


class _Reader:
    """One reading."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.layout: Layout = "channels_last"

    def fail(self, reason: str, place: str = "") -> NoReturn:
        raise UnreadableFile(self.file, reason, place)

    def architecture(self, value: object) -> Architecture:
        """The architecture of a model."""
        model = value if isinstance(value, dict) else {}
        class_name, config = model.get("class_name"), model.get("config")
        if class_name == "Sequential" and isinstance(config, list):  # Keras before 2.2.3
            config = {"layers": config}
        if not isinstance(class_name, str) or not isinstance(config, dict):
            self.fail('not a Keras model: to_json() gives {"class_name": …, "config": …}')
        items = config.get("layers")
        if class_name not in MODELS or not isinstance(items, list):
            self.fail(f"{class_name} is a class of its author's own: its layers are in its code, not in this file")
        entries = [self.entry(item, f"config.layers[{n}]") for n, item in enumerate(items)]
        stated = [entry.config.get("data_format") for entry in entries]
        formats = {word for word in stated if isinstance(word, str)}
        if formats == {"channels_first"}:
            self.layout = "channels_first"
        if class_name == "Sequential":
            self.chain(entries, config, model.get("build_config"))
        else:
            entries = self.connected(entries)
        self.refuse_twins(entries)
        layers = self.layers(entries)
        outputs = self.outputs(class_name, config, layers)
        name = config.get("name")
        return Architecture(
            name if isinstance(name, str) and name else "untitled",
            layers,
            outputs,
            "keras",
            self.layout,
            len(layers),
            {"keras": _remembered(class_name, model, config, _usual_ends(layers, outputs))},
        )

    def entry(self, item: object, place: str) -> _Entry:
        """One entry of the list of layers."""
        whole = item if isinstance(item, dict) else {}
        class_name, config = whole.get("class_name"), whole.get("config")
        if not isinstance(class_name, str) or not isinstance(config, dict):
            self.fail("not a layer: it has no class_name and config", place)
        name = whole.get("name", config.get("name"))
        if not isinstance(name, str) or not name:
            name = class_name.lower()
        if class_name in MODELS or "layers" in config:
            self.fail(f"{name}: a model inside a model ({class_name}) cannot be read yet", place)
        registered, module = whole.get("registered_name"), whole.get("module")
        if isinstance(registered, str) and ">" in registered:
            self.fail(f"{name}: {registered} is a class of its author's own, which is not known here", place)
        if isinstance(module, str) and ".ops" in module:
            self.fail(f"{name}: {class_name} is an operation of keras.ops, which cannot be read yet", place)
        nodes = whole.get("inbound_nodes", [])
        if not isinstance(nodes, list):
            self.fail(f"{name}: inbound_nodes is not a list", place)
        return _Entry(name, class_name, {**config, "name": name}, place, nodes, module is None)

    # Sequential ---------------------------------------------------------------------------------------------------

    def chain(self, entries: list[_Entry], config: Mapping[str, object], build: object) -> None:
        """Lets each layer read the one above; the first may tell the input's shape without an InputLayer."""
        if entries and entries[0].class_name != "InputLayer":
            shape = _first_shape(entries[0], config, build)
            if shape is not None:
                entries.insert(0, _input_entry(entries, shape))
        for above, entry in pairwise(entries):
            entry.calls = (Call((Tensor(above.name, 0, 0),), {"args": [{"input": 0}], "kwargs": {}}),)

    # Functional ---------------------------------------------------------------------------------------------------

    def connected(self, entries: list[_Entry]) -> list[_Entry]:
        """The entries with their calls, in an order in which each stands below what it reads."""
        by_name = {entry.name: entry for entry in entries}
        for entry in entries:
            calls = [read_call(node) for node in entry.nodes if node not in ([], {})]
            if None in calls:
                self.fail(f"{entry.name}: what it is called on (inbound_nodes) cannot be understood", entry.place)
            if len(calls) > 1:
                reason = f"it is called {len(calls)} times (a shared layer), which cannot be read yet"
                self.fail(f"{entry.name}: {reason}", entry.place)
            entry.calls = tuple(call for call in calls if call)
            for tensor in entry.inputs:
                if tensor.layer not in by_name:
                    self.fail(f"{entry.name}: it reads {tensor.layer!r}, which is not in the file", entry.place)
                if tensor.call:
                    reason = f"it reads call {tensor.call + 1} of {tensor.layer}, which is called once"
                    self.fail(f"{entry.name}: {reason}", entry.place)
        return self.in_order(entries)

    def in_order(self, entries: list[_Entry]) -> list[_Entry]:
        """Producers above consumers, and otherwise as in the file."""
        index = {entry.name: n for n, entry in enumerate(entries)}
        waits = [len({tensor.layer for tensor in entry.inputs}) for entry in entries]
        readers: list[set[int]] = [set() for _ in entries]
        for n, entry in enumerate(entries):
            for tensor in entry.inputs:
                readers[index[tensor.layer]].add(n)
        ready = [n for n, count in enumerate(waits) if not count]
        ordered = []
        while ready:
            n = heapq.heappop(ready)
            ordered.append(entries[n])
            for reader in readers[n]:
                waits[reader] -= 1
                if not waits[reader]:
                    heapq.heappush(ready, reader)
        if len(ordered) < len(entries):
            stuck = next(entry for n, entry in enumerate(entries) if waits[n])
            self.fail(f"{stuck.name}: what it reads depends on itself", stuck.place)
        return ordered

    def outputs(self, class_name: str, config: Mapping[str, object], layers: tuple[Layer, ...]) -> tuple[Source, ...]:
        """What the model returns."""
        if class_name == "Sequential":
            return (Source(layers[-1].id),) if layers else ()
        ids = {layer.name: layer.id for layer in layers}
        tensors = tensors_in(config.get("output_layers"))
        if tensors is None or any(tensor.layer not in ids for tensor in tensors):
            self.fail("it names outputs that are not in the file", "config.output_layers")
        return tuple(Source(ids[tensor.layer], tensor.output) for tensor in tensors)

    # Layers -------------------------------------------------------------------------------------------------------

    def refuse_twins(self, entries: list[_Entry]) -> None:
        """Refuses two layers of one name."""
        places: dict[str, str] = {}
        for entry in entries:
            if entry.name in places:
                self.fail(f"{entry.name!r} is the name of two layers, here and at {places[entry.name]}", entry.place)
            places[entry.name] = entry.place

    def layers(self, entries: list[_Entry]) -> tuple[Layer, ...]:
        """The layers, with the numbers of their places as ids."""
        ids = {entry.name: n for n, entry in enumerate(entries)}
        found = []
        for n, entry in enumerate(entries):
            read = self.understood(entry)
            kind, extras = read.kind, dict(read.extras)
            if entry.calls and entry.nodes:
                kind = self.called(entry, kind)
                arguments = entry.calls[0].arguments
                if arguments != usual_arguments(kind, len(entry.inputs)):
                    extras["call"] = arguments
            inputs = tuple(Source(ids[tensor.layer], tensor.output) for tensor in entry.inputs)
            found.append(Layer(n, entry.name, kind, inputs, read.trainable, extras))
        return tuple(found)

    def called(self, entry: _Entry, kind: LayerKind) -> LayerKind:
        """The kind of an entry with the options that are given when it is called."""
        try:
            return with_call(kind, said_at_call(kind, entry.calls[0]))
        except InvalidOptions as error:
            self.fail(f"{entry.name}: {error.message}", entry.place)

    def understood(self, entry: _Entry) -> KerasLayer:
        """The kind of an entry with its options."""
        config = modernized(entry.config) if entry.is_old else dict(entry.config)
        if entry.class_name != "InputLayer":
            for key in ("input_shape", "batch_shape", "batch_input_shape"):
                config.pop(key, None)  # said by the Input above it
        try:
            return read_layer(entry.class_name, config, layout=self.layout)
        except InvalidOptions as error:
            place = f"{entry.place}.config.{error.field}" if error.field else entry.place
            self.fail(f"{entry.name}: {error.message}", place)


def tensors_in(value: object) -> list[Tensor] | None:
    """The tensors of an input_layers or output_layers: one, or any nest of them; None if it is neither."""
    match value:
        case [str() as name, int() as call, int() as output] if call >= 0 and output >= 0:
            return [Tensor(name, call, output)]
        case list() | dict():
            found: list[Tensor] = []
            for item in value.values() if isinstance(value, dict) else value:
                inner = tensors_in(item)
                if inner is None:
                    return None
                found += inner
            return found
    return None


def _first_shape(entry: _Entry, config: Mapping[str, object], build: object) -> list[object] | None:
    """The input's shape with the batch, where a Sequential model without an InputLayer says it."""
    places = (
        entry.config.get("batch_input_shape"),
        entry.config.get("batch_shape"),
        config.get("build_input_shape"),
        build.get("input_shape") if isinstance(build, dict) else None,
    )
    return next((shape for shape in places if isinstance(shape, list) and shape), None)


def _input_entry(entries: list[_Entry], shape: list[object]) -> _Entry:
    """The InputLayer that stands above the first layer of a Sequential model unsaid."""
    taken = {entry.name for entry in entries}
    names = ("input_layer", *(f"input_layer_{n}" for n in range(1, len(entries) + 1)))
    name = next(name for name in names if name not in taken)
    return _Entry(name, "InputLayer", {"name": name, "batch_shape": shape}, entries[0].place, [])


def usual_tensors(names: Mapping[int, str], sources: Sequence[Source]) -> list[object]:
    """How Keras writes the inputs or outputs of a model, unless they are nested."""
    tensors: list[object] = [[names[source.layer], 0, source.output] for source in sources]
    only = tensors[0] if len(tensors) == 1 else tensors
    assert isinstance(only, list)
    return only


def _usual_ends(layers: Sequence[Layer], outputs: Sequence[Source]) -> dict[str, object]:
    names = {layer.id: layer.name for layer in layers}
    inputs = [Source(layer.id) for layer in layers if layer.kind.is_input]
    return {"input_layers": usual_tensors(names, inputs), "output_layers": usual_tensors(names, outputs)}


def _remembered(
    class_name: str, model: Mapping[str, object], config: Mapping[str, object], usual: Mapping[str, object]
) -> dict[str, object]:
    """What the file says of the model as a whole and does not go without saying, for writing it back."""
    kept: dict[str, object] = {"class_name": "Sequential" if class_name == "Sequential" else "Functional"}
    unsaid = {"trainable": True, **usual}
    rest = {
        key: item
        for key, item in config.items()
        if key not in ("name", "layers", *DERIVED) and not (key in unsaid and item == unsaid[key])
    }
    if rest:
        kept["config"] = rest
    if model.get("compile_config"):
        kept["compile_config"] = model["compile_config"]
    return kept
