"""Padding, cropping and upsampling: more or fewer positions along the spatial axes. No weights, no MACs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.convolution import Pair, Triple
from paramdesk.engine.layer_kind import lowered
from paramdesk.engine.option import Counted, Integer, Natural, Option
from paramdesk.engine.receptive_field import ReceptiveField, seen_enlarged, seen_shifted
from paramdesk.engine.shape import TensorSpec, sides, text, times
from paramdesk.engine.single_input import RankedKind, SpatialKind

Side: TypeAlias = tuple[Integer, Integer]
"""How much before the first position and how much behind the last one."""
Cut: TypeAlias = tuple[Natural, Natural]

INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area")


# Padding --------------------------------------------------------------------------------------------------------------


class ZeroPaddingKind(SpatialKind, frozen=True, kw_only=True):
    """Puts zeros around the input."""

    category = "reshape"
    search = ("pad", "border", "zeros")

    @property
    def added(self) -> tuple[Side, ...]:
        """Zeros before and behind each axis."""
        raise NotImplementedError

    def output(self, x: TensorSpec) -> TensorSpec:
        _batch, space, channels = self.split(x)
        sizes = tuple([n + before + behind for n, (before, behind) in zip(space, self.added, strict=True)])
        for size in sizes:
            if size < 0:
                raise Refusal(
                    f"the negative padding takes more than the {times(space)} input has: {times(sizes)} would be left",
                    "padding",
                    ({"padding": 1},),
                )
        if self._takes_away() and not self._is_even():
            raise Refusal(
                "Keras takes a negative padding only as one number for all sides", "padding", ({"padding": 1},)
            )
        return x.reshaped(self.joined(x, sizes, channels))

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return seen_shifted(field, tuple([before for before, _behind in self.added]))

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        if self._takes_away():
            yield "Keras accepts a negative padding and works out a shape, but fails when run: use Cropping instead"

    def keras_config(self) -> dict[str, object]:
        config = super().keras_config()
        return config | {"padding": self.added[0][0]} if self._takes_away() and self._is_even() else config

    def _takes_away(self) -> bool:
        return min(map(min, self.added)) < 0

    def _is_even(self) -> bool:
        return len({side for pair in self.added for side in pair}) == 1


class ZeroPadding1D(ZeroPaddingKind, frozen=True, kw_only=True):
    """Puts zeros before and behind a sequence."""

    rank = 1
    spellings = {"keras": ("ZeroPadding1D",), "pytorch": ("ZeroPad1d",)}
    source = "https://keras.io/api/layers/reshaping_layers/zero_padding1d/"

    padding: Annotated[Cut, Option("Padding", words="padding", digest="by {}", always=True, joint="+")] = (1, 1)

    @property
    def added(self) -> tuple[Side, ...]:
        return (self.padding,)


class ZeroPadding2D(ZeroPaddingKind, frozen=True, kw_only=True):
    """Puts zeros around an image: ((top, bottom), (left, right))."""

    rank = 2
    spellings = {"keras": ("ZeroPadding2D",), "pytorch": ("ZeroPad2d",)}
    source = "https://keras.io/api/layers/reshaping_layers/zero_padding2d/"

    padding: Annotated[tuple[Side, Side], Option("Padding", words="padding", digest="by {}", always=True)] = (
        (1, 1),
        (1, 1),
    )

    @property
    def added(self) -> tuple[Side, ...]:
        return self.padding

    @classmethod
    def standardized(cls, options: Mapping[str, object]) -> dict[str, object]:
        return _sided(super().standardized(options), "padding", 2)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return _checked(super().keras_options(config))


class ZeroPadding3D(ZeroPaddingKind, frozen=True, kw_only=True):
    """Puts zeros around a volume, on both sides of each axis."""

    rank = 3
    spellings = {"keras": ("ZeroPadding3D",), "pytorch": ("ZeroPad3d",)}
    source = "https://keras.io/api/layers/reshaping_layers/zero_padding3d/"

    padding: Annotated[tuple[Side, Side, Side], Option("Padding", words="padding", digest="by {}", always=True)] = (
        (1, 1),
        (1, 1),
        (1, 1),
    )

    @property
    def added(self) -> tuple[Side, ...]:
        return self.padding

    @classmethod
    def standardized(cls, options: Mapping[str, object]) -> dict[str, object]:
        return _sided(super().standardized(options), "padding", 3)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return _checked(super().keras_options(config))


def _sided(options: dict[str, object], name: str, rank: int) -> dict[str, object]:
    if name in options:
        options[name] = sides(options[name], rank)
    return options


def _checked(options: dict[str, object]) -> dict[str, object]:
    """Refuses what Keras refuses: a negative number in a list. A single one passes its check."""
    given = options.get("padding")
    if isinstance(given, tuple | list):
        for side in given:
            for number in side if isinstance(side, tuple | list) else (side,):
                if isinstance(number, int) and number < 0:
                    raise InvalidOptions(f"padding = {shortened(given)}: expected numbers ≥ 0", "padding")
    return options


# Cropping -------------------------------------------------------------------------------------------------------------


class CroppingKind(RankedKind, frozen=True, kw_only=True):
    """Cuts positions off."""

    category = "reshape"
    search = ("trim", "cut", "crop")

    @property
    def cut(self) -> tuple[Side, ...]:
        """Positions cut off before and behind each axis."""
        raise NotImplementedError

    def output(self, x: TensorSpec) -> TensorSpec:
        _batch, space, channels = self.split(x)
        sizes = tuple([n - before - behind for n, (before, behind) in zip(space, self.cut, strict=True)])
        for n, (before, behind), size in zip(space, self.cut, sizes, strict=True):
            if size < 1:
                raise Refusal(
                    f"cropping {before} + {behind} of {n} leaves nothing: the input is {text(x.shape)}",
                    "cropping",
                    ({"cropping": 1}, {"cropping": 0}),
                )
        return x.reshaped(self.joined(x, sizes, channels))

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return seen_shifted(field, tuple([-before for before, _behind in self.cut]))


class Cropping1D(CroppingKind, frozen=True, kw_only=True):
    """Cuts steps off both ends of a sequence."""

    rank = 1
    spellings = {"keras": ("Cropping1D",)}
    source = "https://keras.io/api/layers/reshaping_layers/cropping1d/"

    cropping: Annotated[Cut, Option("Cropping", words="cropping", digest="by {}", always=True, joint="+")] = (1, 1)

    @property
    def cut(self) -> tuple[Side, ...]:
        return (self.cropping,)


class Cropping2D(CroppingKind, SpatialKind, frozen=True, kw_only=True):
    """Cuts the edges off an image: ((top, bottom), (left, right))."""

    rank = 2
    spellings = {"keras": ("Cropping2D",)}
    source = "https://keras.io/api/layers/reshaping_layers/cropping2d/"

    cropping: Annotated[
        tuple[Cut, Cut], Option("Cropping", words="cropping", digest="by {}", preset=1, always=True)
    ] = ((0, 0), (0, 0))

    @property
    def cut(self) -> tuple[Side, ...]:
        return self.cropping

    @classmethod
    def standardized(cls, options: Mapping[str, object]) -> dict[str, object]:
        return _sided(super().standardized(options), "cropping", 2)


class Cropping3D(CroppingKind, SpatialKind, frozen=True, kw_only=True):
    """Cuts the faces off a volume, on both sides of each axis."""

    rank = 3
    spellings = {"keras": ("Cropping3D",)}
    source = "https://keras.io/api/layers/reshaping_layers/cropping3d/"

    cropping: Annotated[tuple[Cut, Cut, Cut], Option("Cropping", words="cropping", digest="by {}", always=True)] = (
        (1, 1),
        (1, 1),
        (1, 1),
    )

    @property
    def cut(self) -> tuple[Side, ...]:
        return self.cropping

    @classmethod
    def standardized(cls, options: Mapping[str, object]) -> dict[str, object]:
        return _sided(super().standardized(options), "cropping", 3)


# Upsampling -----------------------------------------------------------------------------------------------------------


class UpSamplingKind(RankedKind, frozen=True, kw_only=True):
    """Makes several positions of each."""

    category = "reshape"
    search = ("upsample", "enlarge", "interpolate", "resize")

    @property
    def factors(self) -> tuple[int, ...]:
        """How many positions become of one, per axis."""
        raise NotImplementedError

    def output(self, x: TensorSpec) -> TensorSpec:
        _batch, space, channels = self.split(x)
        sizes = tuple([n * factor for n, factor in zip(space, self.factors, strict=True)])
        return x.reshaped(self.joined(x, sizes, channels))

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return seen_enlarged(field, self.factors)


class UpSampling1D(UpSamplingKind, frozen=True, kw_only=True):
    """Repeats every step of a sequence."""

    rank = 1
    spellings = {"keras": ("UpSampling1D",), "pytorch": ("Upsample",)}
    source = "https://keras.io/api/layers/reshaping_layers/up_sampling1d/"

    size: Annotated[Counted, Option("Factor", words="factor", digest="× {}", always=True)] = 2

    @property
    def factors(self) -> tuple[int, ...]:
        return (self.size,)


class UpSampling2D(UpSamplingKind, SpatialKind, frozen=True, kw_only=True):
    """Enlarges an image by whole factors: repeats rows and columns, or interpolates between them."""

    rank = 2
    spellings = {
        "keras": ("UpSampling2D",),
        "pytorch": ("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d"),
    }
    source = "https://keras.io/api/layers/reshaping_layers/up_sampling2d/"

    size: Annotated[Pair, Option("Factors", words="factor", digest="× {}", always=True)] = (2, 2)
    interpolation: Annotated[str, Option("Interpolation", digest="{}", choices=INTERPOLATIONS)] = "nearest"

    @property
    def factors(self) -> tuple[int, ...]:
        return self.size

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return super().seen(x, field) if self.interpolation == "nearest" else None

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        if self.interpolation not in INTERPOLATIONS:
            given = shortened(self.interpolation)
            yield f"interpolation {given} is none of {', '.join(INTERPOLATIONS)}: it fails when run"

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return lowered(super().keras_options(config), "interpolation")


class UpSampling3D(UpSamplingKind, SpatialKind, frozen=True, kw_only=True):
    """Enlarges a volume by whole factors."""

    rank = 3
    spellings = {"keras": ("UpSampling3D",), "pytorch": ("Upsample",)}
    source = "https://keras.io/api/layers/reshaping_layers/up_sampling3d/"

    size: Annotated[Triple, Option("Factors", words="factor", digest="× {}", always=True)] = (2, 2, 2)

    @property
    def factors(self) -> tuple[int, ...]:
        return self.size
