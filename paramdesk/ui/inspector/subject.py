"""What the inspector is about: the selected layers, what was computed of them, and edits on all of them. No Qt."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.edits import Edit, configure_all
from paramdesk.engine.places import enclosing
from paramdesk.engine.shape import public

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paramdesk.engine.errors import InvalidOptions
    from paramdesk.engine.layer_kind import LayerKind
    from paramdesk.engine.shape import PublicShape, TensorSpec
    from paramdesk.engine.summary import LayerReport, RowKey, Summary


class Subject(msgspec.Struct, frozen=True):
    """What is selected.

    Attributes:
        nodes: the selected layers and blocks in the order of the network.
        reports: what was computed of the layers, one for each (its first repetition).
    """

    nodes: tuple[Node, ...] = ()
    reports: tuple[LayerReport, ...] = ()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The selected layers."""
        return tuple(node for node in self.nodes if isinstance(node, Layer))

    @property
    def ids(self) -> tuple[int, ...]:
        """Ids of everything selected."""
        return tuple(node.id for node in self.nodes)

    @property
    def kind(self) -> type[LayerKind] | None:
        """The kind that all selected layers have in common; None if they have none, or a block is among them."""
        kinds = {type(node.kind) if isinstance(node, Layer) else None for node in self.nodes}
        return kinds.pop() if len(kinds) == 1 else None

    @property
    def report(self) -> LayerReport | None:
        """The report of the one selected layer."""
        return self.reports[0] if len(self.nodes) == 1 and self.reports else None


def subject_of(architecture: Architecture, summary: Summary, ids: Iterable[int]) -> Subject:
    """What is selected, looked up."""
    wanted = set(ids)
    if not wanted:
        return Subject()
    nodes = [node for node in architecture.nodes() if node.id in wanted]
    found = {node.id: report for node in nodes if (report := summary.rows.get((node.id,))) is not None}
    if any(isinstance(node, Layer) and node.id not in found for node in nodes):
        # In a block a row's key is longer: the first repetition is looked for.
        for report in summary.layers:
            if report.key[-1] in wanted:
                found.setdefault(report.key[-1], report)
    return Subject(tuple(nodes), tuple(found[node.id] for node in nodes if node.id in found))


def reports_under(summary: Summary, ids: Iterable[int]) -> tuple[LayerReport, ...]:
    """Every row that layers and blocks come to, repetitions included."""
    wanted = set(ids)
    return tuple([report for report in summary.layers if not wanted.isdisjoint(_node_ids(report))])


def _node_ids(report: LayerReport) -> tuple[int, ...]:
    """Ids of a row's blocks and of its layer: every second part of the key counts repetitions."""
    return report.key[0::2]


def place_of(architecture: Architecture, layer_id: int) -> str:
    """Which layer it is, counted without the inputs as people do, and of how many; nothing for an input.

    Where there are repetitions, there are more layers than rows, and it is the rows that are counted.
    """
    nodes = list(architecture.nodes())
    if Block in map(type, nodes) and any(isinstance(node, Block) and node.repeat > 1 for node in nodes):
        counted, word = [node.id for node in nodes], "row"
    else:
        counted, word = [node.id for node in nodes if isinstance(node, Layer) and not node.kind.is_input], "layer"
    return f"{word} {counted.index(layer_id) + 1:,} of {len(counted):,}" if layer_id in counted else ""


def repeats_of(architecture: Architecture, node: Node) -> str:
    """How often a block is computed, and the blocks around it: `× 2 repeats, in stage × 3 repeats`; or nothing."""
    around = [architecture.node(block_id) for block_id in reversed(enclosing(architecture, node.id))]
    said = [f"in {block.name} {_times(block)}" for block in around if _times(block)]
    return ", ".join(filter(None, [_times(node), *said]))


def _times(node: Node) -> str:
    return f"× {node.repeat:,} repeats" if isinstance(node, Block) and node.repeat > 1 else ""


def each_time(reports: Iterable[LayerReport], node_id: int) -> list[list[LayerReport]]:
    """The rows that a layer or block comes to, apart for each time that it is computed."""
    found: dict[RowKey, list[LayerReport]] = {}
    for report in reports:
        # Behind the id of a block stands which of its repetitions it is.
        found.setdefault(report.key[: report.key[::2].index(node_id) * 2 + 2], []).append(report)
    return list(found.values())


def configured(architecture: Architecture, ids: tuple[int, ...], **changes: object) -> Edit:
    """Several layers of one kind with other options, in one edit.

    Raises:
        InvalidOptions: a value has a wrong type or range.
    """
    return configure_all(architecture, dict.fromkeys(ids, changes))


def restored(architecture: Architecture, layers: tuple[Layer, ...], name: str) -> Edit:
    """The option of layers as it was before they were edited, each with its own; it merges with such edits."""
    return configure_all(architecture, {layer.id: {name: getattr(layer.kind, name)} for layer in layers})


def _inside(block: Block) -> Iterable[Node]:
    for node in block.layers:
        yield node
        if isinstance(node, Block):
            yield from _inside(node)


class Readable:
    """Looks up names and shapes of what a layer could read; made for one state of the document."""

    def __init__(self, architecture: Architecture, summary: Summary) -> None:
        self._nodes = {node.id: node for node in architecture.nodes()}
        self._summary = summary

    def name_of(self, source: Source, reader: int) -> str:
        """What a source is called in a list: the layer's name, a block's entrance, which output if it has several."""
        node = self._nodes[source.layer]
        if isinstance(node, Block):
            if self._holds(node, reader):
                return f"input of {node.name}" + (f", {source.output + 1}" if len(node.inputs) > 1 else "")
            return node.name + (f", output {source.output + 1}" if len(node.outputs) > 1 else "")
        return node.name + (f", output {source.output + 1}" if source.output else "")

    def outputs(self, layer_id: int, reader: int) -> int:
        """How many outputs a layer or block has for a reader."""
        node = self._nodes[layer_id]
        if isinstance(node, Block):
            return len(node.inputs if self._holds(node, reader) else node.outputs)
        report = self._reports.get(layer_id)
        return max(1, len(report.output_specs)) if report else 1

    def of(self, source: Source, reader: int) -> PublicShape | None:
        """The shape of a source without its batch; None if it is not computed."""
        spec = self.spec(source, reader)
        return public(spec.shape)[1:] if spec is not None else None

    def spec(self, source: Source, reader: int) -> TensorSpec | None:
        """The tensor that a source gives; None if it is not computed."""
        node = self._nodes[source.layer]
        if isinstance(node, Block):
            if self._holds(node, reader):
                return self.spec(node.inputs[source.output], node.id)
            return self.spec(node.outputs[source.output], node.layers[-1].id if node.layers else node.id)
        report = self._reports.get(source.layer)
        if report is None or source.output >= len(report.output_specs):
            return None
        return report.output_specs[source.output]

    @functools.cached_property
    def _reports(self) -> dict[int, LayerReport]:
        found: dict[int, LayerReport] = {}
        for report in self._summary.layers:
            found.setdefault(report.key[-1], report)
        return found

    def _holds(self, block: Block, reader: int) -> bool:
        return any(inner.id == reader for inner in _inside(block))


def shape_text(shape: PublicShape | None) -> str:
    """A shape for people: `3 × 3 × 48`.

    >>> shape_text((None, 48)), shape_text(()), shape_text(None)
    ('? × 48', 'one value', 'not computed')
    """
    if shape is None:
        return "not computed"
    return " × ".join("?" if dim is None else f"{dim:,}" for dim in shape) or "one value"


def said_of(error: InvalidOptions, none: str) -> str:
    """What is wrong with a value, as it reads under its field: `Expected a whole number ≥ 1`.

    Args:
        error: what the engine has against the value.
        none: how the field writes none.

    >>> from paramdesk.engine.errors import InvalidOptions
    >>> said_of(InvalidOptions("shape = ('abc',): expected a whole number or none", "shape"), "?")
    'Expected a whole number or ?'
    """
    reason = error.message.removeprefix(f"{error.field} = ")
    reason = reason.partition(": ")[2] if reason != error.message and ": " in reason else reason
    reason = re.sub(r" or none\b", f" or {none}", reason)
    return reason[:1].upper() + reason[1:]
