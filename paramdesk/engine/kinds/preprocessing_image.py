"""Images made ready: resized, cropped. No weights, no MACs, and only Keras has these as layers.

An image has three axes, a batch of images four: both are taken, and height and width are counted from the end. What
comes out is `height` × `width`, whatever came in. Keras works the shape out without looking at more than it needs, so
it accepts tensors that are no images and fails on them later: that is told as a warning.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias

import msgspec

from paramdesk.engine.crossing import LAST
from paramdesk.engine.errors import Refusal
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.upsampling import INTERPOLATIONS
from paramdesk.engine.layer_kind import BATCH, Tensors, lowered
from paramdesk.engine.option import Integer, Natural, Option
from paramdesk.engine.receptive_field import ReceptiveField, seen_shifted
from paramdesk.engine.shape import UNKNOWN, Dim, Framework, Layout, TensorSpec, text
from paramdesk.engine.single_input import SingleInputKind

Target: TypeAlias = Natural | None
"""A size to be made; None, which Keras does not check either, fails when run."""

Seed: TypeAlias = Annotated[int, msgspec.Meta(ge=1 - 2**63, le=2**63 - 1, extra={"true_is_one": False})]
"""Where random numbers start; Keras takes whole numbers only."""

PAGES = "https://keras.io/api/layers/preprocessing_layers/"


class ImageKind(SingleInputKind, frozen=True, kw_only=True):
    """What works on an image or a batch of images.

    Attributes:
        data_format: where the channels are; None: as in the rest of the architecture.
    """

    category = "io"
    inert = frozenset({"bounding_box_format"})

    data_format: Annotated[Layout | None, Option("Data format", advanced=True, only="keras")] = None

    def channels_first(self, x: TensorSpec) -> bool:
        """Whether channels stand before height and width."""
        return (self.data_format or x.layout) == "channels_first"

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        return 1 if len(x.shape) == 4 else LAST

    def place_of_height(self, x: TensorSpec) -> int:
        """The axis of the height, counted from the start; the width's is the next one.

        Raises:
            Refusal: the input has too few axes.
        """
        place = len(x.shape) - (2 if self.channels_first(x) else 3)
        if place < 0:
            raise Refusal(
                f"{self.title()} needs 3 axes (height, width and channels) or 4 (batch), "
                f"but the input {text(x.shape)} has {len(x.shape)}"
            )
        return place

    def refuse_other_ranks(self, x: TensorSpec) -> None:
        """Refuses what is neither an image nor a batch of images, where Keras does so before it is run.

        Raises:
            Refusal: the input has another number of axes.
        """
        if len(x.shape) not in (3, 4):
            raise Refusal(f"{self.title()} needs 3 or 4 axes, but the input {text(x.shape)} has {len(x.shape)}")

    def channels(self, x: TensorSpec) -> Dim:
        """How many channels an image has; the last axis of what is none."""
        return x.shape[-3 if self.channels_first(x) and len(x.shape) >= 3 else -1] if x.shape else 1

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        if len(x.shape) not in (3, 4):
            yield (
                f"an image has 3 axes (height, width and channels) or 4 (batch), "
                f"but the input {text(x.shape)} has {len(x.shape)}: it fails when run"
            )

    def samples_on(self, inputs: Tensors) -> Dim:
        return 1 if len(inputs[0].shape) == 3 else super().samples_on(inputs)

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        if len(x.shape) not in (3, 4):
            return super().axis_names(x)
        image = ("channels", "height", "width") if self.channels_first(x) else ("height", "width", "channels")
        return image if len(x.shape) == 3 else (BATCH, *image)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return lowered(super().keras_options(config), "data_format")


class SizedKind(ImageKind, frozen=True, kw_only=True):
    """What makes images of one size.

    Attributes:
        height: of what comes out.
        width: of what comes out.
    """

    elsewhere = "transforms of torchvision, done to the data"
    height: Annotated[Target, Option("Height", words="height", digest="{} high", preset=224)]
    width: Annotated[Target, Option("Width", words="width", digest="{} wide", preset=224)]

    def output(self, x: TensorSpec) -> TensorSpec:
        return self.sized(x, self.place_of_height(x))

    def sized(self, x: TensorSpec, place: int) -> TensorSpec:
        """The input with the height to be made on an axis and the width on the next one."""
        shape = list(x.shape)
        for axis, size in enumerate((self.height, self.width), place):
            shape[axis] = UNKNOWN if size is None else size
        return x.reshaped(tuple(shape))

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from super().warnings(x, y)
        if self.height is None or self.width is None:
            yield "a height or width of None is none to be made: it fails when run"

    def digest(self, rank: int | None = None, layout: Layout = "channels_last") -> str:
        """The size: `224 × 224`."""
        return " × ".join("?" if size is None else f"{size:,}" for size in (self.height, self.width))


class Resizing(SizedKind, frozen=True, kw_only=True):
    """Brings images to one height and width, by interpolating between their values.

    Shrunk or stretched as it is, an image loses its proportions. It keeps them where it is cropped to the target's
    proportions before or, the other way, padded.
    """

    spellings = {"keras": ("Resizing",)}
    search = ("resize", "scale", "image size", "interpolate")
    takes_anything = frozenset({"interpolation", "fill_mode", "fill_value"})
    source = f"{PAGES}image_preprocessing/resizing/"

    interpolation: Annotated[str, Option("Interpolation", choices=INTERPOLATIONS)] = "bilinear"
    crop_to_aspect_ratio: Annotated[bool, Option("Crop to the proportions", advanced=True)] = False
    pad_to_aspect_ratio: Annotated[bool, Option("Pad to the proportions", advanced=True)] = False
    fill_mode: Annotated[str, Option("Fill mode", advanced=True)] = "constant"
    fill_value: Annotated[float, Option("Fill value", advanced=True)] = 0.0
    antialias: Annotated[bool, Option("Antialias", advanced=True)] = False

    def output(self, x: TensorSpec) -> TensorSpec:
        first = int(self.channels_first(x))
        place = self.place_of_height(x) if len(x.shape) == 4 else first
        if place + 1 >= len(x.shape):
            raise Refusal(
                f"Resizing sets axis {place} and axis {place + 1}, but the input {text(x.shape)} has {len(x.shape)}"
            )
        return self.sized(x, place)

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from super().warnings(x, y)
        if self.interpolation not in INTERPOLATIONS:
            given = shortened(self.interpolation)
            yield f"interpolation {given} is none of {', '.join(INTERPOLATIONS)}: it fails when run"
        if 0 in (self.height, self.width):
            yield f"no image has the size {self.digest()}: it fails when run"
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            yield "it cannot both crop and pad to the target's proportions: it fails when run"
        if self.fill_mode != "constant":
            yield f"fill mode {shortened(self.fill_mode)} is not 'constant': it fails when run"


class CenterCrop(SizedKind, frozen=True, kw_only=True):
    """Cuts the middle out of images; where an image is smaller than that, it is resized."""

    spellings = {"keras": ("CenterCrop",)}
    search = ("crop", "cut", "middle")
    source = f"{PAGES}image_preprocessing/center_crop/"

    def output(self, x: TensorSpec) -> TensorSpec:
        self.refuse_other_ranks(x)
        return super().output(x)

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        place = self.place_of_height(x)
        before = []
        for size, wanted in zip(x.shape[place : place + 2], (self.height, self.width), strict=True):
            if not isinstance(size, int) or wanted is None or size < wanted:
                return None
            before.append(-((size - wanted) // 2))
        return seen_shifted(field, tuple(before))


class RandomCrop(SizedKind, frozen=True, kw_only=True):
    """Cuts a piece out of images, in training at a place that chance picks; smaller images are resized."""

    spellings = {"keras": ("RandomCrop",)}
    search = ("augmentation", "crop", "cut", "random")
    source = f"{PAGES}image_augmentation/random_crop/"

    seed: Annotated[Seed | None, Option("Seed", advanced=True)] = None

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        yield "Keras crops in training only: called with training=False, it hands images on in the size they have."


class MaxNumBoundingBoxes(ImageKind, frozen=True, kw_only=True):
    """Brings the lists of boxes that come with images to one length; the images themselves stay as they are."""

    elsewhere = "nothing: targets are a matter of the data"
    spellings = {"keras": ("MaxNumBoundingBoxes",)}
    search = ("boxes", "detection", "pad")
    source = f"{PAGES}image_augmentation/max_num_bounding_boxes/"

    max_number: Annotated[Integer, Option("Boxes", words="boxes", digest="{} boxes", preset=100)]
    fill_value: Annotated[Integer, Option("Fill value", advanced=True)] = -1

    def output(self, x: TensorSpec) -> TensorSpec:
        return x

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return field

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        for name in ("max_number", "fill_value"):
            given = options.get(name)
            if isinstance(given, float | str):
                with contextlib.suppress(ValueError, OverflowError):  # what is no number, the check of types refuses
                    options[name] = int(given)
        return options
