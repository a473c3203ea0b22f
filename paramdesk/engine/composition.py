"""Kinds that are made of other kinds: one layer, one row, with the weights and multiply-accumulates of its parts.

So are the transformer layers of torch.nn, which are attention, linear layers and normalization in one class. A weight
is called by its part and its own name, as there: `self_attn.in_proj_weight`. PyTorch alone has such layers, so these
names serve both conventions.
"""

from __future__ import annotations

import msgspec

from paramdesk.engine.formula import part
from paramdesk.engine.layer_kind import LayerKind, Tensors
from paramdesk.engine.shape import Dim
from paramdesk.engine.weight import Weight


class Part(msgspec.Struct, frozen=True):
    """A part of a layer.

    Attributes:
        name: as the class calls it.
        kind: what it is.
        inputs: what it reads.
        repeated: how many there are, one behind the other; 0: it stands alone and has no number.
        turned: what it reads with the batch in front, where that is elsewhere in `inputs`.
        worker: what works in its place, where that is another kind than the one that owns the weights.
    """

    name: str
    kind: LayerKind
    inputs: Tensors
    repeated: int = 0
    turned: Tensors = ()
    worker: LayerKind | None = None

    @property
    def weights(self) -> tuple[Weight, ...]:
        """Its weights, as PyTorch calls them: with its own name before theirs."""
        own = self.kind.torch_weights(self.kind.weights_on(self.inputs))
        names = [f"{self.name}.{n}" for n in range(self.repeated)] or [self.name]
        return tuple(
            Weight(f"{name}.{weight.name}", weight.shape, weight.trainable, weight.statistic)
            for name in names
            for weight in own
        )

    @property
    def macs(self) -> Dim:
        """Multiply-accumulates for one sample, of all that there are."""
        kind = self.worker or self.kind
        macs = kind.macs_on(self.inputs, kind.outputs(self.inputs))
        if self.turned and not (isinstance(macs, int) and macs == 0):
            macs = kind.macs_on(self.turned, kind.outputs(self.turned))
        return self.repeated * part("each", macs) if self.repeated > 1 else macs


class ComposedKind(LayerKind, frozen=True, kw_only=True):
    """A kind that is made of others."""

    def parts_on(self, inputs: Tensors) -> tuple[Part, ...]:
        """The parts that own or multiply something, in the order in which the class has them."""
        raise NotImplementedError

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        return tuple(weight for one in self.parts_on(inputs) for weight in one.weights)

    def torch_weights(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        return weights

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        found = [(one.name.replace("_", " "), one.macs) for one in self.parts_on(inputs)]
        terms = [part(name, macs) for name, macs in found if not isinstance(macs, int) or macs]
        return sum(terms[1:], start=terms[0]) if terms else 0
