"""Embeddings: a table of vectors, looked up by number. A look-up is no multiplication: no multiply-accumulates.

The table has a row for each number and a column for each dimension: tokens × dimensions parameters. With LoRA it is
frozen and two small tables are trained in its place. Used backwards, as the last layer of a language model, it is
multiplied with what comes in: dimensions × tokens multiply-accumulates for each position. A bag of embeddings reduces
the vectors of a sample to one, by their mean, sum or maximum.

PyTorch takes a table without columns, and leaves the row of its padding index at 0; it refuses such an index outside
the table. Sources: `keras.layers.Embedding`, `keras.layers.ReversibleEmbedding`, `torch.nn.Embedding`,
`torch.nn.EmbeddingBag`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import product
from paramdesk.engine.layer_kind import BATCH, LayerKind, Tensors
from paramdesk.engine.option import LARGEST, Flag, Integer, Natural, Option
from paramdesk.engine.shape import Dim, TensorSpec, is_known, text
from paramdesk.engine.single_input import SingleInputKind
from paramdesk.engine.spelling import UNCOUNTED, Argument, Module
from paramdesk.engine.weight import Weight

Size = Annotated[int, msgspec.Meta(ge=0, le=LARGEST, extra={"true_is_one": False})]
"""Of a table; Keras takes neither True for 1 nor 0, which is refused on computing."""

TABLE = {"num_embeddings": Argument("input_dim"), "embedding_dim": Argument("output_dim")}
RENORMALIZED = {"max_norm": Argument("", None), "norm_type": Argument("", 2.0)}


class LookUpKind(LayerKind, frozen=True, kw_only=True):
    """What looks vectors up in a table.

    Attributes:
        input_dim: how many rows it has: tokens, categories.
        output_dim: how many numbers a row has.
        padding_idx: the row that stays 0, in PyTorch; negative ones count from the end.
        sparse: whether gradients hold the used rows only.
        scale_grad_by_freq: whether rows that are used often learn slower.
    """

    category = "emb"

    input_dim: Annotated[Size, Option("Vocabulary", words="tokens", digest="{} tokens", preset=10_000)]
    output_dim: Annotated[Size, Option("Dimensions", words="dimensions", digest="{} dimensions", preset=64)]
    padding_idx: Annotated[Integer | None, Option("Padding index", advanced=True, only="pytorch", unsaid="kept")] = None
    sparse: Annotated[Flag, Option("Sparse gradients", advanced=True, only="pytorch", unsaid="kept")] = False
    scale_grad_by_freq: Annotated[Flag, Option("Scale by frequency", advanced=True, only="pytorch", unsaid="kept")] = (
        False
    )

    def table(self) -> tuple[Weight, ...]:
        """The table."""
        return (Weight("embeddings", (self.input_dim, self.output_dim)),)

    def refuse_table(self, x: TensorSpec) -> None:
        """Refuses a table of a size that a framework does not take, and a padding index outside it."""
        if x.framework == "keras":
            for name, size in (("input_dim", self.input_dim), ("output_dim", self.output_dim)):
                if size < 1:
                    raise Refusal(f"{name} = {size}: Keras needs at least 1", name, ({name: 1},))
        elif self.input_dim == 0 and not any(is_known(size) and size == 0 for size in x.shape):
            raise Refusal("the table has no rows, so nothing can be looked up", "input_dim", ({"input_dim": 1},))
        padding = self.padding_idx
        if padding is not None and not -self.input_dim <= padding < self.input_dim:
            reason = f"padding_idx = {padding}: the table has {self.input_dim} rows"
            raise Refusal(reason, "padding_idx", ({"padding_idx": None},))


class EmbeddingKind(LookUpKind, SingleInputKind, frozen=True, kw_only=True):
    """What replaces every number by its row.

    Attributes:
        mask_zero: whether 0 marks what later layers pass over.
        lora_rank: freezes the table and trains two small ones of this rank beside it.
    """

    inert = frozenset({
        "embeddings_initializer", "embeddings_regularizer", "embeddings_constraint",
        "input_length", "weights", "lora_alpha", "quantization_config",
    })  # fmt: skip

    mask_zero: Annotated[bool, Option("Mask zero", digest="masks 0", advanced=True, only="keras", unsaid="kept")] = (
        False
    )
    lora_rank: Annotated[Natural | None, Option("LoRA rank", digest="LoRA {}", advanced=True, only="keras")] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        self.refuse_table(x)
        return x.reshaped((*x.shape, self.output_dim))

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return (BATCH, "positions") if len(x.shape) == 2 else super().axis_names(x)

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        if not self.lora_rank:
            return self.table()
        return (
            *(weight.frozen() for weight in self.table()),
            Weight("lora_embeddings_a", (self.input_dim, self.lora_rank)),
            Weight("lora_embeddings_b", (self.lora_rank, self.output_dim)),
        )

    def declared_inputs(self) -> Tensors:
        return (TensorSpec((), framework="pytorch"),)


class Embedding(EmbeddingKind, frozen=True, kw_only=True):
    """Replaces every number (a word's, a category's) by its row in a table."""

    spellings = {
        "keras": ("Embedding",),
        "pytorch": (
            Module(
                "Embedding",
                {
                    **TABLE,
                    "padding_idx": Argument("padding_idx", None),
                    **RENORMALIZED,
                    "scale_grad_by_freq": Argument("scale_grad_by_freq", False),
                    "sparse": Argument("sparse", False),
                    "_weight": Argument("", None),
                    "_freeze": Argument("", False),
                    **UNCOUNTED,
                },
            ),
        ),
    }
    search = ("lookup", "look-up", "token", "word vector", "vocabulary", "text")
    source = "https://keras.io/api/layers/core_layers/embedding/"


class ReversibleEmbedding(EmbeddingKind, frozen=True, kw_only=True):
    """An embedding that is also used backwards: from vectors to a score for each token.

    Attributes:
        tie_weights: whether the way back uses the same table; otherwise it has one of its own.
        logit_soft_cap: bounds the scores smoothly.
        reverse: whether it is called backwards.
    """

    elsewhere = "`Embedding` and `Linear` with the same weight"
    spellings = {"keras": ("ReversibleEmbedding",)}
    search = ("lookup", "token", "tied", "logits", "language model")
    inert = EmbeddingKind.inert | {"reverse_dtype"}
    source = "https://keras.io/api/layers/core_layers/reversible_embedding/"

    tie_weights: Annotated[bool, Option("Tie weights", digest="untied")] = True
    logit_soft_cap: Annotated[float | None, Option("Soft cap", advanced=True)] = None
    reverse: Annotated[bool, Option("Backwards", digest="backwards", at_call=True)] = False

    def output(self, x: TensorSpec) -> TensorSpec:
        self.refuse_table(x)
        if self.lora_rank and not self.tie_weights:
            reason = "with LoRA Keras cannot add the table for the way back: tie the weights, or leave LoRA out"
            raise Refusal(reason, "lora_rank", ({"lora_rank": None}, {"tie_weights": True}))
        if not self.reverse:
            return super().output(x)
        if not x.shape:
            raise Refusal("backwards it needs at least 1 axis, but the input () has none")
        return x.reshaped((*x.shape[:-1], self.input_dim))

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        found = super().weights(x)
        return found if self.tie_weights else (*found, Weight("reverse_embeddings", (self.output_dim, self.input_dim)))

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        return product((*x.shape[1:-1], self.output_dim, self.input_dim)) if self.reverse else 0

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        if self.reverse and is_known(x.shape[-1]) and x.shape[-1] != self.output_dim:
            yield f"the input {text(x.shape)} has {x.shape[-1]} values, not {self.output_dim}: it fails when run"

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return SingleInputKind.axis_names(self, x) if self.reverse else super().axis_names(x)


class EmbeddingBag(LookUpKind, frozen=True, kw_only=True):
    """Looks up the vectors of a bag of numbers and reduces them to one.

    Attributes:
        mode: by their mean, their sum or the largest of each dimension.
        include_last_offset: whether the last of the offsets is the end of the last bag.
    """

    elsewhere = "`Embedding` and `GlobalAveragePooling1D`"
    spellings = {
        "pytorch": (
            Module(
                "EmbeddingBag",
                {
                    **TABLE,
                    **RENORMALIZED,
                    "scale_grad_by_freq": Argument("scale_grad_by_freq", False),
                    "mode": Argument("mode", "mean"),
                    "sparse": Argument("sparse", False),
                    "_weight": Argument("", None),
                    "include_last_offset": Argument("include_last_offset", False),
                    "padding_idx": Argument("padding_idx", None),
                    **UNCOUNTED,
                },
            ),
        )
    }
    search = ("lookup", "bag of words", "token", "text")
    input_names = ("numbers", "offsets", "shares")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html"

    mode: Annotated[Literal["mean", "sum", "max"], Option("Mode", digest="{}", always=True)] = "mean"
    include_last_offset: Annotated[Flag, Option("Offsets have an end", advanced=True)] = False

    def outputs(self, inputs: Tensors) -> Tensors:
        x = inputs[0]
        self.refuse_table(x)
        if self.mode == "max" and (self.sparse or self.scale_grad_by_freq):
            field = "sparse" if self.sparse else "scale_grad_by_freq"
            raise Refusal(f"mode='max' does not go with {field}", field, ({field: False}, {"mode": "mean"}))
        return (x.reshaped((self._bags(inputs), self.output_dim)).floating(),)

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        return self.table()

    def declared_inputs(self) -> Tensors:
        return (TensorSpec((), framework="pytorch"),)

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return (BATCH, "positions") if len(x.shape) == 2 else super().axis_names(x)

    def _bags(self, inputs: Tensors) -> Dim:
        """How many bags there are: as many as rows, or, of numbers in a row, as offsets."""
        numbers, offsets = inputs[0].shape, inputs[1].shape if len(inputs) > 1 else None
        if len(inputs) > 3:
            raise Refusal(f"EmbeddingBag takes numbers, offsets and shares, got {len(inputs)} inputs")
        if len(numbers) == 2 and offsets is None:
            if numbers[1] == 0:
                raise Refusal(f"the input {text(numbers)} has bags without numbers")
            return numbers[0]
        if len(numbers) == 2:
            raise Refusal(f"the input {text(numbers)} is one bag in each row: it takes no offsets")
        if len(numbers) != 1:
            raise Refusal(f"EmbeddingBag needs 1 or 2 axes, but the input {text(numbers)} has {len(numbers)}")
        if offsets is None or len(offsets) != 1:
            raise Refusal(f"numbers in a row {text(numbers)} need offsets, in a row too, that say where bags begin")
        self._refuse_shares(inputs)
        if self.include_last_offset and offsets[0] == 0:
            raise Refusal("offsets with an end need at least one", "include_last_offset")
        return offsets[0] - 1 if self.include_last_offset else offsets[0]

    def _refuse_shares(self, inputs: Tensors) -> None:
        if len(inputs) < 3:
            return
        numbers, shares = inputs[0].shape, inputs[2].shape
        if self.mode != "sum":
            raise Refusal(f"shares need mode='sum', not {self.mode!r}", "mode", ({"mode": "sum"},))
        if len(shares) != 1 or (is_known(shares[0]) and is_known(numbers[0]) and shares[0] != numbers[0]):
            raise Refusal(f"shares {text(shares)} are not as many as the numbers {text(numbers)}")
