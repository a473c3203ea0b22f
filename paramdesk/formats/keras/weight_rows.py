"""Weights that Keras saved without their model, as rows: one for each layer that owns some, models as blocks."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnreadableFile
from paramdesk.engine.layer_kind import kinds
from paramdesk.formats.hdf5 import Group
from paramdesk.formats.keras.saved_weights import (
    CONTAINERS,
    ListedWeights,
    all_below,
    groups_in,
    in_snake_case,
    layer_name,
    own_weights,
    stated,
)
from paramdesk.formats.weight_table import CLASS, Owned, table_of

_NO_LAYERS = re.compile(r"optimizer|_?metrics|compiled?_(metrics|loss)")
"""What stands beside the layers of a model that was compiled."""


def is_tree(root: Group) -> bool:
    """Whether a file holds a tree of layers, as Keras 3 writes it."""
    return any(name in root.names for name in (*CONTAINERS, "vars")) or any(
        layer_name(group) is not None or group.group("vars") is not None for _name, group in groups_in(root)
    )


def table_of_tree(root: Group, file: str) -> Architecture:
    """The rows of a tree of layers.

    Raises:
        UnreadableFile: there are no weights in it.
    """
    own = [Owned((), weight) for weight in own_weights(root)]
    return _table([*own, *_below(root, (), is_container=False)], file)


def table_of_list(listed: ListedWeights, file: str) -> Architecture:
    """The rows of a list of layers.

    Raises:
        UnreadableFile: there are no weights in it.
    """
    found = [Owned((layer,), weight) for layer in listed.layers for weight in stated(listed.of(layer))]
    return _table([*found, *(Owned((), weight) for weight in listed.own())], file)


def _table(weights: list[Owned], file: str) -> Architecture:
    if not weights:
        raise UnreadableFile(file, "there are no weights in it: save them once the model is built")
    return table_of(weights, file, "keras")


def _below(group: Group, path: tuple[str, ...], *, is_container: bool) -> Iterator[Owned]:
    """The weights of the layers in a group.

    Args:
        group: a model's, or that of a list of layers.
        path: of the model.
        is_container: whether it is a list, in which groups are called by the classes of their layers.
    """
    for called, inner in groups_in(group):
        if not path and _NO_LAYERS.fullmatch(called):
            continue
        name = layer_name(inner) or called
        if called in CONTAINERS:
            yield from _below(inner, path, is_container=True)
        elif inner.group("vars") is None or any(inner.group(container) for container in CONTAINERS):
            yield from (Owned((*path, name), weight) for weight in own_weights(inner))
            yield from _below(inner, (*path, name), is_container=inner.group("vars") is None)
        else:
            label = called if is_container else name
            weights = all_below(inner, label)
            yield from (Owned((*path, name), weight, _class_called(label)) for weight in weights)


def _class_called(name: str) -> str:
    """The class whose layers are called so unless somebody says otherwise."""
    return _classes().get(re.sub(r"(_\d+)+$", "", name), CLASS)


@functools.cache
def _classes() -> Mapping[str, str]:
    return {in_snake_case(name): name for kind in kinds().values() for name in kind.names_in("keras")[:1]}
