"""What is dragged into a stack, where it would land, and whether it may. Pure but for reading a QMimeData."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from PySide6.QtCore import QMimeData

from paramdesk.engine import edits
from paramdesk.engine.errors import EditRefused, InvalidOptions, UnreadableFile
from paramdesk.engine.layer_kind import kinds
from paramdesk.engine.places import Place, topmost
from paramdesk.formats.templates import blocks, open_block
from paramdesk.ui.document import clipboard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paramdesk.engine.architecture import Architecture, Node
    from paramdesk.engine.edits import Edit
    from paramdesk.engine.summary import Summary
    from paramdesk.ui.stack.stack_rows import StackRow

KIND_TYPE = "application/x-paramdesk-kind"
"""A layer kind from the palette, by its name."""

BLOCK_TYPE = "application/x-paramdesk-block"
"""A block from the palette, by the name of its template."""

ROWS_TYPE = "application/x-paramdesk-rows"
"""Rows of a stack: which document they are in, and their ids."""


class Kind(msgspec.Struct, frozen=True):
    """A kind from the palette."""

    name: str


class BlockTemplate(msgspec.Struct, frozen=True):
    """A block from the palette."""

    name: str


class Rows(msgspec.Struct, frozen=True):
    """Rows of the very stack they are dragged over."""

    ids: tuple[int, ...]


class Foreign(msgspec.Struct, frozen=True):
    """Layers from another window, or from a text."""

    nodes: tuple[Node, ...]


Cargo: TypeAlias = Kind | BlockTemplate | Rows | Foreign


def palette_mime(name: str, *, is_block: bool = False) -> QMimeData:
    """A kind or a block of the palette, to be dragged."""
    mime = QMimeData()
    mime.setData(BLOCK_TYPE if is_block else KIND_TYPE, name.encode())
    return mime


def rows_mime(document: str, ids: Sequence[int], text: str) -> QMimeData:
    """Rows, to be dragged: to their own stack by their ids, anywhere else as text."""
    mime = QMimeData()
    mime.setData(ROWS_TYPE, json.dumps({"document": document, "ids": list(ids)}).encode())
    mime.setData(clipboard.MIME_TYPE, text.encode())
    mime.setText(text)
    return mime


def cargo_of(mime: QMimeData, document: str, architecture: Architecture) -> Cargo | None:
    """What is dragged; None if it is nothing for a stack (a file is for the window)."""
    if mime.hasFormat(KIND_TYPE):
        name = _decoded(mime, KIND_TYPE)
        return Kind(name) if name in kinds() else None
    if mime.hasFormat(BLOCK_TYPE):
        name = _decoded(mime, BLOCK_TYPE)
        return BlockTemplate(name) if any(block.name == name for block in blocks()) else None
    if mime.hasFormat(ROWS_TYPE):
        ids = _own_ids(_decoded(mime, ROWS_TYPE), document)
        known = {node.id for node in architecture.nodes()}
        if ids and known.issuperset(ids):
            return Rows(ids)
    if mime.hasUrls() or not (mime.hasFormat(clipboard.MIME_TYPE) or mime.hasText()):
        return None
    text = _decoded(mime, clipboard.MIME_TYPE) if mime.hasFormat(clipboard.MIME_TYPE) else mime.text()
    try:
        return Foreign(clipboard.from_text(text, architecture))
    except UnreadableFile:
        return None


def _decoded(mime: QMimeData, form: str) -> str:
    return bytes(mime.data(form).data()).decode("utf-8", "replace")


def _own_ids(text: str, document: str) -> tuple[int, ...]:
    try:
        said = json.loads(text)
    except ValueError:
        return ()
    if not isinstance(said, dict) or said.get("document") != document:
        return ()
    ids = said.get("ids")
    return tuple(ids) if isinstance(ids, list) and all(type(node_id) is int for node_id in ids) else ()


# Where it lands -------------------------------------------------------------------------------------------------------


class Landing(msgspec.Struct, frozen=True):
    """A place between two rows.

    Attributes:
        gap: how many rows stand above it.
        depth: in how many blocks it lies.
        place: the same for an edit.
    """

    gap: int
    depth: int
    place: Place


def depths_at(rows: Sequence[StackRow], gap: int) -> tuple[int, int]:
    """The least and the greatest depth at which a row can come in below `gap` rows.

    Below the last row of a block it may belong to the block or stand after it; below the row of an opened block it is
    the first one inside.
    """
    if gap == 0:
        return 0, 0
    above = rows[gap - 1]
    deepest = above.depth + 1 if above.is_open else above.depth
    return (rows[gap].depth if gap < len(rows) else 0), deepest


def landing_at(rows: Sequence[StackRow], gap: int, depth: int) -> Landing:
    """The place below `gap` rows, as near to the wanted depth as it can be."""
    least, deepest = depths_at(rows, gap)
    depth = min(max(depth, least), deepest)
    if gap == 0:
        return Landing(0, 0, Place())
    row = rows[gap - 1]
    if row.is_open and depth == row.depth + 1:
        return Landing(gap, depth, Place(None, row.id))
    places = {other.id: other for other in rows[:gap]} if row.depth > depth else {}
    while row.depth > depth and row.parent is not None:
        row = places[row.parent]
    return Landing(gap, depth, Place(row.id, row.parent))


# Whether it may -------------------------------------------------------------------------------------------------------


class Attempt(msgspec.Struct, frozen=True):
    """What came of trying: an edit, or the reason why there is none."""

    edit: Edit | None = None
    reason: str = ""


def attempt(
    summary: Summary, architecture: Architecture, cargo: Cargo, place: Place, *, copies: bool = False
) -> Attempt:
    """The edit that dropping something at a place would be.

    Args:
        summary: of the architecture: a block fits itself to what it will read.
        architecture: what it would be dropped into.
        cargo: what is dragged.
        place: where.
        copies: rows stay where they are, and copies of them are inserted.
    """
    try:
        return Attempt(_edit(summary, architecture, cargo, place, copies=copies))
    except (EditRefused, InvalidOptions) as refused:
        return Attempt(reason=str(refused))


def _edit(summary: Summary, architecture: Architecture, cargo: Cargo, place: Place, *, copies: bool) -> Edit:
    if isinstance(cargo, Kind):
        return edits.insert_kind(architecture, kinds()[cargo.name].preset(), place)
    if isinstance(cargo, BlockTemplate):
        from paramdesk.engine.block_fitting import fitted, spec_at  # slow to load, and no start waits for it

        block = fitted(open_block(cargo.name), spec_at(architecture, summary, place))
        return edits.insert(architecture, (block,), place)
    if isinstance(cargo, Foreign):
        return edits.insert(architecture, cargo.nodes, place)
    if copies:
        return edits.insert(architecture, topmost(architecture, cargo.ids), place, "Copy")
    return edits.move(architecture, cargo.ids, place)
