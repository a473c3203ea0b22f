"""Unfolding: the patches under a moving window as columns, and back. No weights, no MACs; PyTorch only.

Unfold (im2col) makes a column of C · kernel height · kernel width values for each place of a window, as many as a
convolution of the same window has: (N, C, H, W) becomes (N, C · k · k, places). A convolution is a Dense layer over
these columns. Fold adds the columns up again, at the places of an image of a stated size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import divides, product, share
from paramdesk.engine.kinds.convolution import Pair
from paramdesk.engine.kinds.pooling import refuse_empty
from paramdesk.engine.layer_kind import BATCH
from paramdesk.engine.option import Natural, Option
from paramdesk.engine.per_axis import per_axis
from paramdesk.engine.shape import Shape, TensorSpec, extent, is_known, text, times, valid_size
from paramdesk.engine.single_input import RankedKind
from paramdesk.engine.spelling import Argument, Arguments, Module

Border: TypeAlias = tuple[Natural, Natural]

MOVING: Arguments = {
    "kernel_size": Argument("kernel_size"),
    "dilation": Argument("dilation_rate", 1),
    "padding": Argument("padding", 0),
    "stride": Argument("strides", 1),
}
KERNEL = Option("Kernel size", words="kernel {axis}", digest="{}", preset=3)


class PatchKind(RankedKind, frozen=True, kw_only=True):
    """What works on the patches under a moving window.

    Attributes:
        kernel_size: of the window, per axis.
        strides: how far it moves, per axis.
        padding: zeros on either side of each axis.
        dilation_rate: distance between the window's places, per axis.
    """

    category = "reshape"
    rank = 2

    kernel_size: Annotated[Pair, KERNEL]
    strides: Annotated[Pair, Option("Strides", words="stride", digest="stride {}")] = (1, 1)
    padding: Annotated[Border, Option("Padding", words="padding", digest="padding {}")] = (0, 0)
    dilation_rate: Annotated[Pair, Option("Dilation", words="dilation", digest="dilation {}")] = (1, 1)

    def places(self, space: Shape) -> Shape:
        """How many places the window has along each axis.

        Raises:
            Refusal: it is larger than the image.
        """
        windows = zip(space, self.kernel_size, self.strides, self.padding, self.dilation_rate, strict=True)
        places = tuple([valid_size(n + p + p if p else n, k, s, d) for n, k, s, p, d in windows])
        for place in places:
            if place < 1:
                spans = [extent(k, d) for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)]
                reason = f"the window of {times(spans)} is larger than the {times(space)} image"
                raise Refusal(reason, "kernel_size", ({"kernel_size": 1},))
        return places

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        names = ("kernel_size", "strides", "padding", "dilation_rate", "output_size")
        return per_axis(module, options, {name: (2,) for name in names if name in options})


class Unfold(PatchKind, frozen=True, kw_only=True):
    """Puts the patches under a moving window side by side, each as a column of values."""

    elsewhere = "`keras.ops.image.extract_patches`"
    spellings = {"pytorch": (Module("Unfold", MOVING),)}
    search = ("im2col", "patches", "sliding window", "columns")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html"

    def output(self, x: TensorSpec) -> TensorSpec:
        batch, space, channels = self.split(x)
        refuse_empty(x, (channels, *space), "Unfold")
        places = self.places(space)
        return x.reshaped((*batch, product((channels, *self.kernel_size)), product(places)))


class Fold(PatchKind, frozen=True, kw_only=True):
    """Adds up columns of values at the places of a moving window: an image again.

    Attributes:
        output_size: of the image, per axis.
    """

    elsewhere = "nothing"
    spellings = {"pytorch": (Module("Fold", {"output_size": Argument("output_size"), **MOVING}),)}
    search = ("col2im", "patches", "sliding window", "columns")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Fold.html"

    output_size: Annotated[Pair, Option("Output size", words="output {axis}", digest="to {}", preset=4, leads=True)]

    def output(self, x: TensorSpec) -> TensorSpec:
        if len(x.shape) not in (2, 3):
            raise Refusal(
                f"Fold needs 2 or 3 axes (batch, values and places), but the input {text(x.shape)} has {len(x.shape)}"
            )
        *batch, values, columns = x.shape
        refuse_empty(x, (values, columns), "Fold")
        window = product(self.kernel_size)
        if not divides(window, values):
            reason = f"{times((values,))} values are no whole number of windows of {times(self.kernel_size)}"
            raise Refusal(reason, "kernel_size")
        places = self.places(self.output_size)
        if is_known(columns) and columns != product(places):
            reason = f"an image of {times(self.output_size)} has {times(places)} places of the window"
            raise Refusal(f"{reason}, but the input {text(x.shape)} has {columns} columns", "output_size")
        return x.reshaped((*batch, share(values, window), *self.output_size))

    def is_unbatched(self, x: TensorSpec) -> bool:
        return len(x.shape) == 2

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return (*(BATCH,) * (len(x.shape) - 2), "values", "places") if len(x.shape) in (2, 3) else super().axis_names(x)
