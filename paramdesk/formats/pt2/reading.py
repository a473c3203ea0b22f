"""From the program in a file of torch.export to an architecture.

The program is a graph in JSON: its inputs with what they stand for (parameters, buffers, data), its nodes with the
modules that they were called in, and the shapes of all tensors.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import BinaryIO, NoReturn

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnreadableFile
from paramdesk.engine.option import LARGEST
from paramdesk.engine.shape import PublicShape
from paramdesk.formats.archive import Archive
from paramdesk.formats.aten import AtenReader, Frame, Node
from paramdesk.formats.bounded import MOST_BYTES, parse_json
from paramdesk.formats.pt2 import PROGRAMS
from paramdesk.formats.pt2.sharing import identities
from paramdesk.formats.recorder import Held, Recorder
from paramdesk.frameworks.aten import Sizes, Tensor

TYPES: Mapping[int, str] = {
    1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32", 8: "float64",
    10: "complex64", 11: "complex128", 12: "bool", 13: "bfloat16", 28: "uint16", 29: "float8_e4m3fn", 30: "float8_e5m2",
}  # fmt: skip
"""The numbers that torch.export has for types of elements."""
PLAIN = frozenset({"as_int", "as_float", "as_bool", "as_string"})
LISTS = frozenset({"as_ints", "as_floats", "as_bools", "as_strings", "as_int_lists"})
MOST_SIZES = 64


def architecture_from(file: BinaryIO, name: str) -> Architecture:
    """The architecture of a file of torch.export.

    Raises:
        UnreadableFile: it is none, or damaged.
    """
    archive = Archive(file, name)
    entry = next((entry for entry in archive.names if entry.endswith(PROGRAMS)), None)
    if entry is None:
        raise UnreadableFile(name, "not a file of torch.export: there is no program in it")
    value = parse_json(archive.read(entry, MOST_BYTES), name)
    return _Program(value, name, entry, identities(archive, name)).architecture()


class _Program:
    """The program of a file, and what its values are."""

    def __init__(self, value: object, file: str, entry: str, same: Mapping[str, Hashable]) -> None:
        self.file = file
        self.entry = entry
        self.same = same
        module = self.table(self.table(value, "program").get("graph_module"), "graph_module")
        self.graph = self.table(module.get("graph"), "graph")
        self.signature = self.table(module.get("signature"), "signature")
        self.symbols = self.sizes_by_name()
        metas = self.table(self.graph.get("tensor_values"), "tensor_values")
        self.metas = {value_name: meta for value_name, meta in metas.items() if isinstance(meta, dict)}
        self.shapes = {value_name: _shape(meta) for value_name, meta in self.metas.items()}

    def fail(self, what: str) -> NoReturn:
        raise UnreadableFile(self.file, f"its {what} is not as torch.export writes it", self.entry)

    def table(self, value: object, what: str) -> dict[str, object]:
        """A value that must be a table."""
        if not isinstance(value, dict):
            self.fail(what)
        return value

    def sizes_by_name(self) -> dict[str, object]:
        """The sizes that the graph computes: numbers, or texts that stand for what is not known."""
        values = self.graph.get("sym_int_values")
        found: dict[str, object] = {}
        for name, said in values.items() if isinstance(values, dict) else ():
            found[name] = _size(said)
        return found

    def architecture(self) -> Architecture:
        """The network."""
        weights = dict(self.weights())
        stated = {name: _public(shape) for name, shape in self.shapes.items() if shape is not None}
        recorder = Recorder(self.file, stated)
        for name in self.inputs(weights):
            meta = self.metas[name]
            kind = meta.get("dtype")
            dtype = TYPES.get(kind, "float32") if isinstance(kind, int) else "float32"
            recorder.input(name, _public(self.shapes[name] or ()), dtype)
        outputs = [name for said in _list(self.graph.get("outputs")) for name in _names(said)]
        returned = self.returned(outputs)
        reader = AtenReader(recorder, weights, returned)
        reader.targets = {name: shape for name, shape in self.shapes.items() if shape is not None}
        reader.read(list(self.nodes()))
        for output in returned:
            if output in reader.constants:
                reader.readable(Tensor(output), ())
        return recorder.architecture(self.name(), [reader.resolved(output) for output in returned])

    def name(self) -> str:
        """The class of the network."""
        for node in _list(self.graph.get("nodes")):
            stack = _text(node, "metadata", "nn_module_stack")
            if stack:
                return stack.partition(";")[0].rpartition(".")[2]
        return ""

    # Its inputs and outputs ---------------------------------------------------------------------------------------

    def weights(self) -> Iterator[tuple[str, Held]]:
        """Parameters and buffers, by the names of their values; what is one tensor has one name."""
        names: dict[Hashable, str] = {}
        for spec in _list(self.signature.get("input_specs")):
            for kind, key in (
                ("parameter", "parameter_name"), ("buffer", "buffer_name"), ("tensor_constant", "tensor_constant_name"),
            ):  # fmt: skip
                said = spec.get(kind) if isinstance(spec, dict) else None
                value, target = _text(said, "arg", "name"), _text(said, key)
                shape = self.shapes.get(value)
                if value and shape is not None:
                    meta = self.metas[value]
                    is_trained = kind == "parameter" and meta.get("requires_grad") is not False
                    sizes = tuple([size if isinstance(size, int) else 0 for size in shape])
                    name = names.setdefault(self.same.get(target, target or value), target or value)
                    is_constant = kind == "tensor_constant"
                    yield value, Held(name, sizes, is_trained, kind != "parameter", is_constant)

    def inputs(self, weights: Mapping[str, Held]) -> list[str]:
        """The values through which data comes in."""
        found = [name for said in _list(self.graph.get("inputs")) for name in _names(said)]
        return [name for name in dict.fromkeys(found) if name not in weights and name in self.metas]

    def returned(self, outputs: Sequence[str]) -> list[str]:
        """The values that the network returns: not those with which buffers are brought up to date."""
        found = []
        for spec in _list(self.signature.get("output_specs")):
            said = spec.get("user_output") if isinstance(spec, dict) else None
            if isinstance(said, dict):
                found += _names(said.get("arg"))
        return [name for name in found if name in self.metas] or [name for name in outputs if name in self.metas]

    # Its nodes ----------------------------------------------------------------------------------------------------

    def nodes(self) -> Iterator[Node]:
        """The calls of operators."""
        for said in _list(self.graph.get("nodes")):
            target = _text(said, "target")
            if not isinstance(said, dict) or not target:
                self.fail("graph")
            arguments = {}
            for place, argument in enumerate(_list(said.get("inputs"))):
                name = _text(argument, "name") or str(place)
                arguments[name] = self.argument(argument.get("arg") if isinstance(argument, dict) else None)
            outputs = tuple([name for output in _list(said.get("outputs")) for name in _names(output)])
            if outputs:
                yield Node(_operator(target), arguments, outputs, _frames(_text(said, "metadata", "nn_module_stack")))

    def argument(self, said: object) -> object:
        """The value of an argument."""
        if not isinstance(said, dict) or len(said) != 1:
            return None
        [(kind, value)] = said.items()
        if kind in PLAIN or kind in LISTS:
            return value
        if kind in ("as_tensor", "as_optional_tensor", "as_tensors", "as_optional_tensors", "as_nested_tensors"):
            found = [Tensor(name, self.shapes.get(name)) for name in _names(said)]
            return found[0] if len(found) == 1 and not kind.endswith("s") else found or None
        if kind in ("as_sym_int", "as_sym_ints"):
            items = [self.symbol(item) for item in (value if isinstance(value, list) else [value])]
            return items if kind.endswith("s") else items[0]
        return None

    def symbol(self, said: object) -> object:
        """A size: a number, or a text that stands for what is not known."""
        name = _text(said, "as_name")
        number = said.get("as_int") if isinstance(said, dict) else said
        return self.symbols.get(name, name) if name else number


def _names(said: object) -> list[str]:
    """The names of the tensors in an argument."""
    if isinstance(said, dict):
        if isinstance(name := said.get("name"), str):
            return [name]
        return [name for key, value in said.items() if key != "as_none" for name in _names(value)]
    if isinstance(said, list):
        return [name for item in said for name in _names(item)]
    return []


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object, *keys: str) -> str:
    """The text behind some keys; empty if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _shape(meta: Mapping[str, object]) -> Sizes | None:
    sizes = meta.get("sizes")
    return tuple([_size(size) for size in sizes[:MOST_SIZES]]) if isinstance(sizes, list) else None


def _size(said: object) -> int | str | None:
    """A size: a number, a text that stands for what is not known, or nothing."""
    number = said.get("as_int") if isinstance(said, dict) else said
    if type(number) is int and 0 <= number <= LARGEST:
        return number
    if isinstance(said, dict):
        return _text(said, "as_expr", "expr_str") or None
    return None


def _public(shape: Sizes) -> PublicShape:
    return tuple([size if isinstance(size, int) else None for size in shape])


def _operator(target: str) -> str:
    """The name of an operator: of `torch.ops.aten.conv2d.default` its middle, of others all but where they are."""
    parts = target.removeprefix("torch.ops.").split(".")
    return parts[1] if len(parts) > 2 and parts[0] == "aten" else parts[-1] if len(parts) < 2 else ".".join(parts[1:])


def _frames(stack: str) -> tuple[Frame, ...]:
    """The modules of a node: `L__self__,,Net;L__self___conv@1,conv,torch.nn.modules.conv.Conv2d`."""
    found = []
    for said in stack.split(";"):
        key, _comma, rest = said.partition(",")
        path, _comma, class_name = rest.rpartition(",")
        call = re.search(r"@(\d{1,6})$", key)
        found.append(Frame(re.sub(r"@\d+$", "", path), class_name, int(call[1]) if call else 0))
    return tuple(found) if stack else ()
