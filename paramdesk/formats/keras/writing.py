"""From an architecture to the configuration of a Keras model that Keras itself loads."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Node, Source
from paramdesk.engine.errors import InvalidOptions, UnwritableFile
from paramdesk.engine.shape import TensorSpec, public
from paramdesk.formats.keras.calls import Tensor, brought_up_to_date, places_in, usual_arguments, write_call
from paramdesk.formats.keras.reading import tensors_in, usual_tensors
from paramdesk.formats.unrolling import unrolled
from paramdesk.frameworks.keras import arguments_of_call, class_name_of, config_of


def value_of(architecture: Architecture) -> dict[str, object]:
    """The model as `to_json()` describes it.

    Raises:
        UnwritableFile: Keras has nothing like one of its layers.
    """
    return _Writer(unrolled(architecture)).model()


class _Writer:
    """Writes an architecture without blocks."""

    def __init__(self, architecture: Architecture) -> None:
        self.architecture = architecture
        self.layers = tuple(layer for layer in architecture.layers if isinstance(layer, Layer))
        self.names = _keras_names(self.layers)
        self.specs = {report.layer.id: report.output_specs for report in analyze(architecture).layers}
        remembered = architecture.extras.get("keras")
        self.remembered: Mapping[str, object] = remembered if isinstance(remembered, dict) else {}

    def model(self) -> dict[str, object]:
        """The whole."""
        is_sequential = self.remembered.get("class_name") != "Functional" and _is_chain(self.architecture)
        config: dict[str, object] = {"name": self.architecture.name, "trainable": True}
        rest = self.remembered.get("config")
        if isinstance(rest, dict):
            config |= {key: item for key, item in rest.items() if key not in ("input_layers", "output_layers")}
        if not all(layer.trainable for layer in self.layers):
            config.pop("trainable", None)  # Keras would set it for every layer when it loads the model
        config["layers"] = [self.layer(layer, with_calls=not is_sequential) for layer in self.layers]
        if not is_sequential:
            inputs = [Source(layer.id) for layer in self.layers if layer.kind.is_input]
            config["input_layers"] = self.tensors("input_layers", inputs, in_order=False)
            config["output_layers"] = self.tensors("output_layers", self.architecture.outputs, in_order=True)
        model: dict[str, object] = {
            "module": "keras" if is_sequential else "keras.src.models.functional",
            "class_name": "Sequential" if is_sequential else "Functional",
            "config": config,
            "registered_name": None if is_sequential else "Functional",
        }
        if "compile_config" in self.remembered:
            model["compile_config"] = self.remembered["compile_config"]
        return model

    def layer(self, layer: Layer, *, with_calls: bool) -> dict[str, object]:
        """One entry of the list of layers."""
        name = self.names[layer.id]
        extras = {key: item for key, item in layer.extras.items() if key != "call"}
        try:
            class_name = class_name_of(layer.kind)
            plain = msgspec.structs.replace(layer, name=name, extras=extras)
            config = config_of(plain, layout=self.architecture.layout)
        except InvalidOptions as error:
            raise UnwritableFile("", f"{layer.name}: {error.message}") from None
        entry: dict[str, object] = {
            "module": "keras.layers", "class_name": class_name, "config": config, "registered_name": None,
        }  # fmt: skip
        if with_calls:
            entry["name"] = name
            entry["inbound_nodes"] = [] if layer.kind.is_input else [self.call(layer)]
        return entry

    def call(self, layer: Layer) -> object:
        """What a layer is called on: as the file had it, if that fits its inputs still."""
        count = len(layer.inputs)
        arguments = layer.extras.get("call")
        if not isinstance(arguments, dict) or sorted(places_in(arguments)) != list(range(count)):
            arguments = usual_arguments(layer.kind, count)
        arguments = brought_up_to_date(arguments, layer.kind)
        return write_call(arguments, lambda place: self.tensor(layer.inputs[place]))

    def tensor(self, source: Source) -> object:
        """A tensor that a layer is called on."""
        specs = self.specs[source.layer]
        spec = specs[source.output] if source.output < len(specs) else TensorSpec(())
        history = [self.names[source.layer], 0, source.output]
        config = {"shape": public(spec.shape), "dtype": spec.dtype, "keras_history": history}
        return {"class_name": "__keras_tensor__", "config": config}

    def tensors(self, key: str, sources: list[Source] | tuple[Source, ...], *, in_order: bool) -> object:
        """The model's inputs or outputs: nested as in the file, if they are the same still."""
        wanted = [Tensor(self.names[source.layer], 0, source.output) for source in sources]
        rest = self.remembered.get("config")
        former = rest.get(key) if isinstance(rest, dict) else None
        known = tensors_in(former)
        if known and (known == wanted if in_order else sorted(known) == sorted(wanted)):
            return former
        return usual_tensors(self.names, sources)


def _keras_names(layers: tuple[Layer, ...]) -> dict[int, str]:
    """Names that Keras takes: without a slash, and each once."""
    names: dict[int, str] = {}
    taken = {layer.name for layer in layers if "/" not in layer.name}
    for layer in layers:
        name = free = layer.name.replace("/", "_")
        number = 0
        while name != layer.name and free in taken:
            number += 1
            free = f"{name}_{number}"
        taken.add(free)
        names[layer.id] = free
    return names


def _is_chain(architecture: Architecture) -> bool:
    """Whether Keras could have it as a Sequential model."""
    layers: tuple[Node, ...] = architecture.layers
    if not layers or architecture.outputs != (Source(layers[-1].id),):
        return False
    for above, layer in zip((None, *layers), layers, strict=False):
        assert isinstance(layer, Layer)
        if layer.inputs != (() if above is None else (Source(above.id),)):
            return False
        if (
            "call" in layer.extras
            or arguments_of_call(layer.kind)
            or (above is not None and (layer.kind.is_input or layer.kind.takes_list))
        ):
            return False
    return True
