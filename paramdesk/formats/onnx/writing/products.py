"""Products: with weights (dense layers, look-ups) and of tensors with one another."""

from __future__ import annotations

import string
from collections.abc import Mapping

from paramdesk.engine.kinds.core import Bilinear, Dense
from paramdesk.engine.kinds.einsum_dense import EinsumDense
from paramdesk.engine.kinds.embedding import Embedding, EmbeddingBag, ReversibleEmbedding
from paramdesk.engine.kinds.functional import DotProductAttention, Einsum, MatMul
from paramdesk.engine.kinds.similarity import CosineSimilarity, Dot, PairwiseDistance
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import is_known
from paramdesk.formats.onnx.writing.activations import activated
from paramdesk.formats.onnx.writing.place import Made, Place, Write


def dense(place: Place, kind: Dense) -> Made:
    """Gemm where there is a batch and nothing else, MatMul and Add where there are more axes."""
    if kind.lora_rank:
        place.refuse("with LoRA")
    shape = place.spec().shape
    inputs = shape[-1] if kind.declared is None else kind.declared
    kernel = place.weight("kernel", inputs, kind.units)
    bias = [place.weight("bias", kind.units)] if kind.use_bias else []
    x = place.plain()
    if len(shape) == 2:
        name = place.node("Gemm", x, kernel, *bias)
    else:
        name = place.node("MatMul", x, kernel)
        name = place.node("Add", name, *bias) if bias else name
    return Made(activated(place, name, kind.activation))


def bilinear(place: Place, kind: Bilinear) -> Made:
    """Einsum of both inputs and a weight for every pair and unit."""
    first, second = place.spec(0).shape, place.spec(1).shape
    ahead = string.ascii_uppercase[: len(first) - 1]
    kernel = place.weight("kernel", kind.units, first[-1], second[-1])
    equation = f"{ahead}i,uij,{ahead}j->{ahead}u"
    name = place.node("Einsum", place.plain(0), kernel, place.plain(1), equation=equation)
    return Made(place.node("Add", name, place.weight("bias", kind.units)) if kind.use_bias else name)


def einsum_dense(place: Place, kind: EinsumDense) -> Made:
    """Einsum with a weight, dots written out as letters."""
    if kind.lora_rank:
        place.refuse("with LoRA")
    spec = place.spec()
    equation = kind.equation
    letters = equation.partition(",")[0].replace(".", "")
    free = [letter for letter in string.ascii_letters if letter not in equation]
    elided = "".join(free[: len(spec.shape) - len(letters)])
    weights = {weight.name: weight.shape for weight in kind.weights(spec)}
    kernel = place.weight("kernel", *weights["kernel"])
    name = place.node("Einsum", place.plain(), kernel, equation=equation.replace("...", elided))
    if "bias" in weights:
        name = place.node("Add", name, place.weight("bias", *weights["bias"]))
    return Made(activated(place, name, kind.activation))


# Look-ups -------------------------------------------------------------------------------------------------------------


def _places(place: Place) -> str:
    """Numbers of rows, as whole numbers."""
    name = place.plain(as_it_is=True)
    return name if place.spec().dtype in ("int32", "int64") else place.cast(name, "int64")


def embedding(place: Place, kind: Embedding) -> Made:
    """Gather from a table."""
    if kind.lora_rank:
        place.refuse("with LoRA")
    table = place.weight("embeddings", kind.input_dim, kind.output_dim)
    return Made(place.node("Gather", table, _places(place)))


def reversible(place: Place, kind: ReversibleEmbedding) -> Made:
    """Gather from a table, or a product with it."""
    if kind.lora_rank:
        place.refuse("with LoRA")
    table = place.weight("embeddings", kind.input_dim, kind.output_dim)
    back = "" if kind.tie_weights else place.weight("reverse_embeddings", kind.output_dim, kind.input_dim)
    if not kind.reverse:
        return Made(place.node("Gather", table, _places(place)))
    name = place.node("MatMul", place.plain(), back or place.transpose(table, 1, 0))
    if kind.logit_soft_cap:
        cap = place.number(kind.logit_soft_cap)
        name = place.node("Mul", place.node("Tanh", place.node("Div", name, cap)), cap)
    return Made(name)


def bag(place: Place, kind: EmbeddingBag) -> Made:
    """Gather from a table, and what reduces the rows of each bag to one."""
    if len(place.inputs) > 1 or len(place.spec().shape) != 2:
        place.refuse("with offsets")
    table = place.weight("embeddings", kind.input_dim, kind.output_dim)
    op = {"mean": "ReduceMean", "sum": "ReduceSum", "max": "ReduceMax"}[kind.mode]
    return Made(place.node(op, place.node("Gather", table, _places(place)), place.ints(1), keepdims=0))


# Of tensors with one another ------------------------------------------------------------------------------------------


def matmul(place: Place, kind: MatMul) -> Made:
    """MatMul."""
    return Made(place.node("MatMul", place.plain(0), place.plain(1)))


def einsum(place: Place, kind: Einsum) -> Made:
    """Einsum."""
    inputs = [place.plain(number) for number in range(len(place.inputs))]
    return Made(place.node("Einsum", *inputs, equation=kind.equation.replace(" ", "")))


def attended(place: Place, query: str, key: str, value: str, scale: float, mask: str = "") -> tuple[str, str]:
    """What queries make of keys and values, all of them with positions and channels last; and the scores.

    Args:
        place: the layer.
        query: a tensor.
        key: a tensor whose channels stand before the positions.
        value: a tensor.
        scale: of the scores; 1 is none.
        mask: what is added to the scores; empty: nothing.
    """
    scores = place.node("MatMul", query, key)
    scores = scores if scale == 1 else place.node("Mul", scores, place.number(scale))
    scores = place.node("Add", scores, mask) if mask else scores
    scores = place.node("Softmax", scores, axis=-1)
    return place.node("MatMul", scores, value), scores


def dot_product_attention(place: Place, kind: DotProductAttention) -> Made:
    """Scores by a product, Softmax, and a product with the values."""
    query, key, value = (place.spec(number).shape for number in range(3))
    heads = [shape[-3] if len(shape) > 2 else 1 for shape in (query, key, value)]
    if any(is_known(one) and one not in (1, heads[0]) for one in heads[1:]):
        place.refuse("with fewer heads of keys")
    mask = ""
    if len(place.inputs) > 3:
        if place.spec(3).dtype == "bool":
            masked = place.plain(3, as_it_is=True)
            mask = place.node("Where", masked, place.number(0), place.number(-1e9))
        else:
            mask = place.plain(3)
    rank = len(key)
    turned = place.transpose(place.plain(1), *range(rank - 2), rank - 1, rank - 2)
    scale = place.size(query[-1]) ** -0.5
    return Made(attended(place, place.plain(0), turned, place.plain(2), scale, mask)[0])


def dot(place: Place, kind: Dot) -> Made:
    """Einsum over an axis of each of two inputs."""
    ranks = [len(place.spec(number).shape) for number in (0, 1)]
    axes = (kind.axes, kind.axes) if isinstance(kind.axes, int) else kind.axes
    first, second = (axis % rank for axis, rank in zip(axes, ranks, strict=True))
    if 0 in (first, second) or min(ranks) < 2:
        place.refuse("along the batch")
    one = list(string.ascii_lowercase[: ranks[0]])
    other = ["a", *string.ascii_uppercase[: ranks[1] - 1]]
    one[first] = other[second] = "z"
    made = [letter for letter in one + other[1:] if letter != "z"]
    x, y = place.plain(0), place.plain(1)
    if kind.normalize:
        x = place.node("LpNormalization", x, axis=first, p=2)
        y = place.node("LpNormalization", y, axis=second, p=2)
    name = place.node("Einsum", x, y, equation=f"{''.join(one)},{''.join(other)}->{''.join(made)}")
    return Made(name if len(made) > 1 else place.node("Unsqueeze", name, place.ints(1)))


def cosine(place: Place, kind: CosineSimilarity) -> Made:
    """A sum of products, divided by both lengths."""
    x, y = place.plain(0), place.plain(1)
    both = max(len(place.spec(number).shape) for number in (0, 1))
    along = place.ints(kind.axis % both - both)
    top = place.node("ReduceSum", place.node("Mul", x, y), along, keepdims=0)
    lengths = [place.node("ReduceL2", each, along, keepdims=0) for each in (x, y)]
    bottom = place.node("Max", place.node("Mul", *lengths), place.number(kind.epsilon))
    return Made(place.node("Div", top, bottom))


def distance(place: Place, kind: PairwiseDistance) -> Made:
    """The length of a difference along the last axis."""
    if kind.p not in (1, 2):
        place.refuse(f"of the norm {kind.p:g}")
    difference = place.node("Add", place.node("Sub", place.plain(0), place.plain(1)), place.number(kind.epsilon))
    op = "ReduceL1" if kind.p == 1 else "ReduceL2"
    return Made(place.node(op, difference, place.ints(-1), keepdims=int(kind.keepdims)))


WRITERS: Mapping[type[LayerKind], Write] = {
    Dense: dense, Bilinear: bilinear, EinsumDense: einsum_dense, Embedding: embedding, ReversibleEmbedding: reversible,
    EmbeddingBag: bag, MatMul: matmul, Einsum: einsum, DotProductAttention: dot_product_attention, Dot: dot,
    CosineSimilarity: cosine, PairwiseDistance: distance,
}  # fmt: skip
"""By the kind."""
