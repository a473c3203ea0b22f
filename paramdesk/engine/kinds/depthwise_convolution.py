"""Convolutions of every channel for itself: depthwise ones, and separable ones that mix the channels afterwards.

In PyTorch a depthwise convolution is a plain one with as many groups as input channels; a separable one is two.
"""

from __future__ import annotations

from typing import Annotated, Literal

from paramdesk.engine.formula import named, product
from paramdesk.engine.kinds.convolution import ConvolutionalKind, Padding, Pair, Single
from paramdesk.engine.option import Option, Positive
from paramdesk.engine.shape import Dim, Framework, Shape, TensorSpec
from paramdesk.engine.weight import Weight


class DepthwiseKind(ConvolutionalKind, frozen=True, kw_only=True):
    """Convolves every channel for itself.

    Attributes:
        depth_multiplier: output channels made of each input channel.
    """

    padding: Literal["valid", "same"] = "valid"
    depth_multiplier: Annotated[Positive, Option("Depth multiplier", digest="multiplier {}")] = 1

    def padding_in(self, framework: Framework, space: Shape) -> Padding:
        return self.padding

    def reached(self, x: TensorSpec, channels: Dim) -> TensorSpec:
        """The tensor with a value for every place of the window and so many channels."""
        return x.reshaped(self.joined(x, self.places(self.split(x)[1]), channels))


class DepthwiseConvolution(DepthwiseKind, frozen=True, kw_only=True):
    """A depthwise convolution alone."""

    elsewhere = "`Conv2d` with as many groups as input channels"
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

    elsewhere = "two `Conv2d`: one with as many groups as channels, then one with a kernel of 1"
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
