"""Upsampling: more positions along the spatial axes. No weights, no MACs.

Keras (`keras.layers.UpSampling2D`) enlarges by whole factors, n · factor: every value is repeated, or, of images, new
ones are interpolated. PyTorch (`torch.nn.Upsample`) takes one module for one to three spatial axes, fixed sizes or
factors with a fraction, ⌊n · factor⌋, and so also makes tensors smaller. Its modes linear, bilinear and trilinear are
for one, two and three axes, bicubic for two; only these four can align corners. "area" takes means, as adaptive pooling
does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import called
from paramdesk.engine.invalid import shortened
from paramdesk.engine.kinds.convolution import Pair, Triple
from paramdesk.engine.kinds.pooling import refuse_empty
from paramdesk.engine.layer_kind import lowered
from paramdesk.engine.option import AFew, Counted, Natural, Option
from paramdesk.engine.receptive_field import ReceptiveField, seen_enlarged
from paramdesk.engine.shape import AXIS_NAMES, Dim, Shape, TensorSpec, text, times
from paramdesk.engine.single_input import RankedKind, SingleInputKind, SpatialKind
from paramdesk.engine.spelling import Argument, Arguments, Module

INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area")

# By whole factors -----------------------------------------------------------------------------------------------------


class UpSamplingKind(RankedKind, frozen=True, kw_only=True):
    """Makes several positions of each."""

    elsewhere = "`Upsample` with a scale factor"
    category = "reshape"
    search = ("upsample", "enlarge", "interpolate", "resize")

    @property
    def factors(self) -> tuple[int, ...]:
        """How many positions become of one, per axis."""
        raise NotImplementedError

    def output(self, x: TensorSpec) -> TensorSpec:
        _batch, space, channels = self.split(x)
        sizes = tuple([n * factor for n, factor in zip(space, self.factors, strict=True)])
        return x.reshaped(self.joined(x, sizes, channels))

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return seen_enlarged(field, self.factors)


class UpSampling1D(UpSamplingKind, frozen=True, kw_only=True):
    """Repeats every step of a sequence."""

    rank = 1
    spellings = {"keras": ("UpSampling1D",)}
    source = "https://keras.io/api/layers/reshaping_layers/up_sampling1d/"

    size: Annotated[Counted, Option("Factor", words="factor", digest="× {}", always=True)] = 2

    @property
    def factors(self) -> tuple[int, ...]:
        return (self.size,)


class UpSampling2D(UpSamplingKind, SpatialKind, frozen=True, kw_only=True):
    """Enlarges an image by whole factors: repeats rows and columns, or interpolates between them."""

    rank = 2
    spellings = {"keras": ("UpSampling2D",)}
    source = "https://keras.io/api/layers/reshaping_layers/up_sampling2d/"

    size: Annotated[Pair, Option("Factors", words="factor", digest="× {}", always=True)] = (2, 2)
    interpolation: Annotated[str, Option("Interpolation", digest="{}", choices=INTERPOLATIONS)] = "nearest"

    @property
    def factors(self) -> tuple[int, ...]:
        return self.size

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        return super().seen(x, field) if self.interpolation == "nearest" else None

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        if self.interpolation not in INTERPOLATIONS:
            given = shortened(self.interpolation)
            yield f"interpolation {given} is none of {', '.join(INTERPOLATIONS)}: it fails when run"
        elif self.interpolation != "nearest" and 0 in x.shape[1:]:
            yield f"the input {text(x.shape)} has no values to interpolate between: it fails when run"

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return lowered(super().keras_options(config), "interpolation")


class UpSampling3D(UpSamplingKind, SpatialKind, frozen=True, kw_only=True):
    """Enlarges a volume by whole factors."""

    rank = 3
    spellings = {"keras": ("UpSampling3D",)}
    source = "https://keras.io/api/layers/reshaping_layers/up_sampling3d/"

    size: Annotated[Triple, Option("Factors", words="factor", digest="× {}", always=True)] = (2, 2, 2)

    @property
    def factors(self) -> tuple[int, ...]:
        return self.size


# To any size ----------------------------------------------------------------------------------------------------------

Mode: TypeAlias = Literal["nearest", "nearest-exact", "area", "linear", "bilinear", "bicubic", "trilinear"]
AXES_OF: Mapping[str, int] = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
"""How many spatial axes a mode is for, where it is not for any number of them."""

SIZED: Arguments = {"size": Argument("size", None), "scale_factor": Argument("scale_factor", None)}


class Upsample(SingleInputKind, frozen=True, kw_only=True):
    """Brings the spatial axes, one to three of them, to other sizes: repeats values or interpolates between them.

    Attributes:
        size: to bring them to, one for all or one for each.
        scale_factor: what each size is multiplied by, one for all or one for each; either this or the size is stated.
        mode: how new values come about.
        align_corners: whether the outermost values keep their places at the edge; None: they do not.
        recompute_scale_factor: whether places follow from the size that comes out rather than from the factor.
    """

    elsewhere = "`UpSampling2D` and its like"
    category = "reshape"
    spellings = {
        "pytorch": (
            Module(
                "Upsample",
                {
                    **SIZED,
                    "mode": Argument("mode", "nearest"),
                    "align_corners": Argument("align_corners", None),
                    "recompute_scale_factor": Argument("recompute_scale_factor", None),
                },
            ),
            Module("UpsamplingNearest2d", SIZED, {"mode": "nearest"}),
            Module("UpsamplingBilinear2d", SIZED, {"mode": "bilinear", "align_corners": True}),
        )
    }
    search = ("upsample", "enlarge", "interpolate", "resize", "scale")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html"

    size: Annotated[
        Natural | Annotated[tuple[Natural, ...], AFew] | None, Option("Size", words="output size", digest="to {}")
    ] = None
    scale_factor: Annotated[
        float | Annotated[tuple[float, ...], AFew] | None, Option("Factor", digest="× {}", preset=2.0)
    ] = None
    mode: Annotated[Mode, Option("Mode", digest="{}")] = "nearest"
    align_corners: Annotated[bool | None, Option("Align corners", digest="corners aligned", advanced=True)] = None
    recompute_scale_factor: Annotated[bool | None, Option("Recompute factor", advanced=True)] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        axes = len(x.shape) - 2
        self._refuse_unclear()
        if not 1 <= axes <= 3:
            reason = (
                f"Upsample needs 3 to 5 axes (batch, channels and one to three more), but the input {text(x.shape)}"
            )
            raise Refusal(f"{reason} has {len(x.shape)}")
        if AXES_OF.get(self.mode, axes) != axes:
            needed = AXES_OF[self.mode] + 2
            reason = f"mode '{self.mode}' is for {needed} axes, but the input {text(x.shape)} has {axes + 2}"
            raise Refusal(
                reason, "mode", ({"mode": "nearest"}, {"mode": ("linear", "bilinear", "trilinear")[axes - 1]})
            )
        first = x.layout == "channels_first"
        space = x.shape[2:] if first else x.shape[1:-1]
        sizes = self._sizes(space)
        self._refuse_nothing(x, space, sizes)
        return x.reshaped((*x.shape[:2], *sizes) if first else (x.shape[0], *sizes, x.shape[-1]))

    def _refuse_unclear(self) -> None:
        """Refuses options that say too little, too much or what does not go together."""
        if (self.size is None) == (self.scale_factor is None):
            stated = "neither is" if self.size is None else "both are"
            reason = f"size or scale_factor must be stated, but {stated}"
            raise Refusal(reason, "scale_factor", ({"size": None, "scale_factor": 2.0},))
        if self.align_corners is not None and self.mode not in AXES_OF:
            reason = f"align_corners: mode '{self.mode}' has no such choice, only {', '.join(AXES_OF)} have"
            raise Refusal(reason, "align_corners", ({"align_corners": None},))
        if self.recompute_scale_factor and self.size is not None:
            reason = "recompute_scale_factor means nothing with an explicit size"
            raise Refusal(reason, "recompute_scale_factor", ({"recompute_scale_factor": None},))

    def _sizes(self, space: Shape) -> Shape:
        stated = self.scale_factor if self.size is None else self.size
        each = stated if isinstance(stated, tuple) else (stated,) * len(space)
        if len(each) != len(space):
            option = "scale_factor" if self.size is None else "size"
            reason = f"{option} {each}: the input has {len(space)} spatial axes ({times(space)})"
            raise Refusal(reason, option, ({option: each[0]},) if each else ())
        if self.size is not None:
            return tuple([size for size in each if isinstance(size, int)])
        return tuple([_scaled(*each) for each in zip(space, each, AXIS_NAMES[len(space)], strict=True)])

    def _refuse_nothing(self, x: TensorSpec, space: Shape, sizes: Shape) -> None:
        """Refuses to make nothing, or something of nothing; means may be taken of nothing's."""
        least = 0 if self.mode == "area" else 1
        for size in sizes:
            if size < least:
                option = "scale_factor" if self.size is None else "size"
                raise Refusal(f"{times(space)} would become {times(sizes)}: there must be something left", option)
        if self.mode == "area" and all(size == 1 for size in sizes):
            return
        takes_no_channels = self.mode == "area" and len(space) < 3
        refuse_empty(x, space if takes_no_channels else x.shape[1:], "Upsample")

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        if self.scale_factor is not None:
            yield "Along each axis the input's size is multiplied by the factor; a fraction is dropped."

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        factors = self.scale_factor
        each = factors if isinstance(factors, tuple) else (factors,) * (len(x.shape) - 2)
        whole = tuple([int(factor) for factor in each if factor and factor.is_integer() and factor > 0])
        if len(whole) < len(each) or not self.mode.startswith("nearest"):
            return None
        return seen_enlarged(field, whole)

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        taken = dict(options)
        if isinstance(taken["size"], bool):
            raise InvalidOptions(f"size = {taken['size']}: {module.name} takes whole numbers", "size")
        if (recompute := taken.get("recompute_scale_factor")) is not None:
            taken["recompute_scale_factor"] = bool(recompute)
        if not isinstance(taken["scale_factor"], list | tuple):
            taken["scale_factor"] = taken["scale_factor"] or None  # PyTorch takes a factor of 0 for none
        return taken


def _scaled(n: Dim, factor: object, axis: str) -> Dim:
    """A size multiplied by a factor, rounded towards zero."""
    if not isinstance(n, int) or not isinstance(factor, float):
        return n
    if type(n) is int:
        return int(n * factor)
    if factor.is_integer():
        return n * called("factor", int(factor))
    return called(f"output {axis}", int(int(n) * factor))
