"""Layers that have another one inside: at every step, in both directions, one behind the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from paramdesk.engine.kinds.activation import ElementwiseKind
from paramdesk.engine.kinds.core import Dense
from paramdesk.engine.kinds.recurrent import RecurrentKind
from paramdesk.engine.kinds.sequential import Sequential
from paramdesk.engine.kinds.wrapping import Bidirectional, TimeDistributed
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.naming import default_name
from paramdesk.engine.shape import UNKNOWN, Shape
from paramdesk.formats.onnx.writing.place import Made, Place, Write
from paramdesk.formats.onnx.writing.recurrent import Read, run, side_by_side
from paramdesk.formats.onnx.writing.reshaping import reshaped
from paramdesk.formats.onnx.writing.sheet import Value

Steps: TypeAlias = Sequence[Made]


def written_inside(place: Place) -> Made:
    """What a layer inside another one makes, if that is one tensor."""
    from paramdesk.formats.onnx.writing.registry import writer_of

    write = writer_of(type(place.kind))
    if write is None:
        place.refuse()
    made = write(place, place.kind)
    found = [made] if isinstance(made, Made) else list(made)
    if len(found) != 1:
        place.refuse("with several outputs")
    return found[0]


def time_distributed(place: Place, kind: TimeDistributed) -> Made:
    """The layer on all axes where it minds only the last one; else on steps and batch as one."""
    value = place.inputs[0]
    name = kind.layer_name or default_name(kind.layer)
    if isinstance(kind.layer, Dense | ElementwiseKind) and _minds_last_only(kind.layer):
        return written_inside(place.inner(kind.layer, [value], place.made, name))
    shape = value.spec.shape
    made = place.made[0].shape
    together: Shape = (UNKNOWN, *shape[2:])
    spec = value.spec.reshaped(together)
    step = reshaped(place, place.plain(as_it_is=True), together, keeps_batch=False)
    inner = place.inner(kind.layer, [Value(step, spec)], kind.layer.outputs_within((spec,)), name)
    each = written_inside(inner)
    plain = place.sheet.turn(Value(each.name, inner.made[0], each.turned), first=False)
    sizes = (UNKNOWN if not isinstance(made[0], int) else made[0], *made[1:])
    return Made(reshaped(place, plain.name, sizes, keeps_batch=False))


def _minds_last_only(kind: LayerKind) -> bool:
    """Whether a layer does the same whatever stands before the last axis."""
    return kind.category in ("act", "reg", "dense") and not hasattr(kind, "axis") and not hasattr(kind, "shared_axes")


def sequential(place: Place, kind: Sequential) -> Made:
    """Each layer on what the one before it makes."""
    value, made = place.inputs[0], Made(place.plain(as_it_is=True))
    value = Value(made.name, value.spec)
    for number, layer in enumerate(kind.layers):
        name = kind.layers_name[number] if number < len(kind.layers_name) else ""
        inner = place.inner(layer, [value], layer.outputs((value.spec,)), name or f"{default_name(layer)}_{number}")
        made = written_inside(inner)
        value = Value(made.name, inner.made[0], made.turned)
    return made


# Both directions ------------------------------------------------------------------------------------------------------

MERGED: Mapping[str, str] = {"sum": "Add", "mul": "Mul", "ave": "Mean"}


def bidirectional(place: Place, kind: Bidirectional) -> Steps:
    """One node for both directions, and what merges them."""
    forward, backward = kind.layer, kind.backward
    if not isinstance(forward, RecurrentKind) or not isinstance(backward, RecurrentKind):
        place.refuse(f"around {forward.title()}")
    alike = ("units", "activation", "use_bias", "recurrent_activation", "reset_after")
    if type(forward) is not type(backward) or forward.go_backwards or any(
        getattr(forward, name, None) != getattr(backward, name, None) for name in alike
    ):  # fmt: skip
        place.refuse("around two different layers")
    x = place.transpose(place.plain(), 1, 0, 2)
    inputs = place.size(place.spec().shape[-1])
    made = run(place, forward, Read(x, inputs, _initial(place)), "bidirectional")
    ends = [place.nodes("Split", state, outputs=2, axis=0, num_outputs=2) for state in made.states]
    last = [[place.node("Squeeze", one, place.ints(0)) for one in pair] for pair in ends]
    found = _all_steps(place, kind, made.steps, forward.units) if forward.return_sequences else None
    if found is None:
        found = _merged(place, kind, *last[0])
    states = [Made(pair[way]) for way in (0, 1) for pair in last] if forward.return_state else []
    return [*found, *states]


def _initial(place: Place) -> list[str]:
    """The initial states of both directions: first those of the one, then those of the other."""
    half = (len(place.inputs) - 1) // 2
    one = [place.node("Unsqueeze", place.plain(number), place.ints(0)) for number in range(1, len(place.inputs))]
    return [place.node("Concat", one[number], one[half + number], axis=0) for number in range(half)]


def _all_steps(place: Place, kind: Bidirectional, name: str, units: int) -> list[Made]:
    if kind.merge_mode == "concat":
        return [Made(place.transpose(side_by_side(place, name, 2, units), 1, 0, 2))]
    ways = place.nodes("Split", name, outputs=2, axis=1, num_outputs=2)
    pair = [place.transpose(place.node("Squeeze", way, place.ints(1)), 1, 0, 2) for way in ways]
    return _merged(place, kind, *pair)


def _merged(place: Place, kind: Bidirectional, one: str, other: str) -> list[Made]:
    if kind.merge_mode is None:
        return [Made(one), Made(other)]
    if kind.merge_mode == "concat":
        return [Made(place.node("Concat", one, other, axis=-1))]
    return [Made(place.node(MERGED[kind.merge_mode], one, other))]


WRITERS: Mapping[type[LayerKind], Write] = {
    TimeDistributed: time_distributed, Sequential: sequential, Bidirectional: bidirectional,
}  # fmt: skip
"""By the kind."""
