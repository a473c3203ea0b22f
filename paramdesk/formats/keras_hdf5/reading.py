"""From an HDF5 file of Keras to an architecture: the model's configuration stands in an attribute, if it is there."""

from __future__ import annotations

from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.bounded import GuardedFile, parse_json
from paramdesk.formats.hdf5 import Group, root_of
from paramdesk.formats.keras import reading
from paramdesk.formats.keras.entries import OwnModel
from paramdesk.formats.keras.saved_weights import ListedWeights, SavedWeights
from paramdesk.formats.keras.weighing import weighed
from paramdesk.formats.keras.weight_rows import is_tree, table_of_list, table_of_tree

WEIGHTS = "model_weights"


def architecture_from(file: BinaryIO, name: str) -> Architecture:
    """The architecture of the model in a file, or rows of weights where the file holds nothing else.

    Raises:
        UnreadableFile: it is no file of Keras, a damaged one, or holds what Keras would not take.
    """
    root = root_of(GuardedFile(file, name, file.tell()), name)
    config = root.text("model_config")
    group = root.group(WEIGHTS) or root
    if config is None:
        return _weights_alone(root, group, name)
    value = parse_json(config.encode("utf-8", "replace"), name)
    version = root.text("keras_version")
    model = {**({"keras_version": version} if version else {}), **value} if isinstance(value, dict) else {}
    listed = ListedWeights(group)
    weights = SavedWeights(lambda: listed)
    try:
        architecture = reading.architecture_from(model, name, weights)
    except OwnModel:
        return _weights_alone(root, group, name)
    return weighed(architecture, weights, listed.own())


def _weights_alone(root: Group, group: Group, name: str) -> Architecture:
    if group.texts("layer_names") is not None:
        return table_of_list(ListedWeights(group), name)
    if is_tree(root):
        return table_of_tree(root, name)
    raise UnreadableFile(name, "an HDF5 file, but none of Keras: there is neither a model_config nor layer_names in it")
