"""Pooling to a given size: the window follows from the input. No weights, no MACs; the channels stay.

Output position i takes the values from ⌊i · n / o⌋ up to ⌈(i + 1) · n / o⌉ of an axis of n, where o is the size that is
asked for: an even split where o divides n, windows that overlap where it does not, repeated values where o is larger
than n. Rules as in Keras (`keras.layers.AdaptiveAveragePooling2D`) and in PyTorch (`torch.nn.AdaptiveAvgPool2d`). None
for an axis keeps its size in PyTorch and leaves it open in Keras.

Keras checks nothing of the input when a network is put together. What then fails when run is a warning here: another
number of axes, a size of 0, and with TensorFlow a largest value over a whole last axis, which ends the process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from paramdesk.engine.errors import Refusal
from paramdesk.engine.kinds.pooling import INDICES, refuse_empty, with_indices
from paramdesk.engine.layer_kind import Tensors
from paramdesk.engine.option import AFew, Natural, Option
from paramdesk.engine.per_axis import per_axis
from paramdesk.engine.receptive_field import ReceptiveField, seen_through
from paramdesk.engine.shape import AXIS_NAMES, UNKNOWN, Shape, TensorSpec, is_known, missing_axis, text, times
from paramdesk.engine.single_input import SpatialKind
from paramdesk.engine.spelling import Argument, Module

TO_SIZE = {"output_size": Argument("output_size")}
TO_SIZE_WITH_INDICES = {**TO_SIZE, "return_indices": Argument("return_indices", False)}


class AdaptivePoolingKind(SpatialKind, frozen=True, kw_only=True):
    """What all poolings to a given size share.

    Attributes:
        output_size: per axis, or one for all; None: the input's own in PyTorch, open in Keras.
    """

    category = "pool"

    output_size: Annotated[
        Natural | Annotated[tuple[Natural | None, ...], AFew],
        Option("Output size", words="output size", digest="to {}", preset=1, always=True),
    ]

    @property
    def sizes(self) -> tuple[int | None, ...]:
        """The size that is asked for along each axis."""
        return self.output_size if isinstance(self.output_size, tuple) else (self.output_size,) * self.rank

    def output(self, x: TensorSpec) -> TensorSpec:
        if len(self.sizes) != self.rank:
            count, axes = len(self.sizes), ", ".join(AXIS_NAMES[self.rank])
            reason = f"output_size {text(self.sizes)} has {count} sizes, but {self.title()} needs {self.rank}: {axes}"
            raise Refusal(reason, "output_size", ({"output_size": 1},))
        shape = self._shape_in_keras(x) if x.framework == "keras" else self._shape_in_torch(x)
        return x.reshaped(shape)

    def _shape_in_keras(self, x: TensorSpec) -> Shape:
        """The batch, the sizes that are asked for, and the channels, however many axes the input has."""
        first = self.channels_first(x)
        if len(x.shape) < 1 + first:
            raise Refusal(missing_axis(1 if first else 0, x.shape))
        space = tuple([UNKNOWN if size is None else size for size in self.sizes])
        return (x.shape[0], x.shape[1], *space) if first else (x.shape[0], *space, x.shape[-1])

    def _shape_in_torch(self, x: TensorSpec) -> Shape:
        _batch, space, channels = self.split(x)
        if self.rank == 1 and None in self.sizes:
            reason = "output_size None: PyTorch keeps a size that way in two or three dimensions only"
            raise Refusal(reason, "output_size", ({"output_size": 1},))
        self.refuse_empty(x)
        found = tuple([n if size is None else size for n, size in zip(space, self.sizes, strict=True)])
        return self.joined(x, found, channels)

    def refuse_empty(self, x: TensorSpec) -> None:
        """Refuses an input without values, as PyTorch does."""
        refuse_empty(x, x.shape[1:], self.title())

    def fits(self, x: TensorSpec) -> bool:
        """Whether the input has as many axes as the layer is for."""
        return len(x.shape) == self.rank + 2 or (x.framework == "pytorch" and self.is_unbatched(x))

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        if not self.fits(x) or not any(size != 1 for size in self.sizes):
            return None  # one mean of everything is no position any more, as behind pooling over everything
        windows = []
        for n, size in zip(self.split(x)[1], self.sizes, strict=True):
            if not isinstance(n, int) or 0 in (n, size) or n % (size or n):
                return None  # not known, or not all windows alike
            windows.append(n // (size or n))
        return seen_through(field, tuple(windows), tuple(windows), (0,) * self.rank)

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        return self.catches(x) if x.framework == "keras" else ()

    def catches(self, x: TensorSpec) -> Iterable[str]:
        """What fails in Keras when it is run."""
        if not self.fits(x):
            yield (
                f"{self.title()} is for {self.rank + 2} axes, but the input {text(x.shape)} has {len(x.shape)}: Keras "
                "works out this shape, but fails when run or gives another"
            )
        elif 0 in self.sizes or None in self.sizes:
            yield f"output_size {text(self.sizes)} fails when run: Keras needs sizes of 1 or more"
        elif 0 in self.split(x)[1]:
            yield f"the input {text(x.shape)} has no values: it fails when run"

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return dict(config)  # Keras takes data_format in small letters only, here alone

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        return per_axis(module, options, {"output_size": (cls.rank,)})


# The mean -------------------------------------------------------------------------------------------------------------


class AdaptiveAveragePoolingKind(AdaptivePoolingKind, frozen=True, kw_only=True):
    """Takes means, so that a given size is left."""

    search = ("adaptive pool", "avg pool", "mean", "roi")

    def _shape_in_torch(self, x: TensorSpec) -> Shape:
        # One mean of everything: PyTorch takes it over the last axes of whatever comes.
        least = self.rank + isinstance(self.output_size, tuple)
        if self.rank > 1 and len(x.shape) >= least:
            space = x.shape[-self.rank :]
            if all(size == 1 or (size is None and n == 1) for n, size in zip(space, self.sizes, strict=True)):
                return (*x.shape[: -self.rank], *(1,) * self.rank)
        return super()._shape_in_torch(x)

    def refuse_empty(self, x: TensorSpec) -> None:
        if self.rank == 3:
            super().refuse_empty(x)
        elif self.rank == 2 or self.sizes != (1,):
            refuse_empty(x, self.split(x)[1], self.title())  # of no channels it takes no means, and is content


class AdaptiveAveragePooling1D(AdaptiveAveragePoolingKind, frozen=True, kw_only=True):
    """Takes means along one axis, so that a given length is left."""

    rank = 1
    spellings = {"keras": ("AdaptiveAveragePooling1D",), "pytorch": (Module("AdaptiveAvgPool1d", TO_SIZE),)}
    source = "https://keras.io/api/layers/pooling_layers/adaptive_average_pooling1d/"


class AdaptiveAveragePooling2D(AdaptiveAveragePoolingKind, frozen=True, kw_only=True):
    """Takes means over height and width, so that a given size is left."""

    rank = 2
    spellings = {"keras": ("AdaptiveAveragePooling2D",), "pytorch": (Module("AdaptiveAvgPool2d", TO_SIZE),)}
    source = "https://keras.io/api/layers/pooling_layers/adaptive_average_pooling2d/"


class AdaptiveAveragePooling3D(AdaptiveAveragePoolingKind, frozen=True, kw_only=True):
    """Takes means through depth, height and width, so that a given size is left."""

    rank = 3
    spellings = {"keras": ("AdaptiveAveragePooling3D",), "pytorch": (Module("AdaptiveAvgPool3d", TO_SIZE),)}
    source = "https://keras.io/api/layers/pooling_layers/adaptive_average_pooling3d/"


# The largest value ----------------------------------------------------------------------------------------------------


class AdaptiveMaxPoolingKind(AdaptivePoolingKind, frozen=True, kw_only=True):
    """Keeps largest values, so that a given size is left.

    Attributes:
        return_indices: whether a second output says where in the input each value was.
    """

    search = ("adaptive pool", "max pool", "roi")

    return_indices: Annotated[bool, INDICES] = False

    def outputs(self, inputs: Tensors) -> Tensors:
        found = super().outputs(inputs)
        return with_indices(found) if self.return_indices else found

    def catches(self, x: TensorSpec) -> Iterable[str]:
        yield from super().catches(x)
        if not self.fits(x):
            return
        n, size = self.split(x)[1][-1], self.sizes[-1]
        # TensorFlow takes windows of ⌈n / o⌉ and of one more, and divides by zero where that one does not fit.
        if is_known(n) and (n == 1 or size == 1) and 0 not in x.shape:
            axis = AXIS_NAMES[self.rank][-1]
            crash = f"the largest value over a whole {axis} ({times((n,))}) crashes Keras on TensorFlow when run"
            yield f"{crash}: use a GlobalMaxPooling"


class AdaptiveMaxPooling1D(AdaptiveMaxPoolingKind, frozen=True, kw_only=True):
    """Keeps largest values along one axis, so that a given length is left."""

    rank = 1
    spellings = {"keras": ("AdaptiveMaxPooling1D",), "pytorch": (Module("AdaptiveMaxPool1d", TO_SIZE_WITH_INDICES),)}
    source = "https://keras.io/api/layers/pooling_layers/adaptive_max_pooling1d/"


class AdaptiveMaxPooling2D(AdaptiveMaxPoolingKind, frozen=True, kw_only=True):
    """Keeps largest values over height and width, so that a given size is left."""

    rank = 2
    spellings = {"keras": ("AdaptiveMaxPooling2D",), "pytorch": (Module("AdaptiveMaxPool2d", TO_SIZE_WITH_INDICES),)}
    source = "https://keras.io/api/layers/pooling_layers/adaptive_max_pooling2d/"


class AdaptiveMaxPooling3D(AdaptiveMaxPoolingKind, frozen=True, kw_only=True):
    """Keeps largest values through depth, height and width, so that a given size is left."""

    rank = 3
    spellings = {"keras": ("AdaptiveMaxPooling3D",), "pytorch": (Module("AdaptiveMaxPool3d", TO_SIZE_WITH_INDICES),)}
    source = "https://keras.io/api/layers/pooling_layers/adaptive_max_pooling3d/"
