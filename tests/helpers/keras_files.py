"""Files as Keras wrote them, their values replaced by zeros, and what Keras said of the models in them."""

from __future__ import annotations

import functools
import gzip
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from paramdesk import formats

if TYPE_CHECKING:
    from paramdesk.engine.architecture import Architecture

REFERENCE = Path(__file__).parents[1] / "reference"
FILES = sorted(path.name.removesuffix(".gz") for path in (REFERENCE / "keras_files").glob("*.gz"))


def content(name: str) -> bytes:
    """What a file holds."""
    return gzip.decompress((REFERENCE / "keras_files" / f"{name}.gz").read_bytes())


def opened(name: str) -> Architecture:
    """The architecture that is read from a file."""
    file = io.BytesIO(content(name))
    file.name = name
    return formats.read(file)


@functools.cache
def _recorded_here() -> dict[str, dict]:
    return json.loads(gzip.decompress((REFERENCE / "keras_files.json.gz").read_bytes()))


def recorded(name: str) -> dict:
    """What Keras said of a file's model: `total`, `trainable`, `rows`."""
    stem = name.split(".", maxsplit=1)[0]
    if stem in _recorded_here():
        return _recorded_here()[stem]
    model = json.loads(gzip.decompress((REFERENCE / "keras_models" / f"{stem}.json.gz").read_bytes()))
    return {**model, "rows": model["summary"]}
