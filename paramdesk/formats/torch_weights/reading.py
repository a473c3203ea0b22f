"""From a file of `torch.save` to rows of weights. The pickle in it is followed, never run; no values are read."""

from __future__ import annotations

from typing import BinaryIO

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.archive import BEGINS, Archive
from paramdesk.formats.bounded import MOST_BYTES, GuardedFile
from paramdesk.formats.pickled import Machine
from paramdesk.formats.torch_weights import MAGIC, PICKLE
from paramdesk.formats.torch_weights.checkpoint import weights_in
from paramdesk.formats.weight_table import table_of


def architecture_from(file: BinaryIO, name: str) -> Architecture:
    """The weights in a file, a row for each module that owns some.

    Raises:
        UnreadableFile: it is no file of PyTorch, a damaged one, or there are no weights in it.
    """
    weights = weights_in(_saved(file, name), name)
    if not weights:
        raise UnreadableFile(name, "there are no tensors in it that belong to a network: save model.state_dict()")
    return table_of(weights, name, "pytorch", "channels_first")


def _saved(file: BinaryIO, name: str) -> object:
    """What was saved, as the pickle in the file would make it."""
    whole = GuardedFile(file, name, file.tell())
    whole.allow(2, MOST_BYTES + len(BEGINS))
    begins = whole.read(len(BEGINS))
    if begins != BEGINS:
        return _saved_before_archives(begins + whole.read(MOST_BYTES), name)
    archive = Archive(file, name)
    entry = min((entry for entry in archive.names if entry.rpartition("/")[2] == PICKLE), key=len, default=None)
    if entry is None:
        raise UnreadableFile(name, f"an archive, but none of PyTorch: there is no {PICKLE} in it")
    return Machine(archive.read(entry, MOST_BYTES), name).next()


def _saved_before_archives(data: bytes, name: str) -> object:
    """What was saved by PyTorch before 1.6: three pickles about the file stand before it."""
    if MAGIC.match(data) is None:
        raise UnreadableFile(
            name, "not a file of PyTorch: torch.save() begins it as a ZIP archive or, of old, with a number"
        )
    machine = Machine(data, name)
    for _about in ("number", "version", "machine"):
        machine.next()
    return machine.next()
