"""Architectures and blocks that come with paramdesk: files in its own format with an "about" that says what they are.

A block's file is a small network: an input of the size that the block has by nature, and the block.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnreadableFile
from paramdesk.resources import resource_path

if TYPE_CHECKING:
    from paramdesk.engine.block_fitting import BlockPattern

PREFIX = "template:"
"""What stands before a template's name where a file's could stand."""

FIRST = "article-convnet-dense"
"""The one that shows what paramdesk does, where nothing else is asked for."""


class Template(msgspec.Struct, frozen=True):
    """An architecture or a block that comes with paramdesk.

    Attributes:
        name: for the command line: the file's name without its ending.
        title: for people.
        description: what there is to see in it.
        source: where it was published.
        parameters: how many it has, as published or as the framework counts; a block, behind its nominal input.
        path: its file.
        order: where it stands in a list: the simple before the large.
    """

    name: str
    title: str
    description: str
    source: str
    parameters: int
    path: Path
    order: int = 0


class _About(msgspec.Struct, frozen=True):
    title: str
    description: str
    source: str
    parameters: int
    order: int = 0
    scales: bool = True  # of blocks: whether the numbers of channels follow those that come in


class _Head(msgspec.Struct, frozen=True):
    about: _About


@functools.cache
def templates() -> tuple[Template, ...]:
    """Every template, the simple ones first.

    Raises:
        UnreadableFile: the "about" of one is not as it must be.
    """
    return _found_in("templates")


@functools.cache
def blocks() -> tuple[Template, ...]:
    """Every block, the simple ones first.

    Raises:
        UnreadableFile: the "about" of one is not as it must be.
    """
    return _found_in("blocks")


def _found_in(folder: str) -> tuple[Template, ...]:
    found = [_template(path) for path in resource_path(folder).glob("*.paramdesk")]
    return tuple(sorted(found, key=lambda template: (template.order, template.name)))


def _template(path: Path) -> Template:
    about = _about(path)
    return Template(path.stem, about.title, about.description, about.source, about.parameters, path, about.order)


def _about(path: Path) -> _About:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Head).about
    except (OSError, msgspec.MsgspecError) as error:
        raise UnreadableFile(str(path), str(error), "about") from None


def for_file(architecture: Architecture, opened: Architecture) -> Architecture:
    """An architecture as a file should have it: a changed template is not that template any more.

    Args:
        architecture: what is to be written.
        opened: what it was when it was opened; while it is that, what was said about it stays.
    """
    same = msgspec.structs.replace(architecture, next_id=opened.next_id) == opened
    if same or "about" not in architecture.extras:
        return architecture
    extras = {name: value for name, value in architecture.extras.items() if name != "about"}
    return msgspec.structs.replace(architecture, extras=extras)


def open_template(name: str) -> Architecture:
    """The architecture of a template.

    Raises:
        UnreadableFile: there is none of this name; the message says which there are.
    """
    return _read(_named(name, templates(), PREFIX, "template"))


def open_block(name: str) -> BlockPattern:
    """A block, to be made to fit (`paramdesk.engine.block_fitting.fitted`) and inserted (`edits.insert`).

    Raises:
        UnreadableFile: there is none of this name; the message says which there are.
    """
    block = _named(name, blocks(), "block:", "block")
    from paramdesk.engine.block_fitting import BlockPattern  # slow to load, and no start waits for it

    return BlockPattern(_read(block), _about(block.path).scales)


def _named(name: str, among: tuple[Template, ...], prefix: str, what: str) -> Template:
    for template in among:
        if template.name == name:
            return template
    names = ", ".join(template.name for template in among)
    raise UnreadableFile(prefix + name, f"there is no such {what}: there are {names or 'none'}")


def _read(template: Template) -> Architecture:
    from paramdesk.formats import read

    return read(template.path, format="paramdesk")
