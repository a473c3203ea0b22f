"""Convolutions: plain, transposed, depthwise and separable, along one, two or three axes.

Parameters of a convolution: (kernel height × kernel width × input channels / groups + bias) × filters. The stride does
not enter: it changes the output size and the MACs. Rules as in Keras (`keras.layers.Conv2D` and its relatives); zeros in
the padding count as work, as everywhere in the literature.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, TypeAlias

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import divides, named, product, share
from paramdesk.engine.kinds.activation import ActivationName
from paramdesk.engine.layer_kind import KERNEL_AND_BIAS, Natural, Option, Positive, SpatialKind, Weight
from paramdesk.engine.shape import (
    Dim,
    ReceptiveField,
    Shape,
    TensorSpec,
    extent,
    is_known,
    padded_before,
    same_size,
    seen_through,
    times,
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

    kernel_size: Annotated[Size, Option("Kernel size", words="kernel {axis}", digest="{}", preset=3)]
    strides: Annotated[Size, Option("Strides", words="stride", digest="stride {}")]
    padding: Annotated[Padding, Option("Padding", digest="{}")] = "valid"
    dilation_rate: Annotated[Size, Option("Dilation", words="dilation", digest="dilation {}")]
    activation: Annotated[ActivationName, Option("Activation", digest="{}", section=AFTER)] = "linear"
    use_bias: Annotated[bool, Option("Use bias", digest="no bias", section=AFTER)] = True

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
            return tuple([same_size(n, s) for n, s in zip(space, self.strides, strict=True)])
        windows = zip(space, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        places = tuple([valid_size(n, k, s, d) for n, k, s, d in windows])
        for place in places:
            if place < 1:
                raise self._too_large(space)
        return places

    def seen(self, x: TensorSpec, space: Shape) -> ReceptiveField | None:
        """The receptive field behind this layer."""
        if x.field is None:
            return None
        if self.padding == "valid":
            before: Shape = (0,) * len(space)
        else:
            before = tuple([
                padded_before(n, k, s) for n, k, s in zip(space, self.spans, self.strides, strict=True)
            ])
        return seen_through(x.field, self.spans, self.strides, before)

    def refuse_strided_dilation(self) -> None:
        """Refuses strides together with dilation, on whichever axes they are."""
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise Refusal(
                f"strides {times(self.strides)} and dilation {times(self.dilation_rate)} cannot be combined: "
                "one of them must be 1",
                "dilation_rate",
                ({"dilation_rate": 1}, {"strides": 1}),
            )

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
    """

    filters: Annotated[Positive, Option("Filters", digest="{} filters", preset=32, leads=True)]
    groups: Annotated[Positive, Option("Groups", digest="{} groups")] = 1

    def output(self, x: TensorSpec) -> TensorSpec:
        self.refuse_strided_dilation()
        _batch, space, channels = self.split(x)
        if self.groups != 1:
            self._refuse_uneven_groups(channels)
        return x.reshaped(self.joined(x, self.places(space), self.filters), self.seen(x, space))

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        _batch, _space, channels = self.split(x)
        kernel = Weight("kernel", (*self.kernel_size, share(named("input channels", channels), self.groups), self.filters))
        return (kernel, Weight("bias", (self.filters,))) if self.use_bias else (kernel,)

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        channels = named("input channels", self.split(x)[2])
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

    def seen(self, x: TensorSpec, space: Shape) -> ReceptiveField | None:
        if self.padding == "causal":
            return seen_through(x.field, self.spans, self.strides, (self.spans[0] - 1,))
        return super().seen(x, space)


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
