"""From a printed model to rows: each module with what its class and its arguments tell of its weights.

Modules in a Sequential are called one after the other; of all others it is not printed what they read. A model that is
such a row of modules computes as soon as its input is given; any other is a table of weights, like a file of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

import msgspec

from paramdesk.engine.analysis import MOST_ROWS
from paramdesk.engine.architecture import Architecture
from paramdesk.engine.counting import counted
from paramdesk.engine.errors import InvalidOptions, Refusal, UnreadableFile
from paramdesk.engine.kinds.core import Input
from paramdesk.engine.kinds.unknown import Unknown
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import UNKNOWN, PublicShape, TensorSpec, public
from paramdesk.engine.single_input import SingleInputKind
from paramdesk.engine.weight import StatedWeight, Weight
from paramdesk.formats.bounded import read_bytes
from paramdesk.formats.printed.lines import PARAMETER, Printed, module_in
from paramdesk.formats.traced import Call, Path, Step, architecture_of
from paramdesk.frameworks.printed import read_printed
from paramdesk.frameworks.torch import module_named

MOST_BYTES = 32 * 2**20
SEQUENTIAL = "Sequential"
EMPTY = frozenset({SEQUENTIAL, "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"})
"""Classes that only hold others, and may hold none."""
PARAMETRIZED = "Parametrized"
"""What PyTorch puts before the name of a class whose weights are computed from others."""
FRAME = TensorSpec((UNKNOWN,) * 4, layout="channels_first", framework="pytorch")
NOT_PRINTED = (
    "What the modules read is not printed, nor parameters that belong to no module of their own (class tokens, "
    "position embeddings), nor which weights are shared: the rows stand as they are printed, and each counts its own."
)
NO_SIZES = "MultiheadAttention prints nothing of keys and values: they are counted as if they were as wide as queries."
NO_INPUT = "What comes in is not printed: what the first layer takes is shown; set the rest there."


def architecture_from(file: BinaryIO, name: str) -> Architecture:
    """The architecture that a text prints.

    Raises:
        UnreadableFile: it is no such text.
    """
    data = read_bytes(file, name, MOST_BYTES)
    root = module_in(data.decode("utf-8", "replace"), name)
    if not root.modules and _kind(root) is None:
        raise UnreadableFile(name, "not what PyTorch prints of a model: save the text of print(model)")
    walk = _Walk(name)
    walk.follow(root, (), 0)
    remarks = [NO_SIZES] if walk.has_attention else []
    chain = _chain(root, walk.found)
    if chain is not None:
        calls, output = chain
        return architecture_of(root.class_name, calls, [output], [*remarks, NO_INPUT])
    rows = [Call(path=leaf.path, name=leaf.name, kind=_as_weights(leaf)) for leaf in walk.found]
    return architecture_of(root.class_name, rows, [], [*remarks, NOT_PRINTED])


class _Leaf(msgspec.Struct, frozen=True):
    """A module that is a row.

    Attributes:
        path: the modules that it stands in.
        name: its own.
        module: as it is printed.
        kind: what it is; None: what it prints does not tell it.
    """

    path: Path
    name: str
    module: Printed
    kind: LayerKind | None


class _Walk:
    """A way through the modules, on which rows are found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[_Leaf] = []
        self.has_attention = False
        self._kinds: dict[tuple[str, str], LayerKind | None] = {}

    def follow(self, module: Printed, path: Path, depth: int) -> None:
        """Adds the rows of a module, whose name is the last of the path."""
        if module.class_name in EMPTY and not module.modules:
            return
        *around, last = path or (Step(module.class_name.lower()),)
        is_attention = module.class_name == "MultiheadAttention"
        self.has_attention |= is_attention
        if not module.modules or is_attention or module.said:
            kind = self.kind(module)
            if not module.modules or is_attention or kind is not None:
                self.add(_Leaf(tuple(around), last.name, module, kind))
        if not is_attention:
            for inner in module.modules:
                for name in inner.names():
                    self.follow(inner, (*path, Step(name)), depth + 1)

    def kind(self, module: Printed) -> LayerKind | None:
        """What a module is; of many that print the same, found once."""
        key = (module.class_name, module.said + "".join(inner.said for inner in module.modules[:1]))
        if key not in self._kinds:
            self._kinds[key] = _kind(module)
        return self._kinds[key]

    def add(self, leaf: _Leaf) -> None:
        """One more row."""
        self.found.append(leaf)
        if len(self.found) > MOST_ROWS:
            raise UnreadableFile(self.file, f"it has more than {MOST_ROWS:,} layers")


def _kind(module: Printed) -> LayerKind | None:
    """What a module is by what it prints; None if that does not tell it."""
    name = module.class_name.removeprefix(PARAMETRIZED)
    known: Mapping[str, object] = {}
    if name == "MultiheadAttention":
        known = _attention(module)
    try:
        kind = read_printed(name, module.said.rstrip(", "), known).kind
    except InvalidOptions:
        return None
    return None if kind.is_foreign else kind


def _attention(module: Printed) -> Mapping[str, object]:
    """The arguments of an attention layer, which prints nothing but the layer at its end."""
    for inner in module.modules:
        try:
            kind = read_printed("Linear", inner.said).kind
        except InvalidOptions:
            continue
        units, has_bias = getattr(kind, "units", None), getattr(kind, "use_bias", True)
        return {"embed_dim": units, "num_heads": 1, "bias": has_bias}
    return {}


def _as_weights(leaf: _Leaf) -> Unknown:
    """A row of what is known of the weights of a module."""
    return Unknown(class_name=leaf.module.class_name, stated_weights=_stated(leaf))


def _stated(leaf: _Leaf) -> tuple[StatedWeight, ...] | None:
    """The weights of a module; None if they are not known."""
    if leaf.module.class_name == PARAMETER:
        return (StatedWeight("weight", tuple(min(int(size[:19]), 2**31 - 1) for size in leaf.module.said.split("x"))),)
    if leaf.kind is None:
        return () if _owns_nothing(leaf.module.class_name) else None
    try:
        counts = counted(leaf.kind, leaf.kind.declared_inputs() or (FRAME,), "pytorch", is_trained=True)
    except Refusal:
        return None
    return tuple(map(_as_stated, (*counts.weights, *counts.buffers)))


def _as_stated(weight: Weight) -> StatedWeight:
    shape = tuple([size for size in weight.shape if isinstance(size, int)])
    return StatedWeight(weight.name, shape, weight.trainable, weight.statistic)


def _owns_nothing(class_name: str) -> bool:
    """Whether modules of a class that is known have no weights, whatever their arguments."""
    try:
        kind, _module = module_named(class_name)
    except InvalidOptions:
        return False
    return issubclass(kind, SingleInputKind) and kind.weights is SingleInputKind.weights and not kind.is_foreign


# Modules one after the other ------------------------------------------------------------------------------------------


def _chain(root: Printed, leaves: list[_Leaf]) -> tuple[list[Call], str] | None:
    """The calls of a Sequential, and what comes out; None if the model is none, or prints too little of itself."""
    kinds = [leaf.kind for leaf in leaves if leaf.kind is not None]
    if len(kinds) < len(leaves) or not kinds or not all(_is_plain(kind) for kind in kinds):
        return None
    if not all(module.class_name == SEQUENTIAL for module in _containers(root)):
        return None
    calls = [Call(name="input", kind=_input(kinds), makes=("input",))]
    for number, (leaf, kind) in enumerate(zip(leaves, kinds, strict=True)):
        reads = calls[-1].makes
        calls.append(Call(path=leaf.path, name=leaf.name, kind=kind, reads=reads, makes=(f"{number}",)))
    return calls, calls[-1].makes[0]


def _containers(module: Printed) -> Iterator[Printed]:
    if module.modules:
        yield module
        for inner in module.modules:
            yield from _containers(inner)


def _is_plain(kind: LayerKind) -> bool:
    """Whether a kind makes one tensor of one."""
    return isinstance(kind, SingleInputKind)


def _input(kinds: list[LayerKind]) -> Input:
    """What the first layer takes, as far as it says it."""
    declared = next((kind.declared_inputs() for kind in kinds if kind.declared_inputs()), ())
    shape: PublicShape = public(declared[0].shape) if declared else (None, None)
    dtype = "int64" if type(kinds[0]).__name__ == "Embedding" else "float32"
    return Input.from_options({"shape": shape[1:], "batch_size": None, "dtype": dtype})
