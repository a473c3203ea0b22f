"""Layers inside layers: what they are called there, whether they are trained, and the weights that they bring.

Name and training belong to a layer rather than to its kind, so a wrapper keeps them beside the kind inside: of an
option `layer` in `layer_name` and `layer_trainable`, of several `cells` in `cells_name` and, by their places,
`cells_frozen`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec

from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.naming import default_name, snake_case
from paramdesk.engine.option import inner_kinds
from paramdesk.engine.weight import Weight

Named: TypeAlias = tuple[str, bool]
"""What a layer inside is called (empty: as Keras calls it) and whether it is trained."""

USUAL: Named = ("", True)


def path_of(layer: LayerKind, called: str) -> str:
    """Where the weights of a layer inside are found."""
    return called or default_name(layer)


def brought(path: str, layer: LayerKind, weights: Iterable[Weight], *, is_trained: bool) -> tuple[Weight, ...]:
    """The weights of a layer inside, as the wrapper has them.

    Whether it is trained is asked of the layer that owns a weight: what a wrapper says of itself when it is made does
    not reach the layers inside it.
    """
    is_frozen = not is_trained and layer.owns_weights and not inner_kinds(type(layer))
    return tuple([(weight.frozen() if is_frozen else weight).within(path) for weight in weights])


def taken_out(weights: Iterable[Weight]) -> tuple[Weight, ...]:
    """The weights of a wrapper as the layer inside has them."""
    return tuple([msgspec.structs.replace(weight, name=weight.name.partition("/")[2]) for weight in weights])


def with_names(config: Mapping[str, object], *options: str) -> dict[str, object]:
    """A wrapper's config with the names of the layers inside and whether they are trained, as options of their own.

    Raises:
        InvalidOptions: it has such an option already, which Keras would not know.
    """
    found = dict(config)
    for option in options:
        for name in _names_for(option) & found.keys():
            raise InvalidOptions(f"there is no option {name}", name)
        inside = found.get(option)
        if isinstance(inside, list | tuple):
            named = [_named(layer) for layer in inside]
            if any(called for called, _is_trained in named):
                found[f"{option}_name"] = tuple([called for called, _is_trained in named])
            found[f"{option}_frozen"] = tuple([place for place, one in enumerate(named) if not one[1]])
        elif _named(inside) != USUAL:
            found[f"{option}_name"], found[f"{option}_trainable"] = _named(inside)
    return found


def _named(layer: object) -> tuple[object, object]:
    """What a serialized layer says of itself, of whatever type."""
    config = layer.get("config") if isinstance(layer, Mapping) else None
    if not isinstance(layer, Mapping) or not isinstance(config, Mapping):
        return USUAL
    called, class_name = config.get("name"), layer.get("class_name")
    is_usual = not called or (isinstance(class_name, str) and called == snake_case(class_name))
    return "" if is_usual else called, config.get("trainable", True)


def _names_for(option: str) -> set[str]:
    return {f"{option}_{what}" for what in ("name", "trainable", "frozen")}


def without_names(config: Mapping[str, object], *options: str) -> dict[str, object]:
    """The arguments of a wrapper's constructor: the names are written with the layers that have them."""
    names = {name for option in options for name in _names_for(option)}
    return {name: value for name, value in config.items() if name not in names}


def each_named(count: int, names: tuple[str, ...], frozen: tuple[int, ...]) -> tuple[Named, ...]:
    """Name and training of so many layers: as Keras calls them and trained, where nothing else is said."""
    return tuple([(names[place] if place < len(names) else "", place not in frozen) for place in range(count)])
