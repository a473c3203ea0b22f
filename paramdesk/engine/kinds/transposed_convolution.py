"""Transposed convolutions: each input position is spread over a window, so that the output is larger than the input.

Parameters as of a plain convolution. MACs are counted at the input's positions: each is multiplied once with every
weight. Rules as in Keras (`keras.layers.Conv2DTranspose`) and in PyTorch (`torch.nn.ConvTranspose2d`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from paramdesk.engine.crossing import Crossing
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import product, share
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.convolution import (
    MADE_FOR,
    PADDING,
    FilteringKind,
    Pair,
    Sides1,
    Sides2,
    Sides3,
    Single,
    Size,
    Triple,
)
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.option import AFew, Natural, Option, Positive
from paramdesk.engine.receptive_field import ReceptiveField, seen_transposed
from paramdesk.engine.shape import (
    AXIS_NAMES,
    Dim,
    Shape,
    TensorSpec,
    text,
    times,
    transposed_same_size,
    transposed_valid_size,
)
from paramdesk.engine.spelling import UNCOUNTED, Argument, Module
from paramdesk.engine.weight import Weight

SPREADING = {
    "out_channels": Argument("filters"),
    "kernel_size": Argument("kernel_size"),
    "stride": Argument("strides", 1),
    "padding": Argument("padding", 0),
    "output_padding": Argument("output_padding", 0),
    "groups": Argument("groups", 1),
    "bias": Argument("use_bias", True),
    "dilation": Argument("dilation_rate", 1),
    "padding_mode": Argument("padding_mode", "zeros"),
    **UNCOUNTED,
}
AT_CALL = {"output_size": Argument("output_size", None)}


class TransposedConvolution(FilteringKind, frozen=True, kw_only=True):
    """Spreads every input position over a window, so that the output is larger than the input.

    Attributes:
        output_padding: positions added at the end of each axis, which fixes the output size; None: the size follows
            from stride and padding alone.
        output_size: the spatial sizes that are asked for when it is called; None: they follow from the options.
    """

    search = ("deconvolution", "upconv", "up-convolution", "transposed", "decoder", "upsample")
    whole_floats = frozenset()

    strides: Annotated[Size, Option("Strides", words="stride", digest="stride {}", preset=2)]
    groups: Annotated[Positive, Option("Groups", digest="{} groups", only="pytorch")] = 1
    output_padding: Annotated[
        tuple[int, ...] | None,
        Option("Output padding", words="output padding", digest="output padding {}", advanced=True),
    ] = None
    output_size: Annotated[
        Annotated[tuple[Natural, ...], AFew] | None,
        Option("Output size", digest="to {}", only="pytorch", at_call=True),
    ] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        self.refuse_strided_dilation(x)
        self._refuse_wide_output_padding(x)
        _batch, space, _channels = self.split(x)
        self.refuse_channels(x)
        self.refuse_no_positions(x)
        if x.framework == "pytorch" and self.split(x)[2] == 0:
            raise Refusal(f"the input {text(x.shape)} has no channels: PyTorch needs one at least")
        sizes = self._sizes(x, space)
        least = 0 if x.framework == "keras" else 1
        for n in sizes:
            if n < least:
                raise Refusal(f"the output would have the size {times(sizes)}", "output_padding", ({"padding": 0},))
        return x.reshaped(self.joined(x, sizes, self.filters))

    def crossed(self, crossing: Crossing) -> LayerKind:
        """With "same" padding as PyTorch says it: by numbers, and an output padding where one number is too much."""
        kind = LayerKind.crossed(self, crossing)
        if crossing.source == crossing.framework or not crossing.inputs or not isinstance(kind, TransposedConvolution):
            return kind
        if crossing.inputs[0].layout == kind.data_format:
            kind = kind.changed(data_format=None)
        spare = [k - s for k, s in zip(self.spans, self.strides, strict=True)]
        same = tuple([((more + 1) // 2,) * 2 for more in spare])
        extra = tuple([more % 2 for more in spare])
        if min(spare) < 0 or any(e >= s for e, s in zip(extra, self.strides, strict=True)):
            return kind
        if crossing.framework == "pytorch" and self.padding == "same" and self.output_padding is None:
            return kind.changed(padding=same, output_padding=extra if any(extra) else None)
        if (
            crossing.framework == "keras"
            and self.padding == same
            and (self.output_padding or (0,) * self.rank) == extra
        ):
            return kind.changed(padding="same", output_padding=None)
        return kind

    def _sizes(self, x: TensorSpec, space: Shape) -> Shape:
        if self.output_size is not None:
            return self._asked_for(space, self.output_size, len(x.shape) - self.rank)
        extra = self.output_padding or (None,) * self.rank
        windows = zip(space, self.spans, self.strides, extra, strict=True)
        if isinstance(self.padding, str):
            size = transposed_same_size if self.padding == "same" else transposed_valid_size
            return tuple([size(n, k, s, o) for n, k, s, o in windows])
        if x.framework == "keras":
            raise Refusal("Keras takes no padding by numbers here", "padding", ({"padding": "same"},))
        cut = [before + behind for before, behind in self.added]
        return tuple([
            transposed_valid_size(n, k, s, o or 0) - p for (n, k, s, o), p in zip(windows, cut, strict=True)
        ])  # fmt: skip

    def _asked_for(self, space: Shape, wanted: tuple[int, ...], ahead: int) -> Shape:
        """The sizes that are asked for, perhaps with those ahead of them: within what strides leave open."""
        asked = wanted[ahead:] if len(wanted) == self.rank + ahead else wanted
        if len(asked) != self.rank:
            raise Refusal(
                f"output_size {times(wanted)} needs {self.rank} sizes", "output_size", ({"output_size": None},)
            )
        for n, k, s, (before, behind), size in zip(space, self.spans, self.strides, self.added, asked, strict=True):
            least = (n - 1) * s + k - before - behind
            if size < least or size > least + s - 1:
                reason = f"output_size {times(asked)}: along an axis from {least} to {least + s - 1} is possible"
                raise Refusal(reason, "output_size", ({"output_size": None},))
        return asked

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return seen_transposed(field, self.spans, self.strides)

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        kernel = Weight("kernel", (*self.kernel_size, share(self.filters, self.groups), self.channels(x)))
        return (kernel, Weight("bias", (self.filters,))) if self.use_bias else (kernel,)

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        return product((*self.split(x)[1], *self.kernel_size, self.channels(x), share(self.filters, self.groups)))

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from super().warnings(x, y)
        if self.padding == "same" and self.output_padding is not None:
            for name, k, o in zip(AXIS_NAMES[self.rank], self.spans, self.output_padding, strict=True):
                if o == 0 and k % 2 == 0:
                    yield f"output_padding 0 with 'same' and an even kernel {name} fails when run: leave it None"

    def _refuse_wide_output_padding(self, x: TensorSpec) -> None:
        if self.output_padding is None:
            return
        for o, s, d in zip(self.output_padding, self.strides, self.dilation_rate, strict=True):
            limit = s if x.framework == "keras" else max(s, d)
            if o >= limit:
                sizes = times(self.strides) if limit == s else times(self.dilation_rate)
                what = "strides" if limit == s else "dilation"
                fitting = tuple([stride - 1 for stride in self.strides])
                raise Refusal(
                    f"output_padding {times(self.output_padding)} is not below the {what} {sizes}",
                    "output_padding",
                    ({"output_padding": None}, {"output_padding": fitting}),
                )

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        mode = options.get("padding_mode")
        if mode != "zeros":
            reason = f"padding_mode = {shortened(mode)}: {module.name} takes only 'zeros'"
            raise InvalidOptions(reason, "padding")
        if isinstance(options.get("padding"), str):
            raise InvalidOptions(f"padding = {shortened(options['padding'])}: {module.name} takes numbers", "padding")
        taken = super().torch_options(module, options)
        taken.pop("padding_mode")
        return taken


class Conv1DTranspose(TransposedConvolution, frozen=True, kw_only=True):
    """Spreads every step of a sequence over a window: makes sequences longer."""

    rank = 1
    spellings = {
        "keras": ("Conv1DTranspose", "Convolution1DTranspose"),
        "pytorch": (
            Module("ConvTranspose1d", MADE_FOR | SPREADING, call=AT_CALL),
            Module("LazyConvTranspose1d", SPREADING, call=AT_CALL),
        ),
    }
    source = "https://keras.io/api/layers/convolution_layers/convolution1d_transpose/"

    kernel_size: Single
    strides: Single = (1,)
    padding: Annotated[Literal["valid", "same"] | Sides1, PADDING] = "valid"
    dilation_rate: Single = (1,)
    output_padding: tuple[Natural] | None = None


class Conv2DTranspose(TransposedConvolution, frozen=True, kw_only=True):
    """Spreads every position of an image over a window: makes images larger."""

    rank = 2
    spellings = {
        "keras": ("Conv2DTranspose", "Convolution2DTranspose"),
        "pytorch": (
            Module("ConvTranspose2d", MADE_FOR | SPREADING, call=AT_CALL),
            Module("LazyConvTranspose2d", SPREADING, call=AT_CALL),
        ),
    }
    source = "https://keras.io/api/layers/convolution_layers/convolution2d_transpose/"

    kernel_size: Pair
    strides: Pair = (1, 1)
    padding: Annotated[Literal["valid", "same"] | Sides2, PADDING] = "valid"
    dilation_rate: Pair = (1, 1)
    output_padding: tuple[Natural, Natural] | None = None


class Conv3DTranspose(TransposedConvolution, frozen=True, kw_only=True):
    """Spreads every position of a volume over a window: makes volumes larger."""

    rank = 3
    spellings = {
        "keras": ("Conv3DTranspose", "Convolution3DTranspose"),
        "pytorch": (
            Module("ConvTranspose3d", MADE_FOR | SPREADING, call=AT_CALL),
            Module("LazyConvTranspose3d", SPREADING, call=AT_CALL),
        ),
    }
    source = "https://keras.io/api/layers/convolution_layers/convolution3d_transpose/"

    kernel_size: Triple
    strides: Triple = (1, 1, 1)
    padding: Annotated[Literal["valid", "same"] | Sides3, PADDING] = "valid"
    dilation_rate: Triple = (1, 1, 1)
    output_padding: tuple[Natural, Natural, Natural] | None = None
