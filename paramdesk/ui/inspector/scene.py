"""A picture as data: polygons, lines, dots and labels in the pixels of the 13 px base. No Qt.

Colours are names of the theme's tokens; "kind" is the colour of the layer's category.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Point: TypeAlias = tuple[float, float]

WIDTH = 308.0


class Polygon(msgspec.Struct, frozen=True):
    """A filled or outlined shape; `opacity` is that of the fill."""

    points: tuple[Point, ...]
    fill: str = ""
    opacity: float = 1.0
    line: str = ""
    width: float = 1.0
    dashed: bool = False


class Lines(msgspec.Struct, frozen=True):
    """Straight lines of one colour."""

    segments: tuple[tuple[Point, Point], ...]
    colour: str
    width: float = 1.0
    opacity: float = 1.0


class Dot(msgspec.Struct, frozen=True):
    """A circle."""

    centre: Point
    radius: float
    fill: str
    line: str = ""


class Label(msgspec.Struct, frozen=True):
    """A short text; `at` is its middle left, middle or middle right."""

    at: Point
    text: str
    align: Literal["left", "centre", "right"] = "centre"
    colour: str = "muted"


Item: TypeAlias = Polygon | Lines | Dot | Label


class Scene(msgspec.Struct, frozen=True):
    """A picture.

    Attributes:
        items: what is drawn, in order.
        height: of the drawing, without the caption.
        figure: what is drawn left of the caption, with its own origin at the top left.
        figure_size: its width and height; (0, 0) if there is none.
        caption: what is said below: a sentence, and a quieter one.
        description: all of it in words.
    """

    items: tuple[Item, ...]
    height: float
    figure: tuple[Item, ...] = ()
    figure_size: Point = (0.0, 0.0)
    caption: tuple[str, str] = ("", "")
    description: str = ""


def rectangle(x: float, y: float, width: float, height: float) -> tuple[Point, ...]:
    """The corners of a rectangle."""
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def grid(x: float, y: float, columns: int, rows: int, cell: Point) -> tuple[tuple[Point, Point], ...]:
    """The inner lines of a grid."""
    width, height = columns * cell[0], rows * cell[1]
    down = tuple(((x + n * cell[0], y), (x + n * cell[0], y + height)) for n in range(1, columns))
    across = tuple(((x, y + n * cell[1]), (x + width, y + n * cell[1])) for n in range(1, rows))
    return down + across
