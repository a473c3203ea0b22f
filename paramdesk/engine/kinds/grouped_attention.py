"""Grouped-query attention: several heads of queries share a head of keys and values, which are the costly ones to keep.

With C channels, as many heads as groups are multi-head attention; a single group is multi-query attention:

    parameters: (C + 1) × query heads × size + 2 × (C + 1) × groups × size + (query heads × size + 1) × C
    MACs:       as in multi-head attention with these numbers of heads; scores and weighted values count for every
                query head, as keys and values are repeated for them

Keras alone has it as a layer (`keras.layers.GroupQueryAttention`, which calls itself GroupedQueryAttention in files).
It takes three axes; of four or more it makes weights of the wrong size, and fails when run.

Source: Ainslie et al. 2023, https://arxiv.org/abs/2305.13245.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from paramdesk.engine.attention_run import FAILS
from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import divides, named, part, product
from paramdesk.engine.layer_kind import Tensors
from paramdesk.engine.option import Natural, Option, Positive
from paramdesk.engine.projected_attention import AttentionKind
from paramdesk.engine.shape import Dim, TensorSpec, public, text
from paramdesk.engine.weight import Weight


class GroupQueryAttention(AttentionKind, frozen=True, kw_only=True):
    """Attention in which groups of query heads share their keys and values.

    Attributes:
        head_dim: size of a head.
        num_query_heads: how many heads ask.
        num_key_value_heads: how many heads of keys and values they share.
    """

    elsewhere = "`scaled_dot_product_attention` with `enable_gqa`, between four `Linear`"
    spellings = {"keras": ("GroupQueryAttention", "GroupedQueryAttention")}
    search = ("gqa", "mqa", "multi-query", "self-attention", "heads", "transformer", "llama")
    source = "https://keras.io/api/layers/attention_layers/group_query_attention/"

    head_dim: Annotated[Positive, Option("Size of a head", words="head dimensions", digest="{} each", preset=64)]
    num_query_heads: Annotated[
        Natural, Option("Query heads", words="query heads", digest="{} heads", preset=8, leads=True)
    ]
    num_key_value_heads: Annotated[
        Positive, Option("Key and value heads", words="key heads", digest="{} for keys", preset=2, leads=True)
    ]

    def outputs(self, inputs: Tensors) -> Tensors:
        query, value, key = self.keras_inputs(inputs)
        for what, x in (("query", query), ("value", value), ("key", key)):
            if len(x.shape) < 3:
                raise Refusal(f"the {what} {text(x.shape)} needs 3 axes: batch, positions and channels")
        if not divides(self.num_key_value_heads, self.num_query_heads):
            raise Refusal(
                f"{self.num_query_heads} query heads cannot share {self.num_key_value_heads} key heads evenly",
                "num_key_value_heads",
                ({"num_key_value_heads": 1},),
            )
        if public(query.shape)[-1] != public(value.shape)[-1]:
            raise Refusal(f"query {text(query.shape)} and value {text(value.shape)} must have as many channels")
        return self.scored(query, (query.shape[0], self.num_query_heads, query.shape[1], key.shape[1]))

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        query, value, key = self.keras_inputs(inputs)
        asking, shared = self.num_query_heads, self.num_key_value_heads
        found = self._projection("query", query, asking)
        found += self._projection("key", key, shared, "value" if key is value else "key")
        if self.use_gate:
            found += self._projection("gate", query, asking, "query")
        found += self._projection("value", value, shared)
        channels = named("query channels", query.shape[-1])
        found += (Weight("attention_output/kernel", (asking, self.head_dim, channels)),)
        return (*found, Weight("attention_output/bias", (channels,))) if self.use_bias else found

    def _projection(self, name: str, x: TensorSpec, heads: int, reads: str = "") -> tuple[Weight, ...]:
        """Kernel and bias; Keras takes axis 2 for the channels and gives the bias a 1 for every axis behind it."""
        kernel = Weight(f"{name}/kernel", (named(f"{reads or name} channels", x.shape[2]), heads, self.head_dim))
        bias = Weight(f"{name}/bias", (heads, self.head_dim, *(1,) * (len(x.shape) - 3)))
        return (kernel, bias) if self.use_bias else (kernel,)

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        query, value, key = self.keras_inputs(inputs)
        asking, given, asked = (product(x.shape[1:-1]) for x in (query, value, key))
        size = self.head_dim
        heads, shared = self.num_query_heads, self.num_key_value_heads
        macs = part("query projection", asking * query.shape[-1] * heads * size)
        macs += part("key projection", asked * key.shape[-1] * shared * size)
        macs += part("value projection", given * value.shape[-1] * shared * size)
        macs += part("scores QKᵀ", asking * asked * heads * size)
        macs += part("weighted values", asking * asked * heads * size)
        if self.use_gate:
            macs += part("gate", asking * query.shape[-1] * heads * size)
        return macs + part("output projection", asking * heads * size * query.shape[-1])

    def warnings_on(self, inputs: Tensors, outputs: Tensors) -> Iterable[str]:
        query, value, key = self.keras_inputs(inputs)
        for x in (query, value, key):
            if len(x.shape) != 3:
                yield f"{text(x.shape)} has {len(x.shape)} axes, and it works with 3: {FAILS}"
                return
        if not self.num_query_heads:
            yield f"it has no query heads: {FAILS}"
        elif fault := self.run_fault((1,), (query, value, key)):
            yield fault
