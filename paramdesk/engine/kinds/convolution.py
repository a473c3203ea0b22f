"""Convolutions: plain, transposed, depthwise and separable, along one, two or three axes.

Parameters of a convolution: (kernel height × kernel width × input channels / groups + bias) × filters. The stride does
not enter: it changes the output size and the MACs. Rules as in Keras (`keras.layers.Conv2D` and its relatives); zeros
in the padding count as work, as everywhere in the literature.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import divides, named, product, share
from paramdesk.engine.kinds.activation import ActivationName, activation_warnings
from paramdesk.engine.layer_kind import KERNEL_AND_BIAS, SpatialKind, Weight, lowered
from paramdesk.engine.option import Natural, Option, Positive
from paramdesk.engine.receptive_field import ReceptiveField, seen_through, seen_transposed
from paramdesk.engine.shape import (
    AXIS_NAMES,
    Dim,
    Shape,
    TensorSpec,
    extent,
    padded_before,
    same_size,
    times,
    transposed_same_size,
    transposed_valid_size,
    valid_size,
)

Single: TypeAlias = tuple[Positive]
Pair: TypeAlias = tuple[Positive, Positive]
Triple: TypeAlias = tuple[Positive, Positive, Positive]
Size: TypeAlias = tuple[Positive, ...]
Padding: TypeAlias = Literal["valid", "same"]

AFTER = "After the convolution"


class ConvolutionalKind(SpatialKind, frozen=True, kw_only=True):
    """What all convolutions share: a window of `kernel_size` that moves by `strides`.

    Attributes:
        kernel_size: of the window, per axis.
        strides: how far it moves, per axis.
        padding: "valid": only where it fits; "same": zeros around, so that stride 1 keeps the size.
        dilation_rate: distance between the window's places, per axis.
        activation: applied to every output value.
        use_bias: whether every output channel has a bias.
    """

    category = "conv"
    inert = KERNEL_AND_BIAS
    whole_floats = frozenset({"strides", "dilation_rate"})

    kernel_size: Annotated[Size, Option("Kernel size", words="kernel {axis}", digest="{}", preset=3)]
    strides: Annotated[Size, Option("Strides", words="stride", digest="stride {}")]
    padding: Annotated[Padding, Option("Padding", digest="{}")] = "valid"
    dilation_rate: Annotated[Size, Option("Dilation", words="dilation", digest="dilation {}")]
    activation: Annotated[ActivationName, Option("Activation", digest="{}", section=AFTER)] = "linear"
    use_bias: Annotated[bool, Option("Use bias", digest="no bias", section=AFTER)] = True

    def channels(self, x: TensorSpec) -> Dim:
        """The input's channels, under the name that formulas have for them."""
        return named("input channels", x.shape[1] if self.channels_first(x) else x.shape[-1])

    @property
    def spans(self) -> tuple[int, ...]:
        """Positions that the window spans along each axis, dilation included."""
        return tuple([extent(k, d) for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)])

    def places(self, space: Shape) -> Shape:
        """How many places the window has along each axis.

        Raises:
            Refusal: it is larger than the input.
        """
        if self.padding != "valid":
            return space if max(self.strides) == 1 else tuple(map(same_size, space, self.strides))
        windows = zip(space, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        places = tuple([valid_size(n, k, s, d) for n, k, s, d in windows])
        for place in places:
            if place < 1:
                raise self._too_large(space)
        return places

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        spans = self.kernel_size if max(self.dilation_rate) == 1 else self.spans
        if self.padding == "valid":
            before: Shape = (0,) * self.rank
        else:
            before = tuple(map(padded_before, self.split(x)[1], spans, self.strides))
        return seen_through(field, spans, self.strides, before)

    def refuse_strided_dilation(self) -> None:
        """Refuses strides together with dilation, on whichever axes they are."""
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
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
        _batch, _space, channels = self.split(x)
        factor = f" {int(channels):,}" if isinstance(channels, int) else ""
        yield f"The factor{factor} is the number of input channels, not the stride."
        if max(self.strides) > 1:
            yield (
                f"The stride {times(self.strides)} does not change the parameters: "
                "it changes the output size and with it the MACs."
            )

    def _too_large(self, space: Shape) -> Refusal:
        dilated = f", dilated to {times(self.spans)}," if max(self.dilation_rate) > 1 else ""
        sides = zip(self.kernel_size, space, strict=True)
        fitting = tuple(min(k, int(n)) if isinstance(n, int) else k for k, n in sides)
        return Refusal(
            f"kernel {times(self.kernel_size)}{dilated} is larger than the {times(space)} input: "
            "use padding='same' or a smaller kernel",
            "kernel_size",
            ({"padding": "same"}, {"kernel_size": fitting}, {"dilation_rate": 1}),
        )


# Plain ----------------------------------------------------------------------------------------------------------------


class Convolution(ConvolutionalKind, frozen=True, kw_only=True):
    """Slides `filters` windows over the input; each filter sees every input channel of its group.

    Attributes:
        filters: how many windows, each making one output channel.
        groups: into how many groups input channels and filters are split.
        lora_rank: freezes the kernel and trains two small ones of this rank beside it.
    """

    inert = KERNEL_AND_BIAS | {"lora_alpha"}

    filters: Annotated[Positive, Option("Filters", digest="{} filters", preset=32, leads=True)]
    groups: Annotated[Positive, Option("Groups", digest="{} groups")] = 1
    lora_rank: Annotated[Natural | None, Option("LoRA rank", digest="LoRA {}", advanced=True)] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        self.refuse_strided_dilation()
        _batch, space, channels = self.split(x)
        if self.groups != 1:
            self._refuse_uneven_groups(channels)
        return x.reshaped(self.joined(x, self.places(space), self.filters))

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

    def _refuse_uneven_groups(self, channels: Dim) -> None:
        for what, count in (("filters", self.filters), ("input channels", channels)):
            if not divides(self.groups, count):
                raise Refusal(
                    f"{int(count)} {what} cannot be split into {self.groups} equal groups",  # type: ignore[arg-type]  # known
                    "groups",
                    ({"groups": 1},),
                )


class Conv1D(Convolution, frozen=True, kw_only=True):
    """Slides windows along one axis: steps in time, letters in a text. "causal" padding looks back only."""

    rank = 1
    spellings = {"keras": ("Conv1D", "Convolution1D"), "pytorch": ("Conv1d", "LazyConv1d")}
    search = ("convolution", "filter", "kernel", "temporal", "causal", "dilated", "atrous", "grouped", "wavenet")
    source = "https://keras.io/api/layers/convolution_layers/convolution1d/"

    kernel_size: Single
    strides: Single = (1,)
    padding: Literal["valid", "same", "causal"] = "valid"  # type: ignore[assignment]  # one more choice than its relatives
    dilation_rate: Single = (1,)

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        if self.padding == "causal":
            return seen_through(field, self.spans, self.strides, (self.spans[0] - 1,))
        return super().seen(x, field)


class Conv2D(Convolution, frozen=True, kw_only=True):
    """Slides windows over height and width; each filter sees every input channel of its group."""

    rank = 2
    spellings = {"keras": ("Conv2D", "Convolution2D"), "pytorch": ("Conv2d", "LazyConv2d")}
    search = ("convolution", "filter", "kernel", "cnn", "image", "dilated", "atrous", "grouped", "pointwise")
    source = "https://keras.io/api/layers/convolution_layers/convolution2d/"

    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)


class Conv3D(Convolution, frozen=True, kw_only=True):
    """Slides windows through depth, height and width: volumes, or frames of a film."""

    rank = 3
    spellings = {"keras": ("Conv3D", "Convolution3D"), "pytorch": ("Conv3d", "LazyConv3d")}
    search = ("convolution", "filter", "kernel", "volume", "video", "dilated", "grouped")
    source = "https://keras.io/api/layers/convolution_layers/convolution3d/"

    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    dilation_rate: Triple = (1, 1, 1)


# Transposed -----------------------------------------------------------------------------------------------------------


class TransposedConvolution(ConvolutionalKind, frozen=True, kw_only=True):
    """Spreads every input position over a window, so that the output is larger than the input.

    Attributes:
        filters: how many output channels.
        output_padding: positions added at the end of each axis, which fixes the output size; None: the size follows
            from stride and padding alone.
    """

    search = ("deconvolution", "upconv", "up-convolution", "transposed", "decoder", "upsample")
    whole_floats = frozenset()

    filters: Annotated[Positive, Option("Filters", digest="{} filters", preset=32, leads=True)]
    strides: Annotated[Size, Option("Strides", words="stride", digest="stride {}", preset=2)]
    output_padding: Annotated[
        tuple[int, ...] | None,
        Option("Output padding", words="output padding", digest="output padding {}", advanced=True),
    ] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        self.refuse_strided_dilation()
        self._refuse_wide_output_padding()
        _batch, space, _channels = self.split(x)
        size = transposed_same_size if self.padding == "same" else transposed_valid_size
        extra = self.output_padding or (None,) * self.rank
        sizes = tuple([size(n, k, s, o) for n, k, s, o in zip(space, self.spans, self.strides, extra, strict=True)])
        for n in sizes:
            if n < 0:
                raise Refusal(f"the output would have the negative size {times(sizes)}", "output_padding")
        return x.reshaped(self.joined(x, sizes, self.filters))

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return seen_transposed(field, self.spans, self.strides)

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        channels = self.channels(x)
        kernel = Weight("kernel", (*self.kernel_size, self.filters, channels))
        return (kernel, Weight("bias", (self.filters,))) if self.use_bias else (kernel,)

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        return product((*self.split(x)[1], *self.kernel_size, self.channels(x), self.filters))

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from super().warnings(x, y)
        if self.padding == "same" and self.output_padding is not None:
            for name, k, o in zip(AXIS_NAMES[self.rank], self.spans, self.output_padding, strict=True):
                if o == 0 and k % 2 == 0:
                    yield f"output_padding 0 with 'same' and an even kernel {name} fails when run: leave it None"

    def _refuse_wide_output_padding(self) -> None:
        if self.output_padding is None:
            return
        for o, s in zip(self.output_padding, self.strides, strict=True):
            if o >= s:
                raise Refusal(
                    f"output_padding {times(self.output_padding)} is not below the strides {times(self.strides)}",
                    "output_padding",
                    ({"output_padding": None}, {"output_padding": tuple([stride - 1 for stride in self.strides])}),
                )


class Conv1DTranspose(TransposedConvolution, frozen=True, kw_only=True):
    """Spreads every step of a sequence over a window: makes sequences longer."""

    rank = 1
    spellings = {
        "keras": ("Conv1DTranspose", "Convolution1DTranspose"),
        "pytorch": ("ConvTranspose1d", "LazyConvTranspose1d"),
    }
    source = "https://keras.io/api/layers/convolution_layers/convolution1d_transpose/"

    kernel_size: Single
    strides: Single = (1,)
    dilation_rate: Single = (1,)
    output_padding: tuple[Natural] | None = None


class Conv2DTranspose(TransposedConvolution, frozen=True, kw_only=True):
    """Spreads every position of an image over a window: makes images larger."""

    rank = 2
    spellings = {
        "keras": ("Conv2DTranspose", "Convolution2DTranspose"),
        "pytorch": ("ConvTranspose2d", "LazyConvTranspose2d"),
    }
    source = "https://keras.io/api/layers/convolution_layers/convolution2d_transpose/"

    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)
    output_padding: tuple[Natural, Natural] | None = None


class Conv3DTranspose(TransposedConvolution, frozen=True, kw_only=True):
    """Spreads every position of a volume over a window: makes volumes larger."""

    rank = 3
    spellings = {
        "keras": ("Conv3DTranspose", "Convolution3DTranspose"),
        "pytorch": ("ConvTranspose3d", "LazyConvTranspose3d"),
    }
    source = "https://keras.io/api/layers/convolution_layers/convolution3d_transpose/"

    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    dilation_rate: Triple = (1, 1, 1)
    output_padding: tuple[Natural, Natural, Natural] | None = None


# Channel by channel ---------------------------------------------------------------------------------------------------


class DepthwiseKind(ConvolutionalKind, frozen=True, kw_only=True):
    """Convolves every channel for itself.

    Attributes:
        depth_multiplier: output channels made of each input channel.
    """

    depth_multiplier: Annotated[Positive, Option("Depth multiplier", digest="multiplier {}")] = 1

    def reached(self, x: TensorSpec, channels: Dim) -> TensorSpec:
        """The tensor with a value for every place of the window and so many channels."""
        return x.reshaped(self.joined(x, self.places(self.split(x)[1]), channels))


class DepthwiseConvolution(DepthwiseKind, frozen=True, kw_only=True):
    """A depthwise convolution alone."""

    search = ("depthwise", "per channel", "mobilenet", "convolution")
    inert = frozenset(
        f"{weight}_{role}" for weight in ("depthwise", "bias") for role in ("initializer", "regularizer", "constraint")
    )

    def output(self, x: TensorSpec) -> TensorSpec:
        return self.reached(x, named("input channels", self.split(x)[2]) * self.depth_multiplier)

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        channels = self.channels(x)
        kernel = Weight("kernel", (*self.kernel_size, channels, self.depth_multiplier))
        return (kernel, Weight("bias", (channels * self.depth_multiplier,))) if self.use_bias else (kernel,)

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        channels = self.channels(x)
        return product((*self.split(y)[1], *self.kernel_size, channels, self.depth_multiplier))


class DepthwiseConv1D(DepthwiseConvolution, frozen=True, kw_only=True):
    """Slides a window along every channel of a sequence for itself."""

    rank = 1
    spellings = {"keras": ("DepthwiseConv1D",)}
    source = "https://keras.io/api/layers/convolution_layers/depthwise_convolution1d/"

    kernel_size: Single
    strides: Single = (1,)
    dilation_rate: Single = (1,)


class DepthwiseConv2D(DepthwiseConvolution, frozen=True, kw_only=True):
    """Slides a window over every channel of an image for itself."""

    rank = 2
    spellings = {"keras": ("DepthwiseConv2D",)}
    source = "https://keras.io/api/layers/convolution_layers/depthwise_convolution2d/"

    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)


class SeparableConvolution(DepthwiseKind, frozen=True, kw_only=True):
    """A depthwise convolution, then a 1×1 convolution that mixes the channels.

    Attributes:
        filters: how many output channels.
    """

    search = ("separable", "depthwise", "pointwise", "xception", "convolution")
    inert = frozenset(
        f"{weight}_{role}"
        for weight in ("depthwise", "pointwise", "bias")
        for role in ("initializer", "regularizer", "constraint")
    )

    filters: Annotated[Positive, Option("Filters", digest="{} filters", preset=32, leads=True)]

    def output(self, x: TensorSpec) -> TensorSpec:
        return self.reached(x, self.filters)

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        channels = self.channels(x)
        ones = (1,) * self.rank
        depthwise = Weight("depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier))
        pointwise = Weight("pointwise_kernel", (*ones, channels * self.depth_multiplier, self.filters))
        return (depthwise, pointwise, Weight("bias", (self.filters,))) if self.use_bias else (depthwise, pointwise)

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        channels = self.channels(x)
        between = channels * self.depth_multiplier
        places = product(self.split(y)[1])
        return places * (product((*self.kernel_size, channels, self.depth_multiplier)) + between * self.filters)


class SeparableConv1D(SeparableConvolution, frozen=True, kw_only=True):
    """Slides a window along every channel of a sequence, then mixes the channels."""

    rank = 1
    spellings = {"keras": ("SeparableConv1D", "SeparableConvolution1D")}
    source = "https://keras.io/api/layers/convolution_layers/separable_convolution1d/"

    kernel_size: Single
    strides: Single = (1,)
    dilation_rate: Single = (1,)


class SeparableConv2D(SeparableConvolution, frozen=True, kw_only=True):
    """Slides a window over every channel of an image, then mixes the channels."""

    rank = 2
    spellings = {"keras": ("SeparableConv2D", "SeparableConvolution2D")}
    source = "https://keras.io/api/layers/convolution_layers/separable_convolution2d/"

    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)
