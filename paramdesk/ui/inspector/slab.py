"""Slabs: a tensor as an oblique box, its front a grid of positions, its depth the channels. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from paramdesk.ui.inspector.scene import Item, Label, Lines, Point, Polygon, grid, rectangle

if TYPE_CHECKING:
    from paramdesk.engine.shape import PublicShape

CELL = 7.0
MOST_CELLS = 13
UNKNOWN_CELLS = 6
BASE = 126.0
"""Where slabs stand."""
_TOP = 6.0
_DEEPEST: Point = (56.0, 40.0)
_SHALLOWEST: Point = (3.5, 2.5)
_LETTER = 6.4


class Extent(msgspec.Struct, frozen=True):
    """A tensor's sizes as a picture needs them; None where one is not known.

    Attributes:
        rows: down the front; 1 for a sequence.
        columns: across the front.
        depth: behind it: channels, or planes where there are three spatial axes.
        channels: told in words where the depth is something else.
        axes: how many of the sizes are spatial axes.
    """

    rows: int | None
    columns: int | None
    depth: int | None
    channels: int | None = None
    axes: int = 2

    @property
    def text(self) -> str:
        """The sizes in words."""
        sizes = ([self.depth, self.rows, self.columns, self.channels] if self.axes == 3 else [
            *([self.rows] if self.axes == 2 else []), self.columns, self.depth
        ])  # fmt: skip
        return " × ".join(size_text(size) for size in sizes)


def size_text(size: int | None) -> str:
    """A size as a label: `?` where it is not known."""
    return "?" if size is None else f"{size:,}"


def extent_of(shape: PublicShape, *, channels_first: bool) -> Extent | None:
    """The sizes of a tensor, batch first; None for what is no box: a vector, a scalar, more than three axes."""
    sizes = shape[1:]
    if len(sizes) < 2 or len(sizes) > 4:
        return None
    channels, space = (sizes[0], sizes[1:]) if channels_first else (sizes[-1], sizes[:-1])
    match space:
        case (length,):
            return Extent(1, length, channels, axes=1)
        case (rows, columns):
            return Extent(rows, columns, channels)
        case (planes, rows, columns):
            return Extent(rows, columns, planes, channels, axes=3)
        case _:
            return None


def depth_of(channels: int | None) -> Point:
    """How far a slab goes back: 28, 20 for 32 channels, 56, 40 for 64 and more."""
    share = min(1.0, (16 if channels is None else channels) / 64)
    return (max(_SHALLOWEST[0], _DEEPEST[0] * share), max(_SHALLOWEST[1], _DEEPEST[1] * share))


class Slab(msgspec.Struct, frozen=True):
    """A box in its place.

    Attributes:
        x: left edge of the front.
        y: its upper edge.
        columns: cells across that are drawn.
        rows: cells down that are drawn.
        cell: width and height of a cell.
        back: where the back is, to the right and up.
        extent: the true sizes.
    """

    x: float
    y: float
    columns: int
    rows: int
    cell: Point
    back: Point
    extent: Extent

    @property
    def width(self) -> float:
        """Of the front."""
        return self.columns * self.cell[0]

    @property
    def height(self) -> float:
        """Of the front."""
        return self.rows * self.cell[1]

    @property
    def right(self) -> float:
        """The right edge of everything."""
        return self.x + self.width + self.back[0]

    @property
    def is_cut(self) -> bool:
        """Whether it has more positions than cells that are drawn."""
        return self.columns != (self.extent.columns or self.columns) or self.rows != (self.extent.rows or self.rows)

    def box(self) -> tuple[Item, ...]:
        """Front with its grid, top and side."""
        (x, y), (dx, dy) = (self.x, self.y), self.back
        width, height = self.width, self.height
        top = ((x, y), (x + dx, y - dy), (x + width + dx, y - dy), (x + width, y))
        side = (
            (x + width, y),
            (x + width + dx, y - dy),
            (x + width + dx, y + height - dy),
            (x + width, y + height),
        )
        return (
            Polygon(top, "band", line="ghost_line"),
            Polygon(side, "track", line="ghost_line"),
            Polygon(rectangle(x, y, width, height), "surface"),
            Lines(grid(x, y, self.columns, self.rows, self.cell), "hairline"),
            Polygon(rectangle(x, y, width, height), line="ghost_line"),
        )

    def labels(self, caption: str) -> tuple[Label, ...]:
        """The sizes along the edges, and what the slab is."""
        extent, (dx, dy) = self.extent, self.back
        middle, base = self.x + self.width / 2, self.y + self.height
        found = [Label((middle, base + 11), size_text(extent.columns))]
        if extent.axes > 1:
            found.append(Label((self.x - 3, self.y + self.height / 2), size_text(extent.rows), "right"))
        corner = (self.x + self.width + dx / 2 + 4, base - dy / 2 + 6)
        found.append(Label(corner, size_text(extent.depth), "left"))
        if extent.axes == 3:
            plural = "" if extent.channels == 1 else "s"
            caption += f", {size_text(extent.channels)} channel{plural}"
        found.append(Label((middle, base + 25), caption, colour="text2"))
        return tuple(found)

    def window(self, at: Point, size: Point) -> tuple[Point, ...]:
        """A part of the front, in cells, as a rectangle."""
        cell = self.cell
        return rectangle(self.x + at[0] * cell[0], self.y + at[1] * cell[1], size[0] * cell[0], size[1] * cell[1])

    def strip(self, column: float, columns: float, share: float = 1.0) -> tuple[Point, ...]:
        """The part of the top behind some columns, or the front share of it."""
        left, y = self.x + column * self.cell[0], self.y
        width, (dx, dy) = columns * self.cell[0], (self.back[0] * share, self.back[1] * share)
        return ((left, y), (left + dx, y - dy), (left + width + dx, y - dy), (left + width, y))


def label_width(size: int | None) -> float:
    """About how wide a label is."""
    return _LETTER * len(size_text(size))


def _gutter(extent: Extent) -> float:
    return 6.5 + (label_width(extent.rows) if extent.axes > 1 else 0)


def placed_pair(first: Extent, second: Extent, width: float, overhang: float = 0.0) -> tuple[Slab, Slab]:
    """Two slabs side by side, what is too large for the room cut to what fits, both by the same measure.

    Args:
        first: on the left.
        second: on the right.
        width: of the room.
        overhang: room to keep free left of and above the first, for a window that begins in the padding.
    """
    backs = [_back(extent) for extent in (first, second)]
    gutters = [_gutter(first) + overhang, _gutter(second) + 6]
    free = width - sum(gutters) - sum(back[0] for back in backs) - 3
    cells = [(CELL, CELL if extent.axes > 1 else 2 * CELL) for extent in (first, second)]
    most_rows = [max(1, min(MOST_CELLS, int((BASE - _TOP - back[1] - overhang) // CELL))) for back in backs]
    rows = _shown((first.rows, second.rows), (most_rows[0], most_rows[1]))
    most_columns = _columns_that_fit((first.columns, second.columns), free)
    columns = _shown((first.columns, second.columns), most_columns)
    used = sum(gutters) + sum(back[0] for back in backs) + (columns[0] + columns[1]) * CELL
    spare = max(0.0, width - used - 3)
    between = min(spare, 48.0)
    left = gutters[0] + (spare - between) / 2
    slabs: list[Slab] = []
    for place, extent in enumerate((first, second)):
        height = rows[place] * cells[place][1]
        slabs.append(Slab(left, BASE - height, columns[place], rows[place], cells[place], backs[place], extent))
        left = slabs[0].right + gutters[1] + between
    return slabs[0], slabs[1]


def _back(extent: Extent) -> Point:
    if extent.axes == 3:
        return depth_of(None if extent.depth is None else extent.depth * 3)
    return depth_of(extent.depth)


def _columns_that_fit(sizes: tuple[int | None, int | None], free: float) -> tuple[int, int]:
    """How many columns each may have at most: half of the room, or what the other leaves."""
    room = max(2, int(free // CELL))
    wanted = [min(MOST_CELLS, UNKNOWN_CELLS if size is None else size) for size in sizes]
    if sum(wanted) <= room:
        return MOST_CELLS if wanted[0] == MOST_CELLS else wanted[0], wanted[1]
    half = room // 2
    if wanted[0] <= half:
        return wanted[0], room - wanted[0]
    if wanted[1] <= half:
        return room - wanted[1], wanted[1]
    return half, half


def _shown(sizes: tuple[int | None, int | None], most: tuple[int, int]) -> tuple[int, int]:
    """How many cells are drawn for two sizes: all where both fit, else both by the same measure."""
    scale = min([1.0, *(limit / size for size, limit in zip(sizes, most, strict=True) if size)])
    first, second = (
        max(1, min(limit, round(UNKNOWN_CELLS if size is None else size * scale)))
        for size, limit in zip(sizes, most, strict=True)
    )
    return first, second


def lone_slab(extent: Extent, width: float) -> Slab:
    """A slab by itself, in the middle."""
    back = _back(extent)
    cell = (CELL, CELL if extent.axes > 1 else 2 * CELL)
    most = max(1, min(MOST_CELLS + 3, int((BASE - _TOP - back[1]) // CELL)))
    scale = min(1.0, *(limit / size for size, limit in ((extent.rows, most), (extent.columns, 24)) if size), 1.0)
    rows = max(1, min(most, UNKNOWN_CELLS if extent.rows is None else round(extent.rows * scale)))
    columns = max(1, min(24, UNKNOWN_CELLS if extent.columns is None else round(extent.columns * scale)))
    left = (width - columns * cell[0] - back[0] + _gutter(extent)) / 2
    return Slab(left, BASE - rows * cell[1], columns, rows, cell, back, extent)
