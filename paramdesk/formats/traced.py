"""From the calls that a traced network consists of to an architecture: blocks by path, shared modules, several outputs.

What reads a file of a traced network (ONNX, torch.export, TorchScript) lists what is called: where it stands among the
modules, what it is, which values it reads and makes. The rest is the same for all of them and stands here. Modules
become blocks, in which their calls stand together; a module called again uses the weights of its first call.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.naming import unique_name
from paramdesk.engine.owners import call_name

DEEPEST = 30
"""No deeper are blocks put into one another; what lies deeper stands in the last of them."""
LONGEST_NAME = 200


class Step(NamedTuple):
    """One module on the way to a call.

    Attributes:
        name: in the module around it.
        call: which of its calls, counted from 0.
    """

    name: str
    call: int = 0


Path: TypeAlias = tuple[Step, ...]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A row to be.

    Attributes:
        path: the modules that it stands in, the outermost first.
        name: its own; of a function, what the function is called.
        kind: what it is.
        reads: names of values.
        makes: names of the values that come out.
        identity: what the calls of one layer have in common; None: it is called this once.
        is_function: whether it is no module, so that a module that does nothing else is this row.
        trainable: whether its weights are trained.
        extras: what a file says of it beyond this.
    """

    path: Path = ()
    name: str
    kind: LayerKind
    reads: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    identity: Hashable = None
    is_function: bool = False
    trainable: bool = True
    extras: Mapping[str, object] = {}


def architecture_of(
    name: str, calls: Sequence[Call], outputs: Sequence[str], remarks: Sequence[str] = ()
) -> Architecture:
    """The architecture that calls make up.

    Args:
        name: of the network.
        calls: in an order of computation; every value that is read is made above, or left out.
        outputs: the values that the network returns.
        remarks: what a reader of the numbers should know about the file.
    """
    builder = _Builder(calls, outputs)
    env: dict[str, Source] = {}
    layers = builder.nodes([_shortened(call) for call in calls], 0, _List(env, None, set(), ()))
    ends = tuple([env[value] for value in outputs if value in env])
    extras: dict[str, object] = {"remarks": list(remarks)} if remarks else {}
    return Architecture(name or "untitled", layers, ends, "pytorch", "channels_first", builder.next_id, extras)


def _shortened(call: Call) -> Call:
    """The call with a path that is not too deep."""
    return msgspec.structs.replace(call, path=call.path[:DEEPEST]) if len(call.path) > DEEPEST else call


class _List(NamedTuple):
    """A list of nodes under way: the network's own, or a block's.

    Attributes:
        env: where each value can be read in it.
        block: the block that it is in.
        taken: names that are given.
        steps: the way to it.
    """

    env: dict[str, Source]
    block: int | None
    taken: set[str]
    steps: Path


class _Owner(NamedTuple):
    """The first call of a layer or block, and the list in which it stands."""

    node: int
    name: str
    block: int | None


class _Builder:
    """Gives out ids and knows who reads what."""

    def __init__(self, calls: Sequence[Call], outputs: Sequence[str]) -> None:
        self.next_id = 0
        self.owners: dict[Hashable, _Owner] = {}
        self.readings: dict[str, int] = {}
        for value in (*outputs, *(value for call in calls for value in call.reads)):
            self.readings[value] = self.readings.get(value, 0) + 1

    def new_id(self) -> int:
        """The next id."""
        self.next_id += 1
        return self.next_id - 1

    def nodes(self, calls: Sequence[Call], depth: int, place: _List) -> tuple[Node, ...]:
        """The nodes that calls become, in the list of the modules `depth` steps down."""
        found: list[Node] = []
        for step, members in _runs(calls, depth):
            if step is None:
                found.append(self.layer(members[0], place))
            elif len(members) == 1 and members[0].is_function and len(members[0].path) == depth + 1:
                found.append(self.layer(_as_module(members[0]), place, step))
            else:
                found.append(self.block(step, members, depth, place))
        return tuple(found)

    def layer(self, call: Call, place: _List, step: Step | None = None) -> Layer:
        """A call as a row."""
        node_id = self.new_id()
        plain = _plain(call.name)
        owner = self.owners.get(call.identity) if call.identity is not None else None
        is_again = owner is not None and owner.block == place.block and owner.name == plain
        name = call_name(plain, place.taken) if is_again else unique_name(plain, place.taken)
        place.taken.add(name)
        if call.identity is not None and owner is None:
            self.owners[call.identity] = _Owner(node_id, plain, place.block)
        sources = tuple([place.env[value] for value in call.reads if value in place.env])
        for output, value in enumerate(call.makes):
            place.env[value] = Source(node_id, output)
        return Layer(node_id, name, call.kind, sources, call.trainable, call.extras, owner.node if owner else None)

    def block(self, step: Step, calls: Sequence[Call], depth: int, place: _List) -> Block:
        """A module's calls as a block."""
        node_id = self.new_id()
        steps = (*place.steps, step)
        names = ("block", *(each.name for each in steps))
        owner = self.owners.setdefault(names, _Owner(node_id, _plain(step.name), place.block))
        is_again = owner.node != node_id and any(each.call for each in steps)
        name = _plain(step.name)
        in_a_row = is_again and owner.block == place.block
        name = call_name(name, place.taken) if in_a_row else unique_name(name, place.taken)
        place.taken.add(name)
        made = {value for call in calls for value in call.makes}
        outside = dict.fromkeys(value for call in calls for value in call.reads if value not in made)
        entrances = [value for value in outside if value in place.env]
        env = {value: Source(node_id, number) for number, value in enumerate(entrances)}
        inside = self.nodes(calls, depth + 1, _List(env, node_id, {name}, steps))
        within = Counter(value for call in calls for value in call.reads)
        exits = [v for call in calls for v in call.makes if self.readings.get(v, 0) > within[v]]
        block = Block(
            node_id,
            name,
            tuple([place.env[value] for value in entrances]),
            tuple([env[value] for value in exits]),
            inside,
            weights_of=owner.node if is_again else None,
        )
        for number, value in enumerate(exits):
            place.env[value] = Source(node_id, number)
        return block


def _as_module(call: Call) -> Call:
    """The only call of a module, as that module: under its name, and the same whenever the module is called."""
    names = tuple(step.name for step in call.path)
    identity = call.identity if call.identity is not None else ("module", names, call.kind)
    return msgspec.structs.replace(call, path=call.path[:-1], name=names[-1], identity=identity)


def _plain(name: str) -> str:
    """A name that can stand in a path."""
    shown = "".join(sign if sign.isprintable() else "_" for sign in name[:LONGEST_NAME].replace("/", "_"))
    return shown.strip() or "layer"


# Which calls stand together -------------------------------------------------------------------------------------------

Run: TypeAlias = tuple[Step | None, list[Call]]
"""Calls of one module that stand together; without a step, a call of the list itself."""


def _runs(calls: Sequence[Call], depth: int) -> list[Run]:
    """The calls of a list, those of each module together."""
    runs = _consecutive(calls, depth)
    scattered = _scattered(runs)
    if scattered:
        runs = _gathered(runs) or runs
        scattered = _scattered(runs)
    containers = {step for step in scattered if _only_holds(step, calls, depth)}
    if not containers:
        return runs
    opened = [
        _opened(call, depth) if _step(call, depth) in containers else call for _step_, run in runs for call in run
    ]
    return _runs(opened, depth)


def _step(call: Call, depth: int) -> Step | None:
    return call.path[depth] if len(call.path) > depth else None


def _consecutive(calls: Iterable[Call], depth: int) -> list[Run]:
    """The calls as they stand, neighbours of one module together."""
    runs: list[Run] = []
    for call in calls:
        step = _step(call, depth)
        if step is not None and runs and runs[-1][0] == step:
            runs[-1][1].append(call)
        else:
            runs.append((step, [call]))
    return runs


def _scattered(runs: Sequence[Run]) -> set[Step]:
    """Modules whose calls stand in several places."""
    seen: set[Step] = set()
    twice: set[Step] = set()
    for step, _calls in runs:
        if step is not None:
            (twice if step in seen else seen).add(step)
    return twice


def _gathered(runs: Sequence[Run]) -> list[Run] | None:
    """The runs with those of each module in one, in an order of computation; None if there is none."""
    whole: dict[object, list[Call]] = {}
    for number, (step, calls) in enumerate(runs):
        whole.setdefault(number if step is None else step, []).extend(calls)
    makers = {value: key for key, calls in whole.items() for call in calls for value in call.makes}
    places = {key: place for place, key in enumerate(whole)}
    readers: dict[object, set[object]] = {key: set() for key in whole}
    waits = dict.fromkeys(whole, 0)
    for key, calls in whole.items():
        sources = {makers[value] for call in calls for value in call.reads if value in makers} - {key}
        waits[key] = len(sources)
        for source in sources:
            readers[source].add(key)
    keys = list(whole)
    ready = [places[key] for key, count in waits.items() if not count]
    heapq.heapify(ready)
    found: list[Run] = []
    while ready:
        key = keys[heapq.heappop(ready)]
        found.append((key if isinstance(key, Step) else None, whole[key]))
        for reader in readers[key]:
            waits[reader] -= 1
            if not waits[reader]:
                heapq.heappush(ready, places[reader])
    return found if len(found) == len(whole) else None


def _only_holds(step: Step, calls: Sequence[Call], depth: int) -> bool:
    """Whether a module is but a list of others, between which something else happens: it calls nothing itself."""
    inside = [call for call in calls if _step(call, depth) == step]
    return all(len(call.path) > depth + 1 or not call.is_function for call in inside)


def _opened(call: Call, depth: int) -> Call:
    """The call with the name of a list of modules put before that of the module in it: `blocks.0`."""
    outer = call.path[depth]
    if len(call.path) == depth + 1:
        return msgspec.structs.replace(call, path=call.path[:depth], name=f"{outer.name}.{call.name}")
    inner = call.path[depth + 1]
    joined = Step(f"{outer.name}.{inner.name}", max(outer.call, inner.call))
    return msgspec.structs.replace(call, path=(*call.path[:depth], joined, *call.path[depth + 2 :]))
