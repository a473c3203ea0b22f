"""Kinds with one input and one output; most of them for a fixed number of spatial axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar

import msgspec

from paramdesk.engine.crossing import Crossing
from paramdesk.engine.errors import Refusal
from paramdesk.engine.layer_kind import BATCH, Fields, LayerKind, Tensors, lowered
from paramdesk.engine.option import Option
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import AXIS_NAMES, Dim, Framework, Layout, Shape, TensorSpec, text
from paramdesk.engine.weight import Weight


class SingleInputKind(LayerKind, frozen=True, kw_only=True):
    """A kind with one input and one output."""

    def output(self, x: TensorSpec) -> TensorSpec:
        """The output tensor of an input tensor."""
        raise NotImplementedError

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        """The weights for this input."""
        return ()

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        """Multiply-accumulates for one sample."""
        return 0

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        """The receptive field of the output, given that of the input; None where positions are mixed."""
        return None

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        """What goes wrong when the framework runs what it accepts."""
        return ()

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        """What a reader should know besides the formula."""
        return ()

    def outputs(self, inputs: Tensors) -> Tensors:
        if len(inputs) != 1:
            raise Refusal(f"{self.title()} takes one input, got {len(inputs)}")
        y = self.output(inputs[0])
        return (y if self.keeps_type else y.floating(),)

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        return self.weights(inputs[0])

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        return self.macs(inputs[0], outputs[0])

    def field_on(self, inputs: Tensors, fields: Fields) -> ReceptiveField | None:
        return self.seen(inputs[0], fields[0]) if fields[0] is not None else None

    def warnings_on(self, inputs: Tensors, outputs: Tensors) -> Iterable[str]:
        return self.warnings(inputs[0], outputs[0])

    def remarks_on(self, inputs: Tensors) -> Iterable[str]:
        return self.remarks(inputs[0])


class RankedKind(SingleInputKind, frozen=True, kw_only=True):
    """A kind for a fixed number of spatial axes, with the channels behind them: one struct per rank."""

    rank: ClassVar[int]
    """How many spatial axes."""
    takes_unbatched: ClassVar[bool] = True
    """Whether PyTorch takes a single sample, without an axis for the batch."""

    def channels_first(self, x: TensorSpec) -> bool:
        """Whether channels stand before the spatial axes."""
        return x.framework == "pytorch"

    def split(self, x: TensorSpec) -> tuple[Shape, Shape, Dim]:
        """Batch, spatial sizes and channels of an input; without the batch axis, which PyTorch allows, () for it.

        Raises:
            Refusal: the input has another number of axes.
        """
        shape = x.shape
        if len(shape) != self.rank + 2 and not (x.framework == "pytorch" and self.is_unbatched(x)):
            raise self._wrong_rank(x)
        start = len(shape) - self.rank - 1
        if self.channels_first(x):
            return shape[:start], shape[start + 1 :], shape[start]
        return shape[:start], shape[start:-1], shape[-1]

    def is_unbatched(self, x: TensorSpec) -> bool:
        """Whether an input is a single sample, without an axis for the batch."""
        return self.takes_unbatched and len(x.shape) == self.rank + 1

    def joined(self, x: TensorSpec, space: Shape, channels: Dim) -> Shape:
        """A shape with the batch of x, in the layout of this layer."""
        batch = x.shape[: len(x.shape) - self.rank - 1]
        return (*batch, channels, *space) if self.channels_first(x) else (*batch, *space, channels)

    def samples_on(self, inputs: Tensors) -> Dim:
        return 1 if self.is_unbatched(inputs[0]) else super().samples_on(inputs)

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        batch = (BATCH,) * (len(x.shape) - self.rank - 1)
        if len(batch) > 1 or len(x.shape) <= self.rank:
            return super().axis_names(x)
        space = AXIS_NAMES[self.rank]
        return (*batch, "channels", *space) if self.channels_first(x) else (*batch, *space, "channels")

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        return 1

    def _wrong_rank(self, x: TensorSpec) -> Refusal:
        axes = ", ".join(AXIS_NAMES[self.rank])
        few = f"{self.rank + 1} or " if x.framework == "pytorch" and self.takes_unbatched else ""
        return Refusal(
            f"{self.title()} needs {few}{self.rank + 2} axes (batch, {axes} and channels), "
            f"but the input {text(x.shape)} has {len(x.shape)}"
        )


class SpatialKind(RankedKind, frozen=True, kw_only=True):
    """A kind for a fixed number of spatial axes, with the channels before or behind them.

    Attributes:
        data_format: where the channels are; None: as in the rest of the architecture.
    """

    data_format: Annotated[Layout | None, Option("Data format", advanced=True, only="keras")] = None

    def channels_first(self, x: TensorSpec) -> bool:
        return (self.data_format or x.layout) == "channels_first"

    def crossed(self, crossing: Crossing) -> LayerKind:
        """Without the layout where it is that of the network anyway, which goes elsewhere as a whole."""
        kind = super().crossed(crossing)
        is_said_twice = any(x.layout == self.data_format for x in crossing.inputs[:1])
        return msgspec.structs.replace(kind, data_format=None) if is_said_twice else kind

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return lowered(super().keras_options(config), "data_format")
