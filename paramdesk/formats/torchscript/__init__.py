"""What `torch.jit.save` writes: a network's modules with their weights, and its code, which is read and never run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.formats.format import Format

CONSTANTS = "constants.pkl"
OBJECTS = "data.pkl"


def _holds(entries: Sequence[str]) -> bool:
    return {CONSTANTS, OBJECTS} <= {entry.rpartition("/")[2] for entry in entries}


def _read(file: BinaryIO, name: str) -> Architecture:
    from paramdesk.formats.torchscript.reading import architecture_from

    return architecture_from(file, name)


FORMAT = Format(
    name="torchscript",
    title="TorchScript (torch.jit.save)",
    endings=(".torchscript.pt", ".torchscript", ".ptl"),
    holds=_holds,
    read=_read,
)
