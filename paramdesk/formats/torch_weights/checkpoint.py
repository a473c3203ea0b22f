"""Where in what was saved the weights of a network are, and which module owns each."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.pickled import Made, Named, Outside
from paramdesk.formats.state_dict import LONGEST_KEY, MOST_TENSORS, owned
from paramdesk.formats.torch_weights.tensors import tensor_from
from paramdesk.formats.weight_table import CLASS, Owned

USUAL = (
    "state_dict", "model_state_dict", "model_state", "model", "module", "net", "network", "params_ema", "params",
    "model_ema", "ema", "weights",
)  # fmt: skip
"""Under what names checkpoints hold the weights of their network, the surest first."""
NO_NETWORK = ("optim", "sched", "scaler", "rng")
"""Parts of names of what else stands in a checkpoint and has tensors."""
DEEPEST = 60
"""No deeper do modules or dictionaries stand in one another."""
MOST_VALUES = 1_000_000
"""The most values of a checkpoint that are looked at."""


def weights_in(saved: object, file: str) -> list[Owned]:
    """The weights of the network in what was saved, in its order.

    Raises:
        UnreadableFile: there are more than any network has, or they stand in one another without end.
    """
    walk = _Walk(file)
    walk.follow(walk.network_in(saved), "", 0)
    return walk.found


def _pairs(value: object) -> list[tuple[object, object]]:
    """What a dictionary holds; nothing if it is none."""
    if not isinstance(value, Made):
        return []
    if value.pairs or value.name != "OrderedDict":
        return value.pairs
    match value.arguments:  # as Python 2 had it: a list of keys and values
        case [[*items]]:
            return [(item[0], item[1]) for item in items if isinstance(item, list | tuple) and len(item) == 2]
    return []


def _attributes(value: object) -> dict[str, object]:
    """The attributes of an object."""
    state = value.state if isinstance(value, Made) else None
    if isinstance(state, tuple) and state:  # with those of slots
        state = state[0]
    return {key: inner for key, inner in _pairs(state) if isinstance(key, str)}


def _is_module(value: object) -> bool:
    return isinstance(value, Made) and {"_parameters", "_modules"} <= _attributes(value).keys()


def _class_of(module: Made) -> str:
    """The name of a module's class; files before 1.6 keep its source beside it."""
    by, arguments = module.by, module.arguments
    if module.name == "_reconstructor" and isinstance(arguments, tuple) and arguments:
        by = arguments[0]
    if isinstance(by, Outside) and isinstance(by.key, tuple) and len(by.key) > 1:
        by = by.key[1]
    return by.name if isinstance(by, Named) else CLASS


def _called(key: object) -> str:
    """The part of a name that a key stands for."""
    if isinstance(key, str):
        return key[:LONGEST_KEY]
    return str(key) if isinstance(key, int) and -(2**63) < key < 2**63 else "_"


class _Walk:
    """A way through what was saved, on which tensors are found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Owned] = []
        self.left = MOST_VALUES

    def network_in(self, saved: object) -> object:
        """The state dict or the module in a checkpoint; the checkpoint itself if it is one, or holds several."""
        for _level in range(DEEPEST):
            pairs = _pairs(saved)
            if _is_module(saved) or not pairs:
                return saved
            named = {key: value for key, value in pairs if isinstance(key, str)}
            if 2 * sum(tensor_from(value) is not None for value in named.values()) > len(pairs):
                return saved
            inner = next((named[key] for key in USUAL if key in named and self.holds_weights(named[key])), None)
            if inner is None:
                return saved
            saved = inner
        return saved

    def holds_weights(self, value: object, depth: int = 0) -> bool:
        """Whether a value is a module, or a dictionary with tensors in it."""
        self.count()
        if _is_module(value) or tensor_from(value) is not None:
            return True
        return depth < 3 and any(self.holds_weights(inner, depth + 1) for _key, inner in _pairs(value))

    def count(self) -> None:
        """One more value is looked at: they may stand in one another many times over."""
        self.left -= 1
        if self.left < 0:
            raise UnreadableFile(self.file, f"more than {MOST_VALUES:,} values, which no network has")

    def follow(self, value: object, path: str, depth: int) -> None:
        """Adds the tensors in a value; `path` is its name with a dot behind it."""
        self.count()
        if depth > DEEPEST:
            raise UnreadableFile(self.file, f"modules stand more than {DEEPEST} deep in one another")
        if (tensor := tensor_from(value)) is not None:
            name = path.removesuffix(".") or "weight"
            self.add(owned(name, tensor))
        elif isinstance(value, Made) and _is_module(value):
            self.module(value, path, depth)
        else:
            for key, inner in self.members(value):
                self.follow(inner, f"{path}{_called(key)}.", depth + 1)

    def members(self, value: object) -> Iterator[tuple[object, object]]:
        """What a dictionary or a list holds, but for what belongs to no network."""
        pairs = _pairs(value)
        if any(key == "param_groups" for key, _inner in pairs):  # an optimizer
            return
        for key, inner in pairs:
            is_aside = isinstance(key, str) and any(part in key.lower() for part in NO_NETWORK)
            if not is_aside or tensor_from(inner) is not None:
                yield key, inner
        if isinstance(value, list | tuple):
            yield from enumerate(value)

    def module(self, module: Made, path: str, depth: int) -> None:
        """Adds the parameters and buffers of a module and of the modules in it."""
        attributes, class_name = _attributes(module), _class_of(module)
        for kind in ("_parameters", "_buffers"):
            for name, value in _pairs(attributes.get(kind)):
                if (tensor := tensor_from(value)) is not None:
                    known = msgspec.structs.replace(tensor, is_buffer=kind == "_buffers")
                    self.add(owned(f"{path}{_called(name)}", known, class_name))
        for name, inner in _pairs(attributes.get("_modules")):
            if _is_module(inner):
                self.follow(inner, f"{path}{_called(name)}.", depth + 1)

    def add(self, weight: Owned) -> None:
        """One more tensor."""
        self.found.append(weight)
        if len(self.found) > MOST_TENSORS:
            raise UnreadableFile(self.file, f"more than {MOST_TENSORS:,} tensors, which no network has")
