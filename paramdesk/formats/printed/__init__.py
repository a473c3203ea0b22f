"""What PyTorch prints of a model (`print(model)`), as a text: its modules with their arguments, not what reads what."""

from __future__ import annotations

import re
from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.formats.format import Format

BEGINS = re.compile(r"\A\ufeff?\s*(?:Out\[\d+\]:\s*)?[A-Za-z_][\w.]{0,200}\(\s*\n[^\n]*\n?", re.ASCII)
CHILD = re.compile(r"^\s+\([^\n]{1,200}?\): [^\n]+$", re.MULTILINE)
"""A module in another one: `  (conv1): Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))`."""


def _recognizes(head: bytes) -> bool:
    text = head.decode("utf-8", "replace").replace("\r\n", "\n")
    return BEGINS.match(text) is not None and CHILD.search(text) is not None


def _read(file: BinaryIO, name: str) -> Architecture:
    from paramdesk.formats.printed.reading import architecture_from

    return architecture_from(file, name)


FORMAT = Format(
    name="printed",
    title="Printed PyTorch model (print(model))",
    endings=(".txt",),
    recognizes=_recognizes,
    read=_read,
)
