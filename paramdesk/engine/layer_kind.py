"""What a kind of layer is: its options, its rules, its words. Each kind is one class; everything else derives from it.

A kind is a leaf of the tree of classes below `LayerKind`; abstract kinds have subclasses. The families live in
`paramdesk.engine.kinds`, which `kinds()` walks: a new file or class there is all that a new kind needs.

A concrete kind writes, in plain arithmetic that runs on ints for the count and on quantities for the explanation:

- its options, as annotated fields: `filters: Annotated[Positive, Option("Filters", preset=32)]`,
- `output(x)`: the output tensor of the input tensor, or a `Refusal` that says why there is none,
- `weights(x)`: its weights by name and shape, which are the ground truth of every parameter count,
- `macs(x, y)`: multiply-accumulates per sample.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal, Self, TypeAlias

import msgspec

from paramdesk.engine.errors import Refusal
from paramdesk.engine.formula import called
from paramdesk.engine.invalid import readable
from paramdesk.engine.option import Option, choices, default_of, is_same_axis, options_of, sizes_of, summed_up
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import AXIS_NAMES, Dim, Framework, Layout, Shape, TensorSpec, text

Category: TypeAlias = Literal[
    "io", "conv", "pool", "dense", "norm", "act", "reshape", "merge", "rec", "att", "reg", "emb"
]

Tensors: TypeAlias = tuple[TensorSpec, ...]
Fields: TypeAlias = tuple[ReceptiveField | None, ...]

KERNEL_AND_BIAS: frozenset[str] = frozenset(
    f"{weight}_{role}" for weight in ("kernel", "bias") for role in ("initializer", "regularizer", "constraint")
) | {"activity_regularizer"}
"""Options of Keras layers with a kernel and a bias that change no count."""

COMMON: frozenset[str] = frozenset({
    "activity_regularizer", "autocast", "dtype", "input_dim", "input_shape", "trainable",
})  # fmt: skip
"""Options of every Keras layer, besides its name."""


class Weight(msgspec.Struct, frozen=True, gc=False):
    """A tensor that a layer owns.

    Attributes:
        name: as the framework calls it, relative to the layer ("kernel").
        shape: all known; in the framework's order.
        trainable: whether training changes it.
        statistic: gathered from data rather than trained (a moving mean), hence never trainable.
    """

    name: str
    shape: tuple[Dim, ...]
    trainable: bool = True
    statistic: bool = False


class LayerKind(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag=True,
    tag_field="kind",
    omit_defaults=True,
    forbid_unknown_fields=True,
):
    """Base of all kinds. A kind is a value: its fields are the layer's options, in Keras' words."""

    category: ClassVar[Category]
    spellings: ClassVar[Mapping[Framework, tuple[str, ...]]] = {}
    """Class names per framework, the usual one first."""
    search: ClassVar[tuple[str, ...]] = ()
    """Plain words a person may look for."""
    inert: ClassVar[frozenset[str]] = frozenset()
    """Options of the frameworks that change neither shapes nor counts: kept with the layer and written back."""
    is_input: ClassVar[bool] = False
    """Whether it reads nothing: data comes in through it."""
    takes_list: ClassVar[bool] = False
    """Whether the framework calls it on a list of tensors."""
    keeps_type: ClassVar[bool] = False
    """Whether values go through as they are; all others come out as floating-point numbers."""
    common: ClassVar[frozenset[str]] = COMMON
    """Those options of every Keras layer that it takes besides its own."""
    call_arguments: ClassVar[frozenset[str]] = frozenset({"training"})
    """What Keras takes beside the inputs when it calls the layer; training it takes for every one."""
    whole_floats: ClassVar[frozenset[str]] = frozenset()
    """Options in whose lists Keras takes 2.0 for 2."""
    takes_anything: ClassVar[frozenset[str]] = frozenset()
    """Numbers of which Keras checks nothing: what is none is kept with the layer, in place of the default."""
    source: ClassVar[str] = ""
    """Where its rules are written down: a page of the framework's documentation, an operator, a paper."""

    # What the analysis calls --------------------------------------------------------------------------------------

    def outputs(self, inputs: Tensors) -> Tensors:
        """The output tensors, in the framework's order.

        Raises:
            Refusal: the framework would refuse these inputs.
        """
        raise NotImplementedError

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        """The weights that these inputs give rise to."""
        return ()

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        """Multiply-accumulates for one sample: the batch axis does not enter."""
        return 0

    def field_on(self, inputs: Tensors, fields: Fields) -> ReceptiveField | None:
        """What one position of the first output sees of the network's input; None where that is not defined.

        Args:
            inputs: what the layer reads.
            fields: what one position of each of them sees.
        """
        return None

    def warnings_on(self, inputs: Tensors, outputs: Tensors) -> Iterable[str]:
        """What the framework accepts and yet goes wrong when run."""
        return ()

    def remarks_on(self, inputs: Tensors) -> Iterable[str]:
        """What a reader of the explanation should know besides the formula."""
        return ()

    # What the window and the files call ---------------------------------------------------------------------------

    @classmethod
    def title(cls) -> str:
        """The kind's name, as in Keras."""
        return cls.__name__

    @classmethod
    def options(cls) -> dict[str, Option]:
        """The options by field name, in the order of the form."""
        return options_of(cls)

    @classmethod
    def standardized(cls, options: Mapping[str, object]) -> dict[str, object]:
        """The options in the form of the fields, where the framework allows a shorter one (3 for (3, 3))."""
        sizes = sizes_of(cls)
        return {
            name: (value,) * sizes[name] if name in sizes and type(value) in (int, float) else value
            for name, value in options.items()
        }

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> Self:
        """A kind from options of unknown origin.

        Raises:
            InvalidOptions: a wrong type or range, a missing or an unknown option; the message names it.
        """
        standard = cls.standardized(options)
        try:
            return msgspec.convert(standard, cls)
        except msgspec.ValidationError as error:
            raise readable(cls.title(), options, str(error), functools.partial(choices, cls)) from None

    @classmethod
    def preset(cls) -> Self:
        """What the palette proposes: the framework's defaults, and usual values where it has none."""
        return cls.from_options(
            {name: option.preset for name, option in cls.options().items() if option.preset is not None}
        )

    def changed(self, **changes: object) -> Self:
        """The same kind with other options, validated.

        Raises:
            InvalidOptions: as `from_options`.
        """
        return type(self).from_options({**msgspec.structs.asdict(self), **changes})

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        """The options behind arguments of Keras' constructor, where it takes other names or spellings.

        Raises:
            InvalidOptions: arguments that exclude each other or are out of range.
        """
        return dict(config)

    def keras_config(self) -> dict[str, object]:
        """The arguments of Keras' constructor, as `get_config` gives them."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if name != "lora_rank" or value}

    def digest(self, rank: int | None = None) -> str:
        """The options that differ from the default, in a few words: `32 filters, 3×3, ReLU`.

        Args:
            rank: axes of what it reads, where that is known: among four, axis 3 is the default −1.
        """
        found = []
        for name, option in self.options().items():
            value, default = getattr(self, name), default_of(type(self), name)
            is_default = value == default or (name == "axis" and is_same_axis(value, default, rank))
            if option.digest and (option.always or not is_default):
                found.append(summed_up(value, option))
        return ", ".join(found)

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        """Names of a tensor's axes after the batch, for formulas."""
        rank = len(x.shape) - 2
        if rank < 0:
            return ()
        if rank >= len(AXIS_NAMES):
            return tuple(f"axis {axis}" for axis in range(1, rank + 2))
        space = AXIS_NAMES[rank]
        return ("channels", *space) if x.layout == "channels_first" and rank else (*space, "channels")

    def quantified(self) -> Self:
        """The kind with its numbers under their names, for explanations (not validated)."""
        changes: dict[str, object] = {}
        for name, option in self.options().items():
            value, words = getattr(self, name), option.words or name.replace("_", " ")
            if type(value) is int:
                changes[name] = called(words, value)
            elif isinstance(value, tuple) and value and all(type(n) is int for n in value):
                axes = AXIS_NAMES[len(value)] if len(value) < len(AXIS_NAMES) else ("",) * len(value)
                changes[name] = tuple(called(words.format(axis=axis), n) for axis, n in zip(axes, value, strict=True))
        return msgspec.structs.replace(self, **changes)


class SingleInputKind(LayerKind, frozen=True, kw_only=True):
    """A kind with one input and one output."""

    def output(self, x: TensorSpec) -> TensorSpec:
        """The output tensor of an input tensor."""
        raise NotImplementedError

    def weights(self, x: TensorSpec) -> tuple[Weight, ...]:
        """The weights for this input."""
        return ()

    def macs(self, x: TensorSpec, y: TensorSpec) -> Dim:
        """Multiply-accumulates for one sample."""
        return 0

    def seen(self, x: TensorSpec, field: ReceptiveField) -> ReceptiveField | None:
        """The receptive field of the output, given that of the input; None where positions are mixed."""
        return None

    def warnings(self, x: TensorSpec, y: TensorSpec) -> Iterable[str]:
        """What goes wrong when the framework runs what it accepts."""
        return ()

    def remarks(self, x: TensorSpec) -> Iterable[str]:
        """What a reader should know besides the formula."""
        return ()

    def outputs(self, inputs: Tensors) -> Tensors:
        if len(inputs) != 1:
            raise Refusal(f"{self.title()} takes one input, got {len(inputs)}")
        y = self.output(inputs[0])
        return (y if self.keeps_type else y.floating(),)

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        return self.weights(inputs[0])

    def macs_on(self, inputs: Tensors, outputs: Tensors) -> Dim:
        return self.macs(inputs[0], outputs[0])

    def field_on(self, inputs: Tensors, fields: Fields) -> ReceptiveField | None:
        return self.seen(inputs[0], fields[0]) if fields[0] is not None else None

    def warnings_on(self, inputs: Tensors, outputs: Tensors) -> Iterable[str]:
        return self.warnings(inputs[0], outputs[0])

    def remarks_on(self, inputs: Tensors) -> Iterable[str]:
        return self.remarks(inputs[0])


class RankedKind(SingleInputKind, frozen=True, kw_only=True):
    """A kind for a fixed number of spatial axes, with the channels behind them: one struct per rank."""

    rank: ClassVar[int]
    """How many spatial axes."""

    def channels_first(self, x: TensorSpec) -> bool:
        """Whether channels stand before the spatial axes."""
        return False

    def split(self, x: TensorSpec) -> tuple[Dim, Shape, Dim]:
        """Batch, spatial sizes and channels of an input.

        Raises:
            Refusal: the input has another number of axes.
        """
        shape = x.shape
        if len(shape) != self.rank + 2:
            raise self._wrong_rank(shape)
        if self.channels_first(x):
            return shape[0], shape[2:], shape[1]
        return shape[0], shape[1:-1], shape[-1]

    def joined(self, x: TensorSpec, space: Shape, channels: Dim) -> Shape:
        """A shape with the batch of x, in the layout of this layer."""
        if self.channels_first(x):
            return (x.shape[0], channels, *space)
        return (x.shape[0], *space, channels)

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        if len(x.shape) != self.rank + 2:
            return super().axis_names(x)
        space = AXIS_NAMES[self.rank]
        return ("channels", *space) if self.channels_first(x) else (*space, "channels")

    def _wrong_rank(self, shape: Shape) -> Refusal:
        axes = ", ".join(AXIS_NAMES[self.rank])
        return Refusal(
            f"{self.title()} needs {self.rank + 2} axes (batch, {axes} and channels), "
            f"but the input {text(shape)} has {len(shape)}"
        )


class SpatialKind(RankedKind, frozen=True, kw_only=True):
    """A kind for a fixed number of spatial axes, with the channels before or behind them.

    Attributes:
        data_format: where the channels are; None: as in the rest of the architecture.
    """

    data_format: Annotated[Layout | None, Option("Data format", advanced=True)] = None

    def channels_first(self, x: TensorSpec) -> bool:
        return (self.data_format or x.layout) == "channels_first"

    @classmethod
    def keras_options(cls, config: Mapping[str, object]) -> dict[str, object]:
        return lowered(super().keras_options(config), "data_format")


def lowered(options: dict[str, object], *names: str) -> dict[str, object]:
    """The options with the named ones in small letters, for arguments whose case Keras ignores."""
    for name in names:
        value = options.get(name)
        if isinstance(value, str):
            options[name] = value.lower()
    return options


# The registry and what is derived from a class ------------------------------------------------------------------------


@functools.cache
def kinds() -> dict[str, type[LayerKind]]:
    """Every concrete kind by its name, in the order of the families' files and of the classes in them."""
    from paramdesk.engine import kinds as families

    names = [module.name for module in pkgutil.iter_modules(families.__path__, f"{families.__name__}.")]
    modules = [importlib.import_module(name) for name in names]
    concrete = set(_leaves(LayerKind))
    found = [
        kind for module in modules for kind in vars(module).values()
        if isinstance(kind, type) and kind in concrete and kind.__module__ == module.__name__
    ]  # fmt: skip
    return {kind.title(): kind for kind in found}


def _leaves(kind: type[LayerKind]) -> Iterable[type[LayerKind]]:
    children = kind.__subclasses__()
    if not children:
        yield kind
    for child in children:
        yield from _leaves(child)
