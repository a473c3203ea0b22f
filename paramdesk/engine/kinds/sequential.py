"""Layers one behind the other as one layer: what a wrapper wraps where it wraps a model.

In a stack such layers stand as rows of a block; inside `TimeDistributed` there are no rows. Parameters and MACs are the
sums over the layers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec

from paramdesk.engine.crossing import LAST, Crossing, plain
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.inner_layers import Named, brought, each_named, path_of, with_names, without_names
from paramdesk.engine.kinds.core import Dense
from paramdesk.engine.layer_kind import InnerKind, LayerKind, Tensors
from paramdesk.engine.option import Natural, Option
from paramdesk.engine.shape import Dim, Framework, TensorSpec
from paramdesk.engine.single_input import SingleInputKind
from paramdesk.engine.weight import Weight

MANY = msgspec.Meta(max_length=10_000)


class Sequential(SingleInputKind, frozen=True, kw_only=True):
    """Applies several layers one behind the other.

    Attributes:
        layers: in order.
        layers_name: what they are called; empty: as Keras calls them.
        layers_frozen: places of those that are not trained.
    """

    elsewhere = "`Sequential`, which is a block here"
    category = "io"
    spellings = {"keras": ("Sequential", "Functional")}
    search = ("model", "chain", "stack")
    is_offered = False
    keras_module = "keras"
    inert = frozenset({"build_input_shape", "input_layers", "output_layers"})
    keeps_type = True
    source = "https://keras.io/guides/sequential_model/"

    layers: Annotated[Annotated[tuple[InnerKind, ...], MANY], Option("Layers", preset=(Dense(units=64),))]
    layers_name: Annotated[Annotated[tuple[str, ...], MANY], Option("Names", hidden=True)] = ()
    layers_frozen: Annotated[Annotated[tuple[Natural, ...], MANY], Option("Frozen", hidden=True)] = ()

    def output(self, x: TensorSpec) -> TensorSpec:
        return self._passed(x)[-1]

    def _passed(self, x: TensorSpec) -> list[TensorSpec]:
        """What stands before the first layer, between the layers and behind the last."""
        found = [x]
        for layer in self.layers:
            made = layer.outputs((found[-1],))
            if len(made) != 1:
                raise Refusal(f"{layer.title()} makes {len(made)} tensors: in a chain each layer makes one", "layers")
            found.append(made[0])
        return found

    @property
    def _named(self) -> tuple[Named, ...]:
        return each_named(len(self.layers), self.layers_name, self.layers_frozen)

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        """Where the first of its layers wants them that does not take them anywhere."""
        try:
            read = self._passed(x)
        except Refusal:
            return LAST
        places = [layer.channels_place(made, framework) for layer, made in zip(self.layers, read, strict=False)]
        return next((place for place in places if place is not None), None)

    def crossed(self, crossing: Crossing) -> LayerKind:
        """With each of its layers crossed: between them all tensors have their channels in one place."""
        try:
            tensors = self._passed(crossing.inputs[0])
        except (Refusal, IndexError):
            return super().crossed(crossing)
        layers, first = [], crossing.read[0]
        orders = [first if len(x.shape) == len(first) else plain(len(x.shape)) for x in tensors]
        for place, layer in enumerate(self.layers):
            inside = Crossing(crossing.framework, (tensors[place],), (orders[place],), orders[place + 1])
            layers.append(layer.crossed(inside))
        return msgspec.structs.replace(self, layers=tuple(layers))

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        found: list[Weight] = []
        for layer, (called, is_trained), read in zip(self.layers, self._named, self._passed(x), strict=False):
            weights = layer.weights_on((read,))
            found += brought(path_of(layer, called), layer, weights, is_trained=is_trained)
        return tuple(found)

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        tensors = self._passed(x)
        total: Dim = 0
        for place, layer in enumerate(self.layers):
            macs = layer.macs_on((tensors[place],), (tensors[place + 1],))
            total = macs if type(total) is int and total == 0 else total + macs
        return total

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        tensors = self._passed(x)
        for place, layer in enumerate(self.layers):
            yield from layer.warnings_on((tensors[place],), (tensors[place + 1],))

    def counted_like(self, convention: Framework) -> LayerKind:
        return msgspec.structs.replace(self, layers=tuple(layer.counted_like(convention) for layer in self.layers))

    def outputs_within(self, inputs: Tensors) -> Tensors:
        return self.outputs(inputs)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = dict(config)
        layers = options.get("layers")
        if not isinstance(layers, list | tuple):
            raise InvalidOptions("layers: expected a list of layers", "layers")
        if "input_layers" in config:
            _refuse_branches(layers)
        options["layers"] = [
            layer for layer in layers if not isinstance(layer, Mapping) or layer.get("class_name") != "InputLayer"
        ]
        return with_names(options, "layers")

    def keras_config(self) -> dict[str, object]:
        return without_names(super().keras_config(), "layers")

    def named_within(self) -> Mapping[str, tuple[Named, ...]]:
        return {"layers": self._named}


def _refuse_branches(layers: list[object] | tuple[object, ...]) -> None:
    """Refuses layers of a functional model that do not read just the layer before them."""
    before = ""
    for layer in layers:
        if not isinstance(layer, Mapping):
            continue
        read = re.findall(r'\["([^"]*)", \d+, \d+[,\]]', json.dumps(layer.get("inbound_nodes")))  # of any Keras
        if read != ([before] if before else []):
            raise InvalidOptions("layers: a model inside a wrapper must be a chain of layers", "layers")
        before = str(layer.get("name"))
