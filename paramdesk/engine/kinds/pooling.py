"""Pooling: a window that keeps the largest value, or the mean. No weights, no MACs; the channels stay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, TypeAlias

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import named
from paramdesk.engine.kinds.convolution import Pair, Single, Size, Triple
from paramdesk.engine.option import Natural, Option
from paramdesk.engine.receptive_field import ReceptiveField, seen_through
from paramdesk.engine.shape import Shape, TensorSpec, padded_before, same_size, times, valid_size
from paramdesk.engine.single_input import SpatialKind

Step: TypeAlias = tuple[Natural] | None
Steps2: TypeAlias = tuple[Natural, Natural] | None
Steps3: TypeAlias = tuple[Natural, Natural, Natural] | None

POOL = Option("Pool size", words="pool {axis}", digest="{}", preset=2, leads=True, always=True)


class WindowPoolingKind(SpatialKind, frozen=True, kw_only=True):
    """What all poolings with a window share.

    Attributes:
        pool_size: of the window, per axis.
        strides: how far it moves, per axis; None: by its own size, so that windows do not overlap.
        padding: "valid": only where it fits; "same": beyond the edges too, so that stride 1 keeps the size.
    """

    category = "pool"
    whole_floats = frozenset({"pool_size", "strides"})

    pool_size: Annotated[Size, POOL]
    strides: Annotated[tuple[int, ...] | None, Option("Strides", words="stride", digest="stride {}")] = None
    padding: Annotated[Literal["valid", "same"], Option("Padding", digest="{}")] = "valid"

    @property
    def steps(self) -> tuple[int, ...]:
        """How far the window moves along each axis."""
        return self.strides or tuple([named("stride", side) for side in self.pool_size])

    def output(self, x: TensorSpec) -> TensorSpec:
        if 0 in self.steps:
            raise Refusal(
                f"strides {times(self.steps)} would not move the window: they must be 1 or more",
                "strides",
                ({"strides": None}, {"strides": 1}),
            )
        _batch, space, channels = self.split(x)
        return x.reshaped(self.joined(x, self._places(space), channels))

    def _places(self, space: Shape) -> Shape:
        if self.padding == "same":
            return tuple([same_size(n, s) for n, s in zip(space, self.steps, strict=True)])
        places = tuple([valid_size(n, k, s) for n, k, s in zip(space, self.pool_size, self.steps, strict=True)])
        for place in places:
            if place < 1:
                raise self._too_large(space)
        return places

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        if self.padding == "valid":
            before: Shape = (0,) * self.rank
        else:
            windows = zip(self.split(x)[1], self.pool_size, self.steps, strict=True)
            before = tuple([padded_before(n, k, s) for n, k, s in windows])
        return seen_through(field, self.pool_size, self.steps, before)

    def _too_large(self, space: Shape) -> Refusal:
        sides = zip(self.pool_size, space, strict=True)
        fitting = tuple([max(1, min(k, int(n))) if isinstance(n, int) else k for k, n in sides])
        return Refusal(
            f"pool {times(self.pool_size)} is larger than the {times(space)} input: "
            "use padding='same' or a smaller pool",
            "pool_size",
            ({"pool_size": fitting}, {"padding": "same"}),
        )

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        if self.padding == "valid":
            yield "Along each axis the window's places are counted; positions left over at the end are dropped."


class MaxPooling1D(WindowPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value in each window along one axis."""

    rank = 1
    spellings = {"keras": ("MaxPooling1D", "MaxPool1D"), "pytorch": ("MaxPool1d",)}
    search = ("max pool", "downsample", "subsample")
    source = "https://keras.io/api/layers/pooling_layers/max_pooling1d/"

    pool_size: Single = (2,)
    strides: Step = None


class MaxPooling2D(WindowPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value in each window over height and width."""

    rank = 2
    spellings = {"keras": ("MaxPooling2D", "MaxPool2D"), "pytorch": ("MaxPool2d",)}
    search = ("max pool", "downsample", "subsample")
    source = "https://keras.io/api/layers/pooling_layers/max_pooling2d/"

    pool_size: Pair = (2, 2)
    strides: Steps2 = None


class MaxPooling3D(WindowPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value in each window through depth, height and width."""

    rank = 3
    spellings = {"keras": ("MaxPooling3D", "MaxPool3D"), "pytorch": ("MaxPool3d",)}
    search = ("max pool", "downsample", "subsample", "volume")
    source = "https://keras.io/api/layers/pooling_layers/max_pooling3d/"

    pool_size: Triple = (2, 2, 2)
    strides: Steps3 = None


class AveragePooling1D(WindowPoolingKind, frozen=True, kw_only=True):
    """Takes the mean of each window along one axis."""

    rank = 1
    spellings = {"keras": ("AveragePooling1D", "AvgPool1D"), "pytorch": ("AvgPool1d",)}
    search = ("avg pool", "mean", "downsample", "subsample")
    source = "https://keras.io/api/layers/pooling_layers/average_pooling1d/"

    pool_size: Single
    strides: Step = None


class AveragePooling2D(WindowPoolingKind, frozen=True, kw_only=True):
    """Takes the mean of each window over height and width."""

    rank = 2
    spellings = {"keras": ("AveragePooling2D", "AvgPool2D"), "pytorch": ("AvgPool2d",)}
    search = ("avg pool", "mean", "downsample", "subsample")
    source = "https://keras.io/api/layers/pooling_layers/average_pooling2d/"

    pool_size: Pair
    strides: Steps2 = None


class AveragePooling3D(WindowPoolingKind, frozen=True, kw_only=True):
    """Takes the mean of each window through depth, height and width."""

    rank = 3
    spellings = {"keras": ("AveragePooling3D", "AvgPool3D"), "pytorch": ("AvgPool3d",)}
    search = ("avg pool", "mean", "downsample", "subsample", "volume")
    source = "https://keras.io/api/layers/pooling_layers/average_pooling3d/"

    pool_size: Triple
    strides: Steps3 = None


# Over everything ------------------------------------------------------------------------------------------------------


class GlobalPoolingKind(SpatialKind, frozen=True, kw_only=True):
    """Leaves one value per channel.

    Attributes:
        keepdims: whether the spatial axes stay, with the size 1.
    """

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


class GlobalMaxPooling1D(GlobalPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value of each channel along the sequence."""

    rank = 1
    spellings = {"keras": ("GlobalMaxPooling1D", "GlobalMaxPool1D")}
    source = "https://keras.io/api/layers/pooling_layers/global_max_pooling1d/"


class GlobalMaxPooling2D(GlobalPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value of each channel over height and width."""

    rank = 2
    spellings = {"keras": ("GlobalMaxPooling2D", "GlobalMaxPool2D")}
    source = "https://keras.io/api/layers/pooling_layers/global_max_pooling2d/"


class GlobalMaxPooling3D(GlobalPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value of each channel through depth, height and width."""

    rank = 3
    spellings = {"keras": ("GlobalMaxPooling3D", "GlobalMaxPool3D")}
    source = "https://keras.io/api/layers/pooling_layers/global_max_pooling3d/"
