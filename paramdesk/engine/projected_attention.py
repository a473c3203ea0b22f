"""What attention with learnt projections shares: its options, Keras' inputs, how PyTorch packs its weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from paramdesk.engine.attention_run import run_fault
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import product
from paramdesk.engine.invalid import shortened
from paramdesk.engine.layer_kind import BATCH, KERNEL_AND_BIAS, LayerKind, Tensors
from paramdesk.engine.option import Option, Positive
from paramdesk.engine.shape import Dim, Framework, Shape, TensorSpec, public, text
from paramdesk.engine.weight import Weight, torch_weight

AFTER = "After the attention"


class AttentionKind(LayerKind, frozen=True, kw_only=True):
    """What all attention with learnt projections shares.

    Attributes:
        dropout: share of the scores that is set to 0 in training.
        use_bias: whether the projections have biases.
        use_gate: whether a further projection of the query scales the weighted values (Keras).
        sliding_window: how far a query looks to either side; None: everywhere (Keras). It changes no count.
        return_attention_scores: whether the scores are an output too.
        use_causal_mask: whether a position sees only what stands before it. It changes no count.
    """

    category = "att"
    inert = KERNEL_AND_BIAS | {"flash_attention", "seed"}
    usual_shapes = ((28, 32),)
    input_names = ("query", "value", "key", "query mask", "value mask", "key mask", "attention mask")
    call_arguments = LayerKind.call_arguments | {"query_mask", "value_mask", "key_mask", "attention_mask"}

    use_bias: Annotated[bool, Option("Use bias", digest="no bias", section=AFTER)] = True
    dropout: Annotated[float, Option("Dropout", digest="dropout {}", section=AFTER)] = 0.0
    use_gate: Annotated[bool, Option("Use gate", digest="gate", advanced=True, only="keras")] = False
    sliding_window: Annotated[
        Positive | None, Option("Sliding window", digest="window {}", advanced=True, only="keras")
    ] = None
    return_attention_scores: Annotated[bool, Option("Return scores", digest="scores", at_call=True, advanced=True)] = (
        False
    )
    use_causal_mask: Annotated[bool, Option("Causal mask", digest="causal", at_call=True)] = False

    def run_fault(self, axes: tuple[int, ...], inputs: tuple[TensorSpec, TensorSpec, TensorSpec]) -> str:
        """Why it fails when Keras runs it, or gives another shape; empty if it does neither."""
        return run_fault(
            axes,
            inputs,
            is_fused=self.dropout <= 0 and not self.return_attention_scores,  # one operation: it shows and drops none
            has_window=self.sliding_window is not None,
            is_causal=self.use_causal_mask,
        )

    @classmethod
    def inputs_needed(cls, framework: Framework) -> int:
        return 2

    def keras_inputs(self, inputs: Tensors) -> tuple[TensorSpec, TensorSpec, TensorSpec]:
        """Query, value and key, which is the value unless given.

        Raises:
            Refusal: too few or too many inputs, or value and key of different lengths.
        """
        if not 2 <= len(inputs) <= len(self.input_names):
            raise Refusal(
                f"{self.title()} is called on query, value and perhaps key, got {len(inputs)} "
                f"input{'s' * (len(inputs) != 1)}: for self-attention query and value are the same"
            )
        query, value, key = inputs[0], inputs[1], inputs[2 if len(inputs) > 2 else 1]
        if not 0 <= self.dropout <= 1:
            raise Refusal(f"dropout = {self.dropout:g}: Keras takes 0 to 1", "dropout", ({"dropout": 0.0},))
        if public(value.shape)[1:-1] != public(key.shape)[1:-1]:
            raise Refusal(
                f"value {text(value.shape)} and key {text(key.shape)} must agree in all sizes between the batch "
                "and the channels"
            )
        return query, value, key

    def scored(self, y: TensorSpec, scores: Shape) -> Tensors:
        """The outputs: the scores come second, if they are asked for."""
        y = y.floating()
        return (y, y.reshaped(scores)) if self.return_attention_scores else (y,)

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return (BATCH, "positions", "channels") if len(x.shape) == 3 else super().axis_names(x)

    def remarks_on(self, inputs: Tensors) -> Iterable[str]:
        if self.use_causal_mask:
            yield "The causal mask saves nothing: what it hides is computed and counted all the same."

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        dropout, seed = config.get("dropout", 0), config.get("seed")
        if isinstance(dropout, int | float) and dropout > 0:
            if config.get("flash_attention"):
                raise InvalidOptions(f"dropout = {dropout:g}: flash attention takes none", "dropout")
            refuse_seed(seed)
        return dict(config)


def refuse_seed(seed: object) -> None:
    """Refuses what Keras takes for no seed."""
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise InvalidOptions(f"seed = {shortened(seed)}: expected a whole number", "seed")


def packed(weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
    """The weights of Keras' attention as PyTorch names, orders and packs them."""
    by_name = {weight.name: weight for weight in weights}
    kernels = [by_name[f"{name}/kernel"] for name in ("query", "key", "value")]
    channels = kernels[0].shape[0]
    rows = [_rows(kernel, channels) for kernel in kernels]
    trainable = kernels[0].trainable
    if all(kernel.shape[0] == channels for kernel in kernels) and rows[0] == rows[1] == rows[2]:
        found = [Weight("in_proj_weight", (3 * rows[0], channels), trainable)]
    else:
        found = [
            Weight(f"{name}_proj_weight", (count, kernel.shape[0]), trainable)
            for name, count, kernel in zip("qkv", rows, kernels, strict=True)
        ]
    if "query/bias" in by_name:
        both = 3 * rows[0] if rows[0] == rows[1] == rows[2] else rows[0] + rows[1] + rows[2]
        found.append(Weight("in_proj_bias", (both,), trainable))
    found += [
        torch_weight(by_name[name]) for name in ("gate/kernel", "gate/bias", "bias_k", "bias_v") if name in by_name
    ]
    out = by_name["attention_output/kernel"]
    found.append(Weight("out_proj.weight", (product(out.shape[2:]), _rows(kernels[2], channels)), trainable))
    if "attention_output/bias" in by_name:
        found.append(Weight("out_proj.bias", (product(out.shape[2:]),), trainable))
    return tuple(found)


def _rows(kernel: Weight, channels: Dim) -> Dim:
    """What heads make together of one position: in PyTorch as many values as it has channels."""
    rows = product(kernel.shape[1:])
    return channels if rows == channels else rows
