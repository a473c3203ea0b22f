"""Convolutions of all sorts: plain, transposed, of each channel for itself, and separable ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paramdesk.engine.kinds.convolution import Convolution, ConvolutionalKind
from paramdesk.engine.kinds.depthwise_convolution import DepthwiseConvolution, SeparableConvolution
from paramdesk.engine.kinds.transposed_convolution import TransposedConvolution
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import Shape, extent, same_size
from paramdesk.formats.onnx.writing.activations import activated
from paramdesk.formats.onnx.writing.place import Made, Place, Space, Write
from paramdesk.formats.onnx.writing.sheet import Attribute

Sides = Sequence[tuple[int, int]]
MODES: Mapping[str, str] = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""What ONNX calls what PyTorch puts into the padding."""


def same_sides(sizes: Shape, spans: Sequence[int], strides: Sequence[int]) -> Sides | None:
    """What "same" padding puts before and behind each axis; None if that depends on a size that is not known."""
    found = []
    for n, span, stride in zip(sizes, spans, strides, strict=True):
        if stride == 1:
            total = span - 1
        elif isinstance(n, int):
            places = same_size(n, stride)
            assert isinstance(places, int)
            total = max(int((places - 1) * stride + span - n), 0)
        else:
            return None
        found.append((total // 2, total - total // 2))
    return found


def pads(sides: Sides) -> list[int]:
    """All that is put before the axes, then all behind them."""
    return [before for before, _behind in sides] + [behind for _before, behind in sides]


def padding(kind: ConvolutionalKind, space: Space) -> Mapping[str, Attribute]:
    """The attribute that says a padding, if there is any."""
    if kind.padding == "same":
        sides = same_sides(space.sizes, kind.spans, kind.strides)
        if sides is None:
            return {"auto_pad": "SAME_UPPER"}
    elif kind.padding == "causal":
        sides = [(span - 1, 0) for span in kind.spans]
    else:
        sides = kind.added
    return {"pads": pads(sides)} if any(map(any, sides)) else {}


def _window(kind: ConvolutionalKind) -> dict[str, Attribute]:
    found: dict[str, Attribute] = {"kernel_shape": list(kind.kernel_size)}
    if max(kind.strides) > 1:
        found["strides"] = list(kind.strides)
    if max(kind.dilation_rate) > 1:
        found["dilations"] = list(kind.dilation_rate)
    return found


def _finished(place: Place, kind: ConvolutionalKind, name: str, space: Space) -> Made:
    return place.out(activated(place, name, kind.activation, 1), space)


def convolution(place: Place, kind: Convolution) -> Made:
    """Conv."""
    if kind.lora_rank:
        place.refuse("with LoRA")
    space = place.space()
    channels = place.size(space.channels, "channels that are not known")
    around = padding(kind, space)
    x = space.name
    if kind.padding_mode != "zeros" and around:
        listed = around["pads"]
        assert isinstance(listed, list)
        half = len(listed) // 2
        x = place.node("Pad", x, place.ints(0, 0, *listed[:half], 0, 0, *listed[half:]), mode=MODES[kind.padding_mode])
        around = {}
    kernel = place.weight("kernel", kind.filters, channels // kind.groups, *kind.kernel_size)
    bias = [place.weight("bias", kind.filters)] if kind.use_bias else []
    name = place.node("Conv", x, kernel, *bias, group=kind.groups, **_window(kind), **around)
    return _finished(place, kind, name, space)


def depthwise(place: Place, kind: DepthwiseConvolution) -> Made:
    """Conv with as many groups as channels."""
    space = place.space()
    channels = place.size(space.channels, "channels that are not known")
    filters = channels * kind.depth_multiplier
    kernel = place.weight("kernel", filters, 1, *kind.kernel_size)
    bias = [place.weight("bias", filters)] if kind.use_bias else []
    around = padding(kind, space)
    name = place.node("Conv", space.name, kernel, *bias, group=channels, **_window(kind), **around)
    return _finished(place, kind, name, space)


def separable(place: Place, kind: SeparableConvolution) -> Made:
    """Two Conv: one with as many groups as channels, then one of single places."""
    space = place.space()
    channels = place.size(space.channels, "channels that are not known")
    between = channels * kind.depth_multiplier
    kernel = place.weight("depthwise_kernel", between, 1, *kind.kernel_size)
    name = place.node("Conv", space.name, kernel, group=channels, **_window(kind), **padding(kind, space))
    ones = (1,) * kind.rank
    mixing = place.weight("pointwise_kernel", kind.filters, between, *ones)
    bias = [place.weight("bias", kind.filters)] if kind.use_bias else []
    name = place.node("Conv", name, mixing, *bias, kernel_shape=list(ones))
    return _finished(place, kind, name, space)


def transposed(place: Place, kind: TransposedConvolution) -> Made:
    """ConvTranspose, with the padding and the output padding that give the size that is wanted."""
    space = place.space()
    channels = place.size(space.channels, "channels that are not known")
    kernel = place.weight("kernel", channels, kind.filters // kind.groups, *kind.kernel_size)
    bias = [place.weight("bias", kind.filters)] if kind.use_bias else []
    sides, extra = _sides_and_extra(place, kind, space)
    around: dict[str, Attribute] = {"pads": pads(sides)} if any(map(any, sides)) else {}
    if any(extra):
        around["output_padding"] = extra
    name = place.node("ConvTranspose", space.name, kernel, *bias, group=kind.groups, **_window(kind), **around)
    return _finished(place, kind, name, space)


def _sides_and_extra(place: Place, kind: TransposedConvolution, space: Space) -> tuple[Sides, list[int]]:
    """What is cut off before and behind each axis, and what is added at its end."""
    if kind.output_size is not None:
        return kind.added, _extra_for(place, kind, space, kind.output_size[-kind.rank :])
    outs = kind.output_padding or (None,) * kind.rank
    if not isinstance(kind.padding, str):
        return kind.added, [out or 0 for out in outs]
    sides, extra = [], []
    for k, d, stride, out in zip(kind.kernel_size, kind.dilation_rate, kind.strides, outs, strict=True):
        span = extent(k, d)
        # (n − 1) · s + K − cut + added is to be the size: n · s for "same", n · s + max(K − s, 0) for "valid".
        if kind.padding == "same":
            left = stride - span if out is None else span % 2 + out - span
        else:
            left = max(stride - span, 0) if out is None else out
        sides.append((-left // 2, -left - -left // 2) if left < 0 else (0, 0))
        extra.append(max(left, 0))
    return sides, extra


def _extra_for(place: Place, kind: TransposedConvolution, space: Space, wanted: Sequence[int]) -> list[int]:
    found = []
    windows = zip(space.sizes, kind.spans, kind.strides, kind.added, wanted, strict=True)
    for n, span, stride, (before, behind), size in windows:
        found.append(size - ((place.size(n) - 1) * stride + span - before - behind))
    return found


WRITERS: Mapping[type[LayerKind], Write] = {
    Convolution: convolution, DepthwiseConvolution: depthwise, SeparableConvolution: separable,
    TransposedConvolution: transposed,
}  # fmt: skip
"""By the kind."""
