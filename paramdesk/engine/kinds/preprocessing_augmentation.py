"""Augmentation that moves or mixes images: flips, rotations, shifts, pieces erased. No weights, no MACs.

In training each image is changed at random, so that the network does not learn its accidents; afterwards images pass
as they are. So the shape never changes, and only the options are checked. A factor says how strong the change is: one
number f stands for a range around no change, two numbers for the range itself. Keras checks a factor in one of two
ways: each number must lie within bounds, or, of two numbers, only the nearer end of the range must.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec

from paramdesk.engine.errors import Refusal
from paramdesk.engine.kinds.preprocessing_image import PAGES, ImageKind, Seed
from paramdesk.engine.option import Integer, Option, Rate
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import TensorSpec, is_known

# A tuple of fixed length beside a bounded number makes msgspec 0.22 crash: these have their length by a constraint.
TWO = msgspec.Meta(min_length=2, max_length=2)
Range: TypeAlias = Annotated[tuple[float, ...], TWO]
Signed: TypeAlias = Annotated[float, msgspec.Meta(ge=-1, le=1)]
Zoom: TypeAlias = Annotated[float, msgspec.Meta(gt=-1, le=1)]

SignedFactor: TypeAlias = Signed | Range
RateFactor: TypeAlias = Rate | Range
StrictSignedFactor: TypeAlias = Signed | Annotated[tuple[Signed, ...], TWO]
StrictRateFactor: TypeAlias = Rate | Annotated[tuple[Rate, ...], TWO]
ZoomFactor: TypeAlias = Zoom | Annotated[tuple[Zoom, ...], TWO]

ValueRange: TypeAlias = Annotated[tuple[float, float], Option("Value range", joint=" to ", advanced=True)]
BYTES = (0.0, 255.0)

FillMode: TypeAlias = Literal["reflect", "wrap", "constant", "nearest"]
Interpolation: TypeAlias = Literal["nearest", "bilinear"]

FACTOR = Option("Factor", digest="{}", preset=0.2, joint=" to ")
PROBABILITY = Option("Probability", digest="{}", joint=" to ")


class AugmentationKind(ImageKind, frozen=True, kw_only=True):
    """What changes images in training and hands them on in the same shape."""

    elsewhere = "transforms of torchvision, done to the data"
    within: ClassVar[Mapping[str, tuple[int, int]]] = {}
    """Factors of which Keras checks, when they are two numbers, only the nearer ends: their bounds."""

    def output(self, x: TensorSpec) -> TensorSpec:
        for name, (least, most) in self.within.items():
            given = getattr(self, name)
            if isinstance(given, tuple) and (given[0] > most or given[1] < least):
                low, high = (min(max(end, least), most) for end in sorted(given))
                raise Refusal(
                    f"{name} = ({given[0]:g}, {given[1]:g}): expected a first number of at most {most} "
                    f"and a second one of at least {least}".replace("-", "−"),
                    name,
                    ({name: (low, high)},),
                )
        return x

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return field  # once it is trained, images pass as they are


class RandomKind(AugmentationKind, frozen=True, kw_only=True):
    """Augmentation by chance.

    Attributes:
        seed: where the random numbers start; None: elsewhere each time.
    """

    seed: Annotated[Seed | None, Option("Seed", advanced=True)] = None


class InterpolatingKind(RandomKind, frozen=True, kw_only=True):
    """What takes values from between the positions of an image.

    Attributes:
        interpolation: how.
        fill_value: what stands where the image has moved away, if it is filled with a constant.
    """

    takes_anything = frozenset({"fill_value"})

    interpolation: Annotated[Interpolation, Option("Interpolation", advanced=True)] = "bilinear"
    fill_value: Annotated[float, Option("Fill value", advanced=True)] = 0.0


class WarpingKind(InterpolatingKind, frozen=True, kw_only=True):
    """What moves the positions of an image.

    Attributes:
        fill_mode: what comes in from outside.
    """

    fill_mode: Annotated[FillMode, Option("Fill mode", advanced=True)] = "reflect"


# Moved ----------------------------------------------------------------------------------------------------------------


class RandomFlip(RandomKind, frozen=True, kw_only=True):
    """Mirrors images at random, in training only."""

    spellings = {"keras": ("RandomFlip",)}
    search = ("augmentation", "mirror", "flip")
    takes_anything = frozenset({"mode"})
    source = f"{PAGES}image_augmentation/random_flip/"

    mode: Annotated[
        Literal["horizontal_and_vertical", "horizontal", "vertical"], Option("Direction", digest="{}", always=True)
    ] = "horizontal_and_vertical"


class RandomRotation(WarpingKind, frozen=True, kw_only=True):
    """Rotates images at random, in training only; a factor of 1 is a full turn."""

    spellings = {"keras": ("RandomRotation",)}
    search = ("augmentation", "rotate", "turn", "angle")
    within = {"factor": (-1, 1)}
    source = f"{PAGES}image_augmentation/random_rotation/"

    factor: Annotated[SignedFactor, FACTOR]

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return zeroed(super().keras_options(config), "factor")


class RandomTranslation(WarpingKind, frozen=True, kw_only=True):
    """Shifts images at random, in training only; factors are shares of the height and the width."""

    spellings = {"keras": ("RandomTranslation",)}
    search = ("augmentation", "shift", "translate", "move")
    source = f"{PAGES}image_augmentation/random_translation/"

    height_factor: Annotated[StrictSignedFactor, Option("Along the height", digest="{}", preset=0.2, joint=" to ")]
    width_factor: Annotated[StrictSignedFactor, Option("Along the width", digest="{}", preset=0.2, joint=" to ")]


class RandomZoom(WarpingKind, frozen=True, kw_only=True):
    """Enlarges or shrinks what images show, at random and in training only; their size stays."""

    spellings = {"keras": ("RandomZoom",)}
    search = ("augmentation", "zoom", "enlarge", "scale")
    source = f"{PAGES}image_augmentation/random_zoom/"

    height_factor: Annotated[ZoomFactor, Option("Along the height", digest="{}", preset=0.2, joint=" to ")]
    width_factor: Annotated[ZoomFactor | None, Option("Along the width", digest="{}", joint=" to ")] = None


class RandomShear(WarpingKind, frozen=True, kw_only=True):
    """Slants images at random, in training only."""

    spellings = {"keras": ("RandomShear",)}
    search = ("augmentation", "shear", "slant", "skew")
    source = f"{PAGES}image_augmentation/random_shear/"

    x_factor: Annotated[StrictRateFactor, Option("Along the width", digest="{}", preset=0.2, joint=" to ")] = 0.0
    y_factor: Annotated[StrictRateFactor, Option("Along the height", digest="{}", joint=" to ")] = 0.0


class RandomPerspective(InterpolatingKind, frozen=True, kw_only=True):
    """Shows images as if from aside, at random and in training only: their corners move."""

    spellings = {"keras": ("RandomPerspective",)}
    search = ("augmentation", "perspective", "distort")
    within = {"factor": (0, 1)}
    source = f"{PAGES}image_augmentation/random_perspective/"

    factor: Annotated[RateFactor, PROBABILITY] = 1.0
    scale: Annotated[Rate, Option("Strength", digest="strength {}")] = 1.0


class RandomElasticTransform(InterpolatingKind, frozen=True, kw_only=True):
    """Warps images like rubber, at random and in training only."""

    spellings = {"keras": ("RandomElasticTransform",)}
    search = ("augmentation", "elastic", "distort", "warp")
    takes_anything = InterpolatingKind.takes_anything | {"value_range"}
    within = {"factor": (0, 1), "scale": (0, 1)}
    source = f"{PAGES}image_augmentation/random_elastic_transform/"

    factor: Annotated[RateFactor, PROBABILITY] = 1.0
    scale: Annotated[RateFactor, Option("Strength", digest="strength {}", joint=" to ")] = 1.0
    fill_mode: Annotated[FillMode | Literal["mirror"], Option("Fill mode", advanced=True)] = "reflect"
    value_range: ValueRange = BYTES

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from super().warnings(x, y)
        if self.fill_mode == "mirror":
            yield "Keras takes the fill mode 'mirror', but cannot move images with it: it fails when run"


# Erased and mixed -----------------------------------------------------------------------------------------------------


class RandomErasing(RandomKind, frozen=True, kw_only=True):
    """Covers a rectangle of images, at random and in training only."""

    spellings = {"keras": ("RandomErasing",)}
    search = ("augmentation", "cutout", "erase", "occlusion")
    takes_anything = frozenset({"fill_value", "value_range"})
    within = {"factor": (0, 1), "scale": (0, 1)}
    source = f"{PAGES}image_augmentation/random_erasing/"

    factor: Annotated[RateFactor, PROBABILITY] = 1.0
    scale: Annotated[RateFactor, Option("Share erased", digest="share {}", joint=" to ")] = (0.02, 0.33)
    fill_value: Annotated[float | tuple[float, float, float] | None, Option("Fill value", advanced=True)] = None
    value_range: ValueRange = BYTES


class CutMix(RandomKind, frozen=True, kw_only=True):
    """Puts a rectangle of another image of the batch into each, in training only, and mixes their labels alike."""

    spellings = {"keras": ("CutMix",)}
    search = ("augmentation", "mix", "regularization")
    within = {"factor": (0, 1)}
    source = f"{PAGES}image_augmentation/cut_mix/"

    factor: Annotated[RateFactor, Option("Factor", digest="{}", joint=" to ")] = 1.0


class MixUp(RandomKind, frozen=True, kw_only=True):
    """Blends each image with another one of the batch, in training only, and their labels alike."""

    spellings = {"keras": ("MixUp",)}
    search = ("augmentation", "mix", "blend", "regularization")
    takes_anything = frozenset({"alpha"})
    source = f"{PAGES}image_augmentation/mix_up/"

    alpha: Annotated[float, Option("Alpha", digest="alpha {}")] = 0.2


# Several at once ------------------------------------------------------------------------------------------------------


class CompositeKind(RandomKind, frozen=True, kw_only=True):
    """What applies several augmentations, picked at random.

    Attributes:
        interpolation: how values between the positions are found.
        value_range: of the images' values.
    """

    interpolation: Annotated[Interpolation, Option("Interpolation", advanced=True)] = "bilinear"
    value_range: ValueRange = BYTES

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from super().warnings(x, y)
        channels = self.channels(x)
        if is_known(channels) and channels not in (1, 3):
            yield (
                f"among others it turns images grey, which takes 3 channels (or 1), "
                f"and the input has {channels}: it may fail when run"
            )


class RandAugment(CompositeKind, frozen=True, kw_only=True):
    """Applies a few augmentations of one strength, picked at random, in training only."""

    spellings = {"keras": ("RandAugment",)}
    search = ("augmentation", "policy", "random")
    takes_anything = frozenset({"num_ops"})
    source = f"{PAGES}image_augmentation/rand_augment/"

    num_ops: Annotated[Integer, Option("Augmentations", digest="{} augmentations")] = 2
    factor: Annotated[StrictRateFactor, Option("Factor", digest="{}", joint=" to ")] = 0.5


class AugMix(CompositeKind, frozen=True, kw_only=True):
    """Blends several chains of augmentations with the image, in training only."""

    spellings = {"keras": ("AugMix",)}
    search = ("augmentation", "robustness", "mix")
    takes_anything = frozenset({"num_chains", "chain_depth", "alpha"})
    source = f"{PAGES}image_augmentation/aug_mix/"

    num_chains: Annotated[Integer, Option("Chains", digest="{} chains")] = 3
    chain_depth: Annotated[Integer, Option("Depth of a chain", digest="depth {}")] = 3
    factor: Annotated[StrictRateFactor, Option("Factor", digest="{}", joint=" to ")] = 0.3
    alpha: Annotated[float, Option("Alpha", advanced=True)] = 1.0
    all_ops: Annotated[bool, Option("All augmentations", advanced=True)] = True


def zeroed(options: dict[str, object], name: str) -> dict[str, object]:
    """The options with a factor that says nothing (None, an empty list) read as 0, as Keras reads it."""
    if name in options:
        options[name] = options[name] or 0.0
    return options
