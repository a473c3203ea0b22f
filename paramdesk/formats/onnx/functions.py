"""Functions that a file brings along, written out: each node that calls one becomes the nodes of its body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from paramdesk.engine.analysis import MOST_ROWS
from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.onnx.graph import NodeProto, Reference, attribute_of, node_of, text
from paramdesk.formats.onnx.messages import Message

MOST_NESTED = 20

Functions = Mapping[tuple[str, str], Message]


def written_out(nodes: Sequence[NodeProto], functions: Functions, file: str) -> Iterator[NodeProto]:
    """The nodes, with the bodies of functions in place of their calls.

    Raises:
        UnreadableFile: functions call one another without end, or too often, or there would be too many nodes.
    """
    if not functions:
        return iter(nodes)
    return _Writing(functions, file).nodes(nodes, 0)


class _Writing:
    """One writing out: it counts nodes and gives values names of their own."""

    def __init__(self, functions: Functions, file: str) -> None:
        self.functions = functions
        self.file = file
        self.calls = 0
        self.written = 0

    def nodes(self, nodes: Sequence[NodeProto], depth: int) -> Iterator[NodeProto]:
        """Nodes written out."""
        if depth > MOST_NESTED:
            raise UnreadableFile(self.file, f"its functions call one another more than {MOST_NESTED} deep")
        for node in nodes:
            domain, _dot, op = node.op.rpartition(".")
            body = self.functions.get((domain, op))
            if body is not None:
                yield from self.nodes(self.body(node, body), depth + 1)
                continue
            self.written += 1
            if self.written > MOST_ROWS:
                raise UnreadableFile(self.file, f"its functions written out, it has more than {MOST_ROWS:,} nodes")
            yield node

    def body(self, call: NodeProto, function: Message) -> list[NodeProto]:
        """The nodes of a function, as one call of it has them."""
        self.calls += 1
        if self.calls > MOST_ROWS:
            raise UnreadableFile(self.file, f"its functions call one another more than {MOST_ROWS:,} times")
        values = dict(zip([text(value) for value in function.input], call.inputs, strict=False))
        values |= dict(zip([text(value) for value in function.output], call.outputs, strict=False))
        attributes = {text(a.name): attribute_of(a) for a in function.attribute_proto} | dict(call.attributes)
        scope = call.name or text(function.name)

        def own(value: str) -> str:
            return values.setdefault(value, f"{value}@{self.calls}") if value else ""

        found = []
        for node in map(node_of, function.node):
            said = {
                name: attributes.get(value.name) if isinstance(value, Reference) else value
                for name, value in node.attributes.items()
            }
            found.append(
                msgspec.structs.replace(
                    node,
                    name=f"{scope}/{node.name or node.op}",
                    inputs=tuple(map(own, node.inputs)),
                    outputs=tuple(map(own, node.outputs)),
                    attributes={name: value for name, value in said.items() if value is not None},
                    scopes=node.scopes or call.scopes,
                )
            )
        return found
