"""Reshaping: the same values in another order or along other axes. No weights, no MACs.

Keras never touches the batch: Flatten, Reshape, Permute and RepeatVector speak of the axes behind it. PyTorch's modules
(`torch.nn.Flatten`, `torch.nn.Unflatten`, torchvision's Permute) count it as axis 0 and may take any axes. In which
order Flatten puts the values depends on the layout; how many there are does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias

import msgspec

from paramdesk.engine.crossing import Crossing
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import divides, product, share
from paramdesk.engine.invalid import shortened
from paramdesk.engine.layer_kind import LayerKind, lowered
from paramdesk.engine.option import LARGEST, AFew, Counted, Integer, Option
from paramdesk.engine.per_axis import per_axis
from paramdesk.engine.shape import (
    UNKNOWN,
    Dim,
    Framework,
    Layout,
    Shape,
    TensorSpec,
    is_known,
    missing_axis,
    text,
    times,
)
from paramdesk.engine.single_input import SingleInputKind
from paramdesk.engine.spelling import Argument, Module

AtLeastMinusOne: TypeAlias = Annotated[int, msgspec.Meta(ge=-1, le=LARGEST)]


class ReshapingKind(SingleInputKind, frozen=True, kw_only=True):
    """What rearranges values."""

    category = "reshape"
    keeps_type = True

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        return per_axis(module, options, dict.fromkeys(options, ()))


class Flatten(ReshapingKind, frozen=True, kw_only=True):
    """Puts all values of a sample in one row.

    Attributes:
        start_axis: the first axis that is merged, in PyTorch, where the batch is axis 0.
        end_axis: the last one.
    """

    spellings = {
        "keras": ("Flatten",),
        "pytorch": (Module("Flatten", {"start_dim": Argument("start_axis", 1), "end_dim": Argument("end_axis", -1)}),),
    }
    search = ("vector", "1d", "row", "reshape")
    source = "https://keras.io/api/layers/reshaping_layers/flatten/"

    data_format: Annotated[Layout | None, Option("Data format", advanced=True, only="keras", unsaid="dropped")] = None
    start_axis: Annotated[Integer, Option("First axis", digest="from axis {}", advanced=True, only="pytorch")] = 1
    end_axis: Annotated[Integer, Option("Last axis", digest="to axis {}", advanced=True, only="pytorch")] = -1

    def output(self, x: TensorSpec) -> TensorSpec:
        if x.framework == "pytorch":
            return x.reshaped(self._merged(x.shape))
        if not x.shape:
            raise Refusal("Flatten needs at least 1 axis (the batch), but the input () has none")
        return x.reshaped((x.shape[0], product(x.shape[1:])))

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        return None

    def crossed(self, crossing: Crossing) -> LayerKind:
        """Without a last axis that is the last one anyway, however it is counted."""
        kind, rank = super().crossed(crossing), crossing.rank
        is_last = rank > 0 and self.end_axis == rank - 1
        return msgspec.structs.replace(kind, end_axis=-1) if is_last else kind

    def _merged(self, shape: Shape) -> Shape:
        """The shape with the stated axes in one; of a single value, a row of one."""
        rank = max(len(shape), 1)
        for name, axis in (("start_axis", self.start_axis), ("end_axis", self.end_axis)):
            if not -rank <= axis < rank:
                raise Refusal(missing_axis(axis, shape), name, ({name: 0 if name == "start_axis" else -1},))
        start, end = self.start_axis % rank, self.end_axis % rank
        if start > end:
            raise Refusal(f"axis {start} stands behind axis {end}: nothing is between them", "start_axis")
        return (*shape[:start], product(shape[start : end + 1]), *shape[end + 1 :])

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return lowered(super().keras_options(config), "data_format")


class Reshape(ReshapingKind, frozen=True, kw_only=True):
    """Arranges the values along other axes. One size may be −1: it is what the others leave; None stays open.

    Attributes:
        target_shape: the sizes of the axes behind the batch.
        with_batch: whether the batch is among them, as in PyTorch's own `reshape`, which may split and merge it.
    """

    spellings = {"keras": ("Reshape",), "pytorch": ("reshape", "view")}
    search = ("view", "axes")
    source = "https://keras.io/api/layers/reshaping_layers/reshape/"

    target_shape: Annotated[
        tuple[AtLeastMinusOne | None, ...],
        AFew,
        Option("Target shape", digest="{}", preset=(-1,)),
    ]
    with_batch: Annotated[bool, Option("Batch included", digest="batch included", advanced=True, only="pytorch")] = (
        False
    )

    def output(self, x: TensorSpec) -> TensorSpec:
        if self.with_batch:
            return x.reshaped(self._target(x.shape))
        if not x.shape:
            raise Refusal("Reshape needs at least 1 axis (the batch), but the input () has none")
        return x.reshaped((x.shape[0], *self._target(x.shape[1:])))

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        return None

    def crossed(self, crossing: Crossing) -> LayerKind:
        sizes = self.target_shape if self.with_batch else (None, *self.target_shape)
        if len(sizes) != len(crossing.made):
            return super().crossed(crossing)
        moved = tuple([sizes[axis] for axis in crossing.made])
        target = moved if self.with_batch else moved[1:]
        return self if target == self.target_shape else msgspec.structs.replace(self, target_shape=target)

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


class Unflatten(ReshapingKind, frozen=True, kw_only=True):
    """Splits one axis into several. One size may be −1: it is what the others leave."""

    elsewhere = "`Reshape`"
    spellings = {"pytorch": (Module("Unflatten", {"dim": Argument("axis"), "unflattened_size": Argument("sizes")}),)}
    search = ("split", "axis", "view", "reshape")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Unflatten.html"

    axis: Annotated[Integer, Option("Axis", digest="axis {}", preset=1)]
    sizes: Annotated[tuple[AtLeastMinusOne, ...], AFew, Option("Sizes", digest="{}", preset=(-1, 1))]

    def output(self, x: TensorSpec) -> TensorSpec:
        rank = max(len(x.shape), 1)
        if not -rank <= self.axis < rank or not x.shape:
            raise Refusal(missing_axis(self.axis, x.shape), "axis", ({"axis": -1},))
        axis = self.axis % rank
        return x.reshaped((*x.shape[:axis], *self._split(x.shape[axis]), *x.shape[axis + 1 :]))

    def _split(self, n: Dim) -> Shape:
        if not self.sizes or self.sizes.count(-1) > 1:
            reason = f"only one of the sizes {_written(self.sizes)} can be −1" if self.sizes else "no sizes are stated"
            raise Refusal(reason, "sizes", ({"sizes": (-1,)},))
        stated = product(size for size in self.sizes if size != -1)
        fits = divides(stated, n) and stated != 0 if -1 in self.sizes else not is_known(n) or n == stated
        if not fits:
            wanted = f"a multiple of {stated}" if -1 in self.sizes else f"{stated}"
            reason = f"the axis has {times((n,))} values, but {_written(self.sizes)} takes {wanted}"
            raise Refusal(reason, "sizes", ({"sizes": (-1,)},))
        return tuple([share(n, stated) if size == -1 else size for size in self.sizes])

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        return dict(options)


class Permute(ReshapingKind, frozen=True, kw_only=True):
    """Exchanges the axes; the batch stays first. Axes are numbered from 1.

    Attributes:
        dims: the axes in their new order; in PyTorch the batch may be among them, as axis 0.
    """

    spellings = {"keras": ("Permute",), "pytorch": (Module("Permute", {"dims": Argument("dims")}),)}
    search = ("transpose", "swap axes", "order")
    source = "https://keras.io/api/layers/reshaping_layers/permute/"

    dims: Annotated[tuple[Integer, ...], AFew, Option("Order of axes", digest="{}", preset=(2, 1))]

    def output(self, x: TensorSpec) -> TensorSpec:
        order = self.dims
        if x.framework == "keras" or (order and 0 not in order):
            order = (0, *order)
        axes = len(order) - 1
        if x.framework == "keras" and 0 in self.dims and sorted(self.dims) == list(range(axes)):
            reason = f"dims {self.dims} moves the batch, which Keras always keeps first"
            raise Refusal(reason, "dims", self._repairs(len(x.shape)))
        if sorted(order) != list(range(axes + 1)):
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
        return x.reshaped(tuple([x.shape[axis] for axis in order]))

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        return None

    def crossed(self, crossing: Crossing) -> LayerKind:
        dims = (0, *self.dims)
        if sorted(dims) != list(range(len(crossing.made))) or not crossing.read:
            return self
        moved = tuple([crossing.read[0].index(dims[axis]) for axis in crossing.made])[1:]
        return self if moved == self.dims else msgspec.structs.replace(self, dims=moved)

    def _repairs(self, rank: int) -> tuple[Mapping[str, object], ...]:
        return ({"dims": tuple(range(rank - 1, 0, -1))},) if rank > 1 else ()

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        given = options["dims"]
        if not isinstance(given, list | tuple) or not all(type(axis) is int for axis in given):
            raise InvalidOptions(f"dims = {shortened(given)}: {module.name} takes a list of axes", "dims")
        rank = len(given)
        order = [axis + rank if -rank <= axis < 0 else axis for axis in given]
        keeps_batch = rank > 1 and order[0] == 0 and 0 not in order[1:]
        return {"dims": order[1:] if keeps_batch else order}


class RepeatVector(SingleInputKind, frozen=True, kw_only=True):
    """Repeats a vector, as the steps of a sequence."""

    elsewhere = "`torch.Tensor.expand`"
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
