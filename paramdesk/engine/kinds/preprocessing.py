"""Numbers made ready: rescaled, or brought to mean 0 and variance 1. Only Keras has these as layers.

Normalization gathers a mean and a variance for every place along the axes that it keeps, and one count of the values it
has seen: 2n + 1 values that are not trained. Given mean and variance when it is made, it has no weights at all. One
pair for everything is `axis=None`, which makes n = 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias

from paramdesk.engine.crossing import LAST
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import product
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.activation import ElementwiseKind
from paramdesk.engine.option import Axes, Option
from paramdesk.engine.shape import Dim, Framework, TensorSpec, is_known, missing_axis, text, times
from paramdesk.engine.weight import Weight

Numbers: TypeAlias = float | tuple[float, ...]
"""One number for all, or one for each place along the last axis."""


GATHERED: Mapping[str, object] = {"mean": None, "variance": None}
"""Both left to be gathered from data."""


class Rescaling(ElementwiseKind, frozen=True, kw_only=True):
    """Multiplies by a scale and adds an offset: 1/255 brings bytes to 0…1."""

    elsewhere = "a product and a sum, done to the data"
    category = "io"
    spellings = {"keras": ("Rescaling",)}
    search = ("/255", "normalize", "scale", "bytes")
    takes_anything = frozenset({"scale", "offset"})
    source = "https://keras.io/api/layers/preprocessing_layers/image_preprocessing/rescaling/"

    scale: Annotated[Numbers, Option("Scale", digest="× {}", preset=1 / 255, joint=", ")]
    offset: Annotated[Numbers, Option("Offset", digest="+ {}", joint=", ")] = 0.0

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        is_one = not isinstance(self.scale, tuple) and not isinstance(self.offset, tuple)
        return super().channels_place(x, framework) if is_one else LAST

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        last = x.shape[-1] if x.shape else 1
        for name, given in (("scale", self.scale), ("offset", self.offset)):
            if not isinstance(given, tuple) or len(given) == 1 or not is_known(last) or last == len(given):
                continue
            if last == 1:
                yield f"Keras shows {text(x.shape)}, but {len(given)} numbers of {name} give a last axis of as many"
            else:
                yield f"{len(given)} numbers of {name} do not fit the last axis of {text(x.shape)}: it fails when run"

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        return options | {name: unpacked(options[name]) for name in ("scale", "offset") if name in options}


class Normalization(ElementwiseKind, frozen=True, kw_only=True):
    """Takes the mean out and divides by the standard deviation, both gathered from data before the training."""

    elsewhere = "torchvision's `Normalize`, done to the data"
    category = "io"
    spellings = {"keras": ("Normalization",)}
    search = ("standardize", "z-score", "normalize", "adapt")
    kept_whole = frozenset({"mean", "variance"})
    source = "https://keras.io/api/layers/preprocessing_layers/numerical/normalization/"

    axis: Annotated[Axes | None, Option("Axes kept", digest="axis {}", joint=", ")] = -1
    mean: Annotated[Numbers | None, Option("Mean", digest="mean {}", joint=", ", advanced=True)] = None
    variance: Annotated[Numbers | None, Option("Variance", digest="variance {}", joint=", ", advanced=True)] = None
    invert: Annotated[bool, Option("Invert", digest="inverse", advanced=True)] = False

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes along which every place has a mean of its own."""
        return self.axis if isinstance(self.axis, tuple) else () if self.axis is None else (self.axis,)

    def output(self, x: TensorSpec) -> TensorSpec:
        kept = self.kept(x)
        if (self.mean is None) != (self.variance is None):
            raise Refusal("mean and variance belong together: one alone cannot be given", "mean", (GATHERED,))
        if self.mean is not None:
            self._refuse_misfit([x.shape[axis] for axis in kept])
            return x
        for axis in kept:
            if kept.count(axis) > 1 and x.shape[axis] != 1:
                once = tuple(sorted(set(kept)))
                raise Refusal(f"axis = {text(self.axes)} names axis {axis} twice", "axis", ({"axis": once},))
        return x

    def _refuse_misfit(self, sizes: list[Dim]) -> None:
        """Refuses means and variances that cannot be spread over the axes kept.

        Raises:
            Refusal: there are others than one, or one for each place along the last of the axes, or along all.
        """
        means, variances = (len(given) if isinstance(given, tuple) else 0 for given in (self.mean, self.variance))
        if means != variances:
            raise Refusal(f"{means or 1} means and {variances or 1} variances: expected as many", "mean", (GATHERED,))
        fitting = [1, *(product(sizes[place:]) for place in range(len(sizes)))]
        if self.mean == () or (means and not (sizes and means in fitting)):
            places = f"the axes kept have {times(sizes)} places" if sizes else "no axis is kept"
            raise Refusal(f"{means} means cannot be spread: {places}", "mean", (GATHERED,))

    def kept(self, x: TensorSpec) -> list[int]:
        """The axes kept in ascending order, counted from the start.

        Raises:
            Refusal: there is no such axis, or its size is not known.
        """
        rank = len(x.shape)
        for axis in self.axes:
            if not -rank <= axis < rank:
                raise Refusal(missing_axis(axis, x.shape), "axis", ({"axis": -1},))
        kept = sorted(axis % rank for axis in self.axes)
        for axis in kept:
            if not is_known(x.shape[axis]):
                raise Refusal(f"the size of axis {axis} must be known, but the input is {text(x.shape)}", "axis")
        return kept

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        if self.mean is not None:
            return ()
        dims = tuple([x.shape[axis] for axis in self.kept(x)])
        return tuple(
            [Weight(name, shape, trainable=False, statistic=True)
             for name, shape in (("mean", dims), ("variance", dims), ("count", ()))]
        )  # fmt: skip

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        if self.mean is None:
            yield "Mean, variance and count are gathered with adapt(), not trained: they count as non-trainable."

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        axis = options.get("axis", -1)
        axes = 0 if axis is None else len(axis) if isinstance(axis, list | tuple) else 1
        mean, variance = options.get("mean"), options.get("variance")
        if shape_of(mean) != shape_of(variance) or len(shape_of(mean)) > axes:
            reason = f"expected as many axes as are kept ({axes}) at most, the same in both"
            raise InvalidOptions(f"mean = {shortened(mean)}, variance = {shortened(variance)}: {reason}", "mean")
        return options | {name: flat(options[name]) for name in ("mean", "variance") if name in options}


def unpacked(value: object) -> object:
    """An array as Keras serializes it, as a list; other values as they are."""
    if isinstance(value, Mapping) and value.get("class_name") == "__numpy__":
        config = value.get("config")
        return config.get("value") if isinstance(config, Mapping) else value
    return value


def shape_of(value: object) -> tuple[int, ...]:
    """The sizes of nested lists.

    >>> shape_of(2.0), shape_of([[1, 2, 3], [4, 5, 6]])
    ((), (2, 3))

    Raises:
        InvalidOptions: the inner lists differ in length.
    """
    if not isinstance(value, list | tuple):
        return ()
    inner = {shape_of(item) for item in value}
    if len(inner) > 1:
        raise InvalidOptions(f"{shortened(value)}: expected lists of one length")
    return (len(value), *inner.pop()) if inner else (0,)


def flat(value: object) -> object:
    """The numbers of nested lists in one row; a lone number as it is.

    >>> flat([[1, 2], [3, 4]]), flat(2.0)
    ((1, 2, 3, 4), 2.0)
    """
    if not isinstance(value, list | tuple):
        return value
    found: list[object] = []
    for item in value:
        inner = flat(item)
        found += inner if isinstance(inner, tuple) else [inner]
    return tuple(found)
