"""From the value of a file in paramdesk's own format to an architecture; every error says where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, NoReturn, TypeVar, get_args

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.errors import InvalidOptions, UnreadableFile
from paramdesk.engine.kinds.unknown import MANY
from paramdesk.engine.owners import with_owners
from paramdesk.engine.places import paths_of
from paramdesk.engine.shape import Framework, Layout
from paramdesk.engine.weight import StatedWeight
from paramdesk.formats.kind_values import kind_from
from paramdesk.formats.native import RESERVED

MOST_REPETITIONS = 200_000
DEEPEST_BLOCK = 30

HEAD = ("paramdesk", "name", "framework", "layout", "about", "extras", "layers", "outputs")
BLOCK = ("block", "repeat", "inputs", "layers", "outputs", "weights_of", "extras")

StatedWeights = Annotated[tuple[StatedWeight, ...], MANY]

_T = TypeVar("_T")
_WORDS: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "an object",
}


def architecture_from(value: object, file: str, version: int) -> Architecture:
    """The architecture that a file's value stands for.

    Raises:
        UnreadableFile: it is none of this version, or something in it is wrong.
    """
    return _Reader(file).architecture(value, version)


class _Scope:
    """What a list of layers can read.

    Attributes:
        above: what the row below reads unasked.
        visible: ids by name.
        exits: how many outputs blocks have, by name; how many a layer has, only its kind can tell.
        block: in which block it is; empty: in none.
    """

    def __init__(self, above: tuple[Source, ...] = ()) -> None:
        self.above = above
        self.visible: dict[str, int] = {}
        self.exits: dict[str, int] = {}
        self.block = ""

    @classmethod
    def inside(cls, name: str, block_id: int, entrances: int) -> _Scope:
        """What the first layer of a block can read: the block's entrances, under its name."""
        scope = cls((Source(block_id),) if entrances else ())
        scope.visible[name], scope.exits[name], scope.block = block_id, entrances, name
        return scope

    def add(self, node: Node) -> None:
        """A node that stands above the following ones."""
        self.visible[node.name] = node.id
        self.above = (Source(node.id),)
        if isinstance(node, Block):
            self.exits[node.name] = len(node.outputs)
            self.above = self.above if node.outputs else ()


class _Reader:
    """One reading: it gives out ids and knows where each name stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.next_id = 0
        self.places: dict[str, str] = {}
        self.owners: dict[int, tuple[str, str]] = {}

    def fail(self, reason: str, place: str = "") -> NoReturn:
        raise UnreadableFile(self.file, reason, place)

    def entry(
        self, value: dict[str, object], key: str, expected: type[_T], place: str, default: _T | None = None
    ) -> _T:
        """An entry of an object, of the type that it must have."""
        if key not in value:
            if default is None:
                self.fail(f'"{key}" is missing', place)
            return default
        found = value[key]
        if type(found) is not expected:
            self.fail(f"{found!r:.60} is not {_WORDS[expected]}", f"{place}.{key}" if place else key)
        return found

    def architecture(self, value: object, version: int) -> Architecture:
        if not isinstance(value, dict) or "paramdesk" not in value:
            self.fail('not a paramdesk file: it does not begin with {"paramdesk": 1')
        found = self.entry(value, "paramdesk", int, "")
        if found > version:
            self.fail(f"made by a newer paramdesk (version {found} of the format, this one reads {version}): update it")
        if found < 1:
            self.fail(f"there was no version {found} of the format", "paramdesk")
        self.refuse_others(value, HEAD, "")
        layers = self.entry(value, "layers", list, "")
        self.refuse_twins(layers, "layers", {})
        scope = _Scope()
        nodes = self.with_owners(self.nodes(layers, scope, "layers", 0))
        extras = self.entry(value, "extras", dict, "", {})
        if "about" in value:
            extras = {"about": value["about"], **extras}
        return Architecture(
            self.entry(value, "name", str, "", "untitled"),
            nodes,
            self.references(value, "outputs", scope, ""),
            self.choice(value, "framework", get_args(Framework), "keras"),
            self.choice(value, "layout", get_args(Layout), "channels_last"),
            self.next_id,
            extras,
        )

    def refuse_twins(self, entries: list[object], place: str, taken: dict[str, str]) -> None:
        """Refuses two layers of one name in one list, or one with the name of the block that it stands in.

        Args:
            entries: the list.
            place: where it stands.
            taken: names that cannot be used in it, with their places.
        """
        for name, inner, here in _named(entries, place):
            if name in taken:
                self.fail(f"{name!r} is the name of two layers, here and at {taken[name]}", here)
            taken[name] = here
            self.places.setdefault(name, here)
            if inner is not None:
                self.refuse_twins(inner, f"{here}.layers", {name: here})

    def choice(self, value: dict[str, object], key: str, choices: tuple[_T, ...], default: _T) -> _T:
        """An entry that is one of a few words."""
        matching = [choice for choice in choices if value.get(key, default) == choice]
        if not matching:
            self.fail(f"{value[key]!r:.60} is none of {', '.join(map(str, choices))}", key)
        return matching[0]

    def refuse_others(self, value: dict[str, object], known: tuple[str, ...], place: str) -> None:
        """Refuses entries that mean nothing here: most likely they are misspelt."""
        for key in value:
            if key not in known:
                self.fail(f"there is nothing called {key!r:.60} here: there are {', '.join(known)}", place)

    def nodes(self, entries: list[object], scope: _Scope, place: str, depth: int) -> tuple[Node, ...]:
        """Layers and blocks of a list; the scope then holds them too."""
        found: list[Node] = []
        for index, entry in enumerate(entries):
            here = f"{place}[{index}]"
            if not isinstance(entry, dict):
                self.fail(f"{entry!r:.60} is not a layer", here)
            node: Node = self.block(entry, scope, here, depth) if "block" in entry else self.layer(entry, scope, here)
            scope.add(node)
            found.append(node)
        return tuple(found)

    def new_id(self) -> int:
        """The next id."""
        self.next_id += 1
        return self.next_id - 1

    def layer(self, entry: dict[str, object], scope: _Scope, place: str) -> Layer:
        """A layer."""
        name = self.name(entry, "name", place)
        options = {key: value for key, value in entry.items() if key not in RESERVED or key == "kind"}
        try:
            kind = kind_from(options)
        except InvalidOptions as error:
            self.fail(f"{name}: {error.message}", f"{place}.{error.field}" if error.field else place)
        reads_nothing = kind.is_input and "inputs" not in entry
        layer_id = self.new_id()
        self.note_owner(entry, layer_id, place)
        return Layer(
            layer_id,
            name,
            kind,
            () if reads_nothing else self.references(entry, "inputs", scope, place),
            self.entry(entry, "trainable", bool, place, default=True),
            self.entry(entry, "extras", dict, place, {}),
            weights=self.weights(entry, place),
        )

    def weights(self, entry: dict[str, object], place: str) -> tuple[StatedWeight, ...] | None:
        """The weights that a layer is stated to have."""
        if "weights" not in entry:
            return None
        try:
            return msgspec.convert(entry["weights"], StatedWeights)
        except msgspec.ValidationError as error:
            self.fail(f"not a list of weights: {error}", f"{place}.weights")

    def block(self, entry: dict[str, object], scope: _Scope, place: str, depth: int) -> Block:
        """A block with what it holds."""
        if depth >= DEEPEST_BLOCK:
            self.fail(f"blocks stand more than {DEEPEST_BLOCK} deep in one another", place)
        self.refuse_others(entry, BLOCK, place)
        name = self.name(entry, "block", place)
        repeat = self.entry(entry, "repeat", int, place, 1)
        if not 1 <= repeat <= MOST_REPETITIONS:
            self.fail(f"{name}: {repeat} repetitions: expected 1 to {MOST_REPETITIONS:,}", f"{place}.repeat")
        layers = self.entry(entry, "layers", list, place)
        inputs = self.references(entry, "inputs", scope, place)
        block_id = self.new_id()
        self.note_owner(entry, block_id, place)
        inside = _Scope.inside(name, block_id, len(inputs))
        nodes = self.nodes(layers, inside, f"{place}.layers", depth + 1)
        outputs = self.references(entry, "outputs", inside, place)
        if repeat > 1 and len(outputs) != len(inputs):
            self.fail(
                f"{name}: to repeat, a block needs as many outputs as inputs, but has {len(outputs)} and {len(inputs)}",
                f"{place}.repeat",
            )
        extras = self.entry(entry, "extras", dict, place, {})
        return Block(block_id, name, inputs, outputs, nodes, repeat, extras=extras)

    def note_owner(self, entry: dict[str, object], node_id: int, place: str) -> None:
        """Keeps in mind whose weights a layer or block uses: who that is may come later."""
        if "weights_of" in entry:
            self.owners[node_id] = (self.entry(entry, "weights_of", str, place), f"{place}.weights_of")

    def with_owners(self, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        """The nodes, with the ids of those whose weights they use."""
        if not self.owners:
            return nodes
        whole = Architecture(layers=nodes)
        paths = paths_of(whole)
        found = {paths[node.id]: node for node in whole.nodes()}
        owners: dict[int, int | None] = {}
        for node in whole.nodes():
            if node.id not in self.owners:
                continue
            name, place = self.owners[node.id]
            owner = found.get(name)
            if owner is None or isinstance(owner, Block) != isinstance(node, Block):
                self.fail(f"there is no {'block' if isinstance(node, Block) else 'layer'} named {name!r:.60}", place)
            if owner.id in self.owners:
                self.fail(f"{name!r:.60} has no weights of its own either", place)
            owners[node.id] = owner.id
        return with_owners(nodes, owners)

    def name(self, entry: dict[str, object], key: str, place: str) -> str:
        """The name of a layer or block."""
        name = self.entry(entry, key, str, place)
        if not name:
            self.fail("a name must not be empty", f"{place}.{key}")
        return name

    def references(self, entry: dict[str, object], key: str, scope: _Scope, place: str) -> tuple[Source, ...]:
        """What is read, or the row above where nothing is said."""
        if key not in entry:
            return scope.above
        where = f"{place}.{key}" if place else key
        names = self.entry(entry, key, list, place)
        return tuple(self.source(name, scope, f"{where}[{index}]") for index, name in enumerate(names))

    def source(self, reference: object, scope: _Scope, place: str) -> Source:
        """What a reference means: a name, a name and an output ("lstm:1"), or the two in a list."""
        match reference:
            case str() if reference in scope.visible:
                name, output = reference, 0
            case str():
                match = re.fullmatch(r"(?s)(?P<name>.+):(?P<output>[0-9]{1,4})", reference)
                name, output = (match["name"], int(match["output"])) if match else (reference, 0)
            case [str() as name, int() as output] if 0 <= output < 10_000 and not isinstance(output, bool):
                pass
            case _:
                self.fail(f"{reference!r:.60} is not the name of a layer", place)
        if name not in scope.visible:
            self.fail(self.why_unseen(name if name in self.places else str(reference), scope), place)
        exits = scope.exits.get(name, output + 1)
        if output >= exits:
            what = "input" if name == scope.block else "output"
            self.fail(f"{what} {output} (counted from 0) is asked of block {name!r}, which has {exits}", place)
        return Source(scope.visible[name], output)

    def why_unseen(self, name: str, scope: _Scope) -> str:
        """Why a name cannot be read here."""
        stands = self.places.get(name)
        if stands is None:
            return f"there is no layer named {name!r:.60}"
        if scope.block:
            return f"{name!r} is not above it in block {scope.block!r}: connect it through the block's inputs"
        if ".layers[" in stands:
            return f"{name!r} is inside a block: read one of the block's outputs"
        return f"{name!r} stands below: a layer reads only what stands above it"


def _named(entries: list[object], place: str) -> Iterator[tuple[str, list[object] | None, str]]:
    """Every name of a list with the layers of the block that has it, if it is one, and its place."""
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            continue
        name = entry.get("block", entry.get("name"))
        inner = entry.get("layers") if "block" in entry else None
        if isinstance(name, str):
            yield name, inner if isinstance(inner, list) else None, f"{place}[{index}]"
