"""Normalization by channels: over the batch, or of each channel of a sample.

Mean and variance are taken out, and a learnt scale and shift put in. Each channel has a scale (gamma) and a shift
(beta): 2 × channels parameters. Batch normalization also gathers a moving mean and variance, 2 × channels values that
no training changes. Keras counts them as non-trainable parameters, PyTorch as buffers, together with one number more:
how many batches it has seen. There is nothing to multiply and accumulate.

Keras normalizes the axis it is told, the last one unless said otherwise; PyTorch always axis 1, and it learns no shift
without a scale. PyTorch writes down for how many channels a module was made and refuses others, but for what owns
nothing of that size. Its momentum is the share of the new value, Keras' that of the old one: 0.1 is 0.9 there.
Sources: `keras.layers.BatchNormalization`, `torch.nn.BatchNorm2d` and their relatives.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec

from paramdesk.engine.crossing import Crossing
from paramdesk.engine.declared import declared_spec, refuse_undeclared
from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import named, product
from paramdesk.engine.kinds.activation import ElementwiseKind
from paramdesk.engine.layer_kind import LayerKind, Tensors
from paramdesk.engine.option import Integer, Natural, Option
from paramdesk.engine.shape import Dim, Framework, Shape, TensorSpec, is_known, missing_axis, text
from paramdesk.engine.spelling import UNCOUNTED, Argument, Module
from paramdesk.engine.weight import Weight

SHIFT = {"bias": Argument("center", True)}
BY_NAME = frozenset({"bias"})


class NormalizingKind(ElementwiseKind, frozen=True, kw_only=True):
    """What normalizations that learn something have in common.

    Attributes:
        epsilon: added to the variance, against a division by zero.
        scale: whether a scale is learnt.
    """

    category = "norm"
    inert = frozenset(
        f"{weight}_{role}" for weight in ("beta", "gamma") for role in ("initializer", "regularizer", "constraint")
    )

    epsilon: Annotated[float | None, Option("Epsilon", advanced=True)]
    scale: Annotated[bool, Option("Learn a scale (gamma)", digest="no gamma")] = True

    def size(self, x: TensorSpec, axis: int) -> Dim:
        """Size of an input's axis.

        Raises:
            Refusal: there is no such axis.
        """
        rank = len(x.shape)
        if not -rank <= axis < rank:
            raise Refusal(missing_axis(axis, x.shape), "axis", ({"axis": -1},))
        return x.shape[axis]


Center: TypeAlias = Annotated[bool, Option("Learn a shift (beta)", digest="no beta")]


def scale_and_shift(dims: Shape, *, scale: bool, center: bool) -> tuple[Weight, ...]:
    """A scale and a shift of this shape, as far as they are learnt."""
    found = (Weight("gamma", dims),) if scale else ()
    return (*found, Weight("beta", dims)) if center else found


def refuse_lone_shift(x: TensorSpec, *, scale: bool, center: bool) -> None:
    """Refuses a shift without a scale, which PyTorch does not have."""
    if x.framework == "pytorch" and center and not scale:
        raise Refusal("PyTorch learns no shift without a scale", "center", ({"center": False}, {"scale": True}))


def with_shift(options: Mapping[str, object]) -> dict[str, object]:
    """PyTorch's options, where a shift is learnt only if a scale is."""
    return {**options, "center": bool(options["scale"]) and bool(options["center"])}


class ChannelNormalizingKind(NormalizingKind, frozen=True, kw_only=True):
    """What has a scale and a shift for each channel.

    Attributes:
        center: whether a shift (beta) is learnt.
        declared: for how many channels it was made, where PyTorch writes that down.
    """

    epsilon: float = 1e-3
    center: Center = True
    declared: Annotated[
        Natural | None, Option("Made for", words="channels", advanced=True, only="pytorch", unsaid="dropped")
    ] = None

    def channel_axis(self, x: TensorSpec) -> int:
        """Which axis holds the channels."""
        return 1

    @property
    def owned(self) -> bool:
        """Whether it owns anything of the channels' size."""
        return self.scale or self.center

    def channels(self, x: TensorSpec) -> Dim:
        """The channels, under the name that the formulas of all normalizations have for them."""
        return named("channels", self.size(x, self.channel_axis(x)) if self.declared is None else self.declared)

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        if not self.owned:
            return ()
        return scale_and_shift((self.channels(x),), scale=self.scale, center=self.center)

    def declared_inputs(self) -> Tensors:
        return declared_spec(self.declared)

    def refuse_channels(self, x: TensorSpec) -> None:
        """Refuses channels that it was not made for, if it owns anything of their size."""
        channels = self.size(x, self.channel_axis(x))
        if self.declared is not None and self.owned:
            refuse_undeclared(self.declared, channels, "channels", x)
        if x.framework == "pytorch" and self.scale and is_known(channels) and channels == 0:
            raise Refusal(f"the input {text(x.shape)} has no channels to scale", "scale", ({"scale": False},))

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        is_everywhere = x.framework == framework == "keras"
        return None if is_everywhere or not self._reads_channels(x) else 1

    def _reads_channels(self, x: TensorSpec) -> bool:
        """Whether the axis that it works along is that of the channels."""
        rank = len(x.shape)
        channels = 1 if x.layout == "channels_first" and rank > 3 else rank - 1
        axis = self.channel_axis(x)
        return x.framework == "pytorch" or (-rank <= axis < rank and axis % rank == channels)

    def crossed(self, crossing: Crossing) -> LayerKind:
        """With the axis as the other framework says it: in PyTorch it is always the first behind the batch."""
        kind = super().crossed(crossing)
        if "axis" not in self.options() or crossing.source == crossing.framework or not crossing.inputs:
            return kind
        axis, rank = crossing.axis(self.channel_axis(crossing.inputs[0])), crossing.rank
        if crossing.framework == "pytorch":
            return msgspec.structs.replace(kind, axis=-1) if axis % rank == 1 else kind
        return msgspec.structs.replace(kind, axis=-1 if axis == rank - 1 else axis)

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        names = super().axis_names(x)
        if x.framework == "pytorch" and names and self.channel_axis(x) == 0:
            return ("channels", *super().axis_names(x.reshaped((1, *x.shape)))[2:])
        return names


# What gathers statistics ----------------------------------------------------------------------------------------------

STATISTICS = ("moving_mean", "moving_variance")
_GATHERING = {
    "eps": Argument("epsilon", 1e-5),
    "momentum": Argument("momentum", 0.1),
    "affine": Argument("scale", True),
    "track_running_stats": Argument("track_running_stats", True),
}
_PLAIN = {"affine": Argument("scale", False), "track_running_stats": Argument("track_running_stats", False)}
_LAZY = {**_GATHERING, **UNCOUNTED, **SHIFT}
_MADE_FOR = {"num_features": Argument("declared"), **_LAZY}
_SYNCHRONIZED = {
    "num_features": Argument("declared"), **_GATHERING, "process_group": Argument("", None), **UNCOUNTED, **SHIFT,
}  # fmt: skip


class GatheringKind(ChannelNormalizingKind, frozen=True, kw_only=True):
    """What gathers means and variances while it is trained, to use them afterwards.

    Attributes:
        momentum: the share of the former mean in the new one; None, in PyTorch: all batches count alike.
        track_running_stats: whether it gathers them at all.
    """

    momentum: Annotated[float | None, Option("Momentum", advanced=True)] = 0.99
    track_running_stats: Annotated[
        bool, Option("Gather statistics", digest="no statistics", advanced=True, only="pytorch")
    ] = True

    @property
    def owned(self) -> bool:
        return super().owned or self.track_running_stats

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        found = super().weights(x)
        if not self.track_running_stats:
            return found
        dims = (self.channels(x),)
        return (*found, *(Weight(name, dims, trainable=False, statistic=True) for name in STATISTICS))

    def torch_weights(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        named = super().torch_weights(weights)
        if not self.track_running_stats:
            return named
        return (*named, Weight("num_batches_tracked", (), trainable=False, statistic=True))

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        taken = with_shift(options)
        momentum, declared = taken["momentum"], taken.get("declared")
        if isinstance(momentum, int | float):
            taken["momentum"] = round(1 - momentum, 12)
        if not (taken["scale"] or taken["track_running_stats"] or (type(declared) is int and declared >= 0)):
            taken.pop("declared", None)  # PyTorch does not look at it
        return taken


class BatchNormalization(GatheringKind, frozen=True, kw_only=True):
    """Normalizes each channel over the batch: learns a scale and a shift, and gathers means and variances.

    Attributes:
        axis: which axis holds the channels; in PyTorch that is always axis 1.
        renorm: corrects the batch's own statistics by those gathered, which takes three more for each channel.
        synchronized: whether devices that share a batch share its statistics.
        rank: how many spatial axes it takes in PyTorch (BatchNorm2d: 2); None: any number.
    """

    spellings = {
        "keras": ("BatchNormalization",),
        "pytorch": (
            *(Module(f"BatchNorm{r}d", _MADE_FOR, {"rank": r}, keywords=BY_NAME) for r in (1, 2, 3)),
            *(Module(f"LazyBatchNorm{r}d", _LAZY, {"rank": r}, keywords=BY_NAME) for r in (1, 2, 3)),
            Module("SyncBatchNorm", _SYNCHRONIZED, {"synchronized": True}, keywords=BY_NAME),
        ),
    }
    search = ("batch norm", "bn", "normalize")
    inert = NormalizingKind.inert | {
        "moving_mean_initializer", "moving_variance_initializer", "renorm_clipping", "renorm_momentum",
    }  # fmt: skip
    call_arguments = NormalizingKind.call_arguments | {"mask"}
    source = "https://keras.io/api/layers/normalization_layers/batch_normalization/"

    axis: Annotated[Integer, Option("Axis", digest="axis {}", only="keras")] = -1
    renorm: Annotated[bool, Option("Renormalize", digest="renorm", advanced=True, only="keras")] = False
    synchronized: Annotated[bool, Option("Synchronized", digest="synchronized", advanced=True)] = False
    rank: Annotated[
        Literal[1, 2, 3] | None, Option("Spatial axes", advanced=True, only="pytorch", unsaid="dropped")
    ] = None

    def channel_axis(self, x: TensorSpec) -> int:
        return self.axis if x.framework == "keras" else 1

    def output(self, x: TensorSpec) -> TensorSpec:
        if x.framework == "keras":
            if self.momentum is None:
                raise Refusal("momentum = none: Keras needs a number", "momentum", ({"momentum": 0.99},))
            self.size(x, self.axis)
            return x
        refuse_lone_shift(x, scale=self.scale, center=self.center)
        self._refuse_rank(x)
        self.refuse_channels(x)
        if self.epsilon < 0 or (self.epsilon == 0 and not self.track_running_stats):
            reason = f"epsilon = {self.epsilon:g}: PyTorch takes no negative one, and none of 0 without statistics"
            raise Refusal(reason, "epsilon", ({"epsilon": 1e-5},))
        if not self.track_running_stats and product((x.shape[0], *x.shape[2:])) == 1:
            reason = f"the input {text(x.shape)} has one value for each channel, of which there is no variance"
            raise Refusal(reason, "track_running_stats", ({"track_running_stats": True},))
        return x

    def crossed(self, crossing: Crossing) -> LayerKind:
        """As one of PyTorch's classes, which are for a number of spatial axes."""
        kind = super().crossed(crossing)
        if crossing.framework == "keras" or crossing.source == "pytorch" or not crossing.inputs:
            return kind
        space = max(crossing.rank - 2, 1)
        return msgspec.structs.replace(kind, rank=space if space < 4 and not self.synchronized else None)

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        found = super().weights(x)
        if not self.renorm:
            return found
        names = ("moving_stddev", "renorm_mean", "renorm_stddev")
        return (*found, *(Weight(name, found[-1].shape, trainable=False, statistic=True) for name in names))

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        if self.track_running_stats:
            counted = "count as non-trainable" if x.framework == "keras" else "are buffers, no parameters"
            yield f"Moving mean and variance are gathered, not trained: they {counted}."
        yield "After training it can be folded into the layer before it, so it has no MACs of its own."

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        axis = options.get("axis")
        if isinstance(axis, float | str):
            with contextlib.suppress(ValueError, OverflowError):  # what is no number, the check of types refuses
                options["axis"] = int(axis)
        return options

    def _refuse_rank(self, x: TensorSpec) -> None:
        found = len(x.shape)
        fitting = (2, 3) if self.rank == 1 else () if self.rank is None else (self.rank + 2,)
        if found < 2 or (fitting and found not in fitting):
            needed = " or ".join(map(str, fitting)) if fitting else "at least 2"
            raise Refusal(
                f"it needs {needed} axes, but the input {text(x.shape)} has {found}", "rank", ({"rank": None},)
            )


class InstanceNormalization(GatheringKind, frozen=True, kw_only=True):
    """Normalizes each channel of each sample by itself; it learns and gathers nothing unless told to.

    Attributes:
        rank: how many spatial axes it takes; a sample may come without an axis for the batch.
    """

    elsewhere = "`GroupNormalization` with a group for each channel"
    spellings = {
        "pytorch": (
            *(Module(f"InstanceNorm{r}d", _MADE_FOR | _PLAIN, {"rank": r}, keywords=BY_NAME) for r in (1, 2, 3)),
            *(Module(f"LazyInstanceNorm{r}d", _LAZY, {"rank": r}, keywords=BY_NAME) for r in (1, 2, 3)),
        )
    }
    search = ("instance norm", "in", "normalize", "style transfer")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html"

    rank: Annotated[Literal[1, 2, 3], Option("Spatial axes", preset=2, leads=True)]
    epsilon: float = 1e-5
    momentum: float | None = 0.9
    center: Annotated[bool, Option("Learn a shift (beta)", digest="beta")] = False
    scale: Annotated[bool, Option("Learn a scale (gamma)", digest="gamma")] = False
    track_running_stats: Annotated[bool, Option("Gather statistics", digest="statistics")] = False

    def channel_axis(self, x: TensorSpec) -> int:
        return 0 if len(x.shape) == self.rank + 1 else 1

    def channels(self, x: TensorSpec) -> Dim:
        # A lazy module takes axis 1 for the channels, even of a sample without an axis for the batch.
        return named("channels", self.size(x, 1) if self.declared is None else self.declared)

    def output(self, x: TensorSpec) -> TensorSpec:
        refuse_lone_shift(x, scale=self.scale, center=self.center)
        found = len(x.shape)
        if found not in (self.rank + 1, self.rank + 2):
            needed = f"{self.rank + 1} or {self.rank + 2}"
            raise Refusal(f"it needs {needed} axes, but the input {text(x.shape)} has {found}", "rank")
        if self.owned and self.declared is None:
            made_for = self.channels(x)
            if isinstance(made_for, int):
                refuse_undeclared(made_for, x.shape[self.channel_axis(x)], "channels", x)
        self.refuse_channels(x)
        if not self.track_running_stats and product(x.shape[self.channel_axis(x) + 1 :]) == 1:
            reason = f"the input {text(x.shape)} has one value for each channel, of which there is no variance"
            raise Refusal(reason, "track_running_stats", ({"track_running_stats": True},))
        return x
