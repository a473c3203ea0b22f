"""A softmax for very many classes that spends little on those that are rare.

The classes are split by `cutoffs` into a head of frequent ones and tails of ever rarer ones. The head is one product,
inputs × (classes in it + number of tails). Each tail first squeezes the inputs, by `div_value` to the power of its
number, then spreads them over its classes: for 512 inputs and div_value 4, 512 × 128 and 128 × classes in the first.
How many multiply-accumulates a sample takes depends on which classes it asks for, so they are not known.
Source: `torch.nn.AdaptiveLogSoftmaxWithLoss`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Annotated

from paramdesk.engine.declared import declared_spec, refuse_undeclared
from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import named
from paramdesk.engine.layer_kind import LayerKind, Tensors
from paramdesk.engine.option import AFew, Natural, Option, Positive
from paramdesk.engine.shape import UNKNOWN, Dim, TensorSpec, is_known, text
from paramdesk.engine.spelling import UNCOUNTED, Argument, Module
from paramdesk.engine.weight import Weight


class AdaptiveLogSoftmax(LayerKind, frozen=True, kw_only=True):
    """Gives the logarithm of the probability of each sample's class, and the mean loss, for very many classes.

    Attributes:
        units: how many classes.
        cutoffs: at which classes the head ends and each tail but the last, in ascending order.
        div_value: by what each tail squeezes its inputs more than the one before.
        head_bias: whether the head has biases.
        declared: how many inputs it was made for.
    """

    elsewhere = "nothing"
    category = "dense"
    spellings = {
        "pytorch": (
            Module(
                "AdaptiveLogSoftmaxWithLoss",
                {
                    "in_features": Argument("declared"),
                    "n_classes": Argument("units"),
                    "cutoffs": Argument("cutoffs"),
                    "div_value": Argument("div_value", 4.0),
                    "head_bias": Argument("head_bias", False),
                    **UNCOUNTED,
                },
            ),
        )
    }
    search = ("large vocabulary", "language model", "softmax", "loss", "probability")
    input_names = ("input", "target")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html"

    units: Annotated[Positive, Option("Classes", words="classes", digest="{} classes", preset=10_000)]
    cutoffs: Annotated[
        Annotated[tuple[Positive, ...], AFew],
        Option("Cutoffs", words="cutoff", digest="cut at {}", joint=", ", preset=(1000, 5000)),
    ]
    div_value: Annotated[float, Option("Squeeze by", digest="squeezed by {}")] = 4.0
    head_bias: Annotated[bool, Option("Head has biases", digest="head bias")] = False
    declared: Annotated[Natural | None, Option("Made for", words="inputs", advanced=True)] = None

    def outputs(self, inputs: Tensors) -> Tensors:
        if len(inputs) != 2:
            raise Refusal(f"AdaptiveLogSoftmax takes two inputs, the values and their classes, got {len(inputs)}")
        x, target = inputs
        if len(target.shape) > 1 or len(x.shape) != len(target.shape) + 1:
            shapes = f"the input {text(x.shape)} and the classes {text(target.shape)}"
            raise Refusal(f"{shapes} do not fit together: one class is needed for each row of values")
        if target.shape and is_known(x.shape[0]) and is_known(target.shape[0]) and x.shape[0] != target.shape[0]:
            raise Refusal(f"{x.shape[0]} rows of values, but {target.shape[0]} classes")
        if self.declared is not None:
            refuse_undeclared(self.declared, x.shape[-1], "inputs", x)
        batch = x.shape[:-1] if not target.shape or is_known(x.shape[0]) else target.shape
        return x.reshaped(batch).floating(), x.reshaped(()).floating()

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        self._refuse_options()
        return tuple(self._weights(named("inputs", inputs[0].shape[-1] if self.declared is None else self.declared)))

    def torch_weights(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        return tuple([
            Weight(weight.name.replace("/", ".").replace("kernel", "weight"), weight.shape[::-1], weight.trainable)
            for weight in weights
        ])  # fmt: skip

    def declared_inputs(self) -> Tensors:
        return declared_spec(self.declared)

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        return UNKNOWN

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return super().axis_names(x) if len(x.shape) != 1 else ("values",)

    def _weights(self, inputs: Dim) -> Iterator[Weight]:
        head = named("head outputs", self.cutoffs[0] + len(self.cutoffs))
        yield Weight("head/kernel", (inputs, head))
        if self.head_bias:
            yield Weight("head/bias", (head,))
        for tail, (start, end) in enumerate(itertools.pairwise((*self.cutoffs, self.units))):
            squeezed = self._squeezed(inputs, tail + 1)
            yield Weight(f"tail/{tail}/0/kernel", (inputs, squeezed))
            yield Weight(f"tail/{tail}/1/kernel", (squeezed, named(f"classes in tail {tail}", end - start)))

    def _squeezed(self, inputs: Dim, power: int) -> Dim:
        """What a tail makes of the inputs: as many, divided and rounded down."""
        divisor = math.prod([self.div_value] * power, start=1.0)
        if divisor.is_integer():
            return inputs // int(divisor)
        return named("squeezed inputs", int(inputs // divisor)) if isinstance(inputs, int) else inputs

    def _refuse_options(self) -> None:
        if not self.cutoffs or list(self.cutoffs) != sorted(set(self.cutoffs)) or self.cutoffs[-1] >= self.units:
            reason = f"cutoffs {self.cutoffs}: expected ascending numbers from 1 to {self.units - 1}"
            raise Refusal(reason, "cutoffs")
        smallest = math.prod([self.div_value] * len(self.cutoffs), start=1.0)
        if not smallest > 0:  # not a number is none either
            raise Refusal(
                f"div_value = {self.div_value:g}: expected more than 0, also when it is multiplied with itself",
                "div_value",
                ({"div_value": 4.0},),
            )
