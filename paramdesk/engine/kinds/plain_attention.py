"""Attention without projections: the values are weighted by how well their keys fit the query, as they come.

There is next to nothing to learn: a scale, if at all. A score is a product of query and key (`Attention`, after Luong)
or the sum of tanh(query + key) over the channels (`AdditiveAttention`, after Bahdanau, and score_mode="concat"):

    MACs, products: query positions × key positions × (query channels + value channels)
    MACs, sums:     query positions × key positions × value channels, as a sum multiplies nothing

Both are called on a list: query, value and, if it is another tensor, key. Keras tells the output's shape from query and
value alone and checks neither the key nor the batch; what does not fit fails when it is run. PyTorch has no such layer:
`torch.nn.functional.scaled_dot_product_attention` is a function.

Sources: `keras.layers.Attention`, `keras.layers.AdditiveAttention`; https://arxiv.org/abs/1508.04025 and
https://arxiv.org/abs/1409.0473.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeAlias

from paramdesk.engine.attention_run import FAILS, broadcast, matrix_product
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import named, product
from paramdesk.engine.layer_kind import BATCH, LayerKind, Tensors
from paramdesk.engine.option import Option
from paramdesk.engine.projected_attention import refuse_seed
from paramdesk.engine.shape import Dim, Framework, Shape, TensorSpec, is_known, public, text
from paramdesk.engine.weight import Weight

ScoreMode: TypeAlias = Literal["dot", "concat"]
SOME_BATCH = 2**31 - 1
"""Stands for a batch of unknown size where shapes are put together: another axis hardly has the same."""


class PlainAttentionKind(LayerKind, frozen=True, kw_only=True):
    """What attention without projections shares.

    Attributes:
        use_scale: whether a scale of the scores is learnt.
        dropout: share of the scores that is set to 0 in training.
        return_attention_scores: whether the scores are an output too.
        use_causal_mask: whether a position sees only what stands before it. It changes no count.
    """

    category = "att"
    takes_list = True
    inert = frozenset({"seed"})
    usual_shapes = ((28, 32),)
    input_names = ("query", "value", "key")
    call_arguments = LayerKind.call_arguments | {"mask"}

    use_scale: Annotated[bool, Option("Learn a scale", digest="scaled")] = False
    dropout: Annotated[float, Option("Dropout", digest="dropout {}")] = 0.0
    return_attention_scores: Annotated[bool, Option("Return scores", digest="scores", at_call=True, advanced=True)] = (
        False
    )
    use_causal_mask: Annotated[bool, Option("Causal mask", digest="causal", at_call=True)] = False

    @property
    def multiplies(self) -> bool:
        """Whether scores are products of queries and keys."""
        raise NotImplementedError

    @classmethod
    def inputs_needed(cls, framework: Framework) -> int:
        return 2

    def outputs(self, inputs: Tensors) -> Tensors:
        if not 2 <= len(inputs) <= 3:
            raise Refusal(
                f"{self.title()} takes a list of query and value, or of query, value and key, got {len(inputs)} "
                f"tensor{'s' * (len(inputs) != 1)}: for self-attention query and value are the same"
            )
        query, value, key = _by_role(inputs)
        if not value.shape:
            raise Refusal("the value () has no axis, and the output takes its channels from the last one")
        y = query.reshaped((*query.shape[:-1], value.shape[-1])).floating()
        if not self.return_attention_scores:
            return (y,)
        if len(key.shape) < 2:
            raise Refusal(f"the key {text(key.shape)} needs at least 2 axes: positions and channels")
        return (y, y.reshaped((*query.shape[:-1], key.shape[-2])))

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        query, value, key = _by_role(inputs)
        if len(key.shape) < 2 or not query.shape:
            return 0
        channels = named("value channels", value.shape[-1])
        if self.multiplies:
            channels = query.shape[-1] + channels
        return product((*query.shape[1:-1], key.shape[-2], channels))

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return (BATCH, "positions", "channels") if len(x.shape) == 3 else super().axis_names(x)

    def warnings_on(self, inputs: Tensors, outputs: Tensors) -> Iterable[str]:
        query, value, key = (_with_batch(spec, inputs) for spec in _by_role(inputs))
        scores = self._scores(query, key)
        if scores is None:
            yield f"query {text(inputs[0].shape)} and key {text(inputs[-1].shape)} do not fit together: {FAILS}"
            return
        if self.use_causal_mask:
            scores = broadcast(scores, (1, *scores[-2:]))
        real = matrix_product(scores, value) if scores is not None else None
        if real is None:
            yield f"the scores {_shown(scores or ())} do not fit the value {text(inputs[1].shape)}: {FAILS}"
        elif _is_other(real, _with_batch(outputs[0], inputs)):
            yield f"Keras shows {text(outputs[0].shape)}, but when run the output has the shape {_shown(real)}"
        elif len(outputs) > 1 and scores is not None and _is_other(scores, _with_batch(outputs[1], inputs)):
            yield f"Keras shows {text(outputs[1].shape)} for the scores, but when run they are {_shown(scores)}"

    def _scores(self, query: Shape, key: Shape) -> Shape | None:
        """The shape of the scores when run; None where there are none."""
        if len(key) < 2 or not query:
            return None
        if self.multiplies:
            return matrix_product(query, (*key[:-2], key[-1], key[-2]))
        summed = broadcast((*query[:-1], 1, query[-1]), (*key[:-2], 1, *key[-2:]))
        return summed[:-1] if summed else None

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        dropout = config.get("dropout", 0)
        if isinstance(dropout, int | float) and dropout > 0:
            refuse_seed(config.get("seed"))
        return dict(config)


def _by_role(inputs: Tensors) -> tuple[TensorSpec, TensorSpec, TensorSpec]:
    """Query, value and key, which is the value unless given."""
    return inputs[0], inputs[1], inputs[2 if len(inputs) > 2 else 1]


def _with_batch(spec: TensorSpec, inputs: Tensors) -> Shape:
    """A shape with a size for its batch: the known one of the inputs, if there is one."""
    known = [int(one.shape[0]) for one in inputs if one.shape and isinstance(one.shape[0], int)]
    batch = known[0] if known else SOME_BATCH
    return tuple(batch if axis == 0 and not is_known(size) else size for axis, size in enumerate(spec.shape))


def _shown(shape: Shape) -> str:
    """A shape for messages, a batch of unknown size being None."""
    return text(tuple(None if size == SOME_BATCH else size for size in public(shape)))


def _is_other(real: Shape, foretold: Shape) -> bool:
    return len(real) != len(foretold) or any(n != m for n, m in zip(real, foretold, strict=True))


class Attention(PlainAttentionKind, frozen=True, kw_only=True):
    """Weights the values by the products of query and keys."""

    elsewhere = "`torch.nn.functional.scaled_dot_product_attention`"
    spellings = {"keras": ("Attention",)}
    search = ("luong", "dot product", "scores", "query key value", "seq2seq")
    source = "https://keras.io/api/layers/attention_layers/attention/"

    score_mode: Annotated[ScoreMode, Option("Scores", digest="{}")] = "dot"

    @property
    def multiplies(self) -> bool:
        return self.score_mode == "dot"

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        found = (Weight("scale", ()),) if self.use_scale else ()
        return found if self.multiplies else (*found, Weight("concat_score_weight", ()))


class AdditiveAttention(PlainAttentionKind, frozen=True, kw_only=True):
    """Weights the values by sums over tanh(query + key): a small network in place of a product."""

    elsewhere = "`tanh` of a sum of two `Linear`, and a `Linear` on top"
    spellings = {"keras": ("AdditiveAttention",)}
    search = ("bahdanau", "concat", "scores", "query key value", "seq2seq")
    source = "https://keras.io/api/layers/attention_layers/additive_attention/"

    use_scale: Annotated[bool, Option("Learn a scale", digest="not scaled")] = True

    @property
    def multiplies(self) -> bool:
        return False

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        if not self.use_scale:
            return ()
        query = inputs[0]
        if not query.shape:
            raise Refusal("the query () has no axis, and the scale takes its size from the last one")
        return (Weight("scale", (named("query channels", query.shape[-1]),)),)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        options = super().keras_options(config)
        mode = options.pop("score_mode", "dot")  # taken, checked and of no effect
        if mode not in ("dot", "concat"):
            raise InvalidOptions(f"score_mode = {mode!r}: expected 'dot' or 'concat'", "score_mode")
        return options
