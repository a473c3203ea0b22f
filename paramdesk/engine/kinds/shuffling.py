"""Shuffling: values change places between channels and positions. No weights, no MACs; PyTorch only.

PixelShuffle makes r × r positions of r² channels, so that a convolution can enlarge an image without a transposed
window (Shi et al., 2016): (C · r², H, W) becomes (C, H · r, W · r). PixelUnshuffle is its inverse. ChannelShuffle mixes
the groups of a grouped convolution (Zhang et al., ShuffleNet, 2018) and keeps the shape.
"""

from __future__ import annotations

from typing import Annotated

from paramdesk.engine.crossing import LAST
from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import divides, share
from paramdesk.engine.kinds.reshaping import ReshapingKind
from paramdesk.engine.option import Option, Positive
from paramdesk.engine.receptive_field import ReceptiveField, seen_enlarged, seen_through
from paramdesk.engine.shape import Dim, Framework, Shape, TensorSpec, text, times
from paramdesk.engine.spelling import Argument, Module


class PixelKind(ReshapingKind, frozen=True, kw_only=True):
    """What moves values between the channels and the last two axes.

    Attributes:
        factor: how many positions along each of the two axes belong together.
    """

    elsewhere = "`Reshape`, `Permute` and `Reshape`"
    factor: Annotated[Positive, Option("Factor", words="factor", digest="× {}", preset=2, always=True)]

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        return len(x.shape) - 3 if len(x.shape) > 3 else LAST

    def image(self, x: TensorSpec) -> tuple[Shape, Dim, Dim, Dim]:
        """What stands before an image, and its channels, height and width.

        Raises:
            Refusal: there are too few axes.
        """
        if len(x.shape) < 3:
            needed = "at least 3 axes (channels, height and width)"
            raise Refusal(f"{self.title()} needs {needed}, but the input {text(x.shape)} has {len(x.shape)}")
        a, b, c = x.shape[-3:]
        return (x.shape[:-3], a, b, c) if x.layout == "channels_first" else (x.shape[:-3], c, a, b)

    def reordered(self, x: TensorSpec, before: Shape, channels: Dim, height: Dim, width: Dim) -> TensorSpec:
        """A tensor of images, in the layout of the architecture."""
        image = (channels, height, width) if x.layout == "channels_first" else (height, width, channels)
        return x.reshaped((*before, *image))


class PixelShuffle(PixelKind, frozen=True, kw_only=True):
    """Makes positions of channels: an image with a fourth of the channels and twice the height and width."""

    spellings = {"pytorch": (Module("PixelShuffle", {"upscale_factor": Argument("factor")}),)}
    search = ("sub-pixel", "depth to space", "super-resolution", "upsample")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html"

    def output(self, x: TensorSpec) -> TensorSpec:
        before, channels, height, width = self.image(x)
        if not divides(self.factor * self.factor, channels):
            reason = f"{times((channels,))} channels cannot be split into groups of {self.factor}×{self.factor}"
            raise Refusal(reason, "factor", ({"factor": 1},))
        fewer = share(channels, self.factor * self.factor) if self.factor > 1 else channels
        return self.reordered(x, before, fewer, height * self.factor, width * self.factor)

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return seen_enlarged(field, (self.factor,) * 2)


class PixelUnshuffle(PixelKind, frozen=True, kw_only=True):
    """Makes channels of positions: an image with four times the channels and half the height and width."""

    spellings = {"pytorch": (Module("PixelUnshuffle", {"downscale_factor": Argument("factor")}),)}
    search = ("space to depth", "downsample", "patches")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html"

    def output(self, x: TensorSpec) -> TensorSpec:
        before, channels, height, width = self.image(x)
        for side in (height, width):
            if not divides(self.factor, side):
                reason = (
                    f"{times((height, width))} positions cannot be split into squares of {self.factor}×{self.factor}"
                )
                raise Refusal(reason, "factor", ({"factor": 1},))
        if 0 in x.shape:
            return x  # PyTorch leaves what has no values as it is
        more = channels * self.factor * self.factor
        return self.reordered(x, before, more, share(height, self.factor), share(width, self.factor))

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return seen_through(field, (self.factor,) * 2, (self.factor,) * 2, (0, 0))


class ChannelShuffle(ReshapingKind, frozen=True, kw_only=True):
    """Mixes groups of channels: the first of every group, then the second of every group, and so on."""

    elsewhere = "`Reshape`, `Permute` and `Reshape`"
    spellings = {"pytorch": (Module("ChannelShuffle", {"groups": Argument("groups")}),)}
    search = ("shufflenet", "groups", "mix channels")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html"

    groups: Annotated[Positive, Option("Groups", words="groups", digest="{} groups", preset=2, always=True)]

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        return 1

    def output(self, x: TensorSpec) -> TensorSpec:
        if len(x.shape) < 3:
            needed = "at least 3 axes (batch, channels and positions)"
            raise Refusal(f"ChannelShuffle needs {needed}, but the input {text(x.shape)} has {len(x.shape)}")
        channels = x.shape[1 if x.layout == "channels_first" else -1]
        if not divides(self.groups, channels):
            reason = f"{times((channels,))} channels cannot be split into {self.groups} equal groups"
            raise Refusal(reason, "groups", ({"groups": 1},))
        return x

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return field
