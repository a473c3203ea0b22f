"""The layers that transformers are stacked of: attention, then a small network at each position, each with a shortcut.

An encoder layer lets a sequence look at itself; a decoder layer lets it look at the encoder's output (the memory) too.
What is added to the shortcut is normalized, before or behind (`norm_first`). With E channels, F values in the middle of
the small network and T positions:

    parameters: 4 × (E + 1) × E for each attention, (E + 1) × F + (F + 1) × E for the network, 2 × E for each
                normalization; without biases the normalizations have no shift either
    MACs:       T × 4 × E × E + 2 × T × T × E for looking at itself, T × 2 × E × F for the network; for looking at a
                memory of S positions 2 × T × E × E + 2 × S × E × E + 2 × T × S × E

The number of heads changes none of these. PyTorch alone has them as layers; with Keras they are built of
MultiHeadAttention, Dense, LayerNormalization and Add. PyTorch takes sequences with the positions first unless told
`batch_first`, and single ones without a batch.

Sources: `torch.nn.TransformerEncoderLayer`, `torch.nn.TransformerDecoderLayer`; Vaswani et al. 2017,
https://arxiv.org/abs/1706.03762.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Annotated, Literal, Self

import msgspec

from paramdesk.engine import torch_sequences
from paramdesk.engine.composition import ComposedKind, Part
from paramdesk.engine.declared import declared_spec, refuse_undeclared
from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import divides, named
from paramdesk.engine.kinds.attention import Channels, MultiHeadAttention, uneven
from paramdesk.engine.kinds.core import Dense
from paramdesk.engine.layer_kind import InnerKind, LayerKind, Tensors, kinds
from paramdesk.engine.option import LARGEST, Option, Positive, Rate
from paramdesk.engine.shape import Dim, Framework, TensorSpec, text
from paramdesk.engine.spelling import UNCOUNTED, Argument, Module

FEEDFORWARD = "In the network at each position"


class SequenceKind(ComposedKind, frozen=True, kw_only=True):
    """What transforms sequences.

    Attributes:
        use_causal_mask: whether PyTorch is told that the mask is causal. It changes no count.
    """

    category = "att"

    use_causal_mask: Annotated[bool, Option("Causal mask", digest="causal", at_call=True, only="pytorch")] = False

    @property
    def is_time_major(self) -> bool:
        """Whether the positions stand before the batch."""
        raise NotImplementedError

    def samples_on(self, inputs: Tensors) -> Dim:
        batch = torch_sequences.split(inputs[0], time_major=self.is_time_major)[1]
        return batch[0] if batch else 1

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        if len(x.shape) in (2, 3):
            return torch_sequences.axis_names(x, time_major=self.is_time_major)
        return super().axis_names(x)

    def refuse_count(self, inputs: Tensors, least: int) -> None:
        """Refuses too few inputs, and more than there are names for."""
        if not least <= len(inputs) <= len(self.input_names):
            names = ", ".join(self.input_names[:least])
            raise Refusal(f"it is called on {names}, and perhaps masks, got {len(inputs)} inputs")


class TransformerLayerKind(SequenceKind, frozen=True, kw_only=True):
    """What encoder and decoder layers share.

    Attributes:
        d_model: channels of the sequences; None: as they come.
        num_heads: how many heads share the channels.
        feedforward_dim: values in the middle of the network at each position.
        activation: applied to them.
        activation_module: a module in place of it.
        dropout: share of values that is set to 0 in training.
        epsilon: added to variances, against a division by zero.
        norm_first: whether normalization comes before attention and network rather than behind.
        use_bias: whether attention, network and normalizations have biases.
        time_major: whether the positions stand before the batch.
    """

    elsewhere = "`MultiHeadAttention`, `LayerNormalization`, `Dense` and `Add`"
    d_model: Annotated[
        Channels | None, Option("Channels", words="channels", digest="{} channels", leads=True, only="pytorch")
    ] = None
    num_heads: Annotated[Positive, Option("Heads", words="heads", digest="{} heads", preset=4, leads=True)]
    feedforward_dim: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=LARGEST, extra={"true_is_one": False})],
        Option("Values in the middle", words="hidden values", digest="{} hidden", section=FEEDFORWARD),
    ] = 2048
    activation: Annotated[Literal["relu", "gelu"], Option("Activation", digest="{}", section=FEEDFORWARD)] = "relu"
    activation_module: Annotated[InnerKind | None, Option("Another activation", hidden=True)] = None
    dropout: Annotated[Rate, Option("Dropout", digest="dropout {}")] = 0.1
    epsilon: Annotated[float, Option("Epsilon", advanced=True)] = 1e-5
    norm_first: Annotated[bool, Option("Normalize first", digest="norm first")] = False
    use_bias: Annotated[bool, Option("Use bias", digest="no bias")] = True
    time_major: Annotated[bool, Option("Positions before batch", digest="time-major", advanced=True)] = False

    @property
    def is_time_major(self) -> bool:
        return self.time_major

    def copied(self) -> Self:
        """What a copy does of which a stack is made."""
        return self

    def channels(self, x: TensorSpec) -> Dim:
        """The channels under their name."""
        return named("channels", x.shape[-1] if self.d_model is None else self.d_model)

    def turned(self, x: TensorSpec) -> TensorSpec:
        """A sequence with the batch in front and the channels that the layer was made for."""
        turned = torch_sequences.batch_first(x, time_major=self.time_major)
        return turned.reshaped((*turned.shape[:-1], self.channels(x)))

    def refuse_sequences(self, *sequences: TensorSpec) -> None:
        """Refuses what are no sequences, or none that the layer was made for."""
        torch_sequences.refuse_other_ranks(*sequences)
        for x in sequences:
            if self.d_model is not None:
                refuse_undeclared(self.d_model, x.shape[-1], "channels", x, "d_model")
            elif x.shape[-1] != sequences[0].shape[-1]:
                raise Refusal(f"{text(x.shape)} and {text(sequences[0].shape)} must have equally many channels")
        channels = self.channels(sequences[0])
        if not divides(self.num_heads, channels):
            raise Refusal(uneven(int(channels), self.num_heads), "num_heads")  # type: ignore[arg-type]  # known
        if self.activation_module is not None:
            hidden = self._hidden(self.turned(sequences[0]))
            made = self.activation_module.outputs((hidden,))[0]
            if made.shape[-1:] != hidden.shape[-1:]:
                reason = f"the activation makes {text(made.shape)} of {text(hidden.shape)}: the last size must stay"
                raise Refusal(reason, "activation_module")

    def refuse_lone_hint(self, x: TensorSpec, *, has_mask: bool) -> None:
        """Refuses the hint that a mask is causal without a mask, if PyTorch reads it: fused attention does not."""
        is_fused = len(x.shape) == 3 and not self.time_major and self.use_bias and self.num_heads % 2 == 0
        if self.use_causal_mask and not has_mask and not is_fused:
            reason = "is_causal: PyTorch needs the mask itself beside it"
            raise Refusal(reason, "use_causal_mask", ({"use_causal_mask": False},))

    def attention(self, name: str, query: TensorSpec, memory: TensorSpec) -> Part:
        """An attention of a sequence to itself or to another one, both with the batch in front."""
        size = named("key dimensions", query.shape[-1] // self.num_heads)
        kind = MultiHeadAttention(num_heads=self.num_heads, key_dim=size, use_bias=self.use_bias)  # type: ignore[arg-type]  # unknown where the channels are
        return Part(name, kind, (query, memory, memory))

    def network(self, x: TensorSpec, norms: int) -> tuple[Part, ...]:
        """The network at each position and the normalizations, of a sequence with the batch in front."""
        hidden = self._hidden(x)
        widening = Dense(units=self.feedforward_dim, use_bias=self.use_bias)
        narrowing = Dense(units=x.shape[-1], use_bias=self.use_bias)  # type: ignore[arg-type]  # may not be known
        norm = normalization(self.epsilon, has_shift=self.use_bias)
        parts = (
            Part("linear1", widening, (x,)),
            Part("linear2", narrowing, (hidden,)),
            *(Part(f"norm{n}", norm, (x,)) for n in range(1, norms + 1)),
        )
        if self.activation_module is None:
            return parts
        return (*parts, Part("activation", self.activation_module, (hidden,)))

    def _hidden(self, x: TensorSpec) -> TensorSpec:
        return x.reshaped((*x.shape[:-1], self.feedforward_dim))

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        options = torch_sequences.with_true_as_one(options, "num_heads", "num_encoder_layers", "num_decoder_layers")
        taken = {**options, "time_major": not options["time_major"]}
        if isinstance(taken["activation"], Mapping):
            taken["activation_module"] = taken.pop("activation")
        return taken


@functools.cache
def normalization(epsilon: float, *, has_shift: bool) -> LayerKind:
    """The layer normalization of a transformer's layers."""
    return kinds()["LayerNormalization"].from_options({"epsilon": epsilon, "center": has_shift})


MADE_FOR = {"d_model": Argument("d_model"), "nhead": Argument("num_heads")}
LAYER = {
    "dim_feedforward": Argument("feedforward_dim", 2048),
    "dropout": Argument("dropout", 0.1),
    "activation": Argument("activation", "relu"),
    "layer_norm_eps": Argument("epsilon", 1e-5),
    "batch_first": Argument("time_major", False),
    "norm_first": Argument("norm_first", False),
    "bias": Argument("use_bias", True),
    **UNCOUNTED,
}
ENCODER_CALL = {"src_mask": Argument("", None), "src_key_padding_mask": Argument("", None)}
DECODER_CALL = {
    "tgt_mask": Argument("", None),
    "memory_mask": Argument("", None),
    "tgt_key_padding_mask": Argument("", None),
    "memory_key_padding_mask": Argument("", None),
    "tgt_is_causal": Argument("use_causal_mask", False),
    "memory_is_causal": Argument("", False),
}


class TransformerEncoderLayer(TransformerLayerKind, frozen=True, kw_only=True):
    """Lets every position of a sequence look at all others, then passes each through a small network."""

    spellings = {
        "pytorch": (
            Module(
                "TransformerEncoderLayer",
                MADE_FOR | LAYER,
                call=ENCODER_CALL | {"is_causal": Argument("use_causal_mask", False)},
            ),
        ),
    }
    search = ("encoder block", "bert", "vit", "self-attention", "feedforward")
    input_names = ("input", "attention mask", "padding mask")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html"

    def outputs(self, inputs: Tensors) -> Tensors:
        self.refuse_count(inputs, 1)
        x = inputs[0]
        self.refuse_sequences(x)
        self.refuse_lone_hint(x, has_mask=len(inputs) > 1)
        positions, batch = torch_sequences.split(x, time_major=self.time_major)
        if len(inputs) > 1 and not (self.use_causal_mask and len(inputs) == 2):  # the hint is taken for the mask
            torch_sequences.refuse_attention_mask(inputs[1], positions * 2, batch, self.num_heads)
        if len(inputs) > 2:
            torch_sequences.refuse_padding_mask(inputs[2], (*batch, *positions))
        return (x.floating(),)

    def parts_on(self, inputs: Tensors) -> tuple[Part, ...]:
        x = self.turned(inputs[0])
        return (self.attention("self_attn", x, x), *self.network(x, 2))

    def declared_inputs(self) -> Tensors:
        return declared_sequences(self.d_model, 1)


class TransformerDecoderLayer(TransformerLayerKind, frozen=True, kw_only=True):
    """Lets every position of a sequence look at the others and at a memory, then passes it through a small network."""

    spellings = {"pytorch": (Module("TransformerDecoderLayer", MADE_FOR | LAYER, call=DECODER_CALL),)}
    search = ("decoder block", "gpt", "cross-attention", "self-attention", "feedforward")
    input_names = ("target", "memory", "target mask", "memory mask", "target padding mask", "memory padding mask")
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html"

    @classmethod
    def inputs_needed(cls, framework: Framework) -> int:
        return 2

    def outputs(self, inputs: Tensors) -> Tensors:
        self.refuse_count(inputs, 2)
        target, memory, *masks = inputs
        self.refuse_sequences(target, memory)
        positions, batch = torch_sequences.split(target, time_major=self.time_major)
        remembered, other = torch_sequences.split(memory, time_major=self.time_major)
        if remembered[0] != 0 and any(n != m for n, m in zip(batch, other, strict=True)):
            raise Refusal(f"target {text(target.shape)} and memory {text(memory.shape)} have different batches")
        self.refuse_lone_hint(target, has_mask=bool(masks))
        for mask, keys in zip(masks[:2], (positions, remembered), strict=False):
            torch_sequences.refuse_attention_mask(mask, positions + keys, batch, self.num_heads)
        for mask, keys in zip(masks[2:], (positions, remembered), strict=False):
            torch_sequences.refuse_padding_mask(mask, (*batch, *keys))
        return (target.floating(),)

    def copied(self) -> Self:
        # A copy of PyTorch's owns a module that is its activation, and uses ReLU in its place.
        return msgspec.structs.replace(self, activation_module=None)

    def parts_on(self, inputs: Tensors) -> tuple[Part, ...]:
        x, memory = map(self.turned, inputs[:2])
        return (
            self.attention("self_attn", x, x),
            self.attention("multihead_attn", x, memory),
            *self.network(x, 3),
        )

    def declared_inputs(self) -> Tensors:
        return declared_sequences(self.d_model, 2)


def declared_sequences(channels: int | None, count: int) -> Tensors:
    """Stand-ins for sequences of which only the channels are known; nothing where these are not."""
    return tuple(
        spec.reshaped((spec.shape[0], spec.shape[0], *spec.shape[1:]))
        for spec in declared_spec(channels)
        for _ in range(count)
    )
