"""A network whose layers all cross to another framework or layout, with the axes of its tensors where those want them.

Layers differ in where they want the channels: a convolution where the layout says, a dense layer behind all other axes
in any layout, an addition wherever its inputs have them. So two walks go over the network. The first one, backwards,
finds where the readers of each tensor want its channels. The second one lets every layer cross, and puts a Permute
wherever a layer gets its channels in another place than it wants; a Permute that has nothing left to move goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.crossing import LAST, Crossing, Order, plain, turned
from paramdesk.engine.kinds.convolution import Convolution
from paramdesk.engine.kinds.padding import ZeroPadding1D, ZeroPadding2D, ZeroPadding3D, ZeroPaddingKind
from paramdesk.engine.kinds.pooling import MaxPoolingKind
from paramdesk.engine.kinds.reshaping import Permute, Reshape
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.naming import unique_name
from paramdesk.engine.shape import Framework, Layout, TensorSpec
from paramdesk.engine.summary import LayerReport, Summary

IMAGE = 4
"""The fewest axes of a batch of images."""

ARRANGING = (Permute, Reshape)
"""What puts axes where it is told to: it takes any order, and makes the one that is wanted."""

PADDING = {kind.rank: kind for kind in (ZeroPadding1D, ZeroPadding2D, ZeroPadding3D)}

Places: TypeAlias = dict[Source, int]
Orders: TypeAlias = dict[Source, Order]


def carried_over(architecture: Architecture, summary: Summary, framework: Framework, layout: Layout) -> Architecture:
    """The network in another framework or layout.

    Args:
        architecture: the network as it is.
        summary: its analysis.
        framework: where it goes.
        layout: where its images have their channels then.
    """
    walk = _Walk(architecture, summary, framework, layout)
    wanted: Places = {}
    walk.ask(architecture.layers, wanted)
    crossed, _orders = walk.cross(_List(architecture.layers, architecture.outputs), {})
    return msgspec.structs.replace(
        architecture,
        layers=crossed.nodes,
        outputs=crossed.ends,
        framework=framework,
        layout=layout,
        next_id=walk.next_id,
    )


class _List(msgspec.Struct):
    """A list of nodes that is under way.

    Attributes:
        nodes: of it.
        ends: what it returns.
        block: whose list it is.
    """

    nodes: tuple[Node, ...]
    ends: tuple[Source, ...]
    block: Block | None = None


class _Place(msgspec.Struct):
    """What is known in a list while its nodes cross, one after the other.

    Attributes:
        orders: of what can be read.
        names: that are taken.
        readers: how often each node is read.
        read_instead: what stands for a source: a Permute behind it, by the order that it makes, or what a Permute read
            that is gone, by None.
        made: the nodes so far.
    """

    orders: Orders
    names: set[str]
    readers: Counter[int]
    read_instead: dict[tuple[Source, Order | None], Source] = {}
    made: list[Node] = []


class _Walk:
    """Both walks over one network."""

    def __init__(self, architecture: Architecture, summary: Summary, framework: Framework, layout: Layout) -> None:
        self.framework, self.layout = framework, layout
        self.moves = layout != architecture.layout
        self.next_id = architecture.next_id
        self.reports: dict[int, LayerReport] = {}
        for report in summary.layers:
            self.reports.setdefault(report.layer.id, report)
        self.wanted: dict[int, int] = {}  # of layers that may put the channels of their output anywhere

    # Backwards --------------------------------------------------------------------------------------------------------

    def ask(self, nodes: Iterable[Node], wanted: Places) -> None:
        """Finds where each tensor of a list is wanted to have its channels; what its readers say first counts."""
        for node in reversed(tuple(nodes)):
            if isinstance(node, Block):
                inside: Places = {}
                for place, end in enumerate(node.outputs):
                    if (said := wanted.get(Source(node.id, place))) is not None:
                        inside[end] = said
                self.ask(node.layers, inside)
                found = [inside.get(Source(node.id, place)) for place in range(len(node.inputs))]
            else:
                found = self._places(node, wanted.get(Source(node.id, 0)))
            for source, said in zip(node.inputs, found, strict=False):
                if said is not None and (source not in wanted or said != LAST):
                    wanted[source] = said

    def _places(self, layer: Layer, behind: int | None) -> list[int | None]:
        """Where a layer wants the channels of its inputs, if they are wanted somewhere in its output."""
        if behind is not None:
            self.wanted[layer.id] = behind
        report = self.reports.get(layer.id)
        if report is None or isinstance(layer.kind, ARRANGING):
            return []
        rank = len(report.output_specs[0].shape) if report.output_specs else 0
        found: list[int | None] = []
        for spec in report.input_specs:
            said = layer.kind.channels_place(spec, self.framework)
            if said is None and behind is not None:  # axes are aligned from the last one
                ahead = rank - len(spec.shape)
                said = behind if behind == LAST or not ahead else max(behind - ahead, LAST) if ahead > 0 else None
            found.append(said)
        return found

    # Forwards ---------------------------------------------------------------------------------------------------------

    def cross(self, around: _List, orders: Orders) -> tuple[_List, list[Order]]:
        """A list in the other framework, and the orders of what it returns, given those of what it can read."""
        names = {node.name for node in around.nodes} | ({around.block.name} if around.block else set())
        sources = [source for node in around.nodes for source in node.inputs]
        here = _Place(orders, names, Counter(source.layer for source in (*sources, *around.ends)))
        for node in around.nodes:
            if isinstance(node, Block):
                self._cross_block(node, here)
            else:
                self._cross_layer(node, here)
        ends = around.ends
        if around.block is not None and around.block.repeat > 1:  # each repetition reads what the former one gives
            starts = [orders[Source(around.block.id, place)] for place in range(len(around.block.inputs))]
            ends = tuple([self._brought(end, order, here) for end, order in zip(ends, starts, strict=False)])
        made = [here.orders.get(end, ()) for end in ends]
        return _List(tuple(here.made), tuple([_followed(end, here) for end in ends]), around.block), made

    def _cross_block(self, block: Block, here: _Place) -> None:
        inside: Orders = {
            Source(block.id, place): here.orders.get(source, ()) for place, source in enumerate(block.inputs)
        }
        crossed, made = self.cross(_List(block.layers, block.outputs, block), inside)
        inputs = tuple([_followed(source, here) for source in block.inputs])
        here.made.append(msgspec.structs.replace(block, inputs=inputs, layers=crossed.nodes, outputs=crossed.ends))
        here.orders |= {Source(block.id, place): order for place, order in enumerate(made)}

    def _cross_layer(self, layer: Layer, here: _Place) -> None:
        report = self.reports.get(layer.id)
        sources = list(layer.inputs)
        specs = report.input_specs if report is not None and len(report.input_specs) == len(sources) else ()
        read = self._wanted_by(layer, specs, [here.orders.get(source, ()) for source in sources])
        sources = [self._brought(source, order, here) for source, order in zip(sources, read, strict=False)] or sources
        made = self._made(layer, report, read)
        here.orders |= {Source(layer.id, place): order for place, order in enumerate(made)}
        sources = [_followed(source, here) for source in sources]
        crossing = Crossing(self.framework, tuple(specs), tuple(read), made[0] if made else ())
        kind = layer.kind.crossed(crossing)
        if isinstance(kind, Permute) and kind != layer.kind and kind.dims == plain(len(made[0]))[1:]:
            here.read_instead[Source(layer.id), None] = sources[0]
            return
        if isinstance(kind, Convolution | MaxPoolingKind) and crossing.inputs and crossing.source != self.framework:
            kind = self._padded(layer, kind, crossing, sources, here)
        inputs = tuple(sources)
        if crossing.inputs and crossing.source != self.framework:
            inputs = kind.sources_in(self.framework, inputs)
        changed = kind is not layer.kind or inputs != layer.inputs
        here.made.append(msgspec.structs.replace(layer, kind=kind, inputs=inputs) if changed else layer)

    def _wanted_by(self, layer: Layer, specs: Sequence[TensorSpec], orders: Sequence[Order]) -> list[Order]:
        """The orders in which a layer reads its inputs, given those that they have."""
        found: list[Order] = []
        ranks = [len(spec.shape) for spec in specs]
        least = min(ranks, default=0)
        orders = [order or plain(rank) for order, rank in zip(orders, ranks, strict=False)]
        for spec, order, rank in zip(specs, orders, ranks, strict=True):
            place = layer.kind.channels_place(spec, self.framework)
            if place is not None:
                found.append(self._order(rank, place))
            elif rank > least > 1:  # axes are aligned from the last one, so those of the smallest tensor say where
                ahead, small = rank - least, orders[ranks.index(least)]
                found.append((*range(ahead), *(axis + ahead for axis in small)))
            else:
                found.append(found[0] if found and len(found[0]) == rank else order)
        return found

    # Padding that one framework has in its convolutions and the other before them -----------------------------------

    def _padded(
        self, layer: Layer, kind: Convolution | MaxPoolingKind, crossing: Crossing, sources: list[Source], here: _Place
    ) -> LayerKind:
        """The convolution with its padding in a layer of its own, or with that of such a layer, which goes."""
        x, name = crossing.inputs[0], f"{layer.name}_padding"
        before = next((node for node in here.made if node.id == sources[0].layer and node.name == name), None)
        if isinstance(before, Layer) and isinstance(before.kind, ZeroPaddingKind):
            unpadded = self.reports[before.id].input_specs
            padding = kind.merged_padding(before.kind.added, self.framework, kind.split(unpadded[0])[1])
            if padding is not None and here.readers[before.id] == 1:
                here.made = [node for node in here.made if node is not before]
                sources[0] = before.inputs[0]
                kind = kind.changed(padding=padding)
        elif len(x.shape) == kind.rank + 2 and name not in here.names:
            added = kind.padding_apart(self.framework, kind.split(x)[1])
            if added is not None and (isinstance(kind, Convolution) or self._reads_never_negative(layer)):
                made = PADDING[kind.rank].from_options({"padding": added[0] if kind.rank == 1 else added})
                here.made.append(Layer(self.next_id, name, made, (sources[0],)))
                here.names.add(name)
                sources[0] = Source(self.next_id)
                self.next_id += 1
                kind = kind.changed(padding="valid")
        return kind

    def _reads_never_negative(self, layer: Layer) -> bool:
        """Whether what a layer reads first is never below 0."""
        sources = self.reports[layer.id].sources
        made_by = self.reports.get(sources[0][0][-1]) if sources else None
        return made_by is not None and made_by.layer.kind.is_never_negative

    def _made(self, layer: Layer, report: LayerReport | None, read: Sequence[Order]) -> list[Order]:
        """The orders of what a layer makes."""
        kind, found = layer.kind, []
        for spec in report.output_specs if report is not None else ():
            rank = len(spec.shape)
            if not read or isinstance(kind, ARRANGING):
                usual = 1 if rank >= IMAGE and kind.is_input else LAST
                found.append(self._order(rank, self.wanted.get(layer.id, usual)))
            else:
                alike = [order for order in read if len(order) == rank]
                found.append(alike[0] if alike else plain(rank))
        return found or ([read[0]] if read else [])

    def _order(self, rank: int, place: int) -> Order:
        return turned(rank, place, self.layout) if self.moves else plain(rank)

    def _brought(self, source: Source, wanted: Order, here: _Place) -> Source:
        """The source with its axes in another order: a Permute behind it."""
        order = here.orders[source] if source in here.orders else plain(len(wanted))
        if order == wanted or len(order) != len(wanted):
            return source
        if (source, wanted) in here.read_instead:
            return here.read_instead[source, wanted]
        dims = tuple([order.index(axis) for axis in wanted])[1:]
        name = unique_name("permute", here.names)
        here.names.add(name)
        permute = Layer(self.next_id, name, Permute(dims=dims), (_followed(source, here),))
        self.next_id += 1
        here.made.append(permute)
        made = Source(permute.id)
        here.orders[made] = wanted
        here.read_instead |= {(source, wanted): made, (made, order): source}
        return made


def _followed(source: Source, here: _Place) -> Source:
    """What is read in place of a source whose Permute is gone."""
    while (source, None) in here.read_instead:
        source = here.read_instead[source, None]
    return source
