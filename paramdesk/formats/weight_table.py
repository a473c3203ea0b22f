"""Files of weights and nothing else, as an architecture: a row for each module that owns some, modules as blocks.

What such a module makes is not known, nor what reads what; its weights are, and so are their sums.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Sequence
from pathlib import PurePath

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node
from paramdesk.engine.kinds.unknown import MANY, Unknown
from paramdesk.engine.naming import unique_name
from paramdesk.engine.owners import with_owners
from paramdesk.engine.shape import Framework, Layout
from paramdesk.engine.weight import StatedWeight

CLASS = "Weights"
"""What stands in place of a class where a file tells none."""
DEEPEST = 25
"""No deeper are blocks put into one another; what lies deeper stands in the last of them."""
LONGEST_NAME = 200


class Owned(msgspec.Struct, frozen=True):
    """A weight and who owns it.

    Attributes:
        path: names of modules, the outermost first; empty for the whole.
        weight: its name in the last of them, its shape.
        class_name: of the module, where the file tells it.
        identity: what tells that it is the very tensor of another one; None if nothing does.
    """

    path: tuple[str, ...]
    weight: StatedWeight
    class_name: str = CLASS
    identity: Hashable = None


class _Module:
    """A module: its own weights and the modules in it, in order of appearance."""

    def __init__(self) -> None:
        self.weights: list[StatedWeight] = []
        self.class_name = CLASS
        self.modules: dict[str, _Module] = {}
        self.shared: _Module | None = None
        """Who owns the weights that it uses, if it has none of its own."""
        self.row: int | None = None


def table_of(
    weights: Iterable[Owned], file: str, framework: Framework, layout: Layout = "channels_last"
) -> Architecture:
    """The architecture of a file that holds only weights.

    Args:
        weights: in the order of the file.
        file: its name, from which the architecture's is taken.
        framework: whose weights they are.
        layout: of its tensors.
    """
    root = _Module()
    owners: dict[Hashable, _Module] = {}
    for owned in weights:
        module = root
        for name in _shortened(owned.path):
            module = module.modules.setdefault(name, _Module())
        module.class_name = owned.class_name
        owner = owners.setdefault(owned.identity, module) if owned.identity is not None else module
        if owner is module:
            module.weights.append(owned.weight)
        else:
            module.shared = module.shared or owner
    table = _Table()
    nodes = with_owners(table.rows(root, set()), table.owners())
    return Architecture(name_of(file), nodes, (), framework, layout, table.next_id)


def name_of(file: str) -> str:
    """The name of an architecture by that of its file: without the folder and what follows the first dot."""
    return PurePath(file).name.split(".")[0] or "untitled"


def _shortened(path: Sequence[str]) -> tuple[str, ...]:
    """A path with names that a row can have, and not deeper than blocks may stand."""
    names = [name.replace("/", "_")[:LONGEST_NAME] or "_" for name in path]
    return (
        (*names[: DEEPEST - 1], ".".join(names[DEEPEST - 1 :])[:LONGEST_NAME]) if len(names) > DEEPEST else tuple(names)
    )


class _Table:
    """Makes rows and gives out ids."""

    def __init__(self) -> None:
        self.next_id = 0
        self.sharing: dict[int, _Module] = {}

    def owners(self) -> dict[int, int | None]:
        """The rows whose weights other rows use, by the ids of these."""
        return {row: module.row for row, module in self.sharing.items()}

    def new_id(self) -> int:
        """The next id."""
        self.next_id += 1
        return self.next_id - 1

    def rows(self, module: _Module, taken: set[str]) -> tuple[Node, ...]:
        """What stands in a module: a row for its own weights, and what the modules in it come to."""
        found: list[Node] = []
        names = taken | module.modules.keys()
        for weights in _portions(module.weights):
            found.append(self.row(unique_name(_called(weights), names), weights, module))
            names.add(found[-1].name)
        for name, inner in module.modules.items():
            found.append(self.node(unique_name(name, taken), inner))
            taken.add(found[-1].name)
        return tuple(found)

    def node(self, name: str, module: _Module) -> Node:
        """A module as a row, or as a block if there are others in it."""
        if not module.modules and len(module.weights) <= _MOST:
            return self.row(name, module.weights, module)
        block = self.new_id()
        return Block(block, name, (), (), self.rows(module, {name}))

    def row(self, name: str, weights: Sequence[StatedWeight], module: _Module) -> Layer:
        """A row of weights of a module."""
        row = self.new_id()
        module.row = row if module.row is None else module.row
        if not weights and module.shared is not None:
            self.sharing[row] = module.shared
        return Layer(row, name, Unknown(class_name=module.class_name, stated_weights=tuple(weights)))


_MOST = MANY.max_length or 0
"""No row can have more weights."""


def _portions(weights: Sequence[StatedWeight]) -> Iterable[Sequence[StatedWeight]]:
    """As many weights at a time as one row can have."""
    return (weights[start : start + _MOST] for start in range(0, len(weights), _MOST))


def _called(weights: Sequence[StatedWeight]) -> str:
    """The name of a row for what a module owns besides the modules in it: what the weights' names have in common."""
    letters = itertools.takewhile(lambda same: len(set(same)) == 1, zip(*(w.name for w in weights), strict=False))
    name = "".join(same[0] for same in letters).rstrip("_.")
    return name.replace("/", "_")[:LONGEST_NAME] or "weights"
