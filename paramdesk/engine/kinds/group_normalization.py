"""Normalization of each sample over groups of channels.

Each channel has a scale (gamma) and a shift (beta): 2 × channels parameters, however many groups there are. The
channels must split evenly. Nothing is gathered from other samples, so there are no statistics, and nothing to multiply
and accumulate. In Keras −1 groups stand for a group of each channel. PyTorch writes the number of channels down, and
refuses groups of a single value. Sources: `keras.layers.GroupNormalization`, `torch.nn.GroupNorm`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import divides, product
from paramdesk.engine.kinds.normalization import (
    BY_NAME,
    SHIFT,
    ChannelNormalizingKind,
    refuse_lone_shift,
    with_shift,
)
from paramdesk.engine.option import LARGEST, Integer, Option
from paramdesk.engine.shape import Dim, TensorSpec, is_known, text
from paramdesk.engine.spelling import UNCOUNTED, Argument, Module


class GroupNormalization(ChannelNormalizingKind, frozen=True, kw_only=True):
    """Normalizes each sample over groups of channels; −1 makes every channel a group (instance normalization).

    Attributes:
        groups: into how many groups the channels are split.
        axis: which axis holds the channels; in PyTorch that is always axis 1.
    """

    spellings = {
        "keras": ("GroupNormalization",),
        "pytorch": (
            Module(
                "GroupNorm",
                {
                    "num_groups": Argument("groups"),
                    "num_channels": Argument("declared"),
                    "eps": Argument("epsilon", 1e-5),
                    "affine": Argument("scale", True),
                    **UNCOUNTED,
                    **SHIFT,
                },
                keywords=BY_NAME,
            ),
        ),
    }
    search = ("group norm", "gn", "normalize", "instance norm")
    source = "https://keras.io/api/layers/normalization_layers/group_normalization/"

    takes_anything = frozenset({"epsilon"})

    groups: Annotated[
        Annotated[int, msgspec.Meta(ge=-1, le=LARGEST)], Option("Groups", digest="{} groups", leads=True, always=True)
    ] = 32
    axis: Annotated[Integer, Option("Axis", digest="axis {}", only="keras")] = -1

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        return with_shift(options)

    def channel_axis(self, x: TensorSpec) -> int:
        return self.axis if x.framework == "keras" else 1

    def output(self, x: TensorSpec) -> TensorSpec:
        refuse_lone_shift(x, scale=self.scale, center=self.center)
        if x.framework == "pytorch" and len(x.shape) < 2:
            raise Refusal(f"it needs at least 2 axes, but the input {text(x.shape)} has {len(x.shape)}")
        channels = self.size(x, self.channel_axis(x))
        if self.groups < 1 and (self.groups == 0 or x.framework == "pytorch"):
            least = "at least 1" if x.framework == "pytorch" else "at least 1, or −1 for a group per channel"
            raise Refusal(f"groups = {self.groups}: expected {least}", "groups", ({"groups": -1}, {"groups": 1}))
        if x.framework == "keras" and not is_known(channels):
            raise Refusal(f"the size of axis {self.axis} must be known, but the input is {text(x.shape)}", "axis")
        self._refuse_uneven(channels)
        if self.declared is not None:
            self._refuse_uneven(self.declared)
        self.refuse_channels(x)
        self._refuse_lone_values(x, channels)
        return x

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        """Over how many values each mean and variance is taken."""
        channels = self.size(x, self.channel_axis(x))
        groups = channels if self.groups < 1 else self.groups
        if not isinstance(channels, int) or not isinstance(groups, int):
            return
        axis = self.channel_axis(x) % len(x.shape)
        positions = product([n for place, n in enumerate(x.shape) if place not in (0, axis)])
        each = int(channels) // int(groups)
        yield (
            f"The {int(channels):,} channels are split into {int(groups):,} groups. Each sample and group has a mean "
            f"and a variance, taken over {each:,} channel{'s' * (each != 1)} × {_counted(positions)} positions"
            + (f" = {each * int(positions):,} values." if isinstance(positions, int) else ".")
        )

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        if x.framework == "keras" and len(x.shape) < 2:
            yield f"the input {text(x.shape)} has no axis besides the batch: it fails when run"

    def _refuse_uneven(self, channels: Dim) -> None:
        """Refuses channels that cannot be split into equal groups."""
        if not isinstance(channels, int):
            return
        if channels == 0 or (self.groups > 0 and (channels < self.groups or not divides(self.groups, channels))):
            raise Refusal(
                f"{channels} channels cannot be split into {self.groups} equal groups",
                "groups",
                tuple({"groups": n} for n in _divisors_near(int(channels), self.groups)),
            )

    def _refuse_lone_values(self, x: TensorSpec, channels: Dim) -> None:
        """Refuses groups of a single value, as PyTorch does where there is but one of them to a group's place."""
        if x.framework == "pytorch" and product(x.shape[2:]) == 0:
            raise Refusal(f"the input {text(x.shape)} has channels without values")
        if x.framework == "pytorch" and product((x.shape[0] * channels // self.groups, *x.shape[2:])) == 1:
            reason = f"the input {text(x.shape)} has one value for each group, of which there is no variance"
            raise Refusal(reason, "groups", ({"groups": 1},))


def _counted(positions: Dim) -> str:
    return f"{int(positions):,}" if isinstance(positions, int) else "all"


def _divisors_near(channels: int, groups: int) -> list[int]:
    """The two numbers of groups nearest to the wanted one that split the channels evenly."""
    small = [n for n in range(1, math.isqrt(channels) + 1) if channels % n == 0]
    divisors = sorted({*small, *(channels // n for n in small)})
    return sorted(divisors, key=lambda n: abs(n - groups))[:2]
