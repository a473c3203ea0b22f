"""How nodes are joined: where a row stands, what it can read, and how the network stays whole as rows come and go."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Sequence

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.errors import EditRefused


class Place(msgspec.Struct, frozen=True):
    """Where a row is dropped.

    Attributes:
        below: id of the row right above it; None: at the top of the list.
        block: id of the block whose list is meant; None: the architecture's own list.
    """

    below: int | None = None
    block: int | None = None


def unique_name(name: str, taken: set[str]) -> str:
    """The name, with the first free number behind it if it is taken: `conv2d_1`."""
    if name not in taken:
        return name
    stem = re.sub(r"_\d+$", "", name)
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


# Rows that come and go -----------------------------------------------------------------------------------------------


def dropped(
    architecture: Architecture, nodes: Sequence[Node], place: Place, *, drops_unreachable: bool
) -> Architecture:
    """The nodes in their new place, reading what is above it and read by what read that."""
    above = _source_at(architecture, place)
    if above is None and not all(reads_nothing(node) for node in nodes[:1]) and architecture.layers:
        raise EditRefused("Nothing can stand above the input: drop it below.")
    entrance = nodes[0].inputs[0] if nodes[0].inputs else None
    wired = _Arrival(above, entrance, _visible_at(architecture, place), drops_unreachable).wired(nodes)
    end = _last_fed_by(wired, above)
    if above is not None and end is not None:
        architecture = _rewired(
            architecture, {above.layer}, lambda source: Source(end) if source == above else source, place.block
        )
    elif above is None and not architecture.layers:
        architecture = msgspec.structs.replace(architecture, outputs=(Source(wired[-1].id),))
    if place.below is None and reads_nothing(wired[-1]):
        architecture = _fed(architecture, Source(wired[-1].id))
    return _with_list(architecture, place.block, lambda rows: _spliced(rows, place.below, wired))


class _Arrival(msgspec.Struct, frozen=True):
    """Under which circumstances nodes come to a place.

    Attributes:
        above: what a row there reads.
        entrance: what the first of them read where it was.
        visible: ids that can be read there.
        drops_unreachable: whether a further input that cannot be read there is left out, or a reason to refuse.
    """

    above: Source | None
    entrance: Source | None
    visible: set[int]
    drops_unreachable: bool

    def wired(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        """The nodes with inputs that fit their place.

        What they read of each other stays. What the first one read from outside becomes `above`, for all of them. If
        that leaves a node unread that another should have read, they are strung into a chain instead.
        """
        for is_chain in (False, True):
            joined: list[Node] = []
            for node in nodes:
                joined.append(self._joined(node, joined, is_chain=is_chain))
            read = {source.layer for node in joined for source in node.inputs}
            if all(node.id in read or reads_nothing(node) for node in joined[:-1]):
                break
        return tuple(joined)

    def _joined(self, node: Node, before: list[Node], *, is_chain: bool) -> Node:
        if reads_nothing(node):
            return node
        own = {other.id for other in before}
        previous = self.above
        if before and (self.above is None or not reads_nothing(before[-1])):
            previous = Source(before[-1].id)
        first = node.inputs[0] if node.inputs else None
        if first is not None and first.layer in own and not is_chain:
            start: Source | None = first
        else:
            start = self.above if first == self.entrance and not is_chain else previous
        rest = [self._further(node, source, own) for source in node.inputs[1:]]
        inputs = tuple(source for source in (start, *rest) if source is not None)
        return msgspec.structs.replace(node, inputs=inputs)

    def _further(self, node: Node, source: Source, own: set[int]) -> Source | None:
        """What an input after the first becomes; None if it is left out."""
        if source.layer in own:
            return source
        if source == self.entrance and self.above is not None:
            return self.above
        if source.layer in self.visible:
            return source
        if self.drops_unreachable:
            return None
        raise EditRefused(f"{node.name} has another input, which would not stand above it there.")


def _last_fed_by(nodes: Sequence[Node], above: Source | None) -> int | None:
    """The last of the nodes that depends on `above`."""
    fed: set[int] = set()
    last = None
    for node in nodes:
        if any(source == above or source.layer in fed for source in node.inputs):
            fed.add(node.id)
            last = node.id
    return last


def without(architecture: Architecture, gone: set[int], *, keeps_inputs: bool = False) -> Architecture:
    """Without some nodes, their readers reading what they read first.

    Args:
        architecture: with them.
        gone: their ids.
        keeps_inputs: readers of an input go on reading it: it is being moved, not removed.
    """
    first: dict[int, Source | None] = {
        node.id: node.inputs[0] if node.inputs else None for node in architecture.nodes() if node.id in gone
    }
    if keeps_inputs:
        first = {node_id: source for node_id, source in first.items() if source is not None}

    def passed_on(source: Source) -> Source | None:
        """What is read instead; None if it leads to a removed input."""
        while source.layer in first:
            before = first[source.layer]
            if before is None:
                return None
            source = before
        return source

    def fed(source: Source) -> Source:
        instead = passed_on(source)
        if instead is None:
            raise EditRefused("Other layers read the input: change its shape instead, or remove all of them.")
        return instead

    ends = [passed_on(source) for source in architecture.outputs]
    outputs = tuple(dict.fromkeys([source for source in ends if source is not None]))
    kept = msgspec.structs.replace(architecture, layers=_pruned(architecture.layers, gone), outputs=outputs)
    return _rewired(kept, first, fed)


def _pruned(nodes: tuple[Node, ...], gone: set[int]) -> tuple[Node, ...]:
    return tuple(
        msgspec.structs.replace(node, layers=_pruned(node.layers, gone)) if isinstance(node, Block) else node
        for node in nodes
        if node.id not in gone
    )


def _rewired(
    architecture: Architecture, changed: Container[int], change: Callable[[Source], Source], block: int | None = None
) -> Architecture:
    """Every connection of the architecture (or of one block's list) to the ids in `changed` as `change` says."""

    def sources(old: tuple[Source, ...]) -> tuple[Source, ...]:
        return tuple([change(source) if source.layer in changed else source for source in old])

    def nodes(old: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple([node(inner) if _is_concerned(inner) else inner for inner in old])

    def _is_concerned(node: Node) -> bool:
        for source in node.inputs:
            if source[0] in changed:
                return True
        return isinstance(node, Block)

    def node(old: Node) -> Node:
        if isinstance(old, Block):
            old = msgspec.structs.replace(old, outputs=sources(old.outputs), layers=nodes(old.layers))
        return msgspec.structs.replace(old, inputs=sources(old.inputs))

    if block is not None:
        owner = architecture.node(block)
        assert isinstance(owner, Block)
        inside = msgspec.structs.replace(owner, outputs=sources(owner.outputs), layers=nodes(owner.layers))
        return with_node(architecture, inside)
    layers, outputs = nodes(architecture.layers), sources(architecture.outputs)
    return msgspec.structs.replace(architecture, layers=layers, outputs=outputs)


def _fed(architecture: Architecture, source: Source) -> Architecture:
    """With an input for every layer at the top level that has none and needs one."""
    layers = tuple(
        msgspec.structs.replace(node, inputs=(source,)) if not node.inputs and not reads_nothing(node) else node
        for node in architecture.layers
    )
    return msgspec.structs.replace(architecture, layers=layers)


def reads_nothing(node: Node) -> bool:
    """Whether data comes in through it."""
    return isinstance(node, Layer) and node.kind.is_input


def as_new(architecture: Architecture, nodes: Sequence[Node]) -> tuple[tuple[Node, ...], int]:
    """The nodes as new ones of the architecture, and the id that comes next."""
    taken = architecture.names()
    ids: dict[int, int] = {}
    next_id = architecture.next_id

    def new(node: Node) -> Node:
        nonlocal next_id
        ids[node.id] = next_id
        next_id += 1
        name = unique_name(node.name, taken)
        taken.add(name)
        inputs = tuple(Source(ids.get(s.layer, s.layer), s.output) for s in node.inputs)
        node = msgspec.structs.replace(node, id=ids[node.id], name=name, inputs=inputs)
        if isinstance(node, Block):
            inside = tuple([new(inner) for inner in node.layers])
            outputs = tuple(Source(ids.get(s.layer, s.layer), s.output) for s in node.outputs)
            node = msgspec.structs.replace(node, layers=inside, outputs=outputs)
        return node

    return tuple([new(node) for node in nodes]), next_id


# Finding places -------------------------------------------------------------------------------------------------------


def _lists(architecture: Architecture) -> Iterator[tuple[int | None, tuple[Node, ...]]]:
    yield None, architecture.layers
    for node in architecture.nodes():
        if isinstance(node, Block):
            yield node.id, node.layers


def list_of(architecture: Architecture, node_id: int) -> tuple[int | None, tuple[Node, ...]]:
    """The list that a node stands in, and the block that it belongs to."""
    for block, rows in _lists(architecture):
        if any(node.id == node_id for node in rows):
            return block, rows
    raise KeyError(node_id)


def order_of(architecture: Architecture) -> dict[int, int]:
    """Which row, counted from 0 with blocks opened, each id stands in."""
    return {node.id: index for index, node in enumerate(architecture.nodes())}


def _source_at(architecture: Architecture, place: Place) -> Source | None:
    """What a row dropped at a place would read."""
    if place.below is not None:
        return Source(place.below)
    return Source(place.block) if place.block is not None else None


def _visible_at(architecture: Architecture, place: Place) -> set[int]:
    """Ids that a row at a place can read."""
    rows = next(rows for block, rows in _lists(architecture) if block == place.block)
    visible = {place.block} if place.block is not None else set()
    for node in rows:
        if place.below is None:
            break
        visible.add(node.id)
        if node.id == place.below:
            break
    return visible


def visible_above(architecture: Architecture, node_id: int) -> set[int]:
    """Ids that a node can read where it stands."""
    block, rows = list_of(architecture, node_id)
    index = next(i for i, node in enumerate(rows) if node.id == node_id)
    return _visible_at(architecture, Place(rows[index - 1].id if index else None, block))


def outside_of(architecture: Architecture, moved: set[int], place: Place) -> Place:
    """The place, said by a row that is not itself being moved."""
    if place.below not in moved:
        return place
    block, rows = list_of(architecture, place.below)
    below = None
    for node in rows:
        if node.id == place.below:
            break
        if node.id not in moved:
            below = node.id
    return Place(below, block)


def stays(architecture: Architecture, nodes: Sequence[Node], place: Place) -> bool:
    """Whether the nodes are at that place already."""
    _block, rows = next((block, rows) for block, rows in _lists(architecture) if block == place.block)
    ids = [node.id for node in rows]
    start = ids.index(place.below) + 1 if place.below is not None else 0
    return ids[start : start + len(nodes)] == [node.id for node in nodes]


def _spliced(rows: tuple[Node, ...], below: int | None, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    start = next(i for i, node in enumerate(rows) if node.id == below) + 1 if below is not None else 0
    return rows[:start] + nodes + rows[start:]


def _with_list(
    architecture: Architecture,
    block: int | None,
    change: Callable[[tuple[Node, ...]], tuple[Node, ...]],
) -> Architecture:
    if block is None:
        return msgspec.structs.replace(architecture, layers=change(architecture.layers))
    owner = architecture.node(block)
    assert isinstance(owner, Block)
    return with_node(architecture, msgspec.structs.replace(owner, layers=change(owner.layers)))


def with_node(architecture: Architecture, changed: Node) -> Architecture:
    """With one node replaced, by its id, at whatever depth."""

    def replaced(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(
            [
                changed
                if node.id == changed.id
                else msgspec.structs.replace(node, layers=replaced(node.layers))
                if isinstance(node, Block)
                else node
                for node in nodes
            ]
        )

    return msgspec.structs.replace(architecture, layers=replaced(architecture.layers))


# What must hold afterwards --------------------------------------------------------------------------------------------


def _read(architecture: Architecture) -> set[int]:
    """Ids of everything that something reads."""
    nodes = architecture.nodes()
    found = {source[0] for node in nodes for source in node.inputs}
    found.update([source.layer for source in architecture.outputs])
    for node in nodes:
        if isinstance(node, Block):
            found.update([source.layer for source in node.outputs])
    return found


def orphans(before: Architecture, after: Architecture) -> set[int]:
    """What was read, is still there, and is not read any more."""
    unread = _read(before) - _read(after)
    return unread and unread & {node.id for node in after.nodes()}


def refuse_broken(before: Architecture, after: Architecture) -> None:
    """Raises EditRefused if a row reads what does not stand above it, or if something is not read any more."""
    for block, rows in _lists(after):
        above = {block}
        for node in rows:
            for source in node.inputs:
                if source[0] not in above:
                    raise EditRefused(f"{node.name} reads {after.node(source.layer).name}, which must stand above it.")
            above.add(node.id)
    if unread := orphans(before, after):
        names = [node.name for node in after.nodes() if node.id in unread]
        raise EditRefused(f"Nothing would read {listed(names)} any more.", tuple(sorted(unread)))


# Words ----------------------------------------------------------------------------------------------------------------


def called(nodes: Sequence[Node]) -> str:
    """What nodes are called in the text of an edit: a name, or how many they are."""
    return nodes[0].name if len(nodes) == 1 else f"{len(nodes)} layers"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence; of many, the first three."""
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
