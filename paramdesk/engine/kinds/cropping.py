"""Cropping: fewer positions along the spatial axes, n − before − behind, at least one. No weights, no MACs.

The sides are stated axis by axis, the first axis first: ((top, bottom), (left, right)), as in Keras
(`keras.layers.Cropping2D`). PyTorch has no such module: there a negative padding crops.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from paramdesk.engine.errors import Refusal
from paramdesk.engine.option import Natural, Option
from paramdesk.engine.receptive_field import ReceptiveField, seen_shifted
from paramdesk.engine.shape import TensorSpec, sides, text
from paramdesk.engine.single_input import RankedKind, SpatialKind

Cut: TypeAlias = tuple[Natural, Natural]
"""How much before the first position that is left and how much behind the last one."""


def _sided(options: dict[str, object], rank: int) -> dict[str, object]:
    if "cropping" in options:
        options["cropping"] = sides(options["cropping"], rank)
    return options


class CroppingKind(RankedKind, frozen=True, kw_only=True):
    """Cuts positions off."""

    elsewhere = "`ZeroPad2d` and its like with negative numbers"
    category = "reshape"
    search = ("trim", "cut", "crop")

    @property
    def cut(self) -> tuple[Cut, ...]:
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
    def cut(self) -> tuple[Cut, ...]:
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
    def cut(self) -> tuple[Cut, ...]:
        return self.cropping

    @classmethod
    def standardized(cls, options: Mapping[str, object]) -> dict[str, object]:
        return _sided(super().standardized(options), 2)


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
    def cut(self) -> tuple[Cut, ...]:
        return self.cropping

    @classmethod
    def standardized(cls, options: Mapping[str, object]) -> dict[str, object]:
        return _sided(super().standardized(options), 3)
