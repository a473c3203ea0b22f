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
from typing import TYPE_CHECKING, ClassVar, Literal, Self, TypeAlias

import msgspec

from paramdesk.engine.crossing_kind import CrossingKind
from paramdesk.engine.formula import called
from paramdesk.engine.invalid import readable
from paramdesk.engine.option import (
    Option,
    choices,
    default_of,
    is_same_axis,
    options_of,
    sizes_of,
    summed_up,
)
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import AXIS_NAMES, Dim, Framework, Layout, TensorSpec
from paramdesk.engine.spelling import Module, Spelling, Spellings, name_of
from paramdesk.engine.weight import Weight, torch_weight

Category: TypeAlias = Literal[
    "io", "conv", "pool", "dense", "norm", "act", "reshape", "merge", "rec", "att", "reg", "emb"
]

Tensors: TypeAlias = tuple[TensorSpec, ...]
Fields: TypeAlias = tuple[ReceptiveField | None, ...]

BATCH = "batch"
"""The name of a batch axis in formulas, which leave it out."""

KERNEL_AND_BIAS: frozenset[str] = frozenset(
    f"{weight}_{role}" for weight in ("kernel", "bias") for role in ("initializer", "regularizer", "constraint")
) | {"activity_regularizer"}
"""Options of Keras layers with a kernel and a bias that change no count."""

NEVER_NEGATIVE: frozenset[str] = frozenset({"relu", "relu6", "sigmoid", "hard_sigmoid", "softmax", "softplus"})
"""Activations whose values are 0 or more."""

COMMON: frozenset[str] = frozenset({
    "activity_regularizer", "autocast", "dtype", "input_dim", "input_shape", "trainable",
})  # fmt: skip
"""Options of every Keras layer, besides its name."""


class LayerKind(
    CrossingKind,
    frozen=True,
    kw_only=True,
    tag=True,
    tag_field="kind",
    omit_defaults=True,
    forbid_unknown_fields=True,
):
    """Base of all kinds. A kind is a value: its fields are the layer's options, in Keras' words."""

    category: ClassVar[Category]
    spellings: ClassVar[Spellings] = {}
    """What each framework calls it, the usual name first."""
    elsewhere: ClassVar[str] = ""
    """What a framework without such a layer has in its place, in words."""
    search: ClassVar[tuple[str, ...]] = ()
    """Plain words a person may look for."""
    inert: ClassVar[frozenset[str]] = frozenset()
    """Options of the frameworks that change neither shapes nor counts: kept with the layer and written back."""
    is_input: ClassVar[bool] = False
    """Whether it reads nothing: data comes in through it."""
    may_read_nothing: ClassVar[bool] = False
    """Whether it can stand without an input, and yet is none."""
    is_foreign: ClassVar[bool] = False
    """Whether it is of a class that is not known here, so that what it does is not counted."""
    is_offered: ClassVar[bool] = True
    """Whether a palette proposes it."""
    takes_list: ClassVar[bool] = False
    """Whether the framework calls it on a list of tensors."""
    input_names: ClassVar[tuple[str, ...]] = ()
    """What its inputs are called, where they are no equals: query, value, key."""
    usual_shapes: ClassVar[tuple[tuple[int, ...], ...]] = ()
    """What it is best shown on, without the batch and with the channels last; empty: on whatever suits it."""
    keeps_type: ClassVar[bool] = False
    """Whether values go through as they are; all others come out as floating-point numbers."""
    keras_module: ClassVar[str] = "keras.layers"
    """Where Keras has the class, as its files say."""
    common: ClassVar[frozenset[str]] = COMMON
    """Those options of every Keras layer that it takes besides its own."""
    call_arguments: ClassVar[frozenset[str]] = frozenset({"training"})
    """What Keras takes beside the inputs when it calls the layer, besides the options that are given then; training it
    takes for every one."""
    whole_floats: ClassVar[frozenset[str]] = frozenset()
    """Options in whose lists Keras takes 2.0 for 2."""
    takes_anything: ClassVar[frozenset[str]] = frozenset()
    """Options of which Keras checks nothing: what does not fit the field is kept with the layer in its place."""
    kept_whole: ClassVar[frozenset[str]] = frozenset()
    """Options of which the fields hold less than is given (of a vocabulary its size): kept with the layer as well."""
    owns_weights: ClassVar[bool] = True
    """Whether its weights are its own, and not those of a layer that Keras makes within: inside a wrapper, only such
    weights are frozen with it."""
    source: ClassVar[str] = ""
    """Where its rules are written down: a page of the framework's documentation, an operator, a paper."""

    # What the analysis calls --------------------------------------------------------------------------------------

    def outputs(self, inputs: Tensors) -> Tensors:
        """The output tensors, in the framework's order.

        Raises:
            Refusal: the framework would refuse these inputs.
        """
        raise NotImplementedError

    def outputs_within(self, inputs: Tensors) -> Tensors:
        """The output tensors inside a wrapper, where Keras does not look how many axes the inputs have.

        Raises:
            Refusal: the framework would refuse these inputs all the same.
        """
        return self.outputs(inputs)

    def weights_on(self, inputs: Tensors) -> tuple[Weight, ...]:
        """The weights that these inputs give rise to, in Keras' names and order."""
        return ()

    @property
    def knows_weights(self) -> bool:
        """Whether what `weights_on` gives is all that it has."""
        return True

    def torch_weights(self, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        """What `weights_on` gave as torch.nn names and orders it; as many values, but for its own statistics."""
        return tuple(map(torch_weight, weights))

    def declared_inputs(self) -> Tensors:
        """Stand-ins for the inputs, with the sizes that the layer was made for; empty where it says none of them."""
        return ()

    def counted_like(self, convention: Framework) -> LayerKind:
        """The kind whose weights a framework would have in its place, where that has others for the same work."""
        return self

    def samples_on(self, inputs: Tensors) -> Dim:
        """How many samples the inputs hold: the size of the batch axis, or 1 where there is none."""
        return inputs[0].shape[0] if inputs and inputs[0].shape else 1

    @property
    def is_never_negative(self) -> bool:
        """Whether no value of its output is below 0, whatever comes in."""
        return getattr(self, "activation", None) in NEVER_NEGATIVE

    @property
    def works_in_place(self) -> bool:
        """Whether its output takes the memory of its input: what PyTorch's layers do that are told to (`inplace`)."""
        return getattr(self, "inplace", False)

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
    def names_in(cls, framework: Framework) -> tuple[str, ...]:
        """Names of the framework's classes that are this kind, the usual one first."""
        return tuple(map(name_of, cls.spellings.get(framework, ())))

    def name_in(self, framework: Framework) -> str:
        """What a framework calls it; the kind's own name, which is Keras' word, where that has no one name for it."""
        spellings = self.spellings.get(framework, ()) if framework != "keras" else ()
        fitting = [spelling for spelling in spellings if self._is(spelling)]
        return name_of(max(fitting, key=_said_by)) if fitting else self.title()

    def _is(self, spelling: Spelling) -> bool:
        """Whether its options are those that a class of torch.nn has by being that class."""
        said = spelling.options.items() if isinstance(spelling, Module) else ()
        return all(getattr(self, name, None) == value for name, value in said)

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
        options = self.options()
        return {
            name: value
            for name, value in msgspec.structs.asdict(self).items()
            if options[name].only != "pytorch" and not options[name].at_call and (name != "lora_rank" or value)
        }

    @classmethod
    def proposed_inside(cls, option: str, kind: LayerKind) -> LayerKind:
        """What is proposed for an option that is a layer, where it may be a layer of this kind."""
        return kind

    def tried_as(self) -> LayerKind:
        """The kind by which is tried what fits inside this one: one that has it inside, where it cannot stand alone."""
        return self

    def named_within(self) -> Mapping[str, tuple[tuple[str, bool], ...]]:
        """Of options that are layers: what each is called (empty: as Keras calls it) and whether it is trained."""
        return {}

    @classmethod
    def torch_options(cls, module: Module, options: Mapping[str, object]) -> dict[str, object]:
        """The options behind the arguments of a module, where its values are not the options' own.

        Args:
            module: which of the classes it is.
            options: what the arguments say, by the names of the options that they set.

        Raises:
            InvalidOptions: arguments that exclude each other or are out of range.
        """
        return dict(options)

    def digest(self, rank: int | None = None, layout: Layout = "channels_last") -> str:
        """The options that differ from the default, in a few words: `32 filters, 3×3, ReLU`.

        Args:
            rank: axes of what it reads, where that is known: among four, axis 3 is the default −1.
            layout: where the network has the channels of images.
        """
        found = []
        for name, option in self.options().items():
            value, default = getattr(self, name), default_of(type(self), name)
            is_default = value == default or (name == "axis" and is_same_axis(value, default, rank))
            if option.digest and (option.always or not is_default):
                found.append(summed_up(value, option))
        return ", ".join(found)

    @classmethod
    def input_names_in(cls, framework: Framework) -> tuple[str, ...]:
        """What its inputs are called, in the order in which a framework takes them."""
        return cls.input_names

    def input_name(self, place: int, count: int, framework: Framework = "keras") -> str:
        """What one of so many inputs is called in formulas and forms."""
        names = self.input_names_in(framework)
        if place < len(names):
            return names[place]
        return "input" if count == 1 else f"input {place + 1}"

    def axis_names(self, x: TensorSpec) -> tuple[str, ...]:
        """Names of a tensor's axes, for formulas; the batch's is BATCH."""
        rank = len(x.shape) - 2
        if rank < 0:
            return (BATCH,)[: len(x.shape)]
        if rank >= len(AXIS_NAMES):
            return (BATCH, *(f"axis {axis}" for axis in range(1, rank + 2)))
        space = AXIS_NAMES[rank]
        return (BATCH, "channels", *space) if x.layout == "channels_first" and rank else (BATCH, *space, "channels")

    def quantified(self) -> Self:
        """The kind with its numbers under their names, for explanations (not validated)."""
        changes: dict[str, object] = {}
        for name, option in self.options().items():
            changes[name] = _quantified(getattr(self, name), option.words or name.replace("_", " "))
        return msgspec.structs.replace(self, **changes)


def _said_by(spelling: Spelling) -> int:
    """How many options a class says by being that class: of two that fit, ReLU6 says more than ReLU."""
    return len(spelling.options) if isinstance(spelling, Module) else 0


def _quantified(value: object, words: str) -> object:
    """A value of an option with a name for every number in it; `{axis}` in the name becomes the axis' own."""
    if type(value) is int:
        return called(words, value)
    if isinstance(value, LayerKind):
        return value.quantified()
    if isinstance(value, tuple):
        axes = AXIS_NAMES[len(value)] if len(value) < len(AXIS_NAMES) else ("",) * len(value)
        return tuple(_quantified(item, words.format(axis=axis)) for axis, item in zip(axes, value, strict=True))
    return value


if TYPE_CHECKING:
    InnerKind: TypeAlias = LayerKind
else:

    class _AnyKind(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, LayerKind)

    class InnerKind(metaclass=_AnyKind):
        """The type of an option that is a kind itself: msgspec would take no subclass for a struct of this name."""

        stands_for_kinds = True


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
