"""Recurrent cells: what a recurrent layer does at one step. A cell reads the input of the step and what it remembers.

Every gate of a cell is a fully connected layer of its own, for the input and for the state: an LSTM has 4 of them, a
GRU 3, a simple RNN 1. Parameters: gates × (inputs + units + bias) × units. MACs of one step: gates × units × (inputs +
units).

PyTorch adds a bias to either product, so that its LSTM and RNN have two where one would do: gates × (inputs + units +
2) × units. Keras' GRU has two rows of biases as well, unless `reset_after` is off. Keras calls a cell with its states
(and wraps it in an RNN layer to go through a sequence); PyTorch's cells start from zeros where none are given. Rules as
in Keras (`keras.layers.LSTMCell`) and in PyTorch (`torch.nn.LSTMCell`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar

import msgspec

from paramdesk.engine.declared import declared_spec, refuse_undeclared
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import fixed, named
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.activation import ActivationName
from paramdesk.engine.layer_kind import BATCH, KERNEL_AND_BIAS, LayerKind, Tensors
from paramdesk.engine.option import Natural, Option, Rate
from paramdesk.engine.shape import Dim, Framework, Shape, TensorSpec, is_known, text
from paramdesk.engine.spelling import UNCOUNTED, Argument, Module
from paramdesk.engine.weight import Weight, torch_weight

INERT = KERNEL_AND_BIAS | {f"recurrent_{role}" for role in ("initializer", "regularizer", "constraint")} | {"seed"}
"""Options of Keras' recurrent layers that change no count."""

TORCH_ROLES: Mapping[str, str] = {
    "kernel": "weight_ih", "recurrent_kernel": "weight_hh", "bias": "bias_ih", "recurrent_bias": "bias_hh",
    "projection": "weight_hr",
}  # fmt: skip
"""What torch.nn calls the weights of a cell: input to hidden, hidden to hidden, hidden to its projection."""

ACTIVATION = Option("Activation", digest="{}")
GATES = Option("Gate activation", digest="gates {}", advanced=True)
USE_BIAS = Option("Use bias", digest="no bias")
DROPOUT = Option("Dropout", digest="dropout {}")
RECURRENT_DROPOUT = Option("Recurrent dropout", digest="recurrent dropout {}", advanced=True, only="keras")
FORGET_BIAS = Option("Forget gate's bias", digest="forget bias 0", advanced=True, only="keras", unsaid="kept")
RESET_AFTER = Option("Reset after", digest="reset before", advanced=True)
TWO_BIASES = Option("Two biases", digest="two biases", advanced=True, only="pytorch", unsaid="dropped")
MADE_FOR = Option("Made for", words="inputs", advanced=True, only="pytorch", unsaid="dropped")


class Cell(LayerKind, frozen=True, kw_only=True):
    """One step of a recurrent layer."""

    category = "rec"

    @property
    def width(self) -> Dim:
        """How many values it makes of a step."""
        raise NotImplementedError

    @property
    def states(self) -> tuple[Dim, ...]:
        """The sizes of what it remembers."""
        raise NotImplementedError

    def step_weights(self, inputs: Dim) -> tuple[Weight, ...]:
        """Its weights, for so many input values."""
        raise NotImplementedError

    def step_macs(self, inputs: Dim) -> Dim:
        """Multiply-accumulates of one step for one sample, for so many input values."""
        raise NotImplementedError

    @property
    def failing(self) -> str:
        """Why a layer of it fails when Keras runs it; empty if it does not."""
        return ""

    @property
    def is_flat(self) -> bool:
        """Whether Keras can tell what the states are that it remembers."""
        return True

    def refuse_in_keras(self) -> None:
        """Refuses what Keras does not make.

        Raises:
            Refusal: there are no units.
        """

    def after(self, x: TensorSpec, states: Tensors) -> Tensors:
        """What Keras makes of a step: the output, and the states after it."""
        raise NotImplementedError

    def outputs(self, inputs: Tensors) -> Tensors:
        x, states = inputs[0], inputs[1:]
        # Keras passes over what is too much, PyTorch begins with zeros where nothing is said.
        if len(states) < len(self.states) if x.framework == "keras" else len(states) not in (0, len(self.states)):
            wanted = ", ".join(f"(batch, {int(size)})" for size in self.states)  # type: ignore[arg-type]  # known
            raise Refusal(f"{self.title()} reads a step and its states {wanted}, but {len(states)} states come in")
        return self.after(x, states)

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        return self.step_weights(named("inputs", inputs[0].shape[-1]))

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        return self.step_macs(named("inputs", inputs[0].shape[-1]))

    def torch_weights(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        return tuple([torch_cell_weight(weight) for weight in weights])

    def samples_on(self, inputs: Tensors) -> Dim:
        return super().samples_on(inputs) if len(inputs[0].shape) > 1 else 1

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return (BATCH, "values")[-len(x.shape) :] if 0 < len(x.shape) <= 2 else super().axis_names(x)

    def input_name(self, place: int, count: int, framework: Framework = "keras") -> str:
        """What one of its inputs is called: the step itself, then the states."""
        return "input" if place == 0 else f"state {place}" if count > 2 else "state"


def torch_cell_weight(weight: Weight, suffix: str = "") -> Weight:
    """A weight of a cell as torch.nn has it: outputs before inputs, the layer and the direction behind the name.

    >>> torch_cell_weight(Weight("lstm_cell/kernel", (6, 32)), "_l0").name
    'weight_ih_l0'
    """
    role = TORCH_ROLES.get(weight.name.rpartition("/")[2])
    if role is None:
        return torch_weight(weight)
    shape = weight.shape[::-1] if role.startswith("weight") else weight.shape
    return Weight(f"{role}{suffix}", shape, weight.trainable)


def clamped(options: dict[str, object]) -> dict[str, object]:
    """The options with rates of dropout as Keras takes them: less than 0 is 0, more than 1 is 1."""
    for name in ("dropout", "recurrent_dropout"):
        value = options.get(name, 0.0)
        if not isinstance(value, int | float):
            raise InvalidOptions(f"{name} = {shortened(value)}: expected a number", name)
        if name in options:
            options[name] = min(1.0, max(0.0, value))
    return options


def failing_activation(activations: Iterable[str], width: int, gates: int) -> str:
    """Why a step fails when Keras runs it, for the sake of an activation; empty if it does not."""
    if "threshold" in activations:
        return "threshold has two arguments without a default, which Keras does not give it"
    if "glu" in activations and (width != 2 or gates == 1):  # half of 2 is 1, which stretches
        return f"glu halves the {width} values of a step, which the state does not fit any more"
    return ""


class GatedCell(Cell, frozen=True, kw_only=True):
    """A cell whose gates are fully connected layers.

    Attributes:
        units: values that it remembers and makes.
        activation: of what becomes the new state.
        use_bias: whether the gates have biases.
        dropout: share of the inputs left out, in training only.
        recurrent_dropout: share of the state left out, in training only.
        two_biases: whether the product with the state has a bias of its own, as in PyTorch.
        declared: how many inputs it was made for, where PyTorch writes that down.
    """

    gates: ClassVar[int]
    """How many fully connected layers there are in it."""
    remembered: ClassVar[int] = 1
    """How many states it has."""

    inert = INERT | {"implementation"}

    units: Annotated[Natural, Option("Units", digest="{} units", preset=32)]
    activation: Annotated[ActivationName, ACTIVATION] = "tanh"
    use_bias: Annotated[bool, USE_BIAS] = True
    dropout: Annotated[Rate, DROPOUT] = 0.0
    recurrent_dropout: Annotated[Rate, RECURRENT_DROPOUT] = 0.0
    two_biases: Annotated[bool, TWO_BIASES] = False
    declared: Annotated[Natural | None, MADE_FOR] = None

    @property
    def width(self) -> Dim:
        return self.units

    @property
    def states(self) -> tuple[Dim, ...]:
        return (self.units,) * self.remembered

    @property
    def activations(self) -> tuple[str, ...]:
        """The functions that it applies: to what becomes the new state, and to the gates."""
        return (self.activation,)

    @property
    def biases(self) -> Shape:
        """The axes of the bias before that of the gates: none, or how many biases there are."""
        return ()

    def step_weights(self, inputs: Dim, hidden: Dim | None = None) -> tuple[Weight, ...]:
        """Its weights, for so many input values; `hidden` is the size of the state where that is not the units'."""
        gated = self._gated()
        inputs = inputs if self.declared is None else named("inputs", self.declared)
        found = [
            Weight("kernel", (inputs, gated)),
            Weight("recurrent_kernel", (self.units if hidden is None else hidden, gated)),
        ]
        if self.use_bias and self.two_biases:
            found += [Weight("bias", (gated,)), Weight("recurrent_bias", (gated,))]
        elif self.use_bias:
            found.append(Weight("bias", (*self.biases, gated)))
        return tuple(found)

    def step_macs(self, inputs: Dim, hidden: Dim | None = None) -> Dim:
        """Multiply-accumulates of one step; `hidden` as in `step_weights`."""
        return self._gated() * (inputs + (self.units if hidden is None else hidden))

    def _gated(self) -> Dim:
        return self.units if self.gates == 1 else fixed("gates", self.gates, self.units) * self.units

    @property
    def failing(self) -> str:
        return failing_activation(self.activations, self.units, self.gates)

    def refuse_in_keras(self) -> None:
        if self.units < 1:
            raise Refusal("units = 0: Keras needs at least 1", "units", ({"units": 1},))

    def refuse_activations(self) -> None:
        """Refuses what PyTorch's recurrent modules do not do.

        Raises:
            Refusal: another activation than theirs, or another order of product and reset.
        """
        taken = ("tanh", "relu") if self.gates == 1 else ("tanh",)
        if self.activation not in taken:
            reason = f"activation = '{self.activation}': in PyTorch this is {' or '.join(taken)}"
            raise Refusal(reason, "activation", ({"activation": "tanh"},))
        for gates in self.activations[1:]:
            if gates != "sigmoid":
                reason = f"recurrent_activation = '{gates}': in PyTorch the gates take sigmoid"
                raise Refusal(reason, "recurrent_activation", ({"recurrent_activation": "sigmoid"},))

    def counted_like(self, convention: Framework) -> LayerKind:
        return msgspec.structs.replace(self, two_biases=convention == "pytorch")

    def declared_inputs(self) -> Tensors:
        return declared_spec(self.declared)

    def after(self, x: TensorSpec, states: Tensors) -> Tensors:
        if self.declared is not None:
            refuse_undeclared(self.declared, x.shape[-1] if x.shape else 0, "inputs", x)
        if x.framework == "pytorch":
            self.refuse_activations()
            return self._after_in_torch(x, states)
        self.refuse_in_keras()
        if reason := self.failing:
            raise Refusal(reason, "activation", ({"activation": "tanh", "recurrent_activation": "sigmoid"},))
        return self._after_in_keras(x.floating(), states)

    def _after_in_torch(self, x: TensorSpec, states: Tensors) -> Tensors:
        """The new states, which are what it makes; an input without a batch axis is a single sample."""
        if len(x.shape) not in (1, 2):
            raise Refusal(
                f"{self.title()} needs 1 or 2 axes (batch and inputs), but {text(x.shape)} has {len(x.shape)}"
            )
        wanted = (*x.shape[:-1], self.units)
        for state in states:
            refuse_state(state, wanted)
        return tuple([x.floating().reshaped(wanted) for _state in self.states])

    def _after_in_keras(self, x: TensorSpec, states: Tensors) -> Tensors:
        """The output and the new states: products of either are added, so that sizes of 1 stretch."""
        if not x.shape:
            raise Refusal(f"{self.title()} needs 2 axes (batch and inputs), but the input () has none")
        state = states[0].shape
        if not state or (is_known(state[-1]) and state[-1] != self.units):
            raise Refusal(f"its state {text(state)} must have {self.units} values, as many as it has units")
        made = stretched((*x.shape[:-1], self.units), (*state[:-1], self.units))
        if self.gates > 1 and len(state) != 2 and not (len(made) == 2 and self.gates == 4):
            raise Refusal(f"{self.title()} needs a state of 2 axes (batch and units), not {text(state)}")
        if self.remembered == 2:
            if len(made) != 2:
                raise Refusal(f"{self.title()} needs 2 axes (batch and inputs), but {text(x.shape)} has {len(x.shape)}")
            made = stretched(made, states[1].shape)
        return tuple([x.reshaped(made) for _made in range(1 + self.remembered)])

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return clamped(super().keras_options(config))

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        return made_for_a_number(options)


def made_for_a_number(options: Mapping[str, object]) -> dict[str, object]:
    """The options of a module of PyTorch, which must say for how many inputs it is made."""
    if options["declared"] is None:
        raise InvalidOptions("input_size = None: expected a number", "declared")
    return dict(options)


def refuse_state(state: TensorSpec, wanted: Shape) -> None:
    """Refuses a state of another shape than PyTorch wants.

    Raises:
        Refusal: a known size differs, or the number of axes.
    """
    pairs = zip(state.shape, wanted, strict=False)
    if len(state.shape) != len(wanted) or any(is_known(a) and is_known(b) and a != b for a, b in pairs):
        raise Refusal(f"a state of the shape {text(wanted)} is needed, but {text(state.shape)} comes in")


def stretched(one: Shape, other: Shape) -> Shape:
    """The shape of a sum, as TensorFlow works it out: sizes of 1 stretch, an unknown size is that of the other.

    Raises:
        Refusal: two sizes differ.

    >>> stretched((5, 4), (1, 4)), stretched((2, 5, 4), (4,))
    ((5, 4), (2, 5, 4))
    """
    if len(one) < len(other):
        one, other = other, one
    ahead = len(one) - len(other)
    found = list(one[:ahead])
    for a, b in zip(one[ahead:], other, strict=True):
        if is_known(a) and is_known(b) and 1 not in (a, b) and a != b:
            raise Refusal(f"{text(one)} and {text(other)} do not fit together: {a} is not {b}")
        found.append(b if a == 1 or (not is_known(a) and b != 1 and is_known(b)) else a)
    return tuple(found)


ONE_STEP = {
    "input_size": Argument("declared"),
    "hidden_size": Argument("units"),
    "bias": Argument("use_bias", True),
}


class LSTMCell(GatedCell, frozen=True, kw_only=True):
    """One step of an LSTM: three gates decide what a memory keeps, takes in and shows; a fourth proposes values."""

    gates = 4
    remembered = 2
    spellings = {"keras": ("LSTMCell",), "pytorch": (Module("LSTMCell", {**ONE_STEP, **UNCOUNTED}),)}
    search = ("recurrent", "memory", "one step", "cell", "lstm")
    source = "https://keras.io/api/layers/recurrent_layers/lstm_cell/"

    recurrent_activation: Annotated[ActivationName, GATES] = "sigmoid"
    unit_forget_bias: Annotated[bool, FORGET_BIAS] = True

    @property
    def activations(self) -> tuple[str, ...]:
        return (self.activation, self.recurrent_activation)


class GRUCell(GatedCell, frozen=True, kw_only=True):
    """One step of a GRU: two gates decide what of the state is kept and forgotten; a third proposes values.

    Attributes:
        reset_after: whether the reset gate works on the product with the state; then that has biases of its own.
    """

    gates = 3
    spellings = {"keras": ("GRUCell",), "pytorch": (Module("GRUCell", {**ONE_STEP, **UNCOUNTED}),)}
    search = ("recurrent", "one step", "cell", "gru")
    source = "https://keras.io/api/layers/recurrent_layers/gru_cell/"

    recurrent_activation: Annotated[ActivationName, GATES] = "sigmoid"
    reset_after: Annotated[bool, RESET_AFTER] = True

    @property
    def activations(self) -> tuple[str, ...]:
        return (self.activation, self.recurrent_activation)

    @property
    def biases(self) -> Shape:
        return (fixed("biases", 2, self.units),) if self.reset_after else ()

    def refuse_activations(self) -> None:
        super().refuse_activations()
        if not self.reset_after:
            reason = "reset_after = False: PyTorch's GRU resets behind the product"
            raise Refusal(reason, "reset_after", ({"reset_after": True},))


class SimpleRNNCell(GatedCell, frozen=True, kw_only=True):
    """One step of a simple recurrent layer: the new state is made of the input and of the state before."""

    gates = 1
    spellings = {
        "keras": ("SimpleRNNCell",),
        "pytorch": (Module("RNNCell", {**ONE_STEP, "nonlinearity": Argument("activation", "tanh"), **UNCOUNTED}),),
    }
    search = ("recurrent", "one step", "cell", "elman", "rnn")
    inert = INERT
    source = "https://keras.io/api/layers/recurrent_layers/simple_rnn_cell/"


def torch_stack(weights: Iterable[Weight], directions: int = 1, suffix: str = "") -> tuple[Weight, ...]:
    """Weights of cells one behind the other, as torch.nn numbers them: a kernel begins the next cell.

    Args:
        weights: of the cells, in their order.
        directions: in which each of them goes through the sequence.
        suffix: behind all names.
    """
    found, number = [], -1
    for weight in weights:
        number += weight.name.rpartition("/")[2] == "kernel"
        layer, is_reverse = divmod(number, directions)
        found.append(torch_cell_weight(weight, f"_l{layer}{'_reverse' if is_reverse else ''}{suffix}"))
    return tuple(found)
