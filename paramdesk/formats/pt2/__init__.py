"""What `torch.export.save` writes: the operators of a network with the modules that they were called in."""

from __future__ import annotations

from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.formats.format import Format


def _recognizes(head: bytes) -> bool:
    """Whether it is an archive with an entry that only these files have at their beginning."""
    names = (
        b"/archive_format",
        b"/archive_version",
        b"/models/",
        b"/data/weights/",
        b"serialized_exported_program.json",
    )
    return head.startswith(b"PK\x03\x04") and any(name in head for name in names)


def _read(file: BinaryIO, name: str) -> Architecture:
    from paramdesk.formats.pt2.reading import architecture_from

    return architecture_from(file, name)


FORMAT = Format(
    name="pt2",
    title="PyTorch exported program (torch.export)",
    endings=(".pt2",),
    recognizes=_recognizes,
    read=_read,
)
