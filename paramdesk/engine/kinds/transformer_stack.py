"""Transformers: equal layers one behind the other, each with weights of its own, and a normalization at the end.

Parameters and multiply-accumulates are the layer's, times the number of layers, and those of the normalization. An
encoder reads a sequence, a decoder a sequence and what the encoder made of another one. `Transformer` is both with 6
layers each, unless told otherwise, and a layer normalization at the end of each.

PyTorch copies the layer that it is given; the copies begin alike and are trained apart.
Sources: `torch.nn.TransformerEncoder`, `torch.nn.TransformerDecoder`, `torch.nn.Transformer`; Vaswani et al. 2017,
https://arxiv.org/abs/1706.03762.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeAlias

import msgspec

from paramdesk.engine import torch_sequences
from paramdesk.engine.composition import Part
from paramdesk.engine.declared import refuse_undeclared
from paramdesk.engine.errors import Refusal
from paramdesk.engine.kinds.transformer import (
    DECODER_CALL,
    LAYER,
    SequenceKind,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
    TransformerLayerKind,
    declared_sequences,
    normalization,
)
from paramdesk.engine.layer_kind import InnerKind, LayerKind, Tensors
from paramdesk.engine.option import Option
from paramdesk.engine.shape import UNKNOWN, Dim, Framework, Layout, TensorSpec, text
from paramdesk.engine.spelling import Argument, Module

MOST_LAYERS = 1000
"""A small file must not ask for billions of weights."""
Layers: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=MOST_LAYERS)]


class StackKind(SequenceKind, frozen=True, kw_only=True):
    """Equal layers one behind the other.

    Attributes:
        num_layers: how many.
        norm: what normalizes the output of the last one; None: nothing does.
    """

    elsewhere = "`MultiHeadAttention`, `LayerNormalization`, `Dense` and `Add`"
    layer_kind: ClassVar[type[TransformerLayerKind]]
    """What its layers are."""
    sequences: ClassVar[int]
    """How many sequences it reads."""

    layer: Annotated[InnerKind, Option("Layer")]
    num_layers: Annotated[Layers, Option("Layers", words="number of layers", digest="{} layers", preset=6, leads=True)]
    norm: Annotated[InnerKind | None, Option("Normalization at the end", advanced=True)] = None

    @classmethod
    def inputs_needed(cls, framework: Framework) -> int:
        return cls.sequences

    @property
    def is_time_major(self) -> bool:
        return isinstance(self.layer, TransformerLayerKind) and self.layer.time_major

    def digest(self, rank: int | None = None, layout: Layout = "channels_last") -> str:
        return ", ".join(filter(None, (super().digest(rank, layout), self.layer.digest(rank, layout))))

    def outputs(self, inputs: Tensors) -> Tensors:
        self.refuse_count(inputs, self.sequences)
        if not isinstance(self.layer, self.layer_kind):
            raise Refusal(f"its layers must be {self.layer_kind.title()}s, not {self.layer.title()}", "layer")
        layer = msgspec.structs.replace(self.layer.copied(), use_causal_mask=self.use_causal_mask)
        outputs = layer.outputs(inputs)
        return self.norm.outputs(outputs) if self.norm is not None else outputs

    def parts_on(self, inputs: Tensors) -> tuple[Part, ...]:
        worker = self.layer.copied() if isinstance(self.layer, TransformerLayerKind) else None
        layers = Part("layers", self.layer, inputs[: self.sequences], self.num_layers, worker=worker)
        if self.norm is None:
            return (layers,)
        y = inputs[0]
        if isinstance(self.layer, TransformerLayerKind):
            y = y.reshaped((*y.shape[:-1], self.layer.channels(y)))
        return (layers, Part("norm", self.norm, (y,), turned=(self.turned(y),)))

    def turned(self, x: TensorSpec) -> TensorSpec:
        """A sequence with the batch in front."""
        return torch_sequences.batch_first(x, time_major=self.is_time_major)

    def declared_inputs(self) -> Tensors:
        return self.layer.declared_inputs() if isinstance(self.layer, self.layer_kind) else ()

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        return torch_sequences.with_true_as_one(options, "num_layers")


class TransformerEncoder(StackKind, frozen=True, kw_only=True):
    """Passes a sequence through equal encoder layers, each with weights of its own."""

    layer_kind = TransformerEncoderLayer
    sequences = 1
    spellings = {
        "pytorch": (
            Module(
                "TransformerEncoder",
                {
                    "encoder_layer": Argument("layer"),
                    "num_layers": Argument("num_layers"),
                    "norm": Argument("norm", None),
                    "enable_nested_tensor": Argument("", True),
                    "mask_check": Argument("", True),
                },
                call={
                    "mask": Argument("", None),
                    "src_key_padding_mask": Argument("", None),
                    "is_causal": Argument("use_causal_mask", None),
                },
            ),
        ),
    }
    search = ("bert", "vit", "stack", "encoder blocks")
    input_names = TransformerEncoderLayer.input_names
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html"

    layer: Annotated[InnerKind, Option("Layer", preset=TransformerEncoderLayer(num_heads=4))]


class TransformerDecoder(StackKind, frozen=True, kw_only=True):
    """Passes a sequence through equal decoder layers, each of which looks at the same memory."""

    layer_kind = TransformerDecoderLayer
    sequences = 2
    spellings = {
        "pytorch": (
            Module(
                "TransformerDecoder",
                {
                    "decoder_layer": Argument("layer"),
                    "num_layers": Argument("num_layers"),
                    "norm": Argument("norm", None),
                },
                call=DECODER_CALL,
            ),
        ),
    }
    search = ("gpt", "stack", "decoder blocks")
    input_names = TransformerDecoderLayer.input_names
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html"

    layer: Annotated[InnerKind, Option("Layer", preset=TransformerDecoderLayer(num_heads=4))]


class Transformer(TransformerLayerKind, frozen=True, kw_only=True):
    """An encoder that reads a source, and a decoder that makes a target of what the encoder found.

    Attributes:
        num_encoder_layers: how many layers the encoder has.
        num_decoder_layers: how many layers the decoder has.
        custom_encoder: an encoder in place of the usual one.
        custom_decoder: a decoder in place of the usual one.
    """

    spellings = {
        "pytorch": (
            Module(
                "Transformer",
                {
                    "d_model": Argument("d_model", 512),
                    "nhead": Argument("num_heads", 8),
                    "num_encoder_layers": Argument("num_encoder_layers", 6),
                    "num_decoder_layers": Argument("num_decoder_layers", 6),
                    "dim_feedforward": Argument("feedforward_dim", 2048),
                    "dropout": Argument("dropout", 0.1),
                    "activation": Argument("activation", "relu"),
                    "custom_encoder": Argument("custom_encoder", None),
                    "custom_decoder": Argument("custom_decoder", None),
                    **{name: LAYER[name] for name in list(LAYER)[3:]},
                },
                call={
                    "src_mask": Argument("", None),
                    "src_key_padding_mask": Argument("", None),
                    "src_is_causal": Argument("", None),
                    **DECODER_CALL,
                },
            ),
        ),
    }
    search = ("encoder decoder", "seq2seq", "translation", "attention is all you need")
    input_names = (
        "source", "target", "source mask", "target mask", "memory mask",
        "source padding mask", "target padding mask", "memory padding mask",
    )  # fmt: skip
    source = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Transformer.html"

    num_encoder_layers: Annotated[
        Layers, Option("Encoder layers", words="number of encoder layers", digest="{} encoder layers", leads=True)
    ] = 6
    num_decoder_layers: Annotated[
        Layers, Option("Decoder layers", words="number of decoder layers", digest="{} decoder layers", leads=True)
    ] = 6
    custom_encoder: Annotated[InnerKind | None, Option("Another encoder", hidden=True)] = None
    custom_decoder: Annotated[InnerKind | None, Option("Another decoder", hidden=True)] = None

    @classmethod
    def inputs_needed(cls, framework: Framework) -> int:
        return 2

    def outputs(self, inputs: Tensors) -> Tensors:
        self.refuse_count(inputs, 2)
        source, target, *masks = inputs
        torch_sequences.refuse_other_ranks(source, target)
        for x in (source, target) if self.d_model is not None else ():
            refuse_undeclared(self.d_model or 0, x.shape[-1], "channels", x, "d_model")
        batches = [torch_sequences.split(x, time_major=self.time_major)[1] for x in (source, target)]
        if any(n != m for n, m in zip(*batches, strict=True)):
            raise Refusal(f"source {text(source.shape)} and target {text(target.shape)} have different batches")
        encoder, decoder = self.encoder, self.decoder
        for kind, wanted, option in (
            (encoder, TransformerEncoder, "custom_encoder"),
            (decoder, TransformerDecoder, "custom_decoder"),
        ):
            if not isinstance(kind, wanted):
                raise Refusal(f"its {option[7:]} must be a {wanted.title()}, not a {kind.title()}", option)
        memory = encoder.outputs((source, *masks[0:1], *masks[3:4]))
        decoder = msgspec.structs.replace(decoder, use_causal_mask=self.use_causal_mask)
        return decoder.outputs((target, *memory, *masks[1:3], *masks[4:6]))

    @property
    def encoder(self) -> LayerKind:
        """What reads the source."""
        if self.custom_encoder is not None:
            return self.custom_encoder
        layer = TransformerEncoderLayer(**self._shared())
        norm = normalization(self.epsilon, has_shift=self.use_bias)
        return TransformerEncoder(layer=layer, num_layers=self.num_encoder_layers, norm=norm)

    @property
    def decoder(self) -> LayerKind:
        """What makes the target."""
        if self.custom_decoder is not None:
            return self.custom_decoder
        layer = TransformerDecoderLayer(**self._shared())
        norm = normalization(self.epsilon, has_shift=self.use_bias)
        return TransformerDecoder(layer=layer, num_layers=self.num_decoder_layers, norm=norm)

    def _shared(self) -> dict[str, Any]:
        """The options that its layers have too."""
        names = set(TransformerLayerKind.__struct_fields__) - {"use_causal_mask"}
        return {name: getattr(self, name) for name in names}

    def parts_on(self, inputs: Tensors) -> tuple[Part, ...]:
        source, target = (x.reshaped((*x.shape[:-1], self.channels(x))) for x in inputs[:2])
        return (Part("encoder", self.encoder, (source,)), Part("decoder", self.decoder, (target, source)))

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        for kind in (self.encoder, self.decoder):
            if isinstance(kind, StackKind) and kind.is_time_major != self.time_major and len(inputs[0].shape) == 3:
                return UNKNOWN  # what is a sample to one is a position to the other
        return super().macs_on(inputs, outputs)

    def declared_inputs(self) -> Tensors:
        return declared_sequences(self.d_model, 2)

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        taken = super().torch_options(module, options)
        for half in ("encoder", "decoder"):
            if taken[f"custom_{half}"] is not None:
                del taken[f"num_{half}_layers"]  # not read then
        return taken
