"""Normalization of each sample over its last axes, or along one: nothing is gathered from other samples.

Layer normalization learns a scale (gamma) and a shift (beta) for every value of the axes that it normalizes, RMS
normalization a scale alone: over the last axis of 512 values that is 1,024 and 512 parameters. Unit normalization and
local response normalization learn nothing. There is nothing to multiply and accumulate.

Keras is told the axes, PyTorch their sizes: `normalized_shape` stands for the last axes and must agree with them.
Keras sorts the axes as they are written, so that −1 comes before 1. Its RMS normalization multiplies with the scale
along the last axes whichever it has normalized, so it fails when run if these do not fit.
Sources: `keras.layers.LayerNormalization`, `torch.nn.LayerNorm` and their relatives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec

from paramdesk.engine.crossing import Crossing
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import named
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.activation import ElementwiseKind
from paramdesk.engine.kinds.normalization import (
    Center,
    NormalizingKind,
    refuse_lone_shift,
    scale_and_shift,
    with_shift,
)
from paramdesk.engine.layer_kind import LayerKind, Tensors
from paramdesk.engine.option import AFew, Axes, Natural, Option, Positive
from paramdesk.engine.shape import UNKNOWN, Dim, Shape, TensorSpec, is_known, missing_axis, text
from paramdesk.engine.spelling import UNCOUNTED, Argument, Module
from paramdesk.engine.weight import Weight

Sizes: TypeAlias = Annotated[tuple[Natural, ...], AFew]

CHANNELS_BEHIND = (-4, -2, -1, -3)
"""The axes of a batch of pictures when the channels have been put behind, as torchvision's LayerNorm2d does."""


def axes_in(axis: int | tuple[int, ...]) -> tuple[int, ...]:
    """The axes, however many.

    >>> axes_in(-1), axes_in((1, 2))
    ((-1,), (1, 2))
    """
    return (axis,) if isinstance(axis, int) else axis


def named_twice(axis: int | tuple[int, ...], x: TensorSpec) -> Iterable[str]:
    """What Keras does not see before it runs."""
    axes = axes_in(axis)
    if len({axis % len(x.shape) for axis in axes}) < len(axes):
        yield f"axis {axis} names an axis twice: it fails when run"


class AxesKind(NormalizingKind, frozen=True, kw_only=True):
    """What normalizes over axes, each value of which has a weight of its own.

    Attributes:
        axis: over which axes; in PyTorch the last ones, or the channels of a picture.
        declared: sizes of these axes, where PyTorch writes them down.
    """

    axis: Annotated[Axes, Option("Axis", digest="axis {}", joint=", ")] = -1
    declared: Annotated[Sizes | None, Option("Made for", advanced=True, only="pytorch", unsaid="dropped")] = None

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes, however many."""
        return axes_in(self.axis)

    def dims(self, x: TensorSpec) -> Shape:
        """Sizes of the axes: in PyTorch as they are written, in Keras in ascending order (−1 stands before 1).

        Raises:
            Refusal: there is no such axis.
        """
        rank = len(x.shape)
        for axis in self.axes:
            if not -rank <= axis < rank:
                raise Refusal(missing_axis(axis, x.shape), "axis", ({"axis": -1},))
        axes = self.axes if x.framework == "pytorch" else sorted(self.axes)
        sizes = tuple([x.shape[axis] for axis in axes]) if self.declared is None else self.declared
        if len(sizes) != len(axes):
            reason = f"it was made for {text(sizes)}, which are not as many sizes as axes in {self.axis}"
            raise Refusal(reason, "declared", ({"declared": None},))
        if isinstance(self.axis, int) or (len(sizes) == 1 and self.declared is not None):
            return (named("channels", sizes[0]),)
        names = self.axis_names(x)
        return tuple([named(f"input {names[axis]}", size) for axis, size in zip(axes, sizes, strict=True)])

    def declared_inputs(self) -> Tensors:
        if self.declared is None or len(self.declared) != len(self.axes):
            return ()
        known: dict[int, Dim] = dict(zip(self.axes, self.declared, strict=True))
        shape = tuple(known.get(axis, UNKNOWN) for axis in range(min(-4, -len(known)), 0))
        return (TensorSpec(shape, layout="channels_first", framework="pytorch"),)

    def crossed(self, crossing: Crossing) -> LayerKind:
        """In PyTorch with the axes counted from the last one, in ascending order, as its sizes come."""
        kind, rank = super().crossed(crossing), crossing.rank
        if crossing.framework == "keras" or not isinstance(kind, AxesKind):
            return kind
        if not all(-rank <= axis < rank for axis in kind.axes):
            return kind
        counted = tuple(sorted(axis % rank - rank for axis in kind.axes))
        return msgspec.structs.replace(kind, axis=counted[0] if isinstance(kind.axis, int) else counted)

    def refuse_axes(self, x: TensorSpec) -> None:
        """Refuses axes that PyTorch does not normalize over, and sizes that it was not made for."""
        self.dims(x)
        if x.framework == "keras":
            return
        rank, count = len(x.shape), len(self.axes)
        axes = tuple(axis - rank if axis >= 0 else axis for axis in self.axes)
        if not axes or (axes != tuple(range(-count, 0)) and (rank != 4 or axes != CHANNELS_BEHIND[4 - count :])):
            reason = f"axis {self.axis} of the input {text(x.shape)}: PyTorch normalizes the last axes"
            raise Refusal(reason, "axis", ({"axis": tuple(range(-count, 0)) if count > 1 else -1},))
        found = [x.shape[axis] for axis in axes]
        for declared, size in zip(self.declared or (), found, strict=False):
            if is_known(size) and size != declared:
                has = f"the input {text(x.shape)} has {text(tuple(found))}"
                raise Refusal(
                    f"it was made for {text(self.declared or ())}, but {has}", "declared", ({"declared": tuple(found)},)
                )

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        shape = options.get("declared")
        sizes = (shape,) if isinstance(shape, int) else tuple(shape) if isinstance(shape, list | tuple) else ()
        if not sizes:
            reason = "expected the size of the last axis, or a list of those of the last ones"
            raise InvalidOptions(f"normalized_shape = {shortened(shape)}: {reason}", "declared")
        axes = CHANNELS_BEHIND[4 - len(sizes) :] if module.name == "LayerNorm2d" else tuple(range(-len(sizes), 0))
        return {**options, "declared": sizes, "axis": axes if len(axes) > 1 else axes[0]}


NORMALIZED_SHAPE = {"normalized_shape": Argument("declared")}
LAYER_NORM = {
    **NORMALIZED_SHAPE,
    "eps": Argument("epsilon", 1e-5),
    "elementwise_affine": Argument("scale", True),
    "bias": Argument("center", True),
    **UNCOUNTED,
}


class LayerNormalization(AxesKind, frozen=True, kw_only=True):
    """Normalizes each sample over the given axes: no statistics are gathered.

    Attributes:
        center: whether a shift (beta) is learnt.
        rms_scaling: divides by the root of the mean square only, and learns no shift; better an RMSNormalization.
    """

    spellings = {
        "keras": ("LayerNormalization",),
        "pytorch": (Module("LayerNorm", LAYER_NORM), Module("LayerNorm2d", LAYER_NORM, {"axis": -3})),
    }
    search = ("layer norm", "ln", "normalize", "transformer")
    source = "https://keras.io/api/layers/normalization_layers/layer_normalization/"

    takes_anything = frozenset({"epsilon"})
    epsilon: float = 1e-3
    center: Center = True
    rms_scaling: Annotated[bool, Option("RMS scaling", digest="RMS", advanced=True, only="keras")] = False

    def output(self, x: TensorSpec) -> TensorSpec:
        refuse_lone_shift(x, scale=self.scale, center=self.center)
        self.refuse_axes(x)
        return x

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        dims = self.dims(x)
        return (
            (Weight("gamma", dims),)
            if self.rms_scaling
            else scale_and_shift(dims, scale=self.scale, center=self.center)
        )

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        return named_twice(self.axis, x) if x.framework == "keras" else ()

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        return with_shift(super().torch_options(module, options))


class RMSNormalization(AxesKind, frozen=True, kw_only=True):
    """Divides each sample by the root of its mean square over the given axes, and learns a scale.

    Attributes:
        epsilon: added to the mean square, against a division by zero; None, in PyTorch: the least step of the type.
        scale: whether a scale is learnt; in Keras it always is.
    """

    spellings = {
        "keras": ("RMSNormalization",),
        "pytorch": (
            Module(
                "RMSNorm",
                {
                    **NORMALIZED_SHAPE,
                    "eps": Argument("epsilon", None),
                    "elementwise_affine": Argument("scale", True),
                    **UNCOUNTED,
                },
            ),
        ),
    }
    search = ("rms norm", "normalize", "transformer", "llama")
    source = "https://keras.io/api/layers/normalization_layers/rms_normalization/"

    inert = frozenset()
    takes_anything = frozenset({"epsilon"})
    epsilon: float | None = 1e-6
    scale: Annotated[bool, Option("Learn a scale", digest="no scale", only="pytorch")] = True

    def output(self, x: TensorSpec) -> TensorSpec:
        self.refuse_axes(x)
        return x

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        return (Weight("scale", self.dims(x)),) if self.scale else ()

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        if x.framework == "pytorch":
            return
        yield from named_twice(self.axis, x)
        dims = self.dims(x)
        last = x.shape[len(x.shape) - len(dims) :]
        for size, along in zip(dims, last, strict=True):
            if is_known(size) and is_known(along) and size not in (1, along):
                yield (
                    f"Keras multiplies its scale {text(dims)} along the last axes {text(last)}: it fails when run, "
                    "or gives another shape"
                )
                return


class UnitNormalization(ElementwiseKind, frozen=True, kw_only=True):
    """Divides each sample by its length along the given axes, so that the squares sum up to 1.

    Attributes:
        axis: along which axes.
    """

    elsewhere = "`torch.nn.functional.normalize`"
    category = "norm"
    spellings = {"keras": ("UnitNormalization",)}
    search = ("unit norm", "l2", "normalize", "cosine")
    source = "https://keras.io/api/layers/normalization_layers/unit_normalization/"

    axis: Annotated[Axes, Option("Axis", digest="axis {}", joint=", ")] = -1

    def output(self, x: TensorSpec) -> TensorSpec:
        rank = len(x.shape)
        for axis in axes_in(self.axis):
            if not -rank <= axis < rank:
                raise Refusal(missing_axis(axis, x.shape), "axis", ({"axis": -1},))
        return x

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        return named_twice(self.axis, x)


class LocalResponseNormalization(ElementwiseKind, frozen=True, kw_only=True):
    """Divides each value by those of neighbouring channels at its place, as AlexNet does.

    Attributes:
        size: how many channels, the value's own in their middle.
        alpha: by what the sum of their squares is multiplied.
        beta: the power of the divisor.
        k: added to the sum.
        rank: 2 for batches of pictures only, as PyTorch's CrossMapLRN2d; None: for anything of three axes or more.
    """

    elsewhere = "nothing"
    category = "norm"
    spellings = {
        "pytorch": tuple(
            Module(
                name,
                {
                    "size": Argument("size"),
                    "alpha": Argument("alpha", 1e-4),
                    "beta": Argument("beta", 0.75),
                    "k": Argument("k", 1.0),
                },
                options,
            )
            for name, options in (("LocalResponseNorm", {}), ("CrossMapLRN2d", {"rank": 2}))
        )
    }
    search = ("local response", "lrn", "alexnet", "normalize")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html"

    size: Annotated[Positive, Option("Channels", digest="over {} channels", preset=5)]
    alpha: Annotated[float, Option("Alpha", advanced=True)] = 1e-4
    beta: Annotated[float, Option("Beta", advanced=True)] = 0.75
    k: Annotated[float, Option("K", advanced=True)] = 1.0
    rank: Annotated[Literal[2] | None, Option("Spatial axes", advanced=True, only="pytorch", unsaid="dropped")] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        found = len(x.shape)
        if found < 3 or (self.rank and found != 4):
            needed = "4" if self.rank else "at least 3"
            raise Refusal(
                f"it needs {needed} axes, but the input {text(x.shape)} has {found}", "rank", ({"rank": None},)
            )
        return x
