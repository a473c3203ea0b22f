"""The layers of a Keras model as its configuration lists them: names, classes, and what each is called on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal, NoReturn, TypeAlias

import msgspec

from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.keras.calls import Call, Tensor, read_call
from paramdesk.formats.keras.operations import OF_TENSORFLOW
from paramdesk.frameworks.keras import is_known_class

MODELS: Mapping[str, ModelKind] = {"Functional": "Functional", "Model": "Functional", "Sequential": "Sequential"}
DERIVED = ("build_config", "build_input_shape", "batch_input_shape", "keras_version", "backend")
"""What Keras works out of the layers, or says of itself."""

ModelKind: TypeAlias = Literal["Functional", "Sequential"]
Place = tuple[str, int]
"""One call of a layer: its name, and which of its calls."""


class Entry(msgspec.Struct):
    """A layer as the file has it.

    Attributes:
        name: unique among the layers of its model.
        class_name: of its class.
        config: arguments of its constructor, its name among them.
        place: where in the file it stands.
        whole: everything that the file says of it.
        is_old: whether Keras 2 or an older one wrote it, or wrote it as that did.
        calls: what it is called on; none for an input.
    """

    name: str
    class_name: str
    config: dict[str, object]
    place: str
    whole: dict[str, object]
    is_old: bool = False
    calls: tuple[Call, ...] = ()

    @property
    def is_model(self) -> bool:
        """Whether it is a model inside a model."""
        return model_kind(self.class_name, self.config) is not None

    @property
    def is_operation(self) -> bool:
        """Whether it is a function of keras.ops or of TensorFlow rather than a layer."""
        module = self.whole.get("module")
        if self.class_name in OF_TENSORFLOW or (isinstance(module, str) and ".ops" in module):
            return True
        # In HDF5 files no module is told; there, every layer tells whether it is trained, and its type.
        if module is not None or {"trainable", "dtype"} & self.config.keys():
            return False
        match self.whole.get("inbound_nodes"):
            case [{"args": list() as arguments}, *_]:
                has_number = any(isinstance(argument, int | float) for argument in arguments)
                return has_number or not is_known_class(self.class_name)
        return False

    @property
    def has_no_weights(self) -> bool:
        """Whether it can have none."""
        is_surely_operation = self.is_operation and (self.class_name in OF_TENSORFLOW or "module" in self.whole)
        return is_surely_operation or self.class_name in ("Lambda", "Activation")

    @property
    def wraps_model(self) -> bool:
        """Whether it is a wrapper around a model."""
        match self.config.get("layer"):
            case {"class_name": str() as class_name, "config": dict() as config}:
                return model_kind(class_name, config) is not None
        return False

    @property
    def title(self) -> str:
        """What it is called: its class, or the function of TensorFlow that it stands for."""
        function = self.config.get("function")
        return f"tf.{function}" if self.is_operation and isinstance(function, str) else self.class_name

    @property
    def is_foreign(self) -> bool:
        """Whether its class is its author's own."""
        names = (self.whole.get("registered_name"), self.whole.get("class_name"))
        return any(isinstance(name, str) and ">" in name for name in names)


class Model(msgspec.Struct):
    """A model as the file has it.

    Attributes:
        kind: whether each layer reads the one above, or a graph says what.
        config: its configuration.
        entries: its layers.
        place: where in the file it stands; empty for the outermost.
        is_implicit: whether a Sequential model tells its input without an InputLayer.
    """

    kind: ModelKind
    config: Mapping[str, object]
    entries: list[Entry]
    place: str
    is_implicit: bool = False

    @property
    def is_sequential(self) -> bool:
        """Whether each layer reads the one above."""
        return self.kind == "Sequential"


class OwnModel(UnreadableFile):
    """A model of a class of its author's own: its layers are in its code, and not in the file."""


def model_kind(class_name: str, config: Mapping[str, object], *, is_outermost: bool = False) -> ModelKind | None:
    """How the layers of a model hang together; None if it is no model, or does not tell its layers.

    A class of the author's own may well be one of Keras' models with another training step.
    """
    layers = config.get("layers")
    if not isinstance(layers, list):
        return None
    if class_name in MODELS:
        return MODELS[class_name]
    if {"input_layers", "output_layers"} <= config.keys():
        return "Functional"
    is_chain = all(isinstance(item, dict) and {"class_name", "config"} <= item.keys() for item in layers)
    return "Sequential" if layers and is_chain and (is_outermost or "build_input_shape" in config) else None


def is_old(value: object) -> bool:
    """Whether Keras 2 or an older one wrote a model: it says so, or says what only that did."""
    whole = value if isinstance(value, dict) else {}
    version = whole.get("keras_version")
    if isinstance(version, str) and version[:1].isdigit():
        return version.startswith(("0.", "1.", "2."))
    config = whole.get("config")
    items = config.get("layers") if isinstance(config, dict) else config
    return any(_has_old_words(item) for item in items) if isinstance(items, list) else False


def _has_old_words(item: object) -> bool:
    if not isinstance(item, dict):
        return False
    config, nodes = item.get("config"), item.get("inbound_nodes")
    has_old_node = isinstance(nodes, list) and any(isinstance(node, list) and node for node in nodes)
    return has_old_node or (isinstance(config, dict) and "batch_input_shape" in config) or is_old(item)


def model_from(value: object, file: str, place: str = "", *, is_old: bool = False) -> Model:
    """A model's configuration taken apart.

    Raises:
        OwnModel: what it consists of is not in the file.
        UnreadableFile: it is none, or a layer of it is not described as Keras does.
    """
    whole = value if isinstance(value, dict) else {}
    class_name, config = whole.get("class_name"), whole.get("config")
    if class_name == "Sequential" and isinstance(config, list):  # Keras before 2.2.3
        config = {"layers": config}
    if not isinstance(class_name, str) or not isinstance(config, dict):
        _fail(file, place, 'not a Keras model: to_json() gives {"class_name": …, "config": …}')
    items, kind = config.get("layers"), model_kind(class_name, config, is_outermost=not place)
    if kind is None or not isinstance(items, list):
        reason = f"{class_name} is a class of its author's own: its layers are in its code, not in this file"
        raise OwnModel(file, reason, place)
    start = f"{place}.config.layers" if place else "config.layers"
    entries = [_entry(item, file, f"{start}[{number}]", is_old=is_old) for number, item in enumerate(items)]
    _refuse_twins(entries, file)
    model = Model(kind, config, entries, place)
    if model.is_sequential:
        _chain(model, whole.get("build_config"))
    else:
        _connect(model, file)
    return model


def _fail(file: str, place: str, reason: str) -> NoReturn:
    raise UnreadableFile(file, reason, place)


def _entry(item: object, file: str, place: str, *, is_old: bool) -> Entry:
    """One entry of the list of layers."""
    whole = item if isinstance(item, dict) else {}
    class_name, config = whole.get("class_name"), whole.get("config")
    if class_name == "Sequential" and isinstance(config, list):
        config = {"layers": config}
    if not isinstance(class_name, str) or not isinstance(config, dict):
        _fail(file, place, "not a layer: it has no class_name and config")
    name = whole.get("name", config.get("name"))
    if not isinstance(name, str) or not name:
        name = class_name.lower()
    is_old = is_old or whole.get("module") is None
    return Entry(name, class_name.rpartition(">")[2], {**config, "name": name}, place, whole, is_old)


def _refuse_twins(entries: list[Entry], file: str) -> None:
    """Refuses two layers of one name."""
    places: dict[str, str] = {}
    for entry in entries:
        if entry.name in places:
            _fail(file, entry.place, f"{entry.name!r} is the name of two layers, here and at {places[entry.name]}")
        places[entry.name] = entry.place


# Sequential -----------------------------------------------------------------------------------------------------------


def _chain(model: Model, build: object) -> None:
    """Lets each layer read the one above; the first may tell the input's shape without an InputLayer."""
    entries = model.entries
    if entries and entries[0].class_name != "InputLayer":
        shape = _first_shape(entries[0], model.config, build)
        if shape is not None:
            entries.insert(0, _input_entry(entries, shape))
            model.is_implicit = True
    for above, entry in pairwise(entries):
        entry.calls = (Call((Tensor(above.name, 0, 0),), {"args": [{"input": 0}], "kwargs": {}}),)


def _first_shape(entry: Entry, config: Mapping[str, object], build: object) -> list[object] | None:
    """The input's shape with the batch, where a Sequential model without an InputLayer says it."""
    inner = entry.config.get("layers")
    places: tuple[object, ...] = (
        entry.config.get("batch_input_shape"),
        entry.config.get("batch_shape"),
        config.get("build_input_shape"),
        build.get("input_shape") if isinstance(build, dict) else None,
    )
    if isinstance(inner, list) and inner and isinstance(inner[0], dict):
        first = inner[0].get("config")
        places += (first.get("batch_shape"), first.get("batch_input_shape")) if isinstance(first, dict) else ()
    return next((shape for shape in places if isinstance(shape, list) and shape), None)


def _input_entry(entries: list[Entry], shape: list[object]) -> Entry:
    """The InputLayer that stands above the first layer of a Sequential model unsaid."""
    taken = {entry.name for entry in entries}
    names = ("input_layer", *(f"input_layer_{n}" for n in range(1, len(entries) + 1)))
    name = next(name for name in names if name not in taken)
    return Entry(name, "InputLayer", {"name": name, "batch_shape": shape}, entries[0].place, {})


# Functional -----------------------------------------------------------------------------------------------------------


def _connect(model: Model, file: str) -> None:
    """Reads what each layer is called on."""
    calls_of: dict[str, int] = {}
    for entry in model.entries:
        nodes = entry.whole.get("inbound_nodes", [])
        if not isinstance(nodes, list):
            _fail(file, entry.place, f"{entry.name}: inbound_nodes is not a list")
        calls = [read_call(node) for node in nodes if node not in ([], {})]
        entry.calls = tuple(call for call in calls if call is not None)
        if len(entry.calls) < len(calls):
            _fail(file, entry.place, f"{entry.name}: what it is called on (inbound_nodes) cannot be understood")
        calls_of[entry.name] = max(len(entry.calls), 1)
    _count_from_0(model)
    for entry in model.entries:
        for call in entry.calls:
            for tensor in call.inputs:
                if tensor.layer not in calls_of:
                    _fail(file, entry.place, f"{entry.name}: it reads {tensor.layer!r}, which is not in the file")
                if tensor.call >= (times := calls_of[tensor.layer]):
                    called = "once" if times == 1 else f"{times} times"
                    reason = f"it reads call {tensor.call + 1} of {tensor.layer}, which is called {called}"
                    _fail(file, entry.place, f"{entry.name}: {reason}")


def _count_from_0(model: Model) -> None:
    """Counts calls of models inside from 0 where the file does so from 1.

    Keras 2 takes the making of a model from its inputs for its first call.
    """
    tensors = [tensor for entry in model.entries for call in entry.calls for tensor in call.inputs]
    tensors += tensors_in(model.config.get("output_layers")) or ()
    late = set()
    for entry in model.entries:
        numbers = {tensor.call for tensor in tensors if tensor.layer == entry.name} if entry.is_model else set()
        if numbers and 0 not in numbers and max(numbers) >= max(len(entry.calls), 1):
            late.add(entry.name)
    if not late:
        return
    for entry in model.entries:
        entry.calls = tuple(
            msgspec.structs.replace(
                call, inputs=tuple(t._replace(call=t.call - 1) if t.layer in late else t for t in call.inputs)
            )
            for call in entry.calls
        )
    model.config = {**model.config, "output_layers": _one_less(model.config.get("output_layers"), late)}


def _one_less(value: object, late: set[str]) -> object:
    """Outputs of a model, with calls of these layers counted from 0."""
    match value:
        case [str() as name, int() as call, int() as output]:
            return [name, call - (name in late), output]
        case list():
            return [_one_less(item, late) for item in value]
        case dict():
            return {key: _one_less(item, late) for key, item in value.items()}
    return value


def in_order(model: Model, file: str) -> Iterator[tuple[Entry, int]]:
    """Each call of each layer, producers above consumers, and otherwise as in the file.

    Raises:
        UnreadableFile: a layer depends on itself.
    """
    import heapq

    calls = [(entry, call) for entry in model.entries for call in range(max(len(entry.calls), 1))]
    index = {(entry.name, call): place for place, (entry, call) in enumerate(calls)}
    readers: list[list[int]] = [[] for _ in calls]
    waits = [0] * len(calls)
    for place, (entry, call) in enumerate(calls):
        for read in {(tensor.layer, tensor.call) for tensor in _inputs(entry, call)}:
            readers[index[read]].append(place)
            waits[place] += 1
    ready = [place for place, count in enumerate(waits) if not count]
    done = 0
    while ready:
        place = heapq.heappop(ready)
        yield calls[place]
        done += 1
        for reader in readers[place]:
            waits[reader] -= 1
            if not waits[reader]:
                heapq.heappush(ready, reader)
    if done < len(calls):
        stuck = next(entry for place, (entry, _call) in enumerate(calls) if waits[place])
        _fail(file, stuck.place, f"{stuck.name}: what it reads depends on itself")


def _inputs(entry: Entry, call: int) -> Sequence[Tensor]:
    return entry.calls[call].inputs if entry.calls else ()


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
