"""The picture of a layer: what goes in, what is done to it, what comes out; as data, from its report. No Qt.

Which picture a layer gets follows from its category and from the options it has, never from the name of its kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paramdesk.engine.shape import Unknown, padded_before, public
from paramdesk.ui.inspector.captions import caption_of
from paramdesk.ui.inspector.scene import (
    WIDTH,
    Dot,
    Item,
    Label,
    Lines,
    Point,
    Polygon,
    Scene,
    grid,
    rectangle,
)
from paramdesk.ui.inspector.slab import BASE, CELL, Extent, Slab, extent_of, lone_slab, placed_pair, size_text

if TYPE_CHECKING:
    from paramdesk.engine.layer_kind import LayerKind
    from paramdesk.engine.shape import TensorSpec
    from paramdesk.engine.summary import LayerReport

HEIGHT = 160.0
_WINDOW, _STRIP, _CONE = 0.30, 0.22, 0.10


def picture(report: LayerReport) -> Scene:
    """The picture of a layer, computed or not."""
    kind = report.layer.kind
    inputs = [extent_for(spec, kind) for spec in report.input_specs]
    output = extent_for(report.output_specs[0], kind) if report.output_specs else None
    items = _items(report, inputs, output)
    figure, size = _filter(report, inputs[0] if inputs else None)
    caption = caption_of(report)
    return Scene(items, HEIGHT if items else 0.0, figure, size, caption, _described(report, inputs, output, caption))


def extent_for(spec: TensorSpec, kind: LayerKind) -> Extent | None:
    """The sizes of a tensor as a layer sees it; None for a vector."""
    layout = getattr(kind, "data_format", None) or spec.layout
    return extent_of(public(spec.shape), channels_first=layout == "channels_first")


def window_of(kind: LayerKind) -> tuple[int, ...]:
    """The window that a kind slides; empty if it has none."""
    window = getattr(kind, "kernel_size", None) or getattr(kind, "pool_size", None)
    return window if isinstance(window, tuple) else ()


def _items(report: LayerReport, inputs: list[Extent | None], output: Extent | None) -> tuple[Item, ...]:
    kind = report.layer.kind
    if not report.input_specs:
        return _lone(report, output) if report.output_specs else ()
    if kind.takes_list or len(inputs) > 1:
        return _merged(report, inputs, output)
    if kind.category == "emb":
        return _table(report)
    if kind.category == "dense" and report.output_specs:
        return _joined_dots(report)
    first = inputs[0]
    if first is None or (report.output_specs and output is None):
        return _with_columns(report, first, output)
    if output is None:
        return _refused(kind, first)
    if window_of(kind):
        return _slid(kind, first, output)
    return _slab_to_slab(kind, first, output)


# A window over a slab -------------------------------------------------------------------------------------------------


class Steps:
    """A window's size, step, dilation and overhang across (0) and down (1), in cells."""

    def __init__(self, kind: LayerKind, extent: Extent) -> None:
        """Read the options, whatever of them the kind has."""
        self.size = _across_and_down(window_of(kind), extent)
        strides = getattr(kind, "steps", None) or getattr(kind, "strides", None) or (1,)
        self.step = _across_and_down(strides, extent)
        self.dilation = _across_and_down(getattr(kind, "dilation_rate", (1,)), extent)
        spans = [d * (k - 1) + 1 for k, d in zip(self.size, self.dilation, strict=True)]
        self.span = (spans[0], spans[1])
        self.before = (0, 0)
        padding = getattr(kind, "padding", "valid")
        if padding in {"same", "causal"}:
            sizes = (extent.columns, extent.rows if extent.axes > 1 else 1)
            before = [_before(n, span, step) for n, span, step in zip(sizes, self.span, self.step, strict=True)]
            self.before = (self.span[0] - 1 if padding == "causal" else before[0], before[1])


def _before(size: int | None, span: int, step: int) -> int:
    zeros = padded_before(size if size is not None else span, span, max(1, step))
    return 0 if isinstance(zeros, Unknown) else int(zeros)


def _across_and_down(sizes: tuple[int, ...], extent: Extent) -> tuple[int, int]:
    if extent.axes == 1:
        return (int(sizes[-1]), 1)
    return (int(sizes[-1]), int(sizes[-2] if len(sizes) > 1 else sizes[-1]))


def _slid(kind: LayerKind, first: Extent, output: Extent) -> tuple[Item, ...]:
    """A window over the input makes one value of the output; of a transposed one, the other way round."""
    if hasattr(kind, "output_padding"):
        return _spread(kind, first, output)
    steps = Steps(kind, first)
    overhang = min(3, max(steps.before)) * CELL
    left, right = placed_pair(first, output, WIDTH, overhang)
    at = (-float(min(3, steps.before[0])), -float(min(3, steps.before[1])))
    share = _plane_share(kind, first)
    windowed = _window_items(left, steps, at, share)
    mark = _marked_cell(right, (0, 0))
    following = _following(left, right, steps, at)
    cone = _cone(left, _clipped(left, at, steps.span), right, (0, 0))
    return (
        *left.box(), *right.box(), *following, *windowed, *cone, *mark,
        *left.labels("input"), *right.labels("output"),
    )  # fmt: skip


def _plane_share(kind: LayerKind, extent: Extent) -> float:
    """How much of a slab's depth the window goes through: all channels, or some of the planes."""
    window = window_of(kind)
    if extent.axes == 3 and len(window) == 3 and extent.depth:
        return min(1.0, window[0] / extent.depth)
    return 1.0


def _clipped(slab: Slab, at: Point, span: tuple[int, int]) -> tuple[Point, Point]:
    """Place and size of a window, as far as cells are drawn and one row more in the padding."""
    width = min(span[0], slab.columns - at[0]) if slab.is_cut or span[0] <= slab.columns else span[0]
    height = min(span[1], slab.rows - at[1]) if slab.is_cut or span[1] <= slab.rows else span[1]
    return at, (float(width), float(height))


def _window_items(slab: Slab, steps: Steps, at: Point, share: float) -> tuple[Item, ...]:
    at, size = _clipped(slab, at, steps.span)
    first = max(0.0, at[0])
    inside = min(at[0] + size[0], float(slab.columns)) - first
    items: list[Item] = [Polygon(slab.strip(first, inside, share), "kind", _STRIP, "kind")]
    if steps.dilation == (1, 1):
        window = slab.window(at, size)
        items.append(Polygon(window, "kind", _WINDOW))
        x, y = window[0]
        items.append(Lines(grid(x, y, round(size[0]), round(size[1]), slab.cell), "kind", opacity=0.7))
    else:
        places = [
            (at[0] + column * steps.dilation[0], at[1] + row * steps.dilation[1])
            for row in range(steps.size[1])
            for column in range(steps.size[0])
        ]
        shown = [p for p in places if p[0] < at[0] + size[0] and p[1] < at[1] + size[1]]
        items.extend(Polygon(slab.window(place, (1, 1)), "kind", 2 * _WINDOW, "kind", 0.7) for place in shown)
    items.append(Polygon(slab.window(at, size), line="kind", width=1.5))
    return tuple(items)


def _marked_cell(slab: Slab, at: Point) -> tuple[Item, ...]:
    return (
        Polygon(slab.strip(at[0], 1), "kind", _STRIP, "kind"),
        Polygon(slab.window(at, (1, 1)), "kind", line="kind"),
    )


def _following(left: Slab, right: Slab, steps: Steps, at: Point) -> tuple[Item, ...]:
    """Where the window goes next, if it does not go on by one cell."""
    place = (at[0] + steps.step[0], at[1])
    if steps.step[0] <= 1 or place[0] + steps.span[0] > left.columns or right.columns < 2:
        return ()
    _at, size = _clipped(left, place, steps.span)
    return (
        Polygon(left.window(place, size), "kind", 0.06, "kind", 1.0, dashed=True),
        Polygon(right.window((1, 0), (1, 1)), "kind", _WINDOW, "kind"),
    )


def _cone(left: Slab, window: tuple[Point, Point], right: Slab, cell: Point) -> tuple[Item, ...]:
    at, size = window
    corners = left.window(at, size)
    target = right.window(cell, (1, 1))
    shape = (corners[1], target[0], target[3], corners[2])
    return (
        Polygon(shape, "kind", _CONE),
        Lines(((corners[1], target[0]), (corners[2], target[3])), "kind", opacity=0.8),
    )


def _spread(kind: LayerKind, first: Extent, output: Extent) -> tuple[Item, ...]:
    """A transposed convolution: one value of the input is spread over a window of the output."""
    left, right = placed_pair(first, output, WIDTH)
    steps = Steps(kind, output)
    span = (min(steps.span[0], right.columns), min(steps.span[1], right.rows))
    source = left.window((0, 0), (1, 1))
    target = right.window((0, 0), (float(span[0]), float(span[1])))
    x, y = target[0]
    items: list[Item] = [*left.box(), *right.box(), *_marked_cell(left, (0, 0))]
    items.append(Polygon(right.strip(0, span[0]), "kind", _STRIP, "kind"))
    items.append(Polygon((source[1], target[0], target[3], source[2]), "kind", _CONE))
    items.append(Lines(((source[1], target[0]), (source[2], target[3])), "kind", opacity=0.8))
    items.append(Polygon(target, "kind", _WINDOW, "kind", 1.5))
    items.append(Lines(grid(x, y, span[0], span[1], right.cell), "kind", opacity=0.7))
    step = (min(steps.step[0], right.columns - span[0]), 0)
    if step[0] > 0 and left.columns > 1:
        following = right.window((float(step[0]), 0.0), (float(span[0]), float(span[1])))
        items.append(Polygon(following, "kind", 0.06, "kind", dashed=True))
        items.append(Polygon(left.window((1, 0), (1, 1)), "kind", _WINDOW, "kind"))
    return (*items, *left.labels("input"), *right.labels("output"))


def _refused(kind: LayerKind, first: Extent) -> tuple[Item, ...]:
    """A layer that cannot be computed: the input, and a window that may not fit on it."""
    slab = lone_slab(first, WIDTH)
    items: list[Item] = [*slab.box()]
    if window_of(kind):
        span = Steps(kind, first).span
        size = (float(min(span[0], slab.columns + 6)), float(min(span[1], slab.rows + 6)))
        corners = slab.window((0, 0), size)
        shift = max(0.0, corners[2][1] - BASE)
        moved = tuple((x, y - shift) for x, y in corners)
        items.append(Polygon(moved, "error", 0.12, "error", 1.5))
        items.append(Lines(grid(*moved[0], round(size[0]), round(size[1]), slab.cell), "error", opacity=0.5))
    return (*items, *slab.labels("input"))


# Slabs without a window -----------------------------------------------------------------------------------------------


def _slab_to_slab(kind: LayerKind, first: Extent, output: Extent) -> tuple[Item, ...]:
    """Value by value, or channel by channel: what is marked on the left makes what is marked on the right."""
    left, right = placed_pair(first, output, WIDTH)
    whole = kind.category in {"norm", "pool"}
    size = (float(left.columns), float(left.rows)) if whole else (1.0, 1.0)
    target = (float(right.columns), float(right.rows)) if whole else (1.0, 1.0)
    source, made = left.window((0, 0), size), right.window((0, 0), target)
    marks: tuple[Item, ...] = (
        Polygon((source[1], made[0], made[3], source[2]), "kind", _CONE),
        Polygon(source, "kind", _STRIP if whole else _WINDOW, "kind"),
        Polygon(made, "kind", _STRIP if whole else 1.0, "kind"),
    )
    if kind.category == "reshape":
        marks = (Polygon((source[1], made[0], made[3], source[2]), "kind", _CONE),)
    return (*left.box(), *right.box(), *marks, *left.labels("input"), *right.labels("output"))


def _lone(report: LayerReport, output: Extent | None) -> tuple[Item, ...]:
    if output is None:
        if not report.output_specs:
            return ()
        items, _box = column_of(_length(report.output_specs[0]), WIDTH / 2, "input")
        return items
    slab = lone_slab(output, WIDTH)
    return (*slab.box(), *slab.labels("input"))


def _merged(report: LayerReport, inputs: list[Extent | None], output: Extent | None) -> tuple[Item, ...]:
    """Several tensors into one: small slabs above each other, each joined to the result."""
    count = min(3, len(inputs))
    items: list[Item] = []
    room = (BASE - 6) / count
    ends: list[Point] = []
    for place in range(count):
        base = room * (place + 1) + 6
        ends.append(_small(items, inputs[place], base - 14, min(room - 22, 36.0), report.input_specs[place]))
    if len(inputs) > count:
        items.append(Label((70, BASE + 11), f"and {len(inputs) - count} more"))
    if output is not None:
        right = lone_slab(output, WIDTH)
        right = Slab(200.0, right.y, min(right.columns, 7), right.rows, right.cell, right.back, output)
        front: Point = (right.x - 24, right.y + right.height / 4)
        items.append(Lines(((front, (right.x, front[1])),), "kind", 1.5, 0.8))
        made: tuple[Item, ...] = (*right.box(), *right.labels("output"))
    elif report.output_specs:
        made, box = column_of(_length(report.output_specs[0]), 230.0, "output")
        front = (box[0], box[1])
    else:
        return tuple(items)
    for x, y in ends:
        items.append(Lines((((x, y), front),), "kind", 1.5, 0.8))
    return (*items, *made, Dot(front, 3.5, "kind"))


def _small(items: list[Item], extent: Extent | None, base: float, height: float, spec: TensorSpec) -> Point:
    """One of several inputs, drawn small; where the line to the result starts."""
    sizes = " × ".join(size_text(size) for size in public(spec.shape)[1:]) or "one value"
    if extent is None:
        cell = 5.0
        rows = max(1, min(int(height // cell), _length(spec) or 6))
        items.append(Polygon(rectangle(40, base - rows * cell, cell, rows * cell), "surface", line="ghost_line"))
        items.append(Lines(grid(40, base - rows * cell, 1, rows, (cell, cell)), "hairline"))
        items.append(Label((42.5, base + 8), sizes))
        return (48.0, base - rows * cell / 2)
    cell = 4.0
    rows = max(1, min(int(height * 0.7 // cell), extent.rows or 6))
    columns = max(1, min(8, extent.columns or 6))
    slab = Slab(16, base - rows * cell, columns, rows, (cell, cell), (12.0, 8.0), extent)
    items.extend(slab.box())
    items.append(Label((slab.x, base + 8), sizes, "left"))
    return (slab.right, base - rows * cell / 2 - 4)


# Vectors --------------------------------------------------------------------------------------------------------------


def _length(spec: TensorSpec) -> int | None:
    return public(spec.shape)[-1] if len(spec.shape) > 1 else 1


def column_of(length: int | None, x: float, caption: str) -> tuple[tuple[Item, ...], tuple[float, float, float]]:
    """A vector as a column of cells round x; with the middle of its left edge, and its right edge."""
    cell, most = 9.0, 13
    shown = most if length is None else min(length, most)
    height = shown * cell
    left, top = x - cell / 2, (BASE + 8 - height) / 2 if shown < most else BASE - height
    items: list[Item] = [
        Polygon(rectangle(left, top, cell, height), "surface"),
        Lines(grid(left, top, 1, shown, (cell, cell)), "hairline"),
        Polygon(rectangle(left, top, cell, height), line="ghost_line"),
    ]
    if length is None or length > most:
        gap = rectangle(left - 1, top + height * 0.7, cell + 2, cell)
        items.append(Polygon(gap, "panel"))
        middle = top + height * 0.7 + cell / 2
        items.extend(Dot((x, middle + offset), 0.9, "muted") for offset in (-3, 0, 3))
    items.append(Label((x, BASE + 11), size_text(length)))
    items.append(Label((x, BASE + 25), caption, colour="text2"))
    return tuple(items), (left, top + height / 2, left + cell)


def _with_columns(report: LayerReport, first: Extent | None, output: Extent | None) -> tuple[Item, ...]:
    """Where one side or both are vectors: flattening, global pooling, a vector that stays one."""
    kind = report.layer.kind
    made: tuple[Item, ...] = ()
    target: tuple[Point, Point] | None = None
    if report.output_specs and output is None:
        made, box = column_of(_length(report.output_specs[0]), 236.0, "output")
        top = min(y for item in made if isinstance(item, Polygon) for _x, y in item.points)
        target = ((box[0], top), (box[0], top + (9.0 if kind.category == "pool" else 2 * (box[1] - top))))
    elif output is not None:
        slab = lone_slab(output, WIDTH)
        slab = Slab(190.0, slab.y, min(slab.columns, 9), slab.rows, slab.cell, slab.back, output)
        made, target = (*slab.box(), *slab.labels("output")), ((slab.x, slab.y), (slab.x, BASE))
    if first is None:
        given, box = column_of(_length(report.input_specs[0]), 72.0, "input")
        edge = (box[2], min(y for item in given if isinstance(item, Polygon) for _x, y in item.points))
        source = (edge, (box[2], 2 * box[1] - edge[1]))
    else:
        slab = lone_slab(first, WIDTH)
        slab = Slab(30.0, slab.y, min(slab.columns, 13), slab.rows, slab.cell, slab.back, first)
        given = (*slab.box(), *slab.labels("input"))
        if kind.category == "pool":
            given += (Polygon(slab.window((0, 0), (slab.columns, slab.rows)), "kind", _STRIP, "kind"),)
        source = ((slab.x + slab.width, slab.y), (slab.x + slab.width, BASE))
    if target is None:
        return given
    cone = Polygon((source[0], target[0], target[1], source[1]), "kind", _CONE)
    lines = Lines(((source[0], target[0]), (source[1], target[1])), "kind", opacity=0.6)
    return (*given, *made, cone, lines)


def _joined_dots(report: LayerReport) -> tuple[Item, ...]:
    """A dense layer: every input dot joined with every unit."""
    sizes = (_length(report.input_specs[0]), _length(report.output_specs[0]))
    columns = [_dots(size, x) for size, x in zip(sizes, (92.0, 216.0), strict=True)]
    lines = tuple((a, b) for a in columns[0] for b in columns[1])
    items: list[Item] = [Lines(lines, "kind", 0.8, 0.28)]
    items.append(Lines(tuple((a, columns[1][0]) for a in columns[0]), "kind", 1.1, 0.9))
    for size, dots, x, caption in zip(sizes, columns, (92.0, 216.0), ("inputs", "units"), strict=True):
        is_units = caption == "units"
        for place, centre in enumerate(dots):
            filled = is_units and place == 0
            items.append(Dot(centre, 4.0, "kind" if filled else "surface", "kind" if is_units else "ghost_line"))
        if size is None or size > len(dots):
            y = (dots[-2][1] + dots[-1][1]) / 2
            items.extend(Dot((x, y + offset), 0.9, "muted") for offset in (-3.5, 0, 3.5))
        items.append(Label((x, BASE + 11), size_text(size)))
        items.append(Label((x, BASE + 25), caption, colour="text2"))
    return tuple(items)


def _dots(size: int | None, x: float) -> tuple[Point, ...]:
    """The centres of a column of dots; of many, the last stands below a gap."""
    most, step = 8, 14.0
    if size is not None and size <= most:
        top = (BASE + 2) / 2 - (size - 1) * step / 2
        return tuple((x, top + n * step) for n in range(size))
    top = 8.0
    return (*((x, top + n * step) for n in range(most - 2)), (x, top + most * step - 2))


def _table(report: LayerReport) -> tuple[Item, ...]:
    """An embedding: a row of a table for each index."""
    table = next((weight.shape for weight in report.weights if len(weight.shape) == 2), None)
    rows, columns = public(table) if table is not None else (None, None)
    across, down = min(columns or 6, 10), min(rows or 6, 13)
    left, top = 40.0, BASE - down * CELL - 2
    picked = min(4, down - 1)
    cell = (CELL + 1, CELL)
    width = across * cell[0]
    length = public(report.input_specs[0].shape)[-1] if len(report.input_specs[0].shape) > 1 else 1
    made = min(length or 6, down)
    x, y = 200.0, BASE - made * CELL - 2
    row = rectangle(left, top + picked * CELL, width, CELL)
    first = rectangle(x, y, width, CELL)
    return (
        Polygon(rectangle(left, top, width, down * CELL), "surface"),
        Lines(grid(left, top, across, down, cell), "hairline"),
        Polygon(rectangle(left, top, width, down * CELL), line="ghost_line"),
        Polygon(rectangle(x, y, width, made * CELL), "surface"),
        Lines(grid(x, y, across, made, cell), "hairline"),
        Polygon(rectangle(x, y, width, made * CELL), line="ghost_line"),
        Polygon((row[1], first[0], first[3], row[2]), "kind", _CONE),
        Polygon(row, "kind", _WINDOW, "kind", 1.5),
        Polygon(first, "kind", _WINDOW, "kind", 1.5),
        Label((left + width / 2, BASE + 9), size_text(columns)),
        Label((left - 3, top + down * CELL / 2), size_text(rows), "right"),
        Label((left + width / 2, BASE + 23), "table", colour="text2"),
        Label((x + width / 2, BASE + 9), size_text(columns)),
        Label((x - 3, y + made * CELL / 2), size_text(length), "right"),
        Label((x + width / 2, BASE + 23), "output", colour="text2"),
    )


# Below ----------------------------------------------------------------------------------------------------------------


def _filter(report: LayerReport, extent: Extent | None) -> tuple[tuple[Item, ...], Point]:
    """One filter by itself, for kinds whose window has weights."""
    window = window_of(report.layer.kind)
    if not window or not report.weights or extent is None:
        return (), (0.0, 0.0)
    columns, rows = _across_and_down(window, extent)
    cell = min(22.0 / 3, 26.0 / max(columns, rows))
    share = 1.0 if not hasattr(report.layer.kind, "depth_multiplier") else 0.0
    depth = Slab(0, 0, 1, 1, (cell, cell), placed_pair(extent, extent, WIDTH)[0].back, extent).back
    dx, dy = max(3.5, min(28.0, depth[0]) * share), max(2.5, min(20.0, depth[1]) * share)
    width, height = columns * cell, rows * cell
    top = ((0.0, dy), (dx, 0.0), (width + dx, 0.0), (width, dy))
    side = ((width, dy), (width + dx, 0.0), (width + dx, height), (width, height + dy))
    items: tuple[Item, ...] = (
        Polygon(top, "kind", 0.16, "kind"),
        Polygon(side, "kind", 0.36, "kind"),
        Polygon(rectangle(0, dy, width, height), "kind", 0.26, "kind", 1.5),
        Lines(grid(0, dy, columns, rows, (cell, cell)), "kind", opacity=0.8),
    )
    return items, (width + dx, height + dy)


def _described(
    report: LayerReport, inputs: list[Extent | None], output: Extent | None, caption: tuple[str, str]
) -> str:
    """The picture in words."""
    parts = []
    for spec, extent in zip(report.input_specs, inputs, strict=True):
        sizes = extent.text if extent else size_text(_length(spec))
        parts.append(f"input {sizes}")
    window = window_of(report.layer.kind)
    if window:
        parts.append(f"window {' × '.join(map(str, window))}")
    if report.output_specs:
        sizes = output.text if output else size_text(_length(report.output_specs[0]))
        parts.append(f"output {sizes}")
    else:
        parts.append("no output")
    text = ", ".join(parts)
    return ". ".join(filter(None, (text[:1].upper() + text[1:], *caption)))
