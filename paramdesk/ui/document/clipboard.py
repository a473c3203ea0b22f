"""Layers as text, and text as layers.

The text is a small architecture in paramdesk's own format, so it can be read, mailed and saved as a file. What the
copied layers read from elsewhere stands in it as inputs of the right shape, marked as stand-ins; pasting leaves these
out and connects the layers to those of the same names, where there are such above the place.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Block, Layer, Node, Source
from paramdesk.engine.errors import UnreadableFile
from paramdesk.engine.kinds.core import Input
from paramdesk.engine.places import topmost
from paramdesk.ui.inspector.subject import Readable

if TYPE_CHECKING:
    from paramdesk.engine.shape import PublicShape

__all__ = ["MIME_TYPE", "from_text", "to_text"]

MIME_TYPE = "application/x-paramdesk+json"
STAND_IN = "stands_for_a_layer_that_was_not_copied"
LONGEST_TEXT = 20_000_000

_Change: TypeAlias = Callable[[Source], Source]

CAN_BE_PASTED = "layers copied in paramdesk, the text of a .paramdesk file, or a Keras model as JSON"


def to_text(architecture: Architecture, ids: Iterable[int]) -> str:
    """The layers and blocks of these ids as text."""
    nodes = topmost(architecture, ids)
    own = {inner.id for node in nodes for inner in _with_inner(node)}
    outside: dict[int, PublicShape | None] = {}
    readable = Readable(architecture, analyze(architecture))
    for inner in (inner for node in nodes for inner in _with_inner(node)):
        for source in inner.inputs:
            if source.layer not in own and source.layer not in outside:
                outside[source.layer] = readable.of(source, inner.id)
    stand_ins = [
        Layer(other, architecture.node(other).name, Input(shape=shape or ()), (), extras={STAND_IN: True})
        for other, shape in outside.items()
    ]
    fragment = msgspec.structs.replace(
        architecture,
        layers=(*stand_ins, *nodes),
        outputs=(Source(nodes[-1].id),) if nodes else (),
        extras={},
    )
    return formats.content(fragment, formats.formats()["paramdesk"]).decode()


def from_text(text: str, architecture: Architecture | None = None) -> tuple[Node, ...]:
    """The layers that a text holds, ready for `edits.insert`.

    Args:
        text: layers copied in paramdesk, or a whole file of a format that is text.
        architecture: where they are to go; what they read from elsewhere is looked for there by its name. Inputs of a
            whole network are left out if it has layers already: the first row then reads what stands above it.

    Raises:
        UnreadableFile: it is none of that.
    """
    found = _parsed(text)
    known = {node.name: node.id for node in architecture.nodes()} if architecture else {}
    is_grown = bool(architecture and architecture.layers)
    left_out = {node.id: node.name for node in found.layers if _is_stand_in(node)}
    if is_grown and not left_out:
        left_out = _entrance(found)
    if len(left_out) == len(found.layers):
        raise UnreadableFile("The text on the clipboard", "it holds no layers")

    def source(old: Source) -> Source:
        if old.layer not in left_out:
            return Source(_apart(old.layer), old.output)
        # A name that is not known gets an id that is nobody's: the edit connects the first input, and drops others.
        return Source(known.get(left_out[old.layer], _apart(old.layer)), old.output)

    return tuple(_renumbered(node, source) for node in found.layers if node.id not in left_out)


def _apart(node_id: int) -> int:
    """An id that no architecture has, so that what is pasted is not taken for what is there."""
    return -1 - node_id


def _renumbered(node: Node, source: _Change) -> Node:
    inputs = tuple(source(old) for old in node.inputs)
    changed = msgspec.structs.replace(node, id=_apart(node.id), inputs=inputs)
    if isinstance(changed, Block):
        inside = tuple(_renumbered(inner, source) for inner in changed.layers)
        outputs = tuple(source(old) for old in changed.outputs)
        return msgspec.structs.replace(changed, layers=inside, outputs=outputs)
    return changed


def _parsed(text: str) -> Architecture:
    clipboard = "The text on the clipboard"
    if len(text) > LONGEST_TEXT:
        raise UnreadableFile(clipboard, "it is too long: save it as a file and open that")
    if not text.lstrip().startswith("{"):
        raise UnreadableFile(clipboard, f"it holds no layers. What can be pasted: {CAN_BE_PASTED}")
    stream = io.BytesIO(text.encode("utf-8", "replace"))
    stream.name = clipboard  # what messages call it
    try:
        return formats.read(stream)
    except UnreadableFile as error:
        if error.place:
            raise
        raise UnreadableFile(clipboard, f"{error.reason}. What can be pasted: {CAN_BE_PASTED}") from None


def _is_stand_in(node: Node) -> bool:
    return isinstance(node, Layer) and STAND_IN in node.extras


def _entrance(found: Architecture) -> dict[int, str]:
    """The input of a whole network, if it has one and other rows."""
    inputs = {node.id: node.name for node in found.layers if isinstance(node, Layer) and node.kind.is_input}
    return inputs if len(inputs) == 1 < len(found.layers) else {}


def _with_inner(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Block):
        for inner in node.layers:
            yield from _with_inner(inner)
