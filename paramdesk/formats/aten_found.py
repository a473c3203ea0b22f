"""What the readers of modules share: a module as its operators tell it, what goes into these and what comes out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from paramdesk.engine.layer_kind import LayerKind
from paramdesk.formats.aten import AtenReader, Node
from paramdesk.formats.recorder import Held
from paramdesk.frameworks.aten import Tensor
from paramdesk.frameworks.torch import module_named, read_module


class Found(msgspec.Struct, frozen=True):
    """A module as its operators tell it.

    Attributes:
        kind: what it is.
        inputs: what it reads.
        weights: what it owns.
        makes: what comes out.
    """

    kind: LayerKind
    inputs: Sequence[Tensor]
    weights: Sequence[Held]
    makes: Sequence[str]


def kind_of(
    class_name: str,
    arguments: Mapping[str, object],
    *,
    is_in_place: bool = False,
    call: Mapping[str, object] | None = None,
) -> LayerKind:
    """The kind of a class with those arguments that it takes.

    Raises:
        InvalidOptions: one is missing, or PyTorch would refuse one.
    """
    spelling = module_named(class_name)[1]
    taken = {name: value for name, value in arguments.items() if name in spelling.arguments}
    if is_in_place and "inplace" in spelling.arguments:
        taken["inplace"] = True
    return read_module(class_name, taken, call=call or None).kind


def outside_of(reader: AtenReader, group: Sequence[Node]) -> set[str]:
    """What is made in a module and read elsewhere."""
    within: dict[str, int] = {}
    for node in group:
        for tensor in node.reads:
            within[tensor.name] = within.get(tensor.name, 0) + 1
    made = {output for node in group for output in node.outputs}
    return {
        value for value in made
        if reader.readings.get(value, 0) > within.get(value, 0) or value in reader.returned
    }  # fmt: skip


def entering(reader: AtenReader, group: Sequence[Node], made: Collection[str]) -> list[Tensor]:
    """The tensors that a module is given, in the order in which it reads them."""
    read = [tensor for node in group for tensor in node.reads]
    return [tensor for tensor in read if tensor.name not in made and reader.constant(tensor) is None]


def agree(one: Sequence[int | None], other: Sequence[int | None]) -> bool:
    """Whether two shapes can be the same."""
    return len(one) == len(other) and all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))
