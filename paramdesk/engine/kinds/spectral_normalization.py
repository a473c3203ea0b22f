"""Spectral normalization: a wrapper that divides a layer's kernel by its largest stretch, to keep training calm.

It owns what the layer owns and one vector more, as long as the last size of the kernel or table: an estimate of the
direction that the kernel stretches most. No training changes it, so it counts as non-trainable. Shapes and
multiply-accumulates are the layer's own. PyTorch does the same with `torch.nn.utils.parametrizations.spectral_norm`,
which is no module. Source: `keras.layers.SpectralNormalization`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec

from paramdesk.engine.errors import Refusal
from paramdesk.engine.inner_layers import Named, brought, path_of, with_names, without_names
from paramdesk.engine.kinds.core import Dense
from paramdesk.engine.layer_kind import Fields, InnerKind, LayerKind, Tensors
from paramdesk.engine.option import Option, Positive
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import Dim, Framework, Layout, TensorSpec
from paramdesk.engine.weight import Weight


class SpectralNormalization(LayerKind, frozen=True, kw_only=True):
    """Keeps the kernel of another layer from stretching what it is multiplied with by more than 1.

    Attributes:
        layer: the other layer; it needs a kernel or a table.
        power_iterations: how often the estimate is refined at each step of training.
        layer_name: what the layer is called; empty: as Keras calls it.
        layer_trainable: whether it is trained.
    """

    elsewhere = "`torch.nn.utils.parametrizations.spectral_norm`"
    category = "norm"
    spellings = {"keras": ("SpectralNormalization",)}
    search = ("spectral norm", "gan", "lipschitz", "wrapper")
    source = "https://keras.io/api/layers/normalization_layers/spectral_normalization/"

    layer: Annotated[InnerKind, Option("Layer", preset=Dense(units=64))]
    power_iterations: Annotated[Positive, Option("Power iterations", advanced=True)] = 1
    layer_name: Annotated[str, Option("Its name", advanced=True, only="keras", unsaid="kept")] = ""
    layer_trainable: Annotated[bool, Option("Is trained", digest="frozen", advanced=True)] = True

    def digest(self, rank: int | None = None, layout: Layout = "channels_last") -> str:
        inner = self.layer.digest(rank, layout)
        return f"{self.layer.title()}, {inner}" if inner else self.layer.title()

    def outputs(self, inputs: Tensors) -> Tensors:
        if len(inputs) != 1:
            raise Refusal(f"SpectralNormalization takes one input, got {len(inputs)}")
        outputs = self.layer.outputs_within(inputs)
        self._normalized(self.layer.weights_on(inputs))
        return outputs

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        weights = self.layer.weights_on(inputs)
        kernel = self._normalized(weights)
        vector = Weight("vector_u", (1, kernel.shape[-1]), trainable=False, statistic=True)
        own = brought(path_of(self.layer, self.layer_name), self.layer, weights, is_trained=self.layer_trainable)
        # Keras lists the kernel with the wrapper's own weights, unless LoRA makes it a sum of several.
        first = 0 if any(weight.name.startswith("lora_") for weight in weights) else 1
        return (*own[:first], vector, *own[first:])

    def counted_like(self, convention: Framework) -> LayerKind:
        return msgspec.structs.replace(self, layer=self.layer.counted_like(convention))

    def declared_inputs(self) -> Tensors:
        return self.layer.declared_inputs()

    def samples_on(self, inputs: Tensors) -> Dim:
        return self.layer.samples_on(inputs)

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        return self.layer.macs_on(inputs, outputs)

    def field_on(self, inputs: Tensors, fields: Fields) -> ReceptiveField | None:
        return self.layer.field_on(inputs, fields)

    def warnings_on(self, inputs: Tensors, outputs: Tensors) -> Iterable[str]:
        return self.layer.warnings_on(inputs, outputs)

    def remarks_on(self, inputs: Tensors) -> Iterable[str]:
        return self.layer.remarks_on(inputs)

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return self.layer.axis_names(x)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return with_names(config, "layer")

    def keras_config(self) -> dict[str, object]:
        return without_names(super().keras_config(), "layer")

    def named_within(self) -> Mapping[str, tuple[Named, ...]]:
        return {"layer": ((self.layer_name, self.layer_trainable),)}

    def _normalized(self, weights: tuple[Weight, ...]) -> Weight:
        """The weight that is normalized.

        Raises:
            Refusal: the layer has no kernel and no table.
        """
        for weight in weights:
            if weight.name in ("kernel", "embeddings"):
                return weight
        raise Refusal(f"{self.layer.title()} has neither a kernel nor a table to normalize", "layer")
