"""Regularization: what makes training harder, and does nothing afterwards. No weights, no multiply-accumulates.

Dropout sets values to 0 at random: single ones, whole channels or, in a residual network, a sample's whole branch. The
shape stays. Keras needs the rate, PyTorch takes 0.5 for it; both take any rate from 0 to 1. For whole channels Keras
wants the exact number of axes, PyTorch only for Dropout1d. The random generators' states count nowhere.
Sources: `keras.layers.Dropout`, `torch.nn.Dropout`, `torchvision.ops.StochasticDepth`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from paramdesk.engine.kinds.activation import IN_PLACE, ElementwiseKind, InPlace, NotNegative
from paramdesk.engine.layer_kind import COMMON
from paramdesk.engine.option import AFew, Integer, Option, Positive, Rate
from paramdesk.engine.shape import TensorSpec
from paramdesk.engine.single_input import RankedKind, SpatialKind
from paramdesk.engine.spelling import Argument, Module

CHANCE = {"p": Argument("rate", 0.5)}
NOT_IN_PLACE = {"inplace": Argument("", False)}
"""PyTorch takes the argument of these and does not heed it."""


class RegularizingKind(ElementwiseKind, frozen=True, kw_only=True):
    """What disturbs values in training only."""

    category = "reg"
    inert = frozenset({"seed"})


class Dropout(RegularizingKind, frozen=True, kw_only=True):
    """Sets a share of the values to 0, in training only, and scales the others up.

    Attributes:
        rate: which share.
        noise_shape: sizes of the random numbers; along a size of 1 all values share one.
        inplace: whether the output takes the memory of the input.
    """

    spellings = {"keras": ("Dropout",), "pytorch": (Module("Dropout", CHANCE | IN_PLACE),)}
    search = ("regularization", "drop", "overfitting")
    source = "https://keras.io/api/layers/regularization_layers/dropout/"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]
    noise_shape: Annotated[
        Annotated[tuple[Positive | None, ...], AFew] | None,
        Option("Noise shape", advanced=True, only="keras", unsaid="kept"),
    ] = None
    inplace: InPlace = False


class AlphaDropout(RegularizingKind, frozen=True, kw_only=True):
    """Dropout that keeps mean and variance, for networks of SELU units.

    Attributes:
        rate: which share of the values is dropped.
        noise_shape: sizes of the random numbers; along a size of 1 all values share one.
    """

    spellings = {"keras": ("AlphaDropout",), "pytorch": (Module("AlphaDropout", CHANCE | NOT_IN_PLACE),)}
    search = ("regularization", "drop", "selu")
    source = "https://keras.io/api/layers/regularization_layers/alpha_dropout/"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]
    noise_shape: Annotated[
        Annotated[tuple[Integer | None, ...], AFew] | None,
        Option("Noise shape", advanced=True, only="keras", unsaid="kept"),
    ] = None


class FeatureAlphaDropout(RegularizingKind, frozen=True, kw_only=True):
    """Drops whole channels and keeps mean and variance, for networks of SELU units.

    Attributes:
        rate: which share of the channels is dropped.
    """

    elsewhere = "`AlphaDropout` with a noise shape"
    spellings = {"pytorch": (Module("FeatureAlphaDropout", CHANCE | NOT_IN_PLACE),)}
    search = ("regularization", "drop", "selu", "channel")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]


class StochasticDepth(RegularizingKind, frozen=True, kw_only=True):
    """Drops the whole input of a sample, in training only: the branch beside a skip connection.

    Attributes:
        rate: which share of the samples.
        mode: "row": each sample by itself; "batch": all or none.
    """

    elsewhere = "`Dropout` with a noise shape of ones but for the batch"
    spellings = {"pytorch": (Module("StochasticDepth", {"p": Argument("rate"), "mode": Argument("mode")}),)}
    search = ("regularization", "drop path", "residual", "convnext", "swin", "efficientnet")
    source = "https://docs.pytorch.org/vision/stable/generated/torchvision.ops.StochasticDepth.html"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.1)]
    mode: Annotated[Literal["row", "batch"], Option("Mode", digest="{}")] = "row"


class GaussianDropout(RegularizingKind, frozen=True, kw_only=True):
    """Multiplies the values by noise around 1, in training only."""

    elsewhere = "a product with normal noise, by hand"
    spellings = {"keras": ("GaussianDropout",)}
    search = ("regularization", "drop", "noise")
    source = "https://keras.io/api/layers/regularization_layers/gaussian_dropout/"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]


class GaussianNoise(RegularizingKind, frozen=True, kw_only=True):
    """Adds noise around 0 to the values, in training only."""

    elsewhere = "a sum with normal noise, by hand"
    spellings = {"keras": ("GaussianNoise",)}
    search = ("regularization", "noise", "augmentation")
    source = "https://keras.io/api/layers/regularization_layers/gaussian_noise/"

    stddev: Annotated[Rate, Option("Standard deviation", digest="{}", preset=0.1)]


class ActivityRegularization(RegularizingKind, frozen=True, kw_only=True):
    """Adds a penalty for large values to the loss, in training only."""

    elsewhere = "a term that is added to the loss"
    spellings = {"keras": ("ActivityRegularization",)}
    search = ("regularization", "penalty", "l1", "l2")
    inert = frozenset()
    common = COMMON - {"activity_regularizer"}
    source = "https://keras.io/api/layers/regularization_layers/activity_regularization/"

    l1: Annotated[NotNegative, Option("L1", digest="L1 {}")] = 0.0
    l2: Annotated[NotNegative, Option("L2", digest="L2 {}")] = 0.0

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return {name: 0.0 if value is None else value for name, value in config.items()}


class SpatialDropoutKind(RankedKind, frozen=True, kw_only=True):
    """Dropout of whole channels.

    Attributes:
        rate: which share of them.
        inplace: whether the output takes the memory of the input.
    """

    category = "reg"
    search = ("regularization", "drop", "channel", "feature map")
    inert = frozenset({"seed"})
    common = frozenset({"dtype"})

    def output(self, x: TensorSpec) -> TensorSpec:
        if x.framework == "keras" or self.rank == 1:  # of other numbers of axes PyTorch only warns
            self.split(x)
        return x


class SpatialDropout1D(SpatialDropoutKind, frozen=True, kw_only=True):
    """Sets whole channels of a sequence to 0, in training only."""

    rank = 1
    spellings = {"keras": ("SpatialDropout1D",), "pytorch": (Module("Dropout1d", CHANCE | IN_PLACE),)}
    source = "https://keras.io/api/layers/regularization_layers/spatial_dropout1d/"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]
    inplace: InPlace = False


class SpatialDropout2D(SpatialDropoutKind, SpatialKind, frozen=True, kw_only=True):
    """Sets whole channels of an image to 0, in training only."""

    rank = 2
    spellings = {"keras": ("SpatialDropout2D",), "pytorch": (Module("Dropout2d", CHANCE | IN_PLACE),)}
    source = "https://keras.io/api/layers/regularization_layers/spatial_dropout2d/"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]
    inplace: InPlace = False


class SpatialDropout3D(SpatialDropoutKind, SpatialKind, frozen=True, kw_only=True):
    """Sets whole channels of a volume to 0, in training only."""

    rank = 3
    spellings = {"keras": ("SpatialDropout3D",), "pytorch": (Module("Dropout3d", CHANCE | IN_PLACE),)}
    source = "https://keras.io/api/layers/regularization_layers/spatial_dropout3d/"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]
    inplace: InPlace = False
