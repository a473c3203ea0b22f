"""Recurrent layers: a node for each layer of a stack, in one direction or both, with the steps before the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from paramdesk.engine.kinds.recurrent import GRU, LSTM, RecurrentKind, SimpleRNN
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.formats.onnx.writing.place import Made, Place, Write
from paramdesk.formats.onnx.writing.sheet import Attribute

OPERATORS: Mapping[type[RecurrentKind], str] = {LSTM: "LSTM", GRU: "GRU", SimpleRNN: "RNN"}
FUNCTIONS: Mapping[str, tuple[str, float, float]] = {
    "tanh": ("Tanh", 0, 0), "sigmoid": ("Sigmoid", 0, 0), "relu": ("Relu", 0, 0),
    "hard_sigmoid": ("HardSigmoid", 1 / 6, 0.5), "linear": ("Affine", 1, 0), "elu": ("Elu", 1, 0),
    "leaky_relu": ("LeakyRelu", 0.2, 0), "softsign": ("Softsign", 0, 0), "softplus": ("Softplus", 0, 0),
}  # fmt: skip
"""Functions that ONNX knows within a recurrent layer, with their two numbers."""


class Read(NamedTuple):
    """What a node of a recurrent layer reads.

    Attributes:
        name: of the tensor: steps, batch, values.
        size: how many values.
        states: initial ones: (directions, batch, units) each; none: zeros.
    """

    name: str
    size: int
    states: Sequence[str] = ()


class Run(NamedTuple):
    """What a node of a recurrent layer makes.

    Attributes:
        steps: of every step: (steps, directions, batch, units).
        states: of the last one: (directions, batch, units) each.
    """

    steps: str
    states: Sequence[str]


def functions(place: Place, kind: RecurrentKind, directions: int) -> dict[str, Attribute]:
    """The attributes that name the functions of gates and state, where they are not the usual ones."""
    gates = getattr(kind, "recurrent_activation", "sigmoid")
    per_direction = {
        "LSTM": (gates, kind.activation, kind.activation), "GRU": (gates, kind.activation), "RNN": (kind.activation,),
    }[OPERATORS[type(kind)]]  # fmt: skip
    for name in per_direction:
        if name not in FUNCTIONS:
            place.refuse(f"with {name}")
    if set(per_direction) <= {"tanh", "sigmoid"} and kind.activation == "tanh" and gates == "sigmoid":
        return {}
    chosen = [FUNCTIONS[name] for name in per_direction] * directions
    found: dict[str, Attribute] = {"activations": [name for name, _alpha, _beta in chosen]}
    if any(alpha or beta for _name, alpha, beta in chosen):
        found["activation_alpha"] = [float(alpha) for _name, alpha, _beta in chosen]
        found["activation_beta"] = [float(beta) for _name, _alpha, beta in chosen]
    return found


def run(place: Place, kind: RecurrentKind, read: Read, way: str, layer: str = "") -> Run:
    """One node, for one layer.

    Args:
        place: the layer.
        kind: how it works.
        read: what it reads.
        way: "forward", "reverse" or "bidirectional".
        layer: what stands behind the names of its weights.
    """
    gates, units, directions = kind.made_of.gates, kind.units, 1 + (way == "bidirectional")
    weights = [
        place.weight(f"kernel{layer}", directions, gates * units, read.size),
        place.weight(f"recurrent_kernel{layer}", directions, gates * units, units),
    ]
    bias = ""
    if kind.use_bias:
        has_two = kind.two_biases or (isinstance(kind, GRU) and kind.reset_after)
        size = gates * units
        bias = place.weight(f"bias{layer}", directions, 2 * size if has_two else size)
        if not has_two:  # ONNX adds a second one always
            bias = place.node("Concat", bias, place.filled(0, directions, size), axis=1)
    attributes: dict[str, Attribute] = {"hidden_size": units, "direction": way, **functions(place, kind, directions)}
    if isinstance(kind, GRU):
        attributes["linear_before_reset"] = int(kind.reset_after)
    count = kind.made_of.remembered
    given = [bias, "", *read.states] if read.states else [bias] if bias else []
    made = place.nodes(OPERATORS[type(kind)], read.name, *weights, *given, outputs=1 + count, **attributes)
    return Run(made[0], made[1:])


def side_by_side(place: Place, name: str, directions: int, units: int) -> str:
    """Of every step, the directions side by side: (steps, batch, directions · units)."""
    if directions == 1:
        return place.node("Squeeze", name, place.ints(1))
    return place.node("Reshape", place.transpose(name, 0, 2, 1, 3), place.ints(0, 0, directions * units))


# Of Keras -------------------------------------------------------------------------------------------------------------


def _in_keras(place: Place, kind: RecurrentKind) -> list[Made]:
    x = place.transpose(place.plain(), 1, 0, 2)
    states = [place.node("Unsqueeze", place.plain(number), place.ints(0)) for number in range(1, len(place.inputs))]
    inputs = place.size(place.spec().shape[-1])
    made = run(place, kind, Read(x, inputs, states), "reverse" if kind.go_backwards else "forward")
    last = [place.node("Squeeze", state, place.ints(0)) for state in made.states]
    found = [Made(all_steps(place, kind, made) if kind.return_sequences else last[0])]
    return found + [Made(state) for state in last] if kind.return_state else found


def all_steps(place: Place, kind: RecurrentKind, made: Run) -> str:
    """The outputs of all steps behind the batch, in the order in which a layer of Keras goes through them."""
    steps = place.transpose(place.node("Squeeze", made.steps, place.ints(1)), 1, 0, 2)
    if not kind.go_backwards:
        return steps
    return place.node("Slice", steps, place.ints(-1), place.ints(-(2**63) + 1), place.ints(1), place.ints(-1))


# Of PyTorch -----------------------------------------------------------------------------------------------------------


def _in_torch(place: Place, kind: RecurrentKind) -> list[Made]:
    shape = place.spec().shape
    unbatched, x = len(shape) == 2, place.plain()
    if unbatched:
        x = place.node("Unsqueeze", x, place.ints(1))
    elif not kind.time_major:
        x = place.transpose(x, 1, 0, 2)
    ways = kind.directions
    inputs = place.size(shape[-1] if kind.declared is None else kind.declared)
    given = _initial(place, kind, unbatched=unbatched)
    states: list[Sequence[str]] = []
    for number in range(kind.num_layers):
        way = "bidirectional" if kind.bidirectional else "reverse" if kind.go_backwards else "forward"
        one = run(place, kind, Read(x, inputs, given[number]), way, f"_l{number}")
        x = side_by_side(place, one.steps, ways, kind.units)
        states.append(one.states)
        inputs = ways * kind.units
    if unbatched:
        steps = place.node("Squeeze", x, place.ints(1))
    else:
        steps = x if kind.time_major else place.transpose(x, 1, 0, 2)
    if not kind.return_sequences or (kind.return_state and not kind.stacked_state):
        place.refuse("with the states one by one")
    stacked = [
        names[0] if len(names) == 1 else place.node("Concat", *names, axis=0) for names in zip(*states, strict=True)
    ]
    stacked = [place.node("Squeeze", name, place.ints(1)) if unbatched else name for name in stacked]
    return [Made(steps), *(Made(name) for name in stacked if kind.return_state)]


def _initial(place: Place, kind: RecurrentKind, *, unbatched: bool) -> list[Sequence[str]]:
    """The initial states of each layer of a stack."""
    count = kind.num_layers
    given = [place.plain(number) for number in range(1, len(place.inputs))]
    if unbatched:
        given = [place.node("Unsqueeze", name, place.ints(1)) for name in given]
    if count == 1 or not given:
        return [given] * count
    parts = [place.nodes("Split", name, outputs=count, axis=0, num_outputs=count) for name in given]
    return [list(each) for each in zip(*parts, strict=True)]


def recurrent(place: Place, kind: RecurrentKind) -> list[Made]:
    """LSTM, GRU and RNN."""
    if kind.projected:
        place.refuse("with a projection")
    if place.is_keras:
        return _in_keras(place, kind)
    return _in_torch(place, kind)


WRITERS: Mapping[type[LayerKind], Write] = {RecurrentKind: recurrent}
"""By the kind."""
