"""The same values in another order or along other axes; more of them around, or fewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paramdesk.engine.kinds.cropping import CroppingKind
from paramdesk.engine.kinds.padding import PaddingKind, SidedKind
from paramdesk.engine.kinds.reshaping import Flatten, Permute, RepeatVector, Reshape, Unflatten
from paramdesk.engine.kinds.selecting import Chunk, ExpandBatch, Select
from paramdesk.engine.kinds.shuffling import ChannelShuffle, PixelShuffle, PixelUnshuffle
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import Shape
from paramdesk.formats.onnx.writing.convolutions import MODES
from paramdesk.formats.onnx.writing.place import Made, Place, Write

TO_THE_END = 2**63 - 1


def reshaped(place: Place, name: str, shape: Shape, *, keeps_batch: bool = True) -> str:
    """A tensor in another shape, of which one size may not be known besides a batch that stays.

    Args:
        place: the layer.
        name: of the tensor.
        shape: that it gets.
        keeps_batch: whether the first axis is the tensor's own.
    """
    sizes = [int(size) if isinstance(size, int) else -1 for size in shape]
    if keeps_batch and sizes and sizes[0] == -1:
        sizes[0] = 0
    if sizes.count(-1) > 1 or (keeps_batch and 0 in sizes[1:]):
        place.refuse("to sizes that are not known")
    return place.node("Reshape", name, place.ints(*sizes))


def flatten(place: Place, kind: Flatten) -> Made:
    """Flatten, with the values in the order of the framework: in Keras the channels are always last."""
    spec = place.spec()
    rank = len(spec.shape)
    if not place.is_keras:
        start, end = kind.start_axis % max(rank, 1), kind.end_axis % max(rank, 1)
        if (start, end) == (1, rank - 1):
            return Made(place.node("Flatten", place.plain(as_it_is=True), axis=1))
        return Made(reshaped(place, place.plain(as_it_is=True), place.made[0].shape, keeps_batch=start > 0))
    name = place.plain(as_it_is=True)
    if (kind.data_format or spec.layout) == "channels_first" and rank > 2:
        name = place.transpose(name, 0, *range(2, rank), 1)
    if rank < 2:
        return Made(place.node("Unsqueeze", name, place.ints(1)))
    return Made(place.node("Flatten", name, axis=1))


def reshape(place: Place, kind: Reshape) -> Made:
    """Reshape."""
    shape = place.made[0].shape
    return Made(reshaped(place, place.plain(as_it_is=True), shape, keeps_batch=not kind.with_batch))


def unflatten(place: Place, kind: Unflatten) -> Made:
    """Reshape of one axis: the axes before it are copied, those behind it must be known."""
    shape = place.spec().shape
    axis = kind.axis % len(shape)
    behind = [place.size(size) for size in shape[axis + 1 :]]
    sizes = [*(0,) * axis, *kind.sizes, *behind]
    if 0 in sizes[axis:]:
        place.refuse("to a size of 0")
    return Made(place.node("Reshape", place.plain(as_it_is=True), place.ints(*sizes)))


def permute(place: Place, kind: Permute) -> Made:
    """Transpose."""
    order = kind.dims if 0 in kind.dims and not place.is_keras else (0, *kind.dims)
    return Made(place.node("Transpose", place.plain(as_it_is=True), perm=list(order)))


def repeat(place: Place, kind: RepeatVector) -> Made:
    """Tile behind a new axis."""
    return Made(place.node("Tile", place.node("Unsqueeze", place.plain(), place.ints(1)), place.ints(1, kind.n, 1)))


# Between channels and positions ---------------------------------------------------------------------------------------


def _batched(place: Place) -> tuple[str, int]:
    """An input of images, and how many axes its batch is short of (1) or too long (then it is refused)."""
    rank = len(place.spec().shape)
    if rank not in (3, 4) or place.is_keras:
        place.refuse(f"on {rank} axes")
    name = place.plain()
    return (place.node("Unsqueeze", name, place.ints(0)) if rank == 3 else name), 4 - rank


def _back(place: Place, name: str, missing: int) -> Made:
    return Made(place.node("Squeeze", name, place.ints(0)) if missing else name)


def pixel_shuffle(place: Place, kind: PixelShuffle) -> Made:
    """DepthToSpace, in the order of PyTorch."""
    name, missing = _batched(place)
    return _back(place, place.node("DepthToSpace", name, blocksize=kind.factor, mode="CRD"), missing)


def pixel_unshuffle(place: Place, kind: PixelUnshuffle) -> Made:
    """SpaceToDepth of each channel by itself, which leaves the values in the order of PyTorch."""
    name, missing = _batched(place)
    if any(spec.shape[0] == 0 for spec in place.made):
        place.refuse("of nothing")
    return _back(place, place.node("SpaceToDepth", name, blocksize=kind.factor), missing)


def channel_shuffle(place: Place, kind: ChannelShuffle) -> Made:
    """Reshape, Transpose, Reshape."""
    shape = place.spec().shape
    channels = place.size(shape[1])
    rest = [place.size(size) for size in shape[2:]]
    split = place.node("Reshape", place.plain(), place.ints(0, kind.groups, channels // kind.groups, *rest))
    mixed = place.transpose(split, 0, 2, 1, *range(3, len(shape) + 1))
    return Made(place.node("Reshape", mixed, place.ints(0, channels, *rest)))


# Parts ----------------------------------------------------------------------------------------------------------------


def chunk(place: Place, kind: Chunk) -> Sequence[Made]:
    """Split."""
    axis = kind.axis % len(place.spec().shape)
    sizes = [place.size(spec.shape[axis]) for spec in place.made]
    x = place.plain(as_it_is=True)
    return [Made(name) for name in place.nodes("Split", x, place.ints(*sizes), outputs=len(sizes), axis=axis)]


def select(place: Place, kind: Select) -> Made:
    """Gather of one place."""
    x = place.plain(as_it_is=True)
    return Made(place.node("Gather", x, place.sheet.numbers(kind.index, "int64"), axis=kind.axis))


def expand_batch(place: Place, _kind: ExpandBatch) -> Made:
    """Expand to the batch of the second input."""
    batch = place.node("Shape", place.plain(1, as_it_is=True), start=0, end=1)
    rest = place.ints(*[place.size(size) for size in place.spec().shape[1:]])
    shape = place.node("Concat", batch, rest, axis=0) if place.spec().shape[1:] else batch
    return Made(place.node("Expand", place.plain(as_it_is=True), shape))


# Around ---------------------------------------------------------------------------------------------------------------


def pad(place: Place, kind: SidedKind) -> Made:
    """Pad: with zeros, a number or values of the input; a negative padding cuts off."""
    value = place.any()
    pairs = kind.added if place.is_keras else kind.pairs
    if place.is_keras and not kind.channels_first(value.spec):
        axes = range(value.rank - 1 - len(pairs), value.rank - 1)
    else:
        axes = range(value.rank - len(pairs), value.rank)
    around = place.ints(*[before for before, _ in pairs], *[behind for _, behind in pairs])
    number = kind.value if isinstance(kind, PaddingKind) else 0.0
    mode = MODES.get(kind.way, "constant")
    constant = place.number(number) if mode == "constant" and number else ""
    along = place.ints(*[value.axis(axis) for axis in axes])
    return Made(place.node("Pad", value.name, around, constant, along, mode=mode), value.turned)


def crop(place: Place, kind: CroppingKind) -> Made:
    """Slice."""
    value = place.any()
    start = value.rank - kind.rank - (0 if kind.channels_first(value.spec) else 1)
    axes: Sequence[int] = [value.axis(axis) for axis in range(start, start + kind.rank)]
    starts = place.ints(*[before for before, _ in kind.cut])
    ends = place.ints(*[-behind if behind else TO_THE_END for _, behind in kind.cut])
    return Made(place.node("Slice", value.name, starts, ends, place.ints(*axes)), value.turned)


WRITERS: Mapping[type[LayerKind], Write] = {
    Flatten: flatten, Reshape: reshape, Unflatten: unflatten, Permute: permute, RepeatVector: repeat,
    PixelShuffle: pixel_shuffle, PixelUnshuffle: pixel_unshuffle, ChannelShuffle: channel_shuffle, SidedKind: pad,
    CroppingKind: crop, Chunk: chunk, Select: select, ExpandBatch: expand_batch,
}  # fmt: skip
"""By the kind."""
