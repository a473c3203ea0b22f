"""Unpooling: puts values back to where a max pooling found them, zeros everywhere else. No weights, no MACs.

It reads two tensors of the same shape: values, and the indices that MaxPooling gives as its second output on request.
Several sizes are pooled to the same one, so the size to return to can be asked for at the call; without that it is the
smallest: (n − 1) · stride − 2 · padding + pool. Rules as in PyTorch (`torch.nn.MaxUnpool2d`); Keras has no such layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import named
from paramdesk.engine.kinds.pooling import POOL, refuse_empty
from paramdesk.engine.layer_kind import Fields, Tensors
from paramdesk.engine.option import AFew, Integer, Option
from paramdesk.engine.per_axis import per_axis
from paramdesk.engine.receptive_field import ReceptiveField, seen_transposed
from paramdesk.engine.shape import Shape, TensorSpec, is_known, text, times
from paramdesk.engine.single_input import RankedKind
from paramdesk.engine.spelling import Argument, Arguments, Module

One: TypeAlias = tuple[Integer]
Two: TypeAlias = tuple[Integer, Integer]
Three: TypeAlias = tuple[Integer, Integer, Integer]

RETURNING: Arguments = {
    "kernel_size": Argument("pool_size"),
    "stride": Argument("strides", None),
    "padding": Argument("padding", 0),
}
AT_CALL: Arguments = {"output_size": Argument("output_size", None)}


class UnpoolingKind(RankedKind, frozen=True, kw_only=True):
    """Puts values back to where a max pooling found them.

    Attributes:
        pool_size: of the pooling's window, per axis.
        strides: how far that moved, per axis; None: by its own size.
        padding: what that had put on either side of each axis.
        output_size: the spatial sizes that are asked for when it is called; None: the smallest that were possible.
    """

    elsewhere = "nothing"
    category = "pool"
    search = ("unpool", "max unpool", "decoder", "upsample", "segnet")
    input_names = ("values", "indices")

    pool_size: Annotated[tuple[int, ...], POOL]
    strides: Annotated[tuple[int, ...] | None, Option("Strides", words="stride", digest="stride {}")] = None
    padding: Annotated[tuple[int, ...], Option("Padding", words="padding", digest="padding {}")]
    output_size: Annotated[
        Annotated[tuple[Integer, ...], AFew] | None,
        Option("Output size", words="output size", digest="to {}", only="pytorch", at_call=True),
    ] = None

    @property
    def steps(self) -> tuple[int, ...]:
        """How far the window moves along each axis."""
        return self.strides or tuple([named("stride", side) for side in self.pool_size])

    def outputs(self, inputs: Tensors) -> Tensors:
        if len(inputs) != 2:
            raise Refusal(f"{self.title()} takes two inputs, values and indices, got {len(inputs)}")
        values, indices = inputs
        self._refuse_misfits(values, indices)
        return (self.output(values),)

    def output(self, x: TensorSpec) -> TensorSpec:
        _batch, space, channels = self.split(x)
        refuse_empty(x, x.shape[1:], self.title())
        sizes = self._smallest(space)
        if self.output_size is not None:
            sizes = self._asked_for(sizes, self.output_size)
        for size in sizes:
            if size < 0:
                raise Refusal(f"the output would have the size {times(sizes)}", "padding", ({"padding": 0},))
        if self.rank == 3 and min(self.steps) < 1:
            reason = f"strides {times(self.steps)}: they must be 1 or more in three dimensions"
            raise Refusal(reason, "strides", ({"strides": None},))
        return x.reshaped(self.joined(x, sizes, channels))

    def _smallest(self, space: Shape) -> Shape:
        windows = zip(space, self.pool_size, self.steps, self.padding, strict=True)
        return tuple([(n - 1) * s + k - 2 * p if p else (n - 1) * s + k for n, k, s, p in windows])

    def _asked_for(self, smallest: Shape, wanted: tuple[int, ...]) -> Shape:
        """The sizes that are asked for: less than a stride away from the smallest."""
        asked = wanted[2:] if len(wanted) == self.rank + 2 else wanted
        if len(asked) != self.rank:
            reason = f"output_size {times(wanted)} needs {self.rank} sizes, or {self.rank + 2} with batch and channels"
            raise Refusal(reason, "output_size", ({"output_size": None},))
        for least, stride, size in zip(smallest, self.steps, asked, strict=True):
            if size <= least - stride or size >= least + stride:
                raise Refusal(
                    f"output_size {times(asked)}: along an axis from {least - stride + 1} to {least + stride - 1} is "
                    "possible",
                    "output_size",
                    ({"output_size": None},),
                )
        return asked

    def _refuse_misfits(self, values: TensorSpec, indices: TensorSpec) -> None:
        """Refuses indices that are not one for each value."""
        pairs = zip(values.shape, indices.shape, strict=False)
        is_other = any(is_known(a) and is_known(b) and a != b for a, b in pairs)
        if len(values.shape) != len(indices.shape) or is_other:
            raise Refusal(f"values {text(values.shape)} and indices {text(indices.shape)} must have the same shape")

    def field_on(self, inputs: Tensors, fields: Fields) -> ReceptiveField | None:
        field = fields[0]
        if field is None or min(*self.pool_size, *self.steps) < 1:
            return None
        return seen_transposed(field, self.pool_size, self.steps)

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        lengths = (cls.rank,)
        read = {
            name: value[: cls.rank]
            for name, value in options.items()
            if name in ("strides", "padding") and isinstance(value, list | tuple)
        }
        options = {**options, **read}  # PyTorch reads no further
        return per_axis(module, options, {"pool_size": lengths, "strides": lengths, "padding": lengths})


class MaxUnpooling1D(UnpoolingKind, frozen=True, kw_only=True):
    """Puts the values of a sequence back to where a max pooling found them."""

    rank = 1
    spellings = {"pytorch": (Module("MaxUnpool1d", RETURNING, call=AT_CALL),)}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html"

    pool_size: One
    strides: One | None = None
    padding: One = (0,)


class MaxUnpooling2D(UnpoolingKind, frozen=True, kw_only=True):
    """Puts the values of an image back to where a max pooling found them."""

    rank = 2
    spellings = {"pytorch": (Module("MaxUnpool2d", RETURNING, call=AT_CALL),)}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html"

    pool_size: Two
    strides: Two | None = None
    padding: Two = (0, 0)


class MaxUnpooling3D(UnpoolingKind, frozen=True, kw_only=True):
    """Puts the values of a volume back to where a max pooling found them."""

    rank = 3
    spellings = {"pytorch": (Module("MaxUnpool3d", RETURNING, call=AT_CALL),)}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool3d.html"

    pool_size: Three
    strides: Three | None = None
    padding: Three = (0, 0, 0)
