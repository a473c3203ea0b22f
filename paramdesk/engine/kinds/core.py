"""Where data comes in, and fully connected layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

from paramdesk.engine.declared import declared_spec, refuse_undeclared
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import named, product
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.activation import ActivationName, activation_warnings
from paramdesk.engine.layer_kind import KERNEL_AND_BIAS, Fields, LayerKind, Tensors
from paramdesk.engine.option import AFew, Natural, Option
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import UNKNOWN, Dim, TensorSpec, internal, text
from paramdesk.engine.single_input import SingleInputKind
from paramdesk.engine.spelling import UNCOUNTED, Argument, Module
from paramdesk.engine.weight import Weight

DataType: TypeAlias = Literal[
    "float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
    "uint64", "bool", "string", "float8_e4m3fn", "float8_e5m2", "complex64", "complex128",
]  # fmt: skip


PRODUCT = {"out_features": Argument("units"), "bias": Argument("use_bias", True), **UNCOUNTED}


class Input(LayerKind, frozen=True, kw_only=True):
    """Where data comes in. The shape leaves the batch out; None stands for a size that varies."""

    category = "io"
    spellings = {"keras": ("InputLayer", "Input")}
    search = ("input", "placeholder", "data")
    inert = frozenset({"sparse", "ragged", "optional", "input_tensor"})
    common = frozenset({"trainable"})
    is_input = True
    source = "https://keras.io/api/layers/core_layers/input/"

    shape: Annotated[tuple[Natural | None, ...], AFew, Option("Shape", preset=(28, 28, 1))]
    batch_size: Annotated[Natural | None, Option("Batch size", digest="batch of {}", advanced=True)] = None
    dtype: Annotated[DataType, Option("Type", digest="{}", advanced=True)] = "float32"
    batchless: Annotated[bool, Option("No batch axis", digest="no batch", advanced=True)] = False

    def outputs(self, inputs: Tensors) -> Tensors:
        """The batch and the shape; `inputs` holds one empty tensor, which carries the architecture's conventions."""
        frame = inputs[0]
        if self.batchless:
            if self.shape or self.batch_size is not None:
                reason = "without a batch axis there is but one value: neither shape nor batch size can be stated"
                raise Refusal(reason, "batchless", ({"batchless": False},))
            return (TensorSpec((), self.dtype, frame.layout, frame.framework),)
        batch: Dim = UNKNOWN if self.batch_size is None else self.batch_size
        return (TensorSpec((batch, *internal(self.shape)), self.dtype, frame.layout, frame.framework),)

    def field_on(self, inputs: Tensors, fields: Fields) -> ReceptiveField | None:
        axes = len(self.shape) - 1
        return ReceptiveField((1,) * axes, (1,) * axes, (0.5,) * axes) if axes > 0 else None

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        given = {name: value for name, value in config.items() if value is not None}
        for old, new in (("input_shape", "shape"), ("batch_input_shape", "batch_shape")):
            if old in given:
                given[new] = given.pop(old)
        whole = given.pop("batch_shape", None)
        if whole is not None:
            for other in ("shape", "batch_size"):
                if other in given:
                    raise InvalidOptions(f"Input takes {other} or batch_shape, not both", other)
            if not isinstance(whole, tuple | list):
                reason = "expected a list of sizes, the batch first"
                raise InvalidOptions(f"batch_shape = {shortened(whole)}: {reason}", "shape")
            given |= {"batch_size": whole[0], "shape": tuple(whole[1:])} if whole else {"batchless": True, "shape": ()}
        dtype = given.get("dtype")
        if isinstance(dtype, Mapping) and isinstance(policy := dtype.get("config"), Mapping):
            given["dtype"] = policy.get("name")
        return given

    def keras_config(self) -> dict[str, object]:
        return {"batch_shape": () if self.batchless else (self.batch_size, *self.shape), "dtype": self.dtype}

    def digest(self, rank: int | None = None) -> str:
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
    spellings = {
        "keras": ("Dense",),
        "pytorch": (
            Module("Linear", {"in_features": Argument("declared"), **PRODUCT}),
            Module("LazyLinear", PRODUCT),
            Module("NonDynamicallyQuantizableLinear", {"in_features": Argument("declared"), **PRODUCT}),
        ),
    }
    search = ("fully connected", "linear", "fc", "mlp", "perceptron")
    inert = KERNEL_AND_BIAS | {"lora_alpha", "quantization_config"}
    source = "https://keras.io/api/layers/core_layers/dense/"

    units: Annotated[Natural, Option("Units", digest="{} units", preset=64)]
    activation: Annotated[ActivationName, Option("Activation", digest="{}", section="After the product")] = "linear"
    use_bias: Annotated[bool, Option("Use bias", digest="no bias", section="After the product")] = True
    lora_rank: Annotated[Natural | None, Option("LoRA rank", digest="LoRA {}", advanced=True, only="keras")] = None
    declared: Annotated[Natural | None, Option("Made for", words="inputs", advanced=True, only="pytorch")] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        is_keras = x.framework == "keras"
        if is_keras and self.units < 1:
            raise Refusal("units = 0: Keras needs at least 1", "units", ({"units": 1},))
        if len(x.shape) < 1 + is_keras:
            axes = "2 axes (batch and inputs)" if is_keras else "1 axis (inputs)"
            raise Refusal(f"Dense needs at least {axes}, but the input {text(x.shape)} has {len(x.shape)}")
        if self.declared is not None:
            refuse_undeclared(self.declared, x.shape[-1], "inputs", x)
        return x.reshaped((*x.shape[:-1], self.units))

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        # Along the other axes it works place by place, if what it mixes is the channels.
        return field if x.layout == "channels_last" and len(x.shape) > 2 else None

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        inputs = named("inputs", x.shape[-1] if self.declared is None else self.declared)
        kernel = Weight("kernel", (inputs, self.units), not self.lora_rank)
        found = (kernel, Weight("bias", (self.units,))) if self.use_bias else (kernel,)
        if not self.lora_rank:
            return found
        return (
            *found,
            Weight("lora_kernel_a", (inputs, self.lora_rank)),
            Weight("lora_kernel_b", (self.lora_rank, self.units)),
        )

    def declared_inputs(self) -> Tensors:
        return declared_spec(self.declared)

    def samples_on(self, inputs: Tensors) -> Dim:
        return super().samples_on(inputs) if len(inputs[0].shape) > 1 else 1

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return super().axis_names(x) if len(x.shape) != 1 else ("values",)

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        return activation_warnings(self.activation, y)

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        return product((*x.shape[1:-1], named("inputs", x.shape[-1]), self.units))
