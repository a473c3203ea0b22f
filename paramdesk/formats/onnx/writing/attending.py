"""Attention with projections, and without: products, Softmax, products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from paramdesk.engine.kinds.attention import MultiHeadAttention
from paramdesk.engine.kinds.plain_attention import Attention
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import Dim
from paramdesk.formats.onnx.writing.place import Made, Place, Write
from paramdesk.formats.onnx.writing.products import attended

FAR_BELOW = -1e9
"""Added to a score, it leaves nothing of it."""


def causal_mask(place: Place, queries: Dim, keys: Dim) -> str:
    """What is added to the scores so that no position sees what stands behind it."""
    sizes = place.size(queries), place.size(keys)
    return place.node("Trilu", place.filled(FAR_BELOW, *sizes), place.sheet.numbers(1, "int64"), upper=1)


class Role(NamedTuple):
    """A projection: what it reads, with how many channels, and how many it makes for each head.

    Attributes:
        name: of its weights.
        reads: batch, positions, channels.
        channels: of what it reads.
        size: of a head.
    """

    name: str
    reads: str
    channels: Dim
    size: int


def multi_head(place: Place, kind: MultiHeadAttention) -> list[Made]:
    """Three projections, attention for each head, and a projection back."""
    _refuse_options(place, kind)
    roles = _roles(place, kind)
    heads = kind.num_heads
    query, key, value = (_headed(place, kind, role) for role in roles)
    mask = ""
    if kind.use_causal_mask:
        mask = causal_mask(place, place.spec(0).shape[1], place.spec(1).shape[1])
    together, scores = attended(place, query, place.transpose(key, 0, 1, 3, 2), value, kind.key_dim**-0.5, mask)
    size = heads * kind.values_size
    together = place.node("Reshape", place.transpose(together, 0, 2, 1, 3), place.ints(0, 0, size))
    units = kind.output_sizes(place.spec(0))[0]
    name = "attention_output" if place.is_keras else "out_proj"
    made = _projected(place, kind, Role(name, together, size, 0), units)
    made = made if place.is_keras or not kind.time_major else place.transpose(made, 1, 0, 2)
    if not kind.return_attention_scores:
        return [Made(made)]
    if not place.is_keras and kind.average_attention_scores:
        scores = place.node("ReduceMean", scores, place.ints(1), keepdims=0)
    return [Made(made), Made(scores)]


def _refuse_options(place: Place, kind: MultiHeadAttention) -> None:
    """Refuses what is not written out here."""
    if any(len(place.spec(number).shape) != 3 for number in range(len(place.inputs))):
        place.refuse("on other than 3 axes")
    if isinstance(kind.output_shape, tuple) and len(kind.output_shape) != 1:
        place.refuse("to several axes")
    if len(place.inputs) > 3:
        place.refuse("with a mask")
    for option in ("use_gate", "sliding_window", "add_bias_kv", "add_zero_attn"):
        if getattr(kind, option):
            place.refuse(f"with {option}")


def _roles(place: Place, kind: MultiHeadAttention) -> list[Role]:
    """Query, key and value with what they read."""
    if place.is_keras:
        sources = {"query": 0, "key": 2 if len(place.inputs) > 2 else 1, "value": 1}
        names = {name: name for name in sources}
    else:
        sources = {"query": 0, "key": 1, "value": 2}
        names = {"query": "q_proj", "key": "k_proj", "value": "v_proj"}
    found = []
    for name, number in sources.items():
        x = place.plain(number)
        x = x if place.is_keras or not kind.time_major else place.transpose(x, 1, 0, 2)
        size = kind.values_size if name == "value" else kind.key_dim
        found.append(Role(names[name], x, place.spec(number).shape[-1], size))
    return found


def _projected(place: Place, kind: MultiHeadAttention, role: Role, units: Dim) -> str:
    inner = place.inner(kind, place.inputs, place.made, role.name)
    made = place.node("MatMul", role.reads, inner.weight("kernel", role.channels, units))
    return place.node("Add", made, inner.weight("bias", units)) if kind.use_bias else made


def _headed(place: Place, kind: MultiHeadAttention, role: Role) -> str:
    """A projection with the heads as an axis behind the batch."""
    made = _projected(place, kind, role, kind.num_heads * role.size)
    apart = place.node("Reshape", made, place.ints(0, 0, kind.num_heads, role.size))
    return place.transpose(apart, 0, 2, 1, 3)


def plain(place: Place, kind: Attention) -> list[Made]:
    """Attention of Keras: scores by a product, perhaps scaled."""
    if kind.score_mode != "dot" or any(len(place.spec(number).shape) != 3 for number in range(len(place.inputs))):
        place.refuse(f"with score_mode={kind.score_mode!r}" if kind.score_mode != "dot" else "on other than 3 axes")
    query, value = place.plain(0), place.plain(1)
    key = place.plain(2) if len(place.inputs) > 2 else value
    if kind.use_scale:
        query = place.node("Mul", query, place.weight("scale"))
    mask = causal_mask(place, place.spec(0).shape[1], place.spec(1).shape[1]) if kind.use_causal_mask else ""
    made, scores = attended(place, query, place.transpose(key, 0, 2, 1), value, 1, mask)
    return [Made(made), Made(scores)] if kind.return_attention_scores else [Made(made)]


WRITERS: Mapping[type[LayerKind], Write] = {MultiHeadAttention: multi_head, Attention: plain}
"""By the kind."""
