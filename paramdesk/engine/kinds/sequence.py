"""What goes through a sequence step by step: what recurrent layers share, and `RNN`, which takes any cell along.

The last step's output comes out, on request all steps' (`return_sequences`), and on request the states after the last
step (`return_state`): (batch, units) or (batch, steps, units), then a (batch, size) for every state of every cell in
order. `layer(x, initial_state=[h, c])` reads the states as further inputs, of which Keras checks nothing before it
runs. Parameters are those of the cell, MACs steps × those of the cell. Rules as in Keras (`keras.layers.RNN`); PyTorch
has modules with cells of their own only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias

import msgspec

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import named
from paramdesk.engine.inner_layers import Named, brought, each_named, path_of, with_names, without_names
from paramdesk.engine.kinds.recurrent_cells import Cell, LSTMCell, SimpleRNNCell, torch_stack
from paramdesk.engine.layer_kind import BATCH, InnerKind, LayerKind, Tensors
from paramdesk.engine.option import Natural, Option
from paramdesk.engine.shape import Dim, Framework, Shape, TensorSpec, is_known, text
from paramdesk.engine.weight import Weight

OF_EVERY_LAYER = frozenset({"unroll", "zero_output_for_mask"})
"""Options of every recurrent layer of Keras that change no count."""

Cells: TypeAlias = Annotated[tuple[InnerKind, ...], msgspec.Meta(min_length=1, max_length=256)]
Many = msgspec.Meta(max_length=256)


class SequenceKind(LayerKind, frozen=True, kw_only=True):
    """What goes through a sequence step by step.

    Attributes:
        return_sequences: whether the outputs of all steps come out, or the last one's only.
        return_state: whether the states after the last step come out as well.
        go_backwards: whether it begins at the end.
        stateful: whether a batch begins with the states at the end of the one before.
    """

    category = "rec"
    call_arguments = frozenset({"training", "mask", "initial_state"})

    return_sequences: Annotated[bool, Option("Return sequences", digest="all steps")] = False
    return_state: Annotated[bool, Option("Return state", digest="and states")] = False
    go_backwards: Annotated[bool, Option("Go backwards", digest="backwards", advanced=True, only="keras")] = False
    stateful: Annotated[bool, Option("Stateful", digest="stateful", advanced=True, only="keras")] = False

    def step_shapes(self, x: TensorSpec) -> tuple[Shape, tuple[Shape, ...]]:
        """What a step makes of its input and what it remembers, without the batch."""
        raise NotImplementedError

    def refuse_rank(self, x: TensorSpec) -> None:
        """Refuses an input whose number of axes Keras checks.

        Raises:
            Refusal: it has another one.
        """

    def failing(self, x: TensorSpec) -> str:
        """Why a step fails when Keras runs it; empty if it does not."""
        return ""

    def outputs(self, inputs: Tensors) -> Tensors:
        self.refuse_rank(inputs[0])
        return self.outputs_within(inputs)

    def outputs_within(self, inputs: Tensors) -> Tensors:
        x = inputs[0]
        if len(x.shape) < 2:
            raise Refusal(
                f"{self.title()} needs 3 axes (batch, steps and values), but {text(x.shape)} has fewer than 2"
            )
        batch, steps = x.shape[:2]
        if self.stateful and not is_known(batch):
            reason = f"stateful needs a known batch size, but the input {text(x.shape)} leaves it open"
            raise Refusal(reason, "stateful", ({"stateful": False},))
        made, states = self.step_shapes(x)
        shapes = [(batch, steps, *made) if self.return_sequences else (batch, *made)]
        if self.return_state:
            shapes += [(batch, *state) for state in states]
        return tuple([x.floating().reshaped(shape) for shape in shapes])

    def warnings_on(self, inputs: Tensors, outputs: Tensors) -> Iterable[str]:
        x = inputs[0]
        if x.framework == "pytorch":
            return
        if reason := self.failing(x):
            yield f"{reason}: it fails when run"
        if 0 in x.shape[:2]:
            yield f"the input {text(x.shape)} has no step to go through: it fails when run"
        wanted = self.step_shapes(x)[1]
        given = [state.shape for state in inputs[1:]]
        if given and len(given) != len(wanted):
            yield f"{len(given)} initial states come in, but {self.title()} has {len(wanted)}: it fails when run"
        for state, size in zip(given, wanted, strict=False):
            if not _fits(state, (x.shape[0], *size)):
                expected, found = text((x.shape[0], *size)), text(state)
                yield f"an initial state must have the shape {expected}, not {found}: it fails when run"

    def remarks_on(self, inputs: Tensors) -> Iterable[str]:
        yield "Every step uses the same weights: the number of steps changes the MACs, not the parameters."

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return (BATCH, "steps", "values") if len(x.shape) == 3 else super().axis_names(x)


def _fits(state: Shape, wanted: Shape) -> bool:
    """Whether a state can stand for one of the wanted shape: sizes of 1 stretch, and axes may be missing in front.

    The last axis is multiplied with the weights, and so must have its size.
    """
    if not state or len(state) > len(wanted) or (is_known(state[-1]) and state[-1] != wanted[-1]):
        return False
    pairs = zip(reversed(state), reversed(wanted), strict=False)
    return all(not is_known(a) or not is_known(b) or a in (1, b) for a, b in pairs)


def values_of_a_step(x: TensorSpec) -> Dim:
    """How many values stand at a step: the last axis, once that of the steps is taken out."""
    last = x.shape[-1] if len(x.shape) > 2 or x.framework == "pytorch" else x.shape[0]
    return named("inputs", last)


# Any cell -------------------------------------------------------------------------------------------------------------


def as_cell(kind: LayerKind, option: str) -> Cell:
    """A kind as a cell.

    Raises:
        Refusal: it is none.
    """
    if not isinstance(kind, Cell):
        raise Refusal(
            f"{kind.title()} is no cell: expected LSTMCell, GRUCell, SimpleRNNCell or StackedRNNCells", option
        )
    return kind


class StackedRNNCells(Cell, frozen=True, kw_only=True):
    """Several cells one behind the other: each reads at every step what the one before it makes.

    Attributes:
        cells: from the first to the last.
        cells_name: what they are called; empty: as Keras calls them.
        cells_frozen: the places of those that are not trained, counted from 0.
    """

    elsewhere = "the argument `num_layers` of `LSTM`, `GRU` and `RNN`, or a loop"
    spellings = {"keras": ("StackedRNNCells",)}
    search = ("recurrent", "stack", "deep", "cell")
    source = "https://keras.io/api/layers/recurrent_layers/stacked_rnn_cell/"

    cells: Annotated[Cells, Option("Cells", preset=(SimpleRNNCell(units=32),) * 2)]
    cells_name: Annotated[tuple[str, ...], Many, Option("Their names", hidden=True, only="keras", unsaid="kept")] = ()
    cells_frozen: Annotated[tuple[Natural, ...], Many, Option("Frozen ones", advanced=True)] = ()

    def tried_as(self) -> LayerKind:
        return RNN(cell=self)

    @property
    def members(self) -> tuple[Cell, ...]:
        """The cells, those of stacks among them one by one.

        Raises:
            Refusal: one of them is no cell.
        """
        return tuple([as_cell(cell, "cells") for cell in self.cells])

    @property
    def width(self) -> Dim:
        return self.members[-1].width

    @property
    def states(self) -> tuple[Dim, ...]:
        return tuple([size for cell in self.members for size in cell.states])

    def step_weights(self, inputs: Dim) -> tuple[Weight, ...]:
        found: list[Weight] = []
        for cell, (called, is_trained) in zip(self.members, self.named_within()["cells"], strict=True):
            weights = cell.step_weights(inputs)
            found += brought(path_of(cell, called), cell, weights, is_trained=is_trained)
            inputs = cell.width
        return tuple(found)

    def step_macs(self, inputs: Dim) -> Dim:
        first, *others = self.members
        macs = first.step_macs(inputs)
        for before, cell in zip(self.members, others, strict=False):
            macs = macs + cell.step_macs(before.width)
        return macs

    def after(self, x: TensorSpec, states: Tensors) -> Tensors:
        found: list[TensorSpec] = []
        for cell in self.members:
            count = len(cell.states)
            made = cell.after(x, states[:count])
            x, states = made[0], states[count:]
            found += made[1:]
        return (x, *found)

    @property
    def failing(self) -> str:
        return next(filter(None, (cell.failing for cell in self.members)), "")

    @property
    def is_flat(self) -> bool:
        return not any(isinstance(cell, StackedRNNCells) and not cell.has_single_states for cell in self.members)

    @property
    def has_single_states(self) -> bool:
        """Whether each of the cells remembers one thing."""
        return all(len(cell.states) == 1 and not isinstance(cell, StackedRNNCells) for cell in self.members)

    def refuse_in_keras(self) -> None:
        for cell in self.members:
            cell.refuse_in_keras()

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return with_names(config, "cells")

    def keras_config(self) -> dict[str, object]:
        return without_names(super().keras_config(), "cells")

    def named_within(self) -> Mapping[str, tuple[Named, ...]]:
        return {"cells": each_named(len(self.cells), self.cells_name, self.cells_frozen)}

    def counted_like(self, convention: Framework) -> LayerKind:
        return msgspec.structs.replace(self, cells=tuple([cell.counted_like(convention) for cell in self.members]))

    def torch_weights(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        return torch_stack(weights)


class RNN(SequenceKind, frozen=True, kw_only=True):
    """Takes a cell through a sequence: any cell, or several one behind the other.

    Keras does not look how many axes the input has; the values of a step stand on the last one.

    Attributes:
        cell: what works at every step.
        cell_name: what it is called; empty: as Keras calls it.
        cell_trainable: whether it is trained.
    """

    elsewhere = "`LSTM`, `GRU` and `RNN`, or a loop over a cell"
    spellings = {"keras": ("RNN",)}
    search = ("recurrent", "cell", "stacked", "deep")
    inert = OF_EVERY_LAYER
    source = "https://keras.io/api/layers/recurrent_layers/rnn/"

    cell: Annotated[InnerKind, Option("Cell", preset=LSTMCell(units=32), leads=True)]
    cell_name: Annotated[str, Option("Its name", advanced=True, only="keras", unsaid="kept")] = ""
    cell_trainable: Annotated[bool, Option("Is trained", digest="frozen", advanced=True)] = True

    @property
    def step(self) -> Cell:
        """The cell.

        Raises:
            Refusal: it is none.
        """
        return as_cell(self.cell, "cell")

    def step_shapes(self, x: TensorSpec) -> tuple[Shape, tuple[Shape, ...]]:
        cell = self.step
        cell.refuse_in_keras()
        if self.return_state and not cell.is_flat:
            reason = "return_state: Keras cannot tell the states of an LSTMCell in a stack within a stack"
            raise Refusal(reason, "return_state", ({"return_state": False},))
        return (cell.width,), tuple([(size,) for size in cell.states])

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        weights = self.step.step_weights(values_of_a_step(inputs[0]))
        return brought(path_of(self.cell, self.cell_name), self.cell, weights, is_trained=self.cell_trainable)

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        x = inputs[0]
        return named("steps", x.shape[1]) * self.step.step_macs(values_of_a_step(x))

    def failing(self, x: TensorSpec) -> str:
        if len(x.shape) != 3:
            return f"it reads 3 axes (batch, steps and values), but {text(x.shape)} has others"
        return self.step.failing

    def counted_like(self, convention: Framework) -> LayerKind:
        return msgspec.structs.replace(self, cell=self.cell.counted_like(convention))

    def torch_weights(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        return torch_stack(weights)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        if isinstance(cells := options.get("cell"), list | tuple):
            options["cell"] = {"class_name": "StackedRNNCells", "config": {"cells": cells}}
        return with_names(options, "cell")

    def keras_config(self) -> dict[str, object]:
        return without_names(super().keras_config(), "cell")

    def named_within(self) -> Mapping[str, tuple[Named, ...]]:
        return {"cell": ((self.cell_name, self.cell_trainable),)}
