"""Calls of a traced network as they are read: shapes worked out on the way, and every weight of the file in its place.

A reader of a traced network (see `paramdesk.formats.traced`) tells what is called, one call after the other, and with
which of the file's weights. The kinds compute what comes out, so that a reader knows the shapes that it has reached.
What a kind cannot say (it would own other weights than the file has, or it refuses what it reads) becomes a row of
unknown kind with what the file states; so the sum over the rows is that of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from paramdesk.engine.analysis import MOST_ROWS
from paramdesk.engine.architecture import Architecture
from paramdesk.engine.counting import Counts, counted
from paramdesk.engine.errors import InvalidOptions, Refusal, UnreadableFile
from paramdesk.engine.formula import product
from paramdesk.engine.kinds.convolution import Convolution
from paramdesk.engine.kinds.core import Dense, Input
from paramdesk.engine.kinds.functional import Operation, Parameter
from paramdesk.engine.kinds.unknown import Unknown
from paramdesk.engine.layer_kind import Tensors
from paramdesk.engine.option import LARGEST
from paramdesk.engine.shape import PublicShape, Shape, TensorSpec, internal, public
from paramdesk.engine.weight import StatedWeight
from paramdesk.formats.traced import Call, Path, Step, architecture_of

FRAME = TensorSpec((), layout="channels_first", framework="pytorch")
MOST_WEIGHTS = 10_000
"""Of one row."""
MOST_AXES = 64
"""Of a tensor: nodes that add axes, one behind the other, take ever longer."""
NOT_COUNTED = Counts(parameters=-1)
WEIGHTS = "Weights"
"""What stands in place of a class where weights alone are known."""


class Held(msgspec.Struct, frozen=True):
    """A weight that a file holds.

    Attributes:
        name: as the file has it; for one that belongs to a module its path, with dots: `layer1.0.conv1.weight`.
        shape: of it.
        trainable: whether it is trained.
        statistic: whether it is gathered from data, and so no parameter.
        is_constant: whether it is neither, but a number in the code.
    """

    name: str
    shape: tuple[int, ...]
    trainable: bool = True
    statistic: bool = False
    is_constant: bool = False


class Recorder:
    """One network under way.

    Attributes:
        specs: what is known of each value.
        stated: what the file says of values; it stands in where nothing can be computed.
    """

    def __init__(self, file: str, stated: Mapping[str, PublicShape] | None = None) -> None:
        self.file = file
        self.stated = stated or {}
        self.specs: dict[str, TensorSpec] = {}
        self.calls: list[Call] = []
        self.owner: dict[str, int] = {}
        self.placed: set[str] = set()

    # What comes in ------------------------------------------------------------------------------------------------

    def input(self, name: str, shape: PublicShape, dtype: str = "float32") -> None:
        """A tensor through which data comes in; its first axis is the batch."""
        options: dict[str, object] = {"shape": tuple(shape[1:]), "batch_size": shape[0] if shape else None}
        try:
            kind = Input.from_options(options | {"batchless": not shape, "dtype": dtype})
        except InvalidOptions:
            kind = Input.from_options(options | {"batchless": not shape})
        self.record(Call(name=name, kind=kind, makes=(name,)))

    def parameter(self, weight: Held, value: str, path: Path = ()) -> None:
        """A weight that is read as it is: a row of its own."""
        name = weight.name.rpartition(".")[2] or weight.name
        kind = Parameter(shape=weight.shape)
        self.record(Call(path=path, name=name, kind=kind, makes=(value,), trainable=weight.trainable), (weight,))

    # Calls --------------------------------------------------------------------------------------------------------

    def record(self, call: Call, weights: Sequence[Held] = ()) -> None:
        """A call of a layer that owns these weights of the file."""
        if len(self.calls) >= MOST_ROWS:
            raise UnreadableFile(self.file, f"it has more than {MOST_ROWS:,} layers")
        owned = [weight for weight in weights if not weight.statistic]
        owners = {self.owner.get(weight.name) for weight in owned}
        if owned and owners != {None}:
            self._record_again(call, owned, owners)
            return
        if weights and call.identity is None:
            call = msgspec.structs.replace(call, identity=tuple(weight.name for weight in weights))
        self._add(call, weights)

    def _record_again(self, call: Call, weights: Sequence[Held], owners: set[int | None]) -> None:
        """A call with weights that an earlier one has, all of them or some."""
        earlier = [owner for owner in owners if owner is not None]
        first = self.calls[earlier[0]]
        if len(owners) == 1 and self._fits(first, weights) and self._fits(call, weights):
            self._add(msgspec.structs.replace(call, identity=first.identity), (), shares=True)
            return
        fresh = [weight for weight in weights if weight.name not in self.owner]
        if not self._with_own_bias(call, first, fresh, [weight for weight in weights if weight.name in self.owner]):
            self._add(self._as_unknown(call, fresh, self._made(call), " with others' weights"), fresh)

    def _with_own_bias(self, call: Call, first: Call, fresh: Sequence[Held], shared: Sequence[Held]) -> bool:
        """A product and then a bias, of which the one or the other is an earlier layer's too, if a call is that."""
        kind = call.kind
        if not isinstance(kind, Dense | Convolution) or not kind.use_bias or len(fresh) != 1 or not call.makes:
            return False
        product_ = f"{call.makes[0]}@product"
        bare = msgspec.structs.replace(call, kind=kind.changed(use_bias=False), makes=(product_,))
        bias: Sequence[Held] = fresh
        if self._fits(bare, fresh):
            self._add(msgspec.structs.replace(bare, identity=(fresh[0].name,)), fresh)
            bias = ()
        elif self._fits(bare, shared) and (type(first.kind) is type(kind) or self._fits(first, shared)):
            self._add(msgspec.structs.replace(bare, identity=first.identity), (), shares=True)
        else:
            return False
        reads = (product_, *(f"{product_}_{weight.name}" for weight in bias))
        for weight, value in zip(bias, reads[1:], strict=True):
            self.parameter(weight, value, call.path)
        added = Operation(operation="Add", output_shapes=self._shapes((product_,)))
        name = f"{call.name}.add"
        behind = msgspec.structs.replace(call, name=name, kind=added, reads=reads, identity=None)
        self._add(behind, (), shares=True)
        return True

    def _add(self, call: Call, weights: Sequence[Held], *, shares: bool = False) -> None:
        made = self._made(call)
        waits = any(value not in self.specs for value in call.reads)
        owns_others = not self._fits(call, weights) if weights else not shares and self._counts(call).parameters > 0
        apart: Sequence[Held] = ()
        if owns_others and made is not None and (parts := self._with_bias_apart(call, weights)) is not None:
            call, weights, apart = parts
        elif owns_others and not call.kind.is_foreign:
            call = self._as_unknown(call, weights, made, " with other weights")
        elif call.kind.is_foreign or (made is None and not waits):
            call = self._as_unknown(call, weights, made)
        made = self._made(call)
        for weight in weights:
            self.owner.setdefault(weight.name, len(self.calls))
        self.calls.append(call)
        for value, spec in zip(call.makes, made or (), strict=False):
            self.specs[value] = spec
        if apart:
            kind = Unknown(class_name=WEIGHTS, stated_weights=stated_weights(apart))
            self.record(Call(path=call.path, name=f"{call.name}.bias", kind=kind), apart)

    def _with_bias_apart(
        self, call: Call, weights: Sequence[Held]
    ) -> tuple[Call, Sequence[Held], Sequence[Held]] | None:
        """A layer whose bias is another than PyTorch's, as of recurrent layers that have but one: the rest fits."""
        if not getattr(call.kind, "use_bias", False):
            return None
        bare = msgspec.structs.replace(call, kind=call.kind.changed(use_bias=False))
        for place in reversed(range(len(weights))):
            rest = [*weights[:place], *weights[place + 1 :]]
            if self._fits(bare, rest):
                return bare, rest, weights[place : place + 1]
        return None

    def _made(self, call: Call) -> Tensors | None:
        """What a call makes; None if it cannot be computed."""
        inputs = [self.specs.get(value) for value in call.reads]
        known = tuple([spec for spec in inputs if spec is not None])
        if len(known) < len(inputs) or not (known or call.kind.is_input or call.kind.may_read_nothing):
            return None
        reads_nothing = call.kind.is_input or (call.kind.may_read_nothing and not known)
        try:
            outputs = call.kind.outputs(known or ((FRAME,) if call.kind.is_input else ()))
        except Refusal:
            return None
        if any(len(made.shape) > MOST_AXES for made in outputs):
            return None
        if reads_nothing:
            return tuple([msgspec.structs.replace(FRAME, shape=y.shape, dtype=y.dtype) for y in outputs])
        return outputs

    def _fits(self, call: Call, weights: Sequence[Held]) -> bool:
        """Whether a kind owns as many values as the file has for it."""
        return self._counts(call).parameters == _values(weights)

    def _counts(self, call: Call) -> Counts:
        """What a row owns by its kind; where that does not follow, less than anything."""
        known = [self.specs[value] for value in call.reads if value in self.specs]
        inputs = tuple(known) if known and len(known) == len(call.reads) else call.kind.declared_inputs()
        if not inputs and not call.kind.may_read_nothing:
            return NOT_COUNTED
        try:
            return counted(call.kind, inputs, "pytorch", is_trained=True)
        except Refusal:
            return NOT_COUNTED

    def _as_unknown(self, call: Call, weights: Sequence[Held], made: Tensors | None, why: str = "") -> Call:
        """A row of what is known: its class and what is unusual of it, its weights, the shapes of what it makes."""
        shapes = tuple([public(spec.shape) for spec in made]) if made else self._shapes(call.makes)
        name = call.kind.class_name if isinstance(call.kind, Unknown) else call.kind.name_in("pytorch")
        kind = Unknown(class_name=name + why, output_shapes=shapes, stated_weights=stated_weights(weights))
        return msgspec.structs.replace(call, kind=kind)

    def _shapes(self, values: Sequence[str]) -> tuple[PublicShape, ...]:
        """The shapes of values, computed or stated; none if one is not known at all."""
        found = [self.shape(value) for value in values]
        return tuple([public(shape) for shape in found if shape is not None]) if None not in found else ()

    def shape(self, value: str) -> Shape | None:
        """The shape of a value; None if not even the number of its axes is known."""
        spec = self.specs.get(value)
        if spec is not None:
            return spec.shape
        stated = self.stated.get(value)
        return None if stated is None else internal(stated)

    # The network --------------------------------------------------------------------------------------------------

    def leftover(self, weights: Iterable[Held]) -> None:
        """Rows for weights that no row owns, so that they count: of modules that are not called, for the most part."""
        modules: dict[str, list[Held]] = {}
        for weight in weights:
            if not weight.is_constant:
                modules.setdefault(weight.name.rpartition(".")[0], []).append(weight)
        for path, members in modules.items():
            rows = {self.owner[weight.name] for weight in members if weight.name in self.owner}
            lacking = [weight for weight in members if weight.name not in self.owner]
            if sum(self._counts(self.calls[row]).statistics for row in rows) >= _values(
                members, statistic=True
            ):  # the kind counts them by itself
                lacking = [weight for weight in lacking if not weight.statistic]
            if not path or rows:
                for weight in lacking:
                    self._unread(weight.name if rows else weight.name.rpartition(".")[2], path, [weight])
            elif lacking:
                self._unread(path, path, lacking)

    def _unread(self, name: str, path: str, weights: Sequence[Held]) -> None:
        """A row of weights alone, beside the module that they are of."""
        around = path_of(path)[:-1]
        shown = name.removeprefix("".join(f"{step.name}." for step in around)) or "weights"
        for start in range(0, len(weights), MOST_WEIGHTS):
            part = weights[start : start + MOST_WEIGHTS]
            kind = Unknown(class_name=WEIGHTS, stated_weights=stated_weights(part))
            self.record(Call(path=around, name=shown, kind=kind), part)

    def architecture(self, name: str, outputs: Sequence[str], remarks: Sequence[str] = ()) -> Architecture:
        """The network that the calls make up, without those that own nothing and that nothing reads."""
        read, owners = set(outputs), set(self.owner.values())
        kept: list[Call] = []
        for place, call in reversed(list(enumerate(self.calls))):
            if call.kind.is_input or place in owners or not read.isdisjoint(call.makes):
                read.update(call.reads)
                kept.append(call)
        return architecture_of(name, kept[::-1], outputs, remarks)


def path_of(name: str) -> Path:
    """The modules in a dotted name: `layer1.0.conv1`."""
    return tuple([Step(part) for part in name.split(".") if part])


def _values(weights: Iterable[Held], *, statistic: bool = False) -> int:
    """How many values weights have together: those that are trained, or those that are gathered from data."""
    values = 0
    for weight in weights:
        size = product(weight.shape)
        assert isinstance(size, int)
        values += size if weight.statistic == statistic else 0
    return values


def stated_weights(weights: Sequence[Held]) -> tuple[StatedWeight, ...]:
    """Weights as a row of unknown kind keeps them."""
    return tuple([
        StatedWeight(weight.name, tuple(min(n, LARGEST) for n in weight.shape), weight.trainable, weight.statistic)
        for weight in weights[:MOST_WEIGHTS]
    ])  # fmt: skip
