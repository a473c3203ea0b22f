"""What Keras' `model.to_json()` gives and `keras.models.model_from_json` takes: a Sequential or Functional model."""

from __future__ import annotations

import re
from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnwritableFile
from paramdesk.formats.bounded import parse_json, read_bytes
from paramdesk.formats.format import Format


def _recognizes(head: bytes) -> bool:
    begins = re.match(rb'\W*\{\s*"(?:module|class_name|config|registered_name)"\s*:', head)
    return begins is not None and re.search(rb'"class_name"\s*:', head) is not None


def _read(file: BinaryIO, name: str) -> Architecture:
    from paramdesk.formats.keras.reading import architecture_from

    return architecture_from(parse_json(read_bytes(file, name), name), name)


def _write(architecture: Architecture) -> bytes:
    import json

    from paramdesk.formats.keras.writing import value_of

    try:
        return json.dumps(value_of(architecture), indent=1).encode() + b"\n"
    except RecursionError:
        raise UnwritableFile("", "it is nested too deep") from None


FORMAT = Format(
    name="keras-json",
    title="Keras model as JSON (to_json)",
    endings=(".json",),
    recognizes=_recognizes,
    read=_read,
    write=_write,
)
