"""What Keras' `model.save("….keras")` writes: a ZIP archive of the model's configuration, its weights and more."""

from __future__ import annotations

from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.formats.format import Format

CONFIG, METADATA = "config.json", "metadata.json"


def _recognizes(head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04") and (CONFIG.encode() in head or METADATA.encode() in head)


def _read(file: BinaryIO, name: str) -> Architecture:
    from paramdesk.formats.keras_archive.reading import architecture_from

    return architecture_from(file, name)


FORMAT = Format(
    name="keras-file",
    title="Keras model (.keras)",
    endings=(".keras",),
    recognizes=_recognizes,
    read=_read,
)
