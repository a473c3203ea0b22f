"""Wrappers: layers that have another layer inside and use it at every step, or in both directions. And masks.

Parameters: those of the layer inside, once, however many steps there are; `Bidirectional` has two layers. MACs: steps ×
those of the layer inside; both layers'. Rules as in Keras (`keras.layers.TimeDistributed`,
`keras.layers.Bidirectional`). PyTorch needs no wrapper for either: its layers work along all leading axes, and its
recurrent modules know `bidirectional`.

Keras does not look at the number of axes that the layer inside gets. What it makes of a recurrent layer with wrong ones
is shown, with a warning since it fails when run; other layers are refused as they are outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

import msgspec

from paramdesk.engine.crossing import LAST, Crossing
from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import fixed, named
from paramdesk.engine.inner_layers import Named, brought, path_of, taken_out, with_names, without_names
from paramdesk.engine.kinds.activation import ElementwiseKind
from paramdesk.engine.kinds.core import Dense
from paramdesk.engine.kinds.recurrent import LSTM
from paramdesk.engine.kinds.recurrent_cells import stretched
from paramdesk.engine.kinds.sequence import SequenceKind
from paramdesk.engine.layer_kind import BATCH, InnerKind, LayerKind, Tensors
from paramdesk.engine.option import Option
from paramdesk.engine.shape import Dim, Framework, Shape, TensorSpec, text
from paramdesk.engine.single_input import SingleInputKind
from paramdesk.engine.weight import Weight


class Masking(ElementwiseKind, frozen=True, kw_only=True):
    """Marks the steps that are only padding, so that recurrent layers behind it pass over them."""

    elsewhere = "masks that are given with the call"
    category = "rec"
    spellings = {"keras": ("Masking",)}
    search = ("mask", "padding", "variable length", "skip")
    takes_anything = frozenset({"mask_value"})
    source = "https://keras.io/api/layers/core_layers/masking/"

    mask_value: Annotated[float, Option("Mask value", digest="masks {}")] = 0.0

    def output(self, x: TensorSpec) -> TensorSpec:
        if not x.shape:
            raise Refusal("Masking needs at least 1 axis, but the input () has none")
        return x


# A layer at every step ------------------------------------------------------------------------------------------------


class TimeDistributed(SingleInputKind, frozen=True, kw_only=True):
    """Applies the same layer, with the same weights, at every step of a sequence.

    Attributes:
        layer: what works at every step.
        layer_name: what it is called; empty: as Keras calls it.
        layer_trainable: whether it is trained.
    """

    elsewhere = "nothing: `Linear` goes over all axes but the last, and other modules over a flattened batch"
    category = "rec"
    spellings = {"keras": ("TimeDistributed",)}
    search = ("wrapper", "every step", "sequence", "video")
    call_arguments = frozenset({"training", "mask"})
    source = "https://keras.io/api/layers/recurrent_layers/time_distributed/"

    layer: Annotated[InnerKind, Option("Layer", preset=Dense(units=64))]
    layer_name: Annotated[str, Option("Its name", advanced=True, only="keras", unsaid="kept")] = ""
    layer_trainable: Annotated[bool, Option("Is trained", digest="frozen", advanced=True)] = True

    def output(self, x: TensorSpec) -> TensorSpec:
        if len(x.shape) < 3:
            reason = f"TimeDistributed needs at least 3 axes (batch, steps and those of the layer), but {text(x.shape)}"
            raise Refusal(f"{reason} has {len(x.shape)}")
        if self.layer.takes_list:
            raise Refusal(f"{self.layer.title()} reads a list of tensors, but TimeDistributed gives it one", "layer")
        made = self.layer.outputs_within((_at_once(x),))
        if len(made) != 1 or not made[0].shape:
            raise Refusal(f"{self.layer.title()} makes {len(made)} tensors: TimeDistributed takes layers that make one")
        return made[0].reshaped((made[0].shape[0], x.shape[1], *made[0].shape[1:]))

    def channels_place(self, x: TensorSpec, framework: Framework) -> int | None:
        if len(x.shape) < 3:
            return LAST
        place = self.layer.channels_place(_at_once(x), framework)
        return place if place in (None, LAST) else place + 1

    def crossed(self, crossing: Crossing) -> LayerKind:
        layer = self.layer.crossed(crossing.at_a_step() if crossing.rank > 2 else crossing)
        return msgspec.structs.replace(self, layer=layer)

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        weights = self.layer.weights_on((_at_once(x),))
        return brought(path_of(self.layer, self.layer_name), self.layer, weights, is_trained=self.layer_trainable)

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        macs = self.layer.macs_on((_at_once(x),), (_at_once(y),))
        return 0 if type(macs) is int and not macs else named("steps", x.shape[1]) * macs

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        yield from self.layer.warnings_on((_at_once(x),), (_at_once(y),))
        if x.shape[1] == 0:
            yield f"the input {text(x.shape)} has no step: it fails when run"

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        yield "The layer inside has its weights once, for all steps."

    def counted_like(self, convention: Framework) -> LayerKind:
        return msgspec.structs.replace(self, layer=self.layer.counted_like(convention))

    def torch_weights(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        return self.layer.torch_weights(taken_out(weights))

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        if len(x.shape) < 3:
            return super().axis_names(x)
        return (BATCH, "steps", *self.layer.axis_names(_at_once(x))[1:])

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return with_names(config, "layer")

    def keras_config(self) -> dict[str, object]:
        return without_names(super().keras_config(), "layer")

    def named_within(self) -> Mapping[str, tuple[Named, ...]]:
        return {"layer": ((self.layer_name, self.layer_trainable),)}


def _at_once(x: TensorSpec) -> TensorSpec:
    """What stands at one step: the tensor without the axis of the steps."""
    return x.reshaped((x.shape[0], *x.shape[2:]))


# A layer in both directions -------------------------------------------------------------------------------------------

MergeMode = Literal["concat", "sum", "mul", "ave"]


class Bidirectional(LayerKind, frozen=True, kw_only=True):
    """Goes through a sequence forwards and backwards, with a layer for each, and merges what the two make.

    Attributes:
        layer: what goes forwards.
        merge_mode: "concat" puts the two outputs side by side; "sum", "mul" and "ave" merge them value by value; None
            gives both.
        backward_layer: what goes backwards; None: a layer like the first.
        layer_name: what the first is called; empty: as Keras calls it.
        layer_trainable: whether the first is trained.
        backward_layer_name: what the second is called.
        backward_layer_trainable: whether the second is trained.
    """

    elsewhere = "the argument `bidirectional` of `LSTM`, `GRU` and `RNN`"
    category = "rec"
    spellings = {"keras": ("Bidirectional",)}
    search = ("wrapper", "both directions", "bilstm", "sequence", "forward", "backward")
    inert = frozenset({"weights"})
    call_arguments = frozenset({"training", "mask", "initial_state"})
    source = "https://keras.io/api/layers/recurrent_layers/bidirectional/"

    layer: Annotated[InnerKind, Option("Layer", preset=LSTM(units=32))]
    merge_mode: Annotated[MergeMode | None, Option("Merge by", digest="{}")] = "concat"
    backward_layer: Annotated[InnerKind | None, Option("Backward layer", advanced=True)] = None
    layer_name: Annotated[str, Option("Its name", advanced=True, only="keras", unsaid="kept")] = ""
    layer_trainable: Annotated[bool, Option("Is trained", digest="frozen", advanced=True)] = True
    backward_layer_name: Annotated[str, Option("Backward layer's name", advanced=True, only="keras", unsaid="kept")] = (
        ""
    )
    backward_layer_trainable: Annotated[bool, Option("Backward layer is trained", advanced=True)] = True

    @classmethod
    def proposed_inside(cls, option: str, kind: LayerKind) -> LayerKind:
        return kind.changed(go_backwards=True) if option == "backward_layer" and hasattr(kind, "go_backwards") else kind

    @property
    def forward(self) -> SequenceKind:
        """What goes forwards.

        Raises:
            Refusal: it is no recurrent layer.
        """
        return self._recurrent(self.layer, "layer")

    @property
    def backward(self) -> SequenceKind:
        """What goes backwards: Keras makes a layer like the first, unless there is one.

        Raises:
            Refusal: it is no recurrent layer.
        """
        if self.backward_layer is None:
            return msgspec.structs.replace(self.forward, go_backwards=True)
        return self._recurrent(self.backward_layer, "backward_layer")

    def _recurrent(self, kind: LayerKind, option: str) -> SequenceKind:
        if not isinstance(kind, SequenceKind):
            raise Refusal(
                f"{kind.title()} is no recurrent layer: Bidirectional takes LSTM, GRU, RNN and the like", option
            )
        return kind

    def outputs(self, inputs: Tensors) -> Tensors:
        self.forward.refuse_rank(inputs[0])
        return self.outputs_within(inputs)

    def outputs_within(self, inputs: Tensors) -> Tensors:
        x = inputs[0]
        forward, backward = self.forward, self.backward
        self._refuse_unlike(forward, backward)
        made, *states = forward.outputs_within((x,))
        backward.outputs_within((x,))
        if self.merge_mode == "concat":
            made = made.reshaped((*made.shape[:-1], made.shape[-1] * fixed("directions", 2, made.shape[-1])))
        merged = (made,) if self.merge_mode else (made, made)
        return (*merged, *states, *states)

    def _refuse_unlike(self, forward: SequenceKind, backward: SequenceKind) -> None:
        """Refuses two layers that do not go together."""
        if forward.go_backwards == backward.go_backwards:
            way = "backwards" if forward.go_backwards else "forwards"
            raise Refusal(
                f"both layers go {way}: the backward layer must go the other way than the forward layer",
                "backward_layer",
                ({"backward_layer": None},),
            )
        for name in ("stateful", "return_sequences", "return_state"):
            one, other = getattr(forward, name), getattr(backward, name)
            if one != other:
                reason = f"{name} is {one} in the forward layer and {other} in the backward layer: it must be the same"
                raise Refusal(reason, "backward_layer", ({"backward_layer": None},))
        if forward.stateful and forward.return_state:
            raise Refusal("return_state together with stateful fails in Keras' Bidirectional", "layer")

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        x = inputs[:1]
        own, is_trained = path_of(self.layer, self.layer_name), self.layer_trainable
        forward = brought(_prefixed("forward_", own), self.layer, self.forward.weights_on(x), is_trained=is_trained)
        if self.backward_layer is None:
            path = _prefixed("backward_", own)
        else:
            path = path_of(self.backward_layer, self.backward_layer_name)
            is_trained = self.backward_layer_trainable
        return (*forward, *brought(path, self.backward, self.backward.weights_on(x), is_trained=is_trained))

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        x = inputs[:1]
        forward = self.forward.macs_on(x, self.forward.outputs_within(x))
        if self.backward_layer is None:
            return fixed("directions", 2, forward) * forward
        return forward + self.backward.macs_on(x, self.backward.outputs_within(x))

    def warnings_on(self, inputs: Tensors, outputs: Tensors) -> Iterable[str]:
        x, states = inputs[:1], inputs[1:]
        forward, backward = self.forward, self.backward
        half = len(states) // 2
        for kind, given in ((forward, states[:half]), (backward, states[half:])):
            yield from kind.warnings_on((*x, *given), outputs)
        one, other = _shapes(forward, x), _shapes(backward, x)
        if self._made_of(one, other) != one:
            shown, run = ", ".join(map(text, one)), ", ".join(map(text, other))
            yield f"the forward layer makes {shown}, the backward layer {run}: when run, it fails or has other shapes"

    def _made_of(self, one: list[Shape], other: list[Shape]) -> list[Shape]:
        """What comes out when it is run, in place of what the forward layer makes: sums stretch sizes of 1."""
        if self.merge_mode in (None, "concat"):
            return other
        try:
            return [stretched(one[0], other[0]), *other[1:]]
        except Refusal:
            return other

    def remarks_on(self, inputs: Tensors) -> Iterable[str]:
        yield from self.forward.remarks_on(inputs)

    def refuse_foreign(self, framework: Framework) -> None:
        """Refuses what the two layers say besides which way they go: that the wrapper says."""
        self.layer.refuse_foreign(framework)
        if isinstance(self.backward_layer, SequenceKind):
            msgspec.structs.replace(self.backward_layer, go_backwards=False).refuse_foreign(framework)

    def counted_like(self, convention: Framework) -> LayerKind:
        behind = self.backward_layer
        return msgspec.structs.replace(
            self,
            layer=self.layer.counted_like(convention),
            backward_layer=behind and behind.counted_like(convention),
        )

    def torch_weights(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        first = weights[0].name.partition("/")[0]
        forward = [weight for weight in weights if weight.name.startswith(f"{first}/")]
        backward = self.backward.torch_weights(taken_out(weights[len(forward) :]))
        behind = [msgspec.structs.replace(weight, name=f"{weight.name}_reverse") for weight in backward]
        return (*self.forward.torch_weights(taken_out(forward)), *behind)

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        return self.layer.axis_names(x)

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return with_names(config, "layer", "backward_layer")

    def keras_config(self) -> dict[str, object]:
        return without_names(super().keras_config(), "layer", "backward_layer")

    def named_within(self) -> Mapping[str, tuple[Named, ...]]:
        return {
            "layer": ((self.layer_name, self.layer_trainable),),
            "backward_layer": ((self.backward_layer_name, self.backward_layer_trainable),),
        }


def _prefixed(prefix: str, name: str) -> str:
    return f"{prefix}{name.removeprefix(prefix)}"


def _shapes(kind: SequenceKind, x: Tensors) -> list[Shape]:
    """The shapes of what a layer makes, without the batch."""
    return [made.shape[1:] for made in kind.outputs_within(x)]
