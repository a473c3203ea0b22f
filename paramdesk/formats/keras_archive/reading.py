"""From a `.keras` archive to an architecture. Its weights are looked at only where its configuration does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnreadableFile
from paramdesk.engine.weight import StatedWeight
from paramdesk.formats.archive import Archive
from paramdesk.formats.bounded import MOST_BYTES, parse_json
from paramdesk.formats.hdf5 import Group, root_of
from paramdesk.formats.keras import reading
from paramdesk.formats.keras.entries import OwnModel
from paramdesk.formats.keras.saved_weights import SavedWeights, weights_in_tree
from paramdesk.formats.keras.weighing import weighed
from paramdesk.formats.keras.weight_rows import table_of_tree
from paramdesk.formats.keras_archive import CONFIG, METADATA

WEIGHTS = "model.weights.h5"


def architecture_from(file: BinaryIO, name: str) -> Architecture:
    """The architecture of the model in an archive.

    Raises:
        UnreadableFile: it is no such archive, a damaged one, or holds what Keras would not take.
    """
    archive = Archive(file, name)
    if CONFIG not in archive.names:
        raise UnreadableFile(name, f"not a .keras file: there is no {CONFIG} in it")
    value = _json(archive, CONFIG, name)
    model = {**_version(archive, name), **value} if isinstance(value, dict) else {}

    def root() -> Group:
        return root_of(archive.part(WEIGHTS), name)

    def look_up() -> Mapping[str, tuple[StatedWeight, ...]]:
        return weights_in_tree(root(), model)

    weights = SavedWeights(look_up)
    try:
        architecture = reading.architecture_from(model, name, weights)
    except OwnModel:
        if WEIGHTS not in archive.names:
            raise
        return table_of_tree(root(), name)
    return weighed(architecture, weights)


def _json(archive: Archive, entry: str, name: str) -> object:
    """The value of an entry."""
    data = archive.read(entry, MOST_BYTES)
    try:
        return parse_json(data, name)
    except UnreadableFile as error:
        raise UnreadableFile(name, error.reason, f"{entry}, {error.place}".rstrip(", ")) from None


def _version(archive: Archive, name: str) -> dict[str, object]:
    """The version of Keras, if the archive tells it."""
    if METADATA not in archive.names:
        return {}
    told = _json(archive, METADATA, name)
    return {"keras_version": told["keras_version"]} if isinstance(told, dict) and "keras_version" in told else {}
