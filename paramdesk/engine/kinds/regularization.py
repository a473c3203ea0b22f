"""Regularization: what makes training harder, and does nothing afterwards. No weights, no MACs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from paramdesk.engine.kinds.activation import ElementwiseKind, NotNegative
from paramdesk.engine.layer_kind import COMMON
from paramdesk.engine.option import AFew, Integer, Option, Positive, Rate
from paramdesk.engine.shape import TensorSpec
from paramdesk.engine.single_input import RankedKind, SpatialKind


class RegularizingKind(ElementwiseKind, frozen=True, kw_only=True):
    """What disturbs values in training only."""

    category = "reg"
    inert = frozenset({"seed"})


class Dropout(RegularizingKind, frozen=True, kw_only=True):
    """Sets a share of the values to 0, in training only, and scales the others up."""

    spellings = {"keras": ("Dropout",), "pytorch": ("Dropout",)}
    search = ("regularization", "drop", "overfitting")
    source = "https://keras.io/api/layers/regularization_layers/dropout/"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]
    noise_shape: Annotated[
        Annotated[tuple[Positive | None, ...], AFew] | None, Option("Noise shape", advanced=True)
    ] = None


class AlphaDropout(RegularizingKind, frozen=True, kw_only=True):
    """Dropout that keeps mean and variance, for networks of SELU units."""

    spellings = {"keras": ("AlphaDropout",), "pytorch": ("AlphaDropout",)}
    search = ("regularization", "drop", "selu")
    source = "https://keras.io/api/layers/regularization_layers/alpha_dropout/"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]
    noise_shape: Annotated[Annotated[tuple[Integer | None, ...], AFew] | None, Option("Noise shape", advanced=True)] = (
        None
    )


class GaussianDropout(RegularizingKind, frozen=True, kw_only=True):
    """Multiplies the values by noise around 1, in training only."""

    spellings = {"keras": ("GaussianDropout",)}
    search = ("regularization", "drop", "noise")
    source = "https://keras.io/api/layers/regularization_layers/gaussian_dropout/"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]


class GaussianNoise(RegularizingKind, frozen=True, kw_only=True):
    """Adds noise around 0 to the values, in training only."""

    spellings = {"keras": ("GaussianNoise",)}
    search = ("regularization", "noise", "augmentation")
    source = "https://keras.io/api/layers/regularization_layers/gaussian_noise/"

    stddev: Annotated[Rate, Option("Standard deviation", digest="{}", preset=0.1)]


class ActivityRegularization(RegularizingKind, frozen=True, kw_only=True):
    """Adds a penalty for large values to the loss, in training only."""

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
    """Dropout of whole channels."""

    category = "reg"
    search = ("regularization", "drop", "channel", "feature map")
    inert = frozenset({"seed"})
    common = frozenset({"dtype"})

    def output(self, x: TensorSpec) -> TensorSpec:
        self.split(x)
        return x


class SpatialDropout1D(SpatialDropoutKind, frozen=True, kw_only=True):
    """Sets whole channels of a sequence to 0, in training only."""

    rank = 1
    spellings = {"keras": ("SpatialDropout1D",), "pytorch": ("Dropout1d",)}
    source = "https://keras.io/api/layers/regularization_layers/spatial_dropout1d/"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]


class SpatialDropout2D(SpatialDropoutKind, SpatialKind, frozen=True, kw_only=True):
    """Sets whole channels of an image to 0, in training only."""

    rank = 2
    spellings = {"keras": ("SpatialDropout2D",), "pytorch": ("Dropout2d",)}
    source = "https://keras.io/api/layers/regularization_layers/spatial_dropout2d/"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]


class SpatialDropout3D(SpatialDropoutKind, SpatialKind, frozen=True, kw_only=True):
    """Sets whole channels of a volume to 0, in training only."""

    rank = 3
    spellings = {"keras": ("SpatialDropout3D",), "pytorch": ("Dropout3d",)}
    source = "https://keras.io/api/layers/regularization_layers/spatial_dropout3d/"

    rate: Annotated[Rate, Option("Rate", digest="{}", preset=0.5)]
