"""Pooling over all positions: one value per channel is left. No weights, no MACs.

It often stands in place of Flatten before the last Dense layer: that then has far fewer weights, and the network takes
images of any size. PyTorch has no such module; there it is adaptive pooling to a size of 1, then Flatten.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from paramdesk.engine.option import Option
from paramdesk.engine.shape import TensorSpec, text
from paramdesk.engine.single_input import SpatialKind


class GlobalPoolingKind(SpatialKind, frozen=True, kw_only=True):
    """Leaves one value per channel.

    Attributes:
        keepdims: whether the spatial axes stay, with the size 1.
    """

    elsewhere = "adaptive pooling to a size of 1, and `Flatten`"
    category = "pool"
    search = ("global pool", "squeeze", "gap")

    keepdims: Annotated[bool, Option("Keep the axes", digest="keeps axes")] = False

    def output(self, x: TensorSpec) -> TensorSpec:
        batch, _space, channels = self.split(x)
        if not self.keepdims:
            return x.reshaped((*batch, channels))
        return x.reshaped(self.joined(x, (1,) * self.rank, channels))


class GlobalAveragePooling1D(GlobalPoolingKind, frozen=True, kw_only=True):
    """Takes the mean of each channel along the sequence."""

    rank = 1
    spellings = {"keras": ("GlobalAveragePooling1D", "GlobalAvgPool1D")}
    call_arguments = GlobalPoolingKind.call_arguments | {"mask"}
    source = "https://keras.io/api/layers/pooling_layers/global_average_pooling1d/"


class GlobalAveragePooling2D(GlobalPoolingKind, frozen=True, kw_only=True):
    """Takes the mean of each channel over height and width."""

    rank = 2
    spellings = {"keras": ("GlobalAveragePooling2D", "GlobalAvgPool2D")}
    source = "https://keras.io/api/layers/pooling_layers/global_average_pooling2d/"


class GlobalAveragePooling3D(GlobalPoolingKind, frozen=True, kw_only=True):
    """Takes the mean of each channel through depth, height and width."""

    rank = 3
    spellings = {"keras": ("GlobalAveragePooling3D", "GlobalAvgPool3D")}
    source = "https://keras.io/api/layers/pooling_layers/global_average_pooling3d/"


class GlobalMaxPoolingKind(GlobalPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value of each channel."""

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        if x.framework == "keras" and 0 in x.shape:
            yield f"the input {text(x.shape)} has no values: it fails when run"


class GlobalMaxPooling1D(GlobalMaxPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value of each channel along the sequence."""

    rank = 1
    spellings = {"keras": ("GlobalMaxPooling1D", "GlobalMaxPool1D")}
    source = "https://keras.io/api/layers/pooling_layers/global_max_pooling1d/"


class GlobalMaxPooling2D(GlobalMaxPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value of each channel over height and width."""

    rank = 2
    spellings = {"keras": ("GlobalMaxPooling2D", "GlobalMaxPool2D")}
    source = "https://keras.io/api/layers/pooling_layers/global_max_pooling2d/"


class GlobalMaxPooling3D(GlobalMaxPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value of each channel through depth, height and width."""

    rank = 3
    spellings = {"keras": ("GlobalMaxPooling3D", "GlobalMaxPool3D")}
    source = "https://keras.io/api/layers/pooling_layers/global_max_pooling3d/"
