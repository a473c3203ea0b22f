"""Attention with learnt projections: each position asks all others what they have for it.

Queries, keys and values are projected for every head (kernels of channels × heads × size of a head). A query's products
with all keys are its scores; the values, weighted by them, are projected back:

    parameters: (query channels + 1 + key channels + 1) × heads × key size + (value channels + 1) × heads × value size
                + (heads × value size + 1) × output channels
    MACs:       positions × channels × heads × size for each of the four projections,
                query positions × key positions × heads × (key size + value size) for scores and weighted values

A mask saves nothing: what it hides is computed all the same, and counted (no discount for causal attention).

Keras is called on query, value and, if it is another tensor, key; PyTorch on query, key and value. Keras' heads may be
of any size, PyTorch splits the channels among them (key size = channels / heads), so that their number changes neither
parameters nor MACs. PyTorch packs the three kernels into one weight, in_proj_weight, if all inputs have equally many
channels. It returns the scores unless told not to, as their mean over the heads; Keras on request, for each head.
Keras foretells the scores' shape with the query's length in place of the key's.

Sources: `keras.layers.MultiHeadAttention`, `keras.layers.GroupQueryAttention`, `torch.nn.MultiheadAttention`; Vaswani
et al. 2017, https://arxiv.org/abs/1706.03762; Ainslie et al. 2023, https://arxiv.org/abs/2305.13245.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, TypeAlias

import msgspec

from paramdesk.engine import torch_sequences
from paramdesk.engine.attention_run import score_shape
from paramdesk.engine.crossing import Crossing
from paramdesk.engine.declared import refuse_undeclared
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import divides, named, part, product
from paramdesk.engine.layer_kind import LayerKind, Tensors
from paramdesk.engine.option import LARGEST, AFew, Axes, Natural, Option, Positive
from paramdesk.engine.projected_attention import AttentionKind, packed
from paramdesk.engine.shape import UNKNOWN, Dim, Framework, Shape, TensorSpec, text
from paramdesk.engine.spelling import UNCOUNTED, Argument, Module
from paramdesk.engine.weight import Weight

if TYPE_CHECKING:
    from paramdesk.engine.architecture import Source

Sizes: TypeAlias = Natural | Annotated[tuple[Natural, ...], AFew]
Channels: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=LARGEST, extra={"true_is_one": False})]

LETTERS = 26
"""Keras names the axes of its products by them."""


MADE_FOR = {"embed_dim": Argument("declared"), "num_heads": Argument("num_heads")}
PROJECTING = {
    "dropout": Argument("dropout", 0.0),
    "bias": Argument("use_bias", True),
    "add_bias_kv": Argument("add_bias_kv", False),
    "add_zero_attn": Argument("add_zero_attn", False),
    "kdim": Argument("declared_key", None),
    "vdim": Argument("declared_value", None),
    "batch_first": Argument("time_major", False),
    **UNCOUNTED,
}
MASKS = {"key_padding_mask": Argument("", None), "attn_mask": Argument("", None)}
ASKED = {
    "need_weights": Argument("return_attention_scores", True),
    "average_attn_weights": Argument("average_attention_scores", True),
    "is_causal": Argument("use_causal_mask", False),
}


class MultiHeadAttention(AttentionKind, frozen=True, kw_only=True):
    """Lets every position look at all others, several times over: each head has projections of its own.

    Attributes:
        num_heads: how many heads.
        key_dim: size of a head's queries and keys.
        value_dim: size of a head's values; None: as `key_dim`.
        output_shape: channels of the output, or sizes in their place; None: as the query's.
        attention_axes: which axes it looks along; None: all between batch and channels (Keras).
        add_bias_kv: whether a learnt key and value stand beside those of the input (PyTorch).
        add_zero_attn: whether a key and a value of zeros stand beside them (PyTorch).
        average_attention_scores: whether scores are returned as their mean over the heads (PyTorch).
        time_major: whether the positions stand before the batch (PyTorch, unless batch_first).
        declared: for how many channels of the query it was made, where PyTorch writes that down.
        declared_key: the same for the key; None: as the query.
        declared_value: the same for the value; None: as the query.
    """

    spellings = {
        "keras": ("MultiHeadAttention",),
        "pytorch": (Module("MultiheadAttention", MADE_FOR | PROJECTING, call=ASKED | MASKS),),
    }
    search = ("self-attention", "cross-attention", "heads", "query key value", "qkv", "transformer", "mha")
    source = "https://keras.io/api/layers/attention_layers/multi_head_attention/"

    num_heads: Annotated[Positive, Option("Heads", words="heads", digest="{} heads", preset=4, leads=True)]
    key_dim: Annotated[
        Positive, Option("Size of a head", words="key dimensions", digest="{} each", preset=64, leads=True)
    ]
    value_dim: Annotated[
        Positive | None, Option("Size of a head's values", words="value dimensions", digest="values of {}", leads=True)
    ] = None
    output_shape: Annotated[
        Sizes | None, Option("Output channels", words="output channels", digest="to {}", leads=True)
    ] = None
    attention_axes: Annotated[
        Axes | None, Option("Attention axes", digest="along {}", joint=", ", advanced=True, only="keras")
    ] = None
    add_bias_kv: Annotated[
        bool, Option("Learn a key and a value", digest="bias key", advanced=True, only="pytorch")
    ] = False
    add_zero_attn: Annotated[bool, Option("Add a key of zeros", digest="zero key", advanced=True, only="pytorch")] = (
        False
    )
    average_attention_scores: Annotated[
        bool, Option("Average the scores", at_call=True, advanced=True, only="pytorch")
    ] = False
    time_major: Annotated[
        bool, Option("Positions before batch", digest="time-major", advanced=True, only="pytorch")
    ] = False
    declared: Annotated[
        Channels | None, Option("Made for", words="channels", advanced=True, only="pytorch", unsaid="dropped")
    ] = None
    declared_key: Annotated[
        Natural | None, Option("Made for, key", words="key channels", advanced=True, only="pytorch", unsaid="dropped")
    ] = None
    declared_value: Annotated[
        Natural | None,
        Option("Made for, value", words="value channels", advanced=True, only="pytorch", unsaid="dropped"),
    ] = None

    @property
    def values_size(self) -> int:
        """Size of a head's values."""
        return self.key_dim if self.value_dim is None else self.value_dim

    def output_sizes(self, query: TensorSpec) -> Shape:
        """What stands in the place of the query's channels."""
        sizes = self.output_shape
        if not sizes:  # Keras takes 0 and nothing at all for what is not said
            return query.shape[-1:]
        return sizes if isinstance(sizes, tuple) else (sizes,)

    @classmethod
    def input_names_in(cls, framework: Framework) -> tuple[str, ...]:
        return ("query", "key", "value", "padding mask") if framework == "pytorch" else cls.input_names

    @classmethod
    def inputs_needed(cls, framework: Framework) -> int:
        return 3 if framework == "pytorch" else 2

    def sources_in(self, framework: Framework, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        """Keras takes query, value and, if it is another tensor, key; PyTorch query, key and value."""
        if framework == "pytorch" and len(sources) in (2, 3):
            query, value, key = (*sources, sources[1])[:3]
            return query, key, value
        if framework == "keras" and len(sources) == 3:
            query, key, value = sources
            return (query, value) if key == value else (query, value, key)
        return sources

    def crossed(self, crossing: Crossing) -> LayerKind:
        """Without axes to look along where they are all that there are."""
        kind, rank = super().crossed(crossing), crossing.rank
        if crossing.framework == "pytorch" and rank == 3 and set(self._axes(crossing.inputs[0])) == {1}:
            return msgspec.structs.replace(kind, attention_axes=None)
        return kind

    def refuse_foreign(self, framework: Framework) -> None:
        """Refuses to average the scores, which Keras does not, only where they are given out."""
        kind = self if self.return_attention_scores else msgspec.structs.replace(self, average_attention_scores=False)
        super(MultiHeadAttention, kind).refuse_foreign(framework)

    def by_role(self, inputs: Tensors) -> tuple[TensorSpec, TensorSpec, TensorSpec]:
        """Query, value and key, in whichever order the framework takes them."""
        if inputs[0].framework == "pytorch":
            query, key, value = inputs[:3]
            return query, value, key
        return inputs[0], inputs[1], inputs[2 if len(inputs) > 2 else 1]

    # What it makes ------------------------------------------------------------------------------------------------

    def outputs(self, inputs: Tensors) -> Tensors:
        if inputs[0].framework == "pytorch":
            return self._torch_outputs(inputs)
        query, value, key = self.keras_inputs(inputs)
        for what, x in (("query", query), ("value", value), ("key", key)):
            if len(x.shape) < 2:
                raise Refusal(f"the {what} {text(x.shape)} needs at least 2 axes: batch and channels")
        for axis in self._axes(value):
            if not -len(value.shape) - 1 <= axis <= len(value.shape):
                raise Refusal(
                    f"attention axis {axis} does not exist: the value {text(value.shape)} has {len(value.shape)} axes",
                    "attention_axes",
                    ({"attention_axes": None},),
                )
        if len(query.shape) + 1 + len(self.output_sizes(query)) > LETTERS:
            raise Refusal("output_shape has too many sizes: Keras has letters for 26 axes in all", "output_shape")
        y = query.reshaped((*query.shape[:-1], *self.output_sizes(query)))
        length = query.shape[1]
        return self.scored(y, (query.shape[0], self.num_heads, length, length))

    def _axes(self, value: TensorSpec) -> tuple[int, ...]:
        """The axes it looks along, counted from the first where Keras counts so."""
        rank = len(value.shape)
        if self.attention_axes is None:
            return tuple(range(1, rank - 1))
        axes = (self.attention_axes,) if isinstance(self.attention_axes, int) else self.attention_axes
        return tuple(axis if axis >= 0 else axis + rank for axis in axes)

    def _torch_outputs(self, inputs: Tensors) -> Tensors:
        if not 3 <= len(inputs) <= 4:
            raise Refusal(f"it is called on query, key, value and perhaps a padding mask, got {len(inputs)} inputs")
        query, key, value = inputs[:3]
        torch_sequences.refuse_other_ranks(query, key, value)
        self._refuse_misfits(query, key, value)
        self._refuse_torch_options(query.shape[-1])
        positions, batch = self._split(query)
        if len(inputs) > 3:
            torch_sequences.refuse_padding_mask(inputs[3], (*batch, *self._split(key)[0]))
        heads = () if self.average_attention_scores else (self.num_heads,)
        return self.scored(query, (*batch, *heads, *positions, self._keys(key)))

    def _refuse_torch_options(self, channels: Dim) -> None:
        """Refuses what PyTorch cannot say: heads that do not share the channels, sizes of their own."""
        if not divides(self.num_heads, channels):
            raise Refusal(uneven(int(channels), self.num_heads), "num_heads")  # type: ignore[arg-type]  # known
        size = channels // self.num_heads
        if size != self.key_dim:
            raise Refusal(
                f"PyTorch splits the {channels} channels among {self.num_heads} heads: each has a size of {size}, "
                f"not {self.key_dim}",
                "key_dim",
                ({"key_dim": size},),
            )
        if self.value_dim not in (None, self.key_dim):
            reason = f"value_dim = {self.value_dim}: PyTorch's values have the keys' size {self.key_dim}"
            raise Refusal(reason, "value_dim", ({"value_dim": None},))
        if self.output_shape and (isinstance(self.output_shape, tuple) or self.output_shape != channels):
            reason = f"output_shape = {self.output_shape}: PyTorch gives out the query's {channels} channels"
            raise Refusal(reason, "output_shape", ({"output_shape": None},))
        if self.use_causal_mask:
            reason = "is_causal: PyTorch needs the mask itself beside it (attn_mask)"
            raise Refusal(reason, "use_causal_mask", ({"use_causal_mask": False},))

    def _refuse_misfits(self, query: TensorSpec, key: TensorSpec, value: TensorSpec) -> None:
        """Refuses inputs that do not fit together, or that it was not made for."""
        if self.declared is not None:
            refuse_undeclared(self.declared, query.shape[-1], "channels of the query", query)
            key_channels = self.declared if self.declared_key is None else self.declared_key
            refuse_undeclared(key_channels, key.shape[-1], "channels of the key", key, "declared_key")
            value_channels = self.declared if self.declared_value is None else self.declared_value
            refuse_undeclared(value_channels, value.shape[-1], "channels of the value", value, "declared_value")
        if any(n != other for n, other in zip(key.shape[:-1], value.shape[:-1], strict=True)):
            raise Refusal(
                f"key {text(key.shape)} and value {text(value.shape)} must agree in all sizes but the channels"
            )
        (positions, batch), (_positions, other) = self._split(key), self._split(query)
        if positions[0] != 0 and any(n != m for n, m in zip(batch, other, strict=True)):
            raise Refusal(f"query {text(query.shape)} and key {text(key.shape)} have batches of different sizes")

    def _split(self, x: TensorSpec) -> tuple[Shape, Shape]:
        """Positions and batch of an input; without the batch, which PyTorch allows, () for it."""
        if x.framework == "keras":
            return x.shape[1:-1], x.shape[:1]
        return torch_sequences.split(x, time_major=self.time_major)

    def _keys(self, key: TensorSpec) -> Dim:
        """How many keys each query is compared with."""
        if key.framework == "pytorch":
            added = int(self.add_bias_kv) + int(self.add_zero_attn)
            length = self._split(key)[0][0]
            return length + added if added else length
        if len(key.shape) == 3:  # whatever the axes, it looks along the only one
            return key.shape[1]
        return product([key.shape[axis] for axis in self._axes(key) if 0 < axis < len(key.shape) - 1])

    # What it owns and does ----------------------------------------------------------------------------------------

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        query, value, key = self.by_role(inputs)
        asked, given = (
            self._channels(query, "query", self.declared),
            self._channels(value, "value", self.declared_value),
        )
        matched = given if key is value else self._channels(key, "key", self.declared_key)
        found = self._projection("query", asked, self.key_dim) + self._projection("key", matched, self.key_dim)
        if self.use_gate:
            found += self._projection("gate", asked, self.values_size)
        found += self._projection("value", given, self.values_size)
        sizes = (asked,) if not self.output_shape else self.output_sizes(query)
        found += (Weight("attention_output/kernel", (self.num_heads, self.values_size, *sizes)),)
        if self.use_bias:
            found += (Weight("attention_output/bias", sizes),)
        if self.add_bias_kv:
            found += (Weight("bias_k", (1, 1, asked)), Weight("bias_v", (1, 1, asked)))
        return found

    def _channels(self, x: TensorSpec, what: str, declared: int | None) -> Dim:
        """An input's channels under their name; what it was made for counts more."""
        sizes = (declared, self.declared, x.shape[-1])
        return named(f"{what} channels", next(size for size in sizes if size is not None))

    def _projection(self, name: str, channels: Dim, size: int) -> tuple[Weight, ...]:
        kernel = Weight(f"{name}/kernel", (channels, self.num_heads, size))
        return (kernel, Weight(f"{name}/bias", (self.num_heads, size))) if self.use_bias else (kernel,)

    def torch_weights(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        return packed(weights)

    def declared_inputs(self) -> Tensors:
        if self.declared is None:
            return ()
        sizes = (self.declared, self.declared_key, self.declared_value)
        channels = [self.declared if size is None else size for size in sizes]
        return tuple(TensorSpec((UNKNOWN, UNKNOWN, n), layout="channels_first", framework="pytorch") for n in channels)

    def samples_on(self, inputs: Tensors) -> Dim:
        batch = self._split(inputs[0])[1]
        return batch[0] if batch else 1

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        if x.framework == "pytorch" and len(x.shape) in (2, 3):
            return torch_sequences.axis_names(x, time_major=self.time_major)
        return super().axis_names(x)

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        query, value, key = self.by_role(inputs)
        asking, given, matched = (product(self._split(x)[0]) for x in (query, value, key))
        heads, size, values_size, keys = self.num_heads, self.key_dim, self.values_size, self._keys(key)
        macs = part("query projection", asking * query.shape[-1] * heads * size)
        macs += part("key projection", matched * key.shape[-1] * heads * size)
        macs += part("value projection", given * value.shape[-1] * heads * values_size)
        macs += part("scores QKᵀ", asking * keys * heads * size)
        macs += part("weighted values", asking * keys * heads * values_size)
        if self.use_gate:
            macs += part("gate", asking * query.shape[-1] * heads * values_size)
        return macs + part("output projection", asking * heads * values_size * product(self.output_sizes(query)))

    def remarks_on(self, inputs: Tensors) -> Iterable[str]:
        if inputs[0].framework == "pytorch":
            yield "The heads share the channels: their number changes neither parameters nor MACs."
        yield from super().remarks_on(inputs)

    def warnings_on(self, inputs: Tensors, outputs: Tensors) -> Iterable[str]:
        if inputs[0].framework == "pytorch":
            return
        query, value, key = self.by_role(inputs)
        axes = tuple(axis % (len(value.shape) + 1) for axis in self._axes(value))
        fault = self.run_fault(axes, (query, value, key))
        if fault:
            yield fault
        elif self.return_attention_scores:
            real = score_shape(self.num_heads, axes, query, key)
            if len(real) != 4 or any(n != m for n, m in zip(real, outputs[1].shape, strict=True)):
                yield f"Keras shows {text(outputs[1].shape)} for the scores, but when run they are {text(real)}"

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        options = torch_sequences.with_true_as_one(options, "num_heads", "declared_key", "declared_value")
        channels, heads = options["declared"], options["num_heads"]
        size: object = 1  # where the two are no numbers, that is what will be said of them
        if type(channels) is int and isinstance(heads, int) and channels > 0 and heads > 0:
            if channels % heads:
                raise InvalidOptions(uneven(channels, heads), "num_heads")
            size = channels // heads
        return {**options, "key_dim": size, "time_major": not options["time_major"]}


def uneven(channels: int, heads: int) -> str:
    """What is wrong with channels that the heads cannot share."""
    return f"{channels} channels cannot be split evenly among {heads} heads"
