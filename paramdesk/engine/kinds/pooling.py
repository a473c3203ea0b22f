"""Pooling with a window: it keeps the largest value, or the mean. No weights, no MACs; the channels stay.

The output size of a window is that of a convolution: ⌊(n − d(k − 1) − 1) / s⌋ + 1 without padding, ⌈n / s⌉ with "same"
padding. The stride is the window's own size unless it is stated, so that windows do not overlap: 2 × 2 halves each
side.

PyTorch (`torch.nn.MaxPool2d`, `torch.nn.AvgPool2d`) says more: padding by numbers, at most half of the window; a
dilated window (largest values only); `ceil_mode`, which rounds up, so that a window may hang over the end, but does not
start behind it; and `return_indices`, a second output that says where each largest value was (MaxUnpooling reads it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec

from paramdesk.engine.crossing import Crossing
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import divides, named
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.convolution import Pair, Side, Sides1, Sides2, Sides3, Single, Size, Triple
from paramdesk.engine.layer_kind import LayerKind, Tensors
from paramdesk.engine.option import Integer, Natural, Option
from paramdesk.engine.per_axis import per_axis, true_or_false
from paramdesk.engine.receptive_field import ReceptiveField, seen_through
from paramdesk.engine.same_padding import Sides, as_numbers, missing
from paramdesk.engine.shape import (
    Dim,
    Framework,
    Shape,
    TensorSpec,
    extent,
    padded_before,
    same_size,
    sides,
    text,
    times,
    valid_size,
)
from paramdesk.engine.single_input import SpatialKind
from paramdesk.engine.spelling import Argument, Arguments, Module

Step: TypeAlias = tuple[Natural] | None
Steps2: TypeAlias = tuple[Natural, Natural] | None
Steps3: TypeAlias = tuple[Natural, Natural, Natural] | None

POOL = Option("Pool size", words="pool {axis}", digest="{}", preset=2, leads=True, always=True)
PADDING = Option("Padding", words="padding", digest="{}", numbers_in="pytorch")

MOVING: Arguments = {
    "kernel_size": Argument("pool_size"),
    "stride": Argument("strides", None),
    "padding": Argument("padding", 0),
}


class WindowPoolingKind(SpatialKind, frozen=True, kw_only=True):
    """What all poolings with a moving window share.

    Attributes:
        pool_size: of the window, per axis.
        strides: how far it moves, per axis; None: by its own size, so that windows do not overlap.
        ceil_mode: whether a window that hangs over the end counts, if it starts before it.
    """

    category = "pool"
    whole_floats = frozenset({"pool_size", "strides"})

    pool_size: Annotated[Size, POOL]
    strides: Annotated[tuple[int, ...] | None, Option("Strides", words="stride", digest="stride {}")] = None
    ceil_mode: Annotated[bool, Option("Round up", digest="rounds up", advanced=True, only="pytorch")] = False

    @property
    def steps(self) -> tuple[int, ...]:
        """How far the window moves along each axis."""
        return self.strides or tuple([named("stride", side) for side in self.pool_size])

    @property
    def spacing(self) -> tuple[int, ...]:
        """The distance between the window's places along each axis."""
        return (1,) * self.rank

    @property
    def spans(self) -> tuple[int, ...]:
        """Positions that the window spans along each axis, dilation included."""
        return tuple([extent(k, d) for k, d in zip(self.pool_size, self.spacing, strict=True)])

    @property
    def added(self) -> tuple[Side, ...]:
        """What is put before and behind each axis, where that is said by numbers; nothing where it is not."""
        return ((0, 0),) * self.rank

    def output(self, x: TensorSpec) -> TensorSpec:
        _batch, space, channels = self.split(x)
        if 0 in self.steps:
            raise Refusal(
                f"strides {times(self.steps)} would not move the window: they must be 1 or more",
                "strides",
                ({"strides": None}, {"strides": 1}),
            )
        if x.framework == "pytorch":
            refuse_empty(x, (channels, *space), self.title())
        return x.reshaped(self.joined(x, self.places(x, space), channels))

    def places(self, x: TensorSpec, space: Shape) -> Shape:
        """How many places the window has along each axis.

        Raises:
            Refusal: it is larger than the input.
        """
        windows = zip(space, self.pool_size, self.steps, self.spacing, self.added, strict=True)
        places = tuple([self._places_along(*window) for window in windows])
        for place in places:
            if place < 1:
                raise self._too_large(x, space)
        return places

    def _places_along(self, n: Dim, kernel: int, stride: int, dilation: int, side: Side) -> Dim:
        before, behind = side
        padded = n + before + behind if before or behind else n
        if not self.ceil_mode:
            return valid_size(padded, kernel, stride, dilation)
        places = valid_size(padded + stride - 1, kernel, stride, dilation)  # ⌈a / s⌉ is ⌊(a + s − 1) / s⌋
        starts_behind_the_end = (places - 1) * stride >= n + before
        return places - 1 if starts_behind_the_end else places

    def before(self, x: TensorSpec) -> Shape:
        """What is put before the first position of each axis."""
        return tuple([before for before, _behind in self.added])

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return seen_through(field, self.spans, self.steps, self.before(x))

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        if not self.ceil_mode:
            yield "Along each axis the window's places are counted; positions left over at the end are dropped."

    def _too_large(self, x: TensorSpec, space: Shape) -> Refusal:
        dilated = f", dilated to {times(self.spans)}," if max(self.spacing) > 1 else ""
        pairs = zip(self.pool_size, space, strict=True)
        fitting = tuple([max(1, min(k, int(n))) if isinstance(n, int) else k for k, n in pairs])
        instead = "a smaller pool" if x.framework == "pytorch" else "padding='same' or a smaller pool"
        return Refusal(
            f"pool {times(self.pool_size)}{dilated} is larger than the {times(space)} input: use {instead}",
            "pool_size",
            ({"pool_size": fitting}, {"padding": "same"}),
        )


class PaddedPoolingKind(WindowPoolingKind, frozen=True, kw_only=True):
    """What poolings with a moving window share that both frameworks have.

    Attributes:
        padding: "valid": only where the window fits; "same": beyond the edges too, so that stride 1 keeps the size; in
            PyTorch by numbers, how much before and behind each axis.
    """

    padding: Annotated[Literal["valid", "same"] | tuple[Side, ...], PADDING] = "valid"

    @property
    def added(self) -> tuple[Side, ...]:
        return super().added if isinstance(self.padding, str) else self.padding

    def output(self, x: TensorSpec) -> TensorSpec:
        self._refuse_padding(x)
        return super().output(x)

    def places(self, x: TensorSpec, space: Shape) -> Shape:
        if self.padding == "same":
            return tuple([same_size(n, s) for n, s in zip(space, self.steps, strict=True)])
        return super().places(x, space)

    def before(self, x: TensorSpec) -> Shape:
        if self.padding != "same":
            return super().before(x)
        windows = zip(self.split(x)[1], self.pool_size, self.steps, strict=True)
        return tuple([padded_before(n, k, s) for n, k, s in windows])

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        return super().remarks(x) if self.padding != "same" else ()

    def crossed(self, crossing: Crossing) -> LayerKind:
        """With the padding as the other framework says it: a word in Keras, numbers or rounding up in PyTorch."""
        kind = super().crossed(crossing)
        if not crossing.inputs or crossing.source == crossing.framework:
            return kind
        try:
            _batch, space, _channels = self.split(crossing.inputs[0])
        except Refusal:
            return kind
        padding, rounds_up = self.padding_in(crossing.framework, space)
        return msgspec.structs.replace(kind, padding=padding, ceil_mode=rounds_up)

    def padding_in(self, framework: Framework, space: Shape) -> tuple[Literal["valid", "same"] | Sides, bool]:
        """The padding as a framework says it, and whether it rounds up; as they are, where that has no way to.

        Where "same" adds nothing before an axis, PyTorch says it by rounding up.
        """
        wanted = missing(space, self.pool_size, self.steps)
        if wanted is None or 0 in self.steps:
            return self.padding, self.ceil_mode
        same = as_numbers(wanted)
        is_rounded = max(wanted) == 1 and all(s > 1 or not more for s, more in zip(self.steps, wanted, strict=True))
        if framework == "pytorch" and self.padding == "same":
            return (same, False) if same is not None else ("valid", True) if is_rounded else ("same", self.ceil_mode)
        if framework == "keras" and self.padding != "same":
            is_padded = any(map(any, self.added))
            if self.padding == same or (not is_padded and self.ceil_mode and is_rounded):
                return "same", False
            windows = zip(space, self.spans, self.steps, strict=True)
            if not is_padded and (not self.ceil_mode or all(divides(s, n - k) for n, k, s in windows)):
                return "valid", False
        return self.padding, self.ceil_mode

    def _refuse_padding(self, x: TensorSpec) -> None:
        """Refuses what one of the frameworks does not take as padding."""
        if x.framework == "keras":
            if not isinstance(self.padding, str):
                shown = ", ".join(f"{before}+{behind}" for before, behind in self.padding)
                reason = f"padding {shown}: Keras takes no numbers here, put a ZeroPadding before it"
                raise Refusal(reason, "padding", ({"padding": "same"}, {"padding": "valid"}))
            return
        halves: Mapping[str, object] = {"padding": tuple([k // 2 for k in self.pool_size])}
        if self.padding == "same":
            reason = "padding='same': PyTorch's poolings take numbers"
            raise Refusal(reason, "padding", (halves, {"padding": "valid"}))
        for (before, behind), k in zip(self.added, self.pool_size, strict=True):
            if before != behind:
                reason = f"padding {before}+{behind}: PyTorch's poolings take the same on both sides of an axis"
                raise Refusal(reason, "padding", ({"padding": "valid"},))
            if before > k // 2:
                reason = f"padding {before} is more than half of the pool {times(self.pool_size)}"
                raise Refusal(reason, "padding", (halves, {"padding": "valid"}))

    @classmethod
    def standardized(cls, options: Mapping[str, object]) -> dict[str, object]:
        standard = super().standardized(options)
        if "padding" in standard:
            standard["padding"] = sides(standard["padding"], cls.rank)
        return standard

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        true_or_false(module, options, "ceil_mode", "count_include_pad")
        sizes = dict.fromkeys(("pool_size", "padding", "dilation_rate"), (1, cls.rank))
        taken = per_axis(module, options, sizes | {"strides": (0, 1, cls.rank)})
        if taken["padding"] is None:
            raise InvalidOptions(f"padding = {shortened(options['padding'])}: {module.name} needs numbers", "padding")
        if taken["padding"] in (0, [0] * cls.rank, (0,) * cls.rank):
            taken["padding"] = "valid"
        return taken


def refuse_empty(x: TensorSpec, sizes: Shape, title: str) -> None:
    """Refuses sizes of 0, of which nothing can be taken.

    Raises:
        Refusal: one of the sizes is 0.
    """
    if 0 in sizes:
        raise Refusal(f"the input {text(x.shape)} has no values: {title} needs sizes of 1 or more behind the batch")


# The largest value ----------------------------------------------------------------------------------------------------

KEEPING: Arguments = {
    **MOVING,
    "dilation": Argument("dilation_rate", 1),
    "return_indices": Argument("return_indices", False),
    "ceil_mode": Argument("ceil_mode", False),
}


INDICES = Option("Return indices", digest="with indices", advanced=True, only="pytorch")


def with_indices(outputs: Tensors) -> Tensors:
    """The output, and a second one that says where in the input each of its values was."""
    (y,) = outputs
    return (y, msgspec.structs.replace(y, dtype="int64"))


class MaxPoolingKind(PaddedPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value in each window.

    Attributes:
        dilation_rate: distance between the window's places, per axis.
        return_indices: whether a second output says where in the input each value was.
    """

    search: ClassVar[tuple[str, ...]] = ("max pool", "downsample", "subsample")

    dilation_rate: Annotated[
        Size, Option("Dilation", words="dilation", digest="dilation {}", advanced=True, only="pytorch")
    ]
    return_indices: Annotated[bool, INDICES] = False

    @property
    def spacing(self) -> tuple[int, ...]:
        return self.dilation_rate

    def outputs(self, inputs: Tensors) -> Tensors:
        found = super().outputs(inputs)
        return with_indices(found) if self.return_indices else found

    def padding_apart(self, framework: Framework, space: Shape) -> tuple[Side, ...] | None:
        """The padding that a framework has in a layer of its own before this one; None where it needs none, or cannot.

        It puts zeros there, and PyTorch's poolings what is less than any value: for values of 0 or more that is alike.
        """
        is_plain = isinstance(self.padding, str) or self.ceil_mode or framework == "pytorch"
        return None if is_plain or not any(map(any, self.added)) else self.added

    def merged_padding(self, added: tuple[Side, ...], framework: Framework, space: Shape) -> tuple[Side, ...] | None:
        """The padding of this layer once it has also what is padded before it; None where a framework cannot say it."""
        is_sayable = framework == "pytorch" and self.padding == "valid"
        return added if is_sayable and all(before == behind for before, behind in added) else None


class MaxPooling1D(MaxPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value in each window along one axis."""

    rank = 1
    spellings = {"keras": ("MaxPooling1D", "MaxPool1D"), "pytorch": (Module("MaxPool1d", KEEPING),)}
    source = "https://keras.io/api/layers/pooling_layers/max_pooling1d/"

    pool_size: Single = (2,)
    strides: Step = None
    padding: Annotated[Literal["valid", "same"] | Sides1, PADDING] = "valid"
    dilation_rate: Single = (1,)


class MaxPooling2D(MaxPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value in each window over height and width."""

    rank = 2
    spellings = {"keras": ("MaxPooling2D", "MaxPool2D"), "pytorch": (Module("MaxPool2d", KEEPING),)}
    source = "https://keras.io/api/layers/pooling_layers/max_pooling2d/"

    pool_size: Pair = (2, 2)
    strides: Steps2 = None
    padding: Annotated[Literal["valid", "same"] | Sides2, PADDING] = "valid"
    dilation_rate: Pair = (1, 1)


class MaxPooling3D(MaxPoolingKind, frozen=True, kw_only=True):
    """Keeps the largest value in each window through depth, height and width."""

    rank = 3
    spellings = {"keras": ("MaxPooling3D", "MaxPool3D"), "pytorch": (Module("MaxPool3d", KEEPING),)}
    search = ("max pool", "downsample", "subsample", "volume")
    source = "https://keras.io/api/layers/pooling_layers/max_pooling3d/"

    pool_size: Triple = (2, 2, 2)
    strides: Steps3 = None
    padding: Annotated[Literal["valid", "same"] | Sides3, PADDING] = "valid"
    dilation_rate: Triple = (1, 1, 1)


# The mean -------------------------------------------------------------------------------------------------------------

AVERAGING: Arguments = {
    **MOVING,
    "ceil_mode": Argument("ceil_mode", False),
    "count_include_pad": Argument("count_include_pad", True),
}
DIVIDING: Arguments = {**AVERAGING, "divisor_override": Argument("divisor_override", None)}


class AveragePoolingKind(PaddedPoolingKind, frozen=True, kw_only=True):
    """Takes the mean of each window.

    Attributes:
        count_include_pad: whether zeros in the padding count in the mean, which changes values and no sizes.
    """

    search: ClassVar[tuple[str, ...]] = ("avg pool", "mean", "downsample", "subsample")

    count_include_pad: Annotated[
        bool, Option("Count padding in", digest="counts padding", advanced=True, only="pytorch")
    ] = False

    def refuse_foreign(self, framework: Framework) -> None:
        """Refuses to count the padding in, which Keras does not, only where there is any."""
        is_said = self.count_include_pad and any(map(any, self.added))
        kind = self if is_said else msgspec.structs.replace(self, count_include_pad=False)
        super(AveragePoolingKind, kind).refuse_foreign(framework)


class DividingPoolingKind(AveragePoolingKind, frozen=True, kw_only=True):
    """Takes the mean of each window, or its sum by a number of one's own.

    Attributes:
        divisor_override: what the sum is divided by; None: the window's size.
    """

    divisor_override: Annotated[
        Integer | None, Option("Divided by", words="divisor", digest="divided by {}", advanced=True, only="pytorch")
    ] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        if self.divisor_override == 0:
            raise Refusal("divided by 0: any other number will do", "divisor_override", ({"divisor_override": None},))
        return super().output(x)


class AveragePooling1D(AveragePoolingKind, frozen=True, kw_only=True):
    """Takes the mean of each window along one axis."""

    rank = 1
    spellings = {"keras": ("AveragePooling1D", "AvgPool1D"), "pytorch": (Module("AvgPool1d", AVERAGING),)}
    source = "https://keras.io/api/layers/pooling_layers/average_pooling1d/"

    pool_size: Single
    strides: Step = None
    padding: Annotated[Literal["valid", "same"] | Sides1, PADDING] = "valid"


class AveragePooling2D(DividingPoolingKind, frozen=True, kw_only=True):
    """Takes the mean of each window over height and width."""

    rank = 2
    spellings = {"keras": ("AveragePooling2D", "AvgPool2D"), "pytorch": (Module("AvgPool2d", DIVIDING),)}
    source = "https://keras.io/api/layers/pooling_layers/average_pooling2d/"

    pool_size: Pair
    strides: Steps2 = None
    padding: Annotated[Literal["valid", "same"] | Sides2, PADDING] = "valid"


class AveragePooling3D(DividingPoolingKind, frozen=True, kw_only=True):
    """Takes the mean of each window through depth, height and width."""

    rank = 3
    spellings = {"keras": ("AveragePooling3D", "AvgPool3D"), "pytorch": (Module("AvgPool3d", DIVIDING),)}
    search = ("avg pool", "mean", "downsample", "subsample", "volume")
    source = "https://keras.io/api/layers/pooling_layers/average_pooling3d/"

    pool_size: Triple
    strides: Steps3 = None
    padding: Annotated[Literal["valid", "same"] | Sides3, PADDING] = "valid"

    def output(self, x: TensorSpec) -> TensorSpec:
        if x.framework == "pytorch":
            refuse_larger_than_unpadded(self, self.split(x)[1])
        return super().output(x)


def refuse_larger_than_unpadded(kind: WindowPoolingKind, space: Shape) -> None:
    """Refuses a window that is larger than the input before it is padded, as PyTorch's means in three dimensions do.

    Raises:
        Refusal: it is larger along an axis.
    """
    for k, n in zip(kind.pool_size, space, strict=True):
        if k > n:
            fitting = tuple(
                [
                    max(1, min(k, int(n))) if isinstance(n, int) else k
                    for k, n in zip(kind.pool_size, space, strict=True)
                ]
            )
            reason = f"pool {times(kind.pool_size)} is larger than the {times(space)} input before padding"
            raise Refusal(reason, "pool_size", ({"pool_size": fitting},))
