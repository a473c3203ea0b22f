"""Plain convolutions along one, two or three axes, and what all convolutions share.

Parameters of a convolution: (kernel height × kernel width × input channels / groups + bias) × filters. The stride does
not enter: it changes the output size and the MACs. Rules as in Keras (`keras.layers.Conv2D` and its relatives) and in
PyTorch (`torch.nn.Conv2d`); zeros in the padding count as work, as everywhere in the literature.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec

from paramdesk.engine.crossing import Crossing
from paramdesk.engine.declared import declared_spec, refuse_undeclared
from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import divides, named, product, share
from paramdesk.engine.kinds.activation import ActivationName, activation_warnings
from paramdesk.engine.layer_kind import KERNEL_AND_BIAS, LayerKind, Tensors, lowered
from paramdesk.engine.option import Natural, Option, Positive
from paramdesk.engine.receptive_field import ReceptiveField, seen_through
from paramdesk.engine.same_padding import as_numbers, missing
from paramdesk.engine.shape import (
    UNKNOWN,
    Dim,
    Framework,
    Shape,
    TensorSpec,
    extent,
    padded_before,
    same_size,
    sides,
    text,
    times,
    valid_size,
)
from paramdesk.engine.single_input import SpatialKind
from paramdesk.engine.spelling import UNCOUNTED, Argument, Module
from paramdesk.engine.weight import Weight

Single: TypeAlias = tuple[Positive]
Pair: TypeAlias = tuple[Positive, Positive]
Triple: TypeAlias = tuple[Positive, Positive, Positive]
Size: TypeAlias = tuple[Positive, ...]
Side: TypeAlias = tuple[Natural, Natural]
"""How much before the first position and how much behind the last one."""
Sides1: TypeAlias = tuple[Side]
Sides2: TypeAlias = tuple[Side, Side]
Sides3: TypeAlias = tuple[Side, Side, Side]
Padding: TypeAlias = Literal["valid", "same", "causal"] | tuple[Side, ...]

AFTER = "After the convolution"
PADDING = Option("Padding", words="padding", digest="{}", numbers_in="pytorch")


class ConvolutionalKind(SpatialKind, frozen=True, kw_only=True):
    """What all convolutions share: a window of `kernel_size` that moves by `strides`.

    Attributes:
        kernel_size: of the window, per axis.
        strides: how far it moves, per axis.
        padding: "valid": only where it fits; "same": zeros around, so that stride 1 keeps the size; in PyTorch also by
            numbers, what is put before and behind each axis.
        dilation_rate: distance between the window's places, per axis.
        activation: applied to every output value.
        use_bias: whether every output channel has a bias.
    """

    category = "conv"
    inert = KERNEL_AND_BIAS
    whole_floats = frozenset({"strides", "dilation_rate"})

    kernel_size: Annotated[Size, Option("Kernel size", words="kernel {axis}", digest="{}", preset=3)]
    strides: Annotated[Size, Option("Strides", words="stride", digest="stride {}")]
    padding: Annotated[Padding, PADDING] = "valid"
    dilation_rate: Annotated[Size, Option("Dilation", words="dilation", digest="dilation {}")]
    activation: Annotated[ActivationName, Option("Activation", digest="{}", section=AFTER)] = "linear"
    use_bias: Annotated[bool, Option("Use bias", digest="no bias", section=AFTER)] = True

    def channels(self, x: TensorSpec) -> Dim:
        """The input's channels, under the name that formulas have for them."""
        return named("input channels", self.split(x)[2])

    @property
    def spans(self) -> tuple[int, ...]:
        """Positions that the window spans along each axis, dilation included."""
        return tuple([extent(k, d) for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)])

    @property
    def added(self) -> tuple[Side, ...]:
        """What is put before and behind each axis, where that is said by numbers; nothing where it is not."""
        return ((0, 0),) * self.rank if isinstance(self.padding, str) else self.padding

    def places(self, space: Shape) -> Shape:
        """How many places the window has along each axis.

        Raises:
            Refusal: it is larger than the input.
        """
        if self.padding in ("same", "causal"):
            return space if max(self.strides) == 1 else tuple(map(same_size, space, self.strides))
        if self.padding != "valid":
            space = tuple([
                n + before + behind if before or behind else n
                for n, (before, behind) in zip(space, self.added, strict=True)
            ])  # fmt: skip
        windows = zip(space, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        places = tuple([valid_size(n, k, s, d) for n, k, s, d in windows])
        for place in places:
            if place < 1:
                raise self._too_large(space)
        return places

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        spans = self.kernel_size if max(self.dilation_rate) == 1 else self.spans
        if self.padding == "same":
            before: Shape = tuple(map(padded_before, self.split(x)[1], spans, self.strides))
        else:
            before = tuple([before for before, _behind in self.added])
        return seen_through(field, spans, self.strides, before)

    def crossed(self, crossing: Crossing) -> LayerKind:
        """With the padding as the other framework says it: a word in Keras, numbers in PyTorch."""
        kind = super().crossed(crossing)
        if not crossing.inputs or crossing.source == crossing.framework:
            return kind
        try:
            _batch, space, _channels = self.split(crossing.inputs[0])
        except Refusal:
            return kind
        padding = self.padding_in(crossing.framework, space)
        return kind if padding == self.padding else kind.changed(padding=padding)

    def padding_in(self, framework: Framework, space: Shape) -> Padding:
        """The padding as a framework says it; as it is, where that has no way to."""
        same = as_numbers(missing(space, self.spans, self.strides))
        if framework == "pytorch":
            return same if self.padding == "same" and same is not None else self.padding
        if isinstance(self.padding, str):
            return self.padding
        return "same" if self.padding == same else self.padding if any(map(any, self.padding)) else "valid"

    def refuse_strided_dilation(self, x: TensorSpec) -> None:
        """Refuses strides together with dilation, on whichever axes they are, as Keras does."""
        if x.framework == "keras" and max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise Refusal(
                f"strides {times(self.strides)} and dilation {times(self.dilation_rate)} cannot be combined: "
                "one of them must be 1",
                "dilation_rate",
                ({"dilation_rate": 1}, {"strides": 1}),
            )

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        return activation_warnings(self.activation, y) if self.activation in ("glu", "threshold") else ()

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return lowered(super().keras_options(config), "padding")

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        channels = self.split(x)[2]
        factor = f" {int(channels):,}" if isinstance(channels, int) else ""
        yield f"The factor{factor} is the number of input channels, not the stride."
        if max(self.strides) > 1:
            yield (
                f"The stride {times(self.strides)} does not change the parameters: "
                "it changes the output size and with it the MACs."
            )

    def _too_large(self, space: Shape) -> Refusal:
        dilated = f", dilated to {times(self.spans)}," if max(self.dilation_rate) > 1 else ""
        padded = "padded " if any(map(any, self.added)) else ""
        pairs = zip(self.kernel_size, space, strict=True)
        fitting = tuple(min(k, int(n)) if isinstance(n, int) else k for k, n in pairs)
        return Refusal(
            f"kernel {times(self.kernel_size)}{dilated} is larger than the {padded}{times(space)} input: "
            "use padding='same' or a smaller kernel",
            "kernel_size",
            ({"padding": "same"}, {"kernel_size": fitting}, {"dilation_rate": 1}),
        )


class FilteringKind(ConvolutionalKind, frozen=True, kw_only=True):
    """What convolutions share that mix the channels: plain and transposed ones, in both frameworks.

    Attributes:
        filters: how many output channels.
        groups: into how many groups input channels and filters are split.
        declared: how many input channels it was made for, where PyTorch writes that down.
    """

    filters: Annotated[Positive, Option("Filters", digest="{} filters", preset=32, leads=True)]
    groups: Annotated[Positive, Option("Groups", digest="{} groups")] = 1
    declared: Annotated[
        Natural | None, Option("Made for", words="input channels", advanced=True, only="pytorch", unsaid="dropped")
    ] = None

    def channels(self, x: TensorSpec) -> Dim:
        return super().channels(x) if self.declared is None else named("input channels", self.declared)

    def declared_inputs(self) -> Tensors:
        return declared_spec(self.declared, (UNKNOWN,) * self.rank)

    def refuse_channels(self, x: TensorSpec) -> None:
        """Refuses input channels that it was not made for or that cannot be grouped."""
        channels = self.split(x)[2]
        if self.declared is not None:
            refuse_undeclared(self.declared, channels, "input channels", x)
        if self.groups != 1:
            for what, count in (("filters", self.filters), ("input channels", channels)):
                if not divides(self.groups, count):
                    raise Refusal(
                        f"{int(count)} {what} cannot be split into {self.groups} equal groups",  # type: ignore[arg-type]  # known
                        "groups",
                        ({"groups": 1},),
                    )

    def refuse_no_positions(self, x: TensorSpec) -> None:
        """Refuses an input that has samples and channels but no positions, as PyTorch does even if it is padded."""
        batch, space, channels = self.split(x)
        if x.framework == "pytorch" and 0 in space and 0 not in (*batch, channels):
            raise Refusal(f"the input {text(x.shape)} has no values: PyTorch needs sizes of 1 or more")

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        taken = super().torch_options(module, options)
        one_for_all = ["strides", "dilation_rate", "output_padding"]
        if taken.get("padding_mode", "zeros") == "zeros":
            one_for_all.append("padding")
        for name in one_for_all:
            value = taken.get(name)
            if isinstance(value, list | tuple) and len(value) == 1:
                taken[name] = value[0]
        if taken.get("padding") in (0, [0] * cls.rank, (0,) * cls.rank):
            taken["padding"] = "valid"
        return taken

    @classmethod
    def standardized(cls, options: Mapping[str, object]) -> dict[str, object]:
        standard = super().standardized(options)
        if "padding" in standard:
            standard["padding"] = sides(standard["padding"], cls.rank)
        return standard


# Plain ----------------------------------------------------------------------------------------------------------------

MADE_FOR = {"in_channels": Argument("declared")}
SLIDING = {
    "out_channels": Argument("filters"),
    "kernel_size": Argument("kernel_size"),
    "stride": Argument("strides", 1),
    "padding": Argument("padding", 0),
    "dilation": Argument("dilation_rate", 1),
    "groups": Argument("groups", 1),
    "bias": Argument("use_bias", True),
    "padding_mode": Argument("padding_mode", "zeros"),
    **UNCOUNTED,
}


class Convolution(FilteringKind, frozen=True, kw_only=True):
    """Slides `filters` windows over the input; each filter sees every input channel of its group.

    Attributes:
        padding_mode: what stands in the padding; anything but zeros is taken from the input.
        lora_rank: freezes the kernel and trains two small ones of this rank beside it.
    """

    inert = KERNEL_AND_BIAS | {"lora_alpha"}

    padding_mode: Annotated[
        Literal["zeros", "reflect", "replicate", "circular"],
        Option("Padding with", digest="{}", advanced=True, only="pytorch"),
    ] = "zeros"
    lora_rank: Annotated[Natural | None, Option("LoRA rank", digest="LoRA {}", advanced=True, only="keras")] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        self.refuse_strided_dilation(x)
        _batch, space, channels = self.split(x)
        self.refuse_channels(x)
        self.refuse_no_positions(x)
        self._refuse_padding(x, space)
        filters = 0 if x.framework == "pytorch" and channels == 0 else self.filters  # of nothing PyTorch makes nothing
        return x.reshaped(self.joined(x, self.places(space), filters))

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        channels = self.channels(x)
        window = (*self.kernel_size, share(channels, self.groups))
        kernel = Weight("kernel", (*window, self.filters), not self.lora_rank)
        found = (kernel, Weight("bias", (self.filters,))) if self.use_bias else (kernel,)
        if not self.lora_rank:
            return found
        return (
            *found,
            Weight("lora_kernel_a", (*window, self.lora_rank)),
            Weight("lora_kernel_b", (self.lora_rank, self.filters)),
        )

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        channels = self.channels(x)
        return product((*self.split(y)[1], *self.kernel_size, share(channels, self.groups), self.filters))

    def padding_apart(self, framework: Framework, space: Shape) -> tuple[Side, ...] | None:
        """The padding that a framework has in a layer of its own before this one; None where it needs none, or cannot.

        Args:
            framework: that of the network it comes to.
            space: the sizes of the input along the axes of space.
        """
        if framework == "keras":
            is_plain = isinstance(self.padding, str) or self.padding_mode != "zeros"
            return None if is_plain or not any(map(any, self.added)) else self.added
        if self.padding == "causal":
            return tuple([(span - 1, 0) for span in self.spans])
        added = missing(space, self.spans, self.strides)
        if self.padding != "same" or max(self.strides) == 1 or added is None:
            return None
        return tuple([(more // 2, more - more // 2) for more in added])

    def merged_padding(self, added: tuple[Side, ...], framework: Framework, space: Shape) -> Padding | None:
        """The padding of this layer once it has also what is padded before it; None where a framework cannot say it.

        Args:
            added: what is padded before it.
            framework: that of the network it comes to.
            space: the sizes before that padding, along the axes of space.
        """
        if self.padding != "valid":
            return None
        if framework == "pytorch":
            return added if all(before == behind for before, behind in added) else None
        for word in ("same", "causal") if self.rank == 1 else ("same",):
            said = msgspec.structs.replace(self, padding=word)
            if said.padding_apart("pytorch", space) == added:
                return said.padding
        return None

    def _refuse_padding(self, x: TensorSpec, space: Shape) -> None:
        """Refuses what one of the frameworks does not take as padding."""
        if x.framework == "keras":
            if not isinstance(self.padding, str):
                reason = f"padding {_numbers(self.padding)}: Keras takes no numbers here, put a ZeroPadding before it"
                raise Refusal(reason, "padding", ({"padding": "same"}, {"padding": "valid"}))
            return
        if self.padding == "causal":
            raise Refusal("padding='causal': PyTorch has no such padding", "padding", ({"padding": "valid"},))
        if self.padding == "same" and max(self.strides) > 1:
            reason = f"padding='same' with strides {times(self.strides)}: PyTorch takes only strides of 1 with it"
            halves = tuple([(span // 2, span // 2) for span in self.spans])
            raise Refusal(reason, "padding", ({"padding": halves}, {"strides": 1}, {"padding": "valid"}))
        if self.padding_mode in ("reflect", "circular"):
            self._refuse_wide_padding(space)

    def _refuse_wide_padding(self, space: Shape) -> None:
        """Refuses more padding than there are values to take it from."""
        added = self.added
        if self.padding == "same":
            added = tuple(((span - 1) // 2, span // 2) for span in self.spans)
        spare = 1 if self.padding_mode == "reflect" else 0
        for n, side in zip(space, added, strict=True):
            if max(side) + spare > n and max(side) > 0:
                raise Refusal(
                    f"padding {max(side)} with padding_mode='{self.padding_mode}' takes more values than the "
                    f"{times(space)} input has along an axis",
                    "padding",
                    ({"padding_mode": "zeros"}, {"padding": 0}),
                )


def _numbers(padding: tuple[Side, ...]) -> str:
    return ", ".join(f"{before}+{behind}" for before, behind in padding)


class Conv1D(Convolution, frozen=True, kw_only=True):
    """Slides windows along one axis: steps in time, letters in a text. "causal" padding looks back only."""

    rank = 1
    spellings = {
        "keras": ("Conv1D", "Convolution1D"),
        "pytorch": (Module("Conv1d", MADE_FOR | SLIDING), Module("LazyConv1d", SLIDING)),
    }
    search = ("convolution", "filter", "kernel", "temporal", "causal", "dilated", "atrous", "grouped", "wavenet")
    source = "https://keras.io/api/layers/convolution_layers/convolution1d/"

    kernel_size: Single
    strides: Single = (1,)
    padding: Annotated[Literal["valid", "same", "causal"] | Sides1, PADDING] = "valid"
    dilation_rate: Single = (1,)

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        if self.padding == "causal":
            return seen_through(field, self.spans, self.strides, (self.spans[0] - 1,))
        return super().seen(x, field)


class Conv2D(Convolution, frozen=True, kw_only=True):
    """Slides windows over height and width; each filter sees every input channel of its group."""

    rank = 2
    spellings = {
        "keras": ("Conv2D", "Convolution2D"),
        "pytorch": (Module("Conv2d", MADE_FOR | SLIDING), Module("LazyConv2d", SLIDING)),
    }
    search = ("convolution", "filter", "kernel", "cnn", "image", "dilated", "atrous", "grouped", "pointwise")
    source = "https://keras.io/api/layers/convolution_layers/convolution2d/"

    kernel_size: Pair
    strides: Pair = (1, 1)
    padding: Annotated[Literal["valid", "same"] | Sides2, PADDING] = "valid"
    dilation_rate: Pair = (1, 1)


class Conv3D(Convolution, frozen=True, kw_only=True):
    """Slides windows through depth, height and width: volumes, or frames of a film."""

    rank = 3
    spellings = {
        "keras": ("Conv3D", "Convolution3D"),
        "pytorch": (
            Module("Conv3d", MADE_FOR | SLIDING),
            Module("LazyConv3d", SLIDING),
            Module("Conv3DSimple", MADE_FOR | SLIDING),  # torchvision's
        ),
    }
    search = ("convolution", "filter", "kernel", "volume", "video", "dilated", "grouped")
    source = "https://keras.io/api/layers/convolution_layers/convolution3d/"

    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    padding: Annotated[Literal["valid", "same"] | Sides3, PADDING] = "valid"
    dilation_rate: Triple = (1, 1, 1)
