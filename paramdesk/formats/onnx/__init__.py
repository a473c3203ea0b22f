"""ONNX files: the graph of a network as exporters of all frameworks write it.

Weights' values are passed over, never loaded, and not written either.
"""

from __future__ import annotations

from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.formats.format import Format


def _recognizes(head: bytes) -> bool:
    """Whether it begins as a model does: with its version, then who made it, the graph or the operators' versions."""
    return len(head) > 4 and head[0] == 8 and 0 < head[1] < 32 and head[2] in (18, 26, 34, 58, 66)


def _read(file: BinaryIO, name: str) -> Architecture:
    from paramdesk.formats.onnx.reading import architecture_from

    return architecture_from(file, name)


def _write(architecture: Architecture) -> bytes:
    from paramdesk.formats.onnx.writing import content

    return content(architecture)


FORMAT = Format(
    name="onnx",
    title="ONNX model",
    endings=(".onnx",),
    recognizes=_recognizes,
    read=_read,
    write=_write,
    is_copy=True,
)
