"""What `torch.export.save` writes: the operators of a network with the modules that they were called in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.formats.format import Format

PROGRAMS = ("/models/model.json", "serialized_exported_program.json")
"""How the names of entries end that hold the program, in archives of today and in those before PyTorch 2.8."""


def _holds(entries: Sequence[str]) -> bool:
    return any(entry.endswith(PROGRAMS) for entry in entries)


def _read(file: BinaryIO, name: str) -> Architecture:
    from paramdesk.formats.pt2.reading import architecture_from

    return architecture_from(file, name)


FORMAT = Format(
    name="pt2",
    title="PyTorch exported program (torch.export)",
    endings=(".pt2",),
    holds=_holds,
    read=_read,
)
