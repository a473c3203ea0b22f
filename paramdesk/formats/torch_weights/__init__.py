"""What `torch.save` writes, read as weights: state dicts, checkpoints that hold one, whole modules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.formats.format import Format

MAGIC = re.compile(rb".{0,20}(\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19|L119547037146038801333356L\n)\.", re.DOTALL)
"""The number with which files of PyTorch before 1.6 begin, as a pickle of a newer or an older kind."""
PICKLE = "data.pkl"


def _recognizes(head: bytes) -> bool:
    return MAGIC.match(head) is not None


def _holds(entries: Sequence[str]) -> bool:
    names = {entry.rpartition("/")[2] for entry in entries}
    return PICKLE in names and "constants.pkl" not in names  # with which it is a program (TorchScript)


def _read(file: BinaryIO, name: str) -> Architecture:
    from paramdesk.formats.torch_weights.reading import architecture_from

    return architecture_from(file, name)


FORMAT = Format(
    name="pytorch-weights",
    title="PyTorch weights (torch.save)",
    endings=(".pth", ".pt", ".bin", ".ckpt", ".pth.tar"),
    recognizes=_recognizes,
    holds=_holds,
    read=_read,
)
