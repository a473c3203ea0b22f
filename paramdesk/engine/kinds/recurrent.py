"""Recurrent layers: they go through a sequence step by step and remember. Every step uses the same weights.

Parameters: gates × (inputs + units + bias) × units, with 4 gates in an LSTM, 3 in a GRU, 1 in a simple RNN (see the
recurrent cells). The number of steps does not enter: it changes the MACs, steps × gates × units × (inputs + units).

Keras makes the last step's output, on request all steps' (`return_sequences`) and the states after the last one
(`return_state`): (batch, units) or (batch, steps, units), then the states, two in an LSTM. Stacks and directions are
layers and wrappers of their own. `layer(x, initial_state=[h, c])` reads the states as further inputs, of which Keras
checks nothing before it runs.

PyTorch always makes all steps and the states. One module may hold a stack of layers in both directions: the layers
behind the first read hidden size × directions values. It takes the steps before the batch unless `batch_first` is on,
and a single sample without a batch; the states come stacked as (layers × directions, batch, size), the LSTM's hidden
ones of the projected size, the cell's of the full one. It adds two biases at every gate: gates × (inputs + units + 2) ×
units. Rules as in Keras (`keras.layers.LSTM`) and in PyTorch (`torch.nn.LSTM`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec

from paramdesk.engine.crossing import Crossing
from paramdesk.engine.declared import refuse_undeclared
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import fixed, named
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.activation import ActivationName
from paramdesk.engine.kinds.recurrent_cells import (
    ACTIVATION,
    DROPOUT,
    FORGET_BIAS,
    GATES,
    INERT,
    MADE_FOR,
    RECURRENT_DROPOUT,
    RESET_AFTER,
    TWO_BIASES,
    USE_BIAS,
    GatedCell,
    GRUCell,
    LSTMCell,
    SimpleRNNCell,
    clamped,
    failing_activation,
    made_for_a_number,
    refuse_state,
    torch_stack,
)
from paramdesk.engine.kinds.sequence import OF_EVERY_LAYER, SequenceKind, values_of_a_step
from paramdesk.engine.layer_kind import BATCH, LayerKind, Tensors
from paramdesk.engine.naming import default_name
from paramdesk.engine.option import Natural, Option, Positive, Rate
from paramdesk.engine.shape import UNKNOWN, Dim, Framework, Shape, TensorSpec, text
from paramdesk.engine.spelling import UNCOUNTED, Argument, Arguments, Module
from paramdesk.engine.weight import Weight

Layers: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=1000, extra={"true_is_one": False})]
"""How many layers a stack may have: each is written out, so that there must be an end."""

OF_TORCH = ("two_biases", "stacked_state")
"""Options that PyTorch's classes set by being what they are, and that have no other consequence in Keras."""

UNITS = Option("Units", digest="{} units", preset=32, leads=True)


class RecurrentKind(SequenceKind, frozen=True, kw_only=True):
    """A recurrent layer with a cell of its own; in PyTorch also a stack of them, in one direction or both.

    Attributes:
        units: values that a step remembers and makes.
        activation: of what becomes the new state.
        use_bias: whether the gates have biases.
        dropout: share of the inputs left out, in training only; in PyTorch of what one layer passes to the next.
        recurrent_dropout: share of the state left out, in training only.
        num_layers: how many layers stand one behind the other.
        bidirectional: whether each of them goes both ways.
        two_biases: whether the product with the state has a bias of its own, as in PyTorch.
        time_major: whether the steps stand before the batch.
        stacked_state: whether the states of all layers and directions come out as one tensor.
        declared: how many inputs it was made for, where PyTorch writes that down.
    """

    made_of: ClassVar[type[GatedCell]]
    """The cell that works at every step."""

    inert = INERT | OF_EVERY_LAYER

    units: Annotated[Positive, UNITS]
    activation: Annotated[ActivationName, ACTIVATION] = "tanh"
    use_bias: Annotated[bool, USE_BIAS] = True
    dropout: Annotated[Rate, DROPOUT] = 0.0
    recurrent_dropout: Annotated[Rate, RECURRENT_DROPOUT] = 0.0
    num_layers: Annotated[Layers, Option("Layers", words="layers", digest="{} layers", only="pytorch")] = 1
    bidirectional: Annotated[bool, Option("Both directions", digest="both ways", only="pytorch")] = False
    two_biases: Annotated[bool, TWO_BIASES] = False
    time_major: Annotated[bool, Option("Steps first", digest="steps first", advanced=True, only="pytorch")] = False
    stacked_state: Annotated[bool, Option("States in one", advanced=True, only="pytorch")] = False
    declared: Annotated[Positive | None, MADE_FOR] = None

    @property
    def step(self) -> GatedCell:
        """The cell that works at every step."""
        shared = set(self.made_of.__struct_fields__) - {"declared"}
        return self.made_of(**{name: getattr(self, name) for name in shared})

    @property
    def projected(self) -> int:
        """The size to which the output of a step is brought; 0 if it stays as it is."""
        return 0

    @property
    def hidden(self) -> int:
        """How many values a step hands on."""
        return self.projected or self.units

    @property
    def directions(self) -> int:
        """How many ways it goes through the sequence."""
        return 2 if self.bidirectional else 1

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """The sizes of what a step remembers: what it hands on, and in an LSTM its memory."""
        return (self.hidden, self.units)[: self.made_of.remembered]

    def refuse_rank(self, x: TensorSpec) -> None:
        if len(x.shape) != 3:
            raise Refusal(
                f"{self.title()} needs 3 axes (batch, steps and values), "
                f"but the input {text(x.shape)} has {len(x.shape)}"
            )

    def step_shapes(self, x: TensorSpec) -> tuple[Shape, tuple[Shape, ...]]:
        return (self.units,), tuple([(size,) for size in self.state_sizes])

    def outputs(self, inputs: Tensors) -> Tensors:
        if inputs[0].framework == "keras":
            return super().outputs(inputs)
        x = inputs[0]
        if len(x.shape) not in (2, 3):
            reason = f"{self.title()} needs 2 or 3 axes (steps, batch and values), but {text(x.shape)} has"
            raise Refusal(f"{reason} {len(x.shape)}")
        self._refuse_in_torch(x)
        batch, steps = self._batch(x), self._steps(x)
        states = tuple([(self.num_layers * self.directions, *batch, size) for size in self.state_sizes])
        self._refuse_initial(inputs[1:], states)
        width = self.hidden * fixed("directions", 2, self.units) if self.bidirectional else self.hidden
        shapes = [(*batch, width)]
        if self.return_sequences:
            shapes = [(steps, *batch, width) if self.time_major and batch else (*batch, steps, width)]
        if self.return_state and self.stacked_state:
            shapes += states
        elif self.return_state:
            shapes += [(*batch, size) for size in self.state_sizes] * (self.num_layers * self.directions)
        return tuple([x.floating().reshaped(shape) for shape in shapes])

    def _refuse_in_torch(self, x: TensorSpec) -> None:
        """Refuses what PyTorch does not do, and an input that it was not made for."""
        self.step.refuse_activations()
        if self.declared is not None:
            refuse_undeclared(self.declared, x.shape[-1], "inputs", x)
        if self._steps(x) == 0:
            raise Refusal(f"{self.title()} needs a step at least, but the input {text(x.shape)} has none")

    def _refuse_initial(self, given: Tensors, wanted: tuple[Shape, ...]) -> None:
        """Refuses initial states of another number or other shapes than PyTorch wants."""
        if given and len(given) != len(wanted):
            raise Refusal(f"{self.title()} takes {len(wanted)} initial states or none, but {len(given)} come in")
        for state, shape in zip(given, wanted, strict=False):
            refuse_state(state, shape)

    def _batch(self, x: TensorSpec) -> Shape:
        """The axis of the batch; none of a single sample."""
        if x.framework == "pytorch" and len(x.shape) == 2:
            return ()
        return (x.shape[1 if self.time_major else 0],)

    def _steps(self, x: TensorSpec) -> Dim:
        is_first = x.framework == "pytorch" and (self.time_major or len(x.shape) == 2)
        return x.shape[0 if is_first else 1]

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        cell, found = self.step, []
        for layer in range(self.num_layers):
            for direction in range(self.directions):
                weights = cell.step_weights(self._read_by(layer, inputs[0]), self.hidden)
                if self.projected:
                    weights = (*weights, Weight("projection", (self.units, self.projected)))
                found += [weight.within(self._path(layer, direction)) for weight in weights]
        return tuple(found)

    def _read_by(self, layer: int, x: TensorSpec) -> Dim:
        """How many values a layer of the stack reads at a step."""
        if layer:
            return self.hidden * fixed("directions", 2, self.units) if self.bidirectional else self.hidden
        return values_of_a_step(x) if self.declared is None else named("inputs", self.declared)

    def _path(self, layer: int, direction: int) -> str:
        """Where Keras has the weights of a layer: of its cell, and in a stack of the layer that does the same."""
        cell = default_name(self.step)
        if self.num_layers * self.directions == 1:
            return cell
        way = ("forward_", "backward_")[direction] if self.bidirectional else ""
        number = f"_{layer}" if layer else ""
        return f"{way}{default_name(self)}{number}/{cell}"

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        x, cell = inputs[0], self.step
        each = cell.step_macs(self._read_by(0, x), self.hidden)
        if self.projected:
            each = each + self.units * self.projected
        if self.num_layers > 1:
            behind = cell.step_macs(self._read_by(1, x), self.hidden)
            if self.projected:
                behind = behind + self.units * self.projected
            each = each + (self.num_layers - 1) * behind
        ways = fixed("directions", 2, self.units) * each if self.bidirectional else each
        return named("steps", self._steps(x)) * ways

    def crossed(self, crossing: Crossing) -> LayerKind:
        """With what PyTorch's classes say by being what they are: they have two biases, and stack their states."""
        kind = super().crossed(crossing)
        if crossing.source == crossing.framework:
            return kind
        if crossing.framework == "keras":
            is_one = self.num_layers * self.directions == 1
            return msgspec.structs.replace(kind, stacked_state=False) if is_one else kind
        said = {**self._module().options}
        return msgspec.structs.replace(kind, **{name: said[name] for name in OF_TORCH if name in said})

    @classmethod
    def _module(cls) -> Module:
        """The class of torch.nn that it is."""
        return next(spelling for spelling in cls.spellings["pytorch"] if isinstance(spelling, Module))

    def torch_weights(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        return torch_stack(weights, self.directions)

    def counted_like(self, convention: Framework) -> LayerKind:
        return msgspec.structs.replace(self, two_biases=convention == "pytorch")

    def declared_inputs(self) -> Tensors:
        if self.declared is None:
            return ()
        return (TensorSpec((UNKNOWN, UNKNOWN, self.declared), framework="pytorch"),)

    def samples_on(self, inputs: Tensors) -> Dim:
        batch = self._batch(inputs[0])
        return batch[0] if batch else 1

    def failing(self, x: TensorSpec) -> str:
        if len(x.shape) != 3:  # as within TimeDistributed, where Keras does not look
            return f"it reads 3 axes (batch, steps and values), but {text(x.shape)} has others"
        return failing_activation(self.step.activations, self.units, self.made_of.gates)

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        if x.framework == "pytorch" and len(x.shape) == 2 and self.return_sequences:
            return ("steps", "values")
        if len(x.shape) == 3 and self.time_major:
            return ("steps", BATCH, "values")
        return super().axis_names(x)

    def remarks_on(self, inputs: Tensors) -> Iterable[str]:
        yield from super().remarks_on(inputs)
        if self.two_biases and self.use_bias:
            yield "PyTorch adds a bias to the product with the input and one to that with the state; one would do."

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return clamped(super().keras_options(config))

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        taken = made_for_a_number(options)
        for argument, name in (("bias", "use_bias"), ("batch_first", "time_major"), ("bidirectional", "bidirectional")):
            if not isinstance(taken[name], bool):
                raise InvalidOptions(f"{argument} = {shortened(taken[name])}: expected true or false", name)
        if isinstance(taken["dropout"], bool):
            raise InvalidOptions(f"dropout = {taken['dropout']}: expected a number from 0 to 1", "dropout")
        taken["time_major"] = not taken["time_major"]
        return taken


def _arguments(**own: Argument) -> Arguments:
    """The arguments of a module, in their order; its own one stands before or behind the common ones."""
    before = {"nonlinearity": own["nonlinearity"]} if "nonlinearity" in own else {}
    return {
        "input_size": Argument("declared"),
        "hidden_size": Argument("units"),
        "num_layers": Argument("num_layers", 1),
        **before,
        "bias": Argument("use_bias", True),
        "batch_first": Argument("time_major", False),
        "dropout": Argument("dropout", 0.0),
        "bidirectional": Argument("bidirectional", False),
        **own,
        **UNCOUNTED,
    }


ALWAYS = {"return_sequences": True, "return_state": True, "stacked_state": True}
"""What PyTorch's modules make whatever they are told."""


class GatedKind(RecurrentKind, frozen=True, kw_only=True):
    """A recurrent layer with gates, for which Keras may take NVIDIA's implementation.

    Attributes:
        recurrent_activation: of the gates.
        use_cudnn: whether Keras runs it by NVIDIA's cuDNN: where that can be done, always or never.
    """

    inert = INERT | OF_EVERY_LAYER | {"implementation"}

    recurrent_activation: Annotated[ActivationName, GATES] = "sigmoid"
    use_cudnn: Annotated[
        Literal["auto", "always", "never"],
        Option("Use cuDNN", digest="cuDNN {}", advanced=True, only="keras", unsaid="kept"),
    ] = "auto"

    def failing(self, x: TensorSpec) -> str:
        if self.use_cudnn == "always":
            return "use_cudnn is True, but there may be no GPU, or none for these options"
        return super().failing(x)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        if (said := options.pop("use_cudnn", "auto")) != "auto":
            if not isinstance(said, int | float) or said not in (0, 1):
                reason = "expected 'auto', true or false"
                raise InvalidOptions(f"use_cudnn = {shortened(said)}: {reason}", "use_cudnn")
            options["use_cudnn"] = "always" if said else "never"
        return options

    def keras_config(self) -> dict[str, object]:
        config = super().keras_config()
        if config.pop("use_cudnn") != "auto":
            config["use_cudnn"] = self.use_cudnn == "always"
        return config


class LSTM(GatedKind, frozen=True, kw_only=True):
    """Goes through a sequence with a memory that three gates guard: what is kept, what comes in, what is shown.

    Attributes:
        projection: to how many values PyTorch brings the output of a step; 0: it stays as it is.
    """

    made_of = LSTMCell
    input_names = ("input", "initial state", "initial memory")
    spellings = {
        "keras": ("LSTM",),
        "pytorch": (Module("LSTM", _arguments(proj_size=Argument("projection", 0)), {**ALWAYS, "two_biases": True}),),
    }
    search = ("recurrent", "memory", "sequence", "gate", "time series", "text", "long short-term memory")
    source = "https://keras.io/api/layers/recurrent_layers/lstm/"

    unit_forget_bias: Annotated[bool, FORGET_BIAS] = True
    projection: Annotated[Natural, Option("Projection", digest="projected to {}", advanced=True, only="pytorch")] = 0

    @property
    def projected(self) -> int:
        return self.projection

    def _refuse_in_torch(self, x: TensorSpec) -> None:
        super()._refuse_in_torch(x)
        if self.projection >= self.units:
            reason = f"projection {self.projection} must be smaller than the {self.units} units"
            raise Refusal(reason, "projection", ({"projection": 0},))


class GRU(GatedKind, frozen=True, kw_only=True):
    """Goes through a sequence with two gates, which decide what of the state is kept and what is forgotten.

    Attributes:
        reset_after: whether the reset gate works on the product with the state; then that has biases of its own.
    """

    made_of = GRUCell
    input_names = ("input", "initial state")
    spellings = {"keras": ("GRU",), "pytorch": (Module("GRU", _arguments(), ALWAYS),)}
    search = ("recurrent", "memory", "sequence", "gate", "time series", "text", "gated recurrent unit")
    source = "https://keras.io/api/layers/recurrent_layers/gru/"

    reset_after: Annotated[bool, RESET_AFTER] = True


class SimpleRNN(RecurrentKind, frozen=True, kw_only=True):
    """Goes through a sequence; the output of a step is read again at the next."""

    made_of = SimpleRNNCell
    input_names = ("input", "initial state")
    spellings = {
        "keras": ("SimpleRNN",),
        "pytorch": (
            Module("RNN", _arguments(nonlinearity=Argument("activation", "tanh")), {**ALWAYS, "two_biases": True}),
        ),
    }
    search = ("recurrent", "sequence", "elman", "rnn", "time series")
    source = "https://keras.io/api/layers/recurrent_layers/simple_rnn/"
