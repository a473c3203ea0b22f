"""A block that comes with paramdesk, made to fit what it is put behind: its channels, framework and layout.

Its file has it in Keras' words, behind a nominal input: the bottleneck of ResNet behind 256 channels has convolutions
of 64, 64 and 256 filters. Behind 512 channels these become 128, 128 and 512: every number of channels that the block
states grows in proportion, so that what comes in can still be added to what the block gives. Where a height or width
is odd, a step back up to it restores what the step down lost. Nothing else changes.
"""

from __future__ import annotations

import msgspec

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Block, Layer, map_layers
from paramdesk.engine.edits import insert_kind
from paramdesk.engine.framework_edits import set_framework, set_layout
from paramdesk.engine.kinds.activation import Activation
from paramdesk.engine.kinds.attention import MultiHeadAttention
from paramdesk.engine.kinds.convolution import Conv2D
from paramdesk.engine.kinds.core import Identity
from paramdesk.engine.kinds.depthwise_convolution import DepthwiseConv2D
from paramdesk.engine.kinds.layer_normalization import LayerNormalization
from paramdesk.engine.kinds.more_activations import GELU
from paramdesk.engine.kinds.normalization import BatchNormalization
from paramdesk.engine.kinds.transposed_convolution import Conv2DTranspose
from paramdesk.engine.places import Place
from paramdesk.engine.shape import Shape, TensorSpec
from paramdesk.engine.summary import Summary

WIDTHS = ("filters", "units")
"""Options that are numbers of channels."""


class BlockPattern(msgspec.Struct, frozen=True):
    """A block that comes with paramdesk.

    Attributes:
        network: an input of the nominal shape, and the block behind it; Keras, channels last.
        is_scaled: whether its numbers of channels follow those that come in. A dense block's do not: it adds the same
            number to any.
    """

    network: Architecture
    is_scaled: bool = True

    @property
    def block(self) -> Block:
        """The block as its file has it."""
        block = self.network.layers[-1]
        assert isinstance(block, Block)
        return block

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The nominal input, without the batch."""
        shape: tuple[int | None, ...] = self.network.input_layers()[0].kind.shape  # type: ignore[attr-defined]  # Input
        return shape


def spec_at(architecture: Architecture, summary: Summary, place: Place) -> TensorSpec:
    """What is read at a place of a network: what a layer that is dropped there gets; of no axes if that is nothing.

    Args:
        architecture: the network.
        summary: its analysis.
        place: where.

    Raises:
        EditRefused: nothing could come in at that place.
    """
    edit = insert_kind(architecture, Identity(), place)
    found = analyze(
        edit.architecture, summary, batch=summary.batch, precision=summary.precision, convention=summary.convention
    )
    read = [report.input_specs[0] for report in found.layers if report.layer.id in edit.selected and report.input_specs]
    return read[0] if read else TensorSpec((), layout=architecture.layout, framework=architecture.framework)


def fitted(pattern: BlockPattern, spec: TensorSpec) -> Block:
    """The block as it goes behind a tensor; `edits.insert` then gives it ids, names and its input.

    Where the tensor has another number of axes than the block is for, or unknown channels, the block keeps its nominal
    numbers, and the analysis says what does not fit.

    Args:
        pattern: of `paramdesk.formats.templates.open_block`.
        spec: what the block will read, in the layout and framework of its network.
    """
    network = pattern.network
    channels = _channels(spec)
    if len(spec.shape) == len(pattern.shape) + 1 and channels is not None:
        network = network.with_input((*pattern.shape[:-1], channels))
        if pattern.is_scaled:
            network = _scaled(network, channels, pattern.shape[-1] or channels)
        network = _restoring(network, _space(spec))
    network = set_layout(set_framework(network, spec.framework).architecture, spec.layout).architecture
    if spec.framework == "pytorch":
        network = _as_in_torch(network)
    return msgspec.structs.replace(pattern, network=network).block


def _channels(spec: TensorSpec) -> int | None:
    """The channels of a tensor; of a sequence they are last in both frameworks, as attention has them."""
    if len(spec.shape) < 2:
        return None
    is_first = spec.layout == "channels_first" and len(spec.shape) > 3
    channels = spec.shape[1 if is_first else -1]
    return int(channels) if isinstance(channels, int) and channels > 0 else None


def _space(spec: TensorSpec) -> Shape:
    """The positions of an image along each axis."""
    return spec.shape[2:] if spec.layout == "channels_first" else spec.shape[1:-1]


def _scaled(network: Architecture, channels: int, nominal: int) -> Architecture:
    """With every number of channels as many times as large as what comes in is larger than the nominal input."""

    def scaled(layer: Layer) -> Layer:
        kind = layer.kind
        if isinstance(kind, MultiHeadAttention):
            # As many heads as divide the channels, which they share between them, but not more than there were.
            heads = next(count for count in range(kind.num_heads, 0, -1) if channels % count == 0)
            return _changed(layer, num_heads=heads, key_dim=channels // heads)
        widths = {name: getattr(kind, name) for name in WIDTHS if hasattr(kind, name)}
        return _changed(layer, **{name: max(1, width * channels // nominal) for name, width in widths.items()})

    return msgspec.structs.replace(network, layers=map_layers(network.layers, scaled))


def _restoring(network: Architecture, space: Shape) -> Architecture:
    """With transposed convolutions that give back the row that is lost where an odd height or width is halved."""

    def restoring(layer: Layer) -> Layer:
        kind = layer.kind
        if not isinstance(kind, Conv2DTranspose):
            return layer
        lost = tuple([n % s if isinstance(n, int) else 0 for n, s in zip(space, kind.strides, strict=True)])
        return _changed(layer, output_padding=lost) if any(lost) else layer

    return msgspec.structs.replace(network, layers=map_layers(network.layers, restoring))


def _as_in_torch(network: Architecture) -> Architecture:
    """With the defaults of torch.nn, and its way to convolve every channel for itself."""
    reports = {report.layer.id: report for report in analyze(network).layers}

    def turned(layer: Layer) -> Layer:
        kind, x = layer.kind, reports[layer.id].input_specs[:1]
        if isinstance(kind, DepthwiseConv2D):
            return msgspec.structs.replace(layer, kind=_grouped(kind, x[0]))
        if isinstance(kind, BatchNormalization):
            return _changed(layer, epsilon=1e-5, momentum=0.9)
        if isinstance(kind, LayerNormalization):
            return _changed(layer, epsilon=1e-5)
        if isinstance(kind, Activation) and kind.activation == "gelu":
            return msgspec.structs.replace(layer, kind=GELU())
        return layer

    return msgspec.structs.replace(network, layers=map_layers(network.layers, turned))


def _grouped(kind: DepthwiseConv2D, x: TensorSpec) -> Conv2D:
    """A convolution with a group for each channel, as torch.nn has it in place of a depthwise one."""
    options = msgspec.structs.asdict(kind)
    channels = x.shape[1]
    filters = channels * options.pop("depth_multiplier")
    return Conv2D.from_options({**options, "filters": filters, "groups": channels})


def _changed(layer: Layer, **options: object) -> Layer:
    return msgspec.structs.replace(layer, kind=layer.kind.changed(**options)) if options else layer
