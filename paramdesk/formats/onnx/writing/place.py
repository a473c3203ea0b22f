"""A layer on its way to nodes: what it reads, its weights, and what stands in for operators that ONNX lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn, TypeAlias

from paramdesk.engine.layer_kind import LayerKind, Tensors
from paramdesk.engine.shape import Dim, Shape, TensorSpec
from paramdesk.engine.single_input import RankedKind
from paramdesk.engine.weight import TORCH_NAMES
from paramdesk.formats.onnx.writing.sheet import FLOATS, Attribute, Number, Sheet, Value


class CannotSayError(Exception):
    """ONNX has no operator for a layer.

    Args:
        what: the layer's kind, with the options that are at fault.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Made(NamedTuple):
    """What a layer makes: the name of a value, and whether its channels stand behind the batch instead of last."""

    name: str
    turned: bool = False


Write: TypeAlias = Callable[["Place", Any], Made | Sequence[Made]]
"""Writes the nodes of a layer of one kind."""


class Owned(NamedTuple):
    """A weight that is written already."""

    role: str
    name: str
    dims: tuple[int, ...]


class Owner(NamedTuple):
    """Who has the weights of a layer: itself or another one.

    Attributes:
        weights: those that are written already.
        is_other: whether it is another one, which has written all.
    """

    weights: list[Owned]
    is_other: bool


class Space(NamedTuple):
    """A tensor as operators with windows take it: batch, channels, and so many axes.

    Attributes:
        name: of the value.
        sizes: of the spatial axes.
        channels: how many.
        turned: whether the channels stand last in the architecture.
        unbatched: whether the architecture has it without a batch.
    """

    name: str
    sizes: Shape
    channels: Dim
    turned: bool
    unbatched: bool


class Place:
    """One layer under way.

    Attributes:
        inputs: what it reads.
        made: what it is to make, by the architecture.
        path: of names of weights.
        owner: whose weights it uses.
    """

    def __init__(
        self, sheet: Sheet, kind: LayerKind, inputs: Sequence[Value], made: Tensors, path: str, owner: Owner
    ) -> None:
        self.sheet = sheet
        self.kind = kind
        self.inputs = list(inputs)
        self.made = made
        self.path = path
        self.owner = owner
        self.framework = made[0].framework if made else "keras"

    def refuse(self, why: str = "") -> NoReturn:
        """Gives up: ONNX cannot say this.

        Raises:
            CannotSayError: always.
        """
        title = self.kind.name_in(self.framework)
        raise CannotSayError(f"{title} {why}" if why else title)

    @property
    def is_keras(self) -> bool:
        """Whether the rules of Keras hold."""
        return self.framework == "keras"

    # What it reads ------------------------------------------------------------------------------------------------

    def spec(self, place: int = 0) -> TensorSpec:
        """What an input is in the architecture."""
        return self.inputs[place].spec

    def any(self, place: int = 0, *, as_it_is: bool = False) -> Value:
        """An input, however its axes stand; whole numbers become floating-point ones, as in the frameworks."""
        value = self.inputs[place]
        if as_it_is or value.spec.dtype in FLOATS:
            return value
        if value.spec.dtype in ("string", "complex64", "complex128"):
            self.refuse(f"on {value.spec.dtype}")
        return Value(self.cast(value.name, "float32"), value.spec.floating(), value.turned)

    def plain(self, place: int = 0, *, as_it_is: bool = False) -> str:
        """An input with its axes as in the architecture."""
        return self.sheet.turn(self.any(place, as_it_is=as_it_is), first=False).name

    def first(self, place: int = 0) -> str:
        """An input with the axis that stands last in the architecture behind the batch."""
        return self.sheet.turn(self.any(place), first=True).name

    def space(self, place: int = 0) -> Space:
        """An input of a kind for a fixed number of spatial axes."""
        kind, spec = self.kind, self.spec(place)
        assert isinstance(kind, RankedKind)
        batch, sizes, channels = kind.split(spec)
        turned = not kind.channels_first(spec)
        name = self.first(place) if turned and batch else self.plain(place)
        if not batch:
            name = self.node("Unsqueeze", name, self.ints(0))
        return Space(name, sizes, channels, turned, not batch)

    def out(self, name: str, space: Space) -> Made:
        """A tensor that was made of a space, as the layer's output."""
        if space.unbatched:
            return Made(self.node("Squeeze", name, self.ints(0)))
        return Made(name, space.turned)

    @property
    def dtype(self) -> str:
        """The type of its weights and numbers: that of what it reads."""
        return next((v.spec.dtype for v in self.inputs if v.spec.dtype in FLOATS), "float32")

    def size(self, size: Dim, what: str = "sizes that are not known") -> int:
        """A size that must be known."""
        if not isinstance(size, int):
            self.refuse(f"on {what}")
        return int(size)

    # Nodes --------------------------------------------------------------------------------------------------------

    def node(self, op: str, *inputs: str, **attributes: Attribute) -> str:
        """Adds a node, and tells what it makes."""
        return self.sheet.node(op, inputs, attributes)[0]

    def nodes(self, op: str, *inputs: str, outputs: int, **attributes: Attribute) -> list[str]:
        """Adds a node that makes several tensors."""
        return self.sheet.node(op, inputs, attributes, outputs)

    def cast(self, name: str, dtype: str) -> str:
        """A tensor in another type."""
        from paramdesk.formats.onnx.writing.sheet import NUMBERS

        return self.node("Cast", name, to=NUMBERS[dtype])

    def ints(self, *items: int) -> str:
        """A list of whole numbers."""
        return self.sheet.numbers(list(items), "int64")

    def number(self, item: Number) -> str:
        """A number of the type of what it reads."""
        return self.sheet.numbers(float(item), self.dtype)

    def filled(self, number: float, *dims: int) -> str:
        """A tensor that is the same number everywhere, and no weight."""
        return self.sheet.filled(float(number), dims, self.dtype)

    def transpose(self, name: str, *order: int) -> str:
        """A tensor with its axes in another order, if it is another one."""
        return name if list(order) == sorted(order) else self.node("Transpose", name, perm=list(order))

    # Weights ------------------------------------------------------------------------------------------------------

    def weight(self, role: str, *dims: Dim) -> str:
        """A weight in the shape that ONNX wants, of this layer or of the one whose weights it uses."""
        sizes = tuple([self.size(dim) for dim in dims])
        role = role if self.is_keras else TORCH_NAMES.get(role, role)
        if not self.owner.is_other:
            name = self.sheet.weight(f"{self.path.replace('/', '.')}.{role}", sizes, self.dtype)
            name = name if sizes else self.node("Squeeze", name, self.ints(0))
            self.owner.weights.append(Owned(role, name, sizes))
            return name
        found = [owned for owned in self.owner.weights if owned.role == role] or self.owner.weights
        for owned in found:
            if owned.dims == sizes:
                return owned.name
            if owned.dims == sizes[::-1] and len(sizes) == 2:
                return self.node("Transpose", owned.name, perm=[1, 0])
        return self.refuse("with weights of a layer that has others")

    def inner(self, kind: LayerKind, inputs: Sequence[Value], made: Tensors, name: str) -> Place:
        """A layer inside this one."""
        return Place(self.sheet, kind, inputs, made, f"{self.path}/{name}", self.owner)
