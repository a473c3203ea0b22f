"""Normalization: mean and variance are taken out, a learnt scale and shift put in. No multiply-accumulates."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import divides, named
from paramdesk.engine.kinds.activation import ElementwiseKind
from paramdesk.engine.option import LARGEST, Axes, Integer, Option
from paramdesk.engine.shape import Dim, TensorSpec, is_known, missing_axis, text
from paramdesk.engine.weight import Weight


class NormalizingKind(ElementwiseKind, frozen=True, kw_only=True):
    """What all normalizations share.

    Attributes:
        epsilon: added to the variance, against a division by zero.
        center: whether a shift (beta) is learnt.
        scale: whether a scale (gamma) is learnt.
    """

    category = "norm"
    inert = frozenset(
        f"{weight}_{role}" for weight in ("beta", "gamma") for role in ("initializer", "regularizer", "constraint")
    )

    epsilon: Annotated[float, Option("Epsilon", advanced=True)] = 1e-3
    center: Annotated[bool, Option("Learn a shift (beta)", digest="no beta")] = True
    scale: Annotated[bool, Option("Learn a scale (gamma)", digest="no gamma")] = True

    def size(self, x: TensorSpec, axis: int) -> Dim:
        """Size of an input's axis.

        Raises:
            Refusal: there is no such axis.
        """
        rank = len(x.shape)
        if not -rank <= axis < rank:
            raise Refusal(missing_axis(axis, x.shape), "axis", ({"axis": -1},))
        return x.shape[axis]

    def channels(self, x: TensorSpec, axis: int) -> Dim:
        """The same under the name that the formulas of all normalizations have for it."""
        return named("channels", self.size(x, axis))


class BatchNormalization(NormalizingKind, frozen=True, kw_only=True):
    """Normalizes each channel over the batch: learns a scale and a shift, and gathers means and variances."""

    spellings = {
        "keras": ("BatchNormalization",),
        "pytorch": ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LazyBatchNorm1d", "LazyBatchNorm2d",
                    "LazyBatchNorm3d", "SyncBatchNorm"),
    }  # fmt: skip
    search = ("batch norm", "bn", "normalize")
    inert = NormalizingKind.inert | {
        "moving_mean_initializer", "moving_variance_initializer", "renorm_clipping", "renorm_momentum",
    }  # fmt: skip
    call_arguments = NormalizingKind.call_arguments | {"mask"}
    source = "https://keras.io/api/layers/normalization_layers/batch_normalization/"

    axis: Annotated[Integer, Option("Axis", digest="axis {}")] = -1
    momentum: Annotated[float, Option("Momentum", advanced=True)] = 0.99
    renorm: Annotated[bool, Option("Renormalize", digest="renorm", advanced=True)] = False
    synchronized: Annotated[bool, Option("Synchronized", digest="synchronized", advanced=True)] = False

    def output(self, x: TensorSpec) -> TensorSpec:
        self.size(x, self.axis)
        return x

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        dims = (self.channels(x, self.axis),)
        found = []
        if self.scale:
            found.append(Weight("gamma", dims))
        if self.center:
            found.append(Weight("beta", dims))
        statistics = ["moving_mean", "moving_variance"]
        if self.renorm:
            statistics += ["moving_stddev", "renorm_mean", "renorm_stddev"]
        found += [Weight(name, dims, trainable=False, statistic=True) for name in statistics]
        return tuple(found)

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        yield "Moving mean and variance are gathered, not trained: they count as non-trainable."
        yield "After training it can be folded into the layer before it, so it has no MACs of its own."

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        axis = options.get("axis")
        if isinstance(axis, float | str):
            with contextlib.suppress(ValueError, OverflowError):  # what is no number, the check of types refuses
                options["axis"] = int(axis)
        return options


class LayerNormalization(NormalizingKind, frozen=True, kw_only=True):
    """Normalizes each sample over the given axes: no statistics are gathered."""

    spellings = {"keras": ("LayerNormalization",), "pytorch": ("LayerNorm",)}
    search = ("layer norm", "ln", "normalize", "transformer")
    source = "https://keras.io/api/layers/normalization_layers/layer_normalization/"

    axis: Annotated[Axes, Option("Axis", digest="axis {}", joint=", ")] = -1
    rms_scaling: Annotated[bool, Option("RMS scaling", digest="RMS", advanced=True)] = False

    def output(self, x: TensorSpec) -> TensorSpec:
        self._dims(x)
        return x

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        dims = self._dims(x)
        found = []
        if self.scale or self.rms_scaling:
            found.append(Weight("gamma", dims))
        if self.center and not self.rms_scaling:
            found.append(Weight("beta", dims))
        return tuple(found)

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        axes = (self.axis,) if isinstance(self.axis, int) else self.axis
        if len({axis % len(x.shape) for axis in axes}) < len(axes):
            yield f"axis {axes} names an axis twice: it fails when run"

    def _dims(self, x: TensorSpec) -> tuple[Dim, ...]:
        """Sizes of the axes in ascending order as they are written: −1 stands before 1, as in Keras."""
        if isinstance(self.axis, int):
            return (self.channels(x, self.axis),)
        return tuple([self.size(x, axis) for axis in sorted(self.axis)])


class GroupNormalization(NormalizingKind, frozen=True, kw_only=True):
    """Normalizes each sample over groups of channels; −1 makes every channel a group (instance normalization)."""

    spellings = {"keras": ("GroupNormalization",), "pytorch": ("GroupNorm",)}
    search = ("group norm", "gn", "normalize", "instance norm")
    source = "https://keras.io/api/layers/normalization_layers/group_normalization/"

    groups: Annotated[
        Annotated[int, msgspec.Meta(ge=-1, le=LARGEST)], Option("Groups", digest="{} groups", leads=True, always=True)
    ] = 32
    axis: Annotated[Integer, Option("Axis", digest="axis {}")] = -1

    def output(self, x: TensorSpec) -> TensorSpec:
        channels = self.size(x, self.axis)
        if self.groups == 0:
            raise Refusal("groups = 0: expected at least 1, or −1 for a group per channel", "groups", ({"groups": -1},))
        if not is_known(channels):
            raise Refusal(f"the size of axis {self.axis} must be known, but the input is {text(x.shape)}", "axis")
        if channels == 0 or (self.groups > 0 and (channels < self.groups or not divides(self.groups, channels))):
            raise Refusal(
                f"{channels} channels cannot be split into {self.groups} equal groups",
                "groups",
                tuple({"groups": n} for n in _divisors_near(int(channels), self.groups)),  # type: ignore[arg-type]  # known
            )
        return x

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        dims = (self.channels(x, self.axis),)
        found = []
        if self.scale:
            found.append(Weight("gamma", dims))
        if self.center:
            found.append(Weight("beta", dims))
        return tuple(found)


def _divisors_near(channels: int, groups: int) -> list[int]:
    """The two numbers of groups nearest to the wanted one that split the channels evenly."""
    small = [n for n in range(1, math.isqrt(channels) + 1) if channels % n == 0]
    divisors = sorted({*small, *(channels // n for n in small)})
    return sorted(divisors, key=lambda n: abs(n - groups))[:2]
