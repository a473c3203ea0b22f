"""Embeddings: a table of vectors, looked up by number. A look-up is no multiplication: no MACs."""

from __future__ import annotations

from typing import Annotated

from paramdesk.engine.layer_kind import BATCH
from paramdesk.engine.option import Counted, Natural, Option
from paramdesk.engine.shape import TensorSpec
from paramdesk.engine.single_input import SingleInputKind
from paramdesk.engine.weight import Weight


class Embedding(SingleInputKind, frozen=True, kw_only=True):
    """Replaces every number (a word's, a category's) by its row in a table."""

    category = "emb"
    spellings = {"keras": ("Embedding",), "pytorch": ("Embedding",)}
    search = ("lookup", "look-up", "token", "word vector", "vocabulary", "text")
    inert = frozenset({
        "embeddings_initializer", "embeddings_regularizer", "embeddings_constraint",
        "input_length", "weights", "lora_alpha", "quantization_config",
    })  # fmt: skip
    source = "https://keras.io/api/layers/core_layers/embedding/"

    input_dim: Annotated[Counted, Option("Vocabulary", words="tokens", digest="{} tokens", preset=10_000)]
    output_dim: Annotated[Counted, Option("Dimensions", words="dimensions", digest="{} dimensions", preset=64)]
    mask_zero: Annotated[bool, Option("Mask zero", digest="masks 0", advanced=True)] = False
    lora_rank: Annotated[Natural | None, Option("LoRA rank", digest="LoRA {}", advanced=True)] = None

    def output(self, x: TensorSpec) -> TensorSpec:
        return x.reshaped((*x.shape, self.output_dim))

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return (BATCH, "positions") if len(x.shape) == 2 else super().axis_names(x)

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        table = (self.input_dim, self.output_dim)
        if not self.lora_rank:
            return (Weight("embeddings", table),)
        return (
            Weight("embeddings", table, trainable=False),
            Weight("lora_embeddings_a", (self.input_dim, self.lora_rank)),
            Weight("lora_embeddings_b", (self.lora_rank, self.output_dim)),
        )
