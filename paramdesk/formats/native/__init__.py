"""paramdesk's own files: JSON that a person can read and a version control system can compare.

    {
      "paramdesk": 1,
      "name": "convnet",
      "layers": [
        {"name": "input_layer", "kind": "Input", "shape": [28, 28, 1]},
        {"name": "conv2d", "kind": "Conv2D", "filters": 32, "kernel_size": [3, 3], "activation": "relu"}
      ]
    }

What equals the default is left out. A layer's options are those of its kind; beside them stand "name", "kind" and,
where they say something, "inputs", "trainable", "extras", "weights_of", the path of the layer whose weights it uses
(its name, or "block/name"), and "weights", those that the file it is from states where its kind does not tell them.
Names are unique in their list. Layers are called by their names: "lstm" is the first output of lstm, "lstm:1" (or,
where that is a name itself, ["lstm", 1]) its second. Inputs that are left out are the row above. A block is {"block":
its name, "repeat", "inputs", "layers", "outputs"}; inside, its own name stands for its entrances. What the network
returns is, unless "outputs" says otherwise, its last row.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.formats.bounded import parse_json, read_bytes
from paramdesk.formats.format import Format

VERSION = 1
RESERVED = frozenset({"name", "kind", "inputs", "trainable", "extras", "weights_of", "weights"})
"""What stands beside a layer's options, and so can be no option's name."""


def _recognizes(head: bytes) -> bool:
    return re.search(rb'^\W*\{\s*"paramdesk"\s*:', head) is not None


def _read(file: BinaryIO, name: str) -> Architecture:
    from paramdesk.formats.native.reading import architecture_from

    return architecture_from(parse_json(read_bytes(file, name), name), name, VERSION)


def _write(architecture: Architecture) -> bytes:
    from paramdesk.formats.native.writing import text_of

    return text_of(architecture, VERSION).encode("utf-8", "replace")


FORMAT = Format(
    name="paramdesk",
    title="paramdesk architecture",
    endings=(".paramdesk",),
    recognizes=_recognizes,
    read=_read,
    write=_write,
    has_repetition=True,
)
