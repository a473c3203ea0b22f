"""Augmentation of colours: brightness, contrast, hue, grey. No weights, no MACs.

As in `paramdesk.engine.kinds.preprocessing_augmentation`: in training each image is changed at random, the shape never.
Hue and saturation turn colours into HSV and so need three channels: red, green and blue. Keras checks that in one of
these layers only (RandomColorDegeneration); the others fail when run, which is told as a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias

import msgspec

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.preprocessing_augmentation import (
    BYTES,
    FACTOR,
    PROBABILITY,
    TWO,
    AugmentationKind,
    RandomKind,
    RateFactor,
    SignedFactor,
    StrictRateFactor,
    ValueRange,
    zeroed,
)
from paramdesk.engine.kinds.preprocessing_image import PAGES
from paramdesk.engine.option import Integer, Option, Rate
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import TensorSpec, is_known

Bits: TypeAlias = Annotated[float, msgspec.Meta(ge=1, le=8)] | Annotated[tuple[float, ...], TWO]
Kernel: TypeAlias = Integer | Annotated[tuple[Integer, ...], TWO]

AUGMENTATION = f"{PAGES}image_augmentation/"


class ColorKind(AugmentationKind, frozen=True, kw_only=True):
    """What changes the values of an image.

    Attributes:
        value_range: of the values, in what comes in and in what comes out.
    """

    value_range: ValueRange = BYTES


class RandomColorKind(RandomKind, frozen=True, kw_only=True):
    """The same at random.

    Attributes:
        value_range: of the values, in what comes in and in what comes out.
    """

    value_range: ValueRange = BYTES

    def warned_of_channels(self, x: TensorSpec, *, which: tuple[int, ...] = (3,)) -> Iterable[str]:
        """Says that there are not as many channels as the colours need."""
        channels = self.channels(x)
        if is_known(channels) and channels not in which:
            yield f"it needs images of 3 channels (red, green, blue), and the input has {channels}: it fails when run"


# Tones ----------------------------------------------------------------------------------------------------------------


class RandomBrightness(RandomColorKind, frozen=True, kw_only=True):
    """Makes images brighter or darker at random, in training only."""

    spellings = {"keras": ("RandomBrightness",)}
    search = ("augmentation", "brightness", "light", "colour")
    within = {"factor": (-1, 1)}
    source = f"{AUGMENTATION}random_brightness/"

    factor: Annotated[SignedFactor, FACTOR]

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return zeroed(super().keras_options(config), "factor")


class RandomContrast(RandomColorKind, frozen=True, kw_only=True):
    """Strengthens or weakens the contrast of images at random, in training only."""

    spellings = {"keras": ("RandomContrast",)}
    search = ("augmentation", "contrast", "colour")
    takes_anything = frozenset({"value_range"})
    within = {"factor": (0, 1)}
    source = f"{AUGMENTATION}random_contrast/"

    factor: Annotated[RateFactor, FACTOR]


class RandomSharpness(RandomColorKind, frozen=True, kw_only=True):
    """Sharpens or softens images at random, in training only."""

    spellings = {"keras": ("RandomSharpness",)}
    search = ("augmentation", "sharpen", "blur")
    within = {"factor": (0, 1)}
    source = f"{AUGMENTATION}random_sharpness/"

    factor: Annotated[RateFactor, FACTOR]


class RandomGaussianBlur(RandomColorKind, frozen=True, kw_only=True):
    """Blurs images at random, in training only."""

    spellings = {"keras": ("RandomGaussianBlur",)}
    search = ("augmentation", "blur", "smooth")
    takes_anything = frozenset({"value_range"})
    within = {"factor": (0, 1), "sigma": (0, 1)}
    source = f"{AUGMENTATION}random_gaussian_blur/"

    factor: Annotated[RateFactor, PROBABILITY] = 1.0
    kernel_size: Annotated[Kernel, Option("Kernel size", digest="kernel {}")] = 3
    sigma: Annotated[RateFactor, Option("Sigma", digest="sigma {}", joint=" to ")] = 1.0

    def output(self, x: TensorSpec) -> TensorSpec:
        sides = self.kernel_size if isinstance(self.kernel_size, tuple) else (self.kernel_size,)
        if any(side % 2 == 0 for side in sides):
            odd = tuple([side + (side % 2 == 0) for side in sides])
            raise Refusal(
                f"kernel_size = {'×'.join(map(str, sides))}: expected odd numbers",
                "kernel_size",
                ({"kernel_size": odd if len(odd) > 1 else odd[0]},),
            )
        return super().output(x)


class RandomInvert(RandomColorKind, frozen=True, kw_only=True):
    """Makes negatives of images at random, in training only."""

    spellings = {"keras": ("RandomInvert",)}
    search = ("augmentation", "negative", "invert", "colour")
    takes_anything = frozenset({"value_range"})
    within = {"factor": (0, 1)}
    source = f"{AUGMENTATION}random_invert/"

    factor: Annotated[RateFactor, PROBABILITY] = 1.0


class RandomPosterization(RandomColorKind, frozen=True, kw_only=True):
    """Leaves values a few bits only, at random and in training only."""

    spellings = {"keras": ("RandomPosterization",)}
    search = ("augmentation", "posterize", "bits", "colour")
    within = {"factor": (1, 8)}
    source = f"{AUGMENTATION}random_posterization/"

    factor: Annotated[Bits, Option("Bits", digest="{} bits", preset=4, joint=" to ")]

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from super().warnings(x, y)
        if not isinstance(self.factor, tuple) and self.factor % 1:
            yield f"there are no {self.factor:g} bits: it fails when run"


class Solarization(RandomColorKind, frozen=True, kw_only=True):
    """Turns bright values into dark ones, in training only."""

    spellings = {"keras": ("Solarization",)}
    search = ("augmentation", "solarize", "threshold", "colour")
    source = f"{AUGMENTATION}solarization/"

    addition_factor: Annotated[StrictRateFactor, Option("Addition", digest="+ {}", joint=" to ")] = 0.0
    threshold_factor: Annotated[StrictRateFactor, Option("Threshold", digest="above {}", joint=" to ")] = 0.0


# Colours --------------------------------------------------------------------------------------------------------------


class RandomHue(RandomColorKind, frozen=True, kw_only=True):
    """Shifts the hue of images at random, in training only."""

    spellings = {"keras": ("RandomHue",)}
    search = ("augmentation", "hue", "colour")
    takes_anything = frozenset({"value_range"})
    within = {"factor": (0, 1)}
    source = f"{AUGMENTATION}random_hue/"

    factor: Annotated[RateFactor, FACTOR]

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from super().warnings(x, y)
        yield from self.warned_of_channels(x)


class RandomSaturation(RandomColorKind, frozen=True, kw_only=True):
    """Makes colours stronger or paler at random, in training only."""

    spellings = {"keras": ("RandomSaturation",)}
    search = ("augmentation", "saturation", "colour")
    within = {"factor": (-1, 1)}
    source = f"{AUGMENTATION}random_saturation/"

    factor: Annotated[SignedFactor, FACTOR]

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from super().warnings(x, y)
        yield from self.warned_of_channels(x)


class RandomColorDegeneration(RandomColorKind, frozen=True, kw_only=True):
    """Blends images with their grey version at random, in training only."""

    spellings = {"keras": ("RandomColorDegeneration",)}
    search = ("augmentation", "grey", "saturation", "colour")
    within = {"factor": (-1, 1)}
    source = f"{AUGMENTATION}random_color_degeneration/"

    factor: Annotated[SignedFactor, FACTOR]

    def output(self, x: TensorSpec) -> TensorSpec:
        self.refuse_other_ranks(x)
        channels = self.channels(x)
        if is_known(channels) and channels != 3:
            raise Refusal(f"it needs images of 3 channels (red, green, blue), but the input has {channels}")
        return super().output(x)


class RandomGrayscale(RandomKind, frozen=True, kw_only=True):
    """Takes the colour out of images at random, in training only; they keep their channels."""

    spellings = {"keras": ("RandomGrayscale",)}
    search = ("augmentation", "grey", "gray", "black and white", "colour")
    keeps_type = True
    source = f"{AUGMENTATION}random_grayscale/"

    factor: Annotated[Rate, PROBABILITY] = 0.5

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from super().warnings(x, y)
        channels = self.channels(x)
        if is_known(channels) and channels not in (1, 3):
            yield f"only images of 3 channels turn grey (or of 1), and the input has {channels}: it fails when run"


class RandomColorJitter(RandomColorKind, frozen=True, kw_only=True):
    """Changes brightness, contrast, saturation and hue at random, in training only; each only where it is asked for."""

    spellings = {"keras": ("RandomColorJitter",)}
    search = ("augmentation", "jitter", "brightness", "contrast", "saturation", "hue", "colour")
    takes_anything = frozenset({"value_range"})
    within = {"brightness_factor": (-1, 1), "contrast_factor": (0, 1), "saturation_factor": (-1, 1),
              "hue_factor": (0, 1)}  # fmt: skip
    source = f"{AUGMENTATION}random_color_jitter/"

    brightness_factor: Annotated[SignedFactor | None, Option("Brightness", digest="brightness {}", joint=" to ")] = None
    contrast_factor: Annotated[RateFactor | None, Option("Contrast", digest="contrast {}", joint=" to ")] = None
    saturation_factor: Annotated[SignedFactor | None, Option("Saturation", digest="saturation {}", joint=" to ")] = None
    hue_factor: Annotated[RateFactor | None, Option("Hue", digest="hue {}", joint=" to ")] = None

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from super().warnings(x, y)
        if self.saturation_factor is not None or self.hue_factor is not None:
            if self.channels_first(x):
                yield "Keras looks for the channels of hue and saturation on the last axis: it fails when run"
            else:
                yield from self.warned_of_channels(x)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        if options.get("brightness_factor") is not None:
            zeroed(options, "brightness_factor")
        given = options.get("value_range", ())
        # Of its four parts these two look at the range when they are made.
        is_checked = any(options.get(name) is not None for name in ("brightness_factor", "saturation_factor"))
        if "value_range" in options and is_checked and not (isinstance(given, list | tuple) and len(given) == 2):
            raise InvalidOptions(f"value_range = {shortened(given)}: expected two numbers", "value_range")
        return options


# Histograms -----------------------------------------------------------------------------------------------------------


class AutoContrast(ColorKind, frozen=True, kw_only=True):
    """Stretches the values of each image over the whole range."""

    spellings = {"keras": ("AutoContrast",)}
    search = ("contrast", "stretch", "histogram")
    source = f"{PAGES}image_preprocessing/auto_contrast/"

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return None  # the darkest and the brightest place of the image decide


class Equalization(ColorKind, frozen=True, kw_only=True):
    """Spreads the values of each channel evenly over the range, in training only."""

    spellings = {"keras": ("Equalization",)}
    search = ("augmentation", "histogram", "equalize")
    takes_anything = frozenset({"bins"})
    keeps_type = True
    source = f"{AUGMENTATION}equalization/"

    bins: Annotated[Integer, Option("Bins", digest="{} bins")] = 256


class ContrastLimitedAdaptiveHistogramEqualization(ColorKind, frozen=True, kw_only=True):
    """Spreads values evenly within each tile of an image (CLAHE); a limit keeps noise from being amplified."""

    spellings = {"keras": ("ContrastLimitedAdaptiveHistogramEqualization",)}
    search = ("clahe", "histogram", "equalize", "contrast")
    takes_anything = frozenset({"value_range", "clip_limit", "tile_grid_size"})
    source = (
        "https://github.com/keras-team/keras/blob/master/keras/src/layers/preprocessing/image_preprocessing/clahe.py"
    )

    clip_limit: Annotated[float, Option("Clip limit", digest="limit {}")] = 4.0
    tile_grid_size: Annotated[tuple[Integer, Integer], Option("Tiles", digest="{} tiles")] = (8, 8)

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from super().warnings(x, y)
        if len(x.shape) not in (3, 4):
            return
        place = self.place_of_height(x)
        for size, tiles in zip(x.shape[place : place + 2], self.tile_grid_size, strict=True):
            if tiles < 1:
                yield f"an image cannot be cut into {tiles} tiles: it fails when run".replace("-", "−")
            elif is_known(size) and -size % tiles > size:
                yield f"{size} positions are too few for {tiles} tiles: it fails when run"

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return None  # every place of the tile and of its neighbours counts
