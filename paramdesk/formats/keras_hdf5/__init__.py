"""HDF5 files of Keras: whole models (`model.save("….h5")`) and weights alone (`….weights.h5`)."""

from __future__ import annotations

from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.formats.format import Format


def _recognizes(head: bytes) -> bool:
    return head.startswith(b"\x89HDF\r\n\x1a\n")


def _read(file: BinaryIO, name: str) -> Architecture:
    from paramdesk.formats.keras_hdf5.reading import architecture_from

    return architecture_from(file, name)


FORMAT = Format(
    name="keras-hdf5",
    title="Keras model or weights (HDF5)",
    endings=(".h5", ".hdf5"),
    recognizes=_recognizes,
    read=_read,
)
