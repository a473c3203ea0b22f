"""Reshaping: the same values in another order or along other axes. No weights, no MACs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import divides, product, share
from paramdesk.engine.layer_kind import lowered
from paramdesk.engine.option import LARGEST, AFew, Counted, Integer, Option
from paramdesk.engine.shape import UNKNOWN, Dim, Layout, Shape, TensorSpec, is_known, text, times
from paramdesk.engine.single_input import SingleInputKind


class ReshapingKind(SingleInputKind, frozen=True, kw_only=True):
    """What rearranges values."""

    category = "reshape"
    keeps_type = True


class Flatten(ReshapingKind, frozen=True, kw_only=True):
    """Puts all values of a sample in one row."""

    spellings = {"keras": ("Flatten",), "pytorch": ("Flatten",)}
    search = ("vector", "1d", "row", "reshape")
    source = "https://keras.io/api/layers/reshaping_layers/flatten/"

    data_format: Annotated[Layout | None, Option("Data format", advanced=True)] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        if not x.shape:
            raise Refusal("Flatten needs at least 1 axis (the batch), but the input () has none")
        return x.reshaped((x.shape[0], product(x.shape[1:])))

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return lowered(super().keras_options(config), "data_format")


class Reshape(ReshapingKind, frozen=True, kw_only=True):
    """Arranges the values along other axes. One size may be −1: it is what the others leave; None stays open."""

    spellings = {"keras": ("Reshape",), "pytorch": ("Unflatten",)}
    search = ("view", "axes", "unflatten")
    source = "https://keras.io/api/layers/reshaping_layers/reshape/"

    target_shape: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=-1, le=LARGEST)] | None, ...],
        AFew,
        Option("Target shape", digest="{}", preset=(-1,)),
    ]

    def output(self, x: TensorSpec) -> TensorSpec:
        if not x.shape:
            raise Refusal("Reshape needs at least 1 axis (the batch), but the input () has none")
        return x.reshaped((x.shape[0], *self._target(x.shape[1:])))

    def _target(self, given: Shape) -> Shape:
        if self.target_shape.count(-1) > 1:
            raise Refusal(f"only one size of {_written(self.target_shape)} can be −1", "target_shape")
        if None in self.target_shape or not all(map(is_known, given)):
            return tuple([UNKNOWN if n is None or n == -1 else n for n in self.target_shape])
        values, stated = product(given), product(n for n in self.target_shape if n is not None and n != -1)
        if -1 not in self.target_shape:
            if values != stated:
                raise self._mismatch(given, values, stated)
            return tuple([n for n in self.target_shape if n is not None])
        if stated == 0 or not divides(stated, values):
            raise self._mismatch(given, values, stated)
        return tuple([share(values, stated) if n == -1 else n for n in self.target_shape if n is not None])

    def _mismatch(self, given: Shape, values: Dim, stated: Dim) -> Refusal:
        wanted = f"a multiple of {stated}" if -1 in self.target_shape else f"{stated}"
        return Refusal(
            f"the input has {times(given) or 1} = {values} values, but {_written(self.target_shape)} takes {wanted}"
            if len(given) > 1
            else f"the input has {values} values, but {_written(self.target_shape)} takes {wanted}",
            "target_shape",
            ({"target_shape": (-1,)},),
        )

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        open_sizes = [n for n in self.target_shape if n is None or n == -1]
        if None not in open_sizes:
            return
        if len(open_sizes) > 1:
            yield f"{_written(self.target_shape)} leaves {len(open_sizes)} sizes open: only one can be found when run"
            return
        values, stated = product(x.shape[1:]), product(n for n in self.target_shape if n is not None)
        if is_known(values) and (stated == 0 or not divides(stated, values)):
            yield f"{values} values cannot be split into groups of {stated}: it fails when run"


def _written(shape: tuple[int | None, ...]) -> str:
    return text(shape).replace("-1", "−1")


class Permute(ReshapingKind, frozen=True, kw_only=True):
    """Exchanges the axes; the batch stays first. Axes are numbered from 1."""

    spellings = {"keras": ("Permute",), "pytorch": ("Permute",)}
    search = ("transpose", "swap axes", "order")
    source = "https://keras.io/api/layers/reshaping_layers/permute/"

    dims: Annotated[tuple[Integer, ...], AFew, Option("Order of axes", digest="{}", preset=(2, 1))]

    def output(self, x: TensorSpec) -> TensorSpec:
        axes = len(self.dims)
        if sorted(self.dims) != list(range(1, axes + 1)):
            raise Refusal(
                f"dims {self.dims} must name each axis from 1 to {axes} once", "dims", self._repairs(len(x.shape))
            )
        if len(x.shape) != axes + 1:
            raise Refusal(
                f"dims {self.dims} orders {axes} axes behind the batch, but the input {text(x.shape)} "
                f"has {max(len(x.shape) - 1, 0)}",
                "dims",
                self._repairs(len(x.shape)),
            )
        return x.reshaped((x.shape[0], *[x.shape[axis] for axis in self.dims]))

    def _repairs(self, rank: int) -> tuple[Mapping[str, object], ...]:
        return ({"dims": tuple(range(rank - 1, 0, -1))},) if rank > 1 else ()


class RepeatVector(SingleInputKind, frozen=True, kw_only=True):
    """Repeats a vector, as the steps of a sequence."""

    category = "reshape"
    spellings = {"keras": ("RepeatVector",)}
    search = ("tile", "repeat", "sequence", "copy")
    source = "https://keras.io/api/layers/reshaping_layers/repeat_vector/"

    n: Annotated[Counted, Option("Repetitions", words="repetitions", digest="{} times", preset=3)]

    def output(self, x: TensorSpec) -> TensorSpec:
        if len(x.shape) != 2:
            raise Refusal(
                f"RepeatVector needs 2 axes (batch and values), but the input {text(x.shape)} has {len(x.shape)}"
            )
        return x.reshaped((x.shape[0], self.n, x.shape[1]))
