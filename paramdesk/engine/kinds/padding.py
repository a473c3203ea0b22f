"""Padding: more positions around the spatial axes, n + before + behind. No weights, no MACs.

Zeros as in Keras (`keras.layers.ZeroPadding2D`) and PyTorch (`torch.nn.ZeroPad2d`); in PyTorch also a constant, the
values next to the edge mirrored (`ReflectionPad2d`, fewer than there are) or repeated (`ReplicationPad2d`), or those of
the other end (`CircularPad2d`, at most as many as there are). A negative padding crops in PyTorch.

Keras states the sides axis by axis, the first axis first: ((top, bottom), (left, right)). PyTorch lists them from the
last axis backwards, (left, right, top, bottom), and takes a shorter or longer list for fewer or more axes: channels and
batch are padded too where it reaches that far. It looks at the number of axes only where values of the input are put
around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.pooling import refuse_empty
from paramdesk.engine.option import AFew, Integer, Option
from paramdesk.engine.receptive_field import ReceptiveField, seen_shifted
from paramdesk.engine.shape import Dim, Shape, TensorSpec, is_known, sides, text, times
from paramdesk.engine.single_input import SpatialKind
from paramdesk.engine.spelling import Argument, Arguments, Module

Side: TypeAlias = tuple[Integer, Integer]
"""How much before the first position and how much behind the last one."""
Around: TypeAlias = tuple[Side, Side]
AroundVolume: TypeAlias = tuple[Side, Side, Side]
Mode: TypeAlias = Literal["constant", "reflect", "replicate", "circular"]

AT_ENDS = Option("Padding", words="padding", digest="by {}", preset=1, always=True, joint="+")
PADDING = Option("Padding", words="padding", digest="by {}", preset=1, always=True)


class SidedKind(SpatialKind, frozen=True, kw_only=True):
    """What puts something on the sides of axes.

    Attributes:
        listed: in PyTorch, how much before and behind each axis from the last one backwards, where that is said of
            other axes than the spatial ones; it then stands for the padding.
    """

    category = "reshape"
    takes_unbatched = True

    listed: Annotated[
        Annotated[tuple[Integer, ...], AFew] | None,
        Option(
            "From the last axis",
            words="padding",
            digest="{} from the last axis",
            advanced=True,
            joint=", ",
            only="pytorch",
        ),
    ] = None

    @property
    def added(self) -> tuple[Side, ...]:
        """How much before and behind each spatial axis."""
        raise NotImplementedError

    @property
    def way(self) -> Mode:
        """What is put there."""
        return "constant"

    @property
    def pairs(self) -> tuple[Side, ...]:
        """How much before and behind each of the last axes."""
        if self.listed is None:
            return self.added
        return tuple(zip(self.listed[::2], self.listed[1::2], strict=False))[::-1]

    def output(self, x: TensorSpec) -> TensorSpec:
        if x.framework == "keras":
            _batch, space, channels = self.split(x)
            return x.reshaped(self.joined(x, self._padded(space, self.added), channels))
        pairs = self.pairs
        self._refuse_axes(x, len(pairs))
        ahead = len(x.shape) - len(pairs)
        return x.reshaped((*x.shape[:ahead], *self._padded(x.shape[ahead:], pairs)))

    def _padded(self, sizes: Shape, pairs: tuple[Side, ...]) -> Shape:
        padded = tuple([n + lo + hi if lo or hi else n for n, (lo, hi) in zip(sizes, pairs, strict=True)])
        if self.way == "reflect" and not any(size > 0 or not is_known(size) for size in padded):
            raise Refusal(f"{times(sizes)} would become {times(padded)}: nothing would be left", "padding")
        for n, side, size in zip(sizes, pairs, padded, strict=True):
            if (reason := self._why_not(n, side, size)) is not None:
                before, behind = side
                raise Refusal(f"padding {before}+{behind} of {times((n,))}: {reason}", "padding", ({"padding": 1},))
        return padded

    def _why_not(self, n: Dim, side: Side, size: Dim) -> str | None:
        """Why an axis cannot be padded; None if it can."""
        if size < (1 if self.way == "replicate" else 0):
            return f"{times((size,))} would be left"
        left = n + min(side[0], 0) + min(side[1], 0)
        if left < 0 and (self.way == "constant" or (self.way == "circular" and size > 0)):
            return "the negative one takes more than there is"
        if self.way == "reflect" and max(side) >= n:
            return "only less than there is can be mirrored"
        if self.way == "circular" and max(side) > n:
            return "only as much as there is can be taken from the other end"
        return None

    def _refuse_axes(self, x: TensorSpec, axes: int) -> None:
        """Refuses a number of axes that cannot be padded this way."""
        count = len(x.shape)
        if self.way == "circular" and not self.rank + 1 <= count <= self.rank + 2:
            raise self._wrong_rank(x)
        if axes > count:
            raise Refusal(f"padding for {_axes(axes)}, but the input {text(x.shape)} has {count}", "padding")
        if self.way == "constant":
            return
        if axes not in (1, 2, 3) or not axes + 1 <= count <= axes + 2:
            reason = f"{self.title()} for {_axes(axes)} needs {axes + 1} or {axes + 2} of them, but the input "
            raise Refusal(f"{reason}{text(x.shape)} has {count}", "padding")
        if self.way != "circular":
            refuse_empty(x, x.shape[count - axes - 1 :], self.title())

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        if not self.rank + 1 <= len(x.shape) <= self.rank + 2:
            return None
        before = [before for before, _behind in self.pairs][-self.rank :]
        return seen_shifted(field, (*(0,) * (self.rank - len(before)), *before))

    @classmethod
    def standardized(cls, options: Mapping[str, object]) -> dict[str, object]:
        standard = super().standardized(options)
        if "padding" in standard and cls.rank > 1:
            standard["padding"] = sides(standard["padding"], cls.rank)
        return standard

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        given, taken = options["padding"], dict(options)
        numbers = given if isinstance(given, list | tuple) else (given,)
        if not all(type(number) is int for number in numbers):
            raise InvalidOptions(f"padding = {shortened(given)}: {module.name} takes whole numbers", "padding")
        if isinstance(given, list | tuple):
            if len(given) % 2:
                reason = f"{module.name} needs two numbers for each axis"
                raise InvalidOptions(f"padding = {shortened(given)}: {reason}", "padding")
            pairs = tuple(zip(given[::2], given[1::2], strict=True))[::-1]
            if len(pairs) == cls.rank:
                taken["padding"] = pairs if cls.rank > 1 else pairs[0]
            else:
                taken |= {"padding": 0, "listed": tuple(given)}
        if taken.get("value", 0) is None:
            taken["value"] = 0.0
        return taken


def _axes(count: int) -> str:
    return f"{count} {'axis' if count == 1 else 'axes'}"


# With zeros -----------------------------------------------------------------------------------------------------------

BY: Arguments = {"padding": Argument("padding")}


class ZeroPaddingKind(SidedKind, frozen=True, kw_only=True):
    """Puts zeros around the input."""

    search = ("pad", "border", "zeros")

    def output(self, x: TensorSpec) -> TensorSpec:
        if x.framework == "keras" and self._takes_away() and not (self.rank > 1 and self._is_even()):
            reason = "Keras takes a negative padding only as one number for all sides, and not of a sequence"
            raise Refusal(reason, "padding", ({"padding": 1},))
        return super().output(x)

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        if x.framework == "keras" and self._takes_away():
            yield "Keras accepts a negative padding and works out a shape, but fails when run: use Cropping instead"

    def keras_config(self) -> dict[str, object]:
        config = super().keras_config()
        return config | {"padding": self.added[0][0]} if self._takes_away() and self._is_even() else config

    def _takes_away(self) -> bool:
        return min(map(min, self.added)) < 0

    def _is_even(self) -> bool:
        return len({side for pair in self.added for side in pair}) == 1

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        """Refuses a negative number in a list, as Keras does; a single one passes its check for two or three axes."""
        options = super().keras_options(config)
        given = options.get("padding")
        listed = given if isinstance(given, list | tuple) else () if cls.rank > 1 else (given,)
        for side in listed:
            for number in side if isinstance(side, list | tuple) else (side,):
                if isinstance(number, int) and number < 0:
                    raise InvalidOptions(f"padding = {shortened(given)}: expected numbers ≥ 0", "padding")
        return options


class ZeroPadding1D(ZeroPaddingKind, frozen=True, kw_only=True):
    """Puts zeros before and behind a sequence."""

    rank = 1
    spellings = {"keras": ("ZeroPadding1D",), "pytorch": (Module("ZeroPad1d", BY),)}
    source = "https://keras.io/api/layers/reshaping_layers/zero_padding1d/"

    padding: Annotated[Side, AT_ENDS] = (1, 1)

    @property
    def added(self) -> tuple[Side, ...]:
        return (self.padding,)


class ZeroPadding2D(ZeroPaddingKind, frozen=True, kw_only=True):
    """Puts zeros around an image: ((top, bottom), (left, right))."""

    rank = 2
    spellings = {"keras": ("ZeroPadding2D",), "pytorch": (Module("ZeroPad2d", BY),)}
    source = "https://keras.io/api/layers/reshaping_layers/zero_padding2d/"

    padding: Annotated[Around, PADDING] = ((1, 1), (1, 1))

    @property
    def added(self) -> tuple[Side, ...]:
        return self.padding


class ZeroPadding3D(ZeroPaddingKind, frozen=True, kw_only=True):
    """Puts zeros around a volume, on both sides of each axis."""

    rank = 3
    spellings = {"keras": ("ZeroPadding3D",), "pytorch": (Module("ZeroPad3d", BY),)}
    source = "https://keras.io/api/layers/reshaping_layers/zero_padding3d/"

    padding: Annotated[AroundVolume, PADDING] = ((1, 1), (1, 1), (1, 1))

    @property
    def added(self) -> tuple[Side, ...]:
        return self.padding


# With other values ----------------------------------------------------------------------------------------------------


class PaddingKind(SidedKind, frozen=True, kw_only=True):
    """Puts a constant or values of the input around it.

    Attributes:
        mode: "constant"; "reflect": mirrored, without the edge itself; "replicate": the edge again and again;
            "circular": from the other end.
        value: the constant.
    """

    elsewhere = "`ZeroPadding2D` and its like for zeros, else `keras.ops.pad`"
    search = ("pad", "border", "mirror", "reflect", "replicate", "wrap", "circular")

    mode: Annotated[Mode, Option("Padding with", digest="{}")] = "constant"
    value: Annotated[float, Option("Constant", digest="value {}")] = 0.0

    @property
    def way(self) -> Mode:
        return self.mode


def _modules(rank: int) -> tuple[Module, ...]:
    """The classes of torch.nn for so many axes."""
    return (
        Module(f"ConstantPad{rank}d", {**BY, "value": Argument("value")}, {"mode": "constant"}),
        Module(f"ReflectionPad{rank}d", BY, {"mode": "reflect"}),
        Module(f"ReplicationPad{rank}d", BY, {"mode": "replicate"}),
        Module(f"CircularPad{rank}d", BY, {"mode": "circular"}),
    )


class Padding1D(PaddingKind, frozen=True, kw_only=True):
    """Puts a constant, or values of the sequence itself, before and behind it."""

    rank = 1
    spellings = {"pytorch": _modules(1)}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html"

    padding: Annotated[Side, AT_ENDS]

    @property
    def added(self) -> tuple[Side, ...]:
        return (self.padding,)


class Padding2D(PaddingKind, frozen=True, kw_only=True):
    """Puts a constant, or values of the image itself, around it: ((top, bottom), (left, right))."""

    rank = 2
    spellings = {"pytorch": _modules(2)}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html"

    padding: Annotated[Around, PADDING]

    @property
    def added(self) -> tuple[Side, ...]:
        return self.padding


class Padding3D(PaddingKind, frozen=True, kw_only=True):
    """Puts a constant, or values of the volume itself, around it, on both sides of each axis."""

    rank = 3
    spellings = {"pytorch": _modules(3)}
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad3d.html"

    padding: Annotated[AroundVolume, PADDING]

    @property
    def added(self) -> tuple[Side, ...]:
        return self.padding
