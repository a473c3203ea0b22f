"""Which weights of a program are one tensor: the tables of weights that stand beside the program tell it."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping
from typing import BinaryIO, cast

from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.archive import Archive
from paramdesk.formats.bounded import MOST_BYTES, parse_json
from paramdesk.formats.pickled import Machine, Made
from paramdesk.formats.torch_weights import PICKLE
from paramdesk.formats.torch_weights.tensors import tensor_from

TABLE = "/weights/model_weights_config.json"
"""How the name of the entry ends that tells where each weight stands."""
STATE = "serialized_state_dict.pt"
"""What held the weights before PyTorch 2.8: a file of torch.save in the archive."""


def identities(archive: Archive, file: str) -> Mapping[str, Hashable]:
    """What tells of weights, by their names, that they are one tensor; nothing of those of which nothing tells it.

    A table that cannot be read tells nothing: the program alone says what there is.
    """
    for entry in archive.names:
        try:
            if entry.endswith(TABLE):
                return dict(_of_table(parse_json(archive.read(entry, MOST_BYTES), file)))
            if entry == STATE:
                part = archive.part(entry)
                part.allow(1_000_000, 2 * MOST_BYTES)
                inner = Archive(cast("BinaryIO", part), file)
                pickle = next((name for name in inner.names if name.rpartition("/")[2] == PICKLE), None)
                if pickle is not None:
                    return dict(_of_state(Machine(inner.read(pickle, MOST_BYTES), file).next()))
        except UnreadableFile:
            return {}
    return {}


def _of_table(value: object) -> Iterator[tuple[str, Hashable]]:
    """Of today's table: where the values of each stand, and with which sizes and steps they are read."""
    config = value.get("config") if isinstance(value, dict) else None
    for name, said in config.items() if isinstance(config, dict) else ():
        meta = said.get("tensor_meta") if isinstance(said, dict) else None
        if isinstance(meta, dict) and isinstance(path := said.get("path_name"), str):
            place = [meta.get(key) for key in ("sizes", "strides", "storage_offset")]
            yield name, (path, json.dumps(place))


def _of_state(value: object) -> Iterator[tuple[str, Hashable]]:
    for name, inner in value.pairs if isinstance(value, Made) else ():
        tensor = tensor_from(inner)
        if isinstance(name, str) and tensor is not None and tensor.identity is not None:
            yield name, tensor.identity
