"""How nodes are joined, and how the network stays whole as rows come and go.

A source means something only in the list that it stands in: inside a block, the block's own id is its entrances,
outside its exits. So whatever is rewired here is rewired in one list and never in the lists of the blocks in it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.errors import EditRefused
from paramdesk.engine.naming import listed
from paramdesk.engine.places import NodeList, Place, list_at, lists, readable_at, with_list


def dropped(
    architecture: Architecture,
    nodes: Sequence[Node],
    place: Place,
    homes: Mapping[int, int | None],
    *,
    drops_unreachable: bool,
) -> Architecture:
    """The nodes in their new place, reading what is above it and read by what read that.

    Args:
        architecture: without them.
        nodes: what is dropped, in order.
        place: where.
        homes: for nodes that stood in another list: the block whose list that was (None: the architecture's own).
        drops_unreachable: whether a further input that cannot be read at the place is left out, or a reason to refuse.

    Raises:
        EditRefused: nothing could come in, or a further input would be lost.
    """
    target = list_at(architecture, place.block)
    above = Source(place.below) if place.below is not None else None
    if above is None and place.block is not None:
        above = Source(place.block)
    if above is None and target.nodes and not _reads_nothing(nodes[0]):
        raise EditRefused("Above the first row there is nothing to read: drop it below.")
    entrance = nodes[0].inputs[0] if nodes[0].inputs else None
    arrival = _Arrival(above, entrance, place.block, readable_at(architecture, place), homes, drops_unreachable)
    wired = arrival.wired(nodes)
    end = _last_fed_by(wired, above)
    if above is not None and end is not None:
        target = _rewired(target, {above.layer}, lambda source: Source(end) if source == above else source)
    if place.below is None and place.block is None and _reads_nothing(wired[-1]):
        target = _fed(target, Source(wired[-1].id))
    rows = _spliced(target.nodes, place.below, wired)
    return with_list(architecture, msgspec.structs.replace(target, nodes=rows, ends=_ends(target, rows)))


class _Arrival(msgspec.Struct, frozen=True):
    """Under which circumstances nodes come to a place.

    Attributes:
        above: what a row there reads.
        entrance: what the first of them read where it was.
        block: whose list the place is in.
        readable: ids that can be read there.
        homes: blocks in whose lists they stood, of those that stood in another one.
        drops_unreachable: whether a further input that cannot be read there is left out, or a reason to refuse.
    """

    above: Source | None
    entrance: Source | None
    block: int | None
    readable: set[int]
    homes: Mapping[int, int | None]
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
            if all(node.id in read or _reads_nothing(node) for node in joined[:-1]):
                break
        return tuple(joined)

    def _joined(self, node: Node, before: list[Node], *, is_chain: bool) -> Node:
        if _reads_nothing(node):
            return node
        own = {other.id for other in before}
        previous = self.above
        if before and (self.above is None or not _reads_nothing(before[-1])):
            previous = Source(before[-1].id)
        first = node.inputs[0] if node.inputs else None
        if first is not None and first.layer in own and not is_chain:
            start: Source | None = first
        else:
            start = self.above if first == self.entrance and not is_chain else previous
        rest = [self._further(node, source, own) for source in node.inputs[1:]]
        if isinstance(node, Block):  # inside it, its entrances are known by their numbers
            rest = [source or start for source in rest]
        inputs = tuple(source for source in (start, *rest) if source is not None)
        return msgspec.structs.replace(node, inputs=inputs)

    def _further(self, node: Node, source: Source, own: set[int]) -> Source | None:
        """What an input after the first becomes; None if it is left out."""
        if source.layer in own:
            return source
        if source == self.entrance and self.above is not None:
            return self.above
        home = self.homes.get(node.id, self.block)
        means_another = home != self.block and source.layer in {home, self.block}
        if source.layer in self.readable and not means_another:
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
    top = _pruned(NodeList(None, architecture.layers, architecture.outputs), gone, keeps_inputs=keeps_inputs)
    return with_list(architecture, top)


def _pruned(whole: NodeList, gone: set[int], *, keeps_inputs: bool) -> NodeList:
    """A list, and the lists in it, without what is gone."""
    first = {node.id: node.inputs[0] if node.inputs else None for node in whole.nodes if node.id in gone}
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

    def inner(block: Block) -> Block:
        inside = _pruned(NodeList(block.id, block.layers, block.outputs), gone, keeps_inputs=keeps_inputs)
        return msgspec.structs.replace(block, layers=inside.nodes, outputs=inside.ends)

    rows = tuple([
        inner(node) if isinstance(node, Block) else node for node in whole.nodes if node.id not in gone
    ])  # fmt: skip
    if whole.block is not None:
        return _rewired(msgspec.structs.replace(whole, nodes=rows), first, fed)
    ends = tuple(dict.fromkeys([end for source in whole.ends if (end := passed_on(source)) is not None]))
    rest = NodeList(None, rows, ends)
    return _rewired(msgspec.structs.replace(rest, ends=_ends(rest, rows)), first, fed)


def _ends(whole: NodeList, rows: tuple[Node, ...]) -> tuple[Source, ...]:
    """What a list returns: a network returns something as long as it has a row, and be it the last one."""
    if whole.ends or not rows or whole.block is not None:
        return whole.ends
    return (Source(rows[-1].id),)


def _rewired(whole: NodeList, changed: Container[int], change: Callable[[Source], Source]) -> NodeList:
    """A list with every connection to the ids in `changed` as `change` says."""

    def sources(old: tuple[Source, ...]) -> tuple[Source, ...]:
        return tuple([change(source) if source[0] in changed else source for source in old])

    nodes = list(whole.nodes)
    for index, old in enumerate(nodes):
        for source in old.inputs:
            if source[0] in changed:
                nodes[index] = msgspec.structs.replace(old, inputs=sources(old.inputs))
                break
    return NodeList(whole.block, tuple(nodes), sources(whole.ends))


def _fed(whole: NodeList, source: Source) -> NodeList:
    """With an input for every layer of the list that has none and needs one."""
    rows = [
        node if node.inputs or _reads_nothing(node) else msgspec.structs.replace(node, inputs=(source,))
        for node in whole.nodes
    ]
    return msgspec.structs.replace(whole, nodes=tuple(rows))


def _spliced(rows: tuple[Node, ...], below: int | None, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    start = next(i for i, node in enumerate(rows) if node.id == below) + 1 if below is not None else 0
    return rows[:start] + nodes + rows[start:]


def _reads_nothing(node: Node) -> bool:
    """Whether data comes in through it."""
    return isinstance(node, Layer) and node.kind.is_input


# What must hold afterwards --------------------------------------------------------------------------------------------


def _read(architecture: Architecture) -> set[int]:
    """Ids of everything that something in its own list reads."""
    found: set[int] = set()
    for whole in lists(architecture):
        found.update({source[0] for node in whole.nodes for source in node.inputs} - {whole.block})
        found.update({source[0] for source in whole.ends} - {whole.block})
    return found


def orphans(before: Architecture, after: Architecture) -> set[int]:
    """What was read, is still there, and is not read any more."""
    unread = _read(before) - _read(after)
    return unread and unread & {node.id for node in after.nodes()}


def fault(architecture: Architecture) -> str:
    """What is wrong with the connections of an architecture, in a sentence; empty if nothing is."""
    for whole in lists(architecture):
        above = {whole.block}
        for node in whole.nodes:
            for source in node.inputs:
                if source[0] not in above:
                    return f"{node.name} reads {_name(architecture, source.layer)}, which must stand above it."
            above.add(node.id)
        for source in whole.ends:
            if source[0] not in above:
                return f"{_name(architecture, source.layer)} is returned by a list that it does not stand in."
    return ""


def _name(architecture: Architecture, node_id: int) -> str:
    return next((node.name for node in architecture.nodes() if node.id == node_id), "a layer that is not there")


def refuse_broken(before: Architecture, after: Architecture) -> None:
    """Raises EditRefused if a row reads what does not stand above it, or if something is not read any more."""
    if reason := fault(after):
        raise EditRefused(reason)
    if unread := orphans(before, after):
        names = [node.name for node in after.nodes() if node.id in unread]
        raise EditRefused(f"Nothing would read {listed(names)} any more.", tuple(sorted(unread)))


# Words ----------------------------------------------------------------------------------------------------------------


def called(nodes: Sequence[Node]) -> str:
    """What nodes are called in the text of an edit: a name, or how many they are."""
    return nodes[0].name if len(nodes) == 1 else f"{len(nodes)} layers"
