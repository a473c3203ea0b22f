"""What the stack shows: from an architecture and its summary to one value per visible row. Pure, no Qt.

A row is kept from one edit to the next where its report is the same object, so an edit costs what it changes. Rows
inside a repeated block count one repeat; the block's own row counts all of them.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.columns import sizes
from paramdesk.engine.shape import TensorSpec, public
from paramdesk.engine.summary import Problem
from paramdesk.ui.totals.figures import layers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from paramdesk.engine.layer_kind import LayerKind
    from paramdesk.engine.shape import Layout
    from paramdesk.engine.summary import Convention, LayerReport, RowKey, Summary

State: TypeAlias = Literal["computed", "warning", "error", "waiting"]

_DASH = "–"
_NOT_COUNTED = Problem((), "", "not counted: there are too many layers", "waiting")


class StackRow(msgspec.Struct, frozen=True, gc=False):
    """Everything that one row of the stack shows.

    Attributes:
        id: of its layer or block; the row's key.
        parent: id of the block whose list it stands in; None at the top.
        depth: how many blocks it stands in.
        name: of the layer or block.
        layer_kind: of a layer; None for a block.
        note: what it reads if that is not the row above; what a block holds.
        input_specs: what it reads.
        specs: of its output; empty if it cannot be computed.
        parameters: in its weights, all repetitions of a block together; None if not known.
        state: whether it is computed, and with what catch.
        reason: what is wrong, or what it waits for.
        is_frozen: whether its weights are not trained.
        is_open: of a block: whether its inside is shown; None for a layer.
        repeat: how often a block is computed.
        ends: how many opened blocks end with this row.
        inputs: where it reads that.
        outputs: of a block: its exits.
        convention: whose names the kinds have.
        layout: where the network has the channels of images.
        made_from: all that it depends on; the same makes the same row.
    """

    id: int
    parent: int | None
    depth: int
    name: str
    layer_kind: LayerKind | None
    note: str
    input_specs: tuple[TensorSpec, ...]
    specs: tuple[TensorSpec, ...]
    parameters: int | None
    state: State
    reason: str
    is_frozen: bool
    is_open: bool | None
    repeat: int
    ends: int
    inputs: tuple[Source, ...]
    outputs: tuple[Source, ...]
    convention: Convention
    layout: Layout
    made_from: tuple[object, ...] = ()

    @property
    def kind(self) -> str:
        """What its kind is called, or "Block"."""
        return "Block" if self.layer_kind is None else self.layer_kind.name_in(self.convention)

    @property
    def category(self) -> str:
        """Its colour and icon; "block" for a block."""
        return "block" if self.layer_kind is None else self.layer_kind.category

    @property
    def digest(self) -> str:
        """Its options in a few words, and the note."""
        if self.layer_kind is None:
            return self.note
        rank = len(self.input_specs[0].shape) if self.input_specs else None
        options = _digest(self.layer_kind, rank, self.layout)
        return f"{options}, {self.note}" if options and self.note else options or self.note

    @property
    def shape(self) -> str:
        """Its output's shape without the batch, in words; empty if it cannot be computed."""
        return ", ".join([sizes(public(spec.shape)) for spec in self.specs])

    @property
    def count(self) -> str:
        """Its parameters, in words."""
        return _DASH if self.parameters is None else f"{self.parameters:,}"

    @property
    def is_block(self) -> bool:
        """Whether it stands for a block."""
        return self.is_open is not None

    @property
    def has_output(self) -> bool:
        """Whether there is something for others to read."""
        return self.state in {"computed", "warning"}

    def sentence(self) -> str:
        """The row as a screen reader says it."""
        said = [self.name, self.kind, *([self.digest] if self.digest else [])]
        if self.is_block:
            said.append("open" if self.is_open else "closed")
            if self.repeat > 1:
                said.append(f"repeated {self.repeat} times")
        if self.has_output:
            said.append(f"output {self.shape}")
            said.append(f"{self.count} parameter{'s' * (self.parameters != 1)}")
        if self.is_frozen:
            said.append("frozen")
        if self.state in {"error", "warning"}:
            said.append(f"{self.state}: {self.reason}")
        elif self.state == "waiting":
            said.append(self.reason)
        return ", ".join(said)


@functools.lru_cache(maxsize=1024)
def _digest(kind: LayerKind, rank: int | None, layout: Layout) -> str:
    """The digest of a kind: only rows in sight are asked for it, but at every repaint."""
    return kind.digest(rank, layout)


def same_row(former: StackRow, new: StackRow) -> bool:
    """Whether two rows of the same layer show the same, as far as their parts tell without being put into words."""
    return former is new or _shown(former) == _shown(new)


def _shown(row: StackRow) -> tuple[object, ...]:
    values: tuple[object, ...] = msgspec.structs.astuple(row)
    return values[:-1]


def row_id(row: StackRow) -> int:
    """The key of a row."""
    return row.id


def stack_rows(
    architecture: Architecture,
    summary: Summary,
    folded: AbstractSet[int] = frozenset(),
    former: Sequence[StackRow] = (),
) -> tuple[StackRow, ...]:
    """The rows to show, top to bottom.

    Args:
        architecture: what is edited.
        summary: its analysis.
        folded: ids of the blocks that are closed.
        former: rows shown before; those that would come out the same are used again.
    """
    walk = _Walk(summary, folded, former)
    walk.list(architecture.layers, None, 0, ())
    return tuple(walk.rows)


class _Walk:
    """One way through the architecture, in step with the reports, which stand in the same order."""

    def __init__(self, summary: Summary, folded: AbstractSet[int], former: Sequence[StackRow]) -> None:
        self.summary = summary
        self.reports = summary.layers
        self.convention, self.layout = summary.convention, summary.layout
        self.has_unread = bool(summary.unread)
        self.folded = folded
        self.former = {row.id: row for row in former}
        self.rows: list[StackRow] = []
        self.at = 0

    def list(self, nodes: tuple[Node, ...], parent: int | None, depth: int, prefix: RowKey) -> None:
        """Adds the rows of one list; `at` is the report of its first layer, and afterwards of what comes next."""
        above = parent
        names: dict[int, Node] | None = None
        for node in nodes:
            inputs = node.inputs
            if (len(inputs) == 1 and inputs[0] == (above, 0)) or not inputs:
                reads = ""
            else:
                names = names if names is not None else {other.id: other for other in nodes}
                reads = _read(node, names, parent)
            if isinstance(node, Block):
                self._block(node, parent, depth, prefix, reads)
            else:
                self._layer(node, parent, depth, reads)
            above = node.id

    def _layer(self, layer: Layer, parent: int | None, depth: int, reads: str) -> None:
        report = self.reports[self.at] if self.at < len(self.reports) else None
        self.at += 1
        read: tuple[TensorSpec, ...] = ()
        specs: tuple[TensorSpec, ...] = ()
        parameters: int | None = None
        problem: Problem | None = _NOT_COUNTED
        if report is not None:
            read, specs, parameters = report.input_specs, report.output_specs, report.parameters
            problem = self.summary.problem_of(report) if self.has_unread else report.problem
            if report.weights_of is not None:
                reads = ", ".join(filter(None, [f"weights of {report.weights_of}", reads]))
        made_from = (layer, parent, depth, reads, read, specs, parameters, problem, self.convention, self.layout)
        old = self.former.get(layer.id)
        if old is not None and old.made_from == made_from and old.ends == 0:
            self.rows.append(old)
            return
        self.rows.append(
            # By position, which takes a sixth of the time that names take.
            StackRow(
                layer.id, parent, depth, layer.name, layer.kind, reads, read, specs, parameters,
                problem.severity if problem is not None else "computed",
                problem.message if problem is not None else "",
                not layer.trainable and parameters != 0,
                None, 1, 0, layer.inputs, (), self.convention, self.layout, made_from,
            )
        )  # fmt: skip

    def _block(self, block: Block, parent: int | None, depth: int, prefix: RowKey, reads: str) -> None:
        start, size = self.at, _unrolled(block.layers)
        end = start + size * block.repeat
        is_open = block.id not in self.folded
        place = len(self.rows)
        counted = _Counted(self.summary, self.reports[start:end], size)
        if is_open:
            self.rows.append(self._block_row(block, parent, depth, prefix, reads, counted, is_open=True))
            self.list(block.layers, block.id, depth + 1, (*prefix, block.id, 0))
            last = self.rows[-1]
            self.rows[-1] = msgspec.structs.replace(last, ends=last.ends + 1)
        else:
            self.rows.append(self._block_row(block, parent, depth, prefix, reads, counted, is_open=False))
        self._keep_former(place)
        self._keep_former(len(self.rows) - 1)
        self.at = end

    def _keep_former(self, place: int) -> None:
        row = self.rows[place]
        old = self.former.get(row.id)
        if old is not None and old is not row and old == row:
            self.rows[place] = old

    def _block_row(  # noqa: PLR0913  # one row's facts
        self,
        block: Block,
        parent: int | None,
        depth: int,
        prefix: RowKey,
        reads: str,
        counted: _Counted,
        *,
        is_open: bool,
    ) -> StackRow:
        state, reason = counted.state(is_open=is_open)
        parameters = counted.parameters
        digest = [layers(counted.layers)]
        if block.repeat > 1 and counted.per_repeat is not None:
            least, most = counted.per_repeat
            digest.append(f"{least:,} per repeat" if least == most else f"{least:,} to {most:,} per repeat")
        if reads:
            digest.append(reads)
        specs = _Exits(self.summary).specs(block, prefix) if state in {"computed", "warning"} else ()
        return StackRow(
            id=block.id,
            parent=parent,
            depth=depth,
            name=block.name,
            layer_kind=None,
            note=", ".join(digest),
            input_specs=(),
            specs=specs,
            parameters=parameters,
            state=state,
            reason=reason,
            is_frozen=counted.is_frozen,
            is_open=is_open,
            repeat=block.repeat,
            ends=0,
            inputs=block.inputs,
            outputs=block.outputs,
            convention=self.convention,
            layout=self.layout,
        )


class _Counted:
    """What the layers of a block come to, over all its repetitions."""

    def __init__(self, summary: Summary, reports: Sequence[LayerReport], size: int) -> None:
        self._summary = summary
        self._reports = reports
        self._size = size
        self.layers = size
        self.parameters = _total(reports)
        each = [_total(reports[start : start + size]) for start in range(0, len(reports), size)] if size else []
        known = [total for total in each if total is not None]
        self.per_repeat = (min(known), max(known)) if known and len(known) == len(each) else None
        weighty = [report.layer.trainable for report in reports if report.parameters]
        self.is_frozen = bool(weighty) and not any(weighty)

    def state(self, *, is_open: bool) -> tuple[State, str]:
        """The state of the block, and why; of an opened one only what its rows do not say themselves."""
        worst: tuple[State, str] = ("computed", "")
        for number, report in enumerate(self._reports):
            problem = self._summary.problem_of(report)
            if problem is None:
                continue
            if problem.severity == "waiting":
                if number == 0:
                    return "waiting", problem.message
            elif not is_open or number >= self._size:
                path = report.path.split("/", 1)[-1] if len(self._reports) == self._size else report.path
                said = f"{path}: {problem.message}"
                if problem.severity == "error":
                    return "error", said
                if worst[0] == "computed":
                    worst = ("warning", said)
            elif problem.severity == "error":
                name = f"“{report.name}”" if report.name.isdecimal() else report.name
                return "error", f"{name} cannot be computed"
        return worst


class _Exits:
    """Finds the tensors that leave a block."""

    def __init__(self, summary: Summary) -> None:
        self._rows = summary.rows

    def specs(self, block: Block, prefix: RowKey) -> tuple[TensorSpec, ...]:
        """The tensor at each exit after the last repetition; an entrance that is an exit is left out."""
        found = [self._spec(block, source, prefix) for source in block.outputs]
        return tuple([spec for spec in found if spec is not None])

    def _spec(self, block: Block, source: Source, prefix: RowKey) -> TensorSpec | None:
        inside = (*prefix, block.id, block.repeat - 1)
        report = self._rows.get((*inside, source.layer))
        if report is not None:
            specs = report.output_specs
            return specs[source.output] if source.output < len(specs) else None
        for node in block.layers:
            if node.id == source.layer and isinstance(node, Block) and source.output < len(node.outputs):
                return self._spec(node, node.outputs[source.output], inside)
        return None


def _unrolled(nodes: tuple[Node, ...]) -> int:
    """How many layers a list has with its blocks unrolled."""
    return sum([_unrolled(node.layers) * node.repeat if isinstance(node, Block) else 1 for node in nodes])


def _total(reports: Iterable[LayerReport]) -> int | None:
    counts = [report.parameters for report in reports]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _read(node: Node, names: dict[int, Node], parent: int | None) -> str:
    """What a row reads, in words, where that is not simply the row above."""
    said = []
    for source in node.inputs:
        if source.layer == parent:
            said.append("block input" if source.output == 0 else f"block input {source.output + 1}")
        elif source.layer in names:
            name = names[source.layer].name
            said.append(name if source.output == 0 else f"{name}.{source.output + 1}")
    if len(said) == 1:
        return f"from the {said[0]}" if said[0].startswith("block input") else f"from {said[0]}"
    sign = " + " if isinstance(node, Layer) and node.kind.title() == "Add" else ", "
    return sign.join(said)
