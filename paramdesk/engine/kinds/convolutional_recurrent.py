"""Convolutional LSTMs: recurrent layers whose gates are convolutions, for sequences of rows, images or volumes.

The input of a step is convolved as the options say, the state before it with strides of 1, zeros around and no
dilation, so that it keeps its size. Parameters: (window × (input channels + filters) + bias) × 4 gates × filters. MACs:
steps × output positions × window × (input channels + filters) × 4 gates × filters. Every size but the batch and the
number of steps must be known. Rules as in Keras (`keras.layers.ConvLSTM2D` and its relatives); PyTorch has no such
module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import fixed, named, product
from paramdesk.engine.kinds.activation import ActivationName
from paramdesk.engine.kinds.convolution import Conv1D, Conv2D, Conv3D, Convolution, Pair, Single, Size, Triple
from paramdesk.engine.kinds.recurrent_cells import (
    ACTIVATION,
    DROPOUT,
    FORGET_BIAS,
    GATES,
    INERT,
    RECURRENT_DROPOUT,
    USE_BIAS,
    clamped,
    failing_activation,
)
from paramdesk.engine.kinds.sequence import OF_EVERY_LAYER, SequenceKind
from paramdesk.engine.layer_kind import BATCH, Tensors, lowered
from paramdesk.engine.option import Natural, Option, Rate
from paramdesk.engine.shape import Dim, Framework, Layout, Shape, TensorSpec, is_known, text
from paramdesk.engine.weight import Weight


class ConvolutionalLSTM(SequenceKind, frozen=True, kw_only=True):
    """An LSTM whose gates are convolutions: the state of a step is an image again.

    Attributes:
        filters: how many channels a step makes and remembers.
        kernel_size: of the window, per axis.
        strides: how far it moves over the input of a step, per axis.
        padding: "valid": only where it fits; "same": zeros around the input of a step.
        dilation_rate: distance between the window's places on the input of a step, per axis.
        data_format: where the channels are; None: as in the rest of the architecture.
        activation: of what becomes the new state.
        use_bias: whether the gates have biases.
        dropout: share of the inputs left out, in training only.
        recurrent_dropout: share of the state left out, in training only.
    """

    elsewhere = "a loop over the steps, with `Conv2d` for the gates"
    rank: ClassVar[int]
    """How many spatial axes."""
    gated_by: ClassVar[type[Convolution]]
    """What goes over the input of a step."""

    owns_weights = False
    input_names = ("input", "initial state", "initial memory")
    inert = INERT | OF_EVERY_LAYER
    whole_floats = frozenset({"strides", "dilation_rate"})
    search = ("recurrent", "video", "film", "weather", "convolution", "memory", "lstm")

    filters: Annotated[Natural, Option("Filters", digest="{} filters", preset=32, leads=True)]
    kernel_size: Annotated[Size, Option("Kernel size", words="kernel {axis}", digest="{}", preset=3, leads=True)]
    strides: Annotated[Size, Option("Strides", words="stride", digest="stride {}")]
    padding: Annotated[Literal["valid", "same"], Option("Padding", digest="{}")] = "valid"
    dilation_rate: Annotated[Size, Option("Dilation", words="dilation", digest="dilation {}")]
    activation: Annotated[ActivationName, ACTIVATION] = "tanh"
    recurrent_activation: Annotated[ActivationName, GATES] = "sigmoid"
    use_bias: Annotated[bool, USE_BIAS] = True
    dropout: Annotated[Rate, DROPOUT] = 0.0
    recurrent_dropout: Annotated[Rate, RECURRENT_DROPOUT] = 0.0
    unit_forget_bias: Annotated[bool, FORGET_BIAS] = True
    data_format: Annotated[Layout | None, Option("Data format", advanced=True, only="keras")] = None

    @property
    def step(self) -> Convolution:
        """What goes over the input of a step."""
        shared = ("filters", "kernel_size", "strides", "padding", "dilation_rate", "data_format")
        return self.gated_by(**{name: getattr(self, name) for name in shared})

    def refuse_rank(self, x: TensorSpec) -> None:
        if len(x.shape) != self.rank + 3:
            raise Refusal(
                f"{self.title()} needs {self.rank + 3} axes (batch, steps, {self.rank} of space and channels), "
                f"but the input {text(x.shape)} has {len(x.shape)}"
            )

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        return 2

    def step_shapes(self, x: TensorSpec) -> tuple[Shape, tuple[Shape, ...]]:
        step, at_once = self.step, _at_once(x)
        space = step.split(at_once)[1]
        if not all(map(is_known, space)):
            raise Refusal(f"{self.title()} needs sizes of space that are known, but the input is {text(x.shape)}")
        made = step.output(at_once).shape[1:]
        return made, (made, made)

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        gated = fixed("gates", 4, self.filters) * self.filters
        found = [
            Weight("kernel", (*self.kernel_size, self._channels(inputs[0]), gated)),
            Weight("recurrent_kernel", (*self.kernel_size, self.filters, gated)),
        ]
        if self.use_bias:
            found.append(Weight("bias", (gated,)))
        return tuple([weight.within("conv_lstm_cell") for weight in found])

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        x, y = inputs[0], outputs[0]
        positions = self.step.split(_at_once(y) if self.return_sequences else y)[1]
        window = product((named("steps", x.shape[1]), *positions, *self.kernel_size))
        return window * (self._channels(x) + self.filters) * fixed("gates", 4, self.filters) * self.filters

    def _channels(self, x: TensorSpec) -> Dim:
        return named("input channels", self.step.split(_at_once(x))[2])

    def failing(self, x: TensorSpec) -> str:
        if self.filters == 0 or self._channels(x) == 0:
            return "a convolution needs a channel and a filter at least"
        return failing_activation((self.activation, self.recurrent_activation), self.filters, 4)

    def remarks_on(self, inputs: Tensors) -> Iterable[str]:
        yield from super().remarks_on(inputs)
        yield "The state is convolved as well: the window goes over its channels, as many as there are filters."

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        if len(x.shape) != self.rank + 3:
            return self.step.axis_names(x)
        return (BATCH, "steps", *self.step.axis_names(_at_once(x))[1:])

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return clamped(lowered(super().keras_options(config), "padding", "data_format"))


def _at_once(x: TensorSpec) -> TensorSpec:
    """What stands at one step: the tensor without the axis of the steps."""
    return x.reshaped((x.shape[0], *x.shape[2:]))


class ConvLSTM1D(ConvolutionalLSTM, frozen=True, kw_only=True):
    """An LSTM for sequences of rows: its gates are convolutions along one axis."""

    rank = 1
    gated_by = Conv1D
    spellings = {"keras": ("ConvLSTM1D",)}
    source = "https://keras.io/api/layers/recurrent_layers/conv_lstm1d/"

    kernel_size: Single
    strides: Single = (1,)
    dilation_rate: Single = (1,)


class ConvLSTM2D(ConvolutionalLSTM, frozen=True, kw_only=True):
    """An LSTM for sequences of images, such as films: its gates are convolutions."""

    rank = 2
    gated_by = Conv2D
    spellings = {"keras": ("ConvLSTM2D",)}
    source = "https://keras.io/api/layers/recurrent_layers/conv_lstm2d/"

    kernel_size: Pair
    strides: Pair = (1, 1)
    dilation_rate: Pair = (1, 1)


class ConvLSTM3D(ConvolutionalLSTM, frozen=True, kw_only=True):
    """An LSTM for sequences of volumes: its gates are convolutions through depth, height and width."""

    rank = 3
    gated_by = Conv3D
    spellings = {"keras": ("ConvLSTM3D",)}
    source = "https://keras.io/api/layers/recurrent_layers/conv_lstm3d/"

    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    dilation_rate: Triple = (1, 1, 1)
