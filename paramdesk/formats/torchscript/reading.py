"""From a TorchScript file to an architecture: by following its code, or else as a table of its weights."""

from __future__ import annotations

import ast
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

import msgspec

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnreadableFile
from paramdesk.engine.shape import PublicShape, public
from paramdesk.engine.weight import StatedWeight
from paramdesk.formats.archive import Archive
from paramdesk.formats.aten import AtenReader
from paramdesk.formats.bounded import MOST_BYTES
from paramdesk.formats.pickled import Machine, Made, Outside
from paramdesk.formats.recorder import Recorder
from paramdesk.formats.torch_weights.tensors import tensor_from
from paramdesk.formats.torchscript import CONSTANTS, OBJECTS
from paramdesk.formats.torchscript.calling import Calls, Raised
from paramdesk.formats.torchscript.code import Endless, Program, Unfollowable, plain_class
from paramdesk.formats.torchscript.following import Follower
from paramdesk.formats.torchscript.inputs import MOST_AXES, first_shape, told_by, wider
from paramdesk.formats.torchscript.numbers import NOT_KNOWN
from paramdesk.formats.torchscript.objects import WRAPPERS, Module, Objects
from paramdesk.formats.torchscript.sketch import Sketch
from paramdesk.formats.weight_table import Owned, name_of, table_of
from paramdesk.frameworks.aten import Tensor

EXAMPLES = "traced_inputs.pkl"
"""What a network was traced with; files of `torch.jit.script` have none."""
MOST_INPUTS = 1000
SCALARS: Mapping[str, str] = {"Long": "q", "Int": "i", "Double": "d", "Float": "f", "Bool": "?", "Short": "h"}
"""How single numbers stand in a file, by the classes of their storages."""
NOT_FOLLOWED = "What this TorchScript program does depends on its data, so its layers are listed by their weights."
FROZEN = "Its weights were frozen into the code: those of layers count, as not trained; other numbers do not."
NOT_TOLD = "The file does not tell the size of {}: what its first layer takes is shown; set the rest there."


def architecture_from(file: BinaryIO, name: str) -> Architecture:
    """The architecture of a TorchScript file.

    Raises:
        UnreadableFile: it is none, or damaged.
    """
    archive = Archive(file, name)
    entry = min((entry for entry in archive.names if entry.rpartition("/")[2] == OBJECTS), key=len, default=None)
    if entry is None:
        raise UnreadableFile(name, f"not a TorchScript file: there is no {OBJECTS} in it")
    return _File(archive, entry.removesuffix(OBJECTS), name).architecture()


class _File:
    """A TorchScript file."""

    def __init__(self, archive: Archive, prefix: str, name: str) -> None:
        self.archive = archive
        self.prefix = prefix
        self.name = name
        self.program = Program(archive, prefix, name)
        self.objects = Objects(self.pickled(OBJECTS), self.program, name)
        self.constants = self.read_constants()

    def pickled(self, entry: str) -> object:
        """What a pickle of the file would make."""
        return Machine(self.archive.read(self.prefix + entry, MOST_BYTES), self.name).next()

    def architecture(self) -> Architecture:
        """The network."""
        root = self.objects.root
        if root is None:
            raise UnreadableFile(self.name, "there is no network in this TorchScript file")
        try:
            return self.followed(root)
        except (Unfollowable, Raised, RecursionError):
            return self.table()

    def read_constants(self) -> dict[str, object]:
        """The values that the code names by number."""
        if self.prefix + CONSTANTS not in self.archive.names:
            return {}
        found: dict[str, object] = {}
        values = self.pickled(CONSTANTS)
        for number, value in enumerate(values if isinstance(values, tuple | list) else ()):
            scalar = self.scalar(value)
            found[f"c{number}"] = self.objects.constant(value, number) if scalar is NOT_KNOWN else scalar
        return found

    def scalar(self, value: object) -> object:
        """A constant that is a tensor without axes, as a number: sizes are divided by such."""
        tensor = tensor_from(value)
        match value:
            case Made(arguments=(Outside(("storage", kind, str() as key, *_)), int() as place, *_)) if tensor:
                code = SCALARS.get(getattr(kind, "name", "").removesuffix("Storage"))
                entry = f"{self.prefix}constants/{key}"
                if tensor.shape == () and code and entry in self.archive.names and 0 <= place < 2**16:
                    size = struct.calcsize(f"<{code}")
                    part = self.archive.part(entry)
                    part.allow(1, size)
                    part.seek(place * size)
                    data = part.read(size)
                    return struct.unpack(f"<{code}", data)[0] if len(data) == size else NOT_KNOWN
        return NOT_KNOWN

    # Following the code -----------------------------------------------------------------------------------------------

    def followed(self, root: Module) -> Architecture:
        """The network as its code tells it."""
        code = self.program.method(root.class_name, "forward")
        if code is None:
            raise Unfollowable
        examples = self.examples()
        arguments = code.args.args[1:]
        kinds = [_annotation(argument.annotation) for argument in arguments]
        named: dict[str, PublicShape] = {}
        dtypes: dict[str, str] = {}
        given: list[object] = []
        untold: list[str] = []
        for place, (argument, kind) in enumerate(zip(arguments, kinds, strict=True)):
            if place < len(examples):
                given.append(_example(examples[place], argument.arg, named, dtypes))
            elif kind == "Tensor":
                untold.append(argument.arg)
                given.append(Tensor(argument.arg))
            elif len(arguments) - place <= len(code.args.defaults):
                break
            else:
                given.append(NOT_KNOWN)
        for name in untold:
            dtypes[name], named[name] = first_shape(self.follower({}, {}), root, given, name, self.objects)
        follower, returned = self.tried(root, given, named, dtypes, untold)
        outputs = [follower.calls.current(tensor) for tensor in _tensors(returned)]
        return self.recorded(follower, named, dtypes, outputs, [NOT_TOLD.format(name) for name in untold])

    def tried(
        self, root: Module, given: Sequence[object], named: dict[str, PublicShape], dtypes: Mapping[str, str],
        untold: Sequence[str],
    ) -> tuple[Follower, object]:  # fmt: skip
        """The code followed; where it needs more axes of what the file does not tell, with so many."""
        shapes = {name: named[name] for name in untold}
        for more in range(MOST_AXES + 1 if untold else 1):
            named.update({name: wider(shape, more) for name, shape in shapes.items()})
            follower = self.follower(named, dtypes)
            try:
                returned = follower.returned(root, given)
            except Endless:
                raise
            except (Unfollowable, Raised):
                continue
            if not self.is_told_more(follower, named, untold):
                return follower, returned
            again = self.follower(named, dtypes)
            return again, again.returned(root, given)
        raise Unfollowable

    def is_told_more(self, follower: Follower, named: dict[str, PublicShape], untold: Sequence[str]) -> bool:
        """Whether what was called tells more sizes of what comes in; they are noted."""
        former = dict(named)
        for name in untold:
            _dtype, shape = told_by(follower, name, self.objects) or ("", ())
            if len(shape) == len(named[name]):
                named[name] = shape
        return named != former

    def follower(self, named: Mapping[str, PublicShape], dtypes: Mapping[str, str]) -> Follower:
        """What follows the code, for inputs of these shapes."""
        recorder = Recorder(self.name)
        for name, shape in named.items():
            recorder.input(name, shape, dtypes.get(name, "float32"))
        sketch = Sketch(recorder, self.objects.weights, self.objects.dtypes)
        return Follower(self.program, self.constants, Calls(sketch, self.objects.weights))

    def recorded(
        self, follower: Follower, named: Mapping[str, PublicShape], dtypes: Mapping[str, str], outputs: Sequence[str],
        remarks: Sequence[str],
    ) -> Architecture:  # fmt: skip
        """The rows of the operators that were called, those of a module together."""
        specs = follower.calls.sketch.recorder.specs
        stated = {value: public(spec.shape) for value, spec in specs.items()}
        recorder = Recorder(self.name, stated)
        for name, shape in named.items():
            recorder.input(name, shape, dtypes.get(name, "float32"))
        reader = AtenReader(recorder, self.objects.weights, outputs)
        reader.read(follower.calls.nodes)
        owned = recorder.owner
        if any(held.is_constant and held.name in owned for held in self.objects.weights.values()):
            remarks = [*remarks, FROZEN]
        for output in outputs:
            if output in reader.constants:
                reader.readable(Tensor(output), ())
        root = self.objects.root
        title = plain_class(root.class_name).rpartition(".")[2] if root else ""
        return recorder.architecture(title, [reader.resolved(output) for output in outputs], remarks)

    def examples(self) -> Sequence[object]:
        """What the network was traced with."""
        if self.prefix + EXAMPLES not in self.archive.names:
            return ()
        table = _unwrapped(self.pickled(EXAMPLES))
        for key, value in table.pairs if isinstance(table, Made) else ():
            if key == "forward":
                found = _unwrapped(value)
                return found[:MOST_INPUTS] if isinstance(found, list | tuple) else ()
        return ()

    # Weights alone ----------------------------------------------------------------------------------------------------

    def table(self) -> Architecture:
        """A row for each module that owns weights."""
        weights = [
            Owned(tuple(path), StatedWeight(name, held.shape, held.trainable, held.statistic), self.class_of(path))
            for held in self.objects.weights.values() if not held.is_constant
            for *path, name in (held.name.split("."),)
        ]  # fmt: skip
        if not weights:
            raise UnreadableFile(self.name, "its code cannot be followed without running it, and it holds no weights")
        made = table_of(weights, self.name, "pytorch", "channels_first")
        return msgspec.structs.replace(made, name=name_of(self.name), extras={"remarks": [NOT_FOLLOWED]})

    def class_of(self, path: Sequence[str]) -> str:
        """The class of the module at a path."""
        return self.objects.classes.get(".".join(path), "Weights").rpartition(".")[2]


def _annotation(code: ast.expr | None) -> str:
    return code.id if isinstance(code, ast.Name) else ""


def _unwrapped(value: object) -> object:
    """A value without what says of which type it is."""
    for _level in range(10):
        if not isinstance(value, Made) or value.name not in WRAPPERS or not isinstance(value.arguments, tuple):
            break
        value = value.arguments[0] if value.arguments else None
    return value


def _example(
    value: object, name: str, named: dict[str, PublicShape], dtypes: dict[str, str], depth: int = 0
) -> object:  # fmt: skip
    """An input like the one that a network was traced with."""
    value = _unwrapped(value)
    tensor = tensor_from(value)
    if tensor is not None:
        named[name] = tensor.shape
        dtypes[name] = tensor.dtype
        return Tensor(name)
    if isinstance(value, list | tuple) and depth < 10:
        items = value[:MOST_INPUTS]
        return [_example(item, f"{name}_{place}", named, dtypes, depth + 1) for place, item in enumerate(items)]
    if isinstance(value, Made) and value.by is None and depth < 10:
        return {
            key: _example(item, f"{name}_{key}", named, dtypes, depth + 1)
            for key, item in value.pairs[:MOST_INPUTS] if isinstance(key, str | int)
        }  # fmt: skip
    return value if isinstance(value, int | float | str | None) else NOT_KNOWN


def _tensors(value: object) -> Iterator[Tensor]:
    """The tensors in what the network returns."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _tensors(item)
