"""Operators that move a window, and what makes room for one: convolutions, pooling, padding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.formula import product
from paramdesk.engine.layer_kind import LayerKind, kinds
from paramdesk.engine.shape import Shape, extent, public, same_size
from paramdesk.formats.onnx.known import Known
from paramdesk.formats.onnx.site import Site

Sides = tuple[tuple[int, int], ...]
"""How much is put before and behind each axis."""

MOST_SPATIAL = 3


def convolution(site: Site, kernel_at: int = 1, bias_at: int = 2) -> bool:
    """Conv, and what is one with other places of its inputs."""
    kernel = site.weight(kernel_at) or _computed(site, kernel_at)
    if kernel is None or not 3 <= len(kernel.shape) <= 2 + MOST_SPATIAL:
        return False
    filters, channels, *window = _sizes(kernel)
    strides, dilations = _per_axis(site, "strides", len(window)), _per_axis(site, "dilations", len(window))
    padding = _padding(site, tuple(window), strides, dilations)
    if padding is None:
        return False
    is_own = site.weight(kernel_at) is not None
    bias = site.weight(bias_at) or (_added_bias(site, filters, len(window)) if is_own else None)
    groups = site.integer("group", 1)
    arguments = {
        "in_channels": channels * groups,
        "out_channels": filters,
        "kernel_size": tuple(window),
        "stride": strides,
        "padding": padding if isinstance(padding, str) else _numbers(padding),
        "dilation": dilations,
        "groups": groups,
        "bias": bias is not None,
    }
    kind = _padded(site.module(f"Conv{len(window)}d", arguments), padding)
    if is_own:
        _with_bias(site, kind, kernel_at, bias_at, bias)
        return True
    spec = site.reader.recorder.specs.get(site.value(0))
    if spec is None:
        return False
    site.unknown([made.shape for made in kind.outputs((spec,))])
    return True


def _computed(site: Site, place: int) -> Known | None:
    """A kernel that is no constant, as one: it tells the shape of what comes out, and is nobody's weight."""
    shape = site.shape(place)
    return Known(public(shape)) if shape is not None and all(isinstance(size, int) for size in shape) else None


def _with_bias(site: Site, kind: LayerKind, kernel_at: int, bias_at: int, bias: Known | None) -> None:
    """The row of a layer with a kernel and perhaps a bias, its own or that of an Add behind it."""
    if bias is None or site.has(bias_at):
        site.row(kind, weights=(kernel_at, bias_at))
        return
    following = site.reader.only_reader(site.node.outputs[0], "Add")
    assert following is not None
    site.reader.absorb(following)
    site.row(kind, weights=(kernel_at, bias), makes=following.node.outputs)


def _added_bias(site: Site, filters: int, axes: int) -> Known | None:
    """A bias that the next node adds: one value for each channel."""
    following = site.reader.only_reader(site.node.outputs[0], "Add")
    if following is None or site.has(2):
        return None
    for place in (0, 1):
        bias = following.weight(place)
        if bias is not None and bias.shape[-axes - 1 :] == (filters, *(1,) * axes) and bias.size == filters:
            return bias if site.reader.weights.learnt(bias) else None
    return None


def transposed_convolution(site: Site) -> bool:
    """ConvTranspose."""
    kernel = site.weight(1)
    if kernel is None or not 3 <= len(kernel.shape) <= 2 + MOST_SPATIAL:
        return False
    channels, filters, *window = _sizes(kernel)
    rank = len(window)
    strides, dilations = _per_axis(site, "strides", rank), _per_axis(site, "dilations", rank)
    extra = site.integers("output_padding") or (0,) * rank
    automatic = site.text("auto_pad", "NOTSET")
    wanted = site.integers("output_shape")
    padding: Sides | None = _stated_sides(site, rank)
    if wanted is not None:
        padding = _sides_for(site.shape(0), wanted[-rank:], tuple(window), strides, dilations, extra)
    elif automatic in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        padding = ((0, 0),) * rank
    if padding is None:
        return False
    groups = site.integer("group", 1)
    arguments = {
        "in_channels": channels, "out_channels": filters * groups, "kernel_size": tuple(window), "stride": strides,
        "padding": _numbers(padding), "output_padding": extra, "dilation": dilations, "groups": groups,
        "bias": site.has(2),
    }  # fmt: skip
    kind = _padded(site.module(f"ConvTranspose{rank}d", arguments), padding)
    if automatic.startswith("SAME") and wanted is None:
        kind = kind.changed(padding="same", output_padding=None)
    bias = site.weight(2) or _added_bias(site, filters * groups, rank)
    _with_bias(site, kind if bias is None else kind.changed(use_bias=True), 1, 2, bias)
    return True


def _sides_for(
    shape: Shape | None, wanted: Sequence[int], window: Sequence[int], strides: Sequence[int],
    dilations: Sequence[int], extra: Sequence[int],
) -> Sides | None:  # fmt: skip
    """The padding that leaves the sizes that are asked for."""
    space = public(shape[2:]) if shape is not None else (None,)
    if None in space or len(space) != len(wanted):
        return None
    sides = []
    for size, asked, k, s, d, o in zip(space, wanted, window, strides, dilations, extra, strict=True):
        total = s * ((size or 0) - 1) + o + extent(k, d) - asked
        if total < 0:
            return None
        sides.append((total // 2, total - total // 2))
    return tuple(sides)


# Padding by numbers ---------------------------------------------------------------------------------------------------


def _sizes(kernel: Known) -> list[int]:
    return [size for size in kernel.shape if size is not None]


def _per_axis(site: Site, name: str, rank: int) -> tuple[int, ...]:
    values = site.integers(name)
    return values if values is not None and len(values) == rank else (1,) * rank


def _stated_sides(site: Site, rank: int, name: str = "pads") -> Sides:
    """All that is put before the axes, then all behind them; here axis by axis."""
    pads = site.integers(name) or ()
    pads = pads if len(pads) == 2 * rank else (0,) * (2 * rank)
    return tuple(zip(pads[:rank], pads[rank:], strict=True))


def _padding(
    site: Site, window: tuple[int, ...], strides: Sequence[int], dilations: Sequence[int]
) -> Sides | str | None:
    """The padding of a window: "same", or by numbers; None if it depends on sizes that are not known."""
    automatic = site.text("auto_pad", "NOTSET")
    if automatic == "VALID":
        return ((0, 0),) * len(window)
    if not automatic.startswith("SAME"):
        return _stated_sides(site, len(window))
    if max(strides) == 1 and automatic == "SAME_UPPER":
        return "same"
    shape = site.shape(0)
    if shape is None or len(shape) != len(window) + 2:
        return None
    sides = []
    for size, k, s, d in zip(shape[2:], window, strides, dilations, strict=True):
        if not isinstance(size, int) and s > 1:
            return None
        missing = (same_size(size, s) - 1) * s + extent(k, d) - size if isinstance(size, int) else extent(k, d) - 1
        total = max(missing, 0) if isinstance(missing, int) else 0
        less, more = total // 2, total - total // 2
        sides.append((more, less) if automatic == "SAME_LOWER" else (less, more))
    return tuple(sides)


def _numbers(padding: Sides) -> object:
    """As PyTorch says it, where both sides are alike; else none, for now."""
    return (
        tuple(before for before, _behind in padding)
        if all(a == b for a, b in padding) and any(map(any, padding))
        else 0
    )


def _padded(kind: LayerKind, padding: Sides | str) -> LayerKind:
    """The kind with a padding that has two different sides, which no module of PyTorch takes."""
    is_even = isinstance(padding, str) or all(before == behind for before, behind in padding)
    return kind if is_even else kind.changed(padding=padding)


# Pooling --------------------------------------------------------------------------------------------------------------


def pooling(site: Site) -> bool:
    """MaxPool, AveragePool and LpPool."""
    window = site.integers("kernel_shape")
    if not window or len(window) > MOST_SPATIAL:
        return False
    rank = len(window)
    strides, dilations = _per_axis(site, "strides", rank), _per_axis(site, "dilations", rank)
    sides = _padding(site, window, strides, dilations)
    if sides == "same":
        sides = tuple(
            (extent(k, d) // 2 - (1 - extent(k, d) % 2), extent(k, d) // 2)
            for k, d in zip(window, dilations, strict=True)
        )
    if sides is None or isinstance(sides, str):
        return False
    op = site.node.op
    arguments: dict[str, object] = {
        "kernel_size": window,
        "stride": strides,
        "ceil_mode": bool(site.integer("ceil_mode")),
    }
    fits = all(before == behind and 2 * before <= k for (before, behind), k in zip(sides, window, strict=True))
    source: int | str = 0
    if not fits or (op == "LpPool" and any(map(any, sides))):
        value = float("-inf") if op == "MaxPool" else 0.0
        source = site.step(padding_kind(site, sides, "constant", value), 0, "pad")
        sides = ((0, 0),) * rank
    if op == "LpPool":
        if rank == 1:  # of which PyTorch's takes no lists
            arguments |= {"kernel_size": window[0], "stride": strides[0]}
        kind = site.module(f"LPPool{rank}d", {**arguments, "norm_type": float(site.integer("p", 2))})
    elif op == "AveragePool":
        arguments |= {
            "padding": tuple(a for a, _b in sides),
            "count_include_pad": bool(site.integer("count_include_pad")),
        }
        kind = site.module(f"AvgPool{rank}d", arguments)
    else:
        has_indices = len(site.node.outputs) > 1 and bool(site.node.outputs[1])
        arguments |= {"padding": tuple(a for a, _b in sides), "dilation": dilations, "return_indices": has_indices}
        kind = site.module(f"MaxPool{rank}d", arguments)
    site.row(kind, (source,))
    return True


def pooling_over_everything(site: Site) -> bool:
    """GlobalAveragePool and GlobalMaxPool, which leave axes of size 1."""
    shape = site.shape(0)
    if shape is None or not 3 <= len(shape) <= 2 + MOST_SPATIAL:
        return False
    word = "Max" if "Max" in site.node.op else "Avg"
    site.row(site.module(f"Adaptive{word}Pool{len(shape) - 2}d", {"output_size": 1}))
    return True


def reduction(site: Site) -> bool:
    """ReduceMean and ReduceMax over all spatial axes, which is pooling over everything."""
    from paramdesk.formats.onnx.shapes import reduced_axes

    shape, axes = site.shape(0), reduced_axes(site)
    if shape is None or axes is None or not 3 <= len(shape) <= 2 + MOST_SPATIAL or axes != set(range(2, len(shape))):
        return False
    word = "Max" if "Max" in site.node.op else "Avg"
    rank = len(shape) - 2
    if site.integer("keepdims", 1):
        site.row(site.module(f"Adaptive{word}Pool{rank}d", {"output_size": 1}))
    else:
        site.row(kinds()[f"Global{'Max' if word == 'Max' else 'Average'}Pooling{rank}D"].from_options({}))
    return True


# Padding --------------------------------------------------------------------------------------------------------------

MODES: Mapping[str, str] = {"constant": "Constant", "reflect": "Reflection", "edge": "Replication", "wrap": "Circular"}


def padding_kind(site: Site, sides: Sides, mode: str, value: float = 0.0) -> LayerKind:
    """The kind that puts something around the last axes.

    Raises:
        InvalidOptions: PyTorch has none.
    """
    listed = [n for before, behind in reversed(sides) for n in (before, behind)]
    rank = min(max(len(sides), 1), MOST_SPATIAL)
    if mode == "constant" and not value:
        return site.module(f"ZeroPad{rank}d", {"padding": tuple(listed)})
    arguments: dict[str, object] = {"padding": tuple(listed)}
    if mode == "constant":
        arguments["value"] = value
    return site.module(f"{MODES[mode]}Pad{rank}d", arguments)


def pad(site: Site) -> bool:
    """Pad."""
    shape = site.shape(0)
    pads = site.numbers(1, "pads") or site.integers("paddings")
    if shape is None or pads is None or len(pads) % 2:
        return False
    count = len(pads) // 2
    axes = site.numbers(3) if site.has(3) else tuple(range(count))
    if axes is None or len(axes) != count or any(not -len(shape) <= axis < len(shape) for axis in axes):
        return False
    sides = [(0, 0)] * len(shape)
    for place, axis in enumerate(axes):
        sides[axis] = (pads[place], pads[count + place])
    if not any(map(any, sides)):
        site.alias(0)
        return True
    while sides and not any(sides[0]):
        del sides[0]  # from the first axis that is padded on
    mode = site.text("mode", "constant")
    value = site.scalar(2) if site.has(2) else site.number("value")
    if mode not in MODES:
        raise InvalidOptions(f"Pad knows no mode {mode}")
    wanted = max(len(shape) - 2, 1)
    while len(sides) < wanted <= MOST_SPATIAL:
        sides.insert(0, (0, 0))
    site.row(padding_kind(site, tuple(sides), mode, 0.0 if value is None else value))
    return True


def shuffled(site: Site) -> bool:
    """DepthToSpace and SpaceToDepth."""
    name = "PixelShuffle" if site.node.op == "DepthToSpace" else "PixelUnshuffle"
    argument = "upscale_factor" if name == "PixelShuffle" else "downscale_factor"
    site.row(site.module(name, {argument: site.integer("blocksize", 1)}))
    return True


def unpooling(site: Site) -> bool:
    """MaxUnpool."""
    window = site.integers("kernel_shape")
    if not window or len(window) > MOST_SPATIAL:
        return False
    rank = len(window)
    wanted = site.numbers(2) if site.has(2) else None
    pads = _stated_sides(site, rank)
    arguments = {
        "kernel_size": window,
        "stride": _per_axis(site, "strides", rank),
        "padding": tuple(a for a, _b in pads),
    }
    call = {"output_size": wanted[2:]} if wanted else None
    site.row(site.module(f"MaxUnpool{rank}d", arguments, call), (0, 1))
    return True


def folded_columns(site: Site) -> bool:
    """Col2Im: Fold."""
    sizes, window = site.numbers(1), site.numbers(2)
    if not sizes or not window:
        return False
    rank = len(window)
    sides = _stated_sides(site, rank)
    if any(before != behind for before, behind in sides) or product(window) < 1:
        return False
    arguments = {
        "output_size": sizes, "kernel_size": window, "dilation": _per_axis(site, "dilations", rank),
        "padding": tuple(before for before, _behind in sides), "stride": _per_axis(site, "strides", rank),
    }  # fmt: skip
    site.row(site.module("Fold", arguments))
    return True
