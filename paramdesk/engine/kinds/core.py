"""Where data comes in, and fully connected layers."""

from __future__ import annotations

from typing import Annotated, ClassVar

from paramdesk.engine.formula import named, product
from paramdesk.engine.kinds.activation import ActivationName
from paramdesk.engine.layer_kind import (
    KERNEL_AND_BIAS,
    LayerKind,
    Natural,
    Option,
    Positive,
    SingleInputKind,
    Tensors,
    Weight,
)
from paramdesk.engine.errors import Refusal
from paramdesk.engine.shape import UNKNOWN, Dim, ReceptiveField, TensorSpec, internal, is_known, text


class Input(LayerKind, frozen=True, kw_only=True):
    """Where data comes in. The shape leaves the batch out; None stands for a size that varies."""

    category = "io"
    spellings = {"keras": ("InputLayer", "Input")}
    search = ("input", "placeholder", "data")
    inert = frozenset({"sparse", "ragged", "optional", "input_tensor"})
    is_input = True
    source = "https://keras.io/api/layers/core_layers/input/"

    shape: Annotated[tuple[Natural | None, ...], Option("Shape", preset=(28, 28, 1))]
    batch_size: Annotated[Positive | None, Option("Batch size", digest="batch of {}", advanced=True)] = None
    dtype: Annotated[str, Option("Type", digest="{}", advanced=True)] = "float32"

    def outputs(self, inputs: Tensors) -> Tensors:
        """The batch and the shape; `inputs` holds one empty tensor, which carries the architecture's conventions."""
        frame = inputs[0]
        batch: Dim = UNKNOWN if self.batch_size is None else self.batch_size
        axes = len(self.shape) - 1
        field = ReceptiveField((1,) * axes, (1,) * axes, (0.5,) * axes) if axes > 0 else None
        return (TensorSpec((batch, *internal(self.shape)), self.dtype, frame.layout, frame.framework, field),)

    def digest(self) -> str:
        """The shape in words: `28 × 28, 1 channel`."""
        if not self.shape:
            return "one value"
        sizes = ["?" if n is None else f"{n:,}" for n in self.shape]
        if len(sizes) == 1:
            return f"{sizes[0]} value{'s' * (sizes[0] != '1')}"
        return f"{' × '.join(sizes[:-1])}, {sizes[-1]} channel{'s' * (sizes[-1] != '1')}"


class Dense(SingleInputKind, frozen=True, kw_only=True):
    """Connects every input value with every unit. Leading axes (a sequence's steps) share the weights."""

    category = "dense"
    spellings = {"keras": ("Dense",), "pytorch": ("Linear", "LazyLinear")}
    search = ("fully connected", "linear", "fc", "mlp", "perceptron")
    inert = KERNEL_AND_BIAS | {"lora_alpha", "quantization_config"}
    source = "https://keras.io/api/layers/core_layers/dense/"

    units: Annotated[Positive, Option("Units", digest="{} units", preset=64)]
    activation: Annotated[ActivationName, Option("Activation", digest="{}", section="After the product")] = "linear"
    use_bias: Annotated[bool, Option("Use bias", digest="no bias", section="After the product")] = True
    lora_rank: Annotated[Positive | None, Option("LoRA rank", digest="LoRA {}", advanced=True)] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        if len(x.shape) < 2:
            raise Refusal(f"Dense needs at least 2 axes (batch and inputs), but the input {text(x.shape)} has 1")
        return x.reshaped((*x.shape[:-1], self.units))

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        inputs, frozen = named("inputs", x.shape[-1]), self.lora_rank is not None
        found = [Weight("kernel", (inputs, self.units), trainable=not frozen)]
        if self.use_bias:
            found.append(Weight("bias", (self.units,)))
        if self.lora_rank is not None:
            found.append(Weight("lora_kernel_a", (inputs, self.lora_rank)))
            found.append(Weight("lora_kernel_b", (self.lora_rank, self.units)))
        return tuple(found)

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        return product((*x.shape[1:-1], named("inputs", x.shape[-1]), self.units))
