"""What a layer is told when its network goes to another framework, or has its channels elsewhere.

The axes of a tensor may come to stand in another order: where Keras has images as (batch, height, width, channels),
PyTorch has (batch, channels, height, width). Such an order names, for every axis that there is afterwards, the axis
that it was before: (0, 3, 1, 2).
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from paramdesk.engine.shape import Framework, Layout, TensorSpec

Order: TypeAlias = tuple[int, ...]

LAST = -1
"""Where the channels are that stay behind all other axes, whatever the layout."""


def plain(rank: int) -> Order:
    """The order in which nothing has moved.

    >>> plain(3)
    (0, 1, 2)
    """
    return tuple(range(rank))


def turned(rank: int, place: int, layout: Layout) -> Order:
    """The order of axes after the channels have moved: to an axis from the last one, or from there to the last.

    Args:
        rank: how many axes.
        place: which axis has the channels when they come first (behind the batch, or behind the steps as well).
        layout: where they go.

    >>> turned(4, 1, "channels_first"), turned(4, 1, "channels_last"), turned(5, 2, "channels_first")
    ((0, 3, 1, 2), (0, 2, 3, 1), (0, 1, 4, 2, 3))
    """
    if place == LAST or rank <= place + 1:
        return plain(rank)
    ahead, behind = range(place), range(place, rank)
    if layout == "channels_first":
        return (*ahead, behind[-1], *behind[:-1])
    return (*ahead, *behind[1:], behind[0])


class Crossing(msgspec.Struct, frozen=True):
    """How a layer comes to another framework or layout.

    Attributes:
        framework: where it goes.
        inputs: what it reads where it comes from; empty where that is not known.
        read: the orders of these tensors afterwards.
        made: the order of its output.
    """

    framework: Framework
    inputs: tuple[TensorSpec, ...]
    read: tuple[Order, ...]
    made: Order

    @property
    def rank(self) -> int:
        """Axes of the first input; 0 if there is none."""
        return len(self.inputs[0].shape) if self.inputs else 0

    @property
    def source(self) -> Framework:
        """Where it comes from."""
        return self.inputs[0].framework if self.inputs else self.framework

    def axis(self, axis: int) -> int:
        """Where an axis of the first input stands afterwards; what names none, or the batch, stays as it is."""
        rank = self.rank
        if not rank or not -rank <= axis < rank or axis % rank == 0 or self.read[0] == plain(rank):
            return axis
        place = self.read[0].index(axis % rank)
        is_last_now = place == rank - 1 and self.read[0][-1] < self.read[0][-2]
        return LAST if is_last_now else place

    def at_a_step(self) -> Crossing:
        """The same for what stands at one step of each input: without the axis of the steps."""

        def without(order: Order) -> Order:
            return tuple([axis - (axis > 1) for axis in order if axis != 1])

        inputs = tuple([x.reshaped((x.shape[0], *x.shape[2:])) for x in self.inputs])
        return Crossing(self.framework, inputs, tuple(map(without, self.read)), without(self.made))
