"""Pooling with powers: (Σ xᵖ)^(1/p) of each window. No weights, no MACs; the channels stay; PyTorch only.

p = 1 is the sum of a window, 2 the length of the vector in it, a large p comes close to its largest value. The window
has no padding; otherwise it moves as that of the other poolings (`torch.nn.LPPool2d`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

from paramdesk.engine.errors import Refusal
from paramdesk.engine.kinds.convolution import Pair, Single, Triple
from paramdesk.engine.kinds.pooling import Step, Steps2, Steps3, WindowPoolingKind, refuse_larger_than_unpadded
from paramdesk.engine.option import Option
from paramdesk.engine.per_axis import per_axis, true_or_false
from paramdesk.engine.shape import TensorSpec
from paramdesk.engine.spelling import Argument, Arguments, Module

DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.nn."

POWERS: Arguments = {
    "norm_type": Argument("norm_type"),
    "kernel_size": Argument("pool_size"),
    "stride": Argument("strides", None),
    "ceil_mode": Argument("ceil_mode", False),
}


class LPPoolingKind(WindowPoolingKind, frozen=True, kw_only=True):
    """Takes a power average of each window.

    Attributes:
        norm_type: the power p; 1 gives the sum.
    """

    elsewhere = "nothing"
    search = ("power average", "norm", "lp pool", "downsample")

    norm_type: Annotated[float, Option("Power", digest="power {}", preset=2.0, leads=True)]

    def output(self, x: TensorSpec) -> TensorSpec:
        if self.norm_type == 0:
            raise Refusal("power 0: there is no root of it", "norm_type", ({"norm_type": 2.0},))
        if self.rank == 3 and not math.isinf(self.norm_type):
            refuse_larger_than_unpadded(self, self.split(x)[1])
        return super().output(x)

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        true_or_false(module, options, "ceil_mode")
        lengths = () if cls.rank == 1 else (cls.rank,)
        return per_axis(module, options, {"pool_size": lengths, "strides": (0, 1, cls.rank)})


class LPPooling1D(LPPoolingKind, frozen=True, kw_only=True):
    """Takes a power average of each window along one axis."""

    rank = 1
    spellings = {"pytorch": (Module("LPPool1d", POWERS),)}
    source = f"{DOCS}LPPool1d.html"

    pool_size: Single
    strides: Step = None


class LPPooling2D(LPPoolingKind, frozen=True, kw_only=True):
    """Takes a power average of each window over height and width."""

    rank = 2
    spellings = {"pytorch": (Module("LPPool2d", POWERS),)}
    source = f"{DOCS}LPPool2d.html"

    pool_size: Pair
    strides: Steps2 = None


class LPPooling3D(LPPoolingKind, frozen=True, kw_only=True):
    """Takes a power average of each window through depth, height and width."""

    rank = 3
    spellings = {"pytorch": (Module("LPPool3d", POWERS),)}
    source = f"{DOCS}LPPool3d.html"

    pool_size: Triple
    strides: Steps3 = None
