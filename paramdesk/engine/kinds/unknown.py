"""Layers of classes that are not known here: code of their author's own, which no file tells.

Such a layer is never run. Its configuration is kept and written back as it was; what the file states of it is shown:
its output shape and its weights. What is not stated is not known, and never guessed. Where it reads nothing and nothing
says what it makes, it is no step of a computation but a row of weights, as in a file that holds nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from paramdesk.engine.errors import Refusal
from paramdesk.engine.layer_kind import LayerKind, Tensors
from paramdesk.engine.option import AFew, Natural, Option
from paramdesk.engine.shape import UNKNOWN, Dim, Framework, Layout, TensorSpec, internal, times
from paramdesk.engine.weight import StatedWeight, Weight

Sizes = Annotated[tuple[Natural | None, ...], AFew]
MOST_NAMED = 3
"""No more weights are named in a row."""
MANY = msgspec.Meta(max_length=10_000)


class Unknown(LayerKind, frozen=True, kw_only=True):
    """A layer of a class that is not known here: what its file states of it is shown, the rest is not known.

    Attributes:
        class_name: what the file calls it.
        output_shape: of its only output, without the batch.
        output_shapes: of all its outputs, the batch among the axes, where a file tells that; they count more.
        stated_weights: what it owns.
    """

    category = "io"
    spellings = {
        "keras": ("Lambda", "FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper", "Layer", "Wrapper"),
        "pytorch": ("Module",),
    }
    search = ("custom", "lambda", "own layer")
    may_read_nothing = True
    is_foreign = True
    source = "https://keras.io/guides/making_new_layers_and_models_via_subclassing/"

    class_name: Annotated[str, Option("Class", preset="MyLayer")]
    output_shape: Annotated[Sizes | None, Option("Output shape", digest="{}", preset=(64,))] = None
    output_shapes: Annotated[Annotated[tuple[Sizes, ...], MANY], Option("Output shapes", hidden=True)] = ()
    stated_weights: Annotated[
        Annotated[tuple[StatedWeight, ...], MANY] | None, Option("Weights", hidden=True, preset=())
    ] = None
    """None: nothing states which it has."""

    def name_in(self, framework: Framework) -> str:
        return self.class_name

    def digest(self, rank: int | None = None, layout: Layout = "channels_last") -> str:
        if self.output_shape is not None:
            return super().digest(rank, layout)
        stated = [f"{weight.name} {times(weight.shape)}".rstrip() for weight in self.stated_weights or ()]
        return ", ".join([*stated[:MOST_NAMED], *([f"{len(stated) - MOST_NAMED} more"] if stated[MOST_NAMED:] else [])])

    def outputs(self, inputs: Tensors) -> Tensors:
        frame = inputs[0] if inputs else TensorSpec(())
        if self.output_shapes:
            return tuple([frame.reshaped(internal(shape)) for shape in self.output_shapes])
        if self.output_shape is None and not inputs:
            return ()
        if self.output_shape is None:
            raise Refusal(
                f"{self.class_name} is not known here, and nothing states what it makes: give its output shape",
                "output_shape",
            )
        batch: tuple[Dim, ...] = inputs[0].shape[:1] if inputs else (UNKNOWN,)
        return (frame.reshaped((*(batch or (UNKNOWN,)), *internal(self.output_shape))),)

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        return tuple(stated.weight() for stated in self.stated_weights or ())

    @property
    def knows_weights(self) -> bool:
        return self.stated_weights is not None

    def declared_inputs(self) -> Tensors:
        return (TensorSpec((UNKNOWN,)),) if self.knows_weights else ()

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        return UNKNOWN

    def warnings_on(self, inputs: Tensors, outputs: Tensors) -> Iterable[str]:
        if outputs:
            name = self.class_name
            yield f"{name} is not known here: its output shape is what the file states, its MACs are not known"

    def torch_weights(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        return weights
