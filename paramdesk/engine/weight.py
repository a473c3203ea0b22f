"""Weights: the tensors that a layer owns, and what the frameworks call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from paramdesk.engine.option import AFew, Natural
from paramdesk.engine.shape import Dim

TORCH_NAMES: Mapping[str, str] = {
    "kernel": "weight", "gamma": "weight", "scale": "weight", "alpha": "weight", "embeddings": "weight",
    "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var",
}  # fmt: skip
"""What torch.nn calls the usual weights of a module."""


class Weight(msgspec.Struct, frozen=True, gc=False):
    """A tensor that a layer owns.

    Attributes:
        name: as the framework calls it, relative to the layer ("kernel").
        shape: all known; in the framework's order.
        trainable: whether training changes it.
        statistic: gathered from data rather than trained (a moving mean), hence never trainable. In PyTorch it is a
            buffer and no parameter.
    """

    name: str
    shape: tuple[Dim, ...]
    trainable: bool = True
    statistic: bool = False

    def frozen(self) -> Weight:
        """The same weight, not trained."""
        return Weight(self.name, self.shape, trainable=False, statistic=self.statistic)

    def within(self, path: str) -> Weight:
        """The same weight as a wrapper has it, of the layer inside: `forward_lstm/lstm_cell/kernel`."""
        return Weight(f"{path}/{self.name}", self.shape, self.trainable, self.statistic)


class StatedWeight(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A weight as a file states it.

    Attributes:
        name: as the file has it.
        shape: all known.
        trainable: whether training changes it.
        statistic: whether it is gathered from data.
    """

    name: str
    shape: Annotated[tuple[Natural, ...], AFew]
    trainable: bool = True
    statistic: bool = False

    def weight(self) -> Weight:
        """The weight that it states."""
        return Weight(self.name, self.shape, self.trainable, self.statistic)


def torch_weight(weight: Weight) -> Weight:
    """A weight under the name and with the order of axes that torch.nn has for it: outputs, inputs, window.

    >>> torch_weight(Weight("kernel", (3, 3, 32, 64)))
    Weight(name='weight', shape=(64, 32, 3, 3), trainable=True, statistic=False)
    """
    shape = weight.shape
    if weight.name == "kernel" and len(shape) > 1:
        shape = (shape[-1], shape[-2], *shape[:-2])
    return Weight(TORCH_NAMES.get(weight.name, weight.name), shape, weight.trainable, weight.statistic)
