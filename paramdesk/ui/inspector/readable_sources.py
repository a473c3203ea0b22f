"""What a layer or block could read, looked up when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paramdesk.engine.architecture import Block, Source
from paramdesk.engine.edits import readable_above
from paramdesk.engine.errors import Refusal
from paramdesk.ui.inspector.subject import Readable, shape_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paramdesk.engine.architecture import Node
    from paramdesk.engine.shape import Framework
    from paramdesk.engine.summary import LayerReport
    from paramdesk.ui.document.document import Document


class ReadableSources:
    """What a layer could read, looked up when somebody asks."""

    def __init__(self, document: Document, layer: Node, report: LayerReport | None) -> None:
        self._architecture, self._summary, self._layer = document.architecture, document.summary, layer
        self._readable: Readable | None = None
        read = report.input_shapes if report is not None else ()
        # What it reads now is known without a look at the whole network.
        self._read = dict(zip(layer.inputs, read, strict=True)) if len(read) == len(layer.inputs) else {}

    def name_of(self, source: Source) -> str:
        """What the source is called."""
        return self._looked_up().name_of(source, self._layer.id)

    def shape_of(self, source: Source) -> str:
        """Its shape, in words."""
        known = self._read.get(source)
        return shape_text(known[1:] if known is not None else self._looked_up().of(source, self._layer.id))

    def candidates(self) -> list[Source]:
        """Everything that could be read, nearest first."""
        readable = self._looked_up()
        return [
            Source(node_id, output)
            for node_id in readable_above(self._architecture, self._layer.id)
            for output in range(readable.outputs(node_id, self._layer.id))
        ]

    def fit(self, sources: Iterable[Source]) -> bool:
        """Whether the layer can be computed from these sources together."""
        specs = [self._looked_up().spec(source, self._layer.id) for source in sources]
        known = tuple([spec for spec in specs if spec is not None])
        if isinstance(self._layer, Block):
            return True
        try:
            return len(known) == len(specs) and bool(self._layer.kind.outputs(known))
        except Refusal:
            return False

    def _looked_up(self) -> Readable:
        if self._readable is None:
            self._readable = Readable(self._architecture, self._summary)
        return self._readable


def input_names(layer: Node, framework: Framework) -> tuple[str, ...] | None:
    """What the inputs are called that a layer may have; empty: any number of the same; None: there is one."""
    if isinstance(layer, Block):
        return ()
    names = layer.kind.input_names_in(framework)
    if len(names) > 1:
        return names
    return () if layer.kind.takes_list or len(layer.inputs) > 1 else None
