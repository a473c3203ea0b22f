"""Where data comes in, and layers that connect everything with everything.

A dense layer multiplies every input with a weight for every unit: (inputs + bias) × units parameters. Leading axes
share them and enter into the multiply-accumulates only. A bilinear layer has weights for every pair of values of two
inputs.
Sources: `keras.layers.Dense`, `torch.nn.Linear`, `torch.nn.Bilinear`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec

from paramdesk.engine.crossing import Crossing
from paramdesk.engine.declared import declared_spec, refuse_undeclared
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import named, product
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.activation import ActivationName, activation_warnings
from paramdesk.engine.layer_kind import BATCH, KERNEL_AND_BIAS, Fields, LayerKind, Tensors
from paramdesk.engine.option import AFew, Natural, Option, Positive
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import UNKNOWN, Dim, Framework, Layout, TensorSpec, internal, is_known, text
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

    elsewhere = "nothing: a module learns what it reads when it is called"
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

    def crossed(self, crossing: Crossing) -> LayerKind:
        order = crossing.made
        shape = self.shape if self.batchless else tuple([self.shape[axis - 1] for axis in order[1:]])
        return self if shape == self.shape else msgspec.structs.replace(self, shape=shape)

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

    def digest(self, rank: int | None = None, layout: Layout = "channels_last") -> str:
        """The shape in words: `28 × 28, 1 channel`."""
        if not self.shape:
            return "one value"
        sizes = ["?" if n is None else f"{n:,}" for n in self.shape]
        if len(sizes) == 1:
            return f"{sizes[0]} value{'s' * (sizes[0] != '1')}"
        if layout == "channels_first" and len(sizes) > 2:  # an image; a sequence may have them in either place
            sizes = [*sizes[1:], sizes[0]]
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
    declared: Annotated[
        Natural | None, Option("Made for", words="inputs", advanced=True, only="pytorch", unsaid="dropped")
    ] = None

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


class Bilinear(LayerKind, frozen=True, kw_only=True):
    """Multiplies every value of one input with every value of another, with a weight for each pair and unit.

    Attributes:
        units: how many outputs.
        use_bias: whether each has a bias.
        declared: how many values the two inputs must have, where that is written down.
    """

    elsewhere = "nothing"
    category = "dense"
    spellings = {
        "pytorch": (
            Module(
                "Bilinear",
                {"in1_features": Argument("first"), "in2_features": Argument("second"), **PRODUCT},
            ),
        )
    }
    search = ("bilinear form", "pairs", "outer product", "interaction")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Bilinear.html"

    units: Annotated[Natural, Option("Units", digest="{} units", preset=64)]
    use_bias: Annotated[bool, Option("Use bias", digest="no bias")] = True
    declared: Annotated[tuple[Natural, Natural] | None, Option("Made for", advanced=True)] = None

    @classmethod
    def inputs_needed(cls, framework: Framework) -> int:
        return 2

    def outputs(self, inputs: Tensors) -> Tensors:
        if len(inputs) != 2:
            raise Refusal(f"Bilinear takes two inputs, got {len(inputs)}")
        first, second = (spec.shape for spec in inputs)
        if not first or len(first) != len(second):
            raise Refusal(f"{text(first)} and {text(second)} do not fit together: they need as many axes, at least 1")
        for axis, (one, other) in enumerate(zip(first[:-1], second[:-1], strict=True)):
            if is_known(one) and is_known(other) and one != other:
                reason = (
                    f"{text(first)} and {text(second)} do not fit together: along axis {axis}, {one} is not {other}"
                )
                raise Refusal(reason)
        if self.declared is not None:
            pairs = tuple(zip(self.declared, inputs, strict=True))
            sizes = tuple([spec.shape[-1] if is_known(spec.shape[-1]) else made for made, spec in pairs])
            for (made, spec), size in zip(pairs, sizes, strict=True):
                refuse_undeclared(made, size, "values", spec, mended=sizes)
        if second[-1] == 0:
            raise Refusal(f"the second input {text(second)} has no values", "declared")
        leading = tuple(one if is_known(one) else other for one, other in zip(first[:-1], second[:-1], strict=True))
        return (inputs[0].reshaped((*leading, self.units)).floating(),)

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        weight = Weight("weight", (self.units, *self._sizes(inputs)))
        return (weight, Weight("bias", (self.units,))) if self.use_bias else (weight,)

    def declared_inputs(self) -> Tensors:
        return tuple(spec for size in self.declared or () for spec in declared_spec(size))

    def samples_on(self, inputs: Tensors) -> Dim:
        return super().samples_on(inputs) if len(inputs[0].shape) > 1 else 1

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        return product((*outputs[0].shape[1:-1], self.units, *self._sizes(inputs)))

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        between = [f"axis {axis}" for axis in range(1, len(x.shape) - 1)] if len(x.shape) != 3 else ["positions"]
        return (*(BATCH, *between)[: len(x.shape) - 1], *("values",) * bool(x.shape))

    def _sizes(self, inputs: Tensors) -> tuple[Dim, Dim]:
        """How many values the two inputs have."""
        first, second = self.declared or (inputs[0].shape[-1], inputs[1].shape[-1])
        return named("first inputs", first), named("second inputs", second)

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        taken = dict(options)
        first, second = taken.pop("first"), taken.pop("second")
        if type(first) is int and first < 1:
            raise InvalidOptions(f"in1_features = {first}: expected at least 1", "declared")
        return {**taken, "declared": (first, second)}


class Identity(LayerKind, frozen=True, kw_only=True):
    """Passes on what it gets: a place in a network that is left empty."""

    category = "io"
    spellings = {"keras": ("Identity",), "pytorch": (Module("Identity", takes_anything=True),)}
    search = ("pass through", "no-op", "nothing", "placeholder")
    source = "https://keras.io/api/layers/core_layers/identity/"

    def outputs(self, inputs: Tensors) -> Tensors:
        if len(inputs) != 1 and inputs[0].framework == "pytorch":
            raise Refusal(f"Identity takes one input, got {len(inputs)}")
        return inputs

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        return None

    def field_on(self, inputs: Tensors, fields: Fields) -> ReceptiveField | None:
        return fields[0]


class LayerScale(SingleInputKind, frozen=True, kw_only=True):
    """Multiplies every channel by a factor that is learnt and starts small: it lets a residual branch grow slowly.

    Attributes:
        init_values: what the factors are at the beginning.
        projection_dim: how many channels.
    """

    elsewhere = "a `Parameter` that is multiplied with"
    category = "norm"
    keras_module = "keras.src.applications.convnext"
    spellings = {"keras": ("LayerScale",)}
    search = ("scale", "gain", "gamma", "convnext")
    source = "https://arxiv.org/abs/2103.17239"

    init_values: Annotated[float, Option("Start value", preset=1e-6)]
    projection_dim: Annotated[Positive, Option("Channels", words="channels", digest="{} channels", preset=32)]

    def output(self, x: TensorSpec) -> TensorSpec:
        if not x.shape:
            return x.reshaped((self.projection_dim,))
        last = x.shape[-1]
        if is_known(last) and last != 1 and self.projection_dim not in (1, last):
            repair = ({"projection_dim": last},)
            raise Refusal(
                f"it has {self.projection_dim} factors, but the input {text(x.shape)} has {last} channels",
                "projection_dim",
                repair,
            )
        return x.reshaped((*x.shape[:-1], self.projection_dim if is_known(last) and last == 1 else last))

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return field

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        return (Weight("gamma", (self.projection_dim,)),)
