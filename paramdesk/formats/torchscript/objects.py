"""The objects of a TorchScript file: modules with their attributes, and which tensors are one."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import msgspec

from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.pickled import Made, Named
from paramdesk.formats.recorder import Held
from paramdesk.formats.state_dict import MOST_TENSORS
from paramdesk.formats.torch_weights.tensors import tensor_from
from paramdesk.formats.torchscript.code import Program, plain_class
from paramdesk.frameworks.aten import Tensor

OURS = "__torch__"
"""Where the classes of a program are."""
DEEPEST = 60
MOST_OBJECTS = 500_000
WRAPPERS = frozenset({"restore_type_tag", "build_intlist", "build_tensorlist", "build_doublelist", "build_boollist"})
"""Functions that only say of what type their argument is."""
GRADIENT_AT = 4
"""Which argument of what rebuilds a tensor tells whether it has a gradient."""


class Module(msgspec.Struct, eq=False):
    """A module.

    Attributes:
        path: in the network: `layer1.0.conv1`; empty for the network.
        class_name: as the program has it: `__torch__.torch.nn.modules.conv.___torch_mangle_10.Conv2d`.
        attributes: modules, tensors (Tensor), numbers, texts, lists of them.
    """

    path: str
    class_name: str
    attributes: dict[str, object]


class Objects:
    """The modules of a file and their weights.

    Attributes:
        weights: by the names under which calls read them.
        classes: the class of each module that owns some, by its path.
        dtypes: the types of the weights, by the same names.
    """

    def __init__(self, saved: object, program: Program, file: str) -> None:
        self.file = file
        self.program = program
        self.weights: dict[str, Held] = {}
        self.classes: dict[str, str] = {}
        self.dtypes: dict[str, str] = {}
        self._modules: dict[int, Module] = {}
        self._names: dict[Hashable, str] = {}
        self._left = MOST_OBJECTS
        self.root = self._module(saved, "", 0) if _is_object(saved) else None

    def _module(self, made: object, path: str, depth: int) -> Module:
        assert isinstance(made, Made)
        assert isinstance(made.by, Named)
        known = self._modules.get(id(made))
        if known is not None:
            return known
        module = Module(path, f"{made.by.module}.{made.by.name}", {})
        self._modules[id(made)] = module
        self.classes[path] = plain_class(module.class_name)
        parameters, buffers = self.program.weights_of(module.class_name)
        for name, value in _attributes(made):
            kind = "parameter" if name in parameters else "buffer" if name in buffers else ""
            module.attributes[name] = self.value(value, f"{path}.{name}" if path else name, kind, depth + 1)
        return module

    def value(self, value: object, path: str, kind: str = "", depth: int = 0) -> object:
        """What an attribute is."""
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            raise UnreadableFile(self.file, "more objects, or deeper in one another, than any network has")
        if isinstance(value, Made) and value.name in WRAPPERS:
            value = value.arguments[0] if isinstance(value.arguments, tuple) and value.arguments else None
        if _is_object(value):
            return self._module(value, path, depth)
        if isinstance(value, list | tuple):
            return [self.value(item, f"{path}.{place}", kind, depth + 1) for place, item in enumerate(value)]
        if (tensor := self._tensor(value, path, kind)) is not None:
            return tensor
        if isinstance(value, Made) and value.by is None:
            return {
                key: self.value(item, f"{path}.{key}", kind, depth + 1)
                for key, item in value.pairs if isinstance(key, str | int)
            }  # fmt: skip
        return value if isinstance(value, int | float | str | None) else object()

    def _tensor(self, value: object, path: str, kind: str) -> Tensor | None:
        tensor = tensor_from(value)
        if tensor is None or not isinstance(value, Made):
            return None
        said = value.arguments
        has_gradient = isinstance(said, tuple) and len(said) > GRADIENT_AT and said[GRADIENT_AT] is True
        name = self._names.setdefault(path if tensor.identity is None else tensor.identity, path)
        if len(self.weights) > MOST_TENSORS:
            raise UnreadableFile(self.file, f"more than {MOST_TENSORS:,} tensors, which no network has")
        known = self.weights.get(value_of(name))
        if known is None or (known.is_constant and kind):  # a list of weights may stand before the weights
            is_statistic = kind != "parameter"
            held = Held(name, tensor.shape, has_gradient and not is_statistic, is_statistic, not kind)
            self.weights[value_of(name)] = held if known is None else msgspec.structs.replace(held, name=known.name)
        self.dtypes[value_of(name)] = tensor.dtype
        return Tensor(value_of(name))

    def constant(self, value: object, number: int) -> object:
        """One of the constants of the program; tensors among them are weights that were made fixed."""
        tensor = tensor_from(value)
        if tensor is None:
            return self.value(value, f"constants.c{number}")
        identity = ("constant", number if tensor.identity is None else tensor.identity)
        name = self._names.setdefault(identity, f"constants.c{number}")
        self.dtypes[value_of(name)] = tensor.dtype
        self.weights.setdefault(value_of(name), Held(name, tensor.shape, trainable=False, is_constant=True))
        return Tensor(value_of(name))


def value_of(name: str) -> str:
    """The name under which calls read a weight: no other value has it."""
    return f"self.{name}"


def _is_object(value: object) -> bool:
    """Whether a value is of a class of the program."""
    return isinstance(value, Made) and isinstance(value.by, Named) and value.by.module.split(".")[0] == OURS


def _attributes(made: Made) -> Iterator[tuple[str, object]]:
    state = made.state
    for key, value in state.pairs if isinstance(state, Made) else ():
        if isinstance(key, str):
            yield key, value
