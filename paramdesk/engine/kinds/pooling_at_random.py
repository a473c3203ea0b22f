"""Pooling at random: windows of a fixed size, so many that a given size or share of the input is left.

No weights, no MACs; the channels stay; PyTorch only (`torch.nn.FractionalMaxPool2d`; Graham, Fractional Max-Pooling,
2014). An axis of n leaves ⌊n · ratio⌋ places, or as many as are asked for. The windows must find room: places + window
− 1 ≤ n in two dimensions, one position fewer in three.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias

import msgspec

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import called
from paramdesk.engine.kinds.convolution import Pair, Size, Triple
from paramdesk.engine.kinds.pooling import INDICES, POOL, refuse_empty, with_indices
from paramdesk.engine.layer_kind import Tensors
from paramdesk.engine.option import Natural, Option
from paramdesk.engine.per_axis import per_axis
from paramdesk.engine.shape import AXIS_NAMES, Dim, Shape, TensorSpec, times
from paramdesk.engine.single_input import RankedKind
from paramdesk.engine.spelling import Argument, Arguments, Module

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."

Ratio: TypeAlias = Annotated[float, msgspec.Meta(gt=0, lt=1)]

FRACTION: Arguments = {
    "kernel_size": Argument("pool_size"),
    "output_size": Argument("output_size", None),
    "output_ratio": Argument("output_ratio", None),
    "return_indices": Argument("return_indices", False),
    "_random_samples": Argument("", None),
}
SIZE = Option("Output size", words="output {axis}", digest="to {}")
RATIO = Option("Output ratio", digest="to {} of it", preset=0.5)


class FractionalPoolingKind(RankedKind, frozen=True, kw_only=True):
    """Keeps the largest value of windows at random places, so many that a given size is left.

    Attributes:
        pool_size: of the window, per axis.
        output_size: how many places the window has, per axis.
        output_ratio: the same as a share of the input's size; one of the two is stated.
        return_indices: whether a second output says where in the input each value was.
    """

    elsewhere = "nothing"
    category = "pool"
    search = ("fractional", "random", "max pool", "downsample")

    pool_size: Annotated[Size, POOL]
    output_size: Annotated[tuple[int, ...] | None, SIZE] = None
    output_ratio: Annotated[tuple[float, ...] | None, RATIO] = None
    return_indices: Annotated[bool, INDICES] = False

    def outputs(self, inputs: Tensors) -> Tensors:
        found = super().outputs(inputs)
        return with_indices(found) if self.return_indices else found

    def output(self, x: TensorSpec) -> TensorSpec:
        if (self.output_size is None) == (self.output_ratio is None):
            stated = "neither is" if self.output_size is None else "both are"
            reason = f"output_size or output_ratio must be stated, but {stated}"
            raise Refusal(reason, "output_ratio", ({"output_size": None, "output_ratio": 0.5},))
        _batch, space, channels = self.split(x)
        refuse_empty(x, x.shape[1:], self.title())
        places = self._places(space)
        spare = 1 if self.rank == 3 else 0
        for n, k, place in zip(space, self.pool_size, places, strict=True):
            if place + k - 1 + spare > n:
                raise Refusal(
                    f"{times(places)} windows of {times(self.pool_size)} do not fit into the {times(space)} input",
                    "output_size" if self.output_size else "output_ratio",
                    ({"output_size": None, "output_ratio": 0.5},),
                )
        return x.reshaped(self.joined(x, places, channels))

    def _places(self, space: Shape) -> Shape:
        if self.output_size is not None:
            return self.output_size
        shares = zip(AXIS_NAMES[self.rank], space, self.output_ratio or (), strict=True)
        return tuple([_share_of(n, ratio, axis) for axis, n, ratio in shares])

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        if self.output_ratio is not None:
            yield "Along each axis the input's size is multiplied by the ratio and rounded down."

    @classmethod
    def standardized(cls, options: Mapping[str, object]) -> dict[str, object]:
        standard = super().standardized(options)
        if isinstance(ratio := standard.get("output_ratio"), float):
            standard["output_ratio"] = (ratio,) * cls.rank
        return standard

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        size, ratio = options["output_size"], options["output_ratio"]
        if (size is None) == (ratio is None):
            stated = "neither is" if size is None else "both are"
            reason = f"{module.name} needs either output_size or output_ratio, but {stated} stated"
            raise InvalidOptions(reason, "output_ratio")
        if isinstance(ratio, list | tuple) and cls.rank == 3:
            ratio = ratio[:3]  # PyTorch reads no further there
        taken = per_axis(module, options, {"pool_size": (cls.rank,), "output_size": (cls.rank,)})
        return taken | {"output_ratio": ratio, "return_indices": bool(options["return_indices"])}


def _share_of(n: Dim, ratio: float, axis: str) -> Dim:
    """A share of a size, rounded down."""
    if not isinstance(n, int):
        return n
    places = int(int(n) * ratio)
    return places if type(n) is int else called(f"output {axis}", places)


class FractionalMaxPooling2D(FractionalPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value of windows at random places over height and width."""

    rank = 2
    spellings = {"pytorch": (Module("FractionalMaxPool2d", FRACTION),)}
    source = f"{DOCS}FractionalMaxPool2d.html"

    pool_size: Pair
    output_size: tuple[Natural, Natural] | None = None
    output_ratio: tuple[Ratio, Ratio] | None = None


class FractionalMaxPooling3D(FractionalPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value of windows at random places through depth, height and width."""

    rank = 3
    spellings = {"pytorch": (Module("FractionalMaxPool3d", FRACTION),)}
    source = f"{DOCS}FractionalMaxPool3d.html"

    pool_size: Triple
    output_size: tuple[Natural, Natural, Natural] | None = None
    output_ratio: tuple[Ratio, Ratio, Ratio] | None = None
