"""Calls of PyTorch's operators as rows: the operators of one module together, others one by one.

Files of torch.export and of TorchScript tell of every operator which modules it was called in. What was called in a
module of torch.nn becomes one row of the module's class, its options taken from the operators' arguments; any other
operator becomes a row of its own in the block of its module. What only hands on or computes sizes is folded away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.kinds.functional import Operation
from paramdesk.engine.kinds.unknown import Unknown
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import PublicShape, Shape, internal, public
from paramdesk.formats.recorder import Held, Recorder, path_of
from paramdesk.formats.traced import Call, Path, Step
from paramdesk.frameworks.aten import Arguments, Sizes, Tensor

SILENT = frozenset({
    "contiguous", "clone", "detach", "detach_", "alias", "to", "_to_copy", "type_as", "lift_fresh_copy", "float",
    "half", "double", "resolve_conj", "resolve_neg", "data", "requires_grad_", "cpu", "cuda", "bool", "long", "int",
})  # fmt: skip
"""Operators that hand on their first argument, perhaps in another type or order in memory."""
CREATING = frozenset({
    "zeros", "ones", "empty", "full", "arange", "zeros_like", "ones_like", "empty_like", "full_like", "new_zeros",
    "new_ones", "new_full", "new_empty", "scalar_tensor", "tensor", "eye", "linspace", "tril_indices", "triu_indices",
})  # fmt: skip
"""Operators that make tensors of numbers which no weight enters; what a shape they take it from."""


class Frame(NamedTuple):
    """A module that a call was made in.

    Attributes:
        path: of the module in the network: `layer1.0.conv1`.
        class_name: with its modules: `torch.nn.modules.conv.Conv2d`.
        call: which of its calls, counted from 0.
    """

    path: str
    class_name: str
    call: int = 0


class Node(msgspec.Struct, frozen=True):
    """A call of an operator.

    Attributes:
        op: its name, without what tells its variants apart.
        arguments: by name; tensors among them are Tensor.
        outputs: names of the tensors that it makes.
        stack: the modules that it was made in, the outermost first.
    """

    op: str
    arguments: Mapping[str, object]
    outputs: tuple[str, ...]
    stack: tuple[Frame, ...] = ()

    @property
    def reads(self) -> list[Tensor]:
        """The tensors among its arguments, in order."""
        return list(_tensors(list(self.arguments.values())))


def _tensors(value: object) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)


class Constant(msgspec.Struct, frozen=True):
    """A tensor that no data enters.

    Attributes:
        shape: of it, as far as it is known.
        roots: the weights that it is made of.
        op: what made it of them; empty if it is one.
    """

    shape: PublicShape | None
    roots: tuple[str, ...] = ()
    op: str = ""


class AtenReader:
    """One network under way.

    Args:
        recorder: of the rows.
        weights: the file's weights, by the names that the calls have for them.
        returned: names of the values that the network returns.

    Attributes:
        targets: shapes of values with names for sizes that are known by a name, where the file tells them.
    """

    def __init__(self, recorder: Recorder, weights: Mapping[str, Held], returned: Sequence[str]) -> None:
        self.recorder = recorder
        self.weights = weights
        self.returned = set(returned)
        self.aliases: dict[str, str] = {}
        self.constants = {name: Constant(weight.shape, (name,)) for name, weight in weights.items()}
        self.readings: dict[str, int] = {}
        self.targets: dict[str, Sizes] = {}

    def read(self, nodes: Sequence[Node]) -> None:
        """Makes rows of calls, in the order in which they were made."""
        from paramdesk.formats.aten_modules import module

        for node in nodes:
            for tensor in node.reads:
                self.readings[tensor.name] = self.readings.get(tensor.name, 0) + 1
        for group in _groups(nodes):
            self.fold_within(group)
            if not module(self, group):
                for node in group:
                    self.function(node)
        self.recorder.leftover(self.weights.values())

    def fold_within(self, group: Sequence[Node]) -> None:
        """Notes what the calls of a group make of constants only."""
        for node in group:
            tensors = node.reads
            if node.outputs and self.is_constant(node):
                if node.op in SILENT:
                    self.alias(node.outputs[0], tensors[0].name)
                else:
                    self.fold(node, tensors)

    def function(self, node: Node) -> None:
        """A call of an operator as a row of its own, if it is worth one."""
        from paramdesk.formats.aten_functions import function

        if not node.outputs:
            return
        tensors = node.reads
        if node.op in SILENT and tensors:
            self.alias(node.outputs[0], tensors[0].name)
            return
        if node.op in CREATING or self.is_constant(node):
            self.fold(node, tensors)
            return
        try:
            if function(self, node):
                return
        except (InvalidOptions, Refusal):
            pass
        self.unknown(node)

    def is_constant(self, node: Node) -> bool:
        """Whether no data enters what a call makes, and it is no layer either."""
        known = [self.constant(tensor) is not None for tensor in node.reads]
        return bool(known) and all(known) and not is_fed_numbers(self, node)

    # Values -------------------------------------------------------------------------------------------------------

    def alias(self, value: str, same: str) -> None:
        """Lets a value be another one."""
        self.aliases[value] = self.resolved(same)
        if (known := self.constants.get(self.resolved(same))) is not None:
            self.constants[value] = known

    def resolved(self, value: str) -> str:
        """The value that another one is."""
        return self.aliases.get(value, value)

    def constant(self, tensor: Tensor) -> Constant | None:
        """A tensor that no data enters."""
        return self.constants.get(self.resolved(tensor.name))

    def fold(self, node: Node, tensors: Sequence[Tensor]) -> None:
        """Notes what is made of constants only."""
        known = [constant for tensor in tensors if (constant := self.constant(tensor)) is not None]
        roots = tuple(dict.fromkeys(root for constant in known for root in constant.roots))
        for output in node.outputs:
            stated = self.recorder.stated.get(output)
            shape = stated if stated is not None else known[0].shape if len(known) == 1 else None
            self.constants[output] = Constant(shape, roots, node.op)

    def shape(self, tensor: Tensor | None) -> Shape | None:
        """The shape of a tensor; None if not even the number of its axes is known."""
        if tensor is None:
            return None
        known = self.constant(tensor)
        if known is not None:
            return internal(known.shape) if known.shape is not None else None
        return self.recorder.shape(self.resolved(tensor.name))

    def sizes(self, tensor: Tensor) -> Sizes | None:
        """The same with names for sizes that are known by a name."""
        if tensor.shape is not None:
            return tensor.shape
        shape = self.shape(tensor)
        return None if shape is None else public(shape)

    def held(self, tensor: Tensor) -> list[Held]:
        """The weights of the file that a tensor is made of; of several, the one of its own size."""
        known = self.constant(tensor)
        roots = [self.weights[root] for root in known.roots] if known is not None else []
        if len(roots) > 1 and known is not None and known.shape is not None:
            roots = [root for root in roots if root.shape == known.shape][:1]
        return roots

    def readable(self, tensor: Tensor, path: Path) -> str:
        """The name under which a row can read a tensor; a constant gets a row of its own first."""
        name = self.resolved(tensor.name)
        known = self.constants.get(name)
        if known is None or name in self.recorder.specs:
            return name
        weights = [(root, self.weights[root]) for root in known.roots]
        learnt = [root for root, weight in weights if not weight.statistic and not weight.is_constant]
        same = len(learnt) == 1 and not known.op
        sources = []
        for root in learnt:
            source = name if same else f"{root}@read"
            if source not in self.recorder.specs:
                weight = self.weights[root]
                self.recorder.parameter(weight, source, _common(path_of(weight.name)[:-1], path))
            sources.append(source)
        if not same:
            op = known.op if known.op else "constant"
            kind = Operation(operation=op, output_shapes=() if known.shape is None else (known.shape,))
            call = Call(path=path, name=op, kind=kind, reads=tuple(sources), makes=(name,), is_function=True)
            self.recorder.record(call)
        return name

    def reads(self, tensors: Sequence[Tensor], path: Path) -> tuple[str, ...]:
        """The names under which a row reads tensors."""
        return tuple([self.readable(tensor, path) for tensor in tensors])

    # Rows ---------------------------------------------------------------------------------------------------------

    def row(
        self, node: Node, kind: LayerKind, inputs: Sequence[Tensor], weights: Sequence[Held] = (),
        makes: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        """Adds a row for an operator."""
        path = steps_of(node.stack)
        call = Call(
            path=path,
            name=node.op.strip("_") or node.op,
            kind=kind,
            reads=self.reads(inputs, path),
            makes=tuple(node.outputs if makes is None else makes),
            is_function=True,
            trainable=not weights or any(weight.trainable for weight in weights if not weight.statistic),
        )
        self.recorder.record(call, weights)

    def unknown(self, node: Node) -> None:
        """Adds a row for an operator that is not known here, with the weights that it reads."""
        data = [tensor for tensor in node.reads if self.constant(tensor) is None]
        weights = {weight.name: weight for tensor in node.reads for weight in self.held(tensor)}
        shapes = [self.recorder.stated.get(output) for output in node.outputs]
        known = tuple([shape for shape in shapes if shape is not None])
        kind = Unknown(class_name=node.op, output_shapes=known if len(known) == len(shapes) else ())
        self.row(node, kind, data, list(weights.values()))

    def stated(self, node: Node) -> tuple[PublicShape, ...]:
        """The shapes of what a call makes, as the file states them; none if it does not."""
        shapes = [self.recorder.stated.get(output) for output in node.outputs]
        return tuple([shape for shape in shapes if shape is not None]) if None not in shapes else ()


def is_fed_numbers(reader: AtenReader, node: Node) -> bool:
    """Whether a call is a layer's whose input no data enters: a look-up, or a module on fixed numbers."""
    if node.op.startswith("embedding"):
        table = arguments_of(node).tensor("weight")
        return table is not None and bool(reader.held(table))
    if not node.stack or not node.stack[-1].class_name.startswith("torch.nn.modules."):
        return False
    learnt = [any(not weight.statistic for weight in reader.held(tensor)) for tensor in node.reads]
    return any(learnt) and not all(learnt) and not node.op.endswith("batch_norm")


def arguments_of(node: Node) -> Arguments:
    """The arguments of a call, to be asked for by name and type."""
    return Arguments(node.arguments)


def steps_of(stack: Sequence[Frame]) -> Path:
    """The modules on the way to a call as steps of a path."""
    steps: list[Step] = []
    outer = ""
    for frame in stack:
        inner = frame.path.removeprefix(f"{outer}.") if outer else frame.path
        outer = frame.path
        found = path_of(inner)
        if found and inner:
            steps += [*found[:-1], Step(found[-1].name, frame.call)]
    return tuple(steps)


def _common(one: Path, other: Path) -> Path:
    """The beginning that two paths have in common."""
    same = 0
    while same < min(len(one), len(other)) and one[same].name == other[same].name:
        same += 1
    return other[:same]


def _groups(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    """Calls that were made in the same module, one after the other."""
    group: list[Node] = []
    for node in nodes:
        if group and (group[-1].stack != node.stack or not node.stack):
            yield group
            group = []
        group.append(node)
    if group:
        yield group
