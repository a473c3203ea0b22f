"""**Parameters** are the values in a layer's weights: the product of each weight's sizes, summed up.

In Keras' way of counting everything that a layer owns is a parameter; moving means and variances are non-trainable
ones, and so are the weights of a frozen layer. In PyTorch's way what is gathered rather than trained is a buffer and no
parameter. Shared weights count once.

**MACs** are multiply-accumulates: one multiplication and one addition. Counted are the products of convolutions, dense,
recurrent and attention layers, for one sample unless the batch is known, zeros in the padding included. Biases,
activations, pooling, normalization and look-ups count as 0: a normalization can be folded into the layer before it.
FLOPs are 2 × MACs. Papers that say FLOPs often mean MACs.

What is not known is empty, never 0. A total that misses a layer says "at least".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import product
from paramdesk.engine.layer_kind import LayerKind, Tensors
from paramdesk.engine.shape import Framework, Unknown, text
from paramdesk.engine.weight import StatedWeight, Weight

LARGEST_COUNT = 2**200
"""Far beyond any machine; a layer that needs more is refused, so that no table has to show a number without end."""


class Counts(NamedTuple):
    """What a layer owns.

    Attributes:
        weights: its parameters, as the convention names them.
        buffers: what the convention does not count as parameters.
        parameters: values in the weights.
        trainable: of these, those that training changes.
        statistics: values gathered from data, in weights or buffers.
    """

    weights: tuple[Weight, ...] = ()
    buffers: tuple[Weight, ...] = ()
    parameters: int = 0
    trainable: int = 0
    statistics: int = 0


NOTHING = Counts()


def counted(kind: LayerKind, inputs: Tensors, convention: Framework, *, is_trained: bool) -> Counts:
    """What a layer owns on these inputs.

    Raises:
        Refusal: a size of a weight is not known, or without end.
    """
    return _sorted(kind, kind.counted_like(convention).weights_on(inputs), convention, is_trained=is_trained)


def counted_as_stated(stated: Iterable[StatedWeight], convention: Framework, *, is_trained: bool) -> Counts:
    """What a layer owns by its file.

    Raises:
        Refusal: it is without end.
    """
    return _sorted(None, tuple([weight.weight() for weight in stated]), convention, is_trained=is_trained)


def _sorted(kind: LayerKind | None, weights: tuple[Weight, ...], convention: Framework, *, is_trained: bool) -> Counts:
    """Weights as a convention counts them, and names them if they are a kind's own."""
    if not weights:
        return NOTHING
    if not is_trained:
        weights = tuple([weight.frozen() for weight in weights])
    if convention == "keras":
        return Counts(weights, (), *_values(weights))
    named = kind.torch_weights(weights) if kind is not None else weights
    buffers = tuple([weight for weight in named if weight.statistic])
    weights = tuple([weight for weight in named if not weight.statistic]) if buffers else named
    parameters, trainable, _none = _values(weights)
    return Counts(weights, buffers, parameters, trainable, _values(buffers)[0])


def _values(weights: Iterable[Weight]) -> tuple[int, int, int]:
    """Values in weights: all, those that are trained, those gathered from data."""
    parameters = trainable = statistics = 0
    for weight in weights:
        values = product(weight.shape)
        if isinstance(values, Unknown):
            raise Refusal(
                f"{weight.name} would have the shape {text(weight.shape)}: every size of a weight must be known"
            )
        if values > LARGEST_COUNT:
            raise Refusal(f"{weight.name} would have the shape {text(weight.shape)}: more than 2²⁰⁰ values")
        parameters += values
        if weight.trainable:
            trainable += values
        if weight.statistic:
            statistics += values
    return parameters, trainable, statistics
