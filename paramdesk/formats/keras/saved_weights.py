"""The weights that Keras' files hold, by the layers that own them: their names and shapes, never their values.

Keras 3 keeps a tree of layers (`layers/dense/vars/0`), older files a list of weights for each layer of the model
(`dense/dense/kernel:0`). Neither says what is trained, but for names that say that a weight is gathered from data.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from paramdesk.engine.errors import UnreadableFile
from paramdesk.engine.weight import StatedWeight
from paramdesk.formats.hdf5 import Group, Shape
from paramdesk.formats.keras.entries import model_kind

OWN = ""
"""The path of the model itself, which may own weights besides those of its layers."""

STATISTICS = frozenset({
    "moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev",
    "running_mean", "running_std", "running_var",
})  # fmt: skip
"""Names of weights that are gathered from data."""

_KNOWN: Mapping[str, tuple[str, ...]] = {
    "batch_normalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "normalization": ("mean", "variance", "count"),
}
"""Names of the weights of layers that gather from data, in Keras' order: a tree of layers has numbers for them."""

_NORMALIZATION = frozenset(_KNOWN["normalization"])

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
_STATE = re.compile(r"(.*_)?seed_generator(_\d+)?")
"""What random layers remember is no weight."""


class SavedWeights(Mapping[str, tuple[StatedWeight, ...]]):
    """Weights by the paths of layers; they are looked up in the file once somebody asks. A damaged file has none."""

    def __init__(self, look_up: Callable[[], Mapping[str, tuple[StatedWeight, ...]]]) -> None:
        self._look_up = look_up
        self._found: Mapping[str, tuple[StatedWeight, ...]] | None = None

    def _weights(self) -> Mapping[str, tuple[StatedWeight, ...]]:
        if self._found is None:
            try:
                self._found = self._look_up()
            except UnreadableFile:  # the architecture is there all the same
                self._found = {}
        return self._found

    def __getitem__(self, path: str) -> tuple[StatedWeight, ...]:
        try:
            return self._weights()[path]
        except UnreadableFile:
            raise KeyError(path) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights())

    def __len__(self) -> int:
        return len(self._weights())


# Keras 3 --------------------------------------------------------------------------------------------------------------


def weights_in_tree(root: Group, model: Mapping[str, object]) -> dict[str, tuple[StatedWeight, ...]]:
    """The weights of every layer of a model, and of the models in it.

    Args:
        root: of the file that holds them.
        model: its configuration.
    """
    found = {OWN: own_weights(root)}
    _look_up(root, model, "", found)
    return found


def own_weights(group: Group) -> tuple[StatedWeight, ...]:
    """The weights that a model owns besides those of its layers."""
    return tuple(_numbered(group, "", ""))


def _look_up(
    group: Group, model: Mapping[str, object], prefix: str, found: dict[str, tuple[StatedWeight, ...]]
) -> None:
    config = model.get("config")
    layers = config.get("layers") if isinstance(config, dict) else config
    container = next(filter(None, map(group.group, CONTAINERS)), None)
    if container is None or not isinstance(layers, list):
        return
    groups = dict(groups_in(container))
    by_name = {name: inner for inner in groups.values() if (name := layer_name(inner)) is not None}
    numbers: dict[str, int] = {}
    for layer in layers:
        name, class_name, inner_config = _called(layer)
        if not name:
            continue
        called = in_snake_case(class_name)
        numbers[called] = numbers.get(called, -1) + 1
        number = f"_{numbers[called]}" if numbers[called] else ""
        owner = by_name.get(name, groups.get(f"{called}{number}"))
        path = prefix + name.replace("/", "_")
        found[path] = tuple(all_below(owner, called)) if owner is not None else ()
        if owner is not None and model_kind(class_name, inner_config) is not None:
            _look_up(owner, layer, f"{path}/", found)


def _called(layer: object) -> tuple[str, str, Mapping[str, object]]:
    """Name, class and configuration of a layer of a model; without a name where it is none."""
    whole = layer if isinstance(layer, dict) else {}
    class_name, config, module = whole.get("class_name"), whole.get("config"), whole.get("module")
    if not isinstance(class_name, str) or not isinstance(config, dict):
        return "", "", {}
    if isinstance(module, str) and ".ops" in module:  # a function, which is not among the layers
        return "", "", {}
    name = whole.get("name", config.get("name"))
    return name if isinstance(name, str) else "", class_name.rpartition(">")[2], config


def in_snake_case(class_name: str) -> str:
    """The name that Keras' files give the first layer of a class.

    >>> in_snake_case("MaxPooling2D"), in_snake_case("ResBlock")
    ('max_pooling2d', 'res_block')
    """
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def groups_in(group: Group) -> Iterator[tuple[str, Group]]:
    """The groups in a group, by name, but for that of its own weights."""
    for name in group.names:
        inner = group.member(name) if name != "vars" else None
        if isinstance(inner, Group):
            yield name, inner


def layer_name(group: Group) -> str | None:
    """The name of the layer whose group it is, where the file tells it."""
    weights = group.group("vars")
    return weights.text("name") if weights is not None else None


def all_below(group: Group, called: str, prefix: str = "") -> Iterator[StatedWeight]:
    """The weights of a layer and of all layers inside it.

    Args:
        group: the layer's.
        called: its class as Keras calls layers by it, or else its name, which may tell the class.
        prefix: of the weights' names.
    """
    yield from _numbered(group, called, prefix)
    for name, inner in groups_in(group):
        called = layer_name(inner) or name
        if not _STATE.fullmatch(name) and not _STATE.fullmatch(called):
            yield from all_below(inner, called, f"{prefix}{name}/")


def _numbered(group: Group, called: str, prefix: str) -> Iterator[StatedWeight]:
    """The weights that a layer owns itself, in Keras' order."""
    weights = group.group("vars")
    members = [(name, weights.member(name)) for name in weights.names] if weights is not None else []
    shapes = [(name, shape) for name, shape in sorted(members, key=_in_order) if isinstance(shape, tuple)]
    names = _KNOWN.get(re.sub(r"(_\d+)+$", "", called), ())
    for place, (number, shape) in enumerate(shapes):
        name = names[place] if len(names) == len(shapes) else number
        is_statistic = name in STATISTICS or (len(names) == len(shapes) and name in _NORMALIZATION)
        yield StatedWeight(prefix + name, shape, not is_statistic, is_statistic)


def _in_order(member: tuple[str, object]) -> tuple[int, str]:
    name = member[0]
    return (int(name) if name.isdecimal() and len(name) < 10 else -1, name)


# Older files ----------------------------------------------------------------------------------------------------------


class ListedWeights(Mapping[str, tuple[StatedWeight, ...]]):
    """The weights of a file that lists them layer by layer; those of a model inside are sorted out by their names."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self.layers = group.texts("layer_names") or ()
        self._members = {name.replace("/", "_"): name for name in self.layers}

    def __getitem__(self, path: str) -> tuple[StatedWeight, ...]:
        outermost, *inside = path.split("/")
        name = self._members.get(outermost)
        if name is None:
            return ()
        return stated([(names, shape) for names, shape in self.of(name) if _leads_through(names, inside)])

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def of(self, layer: str) -> list[tuple[tuple[str, ...], Shape]]:
        """The weights of a layer of the model: the parts of their names, and their shapes."""
        group = self._group.group(layer)
        if group is None:
            return []
        return [
            (tuple(name.removesuffix(":0").split("/")), shape)
            for name in group.texts("weight_names") or ()
            if (shape := _dataset(group, name)) is not None
        ]

    def own(self) -> tuple[StatedWeight, ...]:
        """The weights of the model itself."""
        return stated(self.of("top_level_model_weights"))


def stated(listed: Sequence[tuple[tuple[str, ...], Shape]]) -> tuple[StatedWeight, ...]:
    """The weights of one layer by the parts of their names, without those that they all begin with."""
    shared = itertools.takewhile(
        lambda same: len(set(same)) == 1, zip(*(names[:-1] for names, _ in listed), strict=False)
    )
    start = sum(1 for _ in shared)
    found = []
    is_normalization = {names[-1] for names, _shape in listed} == _NORMALIZATION
    for names, shape in listed:
        is_statistic = is_normalization or names[-1] in STATISTICS
        found.append(StatedWeight("/".join(names[start:]), shape, not is_statistic, is_statistic))
    return tuple(found)


def _dataset(group: Group, path: str) -> Shape | None:
    """The shape of the dataset at the end of a path; None if there is none."""
    *groups, name = path.split("/")
    found = group.group("/".join(groups)) if groups else group
    shape = found.member(name) if found is not None else None
    return shape if isinstance(shape, tuple) else None


def _leads_through(names: Sequence[str], path: Sequence[str]) -> bool:
    """Whether a weight is one of the layer at the end of a path: the path's names come in its own, in this order."""
    parts = iter(names[:-1])
    return all(name in parts for name in path)
