"""What Keras' `model.save("….keras")` writes: a ZIP archive of the model's configuration, its weights and more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.formats.format import Format

CONFIG, METADATA = "config.json", "metadata.json"


def _holds(entries: Sequence[str]) -> bool:
    return CONFIG in entries


def _read(file: BinaryIO, name: str) -> Architecture:
    from paramdesk.formats.keras_archive.reading import architecture_from

    return architecture_from(file, name)


FORMAT = Format(
    name="keras-file",
    title="Keras model (.keras)",
    endings=(".keras",),
    holds=_holds,
    read=_read,
)
